//! Reading schemas.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Attribute, Block, NestedBlock, Nesting, Schemas, Shape, Subject, Type};
use crate::source;

/// The text of a schema file; empty where there is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct SchemaFile {
    text: String,
}

/// Why a file holds no schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadSchemas(pub(crate) String);

impl SchemaFile {
    /// Takes the bytes of a file that holds schemas.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, BadSchemas> {
        let text = source::decode(bytes).ok_or_else(|| BadSchemas("it is not text".to_owned()))?;
        let file: RawFile<'_> = serde_json::from_str(&text).map_err(|error| BadSchemas(reason(&error)))?;
        match file.format_version.split('.').next() {
            Some("0" | "1") => Ok(Self { text }),
            _ => Err(BadSchemas("its format version is not known".to_owned())),
        }
    }

    /// Whether no schemas were given.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The blocks of `wanted`, with names that `name` has sealed, and the types that are not there or not understood. Where no
    /// schemas were given both are empty.
    pub(crate) fn of(&self, wanted: &[Subject], name: &mut dyn FnMut(&str) -> String) -> (Schemas, BTreeSet<String>) {
        let (mut schemas, mut undescribed) = (Schemas::new(), BTreeSet::new());
        let Ok(file) = serde_json::from_str::<RawFile<'_>>(&self.text) else { return (schemas, undescribed) };
        for subject in wanted.iter().collect::<BTreeSet<_>>() {
            let kind = name(&subject.kind);
            match file.block(subject).and_then(|block| block.read(name)) {
                Some(block) => {
                    schemas.insert(Subject::new(&name(&subject.provider), &subject.mode, &kind), block);
                }
                None if subject.is_builtin() => {}
                None => {
                    undescribed.insert(kind);
                }
            }
        }
        (schemas, undescribed)
    }
}

impl RawFile<'_> {
    fn block(&self, subject: &Subject) -> Option<RawBlock> {
        let provider = self.provider_schemas.get(&subject.provider)?;
        let types = match subject.mode.as_str() {
            "managed" => &provider.resources,
            "data" => &provider.data_sources,
            "action" => &provider.actions,
            _ => return None,
        };
        Some(serde_json::from_str::<RawType>(types.get(&subject.kind)?.get()).ok()?.block)
    }
}

/// What is wrong, without a word of what is in the file.
fn reason(error: &serde_json::Error) -> String {
    let what = if error.is_data() { "it is JSON of another shape" } else { "it is not JSON" };
    format!("{what}, at line {} column {}", error.line(), error.column())
}

#[derive(Deserialize)]
struct RawFile<'a> {
    format_version: String,
    #[serde(borrow, default)]
    provider_schemas: BTreeMap<String, RawProvider<'a>>,
}

#[derive(Deserialize)]
struct RawProvider<'a> {
    #[serde(borrow, default, rename = "resource_schemas")]
    resources: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default, rename = "data_source_schemas")]
    data_sources: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default, rename = "action_schemas")]
    actions: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
struct RawType {
    /// An action calls it `config_schema`.
    #[serde(alias = "config_schema")]
    block: RawBlock,
}

#[derive(Deserialize)]
struct RawBlock {
    #[serde(default)]
    attributes: BTreeMap<String, RawAttribute>,
    #[serde(default)]
    block_types: BTreeMap<String, RawNestedBlock>,
}

#[derive(Deserialize)]
struct RawAttribute {
    #[serde(rename = "type")]
    kind: Option<Value>,
    nested_type: Option<RawNested>,
    #[serde(default)]
    write_only: bool,
}

#[derive(Deserialize)]
struct RawNested {
    #[serde(default)]
    attributes: BTreeMap<String, RawAttribute>,
    nesting_mode: Nesting,
}

#[derive(Deserialize)]
struct RawNestedBlock {
    nesting_mode: Nesting,
    block: RawBlock,
}

impl RawBlock {
    fn read(self, name: &mut dyn FnMut(&str) -> String) -> Option<Block> {
        let attributes = attributes(self.attributes, name)?;
        let mut blocks = BTreeMap::new();
        for (key, nested) in self.block_types {
            let block = nested.block.read(name)?;
            blocks.insert(name(&key), NestedBlock { nesting: nested.nesting_mode, block });
        }
        Some(Block { attributes, blocks })
    }
}

fn attributes(
    raw: BTreeMap<String, RawAttribute>,
    name: &mut dyn FnMut(&str) -> String,
) -> Option<BTreeMap<String, Attribute>> {
    let mut read = BTreeMap::new();
    for (key, attribute) in raw {
        let shape = match (attribute.nested_type, attribute.kind) {
            (Some(nested), _) => Shape::Nested(nested.nesting_mode, attributes(nested.attributes, name)?),
            (None, Some(kind)) => Shape::Value(value_type(&kind, name)?),
            (None, None) => return None,
        };
        read.insert(name(&key), Attribute { shape, write_only: attribute.write_only });
    }
    Some(read)
}

/// A type as `cty` writes it: a word, or a list of a word and what it is made of.
fn value_type(kind: &Value, name: &mut dyn FnMut(&str) -> String) -> Option<Type> {
    match kind {
        Value::String(word) => match word.as_str() {
            "string" => Some(Type::Text),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "dynamic" => Some(Type::Dynamic),
            _ => None,
        },
        Value::Array(parts) => {
            let (word, of) = (parts.first()?.as_str()?, parts.get(1)?);
            match (word, of) {
                ("list", element) => Some(Type::List(Box::new(value_type(element, name)?))),
                ("set", element) => Some(Type::Set(Box::new(value_type(element, name)?))),
                ("map", element) => Some(Type::Map(Box::new(value_type(element, name)?))),
                ("tuple", Value::Array(elements)) => {
                    Some(Type::Tuple(elements.iter().map(|element| value_type(element, name)).collect::<Option<_>>()?))
                }
                ("object", Value::Object(attributes)) => {
                    let mut read = BTreeMap::new();
                    for (key, attribute) in attributes {
                        let attribute = value_type(attribute, name)?;
                        read.insert(name(key), attribute);
                    }
                    Some(Type::Object(read))
                }
                _ => None,
            }
        }
        _ => None,
    }
}
