//! The repository that is measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::write;

/// How many components one changed component lies apart from the next.
const APART: usize = 100;

/// What was made.
pub(super) struct Repository {
    /// The repository of components.
    pub(super) all: PathBuf,
    /// A folder with one `package.json`, in no repository: of what a run does, that is what an action in JavaScript does.
    pub(super) one: PathBuf,
    /// It is removed with this.
    _outside: tempfile::TempDir,
    /// The commit that is checked out.
    pub(super) after: String,
    /// The event's payload.
    pub(super) event: PathBuf,
}

/// The output that names the components that changed.
pub(super) fn changed(components: usize) -> String {
    let mut names: Vec<String> = (0..components).step_by(APART).map(name).collect();
    names.sort();
    format!("[\"{}\"]", names.join("\",\""))
}

fn name(number: usize) -> String {
    format!("c{number:04}")
}

/// A manifest's name and text; those of Maven inherit from the repository's own.
fn manifest(number: usize) -> (&'static str, String) {
    let name = name(number);
    match number % 4 {
        0 => (
            "pom.xml",
            format!(
                "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  <parent>\n    \
                 <groupId>com.acme</groupId>\n    <artifactId>parent</artifactId>\n    <version>${{revision}}</version>\n    \
                 <relativePath>../../pom.xml</relativePath>\n  </parent>\n  <artifactId>{name}</artifactId>\n</project>\n"
            ),
        ),
        1 => (
            "package.json",
            format!("{{\n  \"name\": \"{name}\",\n  \"version\": \"1.2.3\",\n  \"dependencies\": {{}}\n}}\n"),
        ),
        2 => ("Cargo.toml", format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n")),
        _ => ("pyproject.toml", format!("[project]\nname = \"{name}\"\nversion = \"1.2.3\"\n")),
    }
}

impl Repository {
    /// Makes the repository anew.
    pub(super) fn make(work: &Path, components: usize) -> Result<Self, String> {
        let outside = tempfile::tempdir().map_err(|error| format!("a temporary folder: {error}"))?;
        let (all, one) = (work.join("all"), outside.path().join("shop"));
        if work.exists() {
            std::fs::remove_dir_all(work).map_err(|error| format!("{}: {error}", work.display()))?;
        }
        write(&one.join("package.json"), "{\n  \"name\": \"shop\",\n  \"version\": \"1.2.3\"\n}\n")?;
        write(
            &all.join("pom.xml"),
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>com.acme</groupId>\n  \
             <artifactId>parent</artifactId>\n  <version>${revision}</version>\n  <packaging>pom</packaging>\n  <properties>\n    \
             <revision>1.2.3</revision>\n  </properties>\n</project>\n",
        )?;
        let mut config = String::new();
        for number in 0..components {
            let (name, folder) = (name(number), format!("components/{}", name(number)));
            config.push_str(&format!("[[component]]\nname = \"{name}\"\npath = \"{folder}\"\n"));
            let (file, text) = manifest(number);
            write(&all.join(&folder).join(file), &text)?;
            write(&all.join(&folder).join("src/main"), "1\n")?;
        }
        write(&all.join("slipway.toml"), &config)?;
        git(&all, &["init", "--quiet", "--initial-branch", "main"])?;
        let before = commit(&all)?;
        for number in (0..components).step_by(APART) {
            write(&all.join(format!("components/{}/src/main", name(number))), "2\n")?;
        }
        let after = commit(&all)?;
        for number in 0..components {
            // As released from the commit before, so that a version without a tag is not the reason of a change.
            git(&all, &["update-ref", &format!("refs/tags/{}-v1.2.3", name(number)), &before])?;
        }
        git(&all, &["pack-refs", "--all"])?;
        let event = work.join("event.json");
        write(&event, &format!("{{\"before\": \"{before}\", \"repository\": {{\"default_branch\": \"main\"}}}}\n"))?;
        Ok(Self { all, one, _outside: outside, after, event })
    }
}

fn commit(folder: &Path) -> Result<String, String> {
    git(folder, &["add", "--all"])?;
    git(folder, &["commit", "--quiet", "--message", "change"])?;
    git(folder, &["rev-parse", "HEAD"])
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim()))
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn every_hundredth_component_changes() {
        assert_eq!(changed(300), "[\"c0000\",\"c0100\",\"c0200\"]");
    }
}
