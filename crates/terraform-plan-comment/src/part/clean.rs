//! Makes what a part says harmless: visible characters only, bounded lengths, no forged tokens, and counts of our own.

use std::borrow::Cow;

use crate::change_set::{Note, SetChange};
use crate::diagnostic::{Diagnostic, Log};
use crate::diff::{on_one_line, shown};
use crate::node::{Body, Line, Node};
use crate::provenance::{Provenance, parse_sha256};
use crate::review::{CheckResult, Resource, Review};
use crate::sealed::is_token;
use crate::target::is_sha;
use crate::verb::Verb;

/// The longest name, reason or message, in characters.
const LONGEST_WORDS: usize = 4_000;

/// The longest value on one line, in characters: more than any place has room for.
const LONGEST_VALUE: usize = 256 * 1024;

/// A text that is neither a secret's token nor invisible, of at most `most` characters.
fn words(text: &mut String, most: usize) {
    *text = cut(shown(&open(text)), most);
}

/// `text` without forged tokens.
fn open(text: &str) -> String {
    text.chars().map(|c| if is_token(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The same on one line.
fn line(text: &mut String, most: usize) {
    *text = cut(on_one_line(&open(text)), most);
}

/// A text that is too long, with a word about what is missing.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
    }
}

fn name(text: &mut String) {
    line(text, LONGEST_WORDS);
}

/// The review of a part, made harmless and counted anew.
pub(super) fn review(mut review: Review) -> Review {
    review.terraform_version.as_mut().map(name);
    // Nobody who approved anything is named by a part: whoever puts the parts together asks GitHub.
    review.overridden_by = None;
    provenance(&mut review.provenance);
    if let Some(stack) = &mut review.stack {
        [&mut stack.name, &mut stack.change_set, &mut stack.region].into_iter().for_each(name);
        stack.notes.iter_mut().for_each(note);
    }
    if let Some(why) = &mut review.unplanned {
        name(&mut why.code);
        name(&mut why.message);
        why.help.as_mut().map(name);
    }
    log(&mut review.log);
    review.resources.iter_mut().chain(&mut review.drift).for_each(resource);
    for output in &mut review.outputs {
        name(&mut output.name);
        verb(&mut output.verb);
        output.value.as_mut().map(node);
    }
    for deferred in &mut review.deferred {
        name(&mut deferred.reason);
        resource(&mut deferred.resource);
    }
    for run in &mut review.invocations {
        name(&mut run.address);
        name(&mut run.when);
        run.attributes.iter_mut().for_each(node);
    }
    review.opened.iter_mut().chain(&mut review.unjudged).for_each(name);
    for CheckResult { address, status, problems } in &mut review.checks {
        name(address);
        name(status);
        for problem in problems {
            words(problem, LONGEST_WORDS);
        }
    }
    review.recounted()
}

fn log(log: &mut Log) {
    log.unknown_log_version.as_mut().map(name);
    for Diagnostic { severity: _, summary, detail, address, context, file, line: _, times: _, annotated } in
        &mut log.diagnostics
    {
        name(summary);
        words(detail, LONGEST_WORDS);
        [address, context, file].into_iter().flatten().for_each(name);
        // Nothing of a part is annotated: its files are of another job.
        *annotated = None;
    }
}

/// Only sums and commits: what else stands there tells nobody anything.
fn provenance(provenance: &mut Provenance) {
    let Provenance { digest, plan_sha256, base } = provenance;
    if parse_sha256(digest).as_ref() != Ok(digest) {
        digest.clear();
    }
    *plan_sha256 = plan_sha256.take().filter(|sum| parse_sha256(sum).as_ref() == Ok(sum));
    *base = base.take().filter(|sha| is_sha(sha));
}

fn note(note: &mut Note) {
    match note {
        Note::NotExecutable(status) => name(status),
        Note::NestedUntold(names) => names.iter_mut().for_each(name),
        Note::Obsolete | Note::Executed | Note::Unlisted | Note::ValuesUntold(_) => {}
    }
}

fn resource(resource: &mut Resource) {
    let Resource {
        address,
        deposed,
        moved_from,
        kind,
        verb: action,
        reason,
        import,
        forced_by,
        risks,
        set,
        attributes,
        generates_configuration: _,
        protected: _,
        refused: _,
        refused_for: _,
    } = resource;
    [address, kind].into_iter().for_each(name);
    [deposed, moved_from, reason, import].into_iter().flatten().for_each(name);
    forced_by.iter_mut().for_each(name);
    if let Some(SetChange { action, certainty: _, causes, construct, loss: _ }) = set {
        let mut own = action.take().map(Cow::into_owned);
        own.iter_mut().for_each(name);
        *action = own.map(Cow::Owned);
        [causes, construct].into_iter().flatten().for_each(name);
    }
    for risk in risks.iter_mut() {
        name(&mut risk.reason);
    }
    risks.sort();
    verb(action);
    attributes.iter_mut().for_each(node);
}

fn verb(verb: &mut Verb) {
    if let Verb::Unknown(actions) = verb {
        actions.iter_mut().for_each(name);
    }
}

fn node(node: &mut Node) {
    let value = |text: &mut String| line(text, LONGEST_VALUE);
    node.name.as_mut().map(name);
    node.note.as_mut().map(name);
    match &mut node.body {
        Body::Scalar { before, after } => [before, after].into_iter().flatten().for_each(value),
        Body::Lines(lines) => {
            for one in lines {
                match one {
                    Line::Text { text, .. } => value(text),
                    Line::Unchanged(_) => {}
                }
            }
        }
        Body::Group { members, becomes, shape: _, encoded: _ } => {
            becomes.as_mut().map(value);
            members.iter_mut().for_each(self::node);
        }
        Body::TypeChange(sides) => sides.iter_mut().for_each(self::node),
        Body::Hidden(_) | Body::Empty(_) => {}
    }
}
