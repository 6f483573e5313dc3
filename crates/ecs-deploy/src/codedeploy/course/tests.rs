//! The step function, over scripted answers and over every order of the API's statuses.

use proptest::prelude::*;

use super::*;

const ID: &str = "d-OURS00001";

fn deployment(status: Status) -> Deployment {
    Deployment { id: ID.to_owned(), status, ..Deployment::default() }
}

fn failed(status: Status) -> Deployment {
    Deployment { reason: "HOOK_EXECUTION_FAILURE: a hook failed".to_owned(), ..deployment(status) }
}

fn course() -> Course {
    Course::new(ID, Until::Deployed, String::new())
}

/// Feeds one answer after the other, five seconds apart.
fn run(mut course: Course, answers: impl IntoIterator<Item = Vec<Answer>>) -> (Course, Vec<String>, Option<End>) {
    let mut told = Vec::new();
    for (index, answers) in answers.into_iter().enumerate() {
        let at = Duration::from_secs(5 * u64::try_from(index).unwrap());
        let step = course.step(&answers, at);
        told.extend(step.events.iter().map(ToString::to_string));
        course = step.course;
        if step.end.is_some() {
            return (course, told, step.end);
        }
    }
    (course, told, None)
}

fn seen(deployments: impl IntoIterator<Item = Deployment>) -> Vec<Vec<Answer>> {
    deployments.into_iter().map(|own| vec![Answer::Deployment(own)]).collect()
}

#[track_caller]
fn check(deployments: impl IntoIterator<Item = Deployment>, expect: impl Into<Option<End>>) {
    assert_eq!(run(course(), seen(deployments)).2, expect.into());
}

#[test]
fn only_succeeded_is_a_success() {
    check(
        [Status::Created, Status::InProgress, Status::Baking, Status::Succeeded].map(deployment),
        Some(End::Deployed),
    );
    check([Status::Ready, Status::Baking].map(deployment), None);
}

#[test]
fn an_unknown_word_waits_and_is_told_once() {
    let word = || deployment(Status::Unknown("Pondering".to_owned()));
    let (_, told, end) = run(course(), seen([word(), word(), deployment(Status::Succeeded)]));
    assert_eq!(end, Some(End::Deployed));
    assert_eq!(told.iter().filter(|line| line.contains("newer than this program")).count(), 1, "{told:?}");
}

#[test]
fn ready_ends_the_wait_where_it_is_waited_for_and_is_told_where_not() {
    let ready = || seen([deployment(Status::Ready), deployment(Status::Ready)]);
    assert_eq!(run(Course::new(ID, Until::Ready, String::new()), ready()).2, Some(End::Ready));
    let (_, told, end) = run(course(), ready());
    assert_eq!(end, None);
    assert_eq!(told.iter().filter(|line| line.contains("--action=continue")).count(), 1, "{told:?}");
}

#[test]
fn a_failure_names_the_code_and_the_hook() {
    let hook = Lifecycle { name: "AfterAllowTestTraffic".into(), status: "Failed".into(), message: "503".into() };
    let target = Target { events: vec![hook], ..Target::default() };
    let answers = vec![vec![Answer::Target(target), Answer::Deployment(failed(Status::Failed))]];
    let reason = "HOOK_EXECUTION_FAILURE: a hook failed; AfterAllowTestTraffic failed: 503".to_owned();
    assert_eq!(run(course(), answers).2, Some(End::Failed { reason }));
}

#[test]
fn a_rollback_is_followed_to_its_end() {
    let with_rollback = Deployment { rollback: "d-BACK00001".into(), ..failed(Status::Failed) };
    let back = |status| Answer::Rollback(Deployment { id: "d-BACK00001".into(), status, ..Deployment::default() });
    let reason = "HOOK_EXECUTION_FAILURE: a hook failed".to_owned();
    let follow = |status| {
        let first = vec![Answer::Deployment(with_rollback.clone())];
        run(course(), vec![first, vec![back(Status::InProgress)], vec![back(status)]])
    };
    let (course, told, end) = follow(Status::Succeeded);
    assert_eq!(end, Some(End::RolledBack { reason, restored: String::new() }));
    assert_eq!(course.questions(), [Question::Rollback("d-BACK00001".into())]);
    assert!(told.contains(&"rolling back".to_owned()), "{told:?}");
    let Some(End::Failed { reason }) = follow(Status::Failed).2 else { panic!("no failure") };
    assert!(reason.contains("the rollback failed too"), "{reason}");
}

#[test]
fn a_rollback_that_is_expected_is_waited_for_and_not_for_ever() {
    let expected = || Deployment { rolls_back: true, ..failed(Status::Failed) };
    check((0..12).map(|_| expected()), None);
    let reason = "HOOK_EXECUTION_FAILURE: a hook failed".to_owned();
    check((0..14).map(|_| expected()), Some(End::Failed { reason }));
}

#[test]
fn one_that_was_stopped_for_another_is_superseded() {
    let stopped = vec![Answer::Deployment(failed(Status::Stopped))];
    let (course, _, end) = run(course(), vec![stopped.clone()]);
    assert!(end.is_none() && course.is_urgent() && course.questions() == [Question::Newer]);
    let ends = |newer| {
        run(Course::new(ID, Until::Deployed, String::new()), vec![stopped.clone(), vec![Answer::Newer(newer)]]).2
    };
    assert_eq!(ends(Some(Deployment::default())), Some(End::Superseded { by: String::new() }));
    assert_eq!(ends(None), Some(End::Failed { reason: "HOOK_EXECUTION_FAILURE: a hook failed".into() }));
}

fn statuses() -> impl Strategy<Value = Status> {
    prop::sample::select(vec![
        Status::Created,
        Status::Queued,
        Status::InProgress,
        Status::Baking,
        Status::Ready,
        Status::Succeeded,
        Status::Failed,
        Status::Stopped,
        Status::Unknown("Pondering".to_owned()),
    ])
}

/// Any answer: of ours with a rollback or without, of the rollback, of the list, none.
fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let ours = (statuses(), any::<bool>(), any::<bool>()).prop_map(|(status, rolls_back, has_rollback)| {
        let rollback = if has_rollback { "d-BACK00001".to_owned() } else { String::new() };
        vec![Answer::Deployment(Deployment { rollback, rolls_back, ..deployment(status) })]
    });
    let back = statuses().prop_map(|status| {
        vec![Answer::Rollback(Deployment { id: "d-BACK00001".into(), status, ..Deployment::default() })]
    });
    let newer = any::<bool>().prop_map(|is_there| vec![Answer::Newer(is_there.then(Deployment::default))]);
    prop_oneof![4 => ours, 2 => back, 1 => newer, 1 => Just(Vec::new())]
}

proptest! {
    /// Over every order of the statuses: a success only when ours was `Succeeded`, `rolled back` only when a rollback was, and nothing but
    /// a status of ours that has ended ends the wait.
    #[test]
    fn the_verdict_is_what_was_seen(script in prop::collection::vec(answers(), 0..20)) {
        let mut course = course();
        for (index, answers) in script.into_iter().enumerate() {
            let step = course.step(&answers, Duration::from_secs(5 * index as u64));
            course = step.course;
            let ours = course.last.as_ref().map(|last| last.status.clone());
            match step.end {
                Some(End::Deployed) => prop_assert_eq!(ours, Some(Status::Succeeded)),
                Some(End::Ready) => prop_assert!(false, "nobody waited for it"),
                Some(End::RolledBack { .. }) => {
                    let back = course.failure.as_ref().and_then(|failure| failure.rollback.as_ref());
                    prop_assert_eq!(back.map(|back| back.status.clone()), Some(Status::Succeeded));
                }
                Some(End::Superseded { .. }) => prop_assert_eq!(ours, Some(Status::Stopped)),
                Some(End::Failed { .. }) => prop_assert!(ours.is_some_and(|status| status.has_ended())),
                None => continue,
            }
            break;
        }
    }
}
