use std::path::Path;

use actions_core::{ActionError as _, ExitCode, Failure};
use tempfile::TempDir;

use super::check;
use crate::command::Tool;
use crate::options::{self, Options};
use crate::schema;
use crate::tree::{self, Tree};

/// A repository that can be rehearsed.
struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.write(
            ".github/workflows/backend.yml",
            "on: push\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: acme/tool/sub@v1\n",
        );
        repository.write("Cargo.toml", "[package]\nversion = \"1.0.0\"\n");
        repository.write("deploy/task-definition.json", "{}");
        repository.write("stand-in/sub/action.yml", "name: x\n");
        repository.write(".gitignore", "target\n");
        repository.git(&["init", "--quiet"]);
        repository.git(&["add", "--all"]);
        repository.git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "x"]);
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        Tool::new("git", self.path()).args(arguments).output().map(drop).unwrap();
    }

    /// The problems of the repository with `config` as its `rehearsal.toml`, as they are told.
    fn told(&self, config: &str, flags: &[&str]) -> Vec<String> {
        let Ok(options) = options(flags) else { panic!("the flags are wrong") };
        let reading = schema::read(config);
        let mut problems = reading.problems;
        problems.extend(check(&reading.config.unwrap(), &options, &Tree::read(self.path()).unwrap()));
        assert!(problems.iter().all(|problem| problem.exit_code() == ExitCode::BadInput));
        let text = |failure: Failure| {
            format!(
                "{}: {} | {} | {}",
                failure.code,
                failure.message,
                failure.why.unwrap_or_default(),
                failure.help.unwrap()
            )
        };
        problems.iter().map(|problem| text(Failure::from_error(problem))).collect()
    }
}

fn options(flags: &[&str]) -> Result<Options, options::Stopped> {
    options::parse(std::iter::once(&"slipway-rehearse").chain(flags).map(Into::into))
}

const GOOD: &str = "repository = 'acme/shop'\n[uses]\n'acme/tool' = 'stand-in'\n[[resources.services]]\ncluster = 'c'\nname = 'web'\ntask-definition = 'deploy/task-definition.json'\n[[run]]\nname = 'backend'\nworkflow = 'backend.yml'\nevent = 'push'\nbump = 'Cargo.toml'\nedits = [{ file = 'Cargo.toml', find = '1.0.1', replace = '1.0.2' }]\n";

/// The one problem that a change of [`GOOD`] leads to begins so and holds these words.
#[track_caller]
fn check_one(from: &str, to: &str, beginning: &str, words: &[&str]) {
    assert!(GOOD.contains(from));
    let told = Repository::new().told(&GOOD.replace(from, to), &[]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with(beginning), "{}", told[0]);
    for word in words {
        assert!(told[0].contains(word), "{word} is not in {}", told[0]);
    }
}

#[test]
fn a_good_configuration_has_no_problem() {
    assert_eq!(Repository::new().told(GOOD, &["--only", "backend"]), [""; 0]);
}

#[test]
fn a_missing_workflow_is_named_with_those_that_are_there() {
    check_one(
        "'backend.yml'",
        "'back.yml'",
        "rehearsal/no-workflow: run `backend`: there is no workflow `back.yml`",
        &["no such file", "backend.yml"],
    );
}

#[test]
fn a_missing_manifest_is_named() {
    check_one(
        "bump = 'Cargo.toml'\nedits",
        "bump = 'package.json'\n#",
        "rehearsal/no-manifest: run `backend`: there is no manifest `package.json`",
        &["no such file"],
    );
}

#[test]
fn a_manifest_without_a_version_is_named() {
    check_one(
        "bump = 'Cargo.toml'\nedits",
        "bump = '.gitignore'\n#",
        "rehearsal/no-version: run `backend`: `.gitignore`",
        &[],
    );
}

#[test]
fn a_missing_task_definition_is_named() {
    check_one(
        "deploy/task-definition.json",
        "deploy/task.json",
        "rehearsal/no-task-definition: service `web`: there is no task definition `deploy/task.json`",
        &["no such file"],
    );
    check_one("deploy/task-definition.json", "Cargo.toml", "rehearsal/bad-task-definition", &["no JSON"]);
}

#[test]
fn a_missing_folder_of_uses_is_named() {
    check_one(
        "'stand-in'",
        "'../nowhere'",
        "rehearsal/no-stand-in: [uses] \"acme/tool\": there is no folder `../nowhere`",
        &[],
    );
}

#[test]
fn a_folder_of_uses_must_hold_the_action_that_is_used() {
    check_one(
        "'stand-in'",
        "'deploy'",
        "rehearsal/no-action-file: [uses] \"acme/tool\": `deploy` does not hold `sub/action.yml`",
        &["`backend.yml` uses `acme/tool/sub@v1`"],
    );
    check_one(
        "'stand-in'\n",
        "'stand-in'\n'acme/unused' = 'deploy'\n",
        "rehearsal/no-action-file: [uses] \"acme/unused\"",
        &["action.yml"],
    );
}

#[test]
fn an_action_that_nothing_stands_in_for_is_named() {
    check_one("'acme/tool' = 'stand-in'", "", "rehearsal/unmapped-action: `backend.yml` uses `acme/tool`", &["[uses]"]);
}

#[test]
fn edits_must_fit_exactly_once_after_the_bump() {
    check_one(
        "'1.0.1'",
        "'1.0.0'",
        "rehearsal/edit-does-not-fit: run `backend`: `Cargo.toml`",
        &["not there", "1.0.0"],
    );
    check_one("'1.0.1'", "'a'", "rehearsal/edit-does-not-fit", &["2 times"]);
    check_one(
        "{ file = 'Cargo.toml'",
        "{ file = 'x'",
        "rehearsal/no-edited-file: run `backend`: there is no file `x`",
        &["no such file"],
    );
}

#[test]
fn the_edits_of_a_breakage_must_fit_as_well() {
    let breakage = "\n[run.break]\nwhat = 'x'\nreason = 'y'\nrecorded-plan = 'plan.json'\nedits = [{ file = 'Cargo.toml', find = '1.0.1', replace = 'x' }]\n";
    let told = Repository::new().told(&format!("{GOOD}{breakage}"), &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].starts_with("rehearsal/edit-does-not-fit"), "the run's own edit came first: {}", told[0]);
    assert!(told[1].starts_with("rehearsal/no-recorded-plan: run `backend`, [run.break]"), "{}", told[1]);
}

#[test]
fn what_terraform_needs_must_be_there() {
    let terraform = "[terraform]\ndirectory = 'infra'\noverlay = 'o.tf'\nrecorded-plan = 'target/plan.json'\n[[resources.services]]";
    let repository = Repository::new();
    repository.write("target/plan.json", "{}");
    let told = repository.told(&GOOD.replace("[[resources.services]]", terraform), &[]);
    let begins = |index: usize, beginning: &str| assert!(told[index].starts_with(beginning), "{told:#?}");
    begins(0, "rehearsal/no-terraform-directory: [terraform] there is no root module `infra`");
    begins(1, "rehearsal/no-overlay: [terraform] there is no overlay `o.tf`");
    begins(2, "rehearsal/no-recorded-plan: [terraform]: there is no recorded plan `target/plan.json` | Git ignores it");
    assert_eq!(told.len(), 3);
}

#[test]
fn a_trust_policy_must_be_there_and_belong_to_a_role() {
    let roles = "[resources.roles]\nROLE = 'deploy'\n[resources.trust-policies]\nOTHER = 'x.json'\n[[run]]";
    let told = Repository::new().told(&GOOD.replace("[[run]]", roles), &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].starts_with("rehearsal/trust-without-role") && told[0].contains("roles: ROLE"), "{}", told[0]);
    assert!(told[1].starts_with("rehearsal/no-trust-policy"), "{}", told[1]);
}

#[test]
fn names_are_checked() {
    check_one("'acme/shop'", "'shop'", "rehearsal/bad-repository-name", &["acme/shop"]);
    check_one("name = 'backend'", "name = '../x'", "rehearsal/bad-run-name", &[]);
    check_one("[uses]", "[oidc]\nimmutable-ids = 'a/1'\n[uses]", "rehearsal/bad-ids", &["OWNER_ID/REPOSITORY_ID"]);
    let none = "repository = 'acme/shop'\nrun = []\n";
    assert!(Repository::new().told(none, &[])[0].starts_with("rehearsal/no-runs"));
    let again = "[[run]]\nname = 'backend'\nworkflow = 'backend.yml'\nevent = 'push'\n";
    assert!(
        Repository::new().told(&format!("{GOOD}{again}"), &[])[0]
            .starts_with("rehearsal/duplicate-run: 2 runs are called `backend`")
    );
}

#[test]
fn flags_must_name_runs() {
    let repository = Repository::new();
    let told = repository.told(GOOD, &["--only", "front", "--break", "backend", "--bin-dir", "/no/where"]);
    let codes: Vec<&str> = told.iter().filter_map(|told| told.split(": ").next()).collect();
    let expected = ["rehearsal/unknown-run", "rehearsal/no-break", "rehearsal/break-left-out", "rehearsal/no-binaries"];
    assert_eq!(codes, expected, "{told:#?}");
    assert!(
        repository.told(GOOD, &["--break", "x"])[0]
            .starts_with("rehearsal/unknown-run: there is no run `x`, which --break names")
    );
}

#[test]
fn a_workflow_that_is_no_yaml_is_named() {
    let repository = Repository::new();
    repository.write(".github/workflows/backend.yml", "jobs: [\n");
    let told = repository.told(GOOD, &[]);
    assert!(
        told[0].starts_with("rehearsal/bad-workflow: `.github/workflows/backend.yml` cannot be understood"),
        "{told:#?}"
    );
}

#[test]
fn the_repository_must_be_one() {
    let code = |path: &Path| Failure::from_error(&tree::root(path).unwrap_err());
    assert_eq!(code(Path::new("/no/where")).code, "rehearsal/no-repository");
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(code(empty.path()).code, "rehearsal/not-a-repository");
    let repository = Repository::new();
    let below = code(&repository.path().join("deploy"));
    assert!(below.code == "rehearsal/not-a-repository" && below.help.unwrap().contains("--repo"));
    assert!(tree::root(repository.path()).is_ok());
    Tool::new("git", empty.path()).args(["init", "--quiet"]).output().map(drop).unwrap();
    assert!(code(empty.path()).why.unwrap().contains("no commit"));
}

impl Repository {
    /// A repository whose workflow has these steps.
    fn with_steps(steps: &str) -> Self {
        let repository = Self::new();
        let workflow = ".github/workflows/backend.yml";
        let text = std::fs::read_to_string(repository.path().join(workflow)).unwrap();
        repository.write(workflow, &format!("{text}{steps}"));
        repository
    }
}

/// The workflow with these further steps leads to this one problem.
#[track_caller]
fn check_steps(steps: &str, beginning: &str, words: &[&str]) {
    let told = Repository::with_steps(steps).told(GOOD, &[]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with(beginning), "{}", told[0]);
    for word in words {
        assert!(told[0].contains(word), "{word} is not in {}", told[0]);
    }
}

#[test]
fn an_input_that_another_team_s_action_does_not_declare_is_a_warning() {
    check_steps(
        "        with: { nam: x }\n",
        "rehearsal/unexpected-input: .github/workflows/backend.yml: `acme/tool/sub` does not declare the input `nam`",
        &["Unexpected input(s)", "declares: none"],
    );
    check_steps(
        "      - uses: actions/checkout@v6\n        with:\n          fetch-detph: 0\n",
        "rehearsal/unexpected-input: .github/workflows/backend.yml:9: `actions/checkout`",
        &["9 |           fetch-detph: 0", "did you mean `fetch-depth`?"],
    );
}

#[test]
fn inputs_are_known_whatever_their_case() {
    let told =
        Repository::with_steps("      - uses: actions/checkout@v6\n        with: { Fetch-Depth: 0 }\n").told(GOOD, &[]);
    assert_eq!(told, [""; 0]);
}

#[test]
fn an_unknown_input_of_our_own_action_or_of_a_workflow_is_a_mistake() {
    let repository = Repository::with_steps(
        "        with:\n          contxt: backend\n  b:\n    uses: ./.github/workflows/called.yml\n    with:\n      stag: x\n",
    );
    repository.write("stand-in/sub/action.yml", "author: Slipway\ninputs:\n  context: {}\n");
    repository.write(".github/workflows/called.yml", "on:\n  workflow_call:\n    inputs:\n      stage: {}\njobs: {}\n");
    let told = repository.told(GOOD, &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    for (told, words) in told.iter().zip(["`stag` | 12 |", "`contxt` | 8 |"]) {
        assert!(told.starts_with("rehearsal/unknown-input: ") && told.contains(words), "{told}");
    }
    assert!(told[1].contains("did you mean `context`?"), "{}", told[1]);
}

#[test]
fn a_reference_that_no_repository_can_have_is_a_mistake() {
    for (reference, why) in
        [("@<full sha>", "words to replace"), ("", "nothing behind"), ("@8e8c483", "33 signs are missing")]
    {
        check_steps(
            &format!("      - uses: acme/tool/sub{reference}\n"),
            "rehearsal/bad-reference: `backend.yml` uses `acme/tool@",
            &[why],
        );
    }
}

#[test]
fn a_reference_that_the_clone_does_not_have_is_a_warning() {
    let repository = Repository::with_steps("      - uses: acme/tool/sub@main\n      - uses: acme/tool/sub@facade12\n");
    let clone = repository.path().join("stand-in");
    let git = |arguments: &[&str]| Tool::new("git", &clone).args(arguments).output().map(drop).unwrap();
    git(&["init", "--quiet", "--initial-branch", "main"]);
    git(&["add", "--all"]);
    git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "x"]);
    git(&["tag", "facade12"]);
    let told = repository.told(GOOD, &[]);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("rehearsal/unknown-reference: `backend.yml` uses `acme/tool@v1`, which `stand-in`"),
        "{}",
        told[0]
    );
    git(&["tag", "v1"]);
    assert_eq!(repository.told(GOOD, &[]), [""; 0]);
}

#[test]
fn a_value_that_is_not_defined_is_a_warning() {
    let step = "      - run: echo ${{ vars.ROLE }} ${{ vars.AWS_REGOIN }} ${{ vars.OTHER || 'x' }} ${{ secrets.GITHUB_TOKEN }} ${{ secrets.KEY }}\n";
    let repository = Repository::with_steps(step);
    let defined = "[vars]\nAWS_REGION = 'x'\n[resources.roles]\nROLE = 'deploy'\n";
    let told = repository.told(&GOOD.replace("[uses]", &format!("{defined}[uses]")), &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("rehearsal/undefined-value: .github/workflows/backend.yml reads `secrets.KEY`"),
        "{}",
        told[0]
    );
    assert!(told[1].contains("`vars.AWS_REGOIN`") && told[1].contains("did you mean `AWS_REGION`?"), "{}", told[1]);
    let secrets = "[secrets]\nKEY = 'x'\n[vars]\nAWS_REGOIN = ''\nROLE = 'x'\n";
    assert_eq!(repository.told(&GOOD.replace("[uses]", &format!("{secrets}[uses]")), &[]), [""; 0]);
}

#[test]
fn a_secret_that_a_caller_passes_is_defined() {
    let repository = Repository::with_steps("  b:\n    uses: ./.github/workflows/called.yml\n");
    let called =
        "on:\n  workflow_call:\n    secrets:\n      KEY: {}\njobs:\n  c:\n    env: { K: '${{ secrets.KEY }}' }\n";
    repository.write(".github/workflows/called.yml", called);
    assert_eq!(repository.told(GOOD, &[]), [""; 0]);
}

#[test]
fn a_run_that_is_left_out_blocks_no_other() {
    let repository = Repository::new();
    repository.write(".github/workflows/plan.yml", "on: push\njobs:\n  a:\n    uses: other/flow/x.yml@v1\n");
    let more = "[[run]]\nname = 'plan'\nworkflow = 'plan.yml'\nevent = 'push'\n[[run]]\nname = 'gone'\nworkflow = 'gone.yml'\nevent = 'push'\n[run.break]\nwhat = 'x'\nreason = 'y'\ndeny = { method = 'PUT', path = '*' }\n";
    let config = format!("{GOOD}{more}");
    assert_eq!(repository.told(&config, &["--only", "backend"]), [""; 0]);
    let told = repository.told(&config, &["--break", "gone"]);
    assert!(told.len() == 1 && told[0].starts_with("rehearsal/no-workflow: run `gone`"), "{told:#?}");
    assert_eq!(repository.told(&config, &[]).len(), 2);
}

#[test]
fn a_version_file_in_a_subfolder_is_raised() {
    let repository = Repository::new();
    repository.write("backend/VERSION", "1.4.0\n");
    let config = GOOD.replace(
        "bump = 'Cargo.toml'\nedits = [{ file = 'Cargo.toml', find = '1.0.1'",
        "bump = 'backend/VERSION'\nedits = [{ file = 'backend/VERSION', find = '1.4.1'",
    );
    assert_eq!(repository.told(&config, &[]), [""; 0]);
}
