//! Who gives out a registry's tokens.

use http::uri::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use super::failure::RegistryError;
use super::http_client::Http;
use super::login::Login;
use crate::model::Trust;

/// Who gives out a registry's tokens, by the registry's own word.
#[derive(Clone)]
pub(super) struct Realm {
    pub(super) http: Http,
    pub(super) uri: Uri,
    /// Whether the registry itself is spoken to without TLS.
    is_plain: bool,
}

impl Realm {
    /// The realm at `address`, of a registry that is spoken to with `scheme`. It has to prove what the
    /// registry has to.
    pub(super) fn new(
        address: &str,
        scheme: &str,
        proxies: &Matcher,
        trust: &Trust,
    ) -> Result<Self, RegistryError> {
        let uri: Uri = address
            .parse()
            .map_err(|error| RegistryError::unreachable(address, error))?;
        let http = Http::new(&uri, proxies, trust)
            .map_err(|error| RegistryError::unreachable(address, error))?;
        Ok(Self {
            http,
            uri,
            is_plain: scheme == "http",
        })
    }

    /// Whether `other` is on the same server, where a login may go too.
    pub(super) fn has(&self, other: &Uri) -> bool {
        let port = |uri: &Uri| match (uri.port_u16(), uri.scheme_str()) {
            (None, Some("https")) => Some(443),
            (None, Some("http")) => Some(80),
            (port, _) => port,
        };
        let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
        self.uri.scheme() == other.scheme()
            && host(&self.uri) == host(other)
            && port(&self.uri) == port(other)
    }

    /// A login is not sent in the clear, unless the registry itself is spoken to like that.
    pub(super) fn check_exposure(&self, host: &str, login: &Login) -> Result<(), RegistryError> {
        let is_exposed = self.uri.scheme_str() != Some("https") && !self.is_plain;
        if is_exposed && !login.secret.is_empty() {
            return Err(RegistryError::Exposed(host.into(), self.uri.to_string()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_by_any_of_its_addresses() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let proxies = Matcher::builder().build();
        let of = |address: &str| Realm::new(address, "https", &proxies, &Trust::default()).unwrap();
        let has = |other: &str| of("https://a.example/token").has(&other.parse().unwrap());
        assert!(has("https://A.example:443/other?x=1"));
        for other in [
            "http://a.example/token",
            "https://a.example:444/token",
            "https://b.example/token",
            "https://a.example.evil/token",
            "/token",
        ] {
            assert!(!has(other), "{other}");
        }
        assert!(Realm::new("no address", "https", &proxies, &Trust::default()).is_err());
    }
}
