//! What is done with a hook, for every state of it and of its deployment.

use proptest::prelude::*;

use super::*;
use crate::commands::continuation::apply::as_asked;
use crate::ended::Ended;
use crate::outcome::Verdict;

const WORDS: [&str; 6] = ["AWAITING_ACTION", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT", "A_NEWER_WORD"];

fn hook(status: &str) -> Hook {
    Hook { id: "approve".to_owned(), status: status.to_owned(), target_type: "PAUSE".to_owned(), ..Hook::default() }
}

fn at(status: Status) -> ServiceDeployment {
    ServiceDeployment { status, ..ServiceDeployment::default() }
}

#[track_caller]
fn check(status: Status, word: &str, expect: &str) {
    match step(&at(status), &hook(word)) {
        Step::Act => assert_eq!(expect, ""),
        Step::Leave(why) | Step::Over(why) => assert!(!expect.is_empty() && why.contains(expect), "{why}"),
    }
}

#[test]
fn a_hook_that_awaits_is_acted_on() {
    check(Status::InProgress, "AWAITING_ACTION", "");
}

#[test]
fn a_hook_that_was_acted_on_is_left_alone() {
    check(Status::InProgress, "SUCCEEDED", "acted on before: it is SUCCEEDED");
    check(Status::Successful, "SUCCEEDED", "SUCCESSFUL");
}

#[test]
fn a_hook_of_a_deployment_that_goes_back_is_left_alone() {
    check(Status::RollbackInProgress, "AWAITING_ACTION", "ROLLBACK_IN_PROGRESS");
}

#[test]
fn an_expired_hook_tells_what_ecs_did() {
    let expired = Hook { timeout_action: "ROLLBACK".to_owned(), ..hook("TIMED_OUT") };
    let Step::Leave(why) = step(&at(Status::RollbackInProgress), &expired) else { panic!("acted on") };
    assert!(why.contains("ECS did ROLLBACK"), "{why}");
}

#[test]
fn a_rollback_that_was_asked_for_is_a_success_and_a_deployment_then_is_none() {
    let ended = |verdict, action| as_asked(Ended::new(verdict, "why"), action).verdict;
    assert_eq!(ended(Verdict::RolledBack, HookAction::Rollback), Verdict::Restored);
    assert_eq!(ended(Verdict::Deployed, HookAction::Rollback), Verdict::Failed);
    assert_eq!(ended(Verdict::RolledBack, HookAction::Continue), Verdict::RolledBack);
    assert_eq!(ended(Verdict::Deployed, HookAction::Continue), Verdict::Deployed);
    assert_eq!(ended(Verdict::TimedOut, HookAction::Rollback), Verdict::TimedOut);
}

fn statuses() -> impl Strategy<Value = Status> {
    prop::sample::select(vec![
        Status::Pending,
        Status::InProgress,
        Status::Successful,
        Status::StopRequested,
        Status::Stopped,
        Status::RollbackRequested,
        Status::RollbackInProgress,
        Status::RollbackSuccessful,
        Status::RollbackFailed,
        Status::Unknown("A_NEWER_WORD".to_owned()),
    ])
}

proptest! {
    /// Nothing but a hook that awaits an action, of a deployment under way, is ever acted on.
    #[test]
    fn nothing_else_is_acted_on(status in statuses(), word in prop::sample::select(WORDS.to_vec())) {
        let acts = step(&at(status.clone()), &hook(word)) == Step::Act;
        prop_assert_eq!(acts, status == Status::InProgress && word == "AWAITING_ACTION");
    }
}
