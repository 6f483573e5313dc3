//! Markdown that hostile text cannot leave: escaping, code spans, fences, tables and folded details.
//!
//! The dialect is GitHub Flavored Markdown (<https://github.github.com/gfm/>).

mod plain;

use crate::command::visible;

pub(crate) use plain::plain;

/// Escapes `text` for running Markdown: one line, no markup, no HTML, no mention.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("@<!-- -->"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(visible(other)),
        }
    }
    match escaped.chars().next() {
        Some('-' | '=') => format!("\\{escaped}"),
        Some(digit) if digit.is_ascii_digit() => escape_list_marker(escaped),
        _ => escaped,
    }
}

/// Escapes the dot of a text such as `1. x`, which would start a list.
fn escape_list_marker(text: String) -> String {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    if text[digits..].starts_with(". ") { format!("{}\\{}", &text[..digits], &text[digits..]) } else { text }
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
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(visible(other)),
        }
    }
    escaped
}

/// `text` as a code span on one line, whatever backticks it holds.
pub fn code(text: &str) -> String {
    let line: String = text.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { visible(c) }).collect();
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
    let clean: String = text.chars().map(|c| if c == '\n' { c } else { visible(c) }).collect();
    let ticks = "`".repeat(longest_run(&clean, '`').max(2) + 1);
    let newline = if clean.is_empty() || clean.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{language}\n{clean}{newline}{ticks}\n")
}

/// A folded section. `summary` is plain text; `body` is Markdown.
pub fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{}</summary>\n\n{}\n\n</details>\n", html(summary), body.trim_end())
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
