//! What keeps a plan from being compared, and what refuses it.

use actions_core::{ActionError, ExitCode, Location, causes};

use crate::diff::plural;
use crate::error::Error;

/// An error of `terraform-plan-verify`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum VerifyError {
    /// What `terraform-plan-comment` would say of the plan too.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] Error),
    /// The plan does something else than what was reviewed. Exit code 1, also on a dry run.
    ///
    /// The configuration, its variables, the state or the cloud changed after the review, or another plan was reviewed. What differs is
    /// listed under `why`, and all of it in the log and the summary; with a digest alone nobody can tell what differs.
    ///
    /// Do not apply it. Have this plan reviewed: run `terraform-plan-comment` again, and apply after that. Where it is always the same
    /// value that differs, the configuration makes another one in each plan.
    #[error("{}", refused(*differences))]
    #[diagnostic(
        code("terraform-plan-verify/plan-not-reviewed"),
        help(
            "do not apply it; plan and review again: run terraform-plan-comment on this plan, and apply what was reviewed then"
        )
    )]
    NotReviewed {
        /// How many objects, outputs and actions differ; none where only digests are known.
        differences: usize,
        /// What differs.
        what: String,
    },
    /// It is another file than the one that was reviewed. Exit code 1, also on a dry run.
    ///
    /// With `same-file` only the binary plan that was reviewed may be applied, and this one has another SHA-256: it was made again, or
    /// changed on the way. As far as it can be seen it does the same; a secret may be another one.
    ///
    /// Pass the binary plan itself on from the job that had it reviewed, or leave `same-file` out.
    #[error("the binary plan is not the file that was reviewed")]
    #[diagnostic(
        code("terraform-plan-verify/another-file"),
        help("apply the file that was reviewed, or leave `same-file` out and accept a plan that does the same")
    )]
    AnotherFile {
        /// Both sums.
        sums: String,
    },
    /// Planning failed on the way. Exit code 1, also on a dry run.
    ///
    /// The plan that is to be applied, or the one that was reviewed, is only a part of what was wanted: Terraform saves what it had
    /// planned before the error, and refuses to apply that. Two such plans may have the same digest and stand for different things.
    ///
    /// Fix what the log of `terraform plan` says, and have the whole plan reviewed.
    #[error("{which} is not whole: planning failed on the way")]
    #[diagnostic(
        code("terraform-plan-verify/plan-errored"),
        help("fix what `terraform plan` says, plan again, and review that plan with terraform-plan-comment")
    )]
    Errored {
        /// Which one.
        which: &'static str,
    },
    /// Values are hidden, and `hidden` is `refuse`. Exit code 1, also on a dry run.
    ///
    /// The plan does what was reviewed as far as it can be seen. The values under `why` are secrets, or `redact` and `redact-likely` hide
    /// them, and a hidden value is never compared: another one, or another object, may stand there than the one that was reviewed.
    ///
    /// Pass the binary plan itself on from the job that was reviewed, and set `same-file`. Or hide less with `redact` and `redact-likely`
    /// in both steps, or set `hidden` to `warn`.
    #[error("{}", not_seen(*values))]
    #[diagnostic(
        code("terraform-plan-verify/hidden-values"),
        help(
            "give the reviewed binary plan to this step and set `same-file`, or set `hidden: warn` to accept them unseen"
        )
    )]
    HiddenValues {
        /// How many.
        values: usize,
        /// Where they are.
        places: String,
    },
    /// `plan` and `binary-plan` are two plans. Exit code 2.
    ///
    /// The binary plan was read with terraform, and does something else than the JSON: one of both is older. What is compared would not be
    /// what is applied. What differs is listed under `why`.
    ///
    /// Write the JSON again with `terraform show -json`, or give the binary plan as `plan` and no JSON.
    #[error("the binary plan `{path}` does something else than `plan`")]
    #[diagnostic(
        code("terraform-plan-verify/another-plan"),
        help("give the binary plan as `plan`, and leave `binary-plan` out")
    )]
    AnotherPlan {
        /// The binary plan.
        path: String,
        /// What differs.
        what: String,
    },
    /// The file of `reviewed` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere: it is looked up in `working-directory`, then in the current folder. The review of another job or run has to
    /// be downloaded first.
    ///
    /// Write the file with the input `review-file` of `terraform-plan-comment`, upload it, and download it before this step.
    #[error("the review `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-verify/review-unreadable"),
        help("write it with `review-file` of terraform-plan-comment, upload it, and download it before this step")
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `reviewed` is something else. Exit code 2.
    ///
    /// The file is not what `terraform-plan-comment` writes with `review-file`: a plan, another artifact, or a file that was cut off.
    ///
    /// Name the file of `review-file`.
    #[error("`{path}` is no review of a plan: {reason}")]
    #[diagnostic(
        code("terraform-plan-verify/not-a-review"),
        help("name the file that terraform-plan-comment wrote with `review-file`")
    )]
    NotAReview {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Another version wrote the review. Exit code 2.
    ///
    /// The file has a version of its format that this version of the action does not read, so digests cannot be compared.
    ///
    /// Pin `terraform-plan-comment` and `terraform-plan-verify` to the same release, and review the plan again.
    #[error("the review `{path}` has the version {version}, which this version does not understand")]
    #[diagnostic(
        code("terraform-plan-verify/unknown-review-version"),
        help("pin terraform-plan-comment and terraform-plan-verify to the same release, and review the plan again")
    )]
    UnknownVersion {
        /// The file.
        path: String,
        /// The version.
        version: String,
    },
    /// The review was changed after it was written. Exit code 2.
    ///
    /// The changes in the file have another digest than the file says, so one of both was edited, or the file was damaged on the way.
    ///
    /// Find out who writes to the file between both steps. Then review the plan again.
    #[error("the review `{path}` was changed after it was written: its changes have another digest than it says")]
    #[diagnostic(
        code("terraform-plan-verify/review-altered"),
        help("find out what changes the file between both steps, and review the plan again")
    )]
    Altered {
        /// The file.
        path: String,
    },
    /// The file is the review of something else. Exit code 2.
    ///
    /// The file has another `name`, another digest or another commit than the inputs ask for: in a workflow with several plans, that of
    /// another one; or that of an earlier push.
    ///
    /// Download the review that belongs to this plan, and give the same `name` to both steps.
    #[error("the review `{path}` is of another {what}: {found}, not {wanted}")]
    #[diagnostic(
        code("terraform-plan-verify/other-review"),
        help("download the review of this plan, and give the same `name` to both steps")
    )]
    OtherReview {
        /// The file.
        path: String,
        /// What differs: plan, commit or digest.
        what: &'static str,
        /// What the file has.
        found: String,
        /// What the inputs ask for.
        wanted: String,
    },
    /// A sum to compare is missing. Exit code 2.
    ///
    /// With `same-file` the sums of both binary plans are compared, and one of them is not known: the plan was reviewed, or is given
    /// here, as JSON alone.
    ///
    /// Give the binary plan to both steps, as `plan` or as `binary-plan`.
    #[error("`same-file` compares binary plans, and {missing} is not known")]
    #[diagnostic(
        code("terraform-plan-verify/sum-missing"),
        help("give the binary plan to both steps, as `plan` or as `binary-plan`, or leave `same-file` out")
    )]
    SumMissing {
        /// Which one.
        missing: &'static str,
    },
}

impl ActionError for VerifyError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Plan(error) => error.exit_code(),
            Self::NotReviewed { .. } | Self::AnotherFile { .. } | Self::Errored { .. } | Self::HiddenValues { .. } => {
                ExitCode::Failed
            }
            Self::Unreadable { .. }
            | Self::NotAReview { .. }
            | Self::UnknownVersion { .. }
            | Self::Altered { .. }
            | Self::OtherReview { .. }
            | Self::AnotherPlan { .. }
            | Self::SumMissing { .. } => ExitCode::BadInput,
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Plan(error) => error.why(),
            Self::NotReviewed { what, .. } | Self::AnotherPlan { what, .. } => Some(what.clone()),
            Self::HiddenValues { places, .. } => Some(places.clone()),
            Self::AnotherFile { sums } => Some(sums.clone()),
            other => causes(other),
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::Plan(error) => error.location(),
            _ => None,
        }
    }
}

fn refused(differences: usize) -> String {
    match differences {
        0 => "the plan does something else than what was reviewed".to_owned(),
        count => {
            format!("the plan does something else than what was reviewed: {count} {}", plural(count, "difference"))
        }
    }
}

fn not_seen(values: usize) -> String {
    let verb = if values == 1 { "is" } else { "are" };
    format!(
        "{values} {} of the plan {verb} hidden, and cannot be compared with what was reviewed",
        plural(values, "value")
    )
}
