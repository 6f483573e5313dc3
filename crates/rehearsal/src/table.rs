//! The closing table: step, result, time, evidence.

use std::fmt::Write as _;
use std::time::Duration;

use crate::screen::seconds;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) step: String,
    pub(crate) result: &'static str,
    pub(crate) time: Option<Duration>,
    pub(crate) evidence: String,
}

impl Row {
    /// The row of a warning that was told before anything started.
    pub(crate) fn warning(text: String) -> Self {
        Self { step: "check".to_owned(), result: "warning", time: None, evidence: text }
    }

    fn cells(&self) -> [String; 4] {
        let time = self.time.map(seconds).unwrap_or_default();
        [self.step.clone(), self.result.to_owned(), time, self.evidence.clone()]
    }
}

const HEADERS: [&str; 4] = ["step", "result", "time", "evidence (read back by foreign clients)"];

/// The table as aligned text.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut lines = vec![HEADERS.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for [step, result, time, evidence] in lines {
        let line =
            format!("{step:<a$}  {result:<b$}  {time:>c$}  {evidence}", a = widths[0], b = widths[1], c = widths[2]);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The table as Markdown.
pub(crate) fn markdown(rows: &[Row]) -> String {
    use actions_core::markdown::{Cell, table};
    let rows: Vec<Vec<Cell>> = rows.iter().map(|row| row.cells().map(Cell::Text).to_vec()).collect();
    table(&HEADERS, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let row = |step: &str, evidence: &str| Row {
            step: step.into(),
            result: "done",
            time: Some(Duration::from_millis(1250)),
            evidence: evidence.into(),
        };
        let table = text(&[row("a", "x"), row("longer", "")]);
        assert_eq!(
            table,
            "step    result   time  evidence (read back by foreign clients)\na       done    1.2 s  x\nlonger  done    1.2 s\n"
        );
    }
}
