//! The object before and after a change: from the contexts that CloudFormation gives, else from the single properties it names.

use super::KNOWN_AFTER_APPLY;
use super::answer::{Change, Detail};
use crate::entries::Entries;
use crate::json::Json;

/// What stands for a value that CloudFormation does not tell.
const UNTOLD: &str = "(not told)";

/// The attributes of a resource beside its properties
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html>).
const PROPERTIES: &str = "Properties";
const METADATA: &str = "Metadata";

/// Where the CDK writes the path of the construct that a resource is made by.
const CDK_PATH: &str = "aws:cdk:path";

/// An object before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) before: Json,
    pub(super) after: Json,
    /// What of the object is known only while it is deployed, as `after_unknown` of a plan says it.
    pub(super) unknown: Json,
    /// What makes a new object necessary, or may.
    pub(super) forced_by: Vec<Json>,
    /// Whether values are missing that CloudFormation was asked for.
    pub(super) is_untold: bool,
    /// The path of the construct in the CDK's application.
    pub(super) construct: Option<String>,
}

impl Sides {
    /// The sides of a change.
    pub(super) fn of(change: &Change) -> Self {
        let (mut before, mut after) = (Context::of(&change.before), Context::of(&change.after));
        let paths: Vec<String> = [&after, &before].into_iter().flatten().filter_map(Context::construct).collect();
        // What stands beside the change need not stand in it, unless it changes.
        if paths.iter().all(|path| path == &paths[0]) {
            [&mut before, &mut after].into_iter().flatten().for_each(Context::forget_construct);
        }
        let construct = paths.into_iter().next();
        let mut sides = Self {
            before: before.as_ref().map_or(Json::Null, Context::object),
            after: after.as_ref().map_or(Json::Null, Context::object),
            unknown: Json::Map(Entries::new()),
            forced_by: change.details.iter().filter_map(forcing).collect(),
            is_untold: false,
            construct,
        };
        sides.forced_by.sort();
        sides.forced_by.dedup();
        let has_contexts = before.is_some() || after.is_some();
        if has_contexts {
            change
                .details
                .iter()
                .filter(|detail| detail.change != "SyncWithActual")
                .for_each(|detail| sides.note(detail));
        } else {
            change.details.iter().for_each(|detail| sides.told(detail));
            sides.is_untold |= change.details.is_empty();
        }
        let found = unknown(&sides.after);
        merge(&mut sides.unknown, found);
        match change.action.as_str() {
            "Add" => sides.before = Json::Null,
            "Remove" => (sides.after, sides.unknown) = (Json::Null, Json::Null),
            _ => {}
        }
        // What is added needs no explanation where nothing is told; an object it is.
        if change.action == "Add" && sides.after == Json::Null {
            sides.after = Json::Map(Entries::new());
        }
        if change.action == "Remove" && sides.before == Json::Null {
            sides.before = Json::Map(Entries::new());
        }
        sides
    }

    /// A property that changes although both contexts have the same: what it becomes is not known yet.
    fn note(&mut self, detail: &Detail) {
        let path = steps(detail);
        if !path.is_empty() && at(&self.before, &path) == at(&self.after, &path) && at(&self.after, &path).is_some() {
            put(&mut self.unknown, &path, Json::Bool(true));
        }
    }

    /// A property that only its detail tells.
    fn told(&mut self, detail: &Detail) {
        let path = steps(detail);
        if path.is_empty() {
            return;
        }
        let is_later = detail.evaluation == "Dynamic" || detail.after.as_deref() == Some(KNOWN_AFTER_APPLY);
        self.is_untold |= detail.before.is_none() && detail.after.is_none();
        let untold = || Json::Text(UNTOLD.to_owned());
        let before = match (&detail.before, detail.change.as_str()) {
            (Some(value), _) => Some(parsed(value)),
            (None, "Add") => None,
            (None, _) => Some(untold()),
        };
        if let Some(before) = before {
            put(&mut self.before, &path, before);
        }
        match (&detail.after, detail.change.as_str()) {
            (_, "Remove") => {}
            (Some(value), _) if !is_later => put(&mut self.after, &path, parsed(value)),
            _ => put(&mut self.unknown, &path, Json::Bool(true)),
        }
        if self.after == Json::Null {
            self.after = Json::Map(Entries::new());
        }
    }
}

/// What a context holds: `{"Properties": {...}, "Metadata": {...}, "DeletionPolicy": "Retain", ...}`.
struct Context(Entries<Json>);

impl Context {
    /// Reads a context; one that is cut off is none.
    fn of(text: &str) -> Option<Self> {
        match Json::parse(text) {
            Ok(Json::Map(entries)) => Some(Self(entries)),
            _ => None,
        }
    }

    /// The properties, with the other attributes beside them.
    fn object(&self) -> Json {
        let mut object = match self.0.get(PROPERTIES) {
            Some(Json::Map(properties)) => properties.clone(),
            _ => Entries::new(),
        };
        for (name, value) in self.0.iter().filter(|(name, _)| *name != PROPERTIES) {
            object.insert(attribute(name, &object).into(), value.clone());
        }
        Json::Map(object)
    }

    /// The path of the construct, which the CDK writes into the metadata
    /// (<https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html>).
    fn construct(&self) -> Option<String> {
        self.0.get(METADATA)?.text_of(CDK_PATH).map(str::to_owned)
    }

    fn forget_construct(&mut self) {
        if let Some(Json::Map(metadata)) = self.0.get_mut(METADATA) {
            metadata.remove(CDK_PATH);
            if metadata.is_empty() {
                self.0.remove(METADATA);
            }
        }
    }
}

/// The name of an attribute that is no property, where a property may have the same name.
fn attribute(name: &str, properties: &Entries<Json>) -> String {
    if properties.contains_key(name) { format!("{name} (of the resource)") } else { name.to_owned() }
}

/// A value as a detail tells it: a text, or the JSON of a list or an object.
fn parsed(value: &str) -> Json {
    let is_document = value.trim_start().starts_with(['{', '[']) && value != KNOWN_AFTER_APPLY;
    let parsed = if is_document { Json::parse(value).ok() } else { None };
    parsed.unwrap_or_else(|| Json::Text(value.to_owned()))
}

/// The path of what a detail is about: from `/Properties/Roles/0`, else the property's name, else the attribute. A name with `/` or `~`
/// is escaped there as in a JSON pointer (RFC 6901).
fn steps(detail: &Detail) -> Vec<String> {
    let pointer = detail.path.strip_prefix('/').map(|path| path.split('/').map(unescaped).collect::<Vec<_>>());
    let path = pointer.unwrap_or_else(|| vec![detail.attribute.clone(), detail.name.clone()]);
    let path: Vec<String> = path.into_iter().filter(|step| !step.is_empty()).collect();
    match path.split_first() {
        Some((first, rest)) if first == PROPERTIES => rest.to_vec(),
        _ => path,
    }
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The path of a property that cannot change in place, or may not.
fn forcing(detail: &Detail) -> Option<Json> {
    let forces = matches!(detail.recreation.as_str(), "Always" | "Conditionally");
    let step = |step: String| match step.parse::<u32>() {
        Ok(index) => Json::Number(index.to_string()),
        Err(_) => Json::Text(step),
    };
    let path: Vec<Json> = steps(detail).into_iter().map(step).collect();
    (forces && !path.is_empty()).then_some(Json::List(path))
}

fn at<'a>(value: &'a Json, path: &[String]) -> Option<&'a Json> {
    path.iter().try_fold(value, |value, step| match value {
        Json::Map(entries) => entries.get(step.as_str()),
        Json::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Puts a value where a path leads; what is no map on the way becomes one.
fn put(value: &mut Json, path: &[String], new: Json) {
    let Some((step, rest)) = path.split_first() else {
        *value = new;
        return;
    };
    if *value == Json::Bool(true) {
        // All of it is unknown already.
        return;
    }
    if !matches!(value, Json::Map(_)) {
        *value = Json::Map(Entries::new());
    }
    if let Json::Map(entries) = value {
        put(entries.entry(step.as_str().into()).or_insert(Json::Null), rest, new);
    }
}

/// What of a value is the mark of what is known only while it is deployed.
fn unknown(value: &Json) -> Json {
    match value {
        Json::Text(text) => Json::Bool(text == KNOWN_AFTER_APPLY),
        Json::List(items) => Json::List(items.iter().map(unknown).collect()),
        Json::Map(entries) => Json::Map(entries.iter().map(|(key, item)| (key.clone(), unknown(item))).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) => Json::Bool(false),
    }
}

/// Adds flags to flags.
fn merge(flags: &mut Json, more: Json) {
    match (flags, more) {
        (Json::Bool(true), _) | (Json::Map(_), Json::Bool(false) | Json::Null) => {}
        (Json::Map(flags), Json::Map(more)) => {
            for (key, more) in more {
                merge(flags.entry(key).or_insert(Json::Bool(false)), more);
            }
        }
        // Flags of a list's items that a path gave by their indexes.
        (flags @ Json::Map(_), Json::List(mut more)) => {
            for (index, item) in more.iter_mut().enumerate() {
                if let Some(flag) = flags.get(&index.to_string()) {
                    merge(item, flag.clone());
                }
            }
            *flags = Json::List(more);
        }
        (flags, more) => *flags = more,
    }
}

#[cfg(test)]
mod tests;
