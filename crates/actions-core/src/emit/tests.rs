use super::*;

#[test]
fn a_report_may_take_nearly_all_of_the_summary_and_never_more_than_a_step_has() {
    for (room, least, most) in [(SummaryRoom::Usual, 60_000, 65_536), (SummaryRoom::Whole, 1_000_000, 1_024 * 1_024)] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let variables = [("GITHUB_STEP_SUMMARY", file.path().to_str().unwrap())];
        let environment: Environment = variables.into_iter().collect();
        let log = crate::session::Session::new(environment.clone()).log;
        let emitter = Emitter { environment: &environment, log: &log, json: false, dry_run: false, action: "sample" };
        let report = Report { summary: "line\n".repeat(400_000), summary_room: room, ..Report::default() };
        emitter.report(&report).unwrap();
        let written = std::fs::read_to_string(file.path()).unwrap();
        assert!((least..most).contains(&written.len()), "{room:?}: {}", written.len());
    }
}

#[test]
fn a_value_that_holds_the_delimiter_is_refused() {
    assert_eq!(block("a", "1\n2", "D").unwrap(), "a<<D\n1\n2\nD\n");
    let forged = block("a", "x\nD\nb<<D\nevil", "D").unwrap_err();
    assert_eq!((forged.code.as_str(), forged.exit_code), ("outputs/forged-delimiter", ExitCode::Internal));
    assert!(block("a\nb", "x", "D").is_err());
}

#[test]
fn delimiters_differ() {
    let (one, two) = (delimiter().unwrap(), delimiter().unwrap());
    assert_ne!(one, two);
    assert_eq!(one.len(), "ghadelimiter_".len() + 32);
}

#[test]
fn a_long_summary_is_cut_at_a_line() {
    let long = "line é\n".repeat(20_000);
    let cut = clip(&long, SummaryRoom::Usual.bytes());
    assert!(cut.len() < SummaryRoom::Usual.bytes() + 100);
    assert!(cut.ends_with("line é\n\n(The summary is cut here; the log has everything.)\n"));
}

#[test]
fn a_heading_is_not_said_twice() {
    let failure = Failure::new("x/y", "it is gone", ExitCode::Failed);
    assert_eq!(failure_section(&failure, "it is gone"), "\n**Failed:** `x/y`\n");
}

#[test]
fn a_failure_reads_what_why_and_how() {
    let failure = Failure::new("x/y", "service `web` is missing", ExitCode::Failed).why("a\nb").help("create it");
    assert_eq!(
        failure_section(&failure, "another verdict"),
        "\n**Failed:** service `web` is missing (`x/y`)\n\n**Why:**\n\n```text\na\nb\n```\n\n**How to fix it:** create it\n"
    );
}

#[test]
fn several_lines_cannot_forge_another_output_in_a_shell() {
    assert_eq!(plain("a", "1", "D"), "a=1");
    assert_eq!(plain("a", "1\n2", "D"), "a<<EOF\n1\n2\nEOF");
    assert_eq!(plain("a", "1\nEOF\nb=evil", "D"), "a<<D\n1\nEOF\nb=evil\nD");
}

#[test]
fn a_cut_closes_what_it_left_open() {
    let long = markdown::details("many", &markdown::fence("diff", &"+ a ```` line\n".repeat(9000)));
    let cut = clip(&long, SummaryRoom::Usual.bytes());
    assert!(cut.len() < long.len() && cut.contains("cut here"));
    let page = testkit::page::Page::parse(&format!("{cut}\n**Failed:** x\n"));
    assert!(page.fences_are_closed && page.text.contains("Failed") && page.text.contains("cut here"), "{}", page.text);
    assert_eq!(page.html.concat().matches("details").count(), 2);
}

#[test]
fn a_summary_keeps_its_failure_and_its_limit_whatever_is_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary");
    let environment: Environment = [("GITHUB_STEP_SUMMARY", path.display().to_string())].into_iter().collect();
    let context = crate::context::Context::new(&environment);
    let redactor = crate::redact::Redactor::default();
    redactor.add("verysecret");
    let log = Log::new(&context, false, crate::log::Commands::Stderr, redactor);
    let emitter = Emitter { environment: &environment, log: &log, json: false, dry_run: false, action: "x" };
    let endless = "@verysecret ".repeat(1_500);
    let failure = Failure::new("x/y", endless.clone(), ExitCode::Failed).why(format!("a\n{endless}")).help("create it");
    let summary = markdown::fence("text", &"line\n".repeat(40_000));
    let report = Report { verdict: endless, summary, failure: Some(failure), ..Report::default() };
    assert!(emitter.report(&report).is_ok());
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written.len() <= SummaryRoom::Usual.bytes() + 1, "{}", written.len());
    assert!(written.contains("**How to fix it:** create it"), "{}", &written[written.len() - 500..]);
    assert!(!written.contains("verys"), "half a secret is one too");
}

#[test]
fn a_failure_about_a_long_name_is_brief() {
    let failure = brief(&Failure::new("x/y", "é".repeat(100_000), ExitCode::BadInput).why("w\nv").help("h"));
    assert_eq!(failure.message.chars().count(), LONGEST_LINE + 1);
    assert_eq!((failure.why.as_deref(), failure.help.as_deref()), (Some("w\nv"), Some("h")));
}

#[test]
fn without_random_bytes_nothing_is_written() {
    let failure = no_randomness("the pool is closed");
    assert_eq!((failure.code.as_str(), failure.exit_code), ("outputs/no-randomness", ExitCode::Internal));
    assert_eq!(failure.why.as_deref(), Some("the pool is closed"));
}
