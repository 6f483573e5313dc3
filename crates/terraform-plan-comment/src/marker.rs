//! The markers by which Slipway finds its own comment or region again: HTML comments that no reader sees.
//!
//! The first names the plan and never changes. The second says which run wrote the text, so that an older run that ends late
//! does not overwrite a newer one's.

use std::fmt;

/// The longest name.
const LONGEST_NAME: usize = 64;

/// The name of a plan: letters, digits, spaces and `._/-`, so that it can stand in an HTML comment as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// The run that wrote a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Writer {
    /// The run's id and attempt; `None` outside of a workflow.
    pub(crate) run: Option<(u64, u64)>,
    /// The commit that was planned.
    pub(crate) commit: Option<String>,
}

impl Name {
    /// Parses a name.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        let allowed = |c: char| c.is_ascii_alphanumeric() || " ._/-".contains(c);
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(allowed) || text.contains("--") {
            return Err("not a name; write at most 64 letters, digits, spaces and `._/-` (no `--`)");
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The attribute of the markers of the plan `name`.
fn attribute(name: Option<&Name>) -> String {
    format!("name=\"{}\"", name.map_or("", Name::as_str))
}

/// The first line of the comment.
pub(crate) fn comment(name: Option<&Name>) -> String {
    format!("<!-- slipway:terraform-plan-comment {} -->", attribute(name))
}

/// The first line of a comment that another one has replaced.
pub(crate) fn outdated_comment(name: Option<&Name>) -> String {
    format!("<!-- slipway:terraform-plan-comment:outdated {} -->", attribute(name))
}

/// The line before the region.
pub(crate) fn region_start(name: Option<&Name>) -> String {
    format!("<!-- slipway:terraform-plan-comment:start {} -->", attribute(name))
}

/// The line after the region.
pub(crate) fn region_end(name: Option<&Name>) -> String {
    format!("<!-- slipway:terraform-plan-comment:end {} -->", attribute(name))
}

impl Writer {
    /// Reads the writer's line out of a text; a writer that nothing is known of where there is none.
    pub(crate) fn find(text: &str) -> Self {
        let line = text.lines().find_map(|line| line.trim().strip_prefix("<!-- slipway:run ")?.strip_suffix(" -->"));
        let field = |wanted: &str| {
            line?.split(' ').find_map(|field| field.strip_prefix(wanted)?.strip_prefix('=')).map(str::to_owned)
        };
        let number = |wanted: &str| field(wanted).and_then(|text| text.parse().ok());
        Self { run: number("id").zip(number("attempt")), commit: field("commit") }
    }

    /// Whether this run was started after `other`.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        matches!((self.run, other.run), (Some(ours), Some(theirs)) if ours > theirs)
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<!-- slipway:run ")?;
        if let Some((id, attempt)) = self.run {
            write!(f, "id={id} attempt={attempt} ")?;
        }
        if let Some(commit) = &self.commit {
            write!(f, "commit={commit} ")?;
        }
        f.write_str("-->")
    }
}

#[cfg(test)]
mod tests;
