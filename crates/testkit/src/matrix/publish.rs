//! The table as a file: what is promised, not what was seen.

use std::path::PathBuf;

use serde::Serialize;

use super::cell::Cell;
use super::{Expected, Failure, Mishap, Named};

/// Set to `write` it writes the table of a scenario all of whose promises were kept just now.
const PUBLISH: &str = "SLIPWAY_FAULTS_TABLE";

#[derive(Serialize)]
struct Row<'a, C: Serialize, K: Serialize> {
    call: &'a str,
    target: &'a str,
    nth: usize,
    class: C,
    fault: K,
    ends: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<&'static str>,
}

/// The row of a call's fault. `fails` is how a scenario ends that fails without any fault.
pub(super) fn row(cell: &Cell, fails: Option<&Failure>) -> String {
    let (point, (ends, failure)) = (&cell.point, ends(&cell.expected, fails));
    let Named { operation, target, .. } = &point.call;
    let (nth, class, fault, exception) = (point.nth, point.class, cell.kind, cell.reason);
    json(&Row { call: operation, target, nth, class, fault, ends, failure, exception })
}

/// The row of a mishap.
pub(super) fn mishap_row<W>(mishap: &Mishap<W>) -> String {
    let (ends, failure) = ends(&mishap.expected, None);
    let (call, fault) = (mishap.subject, mishap.trouble);
    json(&Row { call, target: "", nth: 1, class: "Machine", fault, ends, failure, exception: None })
}

fn ends<'a>(expected: &'a Expected, fails: Option<&'a Failure>) -> (&'static str, Option<&'a Failure>) {
    match expected {
        Expected::Retried => ("retried", fails),
        Expected::Unnoticed => ("unnoticed", fails),
        Expected::Fails(failure) => ("fails", Some(failure)),
    }
}

fn json(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("a row is JSON")
}

/// Compares the committed table of a scenario with `rows`, or writes it.
pub(super) fn publish(name: &str, rows: &[String]) -> Option<String> {
    let path = folder().join(format!("{name}.json"));
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
