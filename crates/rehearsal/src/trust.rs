//! Whether a role's trust policy lets a job's token in, as IAM decides it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//!
//! IAM says only that it refuses. This one knows why, which is what a rehearsal is for. What it does not understand it says, and never
//! takes it for a match.

mod condition;
mod key;
mod statement;

use serde_json::Value;
use statement::{Answer, Misfit};

/// The action that a token is exchanged with.
const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// A token that is brought for a role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer<'a> {
    /// The role's ARN.
    pub(crate) role: &'a str,
    /// The session's name.
    pub(crate) session: &'a str,
    /// What the token says.
    pub(crate) claims: &'a Value,
}

impl Bearer<'_> {
    /// The issuer as policies write it: without the scheme.
    pub(crate) fn issuer(&self) -> &str {
        self.claims["iss"].as_str().unwrap_or_default().trim_start_matches("https://")
    }
}

/// Why a token is not let in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Untrusted {
    /// The condition of the statement that comes closest, in a sentence.
    pub(crate) reason: String,
    /// The audiences that would be let in, where the token's is all that is wrong.
    pub(crate) audiences: Option<Vec<String>>,
}

impl From<String> for Untrusted {
    fn from(reason: String) -> Self {
        Self { reason, audiences: None }
    }
}

/// Decides over a token: a statement that denies wins over all that allow
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>).
pub(crate) fn decide(policy: &Value, bearer: &Bearer<'_>) -> Result<(), Untrusted> {
    let (mut allowed, mut unknown, mut misfits) = (false, Vec::new(), Vec::new());
    for statement in list(&policy["Statement"]).into_iter().filter(|statement| statement::acts(statement)) {
        match (statement["Effect"].as_str(), statement::answer(statement, bearer)) {
            (Some("Deny"), Answer::Fits) => return Err(format!("{} denies it", name(statement)).into()),
            (Some("Deny"), Answer::Unknown(what)) => {
                return Err(format!("{} may deny it, which the rehearsal cannot tell: {what}", name(statement)).into());
            }
            (Some("Deny"), Answer::Misfits(_)) => {}
            (Some("Allow"), Answer::Fits) => allowed = true,
            (Some("Allow"), Answer::Unknown(what)) => unknown.push(what),
            (Some("Allow"), Answer::Misfits(found)) => misfits.push(found),
            (effect, _) => {
                return Err(
                    format!("IAM takes no `Effect` but Allow and Deny, not `{}`", effect.unwrap_or_default()).into()
                );
            }
        }
    }
    if allowed { Ok(()) } else { Err(untrusted(&unknown, &misfits)) }
}

/// What to say where no statement lets the token in.
fn untrusted(unknown: &[String], misfits: &[Vec<Misfit>]) -> Untrusted {
    if !unknown.is_empty() {
        return format!("the rehearsal cannot tell whether it is let in: {}", unknown.join("; ")).into();
    }
    let Some(closest) = misfits.iter().min_by_key(|found| found.len()) else {
        return format!("no statement lets anybody call {ACTION}").into();
    };
    let audiences = match closest.as_slice() {
        [only] => only.audiences.clone(),
        _ => None,
    };
    let reasons: Vec<&str> = misfits.iter().flatten().map(|misfit| misfit.reason.as_str()).collect();
    Untrusted { reason: reasons.join("; "), audiences }
}

/// A statement, by its `Sid` where it has one.
fn name(statement: &Value) -> String {
    statement["Sid"].as_str().map_or_else(|| "a statement".to_owned(), |sid| format!("the statement `{sid}`"))
}

/// A value that may stand alone or in a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// The same as texts.
fn texts(value: &Value) -> Vec<String> {
    list(value).into_iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect()
}

#[cfg(test)]
mod tests;
