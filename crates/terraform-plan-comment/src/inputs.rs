//! The inputs as they are meant.

use std::path::PathBuf;
use std::time::Duration;

use actions_core::InputErrors;
use aws_client::AwsInputs;
use regex_lite::Regex;

use crate::args::{Args, Format};
use crate::change_set::{Reference, Request};
use crate::guard::{self, Cause, FailOn, Guard, Pattern};
use crate::likely::Detector;
use crate::marker::Name;
use crate::target::Destinations;

/// What the run is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub(crate) plan: PlanSource,
    /// The program asked for; `None` lets PATH decide.
    pub(crate) terraform: Option<String>,
    pub(crate) terraform_timeout: Duration,
    pub(crate) working_directory: PathBuf,
    pub(crate) provider_schemas: Option<PathBuf>,
    pub(crate) destinations: Destinations,
    pub(crate) guard: Guard,
    /// The file of rules.
    pub(crate) rules: Option<PathBuf>,
    /// What else is a secret.
    pub(crate) detector: Detector,
    /// Where the page for a browser goes.
    pub(crate) html_file: Option<PathBuf>,
    /// Where what the plan does goes, for a later `verify`.
    pub(crate) review_file: Option<PathBuf>,
    /// The binary plan, where `plan` is its JSON.
    pub(crate) binary_plan: Option<PathBuf>,
    /// The log of the step that planned.
    pub(crate) plan_log: Option<PathBuf>,
    /// Where the part goes that another step puts together with others.
    pub(crate) part_file: Option<PathBuf>,
    /// The rendering to print instead of all else.
    pub(crate) format: Option<Format>,
}

/// Where the plan comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlanSource {
    Stdin,
    File(PathBuf),
    /// A change set of `CloudFormation`'s.
    ChangeSet(Box<Request>),
}

impl Inputs {
    /// Parses what was typed, noting every bad field.
    pub(crate) fn parse(args: &Args) -> Result<Self, InputErrors> {
        let mut bad = InputErrors::new();
        let plan = plan_source(args, &mut bad);
        let terraform = bad.optional("terraform", args.terraform.as_deref(), program);
        let timeout = bad.optional("terraform-timeout", Some(&args.terraform_timeout), actions_core::duration);
        let name = bad.optional("name", args.name.as_deref(), Name::parse);
        let guard = Guard::new(bad.list("fail-on-destroy", &guard::split(&args.fail_on_destroy), Pattern::parse));
        let fail_on = FailOn::new(bad.list("fail-on", &guard::split(&args.fail_on), Cause::parse));
        if fail_on.counts_rules() && args.rules.as_deref().is_none_or(str::is_empty) {
            let help = "name the file of the rules in `rules`, or take `rules` out of `fail-on`: without them it refuses nothing";
            bad.add("fail-on", "has `rules`, and there are none", Some(help.to_owned()));
        }
        let guard = guard.refusing(fail_on, bad.list("allow", &guard::split(&args.allow), Pattern::parse));
        let detector = detector(&args.redact, args.redact_likely, &mut bad);
        let is_unnamed = args.name.as_deref().unwrap_or_default().is_empty();
        if args.part_file.is_some() && is_unnamed {
            let help = "name the root in `name`, such as `envs/prod`: it tells the parts apart".to_owned();
            bad.add("part-file", "needs `name`", Some(help));
        }
        let destinations = Destinations::parse(&args.destination, &args.overrides, name, &mut bad);
        let working_directory = PathBuf::from(&args.working_directory);
        bad.finish(|| {
            Some(Self {
                plan: plan?,
                terraform,
                terraform_timeout: timeout?,
                working_directory,
                provider_schemas: args.provider_schemas.as_ref().map(PathBuf::from),
                destinations,
                guard,
                rules: args.rules.as_ref().map(PathBuf::from),
                detector,
                html_file: args.html_file.as_ref().map(PathBuf::from),
                review_file: args.review_file.as_ref().map(PathBuf::from),
                binary_plan: args.binary_plan.as_ref().map(PathBuf::from),
                plan_log: args.plan_log.as_ref().map(PathBuf::from),
                part_file: args.part_file.as_ref().map(PathBuf::from),
                format: args.format,
            })
        })
    }
}

/// What is to be shown: a plan or a change set, and never both.
fn plan_source(args: &Args, bad: &mut InputErrors) -> Option<PlanSource> {
    let aws = AwsInputs::parse(&args.aws, bad);
    let timeout = bad.optional("change-set-timeout", Some(&args.change_set_timeout), actions_core::duration);
    match (args.plan.as_deref(), args.change_set.as_deref()) {
        (Some(plan), None) => {
            if args.stack.is_some() {
                bad.add(
                    "stack",
                    "belongs to `change-set`",
                    Some("leave it out, or give `change-set` in place of `plan`".to_owned()),
                );
            }
            Some(source(plan))
        }
        (None, Some(_)) if args.plan_log.is_some() => {
            let help = "leave it out, or give `plan` in place of `change-set`";
            bad.add("plan-log", "belongs to `plan`", Some(help.to_owned()));
            None
        }
        (None, Some(change_set)) => match Reference::parse(change_set, args.stack.as_deref()) {
            Ok(reference) => {
                let aws = in_its_region(&reference, aws?, bad)?;
                Some(PlanSource::ChangeSet(Box::new(Request { reference, timeout: timeout?, aws })))
            }
            Err((input, problem)) => {
                bad.add(input, problem, None);
                None
            }
        },
        (None, None) => {
            let help = "give the plan's file, or the change set to show in `change-set`";
            bad.add("plan", "is required", Some(help.to_owned()));
            None
        }
        (Some(_), Some(_)) => {
            let help = "use one step for the plan and one for the change set, each with its own `name`";
            bad.add("change-set", "stands beside `plan`", Some(help.to_owned()));
            None
        }
    }
}

/// A change set's ARN says its region.
fn in_its_region(reference: &Reference, aws: AwsInputs, bad: &mut InputErrors) -> Option<AwsInputs> {
    let Some(region) = reference.region().map(str::to_owned) else { return Some(aws) };
    if let Some(other) = aws.region.as_ref().filter(|other| **other != region) {
        let problem = format!("is `{other}`, and the ARN of the change set says `{region}`");
        bad.add("aws-region", problem, Some("leave it out".to_owned()));
        return None;
    }
    Some(AwsInputs { region: Some(region), ..aws })
}

pub(crate) fn source(text: &str) -> PlanSource {
    if text == "-" { PlanSource::Stdin } else { PlanSource::File(PathBuf::from(text)) }
}

/// What else is a secret.
pub(crate) fn detector(redact: &[String], redact_likely: bool, bad: &mut InputErrors) -> Detector {
    let patterns = redact.iter().flat_map(|value| value.lines()).map(str::trim).filter(|line| !line.is_empty());
    let patterns: Vec<String> = patterns.map(str::to_owned).collect();
    Detector::new(bad.list("redact", &patterns, regex), !redact_likely)
}

/// A pattern that matches nothing would hide everything between two characters.
fn regex(text: &str) -> Result<Regex, String> {
    let pattern = Regex::new(text).map_err(|error| format!("is no regular expression: {error}"))?;
    if pattern.is_match("") {
        Err("matches the empty text, so it would match everywhere".to_owned())
    } else {
        Ok(pattern)
    }
}

/// A program is one word or one path: a command line would be taken for a file's name.
pub(crate) fn program(text: &str) -> Result<String, &'static str> {
    if text.starts_with('-') || text.contains(['\n', '\0']) {
        return Err("not a program; write its name or its path, without arguments");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
