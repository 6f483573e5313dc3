use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::Guard;
use crate::review::Review;

/// The risks of one change of a plan, as `grade: reason`.
#[expect(clippy::needless_pass_by_value, reason = "tests pass `json!` literals")]
fn found(kind: &str, actions: &[&str], before: Value, after: Value) -> Vec<String> {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a",
        "change": { "actions": actions, "before": before, "after": after, "before_sensitive": {}, "after_sensitive": {} },
    }] });
    of_plan(&plan)
}

fn of_plan(plan: &Value) -> Vec<String> {
    let document = Document::of(&plan.to_string(), &Guard::default()).unwrap();
    let resources = Review::of(&document).resources;
    let words = |risk: &Risk| format!("{}: {}", risk.grade.words(), risk.reason);
    resources.iter().flat_map(|resource| resource.risks.iter().map(words)).collect()
}

#[track_caller]
fn check(risks: &[String], expect: &[&str]) {
    assert_eq!(risks, expect);
}

const REPLACE: &[&str] = &["delete", "create"];

#[test]
fn what_holds_data_is_lost_with_it() {
    let database = json!({ "skip_final_snapshot": false, "engine": "postgres" });
    check(
        &found("aws_db_instance", REPLACE, database, json!({ "engine": "mysql" })),
        &[
            "data loss: destroys its databases and automated backups; a last snapshot is taken first",
            "downtime: takes the database away until the new one is there",
        ],
    );
    check(
        &found("aws_kms_key", &["delete"], json!({ "deletion_window_in_days": 30 }), Value::Null),
        &[
            "data loss: destroys what is encrypted with it, from the moment its deletion is scheduled; it can be brought back for 30 days",
        ],
    );
    check(
        &found("aws_s3_bucket", &["delete"], json!({ "force_destroy": true }), Value::Null),
        &["data loss: destroys its objects"],
    );
    check(
        &found("aws_dynamodb_table", &["evaporate"], json!({}), json!({})),
        &["data loss: may destroy its items: its action is not known"],
    );
    for actions in [["forget"], ["no-op"], ["create"], ["update"]] {
        check(&found("aws_db_instance", &actions, json!({}), json!({})), &[]);
    }
}

#[test]
fn a_shorter_retention_loses_what_is_older() {
    let kept = |days: u64| json!({ "retention_in_days": days });
    check(
        &found("aws_cloudwatch_log_group", &["update"], kept(0), kept(30)),
        &["data loss: keeps logs for a shorter time: `retention_in_days` for ever → 30 days"],
    );
    check(&found("aws_cloudwatch_log_group", &["update"], kept(30), kept(0)), &[]);
    let backups = |days: u64| json!({ "backup_retention_period": days });
    check(
        &found("aws_rds_cluster", &["update"], backups(7), backups(0)),
        &["data loss: keeps automated backups for a shorter time: `backup_retention_period` 7 days → 0 days"],
    );
}

#[test]
fn a_retention_that_nobody_sees_is_not_shorter() {
    let update = |before: &Value, after: &Value, unknown: Value, sensitive: Value| {
        of_plan(
            &json!({ "format_version": "1.2", "resource_changes": [{ "address": "aws_rds_cluster.a", "mode": "managed",
            "type": "aws_rds_cluster", "name": "a", "change": { "actions": ["update"], "before": before, "after": after,
                "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": sensitive } }] }),
        )
    };
    let kept = |days: u64| json!({ "backup_retention_period": days });
    let later = json!({ "backup_retention_period": true });
    let expect =
        "routine: how long it keeps automated backups is hidden or only known after apply (`backup_retention_period`)";
    check(&update(&kept(7), &json!({}), later.clone(), json!({})), &[expect]);
    check(&update(&kept(7), &kept(35), json!({}), later.clone()), &[expect]);
    check(&update(&kept(7), &kept(7), json!({}), later.clone()), &[]);
    check(&update(&json!({}), &json!({}), later, json!({})), &[]);
    let rules = |days: &[u64]| {
        let rule = |days: &u64| json!({ "lifecycle": [{ "delete_after": days }] });
        json!({ "rule": days.iter().map(rule).collect::<Vec<_>>() })
    };
    let second = json!({ "rule": [{}, { "lifecycle": [{ "delete_after": true }] }] });
    let mut after = rules(&[7, 0]);
    after["rule"][1]["lifecycle"][0].as_object_mut().unwrap().remove("delete_after");
    let risks = update(&rules(&[30, 30]), &after, second, json!({}));
    check(
        &risks,
        &[
            "data loss: keeps recovery points for a shorter time: `delete_after` 30 days → 7 days",
            "routine: how long it keeps recovery points is hidden or only known after apply (`delete_after`)",
        ],
    );
}

#[test]
fn what_serves_others_is_missed() {
    check(
        &found("aws_lb", &["create", "delete"], json!({}), json!({})),
        &[
            "downtime: replaces its listeners; the new one comes first, and who knows the old one by its id or address loses it",
        ],
    );
    check(&found("aws_route", &["delete"], json!({}), Value::Null), &["downtime: takes the route away"]);
    check(&found("aws_lb", &["update"], json!({}), json!({})), &[]);
}

#[test]
fn what_is_opened_or_unprotected_is_exposed() {
    let on_off = |kind: &str, name: &str, before: bool, after: bool| {
        found(kind, &["update"], json!({ name: before }), json!({ name: after }))
    };
    check(
        &on_off("aws_db_instance", "publicly_accessible", false, true),
        &["exposure: it is reachable from the internet (`publicly_accessible`)"],
    );
    check(&on_off("aws_db_instance", "publicly_accessible", true, false), &[]);
    check(
        &on_off("aws_db_instance", "deletion_protection", true, false),
        &["exposure: its deletion protection is switched off (`deletion_protection`)"],
    );
    check(
        &found("aws_s3_bucket_acl", &["create"], Value::Null, json!({ "acl": "public-read" })),
        &["exposure: everybody may read it (`acl`)"],
    );
    // What a new object does without was never there.
    check(&found("aws_ebs_volume", &["create"], Value::Null, json!({ "encrypted": false })), &[]);
    check(
        &found("aws_s3_bucket_public_access_block", &["delete"], json!({ "block_public_acls": true }), Value::Null),
        &["exposure: public access is not blocked any more"],
    );
    let versioning = |status: &str| json!({ "versioning_configuration": [{ "status": status }] });
    check(
        &found("aws_s3_bucket_versioning", &["update"], versioning("Enabled"), versioning("Suspended")),
        &[
            "exposure: what is overwritten or deleted cannot be brought back any more (`versioning_configuration.status`)",
        ],
    );
    check(
        &found("aws_sqs_queue", &["update"], json!({ "kms_master_key_id": "k" }), json!({ "kms_master_key_id": "" })),
        &["exposure: it is not encrypted with its own key any more (`kms_master_key_id`)"],
    );
    check(
        &found(
            "aws_iam_role_policy_attachment",
            &["create"],
            Value::Null,
            json!({ "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess" }),
        ),
        &["exposure: attaches arn:aws:iam::aws:policy/AdministratorAccess"],
    );
}

#[test]
fn a_second_open_value_counts_beside_an_open_one() {
    let behaviors = |policies: [&str; 2]| json!({ "ordered_cache_behavior": policies.map(|policy| json!({ "viewer_protocol_policy": policy })) });
    let kind = "aws_cloudfront_distribution";
    let (one, two) = (behaviors(["allow-all", "https-only"]), behaviors(["allow-all", "allow-all"]));
    check(
        &found(kind, &["update"], one.clone(), two),
        &["exposure: it answers without TLS (`viewer_protocol_policy`)"],
    );
    check(&found(kind, &["update"], one, behaviors(["https-only", "allow-all"])), &[]);
}

#[test]
fn a_block_that_is_opened_is_not_made_up_for_by_another() {
    let volumes = |encrypted: [bool; 2]| {
        let volume = |(name, encrypted): (&str, bool)| json!({ "device_name": name, "encrypted": encrypted });
        let volumes: Vec<Value> = ["/dev/sdb", "/dev/sdc"].into_iter().zip(encrypted).map(volume).collect();
        json!({ "ebs_block_device": volumes })
    };
    let kind = "aws_launch_configuration";
    let off = "exposure: its encryption is switched off (`encrypted`)";
    check(&found(kind, &["update"], volumes([true, false]), volumes([false, true])), &[off]);
    let mut turned = volumes([true, false]);
    turned["ebs_block_device"].as_array_mut().unwrap().reverse();
    check(&found(kind, &["update"], volumes([true, false]), turned), &[]);
}

#[test]
fn a_network_that_is_only_known_later_is_told() {
    let kind = "aws_vpc_security_group_ingress_rule";
    let rule = json!({ "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    let plan = |before: &Value, actions: &[&str]| {
        of_plan(
            &json!({ "format_version": "1.2", "resource_changes": [{ "address": "r.a", "mode": "managed", "type": kind, "name": "a",
            "change": { "actions": actions, "before": before, "after": rule, "after_unknown": { "cidr_ipv4": true },
                "before_sensitive": {}, "after_sensitive": {} } }] }),
        )
    };
    let expect = "routine: who may come in is only known after apply: tcp port 22";
    check(&plan(&Value::Null, &["create"]), &[expect]);
    let mut closed = rule.clone();
    closed["cidr_ipv4"] = json!("10.0.0.0/8");
    check(&plan(&closed, &["update"]), &[expect]);
}

#[test]
fn networks_that_everybody_may_come_from_are_exposed() {
    let rule = |from: u32, to: u32, cidr: &str| json!({ "protocol": "tcp", "from_port": from, "to_port": to, "cidr_blocks": [cidr] });
    let group = |ingress: Value| json!({ "ingress": [ingress], "egress": [rule(0, 65535, "0.0.0.0/0")] });
    let kind = "aws_security_group";
    check(
        &found(kind, &["update"], group(rule(22, 22, "10.0.0.0/8")), group(rule(22, 22, "0.0.0.0/0"))),
        &["exposure: lets everybody in: tcp port 22 from 0.0.0.0/0"],
    );
    check(
        &found(kind, &["update"], group(rule(443, 443, "0.0.0.0/0")), group(rule(0, 65535, "0.0.0.0/0"))),
        &["exposure: lets everybody in: every port of tcp from 0.0.0.0/0"],
    );
    check(&found(kind, &["update"], group(rule(443, 443, "0.0.0.0/0")), group(rule(443, 443, "0.0.0.0/0"))), &[]);
    let single = |direction: &str| json!({ "type": direction, "protocol": "-1", "from_port": 0, "to_port": 0, "ipv6_cidr_blocks": ["::/0"] });
    check(
        &found("aws_security_group_rule", &["create"], Value::Null, single("ingress")),
        &["exposure: lets everybody in: every protocol and port from ::/0"],
    );
    check(&found("aws_security_group_rule", &["create"], Value::Null, single("egress")), &[]);
    check(
        &found("aws_vpc_security_group_egress_rule", &["create"], Value::Null, json!({ "cidr_ipv4": "0.0.0.0/0" })),
        &[],
    );
    check(&found("aws_route", &["create"], Value::Null, json!({ "destination_cidr_block": "0.0.0.0/0" })), &[]);
    let acl = |action: &str| json!({ "egress": false, "rule_action": action, "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_block": "0.0.0.0/0" });
    check(&found("aws_network_acl_rule", &["create"], Value::Null, acl("deny")), &[]);
    assert_eq!(found("aws_network_acl_rule", &["create"], Value::Null, acl("allow")).len(), 1);
}

fn policy(statements: &Value) -> Value {
    json!({ "policy": json!({ "Version": "2012-10-17", "Statement": statements }).to_string() })
}

#[track_caller]
fn check_policies(before: &Value, after: &Value, expect: &[&str]) {
    check(&found("aws_iam_policy", &["update"], policy(before), policy(after)), expect);
}

#[test]
fn a_policy_that_allows_more_is_exposed() {
    let allow = |action: Value, resource: Value| json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    let objects = json!("arn:aws:s3:::a/*");
    let read = allow(json!(["s3:GetObject", "s3:ListBucket"]), objects.clone());
    check_policies(
        &read,
        &json!([allow(json!("s3:*"), objects.clone())]),
        &["exposure: allows more than before: `s3:*` on `arn:aws:s3:::a/*` (`policy`)"],
    );
    check_policies(
        &read,
        &allow(json!("s3:GetObject"), json!("arn:aws:s3:::*")),
        &["exposure: allows more than before: `s3:GetObject` on `arn:aws:s3:::*` (`policy`)"],
    );
    // The same in two statements, in another case, in another order, and for less.
    let split = json!([
        allow(json!("S3:ListBucket"), objects.clone()),
        allow(json!("s3:getobject"), json!("arn:aws:s3:::a/b")),
    ]);
    check_policies(&read, &split, &[]);
    let mut conditional = read.clone();
    conditional["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": ["o-1"] } });
    check_policies(&read, &conditional, &[]);
    assert_eq!(found("aws_iam_policy", &["update"], policy(&conditional), policy(&read)).len(), 1);
    let deny = json!({ "Sid": "No", "Effect": "Deny", "Action": "iam:*", "Resource": "*" });
    check_policies(
        &json!([read, deny]),
        &json!([read]),
        &["exposure: does not deny any more: `iam:*` on `*` (`policy`)"],
    );
    check_policies(&json!([read]), &json!([read, deny]), &[]);
    let but = json!({ "Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*" });
    let but_less = json!({ "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" });
    check_policies(&but_less, &but, &[]);
    check_policies(&but, &but_less, &["exposure: allows more than before: all but `iam:*` on `*` (`policy`)"]);
}

#[test]
fn a_trust_policy_that_trusts_more_is_exposed() {
    let trust = |principal: Value| {
        let statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal });
        json!({ "assume_role_policy": json!({ "Statement": statement }).to_string() })
    };
    let one = trust(json!({ "AWS": "arn:aws:iam::111111111111:root" }));
    let two = trust(json!({ "AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"] }));
    check(
        &found("aws_iam_role", &["update"], one.clone(), two),
        &[
            "exposure: allows more than before: `sts:AssumeRole` to `AWS:arn:aws:iam::222222222222:root` (`assume_role_policy`)",
        ],
    );
    for everybody in [json!("*"), json!({ "AWS": "*" })] {
        assert_eq!(found("aws_iam_role", &["update"], one.clone(), trust(everybody.clone())).len(), 1);
        check(
            &found("aws_iam_role", &["create"], Value::Null, trust(everybody)),
            &["exposure: allows everybody: `sts:AssumeRole` to `AWS:*` (`assume_role_policy`)"],
        );
    }
    check(&found("aws_iam_role", &["create"], Value::Null, one), &[]);
}

#[test]
fn a_new_policy_is_exposed_where_it_is_wide() {
    let new = |statement: Value| found("aws_iam_role_policy", &["create"], Value::Null, policy(&statement));
    for (action, resource, expect) in [
        ("*", "*", true),
        ("s3:*", "*", true),
        ("iam:PassRole", "*", true),
        ("s3:*", "arn:aws:s3:::a", false),
        ("s3:GetObject", "*", false),
    ] {
        let risks = new(json!([{ "Effect": "Allow", "Action": action, "Resource": resource }]));
        assert_eq!(!risks.is_empty(), expect, "{action} {resource} {risks:?}");
    }
    check(&new(json!([{ "Effect": "Deny", "Action": "*", "Resource": "*" }])), &[]);
    // The usual policy of a key: its resource is the key.
    let root = json!([{ "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": { "AWS": "arn:aws:iam::1:root" } }]);
    check(&found("aws_kms_key", &["create"], Value::Null, policy(&root)), &[]);
}

#[test]
fn what_cannot_be_seen_is_said_and_not_shown() {
    let read = policy(&json!([{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }]));
    let mut plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_iam_policy.a", "mode": "managed", "type": "aws_iam_policy", "name": "a",
        "change": { "actions": ["update"], "before": read, "after": {}, "after_unknown": { "policy": true },
            "before_sensitive": {}, "after_sensitive": {} },
    }] });
    check(
        &of_plan(&plan),
        &["exposure: its new policy is only known after apply, so that nobody sees here what it allows (`policy`)"],
    );
    let secret = "arn:aws:s3:::top-secret-bucket/*";
    let wide = json!([{ "Effect": "Allow", "Action": "s3:*", "Resource": secret }]);
    plan["resource_changes"][0]["change"] = json!({ "actions": ["update"], "before": read,
        "after": { "policy": policy(&wide)["policy"], "note": secret }, "before_sensitive": {}, "after_sensitive": { "note": true } });
    let risks = of_plan(&plan);
    assert_eq!(risks.len(), 1, "{risks:?}");
    assert!(risks[0].contains("(sensitive value)") && !risks[0].contains("top-secret"), "{risks:?}");
}

#[test]
fn the_catalog_is_sorted_and_says_nothing_twice() {
    let sorted = |names: Vec<&str>| names.windows(2).for_each(|pair| assert!(pair[0] < pair[1], "{pair:?}"));
    sorted(catalog::SERVERS.iter().map(|(kind, _)| *kind).collect());
    sorted(catalog::GUARDIANS.iter().map(|(kind, _)| *kind).collect());
    sorted(catalog::FIREWALLS.to_vec());
    sorted(catalog::RETENTIONS.iter().map(|retention| retention.name).collect());
    sorted(catalog::EXPIRIES.iter().map(|(name, _)| *name).collect());
    sorted(catalog::POLICIES.iter().map(|(kind, _)| *kind).collect());
    sorted(catalog::POLICY_NAMES.to_vec());
    sorted(catalog::BINDINGS.to_vec());
    sorted(catalog::ESCALATIONS.to_vec());
    sorted(catalog::TARGETS.iter().map(|target| target.name).collect());
    sorted(catalog::WARDS.iter().map(|ward| ward.name).collect());
    let mut kinds: Vec<&str> = catalog::STORES.iter().map(|store| store.kind).collect();
    kinds.sort_unstable();
    sorted(kinds);
    let mut flags: Vec<(&str, &[&str])> = catalog::FLAGS.iter().map(|flag| (flag.name, flag.open)).collect();
    flags.sort_unstable();
    flags.windows(2).for_each(|pair| assert!(pair[0] != pair[1], "{pair:?}"));
}

#[test]
fn a_protection_that_is_not_said_any_more_is_off() {
    for (kind, name) in [
        ("aws_db_instance", "deletion_protection"),
        ("aws_dynamodb_table", "deletion_protection_enabled"),
        ("aws_launch_template", "disable_api_termination"),
        ("aws_db_instance", "storage_encrypted"),
    ] {
        for after in [json!({ name: null }), json!({})] {
            let risks = found(kind, &["update"], json!({ name: true }), after);
            assert!(risks.len() == 1 && risks[0].starts_with("exposure: ") && risks[0].contains(name), "{risks:?}");
        }
        check(&found(kind, &["update"], json!({ name: null }), json!({ name: false })), &[]);
    }
    let backups = json!({ "point_in_time_recovery": [{ "enabled": true }] });
    let gone = found("aws_dynamodb_table", &["update"], backups, json!({ "point_in_time_recovery": [] }));
    assert!(gone[0].contains("point_in_time_recovery.enabled"), "{gone:?}");
    check(
        &found(
            "aws_redis",
            &["update"],
            json!({ "snapshot_retention_limit": 7 }),
            json!({ "snapshot_retention_limit": null }),
        ),
        &["data loss: keeps snapshots for a shorter time: `snapshot_retention_limit` 7 days → 0 days"],
    );
    // An opening that is not said any more is closed.
    check(&found("aws_db_instance", &["update"], json!({ "publicly_accessible": true }), json!({})), &[]);
}

#[test]
fn a_secret_that_is_spelled_like_a_name_hides_nothing_from_the_rules() {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a",
        "change": { "actions": ["delete"], "before": { "user": "bucket", "password": "aws_s3_bucket" }, "after": null,
            "before_sensitive": { "user": true, "password": true }, "after_sensitive": {} } },
      { "address": "aws_db_instance.a", "mode": "managed", "type": "aws_db_instance", "name": "a",
        "change": { "actions": ["update"], "before": { "publicly_accessible": false, "password": "publicly_accessible" },
            "after": { "publicly_accessible": true, "password": "publicly_accessible" },
            "before_sensitive": { "password": true }, "after_sensitive": { "password": true } } },
    ] });
    let risks = of_plan(&plan);
    assert_eq!(risks.len(), 2, "{risks:?}");
    assert!(risks[0].starts_with("data loss: destroys its objects"), "{risks:?}");
    assert!(risks[1].starts_with("exposure: it is reachable from the internet"), "{risks:?}");
    // A source that nobody can see may be everybody.
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_vpc_security_group_ingress_rule.a", "mode": "managed", "type": "aws_vpc_security_group_ingress_rule", "name": "a",
        "change": { "actions": ["create"], "before": null, "after": { "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22 },
            "before_sensitive": false, "after_sensitive": { "cidr_ipv4": true } } }] });
    check(&of_plan(&plan), &["exposure: may let everybody in: tcp port 22, from addresses that are hidden"]);
}

#[test]
fn a_replacement_that_gives_to_another_is_a_new_grant() {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attached = |role: &str| json!({ "role": role, "policy_arn": admin });
    let kind = "aws_iam_role_policy_attachment";
    let expect = "exposure: attaches arn:aws:iam::aws:policy/AdministratorAccess";
    check(&found(kind, REPLACE, attached("a"), attached("b")), &[expect]);
    check(&found(kind, REPLACE, attached("a"), attached("a")), &[]);
    let rule = |group: &str| json!({ "security_group_id": group, "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    check(
        &found("aws_vpc_security_group_ingress_rule", REPLACE, rule("sg-1"), rule("sg-2")),
        &["exposure: lets everybody in: tcp port 22 from 0.0.0.0/0"],
    );
    check(&found("aws_vpc_security_group_ingress_rule", REPLACE, rule("sg-1"), rule("sg-1")), &[]);
    let to = |roles: Value| json!({ "policy_arn": admin, "roles": roles });
    check(
        &found("aws_iam_policy_attachment", &["update"], to(json!(["a"])), to(json!(["a", "b"]))),
        &["exposure: attaches arn:aws:iam::aws:policy/AdministratorAccess to more"],
    );
    check(&found("aws_iam_policy_attachment", &["update"], to(json!(["a", "b"])), to(json!(["a"]))), &[]);
}

/// A replacement as Terraform plans it: the object's own `arn` and `id` are only known after apply.
fn replaced(kind: &str, before: &Value, after: &Value) -> Vec<String> {
    let mut before = before.clone();
    before["arn"] = json!("arn:aws:x:eu-central-1:111111111111:thing/old");
    before["id"] = json!("old");
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a",
        "change": { "actions": REPLACE, "before": before, "after": after, "after_unknown": { "arn": true, "id": true },
            "before_sensitive": {}, "after_sensitive": {} },
    }] });
    of_plan(&plan).into_iter().filter(|risk| risk.starts_with("exposure")).collect()
}

#[test]
fn a_replacement_is_judged_against_what_it_replaces() {
    for (kind, name) in [
        ("aws_ebs_volume", "encrypted"),
        ("aws_efs_file_system", "encrypted"),
        ("aws_rds_cluster", "storage_encrypted"),
        ("aws_elasticache_replication_group", "at_rest_encryption_enabled"),
    ] {
        let off = format!("exposure: its encryption is switched off (`{name}`)");
        check(&replaced(kind, &json!({ name: true }), &json!({ name: false })), &[&off]);
        check(&replaced(kind, &json!({ name: false }), &json!({ name: false })), &[]);
    }
    let trust = |accounts: Value| {
        let statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": accounts } });
        json!({ "assume_role_policy": json!({ "Statement": statement }).to_string() })
    };
    let (one, two) = (trust(json!("111111111111")), trust(json!(["111111111111", "999999999999"])));
    let wider = replaced("aws_iam_role", &one, &two);
    assert!(wider.len() == 1 && wider[0].contains("999999999999"), "{wider:?}");
    check(&replaced("aws_iam_role", &two, &two), &[]);
    let allow = |action: &str, bucket: &str| json!({ "Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::{bucket}/*") });
    let more = replaced(
        "aws_iam_policy",
        &policy(&json!([allow("s3:GetObject", "a")])),
        &policy(&json!([allow("s3:*", "b")])),
    );
    check(&more, &["exposure: allows more than before: `s3:*` on `arn:aws:s3:::b/*` (`policy`)"]);
    let deny = policy(&json!([{ "Effect": "Deny", "Action": "iam:*", "Resource": "*" }]));
    check(&replaced("aws_iam_policy", &deny, &deny), &[]);
    check(
        &replaced("aws_iam_policy", &deny, &policy(&json!([]))),
        &["exposure: does not deny any more: `iam:*` on `*` (`policy`)"],
    );
    let open =
        json!({ "ingress": [{ "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"] }] });
    check(&replaced("aws_security_group", &open, &open), &[]);
    let database = json!({ "publicly_accessible": true, "engine": "mysql" });
    check(&replaced("aws_db_instance", &database, &database), &[]);
    let balancer = |internal: bool| json!({ "internal": internal });
    check(&replaced("aws_lb", &balancer(false), &balancer(false)), &[]);
    check(
        &replaced("aws_lb", &balancer(true), &balancer(false)),
        &["exposure: it is reachable from the internet (`internal`)"],
    );
    check(
        &replaced("aws_lb", &balancer(true), &json!({})),
        &["exposure: it is reachable from the internet (`internal`)"],
    );
    // A name is not a target: a bucket of another name gives nothing to somebody else.
    let bucket = |name: &str| json!({ "bucket": name, "acl": "public-read" });
    check(&replaced("aws_s3_bucket", &bucket("a"), &bucket("b")), &[]);
}

#[test]
fn a_target_that_is_only_known_later_may_be_the_same_again() {
    let rule = json!({ "security_group_id": "sg-1", "cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    let mut later = rule.clone();
    later.as_object_mut().unwrap().remove("security_group_id");
    let plan = |after: &Value| {
        json!({ "format_version": "1.2", "resource_changes": [{ "address": "aws_vpc_security_group_ingress_rule.a",
            "mode": "managed", "type": "aws_vpc_security_group_ingress_rule", "name": "a",
            "change": { "actions": REPLACE, "before": rule, "after": after, "after_unknown": { "security_group_id": true },
                "before_sensitive": {}, "after_sensitive": {} } }] })
    };
    check(&of_plan(&plan(&later)), &[]);
    later["to_port"] = json!(23);
    check(&of_plan(&plan(&later)), &["exposure: lets everybody in: tcp ports 22 to 23 from 0.0.0.0/0"]);
    // With another target both are told: what is worse than before, and what the new one gets.
    let deny = |bucket: &str, more: Value| {
        let deny = json!({ "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*" });
        let mut policy = policy(&json!([deny, more]));
        policy["bucket"] = json!(bucket);
        policy
    };
    let read = |who: &str| json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": { "AWS": who } });
    let moved = replaced("aws_s3_bucket_policy", &deny("a", read("1")), &deny("b", read("2")));
    check(
        &moved,
        &[
            "exposure: allows more than before: `s3:GetObject` on `*` to `AWS:2` (`policy`)",
            "exposure: does not deny any more: `s3:*` on `*` to `AWS:*` (`policy`)",
        ],
    );
}

#[test]
fn what_is_public_without_a_policy_is_exposed() {
    for (kind, after) in [
        ("aws_s3_bucket_public_access_block", json!({ "block_public_acls": false })),
        (
            "aws_s3_bucket_acl",
            json!({ "access_control_policy": [{ "grant": [{ "grantee": [{ "uri": "http://acs.amazonaws.com/groups/global/AllUsers" }] }] }] }),
        ),
        ("aws_lambda_permission", json!({ "principal": "*" })),
        ("aws_vpc_endpoint_service", json!({ "allowed_principals": ["*"] })),
        ("aws_ami_launch_permission", json!({ "group": "all" })),
        ("aws_db_snapshot", json!({ "shared_accounts": ["all"] })),
        ("aws_api_gateway_method", json!({ "authorization": "NONE" })),
        ("aws_cognito_identity_pool", json!({ "allow_unauthenticated_identities": true })),
        ("aws_lb", json!({ "name": "a" })),
        ("aws_lb", json!({ "internal": false })),
    ] {
        let risks = found(kind, &["create"], Value::Null, after);
        assert!(risks.len() == 1 && risks[0].starts_with("exposure: "), "{kind} {risks:?}");
    }
    check(&found("aws_lb", &["create"], Value::Null, json!({ "internal": true })), &[]);
    check(&found("aws_lambda_permission", &["create"], Value::Null, json!({ "principal": "s3.amazonaws.com" })), &[]);
    check(&found("aws_subnet", &["create"], Value::Null, json!({ "map_public_ip_on_launch": true })), &[]);
}

#[test]
fn half_of_the_internet_is_everybody() {
    let rule = |cidr: &str| json!({ "cidr_ipv4": cidr, "ip_protocol": "tcp", "from_port": 22, "to_port": 22 });
    let new = |cidr: &str| found("aws_vpc_security_group_ingress_rule", &["create"], Value::Null, rule(cidr)).len();
    for cidr in ["0.0.0.0/1", "128.0.0.0/1", "::/0", "0::/0", "2000::/3"] {
        assert_eq!(new(cidr), 1, "{cidr}");
    }
    for cidr in ["10.0.0.0/8", "192.0.2.0/24", "fd00::/16", "not a network", "1.2.3.4"] {
        assert_eq!(new(cidr), 0, "{cidr}");
    }
    // Fewer ports from the same network are no opening.
    let group = |from: u32, to: u32| json!({ "ingress": [{ "protocol": "tcp", "from_port": from, "to_port": to, "cidr_blocks": ["0.0.0.0/0"] }] });
    check(&found("aws_security_group", &["update"], group(0, 65_535), group(443, 443)), &[]);
    assert_eq!(found("aws_security_group", &["update"], group(443, 443), group(443, 444)).len(), 1);
}

#[test]
fn what_deletes_by_itself_loses_data() {
    let rules = |days: &[u32]| {
        let rule = |days: &u32| json!({ "expiration": [{ "days": days }] });
        json!({ "rule": days.iter().map(rule).collect::<Vec<_>>() })
    };
    let kind = "aws_s3_bucket_lifecycle_configuration";
    let expect = "data loss: objects are deleted by themselves after some days (`rule.expiration.days`)";
    check(&found(kind, &["create"], Value::Null, rules(&[30])), &[expect]);
    check(&found(kind, &["update"], rules(&[30, 365]), rules(&[1, 365])), &[expect]);
    check(&found(kind, &["update"], rules(&[30]), rules(&[30, 1])), &[expect]);
    check(&found(kind, &["update"], rules(&[30]), rules(&[60])), &[]);
    check(&found(kind, &["delete"], rules(&[30]), Value::Null), &[]);
}

#[test]
fn what_is_kept_elsewhere_or_stays_is_not_lost() {
    check(&found("aws_cloudwatch_log_group", &["delete"], json!({ "skip_destroy": true }), Value::Null), &[]);
    check(
        &found("aws_db_instance", &["delete"], json!({ "replicate_source_db": "orders" }), Value::Null),
        &["downtime: takes the database away"],
    );
    check(
        &found("aws_secretsmanager_secret", &["delete"], json!({ "recovery_window_in_days": 0 }), Value::Null),
        &["data loss: destroys the secret; at once, without a way back"],
    );
    check(
        &found("aws_db_cluster_snapshot", &["delete"], json!({ "skip_final_snapshot": true }), Value::Null),
        &["data loss: destroys the snapshot; no last snapshot is taken"],
    );
}

#[test]
fn what_holds_other_things_is_lost_with_them() {
    for (kind, holds) in [
        ("aws_cloudformation_stack", "everything in the stack"),
        ("aws_eks_cluster", "every object in the cluster"),
        ("aws_instance", "what is on its root volume and in its instance store"),
        ("aws_s3control_bucket", "its objects"),
    ] {
        let risks = found(kind, &["delete"], json!({}), Value::Null);
        assert!(risks.contains(&format!("data loss: destroys {holds}")), "{risks:?}");
    }
    let kept =
        found("aws_cloudformation_stack_set_instance", &["delete"], json!({ "retain_stack": true }), Value::Null);
    check(&kept, &[]);
    let device = json!({ "root_block_device": [{ "delete_on_termination": false }], "ebs_block_device": [{ "delete_on_termination": true }] });
    let instance = found("aws_instance", REPLACE, device, json!({}));
    assert!(instance[0].ends_with("in its instance store; its root volume is kept"), "{instance:?}");
}

#[test]
fn another_version_loses_nothing() {
    for kind in ["aws_s3_object", "aws_secretsmanager_secret_version"] {
        check(&found(kind, REPLACE, json!({ "content": "1" }), json!({ "content": "2" })), &[]);
        assert_eq!(found(kind, &["delete"], json!({}), Value::Null).len(), 1, "{kind}");
    }
}

#[test]
fn what_protected_an_object_that_goes_too_is_not_missed() {
    let delete = |kind: &str, before: Value| {
        json!({ "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a", "change": { "actions": ["delete"],
            "before": before, "after": null, "before_sensitive": {}, "after_sensitive": {} } })
    };
    let block = delete("aws_s3_bucket_public_access_block", json!({ "bucket": "files", "block_public_acls": true }));
    let bucket = |name: &str| delete("aws_s3_bucket", json!({ "bucket": name, "id": name }));
    let plan = |changes: &[Value]| of_plan(&json!({ "format_version": "1.2", "resource_changes": changes }));
    check(&plan(&[block.clone(), bucket("files")]), &["data loss: destroys its objects"]);
    assert_eq!(plan(&[block.clone(), bucket("others")]).len(), 2);
    // What only has the same name is something else.
    for kind in ["aws_ecr_repository", "aws_cloudwatch_log_group"] {
        let namesake = delete(kind, json!({ "name": "files", "id": "files" }));
        let risks = plan(&[block.clone(), namesake]);
        assert!(risks.contains(&"exposure: public access is not blocked any more".to_owned()), "{kind} {risks:?}");
    }
    let answers = delete("aws_route53_hosted_zone_dnssec", json!({ "hosted_zone_id": "Z1" }));
    let zone = delete("aws_route53_zone", json!({ "name": "example.com", "zone_id": "Z1" }));
    assert!(!plan(&[answers, zone]).iter().any(|risk| risk.starts_with("exposure")));
    let (arn, kind) =
        ("arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/a/1", "aws_wafv2_web_acl_association");
    let filter = delete(kind, json!({ "resource_arn": arn }));
    let balancer = delete("aws_lb", json!({ "arn": arn }));
    check(&plan(&[filter.clone(), balancer]), &["downtime: takes its listeners away"]);
    check(&plan(&[filter]), &["exposure: requests are not filtered any more"]);
}

#[test]
fn a_policy_that_goes_with_the_name_of_its_bucket_denies_nobody_any_more() {
    let replace = |kind: &str, before: Value, after: Value| {
        json!({ "address": format!("{kind}.a"), "mode": "managed", "type": kind, "name": "a", "change": { "actions": REPLACE,
            "before": before, "after": after, "after_unknown": { "id": true, "arn": true }, "before_sensitive": {}, "after_sensitive": {} } })
    };
    let deny = policy(&json!([{ "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*" }]));
    let of = |bucket: &str| {
        let mut of = deny.clone();
        of["bucket"] = json!(bucket);
        of
    };
    let policy = replace("aws_s3_bucket_policy", of("old"), of("new"));
    let bucket = |from: &str, to: &str| {
        replace("aws_s3_bucket", json!({ "bucket": from, "id": from, "arn": from }), json!({ "bucket": to }))
    };
    let plan = |changes: &[Value]| of_plan(&json!({ "format_version": "1.2", "resource_changes": changes }));
    let is_missed = |risks: &[String]| risks.iter().any(|risk| risk.contains("does not deny any more"));
    assert!(!is_missed(&plan(&[policy.clone(), bucket("old", "new")])));
    assert!(is_missed(&plan(&[policy.clone(), bucket("third", "new")])));
    assert!(is_missed(&plan(&[policy, bucket("old", "old")])));
    // A bucket that has a new name is not without a guardian by that.
    let block = json!({ "address": "b.a", "mode": "managed", "type": "aws_s3_bucket_public_access_block", "name": "a", "change": {
        "actions": ["delete"], "before": { "bucket": "old", "block_public_acls": true }, "after": null, "before_sensitive": {}, "after_sensitive": {} } });
    let risks = plan(&[block, bucket("old", "new")]);
    assert!(risks.iter().any(|risk| risk.contains("public access is not blocked any more")), "{risks:?}");
}

#[test]
fn a_leftover_serves_nobody() {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{
        "address": "aws_lb.a", "deposed": "00000001", "mode": "managed", "type": "aws_lb", "name": "a",
        "change": { "actions": ["delete"], "before": {}, "after": null, "before_sensitive": {}, "after_sensitive": {} },
    }] });
    check(&of_plan(&plan), &[]);
}

/// The names of the catalog that a provider does not know: its types, and the attributes and blocks that each of them has.
pub(crate) fn unknown_names<'a>(
    kinds: impl Iterator<Item = &'a str>,
    has_attribute: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let known: std::collections::BTreeSet<&str> = kinds.collect();
    let unknown = catalog::kinds().filter(|kind| !known.contains(kind));
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned).unwrap_or_default();
    unknown.chain(catalog::names().filter(|name| !has_attribute(&last(name)))).map(str::to_owned).collect()
}
