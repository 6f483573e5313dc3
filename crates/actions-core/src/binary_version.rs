//! `--binary-version`: which program this is, for every action alike; `--version` is an input of some.

/// The commit that a release was built from, where whoever builds says so.
const COMMIT: Option<&str> = option_env!("SLIPWAY_COMMIT");

/// `NAME VERSION (COMMIT)`, without the last part where the commit is not known.
pub(crate) fn line(name: &str) -> String {
    of(name, COMMIT)
}

fn of(name: &str, commit: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match commit.filter(|commit| !commit.is_empty()) {
        Some(commit) => format!("{name} {version} ({commit})"),
        None => format!("{name} {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn names_the_commit_where_it_is_known() {
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(of("ecr-push", Some("c0ffee")), format!("ecr-push {version} (c0ffee)"));
        for unknown in [None, Some("")] {
            assert_eq!(of("ecr-push", unknown), format!("ecr-push {version}"));
        }
    }
}
