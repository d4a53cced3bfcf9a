//! The messages of BuildKit's wire, generated at build time from the `.proto` files beside this one.
//!
//! Only what this program sends or reads stands in those files; unknown fields are skipped.

mod packages {
    #![expect(
        missing_docs,
        unreachable_pub,
        clippy::pedantic,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        reason = "generated code"
    )]
    include!(concat!(env!("OUT_DIR"), "/packages.rs"));
}

pub use packages::containerd::services::content::v1 as content;
pub use packages::fsutil::types as fsutil;
pub use packages::google::rpc;
pub use packages::grpc::health::v1 as health;
pub use packages::moby::buildkit::secrets::v1 as secrets;
pub use packages::moby::buildkit::v1 as control;
pub use packages::moby::buildkit::v1::sourcepolicy::policysession;
pub use packages::moby::buildkit::v1::{frontend, sourcepolicy, types};
pub use packages::moby::filesync::v1 as session;
pub use packages::moby::sshforward::v1 as ssh;
pub use packages::moby::upload::v1 as upload;
pub use packages::pb;
