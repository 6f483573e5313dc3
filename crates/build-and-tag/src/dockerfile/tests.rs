use super::*;

fn parse(text: &str) -> Dockerfile {
    Dockerfile::parse(text).unwrap()
}

#[test]
fn lines_count_from_the_first_even_behind_a_byte_order_mark_and_continuations() {
    let dockerfile = parse("\u{FEFF}# c\nFROM scratch AS a\n\nENV x=1 \\\n  # note\n  y=2\nCMD [\"a\"]\n");
    let lines: Vec<usize> = dockerfile.stages[0].instructions.iter().map(|instruction| instruction.line).collect();
    assert_eq!(lines, [4, 7]);
    assert_eq!(dockerfile.stages[0].instructions[0].text, "ENV x=1 y=2");
    assert_eq!(dockerfile.stages[0].instructions[0].kind, Kind::Env("x=1   y=2".to_owned()));
}

#[test]
fn the_escape_directive_is_honored() {
    assert_eq!(parse("# escape=`\nFROM scratch\n").escape, '`');
}

#[test]
fn flags_sources_and_documents_are_told_apart() {
    let dockerfile = parse("FROM --platform=linux/arm64 x\nCOPY --from=y --link a b c/\nCOPY <<'E' /f\n$x\nE\n");
    assert_eq!(dockerfile.stages[0].platform.as_deref(), Some("linux/arm64"));
    let Kind::Copy(copy) = &dockerfile.stages[0].instructions[0].kind else { panic!() };
    assert_eq!(copy.flags[0], Flag { name: "from".to_owned(), value: Some("y".to_owned()) });
    assert_eq!((copy.flags.len(), copy.sources.len(), copy.dest.as_str()), (2, 2, "c/"));
    let Kind::Copy(document) = &dockerfile.stages[0].instructions[1].kind else { panic!() };
    assert_eq!(document.sources, [Source::Inline { name: "E".to_owned(), text: "$x\n".to_owned(), expand: false }]);
}

#[test]
fn stages_are_found_by_name_and_by_number() {
    let dockerfile = parse("FROM a AS one\nFROM b\nFROM c AS two\n");
    assert_eq!(dockerfile.stage_named("ONE", 3), Some(0));
    assert_eq!(dockerfile.stage_named("1", 3), Some(1));
    assert_eq!(dockerfile.stage_named("two", 2), None, "a later stage is not known yet");
}

#[test]
fn a_text_that_is_no_dockerfile_names_the_line() {
    assert_eq!(Dockerfile::parse("FROM scratch\n\nCOPY\n").unwrap_err().line, 3);
    assert!(Dockerfile::parse("").is_err());
}

#[test]
fn a_frontend_of_others_is_known_by_its_name() {
    let own = [
        "docker/dockerfile",
        "docker/dockerfile:1",
        "docker/dockerfile:1.7.0",
        "docker/dockerfile:1-labs",
        "docker/dockerfile:labs",
        "docker.io/docker/dockerfile:1@sha256:9c1d",
        "docker/dockerfile-upstream:1.9",
    ];
    for image in own {
        assert!(is_own_frontend(image), "{image}");
    }
    for image in [
        "example.com/docker/dockerfile:1",
        "docker/dockerfile:2",
        "docker/dockerfile:10",
        "docker/dockerfiles:1",
        "me/it",
    ] {
        assert!(!is_own_frontend(image), "{image}");
    }
    let parsed = Dockerfile::parse("# escape=`\n# syntax=me/it:1\nFROM scratch\n").unwrap();
    assert_eq!(parsed.frontend, Some(Frontend { line: 2, image: "me/it:1".to_owned() }));
    assert_eq!(Dockerfile::parse("# syntax=docker/dockerfile:1\nFROM scratch\n").unwrap().frontend, None);
}
