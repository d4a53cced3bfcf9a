//! `ls`.

use std::time::Duration;

use clap::Args;

use crate::model::{BuilderName, Selector};

use super::output::{Form, OF_LISTS, forms};
use super::value::{self, YesOrNo as _};

/// List builders.
///
/// Without a namespace these are the builders of the kube context's, and of those in which this
/// machine saw builders before.
#[derive(Debug, Clone, Args)]
#[command(visible_alias = "list")]
pub struct LsArgs {
    /// Builder that is marked with "*"
    #[arg(
        help = "Builder that is marked with \"*\" [default: $BUILDX_BUILDER, else what `use` chose]"
    )]
    #[arg(long, value_name = "NAME", value_parser = BuilderName::existing)]
    pub builder: Option<BuilderName>,

    /// Look in all namespaces
    #[arg(long, short = 'A', no_unless_said())]
    pub all_namespaces: bool,

    /// Show only nodes whose labels this selector matches, for instance team=a
    #[arg(
        long,
        short = 'l',
        value_name = "SELECTOR",
        default_value = "",
        hide_default_value = true
    )]
    pub selector: Selector,

    /// Form of the output; templates and columns are kubectl's
    #[arg(
        long,
        short,
        value_name = "FORM",
        default_value = "table",
        value_parser = forms(OF_LISTS)
    )]
    pub output: Form,

    /// Show builders again whenever they change, until Ctrl-C
    #[arg(long, short)]
    pub watch: bool,

    /// How long all daemons together may take to answer [default: 5s, less if there are many]
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub timeout: Option<Duration>,

    /// How a table looks.
    #[command(flatten)]
    pub table: TableArgs,
}

/// How a table looks.
#[derive(Debug, Clone, Copy, Args)]
pub struct TableArgs {
    /// Leave out the line with the names of the columns
    #[arg(long, no_unless_said())]
    pub no_headers: bool,

    /// Show all platforms, and cut nothing to the width of the terminal
    #[arg(long, no_unless_said())]
    pub no_trunc: bool,
}
