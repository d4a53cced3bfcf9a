//! Results that are one stream of bytes: written to a file or to standard output.

use std::error::Error as StdError;
use std::io;
use std::path::Path;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// Writes `chunks` to `file` and returns how many bytes they were.
///
/// The file appears under its name when it is whole: a build that fails half way leaves what was
/// there before.
pub async fn write_archive<E>(
    file: &Path,
    chunks: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> io::Result<u64>
where
    E: StdError + Send + Sync + 'static,
{
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot write {}: {error}", file.display()),
        )
    };
    if !replaceable(file) {
        // A device or a named pipe: its name is all there is to write to.
        let output = tokio::fs::File::create(file).await.map_err(named)?;
        return write_stream(output, chunks).await.map_err(named);
    }
    let folder = file
        .parent()
        .filter(|f| !f.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let part = tempfile::Builder::new()
        .prefix(".kubectl-buildkit-")
        .tempfile_in(folder)
        .map_err(named)?;
    let output = tokio::fs::File::from_std(part.reopen().map_err(named)?);
    let written = write_stream(output, chunks).await.map_err(named)?;
    share(&part).map_err(named)?;
    part.persist(file).map_err(|error| named(error.error))?;
    Ok(written)
}

/// Whether `file` is absent or an ordinary file.
fn replaceable(file: &Path) -> bool {
    file.metadata().map_or(true, |metadata| metadata.is_file())
}

/// Gives a temporary file the mode that a new file would have had.
fn share(part: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mask = rustix::process::umask(rustix::fs::Mode::empty());
    rustix::process::umask(mask);
    let mode = 0o666 & !mask.as_raw_mode();
    part.as_file()
        .set_permissions(std::fs::Permissions::from_mode(mode))
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
    write_archive(file, chunks).await.map(drop)
}
