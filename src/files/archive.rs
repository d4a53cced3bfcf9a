//! Results that are one stream of bytes: written to a file or to standard output.

use std::error::Error as StdError;
use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::receive::{Draft, Landing};
use crate::system::{self, Details};

/// A file for a result, looked up before the build begins: see [`Landing`].
#[derive(Debug, Clone)]
pub struct Archive {
    named: PathBuf,
    folder: Landing,
    name: OsString,
    /// A device or a named pipe: there is nothing to put in its place.
    special: Option<Details>,
}

impl Archive {
    /// Looks up `named`, which must be absolute. Its folder may be missing.
    ///
    /// # Errors
    ///
    /// Fails if something on the way is no folder, or the file is one.
    pub fn find(named: &Path) -> io::Result<Self> {
        let parts = named.parent().zip(named.file_name());
        let (folder, name) = parts.ok_or(io::ErrorKind::IsADirectory)?;
        let special = named.metadata().ok().filter(|there| !there.is_file());
        if special.as_ref().is_some_and(Metadata::is_dir) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self {
            named: named.to_owned(),
            folder: Landing::find(folder)?,
            name: name.to_owned(),
            special: special.as_ref().map(identity),
        })
    }

    /// The file as its user named it.
    pub fn named(&self) -> &Path {
        &self.named
    }

    /// The file's path, its folder without symlinks and `..`.
    pub fn resolved(&self) -> PathBuf {
        self.folder.resolved().join(&self.name)
    }

    /// Opens the device or pipe that was there when it was looked up.
    fn open_special(&self, before: Details) -> io::Result<File> {
        let file = File::options().write(true).open(&self.named)?;
        if identity(&file.metadata()?) != before {
            return Err(io::Error::other("something else took its place"));
        }
        Ok(file)
    }

    fn draft(&self) -> io::Result<(Draft, File)> {
        let folder = Arc::new(self.folder.enter()?);
        Draft::file(folder, 0o666)
    }
}

/// What does not change when something is written to it.
fn identity(there: &Metadata) -> Details {
    Details {
        modified: 0,
        ..Details::of(there)
    }
}

/// Writes `chunks` to `file` and returns how many bytes they were.
///
/// The file appears under its name when it is whole: a build that fails half way leaves what was
/// there before.
pub async fn write_archive<E>(
    file: &Archive,
    chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> io::Result<u64>
where
    E: StdError + Send + Sync + 'static,
{
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot write {}: {error}", file.named.display()),
        )
    };
    if let Some(before) = file.special {
        let output = file.open_special(before).map_err(named)?;
        return write_stream(tokio::fs::File::from_std(output), chunks)
            .await
            .map_err(named);
    }
    let (mut draft, output) = file.draft().map_err(named)?;
    let written = write_stream(tokio::fs::File::from_std(output), chunks)
        .await
        .map_err(named)?;
    let name = system::bytes_of(&file.name);
    draft.publish(&name).map_err(named)?;
    Ok(written)
}

/// Writes `chunks` to standard output and returns how many bytes they were.
pub async fn write_stdout<E>(
    chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> io::Result<u64>
where
    E: StdError + Send + Sync + 'static,
{
    let written = write_stream(tokio::io::stdout(), chunks).await;
    written.map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot write to standard output: {error}"),
        )
    })
}

async fn write_stream<E>(
    mut output: impl AsyncWrite + Unpin,
    mut chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> io::Result<u64>
where
    E: StdError + Send + Sync + 'static,
{
    let mut written = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(io::Error::other)?;
        output.write_all(&chunk).await?;
        written += chunk.len() as u64;
    }
    output.flush().await?;
    Ok(written)
}

/// Writes a short text to `file`, whole or not at all.
pub async fn write_text(file: &Path, text: &str) -> io::Result<()> {
    let text = Bytes::copy_from_slice(text.as_bytes());
    let chunks = futures::stream::iter([Ok::<_, io::Error>(text)]);
    write_archive(&Archive::find(file)?, chunks).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::files::testing::{paths, tree};

    async fn write(archive: &Archive, text: &'static str) -> io::Result<u64> {
        let chunks = [Ok::<_, io::Error>(Bytes::from_static(text.as_bytes()))];
        write_archive(archive, futures::stream::iter(chunks)).await
    }

    #[tokio::test]
    async fn a_file_is_replaced_when_it_is_whole() {
        let root = tree(&["a.tar", "l -> a.tar"]);
        let find = |name: &str| Archive::find(&root.path().join(name)).unwrap();
        let broken = [
            Ok(Bytes::from_static(b"half")),
            Err(io::Error::other("cut")),
        ];
        let error = write_archive(&find("a.tar"), futures::stream::iter(broken)).await;
        assert!(error.unwrap_err().to_string().contains("a.tar: cut"));
        assert_eq!(paths(root.path()), ["a.tar", "l"]);
        write(&find("l"), "new").await.unwrap();
        write(&find("made/for/it.tar"), "new").await.unwrap();
        assert_eq!(fs::read(root.path().join("a.tar")).unwrap(), b"a.tar");
        assert_eq!(fs::read(root.path().join("l")).unwrap(), b"new");
        assert!(!root.path().join("l").is_symlink());
        assert!(Archive::find(root.path()).is_err());
    }

    #[tokio::test]
    async fn what_came_of_another_output_leads_nowhere() {
        let root = tree(&["outside/victim", "out/"]);
        let archive = Archive::find(&root.path().join("out/sub/victim")).unwrap();
        symlink("../outside", root.path().join("out/sub")).unwrap();
        write(&archive, "new").await.unwrap_err();

        let pipe = root.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
            0,
        )
        .unwrap();
        let archive = Archive::find(&pipe).unwrap();
        fs::remove_file(&pipe).unwrap();
        symlink("outside/victim", &pipe).unwrap();
        let error = write(&archive, "new").await.unwrap_err().to_string();
        assert!(
            error.ends_with("pipe: something else took its place"),
            "{error}"
        );
        let victim = fs::read(root.path().join("outside/victim")).unwrap();
        assert_eq!(victim, b"outside/victim");
    }
}
