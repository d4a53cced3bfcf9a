//! One repository of a registry: manifests in and out.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response};
use http_body_util::Full;

use super::access::{Registries, basic};
use super::address::host;
use super::challenge::Challenge;
use super::digest::digest;
use super::failure::RegistryError;
use super::http_client::Http;
use super::index::ACCEPTED;
use super::reach::{Reached, reach};
use super::realm::Realm;
use super::token::{self, Asked};
use crate::model::Trust;

/// A repository that was reached and lets us in.
pub(super) struct Remote {
    http: Http,
    registry: String,
    /// Up to the repository: `https://HOST/v2/PATH`.
    base: String,
    authorization: Option<HeaderValue>,
}

impl Remote {
    /// Reaches the repository at `path` of `registry`, to read and write.
    pub(super) async fn open(
        registries: &Registries,
        (registry, path): (&str, &str),
        trust: &Trust,
    ) -> Result<Self, RegistryError> {
        let host = host(registry);
        let reached = reach(host, &registries.proxies, trust).await?;
        let authorization = authorization(registries, (host, path), &reached, trust).await?;
        Ok(Self {
            registry: host.to_owned(),
            base: format!("{}://{host}/v2/{path}", reached.scheme),
            http: reached.http,
            authorization,
        })
    }

    /// The manifest of that digest, as it is there.
    pub(super) async fn get(&self, wanted: &str) -> Result<Bytes, RegistryError> {
        let mut request = self.request(Method::GET, wanted, Bytes::new())?;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        let response = self.send(&request, "give out the manifest", wanted).await?;
        let body = response.into_body();
        if digest(&body) != wanted {
            return Err(RegistryError::Changed(self.registry.clone(), wanted.into()));
        }
        Ok(body)
    }

    /// Writes a manifest under a tag or its digest.
    pub(super) async fn put(
        &self,
        reference: &str,
        media_type: &'static str,
        body: Bytes,
    ) -> Result<(), RegistryError> {
        let mut request = self.request(Method::PUT, reference, body)?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.send(&request, "take the index", reference).await?;
        Ok(())
    }

    fn request(
        &self,
        method: Method,
        reference: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, RegistryError> {
        let uri = format!("{}/manifests/{reference}", self.base);
        let request = Request::builder().method(method).uri(uri);
        let mut request = request
            .body(Full::new(body))
            .map_err(|error| RegistryError::unreachable(&self.registry, error))?;
        if let Some(authorization) = &self.authorization {
            request
                .headers_mut()
                .insert(AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }

    async fn send(
        &self,
        request: &Request<Full<Bytes>>,
        what: &str,
        reference: &str,
    ) -> Result<Response<Bytes>, RegistryError> {
        let sent = self.http.send(request).await;
        let response = sent.map_err(|error| RegistryError::unreachable(&self.registry, error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(RegistryError::refused(
            &self.registry,
            &format!("{what} {reference}"),
            &response,
        ))
    }
}

async fn authorization(
    registries: &Registries,
    (host, path): (&str, &str),
    reached: &Reached,
    trust: &Trust,
) -> Result<Option<HeaderValue>, RegistryError> {
    let Some(wanted) = &reached.wanted else {
        return Ok(None);
    };
    let login = registries.credentials.login(host).await?;
    let text = match wanted {
        Challenge::Basic if login.secret.is_empty() => return Ok(None),
        Challenge::Basic => basic(&login),
        Challenge::Bearer { realm, service } => {
            let scopes = [format!("repository:{path}:pull,push")];
            let server = Realm::new(realm, reached.scheme, &registries.proxies, trust)?;
            server.check_exposure(host, &login)?;
            let asked = Asked {
                realm,
                service: service.as_deref().unwrap_or_default(),
                scopes: &scopes,
                client: token::CLIENT,
            };
            let token = token::fetch(&server.http, asked, &login).await?;
            format!("Bearer {}", token.text)
        }
    };
    let mut value = HeaderValue::from_str(&text).ok();
    if let Some(value) = &mut value {
        value.set_sensitive(true);
    }
    Ok(value)
}
