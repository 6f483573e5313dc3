//! How many requests a publication makes: the same number each time.

use std::collections::BTreeMap;
use std::net::TcpListener;

use testkit::FakeRunner;
use testkit::aws::ContractProxy;
use testkit::fault::Fault;
use testkit::http::{Reply, Request, send};

use crate::site::is_listing;

const BUCKET: &str = "site";
/// The sum of the content `x`.
const X: &str = "9dd4e461268c8034f5c8564e155c67a6";

/// A bucket that holds some objects of the content `x`; its address. It ends with this process.
fn bucket(keys: impl Iterator<Item = String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || s3_stand_in::serve(listener));
    let lines: Vec<String> = keys.map(|key| format!("{BUCKET}/{key}\t1\t{X}")).collect();
    assert!(send("POST", &format!("{url}/-/reset"), &[], lines.join("\n").as_bytes()).unwrap().is_success());
    url
}

/// How often each operation was asked for.
fn counts(url: &str) -> BTreeMap<String, u64> {
    let told = send("GET", &format!("{url}/-/state"), &[], b"").unwrap().to_text();
    let lines = told.lines().filter_map(|line| line.split_once(' '));
    let operations = lines.filter(|(name, _)| name.starts_with(char::is_uppercase));
    operations.map(|(name, count)| (name.to_owned(), count.parse().unwrap())).collect()
}

fn name(number: usize) -> String {
    format!("{:03}/{number:05}.css", number % 100)
}

fn runner(url: &str, files: impl Iterator<Item = usize>) -> FakeRunner {
    let runner = FakeRunner::new()
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-nobody")
        .input("source", "dist")
        .input("bucket", BUCKET);
    for number in files {
        let file = runner.workspace().join("dist").join(name(number));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "x").unwrap();
    }
    runner
}

fn publish(runner: &FakeRunner) {
    runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), Vec::<String>::new()).assert_code(0);
}

#[test]
fn ten_thousand_files_that_are_there_are_thirteen_requests() {
    let url = bucket((0..10_000).map(name));
    let runner = runner(&url, 0..10_000);
    publish(&runner);
    let first = counts(&url);
    // What was there is taken over into a manifest.
    let looks = [("GetObject", 1), ("ListObjectsV2", 12)];
    let named = |(name, count): (&str, u64)| (name.to_owned(), count);
    assert_eq!(first, looks.into_iter().chain([("PutObject", 2)]).map(named).collect());
    publish(&runner);
    let again = counts(&url).into_iter().map(|(name, count)| (name.clone(), count - first[&name]));
    assert_eq!(
        again.filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>(),
        looks.into_iter().map(named).collect()
    );
}

#[test]
fn what_nobody_knew_of_is_listed_in_pieces() {
    let url = bucket((0..30_000).map(|number| format!("object-{number:08}")));
    let runner = runner(&url, 0..1).input("manifest", "none");
    let out = runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), Vec::<String>::new());
    out.assert_code(0);
    assert!(out.stderr.contains("bucket: 30000 objects"), "{}", out.stderr);
    // Of 31 pages.
    assert_eq!(counts(&url)["ListObjectsV2"], 44);
}

#[test]
fn what_is_new_in_the_bucket_costs_a_page_where_it_is() {
    // Nine times as many between the first and the second part: they are read in pieces, and nothing is missed.
    let others = (0..9_000).map(|number| format!("000/00000.css.{number}"));
    let url = bucket((0..2_000).map(name).chain(others));
    let runner = runner(&url, 0..2_000)
        .input("delete", "true")
        .input("delete-scope", "all")
        .input("keep-releases", "0")
        .input("allow-whole-bucket", "true")
        .input("max-delete", "9000")
        .input("dry-run", "true");
    let out = runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), Vec::<String>::new());
    assert_eq!(out.assert_code(0).outputs["deleted"], "9000", "{}", out.stdout);
    assert_eq!(counts(&url)["ListObjectsV2"], 18);
}

#[test]
fn an_endpoint_that_begins_where_it_likes_is_listed_from_its_start_to_its_end() {
    let url = bucket((0..2_000).map(name));
    let proxy = ContractProxy::start(&url).unwrap();
    let first = format!(
        "<ListBucketResult><Name>{BUCKET}</Name><Prefix/><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>\
         <Contents><Key>{}</Key><Size>1</Size><ETag>&quot;{X}&quot;</ETag></Contents></ListBucketResult>",
        name(0)
    );
    let is_part = |request: &Request| request.query_value("start-after").is_some();
    proxy.faults().add(Fault::reply(Reply::xml(200, first)).matching(is_part).always());
    publish(&runner(&proxy.url(), 0..2_000));
    let asked = counts(&url);
    // The first part may be given up before it is asked for.
    assert!((2..=3).contains(&asked["ListObjectsV2"]) && asked["PutObject"] == 2, "{asked:?}");
}

/// The pages that `is_wanted` chooses, their objects in another order.
fn in_order(new: fn(&mut Vec<&str>), is_wanted: fn(&Request) -> bool) -> Fault {
    let other = move |_: &Request, reply: Reply| {
        let text = reply.to_text();
        let (start, rest) = text.split_once("<Contents>").unwrap();
        let (objects, end) = rest.rsplit_once("</Contents>").unwrap();
        let mut objects: Vec<&str> = objects.split("</Contents><Contents>").collect();
        assert!(objects.len() > 900, "{}", objects.len());
        new(&mut objects);
        let objects = objects.join("</Contents><Contents>");
        Reply::xml(reply.status, format!("{start}<Contents>{objects}</Contents>{end}"))
    };
    Fault::rewrite(other).matching(move |request| is_listing(request) && is_wanted(request))
}

#[test]
fn a_listing_in_another_order_is_read_page_by_page() {
    let url = bucket((0..4_000).map(name));
    let proxy = ContractProxy::start(&url).unwrap();
    proxy.faults().add(in_order(|objects| objects.swap(0, 1), |_| true).always());
    publish(&runner(&proxy.url(), 0..1));
    assert_eq!(counts(&url)["ListObjectsV2"], 4);
}

#[test]
fn what_comes_behind_another_part_is_astray() {
    let url = bucket((0..2_000).map(name));
    let proxy = ContractProxy::start(&url).unwrap();
    let is_first = |request: &Request| request.query_value("start-after").is_none();
    proxy.faults().add(in_order(|objects| objects.rotate_right(1), is_first));
    publish(&runner(&proxy.url(), 0..2_000));
    // The other parts may be given up before they are asked for.
    let listings = proxy.requests().into_iter().filter(is_listing);
    assert_eq!(listings.filter(is_first).count(), 1 + 2);
}

#[test]
fn an_endpoint_that_knows_no_start_is_read_page_by_page() {
    for (status, code) in [(501, "NotImplemented"), (400, "InvalidArgument")] {
        let url = bucket((0..2_000).map(name));
        let proxy = ContractProxy::start(&url).unwrap();
        let refused =
            Reply::xml(status, format!("<Error><Code>{code}</Code><Message>no start-after</Message></Error>"));
        let starts = |request: &Request| request.query_value("start-after").is_some();
        proxy.faults().add(Fault::reply(refused).matching(starts).always());
        publish(&runner(&proxy.url(), 0..2_000));
        let (with, without): (Vec<Request>, Vec<Request>) =
            proxy.requests().into_iter().filter(is_listing).partition(starts);
        // The part that begins at the start may be given up before it is asked for.
        assert!(!with.is_empty() && (2..=3).contains(&without.len()), "{code} {} {}", with.len(), without.len());
    }
}

#[test]
fn five_thousand_deletes_are_five_requests() {
    let url = bucket((0..6_000).map(name));
    publish(
        &runner(&url, 0..1_000)
            .input("delete", "true")
            .input("delete-scope", "all")
            .input("keep-releases", "0")
            .input("allow-whole-bucket", "true")
            .input("max-delete", "5000"),
    );
    assert_eq!(counts(&url)["DeleteObjects"], 5);
}
