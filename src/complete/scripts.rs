//! Scripts that make shells ask this program.

/// The executable that kubectl asks what fits behind `kubectl buildkit`.
pub const SHIM: &str = include_str!("scripts/kubectl_complete-buildkit");

/// The name under which kubectl looks for it.
pub const SHIM_NAME: &str = "kubectl_complete-buildkit";

/// The variable with which our own scripts ask: they leave an answer as it is.
pub const EXACT: &str = "KUBECTL_BUILDKIT_COMPLETE";

/// For GNU bash; asks the program.
pub const BASH: &str = include_str!("scripts/kubectl-buildkit.bash");
/// For zsh; asks the program.
pub const ZSH: &str = include_str!("scripts/kubectl-buildkit.zsh");
/// For fish; asks the program.
pub const FISH: &str = include_str!("scripts/kubectl-buildkit.fish");
/// For `PowerShell`: commands and flags.
pub const POWERSHELL: &str = include_str!("../../completions/kubectl-buildkit.powershell");
/// For elvish: commands and flags.
pub const ELVISH: &str = include_str!("../../completions/kubectl-buildkit.elvish");
