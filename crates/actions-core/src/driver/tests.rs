use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::action::{NoClients, OutputSpec};
use crate::report::Outputs;

/// A little action whose world may move under it.
struct Sample;

#[derive(Debug, clap::Args)]
struct SampleArgs {
    /// What to greet.
    #[arg(long, required = true)]
    name: Option<String>,
    /// How often the world moves.
    #[arg(long, default_value = "0")]
    moves: String,
    /// What to print alone.
    #[arg(long, help_heading = "Command line")]
    show: Option<String>,
}

struct SampleInputs {
    name: String,
    show: Option<String>,
    moves: usize,
    tries: AtomicUsize,
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum SampleError {
    #[error("the world moved")]
    #[diagnostic(code("sample/moved"))]
    Moved,
}

impl ActionError for SampleError {
    fn is_stale(&self) -> bool {
        true
    }
}

impl Action for Sample {
    const NAME: &'static str = "sample";
    const TITLE: &'static str = "Sample";
    const DESCRIPTION: &'static str = "Greets.";
    const OUTPUTS: &'static [OutputSpec] = &[OutputSpec { name: "greeting", help: "The greeting." }];
    const PRINT_FLAG: Option<&'static str> = Some("show");
    type Args = SampleArgs;
    type Inputs = SampleInputs;
    type Clients = NoClients;
    type Snapshot = ();
    type Plan = String;
    type Outcome = String;
    type Error = SampleError;

    fn inputs(args: SampleArgs, _: &Session) -> Result<SampleInputs, InputErrors> {
        let mut bad = InputErrors::new();
        let name = bad.required("name", args.name.as_deref(), |text| Ok::<_, String>(text.to_owned()));
        let moves = bad.required("moves", Some(&args.moves), str::parse);
        bad.finish(|| Some(SampleInputs { name: name?, moves: moves?, show: args.show, tries: AtomicUsize::new(0) }))
    }
    async fn print(inputs: &SampleInputs, _: &Session) -> Result<Option<Printed>, SampleError> {
        match inputs.show.as_deref() {
            Some("moved") => Err(SampleError::Moved),
            Some("bad") => {
                let failure = Failure::new("sample/bad", "it is bad", ExitCode::Failed);
                Ok(Some(Printed { text: "bad\n".to_owned(), failure: Some(failure) }))
            }
            text => Ok(text.map(|text| Printed { text: text.to_owned(), failure: None })),
        }
    }
    async fn connect(_: &SampleInputs, _: &Session) -> Result<NoClients, SampleError> {
        Ok(NoClients)
    }
    async fn observe(_: &SampleInputs, _: &NoClients, _: &Session) -> Result<(), SampleError> {
        Ok(())
    }
    fn plan(inputs: &SampleInputs, (): &()) -> Result<String, SampleError> {
        Ok(format!("greet {}", inputs.name))
    }
    async fn apply(inputs: &SampleInputs, _: &String, _: &NoClients, session: &Session) -> Result<String, SampleError> {
        if inputs.name == "nobody" {
            session.cancel.cancel();
        }
        if inputs.tries.fetch_add(1, Ordering::SeqCst) < inputs.moves {
            Err(SampleError::Moved)
        } else {
            Ok(format!("hello {}", inputs.name))
        }
    }
    fn report(_: &SampleInputs, plan: &String, outcome: Option<&String>) -> Report {
        let greeting = outcome.cloned().unwrap_or_default();
        Report {
            verdict: outcome.unwrap_or(plan).clone(),
            outputs: Outputs::new().with("greeting", greeting),
            ..Report::default()
        }
    }
}

struct Run {
    code: ExitCode,
    output: String,
    summary: String,
}

fn run_sample(inputs: &[(&str, &str)], argv: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let variables = [("GITHUB_OUTPUT".to_owned(), file("output")), ("GITHUB_STEP_SUMMARY".to_owned(), file("summary"))];
    let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment = variables.into_iter().chain(inputs).collect();
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let code = run::<Sample>(&environment, argv, &Redactor::default());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    Run { code, output: read("output"), summary: read("summary") }
}

#[test]
fn a_run_sets_outputs_and_summary() {
    let run = run_sample(&[("INPUT_NAME", "you\nghadelimiter_x")], &[]);
    assert_eq!(run.code, ExitCode::Done);
    assert!(run.output.starts_with("greeting<<ghadelimiter_"), "{}", run.output);
    assert!(run.output.contains("\nhello you\nghadelimiter_x\n"), "{}", run.output);
    assert!(run.summary.starts_with("### ✅ sample: hello you "), "{}", run.summary);
}

#[test]
fn a_dry_run_applies_nothing() {
    let run = run_sample(&[("INPUT_NAME", "you")], &["--dry-run"]);
    assert_eq!(run.code, ExitCode::Done);
    assert!(run.summary.contains("greet you"), "{}", run.summary);
    assert!(!run.output.contains("hello"), "{}", run.output);
}

#[test]
fn a_world_that_moves_once_is_planned_again_and_twice_is_an_error() {
    assert_eq!(run_sample(&[("INPUT_NAME", "you"), ("INPUT_MOVES", "1")], &[]).code, ExitCode::Done);
    let run = run_sample(&[("INPUT_NAME", "you"), ("INPUT_MOVES", "2")], &[]);
    assert_eq!(run.code, ExitCode::Failed);
    assert!(run.summary.contains("sample/moved"), "{}", run.summary);
}

#[test]
fn a_text_in_place_of_a_run_leaves_nothing_behind_though_it_fails() {
    let cases = [
        ("--show=text", ExitCode::Done),
        ("--show=bad", ExitCode::Failed),
        ("--show=moved", ExitCode::Failed),
        ("--show", ExitCode::BadInput),
    ];
    for (flag, code) in cases {
        let run = run_sample(&[("INPUT_NAME", "you")], &[flag]);
        assert_eq!((run.code, run.output.as_str(), run.summary.as_str()), (code, "", ""), "{flag}");
    }
    let run = run_sample(&[("INPUT_SHOW", "text"), ("INPUT_NAME", "you")], &[]);
    assert!(run.output.contains("hello you"), "{}", run.output);
}

#[test]
fn no_line_of_a_text_is_a_command_where_a_runner_reads_it() {
    let text = "a\n  ::error::b\n##[group]c\n";
    let on = |actions: &str| Context::new(&Environment::from_iter([("GITHUB_ACTIONS", actions)]));
    assert_eq!(as_printed(text.to_owned(), &on("true")), "a\n|   ::error::b\n# #[group]c\n");
    assert_eq!(as_printed(text.to_owned(), &on("")), text);
}

#[test]
fn flags_and_domain_errors_are_reported_together() {
    let run = run_sample(&[("INPUT_MOVES", "many")], &["--nmae=x"]);
    assert_eq!(run.code, ExitCode::BadInput);
    for part in ["`nmae` is not known", "`name` is missing", "`moves` is `many`", "did you mean `--name`?"] {
        assert!(run.summary.contains(part), "{part}: {}", run.summary);
    }
}

#[test]
fn metadata_lists_inputs_with_defaults() {
    let metadata = ActionMetadata::of::<Sample>();
    let names: Vec<(&str, bool, &str)> =
        metadata.inputs.iter().map(|input| (input.name.as_str(), input.required, input.default.as_str())).collect();
    assert_eq!(names, [("name", true, ""), ("moves", false, "0"), ("dry-run", false, "false")]);
}

#[test]
fn the_command_of_an_action_is_checked() {
    check_command::<Sample>();
}

#[test]
#[should_panic(expected = "output")]
fn an_input_called_like_a_flag_of_every_action_is_found() {
    #[derive(Debug, clap::Args)]
    struct Colliding {
        /// A folder.
        #[arg(long)]
        output: Option<String>,
    }
    command::<Colliding>("colliding", "", &[]).debug_assert();
}

#[test]
fn outputs_that_cannot_be_written_are_an_error_behind_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary");
    let environment = [
        ("GITHUB_OUTPUT".to_owned(), folder.path().display().to_string()),
        ("GITHUB_STEP_SUMMARY".to_owned(), summary.display().to_string()),
        ("INPUT_NAME".to_owned(), "you".to_owned()),
    ];
    let code = run::<Sample>(&environment.into_iter().collect(), Vec::new(), &Redactor::default());
    assert_eq!(code, ExitCode::Failed);
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("sample: hello you") && summary.contains("outputs/unwritable"), "{summary}");
}

#[test]
fn a_cancellation_after_a_change_does_not_say_that_nothing_was_changed() {
    let run = run_sample(&[("INPUT_NAME", "nobody"), ("INPUT_MOVES", "1")], &[]);
    assert_eq!(run.code, ExitCode::Cancelled);
    assert!(run.summary.contains("what was changed before the world moved stays"), "{}", run.summary);
}

#[test]
fn a_machine_without_file_handles_is_told() {
    let failure = no_runtime(&std::io::Error::other("too many open files"));
    assert_eq!((failure.code.as_str(), failure.exit_code), ("slipway/no-runtime", ExitCode::Internal));
    assert_eq!(failure.why.as_deref(), Some("too many open files"));
}

#[test]
fn an_error_without_a_code_is_shown_with_one() {
    #[derive(Debug, thiserror::Error, miette::Diagnostic)]
    #[error("something of its own")]
    struct Plain;
    impl ActionError for Plain {}
    let failure = Failure::from_error(&Plain);
    assert_eq!((failure.code.as_str(), failure.exit_code), ("slipway/error", ExitCode::Failed));
}
