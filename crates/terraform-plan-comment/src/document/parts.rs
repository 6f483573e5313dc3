//! Sealing the parts of a plan.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::configuration::Source;
use super::{ACTIONS, Change, Check, Invocation, MODES, Missing, Output, STATUSES, Step};
use crate::change_set;
use crate::guard::Guard;
use crate::json::Json;
use crate::risk::{is_known_name, known_kind};
use crate::schema::Subject;
use crate::sealed::{Sealed, Sealer, Side};

/// What is needed to read a change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) masks: Masks,
    pub(super) guard: &'a Guard,
    pub(super) source: &'a Source<'a>,
}

/// Whether a plan says what is sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Masks {
    Given,
    /// Every value is hidden: any of them may be a secret.
    Missing,
}

impl Masks {
    /// The mask of the value `side` (`before` or `after`) of a change.
    fn of(self, change: &Json, side: &str) -> Option<Json> {
        match (self, change.get(side)) {
            (Self::Given, _) => change.get(&format!("{side}_sensitive")).cloned(),
            (Self::Missing, Some(Json::Map(entries))) => {
                Some(Json::Map(entries.keys().map(|key| (key.clone(), Json::Bool(true))).collect()))
            }
            (Self::Missing, _) => Some(Json::Bool(true)),
        }
    }
}

impl Change {
    pub(super) fn seal<'a>(
        entry: &'a Json,
        sealer: &mut Sealer,
        reading: Reading<'a>,
        place: &str,
    ) -> Result<Self, Missing> {
        let Reading { masks, guard, source } = reading;
        let address = address(entry).ok_or_else(|| Missing(format!("`{place}.address`")))?;
        let address = address.as_ref();
        // A move must not evade what is said of the address before.
        let addresses = || std::iter::once(address).chain(entry.text_of("previous_address"));
        let change = entry.get("change").ok_or_else(|| Missing(format!("`{place}.change`")))?;
        let mut text = |name: &str| entry.text_of(name).map(|text| sealer.text(text));
        let (deposed, previous_address, kind) = (text("deposed"), text("previous_address"), text("type"));
        let reason = entry.text_of("action_reason").map(|reason| sealer.word(reason, &reasons()));
        let mode = sealer.word(entry.text_of("mode").unwrap_or("managed"), &MODES);
        let (before, after) = sides(change, sealer, masks);
        let mut repeated = |text: Option<&str>| text.map(|text| sealer.repeated(|sealer| sealer.text(text)));
        let mut text = |name: &str| repeated(entry.text_of(name));
        let (name, provider, module) = (text("name"), text("provider_name"), text("module_address"));
        let imported_id = repeated(change.at(&["importing", "id"]).and_then(Json::text));
        Ok(Self {
            known_kind: entry.text_of("type").and_then(known_kind),
            guarded: addresses().any(|address| guard.names(entry.text_of("type"), address)),
            allowed: addresses().all(|address| guard.allows(entry.text_of("type"), address)),
            address: sealer.text(address),
            deposed,
            previous_address,
            mode,
            kind: kind.unwrap_or_default(),
            name: name.unwrap_or_default(),
            provider: provider.unwrap_or_default(),
            module,
            index: entry.get("index").and_then(|index| sealer.repeated(|sealer| step(index, sealer))),
            actions: actions(change, sealer),
            reason,
            import: change.get("importing").map(|importing| import(importing, sealer)),
            imported_id,
            generates_configuration: change.get("generated_config").is_some(),
            before,
            after,
            replace_paths: list(change, "replace_paths").map(|path| steps(path, sealer)).collect(),
            identity: sealer.repeated(|sealer| sealer.value(change.get("before_identity"), None, None)),
            wiring: sealer.repeated(|sealer| source.wiring(entry, sealer)),
            ruled_by: guard.rules().about(entry.text_of("type").unwrap_or_default()),
            set: None,
        })
    }
}

impl Output {
    pub(super) fn seal(name: &str, change: &Json, sealer: &mut Sealer, masks: Masks) -> Self {
        let (before, after) = sides(change, sealer, masks);
        Self { name: sealer.text(name), actions: actions(change, sealer), before, after }
    }
}

impl Check {
    pub(super) fn seal(check: &Json, sealer: &mut Sealer) -> Self {
        let display = |entry: &'_ Json| entry.at(&["address", "to_display"]).and_then(Json::text).map(str::to_owned);
        let address = display(check).unwrap_or_else(|| "(unnamed check)".to_owned());
        let status = check.text_of("status").unwrap_or("unknown");
        let mut problems = Vec::new();
        for instance in list(check, "instances") {
            let own =
                display(instance).filter(|own| *own != address).map(|own| sealer.repeated(|sealer| sealer.text(&own)));
            let named = |text: String| own.as_ref().map_or_else(|| text.clone(), |own| format!("{own}: {text}"));
            let messages = list(instance, "problems").filter_map(|problem| problem.text_of("message"));
            let messages: Vec<String> = messages.map(|text| named(sealer.text(text))).collect();
            // What went wrong without a word is told too, and which instances are not like the others.
            let result = instance.text_of("status").unwrap_or("unknown");
            let is_silent = messages.is_empty() && own.is_some() && result != "pass";
            if is_silent && (result != status || matches!(result, "fail" | "error")) {
                problems.push(named(sealer.word(result, &STATUSES)));
            }
            problems.extend(messages);
        }
        Self { address: sealer.text(&address), status: sealer.word(status, &STATUSES), problems }
    }

    /// An entry of `condition_results`.
    fn of_condition(condition: &Json, sealer: &mut Sealer) -> Self {
        let is_unknown = condition.get("unknown").and_then(Json::boolean) == Some(true);
        let holds = condition.get("result").and_then(Json::boolean) == Some(true);
        let status = match (is_unknown, holds) {
            (true, _) => "unknown",
            (false, true) => "pass",
            (false, false) => "fail",
        };
        let message = condition.text_of("error_message").filter(|message| !message.is_empty());
        Self {
            address: sealer.text(condition.text_of("address").unwrap_or("(unnamed check)")),
            status: status.to_owned(),
            problems: message.into_iter().map(|text| sealer.text(text)).collect(),
        }
    }
}

/// The results of checks; Terraform 1.2 called them `condition_results` (`internal/command/jsonplan/plan.go`, `conditionResult`), 1.3 has both.
pub(super) fn checks(plan: &Json, sealer: &mut Sealer) -> Vec<Check> {
    if plan.get("checks").is_some() {
        return list(plan, "checks").map(|check| Check::seal(check, sealer)).collect();
    }
    list(plan, "condition_results").map(|condition| Check::of_condition(condition, sealer)).collect()
}

impl Invocation {
    pub(super) fn seal(entry: &Json, sealer: &mut Sealer, deferred: bool) -> Self {
        let trigger = entry.get("lifecycle_action_trigger");
        let number = |name: &str| match trigger.and_then(|trigger| trigger.get(name)) {
            Some(Json::Number(number)) => number.parse().unwrap_or(u64::MAX),
            _ => 0,
        };
        let mut text = |name: &str| trigger?.text_of(name).map(|text| sealer.text(text));
        let (resource, event) = (text("triggering_resource_address"), text("action_trigger_event"));
        let mut word = |name: &str| {
            let text = entry.text_of(name).unwrap_or_default();
            sealer.repeated(|sealer| sealer.text(text))
        };
        let (kind, name, provider) = (word("type"), word("name"), word("provider_name"));
        let (values, mask) = (entry.get("config_values"), entry.get("config_sensitive"));
        Self {
            address: sealer.text(entry.text_of("address").unwrap_or("(unnamed action)")),
            kind,
            name,
            provider,
            trigger: resource,
            event,
            place: (number("action_trigger_block_index"), number("actions_list_index")),
            configuration: sealer.value(values, entry.get("config_unknown"), mask),
            deferred,
        }
    }
}

/// The address of an object. Terraform 0.15.4 to 1.0.0 leave it out of `resource_drift`, where only the instance's key cannot be told from
/// the rest (`internal/command/jsonplan/plan.go`, `marshalResourceDrift`).
fn address(entry: &Json) -> Option<Cow<'_, str>> {
    if let Some(address) = entry.text_of("address") {
        return Some(Cow::Borrowed(address));
    }
    let (kind, name) = (entry.text_of("type")?, entry.text_of("name")?);
    let module = entry.text_of("module_address").map(|module| format!("{module}.")).unwrap_or_default();
    let mode = if entry.text_of("mode") == Some("data") { "data." } else { "" };
    let index = match entry.get("index") {
        Some(Json::Number(index)) => format!("[{index}]"),
        Some(Json::Text(key)) => format!("[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\"")),
        _ => String::new(),
    };
    Some(Cow::Owned(format!("{module}{mode}{kind}.{name}{index}")))
}

/// Whether what a plan lists is a list: something else in its place must not pass for nothing.
pub(super) fn shaped(plan: &Json) -> Result<(), Missing> {
    let lists = [
        "resource_changes",
        "resource_drift",
        "deferred_changes",
        "action_invocations",
        "deferred_action_invocations",
        "checks",
        "condition_results",
        "relevant_attributes",
    ];
    for name in lists {
        if !matches!(plan.get(name), None | Some(Json::List(_))) {
            return Err(Missing(format!("list `{name}`, but something else in its place")));
        }
    }
    if !matches!(plan.get("output_changes"), None | Some(Json::Map(_))) {
        return Err(Missing("object `output_changes`, but something else in its place".to_owned()));
    }
    Ok(())
}

/// The values of a change before and after it.
fn sides(change: &Json, sealer: &mut Sealer, masks: Masks) -> (Option<Sealed>, Option<Sealed>) {
    let (before_mask, after_mask) = (masks.of(change, "before"), masks.of(change, "after"));
    let before = Side { value: change.get("before"), mask: before_mask.as_ref() };
    let after = Side { value: change.get("after"), mask: after_mask.as_ref() };
    (sealer.beside(before, None, after), sealer.beside(after, change.get("after_unknown"), before))
}

/// The types whose schemas the plan needs.
pub(super) fn subjects(plan: &Json) -> Vec<Subject> {
    let changes = list(plan, "resource_changes").chain(list(plan, "resource_drift"));
    let deferred = list(plan, "deferred_changes").filter_map(|entry| entry.get("resource_change"));
    // Of ephemeral resources a plan has no values.
    let has_values = |entry: &&Json| entry.text_of("mode") != Some("ephemeral");
    let objects = changes.chain(deferred).filter(has_values).filter_map(|entry| {
        let mode = entry.text_of("mode").unwrap_or("managed");
        Some(Subject::new(entry.text_of("provider_name")?, mode, entry.text_of("type")?))
    });
    let invocations = list(plan, "action_invocations")
        .filter_map(|entry| Some(Subject::new(entry.text_of("provider_name")?, "action", entry.text_of("type")?)));
    objects.chain(invocations).collect()
}

pub(super) fn invocations(plan: &Json, sealer: &mut Sealer) -> Vec<Invocation> {
    let mut all: Vec<Invocation> =
        list(plan, "action_invocations").map(|entry| Invocation::seal(entry, sealer, false)).collect();
    all.extend(
        list(plan, "deferred_action_invocations")
            .map(|entry| Invocation::seal(entry.get("action_invocation").unwrap_or(entry), sealer, true)),
    );
    all
}

/// Whether a text is a time such as `2026-11-22T10:00:00Z`, as Terraform writes the plan's: no other text may stand for it.
pub(super) fn time(text: &str) -> bool {
    let shape = "dddd-dd-ddTdd:dd:ddZ";
    let fits =
        |(character, place): (char, char)| if place == 'd' { character.is_ascii_digit() } else { character == place };
    text.len() == shape.len() && text.chars().zip(shape.chars()).all(fits)
}

/// How an import names its object: its id, its identity, or neither yet.
fn import(importing: &Json, sealer: &mut Sealer) -> String {
    if let Some(id) = importing.text_of("id") {
        return sealer.text(id);
    }
    let identity = importing.get("identity").into_iter().flat_map(Json::entries);
    let parts: Vec<String> =
        identity.map(|(key, value)| format!("{}={}", sealer.key(key), shown(value, sealer))).collect();
    if parts.is_empty() { "(known after apply)".to_owned() } else { parts.join(", ") }
}

/// A part of an identity, so that no two identities are spelled alike: a text that could be more than one part stands in quotes.
fn shown(value: &Json, sealer: &mut Sealer) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => sealer.text(number),
        Json::Text(text) if is_plain(text) => sealer.text(text),
        Json::Text(text) => format!("\"{}\"", sealer.text(text).replace('\\', "\\\\").replace('"', "\\\"")),
        Json::List(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, sealer)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Map(entries) => {
            let entries = entries.iter().map(|(key, item)| format!("{}={}", sealer.key(key), shown(item, sealer)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Whether a text can be nothing but a text.
fn is_plain(text: &str) -> bool {
    let is_other = matches!(text, "true" | "false" | "null") || text.parse::<f64>().is_ok();
    !is_other && !text.is_empty() && !text.contains(['=', ',', '"', '\\', '[', ']', '{', '}'])
}

/// A name in a rule of one's own as sealed values have it.
pub(super) fn rule_name(name: &str, sealer: &mut Sealer) -> String {
    if is_known_name(name) || change_set::is_known_name(name) { name.to_owned() } else { sealer.key(name) }
}

fn actions(change: &Json, sealer: &mut Sealer) -> Vec<String> {
    list(change, "actions").filter_map(Json::text).map(|action| sealer.word(action, &ACTIONS)).collect()
}

/// Whether a plan without `relevant_attributes` depends on none: Terraform writes them since format 1.1 (Terraform 1.2) and
/// leaves an empty list out (`internal/command/jsonplan/plan.go`).
pub(super) fn says_what_is_relevant(plan: &Json) -> bool {
    let version = plan.text_of("format_version").unwrap_or_default();
    let numbers = version.split_once('.').map(|(major, minor)| (major.parse::<u64>(), minor.parse::<u64>()));
    matches!(numbers, Some((Ok(major), Ok(minor))) if (major, minor) >= (1, 1))
}

pub(super) fn relevant(all: &Json, sealer: &mut Sealer) -> BTreeMap<String, Vec<Vec<Step>>> {
    let mut relevant: BTreeMap<String, Vec<Vec<Step>>> = BTreeMap::new();
    for entry in all.items() {
        let path = entry.get("attribute").map(|path| steps(path, sealer)).unwrap_or_default();
        let Some(resource) = entry.text_of("resource") else { continue };
        relevant.entry(sealer.text(resource)).or_default().push(path);
    }
    relevant
}

fn steps(path: &Json, sealer: &mut Sealer) -> Vec<Step> {
    path.items().iter().filter_map(|item| step(item, sealer)).collect()
}

fn step(item: &Json, sealer: &mut Sealer) -> Option<Step> {
    match item {
        Json::Text(key) => Some(Step::Key(sealer.key(key))),
        Json::Number(number) => number.parse().ok().map(Step::Index),
        Json::Null | Json::Bool(_) | Json::List(_) | Json::Map(_) => None,
    }
}

/// The reasons that have words of their own.
fn reasons() -> Vec<&'static str> {
    crate::review::REASONS.iter().map(|(reason, _)| *reason).collect()
}

/// Whether any change carries a sensitivity mask; true without changes.
pub(super) fn says_sensitive(plan: &Json) -> bool {
    let changes: Vec<&Json> = list(plan, "resource_changes").filter_map(|entry| entry.get("change")).collect();
    let masked = |change: &&Json| change.get("before_sensitive").is_some() || change.get("after_sensitive").is_some();
    changes.is_empty() || changes.iter().any(masked)
}

pub(super) fn list<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    value.get(name).into_iter().flat_map(Json::items)
}

pub(super) fn entries<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    value.get(name).into_iter().flat_map(Json::entries)
}
