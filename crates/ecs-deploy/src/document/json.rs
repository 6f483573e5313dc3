//! JSON. `serde_json` judges the text; a walk over what it found well-formed then notes the places.

use serde_json::Value;

use super::{Content, Flaw, Flawed, Member, Node, Position, duplicate, number};

pub(super) fn read(text: &str) -> Result<Node, Flawed> {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        // A number too large for any is the only well-formed text that is refused here.
        let at = Position { line: error.line().max(1), column: error.column().max(1) };
        return Err(Flawed { at, flaw: Flaw::Syntax(error.to_string()) });
    }
    Walk { text, at: 0, position: Position { line: 1, column: 1 } }.node()
}

/// A walk over text that is known to be JSON.
struct Walk<'a> {
    text: &'a str,
    /// The byte it is at.
    at: usize,
    position: Position,
}

impl Walk<'_> {
    fn node(&mut self) -> Result<Node, Flawed> {
        self.skip_space();
        let at = self.position;
        let content = match self.peek() {
            Some(b'{') => Content::Object(self.object()?),
            Some(b'[') => Content::List(self.list()?),
            Some(b'"') => Content::Text(self.string()),
            _ => self.literal(at)?,
        };
        Ok(Node { at, content })
    }

    fn object(&mut self) -> Result<Vec<Member>, Flawed> {
        let mut members = Vec::new();
        while self.has_next(b'}') {
            let at = self.position;
            let name = self.string();
            self.skip_space();
            self.advance(1);
            members.push(Member { at, name, node: self.node()? });
        }
        duplicate(&members).map_or(Ok(members), Err)
    }

    fn list(&mut self) -> Result<Vec<Node>, Flawed> {
        let mut items = Vec::new();
        while self.has_next(b']') {
            items.push(self.node()?);
        }
        Ok(items)
    }

    /// Steps over the bracket or the comma; false behind the bracket `end`.
    fn has_next(&mut self, end: u8) -> bool {
        self.skip_space();
        let stands_at = self.peek();
        self.advance(1);
        if stands_at.is_none_or(|byte| byte == end) {
            return false;
        }
        self.skip_space();
        if self.peek() == Some(end) {
            self.advance(1);
            return false;
        }
        true
    }

    fn string(&mut self) -> String {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut end = 1;
        while bytes.get(end).is_some_and(|byte| *byte != b'"') {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let written = self.take(end + 1);
        serde_json::from_str(written).unwrap_or_default()
    }

    fn literal(&mut self, at: Position) -> Result<Content, Flawed> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = self.text.as_bytes()[self.at..].iter().take_while(|byte| is_part(byte)).count();
        Ok(match self.take(length) {
            "null" => Content::Null,
            "true" => Content::Bool(true),
            "false" => Content::Bool(false),
            text => Content::Number(number::kept(text).ok_or_else(|| {
                let shown = text.chars().take(40).collect();
                Flawed { at, flaw: Flaw::ChangedNumber(shown) }
            })?),
        })
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.advance(1);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, length: usize) -> &str {
        let start = self.at;
        self.advance(length);
        &self.text[start..self.at]
    }

    fn advance(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        for byte in &self.text.as_bytes()[self.at..end] {
            if *byte == b'\n' {
                self.position = Position { line: self.position.line + 1, column: 1 };
            } else if byte & 0xC0 != 0x80 {
                // Not a byte inside a character.
                self.position.column += 1;
            }
        }
        self.at = end;
    }
}
