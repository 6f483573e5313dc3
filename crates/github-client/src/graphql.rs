//! What GitHub's REST API cannot do: hiding a comment, and asking about many objects at once; and what its refusals mean.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::call::{Call, Permission};
use crate::client::GitHub;
use crate::error::GitHubError;

/// Hides one comment (<https://docs.github.com/en/graphql/reference/mutations#minimizecomment>).
const MINIMIZE: &str =
    "mutation($input: MinimizeCommentInput!) { minimizeComment(input: $input) { minimizedComment { isMinimized } } }";

/// An answer: what could not be done is in it, whatever the status says.
#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    errors: Vec<Refusal>,
}

/// Why something was not done.
#[derive(Deserialize)]
pub(crate) struct Refusal {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

/// What is asked of objects: the name of a fragment, and what stands behind it.
pub(crate) type Fragment<'a> = (&'a str, &'a str);

impl GitHub {
    /// A question about objects of the repository, of which `c0`, `c1`, ... are the answers in their order. Hashes are variables, so none can
    /// change the question.
    pub(crate) fn objects_call(
        &self,
        what: &str,
        permission: Permission,
        ids: &[&str],
        fragment: Fragment<'_>,
    ) -> Call {
        let (owner, repository) = self.repository().split_once('/').unwrap_or_default();
        let (name, wanted) = fragment;
        let mut variables = json!({ "owner": owner, "name": repository });
        let (mut declared, mut asked) = (String::new(), String::new());
        for (at, id) in ids.iter().enumerate() {
            variables[format!("o{at}")] = json!(id);
            declared.push_str(&format!(", $o{at}: GitObjectID!"));
            asked.push_str(&format!(" c{at}: object(oid: $o{at}) {{ ...{name} }}"));
        }
        let query = format!(
            "query($owner: String!, $name: String!{declared}) {{ repository(owner: $owner, name: $name) {{{asked} }} }} fragment {name} {wanted}"
        );
        let body = json!({ "query": query, "variables": variables });
        Call::new(what, Method::POST, Vec::new(), permission).repeatable().body(body)
    }

    /// Hides a comment as outdated: a reader sees one line, and may unfold it. `node_id` is the comment's in GraphQL. One that is hidden
    /// already, or gone, is no error.
    pub async fn hide_comment(&self, id: u64, node_id: &str) -> Result<(), GitHubError> {
        let call =
            Call::new(format!("hide comment {id}"), Method::POST, Vec::new(), Permission::WritePulls).repeatable();
        let input = json!({ "subjectId": node_id, "classifier": "OUTDATED" });
        let call = call.body(json!({ "query": MINIMIZE, "variables": { "input": input } }));
        let answered: Answered = self.json_from(&call, &self.graphql).await?;
        match answered.errors.into_iter().next() {
            None => Ok(()),
            Some(refusal) if refusal.kind == "NOT_FOUND" => Ok(()),
            Some(refusal) => Err(explain(&call, refusal)),
        }
    }
}

/// The error of a refusal (<https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>).
pub(crate) fn explain(call: &Call, Refusal { kind, message }: Refusal) -> GitHubError {
    let (what, permission) = (call.what.clone(), call.permission.to_string());
    match kind.as_str() {
        "RATE_LIMITED" => GitHubError::RateLimited { what, ends: "GitHub does not say when it ends".to_owned() },
        "FORBIDDEN" | "INSUFFICIENT_SCOPES" => GitHubError::Forbidden { what, permission, message },
        _ => GitHubError::Invalid { what, status: 200, message },
    }
}
