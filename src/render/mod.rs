//! Words out: events, rows and failures as people and programs read them. Nothing else prints.

mod amount;
mod answer;
mod builder_document;
mod builder_list;
mod builders;
mod colour;
mod defaults;
mod excerpt;
mod failure;
mod inspected;
mod inspected_document;
mod line;
mod objects;
mod platforms;
mod progress;
mod table;
mod text;
mod warnings;
mod window;

pub use answer::{Answer, answer};
pub use builder_list::{Inspected, List};
pub use builders::{builders, troubles};
pub use defaults::defaults;
pub use excerpt::source_excerpt;
pub use failure::failure;
pub use inspected::inspected;
pub use line::{line, notes, text, version, written};
pub use objects::{difference, object_name, objects};
pub use progress::{Options, Summary, listen, resolve, warning_objects};
