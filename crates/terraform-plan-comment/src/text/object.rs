//! Resources, data sources and actions: a header, and a block below it.

use super::blocks::{Undescribed, block};
use super::difference::{Action, Body, Difference};
use super::header::{Tense, header, is_moved};
use super::product::Product;
use super::render::{Style, push};
use super::sides::Sides;
use super::strings::quote;
use crate::diff::on_one_line;
use crate::document::{Change, Document, Invocation};
use crate::paths::Paths;
use crate::schema::{Block, Subject};
use crate::sealed::Sealed;
use crate::verb::Verb;

/// A resource with the difference of its values.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) change: &'a Change,
    pub(super) verb: Verb,
    difference: Difference,
    product: Product,
}

impl<'a> Object<'a> {
    /// The difference of a resource, as far as `relevant` tells.
    pub(super) fn of(change: &'a Change, relevant: Paths<'a>, document: &Document) -> Self {
        let verb = Verb::of_resource(&change.mode, &change.actions);
        let product = Product::of(document);
        let before = change.before.as_ref();
        // What is forgotten stays as it is; OpenTofu shows all of it.
        let keeps = verb == Verb::Forget && product == Product::Terraform;
        let after = if keeps { before } else { change.after.as_ref() };
        let stays =
            verb == Verb::Nothing && before == after && change.previous_address.is_none() && change.import.is_none();
        if stays || verb == Verb::Open {
            // Of a large plan most resources stay as they are, and are not shown; those that are opened are not either.
            let body = Body::Scalar(None, None);
            return Self { change, verb, difference: Difference::new(Action::NoOp, false, body), product };
        }
        let mut sides = Sides::new(before, after).implicit();
        sides.forcing = Paths::only(&change.replace_paths);
        sides.relevant = relevant;
        let subject = Subject::new(&change.provider, &change.mode, &change.kind);
        Self { change, verb, difference: described(sides, &subject, document), product }
    }

    /// Whether nothing is to be said of it.
    pub(super) fn is_idle(&self) -> bool {
        self.verb == Verb::Open || self.verb == Verb::Nothing && !is_moved(self.change) && self.change.import.is_none()
    }

    /// Whether its values stay as they are.
    pub(super) fn is_unchanged(&self) -> bool {
        self.difference.is_no_op()
    }

    /// The resource as it is shown; nothing of its values is kept besides. What is idle has no text.
    pub(super) fn shown(self) -> Shown<'a> {
        let text = if self.is_idle() { String::new() } else { self.text(Tense::Planned) };
        Shown { change: self.change, is_idle: self.is_idle(), is_unchanged: self.is_unchanged(), verb: self.verb, text }
    }

    /// The resource as text, without a line feed at the end.
    pub(super) fn text(&self, tense: Tense) -> String {
        let mut text = header(self.change, &self.verb, tense, self.product).join("\n");
        text.push('\n');
        self.push_body(&mut text);
        text
    }

    /// A resource that a later plan will change.
    pub(super) fn deferred_text(&self, reason: &str) -> String {
        let why = match reason {
            "instance_count_unknown" => "because the number of resource instances is unknown".to_owned(),
            "resource_config_unknown" => "because the resource configuration is unknown".to_owned(),
            "provider_config_unknown" => "because the provider configuration is unknown".to_owned(),
            "deferred_prereq" => "because a prerequisite for this resource is deferred".to_owned(),
            "absent_prereq" => "because a prerequisite for this resource has not yet been created".to_owned(),
            "unknown" => "for an unknown reason".to_owned(),
            other => format!("reason: {}", on_one_line(other)),
        };
        let mut text = format!("  # {} was deferred\n  # ({why})\n", on_one_line(&self.change.address));
        self.push_body(&mut text);
        text
    }

    fn push_body(&self, text: &mut String) {
        let mode = if self.change.mode == "managed" { "resource" } else { "data" };
        let (kind, name) = (on_one_line(&self.change.kind), on_one_line(&self.change.name));
        let bare = self.verb == Verb::Forget && self.product != Product::Terraform;
        let style = Style { all: self.change.import.is_some(), bare, no_null: bare, ..Style::default() };
        text.extend([self.product.symbol(&self.verb), " ", mode, " \"", &kind, "\" \"", &name, "\" "]);
        push(text, &self.difference, 0, style);
    }
}

/// A resource that will change, as it is shown.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) change: &'a Change,
    pub(super) verb: Verb,
    /// Whether nothing is to be said of it.
    pub(super) is_idle: bool,
    /// Whether its values stay as they are.
    pub(super) is_unchanged: bool,
    /// Without a line feed at the end.
    pub(super) text: String,
}

/// The difference by the schema of the type; without one by what the values tell.
fn described(sides: Sides<'_>, subject: &Subject, document: &Document) -> Difference {
    if let Some(schema) = document.schemas.get(subject) {
        return block(&sides, schema, Undescribed::Inferred);
    }
    let undescribed = if subject.is_builtin() { Undescribed::Dynamic } else { Undescribed::Inferred };
    block(&Sides { modern: true, ..sides }, &Block::default(), undescribed)
}

/// An action of a provider, with a line feed at the end.
pub(super) fn invocation_text(invocation: &Invocation, document: &Document) -> String {
    let mut text = format!("    action {} {} {{\n", quote(&invocation.kind), quote(&invocation.name));
    if let Some(configuration) = invocation.configuration.as_ref().filter(|value| **value != Sealed::Null) {
        let sides = Sides::new(Some(configuration), Some(configuration)).implicit();
        let subject = Subject::new(&invocation.provider, "action", &invocation.kind);
        let difference = Difference { action: Action::NoOp, ..described(sides, &subject, document) };
        let style = Style { all: true, bare: true, ..Style::default() };
        let mut values = String::new();
        push(&mut values, &difference, 0, style);
        text.push_str(&format!("        config {}\n", values.replace('\n', "\n        ")));
    }
    text.push_str("    }\n");
    text
}
