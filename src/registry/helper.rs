//! Credential helpers: programs `docker-credential-NAME` that keep logins outside of files.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::login::Login;

/// What a helper says when it has no login; the text is part of the helpers' protocol.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// How long a helper may take. The daemon gives up after a minute; the user should see why before.
const PATIENCE: Duration = Duration::from_secs(50);

/// Why a helper gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// It could not be run.
    #[error("cannot run the credential helper {0}, which the docker config file names")]
    Run(String, #[source] io::Error),
    /// It ran and failed.
    #[error("the credential helper {program} has no login for {server}: {message}")]
    Failed {
        /// The helper.
        program: String,
        /// The registry.
        server: String,
        /// What the helper printed.
        message: String,
    },
    /// It printed something else than a login.
    #[error("the credential helper {0} printed no login")]
    Answer(String, #[source] serde_json::Error),
    /// It took too long.
    #[error("the credential helper {0} gave no answer within {seconds} seconds", seconds = PATIENCE.as_secs())]
    Timeout(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks the helper `name` for the login of `server`; none if it has none.
pub(super) async fn get(name: &str, server: &str) -> Result<Option<Login>, HelperError> {
    ask(format!("docker-credential-{name}"), server).await
}

async fn ask(program: String, server: &str) -> Result<Option<Login>, HelperError> {
    let output = tokio::time::timeout(PATIENCE, run(&program, server))
        .await
        .map_err(|_| HelperError::Timeout(program.clone()))?
        .map_err(|error| HelperError::Run(program.clone(), error))?;
    if !output.status.success() {
        // Helpers print their errors to standard output.
        let text = [output.stdout, output.stderr].concat();
        let message = String::from_utf8_lossy(&text).trim().to_owned();
        if message.contains(NOT_FOUND) {
            return Ok(None);
        }
        return Err(HelperError::Failed {
            program,
            server: server.to_owned(),
            message,
        });
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|error| HelperError::Answer(program, error))?;
    Ok(Some(Login::from_helper(answer.username, answer.secret)))
}

async fn run(program: &str, server: &str) -> io::Result<std::process::Output> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A helper that does not read its input still gives its answer.
        let _ = stdin.write_all(server.as_bytes()).await;
    }
    child.wait_with_output().await
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// What comes of a helper that is this shell script.
    async fn said(script: &str) -> Result<Option<Login>, String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("helper");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = program.to_str().unwrap().to_owned();
        let answer = ask(program.clone(), "https://index.docker.io/v1/").await;
        answer.map_err(|error| error.to_string().replace(&program, "HELPER"))
    }

    #[tokio::test]
    async fn what_helpers_say() {
        let answer = r#"[ "$1" = get ] && read -r server
            echo "{\"ServerURL\": \"$server\", \"Username\": \"$server\", \"Secret\": \"s\"}""#;
        let login = said(answer).await.unwrap().unwrap();
        assert_eq!(login.username, "https://index.docker.io/v1/");
        assert_eq!(login.secret, "s");
        let identity = r#"echo '{"Username": "<token>", "Secret": "s"}'"#;
        assert!(said(identity).await.unwrap().unwrap().is_identity());
        let nothing = "echo 'credentials not found in native keychain'; exit 1";
        assert_eq!(said(nothing).await, Ok(None));
        let failed = "echo 'the keychain is locked'; exit 1";
        let expected = "the credential helper HELPER has no login for \
            https://index.docker.io/v1/: the keychain is locked";
        assert_eq!(said(failed).await, Err(expected.to_owned()));
        let other = said("echo hello").await;
        assert_eq!(
            other,
            Err("the credential helper HELPER printed no login".to_owned())
        );
    }
}
