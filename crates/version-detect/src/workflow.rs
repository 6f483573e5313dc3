//! Workflow files: for which events, branches and paths a workflow runs
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on>).

use std::rc::Rc;

use crate::comparison::Changes;
use crate::manifest::{Flaw, Place};
use crate::pattern::{self, Pattern, selects};
use crate::yaml::{self, Content, Node};

/// The longest workflow file.
const LONGEST: usize = 1024 * 1024;

/// The types of a pull request's events that start a workflow which names none.
const PULL_TYPES: [&str; 3] = ["opened", "synchronize", "reopened"];

/// What starts a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workflow {
    triggers: Vec<(String, Trigger)>,
}

/// The filters of one event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Trigger {
    types: Option<Vec<String>>,
    branches: Filter,
    tags: Filter,
    paths: Filter,
}

/// What is taken of branches, tags or paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Filter {
    /// All.
    #[default]
    None,
    /// Those that the patterns select.
    Only(Vec<Pattern>),
    /// Those that the patterns do not select.
    Except(Vec<Pattern>),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Occasion {
    /// The event's name.
    pub(crate) event: String,
    /// The event's type: `opened`, `synchronize`.
    pub(crate) action: Option<String>,
    /// What it happened to.
    pub(crate) target: Target,
}

/// What an event happened to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A branch: the one that was pushed, or into which a pull request goes.
    Branch(String),
    /// A tag.
    Tag(String),
    /// Neither.
    Other,
}

/// Whether a workflow runs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) runs: bool,
    pub(crate) reason: String,
}

impl Verdict {
    fn yes(reason: impl Into<String>) -> Self {
        Self { runs: true, reason: reason.into() }
    }

    fn no(reason: impl Into<String>) -> Self {
        Self { runs: false, reason: reason.into() }
    }
}

impl Filter {
    /// Whether it takes `text`.
    fn takes(&self, text: &str) -> bool {
        match self {
            Self::None => true,
            Self::Only(patterns) => selects(patterns, text).is_some(),
            Self::Except(patterns) => selects(patterns, text).is_none(),
        }
    }

    /// What it says of changed files: those of a workflow run when there is one that it takes.
    fn of_changes(&self, changes: &Changes) -> Verdict {
        let files = match (self, changes) {
            (Self::None, _) => return Verdict::yes("it has no filter of paths"),
            (_, Changes::Unknown { why }) => return Verdict::yes(format!("what changed is not known: {why}")),
            (_, Changes::Known { files, .. }) => files,
        };
        match (self, files.iter().find(|file| self.takes(file))) {
            (Self::Only(patterns), Some(file)) => match selects(patterns, file) {
                Some(pattern) => Verdict::yes(format!("`{file}` matches `{pattern}`")),
                None => Verdict::yes(format!("`{file}` changed")),
            },
            (_, Some(file)) => Verdict::yes(format!("`{file}` is not ignored")),
            (_, None) if files.is_empty() => Verdict::no("nothing changed"),
            (_, None) => Verdict::no("its filter of paths takes none of the changed files"),
        }
    }
}

impl Workflow {
    /// Whether the workflow runs for `occasion`, which changed `changes`.
    pub(crate) fn runs(&self, occasion: &Occasion, changes: &Changes) -> Verdict {
        let event = occasion.event.as_str();
        let Some((_, trigger)) = self.triggers.iter().find(|(name, _)| name == event) else {
            return Verdict::no(format!("it is not started by `{event}`"));
        };
        if let Some(refused) = trigger.refuses(occasion) {
            return Verdict::no(refused);
        }
        match (event, &occasion.target) {
            // GitHub does not look at paths when a tag is pushed.
            ("push", Target::Tag(name)) => Verdict::yes(format!("the tag `{name}` was pushed")),
            ("push" | "pull_request" | "pull_request_target", _) => trigger.paths.of_changes(changes),
            _ => Verdict::yes(format!("`{event}` has no filter of paths")),
        }
    }
}

impl Trigger {
    /// Why the event's type, branch or tag does not start the workflow.
    fn refuses(&self, occasion: &Occasion) -> Option<String> {
        let default = || match occasion.event.as_str() {
            "pull_request" | "pull_request_target" => Some(PULL_TYPES.map(str::to_owned).to_vec()),
            _ => None,
        };
        if let (Some(types), Some(action)) = (self.types.clone().or_else(default), &occasion.action)
            && !types.contains(action)
        {
            return Some(format!("the type `{action}` does not start it"));
        }
        let has = |filter: &Filter| *filter != Filter::None;
        match &occasion.target {
            // Where only branches are named, no tag starts it; and the other way around.
            Target::Tag(name) if has(&self.branches) && !has(&self.tags) => {
                Some(format!("it is for branches, and `{name}` is a tag"))
            }
            Target::Branch(name) if occasion.event == "push" && has(&self.tags) && !has(&self.branches) => {
                Some(format!("it is for tags, and `{name}` is a branch"))
            }
            Target::Tag(name) if !self.tags.takes(name) => Some(format!("its filter of tags does not take `{name}`")),
            Target::Branch(name) if !self.branches.takes(name) => {
                Some(format!("its filter of branches does not take `{name}`"))
            }
            Target::Branch(_) | Target::Tag(_) | Target::Other => None,
        }
    }
}

/// Parses a workflow file.
pub(crate) fn parse(text: &str) -> Result<Workflow, Flaw> {
    if text.len() > LONGEST {
        return Err(Flaw::malformed("a workflow has 1 MiB at most", Place::START));
    }
    let root = yaml::parse(text)?;
    // A reader of YAML 1.1 makes the truth of `on`; GitHub reads a word.
    let on = root.get("on").ok_or_else(|| Flaw::malformed("it has no `on`, so it is no workflow", root.place))?;
    let triggers = match &on.content {
        Content::Scalar(Some(event)) => vec![(event.clone(), Trigger::default())],
        Content::List(events) => {
            events.iter().map(|event| Ok((word(event)?, Trigger::default()))).collect::<Result<_, Flaw>>()?
        }
        Content::Map(events) => {
            let read = |(name, settings): &(String, Rc<Node>)| Ok((name.clone(), trigger(settings)?));
            events.iter().map(read).collect::<Result<_, Flaw>>()?
        }
        Content::Scalar(None) => return Err(Flaw::malformed("`on` names no event", on.place)),
    };
    Ok(Workflow { triggers })
}

fn trigger(settings: &Node) -> Result<Trigger, Flaw> {
    Ok(Trigger {
        types: settings.get("types").map(words).transpose()?,
        branches: filter(settings, "branches")?,
        tags: filter(settings, "tags")?,
        paths: filter(settings, "paths")?,
    })
}

fn filter(settings: &Node, name: &str) -> Result<Filter, Flaw> {
    let ignored = format!("{name}-ignore");
    match (settings.get(name), settings.get(&ignored)) {
        (Some(_), Some(second)) => {
            Err(Flaw::malformed(format!("`{name}` and `{ignored}` cannot be used together"), second.place))
        }
        (Some(only), None) => {
            let patterns = patterns(only)?;
            if patterns.iter().all(Pattern::is_negative) {
                return Err(Flaw::malformed(format!("`{name}` has no pattern without `!`"), only.place));
            }
            Ok(Filter::Only(patterns))
        }
        (None, Some(except)) => patterns(except).map(Filter::Except),
        (None, None) => Ok(Filter::None),
    }
}

fn patterns(list: &Node) -> Result<Vec<Pattern>, Flaw> {
    let items = items(list);
    if items.len() > pattern::MOST {
        return Err(Flaw::malformed("a list has 1,000 patterns at most", list.place));
    }
    let read = |item: &Node| {
        let text = word(item)?;
        Pattern::parse(&text).map_err(|why| Flaw::malformed(format!("`{text}` is no pattern: {why}"), item.place))
    };
    items.into_iter().map(read).collect()
}

fn words(list: &Node) -> Result<Vec<String>, Flaw> {
    items(list).into_iter().map(word).collect()
}

/// The items of a list; one item may stand alone.
fn items(node: &Node) -> Vec<&Node> {
    match &node.content {
        Content::List(items) => items.iter().map(|item| &**item).collect(),
        Content::Scalar(_) | Content::Map(_) => vec![node],
    }
}

fn word(node: &Node) -> Result<String, Flaw> {
    node.text().map(str::to_owned).ok_or_else(|| Flaw::malformed("a word is needed here", node.place))
}

#[cfg(test)]
mod tests;
