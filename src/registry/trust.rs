//! What registries have to prove, found out when it is needed.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::model::Trust;

/// A question with one answer for each registry.
type Question = dyn Fn(String) -> BoxFuture<'static, Trust> + Send + Sync;

/// What the registry at a host has to prove: what is usual, or what somebody says who is asked only
/// when that host is spoken to.
#[derive(Clone, Default)]
pub struct TrustOf(Option<Arc<Question>>);

impl fmt::Debug for TrustOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TrustOf").finish()
    }
}

impl TrustOf {
    /// Asks `question`.
    pub fn new(
        question: impl Fn(String) -> BoxFuture<'static, Trust> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(question)))
    }

    pub(super) async fn of(&self, host: &str) -> Trust {
        match &self.0 {
            Some(question) => question(host.to_owned()).await,
            None => Trust::default(),
        }
    }
}
