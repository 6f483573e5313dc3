//! Which release comes before another.

use semver::Version;

/// What the tags of one prefix say of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The tag of the highest version below it.
    pub(crate) previous: Option<String>,
    /// The highest stable version.
    pub(crate) highest: Option<Version>,
}

/// What the tags `names` say of `version`. Before a stable version comes the highest stable one below it, so that a maintenance line follows
/// itself; before a prerelease also another prerelease. A version that is not semantic is compared by its numbers.
pub(crate) fn line(names: &[String], prefix: &str, version: &str) -> Line {
    let own = order(version);
    let is_stable = own.pre.is_empty();
    let mut released: Vec<(Version, &String)> = names
        .iter()
        .filter_map(|name| {
            let text = name.strip_prefix(prefix)?;
            text.starts_with(|first: char| first.is_ascii_digit()).then(|| (order(text), name))
        })
        .collect();
    released.sort();
    let is_before = |(other, name): &&(Version, &String)| {
        *other < own && (other.pre.is_empty() || !is_stable) && name.strip_prefix(prefix) != Some(version)
    };
    Line {
        previous: released.iter().rev().find(is_before).map(|(_, name)| (*name).clone()),
        highest: released.iter().rev().find(|(other, _)| other.pre.is_empty()).map(|(other, _)| other.clone()),
    }
}

/// A version as it is compared: a semantic one without build metadata, else its first three numbers, and what is no number or dot behind
/// them as a prerelease.
pub fn order(text: &str) -> Version {
    if let Ok(version) = Version::parse(text) {
        return Version { build: semver::BuildMetadata::EMPTY, ..version };
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut numbers = numbers.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let mut version = Version::new(next(), next(), next());
    let is_prerelease = ["a", "b", "rc", "dev", "alpha", "beta", "m"].iter().any(|mark| {
        let rest = rest.trim_start_matches(['.', '-', '_']).to_ascii_lowercase();
        rest.strip_prefix(mark).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
    });
    if is_prerelease {
        let words: String = rest.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        version.pre = semver::Prerelease::new(words.trim_matches('-')).unwrap_or(semver::Prerelease::EMPTY);
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], prefix: &str, version: &str, previous: Option<&str>, highest: &str) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let line = line(&names, prefix, version);
        assert_eq!(line.previous.as_deref(), previous, "{version}");
        assert_eq!(line.highest.map(|version| version.to_string()).unwrap_or_default(), highest, "{version}");
    }

    #[test]
    fn each_line_follows_itself() {
        let names = ["v1.2.9", "v1.2.10", "v1.3.0", "v2.0.0", "v2.1.0-rc.1", "api-v9.0.0", "vendor"];
        check(&names, "v", "1.2.11", Some("v1.2.10"), "2.0.0");
        check(&names, "v", "1.3.1", Some("v1.3.0"), "2.0.0");
        check(&names, "v", "2.1.0", Some("v2.0.0"), "2.0.0");
        check(&names, "v", "2.1.0-rc.2", Some("v2.1.0-rc.1"), "2.0.0");
        check(&names, "v", "1.2.9", None, "2.0.0");
        check(&names, "api-v", "9.0.1", Some("api-v9.0.0"), "9.0.0");
        check(&names, "web-v", "1.0.0", None, "");
    }

    #[test]
    fn versions_of_other_ecosystems_are_compared_by_their_numbers() {
        check(&["v1.0", "v1.1rc1", "v0.9.0.1"], "v", "1.1", Some("v1.0"), "1.0.0");
        check(&["v1.1rc1", "v1.0"], "v", "1.1rc2", Some("v1.1rc1"), "1.0.0");
        check(&["2024.01.02", "2023.12.1"], "", "2024.2", Some("2024.01.02"), "2024.1.2");
    }
}
