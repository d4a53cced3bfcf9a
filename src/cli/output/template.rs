//! What a template of kubectl's `jsonpath` consists of.

/// A template that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its parts, in the order in which they are printed.
    pub parts: Vec<Part>,
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text outside of braces, printed as it is.
    Text(String),
    /// What the steps between two braces lead to, blanks between several results.
    Action(Path),
    /// Parts that are printed for each result of the path: `{range PATH}` to `{end}`.
    Range(Path, Vec<Part>),
}

/// Steps, each from all that the one before it led to.
pub type Path = Vec<Step>;

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Whatever was there: this text, number, or yes or no.
    Constant(Constant),
    /// `.name` or `['name']`.
    Field(String),
    /// `[2]`, `[1:3]`, `[-1:]`, `[::2]`, `[*]`.
    Slice(Slice),
    /// `[?(@.a == "b")]`.
    Filter(Box<Filter>),
    /// `.*`
    Wildcard,
    /// `..`
    Recursive,
    /// `[0,'name']`: what all of these lead to.
    Union(Vec<Path>),
}

/// A value that stands in the template.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// In quotes.
    Text(String),
    /// A number without a fraction.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
}

/// Which items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    /// One item; counted from the end if it is negative.
    Index(i64),
    /// The items from one to before another, every so many.
    Range {
        /// The first; else the first of all.
        start: Option<i64>,
        /// The one behind the last; else all are meant.
        end: Option<i64>,
        /// How far it is from one to the next.
        step: Option<i64>,
    },
}

/// Which items of a list, by what is in them.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Those in which the path leads to something.
    Exists(Path),
    /// Those in which both paths lead to one value each, and these compare so.
    Compare(Path, Comparator, Path),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// Why a text is no template, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at character {at}{before}")]
pub struct InvalidTemplate {
    pub(super) what: String,
    /// Counted from 1.
    pub(super) at: usize,
    /// What stands there, in words.
    pub(super) before: String,
}
