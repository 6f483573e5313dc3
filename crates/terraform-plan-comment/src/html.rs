//! The whole plan as one HTML page: nothing is left out, nothing is fetched, nothing is hidden but secrets.
//!
//! The page's policy lets run only the script that is built in, by its hash (<https://www.w3.org/TR/CSP3/#script-src>), so that a plan that
//! got markup past the escapes could not act. Without scripts everything can still be read. Text from the plan passes
//! `actions_core::markdown::html`; nothing else may put it on the page.

mod diagnostics;
mod roots;

use std::fmt::Write as _;

use actions_core::markdown::{html, push_html};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub(crate) use roots::page as roots_page;
use sha2::{Digest as _, Sha256};

use crate::diff::{on_one_line, plural};
use crate::markdown::{Frame, action, diff_text, found_secrets, verdict};
use crate::node::Node;
use crate::parallel;
use crate::review::{PlanState, Resource, Review, Verb};
use crate::risk::Grade;
use crate::warnings::{Warning, reasons, warnings};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The filters by action: the key in the page, and its label.
const ACTIONS: [(&str, &str); 7] = [
    ("destroy", "destroy"),
    ("replace", "replace"),
    ("unknown", "unknown"),
    ("update", "update"),
    ("create", "create"),
    ("forget", "forget"),
    ("other", "move, import, read"),
];

/// The parts of a page; each is HTML.
struct Parts {
    title: String,
    header: String,
    filters: String,
    /// In pieces.
    main: Vec<String>,
    foot: String,
}

/// The page of `review`.
pub(crate) fn page(review: &Review, frame: &Frame<'_>) -> String {
    pieces(review, frame).concat()
}

/// The page in pieces, to be written one after the other: a page of megabytes takes a while to be put together.
pub(crate) fn pieces(review: &Review, frame: &Frame<'_>) -> Vec<String> {
    let name = frame.name.map_or_else(String::new, |name| format!(" {}", html(name)));
    let title = format!("{}{name}: {}", review.subject(html), html(&verdict(review)));
    let mut header = String::new();
    if let Some(stale) = stale(frame) {
        let _ = writeln!(header, "<div class=\"warning\"><p>{stale}</p></div>");
    }
    for warning in warnings(review) {
        alert(&mut header, &warning);
    }
    let mut start = String::new();
    if !review.has_changes && review.state == PlanState::Complete && review.strays.is_none() {
        let _ = writeln!(start, "<p>{}</p>", review.nothing_changes());
    }
    diagnostics::chapter(&mut start, review);
    let main = std::iter::once(start).chain(changes(review)).chain([rest(review)]).collect();
    document(Parts { title, header, filters: filters(&[review]), main, foot: foot(review, frame) })
}

/// The whole page in pieces.
fn document(Parts { title, header, filters, main, foot }: Parts) -> Vec<String> {
    let mut page = String::new();
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let _ = writeln!(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", policy());
    let _ = writeln!(page, "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>");
    let _ = write!(page, "<header>\n<h1>{title}</h1>\n{header}</header>\n{filters}<main>\n");
    let end = format!("</main>\n{foot}<script>{SCRIPT}</script>\n</body>\n</html>\n");
    std::iter::once(page).chain(main).chain([end]).collect()
}

/// The changed resources, in pieces.
fn changes(review: &Review) -> impl Iterator<Item = String> {
    parallel::written(&review.resources, change)
}

/// What is said where the pull request's head is another commit than the planned one.
fn stale(frame: &Frame<'_>) -> Option<String> {
    let short = |sha: &str| format!("<code>{}</code>", html(&sha.chars().take(8).collect::<String>()));
    let planned = frame.commit.map_or_else(String::new, |commit| format!(" {}", short(commit)));
    frame.moved_to.map(|head| {
        format!(
            "<strong>Stale: the head moved.</strong> This was planned from commit{planned}, and the pull request is at {} now.",
            short(head)
        )
    })
}

/// Nothing comes from anywhere, and nothing runs but our own script.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn alert(page: &mut String, warning: &Warning) {
    let headline = if warning.headline.is_empty() {
        String::new()
    } else {
        format!("<strong>{}</strong> ", prose(&warning.headline))
    };
    let kind = warning.kind.word().to_ascii_lowercase();
    let _ = writeln!(page, "<div class=\"{kind}\"><p>{headline}{}</p>", prose(&warning.text));
    list(page, warning.items.iter().cloned());
    page.push_str("</div>\n");
}

/// Prose of ours: what stands in backticks is code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let part = |(index, part): (usize, &&str)| match index % 2 {
        1 if index < last => format!("<code>{}</code>", html(part)),
        1 => format!("`{}", html(part)),
        _ => html(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// The search and the filters; only actions and grades that are there can be chosen.
fn filters(reviews: &[&Review]) -> String {
    let others =
        |review: &&Review| review.outputs.len() + review.deferred.len() + review.invocations.len() + review.drift.len();
    let resources = || reviews.iter().flat_map(|review| &review.resources);
    if resources().next().is_none() && reviews.iter().all(|review| others(review) == 0) {
        return String::new();
    }
    let mut page = String::from("<form id=\"filters\" role=\"search\" hidden>\n");
    // `placeholder` is HTML's name for the words in an empty field.
    page.push_str(
        "<input id=\"query\" type=\"search\" placeholder=\"Search addresses and values\" aria-label=\"Search\" accesskey=\"s\">\n",
    );
    let count = |wanted: &dyn Fn(&Resource) -> bool| resources().filter(|resource| wanted(resource)).count();
    let actions = ACTIONS.map(|(key, label)| (key, label, count(&|resource| group(&resource.verb) == key)));
    choices(&mut page, "action", "Actions", &actions);
    let grades = Grade::ALL
        .map(|grade| (grade.key(), grade.words(), count(&|resource| grades(resource).any(|one| one == grade))));
    choices(&mut page, "risk", "Risk", &grades);
    page.push_str("<button type=\"button\" id=\"expand\">Expand all</button>\n");
    page.push_str("<button type=\"button\" id=\"collapse\">Collapse all</button>\n");
    page.push_str("<output id=\"shown\" for=\"query\"></output>\n");
    page.push_str("<p class=\"keys\">Keys: <kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and previous, <kbd>Enter</kbd> open, <kbd>e</kbd> expand all, <kbd>c</kbd> collapse all <label><input id=\"keys\" type=\"checkbox\" checked> on</label></p>\n</form>\n");
    page
}

fn choices(page: &mut String, name: &str, legend: &str, all: &[(&str, &str, usize)]) {
    if all.iter().all(|(.., count)| *count == 0) {
        return;
    }
    let _ = writeln!(page, "<fieldset><legend>{legend}</legend>");
    for (key, label, count) in all.iter().filter(|(.., count)| *count > 0) {
        let _ = writeln!(
            page,
            "<label class=\"{key}\"><input type=\"checkbox\" name=\"{name}\" value=\"{key}\" checked> {label} <b>{count}</b></label>"
        );
    }
    page.push_str("</fieldset>\n");
}

/// The filter that an action belongs to.
fn group(verb: &Verb) -> &'static str {
    match verb {
        Verb::Delete => "destroy",
        Verb::DeleteThenCreate | Verb::CreateThenDelete | Verb::CreateAndForget => "replace",
        Verb::Unknown(_) => "unknown",
        Verb::Update => "update",
        Verb::Create => "create",
        Verb::Forget => "forget",
        Verb::Nothing | Verb::Read | Verb::Open => "other",
    }
}

fn change(page: &mut String, resource: &Resource) {
    let (group, grade) = (group(&resource.verb), resource.grade());
    let open = if grade < Grade::Routine || resource.verb.destroys() { " open" } else { "" };
    let _ = write!(
        page,
        "<details class=\"change {group}\" data-action=\"{group}\" data-risk=\"{}\"{open}>\n<summary><b>{}</b> <code>{}</code>",
        grades(resource).map(Grade::key).collect::<Vec<_>>().join(" "),
        html(&action(resource)),
        html(&resource.address)
    );
    if let Some(deposed) = &resource.deposed {
        let _ = write!(page, " deposed <code>{}</code>", html(deposed));
    }
    for grade in grades(resource).filter(|grade| *grade < Grade::Routine) {
        let _ = write!(page, " <span class=\"grade {}\">{}</span>", grade.key(), grade.words());
    }
    if resource.protected {
        page.push_str(" <span class=\"grade data-loss\">protected</span>");
    }
    if resource.refused {
        page.push_str(" <span class=\"grade data-loss\">refused</span>");
    }
    page.push_str("</summary>\n");
    list(page, reasons(resource).into_iter());
    if resource.attributes.is_empty() && resource.verb == Verb::Update {
        let tool = if resource.set.is_some() { "CloudFormation" } else { "Terraform" };
        let _ = writeln!(page, "<p>changes nothing that {tool} names</p>");
    }
    diff(page, &resource.attributes);
    page.push_str("</details>\n");
}

/// The grades of a change's risks; routine without any.
fn grades(resource: &Resource) -> impl Iterator<Item = Grade> {
    Grade::ALL.into_iter().filter(|grade| match grade {
        Grade::Routine => resource.grade() == Grade::Routine,
        Grade::DataLoss | Grade::Exposure | Grade::Downtime | Grade::Rules => {
            resource.risks.iter().any(|risk| risk.grade == *grade)
        }
    })
}

/// Each line with its sign, which is a text: the colors only repeat it.
fn diff(page: &mut String, nodes: &[Node]) {
    if nodes.is_empty() {
        return;
    }
    page.push_str("<pre>");
    for line in diff_text(nodes).lines() {
        let (opening, closing) = match line.bytes().next() {
            Some(b'+') => ("<ins>", "</ins>\n"),
            Some(b'-') => ("<del>", "</del>\n"),
            Some(b'!') => ("<mark>", "</mark>\n"),
            _ => ("", "\n"),
        };
        page.push_str(opening);
        push_html(page, line);
        page.push_str(closing);
    }
    page.push_str("</pre>\n");
}

/// What is no resource.
fn rest(review: &Review) -> String {
    let mut page = String::new();
    if !review.outputs.is_empty() {
        page.push_str("<h2>Outputs</h2>\n");
        for output in &review.outputs {
            let _ = writeln!(page, "<div class=\"other\">");
            match &output.value {
                Some(value) => diff(&mut page, std::slice::from_ref(value)),
                None => list(&mut page, std::iter::once(format!("{} changes without a new value", output.name))),
            }
            page.push_str("</div>\n");
        }
    }
    if !review.checks.is_empty() {
        page.push_str("<h2>Checks</h2>\n");
        list(
            &mut page,
            review.checks.iter().map(|check| {
                let problems = check.problems.join("; ");
                format!("{}: {}{}{problems}", check.address, check.status, if problems.is_empty() { "" } else { ": " })
            }),
        );
    }
    if !review.deferred.is_empty() {
        page.push_str("<h2>Deferred to a later plan</h2>\n");
        for entry in &review.deferred {
            let (address, what) = (html(&entry.resource.address), html(&action(&entry.resource)));
            let _ = writeln!(page, "<details class=\"other\"><summary><b>{what}</b> <code>{address}</code></summary>");
            list(&mut page, std::iter::once(format!("deferred: {}", entry.reason)).chain(reasons(&entry.resource)));
            diff(&mut page, &entry.resource.attributes);
            page.push_str("</details>\n");
        }
    }
    if !review.invocations.is_empty() {
        page.push_str("<h2>Actions to run</h2>\n");
        for run in &review.invocations {
            let (address, when) = (html(&on_one_line(&run.address)), html(&on_one_line(&run.when)));
            let _ = writeln!(page, "<details class=\"other\"><summary><code>{address}</code> {when}</summary>");
            diff(&mut page, &run.attributes);
            page.push_str("</details>\n");
        }
    }
    if !review.opened.is_empty() {
        let names: Vec<String> =
            review.opened.iter().map(|address| format!("<code>{}</code>", html(address))).collect();
        let _ = writeln!(
            page,
            "<h2>Ephemeral resources</h2>\n<p>Opened while it is applied, kept nowhere: {}</p>",
            names.join(", ")
        );
    }
    if !review.drift.is_empty() {
        page.push_str("<h2>Changed outside of Terraform</h2>\n");
        for resource in &review.drift {
            let what = if resource.verb == Verb::Delete { "was deleted" } else { "was changed" };
            let _ = writeln!(
                page,
                "<details class=\"other\"><summary><code>{}</code> {what}</summary>",
                html(&resource.address)
            );
            diff(&mut page, &resource.attributes);
            page.push_str("</details>\n");
        }
    }
    page
}

fn list(page: &mut String, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    page.push_str("<ul>\n");
    for line in lines {
        let _ = writeln!(page, "<li>{}</li>", prose(&on_one_line(&line)));
    }
    page.push_str("</ul>\n");
}

fn foot(review: &Review, frame: &Frame<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(review.terraform_version.as_ref().map(|version| format!("{} {}", review.product(), html(version))));
    parts.extend(review.plans.map(|count| format!("{count} plans in one file")));
    parts.extend(review.stack.as_ref().map(|stack| prose(&stack.words())));
    parts.push(format!("{} {} unchanged", review.unchanged, plural(review.unchanged, "resource")));
    let others = review.irrelevant_drift;
    parts.extend((others > 0).then(|| {
        format!(
            "{others} other {} changed outside of Terraform, which the plan does not depend on",
            plural(others, "object")
        )
    }));
    let passed = review.checks_passed;
    parts.extend((passed > 0).then(|| format!("{passed} {} passed", plural(passed, "check"))));
    parts.extend(found_secrets(review));
    parts.extend(review.provenance.small_print().map(|(word, sum)| format!("{word} {}", html(sum))));
    small_print(parts, frame)
}

/// The end of a page: what is known of it, then the commit and the run.
fn small_print(mut parts: Vec<String>, frame: &Frame<'_>) -> String {
    parts.extend(frame.commit.map(|commit| format!("commit {}", html(&commit.chars().take(8).collect::<String>()))));
    parts.extend(frame.run_url.map(|url| format!("<a href=\"{}\">run</a>", html(url))));
    format!("<footer>{}</footer>\n", parts.join(" · "))
}

#[cfg(test)]
mod tests;
