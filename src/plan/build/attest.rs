//! What an image says of itself besides its layers.

use std::collections::BTreeMap;

use crate::cli::{Annotation, AttestArgs, Attestation, Shorthand};
use crate::env::Env;
use crate::error::Result;

use super::values::switch;

const PROVENANCE: &str = "provenance";

/// The provenance that buildx asks for when nobody says anything: minimal, and only in images.
pub const DEFAULT_PROVENANCE: &str = "mode=min,inline-only=true";

/// The attestations of the result: what the daemon is told of each, by kind.
pub(super) fn attestations(args: &AttestArgs, env: &Env) -> Result<BTreeMap<String, String>> {
    let mut told: BTreeMap<String, Option<String>> = BTreeMap::new();
    let of = |flag: &Option<Shorthand>| flag.clone().and_then(|shorthand| shorthand.0);
    let shorthands = [of(&args.provenance), of(&args.sbom)];
    // As in buildx: the first word about a kind counts, and --attest comes before its shorthands.
    for attestation in args.attestations.iter().chain(shorthands.iter().flatten()) {
        told.entry(attestation.kind.clone())
            .or_insert_with(|| Some(parameters(attestation)).filter(|_| !attestation.is_disabled));
    }
    if !switch(env, "BUILDX_NO_DEFAULT_ATTESTATIONS")? {
        told.entry(PROVENANCE.to_owned())
            .or_insert_with(|| Some(DEFAULT_PROVENANCE.to_owned()));
    }
    let wanted = told.into_iter();
    Ok(wanted
        .filter_map(|(kind, text)| Some((kind, text?)))
        .collect())
}

/// One line of comma-separated values.
fn parameters(attestation: &Attestation) -> String {
    let mut fields = vec![field("type", &attestation.kind)];
    let parameters = attestation.parameters.iter();
    fields.extend(parameters.map(|(key, value)| field(key, value)));
    fields.join(",")
}

fn field(key: &str, value: &str) -> String {
    let field = format!("{key}={value}");
    if field.contains([',', '"']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

/// What exporters are told of annotations.
pub(super) fn annotations(given: &[Annotation]) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    for Annotation { places, key, value } in given.iter().filter(|given| !given.key.is_empty()) {
        if places.is_empty() {
            attributes.insert(format!("annotation.{key}"), value.clone());
        }
        for place in places {
            let platform = place.platform.as_ref();
            let platform = platform.map(|name| format!("[{name}]")).unwrap_or_default();
            let name = format!("annotation-{}{platform}.{key}", place.kind);
            attributes.insert(name, value.clone());
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(attest: &[&str], provenance: Option<&str>, no_default: &str) -> Vec<String> {
        let shorthand = |text: &str| Shorthand(format!("type=provenance,{text}").parse().ok());
        let args = AttestArgs {
            attestations: attest.iter().map(|text| text.parse().unwrap()).collect(),
            provenance: provenance.map(shorthand),
            ..AttestArgs::default()
        };
        let env = Env::from_variables([("BUILDX_NO_DEFAULT_ATTESTATIONS", no_default)]);
        let found = attestations(&args, &env).unwrap();
        found
            .into_iter()
            .map(|(k, v)| format!("{k}: {v}"))
            .collect()
    }

    #[test]
    fn a_provenance_is_there_unless_somebody_says_otherwise() {
        let default = ["provenance: mode=min,inline-only=true"];
        assert_eq!(told(&[], None, ""), default);
        assert_eq!(told(&[], None, "false"), default);
        assert_eq!(told(&[], None, "1"), [""; 0]);
        assert_eq!(told(&[], Some("disabled=true"), ""), [""; 0]);
        let asked = ["provenance: type=provenance,mode=max"];
        assert_eq!(told(&[], Some("mode=max"), "1"), asked);
        assert_eq!(
            told(&["type=provenance,mode=max"], Some("mode=min"), ""),
            asked
        );
        let env = Env::from_variables([("BUILDX_NO_DEFAULT_ATTESTATIONS", "perhaps")]);
        let error = attestations(&AttestArgs::default(), &env).unwrap_err();
        assert!(error.to_string().contains("BUILDX_NO_DEFAULT_ATTESTATIONS"));
    }

    #[test]
    fn parameters_are_quoted_where_they_have_to_be() {
        let sbom = r#"type=sbom,generator=x,"A=b,c","Q=""q""""#;
        let provenance = "provenance: mode=min,inline-only=true".to_owned();
        let expected = r#"sbom: type=sbom,"A=b,c","Q=""q""",generator=x"#.to_owned();
        assert_eq!(told(&[sbom], None, ""), [provenance, expected]);
    }

    #[test]
    fn annotations_have_their_places_in_their_keys() {
        let given = [
            "a=1",
            "index,manifest[linux/arm64]:b.c=2",
            "manifest-descriptor:d=3",
            "",
        ];
        let given: Vec<Annotation> = given.iter().map(|text| text.parse().unwrap()).collect();
        let told = annotations(&given);
        let told: Vec<_> = told.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let expected = [
            "annotation-index.b.c=2",
            "annotation-manifest-descriptor.d=3",
            "annotation-manifest[linux/arm64].b.c=2",
            "annotation.a=1",
        ];
        assert_eq!(told, expected);
    }
}
