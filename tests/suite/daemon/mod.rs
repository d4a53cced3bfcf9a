//! Builds on a real buildkitd, without a cluster: `make test` starts one and names it.

mod cancel;
mod display;
mod failures;
mod inputs;
mod load;
mod metadata;
mod outputs;
mod sandbox;
mod secrets;
mod uploads;
