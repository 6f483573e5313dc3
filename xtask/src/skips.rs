//! What may be skipped on a CI machine: a list per kind of machine.

/// What counts on a machine with the requirements and no more.
const MACHINE: &str = "tools/known-skips.txt";

/// What counts on GitHub's runners, which have more.
const GITHUB: &str = "tools/known-skips-github.txt";

/// The list for the machine whose variable `GITHUB_ACTIONS` is this.
pub(crate) fn list(github_actions: Option<&str>) -> &'static str {
    if github_actions == Some("true") { GITHUB } else { MACHINE }
}

/// Those of `skipped` that no line of `known` names.
pub(crate) fn new<'a>(skipped: &'a [String], known: &str) -> Vec<&'a str> {
    let lines: Vec<&str> = known.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
    skipped.iter().map(String::as_str).filter(|skip| !lines.iter().any(|line| names(line, skip))).collect()
}

/// Whether a line of a list names the skip: word by word, or up to a `*`.
fn names(line: &str, skip: &str) -> bool {
    line.strip_suffix('*').map_or(line == skip, |beginning| skip.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::{list, new};
    use crate::program::root;

    /// Those of `skipped` that fail CI on such a machine.
    fn refused(github_actions: Option<&str>, skipped: &[&str]) -> Vec<String> {
        let known = std::fs::read_to_string(root().join(list(github_actions))).unwrap();
        let skipped: Vec<String> = skipped.iter().map(|skip| (*skip).to_owned()).collect();
        new(&skipped, &known).into_iter().map(str::to_owned).collect()
    }

    const ABSENT: [&str; 7] = [
        "prism: prism is not there: cannot run `npm ci`",
        "the contract of the GitHub stand-in: GitHub's OpenAPI document is not there: cannot run `npm ci`",
        "every_request_is_one_that_github_documents: GitHub's OpenAPI document is not there: `npm ci` failed: EAI_AGAIN",
        "terraform: Terraform is not installed",
        "rehearsal with Terraform: the AWS provider is in no local mirror",
        "a_binary_plan_is_read_by_terraform: there is no terraform in PATH",
        "docker builds: no Docker daemon answers",
    ];

    #[test]
    fn what_is_absent_may_be_skipped_but_not_on_githubs_runners() {
        for machine in [None, Some("false")] {
            assert!(refused(machine, &ABSENT).is_empty());
        }
        assert_eq!(refused(Some("true"), &ABSENT), ABSENT);
        assert!(refused(Some("true"), &["a Docker daemon of our own: a daemon of our own needs root"]).is_empty());
    }

    #[test]
    fn what_is_there_and_broken_is_not_absent() {
        let broken = [
            "prism: prism did not start: it ended without a word",
            "terraform: `terraform.rc` cannot be written: disk full",
            "terraform: Terraform is not installed as it should be",
            "the contract of the GitHub stand-in: cannot read GitHub's OpenAPI document: EOF",
            "another check: x",
        ];
        for machine in [None, Some("true")] {
            assert_eq!(refused(machine, &broken), broken);
        }
    }
}
