use super::*;

fn args(target: &[&str]) -> DestinationArgs {
    DestinationArgs { target: target.iter().map(|&word| word.to_owned()).collect(), ..DestinationArgs::default() }
}

#[track_caller]
fn parsed(args: &DestinationArgs) -> Result<Destinations, Vec<String>> {
    let mut bad = InputErrors::new();
    let destinations = Destinations::parse(args, &OverrideArgs::default(), None, &mut bad);
    bad.finish(|| Some(destinations))
        .map_err(|bad| bad.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect())
}

#[test]
fn several_places_are_named_by_lines_or_commas() {
    let all = Targets { comment: true, body: true, summary: true };
    for words in [&["comment, body\nsummary"][..], &["summary", "body", "comment", "body"]] {
        assert_eq!(parsed(&args(words)).unwrap().targets, all);
    }
    assert_eq!(parsed(&args(&["none"])).unwrap().targets, Targets::default());
}

#[test]
fn what_is_no_place_is_named() {
    let problem = |words: &[&str]| parsed(&args(words)).unwrap_err().concat();
    assert!(problem(&["comment,coment"]).contains("`coment`: not `comment`, `body`, `summary` or `none`"));
    assert!(problem(&["none, body"]).contains("`none` beside other places"));
    assert!(problem(&[" , "]).contains("is empty"));
}

#[test]
fn a_comment_is_updated_or_hidden() {
    let mode = |word: &str| parsed(&DestinationArgs { comment_mode: word.to_owned(), ..args(&["comment"]) });
    assert_eq!(mode("update").unwrap().comment_mode, CommentMode::Update);
    assert_eq!(mode("hide-and-recreate").unwrap().comment_mode, CommentMode::HideAndRecreate);
    assert!(mode("recreate").unwrap_err().concat().contains("not `update` or `hide-and-recreate`"));
}

#[test]
fn a_commit_is_a_full_sha() {
    let commit = |text: &str| parsed(&DestinationArgs { commit: Some(text.to_owned()), ..args(&["none"]) });
    assert_eq!(commit(&"AB".repeat(20)).unwrap().commit, Some("ab".repeat(20)));
    for bad in ["abc", &"g".repeat(40), &"a".repeat(41)] {
        assert!(commit(bad).unwrap_err().concat().contains("not the full SHA"), "{bad}");
    }
}
