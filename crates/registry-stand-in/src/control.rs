//! What is asked of the stand-in itself, below `/-/`.
//!
//! - `POST /-/reset?latency-ms=30&hash=true`: holds nothing and counts anew. With `hash` every blob is hashed as it comes, and
//!   refused where it has another digest.
//! - `POST /-/count-anew?latency-ms=30`: counts anew and holds what it held.
//! - `GET /-/state`: what was counted, `NAME VALUE` a line: `cpu-ns` of its own since it started, `connections` opened, `received`
//!   bytes of bodies, and requests by method and what they were about.
//! - `GET /-/tags`: `REPOSITORY:TAG DIGEST` a line.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::answer::Answer;
use crate::head::Head;
use crate::store::Store;

/// Where the paths begin that are the stand-in's own.
pub(crate) const PREFIX: &str = "/-/";

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
    pub(crate) requests: BTreeMap<String, u64>,
    pub(crate) connections: u64,
    pub(crate) received: u64,
}

impl State {
    /// Answers what is asked of the stand-in itself.
    pub(crate) fn control(&mut self, head: &Head) -> Answer {
        let latency = head.query("latency-ms").and_then(|number| number.parse().ok()).map(Duration::from_millis);
        match (head.method.as_str(), head.path.as_str()) {
            ("POST", "/-/reset") => {
                let store = Store { hashes: head.query("hash") == Some("true"), ..Store::default() };
                *self = Self { store, latency: latency.unwrap_or_default(), counts: Counts::default() };
                Answer::new(204)
            }
            ("POST", "/-/count-anew") => {
                self.counts = Counts::default();
                self.latency = latency.unwrap_or(self.latency);
                Answer::new(204)
            }
            ("GET", "/-/state") => Answer::new(200).with_body(self.counts.lines().as_bytes()),
            ("GET", "/-/tags") => Answer::new(200).with_body(self.tags().as_bytes()),
            _ => Answer::refusal(404, "UNSUPPORTED"),
        }
    }

    fn tags(&self) -> String {
        let repositories = self.store.repositories.iter();
        let lines = repositories.flat_map(|(name, repository)| {
            repository.tags.iter().map(move |(tag, digest)| format!("{name}:{tag} {digest}\n"))
        });
        lines.collect()
    }
}

impl Counts {
    fn lines(&self) -> String {
        let Self { requests, connections, received } = self;
        let mut text = format!("cpu-ns {}\nconnections {connections}\nreceived {received}\n", processor_time());
        for (name, count) in requests {
            text.push_str(&format!("{name} {count}\n"));
        }
        text
    }
}

/// The processor time of the serving thread in nanoseconds; zero where the system does not tell.
fn processor_time() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
