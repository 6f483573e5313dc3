//! Manifests in the shapes of known projects, with the answers of their own tools.
//!
//! A file of `tests/corpus` holds the cases of an ecosystem: a line `===` with the case's name, the manifest, the answer and who
//! told it, then the files, each behind its path. An answer is a version, or a code of an error with the file and the line.
//! Where nobody runs the tool (Gradle, MSBuild, Helm, maturin, Maven 4), its documentation told it.

use testkit::{FakeRunner, RunOutput};

use crate::run;

struct Case<'a> {
    name: &'a str,
    manifest: &'a str,
    answer: &'a str,
    files: Vec<(&'a str, &'a str)>,
}

fn cases(corpus: &str) -> Vec<Case<'_>> {
    corpus.split("=== ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case<'_> {
    let (head, files) = text.split_once("-- ").unwrap();
    let (name, fields) = head.split_once('\n').unwrap();
    let field = |field: &str| fields.lines().find_map(|line| line.strip_prefix(field)).unwrap().trim();
    assert!(!field("told by:").is_empty(), "{name}");
    let files = files.split("\n-- ").map(|file| file.split_once(" --\n").or_else(|| file.split_once(" --")).unwrap());
    Case { name, manifest: field("manifest:"), answer: field("answer:"), files: files.collect() }
}

/// The version, else the error's code with its place.
fn answer(output: &RunOutput) -> String {
    if let Some(version) = output.outputs.get("version") {
        return version.clone();
    }
    let annotation = output.stdout.lines().find_map(|line| line.strip_prefix("::error title=version-detect/")).unwrap();
    let mut properties = annotation.split("::").next().unwrap().split(',');
    let code = properties.next().unwrap();
    let place: Vec<&str> =
        properties.filter(|it| !it.starts_with("col=")).map(|it| it.split_once('=').unwrap().1).collect();
    match code {
        "no-version" => code.to_owned(),
        code => format!("{code} {}", place.join(":")),
    }
}

#[test]
fn known_shapes_have_the_versions_that_their_tools_tell() {
    let corpora = [
        ("maven", include_str!("../corpus/maven.txt")),
        ("npm", include_str!("../corpus/npm.txt")),
        ("cargo", include_str!("../corpus/cargo.txt")),
        ("python", include_str!("../corpus/python.txt")),
        ("gradle", include_str!("../corpus/gradle.txt")),
        ("dotnet", include_str!("../corpus/dotnet.txt")),
        ("helm", include_str!("../corpus/helm.txt")),
        ("plain", include_str!("../corpus/plain.txt")),
    ];
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (ecosystem, corpus) in corpora {
        for case in cases(corpus) {
            count += 1;
            let runner = FakeRunner::new().github("push", "refs/heads/feature/a", testkit::runner::SHA, "acme/shop");
            let runner = case.files.iter().fold(runner, |runner, (path, text)| runner.file(path, text));
            let output = run(&runner.input("manifest", case.manifest));
            let (found, told) = (answer(&output), output.outputs.get("ecosystem").map_or(ecosystem, String::as_str));
            if found != case.answer || told != ecosystem {
                wrong.push(format!("{ecosystem}: {}: {found} instead of {}", case.name, case.answer));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count >= 75, "{count} cases");
}
