//! The keys of S3: the environment, then the files that AWS' own programs read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::env::Env;

/// Keys of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsKeys {
    id: String,
    secret: String,
    token: Option<String>,
}

/// The files that may hold keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsFiles {
    /// `~/.aws/credentials`.
    pub credentials: PathBuf,
    /// `~/.aws/config`.
    pub config: PathBuf,
    profile: String,
}

impl AwsKeys {
    /// The keys in the environment, if both are there.
    pub(super) fn of_env(env: &Env) -> Option<Self> {
        let one_of = |names: [&str; 2]| names.iter().find_map(|name| env.var(name));
        Some(Self {
            id: one_of(["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"])?.to_owned(),
            secret: one_of(["AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"])?.to_owned(),
            token: env.var("AWS_SESSION_TOKEN").map(str::to_owned),
        })
    }

    /// Whether a cache has its own keys.
    pub(super) fn are_in(attributes: &BTreeMap<String, String>) -> bool {
        ["access_key_id", "secret_access_key"]
            .iter()
            .all(|key| attributes.contains_key(*key))
    }

    /// Adds what a cache does not have. One with keys of its own keeps its own token too.
    pub(super) fn fill(&self, attributes: &mut BTreeMap<String, String>) {
        if Self::are_in(attributes) {
            return;
        }
        let keys = [
            ("access_key_id", Some(&self.id)),
            ("secret_access_key", Some(&self.secret)),
            ("session_token", self.token.as_ref()),
        ];
        for (key, value) in keys {
            if let Some(value) = value {
                let entry = attributes.entry(key.to_owned());
                entry.or_insert_with(|| value.clone());
            }
        }
    }
}

impl std::fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsKeys").finish_non_exhaustive()
    }
}

impl AwsFiles {
    /// Where the files are; unknown without a home.
    pub(super) fn new(env: &Env) -> Option<Self> {
        let file = |variable: &str, name: &str| match env.var(variable) {
            Some(path) => Some(env.absolute(path)),
            None => Some(env.home()?.join(".aws").join(name)),
        };
        let profile = env.var("AWS_PROFILE").or(env.var("AWS_DEFAULT_PROFILE"));
        Some(Self {
            credentials: file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
            config: file("AWS_CONFIG_FILE", "config")?,
            profile: profile.unwrap_or("default").to_owned(),
        })
    }

    /// The keys of the profile in these texts of the two files; the first one counts more.
    pub fn keys(&self, credentials: &str, config: &str) -> Option<AwsKeys> {
        let mut values = section(config, &format!("profile {}", self.profile));
        if self.profile == "default" {
            values.extend(section(config, "default"));
        }
        values.extend(section(credentials, &self.profile));
        Some(AwsKeys {
            id: values.get("aws_access_key_id")?.clone(),
            secret: values.get("aws_secret_access_key")?.clone(),
            token: values.get("aws_session_token").cloned(),
        })
    }
}

/// The values in a section of an INI file.
fn section(text: &str, name: &str) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let mut is_inside = false;
    for line in text.lines() {
        let line = line.trim();
        if let Some(title) = line.strip_prefix('[') {
            let title = title.split(']').next().unwrap_or_default();
            is_inside = title.split_whitespace().eq(name.split_whitespace());
        } else if is_inside
            && !line.starts_with(['#', ';'])
            && let Some((key, value)) = line.split_once('=')
        {
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "# keys\n[default]\naws_access_key_id = one\n\
        aws_secret_access_key=two=2\n; no\n[ci]\nAWS_ACCESS_KEY_ID=three\n";
    const CONFIG: &str = "[default]\nregion = x\naws_session_token = t\n\
        [profile ci]\naws_access_key_id=four\naws_secret_access_key=five\n";

    fn keys<const N: usize>(variables: [(&str, &str); N]) -> Option<[String; 3]> {
        let files = AwsFiles::new(&Env::from_variables(variables)).unwrap();
        let keys = files.keys(CREDENTIALS, CONFIG)?;
        Some([keys.id, keys.secret, keys.token.unwrap_or_default()])
    }

    #[test]
    fn keys_of_a_profile() {
        let home = ("HOME", "/home/me");
        assert_eq!(keys([home]).unwrap(), ["one", "two=2", "t"]);
        let ci = keys([home, ("AWS_PROFILE", "ci")]).unwrap();
        assert_eq!(ci, ["three", "five", ""]);
        assert_eq!(keys([home, ("AWS_PROFILE", "nobody")]), None);
        assert_eq!(AwsFiles::new(&Env::default()), None);
    }

    #[test]
    fn files_are_where_the_environment_says() {
        let env = Env::from_variables([
            ("HOME", "/home/me"),
            ("AWS_CONFIG_FILE", "/etc/aws"),
            ("AWS_ACCESS_KEY_ID", "only one"),
        ]);
        let files = AwsFiles::new(&env).unwrap();
        assert_eq!(
            files.credentials,
            PathBuf::from("/home/me/.aws/credentials")
        );
        assert_eq!(files.config, PathBuf::from("/etc/aws"));
        assert_eq!(AwsKeys::of_env(&env), None);
    }
}
