//! Builds on a real buildkitd, without a cluster: `make test` starts one and names it.

mod caches;
mod cancel;
mod contexts;
mod display;
mod failures;
mod inputs;
mod layouts;
mod load;
mod metadata;
mod outputs;
mod registries;
mod sandbox;
mod secrets;
mod uploads;
