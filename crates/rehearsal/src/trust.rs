//! Whether a role's trust policy lets a job's token in, as IAM decides it
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>).
//!
//! IAM says only that it refuses. This one knows why, which is what a rehearsal is for.

use serde_json::Value;

/// The action that a token is exchanged with.
const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// Decides over a token with these claims; the error says which condition of which statement refuses it.
pub(crate) fn decide(policy: &Value, claims: &Value) -> Result<(), String> {
    let host = issuer(claims);
    let statements = list(&policy["Statement"]);
    let concerned: Vec<&&Value> =
        statements.iter().filter(|statement| acts(statement) && trusts(statement, &host)).collect();
    if concerned.is_empty() {
        return Err(format!("no statement lets a token of `{host}` call {ACTION}"));
    }
    let mut refusals = Vec::new();
    let mut allowed = false;
    for statement in concerned {
        let fits = conditions(statement, &host, claims);
        match (statement["Effect"].as_str(), fits) {
            (Some("Deny"), Ok(())) => return Err("a statement denies it".to_owned()),
            (Some("Allow"), Ok(())) => allowed = true,
            (Some("Allow"), Err(refusal)) => refusals.push(refusal),
            _ => {}
        }
    }
    if allowed { Ok(()) } else { Err(refusals.join("; ")) }
}

/// The issuer as policies write it: without the scheme.
pub(crate) fn issuer(claims: &Value) -> String {
    claims["iss"].as_str().unwrap_or_default().trim_start_matches("https://").to_owned()
}

fn acts(statement: &Value) -> bool {
    list(&statement["Action"]).iter().filter_map(|action| action.as_str()).any(|action| like(action, ACTION, Case::Any))
}

fn trusts(statement: &Value, host: &str) -> bool {
    let wanted = format!(":oidc-provider/{host}");
    list(&statement["Principal"]["Federated"])
        .iter()
        .filter_map(|principal| principal.as_str())
        .any(|principal| principal.ends_with(&wanted))
}

/// A value that may stand alone or in a list.
fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// Whether all conditions of a statement fit; the error names the first that does not.
fn conditions(statement: &Value, host: &str, claims: &Value) -> Result<(), String> {
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            let wanted: Vec<String> = list(wanted).into_iter().map(text).collect();
            let claim = key.strip_prefix(host).and_then(|rest| rest.strip_prefix(':'));
            let found: Vec<String> =
                list(claim.map_or(&Value::Null, |claim| &claims[claim])).into_iter().map(text).collect();
            if !holds(operator, &found, &wanted) {
                let found = if found.is_empty() { "nothing".to_owned() } else { format!("`{}`", found.join("`, `")) };
                return Err(format!("{operator} `{key}` wants `{}`, the token says {found}", wanted.join("` or `")));
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Exact,
    Any,
}

/// Whether a condition holds. One with an operator that is not about texts does not.
fn holds(operator: &str, found: &[String], wanted: &[String]) -> bool {
    let (all, operator) = match operator.split_once(':') {
        Some(("ForAllValues", operator)) => (true, operator),
        Some((_, operator)) => (false, operator),
        None => (false, operator),
    };
    let (if_exists, operator) =
        operator.strip_suffix("IfExists").map_or((false, operator), |operator| (true, operator));
    let (negated, matches): (bool, fn(&str, &str) -> bool) = match operator {
        "StringEquals" => (false, |wanted, found| wanted == found),
        "StringNotEquals" => (true, |wanted, found| wanted == found),
        "StringEqualsIgnoreCase" => (false, str::eq_ignore_ascii_case),
        "StringNotEqualsIgnoreCase" => (true, str::eq_ignore_ascii_case),
        "StringLike" | "ArnLike" => (false, |wanted, found| like(wanted, found, Case::Exact)),
        "StringNotLike" | "ArnNotLike" => (true, |wanted, found| like(wanted, found, Case::Exact)),
        // Null asks whether the key is absent.
        "Null" => return wanted.iter().any(|wanted| (wanted == "true") == found.is_empty()),
        _ => return false,
    };
    if found.is_empty() {
        return if_exists || negated || all;
    }
    let one = |found: &String| wanted.iter().any(|wanted| matches(wanted, found)) != negated;
    if all { found.iter().all(one) } else { found.iter().any(one) }
}

/// Whether `text` is like `pattern`, in which `*` is any text and `?` any character.
fn like(pattern: &str, text: &str, case: Case) -> bool {
    let letters = |text: &str| -> Vec<char> {
        if case == Case::Any { text.to_ascii_lowercase().chars().collect() } else { text.chars().collect() }
    };
    let (pattern, text) = (letters(pattern), letters(text));
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[seen] => (at, seen) = (at + 1, seen + 1),
            // The last star takes one character more.
            _ => match star {
                Some((before, taken)) => {
                    star = Some((before, taken + 1));
                    (at, seen) = (before + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests;
