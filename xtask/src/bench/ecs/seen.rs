//! How a program's run ended, and what it had registered.

use serde_json::Value;
use testkit::ecs::Official;

/// What was seen of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The exit code; `None` for a program that did not end by itself.
    pub(super) exit: Option<i32>,
    /// The output `verdict`; empty where there is none.
    pub(super) verdict: String,
    /// Whether the official action's waiter said that the time was up.
    pub(super) timed_out: bool,
    /// The scenario's time when the program ended, in milliseconds.
    pub(super) end: u128,
    /// How many values of the task definition were registered otherwise than the file has them.
    pub(super) changed: usize,
}

impl Seen {
    /// What the official action's run amounts to, when AWS's own verdict comes after `verdict` seconds.
    pub(super) fn official(&self, verdict: Option<u64>) -> Official {
        match self.exit {
            None => Official::Hangs,
            Some(0) if verdict.is_some_and(|second| self.end < u128::from(second) * 1000) => Official::TooEarly,
            Some(0) => Official::Success,
            Some(_) if self.timed_out => Official::TimesOut,
            Some(_) => Official::Failure,
        }
    }

    /// A few words: the verdict, the exit code, the values that were changed.
    pub(super) fn words(&self, verdict: &str) -> String {
        let exit = self.exit.map_or_else(|| "killed".to_owned(), |code| format!("exit {code}"));
        let verdict = if verdict.is_empty() { "an error" } else { verdict };
        // What was registered matters where it was deployed.
        match self.changed {
            _ if self.exit != Some(0) => format!("{verdict} ({exit})"),
            0 => format!("{verdict} ({exit})"),
            1 => format!("{verdict} ({exit}), 1 value not as written"),
            changed => format!("{verdict} ({exit}), {changed} values not as written"),
        }
    }
}

/// The value of an output in the text of `GITHUB_OUTPUT`: `name=value`, or `name<<END`, lines, `END`.
pub(super) fn output(text: &str, name: &str) -> String {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(value) = line.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return value.to_owned();
        }
        if let Some((found, end)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            if found == name {
                return value.join("\n");
            }
        }
    }
    String::new()
}

/// How many values of `written` are missing or others in `registered`. What was added does not count: AWS fills in defaults.
pub(super) fn changed(written: &Value, registered: &Value) -> usize {
    match (written, registered) {
        (Value::Object(fields), _) => {
            let of = |(name, value): (&String, &Value)| changed(value, registered.get(name).unwrap_or(&Value::Null));
            fields.iter().map(of).sum()
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items.iter().zip(others).map(|(item, other)| changed(item, other)).sum()
        }
        _ => usize::from(written != registered),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn outputs_are_read_in_both_forms() {
        let text = "a=1\nverdict<<E1\nrolled-back\nE1\nreason<<E2\nverdict=x\ny\nE2\nlast=b=c\n";
        let read = ["a", "verdict", "reason", "last", "none"].map(|name| output(text, name));
        assert_eq!(read, ["1", "rolled-back", "verdict=x\ny", "b=c", ""]);
    }

    #[test]
    fn values_that_are_not_as_written_are_counted() {
        let written = json!({"a": 1, "list": ["sh", "", "echo"], "map": {"x": ""}, "kept": [{"n": 1}]});
        let registered = json!({"a": 2, "list": ["sh", "echo"], "kept": [{"n": 1, "added": true}]});
        assert_eq!(changed(&written, &registered), 3);
        assert_eq!(changed(&written, &written), 0);
    }

    #[test]
    fn a_run_of_the_official_action_is_told_by_its_exit_code_and_its_words() {
        let seen = |exit, timed_out| Seen { exit, verdict: String::new(), timed_out, end: 1, changed: 0 };
        let told = [(Some(0), false), (Some(1), false), (Some(1), true), (None, false)]
            .map(|(exit, timed_out)| seen(exit, timed_out).official(None));
        assert_eq!(told, [Official::Success, Official::Failure, Official::TimesOut, Official::Hangs]);
        let early = [0, 1].map(|verdict| seen(Some(0), false).official(Some(verdict)));
        assert_eq!(early, [Official::Success, Official::TooEarly]);
    }
}
