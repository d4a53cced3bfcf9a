//! The provenance of a build for its metadata file, from the daemon's history.

use std::error::Error as StdError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::env;
use crate::event::{Events, Step};
use crate::plan::ProvenanceDetail;
use crate::session::{Client, Response};
use crate::solve;

/// The identity of the step.
const STEP: &str = "kubectl-buildkit:provenance";

/// What buildx adds to the exporters' answers. The build is done by now: a history that cannot be read
/// is a warning.
pub(super) async fn fetch(
    client: &Client,
    reference: &str,
    detail: ProvenanceDetail,
    events: &Events,
) -> Response {
    let name = "resolving provenance for metadata file".to_owned();
    let step = Step::begin(STEP, name, env::now(), events.downgrade()).await;
    let found = read(client, reference, detail).await;
    let error = found.as_ref().err().map(ToString::to_string);
    step.end(env::now(), error.clone().unwrap_or_default())
        .await;
    if let Some(error) = error {
        let text = format!("the metadata file has no provenance: the daemon's history: {error}");
        events.warning(text).await;
    }
    found.unwrap_or_default()
}

async fn read(
    client: &Client,
    reference: &str,
    detail: ProvenanceDetail,
) -> Result<Response, Box<dyn StdError + Send + Sync>> {
    let mut response = Response::new();
    for found in client.provenance(reference).await? {
        let shown = solve::provenance(&found.predicate_type, &found.document, detail)?;
        let key = match &found.platform {
            Some(platform) => format!("{}/{platform}", solve::PROVENANCE),
            None => solve::PROVENANCE.to_owned(),
        };
        response.insert(key, BASE64.encode(shown.to_string()));
    }
    Ok(response)
}
