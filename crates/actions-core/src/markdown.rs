//! Markdown that hostile text cannot leave: escaping, code spans, fences, tables and folded details.
//!
//! The dialect is GitHub Flavored Markdown (<https://github.github.com/gfm/>).

mod plain;

use crate::command::{is_plain, visible};

pub(crate) use plain::plain;

/// Parts what GitHub would take for one word, and is not seen.
const GAP: &str = "<!-- -->";

/// Escapes `text` for running Markdown: one line, no markup, no HTML, no mention, no reference, and no link: GitHub makes
/// links of bare addresses too (<https://github.github.com/gfm/#autolinks-extension->).
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let before_digit = rest.as_str().starts_with(|next: char| next.is_ascii_digit());
        match character {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.extend(["@", GAP]),
            // A backslash keeps `#` from being a heading, but not `#12` from being a reference.
            '#' => escaped.extend(["\\#", if before_digit { GAP } else { "" }]),
            '-' if before_digit && ends_with(&escaped, "gh") => escaped.extend(["-", GAP]),
            ':' if rest.as_str().starts_with("//") => escaped.push_str("&#58;"),
            '.' if ends_with(&escaped, "www") => escaped.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '!' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(visible(other)),
        }
    }
    without_block_start(&escaped)
}

fn ends_with(text: &str, end: &str) -> bool {
    text.len() >= end.len() && text.as_bytes()[text.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
}

/// `text` without what makes a list, a rule or an indented block where it stands at the start of a line.
fn without_block_start(text: &str) -> String {
    let inner = text.trim_start();
    let indent = if inner.len() < text.len() { " " } else { "" };
    match inner.chars().next() {
        Some('-' | '=') => format!("{indent}\\{inner}"),
        Some(digit) if digit.is_ascii_digit() => format!("{indent}{}", escape_list_marker(inner)),
        _ => format!("{indent}{inner}"),
    }
}

/// Escapes the dot of a text such as `1. x`, which would start a list.
fn escape_list_marker(text: &str) -> String {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let is_marker = rest.strip_prefix('.').is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
    if is_marker { format!("{number}\\{rest}") } else { text.to_owned() }
}

/// A message of ours as running Markdown: what stands in backticks becomes a code span, everything else is escaped. Whatever
/// the text holds, each part ends up in one or the other.
pub fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let last = parts.len() - 1;
    let render = |(index, part): (usize, &&str)| match index % 2 {
        1 if index < last && !part.trim().is_empty() => code(part),
        1 if index < last => String::new(),
        1 => format!("\\`{}", escape(part)),
        _ => escape(part),
    };
    parts.iter().enumerate().map(render).collect()
}

/// Escapes `text` for HTML: element content and quoted attributes, on one line.
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_html(&mut escaped, text);
    escaped
}

/// Adds `text` to a page as [`html`] escapes it.
pub fn push_html(page: &mut String, text: &str) {
    let stays = |byte: u8| is_plain(byte) && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
    let mut rest = text;
    loop {
        let length = rest.bytes().position(|byte| !stays(byte)).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at(length);
        page.push_str(plain);
        let mut characters = behind.chars();
        match characters.next() {
            None => return,
            Some('&') => page.push_str("&amp;"),
            Some('<') => page.push_str("&lt;"),
            Some('>') => page.push_str("&gt;"),
            Some('"') => page.push_str("&quot;"),
            Some('\'') => page.push_str("&#39;"),
            Some('\n' | '\r') => page.push(' '),
            Some(other) => page.push(visible(other)),
        }
        rest = characters.as_str();
    }
}

/// Escapes `text` for the content of an HTML block such as `<summary>`: as [`html`], and no mention or reference either.
pub fn html_text(text: &str) -> String {
    let mut escaped = html(text);
    if escaped.contains('@') {
        escaped = escaped.replace('@', "@<!-- -->");
    }
    if !escaped.contains('#') {
        return escaped;
    }
    for digit in '0'..='9' {
        // An entity such as `&#39;` is no reference.
        escaped = escaped
            .replace(&format!("#{digit}"), &format!("#{GAP}{digit}"))
            .replace(&format!("&#{GAP}{digit}"), &format!("&#{digit}"));
    }
    escaped
}

/// `text` as a code span on one line, whatever backticks it holds.
pub fn code(text: &str) -> String {
    let is_plain = text.bytes().all(is_plain);
    let on_one_line = || text.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { visible(c) }).collect();
    let line: String = if is_plain { text.to_owned() } else { on_one_line() };
    if line.trim().is_empty() {
        return "` `".to_owned();
    }
    let ticks = "`".repeat(longest_run(&line, '`') + 1);
    let pad = if line.starts_with('`') || line.ends_with('`') || (line.starts_with(' ') && line.ends_with(' ')) {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{line}{pad}{ticks}")
}

/// A fenced block that `text` cannot close, with an info string (`diff`, `json`, or empty).
pub fn fence(language: &str, text: &str) -> String {
    let is_plain = text.bytes().all(|byte| is_plain(byte) || byte == b'\n');
    let clean: String =
        if is_plain { text.to_owned() } else { text.chars().map(|c| if c == '\n' { c } else { visible(c) }).collect() };
    let ticks = "`".repeat(longest_run(&clean, '`').max(2) + 1);
    let newline = if clean.is_empty() || clean.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{language}\n{clean}{newline}{ticks}\n")
}

/// A folded section. `summary` is plain text; `body` is Markdown.
pub fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>\n\n{}\n\n</details>\n", html_text(summary), body.trim_end())
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Plain text, escaped.
    Text(String),
    /// A code span.
    Code(String),
    /// Markdown made by the caller out of escaped parts, on one line.
    Markdown(String),
}

impl Cell {
    /// A cell of plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A cell with a code span; empty stays empty.
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    fn render(&self) -> String {
        match self {
            Self::Text(text) => escape(text),
            Self::Code(text) if text.is_empty() => String::new(),
            Self::Code(text) => escape_pipes(&code(text)),
            Self::Markdown(markdown) => escape_pipes(&markdown.replace(['\n', '\r'], " ")),
        }
    }
}

/// Escapes the pipes that are not escaped yet: GFM splits a row at them even inside code spans.
fn escape_pipes(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut backslash = false;
    for character in text.chars() {
        if character == '|' && !backslash {
            escaped.push('\\');
        }
        backslash = character == '\\' && !backslash;
        escaped.push(character);
    }
    escaped
}

/// A table; nothing at all without rows.
pub fn table(headers: &[&str], rows: &[Vec<Cell>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut table = line(headers.iter().map(|header| escape(header)).collect());
    table.push_str(&line(headers.iter().map(|_| "---".to_owned()).collect()));
    for row in rows {
        table.push_str(&line(row.iter().map(Cell::render).collect()));
    }
    table
}

/// The length of the longest run of `wanted` in `text`.
fn longest_run(text: &str, wanted: char) -> usize {
    text.split(|character| character != wanted).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
