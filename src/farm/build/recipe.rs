//! The builder that is made where there is none.

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::model::BuilderName;
use crate::plan::Create;

type Decide = dyn Fn(Option<&BuilderName>) -> Result<Create> + Send + Sync;

/// Decides what a builder is like that nobody described. Only a build that makes one has to know.
#[derive(Clone)]
pub struct Recipe(Arc<Decide>);

impl Recipe {
    /// A builder is like what `decide` says of its name.
    pub fn new(
        decide: impl Fn(Option<&BuilderName>) -> Result<Create> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(decide))
    }

    /// What is made.
    pub(super) fn plan(&self, name: Option<&BuilderName>) -> Result<Create> {
        (self.0)(name)
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipe").finish_non_exhaustive()
    }
}
