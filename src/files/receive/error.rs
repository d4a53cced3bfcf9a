//! Why an export could not be written.

use std::io;
use std::path::PathBuf;

use tokio::task::JoinError;

use crate::files::{FileError, StreamError};

/// What can be wrong with a path that the daemon sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It starts at the root of this machine.
    #[error("absolute")]
    Absolute,
    /// It has `..` in it.
    #[error("leading out of its folder")]
    Escapes,
    /// It has an empty name or `.` in it.
    #[error("not clean")]
    Unclean,
    /// It has a zero byte in it.
    #[error("no path, since it has a zero byte in it")]
    Zero,
    /// It is longer than any path may be.
    #[error("too long")]
    TooLong,
}

/// An export that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The destination cannot be used.
    #[error("cannot use {} as a destination folder", .path.display())]
    Destination {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A path that could lead anywhere.
    #[error("refused {path} from the daemon: the path is {fault}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        fault: PathFault,
    },
    /// An entry before its folder, after its turn, or twice.
    #[error("refused {0} from the daemon: it came out of order")]
    OutOfOrder(String),
    /// A hard link to a file that is not part of the export.
    #[error(
        "refused the link {path} from the daemon: it leads to {target}, which is no exported file"
    )]
    LinkToUnsent {
        /// The link.
        path: String,
        /// What it leads to.
        target: String,
    },
    /// A device, a pipe or a socket.
    #[error("refused {path} from the daemon: it is a {kind}")]
    Special {
        /// The entry.
        path: String,
        /// What it is.
        kind: &'static str,
    },
    /// A file with less than no bytes.
    #[error("refused {0} from the daemon: its size is negative")]
    NegativeSize(String),
    /// Contents of a file that nobody asked for, or that is complete.
    #[error("refused data from the daemon: entry {0} was not asked for")]
    Unrequested(u32),
    /// More contents than the file's size.
    #[error("refused {path} from the daemon: there is more of it than its {size} bytes")]
    TooMuchData {
        /// The file.
        path: String,
        /// Its size.
        size: u64,
    },
    /// Fewer contents than the file's size.
    #[error("the daemon sent {got} of {size} bytes of {path}")]
    TooLittleData {
        /// The file.
        path: String,
        /// Its size.
        size: u64,
        /// What arrived.
        got: u64,
    },
    /// More entries than [`Limits::entries`](super::Limits::entries).
    #[error("the daemon sends more than {0} files")]
    TooManyEntries(u32),
    /// More bytes of paths than [`Limits::path_bytes`](super::Limits::path_bytes).
    #[error("the daemon sends file names of more than {0} bytes in all")]
    TooLongNames(usize),
    /// More files in parts than [`Limits::open_files`](super::Limits::open_files).
    #[error("the daemon sends more than {0} files at the same time")]
    TooManyOpen(usize),
    /// More transfers than [`Limits::transfers`](super::Limits::transfers).
    #[error("the daemon sends the same output more than {0} times")]
    TooManyTransfers(u32),
    /// What another platform's result has already.
    #[error("cannot write {0}: the results of two platforms have it")]
    TwoResults(String),
    /// A packet that makes no sense, or not any more.
    #[error("the daemon sent a packet of type {0} where it has no meaning")]
    Unexpected(i32),
    /// Something of another kind has the name already. It is never removed.
    #[error("cannot write {path}: a {there} of that name is in the destination")]
    InTheWay {
        /// The entry.
        path: String,
        /// What has its name.
        there: &'static str,
    },
    /// A folder that was made is now something else.
    #[error("cannot write into {0}: it was replaced by something that is no folder")]
    ParentReplaced(String),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The other side gave up.
    #[error("the daemon could not send the files: {0}")]
    Peer(String),
    /// The stream of packets broke.
    #[error("lost the daemon while receiving files")]
    Stream(#[source] StreamError),
    /// The stream of packets ended too early.
    #[error("the daemon ended the transfer of files too early")]
    EndedEarly,
    /// A thread of this program ended too early.
    #[error("a worker of this program ended too early")]
    Worker(#[from] JoinError),
}

impl ReceiveError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InTheWay { .. } => {
                Some("remove it, choose another destination, or let mode=delete replace it")
            }
            Self::Special { .. } => Some("export as tar, which can hold such files"),
            Self::Destination { .. } => Some("choose a folder that you may write to"),
            Self::TwoResults(_) => {
                Some("leave out platform-split=false, and each platform gets a folder of its own")
            }
            Self::ParentReplaced(_) => Some("let nothing else change the destination meanwhile"),
            Self::File(_) => Some("make room and see that you may write there, then build again"),
            Self::TooLittleData { .. } => {
                Some("the daemon could not read all of it: build again, and look into its log")
            }
            Self::TooManyEntries(_) | Self::TooLongNames(_) => {
                Some("export fewer files, or as tar, which has no such limit")
            }
            Self::Path { .. }
            | Self::OutOfOrder(_)
            | Self::LinkToUnsent { .. }
            | Self::NegativeSize(_)
            | Self::Unrequested(_)
            | Self::TooMuchData { .. }
            | Self::TooManyOpen(_)
            | Self::TooManyTransfers(_)
            | Self::Unexpected(_) => Some(
                "no BuildKit does that: find out what daemon this is before you build on it again",
            ),
            Self::Peer(_) | Self::Stream(_) | Self::EndedEarly | Self::Worker(_) => None,
        }
    }

    /// The other side does not need to be told.
    pub(super) const fn is_known(&self) -> bool {
        matches!(self, Self::Peer(_) | Self::Stream(_) | Self::EndedEarly)
    }
}
