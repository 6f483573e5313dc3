//! What was given instead of a plan, and how to come by the plan.

use crate::json::Json;

/// What was given instead of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookalike {
    Nothing,
    /// A page for a browser.
    Html,
    /// What `terraform plan` or `terraform show` prints for people.
    HumanText,
    /// What Terraform, or another program, prints when it fails.
    ErrorText,
    /// Some other text.
    OtherText,
    /// What `terraform plan -json` prints.
    LogStream,
    /// `terraform show -json` without a plan, or a state file.
    State,
    /// What `terraform providers schema -json` prints.
    Schemas,
    /// What `terraform validate -json` prints.
    Validation,
    /// The plan format of HCP Terraform, which has no values.
    CloudPlan,
    /// The members of a plan without its version: a tool that filters plans left it out.
    Unversioned,
    /// Some other JSON.
    OtherJson,
}

impl Lookalike {
    /// What a text is that has no plan in it; `None` where it should be JSON.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let first = text.lines().next().unwrap_or_default();
        let is_log = first.starts_with('{') && first.contains("\"@level\"");
        if is_log {
            return Some(Self::LogStream);
        }
        if text.starts_with(['{', '[', '"']) || matches!(text.trim_end(), "null" | "true" | "false") {
            return None;
        }
        let start = text.get(..64).unwrap_or(text).to_ascii_lowercase();
        Some(if ["<!doctype", "<html", "<?xml", "<head", "<body", "<!--"].iter().any(|tag| start.starts_with(tag)) {
            Self::Html
        } else if HUMAN.iter().any(|words| text.contains(words)) {
            Self::HumanText
        } else if ["error: ", "error:\n", "│ error", "╷"].iter().any(|words| start.starts_with(words)) {
            Self::ErrorText
        } else {
            Self::OtherText
        })
    }

    /// What a JSON value is that is no plan; `None` for a plan of any version.
    pub(super) fn of_json(json: &Json) -> Option<Self> {
        let has = |member: &str| json.get(member).is_some();
        let is_log = json.items().first().is_some_and(|first| first.get("@level").is_some());
        if is_log {
            Some(Self::LogStream)
        } else if has("plan_format_version") {
            Some(Self::CloudPlan)
        } else if has("lineage") && has("serial") {
            Some(Self::State)
        } else if !has("format_version") {
            Some(if PLAN.iter().any(|member| has(member)) { Self::Unversioned } else { Self::OtherJson })
        } else if PLAN.iter().any(|member| has(member)) {
            None
        } else if has("provider_schemas") {
            Some(Self::Schemas)
        } else if has("valid") && has("diagnostics") {
            Some(Self::Validation)
        } else {
            // A state has a version too, and nothing of a plan.
            Some(Self::State)
        }
    }

    /// What it is, and what to do.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Nothing => {
                ("empty", "check that the step that wrote it succeeded: `terraform show -json tfplan > plan.json`")
            }
            Self::Html => (
                "an HTML page",
                "whatever downloaded it was given a page to sign in, or a proxy's error: check its address and its token; the file itself is written by `terraform show -json tfplan > plan.json`",
            ),
            Self::HumanText => ("text for people", "use -json: `terraform show -json tfplan > plan.json`"),
            Self::ErrorText => (
                "an error message",
                "the step that wrote it failed, and its error went into the file: read the file, and write it anew with `terraform show -json tfplan > plan.json`",
            ),
            Self::OtherText => (
                "some other text, which is not JSON",
                "check that `plan` names the right file; the plan is written by `terraform show -json tfplan > plan.json`",
            ),
            Self::LogStream => (
                "the log stream of `terraform plan -json`",
                "save the plan and show it: `terraform plan -out=tfplan && terraform show -json tfplan > plan.json`; the log itself belongs in `plan-log`, beside it",
            ),
            Self::State => (
                "a state",
                "name the plan's file: `terraform show -json tfplan > plan.json`; without a file name Terraform shows the state",
            ),
            Self::Schemas => (
                "the schemas of providers",
                "they belong in `provider-schemas`; the plan is written by `terraform show -json tfplan > plan.json`",
            ),
            Self::Validation => (
                "the result of `terraform validate`",
                "plan first: `terraform plan -out=tfplan && terraform show -json tfplan > plan.json`",
            ),
            Self::CloudPlan => (
                "a plan in the format of HCP Terraform",
                "download the `json-output` of the run, or use `terraform show -json` on a saved plan",
            ),
            Self::Unversioned => (
                "a plan without its `format_version`",
                "give what `terraform show -json tfplan` printed, whole and unfiltered",
            ),
            Self::OtherJson => ("other JSON", "write it with `terraform show -json tfplan > plan.json`"),
        }
    }
}

/// What only Terraform or OpenTofu says to people.
const HUMAN: [&str; 7] = [
    "Terraform will perform",
    "Terraform used the selected",
    "OpenTofu will perform",
    "OpenTofu used the selected",
    "No changes. ",
    "Changes to Outputs:",
    "Terraform planned the following",
];

/// Members that only a plan has.
const PLAN: [&str; 6] =
    ["resource_changes", "planned_values", "output_changes", "configuration", "errored", "applyable"];
