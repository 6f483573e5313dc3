//! What this binary was built from.

/// The version and the commit that `/version` reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Build {
    /// The package version of `Cargo.toml`.
    pub version: &'static str,
    /// The commit, when the build was told; never anything but hexadecimal digits.
    pub commit: Option<&'static str>,
}

impl Build {
    /// Describes the running binary; the commit is the `GIT_COMMIT` variable of the build.
    pub fn current() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("GIT_COMMIT").filter(|commit| is_commit(commit)),
        }
    }
}

fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_the_package_version() {
        assert_eq!(Build::current().version, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn accepts_short_and_full_commits() {
        assert!(is_commit("0a1b2c3"));
        assert!(is_commit(&"f".repeat(40)));
    }

    #[test]
    fn refuses_what_could_break_out_of_json() {
        assert!(!is_commit("\",\"admin\":\"1"));
        assert!(!is_commit(""));
        assert!(!is_commit(&"a".repeat(65)));
    }
}
