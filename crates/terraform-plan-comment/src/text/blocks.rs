//! Differences of blocks: resources, data sources, and the blocks nested in them.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::{Action, BlockGroup, Body, Difference, Members, Sensitivity};
use super::sequence::{Pair, pair_equal};
use super::sides::{Side, Sides};
use super::values::{self, action_with, elements, elements_by_index, hidden_action, sensitive, set_pairs, unknown};
use crate::schema::{Attribute, Block, NestedBlock, Nesting, Shape, Type, infer};
use crate::sealed::Sealed;

/// What is said of attributes that the schema does not describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undescribed {
    /// Their values are of any type.
    Dynamic,
    /// Their values tell the type.
    Inferred,
}

/// The difference of a block.
pub(super) fn block(sides: &Sides<'_>, schema: &Block, undescribed: Undescribed) -> Difference {
    if sides.are_hidden() {
        return sensitive(sides, hidden_action(&sides.open()), Body::SensitiveBlock);
    }
    if sides.unknown {
        return unknown(sides, |before| block(&Sides { unknown_below: true, ..before }, schema, undescribed));
    }
    let sides = &Sides { modern: sides.modern || schema.is_modern(), ..sides.clone() };
    let mut action = sides.action_of_whole();
    let mut attributes = attributes(sides, schema, undescribed);
    action = action_with(action, attributes.values());
    let mut blocks = BTreeMap::new();
    for (name, nested) in &schema.blocks {
        let below = sides.key(name).relevant_only();
        let (group, part) = group(&below, nested);
        if part == Action::NoOp && below.are_null() {
            continue;
        }
        action = action.with(part);
        blocks.insert(name.clone(), group);
    }
    for name in schema.attributes.iter().filter(|(_, attribute)| attribute.write_only).map(|(name, _)| name) {
        attributes.insert(name.clone(), values::write_only(sides, action));
    }
    Difference::new(action, sides.forces(), Body::Block { attributes, blocks })
}

fn attributes(sides: &Sides<'_>, schema: &Block, undescribed: Undescribed) -> Members {
    let described = schema.attributes.keys().map(String::as_str);
    let names: BTreeSet<&str> =
        described.chain(sides.keys()).filter(|name| !schema.blocks.contains_key(*name)).collect();
    let mut attributes = Members::new();
    for name in names {
        let below = sides.attribute(name);
        let is_null = below.are_null();
        let difference = match schema.attributes.get(name) {
            Some(attribute) if attribute.write_only => continue,
            Some(attribute) => values::attribute(&below, attribute),
            None => values::attribute(&below, &described_by_values(&below, undescribed)),
        };
        if !(difference.is_no_op() && is_null) {
            attributes.insert(name.to_owned(), difference);
        }
    }
    attributes
}

fn described_by_values(sides: &Sides<'_>, undescribed: Undescribed) -> Attribute {
    let kind = match undescribed {
        Undescribed::Dynamic => Type::Dynamic,
        Undescribed::Inferred => {
            infer(&[sides.before.value, sides.after.value].into_iter().flatten().collect::<Vec<_>>())
        }
    };
    Attribute { shape: Shape::Value(kind), write_only: false }
}

/// The blocks of one name, and what happens to them.
fn group(sides: &Sides<'_>, nested: &NestedBlock) -> (BlockGroup, Action) {
    let of = |sides: Sides<'_>| block(&sides, &nested.block, Undescribed::Inferred);
    let unlabelled = |blocks: Vec<Difference>| blocks.into_iter().map(|block| (None, block)).collect::<Vec<_>>();
    let is_hidden = sides.before.sensitive || sides.after.sensitive;
    let (mut blocks, action) = match nested.nesting {
        Nesting::Single | Nesting::Group => {
            let single = of(sides.clone());
            let action = single.action;
            (unlabelled(vec![single]), action)
        }
        Nesting::List | Nesting::Set if is_hidden => {
            let blocks = hidden_elements(sides, nested.nesting);
            let action = action_with(sides.action_of_whole(), &blocks);
            (unlabelled(blocks), action)
        }
        // How many there are, and under which keys, is hidden too.
        Nesting::Map if is_hidden => {
            let action = hidden_action(&sides.open());
            (unlabelled(vec![hidden_block(action)]), action)
        }
        Nesting::List => {
            let blocks = elements_by_index(sides, of);
            let action = action_with(sides.action_of_whole(), &blocks);
            (unlabelled(blocks), action)
        }
        Nesting::Set => {
            let blocks = elements(sides, &set_pairs(sides), of);
            let action = action_with(sides.action_of_whole(), &blocks);
            (unlabelled(blocks), action)
        }
        Nesting::Map => {
            let keyed = |key: &str| (Some(key.to_owned()), of(sides.key(key).relevant_only()));
            let blocks: Vec<_> = sides.keys().into_iter().map(keyed).collect();
            let whole = Action::of_whole(sides.before.map().is_some(), sides.after.map().is_some());
            let action = action_with(whole, blocks.iter().map(|(_, block)| block));
            (blocks, action)
        }
    };
    if is_hidden {
        for (_, block) in &mut blocks {
            hide(block, sides);
        }
    }
    let is_single = matches!(nested.nesting, Nesting::Single | Nesting::Group);
    (BlockGroup { forces: sides.forces(), is_open: sides.unknown && !is_single, blocks }, action)
}

/// A list or set of blocks that is hidden as a whole: only how many there are, and which are equal, is known.
fn hidden_elements(sides: &Sides<'_>, nesting: Nesting) -> Vec<Difference> {
    let (before, after) = (identities(sides.before), identities(sides.after));
    let pairs = if nesting == Nesting::Set {
        pair_equal(before, after, |_| true)
    } else {
        let count = before.len().max(after.len());
        (0..count)
            .map(|index| ((index < before.len()).then_some(index), (index < after.len()).then_some(index)))
            .collect()
    };
    let element = |(old, new): Pair| match (old, new) {
        (Some(old), Some(new)) if before[old] == after[new] => hidden_block(Action::NoOp),
        (Some(_), Some(_)) => hidden_block(Action::Update),
        (old, new) => hidden_block(Action::of_whole(old.is_some(), new.is_some())),
    };
    pairs.into_iter().map(element).collect()
}

/// A block of a group that is hidden as a whole; the group says which side is.
fn hidden_block(action: Action) -> Difference {
    let sensitivity = Sensitivity { before: true, after: true, inner: action };
    Difference::new(action, false, Body::SensitiveBlock(sensitivity))
}

/// The identities of a hidden list's elements.
fn identities(side: Side<'_>) -> &[u32] {
    match side.value {
        Some(Sealed::Secret(secret)) => &secret.elements,
        _ => &[],
    }
}

/// Hides a block of a group that is sensitive as a whole.
fn hide(block: &mut Difference, group: &Sides<'_>) {
    let (before, after) = (group.before.sensitive, group.after.sensitive);
    let is_hidden = match block.action {
        Action::Create => after,
        Action::Delete => before,
        Action::Update | Action::NoOp => before || after,
    };
    if is_hidden {
        block.body = Body::SensitiveBlock(Sensitivity { before, after, inner: block.action });
        if block.action == Action::NoOp && before != after {
            block.action = Action::Update;
        }
    }
}
