//! The `kubectl-buildkit` program.

fn main() {}
