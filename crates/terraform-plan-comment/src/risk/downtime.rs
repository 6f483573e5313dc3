//! What serves others and goes away.

use crate::verb::Verb;

use super::catalog::SERVERS;
use super::{Grade, Risk};

/// The risks of downtime.
pub(super) fn risks(kind: &str, verb: &Verb) -> Option<Risk> {
    let (_, what) = SERVERS.iter().find(|(known, _)| *known == kind)?;
    let reason = match verb {
        Verb::Delete => format!("takes {what} away"),
        Verb::DeleteThenCreate => format!("takes {what} away until the new one is there"),
        Verb::CreateThenDelete => {
            format!("replaces {what}; the new one comes first, and who knows the old one by its id or address loses it")
        }
        Verb::CreateAndForget
        | Verb::Unknown(_)
        | Verb::Forget
        | Verb::Update
        | Verb::Create
        | Verb::Nothing
        | Verb::Read
        | Verb::Open => return None,
    };
    Some(Risk::new(Grade::Downtime, reason))
}
