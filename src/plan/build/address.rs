//! Addresses of daemons that are there already.

use std::fmt;
use std::path::PathBuf;

use crate::cli::PlaceArgs;
use crate::env::Env;
use crate::error::{Error, Result};

/// Where a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DaemonAddress {
    /// A unix socket.
    Unix(PathBuf),
    /// A TCP port.
    Tcp {
        /// `host:port`.
        address: String,
        /// How to secure the connection; not at all if absent.
        tls: Option<TlsFiles>,
    },
}

/// PEM files for TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authority that signed the daemon's certificate.
    pub authority: PathBuf,
    /// The client's certificate and key.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The name that the daemon's certificate must have.
    pub server_name: String,
}

impl fmt::Display for DaemonAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { address, .. } => write!(f, "tcp://{address}"),
        }
    }
}

impl DaemonAddress {
    /// Reads `unix:///path` or `tcp://host:port`, with the TLS flags of `args`.
    pub fn new(text: &str, args: &PlaceArgs, env: &Env) -> Result<Self> {
        if let Some(path) = text.strip_prefix("unix://") {
            if path.is_empty() {
                return Err(invalid(text));
            }
            return Ok(Self::Unix(env.absolute(path)));
        }
        let address = text.strip_prefix("tcp://").ok_or_else(|| invalid(text))?;
        let (host, port) = address.rsplit_once(':').ok_or_else(|| invalid(text))?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(invalid(text));
        }
        Ok(Self::Tcp {
            address: address.to_owned(),
            tls: tls(args, host, env)?,
        })
    }
}

fn invalid(text: &str) -> Error {
    Error::usage(format!("{text:?} is no address of a daemon"))
        .hint("write unix:///path/to/socket or tcp://host:port")
}

fn tls(args: &PlaceArgs, host: &str, env: &Env) -> Result<Option<TlsFiles>> {
    let identity = args.tlscert.as_ref().zip(args.tlskey.as_ref());
    let Some(authority) = &args.tlscacert else {
        if identity.is_some() || args.tlsservername.is_some() {
            return Err(
                Error::usage("--tlscert and --tlsservername need --tlscacert")
                    .hint("name the certificate authority of the daemon"),
            );
        }
        return Ok(None);
    };
    let name = args
        .tlsservername
        .as_deref()
        .unwrap_or_else(|| host.trim_matches(['[', ']']));
    Ok(Some(TlsFiles {
        authority: env.absolute(authority),
        identity: identity.map(|(cert, key)| (env.absolute(cert), env.absolute(key))),
        server_name: name.to_owned(),
    }))
}
