//! Commits and tags as git keeps them, and who signed them.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use serde_json::{Map, Value, json};
use ssh_key::{HashAlg, PublicKey, SshSig};

use super::fields::Fields;

const PGP: &str = "-----BEGIN PGP SIGNATURE-----";
const SSH: &str = "-----BEGIN SSH SIGNATURE-----";

/// The namespace of git's signatures with SSH keys.
const NAMESPACE: &str = "git";

/// A commit or an annotated tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    is_tag: bool,
    headers: Vec<(String, String)>,
    message: String,
    signature: String,
    signed: String,
}

/// Why an object is none, or is not what it says.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// It is not text.
    #[error("the daemon sent a git object that is no text")]
    NoText,
    /// Something in it is missing.
    #[error("the daemon sent a git object without {0:?}")]
    Incomplete(&'static str),
    /// Its name is another's.
    #[error("the daemon sent another git object than {0}")]
    Other(String),
    /// Nobody signed it.
    #[error("it is not signed")]
    Unsigned,
    /// It is signed by PGP.
    #[error("it is signed with PGP, which cannot be checked here; only signatures of SSH keys can")]
    Pgp,
    /// Its signature is not of that key.
    #[error("its signature is not of this key: {0}")]
    Forged(String),
    /// The key is none.
    #[error("the key is no public SSH key, as in `ssh-ed25519 AAAA...`: {0}")]
    NoKey(ssh_key::Error),
}

impl ObjectError {
    /// Whether it says that the signature does not hold, rather than that nobody here can tell.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self, Self::Unsigned | Self::Forged(_))
    }
}

impl Object {
    /// Reads an object whose name, the hash of its bytes, is `name`.
    pub(super) fn read(raw: &[u8], name: &str) -> Result<Self, ObjectError> {
        let is_tag = raw.starts_with(b"object ");
        let kind = if is_tag { "tag" } else { "commit" };
        if hash(kind, raw, name.len()) != name {
            return Err(ObjectError::Other(name.to_owned()));
        }
        let text = std::str::from_utf8(raw).map_err(|_| ObjectError::NoText)?;
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut object = Self {
            is_tag,
            headers: Vec::new(),
            message: String::new(),
            signature: String::new(),
            signed: String::new(),
        };
        object.read_head(head);
        object.read_body(body);
        let needed: &[&'static str] = if is_tag {
            &["object", "type", "tag", "tagger"]
        } else {
            &["tree", "author", "committer"]
        };
        match needed.iter().find(|name| object.header(name).is_none()) {
            Some(missing) => Err(ObjectError::Incomplete(missing)),
            None => Ok(object),
        }
    }

    /// A signature of a commit is a header of several lines, each but the first after a space.
    fn read_head(&mut self, head: &str) {
        let mut in_signature = false;
        let mut signature = Vec::new();
        for line in head.split('\n') {
            let begun = line
                .strip_prefix("gpgsig ")
                .or_else(|| line.strip_prefix("gpgsig-sha256 "));
            if let Some(first) = begun.filter(|_| !self.is_tag) {
                in_signature = true;
                signature.push(first);
                continue;
            }
            match line.strip_prefix(' ') {
                Some(more) if in_signature => {
                    signature.push(more);
                    continue;
                }
                _ => in_signature = false,
            }
            self.signed.push_str(line);
            self.signed.push('\n');
            if let Some((name, value)) = line.split_once(' ') {
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        }
        self.signature = signature.join("\n");
    }

    /// A signature of a tag is the end of its message.
    fn read_body(&mut self, body: &str) {
        let begin = [PGP, SSH].iter().filter_map(|begin| {
            let place = body.find(&format!("\n{begin}\n"))?;
            Some(place + 1)
        });
        let begin = begin.min().filter(|_| self.is_tag);
        let (message, signature) = body.split_at(begin.unwrap_or(body.len()));
        if begin.is_some() {
            signature.clone_into(&mut self.signature);
        }
        self.signed.push('\n');
        self.signed.push_str(message);
        let message = message.strip_suffix('\n').unwrap_or(message);
        message.clone_into(&mut self.message);
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// What a policy sees of it.
    pub(super) fn value(&self) -> Value {
        let mut fields = Map::new();
        let of = |name| self.header(name).unwrap_or_default();
        if self.is_tag {
            fields.fill("object", of("object"));
            fields.fill("type", of("type"));
            fields.fill("tag", of("tag"));
            fields.fill_value("tagger", actor(of("tagger")));
        } else {
            let parents = self.headers.iter().filter(|(name, _)| name == "parent");
            let parents: Vec<&str> = parents.map(|(_, value)| value.as_str()).collect();
            fields.fill("tree", of("tree"));
            fields.fill_value("parents", json!(parents));
            fields.fill_value("author", actor(of("author")));
            fields.fill_value("committer", actor(of("committer")));
        }
        fields.fill("message", &self.message);
        if let Ok(signature) = SshSig::from_pem(&self.signature) {
            let key = PublicKey::from(signature.public_key().clone());
            fields.insert(
                "sshSignature".to_owned(),
                json!({"version": 1, "pubKey": key.fingerprint(HashAlg::Sha256).to_string()}),
            );
        }
        Value::Object(fields)
    }

    /// Checks that the owner of `key`, a line of an `authorized_keys` file, signed it.
    pub(super) fn verify(&self, key: &str) -> Result<(), ObjectError> {
        if self.signature.starts_with(PGP) {
            return Err(ObjectError::Pgp);
        }
        if self.signature.is_empty() {
            return Err(ObjectError::Unsigned);
        }
        let forged = |error: ssh_key::Error| ObjectError::Forged(error.to_string());
        let signature = SshSig::from_pem(&self.signature).map_err(forged)?;
        let line = key.lines().find(|line| !is_empty(line)).unwrap_or_default();
        let key = PublicKey::from_openssh(line).map_err(ObjectError::NoKey)?;
        key.verify(NAMESPACE, self.signed.as_bytes(), &signature)
            .map_err(forged)
    }
}

fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The name that git gives to an object; names of SHA-256 are longer.
fn hash(kind: &str, raw: &[u8], length: usize) -> String {
    let algorithm = match length {
        64 => &SHA256,
        _ => &SHA1_FOR_LEGACY_USE_ONLY,
    };
    let mut hash = Context::new(algorithm);
    hash.update(format!("{kind} {}\0", raw.len()).as_bytes());
    hash.update(raw);
    let hash = hash.finish();
    let hash = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    hash.collect::<Vec<_>>().concat()
}

/// `NAME <EMAIL> SECONDS OFFSET`.
fn actor(text: &str) -> Value {
    let mut fields = Map::new();
    let parts = text.rfind('<').zip(text.rfind('>')).filter(|(a, b)| a < b);
    let Some((begin, end)) = parts else {
        fields.fill("name", text.trim());
        return Value::Object(fields);
    };
    fields.fill("name", text[..begin].trim());
    fields.fill("email", text[begin + 1..end].trim());
    if let Some(when) = moment(&text[end + 1..]) {
        fields.fill("when", &when);
    }
    Value::Object(fields)
}

/// Seconds since 1970 and an offset like `+0130`, as RFC 3339.
fn moment(text: &str) -> Option<String> {
    let (seconds, zone) = text.trim().split_once(' ')?;
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: i32 = (digits.len() == 4).then(|| digits.parse().ok())??;
    let offset = sign * (digits / 100 * 3600 + digits % 100 * 60);
    let moment = Timestamp::from_second(seconds.parse().ok()?).ok()?;
    let zone = TimeZone::fixed(Offset::from_seconds(offset).ok()?);
    let format = if offset == 0 {
        "%Y-%m-%dT%H:%M:%SZ"
    } else {
        "%Y-%m-%dT%H:%M:%S%:z"
    };
    Some(moment.to_zoned(zone).strftime(format).to_string())
}

#[cfg(test)]
#[path = "git_tests.rs"]
mod tests;
