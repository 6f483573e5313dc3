//! Commits: those between two, those of a branch, those that touch a path; and the pull requests they came in by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;
use crate::graphql::{self, Refusal};
use crate::objects::unless_unknown;

/// How many commits are asked for their pull requests at once. A question for a hundred takes GitHub seconds.
const AT_ONCE: usize = 50;

/// How many pull requests of one commit are looked at. One that went through several release branches has a few.
const PULLS_OF_A_COMMIT: usize = 10;

/// How many items the longest page has.
const FULL: usize = 100;

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
    /// The newest commits of the second that the first has not, oldest first.
    pub commits: Vec<Commit>,
}

/// A merged pull request that a commit came in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergedPull {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// The login of its author, that of an App with `[bot]` behind it; empty where the account is gone.
    pub login: String,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Its target branch.
    pub base: String,
}

/// A page of a list.
struct Page {
    size: usize,
    number: usize,
}

#[derive(Deserialize)]
struct Compared {
    status: String,
    total_commits: usize,
    commits: Vec<Listed>,
    merge_base_commit: Common,
}

#[derive(Deserialize)]
struct Common {
    sha: String,
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
    /// What the token may not see is null.
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    number: u64,
    title: String,
    merged: bool,
    base_ref_name: String,
    repository: Named,
    author: Option<Actor>,
    labels: Option<Nodes<Label>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    name_with_owner: String,
}

/// Who wrote something. Of an App GraphQL gives the bare name, which may be a person's.
#[derive(Deserialize)]
struct Actor {
    #[serde(rename = "__typename")]
    kind: String,
    login: String,
}

impl Actor {
    /// The login, as the REST API has it.
    fn login(&self) -> String {
        let is_bare = self.kind == "Bot" && !self.login.ends_with("[bot]");
        if is_bare { format!("{}[bot]", self.login) } else { self.login.clone() }
    }
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
    /// What `head` has and `base` has not, the newest `most` commits of it; `None` where one of them is not there
    /// (<https://docs.github.com/en/rest/commits/commits#compare-two-commits>).
    pub async fn compare(&self, base: &str, head: &str, most: usize) -> Result<Option<Comparison>, GitHubError> {
        let Some(first) = self.compared(base, head, Page { size: FULL, number: 1 }).await? else { return Ok(None) };
        let (status, total) = (first.status, first.total_commits);
        let mut listed = first.commits;
        // The oldest come first, so what is too many is at the beginning.
        let begin = total.saturating_sub(most) / FULL + 1;
        if begin > 1 {
            listed.clear();
        }
        for number in begin.max(2)..=total.div_ceil(FULL) {
            let Some(page) = self.compared(base, head, Page { size: FULL, number }).await? else { return Ok(None) };
            if page.commits.is_empty() {
                break;
            }
            listed.extend(page.commits);
        }
        let commits = listed.split_off(listed.len().saturating_sub(most)).into_iter().map(Commit::from).collect();
        Ok(Some(Comparison { status, total, commits }))
    }

    /// The commit that two branches or commits have in common; `None` when they have none, or one of them does not exist.
    pub async fn merge_base(&self, base: &str, head: &str) -> Result<Option<String>, GitHubError> {
        // The first page has the changed files with their patches, which nobody wants here.
        let compared = self.compared(base, head, Page { size: 1, number: 2 }).await?;
        Ok(compared.map(|compared| compared.merge_base_commit.sha))
    }

    async fn compared(&self, base: &str, head: &str, page: Page) -> Result<Option<Compared>, GitHubError> {
        let path = self.path(&["compare", &format!("{base}...{head}")]);
        let mut call = Call::get(format!("compare `{base}` with `{head}`"), path, Permission::ReadContents);
        call.query.push(("per_page", page.size.to_string()));
        call.query.push(("page", page.number.to_string()));
        unless_unknown(self.find(&call).await)
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
            let objects = answered.data.and_then(|data| data.repository);
            let pulls = |at: usize| {
                let object = objects.as_ref()?.get(&format!("c{at}"))?.as_ref()?;
                object.associated_pull_requests.as_ref()
            };
            let told = (0..some.len()).filter(|at| pulls(*at).is_some()).count();
            // A refusal may be about one commit of many.
            if let Some(refusal) = answered.errors.into_iter().next() {
                let refusal = graphql::explain(&call, refusal);
                if told == 0 {
                    return Err(refusal);
                }
                if let Some(log) = &self.log {
                    log.line(format!("the pull requests of {} commits are not told: {refusal}", some.len() - told));
                }
            }
            if objects.is_none() {
                let repository = self.repository().to_owned();
                let permission = call.permission.to_string();
                return Err(GitHubError::RepositoryNotFound { what: call.what, repository, permission });
            }
            for (at, sha) in some.iter().enumerate() {
                let ours = pulls(at).into_iter().flat_map(|pulls| pulls.nodes.iter().flatten());
                let ours = ours.filter(|pull| pull.merged && self.is_own(pull)).map(MergedPull::of);
                found.insert((*sha).to_owned(), ours.collect());
            }
        }
        Ok(found)
    }

    /// Whether a pull request is one of this repository: a fork's commit may have come in by one of the repository that it is a fork of.
    fn is_own(&self, pull: &Pull) -> bool {
        pull.repository.name_with_owner.eq_ignore_ascii_case(self.repository())
    }

    /// The question for the pull requests of some commits.
    fn pulls_call(&self, commits: &[&str]) -> Call {
        let wanted = format!(
            "on Commit {{ associatedPullRequests(first: {PULLS_OF_A_COMMIT}) {{ nodes {{ number title merged \
             baseRefName repository {{ nameWithOwner }} author {{ __typename login }} labels(first: 50) {{ nodes {{ name }} }} }} }} }}"
        );
        let what = "read the pull requests of the commits";
        self.objects_call(what, Permission::ReadPulls, commits, ("pulls", &wanted))
    }
}

impl MergedPull {
    fn of(pull: &Pull) -> Self {
        let login = pull.author.as_ref().map(Actor::login).unwrap_or_default();
        let labels = pull
            .labels
            .iter()
            .flat_map(|labels| labels.nodes.iter().flatten())
            .map(|label| label.name.clone())
            .collect();
        Self { number: pull.number, title: pull.title.clone(), login, labels, base: pull.base_ref_name.clone() }
    }
}
