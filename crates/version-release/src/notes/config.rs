//! `.github/release.yml`: what GitHub's own notes leave out, and their categories
//! (<https://docs.github.com/en/repositories/releasing-projects-on-github/automatically-generated-release-notes>).

use yaml_document::{Content, Node};

use super::changes::Change;

/// The label that stands for all labels, and for none.
const ANY: &str = "*";

/// How the notes are arranged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    pub(super) exclude: Exclude,
    pub(super) categories: Vec<Category>,
}

/// What is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exclude {
    labels: Vec<String>,
    authors: Vec<String>,
}

/// A category of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) title: String,
    labels: Vec<String>,
    exclude: Exclude,
}

/// What is wrong with the file, and at which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFlaw {
    /// The line, from 1; 0 where it is not known.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Config {
    /// Parses the file. Keys that are not known are passed over, as GitHub does.
    pub fn parse(text: &str) -> Result<Self, ConfigFlaw> {
        let root =
            yaml_document::parse(text).map_err(|flaw| ConfigFlaw { line: flaw.place.line, reason: flaw.reason })?;
        let Some(changelog) = member(&root, "the file", "changelog")? else { return Ok(Self::default()) };
        let categories = match member(changelog, "`changelog`", "categories")? {
            None => Vec::new(),
            Some(categories) => list(categories, "categories")?.map(category).collect::<Result<_, _>>()?,
        };
        Ok(Self { exclude: exclude(changelog, "`changelog`")?, categories })
    }

    /// Whether a change is in no notes at all.
    pub(super) fn excludes(&self, change: &Change) -> bool {
        self.exclude.has(change)
    }

    /// The index of the category of a change.
    pub(super) fn category(&self, change: &Change) -> Option<usize> {
        self.categories.iter().position(|category| has_label(&category.labels, change) && !category.exclude.has(change))
    }
}

impl Exclude {
    fn has(&self, change: &Change) -> bool {
        // GitHub writes an App as `name` here, and as `name[bot]` in most of its answers.
        let bare = |login: &str| login.strip_suffix("[bot]").unwrap_or(login).to_ascii_lowercase();
        let by = |author: &String| change.logins.first().is_some_and(|login| bare(login) == bare(author));
        self.authors.iter().any(by) || (!self.labels.is_empty() && has_label(&self.labels, change))
    }
}

fn has_label(wanted: &[String], change: &Change) -> bool {
    let has = |wanted: &String| change.labels.iter().any(|label| label.eq_ignore_ascii_case(wanted));
    wanted.iter().any(|wanted| wanted == ANY || has(wanted))
}

fn category(node: &Node) -> Result<Category, ConfigFlaw> {
    let missing = |name: &str| flaw(node, format!("a category has a `{name}`"));
    let title = member(node, "a category", "title")?.ok_or_else(|| missing("title"))?;
    let title = title.text().ok_or_else(|| flaw(title, "`title` is a text"))?.to_owned();
    let labels = member(node, "a category", "labels")?.ok_or_else(|| missing("labels"))?;
    Ok(Category { title, labels: texts(labels, "labels")?, exclude: exclude(node, "a category")? })
}

/// What `owner`, a map called `what`, leaves out.
fn exclude(owner: &Node, what: &str) -> Result<Exclude, ConfigFlaw> {
    let Some(node) = member(owner, what, "exclude")? else { return Ok(Exclude::default()) };
    let read = |name: &str| match member(node, "`exclude`", name)? {
        Some(node) => texts(node, name),
        None => Ok(Vec::new()),
    };
    Ok(Exclude { labels: read("labels")?, authors: read("authors")? })
}

/// The member `name` of a map called `what`; what is null is not there.
fn member<'a>(node: &'a Node, what: &str, name: &str) -> Result<Option<&'a Node>, ConfigFlaw> {
    match &node.content {
        Content::Scalar(None) => Ok(None),
        Content::Map(_) => Ok(node.get(name).filter(|node| node.content != Content::Scalar(None))),
        Content::Scalar(Some(_)) | Content::List(_) => Err(flaw(node, format!("{what} is a map"))),
    }
}

fn list<'a>(node: &'a Node, name: &str) -> Result<impl Iterator<Item = &'a Node>, ConfigFlaw> {
    match &node.content {
        Content::List(items) => Ok(items.iter().map(|item| &**item)),
        Content::Scalar(_) | Content::Map(_) => Err(flaw(node, format!("`{name}` is a list"))),
    }
}

fn texts(node: &Node, name: &str) -> Result<Vec<String>, ConfigFlaw> {
    let text = |item: &Node| item.text().map(str::to_owned).ok_or_else(|| flaw(item, format!("`{name}` holds texts")));
    list(node, name)?.map(text).collect()
}

fn flaw(node: &Node, reason: impl Into<String>) -> ConfigFlaw {
    ConfigFlaw { line: node.place.line, reason: reason.into() }
}
