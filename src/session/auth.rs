//! The session's auth service: the daemon asks for tokens of a registry, or for its login.
//!
//! Where this machine reaches a registry it fetches the tokens, and the daemon never has the login.
//! A daemon asks first who has the authority for tokens; without an answer it asks for the login.

use std::sync::Arc;

use jiff::Timestamp;
use tonic::{Request, Response, Status};

use crate::proto::session::auth_server;
use crate::proto::session::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse,
};
use crate::registry::{Fetcher, Login, Registries, TokenRequest, TrustOf};

use super::authority::{Authority, Subject};
use super::witness::Witness;

pub(super) struct Auth {
    pub(super) registries: Arc<Registries>,
    pub(super) trust: TrustOf,
    pub(super) authority: Authority,
    pub(super) witness: Witness,
}

impl Auth {
    /// The login with which this machine fetches tokens of `host`; an answer that makes the daemon
    /// do it, if this machine does not.
    async fn login(&self, host: &str) -> Result<Login, Status> {
        let fetcher = self.registries.fetcher(host, &self.trust).await;
        match fetcher.map_err(|error| self.witness.failed(error, None))? {
            Fetcher::Client(login) => Ok(login),
            Fetcher::Daemon => Err(Status::unavailable("the client fetches no tokens")),
            Fetcher::DaemonOnly(why) => {
                if let Some(why) = why {
                    self.witness.note(handed_over(host, &why)).await;
                }
                Err(Status::unavailable("the client cannot fetch tokens"))
            }
        }
    }
}

/// That the daemon gets a login, and why.
fn handed_over(host: &str, why: &str) -> String {
    format!(
        "tokens for {host} cannot be fetched from this machine ({why}): \
         the daemon gets the login and fetches them"
    )
}

#[tonic::async_trait]
impl auth_server::Auth for Auth {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        let host = request.into_inner().host;
        let login = self.registries.login(&host).await;
        let login = login.map_err(|error| self.witness.failed(error, None))?;
        if !login.secret.is_empty() {
            self.witness.shares(&host).await;
        }
        Ok(Response::new(CredentialsResponse {
            username: login.username,
            secret: login.secret,
        }))
    }

    async fn fetch_token(
        &self,
        request: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        let request = request.into_inner();
        let request = TokenRequest {
            host: request.host,
            realm: request.realm,
            service: request.service,
            scopes: request.scopes,
            client: request.client_id,
        };
        let step = Witness::fetches(&request.host, &request.scopes);
        let token = self.registries.token(&request, &self.trust).await;
        let token = token.map_err(|error| {
            let hint = error.hint();
            self.witness.failed(error, hint)
        });
        let error = token.as_ref().err().map(Status::message);
        self.witness.ended(step, error).await;
        let token = token?;
        Ok(Response::new(FetchTokenResponse {
            token: token.text,
            expires_in: token.expires_in,
            issued_at: token.issued_at.map_or(0, Timestamp::as_second),
        }))
    }

    async fn get_token_authority(
        &self,
        request: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        let GetTokenAuthorityRequest { host, salt } = request.into_inner();
        let login = self.login(&host).await?;
        let subject = Subject {
            host: &host,
            login: &login,
            salt: &salt,
        };
        let public_key = self.authority.public_key(subject);
        let public_key = public_key.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(GetTokenAuthorityResponse {
            public_key: public_key.into(),
        }))
    }

    async fn verify_token_authority(
        &self,
        request: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        let VerifyTokenAuthorityRequest {
            host,
            payload,
            salt,
        } = request.into_inner();
        let login = self.login(&host).await?;
        let subject = Subject {
            host: &host,
            login: &login,
            salt: &salt,
        };
        let signed = self.authority.sign(subject, &payload);
        let signed = signed.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(VerifyTokenAuthorityResponse {
            signed: signed.into(),
        }))
    }
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
