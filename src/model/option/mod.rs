//! The options of a builder: their names, and the types of their values.

mod invalid;
mod name;
mod nearest;
mod place;
mod quantity;
mod requirement;
mod selector;
mod setting;
mod syntax;
mod toleration;

pub use invalid::Invalid;
pub use name::{OptionName, Resource};
pub use nearest::nearest;
pub use place::{Listen, topology};
pub use quantity::Quantity;
pub use requirement::{Comparison, Requirement};
pub use selector::Selector;
pub use setting::{LoadBalance, Setting};
pub use syntax::{annotation, env_name, image, label, namespace, object_name};
pub use toleration::{Effect, Operator, Toleration, TolerationFields};
