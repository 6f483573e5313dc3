//! A real browser loads the example frontend from the emulated bucket: before, during and after a publication.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use testkit::browser::Browser;
use testkit::fault::{Fault, Gate};

use crate::site::{Site, raw};

/// The bucket's folder `site` as a distribution shows it: `/` is the start page. It ends with this process.
struct Shown {
    url: String,
    /// What was asked for and not answered with 200.
    missed: Arc<Mutex<Vec<String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shown {
    fn start(bucket: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (missed, asked) = (Arc::default(), Arc::default());
        let shown = Self { url, missed: Arc::clone(&missed), asked: Arc::clone(&asked) };
        let bucket = bucket.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (bucket, missed, asked) = (bucket.clone(), Arc::clone(&missed), Arc::clone(&asked));
                std::thread::spawn(move || answer(&stream, &bucket, &missed, &asked));
            }
        });
        shown
    }
}

fn answer(mut stream: &TcpStream, bucket: &str, missed: &Mutex<Vec<String>>, asked: &Mutex<Vec<String>>) {
    let mut line = String::new();
    let mut reader = BufReader::new(stream);
    if reader.read_line(&mut line).is_err() {
        return;
    }
    let Some(path) = line.split_whitespace().nth(1).map(str::to_owned) else { return };
    while reader.read_line(&mut line).is_ok_and(|length| length > 2) {}
    let name = if path == "/" { "/index.html" } else { path.as_str() };
    let object = raw("GET", &format!("/{bucket}/site{name}"), b"");
    asked.lock().unwrap().push(name.to_owned());
    if object.status != 200 {
        missed.lock().unwrap().push(format!("{name}: {}", object.status));
    }
    let kind = object.header("content-type").unwrap_or("text/plain");
    let head = format!(
        "HTTP/1.1 {} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        object.status,
        object.body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&object.body));
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Builds the example with another version and another script.
fn build(site: &Site, version: &str) {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/frontend");
    let sources = site.runner.workspace().join("example");
    for folder in ["", "src"] {
        std::fs::create_dir_all(sources.join(folder)).unwrap();
        for entry in std::fs::read_dir(example.join(folder)).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            std::fs::copy(entry.path(), sources.join(folder).join(entry.file_name())).unwrap();
        }
    }
    let package = sources.join("package.json");
    let text = std::fs::read_to_string(&package).unwrap();
    std::fs::write(&package, text.replace("\"version\": \"1.0.0\"", &format!("\"version\": \"{version}\""))).unwrap();
    let script = sources.join("src/app.js");
    let text = std::fs::read_to_string(&script).unwrap();
    std::fs::write(&script, format!("{text}\n// {version}\n")).unwrap();
    let _ = std::fs::remove_dir_all(site.source());
    let built = Command::new("node").arg("build.mjs").arg(site.source()).current_dir(&sources).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

#[test]
fn a_browser_sees_a_whole_site_before_during_and_after_a_publication() {
    let (Some(browser), true) = (Browser::find(), is_there("node")) else {
        eprintln!("SKIPPED a browser loads the example: Chromium or Node.js is not installed");
        return;
    };
    let site = Site::new().input("delete", "true");
    build(&site, "1.0.0");
    site.run().assert_code(0);
    let shown = Shown::start(&site.bucket);
    let before = browser.load(site.runner.workspace(), &shown.url);
    assert!(before.contains("<strong id=\"version\">1.0.0</strong>"), "{before}");
    assert!(before.contains("Version 1.0.0 is the newest release."), "{before}");

    build(&site, "2.0.0");
    // The assets are there, the page is on its way.
    let gate = Gate::default();
    site.proxy.faults().add(Fault::gate(&gate).on("PUT", "*/site/index.html"));
    let run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
    gate.wait_for(1);
    let during = browser.load(site.runner.workspace(), &shown.url);
    gate.open();
    assert!(during.contains("<strong id=\"version\">1.0.0</strong>"), "{during}");
    assert!(during.contains("data-state=\"outdated\"") || during.contains("data-state=\"current\""), "{during}");
    run.finish().assert_code(0);

    let after = browser.load(site.runner.workspace(), &shown.url);
    assert!(after.contains("<strong id=\"version\">2.0.0</strong>"), "{after}");
    assert!(after.contains("Version 2.0.0 is the newest release."), "{after}");
    assert_eq!(*shown.missed.lock().unwrap(), Vec::<String>::new());
    let asked = shown.asked.lock().unwrap();
    for (part, least) in [("/assets/app.", 3), ("/assets/style.", 3), ("/version.json", 3)] {
        assert!(asked.iter().filter(|name| name.starts_with(part)).count() >= least, "{part} of {asked:?}");
    }
}
