//! The table as a file: what is promised, not what was seen.

use std::path::PathBuf;

use serde::Serialize;

use super::cell::Cell;
use super::{Class, Expected, Kind};

/// Set to `write` it writes the table of a scenario all of whose promises were kept just now.
const PUBLISH: &str = "SLIPWAY_FAULTS_TABLE";

#[derive(Serialize)]
struct Row<'a> {
    call: &'a str,
    target: &'a str,
    nth: usize,
    class: Class,
    fault: Kind,
    ends: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a super::Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'static str>,
}

/// Compares the committed table of a scenario with `cells`, or writes it.
pub(super) fn publish(name: &str, cells: &[Cell]) -> Option<String> {
    let path = folder().join(format!("{name}.json"));
    let rows: Vec<String> =
        cells.iter().map(|cell| serde_json::to_string(&row(cell)).expect("a row is JSON")).collect();
    let text = format!("[\n{}\n]\n", rows.join(",\n"));
    if std::env::var(PUBLISH).is_ok_and(|mode| mode == "write") {
        std::fs::create_dir_all(folder()).expect("the folder of the tables");
        std::fs::write(&path, text).expect("the table");
        return None;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    // Calls that are made at once arrive in any order; the committed one is that of the run which wrote the table.
    (sorted(&committed) != sorted(&text)).then(|| {
        format!(
            "`docs/reference/faults/{name}.json` is not the table that was asserted; run this test with {PUBLISH}=write, then \
             `cargo xtask docs`"
        )
    })
}

/// The rows of a table in an order of their own.
fn sorted(table: &str) -> Vec<&str> {
    let mut rows: Vec<&str> = table.lines().map(|row| row.trim_end_matches(',')).collect();
    rows.sort_unstable();
    rows
}

fn row(cell: &Cell) -> Row<'_> {
    let (ends, failure) = match &cell.expected {
        Expected::Retried => ("retried", None),
        Expected::Unnoticed => ("unnoticed", None),
        Expected::Fails(failure) => ("fails", Some(failure)),
    };
    let point = &cell.point;
    Row {
        call: &point.call.operation,
        target: &point.call.target,
        nth: point.nth,
        class: point.class,
        fault: cell.kind,
        ends,
        failure,
        exception: cell.reason,
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/faults")
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn tables_are_the_same_whatever_arrived_first() {
        assert_eq!(sorted("[\n{\"a\":1},\n{\"b\":2}\n]\n"), sorted("[\n{\"b\":2},\n{\"a\":1}\n]\n"));
        assert_ne!(sorted("[\n{\"a\":1}\n]\n"), sorted("[\n{\"a\":1},\n{\"a\":1}\n]\n"));
    }
}
