//! The whole plan.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::header::{Tense, is_moved};
use super::object::{Object, Shown, invocation_text};
use super::outputs;
use super::product::Product;
use super::strings::wrap;
use crate::change_set::Stack;
use crate::diff::on_one_line;
use crate::document::{Document, Invocation};
use crate::intent::Intent;
use crate::parallel;
use crate::paths::Paths;
use crate::verb::Verb;

/// The plan as text, with a line feed at the end.
pub(crate) fn plan(document: &Document) -> String {
    Plan::of(document).text()
}

/// What of a plan is shown.
struct Plan<'a> {
    document: &'a Document,
    drift: Vec<Object<'a>>,
    deferred: Vec<(&'a str, Object<'a>)>,
    changes: Vec<Shown<'a>>,
    outputs: String,
    invocations: Invocations<'a>,
    /// How often each verb is among the changes, moves and imports alone left out.
    counts: BTreeMap<Verb, usize>,
    product: Product,
}

impl<'a> Plan<'a> {
    fn of(document: &'a Document) -> Self {
        // A data source is deleted from the state alone.
        let is_shown =
            |object: &Shown<'_>| !object.is_idle && (object.verb != Verb::Delete || object.change.mode == "managed");
        let all = parallel::map(&document.changes[..], |change| Object::of(change, Paths::All, document).shown());
        let changes_values = all.iter().any(|object| !object.is_unchanged || is_moved(object.change));
        let changes: Vec<Shown<'a>> = all.into_iter().filter(is_shown).collect();
        let mut counts = BTreeMap::new();
        for object in changes.iter().filter(|object| object.verb != Verb::Nothing) {
            *counts.entry(object.verb.clone()).or_insert(0) += 1;
        }
        let outputs = outputs::text(document);
        let deferred = document
            .deferred
            .iter()
            .map(|(reason, change)| (reason.as_str(), Object::of(change, Paths::All, document)));
        Self {
            drift: drift(document, changes_values || !outputs.is_empty()),
            deferred: deferred.collect(),
            invocations: Invocations::of(document, &changes),
            product: Product::of(document),
            document,
            changes,
            outputs,
            counts,
        }
    }

    fn text(&self) -> String {
        let mut text = self.stack_text();
        text.push_str(&self.drift_text());
        if self.changes.is_empty() && self.outputs.is_empty() && self.invocations.count == 0 {
            match self.nothing_to_do() {
                Nothing::More(words) => text.push_str(&words),
                Nothing::Ends(words) => {
                    text.push_str(&words);
                    // A later plan has something to do, which `terraform show` does not say.
                    if self.deferred.is_empty() {
                        return text;
                    }
                }
            }
        }
        if !self.drift.is_empty() {
            text.push_str(&rule());
        }
        text.push_str(&self.deferred_text());
        text.push_str(&self.legend());
        self.push_changes(&mut text);
        text.push_str(&self.invocations_text());
        text.push_str(&self.outputs_text());
        text
    }

    /// Which change set it is, and what a reader must know of it.
    fn stack_text(&self) -> String {
        let Some(stack) = self.document.stack.as_ref().map(Stack::shown) else { return String::new() };
        let plain = |prose: &str| prose.replace('`', "");
        let mut text = format!("\nCloudFormation {}\n", plain(&stack.words()));
        for note in &stack.notes {
            let warning = note.warning();
            let words = format!("{} {}", warning.headline, warning.text);
            text.push_str(&format!("\nNote: {}\n", plain(words.trim_start())));
        }
        text
    }

    fn drift_text(&self) -> String {
        if self.drift.is_empty() {
            return String::new();
        }
        let mut text = format!("\nNote: {}\n\n{}\n", self.product.says(DRIFT_TITLE), self.prose(DRIFT));
        for object in self.drift.iter().filter(|object| !object.is_idle()) {
            text.push_str(&format!("\n{}\n", object.text(Tense::Detected)));
        }
        let end = if self.document.intent == Intent::RefreshOnly { REFRESH_ONLY_END } else { DRIFT_END };
        text.push_str(&format!("\n\n{}\n", self.prose(end)));
        text
    }

    /// What is said of a plan that changes nothing.
    fn nothing_to_do(&self) -> Nothing {
        let has_drift = !self.drift.is_empty();
        let ruled = |words: &str| if has_drift { format!("{}{words}", rule()) } else { words.to_owned() };
        if let Some(stack) = &self.document.stack {
            // The note above says it.
            if stack.has_unlisted() {
                return Nothing::Ends(String::new());
            }
            return Nothing::More(no_changes("The stack is as the template says.", STACK_MATCHES));
        }
        if self.document.errored {
            return Nothing::More(ruled(&self.product.says(FAILED)));
        }
        if !self.deferred.is_empty() {
            return Nothing::More(ruled(DEFERRED_ONLY));
        }
        let no_changes = |short: &str, long: &str| no_changes(short, &self.product.says(long));
        match self.document.intent {
            Intent::RefreshOnly if has_drift => Nothing::Ends(String::new()),
            Intent::RefreshOnly => {
                Nothing::More(no_changes("Your infrastructure still matches the configuration.", STILL_MATCHES))
            }
            Intent::Destroy => {
                Nothing::More(ruled(&no_changes("No objects need to be destroyed.", NOTHING_TO_DESTROY)))
            }
            Intent::Unclear => Nothing::More(ruled(&no_changes("There is nothing to do.", NOTHING_IS_THERE))),
            Intent::Normal if has_drift => {
                let words = if self.document.applyable == Some(false) { DRIFT_STAYS } else { DRIFT_IS_RECORDED };
                Nothing::Ends(ruled(&no_changes(INFRASTRUCTURE_MATCHES, words)))
            }
            Intent::Normal if self.product.is_opentofu(13) => {
                Nothing::More(format!("\nNo changes. {INFRASTRUCTURE_MATCHES}\n"))
            }
            Intent::Normal => Nothing::More(no_changes(INFRASTRUCTURE_MATCHES, MATCHES)),
        }
    }

    /// A sentence of Terraform's as the program says it, in lines.
    fn prose(&self, sentence: &str) -> String {
        wrap(&self.product.says(sentence))
    }

    fn deferred_text(&self) -> String {
        if self.deferred.is_empty() {
            return String::new();
        }
        let mut text = format!("\nNote: {PARTIAL}\n\n");
        for (reason, object) in self.deferred.iter().filter(|(_, object)| !object.is_idle()) {
            text.push_str(&format!("\n{}\n", object.deferred_text(reason)));
        }
        text + &rule()
    }

    fn legend(&self) -> String {
        if self.counts.is_empty() {
            return String::new();
        }
        let lines = self.product.legend(|verb| self.counts.contains_key(verb));
        let words = if self.document.stack.is_some() { STACK_SYMBOLS } else { SYMBOLS };
        lines.into_iter().fold(format!("\n{}\n", self.prose(words)), |legend, line| legend + line + "\n")
    }

    fn push_changes(&self, text: &mut String) {
        if self.changes.is_empty() && self.invocations.count == 0 {
            return;
        }
        let first = match self.document {
            Document { stack: Some(_), .. } => STACK_ACTIONS,
            Document { errored: true, .. } => ERRORED_ACTIONS,
            Document { errored: false, .. } => ACTIONS,
        };
        text.extend(["\n", &*self.product.says(first), "\n"]);
        text.reserve(self.changes.iter().map(|object| object.text.len() + 2).sum());
        for object in &self.changes {
            let triggered = self.invocations.triggered_text(&object.change.address, self.document);
            text.extend(["\n", &object.text, &triggered, "\n"]);
        }
        text.push_str(&self.counts_text());
    }

    fn counts_text(&self) -> String {
        let count = |is: &dyn Fn(&Verb) -> bool| {
            self.counts.iter().filter(|(verb, _)| is(verb)).map(|(_, count)| count).sum::<usize>()
        };
        // Terraform before 1.16 does not count what replaces a forgotten object.
        let (add, change) = (count(&Verb::creates), count(&|verb| *verb == Verb::Update));
        let destroy = count(&Verb::destroys);
        let imports = self.changes.iter().filter(|object| object.change.import.is_some()).count();
        let imports = if imports > 0 { format!("{imports} to import, ") } else { String::new() };
        let forget = if self.product.is_opentofu(10) {
            count(&|verb| *verb == Verb::Forget || *verb == Verb::CreateAndForget)
        } else {
            0
        };
        let forget = if forget > 0 { format!(", {forget} to forget") } else { String::new() };
        let invocations = match self.invocations.count {
            0 => String::new(),
            count => format!(" Actions: {count} to invoke."),
        };
        format!("\nPlan: {imports}{add} to add, {change} to change, {destroy} to destroy{forget}.{invocations}\n")
    }

    /// The actions that run by themselves, and those whose resource is not shown.
    fn invocations_text(&self) -> String {
        let alone = self.invocations.alone.iter();
        let texts: Vec<String> = alone
            .map(|one| {
                format!("  # {} will be invoked\n{}", on_one_line(&one.address), invocation_text(one, self.document))
            })
            .collect();
        if texts.is_empty() {
            return String::new();
        }
        format!("\nTerraform will invoke the following action(s):\n\n{}\n", texts.join("\n"))
    }

    fn outputs_text(&self) -> String {
        if self.outputs.is_empty() {
            return String::new();
        }
        let alone = if self.counts.is_empty() { format!("\n{}\n", self.prose(OUTPUTS_ONLY)) } else { String::new() };
        format!("\nChanges to Outputs:\n{}\n{alone}", self.outputs)
    }
}

/// The actions that the apply runs.
struct Invocations<'a> {
    count: usize,
    /// Those that run before and after a change, by the address of its resource.
    triggered: HashMap<&'a str, [Vec<&'a Invocation>; 2]>,
    /// Those that run by themselves, and those whose resource is not shown.
    alone: Vec<&'a Invocation>,
}

impl<'a> Invocations<'a> {
    fn of(document: &'a Document, changes: &[Shown<'_>]) -> Self {
        let shown: HashSet<&str> = changes.iter().map(|object| object.change.address.as_str()).collect();
        let mut invocations = Self { count: 0, triggered: HashMap::new(), alone: Vec::new() };
        for one in document.invocations.iter().filter(|one| !one.deferred) {
            invocations.count += 1;
            let event = one.event.as_deref().unwrap_or_default();
            let time = [event.starts_with("Before"), event.starts_with("After")].iter().position(|is_now| *is_now);
            match (one.trigger.as_deref().filter(|trigger| shown.contains(trigger)), time) {
                (Some(trigger), Some(time)) => invocations.triggered.entry(trigger).or_default()[time].push(one),
                _ => invocations.alone.push(one),
            }
        }
        for all in invocations.triggered.values_mut().flatten() {
            all.sort_by_key(|one| one.place);
        }
        invocations
    }

    /// The actions that run with a change of the resource at `address`.
    fn triggered_text(&self, address: &str, document: &Document) -> String {
        let mut text = String::new();
        for (all, time) in self.triggered.get(address).into_iter().flatten().zip(["before", "after"]) {
            if !all.is_empty() {
                let texts: String = all.iter().map(|one| invocation_text(one, document)).collect();
                text.push_str(&format!("\n\n    # Actions to be invoked {time} this change in order:\n{texts}"));
            }
        }
        text
    }
}

/// What is said of a plan that changes nothing, and whether anything may follow.
enum Nothing {
    More(String),
    Ends(String),
}

fn no_changes(short: &str, long: &str) -> String {
    format!("\nNo changes. {short}\n\n{}\n", wrap(long))
}

/// What changed outside of Terraform, as far as it is shown.
fn drift(document: &Document, changes_anything: bool) -> Vec<Object<'_>> {
    let is_refresh = document.intent == Intent::RefreshOnly;
    if !is_refresh && !changes_anything {
        return Vec::new();
    }
    let objects = document
        .drift
        .iter()
        .filter_map(|change| Some(Object::of(change, Paths::relevant(document, change)?, document)));
    objects.filter(|object| is_refresh || !object.is_unchanged()).collect()
}

/// A line across the page, with an empty line above it.
fn rule() -> String {
    format!("\n{}\n", "─".repeat(77))
}

const DRIFT_TITLE: &str = "Objects have changed outside of Terraform";
const DRIFT: &str = "Terraform detected the following changes made outside of Terraform since the last \"terraform apply\" which may have affected this plan:";
const DRIFT_END: &str = "Unless you have made equivalent changes to your configuration, or ignored the relevant attributes using ignore_changes, the following plan may include actions to undo or respond to these changes.";
const REFRESH_ONLY_END: &str = "This is a refresh-only plan, so Terraform will not take any actions to undo these. If you were expecting these changes then you can apply this plan to record the updated values in the Terraform state without changing any remote objects.";
const FAILED: &str = "\nPlanning failed. Terraform encountered an error while generating this plan.\n\n";
const DEFERRED_ONLY: &str = "\nNo current changes. This plan requires another plan to be applied first.\n\n";
const STILL_MATCHES: &str = "Terraform has checked that the real remote objects still match the result of your most recent changes, and found no differences.";
const NOTHING_TO_DESTROY: &str =
    "Either you have not created any objects yet or the existing objects were already deleted outside of Terraform.";
const NOTHING_IS_THERE: &str = "There are no objects, and this plan makes none.";
const INFRASTRUCTURE_MATCHES: &str = "Your infrastructure matches the configuration.";
const MATCHES: &str = "Terraform has compared your real infrastructure against your configuration and found no differences, so no changes are needed.";
const DRIFT_IS_RECORDED: &str = "Your configuration already matches the changes detected above, so applying this plan will only update the state to include the changes detected above and won't change any real infrastructure.";
const DRIFT_STAYS: &str = "Your configuration already matches the changes detected above. If you'd like to update the Terraform state to match, create and apply a refresh-only plan:\n  terraform apply -refresh-only";
const PARTIAL: &str = "This is a partial plan, parts can only be known in the next plan / apply cycle.";
const SYMBOLS: &str = "Terraform used the selected providers to generate the following execution plan. Resource actions are indicated with the following symbols:";
const ACTIONS: &str = "Terraform will perform the following actions:";
const STACK_SYMBOLS: &str =
    "CloudFormation made the following change set. Resource actions are indicated with the following symbols:";
const STACK_ACTIONS: &str = "CloudFormation will perform the following actions when the change set is executed:";
const STACK_MATCHES: &str =
    "CloudFormation compared the template with the stack and found no differences, so there is nothing to execute.";
const ERRORED_ACTIONS: &str = "Terraform planned the following actions, but then encountered a problem:";
const OUTPUTS_ONLY: &str = "You can apply this plan to save these new output values to the Terraform state, without changing any real infrastructure.";
