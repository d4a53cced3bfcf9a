//! Words out: events, rows and failures as people and programs read them. Nothing else prints.

mod amount;
mod answer;
mod builder_columns;
mod builder_document;
mod builder_list;
mod builder_watch;
mod builders;
mod colour;
mod defaults;
mod document;
mod excerpt;
mod failure;
mod inspected;
mod inspected_document;
mod line;
mod objects;
mod platforms;
mod progress;
mod table;
mod template;
mod text;
mod version;
mod warnings;
mod window;

pub use answer::{Answer, answer};
pub use builder_list::{Inspected, List};
pub use builder_watch::{Change, Watched};
pub use builders::{builders, troubles};
pub use defaults::defaults;
pub use excerpt::source_excerpt;
pub use failure::failure;
pub use inspected::inspected;
pub use line::{line, notes, text, warnings, written};
pub use objects::{difference, object_name, objects};
pub use progress::{Options, Summary, listen, resolve, warning_objects};
pub use version::{Versions, versions};
