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
}
