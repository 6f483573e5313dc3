use std::fs;
use std::path::Path;
use std::process::Command;

use tokio_util::sync::CancellationToken;

use super::{ActError, ActEvent, ActOutcome, ActRun, Conclusion, EventKind, event, mask::Masks};
use crate::tools::{Tools, ToolsError};

const WORKFLOW: &str = r##"
name: toy
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    outputs:
      version: ${{ steps.set.outputs.version }}
    steps:
      - uses: actions/checkout@v4
      - id: set
        name: Set
        env: { TOKEN: "${{ secrets.TOKEN }}" }
        run: |
          echo "version=$WANTED" >> "$GITHUB_OUTPUT"
          echo "leak=$TOKEN" >> "$GITHUB_OUTPUT"
          echo "::add-mask::masked-value"
          echo "token $TOKEN masked-value ${#TOKEN}"
          echo "::notice title=Hi::there"
          echo "api $GITHUB_API_URL ref $GITHUB_REF of $GITHUB_REPOSITORY"
          echo "# Summary of $(cat VERSION)" >> "$GITHUB_STEP_SUMMARY"
      - uses: ./actions/greet
        with: { name: local }
      - uses: other/repo/greet@v3
        with: { name: mapped }
  fail:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - name: Fail
        run: test "${{ needs.build.outputs.version }}" = other
      - run: echo never
  skipped:
    if: github.ref == 'refs/heads/other'
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
"##;

const ACTION: &str = r#"
name: Greet
description: Greets
inputs: { name: { description: whom, required: true } }
runs:
  using: composite
  steps:
    - shell: bash
      env: { NAME: "${{ inputs.name }}" }
      run: echo "hello $NAME"
"#;

/// Returns the tools, or says which part of the tests cannot run here.
fn tools(test: &str) -> Option<Tools> {
    match Tools::locate() {
        Ok(tools) => Some(tools),
        Err(error @ (ToolsError::Program { .. } | ToolsError::Install { .. })) => {
            eprintln!("SKIPPED {test}: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn git(folder: &Path, args: &[&str]) {
    let fixed = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    let status = Command::new("git").current_dir(folder).args(fixed).args(args).status().expect("git runs");
    assert!(status.success(), "git {args:?}");
}

fn checkout(folder: &Path, workflow: &str) {
    for (path, content) in [
        (".github/workflows/toy.yml", workflow),
        ("actions/greet/action.yml", ACTION),
        ("greet/action.yml", ACTION),
        ("VERSION", "1.0.0"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("the path has a parent")).expect("a folder");
        fs::write(path, content).expect("a file");
    }
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    git(folder, &["remote", "add", "origin", "https://github.com/acme/shop.git"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "start"]);
}

fn lines(events: &[ActEvent]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Line(line) => Some(line.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn runs_a_workflow_and_tells_what_happened() {
    let Some(tools) = tools("act") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    checkout(folder.path(), WORKFLOW);
    // Not below the checkout: act copies that while the log grows.
    let logs = tempfile::tempdir().expect("a temporary folder");
    let log = logs.path().join("log.ndjson");
    let secret = "s3cr't \"$HOME\" #x";
    let mut events = Vec::new();
    let outcome: ActOutcome = ActRun::new(folder.path(), "push")
        .workflow(".github/workflows/toy.yml")
        .env("WANTED", "1.0.0 # 'quoted' $HOME")
        .env("GITHUB_API_URL", "http://127.0.0.1:9")
        .secret("TOKEN", secret)
        .local_repository("other/repo@v3", folder.path())
        .log_file(&log)
        .run(&tools, &CancellationToken::new(), |event| events.push(event.clone()))
        .expect("act runs");

    assert!(!outcome.success && !outcome.cancelled && !outcome.jobs.is_empty(), "{outcome:?} {events:?}");
    assert_eq!(outcome.jobs["toy/build"], Conclusion::Success, "{outcome:?} {:?}", lines(&events));
    assert_eq!(outcome.jobs["toy/fail"], Conclusion::Failure);
    let has = |kind: &EventKind| events.iter().any(|event| event.kind == *kind);
    assert!(has(&EventKind::Output { name: "version".into(), value: "1.0.0 # 'quoted' $HOME".into() }), "{events:?}");
    assert!(has(&EventKind::Output { name: "leak".into(), value: "***".into() }));
    assert!(has(&EventKind::Summary("# Summary of 1.0.0\n".into())));
    let expected = [
        format!("token *** *** {}", secret.len()),
        "api http://127.0.0.1:9 ref refs/heads/main of acme/shop".into(),
        "hello local".into(),
        "hello mapped".into(),
    ];
    for line in expected {
        assert!(lines(&events).contains(&line.as_str()), "{line} is not in {:?}", lines(&events));
    }
    let notice = events.iter().find(|event| matches!(&event.kind, EventKind::Command { name, .. } if name == "notice"));
    let notice = notice.expect("the notice was reported");
    assert_eq!(
        (notice.job_id.as_str(), notice.step.as_deref(), notice.step_id.as_slice()),
        ("build", Some("Set"), &["set".to_owned()][..])
    );
    let failed = events.iter().find(|event| event.kind == EventKind::StepFinished(Conclusion::Failure));
    assert_eq!(failed.and_then(|event| event.step.as_deref()), Some("Fail"));
    let written = fs::read_to_string(log).expect("the log was written");
    for hidden in ["masked-value", "s3cr"] {
        assert!(!written.contains(hidden) && !format!("{events:?}{outcome:?}").contains(hidden), "{hidden} leaked");
    }
}

#[test]
fn a_canceled_run_ends_every_process() {
    let Some(tools) = tools("act, cancellation") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let workflow = "on: push\njobs:\n  long:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          sleep 300 &\n          echo \"pids $$ $!\"\n          wait\n";
    checkout(folder.path(), workflow);
    let cancel = CancellationToken::new();
    let mut pids = Vec::new();
    let outcome = ActRun::new(folder.path(), "push")
        .run(&tools, &cancel, |event| {
            if let EventKind::Line(line) = &event.kind
                && let Some(found) = line.strip_prefix("pids ")
            {
                pids = found.split(' ').map(str::to_owned).collect();
                cancel.cancel();
            }
        })
        .expect("act runs");
    assert!(outcome.cancelled && !outcome.success);
    assert_eq!(pids.len(), 2, "{outcome:?}");
    for pid in pids {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "process {pid} survived");
    }
}

#[test]
fn a_missing_checkout_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = ActRun::new(folder.path().join("absent"), "push");
    assert!(matches!(super::command::RunFiles::create(&run), Err(ActError::Checkout { .. })));
}

#[test]
fn values_are_written_for_the_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path().join("home");
    let run = ActRun::new(folder.path(), "push").home(&home).secret("A", "secret-value");
    let files = super::command::RunFiles::create(&run).expect("the files are written");
    let command = super::command::build(&run, &Tools::at(folder.path()), &files).expect("a command");
    assert!(!format!("{command:?}").contains("secret-value"));
    let at = command.get_args().position(|arg| arg == "--secret-file").expect("the flag is set");
    let path = command.get_args().nth(at + 1).expect("the flag has a value");
    let mode = fs::metadata(path).expect("the file exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn several_lines_of_output_are_several_events() {
    let value = serde_json::json!({"raw_output": true, "msg": "a\nb\n", "job": "w/j", "jobID": "j", "stepID": ["0"]});
    assert_eq!(lines(&event::read(&value)), ["a", "b"]);
}

#[test]
fn a_mask_covers_each_line_and_the_longest_first() {
    let secrets = ["ab\ncdef".to_owned(), "abx".to_owned()];
    let masks = Masks::new(&secrets);
    assert_eq!(masks.redact("abx cdef ab"), "*** *** ***");
}

#[test]
fn text_that_is_no_json_is_a_message() {
    let value = Masks::default().clean("Error: no\n").expect("the line is not empty");
    let kind = EventKind::Message { level: "info".into(), text: "Error: no".into() };
    assert_eq!(event::read(&value)[0].kind, kind);
}

#[test]
fn a_command_ends_its_properties_at_the_first_colons_as_a_runner_does() {
    let line = r#"{"command":"error","arg":"x","kvPairs":{},"raw":"::error title=a/b%3A,line=3::denied on arn:aws:s3:::site%0Ahelp: 100%25","job":"j","jobID":"j"}"#;
    let event = event::read(&serde_json::from_str(line).expect("JSON")).pop().expect("one event");
    let EventKind::Command { properties, message, .. } = event.kind else { panic!("not a command") };
    assert_eq!(properties["title"], "a/b:");
    assert_eq!(properties["line"], "3");
    assert_eq!(message, "denied on arn:aws:s3:::site\nhelp: 100%");
}
