use super::*;

/// Reads an answer piece by piece.
fn open(url: &str, request: &Request) -> Result<(Vec<u8>, Option<String>), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let direct = Direct::new(&aws(Pace::towards(url)), "s3", &format!("{url}/bucket"));
        let opened = direct.connections().open(request, &()).await;
        let mut opened = opened.map_err(|refused| api_error("s3", "GetObject", None, &refused).message)?;
        let etag = opened.header("etag").map(str::to_owned);
        let mut read = Vec::new();
        while let Some(piece) = opened.next().await? {
            read.extend_from_slice(&piece);
        }
        Ok((read, etag))
    })
}

fn get(path: &str) -> Request {
    Request { method: "GET", ..head(path) }
}

#[test]
fn a_long_answer_comes_piece_by_piece() {
    let fake = FakeAws::start_lenient().unwrap();
    let long = vec![7; 17 * 1024 * 1024];
    fake.on_rest("GET", "*").raw(Reply::text(200, long.clone()).with_header("etag", "\"a\""));
    let (read, etag) = open(&fake.url(), &get("/x")).unwrap();
    assert_eq!((read.len(), read == long, etag.as_deref()), (long.len(), true, Some("\"a\"")));
    assert!(send(&fake.url(), &get("/x")).is_err(), "what is read whole is bounded");
}

#[test]
fn what_an_object_holds_is_no_refusal_of_it() {
    let fake = FakeAws::start_lenient().unwrap();
    fake.on_rest("GET", "*").raw(error(200, "InternalError"));
    assert!(open(&fake.url(), &get("/x")).unwrap().0.starts_with(b"<Error>"));
    assert_eq!(fake.requests().len(), 1);
}

#[test]
fn an_answer_that_is_refused_is_asked_for_again_and_then_told() {
    let fake = fake();
    fake.faults().add(Fault::reply(error(503, "SlowDown")).on("GET", "*"));
    fake.faults().add(Fault::reply(error(403, "AccessDenied")).on("GET", "/bucket/y").always());
    open(&fake.url(), &get("/x")).unwrap();
    assert_eq!(fake.requests().len(), 2);
    assert_eq!(open(&fake.url(), &get("/y")).unwrap_err(), "why");
}

#[test]
fn a_body_that_breaks_off_says_so() {
    let fake = FakeAws::start_lenient().unwrap();
    fake.on_rest("GET", "*").raw(Reply::text(200, vec![7; 100_000]));
    fake.faults().add(Fault::truncate(10).on("GET", "*"));
    assert!(open(&fake.url(), &get("/x")).is_err());
    assert_eq!(fake.requests().len(), 1, "it is not asked for again");
}
