//! What snapshots end in, where a repository says so itself.

use toml::de::DeTable;

/// The longest `slipway.toml` that is read.
const LONGEST: usize = 256 * 1024;

/// What is wrong with the endings of a file, or with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingsFlaw {
    /// The byte of the text where it is.
    pub offset: usize,
    /// What is wrong.
    pub reason: String,
}

/// Parses one ending: a hyphen and a word.
pub fn snapshot_ending(text: &str) -> Result<String, &'static str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match text.strip_prefix('-') {
        Some(rest)
            if rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.chars().all(is_part) && text.len() <= 32 =>
        {
            Ok(text.to_owned())
        }
        _ => Err("a snapshot ends in `-` and a word, such as `-SNAPSHOT`"),
    }
}

/// The endings that the text of a `slipway.toml` names; none where it names none. Whatever else it holds is for others to judge.
pub fn snapshot_endings(text: &str) -> Result<Vec<String>, EndingsFlaw> {
    let flaw = |offset: usize, reason: &str| EndingsFlaw { offset, reason: reason.to_owned() };
    if text.len() > LONGEST {
        return Err(flaw(0, "it has more than 256 KiB"));
    }
    let document =
        DeTable::parse(text).map_err(|error| flaw(error.span().map_or(0, |span| span.start), error.message()))?;
    let version = document.get_ref().get("version").and_then(|version| version.get_ref().get("snapshot"));
    let Some(value) = version else { return Ok(Vec::new()) };
    let wrong = || flaw(value.span().start, "`snapshot` is a list of texts");
    let items = value.get_ref().as_array().ok_or_else(wrong)?;
    let ending = |item: &toml::Spanned<toml::de::DeValue<'_>>| {
        let text = item.get_ref().as_str().ok_or_else(wrong)?;
        snapshot_ending(text).map_err(|why| flaw(item.span().start, &format!("`snapshot` cannot hold `{text}`: {why}")))
    };
    items.iter().map(ending).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_name_the_endings_of_snapshots() {
        let text = "preset = \"trunk\"\n[version]\nsnapshot = [\"-dev\", \"-SNAPSHOT\"]\n[[branch]]\npattern = \"x\"\n";
        assert_eq!(snapshot_endings(text).unwrap(), ["-dev", "-SNAPSHOT"]);
        for none in ["", "[version]\ntag-prefix = \"v\"\n", "version = 1\n", "[[version]]\nsnapshot = 1\n"] {
            assert_eq!(snapshot_endings(none).unwrap(), Vec::<String>::new(), "{none}");
        }
        for (text, offset) in [
            ("[version]\nsnapshot = 7\n", 21),
            ("[version]\nsnapshot = [1]\n", 21),
            ("[version]\nsnapshot = [\"-a\", \"dev\"]\n", 28),
            ("[version\n", 8),
        ] {
            assert_eq!(snapshot_endings(text).unwrap_err().offset, offset, "{text}");
        }
        assert!(snapshot_endings(&"#".repeat(LONGEST + 1)).is_err());
    }
}
