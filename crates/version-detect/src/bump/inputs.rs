//! From what was typed to what it means.

use std::path::{Component, Path, PathBuf};

use actions_core::InputErrors;
use git_repository::branch_name;
use project_version::Order;

use super::args::BumpArgs;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BumpInputs {
    pub(crate) next: Next,
    pub(crate) branch: String,
    /// The project's folder below the repository's root.
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Option<String>,
    /// The project's name; empty where there is one only.
    pub(crate) component: String,
}

/// Which version comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// The snapshot that follows a release.
    After {
        /// The release.
        released: String,
        /// The number that is raised.
        step: Step,
    },
    /// This very version.
    Version(String),
}

/// The number of a version that is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Patch,
    Minor,
    Major,
}

/// Parses the inputs and notes every bad one.
pub(crate) fn parse(args: &BumpArgs) -> Result<BumpInputs, InputErrors> {
    let mut bad = InputErrors::new();
    let step = match args.next.as_str() {
        "next-patch" => Some(Step::Patch),
        "next-minor" => Some(Step::Minor),
        "next-major" => Some(Step::Major),
        _ => None,
    };
    let next = match step {
        Some(step) => {
            let released = bad.required("released-version", args.released_version.as_deref(), released);
            released.map(|released| Next::After { released, step })
        }
        None => bad.required("next", Some(&args.next), version).map(Next::Version),
    };
    let branch = bad.required("snapshot-branch", Some(&args.snapshot_branch), branch_name);
    let folder = bad.required("working-directory", Some(&args.working_directory), folder);
    let manifest =
        bad.optional("manifest", args.manifest.as_deref(), |text| folder_text(text).map(|()| text.to_owned()));
    let component =
        bad.optional("component", args.component.as_deref(), project_version::component_name).unwrap_or_default();
    bad.finish(|| Some(BumpInputs { next: next?, branch: branch?, folder: folder?, manifest, component }))
}

/// Any ecosystem's version in characters that mean nothing in JSON, XML, TOML, YAML and Python.
fn version(text: &str) -> Result<String, &'static str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    if text.len() > 128 || !text.starts_with(|c: char| c.is_ascii_digit()) || !text.chars().all(is_part) {
        return Err("neither `next-patch`, `next-minor` or `next-major` nor a version: digits, letters and `.+-_`");
    }
    Ok(text.to_owned())
}

/// A version whose numbers can be raised.
fn released(text: &str) -> Result<String, &'static str> {
    match Order::numbered(text) {
        Some(_) => version(text),
        None => Err("its numbers cannot be told, so none can be raised"),
    }
}

fn folder(text: &str) -> Result<PathBuf, &'static str> {
    folder_text(text)?;
    Ok(Path::new(text).components().filter(|part| *part != Component::CurDir).collect())
}

fn folder_text(text: &str) -> Result<(), &'static str> {
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(text).components().all(is_below) || text.chars().any(char::is_control) || text.contains('\\') {
        return Err("write it relative to the repository's root, with `/` and without `..`");
    }
    Ok(())
}
