//! `package-lock.json` (<https://docs.npmjs.com/cli/configuring-npm/package-lock-json>): it repeats the version of its package,
//! and `npm ci` takes no notice when the two differ.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::manifest::Place;

/// The names of a lock, of which npm takes the first.
pub(super) const NAMES: [&str; 2] = ["npm-shrinkwrap.json", "package-lock.json"];

/// How much of a lock is read: the version stands at its beginning, and the rest can be long.
pub(super) const HEAD: u64 = 64 * 1024;

/// The first version in the beginning of a lock that is not `version`, and where it stands: the lock's own, or that of the
/// package in it.
pub(super) fn other_version(head: &str, version: &str) -> Option<(String, Place)> {
    let mut found = Vec::new();
    // What is cut off, and what is no lock at all, ends in an error after what was found.
    let _ =
        Members { level: Level::Lock, found: &mut found }.deserialize(&mut serde_json::Deserializer::from_str(head));
    let other = found.into_iter().find(|found| found != version)?;
    let quoted = serde_json::to_string(&other).ok()?;
    let at = head.match_indices(&quoted).map(|(at, _)| at);
    let is_value = |at: &usize| head[..*at].trim_end().ends_with(':');
    let place = at.filter(is_value).map(|at| Place::of(head, at)).next();
    Some((other, place.unwrap_or(Place::START)))
}

/// Which object of the lock is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Lock,
    Packages,
    Package,
}

/// Collects the versions of an object.
struct Members<'f> {
    level: Level,
    found: &'f mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match (self.level, name.as_str()) {
                (Level::Lock | Level::Package, "version") => self.found.push(members.next_value()?),
                (Level::Lock, "packages") => {
                    members.next_value_seed(Members { level: Level::Packages, found: &mut *self.found })?;
                }
                (Level::Packages, "") => {
                    members.next_value_seed(Members { level: Level::Package, found: &mut *self.found })?;
                    return Err(A::Error::custom("the other packages do not matter"));
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_lock_and_of_its_package_count_and_no_others() {
        let shown = |head: &str| {
            let other = other_version(head, "1.0.0");
            other.map_or("-".to_owned(), |(version, at)| format!("{version}@{}:{}", at.line, at.column))
        };
        let lock = |version: &str, package: &str| {
            format!(
                "{{\n  \"name\": \"a\",\n  \"version\": \"{version}\",\n  \"packages\": {{\n    \"\": {{\n      \"version\": \"{package}\"\n    }},\n    \"node_modules/b\": {{\"version\": \"9.0.0\"}}\n  }}\n}}"
            )
        };
        assert_eq!(shown(&lock("1.0.0", "1.0.0")), "-");
        assert_eq!(shown(&lock("0.9.0", "1.0.0")), "0.9.0@3:14");
        assert_eq!(shown(&lock("1.0.0", "0.9.0")), "0.9.0@6:18");
        assert_eq!(shown(&lock("0.9.0", "1.0.0")[..60]), "0.9.0@3:14");
        assert_eq!(shown("{\"dependencies\": {\"version\": \"2\"}}"), "-");
        assert_eq!(shown("{\"version\": 2}"), "-");
        assert_eq!(shown("[\"version\"]"), "-");
        assert_eq!(shown(&"{\"packages\":".repeat(10_000)), "-");
    }
}
