//! Commits: those between two, those of a branch, those that touch a path; and the pull requests they came in by.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;
use crate::graphql::{self, Refusal};

/// How many commits are asked for their pull requests at once. A question for a hundred takes GitHub seconds.
const AT_ONCE: usize = 50;

/// How many pull requests of one commit are looked at. One that went through several release branches has a few.
const PULLS_OF_A_COMMIT: usize = 10;

/// A commit, as its history is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its full hash.
    pub sha: String,
    /// Its whole message.
    pub message: String,
    /// The login of its author; `None` where GitHub knows no account for the author's address.
    pub login: Option<String>,
    /// The author's name, as Git has it.
    pub author: String,
    /// When it was committed, in ISO 8601.
    pub date: String,
    /// How many parents it has; a merge has two.
    pub parents: usize,
}

/// What lies between two commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// `ahead`, `behind`, `diverged` or `identical`.
    pub status: String,
    /// How many commits there are, also where not all are in `commits`.
    pub total: usize,
    /// The commits of the second that the first has not, oldest first.
    pub commits: Vec<Commit>,
}

/// A merged pull request that a commit came in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergedPull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// The login of its author; empty where the account is gone.
    pub login: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Its target branch.
    pub base: String,
}

#[derive(Deserialize)]
struct Compared {
    status: String,
    total_commits: usize,
    commits: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    sha: String,
    commit: Inner,
    author: Option<Account>,
    #[serde(default)]
    parents: Vec<Value>,
}

#[derive(Deserialize)]
struct Inner {
    message: String,
    author: Option<Person>,
    committer: Option<Person>,
}

#[derive(Default, Deserialize)]
struct Person {
    #[serde(default)]
    name: String,
    #[serde(default)]
    date: String,
}

/// GitHub answers `{}` for an account that is gone.
#[derive(Deserialize)]
struct Account {
    login: Option<String>,
}

#[derive(Deserialize)]
struct Answered {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Data {
    repository: Option<BTreeMap<String, Option<Object>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    associated_pull_requests: Option<Nodes<Pull>>,
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    number: u64,
    title: String,
    merged: bool,
    base_ref_name: String,
    author: Option<Account>,
    labels: Option<Nodes<Label>>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
}

impl From<Listed> for Commit {
    fn from(listed: Listed) -> Self {
        Self {
            sha: listed.sha,
            message: listed.commit.message,
            login: listed.author.and_then(|author| author.login),
            author: listed.commit.author.unwrap_or_default().name,
            date: listed.commit.committer.unwrap_or_default().date,
            parents: listed.parents.len(),
        }
    }
}

impl GitHub {
    /// What `head` has and `base` has not, at most `most` commits; `None` where one of them is not there
    /// (<https://docs.github.com/en/rest/commits/commits#compare-two-commits>).
    pub async fn compare(&self, base: &str, head: &str, most: usize) -> Result<Option<Comparison>, GitHubError> {
        let path = self.path(&["compare", &format!("{base}...{head}")]);
        let call = Call::get(format!("compare `{base}` with `{head}`"), path, Permission::ReadContents).paged();
        let mut found: Option<Comparison> = None;
        for page in 1_usize.. {
            let mut call = call.clone();
            call.query.push(("page", page.to_string()));
            let Some(compared) = self.find::<Compared>(&call).await? else { return Ok(None) };
            let last = compared.commits.is_empty();
            let kept = found.get_or_insert(Comparison {
                status: compared.status,
                total: compared.total_commits,
                commits: Vec::new(),
            });
            kept.commits.extend(compared.commits.into_iter().map(Commit::from));
            if last || kept.commits.len() >= kept.total.min(most) {
                kept.commits.truncate(most);
                break;
            }
        }
        Ok(found)
    }

    /// The commits that lead to `head`, newest first, at most `most`; with a `path` those that touch it, and not those from before
    /// `since` (ISO 8601) (<https://docs.github.com/en/rest/commits/commits#list-commits>).
    pub async fn commits(
        &self,
        head: &str,
        path: Option<&str>,
        since: Option<&str>,
        most: usize,
    ) -> Result<Vec<Commit>, GitHubError> {
        let call =
            Call::get(format!("list the commits of `{head}`"), self.path(&["commits"]), Permission::ReadContents);
        let mut call = call.paged();
        call.query.push(("sha", head.to_owned()));
        call.query.extend(path.map(|path| ("path", path.to_owned())));
        call.query.extend(since.map(|since| ("since", since.to_owned())));
        let mut commits: Vec<Commit> = Vec::new();
        for page in 1_usize.. {
            let mut call = call.clone();
            call.query.push(("page", page.to_string()));
            let listed: Vec<Listed> = self.json(&call).await?;
            let full = listed.len() == 100;
            commits.extend(listed.into_iter().map(Commit::from));
            if !full || commits.len() >= most {
                break;
            }
        }
        commits.truncate(most);
        Ok(commits)
    }

    /// The merged pull requests that each of `commits` (full hashes) came in by; one question for fifty commits
    /// (<https://docs.github.com/en/graphql/reference/objects#commit>).
    pub async fn pulls_of_commits(&self, commits: &[&str]) -> Result<BTreeMap<String, Vec<MergedPull>>, GitHubError> {
        let mut found = BTreeMap::new();
        for some in commits.chunks(AT_ONCE) {
            let call = self.pulls_call(some);
            let answered: Answered = self.json_from(&call, &self.graphql).await?;
            if let Some(refusal) = answered.errors.into_iter().next() {
                return Err(graphql::explain(&call, refusal));
            }
            let Some(objects) = answered.data.and_then(|data| data.repository) else {
                let repository = self.repository().to_owned();
                let permission = call.permission.to_string();
                return Err(GitHubError::RepositoryNotFound { what: call.what, repository, permission });
            };
            for (at, sha) in some.iter().enumerate() {
                let object = objects.get(&format!("c{at}")).and_then(Option::as_ref);
                let pulls = object.and_then(|object| object.associated_pull_requests.as_ref());
                let pulls = pulls.map(|pulls| pulls.nodes.iter().filter(|pull| pull.merged).map(MergedPull::of));
                found.insert((*sha).to_owned(), pulls.into_iter().flatten().collect());
            }
        }
        Ok(found)
    }

    /// The question for the pull requests of some commits. Hashes are variables, so none can change the question.
    fn pulls_call(&self, commits: &[&str]) -> Call {
        let (owner, name) = self.repository().split_once('/').unwrap_or_default();
        let mut variables = json!({ "owner": owner, "name": name });
        let (mut declared, mut asked) = (String::new(), String::new());
        for (at, sha) in commits.iter().enumerate() {
            variables[format!("o{at}")] = json!(sha);
            declared.push_str(&format!(", $o{at}: GitObjectID!"));
            asked.push_str(&format!(" c{at}: object(oid: $o{at}) {{ ...pulls }}"));
        }
        let query = format!(
            "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{{asked} }} }} \
             fragment pulls on Commit {{ associatedPullRequests(first: {PULLS_OF_A_COMMIT}) {{ nodes {{ number title merged \
             baseRefName author {{ login }} labels(first: 50) {{ nodes {{ name }} }} }} }} }}"
        );
        let what = "read the pull requests of the commits";
        Call::new(what, Method::POST, Vec::new(), Permission::ReadPulls)
            .repeatable()
            .body(json!({ "query": query, "variables": variables }))
    }
}

impl MergedPull {
    fn of(pull: &Pull) -> Self {
        let login = pull.author.as_ref().and_then(|author| author.login.clone()).unwrap_or_default();
        let labels = pull.labels.iter().flat_map(|labels| &labels.nodes).map(|label| label.name.clone()).collect();
        Self { number: pull.number, title: pull.title.clone(), login, labels, base: pull.base_ref_name.clone() }
    }
}
