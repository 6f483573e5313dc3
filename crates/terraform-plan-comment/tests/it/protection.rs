//! `fail-on-destroy` and `fail-on`: everything is written, then the step fails.

use std::path::Path;

use serde_json::{Value, json};
use testkit::FakeRunner;

use super::{HEAD, comments, event, github, plan, run, runner, writes};

/// A plan that replaces a database and deletes a table.
fn database() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infrastructure/recorded/destroys-database.json");
    path.display().to_string()
}

const TYPES: &str = "aws_db_instance\naws_rds_cluster*\naws_dynamodb_table\naws_s3_bucket\n";

#[test]
fn the_comment_the_summary_and_the_outputs_are_written_before_it_fails() {
    let github = github("");
    let out = run(&runner(&github).input("fail-on-destroy", TYPES), &["--plan", &database()]);
    out.assert_code(1);
    let message = "terraform-plan-comment/protected-destroy: the plan destroys 2 protected objects: \
                   `aws_dynamodb_table.sessions[0]`, `aws_db_instance.orders`";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    let whys = [
        "`aws_dynamodb_table.sessions[0]`: destroy: its index is out of range for `count`",
        "`aws_db_instance.orders`: replace (destroy first): `storage_encrypted` cannot change in place",
    ];
    assert!(whys.iter().all(|why| out.stderr.contains(why)), "{}", out.stderr);
    for advice in ["split the change", "prevent_destroy", "`moved`", "`removed`", "after a review"] {
        assert!(out.stderr.contains(advice), "{advice}: {}", out.stderr);
    }
    assert_eq!(out.stdout.matches("::error ").count(), 1, "{}", out.stdout);
    assert!(out.stdout.contains("::error title=terraform-plan-comment/protected-destroy::"), "{}", out.stdout);
    assert_eq!(out.outputs["protected-destroyed"], "aws_dynamodb_table.sessions[0]\naws_db_instance.orders");
    assert_eq!(out.outputs["destroy"], "2");
    assert!(!out.outputs["comment-id"].is_empty());
    let block = "> [!CAUTION]\n> **2 protected objects are destroyed by this plan, so its check fails** \
                 \\(`fail-on-destroy`\\):\n>\n> - 🔴 `aws_dynamodb_table.sessions[0]` destroy: its index is out of range \
                 for `count`; data loss: destroys its items\n> - 🟠 `aws_db_instance.orders` replace \\(destroy first\\): \
                 `storage_encrypted` cannot";
    let comment = &comments(&github)[0];
    for page in [comment, &out.summary] {
        assert!(page.contains(block), "{page}");
        assert_eq!(page.matches("[!CAUTION]").count(), 1, "said once: {page}");
    }
    assert!(comment.contains("### ⛔ Terraform plan: 1 to add, 0 to change, 2 to destroy (1 replacement included)"));
    assert!(out.summary.contains("**Failed:**") && out.summary.contains("**How to fix it:**"), "{}", out.summary);
}

#[test]
fn what_is_not_named_does_not_fail() {
    for patterns in ["", "aws_s3_bucket", "aws_db_instance.other, module.*, aws_dynamodb_table.sessions[1]"] {
        let runner = FakeRunner::new().input("fail-on-destroy", patterns);
        let out = run(&runner, &["--plan", &database(), "--target", "none"]);
        out.assert_code(0);
        assert_eq!(out.outputs["protected-destroyed"], "", "{patterns}");
    }
}

#[test]
fn one_of_two_is_named_and_both_are_shown() {
    let out = run(
        &FakeRunner::new(),
        &["--plan", &database(), "--target", "none", "--fail-on-destroy", "aws_dynamodb_table.sessions"],
    );
    out.assert_code(1);
    assert_eq!(out.outputs["protected-destroyed"], "aws_dynamodb_table.sessions[0]");
    assert!(out.summary.contains("**1 protected object is destroyed by this plan"), "{}", out.summary);
    assert!(out.summary.contains("**2 objects will be destroyed, 1 of them is replaced"), "{}", out.summary);
}

#[test]
fn a_dry_run_fails_too_and_writes_nothing() {
    let github = github("");
    let runner = runner(&github).input("fail-on-destroy", "aws_*").input("dry-run", "true");
    let out = run(&runner, &["--plan", &database(), "--output", "json"]);
    out.assert_code(1);
    assert_eq!(writes(&github), [""; 0]);
    assert!(out.stderr.contains("terraform-plan-comment/protected-destroy"), "{}", out.stderr);
    assert!(out.summary.contains("would comment on pull request"), "{}", out.summary);
    let json: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(json["review"]["resources"][0]["protected"], true);
}

#[test]
fn it_fails_again_where_the_comment_says_so_already() {
    let github = github("");
    let guarded = |run: &str| runner(&github).input("fail-on-destroy", TYPES).env("GITHUB_RUN_ID", run);
    run(&guarded("1"), &["--plan", &database()]).assert_code(1);
    github.clear_requests();
    run(&guarded("2"), &["--plan", &database()]).assert_code(1);
    assert_eq!(writes(&github), [""; 0]);
    let allowed = run(&runner(&github).env("GITHUB_RUN_ID", "3"), &["--plan", &database()]);
    allowed.assert_code(0);
    assert!(!comments(&github)[0].contains("protected object"), "{}", comments(&github)[0]);
}

#[test]
fn a_refusal_of_github_does_not_hide_it() {
    for fork in [true, false] {
        let github = github("");
        github.deny("POST", "*/comments");
        let head = if fork { "mallory/shop" } else { super::REPOSITORY };
        let runner = runner(&github).event(event(head)).input("fail-on-destroy", TYPES);
        let out = run(&runner, &["--plan", &database()]);
        out.assert_code(1);
        assert!(out.stderr.contains("terraform-plan-comment/protected-destroy"), "{}", out.stderr);
        assert_eq!(out.stdout.matches("::warning").count(), 1, "{}", out.stdout);
        assert!(out.stdout.contains("pull-requests: write") || fork, "{}", out.stdout);
        assert!(out.summary.contains("protected objects are destroyed"), "{}", out.summary);
    }
}

#[test]
fn hostile_patterns_are_input_errors_and_stay_text() {
    let hostile = [
        "aws_db_instance,,aws_s3_bucket",
        "::error title=x::y",
        "$(touch pwned)",
        "<script>alert(1)</script>",
        "aws_db\u{202e}_instance",
        "(a+)+$",
        "aws_db_instance[0]",
        "a.b[\"x",
    ];
    for pattern in hostile {
        let github = github("");
        let runner = runner(&github).input("fail-on-destroy", pattern);
        let out = run(&runner, &["--plan", &database()]);
        out.assert_code(2);
        assert!(out.stderr.contains("`fail-on-destroy`"), "{pattern}: {}", out.stderr);
        assert_eq!(github.requests().len(), 0, "{pattern}");
        assert!(out.stdout.lines().all(|line| !line.starts_with("::error title=x")), "{}", out.stdout);
        assert!(!out.summary.contains("<script>") && !runner.workspace().join("pwned").exists(), "{}", out.summary);
    }
    let slow = format!("{}b", "*a".repeat(2_000));
    let out = run(&FakeRunner::new().input("fail-on-destroy", &slow), &["--plan", &database(), "--target", "none"]);
    out.assert_code(0);
}

fn deletion(address: &str, extra: &Value) -> Value {
    let mut change = json!({ "address": address, "mode": "managed", "type": "db", "change": {
        "actions": ["delete"], "before": { "id": "x" }, "after": null, "before_sensitive": {}, "after_sensitive": false } });
    for (name, value) in extra.as_object().into_iter().flatten() {
        change[name] = value.clone();
    }
    change
}

#[test]
fn a_hidden_address_is_still_protected() {
    let document = json!({
        "format_version": "1.2",
        "variables": { "stage": { "value": "production" } },
        "configuration": { "root_module": { "variables": { "stage": { "sensitive": true } } } },
        "resource_changes": [deletion("db.main[\"production\"]", &json!({}))],
    });
    let runner = FakeRunner::new().file("p.json", document.to_string());
    let pattern = "db.main[\"production\"]";
    let out = run(&runner, &["--plan", "p.json", "--target", "none", "--fail-on-destroy", pattern]);
    out.assert_code(1);
    assert_eq!(out.outputs["protected-destroyed"], "db.main[\"(sensitive value)\"]");
    assert!(!out.summary.contains("production") && !out.stderr.contains("production"), "{}", out.stderr);
}

#[test]
fn hostile_addresses_stay_text_and_thousands_of_them_fit() {
    let hostile = format!("db.m[\"`|\n::error::boom\n@me <b> {}\"]", "x".repeat(30_000));
    let mut changes = vec![deletion(&hostile, &json!({}))];
    changes.extend((0..3_000).map(|number| deletion(&format!("db.n[{number}]"), &json!({}))));
    let document = json!({ "format_version": "1.2", "resource_changes": changes });
    let github = github("");
    let runner = runner(&github).file("p.json", document.to_string()).input("fail-on-destroy", "db");
    let out = run(&runner, &["--plan", "p.json"]);
    out.assert_code(1);
    assert_eq!(out.outputs["protected-destroyed"].lines().count(), 3_001);
    assert!(out.stderr.contains("destroys 3001 protected objects") && out.stderr.contains(" more; the output"));
    assert!(out.stdout.lines().all(|line| !line.starts_with("::error::boom")));
    assert!(out.stderr.lines().all(|line| !line.starts_with("::error::boom")));
    let comment = &comments(&github)[0];
    assert!(comment.chars().count() <= 65_536 && comment.contains("> - and 2991 more"), "{}", comment.len());
    // The name of 30,000 characters is cut in the failure; the page and the way out stay whole.
    assert!(out.summary.len() <= 65_536 && out.summary.contains("**How to fix it:**"), "{}", out.summary.len());
    assert_eq!(out.summary.matches("The summary is cut here").count(), 1);
}

#[test]
fn forgotten_deposed_and_kept_objects_are_not_destroyed() {
    for name in ["deposed", "forget_removed_block", "move_only", "import_update", "json_policy"] {
        let out = run(&FakeRunner::new(), &["--plan", &plan(name), "--target", "none", "--fail-on-destroy", "*"]);
        out.assert_code(0);
        assert_eq!(out.outputs["protected-destroyed"], "", "{name}");
    }
    for name in ["replace_cannot_update", "replace_tainted", "delete_each_key", "destroy_mode"] {
        let out = run(&FakeRunner::new(), &["--plan", &plan(name), "--target", "none", "--fail-on-destroy", "*"]);
        out.assert_code(1);
    }
}

#[test]
fn a_shell_gets_the_gate_without_a_pull_request() {
    let json = std::fs::read_to_string(database()).unwrap();
    let runner = FakeRunner::plain_shell().stdin(json).env("GITHUB_SHA", HEAD);
    let out = run(&runner, &["--plan", "-", "--fail-on-destroy", "aws_db_*"]);
    out.assert_code(1);
    assert!(out.stdout.contains("protected-destroyed=aws_db_instance.orders\n"), "{}", out.stdout);
}

#[test]
fn what_fail_on_names_is_refused_after_everything_is_written() {
    let github = github("");
    let out = run(&runner(&github).input("fail-on", "data-loss"), &["--plan", &database()]);
    out.assert_code(1);
    let message = "terraform-plan-comment/risk-refused: `fail-on` refuses 2 changes of the plan: \
                   `aws_dynamodb_table.sessions[0]`, `aws_db_instance.orders`";
    assert!(out.stderr.contains(message), "{}", out.stderr);
    for part in ["`aws_dynamodb_table.sessions[0]`: destroy: data loss: destroys its items", "after a review"] {
        assert!(out.stderr.contains(part), "{part}: {}", out.stderr);
    }
    assert_eq!(out.outputs["risk"], "data-loss");
    assert_eq!(out.outputs["risk-refused"], "aws_dynamodb_table.sessions[0]\naws_db_instance.orders");
    for page in [&comments(&github)[0], &out.summary] {
        assert!(page.contains("**2 changes are refused, so this plan's check fails** \\(`fail-on`\\)"), "{page}");
        assert!(page.contains("**Data loss in 2 changes:**"), "{page}");
        assert!(page.contains("**data loss:** destroys its databases and automated backups"), "{page}");
    }
}

#[test]
fn what_is_allowed_or_not_asked_for_is_not_refused() {
    for (fail_on, allow, refused) in [
        ("none", "", ""),
        ("exposure", "", ""),
        ("replace", "", "aws_db_instance.orders"),
        ("any", "aws_db_instance", "aws_dynamodb_table.sessions[0]"),
        ("data-loss, destroy", "aws_db_instance.orders, aws_dynamodb_table", ""),
    ] {
        let runner = FakeRunner::new().input("fail-on", fail_on).input("allow", allow);
        let out = run(&runner, &["--plan", &database(), "--target", "none"]);
        out.assert_code(i32::from(!refused.is_empty()));
        assert_eq!(out.outputs["risk-refused"], refused, "{fail_on} {allow}");
    }
    let out = run(&FakeRunner::new().input("fail-on", "loss"), &["--plan", &database(), "--target", "none"]);
    out.assert_code(2);
    assert!(out.stderr.contains("`data-loss`, `exposure`"), "{}", out.stderr);
}

#[test]
fn a_label_lets_pass_what_is_refused_and_says_so() {
    let github = github("");
    let refuse = |label: &str| {
        let runner = runner(&github).input("fail-on", "data-loss").input("override-label", label);
        run(&runner, &["--plan", &database()])
    };
    refuse("plan: data may go").assert_code(1);
    github.add_label(super::REPOSITORY, 7, "plan: data may go");
    let out = refuse("plan: data may go");
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("lets it pass"), "{}", out.stdout);
    assert!(
        out.stderr.contains("let pass by the label") && !out.stderr.contains("so this plan's check fails"),
        "{}",
        out.stderr
    );
    let text = "**2 changes are refused by `fail-on` and let pass by the label `plan: data may go`:**";
    assert!(comments(&github)[0].contains(text), "{}", comments(&github)[0]);
    assert_eq!(out.outputs["risk-refused"], "aws_dynamodb_table.sessions[0]\naws_db_instance.orders");
    refuse("another").assert_code(1);
}

#[test]
fn the_approval_of_somebody_named_lets_pass_until_the_next_push() {
    let github = github("");
    let refuse = |approvers: &str| {
        let runner = runner(&github).input("fail-on", "data-loss").input("override-approvers", approvers);
        run(&runner, &["--plan", &database()])
    };
    let review = |login: &str, state: &str, commit: &str| github.add_review(super::REPOSITORY, 7, login, state, commit);
    refuse("alice").assert_code(1);
    review("mallory", "APPROVED", super::HEAD);
    review("alice", "APPROVED", "0000000000000000000000000000000000000000");
    refuse("@alice, bob").assert_code(1);
    review("Alice", "APPROVED", super::HEAD);
    review("alice", "COMMENTED", super::HEAD);
    let out = refuse("@alice, bob");
    out.assert_code(0);
    assert!(out.stdout.contains("the approval of `alice` lets it pass"), "{}", out.stdout);
    let text = "**2 changes are refused by `fail-on` and let pass by the approval of `alice`:**";
    assert!(comments(&github)[0].contains(text), "{}", comments(&github)[0]);
    review("alice", "CHANGES_REQUESTED", super::HEAD);
    refuse("alice").assert_code(1);
    let out = refuse("acme/platform-team");
    out.assert_code(2);
    assert!(out.stderr.contains("teams cannot be named"), "{}", out.stderr);
}

#[test]
fn what_is_against_a_rule_is_said_and_refused_where_it_is_asked_for() {
    let rules = "[[rule]]\nname = \"everything has an owner\"\ntypes = [\"aws_db_*\"]\nattribute = \"storage_encrypted\"\nequals = \"never\"\n";
    let github = github("");
    let out = run(&runner(&github).file("rules.toml", rules).input("rules", "rules.toml"), &["--plan", &database()]);
    out.assert_code(0);
    let comment = &comments(&github)[0];
    assert!(comment.contains("everything has an owner: `storage_encrypted` is `"), "{comment}");
    let strict = runner(&github).file("rules.toml", rules).input("rules", "rules.toml").input("fail-on", "rules");
    let out = run(&strict, &["--plan", &database()]);
    out.assert_code(1);
    assert_eq!(out.outputs["risk-refused"], "aws_db_instance.orders");

    let out = run(&runner(&github).input("rules", "missing.toml"), &["--plan", &database()]);
    out.assert_code(2);
    assert!(out.stderr.contains("terraform-plan-comment/rules-unreadable"), "{}", out.stderr);
    let out =
        run(&runner(&github).file("rules.toml", "[[rules]]").input("rules", "rules.toml"), &["--plan", &database()]);
    out.assert_code(2);
    assert!(
        out.stderr.contains("terraform-plan-comment/not-rules") && out.stderr.contains("unknown field"),
        "{}",
        out.stderr
    );
}

/// A change: its type, its actions, what is before and after, what is only known after apply, and what is sensitive.
type Judged = (&'static str, &'static [&'static str], Value, Value, Value, Value);

/// The exit code and the words of a run over a plan of these changes.
#[track_caller]
fn judged(runner: &FakeRunner, changes: &[Judged], fail_on: &str) -> (i32, String) {
    let change = |(kind, actions, before, after, unknown, sensitive): &Judged| {
        json!({ "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a", "change": { "actions": actions,
            "before": before, "after": after, "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": sensitive } })
    };
    let changes: Vec<Value> = changes.iter().map(change).collect();
    let plan = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    std::fs::write(runner.workspace().join("judged.json"), plan).unwrap();
    let out = run(runner, &["--plan", "judged.json", "--target", "none", "--fail-on", fail_on]);
    (out.code, format!("{}{}", out.stderr, out.summary))
}

#[test]
fn an_encryption_that_is_switched_off_by_a_replacement_is_refused() {
    let later = || json!({ "arn": true, "id": true });
    let volume = |encrypted: bool| json!({ "arn": "arn:aws:ec2:eu-central-1:1:volume/vol-1", "id": "vol-1", "encrypted": encrypted });
    let replace: &'static [&'static str] = &["delete", "create"];
    let of = |before: bool, after: bool| {
        let change = ("aws_ebs_volume", replace, volume(before), json!({ "encrypted": after }), later(), json!({}));
        judged(&FakeRunner::new(), &[change], "exposure")
    };
    let (code, said) = of(true, false);
    assert!(code == 1 && said.contains("its encryption is switched off"), "{said}");
    assert_eq!(of(true, true).0, 0);
    assert_eq!(of(false, false).0, 0);
}

#[test]
fn a_guardian_is_missed_though_something_of_the_same_name_goes() {
    let delete: &'static [&'static str] = &["delete"];
    let gone = |kind: &'static str, before: Value| (kind, delete, before, Value::Null, json!({}), json!(false));
    let block =
        || gone("aws_s3_bucket_public_access_block", json!({ "bucket": "app-prod", "block_public_acls": true }));
    let repository = gone("aws_ecr_repository", json!({ "name": "app-prod", "id": "app-prod" }));
    let (code, said) = judged(&FakeRunner::new(), &[block(), repository], "exposure");
    assert!(code == 1 && said.contains("public access is not blocked any more"), "{said}");
    let bucket = gone("aws_s3_bucket", json!({ "bucket": "app-prod", "id": "app-prod" }));
    assert_eq!(judged(&FakeRunner::new(), &[block(), bucket], "exposure").0, 0);
}

#[test]
fn a_rule_is_about_a_type_that_holds_a_secret_and_a_block_that_is_not_there() {
    let rules = "[[rule]]\nname = \"own keys\"\ntypes = [\"aws_ecr_repository\"]\nattribute = \"encryption_configuration\"\npresent = true\n";
    let runner = || FakeRunner::new().file("rules.toml", rules).input("rules", "rules.toml");
    let create: &'static [&'static str] = &["create"];
    let with = |block: Value| {
        let after = json!({ "encryption_configuration": block, "password": "repository" });
        ("aws_ecr_repository", create, Value::Null, after, json!({}), json!({ "password": true }))
    };
    let (code, said) = judged(&runner(), &[with(json!([]))], "rules");
    assert!(code == 1 && said.contains("`encryption_configuration` is not set"), "{said}");
    assert_eq!(judged(&runner(), &[with(json!([{ "encryption_type": "KMS" }]))], "rules").0, 0);
}

#[test]
fn a_retention_that_is_not_known_yet_is_not_refused() {
    let update: &'static [&'static str] = &["update"];
    let later = json!({ "backup_retention_period": true });
    let change = ("aws_rds_cluster", update, json!({ "backup_retention_period": 7 }), json!({}), later, json!({}));
    let (code, said) = judged(&FakeRunner::new(), &[change], "data-loss");
    assert!(code == 0 && said.contains("is hidden or only known after apply"), "{said}");
}

#[test]
fn what_is_destroyed_and_nobody_knows_is_told() {
    let delete: &'static [&'static str] = &["delete"];
    let database =
        || ("google_sql_database_instance", delete, json!({ "name": "a" }), Value::Null, json!({}), json!(false));
    let told = "1 destroyed object is of a type that nothing is known of:";
    let (code, said) = judged(&FakeRunner::new(), &[database()], "data-loss");
    assert!(code == 0 && said.contains(told), "{said}");
    assert!(judged(&FakeRunner::new(), &[database()], "none").1.contains(told), "a reader counts on the grades too");
}
