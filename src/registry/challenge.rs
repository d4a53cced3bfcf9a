//! What a registry wants before it answers: the header `WWW-Authenticate`.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// What a registry wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with every request.
    Basic,
    /// A token from another server.
    Bearer {
        /// Where tokens are given out.
        realm: String,
        /// Who the token is for.
        service: Option<String>,
    },
}

/// The challenge that we can meet; a token is better than a password in every request.
pub(super) fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter();
    let mut known: Vec<Challenge> = texts
        .filter_map(|text| parse(text.to_str().ok()?))
        .collect();
    known.sort_by_key(|challenge| *challenge == Challenge::Basic);
    known.into_iter().next()
}

fn parse(text: &str) -> Option<Challenge> {
    let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut parameters = parameters(rest);
    let mut take = |name: &str| {
        let found = parameters
            .iter()
            .position(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|i| parameters.swap_remove(i).1)
    };
    Some(Challenge::Bearer {
        realm: take("realm")?,
        service: take("service"),
    })
}

/// `key="value", key=value`; in quotes, commas and escaped quotes belong to the value.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let plain = || {
            let (value, after) = after.split_once(',').unwrap_or((after, ""));
            (value.trim().to_owned(), after)
        };
        let quoted = after.trim_start().strip_prefix('"').map(unquoted);
        let (value, after) = quoted.unwrap_or_else(plain);
        found.push((key.trim_matches([' ', ',', '\t']).to_owned(), value));
        rest = after;
    }
    found
}

/// A value up to its closing quote, and what stands behind that.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, text.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(WWW_AUTHENTICATE, text.parse().unwrap());
        }
        challenge(&headers)
    }

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn challenges_as_registries_write_them() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
        assert_eq!(
            of(&[hub]),
            Some(bearer(
                "https://auth.docker.io/token",
                Some("registry.docker.io")
            ))
        );
        let scoped = r#"bearer realm="https://a/t", scope="repository:x:pull,push" , service=b"#;
        assert_eq!(of(&[scoped]), Some(bearer("https://a/t", Some("b"))));
        let escaped = r#"Bearer realm="https://a/\"t""#;
        assert_eq!(of(&[escaped]), Some(bearer("https://a/\"t", None)));
        assert_eq!(of(&[r#"Basic realm="x""#]), Some(Challenge::Basic));
        assert_eq!(of(&["Basic"]), Some(Challenge::Basic));
        assert_eq!(of(&["Basic realm=x", hub]), of(&[hub]));
        assert_eq!(of(&["Negotiate"]), None);
        assert_eq!(of(&["Bearer service=x"]), None);
        assert_eq!(of(&[]), None);
    }
}
