//! Reading the local Git repository, where GitHub cannot be asked. Nothing is fetched and nothing is written.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

/// The output of `git <arguments>` in `folder`, without the newline at its end; `None` when Git fails or is not there.
async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        // A repository may name a program here, which Git would start.
        .args(["-c", "core.fsmonitor=false", "--no-optional-locks", "--no-pager"])
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}

/// The branch that is checked out; `None` for a detached head.
pub(crate) async fn branch(folder: &Path) -> Option<String> {
    git(folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]).await.filter(|name| !name.is_empty())
}

/// The commit that is checked out.
pub(crate) async fn head(folder: &Path) -> Option<String> {
    git(folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).await
}

/// The names of the tags; the error says why they are not known.
pub(crate) async fn tags(folder: &Path) -> Result<Vec<String>, &'static str> {
    let Some(list) = git(folder, &["for-each-ref", "--format=%(refname)", "refs/tags/"]).await else {
        return Err("there is no token, and no Git repository to read");
    };
    let tags: Vec<String> =
        list.lines().filter_map(|line| line.strip_prefix("refs/tags/")).map(str::to_owned).collect();
    // A shallow clone has at most the tags of the commits it has, so a missing one means nothing.
    let shallow = git(folder, &["rev-parse", "--is-shallow-repository"]).await;
    if shallow.as_deref() != Some("false") {
        return Err("there is no token, and the clone is shallow, so it may lack tags");
    }
    Ok(tags)
}

/// The commit of a tag; `None` when there is no such tag.
pub(crate) async fn tag(folder: &Path, name: &str) -> Option<String> {
    git(folder, &["rev-parse", "--verify", "--quiet", &format!("refs/tags/{name}^{{commit}}")]).await
}
