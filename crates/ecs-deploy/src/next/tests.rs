use super::*;
use crate::ended::Ended;
use crate::rollout::{Event, Hook, Told};

const NEW: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:8";

const DEPLOYMENT: Run = Run::Deployment { forced: false };

fn ended(verdict: Verdict) -> ServiceOutcome {
    ServiceOutcome::new("web", "", Ended::new(verdict, "why"), Vec::new(), 1)
}

fn told(own: &ServiceOutcome, run: Run) -> String {
    after(own, &Place::new("prod", "web", NEW), run)
}

#[test]
fn what_failed_is_looked_at_before_it_is_gone_back_from() {
    let goes_back = ServiceOutcome { back: Back::Begun, ..ended(Verdict::Failed) };
    for own in [ended(Verdict::Failed), goes_back] {
        for run in [DEPLOYMENT, Run::Rollback, Run::Continuation] {
            let help = told(&own, run);
            assert!(!help.contains("aims at"), "who knows what it aims at: {help}");
            let line = "\necs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1 --mode=plan";
            assert!(help.ends_with(line), "{help}");
        }
    }
}

#[test]
fn what_an_error_ended_is_helped_by_the_error() {
    let error = Some(actions_core::Failure::new("a/b", "no", actions_core::ExitCode::Failed).help("do that"));
    for verdict in [Verdict::Failed, Verdict::TimedOut] {
        let own = ServiceOutcome { error: error.clone(), ..ended(verdict) };
        assert_eq!(told(&own, DEPLOYMENT), "do that");
    }
}

#[test]
fn what_was_forced_is_not_to_be_forced_again() {
    for verdict in [Verdict::TimedOut, Verdict::Cancelled] {
        let own = ServiceOutcome { deployment: "ecs-svc/2".to_owned(), ..ended(verdict) };
        let forced = told(&own, Run::Deployment { forced: true });
        assert!(forced.contains("the step again without `force-new-deployment`"), "{forced}");
        assert!(!told(&own, DEPLOYMENT).contains("force"));
    }
    let not_begun = told(&ended(Verdict::Cancelled), Run::Deployment { forced: true });
    assert_eq!(not_begun, "run the step again");
}

#[test]
fn what_went_back_says_what_runs() {
    let back = ServiceOutcome { restored: Some(NEW.replace(":8", ":7")), ..ended(Verdict::RolledBack) };
    assert_eq!(told(&back, DEPLOYMENT), "correct the cause, then deploy again; the service runs shop:7 again");
    assert!(told(&back, Run::Rollback).contains("name another revision in `to`"));
}

#[test]
fn what_went_back_to_no_good_revision_names_the_good_one() {
    let (bad, good) = (NEW.replace(":8", ":7"), NEW.replace(":8", ":5"));
    let back = ServiceOutcome { restored: Some(bad), good: Some(good), ..ended(Verdict::RolledBack) };
    let help = told(&back, DEPLOYMENT);
    assert!(help.starts_with("the service runs shop:7 again, and that is not what was successful last"), "{help}");
    assert!(
        help.ends_with("ecs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1 --to=shop:5"),
        "{help}"
    );
}

#[test]
fn a_service_that_goes_back_is_not_to_be_deployed_again() {
    for verdict in [Verdict::TimedOut, Verdict::Cancelled] {
        let asked = ServiceOutcome { back: Back::Begun, ..ended(verdict) };
        let event = Told { at: std::time::Duration::ZERO, event: Event::RollingBack { to: String::new() } };
        let seen = ServiceOutcome::new("web", "", Ended::new(verdict, "why"), vec![event], 1);
        for own in [asked, seen] {
            let help = told(&own, DEPLOYMENT);
            assert!(help.contains("running this step again would deploy anew what it goes back from"), "{help}");
            assert!(help.ends_with(" --mode=plan"), "{help}");
            assert!(told(&own, Run::Rollback).contains("run the step again"), "a rollback may be repeated");
        }
    }
}

#[test]
fn what_may_have_been_received_is_looked_at_before_anything_is_done() {
    for verdict in [Verdict::TimedOut, Verdict::Cancelled, Verdict::Failed] {
        let help = told(&ServiceOutcome { back: Back::Unknown, ..ended(verdict) }, DEPLOYMENT);
        assert!(help.contains("To see whether it does"), "{help}");
        assert!(help.ends_with(" --mode=plan"), "{help}");
    }
}

#[test]
fn a_cancelled_deployment_that_goes_on_names_both_ways() {
    let own = ServiceOutcome { deployment: "ecs-svc/2".to_owned(), ..ended(Verdict::Cancelled) };
    let help = told(&own, DEPLOYMENT);
    assert!(help.contains("nothing was taken back") && help.contains("Run the step again"), "{help}");
    assert!(help.ends_with("ecs-deploy rollback --cluster=prod --service=web --aws-region=eu-west-1"), "{help}");
    assert!(told(&ended(Verdict::Cancelled), DEPLOYMENT).starts_with("run the step again"), "nothing was begun");
}

#[test]
fn a_pause_is_ended_by_a_command_and_not_by_waiting() {
    let hook = Hook { id: "approve-1".to_owned(), ..Hook::default() };
    let own = ServiceOutcome { hooks: vec![hook], ..ended(Verdict::TimedOut) };
    let help = told(&own, DEPLOYMENT);
    let line = "ecs-deploy continue --cluster=prod --service=web --aws-region=eu-west-1 --hook-id=approve-1 --action=";
    assert!(help.contains(&format!("{line}continue\n{line}rollback")), "{help}");
    assert!(!help.contains("wait-timeout"), "{help}");
}

#[test]
fn nothing_that_means_something_to_a_shell_is_offered_to_paste() {
    let place = Place::new("prod", "web", "arn:aws:ecs:$(id):1:x");
    assert_eq!(place.back(), "ecs-deploy rollback --cluster=prod --service=web");
    assert_eq!(place.at_hook("a b", "continue"), None);
    assert_eq!(place.at_hook("`id`", "continue"), None);
    assert_eq!(place.at_hook("", "continue"), None);
}
