//! What the messages of a WebSocket to a pod mean. A message is `channel, bytes`; what the channels
//! carry differs between a port-forward and a command.

use std::io;
use std::ops::ControlFlow;

use bytes::{Buf, Bytes};
use kube::core::Status;

/// Bytes of a command's standard error that are kept: it is only for a message.
const COMPLAINT: usize = 4096;

/// What messages with channels are called as a protocol of a WebSocket.
pub(super) const PROTOCOL: &str = "v4.channel.k8s.io";
/// The same with a message that closes a channel; since Kubernetes 1.30.
pub(super) const CLOSING_PROTOCOL: &str = "v5.channel.k8s.io";

/// The channel of bytes to the pod.
const DATA: u8 = 0;

/// One of the protocols.
pub(super) trait Channels: Send + 'static {
    /// Puts the data of a message from the pod, if it carries any, behind what `data` has. Breaks if
    /// nothing comes after it.
    fn take(&mut self, message: Bytes, data: &mut Vec<Bytes>) -> io::Result<ControlFlow<()>>;

    /// What the end of the connection means that no message announced.
    fn end(&self) -> io::Result<()> {
        Ok(())
    }

    /// How messages to the pod are made.
    fn outgoing(&self) -> Outgoing {
        Outgoing::ON_A_CHANNEL
    }
}

/// Messages to the pod.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The first one, if the protocol has such.
    pub(super) greeting: Option<Bytes>,
    /// What stands before the data of each message.
    pub(super) head: Head,
    /// The one that tells the pod that no more bytes come, if the protocol has one.
    pub(super) farewell: Option<&'static [u8]>,
}

impl Outgoing {
    const ON_A_CHANNEL: Self = Self {
        greeting: None,
        head: Head {
            length: 1,
            write: |head, _| head[0] = DATA,
        },
        farewell: None,
    };
}

/// What stands before the data of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// How many bytes.
    pub(super) length: usize,
    /// Writes them. Is told how many bytes of data follow.
    pub(super) write: fn(&mut [u8], usize),
}

/// A port-forward: channel 0 carries data, channel 1 one text that says why it failed, and the
/// first frame of each is the number of the port.
#[derive(Debug)]
pub(super) struct PortForward {
    port: u16,
    begun: [bool; 2],
}

impl PortForward {
    const ERROR: u8 = 1;

    pub(super) const fn new(port: u16) -> Self {
        Self {
            port,
            begun: [false; 2],
        }
    }
}

impl Channels for PortForward {
    fn take(&mut self, mut frame: Bytes, data: &mut Vec<Bytes>) -> io::Result<ControlFlow<()>> {
        if frame.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let channel = frame.get_u8();
        let begun = self
            .begun
            .get_mut(usize::from(channel))
            .ok_or_else(|| invalid("port-forward", &format!("frame on channel {channel}")))?;
        if !*begun {
            *begun = true;
            return match frame[..] {
                [low, high] if u16::from_le_bytes([low, high]) == self.port => {
                    Ok(ControlFlow::Continue(()))
                }
                _ => Err(invalid("port-forward", "no port in the first frame")),
            };
        }
        if channel == Self::ERROR && !frame.is_empty() {
            return Err(refused(String::from_utf8_lossy(&frame).trim()));
        }
        data.push(frame);
        Ok(ControlFlow::Continue(()))
    }
}

/// A command: channel 0 is its standard input, 1 and 2 are its outputs, and on 3 comes a `Status`
/// when it ends.
#[derive(Debug)]
pub(super) struct Exec {
    /// The command, for messages.
    command: String,
    /// Whether the version of the protocol has a frame that closes a channel.
    closes: bool,
    complaint: Vec<u8>,
}

impl Exec {
    const STDOUT: u8 = 1;
    const STDERR: u8 = 2;
    const STATUS: u8 = 3;
    const CLOSE: u8 = 255;

    pub(super) const fn new(command: String, closes: bool) -> Self {
        Self {
            command,
            closes,
            complaint: Vec::new(),
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = COMPLAINT.saturating_sub(self.complaint.len());
        self.complaint
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// How the command ended. One that served its connection to the end is no failure.
    fn ended(&self, status: &[u8]) -> io::Result<ControlFlow<()>> {
        let status: Status = serde_json::from_slice(status)
            .map_err(|error| invalid("command", &format!("its status: {error}")))?;
        if status.is_success() {
            return Ok(ControlFlow::Break(()));
        }
        let exit_code = status.details.iter().flat_map(|details| &details.causes);
        let exit_code = exit_code
            .filter(|cause| cause.reason == "ExitCode")
            .map(|cause| cause.message.as_str())
            .next();
        Err(match exit_code {
            Some(code) => self.failed(&format!("exit code {code}")),
            // Each layer of Kubernetes that hands an error on says this first.
            None => refused(
                status
                    .message
                    .trim_start_matches("Internal error occurred: "),
            ),
        })
    }

    /// Its own words count more than what Kubernetes knows of its end.
    fn failed(&self, how: &str) -> io::Error {
        let words = String::from_utf8_lossy(&self.complaint);
        let words = words.trim();
        let command = &self.command;
        if words.is_empty() {
            return refused(&format!("{command:?} ended with {how}"));
        }
        let words = words.trim_start_matches("error: ");
        refused(&format!("{command:?} ended with {how}: {words}"))
    }
}

impl Channels for Exec {
    fn take(&mut self, mut frame: Bytes, data: &mut Vec<Bytes>) -> io::Result<ControlFlow<()>> {
        if frame.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        match frame.get_u8() {
            Self::STDOUT => data.push(frame),
            Self::STDERR => self.keep(&frame),
            Self::STATUS if frame.is_empty() => {}
            Self::STATUS => return self.ended(&frame),
            Self::CLOSE => {}
            channel => return Err(invalid("command", &format!("frame on channel {channel}"))),
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end(&self) -> io::Result<()> {
        if self.complaint.is_empty() {
            return Ok(());
        }
        Err(self.failed("no status"))
    }

    fn outgoing(&self) -> Outgoing {
        Outgoing {
            farewell: self.closes.then_some(&[Self::CLOSE, DATA]),
            ..Outgoing::ON_A_CHANNEL
        }
    }
}

pub(super) fn invalid(what: &str, why: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("this is no {what}: {why}"),
    )
}

/// The error that the pod's side reports. Its text is all there is to tell causes apart.
pub(super) fn refused(text: &str) -> io::Error {
    // The last: a kubelet whose certificate is signed seconds after it joined.
    let not_yet = [
        "connection refused",
        "connect: no such file or directory",
        "tls: internal error",
    ];
    let kind = if not_yet.iter().any(|sign| text.contains(sign)) {
        io::ErrorKind::ConnectionRefused
    } else if text.contains("reset by peer") || text.contains("broken pipe") {
        io::ErrorKind::ConnectionReset
    } else {
        io::ErrorKind::Other
    };
    io::Error::new(kind, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec() -> Exec {
        Exec::new("buildctl dial-stdio".into(), true)
    }

    /// The data of a frame; `None` if it was the last.
    fn take(channels: &mut impl Channels, frame: &[u8]) -> io::Result<Option<Bytes>> {
        let mut data = Vec::new();
        let flow = channels.take(Bytes::copy_from_slice(frame), &mut data)?;
        Ok(flow.is_continue().then(|| data.concat().into()))
    }

    #[track_caller]
    fn nothing(channels: &mut impl Channels, frame: &[u8]) {
        assert_eq!(take(channels, frame).unwrap(), Some(Bytes::new()));
    }

    #[test]
    fn a_commands_output_is_the_data_and_its_success_the_end() {
        let mut exec = exec();
        for frame in [&b""[..], b"\x01", b"\x03", b"\xff\x02"] {
            nothing(&mut exec, frame);
        }
        let data = take(&mut exec, b"\x01\x00hello").unwrap().unwrap();
        assert_eq!(&data[..], b"\x00hello");
        let status = b"\x03{\"status\":\"Success\",\"metadata\":{}}";
        assert_eq!(take(&mut exec, status).unwrap(), None);
    }

    /// The error of a command that says `words` and ends with `status`.
    fn failure(words: &[&str], status: &str) -> io::Error {
        let mut exec = exec();
        for words in words {
            nothing(&mut exec, &[b"\x02", words.as_bytes()].concat());
        }
        take(&mut exec, &[b"\x03", status.as_bytes()].concat()).unwrap_err()
    }

    #[test]
    fn why_a_command_failed_is_what_it_said() {
        let status = r#"{"status":"Failure","reason":"NonZeroExitCode",
            "message":"command terminated with non-zero exit code: exit status 1",
            "details":{"causes":[{"reason":"ExitCode","message":"1"}]}}"#;
        let words = [
            "error: dial unix /run/buildkit/buildkitd.sock: ",
            "connect: no such file or directory\n",
        ];
        let error = failure(&words, status);
        assert_eq!(
            error.to_string(),
            "\"buildctl dial-stdio\" ended with exit code 1: dial unix \
             /run/buildkit/buildkitd.sock: connect: no such file or directory"
        );
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let silent = failure(&[], status);
        assert_eq!(
            silent.to_string(),
            "\"buildctl dial-stdio\" ended with exit code 1"
        );
        assert_eq!(silent.kind(), io::ErrorKind::Other);
        let long = failure(&["x".repeat(10_000).as_str()], status).to_string();
        assert!(long.len() < COMPLAINT + 100, "{}", long.len());
    }

    #[test]
    fn a_command_that_never_ran_is_explained_by_kubernetes() {
        let missing = r#"{"status":"Failure","code":500,"reason":"InternalError",
            "message":"Internal error occurred: exec: \"buildctl\": executable file not found in $PATH: unknown"}"#;
        let error = failure(&[], missing);
        assert_eq!(
            error.to_string(),
            r#"exec: "buildctl": executable file not found in $PATH: unknown"#
        );
        assert_eq!(error.kind(), io::ErrorKind::Other);
        let young = r#"{"status":"Failure","code":500,
            "message":"error dialing backend: remote error: tls: internal error"}"#;
        assert_eq!(failure(&[], young).kind(), io::ErrorKind::ConnectionRefused);
    }

    #[test]
    fn an_end_without_a_status_is_a_failure_if_the_command_complained() {
        let mut exec = exec();
        exec.end().unwrap();
        nothing(&mut exec, b"\x02killed");
        let error = exec.end().unwrap_err().to_string();
        assert!(error.ends_with("ended with no status: killed"), "{error}");
    }

    #[test]
    fn only_the_newer_protocol_closes_a_channel() {
        assert_eq!(exec().outgoing().farewell, Some(&[255, 0][..]));
        assert_eq!(Exec::new(String::new(), false).outgoing().farewell, None);
        assert_eq!(PortForward::new(1).outgoing().farewell, None);
    }

    #[test]
    fn what_is_neither_is_refused() {
        let invalid = |taken: io::Result<Option<Bytes>>| {
            assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::InvalidData);
        };
        invalid(take(&mut exec(), b"\x07x"));
        invalid(take(&mut exec(), b"\x03no json"));
        invalid(take(&mut PortForward::new(1234), b"\x00abc"));
        invalid(take(&mut PortForward::new(1234), b"\x00\x01\x00"));
        invalid(take(&mut PortForward::new(1234), b"\x02\xd2\x04"));
    }
}
