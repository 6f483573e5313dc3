//! The documentation: every link leads somewhere, every example is what its linters expect.

mod examples;
mod infrastructure;
mod links;

use std::path::PathBuf;
use std::process::Command;

/// The workspace's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files that Git knows, or will know, by a pattern.
fn files(pattern: &str) -> Vec<String> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", pattern])
        .output()
        .expect("git is there");
    let text = String::from_utf8(output.stdout).expect("paths are UTF-8");
    text.lines().filter(|file| root().join(file).is_file()).map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_input_of_an_action_has_a_meaning() {
    for file in files("actions/*/action.yml") {
        let text = read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let described = pair[1].trim_start().strip_prefix("description: ");
            assert!(described.is_none_or(|words| words.contains(' ')), "{file}: {} {}", pair[0].trim(), pair[1].trim());
        }
    }
}
