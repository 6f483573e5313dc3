//! A change set in the shape of a plan, so that everything of it is sealed, guarded, judged and shown as a plan's changes are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::answer::{Change, Described, Detail};
use super::fetch::ChangeSets;
use super::names::known_kind;
use super::secrets::{is_secret, is_secret_name, mask};
use super::sides::Sides;
use super::{Certainty, Loss, Note, SetChange, Stack};
use crate::document::{Document, SealError};
use crate::entries::{Entries, Key, entries};
use crate::error::{ChangeSetError, Error, PlanError};
use crate::guard::Guard;
use crate::json::Json;
use crate::likely::Detector;
use crate::source::PlanJson;

/// The type of a nested stack.
const STACK: &str = "AWS::CloudFormation::Stack";

/// At most this many causes of one change are named.
const MOST_CAUSES: usize = 5;

/// One change with the path of the nested stack it is in.
struct Placed<'a> {
    address: String,
    change: &'a Change,
    sides: Sides,
}

/// The change set, sealed.
pub(super) fn document(sets: &ChangeSets, guard: &Guard, detector: &Detector) -> Result<Document, Error> {
    let mut placed = Vec::new();
    place(sets, &sets.root, "", &mut BTreeSet::new(), &mut placed);
    let entries: Vec<Json> = placed.iter().map(Placed::entry).collect();
    let untold: Vec<&Placed<'_>> = placed.iter().filter(|placed| placed.is_untold_stack(sets)).collect();
    let names: Vec<Json> = untold.iter().map(|placed| Json::Text(placed.address.clone())).collect();
    let mut plan = Entries::from_iter([("resource_changes".into(), Json::List(entries))]);
    variables(sets, &mut plan);
    let texts = placed.iter().map(Placed::texts).chain([Json::List(names), heading(&sets.root)]);
    let plan = PlanJson::made(Json::Map(plan), detector);
    let (mut document, mut texts) =
        Document::with_texts(&plan, guard, texts).map_err(|error| refused(error, &sets.root.name))?;
    let heading = texts.pop().unwrap_or_default();
    let nested_untold = texts.pop().unwrap_or_default();
    for ((sealed, placed), texts) in document.changes.iter_mut().zip(&placed).zip(texts) {
        sealed.known_kind = known_kind(&placed.change.kind, [&placed.sides.before, &placed.sides.after]);
        sealed.set = Some(placed.described(sets, &texts));
    }
    let [name, change_set, status] = heading.try_into().unwrap_or_default();
    let mut notes = Vec::new();
    notes.extend(executable(&sets.root, status));
    if !nested_untold.is_empty() {
        notes.push(Note::NestedUntold(nested_untold));
    }
    // Outputs, for one, are no part of a change set, which is made for them all the same.
    if placed.is_empty() && sets.root.status != "FAILED" {
        notes.push(Note::Unlisted);
    }
    let values_untold = placed.iter().filter(|placed| placed.sides.is_untold).count();
    if values_untold > 0 {
        notes.push(Note::ValuesUntold(values_untold));
    }
    document.stack = Some(Stack { name, change_set, region: sets.region.clone(), nested: sets.nested.len(), notes });
    Ok(document)
}

fn refused(error: SealError, name: &str) -> Error {
    match error {
        SealError::Missing(member) => {
            ChangeSetError::Unreadable { change_set: name.to_owned(), reason: format!("it has no {}", member.0) }.into()
        }
        SealError::Secrets(reason) => {
            PlanError::TooManySecrets { path: name.to_owned(), reason: reason.to_string() }.into()
        }
    }
}

/// All changes, those of a nested stack behind the stack's own. A change set that is nested in itself is not followed again.
fn place<'a>(
    sets: &'a ChangeSets,
    set: &'a Described,
    path: &str,
    seen: &mut BTreeSet<&'a str>,
    placed: &mut Vec<Placed<'a>>,
) {
    if !seen.insert(&set.id) {
        return;
    }
    for change in &set.changes {
        let name = if change.logical.is_empty() { "(unnamed)" } else { &change.logical };
        let address = format!("{path}{name}");
        let below = format!("{address}/");
        placed.push(Placed { address, change, sides: Sides::of(change) });
        if let Some(nested) = sets.nested.get(&change.nested) {
            place(sets, nested, &below, seen, placed);
        }
    }
}

/// The parameters whose names are those of secrets, as sensitive variables: their values are hidden wherever they recur.
fn variables(sets: &ChangeSets, plan: &mut Entries<Json>) {
    let all = [&sets.root].into_iter().chain(sets.nested.values()).flat_map(|set| &set.parameters);
    let secret = all.filter(|(name, value)| is_secret(value, is_secret_name(name)));
    let (mut values, mut declared) = (Vec::new(), Vec::new());
    for (index, (_, value)) in secret.enumerate() {
        // Two stacks may have parameters of one name.
        let name = Key::from(index.to_string());
        values.push((name.clone(), map([("value", Json::Text(value.clone()))])));
        declared.push((name, map([("sensitive", Json::Bool(true))])));
    }
    let root = map([("variables", Json::Map(entries(declared)))]);
    plan.insert("variables".into(), Json::Map(entries(values)));
    plan.insert("configuration".into(), map([("root_module", root)]));
}

/// The texts that name the change set.
fn heading(root: &Described) -> Json {
    Json::List([&root.stack, &root.name, &root.execution].map(|text| Json::Text(text.clone())).into())
}

/// Why the change set cannot be executed.
fn executable(root: &Described, status: String) -> Option<Note> {
    match root.execution.as_str() {
        "AVAILABLE" | "" => None,
        "OBSOLETE" => Some(Note::Obsolete),
        "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE" | "EXECUTE_FAILED" => Some(Note::Executed),
        // Where nothing changes there is nothing to execute.
        _ if root.changes.is_empty() => None,
        _ => Some(Note::NotExecutable(status)),
    }
}

impl Placed<'_> {
    /// The entry of `resource_changes`.
    fn entry(&self) -> Json {
        let Change { kind, logical, physical, action, .. } = self.change;
        let Sides { before, after, unknown, forced_by, .. } = &self.sides;
        let mut change = Entries::from_iter([
            ("actions".into(), Json::List(self.actions().into_iter().map(Json::Text).collect())),
            ("before".into(), before.clone()),
            ("after".into(), after.clone()),
            ("after_unknown".into(), unknown.clone()),
            ("before_sensitive".into(), mask(before)),
            ("after_sensitive".into(), mask(after)),
        ]);
        if self.replaces() {
            change.insert("replace_paths".into(), Json::List(forced_by.clone()));
        }
        if action == "Import" {
            change.insert("importing".into(), map([("id", Json::Text(physical.clone()))]));
        }
        map([
            ("address", Json::Text(self.address.clone())),
            ("mode", Json::Text("managed".to_owned())),
            ("type", Json::Text(kind.clone())),
            ("name", Json::Text(logical.clone())),
            ("change", Json::Map(change)),
        ])
    }

    /// What happens, in the words of a plan. CloudFormation makes the new object first and deletes the old one when all else is done
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html>).
    fn actions(&self) -> Vec<String> {
        let Change { action, policy, details, .. } = self.change;
        let actions: &[&str] = match action.as_str() {
            "Add" => &["create"],
            "Modify" if self.replaces() && policy == "ReplaceAndRetain" => &["create", "forget"],
            "Modify" if self.replaces() => &["create", "delete"],
            "Remove" if policy == "Retain" => &["forget"],
            "Remove" => &["delete"],
            "Import" if details.is_empty() => &["no-op"],
            "Modify" | "Import" => &["update"],
            // Only CloudFormation's record of it changes.
            "SyncWithActual" => &["read"],
            // Its words are not those of a plan, whatever they are spelled like.
            other => return vec![format!("{other} of CloudFormation")],
        };
        actions.iter().map(|action| (*action).to_owned()).collect()
    }

    /// Whether a new object takes the place of the old one, or may.
    fn replaces(&self) -> bool {
        let Change { action, replacement, policy, .. } = self.change;
        action == "Modify" && (!matches!(replacement.as_str(), "" | "False") || policy.starts_with("Replace"))
    }

    fn may_replace(&self) -> bool {
        self.replaces() && self.change.replacement != "True"
    }

    /// Whether it is a nested stack that is changed by a change set of which nothing is told.
    fn is_untold_stack(&self, sets: &ChangeSets) -> bool {
        let has_objects = self.change.action != "Import" && self.change.action != "SyncWithActual";
        self.change.kind == STACK && has_objects && !sets.nested.contains_key(&self.change.nested)
    }

    /// The texts of the change that a plan has no place for: its causes and the path of its construct.
    fn texts(&self) -> Json {
        let construct = self.sides.construct.clone().unwrap_or_default();
        Json::List(vec![Json::Text(self.causes()), Json::Text(construct)])
    }

    fn described(&self, sets: &ChangeSets, texts: &[String]) -> SetChange {
        let text = |index: usize| texts.get(index).filter(|text| !text.is_empty()).cloned();
        SetChange {
            action: self.action().map(Cow::Borrowed),
            certainty: self.certainty(),
            causes: text(0),
            construct: text(1),
            loss: self.loss(sets),
        }
    }

    fn certainty(&self) -> Certainty {
        match self.change.action.as_str() {
            "Dynamic" => Certainty::Undecided,
            _ if self.may_replace() => Certainty::MayReplace,
            _ => Certainty::Sure,
        }
    }

    fn loss(&self, sets: &ChangeSets) -> Loss {
        let Change { action, policy, .. } = self.change;
        match policy.as_str() {
            "Snapshot" | "ReplaceAndSnapshot" => Loss::Snapshot,
            "Retain" => Loss::Usual,
            _ if action == "Remove" && self.is_untold_stack(sets) => Loss::Untold,
            _ => Loss::Usual,
        }
    }

    /// What happens, where no verb of a plan says it.
    fn action(&self) -> Option<&'static str> {
        let Change { action, policy, .. } = self.change;
        match (action.as_str(), policy.as_str()) {
            ("Modify", "ReplaceAndRetain") if self.may_replace() => Some("may be replaced (the old object is kept)"),
            ("Modify", "ReplaceAndSnapshot") if self.may_replace() => Some("may be replaced (after a last snapshot)"),
            ("Modify", _) if self.may_replace() => Some("may be replaced (create first)"),
            ("Modify", "ReplaceAndSnapshot") if self.replaces() => Some("replace (create first, last snapshot)"),
            ("Remove", "Retain") => Some("leave (kept, not destroyed)"),
            ("Remove", "Snapshot") => Some("destroy (after a last snapshot)"),
            ("Dynamic", _) => Some("decided while it is deployed"),
            ("SyncWithActual", _) => Some("record as it is (not changed)"),
            _ => None,
        }
    }

    /// Why it changes, by CloudFormation's own words; empty where the template alone is why.
    fn causes(&self) -> String {
        let mut causes: Vec<String> = Vec::new();
        for cause in self.change.details.iter().filter_map(cause) {
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        if causes.len() > MOST_CAUSES {
            let more = causes.len() - MOST_CAUSES;
            causes.truncate(MOST_CAUSES);
            causes.push(format!("{more} more causes"));
        }
        // Nothing of what changes need be seen in its values.
        let hidden: Vec<&str> = self
            .change
            .scope
            .iter()
            .map(String::as_str)
            .filter(|scope| *scope != "Properties" && *scope != "Tags")
            .collect();
        if !hidden.is_empty() {
            causes.push(format!("its {} too", hidden.join(", ")));
        }
        match self.change.drift.as_str() {
            "MODIFIED" => causes.push("was changed outside of CloudFormation".to_owned()),
            "DELETED" => causes.push("was deleted outside of CloudFormation".to_owned()),
            _ => {}
        }
        match self.change.hooks.as_str() {
            "" | "0" => {}
            "1" => causes.push("1 hook checks it".to_owned()),
            many => causes.push(format!("{many} hooks check it")),
        }
        if !matches!(self.change.entity.as_str(), "Resource" | "") {
            causes.push(format!("a change of the type {}", self.change.entity));
        }
        causes.join("; ")
    }
}

/// Why a property changes; `None` where the template says so itself.
fn cause(detail: &Detail) -> Option<String> {
    let Detail { attribute, name, source, entity, evaluation, .. } = detail;
    let what = if name.is_empty() { attribute } else { name };
    let may = if evaluation == "Dynamic" { "may follow" } else { "follows" };
    match source.as_str() {
        "DirectModification" | "" => None,
        "ParameterReference" => Some(format!("{what} {may} the parameter {entity}")),
        "ResourceReference" | "ResourceAttribute" => Some(format!("{what} {may} {entity}")),
        "Automatic" => Some("the template of the nested stack may have changed".to_owned()),
        "NoModification" => Some(format!("{what} is not modified")),
        other => Some(format!("{what}: {other} {entity}").trim_end().to_owned()),
    }
}

fn map<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

#[cfg(test)]
mod tests;
