use proptest::prelude::*;

use super::*;
use crate::outcome::Verdict;
use crate::rollout::{Event, Hook, TaskCounts, Told};

fn told(at: u64, event: Event) -> Told {
    Told { at: Duration::from_millis(at * 100), event }
}

fn service(name: &str, events: Vec<Told>) -> ServiceOutcome {
    ServiceOutcome {
        good: None,
        service: name.into(),
        verdict: Verdict::Deployed,
        reason: String::new(),
        deployment: "ecs-svc/2".into(),
        service_deployment: String::new(),
        hooks: Vec::new(),
        previous: String::new(),
        restored: None,
        seconds: 0,
        warnings: Vec::new(),
        events,
        diagnosis: None,
        back: crate::outcome::Back::No,
        error: None,
    }
}

fn counts(failed: i64) -> Event {
    Event::Counts(TaskCounts { failed, ..TaskCounts::default() })
}

fn begin() -> Vec<Told> {
    vec![
        told(4, Event::Registered { task_definition: "arn:x".into() }),
        told(9, Event::Updated { deployment: "ecs-svc/2".into() }),
    ]
}

#[test]
fn a_rollout_that_goes_well_is_drawn_from_register_to_bake() {
    let mut events = begin();
    events.extend([
        told(200, Event::FirstTaskRunning),
        told(350, Event::AllTasksRunning),
        told(350, Event::Draining { tasks: 2 }),
        told(655, Event::Drained),
        told(655, Event::Baking),
        told(1255, Event::Ended { verdict: "deployed" }),
    ]);
    insta::assert_snapshot!(timeline(&[service("web", events)]), @r"
    ```mermaid
    gantt
        dateFormat YYYY-MM-DD HH:mm:ss.SSS
        axisFormat %M:%S
        section web
        register :done, 2000-01-01 00:00:00.000, 2000-01-01 00:00:00.400
        update :done, 2000-01-01 00:00:00.400, 2000-01-01 00:00:00.900
        tasks starting :done, 2000-01-01 00:00:00.900, 2000-01-01 00:00:20.000
        all tasks coming up :done, 2000-01-01 00:00:20.000, 2000-01-01 00:00:35.000
        old tasks draining :done, 2000-01-01 00:00:35.000, 2000-01-01 00:01:05.500
        bake :done, 2000-01-01 00:01:05.500, 2000-01-01 00:02:05.500
        verdict deployed :milestone, 2000-01-01 00:02:05.500, 0s
    ```
    ");
}

#[test]
fn a_failure_shows_when_tasks_failed_and_when_it_went_back() {
    let mut events = begin();
    events.extend([
        told(100, counts(1)),
        told(300, counts(3)),
        told(300, Event::Failing { reason: "x".into() }),
        told(305, Event::RollingBack { to: String::new() }),
        told(500, Event::Ended { verdict: "rolled-back" }),
    ]);
    insta::assert_snapshot!(timeline(&[service("web", events)]), @r"
    ```mermaid
    gantt
        dateFormat YYYY-MM-DD HH:mm:ss.SSS
        axisFormat %M:%S
        section web
        register :done, 2000-01-01 00:00:00.000, 2000-01-01 00:00:00.400
        update :done, 2000-01-01 00:00:00.400, 2000-01-01 00:00:00.900
        tasks starting :crit, 2000-01-01 00:00:00.900, 2000-01-01 00:00:30.000
        1 task failed :crit, milestone, 2000-01-01 00:00:10.000, 0s
        2 tasks failed :crit, milestone, 2000-01-01 00:00:30.000, 0s
        deployment failed :crit, milestone, 2000-01-01 00:00:30.000, 0s
        rollback :done, 2000-01-01 00:00:30.500, 2000-01-01 00:00:50.000
        verdict rolled-back :crit, milestone, 2000-01-01 00:00:50.000, 0s
    ```
    ");
}

#[test]
fn what_goes_on_when_the_time_is_up_is_shown_as_going_on() {
    let mut events = begin();
    events.push(told(36_000, Event::Ended { verdict: "timed-out" }));
    let chart = timeline(&[service("web", events)]);
    assert!(chart.contains("tasks starting :active, 2000-01-01 00:00:00.900, 2000-01-01 01:00:00.000"), "{chart}");
    assert!(chart.contains("axisFormat %H:%M:%S"), "{chart}");
}

#[test]
fn nothing_followed_is_no_chart() {
    assert_eq!(timeline(&[]), "");
    assert_eq!(timeline(&[service("web", vec![told(1, Event::Ended { verdict: "failed" })])]), "");
}

#[test]
fn names_cannot_leave_their_place() {
    assert_eq!(label("shop:8"), "shop#58;8");
    assert_eq!(label("a;b#c%%{init}%%\nclick x \"y\" <b>"), "a b c init click x y b");
    assert_eq!(label("::\u{1b}"), "#58;#58;");
    assert_eq!(label(";;"), "(no name)");
}

/// The grammar of what we write, stricter than Mermaid's own.
fn is_valid(chart: &str) -> Result<(), String> {
    let inner = chart.strip_prefix("```mermaid\n").and_then(|rest| rest.strip_suffix("```\n")).ok_or("no fence")?;
    let mut lines = inner.lines();
    if lines.next() != Some("gantt") || lines.next() != Some("    dateFormat YYYY-MM-DD HH:mm:ss.SSS") {
        return Err("no head".into());
    }
    for line in lines {
        let line = line.strip_prefix("    ").ok_or("no indent")?;
        let text = match (line.strip_prefix("axisFormat "), line.strip_prefix("section ")) {
            (Some(_), _) => continue,
            (_, Some(name)) => name,
            _ => bar(line)?,
        };
        let plain = text.replace("#58;", "");
        let bad = |c: char| !(c.is_alphanumeric() || "-_./(), ".contains(c));
        if plain.trim().is_empty() && text.trim().is_empty() || plain.contains(bad) {
            return Err(format!("a name: {text:?}"));
        }
    }
    Ok(())
}

fn bar(line: &str) -> Result<&str, String> {
    let (name, data) = line.split_once(" :").ok_or(format!("a bar: {line:?}"))?;
    let parts: Vec<&str> = data.split(", ").collect();
    let (tags, times) = parts.split_at(parts.len().saturating_sub(2));
    let is_tag = |tag: &&str| ["done", "active", "crit", "milestone"].contains(tag);
    let is_time = |time: &&str| *time == "0s" || time.len() == 23 && time.starts_with("2000-01-");
    if tags.iter().all(is_tag) && times.len() == 2 && times.iter().all(is_time) {
        Ok(name)
    } else {
        Err(format!("data: {data:?}"))
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::FirstTaskRunning),
        Just(Event::AllTasksRunning),
        Just(Event::Draining { tasks: 1 }),
        Just(Event::Drained),
        Just(Event::Baking),
        any::<i64>().prop_map(|failed| counts(failed / 2)),
        any::<String>().prop_map(|stage| Event::Stage { stage }),
        any::<String>().prop_map(|reason| Event::Failing { reason }),
        any::<String>().prop_map(|to| Event::RollingBack { to }),
        any::<String>().prop_map(|id| Event::Hook(Hook { id, ..Hook::default() })),
        Just(Event::Ended { verdict: "failed" }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever names and events there are, in whatever order: the chart is one.
    #[test]
    fn every_chart_is_valid(name in any::<String>(), events in prop::collection::vec((0_u64..100_000_000, any_event()), 0..60)) {
        let events = events.into_iter().map(|(at, event)| told(at, event)).collect();
        let chart = timeline(&[service(&name, events)]);
        prop_assert!(chart.is_empty() || is_valid(&chart) == Ok(()), "{:?}\n{chart}", is_valid(&chart));
    }
}
