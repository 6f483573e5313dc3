use serde_json::json;

use super::*;
use crate::document::Document;

fn review(count: usize) -> Review {
    let changes: Vec<_> = (0..count)
        .map(|number| {
            let actions = if number % 10 == 0 { json!(["delete"]) } else { json!(["create"]) };
            let body = json!({ "text": "line\n".repeat(5), "n": number });
            let (before, after) = if number % 10 == 0 { (body, json!(null)) } else { (json!(null), body) };
            json!({ "address": format!("t.n[{number}]"), "change": { "actions": actions, "before": before, "after": after,
                    "before_sensitive": false, "after_sensitive": false } })
        })
        .collect();
    let plan = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    Review::of(&Document::of(&plan, &crate::guard::Guard::default()).unwrap())
}

#[track_caller]
fn fits(review: &Review, most: usize) -> String {
    let page = page(review, &Frame { heading: true, ..Frame::default() }, Limit::Characters(most));
    assert!(page.chars().count() <= most, "{} > {most}", page.chars().count());
    page
}

#[test]
fn a_page_gives_up_the_least_dangerous_first() {
    let review = review(100);
    let whole = fits(&review, 60_000);
    assert!(!whole.contains("Left out here") && whole.matches("<details").count() == 100);
    let dangers = fits(&review, 9_000);
    assert!(dangers.contains(" × content of a new object. All of it is in the log of this run."), "{dangers}");
    assert_eq!(dangers.matches("</code> destroy</summary>").count(), 10);
    let table = fits(&review, 3_000);
    assert!(table.contains(" rows of the table, ") && table.contains("| 🔴 **destroy** |"), "{table}");
}

#[test]
fn any_room_is_respected() {
    let review = review(300);
    (2_000..40_000).step_by(3_777).for_each(|most| {
        fits(&review, most);
    });
}

#[test]
fn nothing_on_a_page_looks_like_a_marker() {
    assert_eq!(without_markers("a <!-- slipway:run id=1 --> b"), "a <!- - slipway:run id=1 --> b");
}
