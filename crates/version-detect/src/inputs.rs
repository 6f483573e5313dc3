//! From what was typed to what it means.

use std::path::PathBuf;

use actions_core::InputErrors;
use git_repository::branch_name;
use image_ref::LatestPolicy;

use crate::args::{Args, Latest};
use crate::pattern::Pattern;
use crate::version_command::VersionCommand;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    pub(crate) folder: PathBuf,
    /// The manifest's path below the folder.
    pub(crate) manifest: Option<String>,
    /// The configuration's path below the folder.
    pub(crate) config: Option<String>,
    /// The component that is wanted.
    pub(crate) component: Option<String>,
    /// The command that tells the version.
    pub(crate) version_command: Option<VersionCommand>,
    /// The branch whose rules apply, where it is given.
    pub(crate) branch: Option<String>,
    /// The branch of releases, where it is given.
    pub(crate) stable_branch: Option<String>,
    /// The branch of snapshots, where it is given.
    pub(crate) snapshot_branch: Option<String>,
    /// The branches on which older releases are corrected, where they are given.
    pub(crate) maintenance_branch: Option<Pattern>,
    /// What a push is compared with.
    pub(crate) base: BaseInput,
    pub(crate) latest: LatestPolicy,
    /// What stands before the version in a tag, where it is given.
    pub(crate) tag_prefix: Option<String>,
    pub(crate) create_tag: CreateTag,
    /// The message of an annotated tag, with `{version}` and `{tag}` in it; `None` for a lightweight one.
    pub(crate) tag_message: Option<String>,
}

/// The branch of releases where nothing else is said.
pub(crate) const STABLE_BRANCH: &str = "main";

/// The branch of snapshots where nothing else is said.
pub(crate) const SNAPSHOT_BRANCH: &str = "develop";

/// What a push is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BaseInput {
    /// What its event says.
    Event,
    /// The commit of the workflow's last successful run on the branch.
    LastSuccess,
    /// This commit.
    Commit(String),
}

/// Whether the commit shall be tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CreateTag {
    /// It shall.
    Yes,
    /// It shall not.
    No,
}

/// Parses the inputs and notes every bad one.
pub(crate) fn parse(args: &Args) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let folder = bad.required("working-directory", Some(&args.working_directory), path);
    let manifest = bad.optional("manifest", args.manifest.as_deref(), relative_path);
    let config = bad.optional("config", args.config.as_deref(), relative_path);
    let component = bad.optional("component", args.component.as_deref(), project_version::component_name);
    let limit = bad.required("version-command-timeout", Some(&args.version_command_timeout), actions_core::duration);
    let limit = limit.unwrap_or_default();
    let passed = bad.optional("version-command-env", args.version_command_env.as_deref(), variables);
    let command = |text: &str| VersionCommand::parse(text, limit, passed.clone().unwrap_or_default());
    let version_command = bad.optional("version-command", args.version_command.as_deref(), command);
    if args.version_command_env.is_some() && args.version_command.is_none() {
        let help = "leave it out, or name the command that gets the variables".to_owned();
        bad.add("version-command-env", "has no effect without `version-command`", Some(help));
    }
    if manifest.is_some() && version_command.is_some() {
        let help = "the version comes from a file or from a command: leave one of them out".to_owned();
        bad.add("version-command", "cannot be used together with `manifest`", Some(help));
    }
    let branch = bad.optional("branch", args.branch.as_deref(), branch_name);
    let stable_branch = bad.optional("stable-branch", args.stable_branch.as_deref(), branch_name);
    let snapshot_branch = bad.optional("snapshot-branch", args.snapshot_branch.as_deref(), branch_name);
    let tag_prefix = bad.optional("tag-prefix", args.tag_prefix.as_deref(), git_repository::tag_prefix);
    let tag_message = bad.optional("tag-message", args.tag_message.as_deref(), git_repository::tag_message);
    let given = stable_branch.is_some() || snapshot_branch.is_some();
    let stable = stable_branch.as_deref().unwrap_or(STABLE_BRANCH);
    let snapshot = snapshot_branch.as_deref().unwrap_or(SNAPSHOT_BRANCH);
    if given && stable == snapshot {
        let help = "releases and snapshots need branches of their own".to_owned();
        bad.add("snapshot-branch", "is the same as `stable-branch`", Some(help));
    }
    let maintenance_branch = bad.optional("maintenance-branch", args.maintenance_branch.as_deref(), maintenance);
    if let Some(name) = [stable, snapshot].iter().find(|name| is_matched(maintenance_branch.as_ref(), name)) {
        let help = "releases, snapshots and corrections of older releases need branches of their own".to_owned();
        bad.add("maintenance-branch", format!("takes the branch `{name}`, too"), Some(help));
    }
    let base = bad.optional("base", args.base.as_deref(), base).unwrap_or(BaseInput::Event);
    if tag_message.is_some() && args.create_tag.is_none() {
        let help = "set `create-tag`, or leave the message out".to_owned();
        bad.add("tag-message", "has no effect without `create-tag`", Some(help));
    }
    let latest = match args.latest {
        Latest::Develop => LatestPolicy::Develop,
        Latest::Stable => LatestPolicy::Stable,
        Latest::None => LatestPolicy::None,
    };
    let create_tag = if args.create_tag == Some(true) { CreateTag::Yes } else { CreateTag::No };
    bad.finish(|| {
        Some(Inputs {
            folder: folder?,
            manifest,
            config,
            component,
            version_command,
            branch,
            stable_branch,
            snapshot_branch,
            maintenance_branch,
            base,
            latest,
            tag_prefix,
            create_tag,
            tag_message,
        })
    })
}

/// A pattern of branches.
fn maintenance(text: &str) -> Result<Pattern, &'static str> {
    let pattern = Pattern::parse(text)?;
    if pattern.is_negative() { Err("a pattern of branches has no `!` in front") } else { Ok(pattern) }
}

fn is_matched(pattern: Option<&Pattern>, branch: &str) -> bool {
    pattern.is_some_and(|pattern| pattern.matches(branch))
}

fn base(text: &str) -> Result<BaseInput, &'static str> {
    let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text {
        "last-success" => Ok(BaseInput::LastSuccess),
        hash if is_hash => Ok(BaseInput::Commit(hash.to_ascii_lowercase())),
        _ => Err("`last-success` or the full hash of a commit, in a shell `$(git rev-parse HEAD~1)`"),
    }
}

/// Names of variables, one per line.
fn variables(text: &str) -> Result<Vec<String>, &'static str> {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let names: Vec<String> = text.lines().map(|line| line.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    if names.len() > 100 || !names.iter().all(|name| is_name(name)) {
        return Err("names of variables, one per line, 100 at most");
    }
    if names.iter().any(|name| crate::version_command::is_withheld(name)) {
        return Err("GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, GITHUB_STATE and GITHUB_STEP_SUMMARY belong to the step");
    }
    Ok(names)
}

fn path(text: &str) -> Result<PathBuf, &'static str> {
    if text.contains('\0') { Err("a path cannot hold a NUL character") } else { Ok(PathBuf::from(text)) }
}

fn relative_path(text: &str) -> Result<String, &'static str> {
    path(text)?;
    if std::path::Path::new(text).is_absolute() {
        return Err("write it relative to `working-directory`");
    }
    Ok(text.to_owned())
}
