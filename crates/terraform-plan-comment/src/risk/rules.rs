//! What a change leaves behind against the rules of one's own.
//!
//! A rule is about objects that are there after the apply and that the plan creates or changes. What is only known after apply is not
//! judged; what is hidden is not either, and a reason says so.

use crate::diff::on_one_line;
use crate::document::Change;
use crate::rules::{Demand, Rules, Test};
use crate::sealed::Sealed;
use crate::verb::Verb;

use super::tree::{Tree, entry, items, number, text, word};
use super::{Grade, Risk};

/// The maps that hold an object's tags: the first of them that it has.
const TAGS: [&str; 3] = ["tags_all", "tags", CLOUDFORMATION_TAGS];

/// What holds the tags of a resource of `CloudFormation`'s: of most types a list, of some a map
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html>).
const CLOUDFORMATION_TAGS: &str = "Tags";

/// The lists that hold a tag each, and what its key is called there.
const TAG_LISTS: [(&str, &str); 2] = [("tag", "key"), (CLOUDFORMATION_TAGS, "Key")];

/// What is against the rules.
pub(super) fn risks(rules: &Rules, change: &Change, verb: &Verb, after: &Tree<'_>) -> Vec<Risk> {
    if matches!(verb, Verb::Delete | Verb::Forget | Verb::Read | Verb::Open) || !after.is_there() {
        return Vec::new();
    }
    let about = change.ruled_by.iter().filter_map(|place| rules.0.get(*place));
    let broken = about.filter_map(|rule| {
        let fault = match &rule.demand {
            Demand::Tags(keys) => tags(keys, after, change.set.is_some() && rule.names_types()),
            Demand::Attribute { path, test } => attribute(path, test, after),
        };
        fault.map(|(grade, fault)| Risk::new(grade, format!("{}: {fault}", on_one_line(&rule.name))))
    });
    broken.collect()
}

/// The tags that are missing. A type without anything for tags is not meant; but what a template does not set, a change set leaves out, so that
/// of it only the rule can say that there `must_be` tags.
fn tags(keys: &[String], after: &Tree<'_>, must_be: bool) -> Option<(Grade, String)> {
    let missing = |has: &dyn Fn(&str) -> bool| {
        let missing: Vec<String> =
            keys.iter().filter(|key| !has(key)).map(|key| format!("`{}`", on_one_line(key))).collect();
        let noun = if missing.len() == 1 { "tag" } else { "tags" };
        (!missing.is_empty()).then(|| {
            (
                Grade::Rules,
                format!("the {noun} {} {} missing", missing.join(", "), if missing.len() == 1 { "is" } else { "are" }),
            )
        })
    };
    for (list, name) in TAG_LISTS {
        if let Some(tags @ Sealed::List(_)) = after.entry(list) {
            let of = |tag| text(entry(Some(tag), name));
            return missing(&|key| items(Some(tags)).iter().any(|tag| of(tag) == Some(key)));
        }
    }
    let mut maps = TAGS.iter().filter_map(|name| after.entry(name));
    let Some(of_all) = maps.next() else { return must_be.then(|| missing(&|_| false)).flatten() };
    // What all tags are is told by those of the object where nothing of these is open: AWS provider 5 plans `tags_all` as unknown where
    // neither the object nor the provider gives any, and as known where the provider does.
    let tags = match (of_all, maps.next()) {
        (Sealed::Unknown { .. }, Some(own)) if is_known(own) => own,
        (all, _) => all,
    };
    match tags {
        Sealed::Map(tags) => missing(&|key| tags.get(key).is_some_and(|value| *value != Sealed::Null)),
        Sealed::Null => missing(&|_| false),
        Sealed::Secret(_) => Some((Grade::Routine, "the tags are hidden, so nobody can tell".to_owned())),
        Sealed::Unknown { .. } | Sealed::Bool(_) | Sealed::Number(_) | Sealed::Text(_) | Sealed::List(_) => None,
    }
}

/// Whether nothing of an object's own tags is left open.
fn is_known(tags: &Sealed) -> bool {
    match tags {
        Sealed::Map(tags) => tags.values().all(|value| !matches!(value, Sealed::Unknown { .. })),
        other => *other == Sealed::Null,
    }
}

/// Why an attribute is not as it should be. A type without it is not meant.
fn attribute(path: &str, test: &Test, after: &Tree<'_>) -> Option<(Grade, String)> {
    let first = path.split('.').next().unwrap_or(path);
    let words = on_one_line(path);
    let mut places = after.ending(path).peekable();
    if places.peek().is_none() {
        let block = after.entry(first)?;
        let is_open = !matches!(block, Sealed::Unknown { .. } | Sealed::Secret(_));
        return is_open.then(|| (Grade::Rules, format!("`{words}` is not set")));
    }
    places.find_map(|place| {
        let fault = |value: String| Some((Grade::Rules, format!("`{words}` is {value}")));
        match (place.value, test) {
            (Sealed::Unknown { .. }, _) | (Sealed::Secret(_), Test::Present) => None,
            (Sealed::Secret(_), _) => Some((Grade::Routine, format!("`{words}` is hidden, so nobody can tell"))),
            (value, _) if is_empty(value) => fault("not set".to_owned()),
            (value, Test::Present) => (text(Some(value)) == Some("")).then(|| fault("empty".to_owned()))?,
            (value, Test::OneOf(values)) => {
                let shown = shown(value);
                (!values.contains(&shown)).then(|| fault(format!("`{}`", on_one_line(&shown))))?
            }
            (value, Test::Within { at_least, at_most }) => {
                let length = number(Some(value)).and_then(|number| i64::try_from(number).ok());
                let fits = length.is_some_and(|length| {
                    at_least.is_none_or(|least| least <= length) && at_most.is_none_or(|most| length <= most)
                });
                (!fits).then(|| {
                    fault(format!("`{}`, not {}", on_one_line(&shown(value)), test.words().trim_start_matches("is ")))
                })?
            }
        }
    })
}

/// Whether nothing is there: in a plan's JSON a block that is not written is an empty list.
fn is_empty(value: &Sealed) -> bool {
    match value {
        Sealed::Null => true,
        Sealed::List(items) => items.iter().all(|item| *item == Sealed::Null),
        Sealed::Map(entries) => entries.is_empty(),
        Sealed::Bool(_) | Sealed::Number(_) | Sealed::Text(_) | Sealed::Secret(_) | Sealed::Unknown { .. } => false,
    }
}

/// A value as a rule writes it.
fn shown(value: &Sealed) -> String {
    match value {
        Sealed::Number(number) => number.clone(),
        other => word(Some(other)).map_or_else(|| "(no single value)".to_owned(), str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Document;
    use crate::guard::Guard;
    use crate::review::Review;

    /// What is against a rule in a change that leaves `after` behind.
    fn against(rule: &str, kind: &str, change: &Value) -> Vec<String> {
        let plan = json!({ "format_version": "1.2", "resource_changes": [
            { "address": "t.a", "mode": "managed", "type": kind, "name": "a", "change": change }] });
        let rules = Rules::parse(&format!("[[rule]]\nname = \"n\"\n{rule}")).unwrap();
        let guard = Guard::default().obeying(rules);
        let document = Document::of(&plan.to_string(), &guard).unwrap();
        let risks = Review::of(&document).resources.into_iter().flat_map(|resource| resource.risks);
        risks.map(|risk| format!("{}: {}", risk.grade.key(), risk.reason)).collect()
    }

    fn created(after: &Value) -> Value {
        json!({ "actions": ["create"], "before": null, "after": after, "before_sensitive": false, "after_sensitive": {} })
    }

    #[test]
    fn missing_tags_are_named() {
        let rule = "types = [\"aws_*\"]\nrequire-tags = [\"Owner\", \"Cost\"]";
        let of = |after: Value| against(rule, "aws_x", &created(&after));
        assert_eq!(of(json!({ "tags": { "Owner": "me" } })), ["rules: n: the tag `Cost` is missing"]);
        assert_eq!(of(json!({ "tags": null })), ["rules: n: the tags `Owner`, `Cost` are missing"]);
        assert_eq!(of(json!({ "tags": null, "tags_all": { "Owner": "me", "Cost": "1" } })), [""; 0]);
        assert_eq!(of(json!({ "tag": [{ "key": "Owner", "value": "me" }] })), ["rules: n: the tag `Cost` is missing"]);
        assert_eq!(of(json!({ "name": "it has no tags" })), [""; 0]);
        assert_eq!(against(rule, "google_x", &created(&json!({ "tags": null }))), [""; 0]);
        let mut unknown = created(&json!({}));
        unknown["after_unknown"] = json!({ "tags_all": true });
        assert_eq!(against(rule, "aws_x", &unknown), [""; 0]);
        for (tags, missing) in [
            (json!(null), "rules: n: the tags `Owner`, `Cost` are missing"),
            (json!({ "Owner": "me" }), "rules: n: the tag `Cost` is missing"),
        ] {
            unknown["after"] = json!({ "tags": tags });
            assert_eq!(against(rule, "aws_x", &unknown), [missing], "nothing gives any other tag");
        }
        unknown["after_unknown"] = json!({ "tags": { "Owner": true }, "tags_all": true });
        assert_eq!(against(rule, "aws_x", &unknown), [""; 0], "what gives the one may give the other");
        let gone = json!({ "actions": ["delete"], "before": { "tags": null }, "after": null, "before_sensitive": {}, "after_sensitive": false });
        assert_eq!(against(rule, "aws_x", &gone), [""; 0]);
    }

    #[test]
    fn an_attribute_is_tested_wherever_it_is() {
        let days = "attribute = \"retention_in_days\"\nat-least = 30\nat-most = 365";
        let of = |days_rule: &str, after: Value| against(days_rule, "t", &created(&after));
        assert_eq!(
            of(days, json!({ "retention_in_days": 7 })),
            ["rules: n: `retention_in_days` is `7`, not 30 to 365"]
        );
        assert_eq!(of(days, json!({ "retention_in_days": null })), ["rules: n: `retention_in_days` is not set"]);
        for fits in [json!({ "retention_in_days": 30 }), json!({ "retention_in_days": 365 }), json!({ "other": 1 })] {
            assert_eq!(of(days, fits), [""; 0]);
        }
        let encrypted = "attribute = \"block.encrypted\"\nequals = true";
        assert_eq!(
            of(encrypted, json!({ "block": [{ "encrypted": true }, { "encrypted": false }] })),
            ["rules: n: `block.encrypted` is `false`"]
        );
        assert_eq!(of(encrypted, json!({ "block": [] })), ["rules: n: `block.encrypted` is not set"]);
        assert_eq!(of(encrypted, json!({ "block": [{ "encrypted": true }] })), [""; 0]);
        let present = "attribute = \"kms_key_id\"\npresent = true";
        assert_eq!(of(present, json!({ "kms_key_id": "" })), ["rules: n: `kms_key_id` is empty"]);
        assert_eq!(of(present, json!({ "kms_key_id": "k" })), [""; 0]);
        // A block that is not written is an empty list in a plan's JSON; one without attributes is there.
        for absent in [json!([]), json!({}), json!(null), json!([null])] {
            assert_eq!(of(present, json!({ "kms_key_id": absent })), ["rules: n: `kms_key_id` is not set"]);
        }
        for there in [json!([{}]), json!([{ "key": null }]), json!({ "a": 1 }), json!([0])] {
            assert_eq!(of(present, json!({ "kms_key_id": there })), [""; 0]);
        }
        let equal = "attribute = \"kms_key_id\"\nequals = \"k\"";
        assert_eq!(of(equal, json!({ "kms_key_id": [] })), ["rules: n: `kms_key_id` is not set"]);
        let mut later = created(&json!({}));
        later["after_unknown"] = json!({ "kms_key_id": [{ "kms_key": true }] });
        assert_eq!(against(present, "t", &later), [""; 0]);
        let mut hidden = created(&json!({ "retention_in_days": 7, "kms_key_id": "key-1" }));
        hidden["after_sensitive"] = json!({ "retention_in_days": true, "kms_key_id": true });
        assert_eq!(against(days, "t", &hidden), ["routine: n: `retention_in_days` is hidden, so nobody can tell"]);
        assert_eq!(against(present, "t", &hidden), [""; 0]);
    }

    #[test]
    fn a_secret_that_is_spelled_like_a_type_or_a_name_hides_nothing_from_a_rule() {
        let plan = |kind: &str, after: Value, secret: &str, rule: &str| {
            let mut change = created(&after);
            change["after"]["password"] = json!(secret);
            change["after_sensitive"] = json!({ "password": true });
            against(rule, kind, &change)
        };
        let tags = "types = [\"aws_s3_bucket\"]\nrequire-tags = [\"Owner\"]";
        for secret in ["bucket", "aws_s3_bucket", "tags"] {
            let found = plan("aws_s3_bucket", json!({ "tags": { "a": "b" } }), secret, tags);
            assert_eq!(found, ["rules: n: the tag `Owner` is missing"], "{secret}");
        }
        let tagged = json!({ "tags": { "Owner": "me" } });
        assert_eq!(plan("aws_s3_bucket", tagged, "Owner", tags), [""; 0]);
        let quiet = "attribute = \"settings.verbosity\"\nequals = \"low\"";
        let loud = |secret: &str| plan("t", json!({ "settings": [{ "verbosity": "high" }] }), secret, quiet);
        assert_eq!(loud("unlike"), ["rules: n: `settings.verbosity` is `high`"]);
        for secret in ["verbosity", "settings"] {
            let found = loud(secret);
            assert!(found.len() == 1 && found[0].ends_with("is `high`") && !found[0].contains(secret), "{found:?}");
        }
    }
}
