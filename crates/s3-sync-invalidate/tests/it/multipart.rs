//! Large files: they arrive in parts, whole or not at all.

use testkit::fault::{Fault, Gate};
use testkit::http::{Reply, Request};
use testkit::{FakeAws, FakeRunner};

use crate::garbled::{GARBLED, garbled};
use crate::site::Site;

/// The CRC64NVME of the large file, by an implementation of a few lines of Python.
const SUM: &str = "uMJkCHg+SQc=";

const MIB: usize = 1024 * 1024;

/// A page and a large file that is no repetition of itself. The emulator would take seconds for a sum of CRC64NVME, so it keeps to
/// itself that it knows them.
fn site() -> Site {
    let site = Site::new();
    let bare = |_: &Request, reply: Reply| Reply::xml(reply.status, reply.body);
    site.proxy
        .faults()
        .add(Fault::rewrite(bare).on("POST", "*").matching(|request| query(request) == "uploads").always());
    site.write("large.bin", content(0));
    site.write("index.html", "<html>one");
    site
}

fn content(seed: usize) -> Vec<u8> {
    (0..17 * MIB + 5).map(|at| u8::try_from((at / 4096 + at + seed) % 251).unwrap()).collect()
}

fn query(request: &Request) -> &str {
    request.query.as_deref().unwrap_or_default()
}

fn is_part(request: &Request) -> bool {
    query(request).contains("partNumber=")
}

fn is_completion(request: &Request) -> bool {
    request.method == "POST" && query(request).contains("uploadId=")
}

fn aborts(site: &Site) -> usize {
    let is_abort = |request: &&Request| request.method == "DELETE" && query(request).contains("uploadId=");
    site.requests().iter().filter(is_abort).count()
}

fn is_published(site: &Site) -> bool {
    site.keys().iter().any(|key| key == "site/large.bin")
}

fn error(status: u16, code: &str) -> Reply {
    Reply::xml(status, format!("<Error><Code>{code}</Code><Message>why</Message></Error>"))
}

#[test]
fn a_large_file_arrives_in_parts_and_is_compared_by_its_metadata() {
    let site = site();
    site.run().assert_code(0);
    let parts = site.requests().iter().filter(|request| is_part(request)).count();
    assert_eq!(parts, 3);
    let object = site.get("site/large.bin");
    assert!(object.body == content(0), "the content is another one");
    assert_eq!(object.header("cache-control"), Some("public, max-age=300"));
    assert!(object.header("etag").unwrap().ends_with("-3\""), "{:?}", object.header("etag"));
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["unchanged"], "2");
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn where_the_sum_is_known_it_goes_with_each_part_and_with_the_whole() {
    let aws = FakeAws::start_lenient().unwrap();
    let created = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>large.bin</Key><UploadId>u+/=1</UploadId></InitiateMultipartUploadResult>";
    let created = Reply::xml(200, created)
        .with_header("x-amz-checksum-algorithm", "CRC64NVME")
        .with_header("x-amz-checksum-type", "FULL_OBJECT");
    let listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let end = "<CompleteMultipartUploadResult><ETag>&quot;abc-3&quot;</ETag></CompleteMultipartUploadResult>";
    aws.on_rest("GET", "/site*").raw(Reply::xml(200, listing));
    aws.on_rest("POST", "/site/large.bin").raw(created).raw(Reply::xml(200, end));
    aws.on_rest("PUT", "/site/large.bin").raw(Reply::xml(200, "").with_header("etag", "\"abc\""));
    let runner =
        FakeRunner::new().envs(aws.env()).input("source", "dist").input("bucket", "site").input("manifest", "none");
    std::fs::create_dir(runner.workspace().join("dist")).unwrap();
    std::fs::write(runner.workspace().join("dist/large.bin"), content(0)).unwrap();
    runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
    let requests = aws.requests();
    let sum = |request: &Request| request.header("x-amz-checksum-crc64nvme").map(str::to_owned);
    let parts: Vec<_> = requests.iter().filter(|request| is_part(request)).collect();
    assert!(parts.iter().all(|part| sum(part).is_some() && part.header("content-md5").is_none()), "{parts:#?}");
    assert!(parts.iter().all(|part| query(part).ends_with("&uploadId=u%2B%2F%3D1")), "{parts:#?}");
    let end = requests.iter().find(|request| is_completion(request)).unwrap();
    assert_eq!(end.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    // Of all the bytes, by another implementation.
    assert_eq!(sum(end).as_deref(), Some(SUM));
    assert_eq!(end.text().matches("<ChecksumCRC64NVME>").count(), 3);
}

#[test]
fn what_does_not_get_up_is_aborted_and_the_pages_wait() {
    for (status, code, says) in [(400, "InvalidRequest", "s3:UploadPart"), (403, "AccessDenied", "s3:PutObject")] {
        let site = site();
        site.proxy.faults().add(Fault::reply(error(status, code)).on("PUT", "*").matching(is_part).nth(2));
        let out = site.run();
        out.assert_code(1);
        assert!(out.stderr.contains(says), "{}", out.stderr);
        assert_eq!((aborts(&site), is_published(&site)), (1, false));
        assert!(!site.keys().contains(&"site/index.html".to_owned()));
        site.run().assert_code(0);
        assert!(is_published(&site));
    }
}

#[test]
fn an_error_in_the_body_of_a_success_is_an_error() {
    let site = site();
    let odd = error(200, "InternalError");
    site.proxy.faults().add(Fault::reply(odd).on("POST", "*").matching(is_completion));
    site.run().assert_code(0);
    assert!(is_published(&site));

    let site = self::site();
    site.proxy.faults().add(Fault::reply(error(200, "InvalidPart")).on("POST", "*").matching(is_completion));
    let out = site.run();
    out.assert_code(1);
    assert!(out.stderr.contains("s3:CompleteMultipartUpload answered InvalidPart: why"), "{}", out.stderr);
    assert_eq!((aborts(&site), is_published(&site)), (1, false));
}

#[test]
fn a_completion_whose_answer_is_lost_was_a_success() {
    let site = site();
    site.proxy.faults().add(Fault::lose().on("POST", "*").matching(is_completion));
    site.run().assert_code(0);
    assert_eq!((aborts(&site), is_published(&site)), (0, true));
}

#[test]
fn a_completion_that_nobody_confirms_is_not_done() {
    for body in GARBLED {
        let site = site();
        site.proxy.faults().add(garbled(body).matching(is_completion));
        let out = site.run();
        out.assert_code(1);
        for part in ["s3:CompleteMultipartUpload", "the answer names no ETag"] {
            assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
        }
        assert_eq!((aborts(&site), is_published(&site)), (1, false));
    }
}

#[test]
fn a_completion_whose_answer_is_garbled_was_a_success() {
    let site = site();
    let garble = |_: &Request, _| Reply::xml(200, GARBLED[1]);
    site.proxy.faults().add(Fault::rewrite(garble).matching(is_completion));
    site.run().assert_code(0);
    assert_eq!((aborts(&site), is_published(&site)), (0, true));
}

#[test]
fn a_part_without_an_etag_is_none() {
    let site = site();
    site.proxy.faults().add(garbled("").matching(is_part));
    let out = site.run();
    out.assert_code(1);
    assert!(out.stderr.contains("s3:UploadPart"), "{}", out.stderr);
    assert_eq!((aborts(&site), is_published(&site)), (1, false));
}

/// The large file with an `ETag` that says nothing of its parts, as with a key of KMS.
fn hide_etag(site: &Site) {
    let odd = |_: &Request, mut reply: Reply| {
        reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("etag"));
        reply.with_header("etag", "\"0123456789abcdef0123456789abcdef-3\"")
    };
    site.proxy.faults().add(Fault::rewrite(odd).on("HEAD", "*/large.bin").always());
}

#[test]
fn a_completion_whose_answer_is_lost_was_a_success_whatever_the_etag_is() {
    let site = site();
    site.proxy.faults().add(Fault::lose().on("POST", "*").matching(is_completion));
    hide_etag(&site);
    site.run().assert_code(0);
    assert_eq!((aborts(&site), is_published(&site)), (0, true));
}

#[test]
fn the_object_that_was_there_before_is_not_taken_for_a_completed_one() {
    let site = site();
    site.run().assert_code(0);
    // Somebody removes the parts of the same content with other headers.
    site.proxy.faults().add(Fault::reply(error(404, "NoSuchUpload")).on("POST", "*").matching(is_completion).always());
    let out = site.run_with(&["--cache-control=/large.bin: private"]);
    out.assert_code(1);
    assert!(out.stderr.contains("s3:CompleteMultipartUpload answered NoSuchUpload"), "{}", out.stderr);
    assert_eq!(site.get("site/large.bin").header("cache-control"), Some("public, max-age=300"));
}

#[test]
fn a_cancelled_run_aborts_what_is_under_way() {
    for is_interrupted in [true, false] {
        let (site, gate) = (site(), Gate::default());
        site.proxy.faults().add(Fault::gate(&gate).on("PUT", "*").matching(is_part).always());
        let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
        gate.wait_for(1);
        if is_interrupted {
            run.interrupt();
        } else {
            run.terminate();
        }
        let out = run.finish();
        out.assert_code(130);
        assert!(out.stderr.contains("not done:"), "{}", out.stderr);
        assert_eq!((aborts(&site), is_published(&site)), (1, false));
    }
}

#[test]
fn a_failure_beside_it_gives_a_large_file_up() {
    let site = site();
    site.write("bad.css", "x");
    // Both begin before either can fail.
    site.proxy.faults().add(Fault::gate(&Gate::default()).on("PUT", "*").matching(is_part).always());
    site.proxy.faults().add(Fault::reply(error(403, "AccessDenied")).on("PUT", "*/bad.css"));
    let out = site.run();
    out.assert_code(1);
    assert!(out.stderr.contains("bad.css"), "{}", out.stderr);
    assert_eq!((aborts(&site), is_published(&site)), (1, false));
}

#[test]
fn a_large_file_that_changes_on_its_way_is_refused() {
    let (site, gate) = (site(), Gate::default());
    let other = content(1);
    site.proxy.faults().add(Fault::gate(&gate).on("POST", "*/large.bin"));
    let run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
    gate.wait_for(1);
    site.write("large.bin", other);
    gate.open();
    let out = run.finish();
    out.assert_code(1);
    assert!(out.stderr.contains("`large.bin` changed or vanished while it was published"), "{}", out.stderr);
    assert_eq!((aborts(&site), is_published(&site)), (1, false));
}

#[test]
fn a_storm_of_refusals_ends_with_everything_up() {
    let site = Site::new();
    for number in 0..200 {
        site.write(&format!("{number:03}.css"), "x");
    }
    site.proxy.faults().add(Fault::reply(error(503, "SlowDown")).on("PUT", "*.css").times(150));
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["uploaded"], "200");
    let tries =
        site.requests().iter().filter(|request| request.method == "PUT" && request.path.contains(".css")).count();
    assert_eq!(tries, 350);
}
