use crate::manifest::memory::{discovered, resolved};

const FIXED: (&str, &str) = ("lerna.json", "{\"version\": \"3.1.0\"}");
const INDEPENDENT: (&str, &str) = ("lerna.json", "{\"version\": \"independent\"}");
const ROOT: (&str, &str) = ("package.json", "{\"private\": true, \"version\": \"0.0.0\"}");
const PACKAGE: (&str, &str) = ("package.json", "{\"version\": \"1.0.0\"}");

#[test]
fn the_version_of_a_monorepo_is_lernas() {
    for root in
        [ROOT, ("package.json", "{\"workspaces\": [], \"version\": \"0.0.0\"}"), ("package.json", "{}"), ("x", "")]
    {
        assert_eq!(discovered(&[FIXED, root], ""), "npm 3.1.0@lerna.json:1:13", "{root:?}");
    }
    assert_eq!(discovered(&[FIXED, ("package.json", "{\"version\": \"3.1.0\"}")], ""), "npm 3.1.0@lerna.json:1:13");
    assert_eq!(discovered(&[FIXED, PACKAGE], ""), "`lerna.json:1` says `3.1.0` and `package.json:1` says `1.0.0`");
}

#[test]
fn packages_that_go_their_own_ways_have_no_common_version() {
    assert_eq!(discovered(&[INDEPENDENT, ROOT], ""), "`lerna.json` has no version");
    assert_eq!(discovered(&[INDEPENDENT], ""), "`lerna.json` has no version");
    assert_eq!(discovered(&[INDEPENDENT, PACKAGE], ""), "npm 1.0.0@package.json:1:13");
    let member = ("packages/a/package.json", "{\"version\": \"2.0.0\"}");
    assert_eq!(discovered(&[INDEPENDENT, ROOT, member], "packages/a"), "npm 2.0.0@packages/a/package.json:1:13");
}

#[test]
fn a_package_json_that_is_named_has_its_own_version() {
    assert_eq!(resolved(&[FIXED, ROOT], "package.json"), "0.0.0@package.json:1:30");
    assert_eq!(resolved(&[FIXED, ("package.json", "{}")], "package.json"), "3.1.0@lerna.json:1:13");
    assert_eq!(resolved(&[INDEPENDENT, ("package.json", "{}")], "package.json"), "-");
    assert_eq!(resolved(&[("package.json", "{\"version\": 1.10}")], "package.json"), "!not text@package.json:1:13");
}
