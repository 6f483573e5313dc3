//! The risks of a change of a change set: its object in Terraform's words is judged by the rules for plans, and what they say is told in
//! CloudFormation's words again.

use std::collections::HashMap;

use super::names::{DEFAULTS, PARTS, name, option, value};
use super::{Certainty, Loss, SetChange};

use crate::document::Change;
use crate::entries::Entries;
use crate::risk::{self, Doomed, Grade, Risk, Setting};
use crate::rules::Rules;
use crate::sealed::{Sealed, reveal};
use crate::verb::Verb;

/// Terraform's names with CloudFormation's.
type Originals = HashMap<String, String>;

/// The properties that hold policies, by Terraform's names: there they are texts.
const POLICIES: [&str; 7] = [
    "access_policies",
    "access_policy",
    "assume_role_policy",
    "content",
    "policy",
    "policy_document",
    "repository_policy",
];

/// Protocols are texts in Terraform, also where they are numbers.
const WORDS: [&str; 2] = ["ip_protocol", "protocol"];

/// The risks of a change, the worst first: of a plan, or of a change set.
pub(crate) fn risks(change: &Change, verb: &Verb, setting: Setting<'_>) -> Vec<Risk> {
    let Some(set) = &change.set else { return risk::risks(change, verb, setting) };
    // Rules of one's own are written in CloudFormation's names.
    let against = risk::against(setting.rules, change, verb);
    let (doomed, rules) = (Doomed::default(), Rules::default());
    let setting = Setting { doomed: &doomed, rules: &rules };
    let mut originals = Originals::new();
    let translated = translated(change, set, verb, &mut originals);
    let mut risks = judged(&translated, set, verb, setting);
    if matches!(verb, Verb::Create | Verb::Update) || verb.replaces() {
        risks.extend(
            PARTS.iter().filter(|part| part.0 == change.kind).flat_map(|part| part_risks(&translated, part, setting)),
        );
    }
    if set.loss == Loss::Untold {
        let reason = "everything in the nested stack goes with it, and what that is is not told".to_owned();
        risks.push(Risk { grade: Grade::DataLoss, reason });
    }
    for risk in &mut risks {
        risk.reason = in_own_words(&risk.reason, &originals);
    }
    risks.extend(against);
    risks.sort();
    risks.dedup();
    risks
}

/// The risks of the object; those of a replacement that is only possible say so.
fn judged(change: &Change, set: &SetChange, verb: &Verb, setting: Setting<'_>) -> Vec<Risk> {
    let risks = risk::risks(change, verb, setting);
    if set.certainty != Certainty::MayReplace {
        return risks;
    }
    let sure = risk::risks(change, &Verb::Update, setting);
    let possible = |risk: Risk| {
        if sure.contains(&risk) {
            return risk;
        }
        Risk { reason: format!("may be replaced: {}", risk.reason), ..risk }
    };
    // What would be kept for a shorter time is not said of what is replaced, which keeps nothing.
    let mut all: Vec<Risk> = risks.into_iter().map(possible).collect();
    all.extend(sure);
    all
}

/// The change as Terraform's provider would have it.
fn translated(change: &Change, set: &SetChange, verb: &Verb, originals: &mut Originals) -> Change {
    let mut side = |side: &Option<Sealed>| side.as_ref().map(|side| object(&change.kind, side, originals, true));
    let (mut before, after) = (side(&change.before), side(&change.after));
    if let (true, Some(Sealed::Map(entries))) = (verb.destroys(), &mut before) {
        for (_, name, value) in DEFAULTS.iter().filter(|row| row.0 == change.kind) {
            entries.entry((*name).into()).or_insert_with(|| scalar(value));
        }
        if set.loss == Loss::Snapshot {
            entries.insert("skip_final_snapshot".into(), Sealed::Bool(false));
        }
    }
    Change { before, after, ..change.clone() }
}

/// The risks of a property that is an object of its own in Terraform.
fn part_risks(
    change: &Change,
    (kind, property, terraform): &(&str, &str, &'static str),
    setting: Setting<'_>,
) -> Vec<Risk> {
    let name = name(kind, property);
    let side = |side: &Option<Sealed>| match side {
        Some(Sealed::Map(entries)) => entries.get(name.as_str()).filter(|value| **value != Sealed::Null).cloned(),
        _ => None,
    };
    let (before, after) = (side(&change.before), side(&change.after));
    let verb = match (&before, &after) {
        (None, None) => return Vec::new(),
        (None, Some(_)) => Verb::Create,
        (Some(_), None) => Verb::Delete,
        (Some(_), Some(_)) => Verb::Update,
    };
    risk::risks(&Change { before, after, known_kind: risk::known_kind(terraform), ..change.clone() }, &verb, setting)
}

/// A value with Terraform's names.
fn object(kind: &str, sealed: &Sealed, originals: &mut Originals, is_top: bool) -> Sealed {
    match sealed {
        Sealed::Map(entries) => {
            let mut named = Entries::new();
            for (property, item) in entries {
                if let Sealed::List(options) = item {
                    for (name, value) in chosen(kind, property, options) {
                        originals.insert(name.to_owned(), property.to_string());
                        named.insert(name.into(), value);
                    }
                }
                let name = match property.as_str() {
                    // Within other objects it is one of several.
                    "PolicyDocument" if is_top => "policy".to_owned(),
                    property => name(kind, property),
                };
                originals.insert(name.clone(), property.to_string());
                put(&mut named, &name, member(kind, &name, item, originals));
            }
            Sealed::Map(named)
        }
        Sealed::List(items) => Sealed::List(items.iter().map(|item| object(kind, item, originals, false)).collect()),
        Sealed::Text(text) => scalar(text),
        other => other.clone(),
    }
}

/// A member under Terraform's name.
fn member(kind: &str, name: &str, item: &Sealed, originals: &mut Originals) -> Sealed {
    match item {
        Sealed::Map(_) | Sealed::List(_) if POLICIES.contains(&name) => Sealed::Text(json(item).to_string()),
        Sealed::Number(number) if WORDS.contains(&name) => Sealed::Text(number.clone()),
        Sealed::Text(text) if WORDS.contains(&name) => Sealed::Text(text.clone()),
        Sealed::Text(text) => scalar(value(name, text)),
        other => object(kind, other, originals, false),
    }
}

/// The options of a list of keys with values that rules know.
fn chosen<'a>(kind: &str, property: &str, options: &'a [Sealed]) -> Vec<(&'static str, Sealed)> {
    let text = |entries: &'a Entries<Sealed>, key: &str| match entries.get(key) {
        Some(Sealed::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let known = options.iter().filter_map(|item| match item {
        Sealed::Map(entries) => Some((option(kind, property, text(entries, "Key")?)?, scalar(text(entries, "Value")?))),
        _ => None,
    });
    known.collect()
}

/// CloudFormation tells numbers as texts.
fn scalar(text: &str) -> Sealed {
    let is_number = !text.is_empty() && text.len() < 12 && text.chars().all(|c| c.is_ascii_digit());
    if is_number { Sealed::Number(text.to_owned()) } else { Sealed::Text(text.to_owned()) }
}

/// Puts a value under a name with dots, each a block.
fn put(entries: &mut Entries<Sealed>, name: &str, value: Sealed) {
    let Some((block, rest)) = name.split_once('.') else {
        entries.insert(name.into(), value);
        return;
    };
    let block = entries.entry(block.into()).or_insert_with(|| Sealed::Map(Entries::new()));
    if let Sealed::Map(entries) = block {
        put(entries, rest, value);
    }
}

/// A policy as JSON. What is hidden or not known yet is named as such, which no rule takes for everybody or everything.
fn json(sealed: &Sealed) -> serde_json::Value {
    match sealed {
        Sealed::Null => serde_json::Value::Null,
        Sealed::Bool(value) => (*value).into(),
        Sealed::Number(number) => number.parse::<u64>().map_or_else(|_| number.clone().into(), Into::into),
        Sealed::Text(text) => text.clone().into(),
        Sealed::List(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        Sealed::Map(entries) => entries.iter().map(|(key, item)| (reveal(key), json(item))).collect(),
        Sealed::Secret(_) => "(sensitive value)".into(),
        Sealed::Unknown { .. } => "(known after apply)".into(),
    }
}

/// A reason with CloudFormation's names: what stands in backticks there is the path of a property.
fn in_own_words(reason: &str, originals: &Originals) -> String {
    let spans = reason.split('`').enumerate().map(|(index, span)| match index % 2 {
        1 => path(span, originals),
        _ => span.to_owned(),
    });
    spans.collect::<Vec<_>>().join("`")
}

fn path(path: &str, originals: &Originals) -> String {
    let steps: Vec<&str> = path.split('.').collect();
    let mut own = Vec::new();
    let mut start = 0;
    while start < steps.len() {
        let longest =
            (start + 1..=steps.len()).rev().find_map(|end| Some((end, originals.get(&steps[start..end].join("."))?)));
        let (end, name) =
            longest.map_or_else(|| (start + 1, steps[start].to_owned()), |(end, name)| (end, name.clone()));
        own.push(name);
        start = end;
    }
    own.join(".")
}

#[cfg(test)]
mod tests;
