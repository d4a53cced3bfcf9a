//! What a registry's server has to prove.

/// What a registry's server has to prove before it is spoken to. Without anything said: that it has a
/// certificate of an authority that this machine knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Whether it may have no TLS.
    pub is_plain: bool,
    /// Whether any certificate is good enough.
    pub is_unverified: bool,
    /// More authorities, in PEM.
    pub authorities: Vec<Vec<u8>>,
}
