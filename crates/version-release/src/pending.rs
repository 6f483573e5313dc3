//! What is still to be started, noted in the text of a release where nobody sees it.
//!
//! A release and what it starts are several calls, and a run may end between two of them. The note is written together with the release and
//! taken off target by target: whoever finds it goes on where the other ended.

use crate::dispatch::Target;

/// The most bytes that a note may have; so much is left free in notes that we write.
pub(crate) const LONGEST: usize = 8_000;

const BEGIN: &str = "\n<!-- slipway: to be started: ";
const END: &str = " -->\n";

/// What stands between two targets, and in none.
const BETWEEN: &str = " > ";

/// The text with a note of `targets`; without any it stays as it is.
pub(crate) fn with(text: &str, targets: &[Target]) -> String {
    if targets.is_empty() {
        return text.to_owned();
    }
    let targets: Vec<String> = targets.iter().map(Target::to_string).collect();
    format!("{text}{BEGIN}{}{END}", targets.join(BETWEEN))
}

/// The same, in place of a note that the text has.
pub(crate) fn instead(text: &str, targets: &[Target]) -> String {
    with(split(text, targets).0, targets)
}

/// The text without its notes, and those of `wanted` that are in one. What is not wanted was put there by somebody else.
pub(crate) fn split<'a>(text: &'a str, wanted: &[Target]) -> (&'a str, Vec<Target>) {
    let (mut rest, mut noted) = (text, Vec::new());
    while let Some((before, note)) = last(rest) {
        noted.extend(note.split(BETWEEN));
        rest = before;
    }
    let targets = wanted.iter().filter(|target| noted.contains(&target.to_string().as_str())).cloned().collect();
    (rest, targets)
}

/// The note that a text ends in, and what is before it. GitHub may give back lines that end in CR LF, and no blank lines at the end.
fn last(text: &str) -> Option<(&str, &str)> {
    let (before, note) = text.trim_end().rsplit_once(BEGIN.trim_start())?;
    Some((before.trim_end_matches(['\r', '\n']), note.strip_suffix(END.trim_end())?))
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

    #[test]
    fn no_text_has_two_notes() {
        let all = targets(&["deploy.yml", "a, b.yml"]);
        let twice = with(&with("notes", &all[..1]), &all[1..]);
        assert_eq!(split(&twice, &all), ("notes", all.clone()));
        assert_eq!(instead(&twice, &all[1..]), with("notes", &all[1..]));
        assert_eq!((instead(&twice, &[]).as_str(), instead("notes\n", &[]).as_str()), ("notes", "notes\n"));
    }
}
