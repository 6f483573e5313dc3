//! The JSON of a plan without what nothing is made of, and the secrets of all of it.
//!
//! Most of a large plan is its state (twice) and objects that stay as they are. Each of them is read, looked through for secrets, and
//! forgotten, before the next one is: what is kept is as large as what changes.

use crate::entries::{Entries, entries};
use crate::json::{Json, JsonError, Reader};
use crate::likely::Detector;
use crate::parallel;
use crate::secrets::Secrets;

/// A plan's JSON, and what is a secret in it.
#[derive(Debug)]
pub(crate) struct PlanJson {
    /// All but the values of what stays as it is, and the state.
    pub(crate) json: Json,
    /// What the plan marks anywhere, and what the detector takes for a secret.
    pub(crate) secrets: Secrets,
}

impl PlanJson {
    /// The plan that `reader` stands in front of. `detector` says what is a secret besides what is marked.
    pub(crate) fn read(reader: &mut Reader<'_>, detector: &Detector) -> Result<Self, JsonError> {
        let mut secrets = Secrets::default();
        let mut members = Vec::new();
        if !reader.is_at_map() {
            return Ok(Self { json: reader.value()?, secrets });
        }
        reader.entries(|reader, name| {
            let value = match &*name {
                "resource_changes" | "resource_drift" if reader.is_at_list() => {
                    changes(reader, detector, &mut secrets)?
                }
                "prior_state" | "planned_values" if reader.is_at_map() => state(reader, &mut secrets)?,
                _ => reader.value()?,
            };
            members.push((name.into(), value));
            Ok::<_, JsonError>(())
        })?;
        let json = Json::Map(entries(members));
        secrets.of_rest(&json);
        detector.find_in_rest(&json, &mut secrets);
        Ok(Self { json, secrets: secrets.named_by(detector) })
    }

    /// A plan that was made here: without a state, and nothing in it stays as it is.
    pub(crate) fn made(json: Json, detector: &Detector) -> Self {
        let mut secrets = Secrets::default();
        for entry in json.get("resource_changes").into_iter().flat_map(Json::items) {
            secrets.of_change(entry.get("change"));
            detector.find_in(entry, &mut secrets);
        }
        secrets.of_rest(&json);
        detector.find_in_rest(&json, &mut secrets);
        Self { json, secrets: secrets.named_by(detector) }
    }

    /// The plan of a text that is one.
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Self {
        Self::read(&mut crate::json::checked(text).unwrap(), &Detector::default()).unwrap()
    }
}

/// The changes or the drift.
fn changes(reader: &mut Reader<'_>, detector: &Detector, secrets: &mut Secrets) -> Result<Json, JsonError> {
    let read = each(reader, secrets, |reader, secrets| {
        let entry = entry(reader, detector, secrets)?;
        secrets.of_change(entry.get("change"));
        detector.find_in(&entry, secrets);
        Ok(entry)
    });
    Ok(Json::List(read?))
}

/// What `read` makes of each item of the list that comes next, with the secrets of all of them.
fn each<T: Send>(
    reader: &mut Reader<'_>,
    secrets: &mut Secrets,
    read: impl Fn(&mut Reader<'_>, &mut Secrets) -> Result<T, JsonError> + Sync,
) -> Result<Vec<T>, JsonError> {
    let mut items = Vec::new();
    reader.items(|reader| {
        items.push(reader.clone());
        reader.skip();
        Ok::<_, JsonError>(())
    })?;
    let read = parallel::map(&items, |item| {
        let mut secrets = Secrets::default();
        Ok((read(&mut item.clone(), &mut secrets)?, secrets))
    });
    let mut all = Vec::new();
    for read in read {
        let (value, found) = read?;
        all.push(value);
        secrets.add_all(found);
    }
    Ok(all)
}

/// An entry of them, without its values where it stays as it is.
fn entry(reader: &mut Reader<'_>, detector: &Detector, secrets: &mut Secrets) -> Result<Json, JsonError> {
    if !reader.is_at_map() {
        return reader.value();
    }
    let mut members = Vec::new();
    let mut sides = None;
    reader.entries(|reader, name| {
        if name == "change" && reader.is_at_map() {
            let (change, read) = Sides::read(reader)?;
            sides = Some(read);
            members.push((name.into(), change));
        } else {
            members.push((name.into(), reader.value()?));
        }
        Ok::<_, JsonError>(())
    })?;
    let mut members = entries(members);
    let moves = members.get("previous_address").is_some_and(|address| *address != Json::Null);
    if let (Some(sides), Some(Json::Map(change))) = (sides, members.get_mut("change")) {
        if !moves && sides.stay(change) {
            let value = sides.before.map_or(Ok(Json::Null), |mut reader| reader.value())?;
            for mask in ["before_sensitive", "after_sensitive"] {
                secrets.masked(Some(&value), change.get(mask));
            }
            detector.find_in_value("before", &value, secrets);
            // That there is a mask still tells that the plan says what is sensitive; null is none.
            for name in ["before_sensitive", "after_sensitive"] {
                if let Some(mask) = change.get_mut(name).filter(|mask| **mask != Json::Null) {
                    *mask = Json::Bool(false);
                }
            }
        } else {
            for (name, side) in [("before", sides.before), ("after", sides.after)] {
                if let Some(mut reader) = side {
                    change.insert(name.into(), reader.value()?);
                }
            }
        }
    }
    Ok(Json::Map(members))
}

/// The values of a change, not read yet.
struct Sides<'a> {
    before: Option<Reader<'a>>,
    after: Option<Reader<'a>>,
    /// Whether both are spelled alike.
    are_equal: bool,
}

impl<'a> Sides<'a> {
    /// A change without its values, and these.
    fn read(reader: &mut Reader<'a>) -> Result<(Json, Self), JsonError> {
        let (mut before, mut after) = (None, None);
        let mut members = Vec::new();
        reader.entries(|reader, name| {
            let side = match &*name {
                "before" => &mut before,
                "after" => &mut after,
                _ => {
                    members.push((name.into(), reader.value()?));
                    return Ok::<_, JsonError>(());
                }
            };
            let here = reader.clone();
            *side = Some((here, reader.skip()));
            Ok(())
        })?;
        let are_equal = before.as_ref().map(|(_, text)| *text) == after.as_ref().map(|(_, text)| *text);
        let reader = |side: Option<(Reader<'a>, &str)>| side.map(|(reader, _)| reader);
        Ok((Json::Map(entries(members)), Self { before: reader(before), after: reader(after), are_equal }))
    }

    /// Whether the change is none, in any respect that something is made of.
    fn stay(&self, change: &Entries<Json>) -> bool {
        let is_idle = change
            .get("actions")
            .is_some_and(|actions| matches!(actions.items(), [Json::Text(action)] if action == "no-op"));
        let is_nothing = |name: &str| match change.get(name) {
            None | Some(Json::Null | Json::Bool(false)) => true,
            Some(Json::Map(entries)) => entries.is_empty(),
            Some(_) => false,
        };
        self.are_equal
            && is_idle
            && !change.contains_key("importing")
            && is_nothing("after_unknown")
            && change.get("before_sensitive") == change.get("after_sensitive")
    }
}

/// A state, or the values that are planned: that there is a managed object in it is all that is kept.
fn state(reader: &mut Reader<'_>, secrets: &mut Secrets) -> Result<Json, JsonError> {
    let mut members = Vec::new();
    reader.entries(|reader, name| {
        match &*name {
            "values" if reader.is_at_map() => {
                members.push((name.into(), state(reader, secrets)?));
            }
            "outputs" => secrets.of_state_outputs(&reader.value()?),
            "root_module" => {
                members.push((name.into(), module(reader, secrets)?));
            }
            _ => {
                reader.skip();
            }
        }
        Ok::<_, JsonError>(())
    })?;
    Ok(Json::Map(entries(members)))
}

/// A module of a state, with one of its managed objects.
fn module(reader: &mut Reader<'_>, secrets: &mut Secrets) -> Result<Json, JsonError> {
    let (mut managed, mut children) = (None, Vec::new());
    reader.entries(|reader, name| match &*name {
        "resources" => {
            if each(reader, secrets, object)?.contains(&true) {
                managed = Some(Json::Map(entries(vec![("mode".into(), Json::Text("managed".to_owned()))])));
            }
            Ok(())
        }
        "child_modules" => reader.items(|reader| {
            children.push(module(reader, secrets)?);
            Ok(())
        }),
        _ => {
            reader.skip();
            Ok::<_, JsonError>(())
        }
    })?;
    let lists = [("resources", managed.into_iter().collect()), ("child_modules", children)];
    Ok(Json::Map(lists.map(|(name, items)| (name.into(), Json::List(items))).into_iter().collect()))
}

/// Looks for what an object of a state marks; gives whether it is a managed one.
fn object(reader: &mut Reader<'_>, secrets: &mut Secrets) -> Result<bool, JsonError> {
    let (mut mode, mut values, mut mask) = (Json::Null, None, Json::Null);
    reader.entries(|reader, name| {
        match &*name {
            "mode" => mode = reader.value()?,
            "values" => {
                let is_map = reader.is_at_map();
                let here = reader.clone();
                reader.skip();
                values = Some((here, is_map));
            }
            "sensitive_values" => mask = reader.value()?,
            _ => {
                reader.skip();
            }
        }
        Ok::<_, JsonError>(())
    })?;
    if let Some((mut values, is_map)) = values {
        let marks_nothing = match &mask {
            Json::Null | Json::Bool(false) => true,
            Json::Map(flags) => is_map && flags.is_empty(),
            _ => false,
        };
        if !marks_nothing {
            secrets.masked(Some(&values.value()?), Some(&mask));
        }
    }
    Ok(mode.text() == Some("managed"))
}

#[cfg(test)]
mod tests;
