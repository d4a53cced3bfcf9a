//! What a daemon may do, and what follows from that.

const IMAGE: &str = "moby/buildkit:buildx-stable-1";
const ROOTLESS_IMAGE: &str = "moby/buildkit:buildx-stable-1-rootless";

/// What the daemon may do on its cluster node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything; Pod Security level `privileged`.
    Privileged,
    /// As user 1000 in a user namespace of its own making; also Pod Security level `privileged`,
    /// as its seccomp and `AppArmor` profiles must be off.
    Rootless,
    /// Everything in a user namespace that Kubernetes makes for the pod (`hostUsers: false`); Pod
    /// Security level `privileged`. It takes Kubernetes 1.33 or its feature gate, containerd 2 and
    /// runc 1.2.
    UserNamespace,
}

impl Mode {
    pub(super) const fn default_image(self) -> &'static str {
        match self {
            Self::Privileged | Self::UserNamespace => IMAGE,
            Self::Rootless => ROOTLESS_IMAGE,
        }
    }

    /// Where the daemon keeps its state, and with it the cache.
    pub const fn state_folder(self) -> &'static str {
        match self {
            Self::Privileged | Self::UserNamespace => "/var/lib/buildkit",
            Self::Rootless => "/home/user/.local/share/buildkit",
        }
    }
}
