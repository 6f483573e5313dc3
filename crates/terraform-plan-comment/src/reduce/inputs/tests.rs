use super::*;

#[test]
fn names_are_written_in_lines_between_commas_or_as_json() {
    for values in [&["a,b\nc d"][..], &["a", "b", "c d"], &["[\"a\", \"b\",\n\"c d\"]"], &["a", " [\"b\",\"c d\"]"]] {
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        let mut bad = InputErrors::new();
        let found = names(&values, &mut bad);
        assert_eq!(found.iter().map(Name::as_str).collect::<Vec<_>>(), ["a", "b", "c d"], "{values:?}");
    }
}

#[test]
fn a_list_that_is_no_json_and_a_name_that_is_none_are_said() {
    for (value, words) in
        [("[a, b]", "is no JSON list of texts"), ("[1]", "is no JSON list of texts"), ("[\"a--b\"]", "not a name")]
    {
        let mut bad = InputErrors::new();
        names(&[value.to_owned()], &mut bad);
        let problems = bad.finish(|| Some(())).unwrap_err();
        let problems: Vec<String> = problems.iter().map(|bad| format!("{} {}", bad.name, bad.problem)).collect();
        assert!(problems.concat().contains(words), "{value}: {problems:?}");
    }
}
