//! `release.lock`: what a commit runs. Made from the archives, read by `scripts/run-action.sh`.

use std::collections::BTreeMap;

use super::archive::Archive;

/// The lock of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lock {
    /// The version, without a `v`.
    pub(crate) version: String,
    /// The folder of the archives.
    pub(crate) url: String,
    /// Whose release workflow built them: `OWNER/NAME`.
    pub(crate) repository: String,
    /// The commit they were built from.
    pub(crate) commit: String,
}

impl Lock {
    /// The file's text, sorted. Nothing in it can end a line or a word early.
    pub(crate) fn render(&self, archives: &[Archive]) -> Result<String, String> {
        for (name, value) in
            [("version", &self.version), ("url", &self.url), ("repository", &self.repository), ("commit", &self.commit)]
        {
            if value.is_empty() || value.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return Err(format!("the {name} `{}` is empty or holds white space", value.escape_debug()));
            }
        }
        let mut lines: Vec<String> = archives.iter().map(asset).collect();
        lines.sort();
        lines.dedup();
        Ok(format!(
            "# The release that this commit runs: made by `cargo xtask release lock` from the archives themselves.\n\
             # asset NAME TRIPLE SHA256-OF-ARCHIVE SHA256-OF-BINARY BYTES-OF-ARCHIVE\n\
             version {}\nurl {}\nrepository {}\ncommit {}\n{}\n",
            self.version,
            self.url,
            self.repository,
            self.commit,
            lines.join("\n")
        ))
    }
}

fn asset(archive: &Archive) -> String {
    let Archive { tool, target, sha256, binary_sha256, bytes, .. } = archive;
    format!("asset {tool} {} {sha256} {binary_sha256} {bytes}", target.name())
}

/// The lengths of a lock's archives, by tool and target.
pub(crate) fn sizes(text: &str) -> BTreeMap<(String, String), u64> {
    let of_line = |line: &str| {
        let ["asset", tool, target, _, _, bytes] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        Some(((tool.to_owned(), target.to_owned()), bytes.parse().ok()?))
    };
    text.lines().filter_map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Lock, sizes};
    use crate::release::archive::Archive;
    use crate::release::target::TARGETS;

    fn lock() -> Lock {
        Lock {
            version: "1.2.3".to_owned(),
            url: "https://example.invalid/v1.2.3".to_owned(),
            repository: "OWNER/slipway".to_owned(),
            commit: "c".repeat(40),
        }
    }

    fn archive(tool: &str, bytes: u64) -> Archive {
        let (sha256, binary_sha256) = ("a".repeat(64), "b".repeat(64));
        let path = std::path::PathBuf::new();
        Archive { tool: tool.to_owned(), target: TARGETS[0], path, sha256, bytes, binary_sha256, binary_bytes: 9 }
    }

    #[test]
    fn is_sorted_and_says_all() {
        let text = lock().render(&[archive("two", 2), archive("one", 1)]).expect("all is well");
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let (first, second) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(
            lines,
            [
                "version 1.2.3",
                "url https://example.invalid/v1.2.3",
                "repository OWNER/slipway",
                &format!("commit {}", "c".repeat(40)),
                &format!("asset one x86_64-unknown-linux-musl {first} {second} 1"),
                &format!("asset two x86_64-unknown-linux-musl {first} {second} 2"),
            ]
        );
        let key = |tool: &str| (tool.to_owned(), TARGETS[0].name().to_owned());
        assert_eq!(sizes(&text), [(key("one"), 1), (key("two"), 2)].into());
    }

    #[test]
    fn a_value_that_could_add_a_line_is_refused() {
        for version in ["", "1.2.3\nasset evil", "1 2"] {
            assert!(Lock { version: version.to_owned(), ..lock() }.render(&[]).is_err(), "{version:?}");
        }
    }

    #[test]
    fn a_branch_has_no_sizes() {
        assert!(sizes("# text\nversion unreleased\nasset x y z\n").is_empty());
    }
}
