//! Laws of the way from a plan's bytes to a page, on plans made up and on damaged copies of real ones.
#![allow(clippy::items_after_statements, reason = "a share stands where it is noted")]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::{Share, Work, cases};
use testkit::page::Page;

use crate::document::Document;
use crate::guard::{Cause, FailOn, Guard, Pattern, split};
use crate::json::{Json, Reader};
use crate::likely::Detector;
use crate::markdown::{Frame, Limit, page, roots_page};
use crate::marker::{Name, Writer};
use crate::part::{Contribution, Part};
use crate::reduce::merge::{Found, merge};
use crate::region;
use crate::review::Review;
use crate::schema::SchemaFile;
use crate::source::{self, Content, PlanJson, Refusal};

/// What the secret values of made-up plans look like. Its capital is in none of [`hostile`]'s pieces, so that no open
/// text can spell it by chance.
pub(crate) const SECRET: &str = "Zq7";

/// Text that tries to be more than text.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z0-9_. ]{0,8}",
        prop::sample::select(vec![
            "\n",
            "\r\n",
            "\t",
            "`",
            "```",
            "~~~~",
            "|",
            "\\",
            "</details>",
            "<script>",
            "<!--",
            "-->",
            "<a href=x>",
            "@acme/ops",
            "#12",
            "# h",
            "> q",
            "- l",
            "1. n",
            "***",
            "___",
            "[a](http://x.example)",
            "![i](x)",
            "http://evil.example/a",
            "www.evil.example",
            "a@evil.example",
            "&lt;",
            "&#64;me",
            "::error::",
            "##[error]",
            "$(touch x)",
            "${x}",
            "<<EOT",
            "<!-- slipway:run id=9 attempt=1 -->",
            "\u{202E}",
            "\u{F0000}",
            "\u{10FFFD}",
            "\0",
            "{\"a\":1}",
            "[1]",
            "é",
            "]]>",
            "[^1]",
            "[ ]",
            "https://x.example/a_b",
            "(sensitive value)",
            "\u{85}",
            "\u{2028}",
            "ftp://x.example",
            "\u{7f}",
        ])
        .prop_map(str::to_owned),
    ];
    vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn secret() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z0-9]{4,10}".prop_map(|tail| json!(format!("{SECRET}{tail}"))),
        ("[a-z0-9]{4,10}", hostile()).prop_map(|(tail, _)| json!({ "inner": [format!("{SECRET}{tail}")] })),
        ("[a-z]{4,9}", "[a-z]{4,9}").prop_map(|(a, b)| json!(format!("{SECRET}{a}\n{SECRET}{b}"))),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        hostile().prop_map(Value::from),
        hostile().prop_map(|text| Value::from(json!({ "t": text }).to_string())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((hostile(), inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn actions() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(vec![
            json!(["no-op"]), json!(["create"]), json!(["update"]), json!(["delete"]), json!(["delete", "create"]),
            json!(["create", "delete"]), json!(["read"]), json!(["forget"]), json!(["create", "forget"]), json!([]),
        ]),
        1 => vec(hostile(), 0..3).prop_map(Value::from),
    ]
}

/// An entry of `resource_changes` whose attribute `s` is a secret on both sides.
fn change() -> impl Strategy<Value = Value> {
    (hostile(), actions(), value(), value(), (secret(), secret()), hostile(), any::<[bool; 4]>()).prop_map(
        |(name, actions, before, after, (old, new), reason, flags)| {
            let side = |there: bool, value: Value, secret: Value| {
                if there { json!({ "a": value, "s": secret }) } else { Value::Null }
            };
            let mut entry = json!({ "address": name, "type": "t", "mode": "managed", "change": {
                "actions": actions,
                "before": side(flags[0], before, old), "before_sensitive": { "s": true },
                "after": side(flags[1], after, new), "after_sensitive": { "s": true },
                "after_unknown": { "u": flags[2] }, "replace_paths": [["a", 0, reason]],
            }});
            if flags[3] {
                entry["action_reason"] = json!(reason);
                entry["deposed"] = json!(reason);
                entry["previous_address"] = json!(reason);
                entry["change"]["importing"] = json!({ "id": reason });
            }
            entry
        },
    )
}

fn plan() -> impl Strategy<Value = Value> {
    let parts = (
        vec(change(), 0..4),
        vec(change(), 0..2),
        vec((hostile(), value(), secret()), 0..3),
        hostile(),
        any::<[bool; 3]>(),
    );
    parts.prop_map(|(changes, drift, outputs, word, flags)| {
        let outputs: serde_json::Map<String, Value> = outputs
            .into_iter()
            .enumerate()
            .map(|(index, (name, open, secret))| {
                let is_secret = index % 2 == 1;
                let after = if is_secret { secret } else { open };
                (name, json!({ "actions": ["create"], "before": null, "after": after, "after_sensitive": is_secret }))
            })
            .collect();
        let deferred: Vec<Value> =
            drift.iter().map(|change| json!({ "reason": word, "resource_change": change })).collect();
        json!({
            "format_version": "1.2", "terraform_version": word, "resource_changes": changes, "resource_drift": drift,
            "deferred_changes": deferred, "output_changes": outputs, "errored": flags[0], "complete": flags[1], "applyable": flags[2],
            "checks": [{ "address": { "to_display": word }, "status": if flags[0] { word.as_str() } else { "fail" },
                         "instances": [{ "problems": [{ "message": word }] }] }],
            "action_invocations": [{ "address": word, "lifecycle_action_trigger": {
                "triggering_resource_address": word, "action_trigger_event": word } }],
        })
    })
}

fn pages(plan: &PlanJson, most: usize) -> Vec<String> {
    let guard = Guard::new(vec![Pattern::parse("*").unwrap()]).refusing(FailOn::new([Some(Cause::Any)]), Vec::new());
    let mut pages = Vec::new();
    for guard in [Guard::default(), guard] {
        let Ok(document) = Document::with_schemas(plan, &guard, &SchemaFile::default()) else { continue };
        let review = Review::of(&document);
        for heading in [true, false] {
            let frame = Frame {
                heading,
                name: Some("a plan"),
                commit: Some("beef"),
                run_url: Some("https://github.com/o/r/actions/runs/1"),
                has_page: heading,
                has_summary: heading,
                moved_to: Some("c0ffee").filter(|_| heading),
            };
            pages.push(page(&review, &frame, Limit::Characters(most)));
        }
    }
    pages
}

/// Whether everything of `text` that is more than text is ours.
pub(crate) fn check(text: &str) -> Result<(), TestCaseError> {
    let parsed = Page::parse(text);
    prop_assert!(parsed.count("table") <= 1, "{text}");
    prop_assert_eq!(parsed.count("cell"), parsed.count("row") * 3, "{}", text);
    is_ours(&parsed, text)
}

/// What holds of every page of ours, whatever its tables are.
fn is_ours(parsed: &Page, text: &str) -> Result<(), TestCaseError> {
    let foreign: Vec<&String> = parsed.html.iter().filter(|html| !html_is_ours(html)).collect();
    prop_assert!(foreign.is_empty(), "HTML {foreign:?} in\n{text}");
    let links: Vec<&String> =
        parsed.links.iter().filter(|link| *link != "https://github.com/o/r/actions/runs/1").collect();
    prop_assert!(links.is_empty(), "links {links:?} in\n{text}");
    prop_assert!(parsed.mentions.is_empty(), "mentions {:?} in\n{text}", parsed.mentions);
    prop_assert!(parsed.fences_are_closed, "an open fence in\n{text}");
    prop_assert_eq!(parsed.count("footnote") + parsed.count("rule"), 0, "{}", text);
    prop_assert!(!text.contains("<!-- slipway"), "{text}");
    let html = parsed.html.concat();
    prop_assert_eq!(html.matches("<details").count(), html.matches("</details>").count(), "{}", text);
    Ok(())
}

/// The page of these parts, as a reducer of a later attempt shows it.
fn page_of_parts(parts: &[String], most: usize) -> String {
    let read = |(index, text): (usize, &String)| Found {
        file: format!("{index}</details>`|@acme.json"),
        part: Contribution::read(text.as_bytes()),
    };
    let found: Vec<_> = parts.iter().enumerate().map(read).collect();
    let writer = Writer { run: Some((9, 9)), commit: None };
    let merged = merge(&found, &[Name::parse("expected").unwrap()], &writer, None);
    let frame = Frame {
        heading: true,
        run_url: Some("https://github.com/o/r/actions/runs/1"),
        moved_to: Some("c0ffee"),
        ..Frame::default()
    };
    roots_page(&merged, &frame, Limit::Characters(most))
}

/// A part of a plan, or of nothing where the plan is refused.
fn part_of(root: &str, plan: &Value) -> Value {
    let document = Document::of(&plan.to_string(), &Guard::default()).unwrap();
    let writer = Writer { run: Some((9, 1)), commit: None };
    let part = Part::of(&Name::parse(root).unwrap(), &writer, &Review::of(&document));
    serde_json::from_str(&part.to_json()).unwrap()
}

/// Replaces every text of a part but the few that say what it is with one of `words`.
fn forge(json: &mut Value, words: &[String], next: &mut usize) {
    const KEPT: [&str; 8] = ["format", "root", "sign", "verb", "state", "grade", "shape", "commit"];
    match json {
        Value::String(text) => {
            words[*next % words.len()].clone_into(text);
            *next += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| forge(item, words, next)),
        Value::Object(entries) => {
            entries
                .iter_mut()
                .filter(|(key, _)| !KEPT.contains(&key.as_str()))
                .for_each(|(_, item)| forge(item, words, next));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Our own tags: the fold around a diff with its summary, the small print, and the comment that parts `@` from a name.
fn html_is_ours(html: &str) -> bool {
    let html = html.trim();
    let summary = |rest: &str| {
        let inner = rest
            .strip_suffix("</summary>")
            .unwrap_or(rest)
            .replace("<code>", "")
            .replace("</code>", "")
            .replace("<!-- -->", "");
        !inner.contains(['<', '>'])
    };
    matches!(html, "<!-- -->" | "</details>" | "<sub>" | "</sub>")
        || html.strip_prefix("<details><summary>").is_some_and(summary)
        || html.strip_prefix("<details open><summary>").is_some_and(summary)
}

/// The tags of the page for a browser.
const TAGS: [&str; 33] = [
    "!doctype", "a", "b", "body", "button", "code", "del", "details", "fieldset", "footer", "form", "h1", "h2", "head",
    "header", "html", "input", "ins", "kbd", "label", "legend", "li", "main", "mark", "meta", "output", "p", "pre",
    "script", "span", "style", "summary", "title",
];

/// Whether every tag of a page for a browser is ours, and has no attribute that runs anything.
pub(crate) fn check_html(page: &str) -> Result<(), TestCaseError> {
    let (body, script) = page.split_once("<script>").unwrap();
    prop_assert!(script.ends_with("</script>\n</body>\n</html>\n") && !body.contains("<script"), "{page}");
    for tag in body.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap_or((tag, ""));
        let name =
            inside.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric() && c != '!').next().unwrap();
        prop_assert!(TAGS.contains(&name) || ["ul", "div", "strong"].contains(&name), "<{inside}> in\n{page}");
        prop_assert!(!inside.contains(" on") && !inside.contains("javascript:"), "<{inside}> in\n{page}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_pages_structure_is_ours_whatever_the_plan_says(plan in plan(), most in 1_500_usize..30_000) {
        let plan = PlanJson::of(&plan.to_string());
        for page in pages(&plan, most) {
            check(&page)?;
            prop_assert!(page.chars().count() <= most.max(4_000), "{} characters", page.chars().count());
        }
    }

    #[test]
    fn fuzz_a_page_for_a_browser_is_ours_and_holds_no_secret(plan in plan()) {
        let document = Document::of(&plan.to_string(), &Guard::default()).unwrap();
        let page = crate::html::page(&Review::of(&document), &Frame { name: Some("a plan"), ..Frame::default() });
        check_html(&page)?;
        prop_assert!(!page.contains(SECRET), "{page}");
    }

    #[test]
    fn fuzz_no_secret_of_any_plan_is_on_its_page(plan in plan()) {
        let plan = PlanJson::of(&plan.to_string());
        for page in pages(&plan, 60_000) {
            prop_assert!(!page.contains(SECRET), "{page}");
        }
        let document = Document::with_schemas(&plan, &Guard::default(), &SchemaFile::default()).unwrap();
        let everything = format!("{document:?}{:?}", Review::of(&document));
        prop_assert!(!everything.contains(SECRET));
    }

    #[test]
    fn fuzz_a_damaged_plan_is_refused_with_a_place_or_read(plan in 0_usize..37, edits in vec(any::<testkit::Edit>(), 1..4)) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        let original = std::fs::read(&files[plan % files.len()]).unwrap();
        static SHARE: Share = Share::new();
        if original.len() <= 60_000 {
            let other = testkit::mutate_json(&serde_json::from_slice(&original).unwrap(), &edits);
            let read = source::read(other.as_bytes(), &Detector::default());
            let plan = match &read {
                Ok(Content::Plans(plans, _)) if plans.len() == 1 => plans.first(),
                _ => None,
            };
            SHARE.note(plan.is_some());
            if let Some(plan) = plan {
                pages(plan, 20_000).iter().try_for_each(|page| check(page))?;
            }
        }
        let bytes = testkit::mutate(&original[..original.len().min(60_000)], &edits);
        match source::read(&bytes[..], &Detector::default()) {
            Ok(Content::Plans(plans, _)) if plans.len() == 1 => pages(&plans[0], 20_000).iter().try_for_each(|page| check(page))?,
            Err(Refusal::Json(error)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                prop_assert!(error.place.line >= 1 && error.place.line <= text.matches('\n').count() + 1, "{error:?}");
                prop_assert!(error.place.column >= 1 && !error.reason.is_empty(), "{error:?}");
            }
            Ok(Content::Plans(..) | Content::Binary) | Err(_) => {}
        }
    }

    #[test]
    fn fuzz_hostile_parts_have_no_say_in_the_page(
        plans in vec(plan(), 1..4), words in vec(hostile(), 1..9), most in 4_000_usize..40_000
    ) {
        let forged = |(index, plan): (usize, &Value)| {
            let mut part = part_of(&format!("root {index}"), plan);
            forge(&mut part, &words, &mut 0);
            part.to_string()
        };
        let parts: Vec<String> = plans.iter().enumerate().map(forged).collect();
        prop_assert!(parts.iter().all(|part| Contribution::read(part.as_bytes()).is_ok()), "{parts:?}");
        let page = page_of_parts(&parts, most);
        let parsed = Page::parse(&page);
        is_ours(&parsed, &page)?;
        prop_assert!(page.chars().count() <= most.max(6_000), "{} characters", page.chars().count());
        prop_assert!(parsed.count("table") <= 1 + plans.len(), "{page}");
        prop_assert!(!page.contains(['\u{F0000}', '\u{10FFFD}']), "{page}");
    }

    #[test]
    fn fuzz_a_damaged_part_is_refused_or_shown_as_ours(plan in plan(), edits in vec(any::<testkit::Edit>(), 1..4)) {
        let part = part_of("root", &plan);
        static SHARE: Share = Share::new();
        // Damage of one place is often still a part; more of it, or of the bytes, seldom is.
        let light = testkit::mutate_json(&part, &edits[..1]);
        SHARE.note(Contribution::read(light.as_bytes()).is_ok());
        let heavy = testkit::mutate_json(&part, &edits);
        let bytes = String::from_utf8_lossy(&testkit::mutate(part.to_string().as_bytes(), &edits)).into_owned();
        for text in [light, heavy, bytes] {
            let page = page_of_parts(&[text], 20_000);
            is_ours(&Page::parse(&page), &page)?;
        }
    }

    #[test]
    fn fuzz_no_secret_of_any_plan_is_in_its_part(plan in plan()) {
        let part = part_of("root", &plan).to_string();
        prop_assert!(!part.contains(SECRET), "{part}");
        prop_assert!(!page_of_parts(&[part], 60_000).contains(SECRET));
    }

    #[test]
    fn fuzz_json_means_what_serde_says_it_means(value in value(), space in "[ \n\t]{0,3}", tail in "[a-z]{1,5}") {
        let text = format!("{space}{value:#}{space}");
        let parsed = Json::parse(&text).unwrap();
        prop_assert_eq!(back(&parsed), value.clone());
        let (prefix, length) = Json::parse_prefix(&format!("{text} {tail}")).unwrap();
        prop_assert_eq!(prefix, parsed);
        prop_assert!(length <= text.len());
    }

    #[test]
    fn fuzz_a_region_is_found_again_and_everything_else_kept(body in hostile(), old in "[a-z \n]{0,9}", new in "[a-z ]{1,9}", tail in hostile()) {
        let name = Name::parse("stage").unwrap();
        let once = region::replace(&format!("{body}{tail}"), Some(&name), &old);
        let twice = region::replace(&once, Some(&name), &new);
        prop_assert_eq!(region::content(&twice, Some(&name)), Some(new.trim()));
        prop_assert_eq!(region::outside(&once, Some(&name)), region::outside(&twice, Some(&name)));
        let before = format!("{body}{tail}");
        prop_assert!(region::outside(&twice, Some(&name)).starts_with(&before));
        prop_assert_eq!(region::replace(&twice, Some(&name), &new), twice);
    }

    #[test]
    fn fuzz_a_writer_is_read_back_from_any_text(run in any::<Option<(u64, u64)>>(), commit in proptest::option::of("[0-9a-f]{4,40}"), before in "[a-z\n<!-]{0,20}") {
        let writer = Writer { run, commit };
        prop_assert_eq!(Writer::find(&format!("{before}\n{writer}\nrest")), writer);
        let _ = Writer::find(&before);
    }

    #[test]
    fn fuzz_guards_and_names_take_or_refuse_any_text(text in hostile(), address in hostile()) {
        if let Ok(name) = Name::parse(&text) {
            prop_assert!(!name.as_str().contains(['<', '>', '"', '\n']) && !name.as_str().contains("--"));
        }
        for word in split(std::slice::from_ref(&text)) {
            if let Ok(pattern) = Pattern::parse(&word) {
                let _ = Guard::new(vec![pattern]).names(Some(&text), &address);
            }
        }
    }
}

/// The value as `serde_json` holds it.
fn back(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => serde_json::from_str(number).unwrap(),
        Json::Text(text) => Value::from(text.as_str()),
        Json::List(items) => items.iter().map(back).collect(),
        Json::Map(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.to_string(), back(value))).collect())
        }
    }
}

#[test]
fn a_large_plan_on_one_line_is_found_in_linear_time() {
    let change = r#"{"address":"t.n","change":{"actions":["no-op"],"before":{"a":{"b":{}}},"after":{"a":{"b":{}}}}},"#;
    let body = change.repeat(20_000);
    let work = Work::start();
    let plan = format!(
        r#"{{"terraform_version":"1","resource_changes":[{}],"format_version":"1.2"}}"#,
        body.trim_end_matches(',')
    );
    assert!(matches!(source::read(plan, &Detector::default()), Ok(Content::Plans(..))));
    let cut = format!(r#"{{"format_version":"1.2","resource_changes":[{body}"#);
    assert!(matches!(source::read(cut, &Detector::default()), Err(Refusal::Json(_))));
    work.assert_below(20);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_reader_of_anything_ends(text in "[\\[\\]{}\",:\\\\ 01antrue\u{e9}]{0,40}") {
        let mut reader = Reader::of_checked(&text);
        let _ = reader.value();
        let _ = Reader::of_checked(&text).skip();
    }
}
