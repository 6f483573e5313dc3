//! Every fault at every call of an upload in parts.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]

use std::net::TcpListener;

use testkit::http::send;
use testkit::matrix::{self, Class, Facts, Failure, Kind, Named, Scenario, Stage};

const BUCKET: &str = "site";

/// The calls of this table; the others have their cells in the table of the publication.
const CALLS: [&str; 3] = ["s3:CreateMultipartUpload", "s3:UploadPart", "s3:CompleteMultipartUpload"];

/// A new site with one file that goes in parts.
struct LargeFile;

struct Place {
    url: String,
    stage: Stage,
}

impl Scenario for LargeFile {
    type World = Place;

    fn action(&self) -> &'static str {
        "s3-sync-invalidate"
    }

    fn name(&self) -> &'static str {
        "s3-sync-invalidate-large"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_s3-sync-invalidate")
    }

    fn world(&self, _: usize) -> Place {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        std::thread::spawn(move || s3_stand_in::serve(listener));
        let variables = [("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let stage = Stage::aws(&url, variables.into()).with(|runner| {
            runner
                .input("source", "dist")
                .input("bucket", BUCKET)
                .input("manifest", "none")
                .file("dist/large.bin", "x".repeat(16 * 1024 * 1024))
                .file("dist/index.html", "<html>")
        });
        Place { url, stage }
    }

    /// The server keeps no metadata, by which a second run would know the file.
    fn repeats(&self) -> bool {
        true
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "s3:ListObjectsV2" | "s3:HeadObject" => Class::Read,
            "s3:AbortMultipartUpload" => Class::Tidy,
            "s3:PutObject" => Class::IdempotentWrite,
            call if CALLS.contains(&call) => Class::IdempotentWrite,
            _ => return None,
        })
    }

    /// One part is as another.
    fn covers(&self, call: &Named, nth: usize, _: Class) -> bool {
        CALLS.contains(&call.operation.as_str()) && nth == 1
    }

    /// Only the first call is waited for: parts are given up, and what is done is told.
    fn told_of(&self, call: &Named, _: usize, class: Class, kind: Kind, failure: Failure) -> Failure {
        match class {
            Class::IdempotentWrite if kind == Kind::Abandoned && call.operation == CALLS[0] => failure,
            Class::IdempotentWrite => Failure { code: "s3-sync-invalidate/incomplete".to_owned(), ..failure },
            _ => failure,
        }
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let told = send("GET", &format!("{}/-/objects", self.url), &[], b"").expect("an answer").to_text();
        told.lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(key, rest)| (key.to_owned(), rest.to_owned()))
            .collect()
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let is_early = now.contains_key("site/index.html") && !now.contains_key("site/large.bin");
        is_early.then(|| "the page is there before the large file".to_owned()).into_iter().collect()
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.url, "URL")
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&LargeFile);
}
