//! What is wrong with a pod, in Kubernetes' own words.

/// A container that ends again and again.
pub(super) const CRASHES: &str = "CrashLoopBackOff";
/// A pod that fits nowhere. A cluster that grows by itself may cure it.
pub(super) const UNSCHEDULABLE: &str = "Unschedulable";

/// Why a pod does not come up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One word, for instance `ImagePullBackOff`.
    pub reason: String,
    /// What Kubernetes says about it; may be empty.
    pub message: String,
}

impl Trouble {
    pub(super) fn new(reason: &str, message: Option<&String>) -> Self {
        Self {
            reason: reason.to_owned(),
            message: message.cloned().unwrap_or_default(),
        }
    }

    /// Whether time alone may cure it.
    pub fn may_pass(&self) -> bool {
        self.reason == UNSCHEDULABLE
    }

    /// Whether the daemon itself ended, so that its last words tell why.
    pub fn is_crash(&self) -> bool {
        self.reason == CRASHES
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}
