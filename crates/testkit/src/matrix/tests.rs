//! Negative controls: an action with planted bugs, each of which the table or the kill points must find.

#![allow(clippy::exit, reason = "the toy ends as an action does, and libtest would not")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Class, Facts, Kind, Named, Scenario, Service, Stage, cell, kill, rule};
use crate::http::{Reply, Request};
use crate::runner::FakeRunner;
use crate::server::{Server, blocking};

/// What is wrong with the toy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// It deletes before it uploads.
    DeletesFirst,
    /// It uploads the page before the asset that the page names.
    PageFirst,
    /// It appends to the log on every run.
    RepeatsItself,
    /// It says that all is well, whatever happens.
    Swallows,
    /// It tries everything once.
    GivesUp,
    /// It has a call that nobody declared to be a write.
    Hides,
}

/// A publisher of one asset, one page and one deletion, which writes a line to a log.
struct Toy(Bug);

struct Store {
    _server: Server,
    stage: Stage,
    things: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Scenario for Toy {
    type World = Store;

    fn action(&self) -> &'static str {
        "toy"
    }

    fn program(&self) -> &'static str {
        // The test binary is the toy as well: see `toy`.
        "/proc/self/exe"
    }

    fn arguments(&self) -> Vec<String> {
        ["matrix::tests::toy", "--exact", "--nocapture"].map(str::to_owned).to_vec()
    }

    fn world(&self, _: usize) -> Store {
        let things = BTreeMap::from([("/old", "old"), ("/page", "old"), ("/log", "")]);
        let things = things.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let things = Arc::new(Mutex::new(things));
        let shared = Arc::clone(&things);
        let server = Server::start(blocking(move |request| store(&shared, request))).expect("the server starts");
        let runner = FakeRunner::new().env("TOY_URL", server.url()).env("TOY_BUG", format!("{:?}", self.0));
        let name = |request: &Request| {
            let operation = format!("{} {}", request.method, request.path);
            Some(Named { service: Service::S3, operation, target: String::new() })
        };
        let stage = Stage::new(runner, [server.faults().clone()], name);
        Store { _server: server, stage, things }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "GET /page" | "GET /log" => Class::Read,
            "PUT /asset" | "PUT /page" | "PUT /log" | "DELETE /old" => Class::IdempotentWrite,
            _ => return None,
        })
    }
}

fn store(things: &Mutex<BTreeMap<String, String>>, request: &Request) -> Reply {
    let mut things = things.lock().expect("no panic holds the lock");
    match request.method.as_str() {
        "PUT" => drop(things.insert(request.path.clone(), request.text())),
        "DELETE" => drop(things.remove(&request.path)),
        _ => return Reply::text(200, format!("={}", things.get(&request.path).cloned().unwrap_or_default())),
    }
    Reply::text(200, "done")
}

impl super::World for Store {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        self.things.lock().expect("no panic holds the lock").clone()
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let new = |name: &str| now.get(name).is_some_and(|text| text == "new");
        let mut broken = Vec::new();
        if new("/page") && !new("/asset") {
            broken.push("the page names an asset that is not there".to_owned());
        }
        if !now.contains_key("/old") && !new("/page") {
            broken.push("deleted before uploaded".to_owned());
        }
        broken
    }
}

/// Not a test but the toy, when the scenario starts it.
#[test]
fn toy() {
    let (Ok(url), Ok(bug)) = (std::env::var("TOY_URL"), std::env::var("TOY_BUG")) else { return };
    // A process of its own, so it is the first to choose.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let code = match runtime.block_on(publish(&url, &bug)) {
        Err((code, exit)) if bug != "Swallows" => {
            // libtest has begun a line of its own.
            println!("\n::error title={code}::it failed");
            eprintln!("help: run it again");
            exit
        }
        _ => 0,
    };
    std::process::exit(code);
}

type Ended = Result<String, (&'static str, i32)>;

async fn publish(url: &str, bug: &str) -> Result<(), (&'static str, i32)> {
    let cancelled = tokio::spawn(async { drop(tokio::signal::ctrl_c().await) });
    // Listens from here on.
    tokio::task::yield_now().await;
    let attempts = if bug == "GivesUp" { 1 } else { 4 };
    let ask = async |method: &str, path: &str, body: &str| {
        let answer = call(attempts, method, &format!("{url}{path}"), body).await;
        tokio::task::yield_now().await;
        if cancelled.is_finished() { Err(("toy/cancelled", 130)) } else { answer }
    };
    let (page, log) = (ask("GET", "/page", "").await?, ask("GET", "/log", "").await?);
    let mut steps = vec![("PUT", "/asset"), ("PUT", "/page"), ("DELETE", "/old")];
    match bug {
        "DeletesFirst" => steps.rotate_right(1),
        "PageFirst" => steps.swap(0, 1),
        "Hides" => steps.push(("GET", "/secret")),
        _ => {}
    }
    if log == "=line" && page == "=new" && bug != "RepeatsItself" {
        return Ok(());
    }
    for (method, path) in steps {
        ask(method, path, "new").await?;
    }
    let line = if bug == "RepeatsItself" { format!("{}line", &log[1..]) } else { "line".to_owned() };
    let out_of_time = async {
        drop(cancelled.await);
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let log = format!("{url}/log");
    // With the last answer the result is there, whatever was signaled meanwhile.
    tokio::select! {
        last = call(attempts, "PUT", &log, &line) => last.map(drop),
        () = out_of_time => Err(("toy/cancelled", 130)),
    }
}

async fn call(attempts: u32, method: &str, url: &str, body: &str) -> Ended {
    let writes = method != "GET";
    let mut ended = Err(("", 1));
    for _ in 0..attempts {
        let client = reqwest::Client::builder().no_proxy().read_timeout(Duration::from_secs(1)).build();
        let client = client.expect("a client");
        let request = client.request(method.parse().expect("a method"), url).body(body.to_owned());
        let answer = async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            answer.text().await.map(|text| (status, text))
        };
        ended = match answer.await {
            Ok((200, text)) => return Ok(text),
            Ok((_, text)) if text.contains("SlowDown") => Err(("aws/throttled", 1)),
            Ok((_, text)) if text.contains("ExpiredToken") => return Err(("aws/credentials-expired", 2)),
            Ok((403, _)) => return Err(("aws/access-denied", 1)),
            Ok(_) => Err(("aws/service-error", 1)),
            Err(error) if error.is_timeout() => Err(("aws/timed-out", if writes { 4 } else { 1 })),
            Err(_) => Err(("aws/unreachable", 1)),
        };
    }
    ended
}

/// Demands that one of the two finds something of that text.
#[track_caller]
fn found(problems: &[String], text: &str) {
    assert!(problems.iter().any(|problem| problem.contains(text)), "`{text}` not in {problems:#?}");
}

#[test]
fn a_good_action_passes_the_table_and_the_kill_points() {
    let problems = cell::unpublished(&Toy(Bug::None));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let problems = kill::problems(&Toy(Bug::None));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn deleting_first_is_found_by_both() {
    found(&cell::unpublished(&Toy(Bug::DeletesFirst)), "deleted before uploaded");
    found(&kill::problems(&Toy(Bug::DeletesFirst)), "deleted before uploaded");
}

#[test]
fn a_page_before_its_asset_is_found_by_the_kill_points() {
    found(&kill::problems(&Toy(Bug::PageFirst)), "an asset that is not there");
}

#[test]
#[should_panic(expected = "a second run without faults changes something")]
fn an_action_that_repeats_itself_has_no_table_at_all() {
    cell::unpublished(&Toy(Bug::RepeatsItself));
}

#[test]
fn a_swallowed_error_is_found() {
    found(&cell::unpublished(&Toy(Bug::Swallows)), "expected 1 aws/access-denied, ended with 0");
}

#[test]
fn giving_up_at_once_is_found() {
    found(&cell::unpublished(&Toy(Bug::GivesUp)), "expected Retried, ended with 1");
}

#[test]
#[should_panic(expected = "the scenario does not say what `GET /secret` is for")]
fn a_call_that_nobody_declared_is_found() {
    cell::unpublished(&Toy(Bug::Hides));
}

#[test]
fn what_a_write_of_unknown_effect_meets_is_told_and_not_repeated() {
    let call = Named { service: Service::GitHub, operation: "POST /comments".to_owned(), target: String::new() };
    let place = super::Place { first: true, last: false };
    for kind in [Kind::AnswerLost, Kind::TimedOutOnce, Kind::ErrorOnce] {
        assert!(
            matches!(rule("toy", &call, Class::AmbiguousWrite, kind, place), super::Expected::Fails(_)),
            "{kind:?}"
        );
        assert_eq!(rule("toy", &call, Class::IdempotentWrite, kind, place), super::Expected::Retried);
    }
}
