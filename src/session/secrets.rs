//! The session's secrets service: a step mounts what its user named.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use tonic::{Request, Response, Status};

use crate::proto::secrets::{GetSecretRequest, GetSecretResponse, secrets_server};

use super::failure::Failure;
use super::ledger::Ledger;

/// The longest secret, in bytes; the daemon takes no longer ones from any client.
pub const LONGEST_SECRET: u64 = 500 << 10;

/// A secret of this machine.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// What a variable had.
    Value(Bytes),
    /// A file, read when it is asked for.
    File(PathBuf),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(…)"),
            Self::File(path) => write!(f, "File({})", path.display()),
        }
    }
}

/// Why a secret cannot be given.
#[derive(Debug, thiserror::Error)]
enum SecretError {
    #[error("cannot read secret {0:?} from {1}")]
    Unreadable(String, PathBuf, #[source] io::Error),
    #[error("secret {0:?} is longer than {LONGEST_SECRET} bytes")]
    TooLong(String),
}

pub(super) struct Secrets {
    pub(super) secrets: Arc<HashMap<String, Secret>>,
    pub(super) ledger: Ledger,
}

#[tonic::async_trait]
impl secrets_server::Secrets for Secrets {
    async fn get_secret(
        &self,
        request: Request<GetSecretRequest>,
    ) -> Result<Response<GetSecretResponse>, Status> {
        let id = request.into_inner().id;
        // Whether a step can do without is the daemon's to know.
        let secret = self
            .secrets
            .get(&id)
            .cloned()
            .ok_or_else(|| Status::not_found(format!("secret {id:?} was not given")))?;
        let read = tokio::task::spawn_blocking(move || read(&id, &secret)).await;
        match read.map_err(|panic| Status::internal(panic.to_string()))? {
            Ok(data) => Ok(Response::new(GetSecretResponse { data })),
            Err(error) => {
                let message = error.to_string();
                self.ledger.failed(Failure::local(error));
                Err(Status::internal(message))
            }
        }
    }
}

fn read(id: &str, secret: &Secret) -> Result<Bytes, SecretError> {
    let data = match secret {
        Secret::Value(value) => value.clone(),
        Secret::File(path) => file(path)
            .map_err(|error| SecretError::Unreadable(id.to_owned(), path.clone(), error))?,
    };
    if data.len() as u64 > LONGEST_SECRET {
        return Err(SecretError::TooLong(id.to_owned()));
    }
    Ok(data)
}

/// No more than shows that it is too long: a device has no end.
fn file(path: &Path) -> io::Result<Bytes> {
    let mut data = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(LONGEST_SECRET + 1).read_to_end(&mut data)?;
    Ok(data.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_when_they_are_asked_for_and_have_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secret = Secret::File(path.clone());
        let missing = read("npm", &secret).unwrap_err().to_string();
        assert_eq!(
            missing,
            format!("cannot read secret \"npm\" from {}", path.display())
        );
        for text in ["one", "two"] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(&read("npm", &secret).unwrap()[..], text.as_bytes());
        }
        let longest = usize::try_from(LONGEST_SECRET).unwrap();
        let value = |length| Secret::Value(vec![0; length].into());
        assert!(read("a", &value(longest)).is_ok());
        let too_long = "secret \"a\" is longer than 512000 bytes";
        assert_eq!(
            read("a", &value(longest + 1)).unwrap_err().to_string(),
            too_long
        );
        let endless = Secret::File("/dev/zero".into());
        assert_eq!(read("a", &endless).unwrap_err().to_string(), too_long);
    }

    #[test]
    fn a_secret_is_not_shown() {
        let text = format!("{:?}", Secret::Value("hunter2".into()));
        assert_eq!(text, "Value(…)");
    }
}
