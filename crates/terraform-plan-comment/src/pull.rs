//! The run, and what its pull request says now.

use actions_core::{Failure, Session};
use github_client::{Comment, GitHub, GitHubError, PullRequest, PullReview, ReviewVerdict, WorkflowRun};
use serde_json::Value;

use crate::error::{Error, PullRequestError};
use crate::marker::{self, Writer};
use crate::region;
use crate::signs::{self, SeenCheck};
use crate::target::{Destinations, Overrides, Targets, is_sha};

/// This run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    pub(crate) writer: Writer,
    /// Whether the planned commit is known to have been the head of a pull request, and not one that Git made or a branch's.
    pub(crate) is_of_head: bool,
    /// The page of this repository's runs, with a slash at the end.
    pub(crate) runs_url: Option<String>,
}

/// What the pull request says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) destinations: Vec<Destination>,
    pub(crate) pull: Option<Pull>,
    /// The check run, where one is asked for.
    pub(crate) check: Option<SeenCheck>,
}

/// The pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pull {
    pub(crate) number: u64,
    /// The commit at its head.
    pub(crate) head: String,
    pub(crate) labels: Vec<String>,
    /// The one of the users asked for who approves the planned commit at its head.
    pub(crate) approved_by: Option<String>,
}

/// Why there is no place on a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Nowhere {
    /// None was asked for.
    NotAsked,
    /// The run is about no pull request.
    NoPullRequest,
    /// The run's branch has none that is open.
    NoneOpen,
}

/// Where something is to be written, as it is now.
#[derive(Debug, Clone)]
pub(crate) enum Destination {
    Nowhere {
        why: Nowhere,
    },
    Comment {
        pull_request: u64,
        existing: Option<Existing>,
    },
    Body {
        pull_request: u64,
        body: String,
        url: String,
        /// Who wrote what is in the region.
        earlier: Writer,
    },
    /// GitHub refused to say.
    Refused {
        failure: Failure,
        is_fork: bool,
    },
}

/// The comment that an earlier run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Existing {
    pub(crate) id: u64,
    /// Its id in GraphQL.
    pub(crate) node_id: String,
    pub(crate) body: String,
    pub(crate) url: String,
}

/// Which pull request it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Number(u64),
    /// The open one that comes from this branch of this repository (`owner/name`).
    From {
        repository: String,
        branch: String,
    },
}

impl Pull {
    /// What lets pass what is refused, in prose: the label, where the pull request has it, or the approval of a user who was named.
    pub(crate) fn lets_pass(&self, overrides: &Overrides) -> Option<String> {
        let label = overrides.label.as_ref().filter(|label| self.labels.contains(label));
        let label = label.map(|label| format!("the label `{}`", label.replace('`', "'")));
        label.or_else(|| self.approved_by.as_ref().map(|user| format!("the approval of `{user}`")))
    }
}

impl Destinations {
    fn without_a_pull_request(&self) -> Nowhere {
        if self.need_github() { Nowhere::NoPullRequest } else { Nowhere::NotAsked }
    }
}

impl Run {
    /// The page of the run that wrote a text.
    pub(crate) fn url(&self, writer: &Writer) -> Option<String> {
        Some(format!("{}{}", self.runs_url.as_ref()?, writer.run?.0))
    }

    /// The head of the pull request, where it is another commit than the planned one.
    pub(crate) fn moved_to<'a>(&self, head: Option<&'a str>) -> Option<&'a str> {
        let planned = self.writer.commit.as_deref().filter(|_| self.is_of_head)?;
        head.filter(|head| *head != planned)
    }

    /// Reads the run out of the session. A run on `workflow_run` speaks for the run before it, whose ids and commit GitHub's event
    /// has (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run>): what it shows was made there.
    pub(crate) fn of(destinations: &Destinations, session: &Session) -> Result<Self, Error> {
        let context = &session.context;
        let event = context.event()?;
        let text = |path: &str| event.as_ref()?.pointer(path)?.as_str().map(str::to_owned);
        let other = earlier_run(session, event.as_ref());
        let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u64>().ok());
        let own = number(&context.run_id).map(|id| (id, number(&context.run_attempt).unwrap_or(1)));
        let run = match other {
            Some(run) => run.get("id").and_then(Value::as_u64).zip(run.get("run_attempt").and_then(Value::as_u64)),
            None => own,
        };
        let head = match other {
            Some(_) => text("/workflow_run/head_sha"),
            None => text("/pull_request/head/sha"),
        };
        let head = destinations.commit.clone().or(head).filter(|sha| is_sha(sha));
        let is_of_head = head.is_some();
        let commit = head.or_else(|| context.sha.clone().filter(|sha| is_sha(sha)));
        let runs_url = context.run_url().and_then(|url| url.rsplit_once('/').map(|(runs, _)| format!("{runs}/")));
        Ok(Self { writer: Writer { run, commit }, is_of_head, runs_url })
    }
}

/// The run that a run on `workflow_run` came after.
fn earlier_run<'a>(session: &Session, event: Option<&'a Value>) -> Option<&'a Value> {
    event.filter(|_| session.context.event_name.as_deref() == Some("workflow_run"))?.get("workflow_run")
}

impl Which {
    /// The pull request that the run is about. On `workflow_run` the event names none for a fork
    /// (<https://github.com/actions/runner/issues/3444>), so it is looked up by the branch that GitHub says.
    fn of(destinations: &Destinations, session: &Session) -> Result<Option<Self>, Error> {
        if let Some(number) = destinations.pull_request {
            return Ok(Some(Self::Number(number)));
        }
        let event = session.context.event()?;
        if let Some(run) = earlier_run(session, event.as_ref()) {
            let text = |path: &str| run.pointer(path).and_then(Value::as_str).map(str::to_owned);
            let from = text("/head_repository/full_name").zip(text("/head_branch"));
            return Ok(from.map(|(repository, branch)| Self::From { repository, branch }));
        }
        Ok(session.context.pull_request()?.map(Self::Number))
    }
}

/// Makes the client; where nothing is to be asked, there is nothing to talk to.
pub(crate) fn connect(destinations: &Destinations, session: &Session) -> Result<Option<GitHub>, Error> {
    if !destinations.need_github() {
        return Ok(None);
    }
    let place = match (Which::of(destinations, session)?, &destinations.check_run) {
        (Some(Which::Number(number)), _) => format!("the pull request #{number}"),
        (Some(Which::From { branch, .. }), _) => format!("the pull request of the branch `{branch}`"),
        (None, Some(name)) => format!("the check run `{name}`"),
        (None, None) => return Ok(None),
    };
    let token = session.secret("github-token").ok_or(PullRequestError::NoToken { place })?;
    Ok(Some(GitHub::new(&session.context, token)?.log_to(&session.log)))
}

/// Looks at the pull request, and at what of ours is on it. A refusal of GitHub is what was seen.
pub(crate) async fn look(
    destinations: &Destinations,
    run: &Run,
    github: Option<&GitHub>,
    session: &Session,
) -> Result<Seen, Error> {
    let nowhere = |why| Seen { destinations: vec![Destination::Nowhere { why }], ..Seen::default() };
    let Some(github) = github else {
        return Ok(nowhere(destinations.without_a_pull_request()));
    };
    let check = signs::look(destinations, run, github, session).await?;
    let Some(which) = Which::of(destinations, session)? else {
        return Ok(Seen { check, ..nowhere(destinations.without_a_pull_request()) });
    };
    let seen = match on_pull_request(destinations, run, github, &which, session).await {
        Ok(Some((destinations, pull))) => Seen { destinations, pull: Some(pull), check: None },
        Ok(None) => nowhere(Nowhere::NoneOpen),
        Err(Error::GitHub(error)) => {
            let is_fork = is_refused_fork(&error, session)?;
            let refused = Destination::Refused { failure: Failure::from_error(&error), is_fork };
            Seen { destinations: vec![refused], ..Seen::default() }
        }
        Err(error) => return Err(error),
    };
    Ok(Seen { check, ..seen })
}

async fn on_pull_request(
    destinations: &Destinations,
    run: &Run,
    github: &GitHub,
    which: &Which,
    session: &Session,
) -> Result<Option<(Vec<Destination>, Pull)>, Error> {
    let Some(pull) = pull_request(github, which).await? else { return Ok(None) };
    let places = places(destinations, run, github, &pull, session).await?;
    let approved_by = approval(destinations, run, github, &pull).await?;
    Ok(Some((places, Pull { number: pull.number, head: pull.head_sha, labels: pull.labels, approved_by })))
}

/// The first of the users asked for whose last word is an approval of the planned commit, which must still be at the head: nobody approves what
/// comes later.
async fn approval(
    destinations: &Destinations,
    run: &Run,
    github: &GitHub,
    pull: &PullRequest,
) -> Result<Option<String>, GitHubError> {
    let approvers = &destinations.overrides.approvers;
    if approvers.is_empty() || run.writer.commit.as_deref() != Some(pull.head_sha.as_str()) {
        return Ok(None);
    }
    let reviews = github.pull_reviews(pull.number).await?;
    Ok(approvers.iter().find(|user| approves(user, &reviews, &pull.head_sha)).cloned())
}

/// Whether the last word of a user is an approval of `commit`. A comment takes nothing back.
fn approves(user: &str, reviews: &[PullReview], commit: &str) -> bool {
    let is_word =
        |review: &&PullReview| review.author.eq_ignore_ascii_case(user) && review.verdict != ReviewVerdict::Other;
    let last = reviews.iter().rev().find(is_word);
    last.is_some_and(|review| review.verdict == ReviewVerdict::Approved && review.commit.as_deref() == Some(commit))
}

async fn pull_request(github: &GitHub, which: &Which) -> Result<Option<PullRequest>, Error> {
    match which {
        Which::Number(number) => github.pull_request(*number).await.map(Some).map_err(|error| match error {
            GitHubError::NotFound { repository, .. } | GitHubError::RepositoryNotFound { repository, .. } => {
                PullRequestError::NotFound { number: *number, repository }.into()
            }
            other => Error::GitHub(other),
        }),
        Which::From { repository, branch } => {
            let mut pulls = github.open_pull_requests(repository, branch).await?;
            if pulls.len() > 1 {
                let numbers = pulls.iter().map(|pull| format!("#{}", pull.number)).collect::<Vec<_>>().join(", ");
                return Err(PullRequestError::Several { branch: branch.clone(), numbers }.into());
            }
            Ok(pulls.pop())
        }
    }
}

async fn places(
    destinations: &Destinations,
    run: &Run,
    github: &GitHub,
    pull: &PullRequest,
    session: &Session,
) -> Result<Vec<Destination>, GitHubError> {
    let Targets { comment, body, .. } = destinations.targets;
    let mut places = Vec::new();
    if comment {
        let marker = marker::comment(destinations.name.as_ref());
        let found = github.find_sticky_comment(pull.number, &marker).await?;
        let existing = found.map(|Comment { id, node_id, body, url, .. }| Existing { id, node_id, body, url });
        places.push(Destination::Comment { pull_request: pull.number, existing });
    }
    if body {
        let claimed = region::content(&pull.body, destinations.name.as_ref()).map(Writer::find).unwrap_or_default();
        let earlier = believed(claimed, run, github, session).await?;
        let (body, url) = (pull.body.clone(), pull.url.clone());
        places.push(Destination::Body { pull_request: pull.number, body, url, earlier });
    }
    if places.is_empty() {
        places.push(Destination::Nowhere { why: Nowhere::NotAsked });
    }
    Ok(places)
}

/// Who wrote a region, as far as it can be believed: everybody may write into the body of their own pull request, and whoever claims
/// to be a later run would keep what the plan says out of it for good. So GitHub is asked whether that run is one of the same workflow for
/// the same commit. Without `actions: read` it does not say, and the claim does not count.
async fn believed(claimed: Writer, run: &Run, github: &GitHub, session: &Session) -> Result<Writer, GitHubError> {
    let (Some((id, attempt)), Some((own, _))) = (claimed.run, run.writer.run) else { return Ok(claimed) };
    if !claimed.is_newer_than(&run.writer) {
        return Ok(claimed);
    }
    let (theirs, ours) = (known(github, id).await?, known(github, own).await?);
    let is_true = theirs.zip(ours).is_some_and(|(theirs, ours)| {
        theirs.workflow == ours.workflow && theirs.attempt >= attempt && claimed.commit.as_ref() == Some(&theirs.commit)
    });
    if is_true {
        return Ok(claimed);
    }
    session.log.line(format!(
        "the region of the body says that run {id} wrote it, which is later than this one; GitHub does not confirm that, so it is written again"
    ));
    Ok(Writer { run: None, ..claimed })
}

async fn known(github: &GitHub, id: u64) -> Result<Option<WorkflowRun>, GitHubError> {
    match github.workflow_run(id).await {
        Err(GitHubError::Forbidden { .. }) => Ok(None),
        other => other,
    }
}

/// Whether GitHub refused because the pull request comes from a fork, whose runs have a token that may only read.
pub(crate) fn is_refused_fork(error: &GitHubError, session: &Session) -> Result<bool, Error> {
    if !matches!(error, GitHubError::Forbidden { .. }) {
        return Ok(false);
    }
    let Some(event) = session.context.event()? else { return Ok(false) };
    let Some(pull) = event.get("pull_request") else { return Ok(false) };
    let repository = |side: &str| pull.pointer(&format!("/{side}/repo/full_name")).and_then(|name| name.as_str());
    let base = repository("base").or(session.context.repository.as_deref());
    Ok(repository("head") != base)
}
