use serde_json::{Value, json};

use super::*;
use crate::document::Document;
use crate::guard::Guard;

fn page_of(plan: &Value) -> String {
    let document = Document::of(&plan.to_string(), &Guard::default()).unwrap();
    page(&Review::of(&document), &Frame { name: Some("network"), ..Frame::default() })
}

fn plan(address: &str, value: &str) -> Value {
    json!({ "format_version": "1.2", "resource_changes": [{
        "address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "a", "change": {
            "actions": ["update"], "before": { "text": "old" }, "after": { "text": value },
            "before_sensitive": {}, "after_sensitive": {} } }] })
}

#[test]
fn nothing_of_a_plan_becomes_markup() {
    for hostile in ["</pre><script>alert(1)</script>", "\" onmouseover=\"x", "<!--", "</style>", "]]>", "\u{202e}abc"] {
        let page = page_of(&plan(hostile, hostile));
        let harmless = page_of(&plan("a.b", "c"));
        let tags = |page: &str| page.matches('<').count();
        assert_eq!(tags(&page), tags(&harmless), "{hostile}");
        let count = |page: &str| page.matches(hostile).count();
        assert_eq!(count(&page), count(&harmless), "{hostile}");
    }
}

#[test]
fn the_policy_names_the_script_and_the_style_that_are_there() {
    let page = page_of(&plan("a.b", "c"));
    for (start, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
        let content = page.split(start).nth(1).unwrap().split(end).next().unwrap();
        let hash = STANDARD.encode(Sha256::digest(content.as_bytes()));
        assert!(page.contains(&format!("'sha256-{hash}'")), "{start}");
    }
    assert!(!page.contains("style=") && !page.contains("://"), "{page}");
}

#[test]
fn filters_have_what_there_is() {
    let page = page_of(&plan("a.b", "c"));
    assert!(page.contains("value=\"update\"") && page.contains("value=\"routine\""), "{page}");
    assert!(!page.contains("value=\"create\"") && !page.contains("value=\"data-loss\""), "{page}");
}

#[test]
fn a_page_of_an_old_commit_says_so() {
    let document = Document::of(&plan("a.b", "c").to_string(), &Guard::default()).unwrap();
    let frame = Frame { commit: Some("c0ffee00c0ffee00"), moved_to: Some("<b>beef00"), ..Frame::default() };
    let page = page(&Review::of(&document), &frame);
    let stale = "<strong>Stale: the head moved.</strong> This was planned from commit <code>c0ffee00</code>, and the pull request is at \
                 <code>&lt;b&gt;beef0</code> now.";
    assert!(page.contains(stale), "{page}");
    assert!(!page_of(&plan("a.b", "c")).contains("Stale"));
}
