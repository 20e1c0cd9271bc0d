//! How verbs print: tables for people, JSON for programs.

use std::io::IsTerminal;

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use crate::admin::Response;
use crate::failure::{Context, Failure};
use crate::stdout::say;

/// One JSON value on standard output.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    say(format_args!(
        "{}",
        serde_json::to_string_pretty(value).context("cannot write JSON")?
    ));
    Ok(())
}

/// A plain table with a header. A terminal has its cells folded so that they fit; where it goes into a pipe each row is
/// one line.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    if std::io::stdout().is_terminal() {
        let (_, width) = console::Term::stdout().size();
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    for row in rows {
        table.add_row(row);
    }
    say(table);
}

/// The hub answered something that does not belong to the question.
pub(super) fn unexpected(response: &Response) -> Failure {
    Failure::new(format!("the hub gave an unexpected answer: {response:?}"))
}
