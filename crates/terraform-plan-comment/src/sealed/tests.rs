use proptest::prelude::*;

use super::*;
use crate::document::Document;
use crate::review::Review;
use crate::secrets::Secrets;
use crate::source::PlanJson;

fn sealer(secret: &str) -> Sealer {
    let plan =
        format!(r#"{{"output_changes":{{"o":{{"after":{},"after_sensitive":true}}}}}}"#, serde_json::json!(secret));
    Sealer::new(&PlanJson::of(&plan).secrets).unwrap()
}

#[track_caller]
fn check(secret: &str, text: &str, shown: &str) {
    assert_eq!(reveal(&sealer(secret).text(text)), shown);
}

#[test]
fn a_secret_is_hidden_in_every_form_it_is_known_in() {
    check("hunter2", "pw=hunter2;", "pw=(sensitive value);");
    check(
        "a\"b<cd",
        r#"{"p":"a\"b<cd"} {"p":"a\"b\u003ccd"}"#,
        r#"{"p":"(sensitive value)"} {"p":"(sensitive value)"}"#,
    );
    check("hunter2", "aHVudGVyMg==", "(sensitive value)");
    // In the base64 of a longer text, wherever the secret stands in it: `{"p":"correct-horse"}`, and a letter and two more before.
    for text in ["eyJwIjoiY29ycmVjdC1ob3JzZSJ9", "eHsicCI6ImNvcnJlY3QtaG9yc2UifQ==", "eHh7InAiOiJjb3JyZWN0LWhvcnNlIn0="]
    {
        check("correct-horse", &format!("a {text} b {text}"), "a (sensitive value) b (sensitive value)");
    }
    // In a URL.
    check(
        "p&ss w%rd",
        "https://a/?q=p%26ss%20w%25rd&r=p%26ss+w%25rd",
        "https://a/?q=(sensitive value)&r=(sensitive value)",
    );
    check("p&ssw0rd", "?q=p%26ssw0rd", "?q=(sensitive value)");
    check("p\u{e4}ss\"/w\u{1f600}", r#"{"p":"p\u00e4ss\"\/w\ud83d\ude00"}"#, r#"{"p":"(sensitive value)"}"#);
    check(
        "a&b<c-secret",
        r#"{"i":"{\"p\":\"a\\u0026b\\u003cc-secret\"}"}"#,
        r#"{"i":"{\"p\":\"(sensitive value)\"}"}"#,
    );
    check("p!ss/word", "?p=p!ss%2Fword", "?p=(sensitive value)");
    // Shorter ones are hidden where they are marked, and nowhere else.
    check("abcde", "abcde", "abcde");
    check("abcdef", "abcdef", "(sensitive value)");
}

#[test]
fn secrets_that_overlap_leave_nothing_of_either() {
    let plan = r#"{"output_changes":{"o":{"after":["my-prod","prod-secret-xyz"],"after_sensitive":true}}}"#;
    let mut sealer = Sealer::new(&PlanJson::of(plan).secrets).unwrap();
    assert_eq!(reveal(&sealer.text("x my-prod-secret-xyz y")), "x (sensitive value) y");
    let (one, other) = (sealer.text("my-prod-secret-xyz"), sealer.text("my-prod, prod-secret-xyz"));
    assert_ne!(one, other);
}

#[test]
fn two_encoded_texts_that_hold_the_same_secret_stay_different() {
    let mut sealer = sealer("correct-horse");
    let [one, other] = ["#!/bin/sh\nexport PW=correct-horse\n", "#!/bin/sh\nexport PW=correct-horse\nreboot\n"]
        .map(|script| sealer.text(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, script)));
    assert_eq!((reveal(&one).as_str(), reveal(&other).as_str()), ("(sensitive value)", "(sensitive value)"));
    assert_ne!(one, other, "otherwise the change of the script would not be seen");
}

#[test]
fn a_secret_that_becomes_spelled_in_another_way_is_a_change() {
    let mut sealer = sealer("s3cr&t-pass1");
    let spelled = ["s3cr&t-pass1", "s3cr%26t-pass1", "s3cr%2526t-pass1", "s3cr\\u0026t-pass1", "s3cr\\\\u0026t-pass1"];
    let texts = spelled.map(|secret| sealer.text(&format!("curl \"https://h/?p={secret}\"")));
    for (index, one) in texts.iter().enumerate() {
        assert_eq!(reveal(one), "curl \"https://h/?p=(sensitive value)\"");
        assert!(!texts[..index].contains(one), "{}", spelled[index]);
    }
    // Of a document only what it says counts.
    let [one, other] = ["&", "\\u0026"].map(|sign| sealer.text(&format!(r#"{{"p":"s3cr{sign}t-pass1"}}"#)));
    assert_eq!(one, other);
}

#[test]
fn a_text_of_nothing_but_short_secrets_costs_no_more_than_itself() {
    let mut sealer = sealer("aaaaaa");
    let work = testkit::budget::Work::start();
    assert_eq!(reveal(&sealer.text(&format!("{} b", "a".repeat(4 << 20)))), "(sensitive value) b");
    work.assert_below(10);
}

#[test]
fn a_long_secret_is_hidden_to_its_end_and_costs_little() {
    let long: String =
        (0..1_000_000_u32).map(|number| char::from(b'a' + (number.wrapping_mul(2_654_435_761) >> 28) as u8)).collect();
    let mut sealer = sealer(&long);
    assert_eq!(reveal(&sealer.text(&format!("x {long} y"))), "x (sensitive value) y");
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &long);
    assert_eq!(reveal(&sealer.text(&encoded)), "(sensitive value)");
    let half = &long[..500_000];
    assert_eq!(reveal(&sealer.text(&format!("{half} y"))), "(sensitive value) y");
}

#[test]
fn base64_that_is_broken_into_lines_is_one_word() {
    let text = format!("{}correct-horse{}", "x".repeat(100), "y".repeat(60));
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    for (feed, width) in [("\n", 76), ("\r\n", 64)] {
        let lines: Vec<&str> =
            (0..encoded.len()).step_by(width).map(|from| &encoded[from..(from + width).min(encoded.len())]).collect();
        check("correct-horse", &format!("a\n\n{}\n\nb", lines.join(feed)), "a\n\n(sensitive value)\n\nb");
    }
}

/// How a writer may spell a text.
#[derive(Debug, Clone, Copy)]
enum Spelled {
    Json,
    EscapedJson,
    Percent,
    Form,
    Base64(usize),
}

impl Spelled {
    fn write(self, text: &str) -> String {
        use base64::Engine as _;
        match self {
            Self::Json => serde_json::json!({ "k": text }).to_string(),
            Self::EscapedJson => {
                let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<Vec<_>>().concat();
                format!("{{\"k\":\"{units}\"}}")
            }
            Self::Percent => text.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat(),
            Self::Form => {
                let byte = |byte: u8| match byte {
                    b' ' => "+".to_owned(),
                    b'%' | b'+' | 0x80.. => format!("%{byte:02X}"),
                    other => char::from(other).to_string(),
                };
                text.bytes().map(byte).collect()
            }
            Self::Base64(before) => {
                base64::engine::general_purpose::STANDARD.encode(format!("{}{text}", "-".repeat(before)))
            }
        }
    }
}

proptest! {
    /// However a writer spells a secret, and whatever it puts that into, nothing of the secret is left.
    #[test]
    fn no_spelling_of_a_secret_is_left_open(
        secret in "[ -~\u{a1}-\u{ff}]{6,40}",
        ways in proptest::collection::vec(
            prop_oneof![
                Just(Spelled::Json),
                Just(Spelled::EscapedJson),
                Just(Spelled::Percent),
                Just(Spelled::Form),
                (0..3_usize).prop_map(Spelled::Base64),
            ],
            1..4,
        ),
    ) {
        prop_assume!(!secret.trim().is_empty());
        let written = ways.iter().fold(secret.clone(), |text, way| way.write(&text));
        let mut sealer = sealer(&secret);
        let sealed = sealer.text(&format!("<{written}>"));
        prop_assert!(sealed.chars().any(is_token), "{ways:?}: {written}");
        prop_assert!(!reveal(&sealed).contains(&written), "{ways:?}");
    }
}

#[test]
fn equal_secrets_have_equal_tokens_and_different_ones_do_not() {
    let mut sealer = sealer("hunter2");
    let marked = sealer.value(Some(&Json::Text("hunter2".into())), None, Some(&Json::Bool(true))).unwrap();
    let found = sealer.value(Some(&Json::Text("hunter2".into())), None, None).unwrap();
    let other = sealer.value(Some(&Json::Text("hunter3".into())), None, Some(&Json::Bool(true))).unwrap();
    let identity = |value: &Sealed| match value {
        Sealed::Secret(secret) => secret.identity,
        _ => panic!("{value:?} is sealed"),
    };
    assert_eq!(identity(&marked), identity(&found));
    assert_ne!(identity(&marked), identity(&other));
}

#[test]
fn tokens_in_a_plan_are_forged_ones() {
    assert_eq!(sealer("hunter2").text("a\u{F0000}b\u{10FFFD}"), "a\u{FFFD}b\u{FFFD}");
}

#[test]
fn unknown_parts_are_kept() {
    let mut sealer = sealer("hunter2");
    let value =
        sealer.value(Some(&json(r#"{"a":1}"#)), Some(&json(r#"{"b":true,"c":{}}"#)), Some(&json(r#"{"b":true}"#)));
    let expected = [("a".into(), Sealed::Number("1".into())), ("b".into(), Sealed::Unknown { sensitive: true })];
    assert_eq!(value, Some(Sealed::Map(expected.into_iter().collect())));
}

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

/// Both sides of a change, each a value and its mask, sealed without anything that is searched for.
fn sealed(before: [&Json; 2], after: [&Json; 2]) -> [Sealed; 2] {
    let mut sealer = Sealer::new(&Secrets::default()).unwrap();
    let [before, after] = [before, after].map(|[value, mask]| Side { value: Some(value), mask: Some(mask) });
    [(before, after), (after, before)].map(|(side, other)| sealer.beside(side, None, other).unwrap())
}

/// A sealed value on one line, with `*` for each secret.
fn outline(value: &Sealed) -> String {
    match value {
        Sealed::Null => "null".to_owned(),
        Sealed::Bool(value) => value.to_string(),
        Sealed::Number(text) | Sealed::Text(text) => text.clone(),
        Sealed::Secret(_) => "*".to_owned(),
        Sealed::Unknown { .. } => "?".to_owned(),
        Sealed::List(items) => format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(" ")),
        Sealed::Map(entries) => {
            let entries = entries.iter().map(|(key, item)| format!("{key}={}", outline(item)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
        }
    }
}

#[track_caller]
fn check_sides(before: [&str; 2], after: [&str; 2], expected: [&str; 2]) {
    let [before, after] = [before, after].map(|side| side.map(json));
    let sealed = sealed([&before[0], &before[1]], [&after[0], &after[1]]);
    assert_eq!(sealed.each_ref().map(outline), expected);
}

#[test]
fn a_list_beside_one_that_is_hidden_as_a_whole_keeps_its_own_mask() {
    check_sides(["[12,34]", "true"], ["[56,78]", "[true,true]"], ["*", "*"]);
    check_sides(["[12,34]", "true"], ["[56,78]", "[false,false]"], ["*", "*"]);
    check_sides(["[[12,34]]", "[true]"], ["[[56,12]]", "[[true,false]]"], ["[*]", "[[* *]]"]);
}

#[test]
fn what_one_side_hides_as_a_whole_the_other_hides_in_maps_and_lists() {
    check_sides([r#"{"a":{"on":true}}"#, r#"{"a":true}"#], [r#"{"a":{"on":true}}"#, "{}"], ["{a=*}", "{a=*}"]);
    check_sides([r#"{"a":1,"b":2}"#, r#"{"a":true}"#], [r#"{"a":3,"b":2}"#, "{}"], ["{a=* b=2}", "{a=* b=2}"]);
    check_sides(
        [r#"[{"pin":1,"n":2}]"#, r#"[{"pin":true}]"#],
        [r#"[{"pin":0,"n":1},{"pin":1,"n":2}]"#, "[{},{}]"],
        ["[{n=2 pin=*}]", "[{n=1 pin=0} {n=2 pin=*}]"],
    );
    let hidden = [r#"[{"a":1,"b":[2]}]"#, "[true]"];
    check_sides(hidden, [r#"[{"a":1,"b":[3,2]}]"#, "[{}]"], ["[*]", "[{a=* b=[3 *]}]"]);
    check_sides(["[false,7]", "[true,false]"], ["[7,false]", "[false,false]"], ["[* 7]", "[7 *]"]);
    check_sides(["null", "true"], ["[1]", "[false]"], ["null", "[1]"]);
}

#[test]
fn a_hidden_value_of_which_only_an_unknown_part_is_left_is_not_known() {
    let mut sealer = Sealer::new(&Secrets::default()).unwrap();
    let hidden = sealer.value(None, Some(&json(r#"{"a":true}"#)), Some(&Json::Bool(true)));
    assert_eq!(hidden, Some(Sealed::Unknown { sensitive: true }));
}

#[test]
fn a_secret_is_counted_once_where_it_is_hidden_without_a_mark() {
    let mut sealer = sealer("hunter2");
    sealer.value(Some(&json(r#"{"a":"hunter2"}"#)), Some(&json(r#"{"a":false}"#)), None);
    assert_eq!(sealer.unmarked, 1);
}

#[test]
fn what_a_long_list_hides_is_looked_up() {
    let list =
        |items: &mut dyn Iterator<Item = u32>| Json::List(items.map(|item| Json::Number(item.to_string())).collect());
    let mask = |flag: bool| Json::List(vec![Json::Bool(flag); 30_000]);
    let (before, after) = (list(&mut (0..30_000)), list(&mut (29_999..59_999)));
    let work = testkit::budget::Work::start();
    let [_, after] = sealed([&before, &mask(true)], [&after, &mask(false)]);
    let Sealed::List(items) = after else { panic!("{after:?}") };
    assert_eq!(items.iter().filter(|item| matches!(item, Sealed::Secret(_))).count(), 1);
    work.assert_below(5);
}

#[test]
fn a_text_made_to_be_compared_at_each_of_its_bytes_is_hidden_soon() {
    let secret = "a".repeat(1 << 20);
    let mut sealer = sealer(&secret);
    let work = testkit::budget::Work::start();
    assert_eq!(reveal(&sealer.text(&format!("x{secret}a y"))), "x(sensitive value)");
    work.assert_below(5);
    // A short one is looked through to its end.
    let secret = "a".repeat(100);
    check(&secret, &format!("x{secret}a y"), "x(sensitive value) y");
}

/// Values that no search finds, because they are everywhere.
fn small_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        (0_u64..10).prop_map(serde_json::Value::from),
        prop::sample::select(vec!["true", "no", "default", "q"]).prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Masks that fit such values often.
fn small_mask() -> impl Strategy<Value = serde_json::Value> {
    proptest::bool::ANY.prop_map(serde_json::Value::from).prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 3..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c]", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// A leaf: where it is, where it is when the elements of lists are not told apart, and what it is.
type Leaf = (Vec<String>, Vec<String>, serde_json::Value);

/// The leaves that `mask` covers of `value`, by the rule in words.
fn covered_leaves(value: &serde_json::Value, mask: &serde_json::Value, at: (&[String], &[String])) -> Vec<Leaf> {
    use serde_json::Value as V;
    let below = |step: String, general: String, item: &V, mask: &V| {
        let place = [at.0, &[step]].concat();
        covered_leaves(item, mask, (&place, &[at.1, &[general]].concat()))
    };
    let all = V::Bool(true);
    match (value, mask) {
        (_, V::Bool(false) | V::Null) | (V::Null, _) => Vec::new(),
        (V::Object(entries), mask) => {
            let flag = |key: &String| if mask.is_object() { mask.get(key).unwrap_or(&V::Null) } else { &all };
            entries.iter().flat_map(|(key, item)| below(key.clone(), key.clone(), item, flag(key))).collect()
        }
        (V::Array(items), mask) => {
            let fits = mask.as_array().is_some_and(|mask| mask.len() >= items.len());
            let flag = |index: usize| if fits { &mask[index] } else { &all };
            let items = items.iter().enumerate();
            items.flat_map(|(index, item)| below(index.to_string(), "[]".to_owned(), item, flag(index))).collect()
        }
        (leaf, _) => vec![(at.0.to_vec(), at.1.to_vec(), leaf.clone())],
    }
}

/// Whether the value at `place`, or one around it, is sealed.
fn is_sealed(sealed: &Sealed, place: &[String]) -> bool {
    match (sealed, place) {
        (Sealed::Secret(_), _) => true,
        (Sealed::Map(entries), [first, rest @ ..]) => {
            entries.get(first.as_str()).is_some_and(|entry| is_sealed(entry, rest))
        }
        (Sealed::List(items), [first, rest @ ..]) => is_sealed(&items[first.parse::<usize>().unwrap()], rest),
        _ => false,
    }
}

/// Values whose texts are all different, so that each can be searched for.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        "[a-z]{6}[0-9]{6}".prop_map(serde_json::Value::from),
        (10_000_u64..99_999_999).prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Masks of any shape, whether they fit or not.
fn mask() -> impl Strategy<Value = serde_json::Value> {
    proptest::bool::ANY.prop_map(serde_json::Value::from).prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// The texts that `mask` covers, by the rule in words: `true`, or a shape that does not fit, covers everything below.
fn covered(value: &serde_json::Value, mask: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value as V;
    match (value, mask) {
        (_, V::Bool(false) | V::Null) | (V::Null | V::Bool(_), _) => {}
        (V::Object(entries), V::Object(masks)) => {
            entries.iter().for_each(|(key, item)| covered(item, masks.get(key).unwrap_or(&V::Null), found));
        }
        (V::Array(items), V::Array(masks)) if masks.len() >= items.len() => {
            items.iter().zip(masks).for_each(|(item, mask)| covered(item, mask, found));
        }
        (V::Object(entries), _) => entries.values().for_each(|item| covered(item, &V::Bool(true), found)),
        (V::Array(items), _) => items.iter().for_each(|item| covered(item, &V::Bool(true), found)),
        (V::String(text), _) => found.push(text.clone()),
        (V::Number(number), _) => found.push(number.to_string()),
    }
}

proptest! {
    #[test]
    fn what_a_mask_covers_is_sealed_on_both_sides(
        values in (small_value(), small_value()),
        masks in (small_mask(), small_mask()),
    ) {
        let sides = [(&values.0, &masks.0), (&values.1, &masks.1)];
        let [before, after] = sides.map(|(value, mask)| [json(&value.to_string()), json(&mask.to_string())]);
        let sealed = sealed([&before[0], &before[1]], [&after[0], &after[1]]);
        let covered = sides.map(|(value, mask)| covered_leaves(value, mask, (&[], &[])));
        let all = sides.map(|(value, _)| covered_leaves(value, &true.into(), (&[], &[])));
        for (side, other) in [(0, 1), (1, 0)] {
            for (place, ..) in &covered[side] {
                prop_assert!(is_sealed(&sealed[side], place), "{:?} of {:?}", place, sealed[side]);
            }
            for (place, general, leaf) in &all[side] {
                let is_hidden_there = covered[other].iter().any(|hidden| hidden.1 == *general && hidden.2 == *leaf);
                prop_assert!(!is_hidden_there || is_sealed(&sealed[side], place), "{:?} of {:?}", place, sealed[side]);
            }
        }
    }

    #[test]
    fn nothing_that_a_mask_covers_is_shown(
        before in value(),
        after in value(),
        masks in (mask(), mask()),
        has_copies in any::<bool>(),
    ) {
        let null = serde_json::Value::Null;
        let copied = |value| if has_copies { value } else { &null };
        let plan = serde_json::json!({ "format_version": "1.2", "resource_changes": [{
            "address": format!("t.n[{}]", copied(&before)), "mode": "managed", "type": "t",
            "change": { "actions": ["update"], "before": { "v": before, "copy": copied(&after) }, "after": { "v": after },
                        "before_sensitive": { "v": masks.0 }, "after_sensitive": { "v": masks.1 } },
        }] });
        let document = Document::of(&plan.to_string(), &crate::guard::Guard::default()).unwrap();
        let shown = serde_json::to_string(&Review::of(&document)).unwrap();
        let mut secrets = Vec::new();
        covered(&before, &masks.0, &mut secrets);
        covered(&after, &masks.1, &mut secrets);
        // What is no text is hidden where it is marked alone.
        for secret in secrets.into_iter().filter(|secret| !has_copies || secret.parse::<f64>().is_err()) {
            prop_assert!(!shown.contains(&secret), "{} is in {}", secret, shown);
        }
    }

    #[test]
    fn of_secrets_that_begin_alike_what_is_there_of_the_longest_is_hidden(
        secrets in prop::collection::btree_set("[ab]{0,6}", 1..9),
        places in prop::collection::vec(("[ab]{0,8}", "[xy]{1,3}"), 1..5),
    ) {
        let head = "0123456789abcdef".repeat(4);
        let plan = serde_json::json!({ "output_changes": { "o": {
            "after": secrets.iter().map(|secret| format!("{head}{secret}")).collect::<Vec<_>>(),
            "after_sensitive": true,
        } } });
        let mut sealer = Sealer::new(&PlanJson::of(&plan.to_string()).secrets).unwrap();
        let text = places.iter().map(|(rest, between)| format!("{head}{rest}{between}")).collect::<Vec<_>>().concat();
        let shared = |rest: &str| {
            let common =
                |secret: &String| secret.bytes().zip(rest.bytes()).take_while(|(one, other)| one == other).count();
            secrets.iter().map(common).max().unwrap()
        };
        let left = |rest: &str, between: &str| format!("(sensitive value){}{between}", &rest[shared(rest)..]);
        let shown = places.iter().map(|(rest, between)| left(rest, between)).collect::<Vec<_>>().concat();
        prop_assert_eq!(reveal(&sealer.text(&text)), shown);
    }

    #[test]
    fn sealing_shows_all_but_the_secret(text in "[a-z ]{0,30}") {
        prop_assert_eq!(reveal(&sealer("HUNTER2").text(&text)), text);
    }
}

#[test]
fn what_is_sealed_on_all_processors_is_what_is_sealed_in_turn() {
    // Short secrets and numbers are known by the order in which they are met; the others are not.
    let item = |number: usize| match number % 5 {
        0 => (json("{\"a\":\"hunter2-secret\",\"b\":1}"), json("{}")),
        1 => (Json::Text(format!("pin{}", number % 3)), json("true")),
        2 => (json("[\"hunter2-secret\",\"of hunter2-secret\",null]"), json("[true]")),
        3 => (Json::Number((number % 7).to_string()), json("true")),
        _ => (Json::Text(format!("open {number}")), json("false")),
    };
    let items: Vec<(Json, Json)> = (0..1_500).map(item).collect();
    let seal = |(value, mask): &(Json, Json), sealer: &mut Sealer| {
        let sealed = sealer.value(Some(value), None, Some(mask));
        (sealed, sealer.repeated(|sealer| sealer.text("hunter2-secret")))
    };
    let (mut together, mut in_turn) = (sealer("hunter2-secret"), sealer("hunter2-secret"));
    let expected: Vec<_> = items.iter().map(|item| seal(item, &mut in_turn)).collect();
    assert!(together.each(&items, seal) == expected);
    assert_eq!(together.unmarked, in_turn.unmarked);
    assert_eq!((together.masked_only(), in_turn.masked_only()), (10, 10));
    assert_eq!(in_turn.unmarked, 300);
}
