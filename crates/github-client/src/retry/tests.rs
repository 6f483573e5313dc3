use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const NOW: u64 = 1_000_000;

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
        .collect();
    Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_owned() }
}

fn pause(attempt: Attempt<'_>, repeat: Repeat, number: u32, waited: u64) -> Option<Pause> {
    let progress = Progress { attempt: number, waited: Duration::from_secs(waited), now: NOW };
    Retries::default().pause(attempt, repeat, progress)
}

#[track_caller]
fn check(status: u16, headers: &[(&str, &str)], body: &str, expect: Option<Pause>) {
    let answer = answer(status, headers, body);
    assert_eq!(pause(Attempt::Refused(&answer), Repeat::Unsafe, 1, 0), expect);
}

const fn limited(seconds: u64) -> Pause {
    Pause::Limited(Duration::from_secs(seconds))
}

#[test]
fn rate_limits_are_waited_for_as_long_as_github_says() {
    check(429, &[("retry-after", "7")], "", Some(limited(7)));
    check(403, &[("retry-after", "7")], "", Some(limited(7)));
    check(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1000030")], "", Some(limited(31)));
    check(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")], "", Some(limited(1)));
    check(429, &[], "", Some(limited(60)));
    check(403, &[], r#"{"message": "You have exceeded a secondary rate limit"}"#, Some(limited(60)));
}

#[test]
fn patience_has_an_end() {
    check(429, &[("retry-after", "301")], "", None);
    check(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1003600")], "", None);
    let answer = answer(429, &[("retry-after", "200")], "");
    assert_eq!(pause(Attempt::Refused(&answer), Repeat::Safe, 2, 100), Some(limited(200)));
    assert_eq!(pause(Attempt::Refused(&answer), Repeat::Safe, 2, 101), None);
}

#[test]
fn refusals_are_final() {
    for status in [400, 401, 403, 404, 409, 422] {
        check(status, &[("x-ratelimit-remaining", "4999")], r#"{"message": "no"}"#, None);
    }
}

#[test]
fn a_call_that_may_have_been_executed_is_repeated_only_when_that_does_no_harm() {
    let bad_gateway = answer(502, &[], "");
    let unavailable = answer(503, &[], "");
    assert!(pause(Attempt::Refused(&bad_gateway), Repeat::Safe, 1, 0).is_some());
    assert!(pause(Attempt::Refused(&bad_gateway), Repeat::Unsafe, 1, 0).is_none());
    assert!(pause(Attempt::Refused(&unavailable), Repeat::Unsafe, 1, 0).is_some());
    assert!(pause(Attempt::Broken, Repeat::Unsafe, 1, 0).is_none());
    assert!(pause(Attempt::Broken, Repeat::Safe, 1, 0).is_some());
    assert!(pause(Attempt::NotSent, Repeat::Unsafe, 1, 0).is_some());
}

#[test]
fn pauses_double_and_attempts_end() {
    let of = |attempt| pause(Attempt::NotSent, Repeat::Safe, attempt, 0);
    let backoff = |milliseconds| Some(Pause::Backoff(Duration::from_millis(milliseconds)));
    assert_eq!([of(1), of(2), of(3), of(4), of(5)], [backoff(500), backoff(1000), backoff(2000), backoff(4000), None]);
}
