//! The rollout as a Mermaid gantt chart: what took how long (<https://mermaid.js.org/syntax/gantt.html>).

mod spans;

use std::fmt::Write as _;
use std::time::Duration;

use crate::outcome::ServiceOutcome;
use spans::{Kind, Span, spans};

/// The chart of all services' rollouts; empty where nothing was followed.
///
/// Times are written as moments of one day, which Mermaid reads and shows in the same zone, so the axis counts from the start.
pub(crate) fn timeline(services: &[ServiceOutcome]) -> String {
    let sections: Vec<(&str, Vec<Span>)> = services
        .iter()
        .map(|service| (service.service.as_str(), spans(&service.events)))
        .filter(|(_, spans)| spans.len() > 1)
        .collect();
    let Some(end) = sections.iter().flat_map(|(_, spans)| spans).map(|span| span.to).max() else {
        return String::new();
    };
    let axis = match end.as_secs() {
        0..3600 => "%M:%S",
        3600..86400 => "%H:%M:%S",
        _ => "day %d %H:%M",
    };
    let mut chart = format!("gantt\n    dateFormat YYYY-MM-DD HH:mm:ss.SSS\n    axisFormat {axis}\n");
    for (service, spans) in sections {
        let _ = writeln!(chart, "    section {}", label(service));
        for span in spans {
            let _ = writeln!(
                chart,
                "    {} :{}{}, {}",
                label(&span.name),
                tag(span.kind),
                moment(span.from),
                end_of(&span)
            );
        }
    }
    format!("```mermaid\n{chart}```\n")
}

const fn tag(kind: Kind) -> &'static str {
    match kind {
        Kind::Done => "done, ",
        Kind::Active => "active, ",
        Kind::Failed => "crit, ",
        Kind::Milestone => "milestone, ",
        Kind::FailedMilestone => "crit, milestone, ",
    }
}

fn end_of(span: &Span) -> String {
    match span.kind {
        Kind::Done | Kind::Active | Kind::Failed => moment(span.to),
        Kind::Milestone | Kind::FailedMilestone => "0s".to_owned(),
    }
}

/// `75.5 s` as the moment `00:01:15.500` of the first day.
fn moment(at: Duration) -> String {
    let seconds = at.as_secs();
    // A deployment may pause for two weeks, and one chart never needs a second month.
    let day = (seconds / 86400).min(30) + 1;
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("2000-01-{day:02} {hours:02}:{minutes:02}:{:02}.{:03}", seconds % 60, at.subsec_millis())
}

/// `text` as the name of a section or of a bar: colons, semicolons and number signs have a meaning in Mermaid, percent signs and braces
/// start comments and directives, and what looks like HTML would be taken for it. A colon is written as its entity.
fn label(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut label = String::with_capacity(text.len());
    for character in text.chars().take(LONGEST) {
        match character {
            ':' => label.push_str("#58;"),
            _ if character.is_alphanumeric() || "-_./(),".contains(character) => label.push(character),
            _ => label.push(' '),
        }
    }
    let words: Vec<&str> = label.split_whitespace().collect();
    if words.is_empty() { "(no name)".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests;
