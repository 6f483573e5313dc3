//! Requirements, as far as they let a snapshot in.

use std::borrow::Cow;

use semver::{BuildMetadata, Prerelease, Version, VersionReq};

use crate::manifest::Ecosystem;
use project_version::{is_dev, is_maven_snapshot};

/// What a snapshot ends in where the repository does not say.
const SNAPSHOT: &str = "-SNAPSHOT";

/// How a requirement lets a snapshot in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Entry {
    /// Not at all.
    Shut,
    /// As the lowest version that will do: of its releases the highest is taken.
    Lowest,
    /// It asks for one.
    Asked,
}

/// Whether a requirement lets a snapshot in: it names one, and not as what versions stay below. npm, Cargo, Helm, .NET and pip
/// take a prerelease only where the requirement itself names one. `endings` are those of the repository, empty for `-SNAPSHOT`.
pub(super) fn entry(ecosystem: Ecosystem, requirement: &str, endings: &[String]) -> Entry {
    let mut operator = String::new();
    let mut entry = Entry::Shut;
    let has_intervals = matches!(ecosystem, Ecosystem::Maven | Ecosystem::Gradle | Ecosystem::DotNet);
    let comparators = if has_intervals { comparators(requirement) } else { Cow::Borrowed(requirement) };
    let words = comparators.split([' ', '\t', '\n', ',', '|', '(', ')', '[', ']']).filter(|word| !word.is_empty());
    for word in words {
        let (signs, version) = word.split_at(word.find(|c: char| !"<>=~^!".contains(c)).unwrap_or(word.len()));
        operator.push_str(signs);
        if version.is_empty() {
            continue;
        }
        let found = match operator.as_str() {
            "<" | "!=" => Entry::Shut,
            // NuGet takes the lowest version that will do (<https://learn.microsoft.com/nuget/concepts/dependency-resolution>).
            ">" | ">=" if ecosystem != Ecosystem::DotNet => Entry::Lowest,
            _ => Entry::Asked,
        };
        operator.clear();
        // What has a path or a protocol is no version.
        if !version.contains(['/', ':']) && is_snapshot(ecosystem, version.trim_start_matches(['v', 'V']), endings) {
            entry = entry.max(found);
        }
    }
    entry
}

/// Whether a version is a snapshot where its ecosystem has it.
pub(super) fn is_snapshot(ecosystem: Ecosystem, version: &str, endings: &[String]) -> bool {
    let ends = |version: &str| {
        let core = version.split('+').next().unwrap_or_default();
        match endings {
            [] => core.ends_with(SNAPSHOT),
            endings => endings.iter().any(|ending| core.ends_with(ending.as_str())),
        }
    };
    match ecosystem {
        Ecosystem::Maven | Ecosystem::Gradle => is_maven_snapshot(version) || ends(version),
        Ecosystem::Python => is_dev(version),
        // NuGet takes no notice of case.
        Ecosystem::DotNet => {
            let version = version.trim_end_matches(['*', '.']).to_ascii_lowercase();
            match endings {
                [] => version.ends_with("-snapshot"),
                endings => endings.iter().any(|ending| version.ends_with(&ending.to_ascii_lowercase())),
            }
        }
        _ => ends(version),
    }
}

/// The intervals of Maven, Gradle and .NET as comparators: `>=1.0,<2.0` of `[1.0,2.0)`. Gradle may turn the bracket of a side that
/// is left out. What has none stays as it is.
fn comparators(requirement: &str) -> Cow<'_, str> {
    if !requirement.contains(['[', '(', ']']) {
        return Cow::Borrowed(requirement);
    }
    let mut written = String::new();
    let mut rest = requirement;
    while let Some(begin) = rest.find(['[', '(', ']']) {
        written.push_str(&rest[..begin]);
        let inside = &rest[begin + 1..];
        let end = inside.find([']', ')', '[']).unwrap_or(inside.len());
        let closing = inside[end..].chars().next();
        let (is_from, is_to) = (rest[begin..].starts_with('['), closing == Some(']'));
        match inside[..end].split_once(',') {
            None => written.push_str(&format!(",={}", inside[..end].trim())),
            Some((low, high)) => {
                let bounds = [(low, if is_from { ">=" } else { ">" }), (high, if is_to { "<=" } else { "<" })];
                for (bound, operator) in bounds.iter().filter(|(bound, _)| !bound.trim().is_empty()) {
                    written.push_str(&format!(",{operator}{}", bound.trim()));
                }
            }
        }
        written.push(',');
        rest = inside[end..].get(1..).unwrap_or_default();
    }
    written.push_str(rest);
    Cow::Owned(written)
}

/// Whether a project of this repository with `version` is what a requirement wants. Its snapshots stand for their releases: npm
/// and Maven link what they build, and a workspace that is raised takes its packages along.
pub(crate) fn takes(ecosystem: Ecosystem, requirement: &str, version: &str) -> bool {
    match ecosystem {
        Ecosystem::Maven => requirement == version || requirement.starts_with(['[', '(']),
        _ => npm_takes(requirement, version),
    }
}

fn npm_takes(requirement: &str, version: &str) -> bool {
    let Ok(version) = Version::parse(version) else { return true };
    let core = Version { pre: Prerelease::EMPTY, build: BuildMetadata::EMPTY, ..version.clone() };
    let one = |range: &str| {
        let range = range.trim();
        if ["", "*", "x", "^", "~"].contains(&range) {
            return true;
        }
        if let Some((low, high)) = range.split_once(" - ") {
            return matches_all(&format!(">={low},<={high}"), &version, &core);
        }
        let mut comparators = String::new();
        for word in range.split_whitespace() {
            let is_operator = comparators.ends_with(['<', '>', '=', '~', '^']);
            if !comparators.is_empty() && !is_operator {
                comparators.push(',');
            }
            // A version alone is that version, and not one that is compatible with it.
            let is_bare = !is_operator && word.starts_with(|c: char| c.is_ascii_digit() || c == 'v');
            comparators.push_str(if is_bare { "=" } else { "" });
            comparators.push_str(word.trim_start_matches('v'));
        }
        matches_all(&comparators, &version, &core)
    };
    requirement.split("||").any(one)
}

fn matches_all(comparators: &str, version: &Version, core: &Version) -> bool {
    VersionReq::parse(comparators).is_ok_and(|wanted| wanted.matches(version) || wanted.matches(core))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_package_of_the_workspace_is_taken_where_its_version_is_wanted() {
        for (requirement, version, expect) in [
            ("*", "1.2.3", true),
            ("^1.0.0", "1.2.3", true),
            ("^1.0.0", "2.0.0", false),
            ("^1.2.0", "1.3.0-SNAPSHOT", true),
            ("1.2.3", "1.2.4", false),
            ("v1.2.3", "1.2.3", true),
            ("1.x", "1.9.0", true),
            ("1.2", "1.3.0", false),
            (">= 1.0.0 < 2", "1.9.0", true),
            (">=1.0.0 <2", "2.0.0", false),
            ("1.0.0 - 2.0.0", "1.5.0", true),
            ("^1 || ^3", "3.1.0", true),
            ("latest", "1.0.0", false),
            ("github:a/b", "1.0.0", false),
        ] {
            assert_eq!(takes(Ecosystem::Npm, requirement, version), expect, "{requirement} {version}");
        }
        assert!(takes(Ecosystem::Maven, "1.0", "1.0") && takes(Ecosystem::Maven, "[1,2)", "1.0"));
        assert!(!takes(Ecosystem::Maven, "0.9", "1.0"));
    }

    use super::*;

    #[test]
    fn a_requirement_lets_in_what_it_names() {
        for (requirement, expect) in [
            ("2.0.0-SNAPSHOT", Entry::Asked),
            ("=2.0.0-SNAPSHOT", Entry::Asked),
            ("v2.0.0-SNAPSHOT", Entry::Asked),
            ("^2.0.0-SNAPSHOT", Entry::Asked),
            ("1.x || 2.0.0-SNAPSHOT+4", Entry::Asked),
            (">=1 <=2.0.0-SNAPSHOT", Entry::Asked),
            (">=1.0.0-SNAPSHOT || 2.0.0-SNAPSHOT", Entry::Asked),
            (">= 2.0.0-SNAPSHOT < 3", Entry::Lowest),
            (">=2.0.0-SNAPSHOT, <3", Entry::Lowest),
            (">2.0.0-SNAPSHOT", Entry::Lowest),
            ("2.0.0", Entry::Shut),
            ("<2.0.0-SNAPSHOT", Entry::Shut),
            (">=1 < 2.0.0-SNAPSHOT", Entry::Shut),
            ("!=2.0.0-SNAPSHOT", Entry::Shut),
            ("*", Entry::Shut),
            ("", Entry::Shut),
            ("git+https://example.com/a.git#v2.0.0-SNAPSHOT", Entry::Shut),
            ("2.0.0-snapshot", Entry::Shut),
            ("2.0.0-SNAPSHOT.1", Entry::Shut),
        ] {
            assert_eq!(entry(Ecosystem::Npm, requirement, &[]), expect, "{requirement}");
        }
    }

    #[test]
    fn each_ecosystem_has_its_own_snapshots() {
        let own = ["-dev".to_owned()];
        for (ecosystem, version, endings, expect) in [
            (Ecosystem::Cargo, "=2.0.0-dev", &own[..], Entry::Asked),
            (Ecosystem::Cargo, "=2.0.0-SNAPSHOT", &own[..], Entry::Shut),
            (Ecosystem::Maven, "2.0-SNAPSHOT", &own[..], Entry::Asked),
            (Ecosystem::Maven, "2.0-snapshot", &[][..], Entry::Asked),
            (Ecosystem::Maven, "2.0-20240101.120000-3", &[][..], Entry::Asked),
            (Ecosystem::Maven, "[1.0,2.0-SNAPSHOT]", &[][..], Entry::Asked),
            (Ecosystem::Maven, "[2.0-SNAPSHOT]", &[][..], Entry::Asked),
            (Ecosystem::Maven, "[1.0,2.0-SNAPSHOT)", &[][..], Entry::Shut),
            (Ecosystem::Maven, "(,1.0],[2.0-SNAPSHOT,)", &[][..], Entry::Lowest),
            (Ecosystem::Maven, "2.0-20240101.1200-3", &[][..], Entry::Shut),
            (Ecosystem::Gradle, "2.0-20240101.120000-3", &[][..], Entry::Asked),
            (Ecosystem::Gradle, "[1.0,2.0-SNAPSHOT[", &[][..], Entry::Shut),
            (Ecosystem::Gradle, "]1.0-SNAPSHOT,2.0]", &[][..], Entry::Lowest),
            (Ecosystem::Python, "==2.0.0.dev3", &[][..], Entry::Asked),
            (Ecosystem::Python, "~=2.0.0.dev3", &[][..], Entry::Asked),
            (Ecosystem::Python, ">=2.0.0.dev0", &[][..], Entry::Lowest),
            (Ecosystem::Python, "(>=2.0.0.dev0)", &[][..], Entry::Lowest),
            (Ecosystem::Python, ">=1,<2.0.dev0", &[][..], Entry::Shut),
            (Ecosystem::Python, "==2.0.0-SNAPSHOT", &[][..], Entry::Shut),
            (Ecosystem::DotNet, "[2.0.0-Snapshot]", &[][..], Entry::Asked),
            (Ecosystem::DotNet, "[2.0.0-Snapshot,3)", &[][..], Entry::Asked),
            (Ecosystem::DotNet, "2.0.0-SNAPSHOT.*", &[][..], Entry::Asked),
            (Ecosystem::Helm, "~2.0.0-SNAPSHOT", &[][..], Entry::Asked),
        ] {
            assert_eq!(entry(ecosystem, version, endings), expect, "{ecosystem:?} {version}");
        }
    }
}
