//! Everybody in turn, several times: a busy moment of the machine hits all alike.

use super::image::Images;
use super::peer::{Field, OURS, repository, tag};
use super::scenario::{Before, Scenario};
use crate::bench::s3::peer::Contender;
use crate::bench::s3::rounds::{Outcome, failure};
use crate::bench::s3::run::{Cost, timed};
use crate::bench::s3::server::Server;
use crate::bench::statistics::median;
use crate::report::line;

/// A scenario's outcomes at one latency.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) scenario: Scenario,
    pub(crate) latency: u32,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Measured {
    /// Its name, for goals and titles.
    pub(crate) fn name(&self) -> String {
        format!("{} {} ms", self.scenario.name, self.latency)
    }

    /// The stand-in's processor time as a part of the best client's, both in the client's runs. What is known of docker is its
    /// client's alone.
    pub(crate) fn server_share(&self) -> Option<f64> {
        let is_whole = |outcome: &&Outcome| outcome.peer != "docker" && !outcome.served.is_empty();
        let right = self.outcomes.iter().filter(|outcome| outcome.is_right()).filter(is_whole);
        let best = right.min_by(|a, b| a.median(Cost::processor).total_cmp(&b.median(Cost::processor)))?;
        Some(median(&best.served) / best.median(Cost::processor))
    }
}

/// Measures a scenario. In the first round, which does not count, the stand-in hashes what it is sent.
pub(crate) fn measure(
    scenario: &Scenario,
    latency: u32,
    field: &Field,
    server: &Server,
    runs: usize,
    images: &Images,
) -> Result<Measured, String> {
    let log = images.folder.with_extension("log");
    let contenders = match scenario.measured() {
        Some(number) => field.pushing(scenario, &images.folder, number),
        None => field.pushing_all(scenario, &images.folder),
    };
    let firsts = field.pushing(scenario, &images.folder, 0);
    let mut outcomes: Vec<_> = contenders.iter().map(Outcome::new).collect();
    for round in 0..=runs {
        for (contender, outcome) in contenders.iter().zip(&mut outcomes) {
            if outcome.failure.is_some() {
                continue;
            }
            server.ask("POST", &format!("/-/reset?latency-ms=0&hash={}", round == 0), "")?;
            if scenario.before == Before::First {
                let first = firsts.iter().find(|first| first.peer == contender.peer);
                let cost = timed(first.unwrap_or(contender), &log)?;
                if cost.code != 0 {
                    outcome.failure = Some(failure(cost, &log));
                    continue;
                }
            }
            server.ask("POST", &format!("/-/count-anew?latency-ms={latency}"), "")?;
            let before = server.counts()?.processor;
            let cost = timed(contender, &log)?;
            let counts = server.counts()?;
            if cost.code != 0 {
                outcome.failure = Some(failure(cost, &log));
                line(&format!("{}, {}: {}", scenario.name, outcome.name, failure(cost, &log)));
            }
            let tags = server.ask("GET", "/-/tags", "")?;
            outcome.wrong = outcome.wrong.max(missing(scenario, images, contender, &tags));
            if round > 0 {
                outcome.costs.push(cost);
                outcome.served.push(counts.processor - before);
            }
            outcome.counts = counts;
        }
    }
    Ok(Measured { scenario: *scenario, latency, outcomes })
}

/// How many tags are not there, or hold another image than the one that was pushed. Who makes its images anew has digests of
/// its own.
fn missing(scenario: &Scenario, images: &Images, contender: &Contender, tags: &str) -> usize {
    let keeps = matches!(contender.peer, OURS | "skopeo" | "crane" | "regctl");
    let is_wrong = |number: &usize| {
        let apart = if scenario.measured().is_none() { scenario.images } else { 1 };
        let name = format!("{}:{} ", repository(apart, *number), tag(apart, *number));
        let found = tags.lines().find_map(|line| line.strip_prefix(&name));
        found.is_none_or(|digest| keeps && *digest != images.digests[*number])
    };
    match scenario.measured() {
        Some(number) => usize::from(is_wrong(&number)),
        None => (0..scenario.images).filter(is_wrong).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::push::scenario::ALL;

    #[test]
    fn an_image_that_is_not_there_is_counted() {
        let twenty = ALL.iter().find(|scenario| scenario.name == "twenty").unwrap();
        let digests: Vec<String> = (0..20).map(|number| format!("sha256:{number}")).collect();
        let tags: Vec<String> = (0..19).map(|number| format!("service-{number}:1.0.0 sha256:{number}\n")).collect();
        let tags = tags.concat();
        let images = Images { folder: "x".into(), digests };
        let contender = |peer| Contender { peer, setting: "", program: "x".into(), arguments: vec![], env: vec![] };
        assert_eq!(missing(twenty, &images, &contender(OURS), &tags), 1);
        let tags = tags.replace("sha256:3\n", "sha256:other\n");
        assert_eq!(missing(twenty, &images, &contender(OURS), &tags), 2);
        assert_eq!(missing(twenty, &images, &contender("buildah"), &tags), 1);
        let changed = ALL.iter().find(|scenario| scenario.name == "one-changed").unwrap();
        assert_eq!(missing(changed, &images, &contender(OURS), "shop:1.0.0 sha256:0\nshop:1.0.1 sha256:1\n"), 0);
    }
}
