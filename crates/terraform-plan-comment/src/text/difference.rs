//! The tree of differences that the renderer walks. It has what Terraform shows and no more; nothing in it is a secret.

use std::collections::BTreeMap;

use crate::sealed::Sealed;

/// What happens to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    NoOp,
    Create,
    Update,
    Delete,
}

/// The difference of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) action: Action,
    /// Whether it forces the replacement of the resource.
    pub(super) forces: bool,
    pub(super) body: Body,
}

/// What is different, or was found to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// A number, a boolean, a secret that no one marked, or null, before and after.
    Scalar(Option<Sealed>, Option<Sealed>),
    /// A text, before and after.
    Text(Option<String>, Option<String>),
    /// A text that holds JSON.
    Encoded(Box<Difference>),
    /// Attributes by name.
    Object { attributes: Members, nested: bool },
    /// Values by key.
    Map { entries: Members, nested: bool },
    /// Values in order. With `context` the neighbors of changes are shown.
    List { elements: Vec<Difference>, context: bool },
    /// Values without an order.
    Set { elements: Vec<Difference>, nested: bool },
    /// Attributes and nested blocks.
    Block { attributes: Members, blocks: BTreeMap<String, BlockGroup> },
    /// A value that is not shown.
    Sensitive(Sensitivity),
    /// A block that is not shown.
    SensitiveBlock(Sensitivity),
    /// Known after apply, and what was there before.
    Unknown(Option<Box<Difference>>),
    /// A value of another type, before and after.
    TypeChange(Box<Difference>, Box<Difference>),
    /// An attribute that is never kept.
    WriteOnly { sensitive: bool },
}

/// Differences by name or key.
pub(super) type Members = BTreeMap<String, Difference>;

/// The blocks of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockGroup {
    /// Whether each of them forces the replacement.
    pub(super) forces: bool,
    /// Whether it is not known yet how many there will be.
    pub(super) is_open: bool,
    /// Each block, with its key where blocks have one.
    pub(super) blocks: Vec<(Option<String>, Difference)>,
}

/// Which side of a value is sensitive, and what happens to the value behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sensitivity {
    pub(super) before: bool,
    pub(super) after: bool,
    pub(super) inner: Action,
}

impl Action {
    /// The action of something with parts that is there before, after, both or never.
    pub(super) fn of_whole(before: bool, after: bool) -> Self {
        match (before, after) {
            (false, true) => Self::Create,
            (true, false) => Self::Delete,
            _ => Self::NoOp,
        }
    }

    /// The action of a whole whose parts have these actions.
    pub(super) fn with(self, part: Self) -> Self {
        if part == Self::NoOp || part == self { self } else { Self::Update }
    }
}

impl Difference {
    pub(super) fn new(action: Action, forces: bool, body: Body) -> Self {
        Self { action, forces, body }
    }

    pub(super) fn is_no_op(&self) -> bool {
        self.action == Action::NoOp
    }
}
