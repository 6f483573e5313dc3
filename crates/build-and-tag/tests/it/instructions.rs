//! What COPY and ADD can say: names of owners, words of chmod, here-documents.

use testkit::runner::FakeRunner;

use crate::support::{built, run, runner};

#[track_caller]
fn entries(runner: &FakeRunner) -> Option<Vec<String>> {
    built(runner).1.map(|seen| seen.layers.into_iter().flatten().collect())
}

#[test]
fn names_in_chown_are_those_of_the_stage_s_own_files() {
    let dockerfile = "FROM scratch AS users\nCOPY passwd group /etc/\nFROM users\nCOPY --chown=node a /a\n\
        COPY --chown=node:www --chmod=u=rwx,go=rX a /b\nCOPY --chown=5:www --from=users /etc/group /c\n\
        ADD --chown=node <<EOF /d\nx\nEOF\n";
    let runner = runner(dockerfile)
        .file("passwd", "root:x:0:0::/:/bin/sh\nnode:x:1000:1001::/home/node:/bin/sh\n")
        .file("group", "root:x:0:\nwww:x:33:\n")
        .file("a", "1");
    let Some(entries) = entries(&runner) else { return };
    let of =
        |name: &str| entries.iter().find(|entry| entry.contains(&format!(" {name} "))).cloned().unwrap_or_default();
    assert_eq!(of("/a"), "f /a 644 1000:1001 1700000000 1");
    assert_eq!(of("/b"), "f /b 755 1000:33 1700000000 1", "X is for what somebody may execute by now");
    assert!(of("/c").starts_with("f /c 644 5:33 "), "{}", of("/c"));
    assert_eq!(of("/d"), "f /d 644 1000:1001 1700000000 x");
}

#[test]
fn a_name_that_the_stage_does_not_know_is_refused_at_its_line() {
    let refused = |dockerfile: &str, words: &str| {
        let output = run(&runner(dockerfile).file("a", "1").input("builder", "embedded"));
        output.assert_code(2);
        assert!(
            output.stderr.contains("build-and-tag/dockerfile: ") && output.stderr.contains(words),
            "{}",
            output.stderr
        );
        assert!(output.stderr.contains("Dockerfile:2"), "{}", output.stderr);
    };
    refused("FROM scratch\nCOPY --chown=app a /\n", "the user `app` is not in the stage's /etc/passwd");
    refused("FROM scratch\nCOPY --chown=1:app a /\n", "the group `app` is not in the stage's /etc/group");
    refused("FROM scratch\nCOPY --chown=1:2:3 a /\n", "neither `user` nor `user:group`");
    refused("FROM scratch\nCOPY --chmod=rwx a /\n", "neither an octal mode nor changes");
    // The machine's own users are nobody's business.
    refused("FROM scratch\nCOPY --chown=daemon a /\n", "the user `daemon` is not in");
}

#[test]
fn here_documents_stand_beside_files_and_beside_each_other() {
    let dockerfile = "FROM scratch\nARG WHO=me\nCOPY a <<one.txt <<'two.txt' /in/\nfor $WHO\none.txt\nfor $WHO\ntwo.txt\n\
        COPY <<-three /in/\n\tindented\n\tthree\nCOPY --chmod=600 <<EOF /file\nx\nEOF\n";
    let Some(entries) = entries(&runner(dockerfile).file("a", "1")) else { return };
    assert_eq!(
        entries,
        [
            "d /in 755 0:0 1700000000",
            "f /in/a 644 0:0 1700000000 1",
            "f /in/one.txt 644 0:0 1700000000 for me",
            "f /in/two.txt 644 0:0 1700000000 for $WHO",
            "f /in/three 644 0:0 1700000000 indented",
            "f /file 600 0:0 1700000000 x",
        ]
    );
    let several = run(&runner("FROM scratch\nCOPY <<A <<B /x\n1\nA\n2\nB\n").input("builder", "embedded"));
    several.assert_code(2);
    assert!(several.stderr.contains("must end with `/`"), "{}", several.stderr);
    let path = run(&runner("FROM scratch\nCOPY <<a/b /x/\n1\na/b\n").input("builder", "embedded"));
    path.assert_code(2);
    assert!(path.stderr.contains("no name of a file"), "{}", path.stderr);
}

#[test]
fn no_line_of_a_file_elsewhere_is_quoted() {
    let elsewhere = FakeRunner::new().file("shadow", "root:$6$hash-of-a-password:19000::\n");
    let path = elsewhere.workspace().join("shadow").display().to_string();
    let check = |runner: &FakeRunner| {
        let output = run(runner);
        output.assert_code(2);
        for text in [&output.stdout, &output.stderr, &output.summary] {
            assert!(!text.contains("hash-of-a-password") && !text.contains("root:"), "{text}");
        }
        output.stderr
    };
    let outside = runner("FROM scratch\n").input("file", &path);
    assert!(check(&outside).contains("the line is not shown"));
    let own = run(&runner("root:$6$mine\n"));
    assert!(own.stderr.contains("malformed: ") && !own.stderr.contains("is not shown"), "{}", own.stderr);
    #[cfg(unix)]
    {
        let linked = runner("FROM scratch\n");
        std::fs::remove_file(linked.workspace().join("Dockerfile")).unwrap();
        std::os::unix::fs::symlink(&path, linked.workspace().join("Dockerfile")).unwrap();
        check(&linked);
        let rules = FakeRunner::new().file("rules", "[root:$6$hash-of-a-password\n");
        let ignoring = runner("FROM scratch\nCOPY . /\n");
        std::os::unix::fs::symlink(rules.workspace().join("rules"), ignoring.workspace().join(".dockerignore"))
            .unwrap();
        check(&ignoring);
    }
}

#[cfg(unix)]
#[test]
fn a_logged_command_line_can_be_pasted() {
    let step = crate::builders::with_fake_docker(runner("FROM scratch\n"), "true")
        .input("builder", "docker")
        .input("labels", "say=it's $HOME; `id` \"now\"");
    let output = run(&step);
    output.assert_code(0);
    let line = output.stderr.lines().find_map(|line| line.strip_prefix("$ ").filter(|line| line.contains(" build ")));
    let words = shlex::split(line.unwrap()).unwrap();
    assert!(words.contains(&"say=it's $HOME; `id` \"now\"".to_owned()), "{words:?}");
}
