//! The last step of the smoke test, taken out of smoke.yml and run: whatever goes wrong, what costs money is destroyed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::{FakeRunner, RunOutput};

use super::steps::{self, Shims};

/// Plays `aws` and writes down what it was asked: each line of `versions` is the next list of a bucket's versions, the last one stays.
const AWS: &str = r#"#!/bin/bash
here=${0%/*}
echo "aws $*" >>"$here/asked"
case "$1 $2" in
  's3api list-object-versions')
    read -r first <"$here/versions"
    if [ "$(wc -l <"$here/versions")" -gt 1 ]; then tail -n +2 "$here/versions" >"$here/next" && mv "$here/next" "$here/versions"; fi
    [ "$first" != denied ] || exit 254
    jq --null-input --arg keys "$first" '{Versions: [$keys | splits(" +") | select(. != "") | {Key: ., VersionId: "1", Size: 1}]}'
    ;;
  's3api delete-objects') echo '{"Errors": []}' ;;
  'ecs list-task-definitions') printf 'arn:aws:ecs:x:1:task-definition/smoke-1-web:1\tarn:aws:ecs:x:1:task-definition/other:3\n' ;;
  *) [ ! -e "$here/refuses" ] ;;
esac
"#;

/// Plays `terraform`: the outputs are this run's, and `destroy` ends as the file `destroyed` says.
const TERRAFORM: &str = r#"#!/bin/bash
here=${0%/*}
echo "terraform $*" >>"$here/asked"
case "$*" in
  'output -raw bucket') cat "$here/bucket" ;;
  'output -raw ecr_repository') echo smoke-1-web ;;
  'destroy -auto-approve') exit "$(cat "$here/destroyed")" ;;
esac
"#;

/// How the stack is when it is destroyed.
struct Stack {
    bucket: &'static str,
    versions: &'static [&'static str],
    destroy: &'static str,
}

impl Stack {
    /// Runs the step; what was asked.
    fn destroy(&self, shims: &Shims) -> (RunOutput, String) {
        shims.add("aws", AWS);
        shims.add("terraform", TERRAFORM);
        let files = [("bucket", self.bucket), ("versions", &self.versions.join("\n")), ("destroyed", self.destroy)];
        for (name, content) in files {
            fs::write(shims.path().join(name), format!("{content}\n")).expect("the folder is ours");
        }
        let runner = FakeRunner::new();
        let temp = runner.root().join("temp of smoke");
        let as_smoke = temp.join("smoke/as-smoke");
        fs::create_dir_all(temp.join("smoke")).expect("the folder is ours");
        fs::write(&as_smoke, "#!/bin/sh\nexec \"$@\"\n").expect("the folder is ours");
        fs::set_permissions(&as_smoke, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        let runner = runner
            .env("PATH", shims.search_path())
            .env("RUNNER_TEMP", temp.display().to_string())
            .env("TF_VAR_name", "smoke-1");
        let output = steps::run("smoke", "Destroy", &runner);
        (output, shims.read("asked"))
    }
}

const STACK: Stack = Stack { bucket: "smoke-1-site", versions: &["a b", "c", ""], destroy: "0" };

/// How often `words` were asked.
fn count(asked: &str, words: &str) -> usize {
    asked.lines().filter(|line| line.starts_with(words)).count()
}

#[test]
fn everything_is_deleted_and_nothing_of_others() {
    let (output, asked) = STACK.destroy(&Shims::new());
    output.assert_code(0);
    assert_eq!(count(&asked, "aws s3api delete-objects --bucket smoke-1-site"), 2, "{asked}");
    assert!(asked.contains(r#"{"Key":"a","VersionId":"1"}"#), "{asked}");
    assert_eq!(count(&asked, "terraform destroy"), 1, "{asked}");
    assert_eq!(count(&asked, "aws ecr delete-repository --repository-name smoke-1-web --force"), 1, "{asked}");
    assert_eq!(count(&asked, "aws ecs deregister-task-definition"), 1, "{asked}");
    assert!(asked.contains("task-definition/smoke-1-web:1"), "{asked}");

    let (output, asked) = Stack { bucket: "prod-site", ..STACK }.destroy(&Shims::new());
    output.assert_code(0);
    assert_eq!(count(&asked, "aws s3api"), 0, "{asked}");
}

#[test]
fn a_bucket_that_cannot_be_emptied_keeps_nothing_else_alive() {
    for (versions, lists) in [(["a b"].as_slice(), 2), (&["denied"], 1)] {
        let (output, asked) = Stack { versions, destroy: "1", ..STACK }.destroy(&Shims::new());
        assert!(
            output.assert_code(1).stdout.contains("::error title=smoke::resources are left over"),
            "{}",
            output.stdout
        );
        assert!(output.stdout.contains("the bucket cannot be emptied"), "{}", output.stdout);
        assert_eq!(count(&asked, "aws s3api list-object-versions"), lists, "{asked}");
        assert_eq!(count(&asked, "terraform destroy"), 3, "{asked}");
        assert_eq!(count(&asked, "aws ecr delete-repository"), 1, "{asked}");
        assert_eq!(count(&asked, "aws ecs deregister-task-definition"), 1, "{asked}");
    }
}

#[test]
fn what_is_left_beside_terraform_is_told_as_well() {
    let shims = Shims::new();
    fs::write(shims.path().join("refuses"), "").expect("the folder is ours");
    let (output, asked) = STACK.destroy(&shims);
    assert!(output.assert_code(1).stdout.contains("resources are left over"), "{}", output.stdout);
    assert_eq!(count(&asked, "aws ecs deregister-task-definition"), 1, "{asked}");
}
