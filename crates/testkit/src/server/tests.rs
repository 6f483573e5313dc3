use std::time::{Duration, Instant};

use super::{Server, blocking};
use crate::fault::{Fault, FaultProxy, Gate};
use crate::http::{Reply, get};

fn echo() -> Server {
    Server::start(blocking(|request| Reply::text(200, request.line()))).expect("a loopback port is free")
}

#[test]
fn answers_and_records_each_request() {
    let server = echo();
    let reply = get(&format!("{}/a%20b?x=1", server.url())).expect("the server answers");
    assert_eq!((reply.status, reply.to_text().as_str()), (200, "GET /a%20b?x=1"));
    assert_eq!(server.requests()[0].query_value("x").as_deref(), Some("1"));
    assert_eq!(server.exchanges()[0].reply.as_ref().map(|reply| reply.status), Some(200));
    server.clear_requests();
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn starts_and_stops_inside_a_runtime() {
    let server = echo();
    let url = server.url();
    assert!(get(&url).is_ok());
    drop(server);
    assert!(get(&url).is_err());
}

#[test]
fn a_fault_hits_only_the_requests_it_was_meant_for() {
    let server = echo();
    server.faults().add(Fault::status(503).on("GET", "/a*").nth(2));
    server.faults().add(Fault::throttle(7).matching(|request| request.path == "/t").times(2));
    let status = |path: &str| get(&format!("{}{path}", server.url())).expect("the server answers").status;
    assert_eq!([status("/a"), status("/b"), status("/a/2"), status("/a")], [200, 200, 503, 200]);
    assert_eq!([status("/t"), status("/t"), status("/t")], [429, 429, 200]);
    server.faults().add(Fault::status(500).always());
    assert_eq!([status("/x"), status("/x")], [500, 500]);
    server.faults().clear();
    assert_eq!(status("/x"), 200);
}

#[test]
fn a_reset_leaves_the_client_without_an_answer() {
    let server = echo();
    server.faults().add(Fault::reset());
    let error = get(&server.url()).expect_err("the connection was reset");
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert!(source.is_some_and(|text| text.contains("reset")), "{error:?}");
    assert!(server.exchanges()[0].reply.is_none());
    assert!(get(&server.url()).is_ok());
}

#[test]
fn a_truncated_body_is_shorter_than_announced() {
    let server = echo();
    server.faults().add(Fault::truncate(3));
    let reply = get(&format!("{}/long/enough", server.url())).expect("the head arrives");
    assert_eq!(reply.header("content-length"), Some("16"));
    assert_eq!(reply.to_text(), "GET");
}

#[test]
fn a_delay_passes_the_request_on_later() {
    let server = echo();
    server.faults().add(Fault::delay(Duration::from_millis(60)));
    let before = Instant::now();
    assert_eq!(get(&server.url()).expect("the server answers").status, 200);
    assert!(before.elapsed() >= Duration::from_millis(60));
}

#[test]
fn a_gate_holds_requests_up_until_it_is_opened() {
    let (server, gate) = (echo(), Gate::default());
    server.faults().add(Fault::gate(&gate).on("GET", "/held").times(2));
    server.faults().add(Fault::status(503).on("GET", "/held").nth(2));
    std::thread::scope(|scope| {
        let (url, (told, answers)) = (server.url(), std::sync::mpsc::channel());
        for _ in 0..2 {
            let (url, told) = (format!("{url}/held"), told.clone());
            scope.spawn(move || told.send(get(&url).expect("the server answers").status));
        }
        gate.wait_for(2);
        // Others pass, and so does the third of these.
        assert_eq!(get(&format!("{url}/other")).expect("the server answers").status, 200);
        assert_eq!(get(&format!("{url}/held")).expect("the server answers").status, 200);
        assert!(answers.try_recv().is_err());
        gate.open();
        let mut statuses: Vec<u16> = answers.iter().take(2).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 503], "what else shall happen to a request happens behind the gate");
    });
    server.faults().add(Fault::gate(&gate).always());
    assert_eq!(get(&server.url()).expect("the server answers").status, 200);
}

#[test]
fn the_proxy_passes_on_what_no_fault_stops() {
    let upstream = echo();
    let proxy = FaultProxy::start(&upstream.url()).expect("a loopback port is free");
    proxy.faults().add(Fault::status(500).nth(2));
    let ask = || get(&format!("{}/p?q=1", proxy.url())).expect("the proxy answers");
    assert_eq!(ask().to_text(), "GET /p?q=1");
    assert_eq!(ask().status, 500);
    assert_eq!(ask().status, 200);
    assert_eq!((proxy.requests().len(), upstream.requests().len()), (3, 2));
    drop(upstream);
    assert_eq!(ask().status, 502);
}

#[test]
fn a_rewritten_answer_keeps_what_the_upstream_said() {
    let server = echo();
    server.faults().add(Fault::rewrite(|request, reply| {
        let body = format!("{} then {}", request.path, reply.to_text());
        reply.with_body(body)
    }));
    let answer = crate::http::get(&format!("{}/a", server.url())).unwrap();
    assert!(answer.to_text().starts_with("/a then "), "{}", answer.to_text());
}
