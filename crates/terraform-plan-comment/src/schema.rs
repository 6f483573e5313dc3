//! What providers say of their types: the JSON of `terraform providers schema -json`
//! (<https://developer.hashicorp.com/terraform/cli/commands/providers/schema>).
//!
//! With it a plan shows nested blocks as blocks, sets as sets and maps as maps. Only the types in the plan are read: those of
//! one provider can take tens of megabytes.

mod file;
mod infer;

use std::collections::BTreeMap;

pub(crate) use file::{BadSchemas, SchemaFile};
pub(crate) use infer::infer;

/// The provider that is part of Terraform itself and of OpenTofu: its attributes take values of any type.
const BUILTIN: &str = "terraform.io/builtin/terraform";

/// The largest file of schemas: those of the largest provider take some tens of megabytes.
pub(crate) const LARGEST: u64 = 256 * 1024 * 1024;

/// A type of a provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) provider: String,
    /// `managed`, `data` or `action`.
    pub(crate) mode: String,
    pub(crate) kind: String,
}

impl Subject {
    /// The type `kind` of `provider`.
    pub(crate) fn new(provider: &str, mode: &str, kind: &str) -> Self {
        Self { provider: provider.to_owned(), mode: mode.to_owned(), kind: kind.to_owned() }
    }

    /// Whether nothing but the values says what type they have, in Terraform too.
    pub(crate) fn is_builtin(&self) -> bool {
        self.provider == BUILTIN
    }
}

/// The blocks of the types in a plan.
pub(crate) type Schemas = BTreeMap<Subject, Block>;

/// A resource, a data source, or a block nested in one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) blocks: BTreeMap<String, NestedBlock>,
}

/// A block's attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) shape: Shape,
    /// Whether it is never kept, so that nothing can be compared.
    pub(crate) write_only: bool,
}

/// How an attribute's type is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Value(Type),
    /// Objects whose attributes are described like those of a block.
    Nested(Nesting, BTreeMap<String, Attribute>),
}

/// A block inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NestedBlock {
    pub(crate) nesting: Nesting,
    pub(crate) block: Block,
}

/// How many there are of something nested, and how they are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Nesting {
    Single,
    Group,
    List,
    Set,
    Map,
}

/// A type of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Number,
    Bool,
    /// Whatever the value is.
    Dynamic,
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Tuple(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Block {
    /// Whether it has what Terraform's legacy SDK cannot express. The legacy SDK does not tell an empty text from null, so
    /// Terraform hides a change between the two unless the schema shows that the SDK is another one.
    pub(crate) fn is_modern(&self) -> bool {
        self.blocks.values().any(|nested| matches!(nested.nesting, Nesting::Map | Nesting::Group))
            || self.attributes.values().any(|attribute| match &attribute.shape {
                Shape::Nested(..) => true,
                Shape::Value(value) => value.is_modern(),
            })
    }
}

impl Type {
    fn is_modern(&self) -> bool {
        match self {
            Self::Tuple(_) | Self::Object(_) => true,
            other if other.has_dynamic() => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                element.element().is_some_and(|inner| !inner.is_primitive())
            }
            Self::Text | Self::Number | Self::Bool | Self::Dynamic => false,
        }
    }

    fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }

    fn is_primitive(&self) -> bool {
        matches!(self, Self::Text | Self::Number | Self::Bool)
    }

    fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
            Self::Text | Self::Number | Self::Bool => false,
        }
    }
}

#[cfg(test)]
mod tests;
