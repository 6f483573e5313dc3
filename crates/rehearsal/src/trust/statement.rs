//! One statement of a trust policy, against one token.

use serde_json::Value;
use testkit::iam::pattern::covers;

use super::{ACTION, Bearer, condition, list, texts};

/// Whether a statement is about a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Everything in it fits.
    Fits,
    /// These do not fit.
    Misfits(Vec<Misfit>),
    /// What is understood of it fits; this is not understood.
    Unknown(String),
}

/// Something of a statement that does not fit a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) reason: String,
    /// The audiences that would fit, where it is about the token's.
    pub(super) audiences: Option<Vec<String>>,
}

impl From<String> for Misfit {
    fn from(reason: String) -> Self {
        Self { reason, audiences: None }
    }
}

/// Whether a statement is about exchanging a token. Actions know no case
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>), and `NotAction` is every other one
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>).
pub(super) fn acts(statement: &Value) -> bool {
    let names = |field: &str| {
        let action = ACTION.to_ascii_lowercase();
        texts(&statement[field]).iter().any(|pattern| covers(&pattern.to_ascii_lowercase(), &action))
    };
    if statement["NotAction"].is_null() { names("Action") } else { !names("NotAction") }
}

/// Compares a statement's principal and conditions, all of which must fit
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).
pub(super) fn answer(statement: &Value, bearer: &Bearer<'_>) -> Answer {
    let (mut misfits, mut unknown) = (Vec::new(), Vec::new());
    let conditions = statement["Condition"].as_object().into_iter().flatten().flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, wanted)| condition::answer(operator, key, &texts(wanted), bearer))
    });
    for answer in std::iter::once(principal(statement, bearer)).chain(conditions) {
        match answer {
            Answer::Fits => {}
            Answer::Misfits(found) => misfits.extend(found),
            Answer::Unknown(what) => unknown.push(what),
        }
    }
    match (misfits.is_empty(), unknown.is_empty()) {
        (false, _) => Answer::Misfits(misfits),
        (true, false) => Answer::Unknown(unknown.join("; ")),
        (true, true) => Answer::Fits,
    }
}

/// Whether a statement is about the token's provider, which is one of the role's own account
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity>).
fn principal(statement: &Value, bearer: &Bearer<'_>) -> Answer {
    let named = &statement["Principal"];
    if !statement["NotPrincipal"].is_null() {
        return Answer::Unknown("`NotPrincipal`".to_owned());
    }
    if list(named).into_iter().chain(list(&named["AWS"])).any(|principal| principal == "*") {
        // A denial for everybody is one for this token as well; what it allows is not written down.
        return match statement["Effect"].as_str() {
            Some("Deny") => Answer::Fits,
            _ => Answer::Unknown("a wildcard as `Principal`".to_owned()),
        };
    }
    let wanted = provider(bearer);
    let found = texts(&named["Federated"]);
    if found.contains(&wanted) {
        return Answer::Fits;
    }
    let reasons = found.iter().map(|provider| another(provider, &wanted)).collect::<Vec<_>>();
    let reason =
        if reasons.is_empty() { format!("it has no `Federated` principal `{wanted}`") } else { reasons.join("; ") };
    Answer::Misfits(vec![reason.into()])
}

/// The ARN of the token's provider in the role's account.
fn provider(bearer: &Bearer<'_>) -> String {
    let parts: Vec<&str> = bearer.role.split(':').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    format!("arn:{}:iam::{}:oidc-provider/{}", part(1), part(4), bearer.issuer())
}

/// In what a principal differs from the one that is wanted.
fn another(found: &str, wanted: &str) -> String {
    let split = |arn: &str| arn.split_once(":oidc-provider/").map(|(head, host)| (head.to_owned(), host.to_owned()));
    let account = |head: &str| head.rsplit(':').next().unwrap_or_default().to_owned();
    match (split(found), split(wanted)) {
        (Some((_, host)), Some((_, issuer))) if host != issuer => {
            format!("its `Federated` principal is the provider `{host}`, and `{issuer}` issued the token")
        }
        (Some((head, _)), Some((own, _))) if account(&head) != account(&own) => format!(
            "its `Federated` principal is a provider of account {}, and the role is in account {}",
            account(&head),
            account(&own)
        ),
        _ => format!("its `Federated` principal is `{found}`, not `{wanted}`"),
    }
}
