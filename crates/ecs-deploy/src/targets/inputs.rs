//! Names of rules and schedules.

use std::fmt;

use actions_core::{InputErrors, lines};
use serde::Serialize;

use crate::args::TargetArgs;

/// The rules and schedules to move.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TargetInputs {
    pub(crate) rules: Vec<Place>,
    pub(crate) schedules: Vec<Place>,
}

/// A name, and the bus or the group that it is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// The bus or the group; `default` unless it is named.
    pub(crate) within: String,
    pub(crate) name: String,
}

impl TargetInputs {
    /// Whether nothing is to be moved.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.schedules.is_empty()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.within == "default" { f.write_str(&self.name) } else { write!(f, "{}/{}", self.within, self.name) }
    }
}

/// Parses the names of both.
pub(crate) fn parse(args: &TargetArgs, bad: &mut InputErrors) -> TargetInputs {
    TargetInputs {
        rules: once("event-rules", bad.list("event-rules", &lines(&args.event_rules), rule), bad),
        schedules: once("schedules", bad.list("schedules", &lines(&args.schedules), schedule), bad),
    }
}

fn once(input: &str, places: Vec<Place>, bad: &mut InputErrors) -> Vec<Place> {
    let twice = places.iter().enumerate().find(|(index, place)| places[..*index].contains(place));
    if let Some((_, place)) = twice {
        bad.add(input, format!("names `{place}` twice"), Some("name each once".to_owned()));
    }
    places
}

/// A partner's bus has slashes in its name, a rule has none.
fn rule(text: &str) -> Result<Place, String> {
    let (within, name) = text.rsplit_once('/').unwrap_or(("default", text));
    place(within, name, 256).ok_or_else(|| "not a rule; write RULE, or BUS/RULE".to_owned())
}

fn schedule(text: &str) -> Result<Place, String> {
    let (within, name) = text.split_once('/').unwrap_or(("default", text));
    place(within, name, 64)
        .filter(|place| !place.within.contains('/'))
        .ok_or_else(|| "not a schedule; write SCHEDULE, or GROUP/SCHEDULE".to_owned())
}

fn place(within: &str, name: &str, longest: usize) -> Option<Place> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let fits = |text: &str, longest| (1..=longest).contains(&text.len());
    let good = fits(name, longest) && name.chars().all(allowed) && fits(within, 256);
    let good = good && within.chars().all(|c| allowed(c) || c == '/');
    good.then(|| Place { within: within.to_owned(), name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_a_bus_or_a_group() {
        let shown = |place: Result<Place, String>| place.map(|place| (place.within, place.name));
        let pair = |within: &str, name: &str| Ok((within.to_owned(), name.to_owned()));
        assert_eq!(shown(rule("nightly")), pair("default", "nightly"));
        assert_eq!(shown(rule("aws.partner/shop/1/nightly")), pair("aws.partner/shop/1", "nightly"));
        assert_eq!(shown(schedule("billing/nightly")), pair("billing", "nightly"));
        for bad in ["", "a b", "/", "bus/", "$(x)", "arn:aws:events:x:1:rule/a"] {
            assert!(rule(bad).is_err() && schedule(bad).is_err(), "{bad}");
        }
        assert!(schedule("a/b/c").is_err());
    }
}
