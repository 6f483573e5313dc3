//! Each mistake that can be made in `rehearsal.toml`, in the files it names and on the command line, by its code.

use crate::Example;

/// The code that ends a rehearsal of the example with `from` replaced by `to`.
#[track_caller]
fn check(from: &str, to: &str, code: &str) {
    let example = Example::new();
    example.replace(from, to);
    check_example(&example, &[], code);
}

#[track_caller]
fn check_example(example: &Example, flags: &[&str], code: &str) {
    let (exit, text) = example.rehearse(flags);
    assert_eq!(exit, 2, "{text}");
    assert!(text.starts_with(&format!("rehearsal/{code}: ")) && text.contains("\n  help: "), "{code}: {text}");
}

#[test]
fn values_that_cannot_be() {
    check("\"acme/shop\"", "\"acme\"", "bad-repository-name");
    check("[vars]", "[oidc]\nimmutable-ids = \"12\"\n\n[vars]", "bad-ids");
    check("name = \"backend\"", "name = \"../x\"", "bad-run-name");
    check("workflow = \"backend.yml\"\n", "", "missing-key");
    check("repeat = true", "repeat = \"yes\"", "wrong-value");
}

#[test]
fn a_break_that_breaks_nothing() {
    let example = Example::new();
    example.replace("edits = [{ file = \"Dockerfile\"", "# edits = [{ file = \"Dockerfile\"");
    let (exit, text) = example.rehearse(&[]);
    assert!(exit == 2 && text.starts_with("rehearsal/breaks-nothing: "), "{text}");
}

#[test]
fn files_that_are_not_there() {
    check("\"backend.yml\"", "\"backand.yml\"", "no-workflow");
    check("file = \"Dockerfile\"", "file = \"Dockerfail\"", "no-edited-file");
    check("\"deploy/trust-policy.json\"", "\"deploy/trust.json\"", "no-trust-policy");
    check("\"../slipway\"", "\"deploy\"", "no-action-file");
    check("\"OWNER/slipway\" = ", "\"OWNER/other\" = ", "unmapped-action");
    for (terraform, code) in [
        ("directory = \"nowhere\"", "no-terraform-directory"),
        ("directory = \"src\"\noverlay = \"x.tf\"", "no-overlay"),
        ("directory = \"src\"\nrecorded-plan = \"x.json\"", "no-recorded-plan"),
    ] {
        check("[resources]", &format!("[terraform]\n{terraform}\n\n[resources]"), code);
    }
}

#[test]
fn things_that_do_not_fit_each_other() {
    check("ENV PORT=8080", "ENV PORT=8081", "edit-does-not-fit");
    check("\nDEPLOY_ROLE_ARN = \"deploy", "\nDEPLOY_ROLE = \"deploy", "trust-without-role");
    let copy =
        "\n[[run]]\nname = \"NAME\"\nworkflow = \"backend.yml\"\nevent = \"push\"\n\n[[run]]\nname = \"backend\"";
    check("\n[[run]]\nname = \"backend\"", &copy.replace("NAME", "backend"), "duplicate-run");
    let two = Example::new();
    two.replace("\n[[run]]\nname = \"backend\"", &copy.replace("NAME", "other"));
    check_example(&two, &["--only", "other", "--break", "backend"], "break-left-out");
    check_example(&two, &["--break", "other"], "no-break");
    check_example(&two, &["--bin-dir", "/no/where"], "no-binaries");
}

#[test]
fn nothing_to_run() {
    let example = Example::new();
    let path = example.path().join("rehearsal.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("run = []\n{}", text.split("[[run]]").next().unwrap())).unwrap();
    check_example(&example, &[], "no-runs");
}

#[test]
fn files_that_say_something_else() {
    let example = Example::new();
    std::fs::write(example.path().join(".github/workflows/backend.yml"), "on: [push\n").unwrap();
    check_example(&example, &[], "bad-workflow");
    let example = Example::new();
    let manifest = example.path().join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("version = ", "version.workspace = true #")).unwrap();
    check_example(&example, &[], "no-version");
    let example = Example::new();
    std::fs::write(example.path().join("deploy/task-definition.json"), "{ // the shop\n}").unwrap();
    check_example(&example, &[], "bad-task-definition");
}

#[test]
fn an_action_for_which_slipway_has_a_stand_in_is_told_where_it_is() {
    let example = Example::new();
    let workflow = example.path().join(".github/workflows/backend.yml");
    let text = std::fs::read_to_string(&workflow).unwrap();
    let used = "      - uses: hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2\n";
    std::fs::write(&workflow, text.replace("    steps:\n", &format!("    steps:\n{used}"))).unwrap();
    let (_, text) = example.rehearse(&[]);
    let folder = "\"hashicorp/setup-terraform\" = \"../slipway/tools/stand-ins/setup-terraform\"";
    assert!(text.contains("rehearsal/unmapped-action: ") && text.contains(folder), "{text}");
}

/// Changes the example's workflow, and runs the program.
fn with_workflow(from: &str, to: &str, flags: &[&str]) -> (i32, String) {
    let example = Example::new();
    let path = example.path().join(".github/workflows/backend.yml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    example.rehearse(flags)
}

#[test]
fn a_misspelt_input_of_our_own_action_is_a_mistake() {
    let (code, text) = with_workflow("images: app", "imags: app", &[]);
    assert_eq!(code, 2, "{text}");
    let told = "rehearsal/unknown-input: .github/workflows/backend.yml:73: `OWNER/slipway/actions/ecs-deploy` has no input `imags`\n  \
                why:  73 |           imags: app=";
    assert!(text.contains(told) && text.contains("\n  help: did you mean `images`? "), "{text}");
}

#[test]
fn words_to_replace_behind_the_at_are_a_mistake() {
    let (code, text) = with_workflow("@0000000000000000000000000000000000000000", "@<full sha>", &[]);
    assert!(
        code == 2 && text.contains("rehearsal/bad-reference: `backend.yml` uses `OWNER/slipway@<full sha>`"),
        "{text}"
    );
}

#[test]
fn what_github_only_warns_of_is_told_before_anything_starts() {
    let (code, text) = with_workflow("persist-credentials: false", "persist-credentails: false", &[]);
    assert!(code == 2 && text.contains("\nrehearsal/foreign-folder: "), "{text}");
    let warning = text.split("rehearsal/foreign-folder").next().unwrap();
    assert!(warning.contains("warning: rehearsal/unexpected-input: .github/workflows/backend.yml:31: "), "{text}");
    assert!(warning.contains("did you mean `persist-credentials`?"), "{text}");
}

#[test]
fn a_variable_that_is_not_defined_is_told_before_anything_starts() {
    let (_, text) = with_workflow("vars.DEPLOY_ROLE_ARN", "vars.DEPLOY_ROL_ARN", &[]);
    let told = "warning: rehearsal/undefined-value: .github/workflows/backend.yml reads `vars.DEPLOY_ROL_ARN`, which rehearsal.toml does not define\n  \
                why:  it is the empty text, here and on GitHub, which says nothing\n  help: did you mean `DEPLOY_ROLE_ARN`? ";
    assert!(text.contains(told), "{text}");
}

#[test]
fn the_commit_that_the_clone_does_not_have_is_told() {
    let (_, text) = Example::new().rehearse(&[]);
    assert!(text.contains("warning: rehearsal/unknown-reference: `backend.yml` uses `OWNER/slipway@0000"), "{text}");
}
