//! Where policies are read from, and what they read.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What a file of the current folder begins with; others are in the build context.
const CURRENT: &str = "cwd://";

/// The folders that a policy may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The current folder.
    pub current: PathBuf,
    /// The build context, if it is a folder of this machine.
    pub context: Option<PathBuf>,
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    /// It leads somewhere else.
    #[error("{name:?} leads out of {}, which a policy may not", .folder.display())]
    Outside {
        /// The file, as the policy names it.
        name: String,
        /// The folder that holds all that it may read.
        folder: PathBuf,
    },
    /// The build context is nowhere on this machine.
    #[error(
        "{0:?} is in the build context, which is no folder of this machine; write cwd://{0} for the current folder"
    )]
    NoContext(String),
    /// It has too much.
    #[error("{} has more than {most} bytes", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// How many bytes it may have.
        most: u64,
    },
    /// The system refuses.
    #[error("cannot read {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Files {
    /// Reads a file of at most `most` bytes: `cwd://NAME` of the current folder, any other of the build
    /// context. Neither `..` nor a link leads out of the folder.
    pub fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, FileError> {
        let (folder, rest) = match name.strip_prefix(CURRENT) {
            Some(rest) => (&self.current, rest),
            None => match &self.context {
                Some(context) => (context, name),
                None => return Err(FileError::NoContext(name.to_owned())),
            },
        };
        let path = folder.join(rest);
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing(path.clone()),
            _ => FileError::Unreadable {
                path: path.clone(),
                error,
            },
        };
        let real = path.canonicalize().map_err(failed)?;
        if !real.starts_with(folder.canonicalize().map_err(failed)?) {
            return Err(FileError::Outside {
                name: name.to_owned(),
                folder: folder.clone(),
            });
        }
        let data = head(&real, most).map_err(failed)?;
        if data.len() as u64 > most {
            return Err(FileError::TooLong { path, most });
        }
        Ok(data)
    }
}

/// No more than shows that it is too long: a device has no end.
fn head(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    std::fs::File::open(path)?
        .take(most + 1)
        .read_to_end(&mut data)?;
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_reads_its_folders_only() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (current, context) = (root.join("current"), root.join("context"));
        for (name, text) in [
            ("current/a", "1"),
            ("context/a", "22"),
            ("context/b/c", "3"),
            ("secret", "s"),
        ] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let files = Files {
            current,
            context: Some(context.clone()),
        };
        let read = |name: &str| match files.read(name, 2) {
            Ok(data) => String::from_utf8(data).unwrap(),
            Err(error) => error.to_string().replace(root.to_str().unwrap(), "ROOT"),
        };
        let absolute = context.join("a");
        for (name, outcome) in [
            ("cwd://a", "1"),
            ("a", "22"),
            ("b/../a", "22"),
            (absolute.to_str().unwrap(), "22"),
            ("x", "there is no ROOT/context/x"),
            (
                "../secret",
                r#""../secret" leads out of ROOT/context, which a policy may not"#,
            ),
            (
                "/etc/hostname",
                r#""/etc/hostname" leads out of ROOT/context, which a policy may not"#,
            ),
        ] {
            assert_eq!(read(name), outcome, "{name}");
        }
        std::fs::write(context.join("a"), "333").unwrap();
        assert_eq!(read("a"), "ROOT/context/a has more than 2 bytes");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let context = folder.path().join("context");
        std::fs::create_dir(&context).unwrap();
        std::fs::write(folder.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink("../secret", context.join("a")).unwrap();
        let files = Files {
            current: folder.path().into(),
            context: Some(context),
        };
        assert!(matches!(files.read("a", 9), Err(FileError::Outside { .. })));
    }

    #[test]
    fn a_context_that_is_elsewhere_has_no_files() {
        let files = Files {
            current: "/".into(),
            context: None,
        };
        let error = files.read("a.rego", 9).unwrap_err().to_string();
        assert!(error.ends_with("write cwd://a.rego for the current folder"));
    }
}
