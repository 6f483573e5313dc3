//! What a builder that is a program of others can do to a build.

use std::os::unix::fs::PermissionsExt as _;

use testkit::matrix::{self, Class, Expected, Facts, Left, Mishap, Named, Scenario, Stage, Trouble};

use crate::support::{BINARY, MADE, runner};

/// A build by `docker`.
struct DockerBuild;

struct Place {
    stage: Stage,
}

/// A `docker` whose daemon keeps what it built in a file. `TROUBLE` says what happens to it.
const DOCKER: &str = r#"
case "$1" in
version)
    [ "$TROUBLE" = silent-version ] && { sleep 600; exit 1; }
    echo 20.10.24 ;;
build)
    echo 'Sending build context to Docker daemon  2.048kB'
    case "$TROUBLE" in
    killed) kill -9 $$ ;;
    failing) echo 'error during connect: unexpected EOF' >&2; exit 1 ;;
    silent) sleep 600; exit 1 ;;
    esac
    made "$@"
    cat src/main > "$HOME/daemon" ;;
image) labels ;;
esac
"#;

impl Scenario for DockerBuild {
    type World = Place;

    fn action(&self) -> &'static str {
        "build-and-tag"
    }

    fn name(&self) -> &'static str {
        "build-and-tag-docker"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Place {
        let runner = runner("FROM scratch\nCOPY src /src\n")
            .file("src/main", "program")
            .file("bin/docker", format!("#!/bin/sh\n{MADE}{DOCKER}"));
        let folder = runner.workspace().join("bin");
        std::fs::set_permissions(folder.join("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let runner = runner.env("PATH", path).input("builder", "docker").input("build-args", "KEY=a-value-of-mine");
        Place { stage: Stage::new(runner, [], |_| None).secret("a build argument", "a-value-of-mine") }
    }

    /// It makes no call.
    fn class(&self, _: &Named, _: usize) -> Option<Class> {
        None
    }

    fn mishaps(&self) -> Vec<Mishap<Place>> {
        let fails = |code, exit| Expected::fails(code, exit, Left::Untouched);
        let builder = |trouble, mode, expected| Mishap::new("the builder", trouble, expected).variable("TROUBLE", mode);
        vec![
            Mishap::new("the builder", Trouble::Absent, fails("build-and-tag/builder-unusable", 2))
                .variable("PATH", "/nonexistent"),
            builder(Trouble::Killed, "killed", fails("build-and-tag/command-failed", 1)),
            builder(Trouble::Failing, "failing", fails("build-and-tag/command-failed", 1)),
            builder(Trouble::Silent, "silent", fails("build-and-tag/cancelled", 130))
                .interrupted_at("Sending build context"),
            // It is asked with a time limit of its own.
            Mishap::new("the builder's first answer", Trouble::Silent, fails("build-and-tag/builder-unusable", 2))
                .variable("TROUBLE", "silent-version"),
        ]
    }

    fn writes_files(&self) -> bool {
        true
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The bake file is in the runner's own folder.
    fn erase(&self, text: &str) -> String {
        text.replace(&self.stage.runner.root().display().to_string(), "")
    }

    fn facts(&self) -> Facts {
        let daemon = self.stage.runner.root().join("home/daemon");
        std::fs::read_to_string(daemon).map(|image| ("image".to_owned(), image)).into_iter().collect()
    }
}

#[test]
fn every_mishap_of_a_builder_has_its_promised_end() {
    matrix::every_fault(&DockerBuild);
}
