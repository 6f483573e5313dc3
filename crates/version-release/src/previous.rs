//! Which release comes before another.

use project_version::Order;

/// What the tags of one prefix say of a version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The tag of the highest version below it.
    pub(crate) previous: Option<String>,
    /// The highest stable version.
    pub(crate) highest: Option<Order>,
}

/// What the tags `names` say of `version`. Before a stable version comes the highest stable one below it, so that a maintenance line follows
/// itself; before a prerelease also another prerelease. What is no version is no release: `v2`, `v2-docs`, `nightly`. A project whose versions
/// are one number is told by its own.
pub(crate) fn line(names: &[String], prefix: &str, version: &str) -> Line {
    let order = if Order::is_single(version) { Order::numbered } else { Order::of };
    let Some(own) = order(version) else { return Line::default() };
    let read = |name: &'_ String| Some((order(name.strip_prefix(prefix)?)?, name.clone()));
    let mut released: Vec<(Order, String)> = names.iter().filter_map(read).collect();
    released.sort();
    let is_before = |(other, name): &&(Order, String)| {
        *other < own && (other.is_stable() || !own.is_stable()) && name.strip_prefix(prefix) != Some(version)
    };
    Line {
        previous: released.iter().rev().find(is_before).map(|(_, name)| name.clone()),
        highest: released.iter().rev().find(|(other, _)| other.is_stable()).map(|(other, _)| other.clone()),
    }
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
        check(&["v1.2.3.9", "v1.2.3.10"], "v", "1.2.3.11", Some("v1.2.3.10"), "1.2.3.10");
        check(&["v20240101", "v20240301", "v1"], "v", "20240201", Some("v20240101"), "20240301.0.0");
    }

    #[test]
    fn what_is_no_version_is_no_release() {
        let names = ["v20240101", "v2", "v2-docs", "v2.0-docs", "v9.x", "vnightly", "v1.0.0"];
        check(&names, "v", "1.1.0", Some("v1.0.0"), "1.0.0");
        check(&names, "v", "nightly", None, "");
    }
}
