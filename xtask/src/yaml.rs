//! Writing the little YAML that an action.yml is.

/// A text as a YAML scalar: plain where that is safe, else in single quotes.
pub(crate) fn scalar(text: &str) -> String {
    let plain = !text.is_empty()
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.contains('\n')
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if plain {
        text.to_owned()
    } else if text.contains('\n') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::scalar;

    #[test]
    fn quotes_what_yaml_would_misread() {
        assert_eq!(scalar("Deploys. It waits"), "Deploys. It waits");
        assert_eq!(scalar("true"), "'true'");
        assert_eq!(scalar("a: b"), "'a: b'");
        assert_eq!(scalar(""), "''");
        assert_eq!(scalar("${{ github.token }}"), "'${{ github.token }}'");
        assert_eq!(scalar("it's: x"), "'it''s: x'");
        assert_eq!(scalar("a\n\"b\""), "\"a\\n\\\"b\\\"\"");
    }
}
