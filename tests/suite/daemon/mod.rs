//! Builds on a real buildkitd, without a cluster: `make test` starts one and names it.

mod caches;
mod call;
mod cancel;
mod compared;
mod contexts;
mod describe;
mod display;
mod failures;
mod folders;
mod inputs;
mod layouts;
mod load;
mod metadata;
mod outputs;
mod policies;
mod registries;
mod sandbox;
mod secrets;
mod selection;
mod spellings;
mod uploads;
