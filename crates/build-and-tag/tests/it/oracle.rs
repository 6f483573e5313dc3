//! The embedded builder beside buildah and Docker: the same Dockerfile, the same files and the same configuration.

use std::collections::BTreeMap;
use std::process::Command;

use oci_image::{ArchiveOptions, Compression, Layout, open_docker_archive};
use serde_json::{Map, Value};
use testkit::runner::FakeRunner;

use crate::support::{Seen, out, read, run, runner};

/// Dockerfiles without RUN, as people write them.
const DOCKERFILES: [&str; 22] = [
    "FROM scratch\nCOPY a /a\n",
    "FROM scratch\nCOPY . /all/\n",
    "FROM scratch\nCOPY a b /in/\n",
    "FROM scratch\nCOPY *.txt /txt/\n",
    "FROM scratch\nCOPY sub /sub\nCOPY sub/deep/x /x\n",
    "FROM scratch\nWORKDIR /srv/app\nCOPY a .\nCOPY a ./other\nWORKDIR sub\nCOPY b .\n",
    "FROM scratch\nCOPY --chown=7:8 sub /owned/\nCOPY --chown=9 a /nine\n",
    "FROM scratch\nCOPY --chmod=600 a /secret\nCOPY --chmod=0711 program /program\n",
    "FROM scratch AS one\nCOPY a /x/a\nFROM scratch\nCOPY --from=one /x /y\nCOPY --from=0 /x/a /z/\n",
    "FROM scratch AS base\nCOPY a /a\nENV FROM_BASE=1\nFROM base\nCOPY b /b\nENV OWN=$FROM_BASE-2\n",
    "FROM scratch\nADD archive.tar /unpacked/\nCOPY archive.tar /packed/\n",
    "FROM scratch\nARG WHO=world\nENV GREETING=\"hello $WHO\" EMPTY=\nLABEL said=\"${GREETING:-none}\" and=${NOT_SET:-default}\n",
    "ARG FIRST=a\nFROM scratch\nARG FIRST\nCOPY ${FIRST} /of-an-argument\n",
    "FROM scratch\nENTRYPOINT [\"/program\"]\nCMD [\"--serve\", \"8080\"]\nEXPOSE 8080 9090/udp\nUSER 1000:1000\n",
    "FROM scratch\nCMD echo hello\nSTOPSIGNAL SIGINT\nVOLUME /data /more\n",
    "FROM scratch\nHEALTHCHECK NONE\nCOPY [\"a\", \"b\", \"/json form/\"]\n",
    "FROM scratch\nCOPY link /link\nCOPY sub/link-to-x /followed\n",
    "FROM scratch\nCOPY a /x\nCOPY b /x\nCOPY sub/ /sub-of/\n",
    "# a comment\nFROM scratch\nLABEL one=1 \\\n  # between\n  two=\"2 and\" \\\n  three='$3'\nCOPY [\"with space\", \"/with space/\"]\n",
    "FROM scratch\nENV P=/opt/x\nWORKDIR $P/y\nCOPY a ${P}/z/\nONBUILD COPY . /app\nMAINTAINER me\n",
    "FROM scratch AS build\nLABEL org.opencontainers.image.revision=dev version=0\nCOPY a /a\nFROM scratch\nCOPY --from=build /a /a\n",
    "FROM scratch AS base\nLABEL org.opencontainers.image.revision=dev\nFROM base AS next\nCOPY a /a\nFROM next\nCOPY b /b\n",
];

fn files(runner: FakeRunner) -> FakeRunner {
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.set_mode(0o640);
    header.set_uid(3);
    header.set_gid(4);
    archive.append_data(&mut header, "deep/in", &b"i"[..]).unwrap();
    let runner = runner
        .file("a", "1")
        // Of another length: Docker on some file systems tells files apart by time and size alone.
        .file("b", "22")
        .file("c.txt", "3")
        .file("program", "#!")
        .file("with space", "4")
        .file("sub/x", "5")
        .file("sub/deep/x", "6")
        .file("archive.tar", archive.into_inner().unwrap())
        .file(".dockerignore", "Dockerfile\nout\n.dockerignore\nc.t?t\n!c.txt\n");
    let set = |name: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(runner.workspace().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    // What git keeps of a mode, so that no umask has a say.
    for name in ["a", "b", "c.txt", "with space", "sub/x", "sub/deep/x", "archive.tar"] {
        set(name, 0o644);
    }
    for name in ["program", "sub", "sub/deep"] {
        set(name, 0o755);
    }
    std::os::unix::fs::symlink("a", runner.workspace().join("link")).unwrap();
    std::os::unix::fs::symlink("x", runner.workspace().join("sub/link-to-x")).unwrap();
    runner
}

/// The files of an image, the upper layers over the lower, without the root and without times.
fn tree(seen: &Seen) -> BTreeMap<String, String> {
    let mut tree = BTreeMap::new();
    for entry in seen.layers.iter().flatten() {
        let (kind, rest) = entry.split_once(" /").unwrap();
        // The path may have spaces; the four fields behind it, of which the last may be empty, have none.
        let at = rest.match_indices(' ').map(|(at, _)| at).find(|at| {
            let fields: Vec<&str> = rest[at + 1..].split(' ').collect();
            fields.len() >= 3 && u32::from_str_radix(fields[0], 8).is_ok() && fields[1].contains(':')
        });
        let (path, fields) = rest.split_at(at.unwrap());
        let mut fields: Vec<&str> = fields.trim_start().split(' ').collect();
        fields.remove(2);
        if !path.is_empty() {
            tree.insert(path.to_owned(), format!("{kind} {}", fields.join(" ")));
        }
    }
    tree
}

/// The configuration, as far as it is the Dockerfile's: what is empty is left out.
fn config(seen: &Seen) -> Map<String, Value> {
    let mut config = seen.config["config"].as_object().cloned().unwrap_or_default();
    if let Some(env) = config.get_mut("Env").and_then(Value::as_array_mut) {
        env.retain(|entry| entry.as_str().is_some_and(|entry| !entry.starts_with("PATH=")));
    }
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty() || text == "/",
        Value::Bool(is_set) => !is_set,
        Value::Number(_) => false,
    };
    // OCI's configuration has no place for these, and buildah leaves them out; `Image` is the step before in Docker's old builder.
    let docker_alone = ["Healthcheck", "OnBuild", "Shell", "Image"];
    config.retain(|name, value| !is_empty(value) && !docker_alone.contains(&name.as_str()));
    config
}

#[test]
fn buildah_builds_the_same_of_each_dockerfile() {
    let answers = Command::new("buildah").args(["--storage-driver", "vfs", "images"]).output();
    if !answers.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED buildah builds: buildah is not installed or cannot work here");
        return;
    }
    in_pairs(|dockerfile| {
        let step = files(runner(dockerfile)).input("builder", "buildah");
        run(&step).assert_code(0);
        compare(dockerfile, read(&out(&step)));
    });
}

#[test]
fn docker_builds_the_same_of_each_dockerfile() {
    let answers = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    if !answers.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED docker builds: no Docker daemon answers");
        return;
    }
    // One after the other: the old builder loses layers of images that are built at the same time.
    for dockerfile in DOCKERFILES {
        let step = crate::builders::with_docker(files(runner(dockerfile))).input("builder", "docker");
        let output = run(&step);
        // The builder of old daemons, without BuildKit.
        if output.code == 1 && output.stderr.contains("requires BuildKit") {
            continue;
        }
        output.assert_code(0);
        let (saved, layout) = (step.workspace().join("saved.tar"), step.workspace().join("saved"));
        let id = &output.outputs["image-id"];
        let done = Command::new("docker").arg("save").arg("--output").arg(&saved).arg(id).output().unwrap();
        let words = String::from_utf8_lossy(&done.stderr);
        // Old daemons save no image without a layer.
        if words.contains("empty export") {
            continue;
        }
        assert!(done.status.success(), "{words}");
        let work = step.workspace();
        let options = ArchiveOptions { work, compression: Compression::Keep, reference: None, platform: None };
        let archive = open_docker_archive(&saved, &options).unwrap();
        let mut writer = Layout::create(&layout).unwrap();
        writer.add_content(archive.content()).unwrap();
        writer.tag(archive.content().descriptor(), &["saved".to_owned()]);
        writer.commit().unwrap();
        compare(dockerfile, read(&layout));
    }
}

/// Does `one` for each Dockerfile, two at a time.
fn in_pairs(one: impl Fn(&str) + Sync) {
    let work = std::sync::Mutex::new(DOCKERFILES.iter());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(dockerfile) = { work.lock().unwrap().next() } {
                    one(dockerfile);
                }
            });
        }
    });
}

/// Compares what the embedded builder makes of `dockerfile` with what another made.
fn compare(dockerfile: &str, theirs: Option<Seen>) {
    let step = files(runner(dockerfile)).input("builder", "embedded");
    run(&step).assert_code(0);
    let (Some(ours), Some(theirs)) = (read(&out(&step)), theirs) else { return };
    assert_eq!(tree(&ours), tree(&theirs), "the files of\n{dockerfile}");
    assert_eq!(config(&ours), config(&theirs), "the configuration of\n{dockerfile}");
}
