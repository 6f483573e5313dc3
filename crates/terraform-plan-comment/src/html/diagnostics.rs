//! The chapter on what Terraform printed while it planned.

use std::fmt::Write as _;

use actions_core::markdown::html;

use super::prose;
use crate::diagnostic::Severity;
use crate::review::Review;

/// Writes the errors and the warnings; nothing where there are none.
pub(super) fn chapter(page: &mut String, review: &Review) {
    if review.log.diagnostics.is_empty() {
        return;
    }
    page.push_str("<h2>Errors and warnings</h2>\n");
    for diagnostic in &review.log.diagnostics {
        let (open, class) = match diagnostic.severity {
            Severity::Error => (" open", "caution"),
            Severity::Warning => ("", "warning"),
        };
        let (word, summary) = (diagnostic.severity.word(), html(&diagnostic.summary));
        let often = diagnostic.often();
        let _ = writeln!(page, "<details class=\"{class}\"{open}>\n<summary><b>{word}</b> {summary}{often}</summary>");
        let subject = diagnostic.subject();
        if !subject.is_empty() {
            let _ = writeln!(page, "<p>{}</p>", prose(&subject));
        }
        if !diagnostic.detail.is_empty() {
            page.push_str("<pre>");
            diagnostic.detail.lines().for_each(|line| {
                let _ = writeln!(page, "{}", html(line));
            });
            page.push_str("</pre>\n");
        }
        page.push_str("</details>\n");
    }
    if !review.resources.is_empty() {
        page.push_str("<h2>Changes</h2>\n");
    }
}
