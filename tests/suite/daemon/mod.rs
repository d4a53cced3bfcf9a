//! Builds on a real buildkitd, without a cluster: `make test` starts one and names it.

mod cancel;
mod display;
mod failures;
mod folders;
mod inputs;
mod outputs;
mod sandbox;
mod secrets;
mod selection;
mod spellings;
mod uploads;
