//! What is still to be started, noted in the text of a release where nobody sees it.
//!
//! A release and what it starts are several calls, and a run may end between two of them. The note is written together with the release and
//! taken off target by target: whoever finds it goes on where the other ended.

use crate::dispatch::Target;

const BEGIN: &str = "\n<!-- slipway: to be started: ";
const END: &str = " -->\n";
const BETWEEN: &str = ", ";

/// The text with a note of `targets`; without any it stays as it is.
pub(crate) fn with(text: &str, targets: &[Target]) -> String {
    if targets.is_empty() {
        return text.to_owned();
    }
    let targets: Vec<String> = targets.iter().map(Target::to_string).collect();
    format!("{text}{BEGIN}{}{END}", targets.join(BETWEEN))
}

/// The text without its note, and those of `wanted` that are in the note. What is not wanted was put there by somebody else.
pub(crate) fn split<'a>(text: &'a str, wanted: &[Target]) -> (&'a str, Vec<Target>) {
    // GitHub may give back lines that end in CR LF, and no blank lines at the end.
    let Some((before, note)) = text.trim_end().rsplit_once(BEGIN.trim_start()) else { return (text, Vec::new()) };
    let Some(note) = note.strip_suffix(END.trim_end()) else { return (text, Vec::new()) };
    let noted: Vec<&str> = note.split(BETWEEN).collect();
    let targets = wanted.iter().filter(|target| noted.contains(&target.to_string().as_str())).cloned().collect();
    (before.trim_end_matches(['\r', '\n']), targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(texts: &[&str]) -> Vec<Target> {
        texts.iter().map(|text| Target::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_note_is_found_again_and_only_what_is_wanted_counts() {
        let all = targets(&["deploy.yml", "acme/shop:released"]);
        let text = with("notes\n", &all);
        assert_eq!(split(&text, &all), ("notes", all.clone()));
        assert_eq!(split(text.trim_end(), &targets(&["deploy.yml"])), ("notes", targets(&["deploy.yml"])));
        assert_eq!(split(&text.replace('\n', "\r\n"), &all), ("notes", all.clone()));
        assert_eq!(split(&text, &targets(&["other.yml"])), ("notes", Vec::new()));
        assert_eq!(split("notes\n", &all), ("notes\n", Vec::new()));
        assert_eq!(with("notes\n", &[]), "notes\n");
    }
}
