//! Talks to the daemons of builders: connects, asks, and looks at what they answer.

pub(super) mod ask;
pub(super) mod connect;
mod direct;
mod expiry;
pub(super) mod inspect;
pub(super) mod known;
pub(super) mod logins;
pub(super) mod trust;
