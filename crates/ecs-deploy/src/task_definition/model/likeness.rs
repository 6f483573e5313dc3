//! Which name was probably meant.

/// The one of `known` that `name` is close to: but for capitals, `-` and `_` the same, or a slip or two apart. A name of up to
/// three letters is never a slip: `gpu` is no `cpu`.
pub(super) fn meant(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let plain = plain(name);
    known
        .map(|candidate| (strsim::osa_distance(&plain, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(slips, candidate)| *slips <= allowed(plain.len().min(candidate.len())))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, candidate)| candidate)
}

/// The word of `known` that `word` is a slip for. Another number is another word, and other capitals alone are no slip.
pub(super) fn meant_word(word: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let letters = plain(word);
    known
        .iter()
        .filter(|other| digits(word) == digits(other) && !word.eq_ignore_ascii_case(other))
        .map(|other| (strsim::osa_distance(&letters, &plain(other)), *other))
        .filter(|(slips, other)| *slips <= allowed(letters.len().min(other.len())))
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, other)| other)
}

fn allowed(length: usize) -> usize {
    match length {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 9] =
        ["environment", "environmentFiles", "entryPoint", "cpu", "name", "logDriver", "command", "pidMode", "ipcMode"];

    #[test]
    fn slips_are_recognized() {
        for (name, expected) in [
            ("enviroment", "environment"),
            ("enviornment", "environment"),
            ("environments", "environment"),
            ("Environment", "environment"),
            ("environment_files", "environmentFiles"),
            ("ENTRY-POINT", "entryPoint"),
            ("entrypoint", "entryPoint"),
            ("commands", "command"),
            ("logdriver", "logDriver"),
            ("CPU", "cpu"),
            ("nam", ""),
        ] {
            assert_eq!(meant(name, KNOWN.into_iter()).unwrap_or_default(), expected, "{name}");
        }
    }

    #[test]
    fn other_names_are_other_names() {
        for name in ["gpu", "environmentVariables", "brandNewField", "env", "args", "pidmode2x", "", "é"] {
            assert_eq!(meant(name, KNOWN.into_iter()), None, "{name}");
        }
    }
}
