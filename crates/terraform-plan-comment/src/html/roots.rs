//! The plans of many roots as one page: a table of the roots, then each with its warnings and its changes.

use std::fmt::Write as _;

use actions_core::markdown::html;

use super::{Parts, alert, changes, diagnostics, document, filters, list, prose, rest, small_print, stale};
use crate::diff::{on_one_line, plural};
use crate::markdown::{Frame, ROOT_COLUMNS, counted, roots_verdict, verdict};
use crate::reduce::{Merged, Problem, Root};
use crate::review::Review;
use crate::risk::Grade;
use crate::warnings::warnings;

/// The page of all roots, in pieces.
pub(crate) fn page(merged: &Merged, frame: &Frame<'_>) -> Vec<String> {
    let name = frame.name.map_or_else(String::new, |name| format!(" {}", html(name)));
    let title = format!("Terraform plans{name}: {}", html(&roots_verdict(merged)));
    let reviews: Vec<&Review> = merged.reviews().collect();
    let mut main = table(merged);
    for (number, root) in merged.roots.iter().enumerate() {
        if let Some(review) = root.review() {
            section(&mut main, number, root, review);
        }
    }
    document(Parts {
        title,
        header: header(merged, frame),
        filters: filters(&reviews),
        main: vec![main],
        foot: small_print(Vec::new(), frame),
    })
}

/// What is not shown, or not to be trusted.
fn header(merged: &Merged, frame: &Frame<'_>) -> String {
    let mut header = String::new();
    if let Some(stale) = stale(frame) {
        let _ = writeln!(header, "<div class=\"warning\"><p>{stale}</p></div>");
    }
    let lacking: Vec<String> = merged
        .roots
        .iter()
        .filter_map(|root| {
            Some((root, root.problem().filter(|problem| problem.is_lack() || *problem == Problem::Unexpected)?))
        })
        .map(|(root, problem)| format!("`{}`: {}", root.name, problem.words()))
        .collect();
    let files =
        merged.refused.iter().map(|refused| format!("`{}`: {}", refused.file.replace('`', "'"), refused.reason));
    for (lines, one, more) in [
        (lacking, "root has no plan that could be applied", "roots have no plan that could be applied"),
        (files.collect(), "file is no part that can be shown", "files are no parts that can be shown"),
    ] {
        if !lines.is_empty() {
            let words = if lines.len() == 1 { one } else { more };
            let _ = writeln!(header, "<div class=\"caution\"><p><strong>{} {words}:</strong></p>", lines.len());
            list(&mut header, lines.into_iter());
            header.push_str("</div>\n");
        }
    }
    header
}

fn table(merged: &Merged) -> String {
    let mut table = String::from("<div class=\"wide\"><table>\n<thead><tr>");
    for column in ROOT_COLUMNS {
        let _ = write!(table, "<th scope=\"col\">{}</th>", html(column));
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    for (number, root) in merged.roots.iter().enumerate() {
        let name = format!("<code>{}</code>", html(&root.name));
        let name = if root.review().is_some() { format!("<a href=\"#root-{number}\">{name}</a>") } else { name };
        let _ = write!(table, "<tr><th scope=\"row\">{name}</th>");
        for count in counted(root) {
            let shown = match count {
                None => "?".to_owned(),
                Some(0) => String::new(),
                Some(count) => count.to_string(),
            };
            let _ = write!(table, "<td>{shown}</td>");
        }
        let risk = root.grade().map_or_else(String::new, |grade| match grade {
            Grade::Routine => grade.words().to_owned(),
            _ => format!("<span class=\"grade {}\">{}</span>", grade.key(), grade.words()),
        });
        let _ = writeln!(table, "<td>{risk}</td><td>{}</td></tr>", prose(&status(root)));
    }
    table.push_str("</tbody>\n</table></div>\n");
    table
}

/// Why a root does not pass, or what its plan does.
fn status(root: &Root) -> String {
    match (root.problem(), root.review()) {
        (Some(problem), _) => problem.words(),
        (None, Some(review)) => verdict(review),
        (None, None) => String::new(),
    }
}

fn section(page: &mut String, number: usize, root: &Root, review: &Review) {
    let name = html(&on_one_line(&root.name));
    let _ = writeln!(page, "<section class=\"root\" id=\"root-{number}\">");
    let _ = writeln!(page, "<h2><code>{name}</code>: {}</h2>", html(&verdict(review)));
    for warning in warnings(review) {
        alert(page, &warning);
    }
    diagnostics::chapter(page, review);
    page.extend(changes(review));
    page.push_str(&rest(review));
    if review.unplanned.is_some() {
        page.push_str("</section>\n");
        return;
    }
    let unchanged = format!("{} {} unchanged", review.unchanged, plural(review.unchanged, "resource"));
    let version = review.terraform_version.as_ref().map(|version| format!("{} {}", review.product(), html(version)));
    let sums = review.provenance.small_print().map(|(word, sum)| format!("{word} {}", html(sum)));
    let words: Vec<String> = version.into_iter().chain([unchanged]).chain(sums).collect();
    let _ = writeln!(page, "<p class=\"print\">{}</p>\n</section>", words.join(" · "));
}
