//! Laws of Dockerfiles and `.dockerignore`: read or refused at a line, in bounded time, whatever they hold.
#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, Work, cases};

use crate::context::ignore::IgnoreRules;

use crate::context::pattern::{Globstar, Pattern, Steps};
use crate::dockerfile::words::Lexer;
use crate::dockerfile::{Command, Dockerfile, Kind, Source};

const EXAMPLE: &str = include_str!("../../../examples/backend/Dockerfile");
const EVERYTHING: &str = "# escape=\\\n# syntax=docker/dockerfile:1\nARG BASE=alpine\nFROM --platform=linux/amd64 ${BASE:-x} AS build\nARG A=1 B\nENV A=$A \\\n  # c\n  B=\"x y\"\nLABEL a=b\nCOPY --chown=1:2 --from=build a b c/\nCOPY <<EOF /x\nhello $A\nEOF\nADD [\"a b\", \"c\"]\nRUN <<-EOT\n\techo\n\tEOT\nSHELL [\"sh\", \"-c\"]\nHEALTHCHECK --interval=5s CMD curl x || exit 1\nONBUILD RUN x\nUSER 1:1\nVOLUME [\"/a\"]\nEXPOSE 80/tcp\nWORKDIR /w\nSTOPSIGNAL SIGTERM\nMAINTAINER m\nFROM build\nENTRYPOINT [\"a\", \"b\"]\nCMD c d\n";

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9 ./]{0,8}",
        prop::sample::select(vec![
            "FROM x\n",
            "FROM ",
            "COPY ",
            "ADD ",
            "RUN ",
            "ARG ",
            "ENV ",
            "LABEL ",
            "ONBUILD ",
            "HEALTHCHECK ",
            "NONE",
            "CMD ",
            "<<EOF",
            "<<-'E'",
            "EOF\n",
            "E\n",
            "\n",
            "\r\n",
            "\\\n",
            "`\n",
            "# escape=`\n",
            "#",
            "[",
            "]",
            "\"",
            "'",
            "$",
            "${",
            "}",
            ":-",
            ":+",
            ":?",
            "--from=",
            "--",
            "=",
            ",",
            "\\",
            "\t",
            "\u{FEFF}",
            "\0",
            "é",
            "\u{202E}",
            "AS a\n",
            "&",
            "|",
            "*",
            "**",
            "!",
            "?",
            "[^a]",
            "../",
            "/",
            "EXPOSE ",
            "VOLUME ",
            "USER ",
            "SHELL ",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ]
}

fn text(pieces: usize) -> impl Strategy<Value = String> {
    vec(piece(), 0..pieces).prop_map(|pieces| pieces.concat())
}

/// A line that is right by itself, or now and then one that is not.
fn instruction() -> impl Strategy<Value = String> {
    let word = "[a-z$\\\\{}'=./ -]{0,10}";
    prop_oneof![
        8 => ("(RUN|CMD|ENTRYPOINT|LABEL a=|ENV b=|WORKDIR /|# )", "[a-z ]{1,10}").prop_map(|(name, rest)| format!("{name} {rest}\n")),
        2 => ("(COPY|ADD) [a-z]{1,4}", "[a-z]{1,4}").prop_map(|(name, rest)| format!("{name} {rest}\n")),
        1 => ("(COPY|ENV|RUN|ARG|LABEL|ADD|HEALTHCHECK|ONBUILD)", word).prop_map(|(name, rest)| format!("{name} {rest}\n")),
    ]
}

/// What is read has its lines in the file, in order; what is refused names one.
fn check(text: &str) -> Result<(), TestCaseError> {
    let lines = text.matches('\n').count() + 1;
    match Dockerfile::parse(text) {
        Ok(file) => {
            let mut last = 0;
            for stage in &file.stages {
                prop_assert!(stage.line > last && stage.line <= lines, "{text:?}");
                last = stage.line;
                for instruction in &stage.instructions {
                    prop_assert!(instruction.line >= last && instruction.line <= lines, "{instruction:?} in {text:?}");
                    last = instruction.line;
                    prop_assert!(!instruction.text.contains('\n'), "{instruction:?}");
                    words(&instruction.kind, file.escape);
                }
            }
        }
        Err(error) => prop_assert!(
            error.line >= 1 && error.line <= lines + 1 && !error.message.is_empty(),
            "{error:?} in {text:?}"
        ),
    }
    Ok(())
}

fn words(kind: &Kind, escape: char) {
    let lexer = Lexer { escape };
    let lookup = |name: &str| (name != "unset").then(|| format!("<{name}>"));
    match kind {
        Kind::Env(text) | Kind::Label(text) | Kind::Arg(text) => {
            for (name, value) in lexer.pairs(text).unwrap_or_default() {
                let _ = (lexer.substitute(&name, &lookup), lexer.substitute(&value, &lookup));
            }
        }
        Kind::Copy(transfer) | Kind::Add(transfer) => {
            for source in &transfer.sources {
                match source {
                    Source::Path(path) => drop(lexer.substitute(path, &lookup)),
                    Source::Inline { text, .. } => drop(lexer.expand(text, &lookup)),
                }
            }
        }
        Kind::Cmd(Command::Shell(text)) => drop(lexer.split(text)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_dockerfiles_are_read_or_refused_at_a_line(text in text(12), instructions in vec(instruction(), 0..6)) {
        static SHARE: Share = Share::new();
        check(&text)?;
        check(&format!("FROM scratch\n{text}"))?;
        let text = format!("FROM scratch\n{}", instructions.concat());
        SHARE.note(Dockerfile::parse(&text).is_ok());
        check(&text)?;
    }

    #[test]
    fn fuzz_damaged_dockerfiles_are_read_or_refused_at_a_line(edits in vec(any::<testkit::Edit>(), 1..5)) {
        static SHARE: Share = Share::new();
        for original in [EXAMPLE, EVERYTHING] {
            let text = String::from_utf8_lossy(&testkit::mutate(original.as_bytes(), &edits)).into_owned();
            SHARE.note(Dockerfile::parse(&text).is_ok());
            check(&text)?;
        }
    }

    #[test]
    fn fuzz_a_heredoc_arrives_as_it_was_written(lines in vec("[a-z$ {}'\"\\\\]{0,12}", 0..5), quoted in any::<bool>()) {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let tag = if quoted { "'END'" } else { "END" };
        let file = Dockerfile::parse(&format!("FROM scratch\nCOPY <<{tag} /x\n{body}END\n")).unwrap();
        let Kind::Copy(copy) = &file.stages[0].instructions[0].kind else { panic!("{file:?}") };
        prop_assert_eq!(&copy.sources, &[Source::Inline { name: "END".to_owned(), text: body, expand: !quoted }]);
    }

    #[test]
    fn fuzz_quoting_protects_any_text(word in "[^'\0]{0,20}", before in "[a-z]{0,4}") {
        let lexer = Lexer { escape: '\\' };
        let lookup = |_: &str| Some("SUBSTITUTED".to_owned());
        prop_assert_eq!(lexer.substitute(&format!("{before}'{word}'"), &lookup), Ok(format!("{before}{word}")));
        let escaped: String = word.chars().flat_map(|c| ['\\', c]).collect();
        prop_assert_eq!(lexer.substitute(&escaped, &lookup), Ok(word));
    }

    #[test]
    fn fuzz_words_hold_all_of_their_text(text in text(8)) {
        let lexer = Lexer { escape: '\\' };
        let words = lexer.split(&text);
        prop_assert!(words.iter().all(|word| !word.is_empty() && text.contains(word.as_str())));
        let _ = (lexer.substitute(&text, &|_| None), lexer.expand(&text, &|_| None), lexer.pairs(&text));
    }

    #[test]
    fn fuzz_ignore_rules_are_read_or_refused_at_a_line(text in text(8), path in "[a-z.]{1,3}(/[a-z.]{1,3}){0,3}") {
        match IgnoreRules::parse(&text) {
            Ok(rules) => drop((rules.ignores(&path, &mut Steps::default()), rules.may_keep_below(&path))),
            Err(bad) => prop_assert!(bad.line >= 1 && bad.line <= text.lines().count() && !bad.reason.is_empty(), "{bad:?}"),
        }
        for globstar in [Globstar::Crosses, Globstar::Stays] {
            if let Ok(pattern) = Pattern::new(&text, globstar) {
                let _ = pattern.matches(&path);
            }
        }
    }

    #[test]
    fn fuzz_a_pattern_without_wildcards_matches_itself_alone(path in "[a-z.$+(){}|^]{1,6}", other in "[a-z.$+(){}|^]{1,6}") {
        let pattern = Pattern::new(&path, Globstar::Crosses).unwrap();
        prop_assert!(pattern.matches(&path));
        prop_assert_eq!(pattern.matches(&other), path == other);
    }
}

#[test]
fn bombs_are_read_or_refused_in_no_time() {
    let work = Work::start();
    let many = 20_000;
    for text in [
        format!("FROM x\n{}", "COPY a b\n".repeat(many)),
        format!("FROM x\nRUN a{}", " \\\n".repeat(many)),
        format!("FROM x\nENV {}", "a=b ".repeat(many)),
        format!("FROM x\nCMD {}", "[".repeat(many)),
        format!("FROM x\nCOPY {} /x\n", "<<E ".repeat(many)),
        "FROM x\n".repeat(many),
        "#\n".repeat(many),
        "# escape=\\\n".repeat(many),
        "A".repeat(1_000_000),
        format!("FROM x\nONBUILD {}", "ONBUILD ".repeat(many)),
    ] {
        check(&text).unwrap();
    }
    let rules = IgnoreRules::parse(&format!("{}b", "**/a*".repeat(60))).unwrap();
    assert_eq!(rules.ignores(&"a/".repeat(200), &mut Steps::default()), Ok(false));
    assert!(IgnoreRules::parse(&"**/[a-z]*".repeat(20_000)).is_err(), "a pattern of 180 KB is none");
    work.assert_below(30);
}
