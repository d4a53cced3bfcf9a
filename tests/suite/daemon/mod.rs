//! Builds on a real buildkitd, without a cluster: `make test` starts one and names it.

mod cancel;
mod contexts;
mod display;
mod failures;
mod inputs;
mod outputs;
mod registries;
mod sandbox;
mod secrets;
mod uploads;
