//! How verbs print: tables for people, JSON for programs.

use comfy_table::Table;
use comfy_table::presets::NOTHING;
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

/// A plain table with a header.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    say(table);
}

/// The hub answered something that does not belong to the question.
pub(super) fn unexpected(response: &Response) -> Failure {
    Failure::new(format!("the hub gave an unexpected answer: {response:?}"))
}
