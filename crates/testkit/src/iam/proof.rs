//! The proof that a policy is the least one: with it every scenario passes, and without any part of it one does not.

use super::{Definitions, Need, Part, Place, Policy, Role, neighbors};
use crate::runner::RunOutput;

/// A run of an action in a world of its own.
pub struct Scenario<'a> {
    /// What it shows.
    pub name: &'static str,
    /// The exit code with the whole policy.
    pub code: i32,
    /// Actions that are tried for a courtesy in an error's text, and may be refused.
    pub courtesies: &'static [&'static str],
    /// Makes the world, guards it by the role and runs the action in it.
    pub run: Box<dyn Fn(&Role) -> RunOutput + 'a>,
}

impl<'a> Scenario<'a> {
    /// A scenario that ends well.
    pub fn new(name: &'static str, run: impl Fn(&Role) -> RunOutput + 'a) -> Self {
        Self { name, code: 0, courtesies: &[], run: Box::new(run) }
    }

    /// The same, ending with another exit code.
    #[must_use]
    pub fn ends_with(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Actions that an error's text would like to use.
    #[must_use]
    pub fn with_courtesies(mut self, actions: &'static [&'static str]) -> Self {
        self.courtesies = actions;
        self
    }
}

impl std::fmt::Debug for Scenario<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scenario").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Proves that `policy` is the least one for `scenarios`: nothing of it can be left out, and nothing beside what was needed is allowed.
///
/// What a statement whose `Sid` starts with `Optional` allows may be missing: then the run ends as it does with it, and
/// says what it lacks in one of `notices`' words (the action, and the words).
///
/// # Panics
///
/// When AWS does not know its actions and resources, when a scenario fails or asks for more, when a part of the policy can be left out without anybody noticing or covers a neighbor
/// of what was needed, or when something refused is not named.
pub fn prove(place: &Place, policy: &str, scenarios: &[Scenario<'_>], notices: &[(&str, &str)]) {
    let policy = known(policy);
    let seen: Vec<(Vec<Need>, String)> = scenarios.iter().map(|scenario| whole(place, &policy, scenario)).collect();
    let needed: Vec<Need> =
        seen.iter().flat_map(|(needs, _)| needs).filter(|need| policy.allows(need)).cloned().collect();
    let too_wide = neighbors::allowed(&needed, |need| policy.allows(need));
    assert!(too_wide.is_empty(), "the policy is too wide, it allows: {too_wide:#?}");
    let all: Vec<usize> = (0..policy.parts().len()).collect();
    none_is_surplus(place, &policy, &all, scenarios, &seen, notices);
}

/// Proves of what `policy` has beyond `base` that no part of it can be left out. What is to see a whole account has no neighbor that
/// would be too wide.
///
/// # Panics
///
/// As [`prove`], and when a part of `base` is missing.
pub fn prove_beyond(place: &Place, policy: &str, base: &str, scenarios: &[Scenario<'_>], notices: &[(&str, &str)]) {
    let (policy, base) = (known(policy), Policy::parse(base).parts());
    let parts = policy.parts();
    assert!(base.iter().all(|part| parts.contains(part)), "a part of the policy is missing where there is more to do");
    let seen: Vec<(Vec<Need>, String)> = scenarios.iter().map(|scenario| whole(place, &policy, scenario)).collect();
    let beyond: Vec<usize> = (0..parts.len()).filter(|at| !base.contains(&parts[*at])).collect();
    assert!(!beyond.is_empty(), "there is nothing beyond");
    none_is_surplus(place, &policy, &beyond, scenarios, &seen, notices);
}

/// Demands of parts of the policy that none of them can be left out without anybody noticing.
fn none_is_surplus(
    place: &Place,
    policy: &Policy,
    indices: &[usize],
    scenarios: &[Scenario<'_>],
    seen: &[(Vec<Need>, String)],
    notices: &[(&str, &str)],
) {
    let parts = policy.parts();
    for (index, (sid, part)) in indices.iter().map(|index| (*index, &parts[*index])) {
        let reduced = policy.without(index);
        let touched: Vec<usize> = (0..scenarios.len())
            .filter(|at| seen[*at].0.iter().any(|need| need.action == part.action && !reduced.allows(need)))
            .collect();
        assert!(!touched.is_empty(), "surplus: no scenario needs {part} of `{sid}`");
        if sid.starts_with("Optional") {
            let words = notices.iter().filter(|(action, _)| *action == part.action).map(|(_, words)| *words);
            optional(place, &reduced, part, &touched, scenarios, &words.collect::<Vec<_>>());
        } else {
            required(place, &reduced, part, &scenarios[touched[0]]);
        }
    }
}

/// Demands that a scenario passes with `policy`, and with nothing refused.
///
/// # Panics
///
/// When it does not.
pub fn passes(place: &Place, policy: &str, scenario: &Scenario<'_>) {
    whole(place, &known(policy), scenario);
}

/// The policy, whose actions and resources AWS knows.
fn known(policy: &str) -> Policy {
    let policy = Policy::parse(policy);
    let definitions = Definitions::locate().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(definitions.problems(&policy), Vec::<String>::new(), "AWS would refuse it");
    policy
}

/// A run with the whole policy: what it needed, and all it said.
fn whole(place: &Place, policy: &Policy, scenario: &Scenario<'_>) -> (Vec<Need>, String) {
    let role = Role::new(place, policy.clone());
    let out = (scenario.run)(&role);
    let name = scenario.name;
    assert!(role.unknown().is_empty(), "`{name}`: {:?}", role.unknown());
    let denied: Vec<String> = role
        .denied()
        .iter()
        .filter(|need| !scenario.courtesies.contains(&need.action.as_str()))
        .map(ToString::to_string)
        .collect();
    assert!(denied.is_empty(), "`{name}` needs more than the policy: {denied:#?}\n{}", said(&out));
    assert_eq!(out.code, scenario.code, "`{name}` with the whole policy:\n{}", said(&out));
    (role.needed(), said(&out))
}

/// Without a part that is not optional a run fails and names it: with 1, or with 4 where something was begun that it cannot see any more.
fn required(place: &Place, reduced: &Policy, part: &Part, scenario: &Scenario<'_>) {
    let role = Role::new(place, reduced.clone());
    let out = (scenario.run)(&role);
    let said = said(&out);
    let name = scenario.name;
    let failed = !role.denied().is_empty() && matches!(out.code, 1 | 4);
    assert!(failed, "`{name}` without {part} ended with {}:\n{said}", out.code);
    assert!(said.contains(&part.action), "`{name}` without {part} does not name it:\n{said}");
    assert!(!said.contains("\"Resource\": \"*\"") || part.resource == "*", "`{name}` without {part}:\n{said}");
}

fn optional(
    place: &Place,
    reduced: &Policy,
    part: &Part,
    touched: &[usize],
    scenarios: &[Scenario<'_>],
    words: &[&str],
) {
    assert!(!words.is_empty(), "nothing tells that {part} is missing");
    let mut told = false;
    for scenario in touched.iter().map(|at| &scenarios[*at]) {
        let role = Role::new(place, reduced.clone());
        let out = (scenario.run)(&role);
        let (name, said) = (scenario.name, said(&out));
        assert_eq!(out.code, scenario.code, "`{name}` without the optional {part}:\n{said}");
        told |= words.iter().any(|words| said.contains(words));
    }
    assert!(told, "no scenario tells in {words:?} that {part} is missing");
}

fn said(out: &RunOutput) -> String {
    format!("{}\n{}\n{}", out.stdout, out.stderr, out.summary)
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} on {}", self.action, self.resource)
    }
}
