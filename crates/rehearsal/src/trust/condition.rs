//! Conditions: operators on texts
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

use testkit::iam::pattern::{covers, has_variable, unescape};

use super::Bearer;
use super::key::{self, Key};
use super::statement::{Answer, Misfit};

/// How the values of a key with several of them are compared
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// One must match; none does where the key is missing.
    Any,
    /// All must match; all do where the key is missing.
    All,
}

/// An operator that compares texts.
#[derive(Debug)]
struct Operator {
    set: Option<Set>,
    /// A missing key is a match.
    if_exists: bool,
    negated: bool,
    matches: fn(&str, &str) -> bool,
}

impl Operator {
    /// `None` for an operator that is not about texts, or that IAM does not have.
    fn parse(text: &str) -> Option<Self> {
        let (set, name) = match text.split_once(':') {
            Some(("ForAnyValue", name)) => (Some(Set::Any), name),
            Some(("ForAllValues", name)) => (Some(Set::All), name),
            Some(_) => return None,
            None => (None, text),
        };
        let (if_exists, name) = name.strip_suffix("IfExists").map_or((false, name), |name| (true, name));
        let (negated, matches): (bool, fn(&str, &str) -> bool) = match name {
            "StringEquals" => (false, |wanted, found| unescape(wanted) == found),
            "StringNotEquals" => (true, |wanted, found| unescape(wanted) == found),
            "StringEqualsIgnoreCase" => (false, |wanted, found| unescape(wanted).eq_ignore_ascii_case(found)),
            "StringNotEqualsIgnoreCase" => (true, |wanted, found| unescape(wanted).eq_ignore_ascii_case(found)),
            "StringLike" => (false, covers),
            "StringNotLike" => (true, covers),
            _ => return None,
        };
        Some(Self { set, if_exists, negated, matches })
    }

    /// Whether the values of a key hold. Several wanted values are alternatives; for a negated operator none of them may match
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).
    fn holds(&self, found: &[String], wanted: &[String]) -> bool {
        let one = |found: &String| wanted.iter().any(|wanted| (self.matches)(wanted, found)) != self.negated;
        match (found, self.set) {
            ([], _) if self.if_exists => true,
            ([], Some(Set::Any)) => false,
            ([], Some(Set::All)) => true,
            ([], None) => self.negated,
            (_, Some(Set::All)) => found.iter().all(one),
            (_, None) if self.negated => found.iter().all(one),
            (_, Some(Set::Any) | None) => found.iter().any(one),
        }
    }
}

/// Decides over one condition.
pub(super) fn answer(operator: &str, key: &str, wanted: &[String], bearer: &Bearer<'_>) -> Answer {
    let found = match key::find(key, bearer) {
        Key::Has(values) => values,
        Key::Missing => Vec::new(),
        Key::Unknown => return Answer::Unknown(format!("it does not know what AWS has for the key `{key}`")),
    };
    if operator == "Null" {
        return null(key, wanted, &found);
    }
    let Some(known) = Operator::parse(operator) else {
        return Answer::Unknown(format!("it does not know the operator `{operator}` (of `{key}`)"));
    };
    if let Some(value) = wanted.iter().find(|value| has_variable(value)) {
        return Answer::Unknown(format!("it does not know the variable in `{value}` (of `{key}`)"));
    }
    if known.holds(&found, wanted) {
        return Answer::Fits;
    }
    let is_audience = key::claim(key, bearer).is_some_and(|claim| claim.eq_ignore_ascii_case("aud"));
    Answer::Misfits(vec![Misfit {
        reason: format!("{operator} `{key}` wants `{}`, the token says {}", wanted.join("` or `"), said(&found)),
        audiences: (is_audience && !known.negated).then(|| wanted.to_vec()),
    }])
}

/// `Null` asks whether the key is missing
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null>).
fn null(key: &str, wanted: &[String], found: &[String]) -> Answer {
    let is_missing = found.is_empty().to_string();
    if wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(&is_missing)) {
        return Answer::Fits;
    }
    Answer::Misfits(vec![
        format!("Null `{key}` wants `{}`, the token says {}", wanted.join("` or `"), said(found)).into(),
    ])
}

fn said(found: &[String]) -> String {
    if found.is_empty() { "nothing".to_owned() } else { format!("`{}`", found.join("`, `")) }
}
