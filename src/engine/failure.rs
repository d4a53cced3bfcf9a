//! Why an image cannot go into an engine.

use std::error::Error as StdError;
use std::path::PathBuf;

use bollard::errors::Error as ApiError;

use crate::error::{Error, Kind};

/// Why an image cannot go into an engine of this machine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// None of the usual places has one.
    #[error("no container engine runs here: neither docker nor podman listens at {}", .0.join(", "))]
    Nowhere(Vec<String>),
    /// Nothing listens there.
    #[error("no container engine listens at {0}")]
    Absent(String, #[source] ApiError),
    /// It is there and this user may not use it.
    #[error("the container engine at {0} may not be used by this user")]
    Denied(String, #[source] ApiError),
    /// It answers with an error, or what answers is no engine.
    #[error("the container engine at {0} does not answer as one")]
    Unfit(String, #[source] ApiError),
    /// The text is no address of an engine.
    #[error("{0:?} is no address of a container engine that this program can reach")]
    Address(String),
    /// Docker has no such context.
    #[error("docker has no context {name:?}; it has {}", list(known))]
    UnknownContext {
        /// The name.
        name: String,
        /// The names of those that there are.
        known: Vec<String>,
    },
    /// A context without an engine.
    #[error("docker's context {0:?} names no engine")]
    NoEndpoint(String),
    /// A file of docker's configuration cannot be used.
    #[error("cannot use {}", .0.display())]
    Config(PathBuf, #[source] Box<dyn StdError + Send + Sync>),
    /// The engine did not take the image.
    #[error("the container engine at {0} did not take the image")]
    Import(String, #[source] ApiError),
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none but default".to_owned()
    } else {
        names.join(", ")
    }
}

impl EngineError {
    /// What the failed attempt to speak to the engine at `address` means.
    pub(super) fn connecting(address: String, error: ApiError) -> Self {
        if matches!(error, ApiError::SocketNotFoundError(_)) {
            return Self::Absent(address, error);
        }
        match io_kind(&error) {
            Some(std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused) => {
                Self::Absent(address, error)
            }
            Some(std::io::ErrorKind::PermissionDenied) => Self::Denied(address, error),
            _ => Self::Unfit(address, error),
        }
    }

    /// What to type.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Nowhere(_) | Self::Absent(..) => {
                "start one (systemctl start docker, or systemctl --user start podman.socket), name it \
                 with DOCKER_HOST=unix:///PATH, or write a file instead: -o type=docker,dest=FILE"
            }
            Self::Denied(..) => {
                "join its group (docker: usermod -aG docker USER, and log in again), or name an engine of \
                 your own with DOCKER_HOST=unix:///PATH"
            }
            Self::Unfit(..) => "check DOCKER_HOST, or write a file: -o type=docker,dest=FILE",
            Self::Address(_) => {
                "write unix:///PATH or tcp://HOST:PORT; for ssh:// pipe the image: -o type=docker,dest=- | \
                 ssh HOST docker load"
            }
            Self::UnknownContext { .. } | Self::NoEndpoint(_) => {
                "name one of docker context ls, or an address: unix:///PATH"
            }
            Self::Config(..) => "mend it, or name the engine with DOCKER_HOST=unix:///PATH",
            Self::Import(..) => {
                "check the engine's own log and its disk; -o type=docker,dest=FILE writes a file instead"
            }
        }
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        let hint = error.hint();
        Self::new(Kind::Usage, "the image cannot be loaded")
            .hint(hint)
            .because(error)
    }
}

/// The kind of the input or output error below `error`.
fn io_kind(error: &ApiError) -> Option<std::io::ErrorKind> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}
