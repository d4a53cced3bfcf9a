//! What is wrong with a pod, in Kubernetes' own words.

/// A container that ends again and again.
pub(super) const CRASHES: &str = "CrashLoopBackOff";
/// A container that was killed for the memory that it took.
pub(super) const OUT_OF_MEMORY: &str = "OOMKilled";
/// A pod that fits nowhere.
pub(super) const UNSCHEDULABLE: &str = "Unschedulable";
/// A pod that its scheduler has not looked at.
pub(super) const UNSEEN: &str = "NotScheduled";
/// A pod that something else holds back.
pub(super) const GATED: &str = "SchedulingGated";

/// Why a pod does not come up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One word, for instance `ImagePullBackOff`.
    pub reason: String,
    /// What Kubernetes says about it; may be empty.
    pub message: String,
    /// The container that it is about, if it is about one.
    pub container: Option<String>,
}

impl Trouble {
    pub(super) fn new(reason: &str, message: Option<&String>) -> Self {
        Self {
            reason: reason.to_owned(),
            message: message.cloned().unwrap_or_default(),
            container: None,
        }
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
