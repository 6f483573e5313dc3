//! The inputs as they are meant.

use std::path::PathBuf;

use actions_core::InputErrors;

use super::args::{Hidden, VerifyArgs};
use crate::guard::Guard;
use crate::inputs::{Inputs, detector, program, source};
use crate::marker::Name;
use crate::provenance::parse_sha256;
use crate::target::{Destinations, is_sha};

/// What the plan is compared with, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyInputs {
    /// How the plan is read: as one that is shown nowhere.
    pub(super) plan: Inputs,
    pub(super) reviewed: Option<PathBuf>,
    pub(super) digest: Option<String>,
    pub(super) head_sha: Option<String>,
    pub(super) same_file: bool,
    pub(super) hidden: Hidden,
}

impl VerifyInputs {
    /// Parses what was typed, noting every bad field.
    pub(super) fn parse(args: &VerifyArgs) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let plan = bad.required("plan", args.plan.as_deref(), |text| Ok::<_, String>(source(text)));
        let terraform = bad.optional("terraform", args.terraform.as_deref(), program);
        let timeout = bad.optional("terraform-timeout", Some(&args.terraform_timeout), actions_core::duration);
        let name = bad.optional("name", args.name.as_deref(), Name::parse);
        let digest = bad.optional("digest", args.digest.as_deref(), parse_sha256);
        let head_sha = bad.optional("head-sha", args.head_sha.as_deref(), commit);
        let reviewed = args.reviewed.as_ref().map(PathBuf::from);
        if reviewed.is_none() && args.digest.is_none() {
            let help =
                "write the file with the input `review-file` of terraform-plan-comment, or pass its output `digest` on";
            bad.add("reviewed", "is missing, and so is `digest`", Some(help.to_owned()));
        }
        let of_the_file =
            [("head-sha", args.head_sha.is_some()), ("same-file", args.same_file), ("name", name.is_some())];
        for (input, _) in of_the_file.into_iter().filter(|(_, is_given)| *is_given && reviewed.is_none()) {
            let help = "give the file of `review-file` as `reviewed`, or leave this input out".to_owned();
            bad.add(input, "is compared with what stands in the file of `reviewed`, which is missing", Some(help));
        }
        let detector = detector(&args.redact, args.redact_likely, &mut bad);
        let working_directory = PathBuf::from(&args.working_directory);
        bad.finish(|| {
            let plan = Inputs {
                plan: plan?,
                terraform,
                terraform_timeout: timeout?,
                working_directory,
                provider_schemas: None,
                destinations: Destinations { name, ..Destinations::default() },
                guard: Guard::default(),
                part_file: None,
                rules: None,
                detector,
                html_file: None,
                review_file: None,
                binary_plan: args.binary_plan.as_ref().map(PathBuf::from),
                plan_log: None,
                format: None,
            };
            Some(Self { plan, reviewed, digest, head_sha, same_file: args.same_file, hidden: args.hidden })
        })
    }
}

/// A whole commit: an abbreviation may stand for another one.
fn commit(text: &str) -> Result<String, &'static str> {
    let text = text.to_ascii_lowercase();
    if is_sha(&text) { Ok(text) } else { Err("not a whole commit; give all of its 40 hexadecimal digits") }
}
