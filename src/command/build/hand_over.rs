//! What is left of a build for its user: files and the image's digest.

use std::path::Path;

use crate::env;
use crate::error::{Error, Result};
use crate::event::VertexWarning;
use crate::farm::Built;
use crate::files;
use crate::model::{BuilderName, ProgressMode};
use crate::plan;
use crate::render;
use crate::session::Response;
use crate::solve::{self, Metadata};

use crate::command::Finish;

/// Writes the files that were asked for and, if nothing else is shown, the image's digest.
pub(super) async fn hand_over(
    plan: &plan::Build,
    mode: ProgressMode,
    built: &Built,
    (reference, warnings): (&str, &[VertexWarning]),
) -> Result<Finish> {
    let response = &built.outcome.response;
    let id = solve::image_id(response);
    if let Some(file) = &plan.results.metadata_file {
        let mut metadata = metadata(plan, built, reference);
        if plan.results.metadata.warnings {
            metadata.add_warnings(render::warning_objects(warnings));
        }
        write(file, &metadata.to_json()).await?;
    }
    if let Some((file, id)) = plan.results.iidfile.as_ref().zip(id) {
        write(file, id).await?;
    }
    if let Some(call) = &plan.call {
        return answer(call, response);
    }
    let goes_to_stdout = plan.results.outputs.iter().any(plan::Output::is_stdout);
    if mode == ProgressMode::Quiet && !goes_to_stdout {
        // A build without image has an empty line, as in buildx.
        render::line(id.unwrap_or_default(), std::io::stdout().lock())?;
    }
    Ok(Finish::Done)
}

/// Shows what the frontend answered.
fn answer(call: &plan::Call, response: &Response) -> Result<Finish> {
    let answer = render::answer(call, response, env::output_columns())?;
    render::text(&answer.text, std::io::stdout().lock())?;
    match (answer.error, answer.status) {
        (Some(error), _) => Err(error),
        (None, 0) => Ok(Finish::Done),
        (None, status) => Ok(Finish::Status(status)),
    }
}

/// Removes the digest of an earlier build: if this one fails, nobody may take it for its own.
pub(super) fn forget(plan: &plan::Build) -> Result<()> {
    let Some(file) = &plan.results.iidfile else {
        return Ok(());
    };
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let text = format!("cannot remove the old {}", file.display());
            Err(Error::usage(text).because(error))
        }
        _ => Ok(()),
    }
}

/// What is known of the result, and of the parts if several nodes made it.
fn metadata(plan: &plan::Build, built: &Built, reference: &str) -> Metadata {
    let on = |builder: &BuilderName, node: &str| format!("{builder}/{node}/{reference}");
    let place = built.place.as_ref();
    // The daemon keeps nothing of a question.
    let place = place.filter(|_| plan.call.is_none());
    let made_on = place.map(|(builder, node)| on(builder, node));
    let mut metadata = Metadata::new(&built.outcome.response, made_on);
    for part in &built.parts {
        let made_on = place.map(|(builder, _)| on(builder, &part.node));
        metadata.add_part(&part.platforms, &part.response, made_on);
    }
    metadata
}

async fn write(file: &Path, text: &str) -> Result<()> {
    files::write_text(file, text)
        .await
        .map_err(|error| Error::usage(format!("cannot write {}", file.display())).because(error))
}
