//! Blocks.

use std::collections::BTreeMap;

use super::collection::attribute_lines;
use super::{Action, Difference, Forced, Style, close, indent, push, warnings};
use crate::diff::plural;
use crate::text::difference::{BlockGroup, Body, Members};
use crate::text::strings::{name, push_quoted};

/// A block's attributes and the blocks in it.
pub(super) fn block(
    out: &mut String,
    difference: &Difference,
    (attributes, blocks): (&Members, &BTreeMap<String, BlockGroup>),
    depth: usize,
    style: Style,
) {
    let forces = style.forces(difference.forces);
    if attributes.is_empty() && blocks.is_empty() {
        out.extend(["{}", forces]);
        return;
    }
    out.extend(["{", forces, "\n"]);
    attribute_lines(out, attributes, depth, (style, style.below()));
    let mut unchanged = 0;
    for (key, group) in blocks {
        group_lines(out, difference, (key, group, !attributes.is_empty()), (depth, style), &mut unchanged);
    }
    if unchanged > 0 {
        out.push('\n');
        indent(out, depth + 1);
        out.push_str(style.symbol(Action::NoOp));
        out.push_str(&format!("# ({unchanged} unchanged {} hidden)\n", plural(unchanged, "block")));
    }
    close(out, "}", depth, style);
}

/// The blocks of one name, behind an empty line where attributes are above; counts those that are not shown.
fn group_lines(
    out: &mut String,
    parent: &Difference,
    (key, group, has_attributes): (&str, &BlockGroup, bool),
    (depth, style): (usize, Style),
    unchanged: &mut usize,
) {
    let forced = if group.forces { Forced::Always } else { Forced::Itself };
    let below = Style { forced, ..style };
    // How many there will be is not known; what happens to them is what happens to the block around them.
    let open = group.is_open.then(|| (None, Difference::new(parent.action, false, Body::Unknown(None))));
    let mut is_first = true;
    for (label, block) in open.iter().chain(&group.blocks) {
        if block.is_no_op() && !style.all {
            *unchanged += 1;
            continue;
        }
        if is_first && has_attributes {
            out.push('\n');
        }
        is_first = false;
        warnings(out, block, depth + 1);
        indent(out, depth + 1);
        out.extend([below.symbol(block.action), &*name(key)]);
        if let Some(label) = label {
            out.push(' ');
            push_quoted(out, label);
        }
        out.push(' ');
        push(out, block, depth + 1, below);
        out.push('\n');
    }
}

/// A block that is not shown.
pub(super) fn sensitive(out: &mut String, difference: &Difference, depth: usize, style: Style) {
    out.extend(["{", style.forces(difference.forces), "\n"]);
    for line in [
        "  # At least one attribute in this block is (or was) sensitive,\n",
        "  # so its contents will not be displayed.\n",
        "}",
    ] {
        close(out, line, depth, style);
    }
}
