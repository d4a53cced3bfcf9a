//! Flags that mean nothing to BuildKit.

use crate::cli::LegacyArgs;

/// What to say about the flags that somebody may rely on. Those that only asked for what happens
/// anyway are passed over, as in buildx.
pub(super) fn warnings(args: &LegacyArgs) -> Vec<String> {
    let warnings = [
        (
            args.isolation.is_some(),
            "--isolation has no effect: BuildKit isolates every step",
        ),
        (
            !args.security_options.is_empty(),
            "--security-opt has no effect: write RUN --security=insecure in the Dockerfile, \
             and add --allow security.insecure",
        ),
        (
            args.squash.is_some(),
            "--squash has no effect: copy what is wanted into a last stage of its own",
        ),
    ];
    let said = warnings.into_iter().filter(|(is_given, _)| *is_given);
    said.map(|(_, text)| text.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_effect_is_said() {
        assert_eq!(warnings(&LegacyArgs::default()), [""; 0]);
        let quiet = LegacyArgs {
            compress: Some(true),
            rm: Some(false),
            force_rm: Some(true),
            ..LegacyArgs::default()
        };
        assert_eq!(warnings(&quiet), [""; 0]);
        let all = LegacyArgs {
            isolation: Some("hyperv".into()),
            security_options: vec!["x".into()],
            squash: Some(true),
            ..LegacyArgs::default()
        };
        assert_eq!(warnings(&all).len(), 3);
    }
}
