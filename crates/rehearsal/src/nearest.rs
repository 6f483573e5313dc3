//! The name that a misspelt one was meant to be.

/// The name of `known` that `name` is most like; `None` when it is like none.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let name = plain(name);
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&name, &plain(known)), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The names in a sentence; `none` without any.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{listed, nearest};

    #[test]
    fn a_misspelt_name_is_recognized() {
        let known = ["task-definition", "cluster", "service"];
        assert_eq!(nearest("task-defintion", known), Some("task-definition"));
        assert_eq!(nearest("Task_Definition", known), Some("task-definition"));
        assert_eq!(nearest("x", known), None);
        assert_eq!((listed([]), listed(known)), ("none".to_owned(), known.join(", ")));
    }
}
