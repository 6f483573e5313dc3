//! What is asked of the stand-in itself, below `/-/`; no bucket can have that name.
//!
//! - `POST /-/reset?latency-ms=30`: holds only what the body lists, a line each, and counts anew. `KEY<tab>SIZE<tab>ETAG` is one
//!   object, a day old; `*COUNT<tab>PREFIX` is so many objects of one size below a prefix. Keys begin with their bucket.
//! - `POST /-/count-anew`: counts anew and holds what it held.
//! - `GET /-/state`: what was counted, `NAME VALUE` a line: `cpu-ns` of its own since it started, `connections` opened, `expects`
//!   (requests that waited for `100 Continue`), `received` bytes of bodies, and every operation that was asked for.
//! - `GET /-/objects`: `KEY<tab>SIZE<tab>ETAG` a line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::answer::Answer;
use crate::object::{Object, Tag, now};
use crate::operation::Operation;
use crate::request::Head;
use crate::store::Store;

/// The name of the bucket that is none.
pub(crate) const NAME: &str = "-";

/// How old what is preloaded is, in seconds.
const AGE: i64 = 24 * 60 * 60;

/// The stand-in: what it holds, what it counted, and how long its answers take.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) latency: Duration,
    pub(crate) counts: Counts,
}

/// What was counted since the last reset.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) operations: BTreeMap<Operation, u64>,
    pub(crate) connections: u64,
    pub(crate) expects: u64,
    pub(crate) received: u64,
}

impl State {
    /// Answers what is asked of the stand-in itself.
    pub(crate) fn control(&mut self, head: &Head, body: &[u8]) -> Answer {
        match (head.method.as_str(), head.names().1) {
            ("POST", Some("reset")) => {
                let latency = head.query("latency-ms").and_then(|number| number.parse().ok()).unwrap_or(0);
                self.reset(Duration::from_millis(latency), body)
            }
            ("POST", Some("count-anew")) => {
                self.counts = Counts::default();
                Answer::empty(204)
            }
            ("GET", Some("state")) => Answer::text(self.counts.lines()),
            ("GET", Some("objects")) => Answer::text(self.objects()),
            _ => Answer::error(404, "NoSuchKey"),
        }
    }

    fn reset(&mut self, latency: Duration, body: &[u8]) -> Answer {
        let Some(objects) = std::str::from_utf8(body).ok().and_then(preloaded) else {
            return Answer::error(400, "InvalidArgument");
        };
        *self = Self { store: Store { objects, ..Store::default() }, latency, counts: Counts::default() };
        Answer::empty(204)
    }

    fn objects(&self) -> String {
        let lines = self.store.objects.iter().map(|(key, object)| format!("{key}\t{}\t{}\n", object.size, object.tag));
        lines.collect()
    }
}

impl Counts {
    fn lines(&self) -> String {
        let Self { operations, connections, expects, received } = self;
        let mut text =
            format!("cpu-ns {}\nconnections {connections}\nexpects {expects}\nreceived {received}\n", processor_time());
        for (operation, count) in operations {
            text.push_str(&format!("{operation:?} {count}\n"));
        }
        text
    }
}

fn preloaded(text: &str) -> Option<BTreeMap<String, Object>> {
    let modified = now() - AGE;
    let mut objects = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let first = fields.next()?;
        if let Some(count) = first.strip_prefix('*') {
            objects.append(&mut generated(count.parse().ok()?, fields.next()?, modified));
        } else {
            let (size, tag) = (fields.next()?.parse().ok()?, Tag::parse(fields.next()?)?);
            objects.insert(first.to_owned(), Object { size, tag, modified, body: None, headers: None });
        }
    }
    Some(objects)
}

/// So many objects in a thousand folders.
fn generated(count: u32, prefix: &str, modified: i64) -> BTreeMap<String, Object> {
    let object = |number: u32| {
        let key = format!("{prefix}{:03}/chunk-{number:07}.5f3a9c1e.js", number % 1000);
        (
            key,
            Object {
                size: 10_240,
                tag: Tag { digest: u128::from(number).to_be_bytes(), parts: 0 },
                modified,
                body: None,
                headers: None,
            },
        )
    };
    // In the order of the keys, which a map is made from at once.
    (0..1000).flat_map(|folder| (folder..count).step_by(1000)).map(object).collect()
}

/// The processor time of the serving thread in nanoseconds; zero where the system does not tell.
fn processor_time() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
