//! Tables on stdout.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{Cell, CellAlignment, Table};

/// Prints a table; columns whose name ends in `>` are aligned to the right.
pub(crate) fn print(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(columns.iter().map(|name| Cell::new(name.trim_end_matches('>'))));
    for row in rows {
        table.add_row(row.iter().zip(columns).map(|(value, column)| {
            let alignment = if column.ends_with('>') { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(value).set_alignment(alignment)
        }));
    }
    println!("{table}\n");
}
