//! Requirements, as far as they let a snapshot in.

use semver::{BuildMetadata, Prerelease, Version, VersionReq};

use crate::manifest::Ecosystem;
use project_version::{is_dev, is_maven_snapshot};

/// What a snapshot ends in where the repository does not say.
const SNAPSHOT: &str = "-SNAPSHOT";

/// Whether a requirement lets a snapshot in: it names one, and not as what versions stay below. npm, Cargo, Helm, .NET and pip
/// take a prerelease only where the requirement itself names one. `endings` are those of the repository, empty for `-SNAPSHOT`.
pub(super) fn lets_snapshot_in(ecosystem: Ecosystem, requirement: &str, endings: &[String]) -> bool {
    let ends = |version: &str| {
        let core = version.split('+').next().unwrap_or_default();
        match endings {
            [] => core.ends_with(SNAPSHOT),
            endings => endings.iter().any(|ending| core.ends_with(ending.as_str())),
        }
    };
    let is_snapshot = |version: &str| match ecosystem {
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
    };
    let mut operator = String::new();
    let words = requirement.split([' ', '\t', '\n', ',', '|', '(', ')', '[', ']']).filter(|word| !word.is_empty());
    for word in words {
        let (signs, version) = word.split_at(word.find(|c: char| !"<>=~^!".contains(c)).unwrap_or(word.len()));
        operator.push_str(signs);
        if version.is_empty() {
            continue;
        }
        let is_bound = matches!(operator.as_str(), "<" | "!=");
        operator.clear();
        // What has a path or a protocol is no version.
        if !is_bound && !version.contains(['/', ':']) && is_snapshot(version.trim_start_matches(['v', 'V'])) {
            return true;
        }
    }
    false
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
        for requirement in [
            "2.0.0-SNAPSHOT",
            "=2.0.0-SNAPSHOT",
            "v2.0.0-SNAPSHOT",
            "^2.0.0-SNAPSHOT",
            ">= 2.0.0-SNAPSHOT < 3",
            "1.x || 2.0.0-SNAPSHOT+4",
            ">=2.0.0-SNAPSHOT, <3",
        ] {
            assert!(lets_snapshot_in(Ecosystem::Npm, requirement, &[]), "{requirement}");
        }
        for requirement in [
            "2.0.0",
            "<2.0.0-SNAPSHOT",
            ">=1 < 2.0.0-SNAPSHOT",
            "!=2.0.0-SNAPSHOT",
            "*",
            "",
            "git+https://example.com/a.git#v2.0.0-SNAPSHOT",
            "2.0.0-snapshot",
            "2.0.0-SNAPSHOT.1",
        ] {
            assert!(!lets_snapshot_in(Ecosystem::Npm, requirement, &[]), "{requirement}");
        }
    }

    #[test]
    fn each_ecosystem_has_its_own_snapshots() {
        let own = ["-dev".to_owned()];
        for (ecosystem, version, endings, expect) in [
            (Ecosystem::Cargo, "=2.0.0-dev", &own[..], true),
            (Ecosystem::Cargo, "=2.0.0-SNAPSHOT", &own[..], false),
            (Ecosystem::Maven, "2.0-SNAPSHOT", &own[..], true),
            (Ecosystem::Maven, "2.0-snapshot", &[][..], true),
            (Ecosystem::Maven, "2.0-20240101.120000-3", &[][..], true),
            (Ecosystem::Maven, "[1.0,2.0-SNAPSHOT]", &[][..], true),
            (Ecosystem::Maven, "2.0-20240101.1200-3", &[][..], false),
            (Ecosystem::Gradle, "2.0-20240101.120000-3", &[][..], true),
            (Ecosystem::Python, "==2.0.0.dev3", &[][..], true),
            (Ecosystem::Python, ">=1,<2.0.dev0", &[][..], false),
            (Ecosystem::Python, "==2.0.0-SNAPSHOT", &[][..], false),
            (Ecosystem::DotNet, "[2.0.0-Snapshot]", &[][..], true),
            (Ecosystem::DotNet, "2.0.0-SNAPSHOT.*", &[][..], true),
            (Ecosystem::Helm, "~2.0.0-SNAPSHOT", &[][..], true),
        ] {
            assert_eq!(lets_snapshot_in(ecosystem, version, endings), expect, "{ecosystem:?} {version}");
        }
    }
}
