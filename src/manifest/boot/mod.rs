//! How a node comes up, and what keeps it from that: judged by what Kubernetes shows and says.

mod advice;
mod classify;
mod message;
mod news;
mod obstacle;
mod pod_trouble;
mod problem;
mod registry;
mod step;
mod verdict;
mod words;

pub use advice::{About, Advice, advice};
pub use classify::problem;
pub use news::News;
pub use pod_trouble::lacks_image;
pub use problem::Problem;
pub use step::step;
pub use verdict::{Enough, Refused, Verdict, Why, refused, verdict};
pub use words::last_words;
