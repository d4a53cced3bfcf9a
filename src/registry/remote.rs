//! One repository of a registry: manifests in and out.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;

use super::access::{Registries, basic};
use super::address::{host, schemes};
use super::challenge::{Challenge, challenge};
use super::digest::digest;
use super::failure::RegistryError;
use super::http_client::{Http, HttpError};
use super::index::ACCEPTED;
use super::login::Login;
use super::token;
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
        let (http, scheme, wanted) = reach(registries, host, trust).await?;
        let authorization = match wanted {
            None => None,
            Some(wanted) => {
                let login = registries.credentials.login(host).await?;
                let asked = token::Asked {
                    registries,
                    registry: host,
                    path,
                    trust,
                    is_plain: scheme == "http",
                };
                authorization(wanted, &login, asked).await?
            }
        };
        Ok(Self {
            http,
            registry: host.to_owned(),
            base: format!("{scheme}://{host}/v2/{path}"),
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

/// Finds out how the registry is spoken to, and what it wants before it answers.
async fn reach(
    registries: &Registries,
    host: &str,
    trust: &Trust,
) -> Result<(Http, &'static str, Option<Challenge>), RegistryError> {
    let mut first = None;
    for scheme in schemes(host, trust.is_plain) {
        match ping(registries, host, scheme, trust).await {
            Ok((http, wanted)) => return Ok((http, scheme, wanted)),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| RegistryError::unreachable(host, HttpError::Timeout)))
}

async fn ping(
    registries: &Registries,
    host: &str,
    scheme: &str,
    trust: &Trust,
) -> Result<(Http, Option<Challenge>), RegistryError> {
    let uri: Uri = format!("{scheme}://{host}/v2/")
        .parse()
        .map_err(|error| RegistryError::unreachable(host, error))?;
    let http = Http::new(&uri, &registries.proxies, trust)
        .map_err(|error| RegistryError::unreachable(host, error))?;
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    let sent = http.send(&request).await;
    let response = sent.map_err(|error| RegistryError::unreachable(host, error))?;
    match response.status() {
        StatusCode::OK => Ok((http, None)),
        StatusCode::UNAUTHORIZED => match challenge(response.headers()) {
            Some(wanted) => Ok((http, Some(wanted))),
            None => Err(RegistryError::refused(host, "say how to log in", &response)),
        },
        _ => Err(RegistryError::refused(
            host,
            "speak the registry protocol",
            &response,
        )),
    }
}

async fn authorization(
    wanted: Challenge,
    login: &Login,
    asked: token::Asked<'_>,
) -> Result<Option<HeaderValue>, RegistryError> {
    let text = match wanted {
        Challenge::Basic if login.secret.is_empty() => return Ok(None),
        Challenge::Basic => basic(login),
        Challenge::Bearer { realm, service } => {
            let token = token::fetch(&realm, service.as_deref(), login, asked).await?;
            format!("Bearer {token}")
        }
    };
    let mut value = HeaderValue::from_str(&text).ok();
    if let Some(value) = &mut value {
        value.set_sensitive(true);
    }
    Ok(value)
}
