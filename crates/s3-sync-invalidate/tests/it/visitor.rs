//! A visitor who looks after every request of a publication never meets a page whose assets are missing.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::site::{Site, between, raw};

/// What all scripts have in their names, before the number of their release.
const HASH: &str = ".45d844a759a9e98";

const PAGES: [&str; 3] = ["index.html", "docs/index.html", "about.html"];

/// The release's name for a script; a release has its own content under its own name.
fn script(name: &str, release: usize) -> String {
    format!("{name}{HASH}{release}.js")
}

fn write(site: &Site, release: usize) {
    for name in ["app", "part", "chunk"] {
        site.write(&script(name, release), format!("{name} of {release}"));
        if release > 0 {
            site.remove(&script(name, release - 1));
        }
    }
    site.write("site.css", format!("style of {release}"));
    for page in PAGES {
        let scripts: Vec<String> =
            ["app", "part", "chunk"].map(|name| format!("<script src=\"/{}\">", script(name, release))).to_vec();
        site.write(page, format!("<html>{release}<link href=\"/site.css\">{}", scripts.concat()));
    }
}

/// What visitors met, and what they still have open.
#[derive(Default)]
struct Visits {
    /// The scripts of open pages, each with its release.
    open: BTreeSet<(usize, String)>,
    looks: usize,
    broken: Vec<String>,
}

impl Visits {
    /// Opens every page, loads what it names, and loads again what open pages of this release and of the one before name.
    fn look(&mut self, bucket: &str, publication: usize) {
        self.looks += 1;
        for page in PAGES {
            let answer = raw("GET", &format!("/{bucket}/site/{page}"), b"");
            if !answer.is_success() {
                continue;
            }
            let text = answer.to_text();
            for name in between(&text, "src=\"/", "\"").into_iter().chain(between(&text, "href=\"/", "\"")) {
                self.load(bucket, &name, page);
                let release = name.split_once(HASH).and_then(|(_, rest)| rest.strip_suffix(".js")?.parse().ok());
                self.open.extend(release.map(|release| (release, name)));
            }
        }
        let old: Vec<String> =
            self.open.iter().filter(|(release, _)| release + 1 >= publication).map(|(_, name)| name.clone()).collect();
        for name in old {
            self.load(bucket, &name, "a page that is open");
        }
    }

    fn load(&mut self, bucket: &str, name: &str, page: &str) {
        let answer = raw("GET", &format!("/{bucket}/site/{name}"), b"");
        let (start, release) = name.split_once(HASH).unwrap_or((name, ""));
        let expected = release.strip_suffix(".js").map(|release| format!("{start} of {release}"));
        let is_right = answer.is_success() && expected.is_none_or(|expected| answer.to_text() == expected);
        if !is_right {
            self.broken.push(format!("{page} names {name}, which is {}", answer.status));
        }
    }
}

#[test]
fn no_page_is_ever_without_its_assets() {
    let site = Site::new().input("delete", "true");
    let visits = Arc::new(Mutex::new(Visits::default()));
    for release in 0..4 {
        write(&site, release);
        site.proxy.faults().clear();
        let (bucket, visits) = (site.bucket.clone(), Arc::clone(&visits));
        let after_each = move |_: &Request, reply: Reply| {
            visits.lock().unwrap().look(&bucket, release);
            reply
        };
        site.proxy.faults().add(Fault::rewrite(after_each).always());
        site.run().assert_code(0);
    }
    let visits = visits.lock().unwrap();
    assert!(visits.looks > 40, "{}", visits.looks);
    assert_eq!(visits.broken, Vec::<String>::new());
    let gone: Vec<String> =
        site.keys().into_iter().filter(|key| key.contains("9e980") || key.contains("9e981")).collect();
    assert_eq!(gone, Vec::<String>::new(), "what nobody can have open is not kept");
}
