//! Packets leave in batches: each hand-over wakes the connection, which costs more than a small
//! packet does.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use crate::proto::fsutil::Packet;

/// Packets that leave together.
pub type Batch = Vec<Packet>;

/// Packets of one batch at most.
pub(super) const PACKETS: usize = 64;

/// What one thread is about to send.
pub(super) struct Outbox<'a> {
    packets: &'a mpsc::Sender<Batch>,
    stopped: &'a AtomicBool,
    batch: Batch,
    /// Bytes of data in the batch.
    bytes: usize,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(packets: &'a mpsc::Sender<Batch>, stopped: &'a AtomicBool) -> Self {
        Self {
            packets,
            stopped,
            batch: Batch::new(),
            bytes: 0,
        }
    }

    /// Adds a packet, and sends the batch if it is full: of packets, or with `limit` bytes of data.
    /// `None` if the transfer is over, or nobody listens any more.
    pub(super) fn put(&mut self, packet: Packet, limit: usize) -> Option<()> {
        self.bytes += packet.data.len();
        self.batch.push(packet);
        if self.batch.len() >= PACKETS || self.bytes >= limit {
            return self.flush();
        }
        self.is_wanted()
    }

    /// Sends what waits. `None` as for `put`.
    pub(super) fn flush(&mut self) -> Option<()> {
        self.is_wanted()?;
        if self.batch.is_empty() {
            return Some(());
        }
        self.bytes = 0;
        self.packets.blocking_send(mem::take(&mut self.batch)).ok()
    }

    fn is_wanted(&self) -> Option<()> {
        (!self.stopped.load(Ordering::Relaxed)).then_some(())
    }
}
