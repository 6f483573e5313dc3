//! Writes another origin path into a distribution's configuration and leaves every other byte as it is: an update replaces the
//! whole configuration, so what this program does not know must be in it again
//! (<https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html>).

use std::ops::Range;

use aws_client::call::xml::escape;
use roxmltree::{Document, Node};

/// The configuration `xml` with `path` as the origin path of the origins with these ids; the problem where it is written in a way
/// that cannot be changed safely.
pub(crate) fn with_origin_path(xml: &str, ids: &[&str], path: &str) -> Result<String, String> {
    let document = Document::parse(xml).map_err(|error| error.to_string())?;
    let origins = child(document.root_element(), "Origins").and_then(|origins| child(origins, "Items"));
    let origins = origins.into_iter().flat_map(|items| items.children()).filter(|node| node.has_tag_name_of("Origin"));
    let mut edits = Vec::new();
    for origin in origins {
        let id = child(origin, "Id").and_then(|id| id.text()).unwrap_or_default();
        if ids.contains(&id) {
            edits.push(edit(xml, origin, path).ok_or_else(|| format!("the origin path of `{id}` is written oddly"))?);
        }
    }
    if edits.len() != ids.len() {
        return Err(format!("{} origins instead of {}", edits.len(), ids.len()));
    }
    let mut text = xml.to_owned();
    // From the end to the start, so that what is before stays where it is.
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    for (range, new) in edits {
        text.replace_range(range, &new);
    }
    Ok(text)
}

/// A name, whatever its namespace: the service uses one.
trait Named {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Named for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

fn child<'a, 'input>(of: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    of.children().find(|node| node.has_tag_name_of(name))
}

/// What stands where, and what will; `None` where that is more than text.
fn edit(xml: &str, origin: Node<'_, '_>, path: &str) -> Option<(Range<usize>, String)> {
    let escaped = escape(path);
    let Some(old) = child(origin, "OriginPath") else {
        let domain = child(origin, "DomainName")?;
        let name = tag(&xml[domain.range()])?.strip_suffix("DomainName")?;
        let end = domain.range().end;
        return Some((end..end, format!("<{name}OriginPath>{escaped}</{name}OriginPath>")));
    };
    if old.attributes().len() > 0 || old.children().any(|node| !node.is_text()) {
        return None;
    }
    let range = old.range();
    let element = &xml[range.clone()];
    let name = tag(element)?;
    let (start, rest) = element.split_once('>')?;
    match start[1 + name.len()..].trim() {
        "" => {
            let inner = rest.rfind("</")?;
            let from = range.start + start.len() + 1;
            Some((from..from + inner, escaped))
        }
        "/" => Some((range, format!("<{name}>{escaped}</{name}>"))),
        _ => None,
    }
}

/// The name in a start tag, as it is written.
fn tag(element: &str) -> Option<&str> {
    let name = element.strip_prefix('<')?;
    name.split(|c: char| c.is_whitespace() || c == '/' || c == '>').next()
}

#[cfg(test)]
mod tests;
