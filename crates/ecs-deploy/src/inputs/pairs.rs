//! Lists of `NAME=value`. A value may be secret, so a line that cannot be used is named by its number and never quoted.

use std::collections::BTreeSet;

use actions_core::InputErrors;

use crate::task_definition::Pair;

/// The pairs of an input, one a line, split at the first `=`.
pub(super) fn pairs(name: &str, values: &[String], bad: &mut InputErrors) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let lines = values.iter().flat_map(|value| value.split('\n'));
    for (number, line) in lines.map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
        match line.split_once('=') {
            Some((key, value)) if is_name(key.trim()) => {
                if !seen.insert(key.trim().to_owned()) {
                    problems.push(format!("line {} names what an earlier line names", number + 1));
                }
                pairs.push(Pair { name: key.trim().to_owned(), value: value.to_owned() });
            }
            Some(_) => problems.push(format!("line {} has no usable name before its `=`", number + 1)),
            None => problems.push(format!("line {} has no `=`", number + 1)),
        }
    }
    note(name, &problems, "write one NAME=value a line; a value cannot have several lines", bad);
    pairs
}

/// The names of an input, one a line.
pub(super) fn names(name: &str, values: &[String], bad: &mut InputErrors) -> Vec<String> {
    let lines: Vec<&str> = values.iter().flat_map(|value| value.split('\n')).map(str::trim).collect();
    let unusable = |(_, line): &(usize, &&str)| !line.is_empty() && !is_name(line);
    let problems: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(unusable)
        .map(|(number, _)| format!("line {} is no name", number + 1))
        .collect();
    note(name, &problems, "write one name a line", bad);
    lines.into_iter().filter(|line| is_name(line)).map(str::to_owned).collect()
}

fn note(name: &str, problems: &[String], help: &str, bad: &mut InputErrors) {
    if !problems.is_empty() {
        let more = if problems.len() > 5 { "; and more" } else { "" };
        let shown: Vec<&str> = problems.iter().take(5).map(String::as_str).collect();
        bad.add(name, format!("cannot be used: {}{more}", shown.join("; ")), Some(help.to_owned()));
    }
}

fn is_name(text: &str) -> bool {
    (1..=512).contains(&text.len()) && text.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<(String, String)>, String> {
        let mut bad = InputErrors::new();
        let pairs = pairs("secrets", &[text.to_owned()], &mut bad);
        if bad.is_empty() {
            Ok(pairs.into_iter().map(|pair| (pair.name, pair.value)).collect())
        } else {
            Err(bad.to_string())
        }
    }

    #[test]
    fn a_line_is_split_at_its_first_equals_sign() {
        let found = parsed("\n  A=b=c \nB=\n\nawslogs-multiline-pattern=^a=b\nC=arn:x:key::\n").unwrap();
        let expected = [("A", "b=c"), ("B", ""), ("awslogs-multiline-pattern", "^a=b"), ("C", "arn:x:key::")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_bad_line_is_named_by_its_number_and_not_quoted() {
        let told = parsed("A=1\nhunter2\n=hunter2\na hunter2=hunter2\nA=hunter2").unwrap_err();
        assert_eq!(
            told,
            "input `secrets` cannot be used: line 2 has no `=`; line 3 has no usable name before its `=`; line 4 has no usable \
             name before its `=`; line 5 names what an earlier line names"
        );
    }

    #[test]
    fn names_stand_on_lines_of_their_own() {
        let mut bad = InputErrors::new();
        assert_eq!(names("remove-secrets", &["A\n\n b ".into()], &mut bad), ["A", "b"]);
        assert!(bad.is_empty());
        names("remove-secrets", &["A=1\nB C".into()], &mut bad);
        assert_eq!(bad.to_string(), "input `remove-secrets` cannot be used: line 1 is no name; line 2 is no name");
    }
}
