//! The scenarios as a table for people.

use std::fmt::Write as _;

use super::scenario::Scenario;

/// The table as Markdown.
pub fn markdown(scenarios: &[Scenario]) -> String {
    let mut text = "| scenario | what happens | AWS's verdict | after | ours | exit code | the official action |\n\
                    |---|---|---|---:|---|---:|---|\n"
        .to_owned();
    for scenario in scenarios {
        let Scenario { name, what, aws, ours, official, .. } = scenario;
        let after = aws.at.map_or_else(|| "-".to_owned(), |at| format!("{at} s"));
        let verdict = if ours.verdict.is_empty() { "an error".to_owned() } else { format!("`{}`", ours.verdict) };
        let aws = if aws.verdict == "-" { "none".to_owned() } else { format!("`{}`", aws.verdict) };
        let official = official.word();
        // Nothing can be written wrongly into a text.
        let _ = writeln!(text, "| `{name}` | {what} | {aws} | {after} | {verdict} | {} | {official} |", ours.exit);
    }
    text
}
