//! Instances of one resource that change alike are shown once, and changes of nothing but tags in one line.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, Hasher, RandomState};

use super::lines::short_diff_text;
use crate::guard::without_keys;
use crate::node::{Body, Node, Sign};
use crate::parallel;
use crate::review::{Resource, Review, Verb};

/// At most this many tags stand in one line.
const MOST_TAGS: usize = 5;

/// No line of tags is longer, in characters.
const LONGEST_TAGS: usize = 240;

/// The attributes that hold nothing but tags.
const TAGS: [&str; 2] = ["tags", "tags_all"];

/// Resources that change alike.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) first: &'a Resource,
    pub(super) others: Vec<&'a Resource>,
}

/// All resources in their order, each in one group.
pub(super) fn groups(review: &Review) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(String, u64), Vec<usize>> = HashMap::new();
    let sums = RandomState::new();
    let known = |resource: &Resource| Some((resource_of(&resource.address)?, sums.hash_one(Looks(resource))));
    for (resource, known) in review.resources.iter().zip(parallel::map(&review.resources, known)) {
        let known = known.map(|known| places.entry(known).or_default());
        // Of the same sum are those that are alike, and by chance one that is not.
        let alike = |known: &&mut Vec<usize>| {
            known.iter().copied().find(|place| Looks(groups[*place].first) == Looks(resource))
        };
        if let Some(place) = known.as_ref().and_then(alike) {
            groups[place].others.push(resource);
            continue;
        }
        if let Some(known) = known {
            known.push(groups.len());
        }
        groups.push(Group { first: resource, others: Vec::new() });
    }
    groups
}

/// The address without the keys of instances, also those of its modules; `None` where there is no key.
fn resource_of(address: &str) -> Option<String> {
    let resource = without_keys(address);
    (resource.len() < address.len()).then_some(resource)
}

/// A resource by all that is shown of it but its keys, and by nothing that stays as it is.
struct Looks<'a>(&'a Resource);

impl Looks<'_> {
    fn changed(&self) -> impl Iterator<Item = &Node> {
        self.0.attributes.iter().filter(|node| node.sign != Sign::Unchanged)
    }

    fn is_plain(&self) -> bool {
        self.0.deposed.is_none() && self.0.moved_from.is_none() && self.0.import.is_none()
    }
}

impl PartialEq for Looks<'_> {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.0, other.0);
        self.is_plain()
            && other.is_plain()
            && one.verb == two.verb
            && one.reason == two.reason
            && one.forced_by == two.forced_by
            && (one.protected, one.refused) == (two.protected, two.refused)
            && one.risks == two.risks
            && one.set == two.set
            && self.changed().eq(other.changed())
    }
}

/// Of what tells instances apart the most.
impl Hash for Looks<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.changed().for_each(|node| node.hash(state));
    }
}

/// What changes of the tags of a resource of which nothing else does, a line for each tag; `None` where that does not fit into one line.
pub(super) fn only_tags(resource: &Resource) -> Option<Vec<String>> {
    let attributes: Vec<&Node> = resource.attributes.iter().filter(|node| node.sign != Sign::Unchanged).collect();
    let is_plain = resource.verb == Verb::Update && resource.moved_from.is_none() && resource.import.is_none();
    let first = *attributes.first().filter(|_| is_plain)?;
    let is_tags = |node: &Node| node.name.as_deref().is_some_and(|name| TAGS.contains(&name));
    if !attributes.iter().all(|node| is_tags(node)) {
        return None;
    }
    // `tags_all` stands behind `tags` and repeats it, but for the provider's own tags.
    let tags = changed_members(first)?;
    let repeats = |node: &Node| changed_members(node).is_some_and(|members| members == tags);
    if !attributes.iter().all(|node| repeats(node)) {
        return None;
    }
    let lines: Vec<String> = short_diff_text(&tags).lines().map(squeezed).collect();
    let length: usize = lines.iter().map(|line| line.chars().count()).sum();
    (!lines.is_empty() && lines.len() == tags.len() && lines.len() <= MOST_TAGS && length <= LONGEST_TAGS)
        .then_some(lines)
}

/// What changes in a map that stays one.
fn changed_members(node: &Node) -> Option<Vec<Node>> {
    let Body::Group { members, becomes: None, .. } = &node.body else { return None };
    Some(members.iter().filter(|node| node.sign != Sign::Unchanged).cloned().collect())
}

/// A line of a difference without its columns: `+ Owner = "shop"`, and `Owner = "shop" -> "web"` for a change.
fn squeezed(line: &str) -> String {
    let line = line.strip_prefix("! ").unwrap_or(line);
    match line.split_once(" = ") {
        Some((name, value)) => format!("{} = {value}", name.trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Document;
    use crate::guard::Guard;

    fn review(changes: &[(&str, &[&str], Value, Value)]) -> Review {
        let one = |(address, actions, before, after): &(&str, &[&str], Value, Value)| {
            json!({ "address": address, "mode": "managed", "type": "t", "change": { "actions": actions, "before": before,
                "after": after, "before_sensitive": {}, "after_sensitive": {} } })
        };
        let changes: Vec<Value> = changes.iter().map(one).collect();
        let plan = json!({ "format_version": "1.2", "resource_changes": changes });
        Review::of(&Document::of(&plan.to_string(), &Guard::default()).unwrap())
    }

    fn sizes(review: &Review) -> Vec<(&str, usize)> {
        groups(review).iter().map(|group| (group.first.address.as_str(), group.others.len())).collect()
    }

    #[test]
    fn instances_that_change_alike_are_one_group() {
        let update: &[&str] = &["update"];
        let at = |key: &'static str, id: &str, size: u8| {
            (key, update, json!({ "id": id, "size": 1 }), json!({ "id": id, "size": size }))
        };
        let review = review(&[
            at("t.a[0]", "x", 2),
            at("t.a[1]", "y", 2),
            at("t.a[2]", "z", 3),
            at("t.a[\"k\"]", "w", 2),
            at("t.b[0]", "v", 2),
            at("t.c", "u", 2),
            ("t.a[3]", &["delete"], json!({ "id": "t" }), Value::Null),
        ]);
        assert_eq!(sizes(&review), [("t.a[3]", 0), ("t.a[0]", 2), ("t.a[2]", 0), ("t.b[0]", 0), ("t.c", 0)]);
    }

    #[test]
    fn instances_of_a_module_are_one_group() {
        let update: &[&str] = &["update"];
        let at = |address: &'static str, size: u8| (address, update, json!({ "size": 1 }), json!({ "size": size }));
        let review = review(&[
            at("module.x[\"a\"].t.b", 2),
            at("module.x[\"a].t.c[\"].t.b", 2),
            at("module.x[\"a\"].t.c", 2),
            at("module.x[0].module.y.t.b[1]", 2),
            at("module.x[1].module.y.t.b[\"k\"]", 2),
            at("module.x[2].module.y.t.b[\"k\"]", 3),
        ]);
        let mut sizes: Vec<usize> = groups(&review).iter().map(|group| group.others.len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [0, 0, 1, 1]);
    }

    #[test]
    fn a_change_of_tags_alone_is_told_in_lines() {
        let tags = |tags: Value| json!({ "id": "i", "tags": tags, "tags_all": tags });
        let update = |before: Value, after: Value| review(&[("t.a", &["update"], before, after)]);
        let lines = |review: &Review| only_tags(&review.resources[0]);
        let changed = update(
            tags(json!({ "env": "dev", "old": "x", "same": "s" })),
            tags(json!({ "env": "prod", "owner": "me", "same": "s" })),
        );
        let expect = ["env = \"dev\" -> \"prod\"", "- old = \"x\"", "+ owner = \"me\""];
        assert_eq!(lines(&changed).unwrap(), expect);
        // What only the provider's own tags add is not in `tags`.
        let (before, after) = (tags(json!({ "env": "dev" })), json!({ "env": "prod" }));
        let more = json!({ "id": "i", "tags": after, "tags_all": { "env": "prod", "Owner": "me" } });
        assert_eq!(lines(&update(before.clone(), more)), None);
        let same = json!({ "id": "i", "tags": { "env": "dev" }, "tags_all": { "env": "dev", "Owner": "me" } });
        assert_eq!(lines(&update(before, same)).unwrap(), ["+ Owner = \"me\""]);
        let (mut before, after) = (tags(json!({ "env": "dev" })), tags(json!({ "env": "prod" })));
        before["size"] = json!(1);
        assert_eq!(lines(&update(before, after.clone())), None);
        let many: serde_json::Map<String, Value> = (0..9).map(|n| (format!("t{n}"), json!("x"))).collect();
        assert_eq!(lines(&update(after, tags(Value::Object(many)))), None);
    }
}
