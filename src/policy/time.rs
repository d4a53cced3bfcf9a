//! What policies may ask about time, in nanoseconds since 1970.

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use regorus::{Engine, Value as Rego};

use crate::env;

/// Gives the engine the functions that ages are computed with. The evaluator's own know all time zones, which
/// are larger than it.
pub(super) fn define(engine: &mut Engine) -> Result<()> {
    engine.add_extension("time.now_ns".to_owned(), 0, Box::new(|_| nanos(env::now())))?;
    engine.add_extension(
        "time.parse_rfc3339_ns".to_owned(),
        1,
        Box::new(|given: Vec<Rego>| {
            let text = given[0].as_string()?;
            let moment: Timestamp = text
                .parse()
                .with_context(|| format!("time.parse_rfc3339_ns: {text:?}"))?;
            nanos(moment)
        }),
    )?;
    engine.add_extension(
        "time.parse_duration_ns".to_owned(),
        1,
        Box::new(|given: Vec<Rego>| {
            let text = given[0].as_string()?;
            let span: SignedDuration = text
                .parse()
                .with_context(|| format!("time.parse_duration_ns: {text:?}"))?;
            number(span.as_nanos())
        }),
    )
}

fn nanos(moment: Timestamp) -> Result<Rego> {
    number(moment.as_nanosecond())
}

fn number(nanos: i128) -> Result<Rego> {
    Ok(Rego::from(i64::try_from(nanos)?))
}
