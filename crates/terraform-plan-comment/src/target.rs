//! Where a plan is shown.

use actions_core::{InputErrors, lines_or_commas};

use crate::marker::Name;

/// The places that were asked for; without any the plan is in the short step summary alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Targets {
    /// One comment on the pull request.
    pub(crate) comment: bool,
    /// One region of the pull request's body.
    pub(crate) body: bool,
    /// All the room that the step summary has.
    pub(crate) summary: bool,
}

/// Whose pull request it is, and where on it something is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Destinations {
    pub(crate) targets: Targets,
    /// Tells the comments and regions of several plans apart.
    pub(crate) name: Option<Name>,
    /// The pull request that was named.
    pub(crate) pull_request: Option<u64>,
    /// The commit that was named.
    pub(crate) commit: Option<String>,
    pub(crate) comment_mode: CommentMode,
    pub(crate) labels: Labels,
    pub(crate) overrides: Overrides,
    /// The name of the check run to write.
    pub(crate) check_run: Option<String>,
}

/// What of the pull request lets pass what `fail-on` refuses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    pub(crate) label: Option<String>,
    /// The users whose approval does.
    pub(crate) approvers: Vec<String>,
}

/// What becomes of an earlier run's comment that says something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum CommentMode {
    /// It is written anew where it is.
    #[default]
    Update,
    /// It is hidden as outdated, and a new one comes at the end of the conversation.
    HideAndRecreate,
}

/// Whether the pull request gets a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Labels {
    #[default]
    None,
    /// One that names the worst grade.
    Grade,
}

/// The inputs about the pull request, as they are typed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DestinationArgs {
    /// Where the plan is shown besides the short step summary, one per line or separated by commas: `comment` (one comment, updated in place),
    /// `body` (one region of the pull request's body, everything around it kept), `summary` (the step summary takes all its room, 1 MiB,
    /// for what the others leave out) or `none`.
    #[arg(long, value_name = "TARGETS", default_value = "comment")]
    pub target: Vec<String>,
    /// The pull request's number. Empty: the one the run is about; on `workflow_run` the open one that the other run's branch belongs to.
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<String>,
    /// The commit that was planned, as its full SHA, where the event does not say it (such as `issue_comment` and `workflow_dispatch`).
    /// Where the pull request has moved on from it, the text says so.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// What becomes of the comment of an earlier run that says something else: `update` writes it anew in place, `hide-and-recreate` hides it as
    /// outdated and writes a new one at the end of the conversation, for teams who read their pull requests from top to bottom.
    #[arg(long, value_name = "MODE", default_value = "update")]
    pub comment_mode: String,
    /// `true` puts one label on the pull request: `terraform/` and the worst grade (`data-loss`, `exposure`, `downtime`, `rules`, `routine`),
    /// `no-changes` or `failed`. The others of these are taken off, no other label is touched.
    #[arg(long, value_name = "BOOLEAN", default_value = "false")]
    pub label: String,
    /// Also write a check run of this name on the planned commit, which fails where the step does; with `name` that stands behind it in
    /// parentheses, so that each root has its own. It needs `checks: write` and the token of
    /// an App, such as that of the job. Empty: none.
    #[arg(long, value_name = "NAME")]
    pub check_run: Option<String>,
}

/// The inputs about what lets pass, as they are typed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OverrideArgs {
    /// The label of the pull request with which `fail-on` warns and does not fail. Whoever may label decides, and the label counts until it
    /// is taken away. Empty: nothing overrides.
    #[arg(long, value_name = "LABEL")]
    pub override_label: Option<String>,
    /// The users whose approval of the commit at the head of the pull request does the same as the label, one per line or separated by commas.
    /// A later review of the same user that wants changes takes it back, and so does a push.
    #[arg(long, value_name = "USERS")]
    pub override_approvers: Vec<String>,
}

impl Overrides {
    fn parse(args: &OverrideArgs, bad: &mut InputErrors) -> Self {
        let approvers = bad.list("override-approvers", &lines_or_commas(&args.override_approvers), user);
        Self { label: args.override_label.clone().filter(|label| !label.is_empty()), approvers }
    }

    fn are_any(&self) -> bool {
        self.label.is_some() || !self.approvers.is_empty()
    }
}

impl Targets {
    /// Whether anything of the pull request is written.
    pub(crate) fn on_pull_request(self) -> bool {
        self.comment || self.body
    }
}

impl Destinations {
    /// Parses what was typed, noting every bad field.
    pub(crate) fn parse(
        args: &DestinationArgs,
        overrides: &OverrideArgs,
        name: Option<Name>,
        bad: &mut InputErrors,
    ) -> Self {
        let words = lines_or_commas(&args.target);
        let targets = bad.list("target", &words, word_of_target);
        if words.is_empty() {
            bad.add("target", "is empty", Some("write `none` to show the plan in the step summary alone".to_owned()));
        }
        if targets.len() > 1 && targets.iter().any(Option::is_none) {
            let help = "write `none` alone, or leave it out".to_owned();
            bad.add("target", "has `none` beside other places", Some(help));
        }
        let mut places = Targets::default();
        for target in targets.into_iter().flatten() {
            match target {
                Target::Comment => places.comment = true,
                Target::Body => places.body = true,
                Target::Summary => places.summary = true,
            }
        }
        let pull_request = bad.optional("pull-request", args.pull_request.as_deref(), number);
        let commit = bad.optional("commit", args.commit.as_deref(), sha);
        let comment_mode = bad.optional("comment-mode", Some(&args.comment_mode), mode).unwrap_or_default();
        let label = bad.optional("label", Some(&args.label), actions_core::boolean);
        let labels = if label == Some(true) { Labels::Grade } else { Labels::None };
        let check_run = bad.optional("check-run", args.check_run.as_deref(), check_name);
        let overrides = Overrides::parse(overrides, bad);
        Self { targets: places, name, pull_request, commit, comment_mode, labels, check_run, overrides }
    }

    /// Whether GitHub has to be asked anything.
    pub(crate) fn need_github(&self) -> bool {
        self.targets.on_pull_request()
            || self.labels != Labels::None
            || self.check_run.is_some()
            || self.overrides.are_any()
    }
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Comment,
    Body,
    Summary,
}

/// A word of the input; `none` is no place.
fn word_of_target(word: &str) -> Result<Option<Target>, &'static str> {
    Ok(Some(match word {
        "comment" => Target::Comment,
        "body" => Target::Body,
        "summary" => Target::Summary,
        "none" => return Ok(None),
        _ => return Err("not `comment`, `body`, `summary` or `none`"),
    }))
}

fn mode(word: &str) -> Result<CommentMode, &'static str> {
    match word {
        "update" => Ok(CommentMode::Update),
        "hide-and-recreate" => Ok(CommentMode::HideAndRecreate),
        _ => Err("not `update` or `hide-and-recreate`"),
    }
}

fn number(text: &str) -> Result<u64, &'static str> {
    text.trim_start_matches('#').parse().ok().filter(|number| *number > 0).ok_or("not the number of a pull request")
}

/// A user as GitHub names one, with or without `@`
/// (<https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication>).
fn user(text: &str) -> Result<String, &'static str> {
    let name = text.strip_prefix('@').unwrap_or(text);
    let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '[' | ']');
    if !name.is_empty() && name.len() <= 60 && name.chars().all(is_name) {
        Ok(name.to_owned())
    } else {
        Err("not the name of a user; teams cannot be named")
    }
}

/// The longest id of a commit: SHA-256 in hexadecimal.
const LONGEST_SHA: usize = 64;

/// Whether `text` is the whole id of a commit.
pub(crate) fn is_sha(text: &str) -> bool {
    matches!(text.len(), 40 | LONGEST_SHA) && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

fn sha(text: &str) -> Result<String, &'static str> {
    let text = text.to_ascii_lowercase();
    if is_sha(&text) { Ok(text) } else { Err("not the full SHA of a commit") }
}

/// The longest name of a check run that is taken; GitHub does not say what it takes.
const LONGEST_CHECK_NAME: usize = 100;

fn check_name(text: &str) -> Result<String, &'static str> {
    if text.chars().count() > LONGEST_CHECK_NAME || text.chars().any(char::is_control) {
        return Err("not the name of a check run; write at most 100 characters on one line");
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
