//! The stand-in as a process, built for speed, and what it counted.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::{Program, cargo, target_folder};

/// The running stand-in; it ends with this process, or when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    url: String,
}

/// What the stand-in counted since it was reset.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    /// Its processor time, in seconds.
    pub(crate) processor: f64,
    pub(crate) connections: u64,
    /// Requests that waited for `100 Continue`.
    pub(crate) expects: u64,
    /// Requests by the name of their operation.
    pub(crate) operations: BTreeMap<String, u64>,
}

impl Server {
    /// Builds and starts the stand-in of this name.
    pub(crate) fn start(name: &str) -> Result<Self, String> {
        let build = Program::new(cargo()).args(["build", "--quiet", "--release", "--locked", "--package", name]);
        if build.status()? != 0 {
            return Err(format!("{name} does not build"));
        }
        let program = target_folder().join("release").join(name);
        let started = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{}: {error}", program.display()))?;
        let mut url = String::new();
        let out = child.stdout.take().ok_or("the stand-in has no output")?;
        BufReader::new(out).read_line(&mut url).map_err(|error| format!("the stand-in says nothing: {error}"))?;
        Ok(Self { child, url: url.trim().to_owned() })
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Lets it hold what `preload` lists and answer so much later, in milliseconds; it counts anew.
    pub(crate) fn reset(&self, latency: u32, preload: &str) -> Result<(), String> {
        self.ask("POST", &format!("/-/reset?latency-ms={latency}"), preload).map(drop)
    }

    /// What was counted since the last reset; the processor time since the start.
    pub(crate) fn counts(&self) -> Result<Counts, String> {
        Ok(Counts::parse(&self.ask("GET", "/-/state", "")?))
    }

    /// Lets it count anew; it holds what it held.
    pub(crate) fn count_anew(&self) -> Result<(), String> {
        self.ask("POST", "/-/count-anew", "").map(drop)
    }

    /// Every key, `KEY<tab>SIZE<tab>ETAG` a line.
    pub(crate) fn objects(&self) -> Result<String, String> {
        self.ask("GET", "/-/objects", "")
    }

    /// Asks the stand-in itself for something.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, String> {
        let answer = testkit::http::send(method, &format!("{}{path}", self.url), &[], body.as_bytes());
        let answer = answer.map_err(|error| format!("the stand-in does not answer: {error}"))?;
        if answer.is_success() {
            Ok(answer.to_text())
        } else {
            Err(format!("the stand-in refuses: {}", answer.to_text()))
        }
    }
}

impl Counts {
    fn parse(text: &str) -> Self {
        let mut counts = Self::default();
        for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            let value: u64 = value.parse().unwrap_or(0);
            match name {
                "cpu-ns" => counts.processor = std::time::Duration::from_nanos(value).as_secs_f64(),
                "connections" => counts.connections = value,
                "expects" => counts.expects = value,
                "received" => {}
                operation => {
                    counts.operations.insert(operation.to_owned(), value);
                }
            }
        }
        counts
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> u64 {
        self.operations.values().sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn reads_what_was_counted() {
        let counts =
            Counts::parse("cpu-ns 1500000000\nconnections 2\nexpects 1\nreceived 9\nPutObject 3\nListObjects 4\n");
        assert!((counts.processor - 1.5).abs() < 1e-9);
        assert_eq!((counts.connections, counts.expects, counts.requests()), (2, 1, 7));
        assert_eq!(counts.operations["PutObject"], 3);
    }
}
