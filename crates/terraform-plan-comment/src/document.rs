//! A plan as it was read, sealed: every text and value of the JSON that anything is made of, and no secret.
//!
//! The format is Terraform's (<https://developer.hashicorp.com/terraform/internals/json-format>) and OpenTofu's; members
//! that neither documents are ignored, actions and reasons that neither documents are kept as they are.

use crate::guard::Guard;
use crate::json::Json;
use crate::sealed::{Sealed, Sealer};
use crate::secrets::Secrets;

/// The actions both tools know.
const ACTIONS: [&str; 6] = ["no-op", "create", "read", "update", "delete", "forget"];

/// The results of checks.
const STATUSES: [&str; 4] = ["pass", "fail", "error", "unknown"];

/// The modes of resources.
const MODES: [&str; 3] = ["managed", "data", "ephemeral"];

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    pub(crate) terraform_version: Option<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) drift: Vec<Change>,
    pub(crate) deferred: Vec<(String, Change)>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) checks: Vec<Check>,
    pub(crate) invocations: Vec<Invocation>,
    /// What the plan depends on, per resource; `None` where the plan does not say.
    pub(crate) relevant: Option<Vec<(String, Vec<Step>)>>,
    pub(crate) applyable: Option<bool>,
    pub(crate) complete: Option<bool>,
    pub(crate) errored: bool,
    /// Whether the plan says which values are sensitive; Terraform before 0.15 does not.
    pub(crate) says_sensitive: bool,
    /// Secrets found where Terraform does not mark them.
    pub(crate) unmarked_secrets: usize,
}

/// One entry of `resource_changes`, `resource_drift` or `deferred_changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) address: String,
    pub(crate) deposed: Option<String>,
    pub(crate) previous_address: Option<String>,
    pub(crate) mode: String,
    pub(crate) kind: String,
    pub(crate) actions: Vec<String>,
    pub(crate) reason: Option<String>,
    pub(crate) import: Option<String>,
    pub(crate) generates_configuration: bool,
    pub(crate) before: Option<Sealed>,
    pub(crate) after: Option<Sealed>,
    pub(crate) replace_paths: Vec<Vec<Step>>,
    /// Whether the guard names it. Found here, where addresses are still whole: a hidden part must not hide an object.
    pub(crate) guarded: bool,
}

/// An entry of `output_changes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) actions: Vec<String>,
    pub(crate) before: Option<Sealed>,
    pub(crate) after: Option<Sealed>,
}

/// An entry of `checks`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) address: String,
    pub(crate) status: String,
    pub(crate) problems: Vec<String>,
}

/// An entry of `action_invocations` (Terraform 1.14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invocation {
    pub(crate) address: String,
    pub(crate) trigger: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) deferred: bool,
}

/// One step of an attribute's path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// A member that must be there and is not; names its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) String);

impl Document {
    /// Seals `plan`.
    fn seal(plan: &Json, guard: &Guard, sealer: &mut Sealer) -> Result<Self, Missing> {
        let says_sensitive = says_sensitive(plan);
        let reading = Reading { masks: if says_sensitive { Masks::Given } else { Masks::Missing }, guard };
        let mut changes = Vec::new();
        for (index, change) in list(plan, "resource_changes").enumerate() {
            changes.push(Change::seal(change, sealer, reading, &format!("resource_changes[{index}]"))?);
        }
        let mut drift = Vec::new();
        for (index, change) in list(plan, "resource_drift").enumerate() {
            drift.push(Change::seal(change, sealer, reading, &format!("resource_drift[{index}]"))?);
        }
        let mut deferred = Vec::new();
        for (index, entry) in list(plan, "deferred_changes").enumerate() {
            let place = format!("deferred_changes[{index}].resource_change");
            let change = entry.get("resource_change").ok_or_else(|| Missing(place.clone()))?;
            let reason = sealer.text(entry.text_of("reason").unwrap_or("unknown"));
            deferred.push((reason, Change::seal(change, sealer, reading, &place)?));
        }
        Ok(Self {
            terraform_version: plan.text_of("terraform_version").map(|version| sealer.text(version)),
            outputs: entries(plan, "output_changes")
                .map(|(name, change)| Output::seal(name, change, sealer, reading.masks))
                .collect(),
            checks: list(plan, "checks").map(|check| Check::seal(check, sealer)).collect(),
            invocations: invocations(plan, sealer),
            relevant: match plan.get("relevant_attributes") {
                Some(all) => Some(relevant(all, sealer)),
                None => says_what_is_relevant(plan).then(Vec::new),
            },
            applyable: plan.get("applyable").and_then(Json::boolean),
            complete: plan.get("complete").and_then(Json::boolean),
            errored: plan.get("errored").and_then(Json::boolean).unwrap_or(false),
            says_sensitive,
            unmarked_secrets: sealer.unmarked,
            changes,
            drift,
            deferred,
        })
    }

    /// Seals `plan` against its own secrets, and notes what `guard` names.
    pub(crate) fn of(plan: &Json, guard: &Guard) -> Result<Self, SealError> {
        let mut sealer = Sealer::new(&Secrets::of(plan))?;
        Self::seal(plan, guard, &mut sealer).map_err(SealError::Missing)
    }
}

/// What is needed to read a change.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    masks: Masks,
    guard: &'a Guard,
}

/// Whether a plan says what is sensitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Masks {
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

/// Why a plan cannot be sealed.
#[derive(Debug)]
pub(crate) enum SealError {
    Missing(Missing),
    /// The secrets are too many or too long to search for.
    Secrets(aho_corasick::BuildError),
}

impl From<aho_corasick::BuildError> for SealError {
    fn from(error: aho_corasick::BuildError) -> Self {
        Self::Secrets(error)
    }
}

impl Change {
    fn seal(entry: &Json, sealer: &mut Sealer, reading: Reading<'_>, place: &str) -> Result<Self, Missing> {
        let Reading { masks, guard } = reading;
        let address = entry.text_of("address").ok_or_else(|| Missing(format!("{place}.address")))?;
        let change = entry.get("change").ok_or_else(|| Missing(format!("{place}.change")))?;
        let mut text = |name: &str| entry.text_of(name).map(|text| sealer.text(text));
        let (deposed, previous_address, kind) = (text("deposed"), text("previous_address"), text("type"));
        let reason = entry.text_of("action_reason").map(|reason| sealer.word(reason, &reasons()));
        let mode = sealer.word(entry.text_of("mode").unwrap_or("managed"), &MODES);
        Ok(Self {
            guarded: guard.names(entry.text_of("type"), address),
            address: sealer.text(address),
            deposed,
            previous_address,
            mode,
            kind: kind.unwrap_or_default(),
            actions: actions(change, sealer),
            reason,
            import: change.get("importing").map(|importing| import(importing, sealer)),
            generates_configuration: change.get("generated_config").is_some(),
            before: sealer.value(change.get("before"), None, masks.of(change, "before").as_ref()),
            after: sealer.value(change.get("after"), change.get("after_unknown"), masks.of(change, "after").as_ref()),
            replace_paths: list(change, "replace_paths").map(|path| steps(path, sealer)).collect(),
        })
    }
}

impl Output {
    fn seal(name: &str, change: &Json, sealer: &mut Sealer, masks: Masks) -> Self {
        Self {
            name: sealer.text(name),
            actions: actions(change, sealer),
            before: sealer.value(change.get("before"), None, masks.of(change, "before").as_ref()),
            after: sealer.value(change.get("after"), change.get("after_unknown"), masks.of(change, "after").as_ref()),
        }
    }
}

impl Check {
    fn seal(check: &Json, sealer: &mut Sealer) -> Self {
        let address = check.at(&["address", "to_display"]).and_then(Json::text).unwrap_or("(unnamed check)");
        let instances = list(check, "instances").flat_map(|instance| list(instance, "problems"));
        let problems =
            instances.filter_map(|problem| problem.text_of("message")).map(|text| sealer.text(text)).collect();
        Self {
            address: sealer.text(address),
            status: sealer.word(check.text_of("status").unwrap_or("unknown"), &STATUSES),
            problems,
        }
    }
}

impl Invocation {
    fn seal(entry: &Json, sealer: &mut Sealer, deferred: bool) -> Self {
        let trigger = entry.get("lifecycle_action_trigger");
        let mut text = |name: &str| trigger?.text_of(name).map(|text| sealer.text(text));
        let (resource, event) = (text("triggering_resource_address"), text("action_trigger_event"));
        let address = sealer.text(entry.text_of("address").unwrap_or("(unnamed action)"));
        Self { address, trigger: resource, event, deferred }
    }
}

fn invocations(plan: &Json, sealer: &mut Sealer) -> Vec<Invocation> {
    let mut all: Vec<Invocation> =
        list(plan, "action_invocations").map(|entry| Invocation::seal(entry, sealer, false)).collect();
    all.extend(
        list(plan, "deferred_action_invocations")
            .map(|entry| Invocation::seal(entry.get("action_invocation").unwrap_or(entry), sealer, true)),
    );
    all
}

/// How an import names its object: its id, its identity, or neither yet.
fn import(importing: &Json, sealer: &mut Sealer) -> String {
    if let Some(id) = importing.text_of("id") {
        return sealer.text(id);
    }
    let identity = importing.get("identity").into_iter().flat_map(Json::entries);
    let parts: Vec<String> = identity
        .map(|(key, value)| match value {
            Json::Text(text) | Json::Number(text) => format!("{key}={}", sealer.text(text)),
            Json::Bool(value) => format!("{key}={value}"),
            Json::Null | Json::List(_) | Json::Map(_) => format!("{key}=…"),
        })
        .collect();
    if parts.is_empty() { "(known after apply)".to_owned() } else { parts.join(", ") }
}

fn actions(change: &Json, sealer: &mut Sealer) -> Vec<String> {
    list(change, "actions").filter_map(Json::text).map(|action| sealer.word(action, &ACTIONS)).collect()
}

/// Whether a plan without `relevant_attributes` depends on none: Terraform writes them since format 1.1 (Terraform 1.2) and
/// leaves an empty list out (`internal/command/jsonplan/plan.go`).
fn says_what_is_relevant(plan: &Json) -> bool {
    let version = plan.text_of("format_version").unwrap_or_default();
    let numbers = version.split_once('.').map(|(major, minor)| (major.parse::<u64>(), minor.parse::<u64>()));
    matches!(numbers, Some((Ok(major), Ok(minor))) if (major, minor) >= (1, 1))
}

fn relevant(all: &Json, sealer: &mut Sealer) -> Vec<(String, Vec<Step>)> {
    all.items()
        .iter()
        .filter_map(|entry| {
            let path = entry.get("attribute").map(|path| steps(path, sealer)).unwrap_or_default();
            Some((sealer.text(entry.text_of("resource")?), path))
        })
        .collect()
}

fn steps(path: &Json, sealer: &mut Sealer) -> Vec<Step> {
    path.items()
        .iter()
        .filter_map(|step| match step {
            Json::Text(key) => Some(Step::Key(sealer.key(key))),
            Json::Number(number) => number.parse().ok().map(Step::Index),
            _ => None,
        })
        .collect()
}

/// The reasons that have words of their own.
fn reasons() -> Vec<&'static str> {
    crate::review::REASONS.iter().map(|(reason, _)| *reason).collect()
}

/// Whether any change carries a sensitivity mask; true without changes.
fn says_sensitive(plan: &Json) -> bool {
    let changes: Vec<&Json> = list(plan, "resource_changes").filter_map(|entry| entry.get("change")).collect();
    let masked = |change: &&Json| change.get("before_sensitive").is_some() || change.get("after_sensitive").is_some();
    changes.is_empty() || changes.iter().any(masked)
}

fn list<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = &'a Json> {
    value.get(name).into_iter().flat_map(Json::items)
}

fn entries<'a>(value: &'a Json, name: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    value.get(name).into_iter().flat_map(Json::entries)
}
