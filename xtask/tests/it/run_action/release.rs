//! A release of made-up tools: the script, a `release.lock`, archives, a mirror and a runner.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use testkit::{FakeRunner, RunOutput};

use super::mirror::{Answer, Mirror};

pub(crate) const TRIPLE: &str = "x86_64-unknown-linux-musl";

/// Shows how it was called and ends as it is told.
pub(crate) const TOOL: &str = r#"#!/bin/sh
printf 'ran %s with %d\n' "${0##*/}" "$#"
for argument in "$@"; do printf '[%s]\n' "$argument"; done
case "$1" in
  exit) exit "$2" ;;
  wait) echo waiting; exec tail -f /dev/null ;;
esac
"#;

/// A program in `PATH` in front of the real one: writes down its arguments instead of waiting.
const SLEEP: &str = "#!/bin/sh\necho \"$1\" >>\"${0%/*}/slept\"\n";

pub(crate) struct Release {
    folder: TempDir,
    pub(crate) mirror: Mirror,
}

impl Release {
    /// A release of `demo`, whose archive the mirror has.
    pub(crate) fn new() -> Self {
        let release = Self::unreleased();
        let archive = release.archive(&[("demo", TOOL.as_bytes())]);
        release.pin(&archive, TOOL.as_bytes());
        release.mirror.answer(vec![Answer::File(archive)]);
        release
    }

    /// A branch: nothing is pinned.
    pub(crate) fn unreleased() -> Self {
        let folder = tempfile::Builder::new().prefix("run action's \"$x\" ").tempdir().expect("a temporary folder");
        let release = Self { folder, mirror: Mirror::start(vec![Answer::Status(404)]) };
        for name in ["slipway/scripts", "cache", "temp", "shims"] {
            fs::create_dir_all(release.path(name)).expect("the folder is ours");
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run-action.sh");
        fs::copy(script, release.path("slipway/scripts/run-action.sh")).expect("the script is there");
        release.lock("# A branch.\nversion unreleased\n");
        release.shim("sleep", SLEEP);
        release
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn lock(&self, text: &str) {
        fs::write(self.path("slipway/release.lock"), text).expect("the folder is ours");
    }

    /// Pins `demo` to this archive and this binary.
    pub(crate) fn pin(&self, archive: &[u8], binary: &[u8]) {
        self.lock(&format!(
            "# A release.\nversion 1.2.3\nurl https://127.0.0.1:9/unused\nrepository OWNER/slipway\n\
             commit 0123456789012345678901234567890123456789\n{}\n",
            asset("demo", archive, binary)
        ));
    }

    /// A `PATH` of one folder that has every program of this machine's `PATH` but these.
    pub(crate) fn path_without(&self, names: &[&str]) -> String {
        let only = self.path("only");
        fs::create_dir(&only).expect("the folder is ours");
        let path = std::env::var_os("PATH").expect("PATH is set");
        for folder in std::env::split_paths(&path) {
            for entry in fs::read_dir(folder).into_iter().flatten().map_while(Result::ok) {
                if !names.iter().any(|name| entry.file_name() == *name) {
                    // The first of a name wins, as in PATH.
                    let _ = std::os::unix::fs::symlink(entry.path(), only.join(entry.file_name()));
                }
            }
        }
        self.text("only")
    }

    /// An executable in front of `PATH`.
    pub(crate) fn shim(&self, name: &str, text: &str) {
        executable(&self.path("shims").join(name), text.as_bytes());
    }

    /// A `.tar.gz` of these members, spelled as they are.
    pub(crate) fn archive(&self, members: &[(&str, &[u8])]) -> Vec<u8> {
        let folder = tempfile::tempdir_in(self.folder.path()).expect("a temporary folder");
        for (name, content) in members {
            executable(&folder.path().join(name), content);
        }
        let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        tar(folder.path(), &names)
    }

    /// Where the binary is cached.
    pub(crate) fn cached(&self) -> PathBuf {
        self.path("cache/slipway/1.2.3").join(TRIPLE).join("demo")
    }

    /// Puts bytes into the cache.
    pub(crate) fn cache(&self, content: &[u8]) {
        fs::create_dir_all(self.cached().parent().expect("it has a folder")).expect("the folder is ours");
        executable(&self.cached(), content);
    }

    /// The files below a folder, those whose name starts with a dot included.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("it can be read"))
            {
                if entry.file_type().expect("it is there").is_dir() {
                    folders.push(entry.path());
                }
                if !entry.path().is_dir() || entry.file_name().to_string_lossy().starts_with('.') {
                    files.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        files.sort();
        files
    }

    /// What the script slept between two attempts.
    pub(crate) fn slept(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("shims/slept")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// A runner with this release's mirror, folders and shims.
    pub(crate) fn runner(&self) -> FakeRunner {
        let path = std::env::var("PATH").expect("PATH is set");
        FakeRunner::new()
            .env("SLIPWAY_MIRROR", self.mirror.url())
            .env("RUNNER_TOOL_CACHE", self.text("cache"))
            .env("RUNNER_TEMP", self.text("temp"))
            .env("PATH", format!("{}:{path}", self.text("shims")))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("temporary folders are UTF-8").to_owned()
    }

    /// How an action calls the script.
    pub(crate) fn command(&self, arguments: &[&str]) -> Vec<String> {
        let script = self.text("slipway/scripts/run-action.sh");
        let fixed = ["--noprofile".to_owned(), "--norc".to_owned(), script];
        fixed.into_iter().chain(arguments.iter().map(|argument| (*argument).to_owned())).collect()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> RunOutput {
        self.run_on(&self.runner(), arguments)
    }

    pub(crate) fn run_on(&self, runner: &FakeRunner, arguments: &[&str]) -> RunOutput {
        runner.run("bash", self.command(arguments))
    }
}

/// The lock's line of a tool.
pub(crate) fn asset(name: &str, archive: &[u8], binary: &[u8]) -> String {
    format!("asset {name} {TRIPLE} {} {} {}", sha256(archive), sha256(binary), archive.len())
}

pub(crate) fn sha256(content: &[u8]) -> String {
    testkit::registry::digest(content).trim_start_matches("sha256:").to_owned()
}

pub(crate) fn executable(path: &Path, content: &[u8]) {
    fs::write(path, content).expect("the folder is ours");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
}

pub(crate) fn tar(folder: &Path, names: &[&str]) -> Vec<u8> {
    let output =
        Command::new("tar").args(["-czf", "-"]).args(names).current_dir(folder).output().expect("tar is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Demands that nothing ran, and that the reason was given as an annotation and as text.
#[track_caller]
pub(crate) fn assert_refused(output: &RunOutput, title: &str) {
    output.assert_code(1);
    assert_eq!(output.stdout, "", "nothing may run");
    let annotations: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("::")).collect();
    let [annotation] = annotations[..] else { panic!("one annotation, not {annotations:?}") };
    assert!(annotation.starts_with(&format!("::error title={title}::")), "{annotation}");
    assert!(annotation.contains("%0Ahelp: "), "{annotation}");
    assert!(output.stderr.contains(&format!("\n{title}: ")), "{}", output.stderr);
}
