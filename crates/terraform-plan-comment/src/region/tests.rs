use proptest::prelude::*;

use super::*;

fn name() -> Name {
    Name::parse("a").unwrap()
}

#[test]
fn a_region_is_appended_after_an_empty_line() {
    let region = format!("{}\nnew\n{}", region_start(None), region_end(None));
    assert_eq!(replace("", None, "new"), region);
    assert_eq!(replace("text", None, "new"), format!("text\n\n{region}"));
    assert_eq!(replace("text\r\n\r\n", None, "new"), format!("text\r\n\r\n{region}"));
}

#[test]
fn copies_are_removed_and_lone_markers_are_text() {
    let (start, end) = (region_start(None), region_end(None));
    let body = format!("{end} a {start}x{end} b {start} c {start}y{end} d {start}");
    let replaced = replace(&body, None, "new");
    assert_eq!(replaced, format!("{end} a {start}\nnew\n{end} b {start} c  d {start}"));
    assert_eq!(content(&replaced, None), Some("new"));
}

#[test]
fn lone_markers_around_a_copy_do_not_become_a_region() {
    let (start, end) = (region_start(None), region_end(None));
    let region = format!("{start}\n\n{end}");
    for (between, copies) in [("", 1), (" text ", 1), ("", 3)] {
        let body = format!("{start}{end}{start}{between}{}{between}{end}", format!("{start}old{end}").repeat(copies));
        let replaced = replace(&body, None, "");
        assert_eq!(replaced, format!("{region}{start}{between}{start}{end}{between}{end}"));
        assert_eq!(outside(&replaced, None), outside(&body, None));
        assert_eq!(replace(&replaced, None, ""), replaced);
    }
}

#[test]
fn halves_of_a_marker_around_a_copy_do_not_become_one() {
    let (start, end) = (region_start(None), region_end(None));
    let (half, other) = start.split_at(9);
    let body = format!("{start}{end} {half}{start}old{end}{other} text {end}");
    assert_eq!(outside(&replace(&body, None, "new"), None), outside(&body, None));
}

#[test]
fn another_name_is_another_region() {
    let body = replace(&replace("", None, "one"), Some(&name()), "two");
    assert_eq!((content(&body, None), content(&body, Some(&name()))), (Some("one"), Some("two")));
}

/// Bodies made of text, line ends and markers in any order.
fn body() -> impl Strategy<Value = String> {
    let parts = [region_start(None), region_end(None), region_start(Some(&name())), region_end(Some(&name()))];
    let marker = prop::sample::select(parts.to_vec());
    prop::collection::vec(prop_oneof![3 => "[a-z\r\n é]{0,8}", 2 => marker], 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn text_outside_is_kept(body in body(), new in "[a-z\n]{0,20}") {
        let kept = outside(&replace(&body, None, &new), None);
        let before = outside(&body, None);
        // A first region brings an empty line with it, or joins a lone end marker behind it to nothing.
        prop_assert!(kept.starts_with(&before), "{:?} became {:?}", before, kept);
        prop_assert!(kept[before.len()..].chars().all(|c| c == '\n'));
    }

    #[test]
    fn replacing_twice_is_replacing_once(body in body(), new in "[a-z\n]{0,20}") {
        let once = replace(&body, None, &new);
        prop_assert_eq!(replace(&once, None, &new), once);
    }
}
