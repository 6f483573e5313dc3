//! Laws of the digest, on plans made up: what it must not see, and what it must.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::{Share, cases};

use super::Canonical;
use crate::document::Document;
use crate::guard::Guard;
use crate::json::Json;
use crate::markdown::diff_lines;
use crate::review::Review;
use crate::verify::differences;

/// A value out of few, so that two plans are often alike.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(1),
        json!(2),
        json!("a"),
        json!("b"),
        json!(""),
        json!("secret-one"),
        json!("secret-two"),
        json!("see secret-one"),
        json!("x\ny\nz"),
        json!("x\nY\nz"),
        json!("{\"p\":1}"),
        json!("{\"p\":2}"),
    ]);
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[pq]", inner, 0..3).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// The attributes of an object.
fn attributes() -> impl Strategy<Value = Value> {
    btree_map("[pqr]", value(), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect()))
}

fn actions() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![json!(["update"]), json!(["delete", "create"]), json!(["create", "delete"])])
}

fn change() -> impl Strategy<Value = Value> {
    let masks = prop::sample::select(vec![json!({}), json!({ "p": true }), json!({ "q": true, "r": true })]);
    (actions(), attributes(), attributes(), masks, any::<bool>()).prop_map(|(actions, before, after, mask, forced)| {
        json!({ "address": "a.b", "mode": "managed", "type": "a", "change": {
            "actions": actions, "before": before, "after": after, "before_sensitive": {}, "after_sensitive": mask,
            "replace_paths": if forced { json!([["p"]]) } else { json!([]) } } })
    })
}

fn plan(change: &Value) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [change] })
}

/// Where a change may stand in a plan.
const PLACES: [&str; 4] = ["object", "deferred", "drift", "output"];

/// The plan that has `change` in one of [`PLACES`].
fn placed(change: &Value, place: &str) -> Value {
    let managed = json!({ "values": { "root_module": { "resources": [{ "mode": "managed" }] } } });
    match place {
        "deferred" => {
            json!({ "format_version": "1.2", "deferred_changes": [{ "reason": "r", "resource_change": change }] })
        }
        // A plan that only refreshes.
        "drift" => {
            json!({ "format_version": "1.2", "applyable": true, "prior_state": managed, "resource_drift": [change] })
        }
        "output" => json!({ "format_version": "1.2", "output_changes": { "o": change["change"] } }),
        _ => plan(change),
    }
}

/// Puts `new` in the place that `steps` lead to, and leaves the rest as it is.
fn edit(value: &mut Value, steps: &[usize], new: &Value) {
    let (Some(step), rest) = (steps.first(), steps.get(1..).unwrap_or_default()) else {
        *value = new.clone();
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let place = step % items.len();
            edit(&mut items[place], rest, new);
        }
        Value::Object(entries) if !entries.is_empty() => {
            let place = step % entries.len();
            if let Some((_, item)) = entries.iter_mut().nth(place) {
                edit(item, rest, new);
            }
        }
        other => *other = new.clone(),
    }
}

fn document(text: &str) -> Document {
    Document::of(text, &Guard::default()).unwrap()
}

/// The lines of the rendering that say that something changes.
fn changed_lines(document: &Document) -> Vec<String> {
    let review = Review::of(document);
    let deferred = review.deferred.iter().map(|deferred| &deferred.resource);
    let resources = review.resources.iter().chain(deferred).chain(&review.drift);
    let verbs: Vec<String> = resources.clone().map(|resource| format!("+ {:?}", resource.verb)).collect();
    let outputs = review.outputs.iter().filter_map(|output| output.value.as_ref());
    let lines = resources.flat_map(|resource| diff_lines(&resource.attributes));
    let lines = lines.chain(outputs.flat_map(|node| diff_lines(std::slice::from_ref(node)))).chain(verbs);
    lines.filter(|line| line.starts_with(['+', '-', '!'])).collect()
}

/// `value` as JSON with its keys in the other order, its numbers spelled otherwise, and white space. The numbers stay shorter than
/// what is searched for as a secret.
fn respelled(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("{number}.0"),
        Value::Array(items) => format!("[ {} ]", items.iter().map(respelled).collect::<Vec<_>>().join(" , ")),
        Value::Object(entries) => {
            let members = entries.iter().rev().map(|(key, item)| format!("{} : {}", json!(key), respelled(item)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}

static DIFFERENT_LINES: Share = Share::new();

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(400), ..ProptestConfig::default() })]

    #[test]
    fn the_digest_changes_with_every_line_that_says_a_change(
        reviewed in change(),
        place in prop::sample::select(PLACES.to_vec()),
        side in prop::sample::select(vec!["before", "after", "actions"]),
        other_actions in actions(),
        steps in vec(0_usize..4, 1..4),
        new in value(),
    ) {
        let mut now = reviewed.clone();
        if side == "actions" {
            now["change"][side] = other_actions;
        } else {
            edit(&mut now["change"][side], &steps, &new);
        }
        let [old, new] = [&reviewed, &now].map(|change| document(&placed(change, place).to_string()));
        let [reviewed, now] = [&old, &new].map(Canonical::of);
        let differ = changed_lines(&old) != changed_lines(&new);
        DIFFERENT_LINES.note(differ);
        if differ {
            prop_assert_ne!(reviewed.digest(), now.digest(), "{:#?}\n{:#?}", changed_lines(&old), changed_lines(&new));
        }
        // What is told differs exactly where the digests do.
        let told = differences(&reviewed, &now);
        prop_assert_eq!(told.is_empty(), reviewed.digest() == now.digest(), "{:?}", told);
        prop_assert!(told.iter().flatten().all(|line| !line.contains('\n') && !line.chars().any(crate::sealed::is_token)), "{:?}", told);
    }

    #[test]
    fn the_digest_does_not_change_with_the_spelling(change in change()) {
        let plan = plan(&change);
        let [one, other] = [plan.to_string(), respelled(&plan)].map(|text| Canonical::of(&document(&text)));
        prop_assert_eq!(one.digest(), other.digest());
    }

    #[test]
    fn the_digest_does_not_tell_a_secret(change in change(), one in "[a-z]{8,12}", other in "[0-9]{8,12}", same in any::<bool>()) {
        let with = |secret: &str| {
            let mut change = change.clone();
            change["change"]["before"]["s"] = json!(if same { secret.to_owned() } else { format!("{secret}!") });
            change["change"]["after"]["s"] = json!(secret);
            change["change"]["after"]["t"] = json!([format!("x://{secret}@host"), { "u": secret }]);
            change["change"]["after_sensitive"]["s"] = json!(true);
            Canonical::of(&document(&plan(&change).to_string()))
        };
        let (one, other) = (with(&one), with(&other));
        prop_assert_eq!(one.digest(), other.digest());
    }
}

/// `value` with the keys of its maps in the other order, and its numbers as they are.
fn turned(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.clone(),
        Json::Text(text) => json!(text).to_string(),
        Json::List(items) => format!("[{}]", items.iter().map(turned).collect::<Vec<_>>().join(",")),
        Json::Map(entries) => {
            let members = entries.iter().rev().map(|(key, item)| format!("{}:{}", json!(key.as_str()), turned(item)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

/// The plans of the tests that do nothing: they differ in what does not count.
const SAME: [&str; 3] = ["no_changes", "empty", "ephemeral_open"];

#[test]
fn every_plan_of_the_tests_has_a_digest_of_its_own_whatever_its_keys_order() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut plans = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let canonical = Canonical::of(&document(&text));
        let turned = turned(&Json::parse(&text).unwrap());
        assert_eq!(canonical.digest(), Canonical::of(&document(&turned)).digest(), "{}", path.display());
        plans.push((path, canonical));
    }
    for (index, (path, reviewed)) in plans.iter().enumerate() {
        for (other, now) in &plans[index + 1..] {
            let [one, two] = [path, other].map(|path| path.file_stem().and_then(|stem| stem.to_str()).unwrap());
            let is_same = reviewed.digest() == now.digest();
            assert_eq!(is_same, SAME.contains(&one) && SAME.contains(&two), "{one} {two}");
            assert_eq!(differences(reviewed, now).is_empty(), is_same, "{one} {two}");
            assert_eq!(reviewed == now, is_same, "{one} {two}");
        }
    }
}
