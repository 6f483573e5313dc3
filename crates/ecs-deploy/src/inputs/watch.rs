//! What is waited for, and how long.

use std::time::Duration;

use actions_core::{InputErrors, duration};

use crate::args::WatchArgs;
use crate::rollout::WaitUntil;

/// How long a deployment is waited for when nothing else is said; the official action's default.
const DEFAULT_LIMIT: Duration = Duration::from_mins(30);

/// What is waited for, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watch {
    /// What to wait for.
    pub(crate) until: WaitUntil,
    /// How long.
    pub(crate) limit: Duration,
    /// Whether what CodeDeploy itself waits is added: as with the official action, unless `wait-timeout` says how long.
    pub(crate) adds_waits: bool,
    /// How many tasks that stop for one cause end the wait; 0: none.
    pub(crate) fail_fast_after: usize,
}

impl Watch {
    /// Parses the inputs that all commands have.
    pub(crate) fn parse(args: &WatchArgs, bad: &mut InputErrors) -> Self {
        Self::of(args, None, bad)
    }

    /// The same with `wait-for-minutes`.
    pub(super) fn of(args: &WatchArgs, minutes: Option<&str>, bad: &mut InputErrors) -> Self {
        let limit = bad.optional("wait-timeout", args.wait_timeout.as_deref(), duration);
        let in_minutes = bad.optional("wait-for-minutes", minutes, parse_minutes);
        if limit.is_some() && in_minutes.is_some() {
            bad.add("wait-for-minutes", "says the same as `wait-timeout`", Some("keep one of the two".to_owned()));
        }
        Self {
            until: bad.optional("wait-until", Some(&args.wait_until), WaitUntil::parse).unwrap_or_default(),
            limit: limit.or(in_minutes).unwrap_or(DEFAULT_LIMIT),
            adds_waits: limit.is_none(),
            fail_fast_after: bad
                .optional("fail-fast-after", Some(&args.fail_fast_after), parse_tasks)
                .unwrap_or_default(),
        }
    }
}

fn parse_tasks(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count <= 100).ok_or_else(|| "not a number of tasks from 0 to 100".to_owned())
}

/// The longest that the official action waits; it takes more for that.
const MOST_MINUTES: u64 = 360;

fn parse_minutes(text: &str) -> Result<Duration, String> {
    let minutes = text.parse::<u64>().ok().filter(|minutes| *minutes > 0);
    let minutes = minutes.ok_or_else(|| format!("not a number of minutes from 1 to {MOST_MINUTES}"))?;
    Ok(Duration::from_mins(minutes.min(MOST_MINUTES)))
}

/// What is to be told of more minutes than that.
pub(super) fn too_many(minutes: Option<&str>) -> Option<String> {
    let minutes: u64 = minutes?.parse().ok()?;
    (minutes > MOST_MINUTES)
        .then(|| format!("`wait-for-minutes`: {minutes} is taken for {MOST_MINUTES}, the longest wait"))
}
