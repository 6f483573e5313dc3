//! Markdown of ours as text for a person at a shell: no escapes, no HTML, aligned tables.

/// `markdown` as text. Only what this module's siblings make is understood; everything else stays as it is.
pub(crate) fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        if let Some(end) = &fence {
            if line.trim() == end {
                fence = None;
            } else {
                text.push_str(&format!("    {line}\n"));
            }
            continue;
        }
        let line = unquoted(line);
        if let Some(row) = line.strip_prefix("| ").and_then(|rest| rest.strip_suffix(" |")) {
            rows.push(cells(row));
            continue;
        }
        flush(&mut rows, &mut text);
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        if ticks.len() >= 3 && !line[ticks.len()..].contains('`') {
            fence = Some(ticks);
        } else {
            text.push_str(&format!("{}\n", inline(line.trim_start_matches('#').trim_start())));
        }
    }
    flush(&mut rows, &mut text);
    squeeze(&text)
}

/// A line of a quotation as it is, and the kind of an alert as a word in front of it
/// (<https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#alerts>).
fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix("> ").unwrap_or(if line == ">" { "" } else { line });
    line.strip_prefix("[!").and_then(|kind| kind.strip_suffix(']')).unwrap_or(line)
}

/// The cells of a table's row: it splits at each pipe that is not escaped.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut backslash = false;
    for character in row.chars() {
        match (character, cells.last_mut()) {
            ('|', _) if !backslash => cells.push(String::new()),
            ('|', Some(cell)) => {
                cell.pop();
                cell.push('|');
            }
            (_, Some(cell)) => cell.push(character),
            (_, None) => {}
        }
        backslash = character == '\\' && !backslash;
    }
    cells.iter().map(|cell| inline(cell.trim())).collect()
}

/// Writes the rows of a table, aligned, without the line of dashes and without a header that is empty.
fn flush(rows: &mut Vec<Vec<String>>, text: &mut String) {
    rows.retain(|row| !row.iter().all(|cell| cell.is_empty() || cell == "---"));
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows.iter() {
        let padded: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(&format!("  {}\n", padded.join("  ").trim_end()));
    }
    rows.clear();
}

/// Running Markdown without escapes, emphasis and HTML. What stands in code spans stays as it is.
fn inline(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some(start) = rest.find(['`', '\\']) {
        text.push_str(&without_html(&rest[..start]));
        rest = &rest[start..];
        if let Some(escaped) = rest.strip_prefix('\\') {
            let length = escaped.chars().next().filter(char::is_ascii_punctuation).map_or(0, char::len_utf8);
            text.push_str(if length == 0 { "\\" } else { &escaped[..length] });
            rest = &escaped[length..];
        } else {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let (span, behind) = code_span(rest, ticks);
            text.push_str(&span);
            rest = behind;
        }
    }
    text.push_str(&without_html(rest));
    text
}

/// The code span that `text` begins with, in single backticks, and what stands behind it; without an end it is only ticks.
fn code_span(text: &str, ticks: usize) -> (String, &str) {
    let (fence, inner) = text.split_at(ticks);
    let is_end = |(at, _): &(usize, &str)| {
        let run = inner[*at..].len() - inner[*at..].trim_start_matches('`').len();
        run == ticks && !inner[..*at].ends_with('`')
    };
    match inner.match_indices(fence).find(is_end) {
        Some((end, _)) => {
            let content = &inner[..end];
            let padded = content.strip_prefix(' ').and_then(|content| content.strip_suffix(' '));
            let content = padded.filter(|content| !content.trim().is_empty()).unwrap_or(content);
            (format!("`{content}`"), &inner[end + ticks..])
        }
        None => (fence.to_owned(), inner),
    }
}

/// `text` without the few tags that summaries hold, and with the characters that entities stand for.
fn without_html(text: &str) -> String {
    [
        ("**", ""),
        ("<details><summary>", ""),
        ("<details open><summary>", ""),
        ("</summary>", ":"),
        ("</details>", ""),
        ("<code>", ""),
        ("</code>", ""),
        ("<sub>", ""),
        ("</sub>", ""),
        ("<!-- -->", ""),
        ("&#58;", ":"),
        ("&#46;", "."),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (markup, plain)| text.replace(markup, plain))
}

/// The text without blank lines at its ends and without more than one in a row.
fn squeeze(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::{Cell, code, details, escape, fence, table};

    #[test]
    fn a_table_is_aligned_and_read_back() {
        let rows = vec![
            vec![Cell::text("Version"), Cell::code("1.0.0")],
            vec![Cell::text("a|b_c"), Cell::code("x|y")],
            vec![Cell::text(""), Cell::text("<b> @all")],
        ];
        assert_eq!(plain(&table(&["", ""], &rows)), "  Version  `1.0.0`\n  a|b_c    `x|y`\n           <b> @all");
        assert!(plain(&table(&["Key", "Value"], &rows)).starts_with("  Key      Value\n"));
    }

    #[test]
    fn details_and_fences_are_indented_text() {
        let body = details("2 files", &fence("diff", "+ a\n- b_\\*\n"));
        assert_eq!(plain(&body), "2 files:\n\n    + a\n    - b_\\*");
        assert_eq!(plain("### x\n\n\n**Why:** `a*b`\n"), "x\n\nWhy: `a*b`");
    }

    #[test]
    fn alerts_and_open_details_are_text() {
        assert_eq!(plain("> [!CAUTION]\n> **Gone:**\n>\n> - `a`\n"), "CAUTION\nGone:\n\n- `a`");
        assert_eq!(plain("<details open><summary>x</summary>\n\ny\n\n</details>\n"), "x:\n\ny");
        assert_eq!(plain(&escape("> [!CAUTION]")), "> [!CAUTION]");
    }

    #[test]
    fn code_spans_stay_as_they_are() {
        for text in ["k`|</details>@me", "a\\*b", "`x`", "</sub>", "&lt;"] {
            assert_eq!(plain(&code(text)), format!("`{text}`"));
        }
        assert_eq!(plain("<sub><code>a&lt;/code&gt;</code></sub> ``x"), "a</code> ``x");
    }

    #[test]
    fn escaping_is_undone() {
        for text in ["a*b_c[d](e)", "1.0 <b> & \"c\" $(touch x)", "@all #1"] {
            assert_eq!(plain(&escape(text)), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_through(text in "\\PC{0,80}", markup in "[`\\\\|*<>&a \n-]{0,80}") {
            plain(&markup);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = plain(&fence("", &text));
            proptest::prop_assert_eq!(words(&shown), words(&text));
        }
    }
}
