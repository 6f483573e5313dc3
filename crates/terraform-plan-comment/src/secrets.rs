//! The secret texts of a plan: every value that a sensitivity mask, a sensitive variable or a sensitive output covers.
//!
//! Terraform marks paths, not values: a computed copy of a secret, a map key made of one, an error message quoting one are
//! not marked. So the values are collected first and then sealed wherever they occur (`sealed.rs`).

use std::collections::BTreeSet;

use regex_lite::Regex;

use crate::json::Json;
use crate::likely::Detector;

/// A marked text is looked for everywhere from this length on, in characters. A shorter one, and what is no text, is hidden where it is
/// marked: anywhere else it would hide everything and protect nothing.
pub(crate) const SHORTEST: usize = 6;

/// A text that only looks like a secret is one from this length on, in characters.
const SHORTEST_LIKELY: usize = 4;

/// A line of a secret of several lines is a secret of its own from this length on.
const SHORTEST_LINE: usize = 8;

/// Texts of this length inside a secret JSON document are taken for secrets whatever their key is.
const LONG_PART: usize = 20;

/// Keys of a secret JSON document whose texts are secrets.
const SECRET_KEYS: [&str; 7] = ["pass", "secret", "token", "key", "credential", "private", "pwd"];

/// Words that no one guesses a secret from, though masks cover them often.
const HARMLESS: [&str; 9] = ["true", "false", "null", "none", "yes", "no", "enabled", "disabled", "default"];

/// The secret texts of one plan.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    texts: BTreeSet<String>,
    /// What the user calls a secret.
    patterns: Vec<Regex>,
}

/// What a sensitivity mask says about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover<'a> {
    /// Nothing below is sensitive.
    Open,
    /// Look at the members.
    Members(&'a Json),
    /// Everything below is sensitive.
    Closed,
}

impl<'a> Cover<'a> {
    /// Compares a mask with its value. A mask of another shape covers everything: it cannot be said what it meant.
    pub(crate) fn of(mask: Option<&'a Json>, value: Option<&Json>) -> Self {
        match (mask, value) {
            (None | Some(Json::Null | Json::Bool(false)), _) => Self::Open,
            (Some(mask @ Json::Map(_)), None | Some(Json::Null | Json::Map(_)))
            | (Some(mask @ Json::List(_)), None | Some(Json::Null)) => Self::Members(mask),
            (Some(mask @ Json::List(flags)), Some(Json::List(items))) if flags.len() >= items.len() => {
                Self::Members(mask)
            }
            (Some(_), _) => Self::Closed,
        }
    }

    /// The mask of the member `key`.
    pub(crate) fn key(self, key: &str) -> Option<&'a Json> {
        match self {
            Self::Members(Json::Map(flags)) => flags.get(key),
            _ => None,
        }
    }

    /// The mask of the element `index`.
    pub(crate) fn index(self, index: usize) -> Option<&'a Json> {
        match self {
            Self::Members(Json::List(flags)) => flags.get(index),
            _ => None,
        }
    }
}

impl Secrets {
    /// The same, with what the user calls a secret wherever it stands.
    pub(crate) fn named_by(self, detector: &Detector) -> Self {
        Self { patterns: detector.patterns().to_vec(), ..self }
    }

    /// The secrets of several plans.
    pub(crate) fn of_all<'a>(plans: impl IntoIterator<Item = &'a Self>, detector: &Detector) -> Self {
        let texts = plans.into_iter().flat_map(|secrets| secrets.texts.iter().cloned()).collect();
        Self { texts, ..Self::default() }.named_by(detector)
    }

    /// Adds those of a part of the plan.
    pub(crate) fn add_all(&mut self, other: Self) {
        self.texts.extend(other.texts);
    }

    /// Collects what a plan marks outside of its changes, its drift and its states.
    pub(crate) fn of_rest(&mut self, plan: &Json) {
        for deferred in plan.get("deferred_changes").into_iter().flat_map(Json::items) {
            self.of_change(deferred.at(&["resource_change", "change"]));
        }
        for (_, output) in plan.get("output_changes").into_iter().flat_map(Json::entries) {
            self.of_change(Some(output));
        }
        for list in ["action_invocations", "deferred_action_invocations"] {
            for action in plan.get(list).into_iter().flat_map(Json::items) {
                let action = action.get("action_invocation").unwrap_or(action);
                self.masked(action.get("config_values"), action.get("config_sensitive"));
            }
        }
        self.variables(plan);
        if let Some(root) = plan.at(&["configuration", "root_module"]) {
            self.module(root);
        }
    }

    /// The collected texts.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// What the user calls a secret wherever it stands.
    pub(crate) fn patterns(&self) -> &[Regex] {
        &self.patterns
    }

    /// Collects what a change marks.
    pub(crate) fn of_change(&mut self, change: Option<&Json>) {
        let Some(change) = change else { return };
        self.masked(change.get("before"), change.get("before_sensitive"));
        self.masked(change.get("after"), change.get("after_sensitive"));
    }

    /// The values of the root module's sensitive variables.
    fn variables(&mut self, plan: &Json) {
        for (name, variable) in
            plan.at(&["configuration", "root_module", "variables"]).into_iter().flat_map(Json::entries)
        {
            if is_sensitive(variable) {
                self.everything(plan.at(&["variables", name, "value"]));
            }
        }
    }

    /// The defaults of sensitive variables, what calls pass to them, and constants of sensitive outputs.
    fn module(&mut self, module: &Json) {
        for (_, variable) in members(module, "variables") {
            if is_sensitive(variable) {
                self.everything(variable.get("default"));
            }
        }
        for (_, output) in members(module, "outputs") {
            if is_sensitive(output) {
                self.everything(output.at(&["expression", "constant_value"]));
            }
        }
        for (_, call) in members(module, "module_calls") {
            let Some(called) = call.get("module") else { continue };
            for (name, variable) in members(called, "variables") {
                if is_sensitive(variable) {
                    self.everything(call.at(&["expressions", name, "constant_value"]));
                }
            }
            self.module(called);
        }
    }

    /// Collects the sensitive outputs of a state.
    pub(crate) fn of_state_outputs(&mut self, outputs: &Json) {
        for (_, output) in outputs.entries() {
            if is_sensitive(output) {
                self.everything(output.get("value"));
            }
        }
    }

    /// Collects what `mask` covers of `value`.
    pub(crate) fn masked(&mut self, value: Option<&Json>, mask: Option<&Json>) {
        let Some(value) = value else { return };
        match (Cover::of(mask, Some(value)), value) {
            (Cover::Open, _) => {}
            (Cover::Closed, _) => self.everything(Some(value)),
            (cover, Json::Map(entries)) => {
                for (key, item) in entries {
                    self.masked(Some(item), cover.key(key));
                }
            }
            (cover, Json::List(items)) => {
                items.iter().enumerate().for_each(|(index, item)| self.masked(Some(item), cover.index(index)));
            }
            (Cover::Members(_), _) => {}
        }
    }

    /// Collects each text below `value`.
    fn everything(&mut self, value: Option<&Json>) {
        match value {
            None | Some(Json::Null | Json::Bool(_) | Json::Number(_)) => {}
            Some(Json::Text(text)) => self.text(text),
            Some(Json::List(items)) => items.iter().for_each(|item| self.everything(Some(item))),
            Some(Json::Map(entries)) => entries.values().for_each(|item| self.everything(Some(item))),
        }
    }

    /// A secret text, and the secrets it is made of.
    fn text(&mut self, text: &str) {
        self.add(text);
        self.add(text.trim());
        if text.trim().contains('\n') {
            text.lines().map(str::trim).filter(|line| is_line(line)).for_each(|line| self.add(line));
        }
        url_passwords(text).for_each(|password| self.add(password));
        let is_document = text.trim_start().starts_with(['{', '[']);
        if let Some(json) = is_document.then(|| Json::parse(text).ok()).flatten() {
            self.json_parts(&json, false);
        }
    }

    /// The parts of a secret JSON document that are secrets of their own: long texts, and those whose key says so.
    fn json_parts(&mut self, value: &Json, key_says_so: bool) {
        match value {
            Json::Text(text) if key_says_so || text.len() >= LONG_PART => self.add(text),
            Json::List(items) => items.iter().for_each(|item| self.json_parts(item, key_says_so)),
            Json::Map(entries) => {
                for (key, item) in entries {
                    let key = key.to_lowercase();
                    self.json_parts(item, key_says_so || SECRET_KEYS.iter().any(|word| key.contains(word)));
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
        }
    }

    /// Everything in a value.
    pub(crate) fn whole(&mut self, value: &Json) {
        self.everything(Some(value));
    }

    /// A text that looks like a secret.
    pub(crate) fn likely(&mut self, text: &str) {
        self.insert(text, SHORTEST_LIKELY);
        if text.contains('\n') {
            self.text(text);
        }
    }

    fn add(&mut self, text: &str) {
        self.insert(text, SHORTEST);
    }

    fn insert(&mut self, text: &str, shortest: usize) {
        let is_long = text.chars().take(shortest).count() == shortest;
        if is_long && !text.trim().is_empty() && !HARMLESS.contains(&text.to_lowercase().as_str()) {
            self.texts.insert(text.to_owned());
        }
    }
}

/// Whether a line of a secret is a secret of its own; what every key and certificate begins with is none.
fn is_line(line: &str) -> bool {
    line.len() >= SHORTEST_LINE && !(line.starts_with("-----") && line.ends_with("-----"))
}

/// The passwords of all `scheme://user:password@host` in a text.
pub(crate) fn url_passwords(text: &str) -> impl Iterator<Item = &str> {
    // Most texts have no colon, which is told sooner.
    let searched = if memchr::memchr(b':', text.as_bytes()).is_some() { text } else { "" };
    searched.match_indices("://").filter_map(|(place, mark)| {
        let rest = &text[place + mark.len()..];
        let authority = rest.split(['/', '?', '#', ' ', '\n', '"', '\'']).next()?;
        let (user, _) = authority.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| password)
    })
}

fn is_sensitive(declared: &Json) -> bool {
    declared.get("sensitive").is_some_and(|flag| *flag != Json::Bool(false))
}

fn members<'a>(module: &'a Json, name: &str) -> impl Iterator<Item = (&'a str, &'a Json)> {
    module.get(name).into_iter().flat_map(Json::entries)
}

#[cfg(test)]
mod tests;
