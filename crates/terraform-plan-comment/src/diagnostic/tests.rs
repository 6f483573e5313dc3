use serde_json::json;

use super::*;
use crate::likely::Detector;
use crate::stream::Stream;

fn log(errors: usize, warnings: usize) -> Log {
    let one = |severity: &str, index: usize| {
        json!({ "@level": "info", "type": "diagnostic", "diagnostic": { "severity": severity, "summary": format!("{severity} {index}"),
            "range": { "filename": "../modules/./a/main.tf", "start": { "line": index + 1 } } } })
        .to_string()
    };
    let lines: Vec<String> =
        (0..warnings).map(|index| one("warning", index)).chain((0..errors).map(|index| one("error", index))).collect();
    let stream = Stream::parse(lines.join("\n").as_bytes()).unwrap();
    stream.sealed(&[], &Detector::default()).unwrap().log
}

#[test]
fn annotations_are_few_and_the_errors_first() {
    let annotations: Vec<Annotation> = log(20, 20).annotations().collect();
    let of = |loudness| annotations.iter().filter(|one| one.severity == loudness).count();
    assert_eq!((of(Loudness::Error), of(Loudness::Warning)), (MOST_ANNOTATIONS, MOST_ANNOTATIONS));
    assert_eq!(annotations[0].message, "error 0");
    assert_eq!(annotations[0].title.as_deref(), Some("Terraform: error"));
    assert_eq!(log(0, 1).annotations().count(), 1);
}

#[test]
fn the_words_of_a_verdict_count_the_errors() {
    assert_eq!([0, 1, 2].map(|count| log(count, 1).with_errors()), ["", " with 1 error", " with 2 errors"]);
}

#[test]
fn a_path_is_straightened_and_never_leaves_what_it_does_not_know() {
    for (path, straightened) in [
        ("envs/prod/../../modules/a/main.tf", "modules/a/main.tf"),
        ("./main.tf", "main.tf"),
        ("../a.tf", "../a.tf"),
        ("../../a.tf", "../../a.tf"),
        ("a/../../b.tf", "../b.tf"),
    ] {
        assert_eq!(straight(Path::new(path)), PathBuf::from(straightened), "{path}");
    }
}
