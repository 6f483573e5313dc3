//! Where a service goes, out of what its deployment group remembers.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn arn(number: u64) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:{number}")
}

/// The deployment of a revision that was made at a second.
fn deployment(id: &str, number: u64, made: u32, status: Word) -> Deployment {
    let content = json!({"Resources": [{"S": {"Properties": {"TaskDefinition": arn(number)}}}]}).to_string();
    let mut own = Deployment::from_answer(&json!({
        "deploymentId": id, "createTime": made, "revision": {"appSpecContent": {"content": content}}
    }));
    own.completed = status.has_ended().then(|| f64::from(made) + 1.0);
    own.status = status;
    own
}

/// What is remembered of deployments that were made one after the other.
fn memory(mut all: Vec<Deployment>) -> Memory {
    all.reverse();
    let newest = all.first().cloned();
    let undone = newest.as_ref().and_then(|newest| all.iter().find(|own| own.rollback == newest.id)).cloned();
    let oldest = all.last().and_then(|own| own.created);
    let successes = all.into_iter().filter(|own| own.status == Word::Succeeded).collect();
    Memory { newest, undone, successes, oldest, ..Memory::default() }
}

fn good(number: u64, made: u32) -> Deployment {
    deployment(&format!("d-{made}"), number, made, Word::Succeeded)
}

fn chosen(to: &To, memory: &Memory, primary: u64) -> Result<Choice, Nowhere> {
    let on_its_way = memory.under_way().map(Deployment::task_definition);
    choose(to, &on_its_way.unwrap_or_else(|| arn(primary)), &past(memory, &arn(primary)), 1000.0)
}

#[track_caller]
fn goes(to: &To, memory: &Memory, primary: u64, number: u64) {
    match chosen(to, memory, primary) {
        Ok(Choice::Go { to, .. }) => assert_eq!(to, arn(number)),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn stays(memory: &Memory, primary: u64) {
    for to in [To::Previous, To::LastSuccessful] {
        assert!(matches!(chosen(&to, memory, primary), Ok(Choice::Stay { .. })), "{to:?}");
    }
}

/// The newest deployment failed or was stopped, and another one undoes it.
fn undone(status: Word) -> Memory {
    let failed = Deployment { rollback: "d-30".to_owned(), ..deployment("d-20", 8, 20, Word::Stopped) };
    let back = Deployment { is_rollback: true, ..deployment("d-30", 7, 30, status) };
    memory(vec![good(6, 5), good(7, 10), failed, back])
}

#[test]
fn what_was_successful_before_is_gone_back_to() {
    let memory = memory(vec![good(6, 5), good(7, 10), good(8, 20)]);
    for to in [To::Previous, To::LastSuccessful] {
        goes(&to, &memory, 8, 7);
    }
    let time = |at: f64| To::Time { at, typed: String::new() };
    goes(&time(8.0), &memory, 8, 6);
    assert_eq!(chosen(&time(4.0), &memory, 8), Err(Nowhere::TooEarly));
}

#[test]
fn what_is_under_way_is_stopped_where_that_brings_the_revision() {
    let memory = memory(vec![good(6, 5), good(7, 10), deployment("d-20", 8, 20, Word::InProgress)]);
    goes(&To::LastSuccessful, &memory, 7, 7);
    let present = past(&memory, &arn(7)).present;
    let seen = Seen::default();
    assert_eq!(how(&seen, present.as_ref(), &arn(7)), How::StopDeployment { deployment: "d-20".to_owned() });
    assert_eq!(how(&seen, present.as_ref(), &arn(6)), How::Deploy { displaces: None });
}

#[test]
fn once_the_traffic_has_moved_stopping_still_brings_what_was_successful() {
    // The old tasks still wait for their end, so the deployment is not complete.
    let memory = memory(vec![good(7, 10), deployment("d-20", 8, 20, Word::InProgress)]);
    goes(&To::LastSuccessful, &memory, 8, 7);
    let present = past(&memory, &arn(8)).present;
    assert_eq!(how(&Seen::default(), present.as_ref(), &arn(7)), How::StopDeployment { deployment: "d-20".to_owned() });
}

#[test]
fn the_first_deployment_goes_back_to_what_the_service_was_made_with() {
    let memory = memory(vec![deployment("d-20", 8, 20, Word::Baking)]);
    goes(&To::Previous, &memory, 7, 7);
    // Once the traffic has moved nobody knows what that was.
    assert_eq!(chosen(&To::Previous, &memory, 8), Err(Nowhere::NoSource));
}

#[test]
fn what_goes_or_went_back_already_stays() {
    stays(&undone(Word::InProgress), 7);
    stays(&undone(Word::Succeeded), 7);
    stays(&memory(vec![good(7, 10), good(8, 20), good(7, 30)]), 7);
    stays(&memory(vec![good(7, 10), good(8, 20), deployment("d-30", 7, 30, Word::InProgress)]), 8);
    goes(&To::LastSuccessful, &undone(Word::Failed), 8, 7);
}

#[test]
fn a_revision_is_deployed_with_the_appspec_that_brought_it() {
    let memory = memory(vec![good(6, 5), good(7, 10)]);
    let of = |to: &str| appspec(&memory, to).and_then(|own| own.revision());
    assert_eq!(of("shop:6"), Some(arn(6)));
    assert_eq!(of(&arn(9)), Some(arn(7)), "the newest, for one that was never deployed");
    assert_eq!(appspec(&Memory::default(), "shop:6"), None);
}

fn words() -> impl Strategy<Value = Word> {
    prop::sample::select(vec![Word::Succeeded, Word::Failed, Word::Stopped])
}

proptest! {
    /// However a service was deployed: once it went back, going back again changes nothing.
    #[test]
    fn going_back_twice_is_going_back_once(
        history in prop::collection::vec((1_u64..6, words()), 0..8),
        last in prop_oneof![3 => Just(Word::Succeeded), 1 => Just(Word::InProgress)],
        to in prop::sample::select(vec![To::Previous, To::LastSuccessful]),
    ) {
        let mut all: Vec<Deployment> = history.into_iter().zip((10_u32..).step_by(10))
            .map(|((number, status), made)| deployment(&format!("d-{made}"), number, made, status))
            .collect();
        all.push(deployment("d-500", 9, 500, last));
        let before = memory(all.clone());
        let primary = before.successes.first().map_or(9, |own| {
            own.task_definition().rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or_default()
        });
        let Ok(Choice::Go { to: target, .. }) = chosen(&to, &before, primary) else { return Ok(()) };
        let number: u64 = target.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap();
        let mut back = deployment("d-600", number, 600, Word::Succeeded);
        let how = how(&Seen::default(), past(&before, &arn(primary)).present.as_ref(), &target);
        if let How::StopDeployment { deployment: stopped } = how {
            let own = all.iter_mut().find(|own| own.id == stopped).unwrap();
            (own.status, own.rollback) = (Word::Stopped, back.id.clone());
            back.is_rollback = true;
        }
        all.push(back);
        let again = chosen(&to, &memory(all), number);
        let is_there = match &again {
            Ok(Choice::Stay { .. }) => true,
            Ok(Choice::Go { to, .. }) => *to == target,
            Err(_) => false,
        };
        prop_assert!(is_there, "{:?}", again);
    }
}
