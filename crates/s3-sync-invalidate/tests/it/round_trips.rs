//! Names arrive as they are, whatever they are made of.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::OnceLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use testkit::FakeRunner;
use testkit::http::send;

/// One server for all cases; it ends with this process.
fn server() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || s3_stand_in::serve(listener));
        url
    })
}

/// Where the file `name` is.
fn address(name: &str) -> String {
    let key = utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().replace("%2F", "/");
    format!("{}/site/x/{key}", server())
}

/// Names with what URLs, XML, shells and file systems give a meaning to; letters with marks in both spellings, case twins.
fn name() -> impl Strategy<Value = String> {
    let part = "([aA][ +%#?~&<>\"'=;,@!$()*\\[\\]{}^`|]{0,3}|é|e\u{301}|日本|😀|%2F|%25|\\+|~|x\\.css|X\\.css|\\.\\.\\.|a\u{2028}b)";
    (part, prop::option::of(part)).prop_map(|(first, second)| match second {
        Some(second) => format!("{first}/{second}"),
        None => first,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_name_goes_there_is_found_again_and_goes_away(names in prop::collection::btree_set(name(), 1..8)) {
        // A file cannot be a folder too.
        let names: BTreeSet<String> =
            names.iter().filter(|name| !names.contains(name.split('/').next().unwrap()) || !name.contains('/')).cloned().collect();
        let url = server();
        let reset = format!("{url}/-/reset");
        prop_assert!(send("POST", &reset, &[], b"").unwrap().is_success());
        let runner = FakeRunner::new()
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-nobody")
            .input("source", "dist")
            .input("bucket", "site")
            .input("prefix", "x")
            .input("delete", "true")
            .input("keep-releases", "0")
            .input("allow-empty-source", "true");
        for (number, name) in names.iter().enumerate() {
            let file = runner.workspace().join("dist").join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            // Every third one is empty.
            std::fs::write(file, if number % 3 == 0 { String::new() } else { name.clone() }).unwrap();
        }
        let told = |output: &str| {
            let out = runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
            out.assert_code(0).outputs[output].clone()
        };
        prop_assert_eq!(told("uploaded"), names.len().to_string());
        for (number, name) in names.iter().enumerate() {
            let object = send("GET", &address(name), &[], b"").unwrap();
            prop_assert!(object.is_success(), "{} {}", name, object.status);
            prop_assert_eq!(object.to_text(), if number % 3 == 0 { String::new() } else { name.clone() });
        }
        prop_assert_eq!(told("changed"), "false");
        std::fs::remove_dir_all(runner.workspace().join("dist")).unwrap();
        std::fs::create_dir(runner.workspace().join("dist")).unwrap();
        prop_assert_eq!(told("deleted"), names.len().to_string());
        for name in &names {
            prop_assert_eq!(send("GET", &address(name), &[], b"").unwrap().status, 404);
        }
    }
}
