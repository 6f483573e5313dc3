//! Advice for refusals: the `permissions:` lines to paste.

/// The block to paste for `permission`.
fn block(permission: &str) -> String {
    format!("permissions:\n  {permission}")
}

/// What to do about a 403, whose reason is in GitHub's `message`.
pub(crate) fn forbidden(permission: &str, message: &str) -> String {
    let message = message.to_lowercase();
    if message.contains("saml") {
        return "authorize the token for the organization's single sign-on, or pass the job's own token".to_owned();
    }
    if message.contains("archived") {
        return "the repository is archived and so cannot change: unarchive it in its settings".to_owned();
    }
    if message.contains("not permitted to create or approve pull requests") {
        return "switch on `Allow GitHub Actions to create and approve pull requests` in the repository's (or organization's) Settings > Actions > General, or pass the token of a GitHub App as `github-token`"
            .to_owned();
    }
    if message.contains("personal access token") {
        return format!("give the personal access token the permission `{permission}` for this repository");
    }
    format!(
        "add the line to the job (naming one permission drops all others, so keep those it has):\n{}\na pull request from a fork only ever gets a token that reads",
        block(permission)
    )
}

/// What to do about a repository that is not there.
pub(crate) fn repository_not_found(permission: &str) -> String {
    format!(
        "check GITHUB_REPOSITORY and GITHUB_API_URL; for a private repository the job needs:\n{}",
        block(permission)
    )
}

/// What to do about a thing that is not there.
pub(crate) fn not_found(permission: &str) -> String {
    format!("check that it exists; the job needs:\n{}", block(permission))
}
