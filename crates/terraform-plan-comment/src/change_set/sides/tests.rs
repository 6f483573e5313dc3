use super::*;

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn detail(path: &str, before: Option<&str>, after: Option<&str>) -> Detail {
    let text = |value: Option<&str>| value.map(str::to_owned);
    Detail {
        attribute: "Properties".to_owned(),
        path: path.to_owned(),
        before: text(before),
        after: text(after),
        change: "Modify".to_owned(),
        evaluation: "Static".to_owned(),
        ..Detail::default()
    }
}

fn modify(before: &str, after: &str, details: Vec<Detail>) -> Sides {
    Sides::of(&Change {
        action: "Modify".to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
        details,
        ..Change::default()
    })
}

#[test]
fn contexts_are_the_objects() {
    let sides = modify(
        r#"{"Properties":{"A":"1","Metadata":"m"},"Metadata":{"aws:cdk:path":"Shop/Db/Resource","aws:asset:path":"a"}}"#,
        r#"{"Properties":{"A":"{{changeSet:KNOWN_AFTER_APPLY}}","L":["x","{{changeSet:KNOWN_AFTER_APPLY}}"]},"DeletionPolicy":"Retain"}"#,
        Vec::new(),
    );
    assert_eq!(sides.before, json(r#"{"A":"1","Metadata":"m","Metadata (of the resource)":{"aws:asset:path":"a"}}"#));
    assert_eq!(sides.unknown, json(r#"{"A":true,"L":[false,true],"DeletionPolicy":false}"#));
    assert_eq!(sides.construct.as_deref(), Some("Shop/Db/Resource"));
    assert!(!sides.is_untold);
}

#[test]
fn what_changes_though_it_looks_the_same_is_not_known_yet() {
    let same = r#"{"Properties":{"Roles":["a","b"],"Kept":"1","Password":"****"}}"#;
    let details =
        vec![detail("/Properties/Roles/1", None, None), detail("/Properties/Password", Some("****"), Some("****"))];
    assert_eq!(modify(same, same, details).unknown, json(r#"{"Roles":[false,true],"Kept":false,"Password":true}"#));
}

#[test]
fn details_tell_what_contexts_do_not() {
    let mut by_name = detail("", None, None);
    by_name.name = "InstanceType".to_owned();
    let mut later = detail("/Properties/TopicArn", Some("old"), None);
    later.evaluation = "Dynamic".to_owned();
    let details = vec![detail("/Properties/Tags", Some("[]"), Some(r#"[{"Key":"a"}]"#)), by_name, later];
    let sides = modify("", "{\"cut", details);
    assert_eq!(sides.before, json(r#"{"InstanceType":"(not told)","Tags":[],"TopicArn":"old"}"#));
    assert_eq!(sides.after, json(r#"{"Tags":[{"Key":"a"}]}"#));
    assert_eq!(sides.unknown, json(r#"{"InstanceType":true,"Tags":[{"Key":false}],"TopicArn":true}"#));
    assert!(sides.is_untold);
}

#[test]
fn what_forces_a_new_object_is_named_by_its_path() {
    let mut forcing = detail("/Properties/Rules/0/a~1b", None, None);
    forcing.recreation = "Always".to_owned();
    let sides = modify("{}", "{}", vec![forcing, detail("/Properties/B", None, None)]);
    assert_eq!(sides.forced_by, [json(r#"["Rules",0,"a/b"]"#)]);
}

#[test]
fn what_is_added_or_removed_has_one_side() {
    let of = |action: &str, before: &str, after: &str| {
        Sides::of(&Change {
            action: action.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
            ..Change::default()
        })
    };
    let added = of("Add", "", r#"{"Properties":{"A":"1"}}"#);
    assert_eq!((added.before, added.after), (Json::Null, json(r#"{"A":"1"}"#)));
    let removed = of("Remove", "", "");
    assert_eq!((removed.before, removed.after, removed.is_untold), (json("{}"), Json::Null, true));
}

#[test]
fn a_construct_that_moves_is_a_change() {
    let context = |path: &str| json(&format!(r#"{{"Metadata":{{"aws:cdk:path":"{path}"}}}}"#));
    let text = |path: &str| format!(r#"{{"Metadata":{{"aws:cdk:path":"{path}"}}}}"#);
    let sides = modify(&text("A/Db"), &text("B/Db"), Vec::new());
    assert_eq!((sides.before, sides.after), (context("A/Db"), context("B/Db")));
    let same = modify(&text("A/Db"), &text("A/Db"), Vec::new());
    assert_eq!((same.before, same.construct.as_deref()), (json("{}"), Some("A/Db")));
}
