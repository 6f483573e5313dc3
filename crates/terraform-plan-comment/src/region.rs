//! One region of a pull request's body. Everything outside of it is kept byte for byte.

use std::ops::Range;

use crate::marker::{Name, region_end, region_start};

/// The text between the markers of the first whole region.
pub(crate) fn content<'a>(body: &'a str, name: Option<&Name>) -> Option<&'a str> {
    let region = regions(body, name).into_iter().next()?;
    let inner = &body[region.start + region_start(name).len()..region.end - region_end(name).len()];
    Some(inner.trim())
}

/// `body` with `content` in its region: in the place of the first whole one, else at the end.
///
/// Copies of the region are removed, or emptied where removing one would make a region of what stands around it. A marker
/// without its partner is text like any other: what it was meant to enclose cannot be known, so nothing is taken away.
pub(crate) fn replace(body: &str, name: Option<&Name>, content: &str) -> String {
    let (start, end) = (region_start(name), region_end(name));
    let region = format!("{start}\n{}\n{end}", content.trim());
    let regions = regions(body, name);
    let Some((first, copies)) = regions.split_first() else {
        return format!("{body}{}{region}", separator(body));
    };
    let kept = outside(body, name);
    let mut text = body.to_owned();
    // From behind, so that the places before stay as they are.
    for copy in copies.iter().rev() {
        let without = format!("{}{}", &text[..copy.start], &text[copy.end..]);
        if outside(&without, name) == kept {
            text = without;
        } else {
            text.replace_range(copy.clone(), &format!("{start}{end}"));
        }
    }
    text.replace_range(first.clone(), &region);
    text
}

/// What `body` holds outside of its regions.
pub(crate) fn outside(body: &str, name: Option<&Name>) -> String {
    let mut text = String::new();
    let mut end = 0;
    for region in regions(body, name) {
        text.push_str(&body[end..region.start]);
        end = region.end;
    }
    text + &body[end..]
}

/// An empty line before a new region, made of as little as needed.
fn separator(body: &str) -> &'static str {
    if body.is_empty() || body.ends_with("\n\n") || body.ends_with("\n\r\n") {
        ""
    } else if body.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    }
}

/// The whole regions: a start marker whose next marker is an end marker.
fn regions(body: &str, name: Option<&Name>) -> Vec<Range<usize>> {
    let (start, end) = (region_start(name), region_end(name));
    let mut markers: Vec<(usize, bool)> = body.match_indices(&start).map(|(place, _)| (place, true)).collect();
    markers.extend(body.match_indices(&end).map(|(place, _)| (place, false)));
    markers.sort_unstable();
    markers
        .windows(2)
        .filter_map(|pair| match pair {
            [(from, true), (to, false)] => Some(*from..*to + end.len()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
