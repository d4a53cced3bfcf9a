//! Values that are comma-separated `KEY=VALUE`: which keys there are, and which values.

use super::answer::Candidate;

/// What can be said in such a value.
#[derive(Debug)]
pub(super) struct Form {
    /// Values of `type=`; none if there is no such key.
    pub(super) kinds: &'static [Kind],
    /// Keys of every kind.
    pub(super) keys: &'static [Key],
    /// Words that are a value of their own.
    pub(super) alone: &'static [Word],
    /// Whether a path is a value of its own.
    pub(super) is_path: bool,
}

/// A word, and what it is.
pub(super) type Word = (&'static str, &'static str);

/// One `type=`.
#[derive(Debug)]
pub(super) struct Kind {
    name: &'static str,
    help: &'static str,
    keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    name: &'static str,
    help: &'static str,
    value: KeyValue,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyValue {
    /// Nothing is known of it.
    Text,
    /// One of a few words.
    Words(&'static [Word]),
    /// The path of a file.
    File,
    /// The path of a folder.
    Folder,
    /// The name of a variable of the environment.
    Variable,
}

/// What the end of such a value is.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    /// These candidates, for the whole value.
    Candidates(Vec<Candidate>),
    /// The value of a key; `before` is all that stands in front of it.
    Value {
        /// All that stands in front of it.
        before: &'t str,
        /// The value, as far as it was typed.
        text: &'t str,
        /// What it is.
        value: KeyValue,
    },
}

impl Form {
    /// What the end of `text` is, and could become.
    pub(super) fn part<'t>(&self, text: &'t str) -> Part<'t> {
        let at = text.rfind(',').map_or(0, |comma| comma + 1);
        let (before, field) = text.split_at(at);
        let given: Vec<(&str, &str)> = before
            .split(',')
            .filter_map(|field| field.split_once('='))
            .collect();
        let kind = given.iter().find(|(key, _)| *key == "type");
        let kind = kind.and_then(|(_, name)| self.kinds.iter().find(|kind| kind.name == *name));
        if let Some((key, value)) = field.split_once('=') {
            if key == "type" && !self.kinds.is_empty() {
                return Part::Candidates(self.types(before));
            }
            return Part::Value {
                before: &text[..text.len() - value.len()],
                text: value,
                value: self.value(kind, key),
            };
        }
        if kind.is_none() && !self.kinds.is_empty() {
            let mut all = self.types(before);
            all.extend(words(self.alone).filter(|_| before.is_empty()));
            return Part::Candidates(all);
        }
        let keys = self.keys_of(kind);
        let left = keys.filter(|key| given.iter().all(|(given, _)| *given != key.name));
        let mut all: Vec<Candidate> = left
            .map(|key| Candidate::new(format!("{before}{}=", key.name), key.help))
            .collect();
        all.extend(words(self.alone).filter(|_| before.is_empty()));
        Part::Candidates(all)
    }

    fn types(&self, before: &str) -> Vec<Candidate> {
        let typed = |kind: &Kind| Candidate::open(format!("{before}type={}", kind.name), kind.help);
        self.kinds.iter().map(typed).collect()
    }

    fn keys_of(&self, kind: Option<&'static Kind>) -> impl Iterator<Item = &'static Key> {
        let of_kind: &[Key] = kind.map_or(&[], |kind| kind.keys);
        of_kind.iter().chain(self.keys)
    }

    fn value(&self, kind: Option<&'static Kind>, name: &str) -> KeyValue {
        let mut keys = self.keys_of(kind);
        keys.find(|key| key.name == name)
            .map_or(KeyValue::Text, |key| key.value)
    }
}

/// Words as candidates.
pub(super) fn words(words: &'static [Word]) -> impl Iterator<Item = Candidate> {
    words
        .iter()
        .map(|(word, help)| Candidate::new(*word, *help))
}

const fn key(name: &'static str, help: &'static str, value: KeyValue) -> Key {
    Key { name, help, value }
}

const fn kind(name: &'static str, help: &'static str, keys: &'static [Key]) -> Kind {
    Kind { name, help, keys }
}

/// Yes and no.
pub(super) const BOOLEAN: &[Word] = &[("true", ""), ("false", "")];
const YES: KeyValue = KeyValue::Words(BOOLEAN);
const COMPRESSION: Key = key(
    "compression",
    "how layers are compressed",
    KeyValue::Words(&[
        ("uncompressed", ""),
        ("gzip", ""),
        ("estargz", ""),
        ("zstd", ""),
    ]),
);
const LEVEL: Key = key(
    "compression-level",
    "how much layers are compressed",
    KeyValue::Text,
);
const FORCE: Key = key(
    "force-compression",
    "compress layers of the base image again",
    YES,
);
const MEDIA_TYPES: Key = key("oci-mediatypes", "OCI's media types, not docker's", YES);
const NAME: Key = key("name", "name of the image; -t gives it too", KeyValue::Text);
const TAR: Key = key("tar", "false writes a folder instead of an archive", YES);
const REWRITE: Key = key(
    "rewrite-timestamp",
    "times of files are SOURCE_DATE_EPOCH",
    YES,
);
const DEST_FILE: Key = key(
    "dest",
    "file to write; - is standard output",
    KeyValue::File,
);
const PUSH: Key = key("push", "push the image to its registry", YES);
const DIGEST: Key = key("push-by-digest", "push the image without a name", YES);

/// `--output`.
pub(super) const OUTPUT: Form = Form {
    kinds: &[
        kind(
            "local",
            "files, in a folder",
            &[
                key("dest", "folder to write to", KeyValue::Folder),
                key(
                    "mode",
                    "what becomes of what is in the folder",
                    KeyValue::Words(&[
                        ("copy", "what the result does not have stays"),
                        ("delete", "what the result does not have goes"),
                    ]),
                ),
                key("platform-split", "a folder for each platform", YES),
            ],
        ),
        kind("tar", "files, as a tar archive", &[DEST_FILE]),
        kind(
            "oci",
            "an image, as an OCI archive",
            &[DEST_FILE, NAME, TAR, COMPRESSION, LEVEL, FORCE, REWRITE],
        ),
        kind(
            "docker",
            "an image, into the docker or podman of this machine or a file",
            &[
                DEST_FILE,
                key("context", "the docker context to load into", KeyValue::Text),
                NAME,
                TAR,
                COMPRESSION,
                LEVEL,
                FORCE,
                MEDIA_TYPES,
                REWRITE,
            ],
        ),
        kind(
            "image",
            "an image that stays in the builder, or is pushed",
            &[
                NAME,
                PUSH,
                DIGEST,
                COMPRESSION,
                LEVEL,
                FORCE,
                MEDIA_TYPES,
                REWRITE,
            ],
        ),
        kind(
            "registry",
            "an image, into its registry",
            &[
                NAME,
                DIGEST,
                COMPRESSION,
                LEVEL,
                FORCE,
                MEDIA_TYPES,
                REWRITE,
            ],
        ),
        kind("cacheonly", "nothing: the result stays in the cache", &[]),
    ],
    keys: &[],
    alone: &[("-", "files, as a tar archive on standard output")],
    is_path: true,
};

const REFERENCE: Key = key("ref", "image that is the cache", KeyValue::Text);
const SCOPE: Key = key("scope", "name of the cache", KeyValue::Text);
const CACHE_NAME: Key = key("name", "name of the cache", KeyValue::Text);
const BUCKET: Key = key("bucket", "bucket with the cache", KeyValue::Text);
const REGION: Key = key("region", "region of the bucket", KeyValue::Text);
const ACCOUNT: Key = key("account_url", "address of the account", KeyValue::Text);
const TAG: Key = key("tag", "tag of the cache in the folder", KeyValue::Text);
const MODE: Key = key(
    "mode",
    "which steps are cached",
    KeyValue::Words(&[("min", "the layers of the result"), ("max", "all steps")]),
);
const IGNORE: Key = key(
    "ignore-error",
    "a cache that cannot be written fails no build",
    YES,
);

/// `--cache-from`.
pub(super) const CACHE_FROM: Form = Form {
    kinds: &[
        kind("registry", "an image in a registry", &[REFERENCE]),
        kind(
            "local",
            "a folder of this machine",
            &[
                key("src", "folder to read", KeyValue::Folder),
                TAG,
                key(
                    "digest",
                    "digest of the cache in the folder",
                    KeyValue::Text,
                ),
            ],
        ),
        kind("gha", "the cache of GitHub's actions", &[SCOPE]),
        kind("s3", "a bucket of S3", &[BUCKET, REGION, CACHE_NAME]),
        kind("azblob", "Azure's storage of blobs", &[ACCOUNT, CACHE_NAME]),
    ],
    keys: &[],
    alone: &[],
    is_path: false,
};

/// `--cache-to`.
pub(super) const CACHE_TO: Form = Form {
    kinds: &[
        kind("registry", "an image in a registry", &[REFERENCE]),
        kind("inline", "in the image that is pushed", &[]),
        kind(
            "local",
            "a folder of this machine",
            &[
                key("dest", "folder to write", KeyValue::Folder),
                TAG,
                key("reset", "remove blobs that no tag leads to", YES),
            ],
        ),
        kind("gha", "the cache of GitHub's actions", &[SCOPE]),
        kind("s3", "a bucket of S3", &[BUCKET, REGION, CACHE_NAME]),
        kind("azblob", "Azure's storage of blobs", &[ACCOUNT, CACHE_NAME]),
    ],
    keys: &[MODE, IGNORE, COMPRESSION, LEVEL, FORCE, MEDIA_TYPES],
    alone: &[],
    is_path: false,
};

/// `--secret`.
pub(super) const SECRET: Form = Form {
    kinds: &[],
    keys: &[
        key("id", "name under which steps mount it", KeyValue::Text),
        key("src", "file that is the secret", KeyValue::File),
        key("env", "variable that is the secret", KeyValue::Variable),
    ],
    alone: &[],
    is_path: false,
};

/// `--policy`.
pub(super) const POLICY: Form = Form {
    kinds: &[],
    keys: &[
        key(
            "filename",
            "file in Rego of the build context, or cwd://FILE",
            KeyValue::File,
        ),
        key("reset", "leave out those before it", YES),
        key("disabled", "build without any", YES),
        key(
            "log-level",
            "how much it tells",
            KeyValue::Words(&[
                ("error", "nothing"),
                ("info", "what it prints and decides"),
                ("debug", "also what it is told"),
            ]),
        ),
    ],
    alone: &[],
    is_path: false,
};

const PROVENANCE_MODE: Key = key(
    "mode",
    "how much it says",
    KeyValue::Words(&[
        ("min", "without steps and build arguments"),
        ("max", "all of it"),
    ]),
);
const GENERATOR: Key = key("generator", "image that makes the list", KeyValue::Text);
const DISABLED: Key = key("disabled", "leave it out", YES);

/// `--attest`.
pub(super) const ATTEST: Form = Form {
    kinds: &[
        kind("provenance", "how the image was made", &[PROVENANCE_MODE]),
        kind("sbom", "what is in the image", &[GENERATOR]),
    ],
    keys: &[DISABLED],
    alone: &[],
    is_path: false,
};

/// `--provenance`.
pub(super) const PROVENANCE: Form = Form {
    kinds: &[],
    keys: &[PROVENANCE_MODE],
    alone: BOOLEAN,
    is_path: false,
};

/// `--sbom`.
pub(super) const SBOM: Form = Form {
    kinds: &[],
    keys: &[GENERATOR],
    alone: BOOLEAN,
    is_path: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(form: &Form, text: &str) -> String {
        match form.part(text) {
            Part::Candidates(all) => {
                let values = all.iter().map(|candidate| candidate.value.as_str());
                let fitting: Vec<&str> = values.filter(|value| value.starts_with(text)).collect();
                fitting.join(" ")
            }
            Part::Value {
                before,
                text,
                value,
            } => match value {
                KeyValue::Words(words) => format!("{before}|{text}|{}", words[0].0),
                other => format!("{before}|{text}|{other:?}"),
            },
        }
    }

    #[test]
    fn the_end_of_a_list() {
        for (form, text, expected) in [
            (&OUTPUT, "type=l", "type=local"),
            (
                &OUTPUT,
                "ty",
                "type=local type=tar type=oci type=docker type=image type=registry type=cacheonly",
            ),
            (&OUTPUT, "-", "-"),
            (&OUTPUT, "some/folder", ""),
            (
                &OUTPUT,
                "type=local,",
                "type=local,dest= type=local,mode= type=local,platform-split=",
            ),
            (
                &OUTPUT,
                "type=local,dest=out,m",
                "type=local,dest=out,mode=",
            ),
            (
                &OUTPUT,
                "dest=out,",
                "dest=out,type=local dest=out,type=tar dest=out,type=oci dest=out,type=docker dest=out,type=image dest=out,type=registry dest=out,type=cacheonly",
            ),
            (&OUTPUT, "type=local,dest=a/", "type=local,dest=|a/|Folder"),
            (&OUTPUT, "type=tar,dest=a/", "type=tar,dest=|a/|File"),
            (
                &CACHE_TO,
                "type=registry,mode=m",
                "type=registry,mode=|m|min",
            ),
            (&CACHE_FROM, "type=registry,", "type=registry,ref="),
            (&SECRET, "", "id= src= env="),
            (&SECRET, "id=a,src=", "id=a,src=||File"),
            (&POLICY, "", "filename= reset= disabled= log-level="),
            (
                &POLICY,
                "filename=a,log-level=",
                "filename=a,log-level=||error",
            ),
            (&PROVENANCE, "", "mode= true false"),
            (&PROVENANCE, "mode=", "mode=||min"),
            (
                &ATTEST,
                "type=sbom,",
                "type=sbom,generator= type=sbom,disabled=",
            ),
            (&ATTEST, "type=sbom,who=", "type=sbom,who=||Text"),
        ] {
            assert_eq!(candidates(form, text), expected, "{text}");
        }
    }
}
