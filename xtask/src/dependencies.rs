//! What must not be in the product, what must not be asked for directly, and under which licenses we build.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{Program, cargo};
use crate::report::{Ended, Summary};
use crate::test::Context;

/// Crates that are not built at all, with the first version (major, minor) that may be; [`NONE`] where none may.
const NEVER_BUILT: [(&str, (u64, u64)); 4] =
    [("openssl-sys", NONE), ("aws-lc-sys", NONE), ("hyper", (1, 0)), ("rustls", (0, 23))];

/// A version that no crate reaches.
const NONE: (u64, u64) = (u64::MAX, 0);

/// Crates that no crate of ours asks for; the standard library, jiff or an error enum does their work.
const NEVER_DIRECT: [&str; 4] = ["anyhow", "chrono", "once_cell", "lazy_static"];

/// The licenses we build under, as in deny.toml.
const LICENSES: [&str; 13] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "ISC",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "Unicode-3.0",
    "Zlib",
    "CC0-1.0",
    "Unlicense",
    "MPL-2.0",
    "CDLA-Permissive-2.0",
];

/// Checks the dependency tree.
pub(crate) fn check(_: &Context, _: &mut Summary) -> Result<Ended, String> {
    let tree = Program::new(cargo())
        .args(["tree", "--workspace", "--edges", "normal,build", "--prefix", "none", "--locked", "--format", "{p}|{l}"])
        .output()?;
    if tree.status != 0 {
        return Err(tree.text());
    }
    let mut wrong: BTreeSet<String> =
        tree.stdout.lines().filter(|line| !line.is_empty()).flat_map(wrong_package).collect();
    wrong.extend(wrong_requests()?);
    if wrong.is_empty() { Ok(Ended::Passed(1)) } else { Err(wrong.into_iter().collect::<Vec<_>>().join("\n")) }
}

/// What is wrong with a line `name vVERSION (source)|LICENSE (*)` of the tree.
fn wrong_package(line: &str) -> Vec<String> {
    let (package, license) = line.split_once('|').unwrap_or((line, ""));
    let license = license.trim_end_matches("(*)").trim();
    let mut words = package.split(' ');
    let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default().trim_start_matches('v'));
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let version_built = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let mut wrong = Vec::new();
    if NEVER_BUILT.iter().any(|(never, first)| name == *never && version_built < *first) {
        wrong.push(format!("{name} {version} is built: see `cargo tree -i {name}`"));
    }
    if !is_allowed(license) {
        wrong.push(format!("{name} {version} has the license `{license}`"));
    }
    wrong
}

/// Whether an SPDX expression is met by the allowed licenses; the old `MIT/Apache-2.0` means `OR`.
fn is_allowed(expression: &str) -> bool {
    let one = |license: &str| LICENSES.contains(&license.trim_matches(['(', ')', ' ']));
    let either = |part: &str| part.replace('/', " OR ").split(" OR ").any(one);
    !expression.is_empty() && expression.split(" AND ").all(either)
}

/// Requests for crates that are not to be asked for directly.
fn wrong_requests() -> Result<Vec<String>, String> {
    let output = Program::new(cargo()).args(["metadata", "--format-version", "1", "--no-deps", "--locked"]).output()?;
    let metadata: Value = serde_json::from_str(&output.stdout).map_err(|error| error.to_string())?;
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["name"].as_str().is_some_and(|name| NEVER_DIRECT.contains(&name)) {
                wrong.push(format!("{} depends on {}", package["name"], dependency["name"]));
            }
        }
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_license_expressions() {
        for allowed in [
            "MIT",
            "MIT OR GPL-3.0",
            "Unlicense/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR MIT",
        ] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["GPL-3.0", "MIT AND GPL-3.0", ""] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }

    #[test]
    fn names_what_must_not_be_built() {
        assert_eq!(wrong_package("hyper v0.14.30|MIT (*)"), ["hyper 0.14.30 is built: see `cargo tree -i hyper`"]);
        assert!(wrong_package("hyper v1.12.0|MIT").is_empty());
        assert_eq!(wrong_package("rustls v0.21.12|MIT"), ["rustls 0.21.12 is built: see `cargo tree -i rustls`"]);
        assert!(wrong_package("rustls v0.23.46|MIT").is_empty());
        assert_eq!(wrong_package("aws-lc-sys v0.30.0|MIT").len(), 1);
        assert_eq!(wrong_package("x v1.0.0|GPL-3.0").len(), 1);
    }
}
