//! What policies may call besides what Rego has: reading files, pinning images, checking signatures.
//!
//! A call that cannot be answered ends the evaluation. In Rego it would only be undefined, and whoever
//! wrote the policy would not learn why a source is refused.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};
use regorus::{Engine, Value as Rego};
use serde_json::Value;

use crate::model::Digest;

use super::files::Files;
use super::git::Object;
use super::source::Source;
use super::time;

/// The longest file that `load_json` reads, and the longest key, in bytes; as in buildx.
const LONGEST_JSON: u64 = 4 << 20;
const LONGEST_KEY: u64 = 128 << 10;

/// Digests that a policy pins an image to.
type Pins = Arc<Mutex<Vec<String>>>;

/// Gives the engine the functions, for one source.
pub(super) fn define(
    engine: &mut Engine,
    source: &Source,
    files: &Files,
    pins: &Pins,
) -> Result<()> {
    let read = files.clone();
    engine.add_extension(
        "load_json".to_owned(),
        1,
        Box::new(move |given: Vec<Rego>| load_json(&given, &read)),
    )?;
    let image = part(source, "image");
    let pins = Arc::clone(pins);
    engine.add_extension(
        "pin_image".to_owned(),
        2,
        Box::new(move |given: Vec<Rego>| pin_image(&given, image.as_ref(), &pins)),
    )?;
    let (objects, read) = (source.objects.clone(), files.clone());
    engine.add_extension(
        "verify_git_signature".to_owned(),
        2,
        Box::new(move |given: Vec<Rego>| verify_git(&given, &objects, &read)),
    )?;
    time::define(engine)
}

fn part(source: &Source, name: &str) -> Option<Rego> {
    serde_json::from_value(source.input.get(name)?.clone()).ok()
}

fn text(value: &Rego) -> Result<String> {
    let text = value.as_string()?;
    Ok(text.to_string())
}

/// `load_json(FILE)`: what the file says.
fn load_json(given: &[Rego], files: &Files) -> Result<Rego> {
    let name = text(&given[0])?;
    let data = files
        .read(&name, LONGEST_JSON)
        .map_err(|error| anyhow!("load_json: {error}"))?;
    let value: Value =
        serde_json::from_slice(&data).with_context(|| format!("load_json: {name} is no JSON"))?;
    Ok(serde_json::from_value(value)?)
}

/// `pin_image(input.image, DIGEST)`: the build gets the image of that digest.
fn pin_image(given: &[Rego], image: Option<&Rego>, pins: &Pins) -> Result<Rego> {
    let Some(image) = image else {
        return Ok(Rego::from(false));
    };
    if given[0] != *image {
        bail!("pin_image: its first argument is not input.image");
    }
    let digest = text(&given[1])?;
    if digest.parse::<Digest>().is_err() {
        bail!("pin_image: {digest:?} is no digest, as in \"sha256:...\"");
    }
    let mut pins = pins.lock().unwrap_or_else(PoisonError::into_inner);
    if image["checksum"] != Rego::from(digest.as_str()) {
        pins.push(digest);
    }
    Ok(Rego::from(true))
}

/// `verify_git_signature(input.git.commit or input.git.tag, FILE)`: the owner of the key in the file
/// signed it.
fn verify_git(given: &[Rego], objects: &[Object], files: &Files) -> Result<Rego> {
    if objects.is_empty() {
        return Ok(Rego::from(false));
    }
    let is_given = |object: &&Object| {
        serde_json::from_value(object.value()).is_ok_and(|value: Rego| value == given[0])
    };
    let Some(object) = objects.iter().find(is_given) else {
        bail!(
            "verify_git_signature: its first argument is neither input.git.commit nor input.git.tag"
        );
    };
    let name = text(&given[1])?;
    let said = |error: &dyn std::error::Error| anyhow!("verify_git_signature: {error}");
    let key = files
        .read(&name, LONGEST_KEY)
        .map_err(|error| said(&error))?;
    match object.verify(&String::from_utf8_lossy(&key)) {
        Ok(()) => Ok(Rego::from(true)),
        Err(error) if error.is_decided() => Ok(Rego::from(false)),
        Err(error) => Err(said(&error)),
    }
}
