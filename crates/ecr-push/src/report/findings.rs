//! What scans found, as it is told.

use std::cmp::Reverse;

use actions_core::Annotation;
use actions_core::markdown::{self, Cell};

use super::Image;
use crate::gate::{Finding, Judgment, ScanRules, ScanVerdict};
use crate::plan::Plan;

/// How many findings the summary shows of an image.
const MOST_IN_SUMMARY: usize = 50;

/// How many bytes the output `findings-json` may have: an environment variable of Linux takes 128 KiB (`execve(2)`).
const MOST_BYTES: usize = 96 * 1024;

/// What is to know about findings besides the verdict.
pub(super) fn annotations(plan: &Plan, images: &[Image<'_>]) -> impl Iterator<Item = Annotation> {
    let rules = plan.gate.as_ref().and_then(|gate| gate.scan.as_ref());
    let unused = rules.and_then(|rules| unused(rules, images));
    let unjudged = rules.and_then(|rules| unjudged(rules, images));
    let left_out = json(images).1;
    let left_out = (left_out > 0).then(|| {
        Annotation::notice(format!(
            "the output `findings-json` has the worst findings only: {left_out} more had no room; `--output json` prints all"
        ))
    });
    unused.into_iter().chain(unjudged).chain(left_out)
}

/// Ignored vulnerabilities that no scan found.
fn unused(rules: &ScanRules, images: &[Image<'_>]) -> Option<Annotation> {
    let judgments: Vec<&Judgment> = images.iter().filter_map(|image| image.outcome?.judgment.as_ref()).collect();
    let is_scanned =
        |judgment: &&Judgment| matches!(judgment.scan, Some(ScanVerdict::Passed | ScanVerdict::Vulnerable { .. }));
    if judgments.is_empty() || !judgments.iter().all(is_scanned) {
        return None;
    }
    let found = judgments.iter().flat_map(|judgment| &judgment.findings).map(|finding| finding.id.as_str()).collect();
    let unused: Vec<String> = rules.unused(&found).into_iter().map(|id| format!("`{id}`")).collect();
    let told = || {
        Annotation::notice(format!("no scan found {}: `ignore-vulnerabilities` needs it no longer", unused.join(", ")))
    };
    (!unused.is_empty()).then(told)
}

/// Findings that do not count because nobody has said how bad they are.
fn unjudged(rules: &ScanRules, images: &[Image<'_>]) -> Option<Annotation> {
    let count: usize = judgments(images).map(|judgment| rules.unjudged(&judgment.findings)).sum();
    (count > 0).then(|| {
        let findings = actions_core::amount::count(count, "finding");
        Annotation::warning(format!(
            "{findings} without a severity (UNDEFINED, UNTRIAGED) did not count: nobody has said yet how bad they are; \
             `fail-on-severity: any` counts them"
        ))
    })
}

fn judgments<'a>(images: &'a [Image<'_>]) -> impl Iterator<Item = &'a Judgment> {
    images.iter().filter_map(|image| image.judgment())
}

/// The verdict over the scans of all images: the first that keeps tags back, else that they passed.
pub(super) fn status(images: &[Image<'_>]) -> &'static str {
    let verdicts: Vec<&ScanVerdict> = images.iter().filter_map(|image| image.judgment()?.scan.as_ref()).collect();
    let worst = verdicts.iter().find(|verdict| !matches!(verdict, ScanVerdict::Passed));
    worst.or(verdicts.first()).map_or("", |verdict| verdict.word())
}

/// The findings of all images as JSON, the worst first, as many as there is room for; and how many there was none for.
pub(super) fn json(images: &[Image<'_>]) -> (String, usize) {
    let mut findings: Vec<&Finding> = judgments(images).flat_map(|judgment| &judgment.findings).collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    let mut text = "[".to_owned();
    let mut told = 0;
    for finding in &findings {
        let finding = serde_json::to_string(finding).unwrap_or_default();
        if text.len() + finding.len() > MOST_BYTES {
            break;
        }
        if told > 0 {
            text.push(',');
        }
        text.push_str(&finding);
        told += 1;
    }
    text.push(']');
    (text, findings.len() - told)
}

/// What a scan found, the worst first.
pub(super) fn table(judgment: &Judgment) -> String {
    let row = |finding: &Finding| {
        let fixed = finding.fixed.clone().unwrap_or_else(|| finding.fix());
        vec![
            Cell::text(finding.severity.name()),
            Cell::code(finding.id.as_str()),
            Cell::code(finding.package.as_str()),
            Cell::code(finding.version.as_str()),
            Cell::text(fixed),
        ]
    };
    let rows: Vec<Vec<Cell>> = judgment.findings.iter().take(MOST_IN_SUMMARY).map(row).collect();
    let mut text = markdown::table(&["Severity", "Vulnerability", "Package", "Version", "Fixed in"], &rows);
    if judgment.findings.len() > MOST_IN_SUMMARY {
        text.push_str(&format!(
            "\n{} more are not shown; the output `findings-json` has the worst.\n",
            judgment.findings.len() - MOST_IN_SUMMARY
        ));
    }
    text
}
