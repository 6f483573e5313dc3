//! Authentication, and which part of the API a path belongs to.

use serde_json::{Value, json};

use super::shapes::{self, Links};
use super::state::{Repository, State};
use super::{
    checks, comments, commits, deployments, dispatches, git_data, labels, objects, pulls, refs, releases, reply, runs,
    tags,
};
use crate::http::{Reply, Request};

/// Who may use the API, and below which prefix it is served.
pub(super) struct Access {
    pub(super) token: String,
    pub(super) prefix: &'static str,
}

/// A request to one repository.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) links: &'a Links,
    /// The JSON body; `Null` when there is none.
    pub(super) body: Value,
}

impl Call<'_> {
    pub(super) fn is(&self, method: &str) -> bool {
        self.request.method == method
    }

    /// Answers one page of a list.
    pub(super) fn list(&self, items: &[Value]) -> Reply {
        super::page::list(&self.links.server, self.request, items)
    }

    /// Tells whether a query parameter is absent or has this value.
    pub(super) fn wants(&self, parameter: &str, value: &Value) -> bool {
        self.request.query_value(parameter).is_none_or(|wanted| value.as_str() == Some(wanted.as_str()))
    }
}

pub(super) fn answer(access: &Access, state: &mut State, request: &Request) -> Reply {
    let answer = check(access, request).and_then(|()| dispatch(access, state, request));
    answer
        .unwrap_or_else(|refusal| refusal)
        .with_header("x-github-request-id", "0000:0000:0000000:0000000:00000000")
        .with_header("x-github-media-type", "github.v3; format=json")
        .with_header("x-ratelimit-limit", "5000")
        .with_header("x-ratelimit-remaining", "4999")
        .with_header("x-ratelimit-used", "1")
        .with_header("x-ratelimit-reset", "4102444800")
        .with_header("x-ratelimit-resource", "core")
}

fn check(access: &Access, request: &Request) -> Result<(), Reply> {
    let Some(header) = request.header("authorization") else {
        return Err(reply::error(401, "Requires authentication"));
    };
    let (scheme, token) = header.split_once(' ').unwrap_or_default();
    let known = ["bearer", "token"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    if known && token == access.token {
        return Ok(());
    }
    Err(reply::error(401, "Bad credentials"))
}

fn dispatch(access: &Access, state: &mut State, request: &Request) -> Result<Reply, Reply> {
    let segments = request.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    if request.path == graphql_path(access.prefix) && request.method == "POST" {
        return Ok(super::graphql::answer(state, request));
    }
    let prefix: Vec<&str> = access.prefix.split('/').filter(|part| !part.is_empty()).collect();
    let parts = parts.strip_prefix(prefix.as_slice()).ok_or_else(reply::not_found)?;
    match parts {
        ["rate_limit"] => Ok(Reply::json(200, &rate_limit())),
        ["repos", owner, name, rest @ ..] => {
            let full = format!("{owner}/{name}");
            let (links, repository) = state.parts(&full).ok_or_else(reply::not_found)?;
            let call = Call { request, links, body: request.json() };
            of_repository(&call, repository, rest)
        }
        _ => Err(reply::not_found()),
    }
}

/// Where GraphQL is served beside REST.
pub(super) fn graphql_path(prefix: &str) -> String {
    format!("{}/graphql", prefix.strip_suffix("/v3").unwrap_or(prefix))
}

fn of_repository(call: &Call<'_>, repository: &mut Repository, rest: &[&str]) -> Result<Reply, Reply> {
    match rest {
        [] => Ok(Reply::json(200, &shapes::repository(call.links, &repository.name))),
        ["git", "tags", rest @ ..] => tags::objects(call, repository, rest),
        ["git", "trees", id] if call.is("GET") && repository.objects.is_some() => objects::tree(call, repository, id),
        ["git", "blobs", id] if call.is("GET") && repository.objects.is_some() => objects::blob(call, repository, id),
        ["git", "commits", rest @ ..] => git_data::commits(call, repository, rest),
        ["git", "trees", rest @ ..] => git_data::trees(call, repository, rest),
        ["git", "blobs", sha] => git_data::blob(call, repository, sha),
        ["git", rest @ ..] => refs::route(call, repository, rest),
        ["tags"] => tags::list(call, repository),
        ["commits", rest @ ..] => commits::route(call, repository, rest),
        ["compare", basehead @ ..] => commits::compare(call, repository, &basehead.join("/")),
        ["dispatches"] => dispatches::of_repository(call, repository),
        ["actions", "workflows", workflow, "dispatches"] => dispatches::of_workflow(call, repository, workflow),
        ["actions", "workflows", workflow, "runs"] => runs::of_workflow(call, repository, workflow),
        ["contents", path @ ..] => commits::contents(call, repository, &path.join("/")),
        ["issues", "comments", id] => comments::one(call, repository, id),
        ["issues", number, "comments"] => comments::of(call, repository, number),
        ["issues", number, "labels", rest @ ..] => labels::route(call, repository, number, rest),
        ["pulls", rest @ ..] => pulls::route(call, repository, rest),
        ["releases", rest @ ..] => releases::route(call, repository, rest),
        ["deployments", rest @ ..] => deployments::route(call, repository, rest),
        ["actions", "runs", id] => runs::one(call, repository, id),
        ["check-runs", rest @ ..] => checks::route(call, repository, rest),
        _ => Err(reply::not_found()),
    }
}

fn rate_limit() -> Value {
    let rate = json!({"limit": 5000, "remaining": 4999, "reset": 4_102_444_800_u64, "used": 1});
    json!({"resources": {"core": rate, "search": rate}, "rate": rate})
}
