//! Blocks.

use std::collections::BTreeMap;

use super::collection::{IDENTIFYING, unchanged_line};
use super::{Action, Difference, Forced, Style, hidden, indent, render, warnings};
use crate::text::difference::{BlockGroup, Body, Members};
use crate::text::strings::{name, pad, quote};

/// A block's attributes and the blocks in it.
pub(super) fn block(
    difference: &Difference,
    (attributes, blocks): (&Members, &BTreeMap<String, BlockGroup>),
    depth: usize,
    style: Style,
) -> String {
    let forces = style.forces(difference.forces);
    if attributes.is_empty() && blocks.is_empty() {
        return format!("{{}}{forces}");
    }
    let mut text = format!("{{{forces}\n");
    text.push_str(&attribute_lines(attributes, depth, style));
    let mut unchanged = 0;
    for (key, group) in blocks {
        text.push_str(&group_lines(difference, (key, group, !attributes.is_empty()), (depth, style), &mut unchanged));
    }
    if unchanged > 0 {
        let symbol = style.symbol(Action::NoOp);
        text.push_str(&format!("\n{}{symbol}{}\n", indent(depth + 1), hidden(unchanged, "block")));
    }
    text.push_str(&format!("{}{}}}", indent(depth), style.symbol(Action::NoOp)));
    text
}

fn attribute_lines(attributes: &Members, depth: usize, style: Style) -> String {
    let width = attributes.keys().map(|key| name(key).len()).max().unwrap_or_default();
    let mut text = String::new();
    let mut unchanged = 0;
    for (key, attribute) in attributes {
        let is_identifying = IDENTIFYING.contains(&key.as_str());
        if attribute.is_no_op() && !style.all && !is_identifying {
            unchanged += 1;
            continue;
        }
        let below = Style { all: style.all || is_identifying, ..style.below() };
        text.push_str(&warnings(attribute, depth + 1));
        text.push_str(&format!("{}{}", indent(depth + 1), below.symbol(attribute.action)));
        text.push_str(&format!("{} = {}\n", pad(&name(key), width), render(attribute, depth + 1, below)));
    }
    text + &unchanged_line(unchanged, "attribute", depth, style)
}

/// The blocks of one name, behind an empty line where attributes are above; counts those that are not shown.
fn group_lines(
    parent: &Difference,
    (key, group, has_attributes): (&str, &BlockGroup, bool),
    (depth, style): (usize, Style),
    unchanged: &mut usize,
) -> String {
    let forced = if group.forces { Forced::Always } else { Forced::Itself };
    let below = Style { forced, ..style };
    // How many there will be is not known; what happens to them is what happens to the block around them.
    let open = group.is_open.then(|| (None, Difference::new(parent.action, false, Body::Unknown(None))));
    let mut text = String::new();
    for (label, block) in open.iter().chain(&group.blocks) {
        if block.is_no_op() && !style.all {
            *unchanged += 1;
            continue;
        }
        if text.is_empty() && has_attributes {
            text.push('\n');
        }
        let label = label.as_deref().map(|label| format!(" {}", quote(label))).unwrap_or_default();
        text.push_str(&warnings(block, depth + 1));
        text.push_str(&format!("{}{}", indent(depth + 1), below.symbol(block.action)));
        text.push_str(&format!("{}{label} {}\n", name(key), render(block, depth + 1, below)));
    }
    text
}

/// A block that is not shown.
pub(super) fn sensitive(difference: &Difference, depth: usize, style: Style) -> String {
    let start = format!("{}{}", indent(depth), style.symbol(Action::NoOp));
    format!(
        "{{{}\n{start}  # At least one attribute in this block is (or was) sensitive,\n{start}  # so its contents will not be displayed.\n{start}}}",
        style.forces(difference.forces)
    )
}
