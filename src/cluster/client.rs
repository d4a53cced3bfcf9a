//! The HTTP client. It is kube's own but for one thing: small writes leave at once.
//!
//! kube leaves Nagle's algorithm on. A build is a conversation in small frames through one
//! connection, and each second frame would wait for the acknowledgement of the first, which the
//! other side delays by 40 ms.

use std::error::Error as StdError;

use http::{HeaderValue, Uri};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::rt::TokioExecutor;
use kube::client::retry::RetryPolicy;
use kube::client::{Body, ClientBuilder, ConfigExt};
use kube::{Config, Error, Result};
use tower::retry::RetryLayer;
use tower::{BoxError, Service, ServiceBuilder};

/// Makes the client, with credentials. May run a credential plugin and wait for it.
pub(super) fn client(config: Config) -> Result<kube::Client> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    let Some(proxy) = config.proxy_url.clone() else {
        return over(connector, &config);
    };
    match proxy.scheme_str() {
        Some("http") => over(through(proxy, connector)?, &config),
        Some("https") => {
            let connector = config.rustls_https_connector_with_connector(connector)?;
            over(through(proxy, connector)?, &config)
        }
        // kube says what is wrong with it.
        _ => kube::Client::try_from(config),
    }
}

fn through<C>(proxy: Uri, connector: C) -> Result<Tunnel<C>> {
    let login = login(&proxy);
    let tunnel = Tunnel::new(proxy, connector);
    let Some(login) = login else {
        return Ok(tunnel);
    };
    let value = HeaderValue::from_str(&login).map_err(|error| Error::HttpError(error.into()))?;
    Ok(tunnel.with_auth(value))
}

/// The header for the user and password in the proxy's address.
fn login(proxy: &Uri) -> Option<String> {
    use base64::Engine as _;
    let (user, _) = proxy.authority()?.as_str().rsplit_once('@')?;
    let plain: Vec<u8> = percent_encoding::percent_decode_str(user).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(plain);
    Some(format!("Basic {encoded}"))
}

fn over<C>(connector: C, config: &Config) -> Result<kube::Client>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response: Connection + hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
    C::Future: Send + 'static,
    C::Error: StdError + Send + Sync + 'static,
{
    let auth = config.auth_layer()?;
    let secure = config.rustls_https_connector_with_connector(connector)?;
    let mut connector = TimeoutConnector::new(secure);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    let retry = config.default_retry.then(RetryPolicy::server_retry);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(retry.map(RetryLayer::new))
        .option_layer(auth)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(Client::builder(TokioExecutor::new()).build::<_, Body>(connector));
    Ok(ClientBuilder::new(service, config.default_namespace.clone()).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_of_a_proxy() {
        let login = |proxy: &str| login(&proxy.parse().unwrap());
        assert_eq!(login("http://proxy:3128"), None);
        assert_eq!(
            login("http://user:pa%40ss@proxy:3128").as_deref(),
            Some("Basic dXNlcjpwYUBzcw==")
        );
    }
}
