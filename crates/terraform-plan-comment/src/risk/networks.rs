//! Networks that everybody may come from.

use std::collections::BTreeSet;

use crate::diff::on_one_line;
use crate::sealed::Sealed;

use super::catalog::{ANYWHERE, CIDRS, FIREWALLS};
use super::tree::{entry, items, number, text, walk, word};
use super::{Grade, Risk};

/// A rule that lets everybody in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    ports: String,
    from: String,
}

/// The risks of open networks.
pub(super) fn risks(kind: &str, before: Option<&Sealed>, after: Option<&Sealed>) -> Vec<Risk> {
    if !FIREWALLS.contains(&kind) {
        return Vec::new();
    }
    let known = openings(before);
    let opened = openings(after).into_iter().filter(|opening| !known.contains(opening));
    opened
        .map(|Opening { ports, from }| Risk::new(Grade::Exposure, format!("lets everybody in: {ports} from {from}")))
        .collect()
}

fn openings(side: Option<&Sealed>) -> BTreeSet<Opening> {
    let mut openings = BTreeSet::new();
    walk(side, &mut |names, value, rule| {
        let is_cidr = names.last().is_some_and(|name| CIDRS.contains(name));
        if !is_cidr || names.contains(&"egress") || goes_out(rule) || denies(rule) {
            return;
        }
        for from in items(Some(value)).iter().filter_map(|item| text(Some(item))) {
            if ANYWHERE.contains(&from) {
                openings.insert(Opening { ports: ports(rule), from: from.to_owned() });
            }
        }
    });
    openings
}

/// Whether a rule is about what goes out.
fn goes_out(rule: &Sealed) -> bool {
    text(entry(Some(rule), "type")) == Some("egress") || word(entry(Some(rule), "egress")) == Some("true")
}

fn denies(rule: &Sealed) -> bool {
    ["action", "rule_action"].iter().any(|name| text(entry(Some(rule), name)) == Some("deny"))
}

/// The ports of a rule, in words.
fn ports(rule: &Sealed) -> String {
    let of = |name: &str| entry(Some(rule), name);
    let protocol = ["protocol", "ip_protocol"].iter().find_map(|name| text(of(name))).unwrap_or_default();
    let shown = on_one_line(protocol);
    match (protocol, number(of("from_port")), number(of("to_port"))) {
        ("-1" | "all", ..) => "every protocol and port".to_owned(),
        ("icmp" | "icmpv6" | "1" | "58", ..) => shown,
        ("", None, None) => "its endpoint".to_owned(),
        (_, None, _) | (_, _, None) | (_, Some(0), Some(0 | 65535)) => format!("every port of {shown}"),
        (_, Some(from), Some(to)) if from == to => format!("{shown} port {from}"),
        (_, Some(from), Some(to)) => format!("{shown} ports {from} to {to}"),
    }
}
