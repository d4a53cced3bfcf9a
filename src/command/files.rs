//! Files of this machine, for plans that name some.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::env::Env;
use crate::plan::Files;

/// More than what is made of them can hold: a Secret of 1 MiB.
const MOST: u64 = 2 * 1024 * 1024;

/// Files, as seen from the folder in which the program was started.
pub(super) struct Local<'a>(pub(super) &'a Env);

impl Files for Local<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        // Not by its size: it may be a pipe.
        let file = fs::File::open(self.0.absolute(path))?;
        file.take(MOST + 1).read_to_end(&mut content)?;
        if content.len() as u64 > MOST {
            return Err(io::Error::other("it is larger than 2 MiB"));
        }
        Ok(content)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(self.0.absolute(path))?;
        let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
        names.filter_map(Result::transpose).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_from_the_current_folder_and_have_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("certs")).unwrap();
        fs::write(folder.path().join("certs/a.crt"), "a").unwrap();
        fs::write(folder.path().join("large"), vec![0; 2 * 1024 * 1024 + 1]).unwrap();
        let mut env = Env::default();
        env.current_dir = folder.path().to_owned();
        let files = Local(&env);
        assert_eq!(files.list(Path::new("certs")).unwrap(), ["a.crt"]);
        assert_eq!(files.read(Path::new("certs/a.crt")).unwrap(), b"a");
        assert_eq!(
            files.read(&folder.path().join("certs/a.crt")).unwrap(),
            b"a"
        );
        assert!(files.read(Path::new("large")).is_err());
        assert!(files.read(Path::new("certs")).is_err());
        assert!(files.list(Path::new("nowhere")).is_err());
    }
}
