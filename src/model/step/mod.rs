//! What the steps of a build run in: sizes, limits, hosts, networks.

mod host;
mod limit;
mod memory;
mod network;
mod ulimit;

pub use host::{HostEntry, InvalidHost};
pub use limit::{InvalidLimit, StepLimit, StepResource};
pub use memory::{InvalidMemory, MemorySize};
pub use network::{InvalidNetwork, NetworkMode};
pub use ulimit::{InvalidUlimit, Ulimit};
