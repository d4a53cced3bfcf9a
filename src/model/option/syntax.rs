//! What Kubernetes takes as names, labels and the like.

use super::invalid::Invalid;

const MAX_NAME: usize = 63;
const MAX_SUBDOMAIN: usize = 253;

fn is_name(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let end = |c: char| c.is_ascii_alphanumeric();
    text.len() <= MAX_NAME
        && text.bytes().all(inner)
        && text.starts_with(end)
        && text.ends_with(end)
}

fn is_dns_label(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty()
        && text.len() <= MAX_NAME
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_dns_label)
}

/// `text` with each character that does not belong replaced by `-`, if that makes it right.
fn mended(text: &str, limit: usize, is_right: fn(&str) -> bool) -> Option<String> {
    let replace = |c: char| match c {
        _ if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') => c,
        _ => '-',
    };
    let trim = |c: char| !c.is_ascii_alphanumeric();
    let text: String = text
        .trim_matches(trim)
        .chars()
        .map(replace)
        .take(limit)
        .collect();
    let text = text.trim_matches(trim);
    let lower = || text.to_ascii_lowercase().replace('_', "-");
    [text.to_owned(), lower()]
        .into_iter()
        .find(|text| is_right(text))
}

fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

fn key(text: &str, kind: &str) -> Result<(), Invalid> {
    if is_key(text) {
        return Ok(());
    }
    let problem = match text.split_once('/') {
        _ if text.is_empty() => format!("a {kind} needs a key"),
        Some((_, name)) if name.len() > MAX_NAME => format!(
            "{text:?} is no key of a {kind}: at most {MAX_NAME} characters may stand behind the /"
        ),
        Some((prefix, _)) if !is_subdomain(prefix) => format!(
            "{text:?} is no key of a {kind}: what stands before the / must be a lower-case DNS name"
        ),
        None if text.len() > MAX_NAME => {
            format!("{text:?} is no key of a {kind}: it has more than {MAX_NAME} characters")
        }
        _ => format!(
            "{text:?} is no key of a {kind}: use letters, digits, '-', '_' and '.', \
             with a letter or digit at both ends"
        ),
    };
    let (prefix, name) = text.rsplit_once('/').unwrap_or(("", text));
    let prefix = mended(prefix, MAX_SUBDOMAIN, is_subdomain);
    let instead = match (mended(name, MAX_NAME, is_name), prefix) {
        (Some(name), Some(prefix)) => format!("{prefix}/{name}"),
        (Some(name), None) => name,
        (None, _) => "example.com/key".to_owned(),
    };
    Err(Invalid::new(problem, instead))
}

/// Checks a label: the key with its optional DNS prefix, and the value.
pub fn label(label: &str, value: &str) -> Result<(), Invalid> {
    key(label, "label")?;
    if value.is_empty() || is_name(value) {
        return Ok(());
    }
    let problem = if value.len() > MAX_NAME {
        format!("{value:?} is no value of a label: it has more than {MAX_NAME} characters")
    } else {
        format!(
            "{value:?} is no value of a label: use letters, digits, '-', '_' and '.', \
             with a letter or digit at both ends"
        )
    };
    let value = mended(value, MAX_NAME, is_name).unwrap_or_else(|| "value".to_owned());
    Err(Invalid::new(problem, format!("{label}={value}")))
}

/// Checks the key of an annotation; its value may be anything.
pub fn annotation(text: &str) -> Result<(), Invalid> {
    key(text, "annotation")
}

/// Checks the name of an environment variable.
pub fn env_name(text: &str) -> Result<(), Invalid> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let digit = |c: char| c.is_ascii_digit();
    if !text.is_empty() && text.bytes().all(inner) && !text.starts_with(digit) {
        return Ok(());
    }
    let mended: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .skip_while(char::is_ascii_digit)
        .collect();
    let instead = Some(mended).filter(|text| !text.is_empty());
    Err(Invalid::new(
        format!("{text:?} is no name of an environment variable"),
        instead.unwrap_or_else(|| "NAME".to_owned()),
    ))
}

/// Checks the name of an object of the cluster.
pub fn object_name(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if is_subdomain(text) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(
        format!("{text:?} is no name: use lower-case letters, digits, '-' and '.'"),
        mended(text, MAX_NAME, is_subdomain).unwrap_or_else(|| "name".to_owned()),
    ))
}

/// Checks the name of a namespace.
pub fn namespace(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if is_dns_label(text) {
        return Ok(text.to_owned());
    }
    Err(Invalid::new(
        format!("{text:?} is no namespace: use lower-case letters, digits and '-'"),
        mended(&text.replace('.', "-"), MAX_NAME, is_dns_label)
            .unwrap_or_else(|| "builds".to_owned()),
    ))
}

/// Checks an image name as far as it can be told from other texts; empty means the default.
pub fn image(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    let belongs = |c: char| c.is_ascii_alphanumeric() || "./:@_-[]+".contains(c);
    if text.chars().all(belongs) {
        return Ok(text.to_owned());
    }
    let instead: String = text.chars().filter(|c| belongs(*c)).collect();
    Err(Invalid::new(
        format!("{text:?} is no name of an image"),
        Some(instead)
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| "moby/buildkit:buildx-stable-1".to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let long = "a".repeat(64);
        for (key, value) in [
            ("disktype", "ssd"),
            ("gpu", ""),
            ("kubernetes.io/arch", "arm64"),
            ("a.b-c/D_e.F", "1_2.3"),
        ] {
            assert_eq!(label(key, value), Ok(()), "{key}={value}");
        }
        for (key, value, instead) in [
            ("disk type", "ssd", "disk-type"),
            ("Example.com/a", "", "example.com/a"),
            ("a/b/c", "", "a-b/c"),
            ("", "x", "example.com/key"),
            ("a", "b c", "a=b-c"),
            ("a", "-", "a=value"),
            (&long, "", &long[..63]),
            ("a", &long, &format!("a={}", &long[..63])),
            ("-é", "", "example.com/key"),
        ] {
            assert_eq!(
                label(key, value).unwrap_err().instead,
                instead,
                "{key}={value}"
            );
        }
    }

    #[test]
    fn names() {
        assert_eq!(object_name(" a.b-c "), Ok("a.b-c".into()));
        assert_eq!(object_name("My_Account").unwrap_err().instead, "my-account");
        assert_eq!(namespace("team.a").unwrap_err().instead, "team-a");
        assert!(namespace("").is_err());
        assert_eq!(env_name("NO_PROXY"), Ok(()));
        assert_eq!(env_name("1 A").unwrap_err().instead, "_A");
        assert!(image("[::1]:5000/a/b:c@sha256:d").is_ok());
        assert_eq!(image("a b").unwrap_err().instead, "ab");
    }
}
