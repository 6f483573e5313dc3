//! What a local Git repository says of itself: the branch, the commit, the tags, the files of a commit. It asks the program `git`, which may be
//! missing; nothing is fetched and nothing is written.
//!
//! It deliberately knows nothing of GitHub and decides nothing.

mod names;
mod objects;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use process_family::Family;
use tokio::process::Command;

pub use names::{branch_name, filled, released, tag_message, tag_prefix};
pub use objects::{Entry, Tree, blob, differences, merge_base, parents, tree};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch, by its short name.
    Branch(String),
    /// A commit, and no branch.
    Detached,
    /// There is no repository, or Git does not say.
    Unknown,
}

/// The commit that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full hash.
    pub sha: String,
    /// Its date in seconds since 1970.
    pub date: i64,
}

/// The output of `git <arguments>` in `folder`, without the newline at its end; `None` when Git fails or is not there.
async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let text = String::from_utf8(git_bytes(folder, arguments).await?).ok()?;
    Some(text.trim_end().to_owned())
}

/// The same, byte by byte.
async fn git_bytes(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    if !may_be_repository(folder) {
        return None;
    }
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        // A repository's configuration may name programs here, which Git would start.
        .args(["-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "--no-optional-locks", "--no-pager"])
        .args(arguments)
        // In a partial clone Git would fetch what it is asked for and does not have.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let output = tokio::time::timeout(PATIENCE, Family::output(&mut command)).await.ok()?.ok()?;
    output.status.success().then_some(output.stdout)
}

/// Whether Git may find a repository from `folder` upwards: without one it is not worth starting.
fn may_be_repository(folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let is_one = |above: &Path| above.join(".git").exists() || above.join("HEAD").is_file();
    std::env::var_os("GIT_DIR").is_some() || folder.ancestors().any(is_one)
}

/// The folder of the work tree that `folder` is in; `None` where there is none.
pub async fn top(folder: &Path) -> Option<PathBuf> {
    git(folder, &["rev-parse", "--show-toplevel"]).await.map(PathBuf::from)
}

/// What is checked out in the repository around `folder`.
pub async fn head(folder: &Path) -> Head {
    match git(folder, &["symbolic-ref", "--quiet", "HEAD"]).await {
        Some(full) => full.strip_prefix("refs/heads/").map_or(Head::Detached, |name| Head::Branch(name.to_owned())),
        None if commit(folder).await.is_some() => Head::Detached,
        None => Head::Unknown,
    }
}

/// The commit that is checked out; `None` where there is none.
pub async fn commit(folder: &Path) -> Option<Commit> {
    let answer = git(folder, &["log", "-1", "--format=%H %ct", "HEAD"]).await?;
    let (sha, date) = answer.split_once(' ')?;
    Some(Commit { sha: sha.to_owned(), date: date.parse().ok()? })
}

/// The tracked files below `folder` that are not as in the commit that is checked out, by their paths from `folder`; submodules are not looked
/// into. `None` where Git does not tell, or where the repository's own configuration has filters: they are programs, which Git would start.
pub async fn uncommitted(folder: &Path) -> Option<Vec<String>> {
    let settings = git(folder, &["config", "--list", "--show-scope", "--name-only"]).await?;
    let is_foreign = |line: &str| {
        let (scope, name) = line.split_once('\t').unwrap_or(("", line));
        !["system", "global"].contains(&scope) && name.starts_with("filter.")
    };
    if settings.lines().any(is_foreign) {
        return None;
    }
    let status =
        ["status", "--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=all", "--no-renames", "--", "."];
    let (prefix, list) = tokio::join!(git(folder, &["rev-parse", "--show-prefix"]), git_bytes(folder, &status));
    let (prefix, list) = (prefix?, list?);
    // Two letters and a blank come before each path.
    let paths = list.split(|byte| *byte == 0).filter_map(|line| line.get(3..));
    let below = |path: &[u8]| String::from_utf8_lossy(path).strip_prefix(&prefix).map(str::to_owned);
    Some(paths.filter_map(below).collect())
}

/// The names of the tags; the error says why they are not known.
pub async fn tags(folder: &Path) -> Result<Vec<String>, &'static str> {
    Ok(tag_commits(folder).await?.into_iter().map(|(name, _)| name).collect())
}

/// The names of the tags and what each stands for, annotated ones followed; the error says why they are not known.
pub async fn tag_commits(folder: &Path) -> Result<Vec<(String, String)>, &'static str> {
    const FORMAT: &str = "--format=%(refname) %(objectname) %(*objectname)";
    // A shallow clone has at most the tags of the commits it has, so a missing one means nothing.
    let (list, shallow) = tokio::join!(
        git(folder, &["for-each-ref", FORMAT, "refs/tags/"]),
        git(folder, &["rev-parse", "--is-shallow-repository"]),
    );
    let list = list.ok_or("there is no Git repository to read")?;
    let tag = |line: &str| {
        let mut words = line.strip_prefix("refs/tags/")?.split(' ').filter(|word| !word.is_empty());
        let (name, object) = (words.next()?, words.next()?);
        Some((name.to_owned(), words.next().unwrap_or(object).to_owned()))
    };
    let tags = list.lines().filter_map(tag).collect();
    if shallow.as_deref() != Some("false") {
        return Err("the clone is shallow, so it may lack tags");
    }
    // `git clone --no-tags` and `--single-branch` leave this behind.
    if git(folder, &["config", "--get-all", "remote.origin.tagOpt"]).await.as_deref() == Some("--no-tags") {
        return Err("the clone was made without tags");
    }
    let fetched = git(folder, &["config", "--get-all", "remote.origin.fetch"]).await;
    if fetched.is_some_and(|fetched| !fetched.contains('*')) {
        return Err("the clone has one branch alone, so it may lack tags");
    }
    Ok(tags)
}

/// The commit of a tag; `None` when there is no such tag.
pub async fn tag(folder: &Path, name: &str) -> Option<String> {
    git(folder, &["rev-parse", "--verify", "--quiet", &format!("refs/tags/{name}^{{commit}}")]).await
}

#[cfg(test)]
mod tests;
