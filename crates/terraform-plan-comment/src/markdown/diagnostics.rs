//! The chapter on what Terraform printed while it planned: the errors, then the warnings.

use actions_core::markdown::{escape, fence, html, html_text, prose};

use super::overview::shortened;
use super::sections::{Content, Section, folded};
use crate::diagnostic::{Diagnostic, Severity};
use crate::review::Review;

/// So many errors are unfolded from the start.
const MOST_OPEN: usize = 3;

/// A part for each.
pub(super) fn sections(review: &Review) -> Vec<Section<'_>> {
    let few = review.log.errors().count() <= MOST_OPEN;
    review.log.diagnostics.iter().map(|diagnostic| section(diagnostic, few)).collect()
}

fn section(diagnostic: &Diagnostic, few: bool) -> Section<'_> {
    let (icon, kind, rank, open) = match diagnostic.severity {
        Severity::Error => ("❌", "error", 0, few),
        Severity::Warning => ("⚠️", "warning", 3, false),
    };
    let short = shortened(&diagnostic.summary);
    let place = diagnostic.address.clone().or_else(|| diagnostic.place());
    let place = place.map_or_else(String::new, |place| format!(" <code>{}</code>", html(&shortened(&place))));
    let often = diagnostic.often();
    let title = format!("{icon} {}: {}{often}{place}", diagnostic.severity.word(), html_text(&short));
    let whole = (short != diagnostic.summary).then(|| escape(&diagnostic.summary));
    let subject = Some(prose(&diagnostic.subject())).filter(|subject| !subject.is_empty());
    // Lines of a detail are often aligned; one line is running text.
    let detail = match diagnostic.detail.as_str() {
        "" => None,
        lines if lines.contains('\n') => Some(fence("", lines)),
        line => Some(escape(line)),
    };
    let mut body: Vec<String> = [whole, subject, detail].into_iter().flatten().collect();
    if body.is_empty() {
        body.push(escape(&diagnostic.summary));
    }
    Section {
        chapter: "Errors and warnings",
        kind,
        rank,
        content: Content::Written(folded(open, &title, &body.join("\n\n"))),
    }
}
