//! From what was typed to what it means.

use std::path::PathBuf;

use actions_core::{InputErrors, Session};
use git_repository::branch_name;
use image_ref::LatestPolicy;

use crate::args::{Args, Latest};
use crate::subject::Subject;
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
    /// What the run is about; `None` when only Git can tell.
    pub(crate) subject: Option<Subject>,
    /// The branch of releases, where it is given.
    pub(crate) stable_branch: Option<String>,
    /// The branch of snapshots, where it is given.
    pub(crate) snapshot_branch: Option<String>,
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

/// Whether the commit shall be tagged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CreateTag {
    /// It shall.
    Yes,
    /// It shall not.
    No,
}

/// Parses the inputs and notes every bad one.
pub(crate) fn parse(args: &Args, session: &Session) -> Result<Inputs, InputErrors> {
    let mut bad = InputErrors::new();
    let folder = bad.required("working-directory", Some(&args.working_directory), path);
    let manifest = bad.optional("manifest", args.manifest.as_deref(), relative_path);
    let config = bad.optional("config", args.config.as_deref(), relative_path);
    let component = bad.optional("component", args.component.as_deref(), project_version::component_name);
    let limit = bad.required("version-command-timeout", Some(&args.version_command_timeout), actions_core::duration);
    let limit = limit.unwrap_or_default();
    let command = |text: &str| VersionCommand::parse(text, limit);
    let version_command = bad.optional("version-command", args.version_command.as_deref(), command);
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
    if given && stable == snapshot_branch.as_deref().unwrap_or(SNAPSHOT_BRANCH) {
        let help = "releases and snapshots need branches of their own".to_owned();
        bad.add("snapshot-branch", "is the same as `stable-branch`", Some(help));
    }
    let subject = branch.map(|name| Subject::Branch { name }).or_else(|| Subject::of(&session.context));
    let latest = match args.latest {
        Latest::Develop => LatestPolicy::Develop,
        Latest::Stable => LatestPolicy::Stable,
        Latest::None => LatestPolicy::None,
    };
    let create_tag = if args.create_tag { CreateTag::Yes } else { CreateTag::No };
    bad.finish(|| {
        Some(Inputs {
            folder: folder?,
            manifest,
            config,
            component,
            version_command,
            subject,
            stable_branch,
            snapshot_branch,
            latest,
            tag_prefix,
            create_tag,
            tag_message,
        })
    })
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
