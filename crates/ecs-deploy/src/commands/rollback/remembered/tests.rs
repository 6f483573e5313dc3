use super::*;
use crate::commands::rollback::choice::Success;

fn arn(number: u64) -> String {
    format!("arn:aws:ecs:eu-west-1:1:task-definition/shop:{number}")
}

fn good(number: u64, ended: f64) -> Success {
    Success { ended, task_definition: arn(number), ..Success::default() }
}

fn bad(number: u64, ended: f64) -> Failure {
    Failure { ended, task_definition: arn(number), how: "was rolled back" }
}

/// What is said of going from 16 to `to`; 14 was good, 15 was rolled back twice, 13 was rolled back and is good since.
fn told(to: u64) -> Remembered {
    let past = Past {
        successes: vec![good(8, 60.0), good(14, 600.0), good(13, 1900.0), good(16, 2000.0)],
        failures: vec![bad(15, 1800.0), bad(13, 1200.0), bad(15, 900.0), bad(16, 800.0), bad(9, 500.0), bad(8, 400.0)],
        oldest: Some(60.0),
        ..Past::default()
    };
    remembered("web", &Choice::Go { to: arn(to), revision: String::new() }, &arn(16), &past)
}

#[test]
fn when_it_ran_well_and_what_is_left_out() {
    let told = told(14);
    assert_eq!(told.ran_well, "deployed successfully 1970-01-01 00:10 UTC");
    assert_eq!(told.skipped, ["shop:15 was rolled back 1970-01-01 00:30 UTC"], "each once, and not what is good since");
    assert_eq!((told.warning, told.notice), (None, None));
}

#[test]
fn one_that_failed_last_is_warned_of() {
    let before = "the last deployment of shop:8 to web was rolled back 1970-01-01 00:06 UTC; before that it was deployed \
                  successfully 1970-01-01 00:01 UTC";
    assert_eq!(told(8).warning.as_deref(), Some(before));
    let never = "the last deployment of shop:9 to web was rolled back 1970-01-01 00:08 UTC, and no deployment of it is \
                 remembered as successful";
    assert_eq!(told(9).warning.as_deref(), Some(never));
    assert_eq!(told(9).ran_well, "");
}

#[test]
fn of_what_nobody_remembers_only_that_is_told() {
    let told = told(3);
    assert!(told.notice.unwrap().starts_with("no deployment of shop:3 to web is remembered"));
    assert_eq!((told.warning, told.ran_well), (None, String::new()));
    let go = Choice::Go { to: arn(3), revision: String::new() };
    assert_eq!(remembered("web", &go, &arn(4), &Past::default()), Remembered::default(), "there is no history at all");
}
