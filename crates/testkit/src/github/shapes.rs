//! Objects that many answers embed, with every property GitHub's document requires.

use serde_json::{Map, Value, json};

/// The time of everything: answers must not depend on the clock.
pub(super) const TIME: &str = "2026-01-02T03:04:05Z";

/// Addresses as they appear inside answers.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Scheme, host and port.
    pub(super) server: String,
    api: String,
}

impl Links {
    pub(super) fn new(server: &str, prefix: &str) -> Self {
        Self { server: server.to_owned(), api: format!("{server}{prefix}") }
    }

    /// Returns the API address of a repository.
    pub(super) fn repository(&self, name: &str) -> String {
        format!("{}/repos/{name}", self.api)
    }

    /// Returns the page of a repository.
    pub(super) fn html(&self, name: &str) -> String {
        format!("{}/{name}", self.server)
    }

    fn user(&self, login: &str) -> String {
        format!("{}/users/{}", self.api, encode(login))
    }
}

/// Encodes a name for an address: `github-actions[bot]` has characters that may not stand there.
fn encode(name: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    percent_encoding::utf8_percent_encode(name, &KEPT).to_string()
}

pub(super) fn user(links: &Links, login: &str) -> Value {
    let base = links.user(login);
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    let mut user = json!({
        "login": login,
        "id": 583_231,
        "node_id": "U_testkit",
        "avatar_url": format!("{}/avatars/{}", links.server, encode(login)),
        "gravatar_id": "",
        "url": base,
        "html_url": format!("{}/{}", links.server, encode(login)),
        "type": kind,
        "site_admin": false,
    });
    for name in [
        "events",
        "followers",
        "following",
        "gists",
        "organizations",
        "received_events",
        "repos",
        "starred",
        "subscriptions",
    ] {
        let path = if name == "organizations" { "orgs" } else { name };
        user[format!("{name}_url")] = format!("{base}/{path}").into();
    }
    user
}

pub(super) fn label(links: &Links, repository: &str, name: &str) -> Value {
    let encoded = encode(name);
    json!({
        "id": 208_045_946,
        "node_id": "LA_testkit",
        "url": format!("{}/labels/{encoded}", links.repository(repository)),
        "name": name,
        "description": "",
        "color": "ededed",
        "default": false,
    })
}

/// Addresses below a repository: property and path.
const REPOSITORY_URLS: [(&str, &str); 37] = [
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    ("notifications_url", "notifications{?since,all,participating}"),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
    ("svn_url", ""),
];

pub(super) fn repository(links: &Links, full_name: &str) -> Value {
    let (owner, name) = full_name.split_once('/').unwrap_or_default();
    let base = links.repository(full_name);
    let html = links.html(full_name);
    let mut found: Map<String, Value> = REPOSITORY_URLS
        .iter()
        .map(|(property, path)| ((*property).to_owned(), format!("{base}/{path}").into()))
        .collect();
    let rest = json!({
        "id": 1_296_269,
        "node_id": "R_testkit",
        "name": name,
        "full_name": full_name,
        "owner": user(links, owner),
        "url": base,
        "html_url": html,
        "svn_url": html,
        "clone_url": format!("{html}.git"),
        "git_url": format!("git://github.test/{full_name}.git"),
        "ssh_url": format!("git@github.test:{full_name}.git"),
        "mirror_url": null,
        "homepage": null,
        "description": null,
        "language": null,
        "license": null,
        "default_branch": "main",
        "visibility": "private",
        "created_at": TIME,
        "updated_at": TIME,
        "pushed_at": TIME,
    });
    extend(&mut found, rest);
    for flag in ["private", "has_downloads", "has_issues", "has_projects", "has_wiki"] {
        found.insert(flag.to_owned(), true.into());
    }
    for flag in ["fork", "archived", "disabled", "has_pages", "has_discussions"] {
        found.insert(flag.to_owned(), false.into());
    }
    for count in [
        "forks",
        "forks_count",
        "network_count",
        "open_issues",
        "open_issues_count",
        "size",
        "stargazers_count",
        "subscribers_count",
        "watchers",
        "watchers_count",
    ] {
        found.insert(count.to_owned(), 0.into());
    }
    Value::Object(found)
}

/// Adds the properties of `other`, which is an object.
pub(super) fn extend(object: &mut Map<String, Value>, other: Value) {
    if let Value::Object(other) = other {
        object.extend(other);
    }
}
