//! What must not be overlooked in a plan, whatever shows it.
//!
//! Every text is prose: what stands in backticks is a name or a value, everything else are words. It is not escaped yet, so that
//! each rendering escapes it once.

use crate::change_set::{Certainty, Note};
use crate::diagnostic::Diagnostic;
use crate::diff::plural;
use crate::markdown::{action, cause, dot, shortened};
use crate::review::{CheckResult, PlanState, Resource, Review, Verb};
use crate::risk::Grade;
use crate::source::Strays;

/// At most this many things are named in one sentence.
const MOST_NAMES: usize = 5;

/// A reason longer than this is cut where a sentence gives it, in characters.
const LONGEST_REASON: usize = 240;

/// At most this many protected objects are listed.
const MOST_PROTECTED: usize = 10;

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    pub(crate) kind: Kind,
    /// The words that stand out.
    pub(crate) headline: String,
    /// What follows them.
    pub(crate) text: String,
    pub(crate) items: Vec<String>,
}

/// How loud a warning is: GitHub's kinds of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Caution,
    Warning,
    Note,
}

impl Kind {
    /// As GitHub writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Caution => "CAUTION",
            Self::Warning => "WARNING",
            Self::Note => "NOTE",
        }
    }
}

impl Warning {
    pub(crate) fn new(kind: Kind, headline: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind, headline: headline.into(), text: text.into(), items: Vec::new() }
    }

    fn with(self, items: Vec<String>) -> Self {
        Self { items, ..self }
    }
}

/// The warnings of a plan, the worst first.
pub(crate) fn warnings(review: &Review) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let protected: Vec<&Resource> = review.protected().collect();
    warnings.extend(protection(&protected));
    warnings.extend(review.stack.iter().flat_map(|stack| &stack.notes).map(Note::warning));
    match review.state {
        PlanState::Errored => warnings.push(errored(review)),
        PlanState::Partial => warnings.push(partial(review)),
        PlanState::Unplanned => warnings.push(unplanned(review)),
        PlanState::Complete | PlanState::RefreshOnly => {}
    }
    warnings.extend(review.strays.and_then(Strays::found).map(|strays| errors_beside(strays, review.plans.is_some())));
    warnings.extend(refusal(review));
    // The block above names them all.
    let all_named = protected.len() == review.counts.destroy && protected.len() <= MOST_PROTECTED;
    let loses = |resource: &Resource| resource.grade() == Grade::DataLoss && !resource.protected;
    let all_lost = review.counts.destroy <= MOST_NAMES && review.destroyed().all(loses);
    if review.counts.destroy > 0 && !all_named && !all_lost {
        warnings.push(destruction(review));
    }
    warnings.extend(risk(review, Grade::DataLoss, Kind::Caution));
    warnings.extend(risk(review, Grade::Exposure, Kind::Warning));
    let imported: Vec<&Resource> = review.destroyed().filter(|resource| resource.import.is_some()).collect();
    if !imported.is_empty() {
        warnings.push(Warning::new(Kind::Caution, "Imported and destroyed at once:", names(&imported)));
    }
    let is_dynamic =
        |resource: &&Resource| resource.set.as_ref().is_some_and(|set| set.certainty == Certainty::Undecided);
    let unknown = review.resources.iter().filter(|resource| matches!(resource.verb, Verb::Unknown(_)));
    let (dynamic, strange): (Vec<&Resource>, Vec<&Resource>) = unknown.partition(is_dynamic);
    if !dynamic.is_empty() {
        let headline = "CloudFormation decides only while it deploys what happens to:";
        warnings.push(Warning::new(Kind::Warning, headline, names(&dynamic)));
    }
    if !strange.is_empty() {
        let text = format!("{}. Read their changes with care.", names(&strange));
        warnings.push(Warning::new(Kind::Warning, "Actions that this version does not know:", text));
    }
    warnings.extend(failed_checks(review));
    warnings.extend(unjudged(review));
    if let Some(version) = &review.log.unknown_log_version {
        let version = name(version);
        let text = format!(
            "The log of the plan is of version {version}, which this version of the action does not know: errors and warnings in it may be missing here."
        );
        warnings.push(Warning::new(Kind::Note, "", text));
    }
    if !review.says_sensitive {
        let text = "This plan does not say which values are sensitive (Terraform says it since 0.15), so every value is hidden, and what hides in them is not graded.";
        warnings.push(Warning::new(Kind::Note, "", text));
    }
    warnings
}

/// Errors beside the plans: whoever reads only the plans would not know that one is missing.
pub(crate) fn errors_beside(Strays { errors, first }: Strays, are_several: bool) -> Warning {
    let lines = match errors {
        1 => format!("Line {first}, beside"),
        count => format!("{count} lines (the first is line {first}) beside"),
    };
    let (plans, verb) =
        (if are_several { "the plans" } else { "the plan" }, if errors == 1 { "speaks" } else { "speak" });
    let text =
        format!("{lines} {plans} in the file, {verb} of an error. Read the file: what failed there is not shown here.");
    Warning::new(Kind::Caution, "A plan may be missing.", text)
}

/// Why the plan is not all there is to do. What is deferred is in the plan; what `-target` left out is not.
fn partial(review: &Review) -> Warning {
    let changes = review.deferred.len();
    let actions = review.invocations.iter().filter(|run| run.deferred).count();
    let counts = [(changes, "change"), (actions, "action")];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format!("{count} {}", plural(*count, noun)))
        .collect();
    let verb = if changes + actions == 1 { "is" } else { "are" };
    let why = if counts.is_empty() {
        "it was made with `-target` or `-exclude`".to_owned()
    } else {
        format!("{} {verb} deferred to a later one", counts.join(" and "))
    };
    Warning::new(Kind::Warning, "This plan is partial:", format!("{why}. Applying it leaves other changes undone."))
}

/// What `fail-on-destroy` names and the plan destroys: each object with what happens to it and why.
fn protection(protected: &[&Resource]) -> Option<Warning> {
    let count = protected.len();
    let subject = if count == 1 { "protected object is" } else { "protected objects are" };
    let line = |resource: &&Resource| {
        let why = reasons(resource).iter().map(|reason| cut(reason)).collect::<Vec<_>>().join("; ");
        let why = if why.is_empty() { why } else { format!(": {why}") };
        format!("{} {} {}{why}", dot(&resource.verb), named(resource), action(resource))
    };
    let items = listed(protected.iter().map(line), count, MOST_PROTECTED);
    let headline = format!("{count} {subject} destroyed by this plan, so its check fails");
    (count > 0).then(|| Warning::new(Kind::Caution, headline, "(`fail-on-destroy`):").with(items))
}

/// A plan that is not whole, and what Terraform said of that.
fn errored(review: &Review) -> Warning {
    let text = "Below is what Terraform had planned until then; it cannot be applied.";
    if review.log.has_errors() {
        let headline = format!("Planning failed{}.", review.log.with_errors());
        return Warning::new(Kind::Caution, headline, text).with(errors(review));
    }
    let text = format!("{text} The error itself is in the log of the step that ran `terraform plan`.");
    Warning::new(Kind::Caution, "Planning failed.", text)
}

/// The first errors of the plan's log, each on a line.
fn errors(review: &Review) -> Vec<String> {
    let line = |error: &Diagnostic| {
        let place = error.address.clone().or_else(|| error.place());
        let place = place.map_or_else(String::new, |place| format!("{}: ", name(&place)));
        format!("{place}{}{}", cut(&error.summary.replace('`', "'")), error.often())
    };
    listed(review.log.errors().map(line), review.log.errors().count(), MOST_NAMES)
}

/// Why there is no plan.
fn unplanned(review: &Review) -> Warning {
    if review.log.has_errors() {
        let headline = format!("Planning failed{}, and there is no plan to show.", review.log.with_errors());
        return Warning::new(Kind::Caution, headline, "").with(errors(review));
    }
    let why = review.unplanned.as_ref();
    let text = why.map_or_else(String::new, |why| format!("{} ({})", why.message, name(&why.code)));
    let help = why.and_then(|why| why.help.clone());
    Warning::new(Kind::Caution, "There is no plan to show.", text).with(help.into_iter().collect())
}

/// What `fail-on` refuses.
fn refusal(review: &Review) -> Option<Warning> {
    let resources = review.refused().map(named);
    let refused: Vec<String> = resources.chain(review.refused_actions().map(|run| name(&run.address))).collect();
    let count = refused.len();
    let (noun, verb) = if count == 1 { ("change", "is") } else { ("changes", "are") };
    let (headline, by) = match &review.overridden_by {
        None => (format!("{count} {noun} {verb} refused, so this plan's check fails"), "(`fail-on`):".to_owned()),
        Some(by) => (format!("{count} {noun} {verb} refused by `fail-on` and let pass by {by}:"), String::new()),
    };
    (count > 0).then(|| Warning::new(Kind::Caution, headline, format!("{by} {}", joined(refused)).trim_start()))
}

/// What is destroyed and passed, though nobody knows what it holds.
fn unjudged(review: &Review) -> Option<Warning> {
    let count = review.unjudged.len();
    let (noun, of) = if count == 1 { ("object is", "a type") } else { ("objects are", "types") };
    let headline = format!("{count} destroyed {noun} of {of} that nothing is known of:");
    let text = format!(
        "{}. What is lost with them has no grade, and `fail-on` does not know it.",
        enumerated(&review.unjudged)
    );
    (count > 0).then(|| Warning::new(Kind::Warning, headline, text))
}

/// The checks that do not hold. Those of `check` blocks warn, and Terraform goes on
/// (<https://developer.hashicorp.com/terraform/language/block/check>).
fn failed_checks(review: &Review) -> Option<Warning> {
    let failed = review.checks.iter().filter(|check| matches!(check.status.as_str(), "fail" | "error"));
    let failed: Vec<&CheckResult> = failed.collect();
    let line = |check: &&CheckResult| {
        let why =
            check.problems.first().map_or_else(String::new, |problem| format!(": {}", cut(&problem.replace('`', "'"))));
        format!("{}{why}", name(&check.address))
    };
    let count = failed.len();
    let (noun, verb) = if count == 1 { ("check", "does") } else { ("checks", "do") };
    let items = listed(failed.iter().map(line), count, MOST_NAMES);
    let headline = format!("{count} {noun} {verb} not hold:");
    (count > 0).then(|| Warning::new(Kind::Warning, headline, "").with(items))
}

fn destruction(review: &Review) -> Warning {
    let destroyed: Vec<&Resource> = review.destroyed().collect();
    let count = destroyed.len();
    let replaced = destroyed.iter().filter(|resource| resource.verb.replaces()).count();
    let replaced = match (replaced, count) {
        (0, _) => String::new(),
        (1, 1) => " and replaced by a new one".to_owned(),
        (some, all) if some == all => " and replaced by new ones".to_owned(),
        (1, _) => ", 1 of them is replaced by a new one".to_owned(),
        (some, _) => format!(", {some} of them are replaced by new ones"),
    };
    let possible = destroyed.iter().filter(|resource| resource.may_be_kept()).count();
    let will = match possible {
        0 => "will",
        some if some == count => "may",
        _ => "will or may",
    };
    let headline = format!("{count} {} {will} be destroyed{replaced}:", plural(count, "object"));
    Warning::new(Kind::Caution, headline, names(&destroyed))
}

/// The changes that have a risk of this grade, each with its first one.
fn risk(review: &Review, grade: Grade, kind: Kind) -> Option<Warning> {
    // What is protected stands above, and in the table.
    let has = |resource: &&Resource| !resource.protected && resource.risks.iter().any(|risk| risk.grade == grade);
    let risky: Vec<&Resource> = review.resources.iter().filter(has).collect();
    let count = risky.len();
    let line = |resource: &&Resource| {
        let first = resource.risks.iter().find(|risk| risk.grade == grade);
        format!("{}: {}", named(resource), first.map_or_else(String::new, |risk| cut(&risk.reason)))
    };
    let items = listed(risky.iter().map(line), count, MOST_NAMES);
    let headline = format!("{} in {count} {}:", capitalized(grade.words()), plural(count, "change"));
    (count > 0).then(|| Warning::new(kind, headline, "").with(items))
}

/// Why a resource changes and what that puts at risk, each reason in prose.
pub(crate) fn reasons(resource: &Resource) -> Vec<String> {
    let risks = resource.risks.iter().map(|risk| match risk.grade {
        Grade::Routine => risk.reason.clone(),
        Grade::DataLoss | Grade::Exposure | Grade::Downtime | Grade::Rules => {
            format!("{}: {}", risk.grade.words(), risk.reason)
        }
    });
    let mut reasons: Vec<String> = cause(resource).into_iter().collect();
    if let Some(set) = &resource.set {
        reasons.extend(set.causes.clone());
        reasons.extend(set.construct.as_ref().map(|path| format!("construct {}", whole(path))));
    }
    reasons.extend(resource.moved_from.as_ref().map(|old| format!("was {}", whole(old))));
    reasons.extend(resource.import.as_ref().map(|id| format!("imports {}", whole(id))));
    reasons.extend(resource.generates_configuration.then(|| "configuration is generated".to_owned()));
    reasons.extend(risks);
    reasons
}

/// The first of some lines, and how many more there are.
fn listed(lines: impl Iterator<Item = String>, count: usize, most: usize) -> Vec<String> {
    let more = (count > most).then(|| format!("and {} more", count - most));
    lines.take(most).chain(more).collect()
}

fn names(resources: &[&Resource]) -> String {
    joined(resources.iter().map(|resource| named(resource)).collect())
}

/// The first of some names from the plan.
pub(crate) fn enumerated(names: &[String]) -> String {
    joined(names.iter().map(|one| name(one)).collect())
}

fn joined(names: Vec<String>) -> String {
    let count = names.len();
    listed(names.into_iter(), count, MOST_NAMES).join(", ")
}

/// The address where a sentence names it.
fn named(resource: &Resource) -> String {
    let deposed = resource.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed {})", name(key)));
    format!("{}{deposed}", name(&resource.address))
}

/// A name from the plan in prose, short enough for a sentence.
fn name(text: &str) -> String {
    whole(&shortened(text))
}

/// A name from the plan in prose: it cannot end its own backticks.
pub(crate) fn whole(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// A reason that is short enough for a sentence.
fn cut(reason: &str) -> String {
    let short: String = reason.chars().take(LONGEST_REASON).collect();
    if short.len() < reason.len() { format!("{short}…") } else { short }
}

fn capitalized(words: &str) -> String {
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}
