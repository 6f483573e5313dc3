//! One call of the API, as data.

use std::fmt;

use http::Method;
use serde_json::Value;

/// Whether a call may be sent again when it is not known whether it was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Sending it twice has the effect of sending it once.
    Safe,
    /// Sending it twice may do it twice.
    Unsafe,
}

/// A permission of the job's token, as it is written under `permissions:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// `contents: read`
    ReadContents,
    /// `contents: write`
    WriteContents,
    /// `pull-requests: read`
    ReadPulls,
    /// `pull-requests: write`
    WritePulls,
    /// `actions: read`
    ReadActions,
    /// `actions: write`
    WriteActions,
    /// `checks: read`
    ReadChecks,
    /// `checks: write`
    WriteChecks,
}

impl Permission {
    /// Whether what it permits changes something. A question in GraphQL is a POST and changes nothing.
    pub(crate) fn writes(self) -> bool {
        match self {
            Self::ReadContents | Self::ReadPulls | Self::ReadActions | Self::ReadChecks => false,
            Self::WriteContents | Self::WritePulls | Self::WriteActions | Self::WriteChecks => true,
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadContents => "contents: read",
            Self::WriteContents => "contents: write",
            Self::ReadPulls => "pull-requests: read",
            Self::WritePulls => "pull-requests: write",
            Self::ReadActions => "actions: read",
            Self::WriteActions => "actions: write",
            Self::ReadChecks => "checks: read",
            Self::WriteChecks => "checks: write",
        })
    }
}

/// One call: what it is for, what it sends, what it needs.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What it does, as it reads behind "cannot": "create the tag `v1.0.0`".
    pub(crate) what: String,
    pub(crate) method: Method,
    /// The path's segments below the API's root, not encoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
    pub(crate) permission: Permission,
    pub(crate) repeat: Repeat,
}

impl Call {
    /// A call that only reads.
    pub(crate) fn get(what: impl Into<String>, path: Vec<String>, permission: Permission) -> Self {
        Self::new(what, Method::GET, path, permission)
    }

    /// A call without a body.
    pub(crate) fn new(what: impl Into<String>, method: Method, path: Vec<String>, permission: Permission) -> Self {
        let repeat = if method == Method::POST { Repeat::Unsafe } else { Repeat::Safe };
        Self { what: what.into(), method, path, query: Vec::new(), body: None, permission, repeat }
    }

    /// The same call with a JSON body.
    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The same call, which may be sent again whatever happened to the first.
    pub(crate) fn repeatable(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// The same call for pages of a hundred items.
    pub(crate) fn paged(mut self) -> Self {
        self.query.push(("per_page", "100".to_owned()));
        self
    }
}
