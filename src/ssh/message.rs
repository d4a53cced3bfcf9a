//! The agent's wire: a length, a kind and what belongs to it
//! (draft-ietf-sshm-ssh-agent, section 3).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// "I cannot", or "you may not".
pub(super) const FAILURE: u8 = 5;
/// Which keys are there?
pub(super) const REQUEST_IDENTITIES: u8 = 11;
/// These keys are there.
pub(super) const IDENTITIES_ANSWER: u8 = 12;
/// Sign this with that key.
pub(super) const SIGN_REQUEST: u8 = 13;
/// This is the signature.
pub(super) const SIGN_RESPONSE: u8 = 14;

/// The longest message, in bytes; OpenSSH's agent takes no longer ones either.
const LONGEST: usize = 256 << 10;

/// Reads a message: its kind, and what belongs to it. None at the end of the stream.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let length = match stream.read_u32().await {
        Ok(length) => length as usize,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    if length == 0 || length > LONGEST {
        let text = format!("a message of {length} bytes is none of an SSH agent");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).await?;
    Ok(Some(message))
}

/// Writes a message.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &[u8],
) -> io::Result<()> {
    let mut framed = Vec::with_capacity(4 + message.len());
    put(&mut framed, message);
    stream.write_all(&framed).await?;
    stream.flush().await
}

/// Appends a string: its length and its bytes.
pub(super) fn put(message: &mut Vec<u8>, text: &[u8]) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    message.extend(length.to_be_bytes());
    message.extend(text);
}

/// Takes a string from the beginning of `rest`.
pub(super) fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_number(rest)? as usize;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(text)
}

/// Takes a number from the beginning of `rest`.
pub(super) fn take_number(rest: &mut &[u8]) -> Option<u32> {
    let (number, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_be_bytes(*number))
}
