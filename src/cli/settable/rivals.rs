//! Flags that exclude each other.

use clap::Command;

/// What clap is not told of, as each has its own message in `plan`.
pub(super) const REFUSED_LATER: [(&str, &str); 6] = [
    ("quiet", "progress"),
    ("no_cache", "no_cache_filter"),
    ("check", "call"),
    ("rootless", "user_namespace"),
    ("memory_cache", "storage"),
    ("memory_cache", "storage_class"),
];

/// The ids of what cannot be given together with the argument `id` of a command.
pub fn rivals(command: &Command, id: &str) -> Vec<String> {
    let mut rivals: Vec<String> = Vec::new();
    for argument in command.get_arguments().filter(|arg| !arg.is_global_set()) {
        let this = argument.get_id().as_str();
        for other in command.get_arg_conflicts_with(argument) {
            let other = other.get_id().as_str();
            if this == id {
                rivals.push(other.to_owned());
            } else if other == id {
                rivals.push(this.to_owned());
            }
        }
    }
    for (one, other) in REFUSED_LATER {
        if one == id {
            rivals.push(other.to_owned());
        } else if other == id {
            rivals.push(one.to_owned());
        }
    }
    rivals
}
