//! The session's auth service: the daemon asks for the login of a registry.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::proto::session::auth_server;
use crate::proto::session::{
    CredentialsRequest, CredentialsResponse, FetchTokenRequest, FetchTokenResponse,
    GetTokenAuthorityRequest, GetTokenAuthorityResponse, VerifyTokenAuthorityRequest,
    VerifyTokenAuthorityResponse,
};
use crate::registry::Credentials;

use super::failure::Failure;
use super::troubles::Troubles;

pub(super) struct Auth {
    pub(super) credentials: Arc<Credentials>,
    pub(super) troubles: Troubles,
}

/// The daemon then fetches tokens itself, with the login that `credentials` gives.
fn daemon_fetches_tokens<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("the client fetches no tokens"))
}

#[tonic::async_trait]
impl auth_server::Auth for Auth {
    async fn credentials(
        &self,
        request: Request<CredentialsRequest>,
    ) -> Result<Response<CredentialsResponse>, Status> {
        match self.credentials.login(&request.into_inner().host).await {
            Ok(login) => Ok(Response::new(CredentialsResponse {
                username: login.username,
                secret: login.secret,
            })),
            Err(error) => {
                let message = error.to_string();
                self.troubles.report(Failure::local(error));
                Err(Status::internal(message))
            }
        }
    }

    async fn fetch_token(
        &self,
        _: Request<FetchTokenRequest>,
    ) -> Result<Response<FetchTokenResponse>, Status> {
        daemon_fetches_tokens()
    }

    async fn get_token_authority(
        &self,
        _: Request<GetTokenAuthorityRequest>,
    ) -> Result<Response<GetTokenAuthorityResponse>, Status> {
        daemon_fetches_tokens()
    }

    async fn verify_token_authority(
        &self,
        _: Request<VerifyTokenAuthorityRequest>,
    ) -> Result<Response<VerifyTokenAuthorityResponse>, Status> {
        daemon_fetches_tokens()
    }
}
