//! Runs a command in a pod, as a stream.

use std::fmt::Write as _;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::channels::{self, Channels, Exec};
use super::open::{OpenError, Opening};
use super::{Cluster, Tunnel};

impl Cluster {
    /// Runs a command in a container of a pod: what is written goes to its standard input, what is
    /// read comes from its standard output. Whether it runs at all shows at the first read; when it
    /// fails, what it said on standard error is the error.
    pub async fn exec(
        &self,
        pod: &str,
        container: &str,
        command: &[&str],
    ) -> Result<Tunnel, OpenError> {
        let opening = Opening {
            what: "run a command in",
            pod,
            subresource: "exec",
            query: query(container, command),
            protocols: &[channels::CLOSING_PROTOCOL, channels::PROTOCOL],
        };
        let meaning = |protocol: &str| -> Box<dyn Channels> {
            let closes = protocol == channels::CLOSING_PROTOCOL;
            Box::new(Exec::new(command.join(" "), closes))
        };
        self.open(&opening, meaning).await
    }
}

fn query(container: &str, command: &[&str]) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let mut query = format!(
        "container={}&stdin=true&stdout=true&stderr=true",
        encoded(container)
    );
    for word in command {
        // A String takes all that is written to it.
        let _ = write!(query, "&command={}", encoded(word));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command_stay_words() {
        assert_eq!(
            query("buildkitd", &["buildctl", "--addr", "unix:///a&b c"]),
            "container=buildkitd&stdin=true&stdout=true&stderr=true\
             &command=buildctl&command=%2D%2Daddr&command=unix%3A%2F%2F%2Fa%26b%20c"
        );
    }
}
