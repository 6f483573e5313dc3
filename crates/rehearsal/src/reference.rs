//! What stands behind the `@` of an action: GitHub starts no run with what is no branch, tag or full commit SHA.

use std::collections::BTreeMap;

use crate::command::Tool;
use crate::config::Config;
use crate::problem::WorkflowProblem;
use crate::tree::Tree;
use crate::uses::Remote;

/// The mistakes in the references of `used`, each with a workflow that uses it.
pub(crate) fn problems(used: &BTreeMap<Remote, &str>, config: &Config, tree: &Tree) -> Vec<WorkflowProblem> {
    // One mistake is told once, whatever folders of the action are used.
    let mut different: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (remote, workflow) in used {
        different.entry((&remote.action, &remote.reference)).or_insert(workflow);
    }
    let check = |((action, reference), workflow): ((&str, &str), &str)| {
        let stand_in = config.uses.get(action).map(|folder| (folder, Stock::of(&tree.root().join(folder))));
        let held = stand_in.as_ref().and_then(|(_, stock)| stock.as_ref()?.holds(reference));
        let (action, reference, workflow) = (action.to_owned(), reference.to_owned(), workflow.to_owned());
        if let Some(why) = refusal(&reference).filter(|_| held != Some(true)) {
            return Some(WorkflowProblem::BadReference { action, reference, workflow, why });
        }
        let (folder, _) = stand_in.filter(|_| held == Some(false))?;
        Some(WorkflowProblem::UnknownReference { action, reference, workflow, folder: folder.clone() })
    };
    different.into_iter().filter_map(check).collect()
}

/// Why no repository can have the reference.
fn refusal(reference: &str) -> Option<String> {
    let is_hex = reference.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_wrong = |sign: char| sign.is_whitespace() || sign.is_control() || "~^:?*[\\<>{}".contains(sign);
    if reference.is_empty() {
        Some("there is nothing behind an `@`".to_owned())
    } else if reference.contains(is_wrong) || reference.contains("..") || reference.ends_with(['/', '.']) {
        Some("no branch, tag or commit can be called so: these look like words to replace".to_owned())
    } else if is_hex && (7..40).contains(&reference.len()) && reference.contains(|sign: char| sign.is_alphabetic()) {
        Some(format!(
            "it looks like a commit of which {} signs are missing, and GitHub takes no shortened one",
            40 - reference.len()
        ))
    } else {
        None
    }
}

/// A stand-in that is a clone with its history.
#[derive(Debug)]
struct Stock(std::path::PathBuf);

impl Stock {
    /// The clone at `folder`; `None` where it is none, or a folder of another repository.
    fn of(folder: &std::path::Path) -> Option<Self> {
        let folder = std::fs::canonicalize(folder).ok()?;
        let top = Tool::new("git", &folder).args(["rev-parse", "--show-toplevel"]).output().ok()?;
        (std::fs::canonicalize(top).ok()? == folder).then_some(Self(folder))
    }

    fn git(&self, arguments: &[&str]) -> Option<String> {
        Tool::new("git", &self.0).args(arguments).output().ok()
    }

    /// Whether it has the branch, tag or commit; `None` for a commit of a history that is cut off.
    fn holds(&self, reference: &str) -> Option<bool> {
        let has = |name: &str| self.git(&["rev-parse", "--quiet", "--verify", &format!("{name}^{{commit}}")]).is_some();
        if reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let is_whole = self.git(&["rev-parse", "--is-shallow-repository"]).as_deref() == Some("false");
            return if has(reference) { Some(true) } else { is_whole.then_some(false) };
        }
        let names = ["refs/tags/", "refs/heads/", "refs/remotes/origin/"];
        Some(names.iter().any(|prefix| has(&format!("{prefix}{reference}"))))
    }
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn what_no_repository_can_have_is_refused() {
        for reference in [
            "",
            "<full sha>",
            "<full-sha>",
            "${{ env.SHA }}",
            "a..b",
            "8e8c483",
            "8e8c483db84b4bee98b60c0593521ed34d9990e",
        ] {
            assert!(refusal(reference).is_some(), "{reference}");
        }
        for reference in ["v6", "main", "releases/v1.2", "20260101", "8e8c483db84b4bee98b60c0593521ed34d9990e8"] {
            assert_eq!(refusal(reference), None, "{reference}");
        }
    }
}
