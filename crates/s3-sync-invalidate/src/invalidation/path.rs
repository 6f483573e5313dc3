//! A path of an invalidation, and how it is written
//! (<https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html>).

/// A path that became old, as it is read by people: not encoded, with a slash at the start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// The text before the `*`, if there is one.
    pub text: String,
    /// What follows it.
    pub end: End,
}

/// How a path ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// It is this path.
    Exact,
    /// Each address with this path and a query.
    Query,
    /// Everything that begins so, since more cannot be written.
    Anything,
}

impl Item {
    /// The path of an object; `below` is its key below the origin.
    ///
    /// A `~` can be written in no form that matches, and a `*` is taken for a wildcard; the path ends before them.
    pub fn new(below: &str) -> Self {
        match below.find(['~', '*']) {
            Some(end) => Self { text: format!("/{}", &below[..end]), end: End::Anything },
            None => Self { text: format!("/{below}"), end: End::Exact },
        }
    }

    /// The same path with any query.
    pub fn with_query(&self) -> Option<Self> {
        (self.end == End::Exact).then(|| Self { text: self.text.clone(), end: End::Query })
    }

    /// As CloudFront wants it.
    pub fn written(&self) -> String {
        let end = match self.end {
            End::Exact => "",
            End::Query => "?*",
            End::Anything => "*",
        };
        encode(&self.text) + end
    }
}

/// Everything that begins with `text`, as CloudFront wants it.
pub(super) fn wildcard(text: &str) -> String {
    encode(text) + "*"
}

/// Only unsafe and non-ASCII characters of RFC 1738 are encoded: CloudFront does not match other encoded ones.
fn encode(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => path.push(char::from(byte)),
            _ if b"$-_.+!'(),/:@=&;".contains(&byte) => path.push(char::from(byte)),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}
