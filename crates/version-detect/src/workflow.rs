//! Workflow files: for which events, branches and paths a workflow runs
//! (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on>).

use std::rc::Rc;

use yaml_document::{Content, Node};

use crate::comparison::Changes;
use crate::manifest::{Flaw, Place};
use crate::pattern::{self, Pattern, selects};

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
    /// The names of the workflows whose runs start it.
    workflows: Option<Vec<String>>,
    /// The times of `schedule`.
    times: Vec<String>,
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
    /// What an event that is for some workflows alone says of them.
    pub(crate) only: Option<Only>,
}

/// Which workflows an event is for that starts no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Only {
    /// The one in this file, which somebody started.
    File(String),
    /// Those that name this time, in the words of cron.
    Time(String),
    /// Those that name this workflow, whose run was asked for, or ended.
    Behind(String),
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
    /// The event of its run; empty where it does not run.
    pub(crate) event: String,
}

impl Verdict {
    fn yes(reason: impl Into<String>) -> Self {
        Self { runs: true, reason: reason.into(), event: String::new() }
    }

    fn no(reason: impl Into<String>) -> Self {
        Self { runs: false, reason: reason.into(), event: String::new() }
    }
}

impl Occasion {
    /// The events that happen at once, the one that is told of first.
    fn events(&self) -> Vec<&str> {
        match self.event.as_str() {
            "pull_request" => vec!["pull_request", "pull_request_target"],
            "pull_request_target" => vec!["pull_request_target", "pull_request"],
            event => vec![event],
        }
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
    /// Whether the workflow in `file` runs for `occasion`, which changed `changes`.
    pub(crate) fn runs(&self, file: &str, occasion: &Occasion, changes: &Changes) -> Verdict {
        let mut refused = None;
        for event in occasion.events() {
            let Some((_, trigger)) = self.triggers.iter().find(|(name, _)| name == event) else { continue };
            let verdict = match trigger.refuses(file, event, occasion) {
                Some(why) => Verdict::no(why),
                None => trigger.judges(event, occasion, changes),
            };
            if verdict.runs {
                return Verdict { event: event.to_owned(), ..verdict };
            }
            refused = refused.or(Some(verdict));
        }
        refused.unwrap_or_else(|| Verdict::no(format!("it is not started by `{}`", occasion.event)))
    }
}

impl Trigger {
    /// What it says of the changed files.
    fn judges(&self, event: &str, occasion: &Occasion, changes: &Changes) -> Verdict {
        match (event, &occasion.target) {
            // GitHub does not look at paths when a tag is pushed.
            ("push", Target::Tag(name)) => Verdict::yes(format!("the tag `{name}` was pushed")),
            ("push" | "pull_request" | "pull_request_target", _) => self.paths.of_changes(changes),
            _ => Verdict::yes(format!("`{event}` has no filter of paths")),
        }
    }

    /// Why the event, its type, branch or tag does not start the workflow.
    fn refuses(&self, file: &str, event: &str, occasion: &Occasion) -> Option<String> {
        let default = || match event {
            "pull_request" | "pull_request_target" => Some(PULL_TYPES.map(str::to_owned).to_vec()),
            _ => None,
        };
        if let (Some(types), Some(action)) = (self.types.clone().or_else(default), &occasion.action)
            && !types.contains(action)
        {
            return Some(format!("the type `{action}` does not start it"));
        }
        self.is_left_out(file, occasion.only.as_ref()).or_else(|| self.refuses_target(event, &occasion.target))
    }

    /// Why an event that is for some workflows alone is not for this one.
    fn is_left_out(&self, file: &str, only: Option<&Only>) -> Option<String> {
        match only? {
            Only::File(started) => (started != file).then(|| format!("`{started}` was started by hand, no other")),
            Only::Time(time) => (!self.times.contains(time)).then(|| format!("`{time}` is none of its times")),
            Only::Behind(name) => {
                let names = self.workflows.as_ref()?;
                (!names.contains(name)).then(|| format!("it does not follow the workflow `{name}`"))
            }
        }
    }

    fn refuses_target(&self, event: &str, target: &Target) -> Option<String> {
        let has = |filter: &Filter| *filter != Filter::None;
        match target {
            // Where only branches are named, no tag starts it; and the other way around.
            Target::Tag(name) if has(&self.branches) && !has(&self.tags) => {
                Some(format!("it is for branches, and `{name}` is a tag"))
            }
            Target::Branch(name) if event == "push" && has(&self.tags) && !has(&self.branches) => {
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

/// Parses a workflow file; `None` for a file without `on`, which is something else.
pub(crate) fn parse(text: &str) -> Result<Option<Workflow>, Flaw> {
    if text.len() > LONGEST {
        return Err(Flaw::malformed("a workflow has 1 MiB at most", Place::START));
    }
    let root = yaml_document::parse(text)?;
    // A reader of YAML 1.1 makes the truth of `on`; GitHub reads a word.
    let Some(on) = root.get("on") else { return Ok(None) };
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
    Ok(Some(Workflow { triggers }))
}

fn trigger(settings: &Node) -> Result<Trigger, Flaw> {
    Ok(Trigger {
        types: settings.get("types").map(words).transpose()?,
        branches: filter(settings, "branches")?,
        tags: filter(settings, "tags")?,
        paths: filter(settings, "paths")?,
        workflows: settings.get("workflows").map(words).transpose()?,
        times: items(settings).into_iter().filter_map(|item| Some(item.get("cron")?.text()?.to_owned())).collect(),
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
