//! Networks that everybody may come from.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diff::on_one_line;
use crate::sealed::Sealed;

use super::catalog::{CIDRS, FIREWALLS, LEAST_BITS};
use super::tree::{Tree, entry, items, number, text, word};
use super::{Grade, Risk};

/// A rule that lets everybody in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Opening {
    protocol: String,
    /// The first and the last port; all of them for a protocol without.
    ports: (u64, u64),
    from: From,
}

/// Where one may come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum From {
    Network(String),
    /// The value is hidden.
    Hidden,
    /// The value is only known after apply.
    Later,
}

/// The last port.
const LAST_PORT: u64 = 65_535;

/// The risks of open networks.
pub(super) fn risks(kind: &str, before: &Tree<'_>, after: &Tree<'_>) -> Vec<Risk> {
    if !FIREWALLS.contains(&kind) {
        return Vec::new();
    }
    let known = openings(before);
    let opened = openings(after).into_iter().filter(|opening| !known.iter().any(|known| known.covers(opening)));
    let grade = |opening: &Opening| if opening.from == From::Later { Grade::Routine } else { Grade::Exposure };
    opened.map(|opening| Risk::new(grade(&opening), opening.words())).collect()
}

impl Opening {
    fn covers(&self, other: &Self) -> bool {
        let has_protocol = self.protocol == other.protocol || is_every_protocol(&self.protocol);
        let has_ports = self.ports.0 <= other.ports.0 && other.ports.1 <= self.ports.1;
        has_protocol && has_ports && self.from == other.from
    }

    fn words(&self) -> String {
        let protocol = on_one_line(&self.protocol);
        let ports = match (self.protocol.as_str(), self.ports) {
            (protocol, _) if is_every_protocol(protocol) => "every protocol and port".to_owned(),
            ("", _) => "any protocol".to_owned(),
            ("icmp" | "icmpv6" | "1" | "58", _) => protocol,
            (_, (0, LAST_PORT)) => format!("every port of {protocol}"),
            (_, (from, to)) if from == to => format!("{protocol} port {from}"),
            (_, (from, to)) => format!("{protocol} ports {from} to {to}"),
        };
        match &self.from {
            From::Network(network) if self.protocol.is_empty() => {
                format!("lets everybody in from {}", on_one_line(network))
            }
            From::Network(network) => format!("lets everybody in: {ports} from {}", on_one_line(network)),
            From::Later if self.protocol.is_empty() => "who may come in is only known after apply".to_owned(),
            From::Later => format!("who may come in is only known after apply: {ports}"),
            From::Hidden => format!("may let everybody in: {ports}, from addresses that are hidden"),
        }
    }
}

fn openings(side: &Tree<'_>) -> BTreeSet<Opening> {
    let mut openings = BTreeSet::new();
    for place in CIDRS.iter().flat_map(|name| side.ending(name)) {
        let rule = place.map;
        if place.name == "egress" || place.parents.contains(&"egress") || goes_out(rule) || denies(rule) {
            continue;
        }
        let from = items(Some(place.value)).iter().filter_map(|item| match item {
            Sealed::Text(network) => is_anywhere(network).then(|| From::Network(network.clone())),
            Sealed::Secret(_) => Some(From::Hidden),
            Sealed::Unknown { .. } => Some(From::Later),
            Sealed::Null | Sealed::Bool(_) | Sealed::Number(_) | Sealed::List(_) | Sealed::Map(_) => None,
        });
        openings.extend(from.map(|from| Opening { protocol: protocol(rule), ports: ports(rule), from }));
    }
    openings
}

/// Whether a network is that of everybody, or so large a part of it that a few of them are.
pub(super) fn is_anywhere(network: &str) -> bool {
    let Some((address, bits)) = network.split_once('/') else { return false };
    match (address.parse::<IpAddr>(), bits.parse::<u8>()) {
        (Ok(IpAddr::V4(_)), Ok(bits)) => bits < LEAST_BITS.0,
        (Ok(IpAddr::V6(_)), Ok(bits)) => bits < LEAST_BITS.1,
        _ => false,
    }
}

fn is_every_protocol(protocol: &str) -> bool {
    matches!(protocol, "-1" | "all")
}

/// Whether a rule is about what goes out.
fn goes_out(rule: &Sealed) -> bool {
    text(entry(Some(rule), "type")) == Some("egress") || word(entry(Some(rule), "egress")) == Some("true")
}

fn denies(rule: &Sealed) -> bool {
    ["action", "rule_action"].iter().any(|name| text(entry(Some(rule), name)) == Some("deny"))
}

fn protocol(rule: &Sealed) -> String {
    let protocol = ["protocol", "ip_protocol"].iter().find_map(|name| text(entry(Some(rule), name)));
    protocol.unwrap_or_default().to_owned()
}

/// The ports of a rule; all of them where it names none.
fn ports(rule: &Sealed) -> (u64, u64) {
    match (number(entry(Some(rule), "from_port")), number(entry(Some(rule), "to_port"))) {
        (Some(0), Some(0)) | (None, _) | (_, None) => (0, LAST_PORT),
        (Some(from), Some(to)) => (from, to),
    }
}
