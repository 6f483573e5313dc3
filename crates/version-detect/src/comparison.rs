//! What changed between the two commits of a run, without a checkout of either: from the clone where it has them, else from
//! GitHub. Nothing is fetched into the clone and the work tree is not touched.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use git_repository::{Entry, Tree, differences};
use github_client::{Depth, GitHub};
use serde::Serialize;
use tokio::sync::OnceCell;

use crate::base::{Base, Wanted};
use crate::error::Error;

/// How many folders all comparisons of a run ask for where the repository is too large to be listed at once.
const MOST_FOLDERS: usize = 300;

/// How often GitHub is asked for a file of another commit, or for what two commits have in common: a workflow's own token has 1,000 requests
/// an hour for all runs of a repository
/// (<https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github_token-in-github-actions>).
pub(crate) const MOST_QUESTIONS: usize = 200;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "changes")]
pub(crate) enum Changes {
    /// These files, by path from the repository's root, in order. A file that was renamed is there under both names.
    Known {
        /// The commit that was compared with.
        base: String,
        /// The files.
        files: Vec<String>,
    },
    /// It is not known, so everything counts as changed.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Changes {
    fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }
}

/// The commits of the repository, from whoever has them.
pub(crate) struct Commits<'a> {
    folder: &'a Path,
    github: Option<&'a GitHub>,
    /// What was said of each commit, also that it cannot be listed: whoever asks again gets the same answer.
    trees: RefCell<HashMap<String, Listed>>,
    /// What pairs of commits have in common, as far as it was asked.
    commons: RefCell<HashMap<(String, String), Result<String, String>>>,
    /// How often GitHub was asked for a file, or for what two commits have in common.
    asked: Cell<usize>,
    /// How many folders may still be asked for.
    folders: Cell<usize>,
    /// The top of the work tree, once somebody asked for it.
    top: OnceCell<Option<PathBuf>>,
    /// The parents of commits, as far as they were asked for.
    parents: RefCell<HashMap<String, Option<Vec<String>>>>,
}

/// Where the commit of a release is, seen from a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// Before the change, or on another line: the change brings the release back.
    Before,
    /// In the change itself, which has the release's commit among its own.
    Within,
    /// Behind the change: a later run has released it, and this one was overtaken.
    Behind,
}

/// The files of a commit, as far as they can be listed.
#[derive(Clone)]
enum Listed {
    /// All of it.
    Whole(Rc<Tree>),
    /// It is too large.
    TooLarge,
    /// There is none.
    Missing,
}

impl<'a> Commits<'a> {
    /// The commits of the clone that `folder` is in, and of GitHub where it can be asked.
    pub(crate) fn new(folder: &'a Path, github: Option<&'a GitHub>) -> Self {
        Self {
            folder,
            github,
            trees: RefCell::default(),
            commons: RefCell::default(),
            asked: Cell::default(),
            folders: Cell::new(MOST_FOLDERS),
            top: OnceCell::new(),
            parents: RefCell::default(),
        }
    }

    /// Whether GitHub was asked as often as it may be for what is only a check.
    pub(crate) fn are_asked_enough(&self) -> bool {
        self.asked.get() >= MOST_QUESTIONS
    }

    fn count(&self) {
        self.asked.set(self.asked.get() + 1);
    }

    /// What changed between the two commits that are wanted. A run without an event has no `head`; then it is what is checked
    /// out.
    pub(crate) async fn changes(&self, wanted: &Wanted) -> Result<Changes, Error> {
        let head = wanted.head.as_deref().unwrap_or("HEAD");
        match &wanted.base {
            Base::LastRelease => return Ok(Changes::unknown("no change started the run")),
            Base::Nothing { why } | Base::Lost { why } => return Ok(Changes::unknown(*why)),
            Base::Commit(_)
            | Base::Named(_)
            | Base::LastSuccess(_)
            | Base::FirstParent
            | Base::ParentOf(_)
            | Base::Common(_) => {}
        }
        // Both are listed at a time, and remembered.
        let (base, listed) = tokio::join!(self.base(&wanted.base, head), self.listed(head));
        listed?;
        match base? {
            Ok(base) => self.between(&base, head).await,
            Err(why) => Ok(Changes::Unknown { why }),
        }
    }

    /// The commit to compare with; the inner error says why there is none.
    pub(crate) async fn base(&self, base: &Base, head: &str) -> Result<Result<String, String>, Error> {
        Ok(match base {
            Base::Commit(sha) | Base::Named(sha) | Base::LastSuccess(sha) if self.has(sha).await? => Ok(sha.clone()),
            Base::Named(sha) if self.github.is_some() => return Err(Error::BaseUnknown { commit: sha.clone() }),
            Base::Named(sha) => Err(format!("the clone lacks commit {sha}, and there is no token to ask GitHub with")),
            Base::LastSuccess(sha) => Err(format!("commit {sha} of the last run that succeeded is gone")),
            Base::Commit(_) | Base::FirstParent => self.first_parent(head).await?,
            Base::ParentOf(commit) => self.first_parent(commit).await?,
            Base::Common(other) => self.common(other, head).await?,
            Base::LastRelease => Err("no change started the run".to_owned()),
            Base::Nothing { why } | Base::Lost { why } => Err((*why).to_owned()),
        })
    }

    /// Where the commit `tagged` of a release is, seen from the change from `base` to `head`. One that has nothing in common with either
    /// is of another line.
    pub(crate) async fn release(&self, tagged: &str, (base, head): (&str, &str)) -> Result<Release, Error> {
        let common = self.common(tagged, head).await?;
        Ok(match common.as_deref() {
            Ok(common) if common == head => Release::Behind,
            Ok(common) if common == tagged && !self.is_one_commit(base, head).await? => {
                let is_before = self.common(tagged, base).await?.as_deref() == Ok(tagged);
                if is_before { Release::Before } else { Release::Within }
            }
            Ok(_) | Err(_) => Release::Before,
        })
    }

    /// Whether `later` follows `commit`, as far as it is known; `None` where GitHub was asked enough to be asked for that.
    pub(crate) async fn is_followed_by(&self, commit: &str, later: &str) -> Result<Option<bool>, Error> {
        let pair = (later.to_owned(), commit.to_owned());
        if commit != later && self.are_asked_enough() && !self.commons.borrow().contains_key(&pair) {
            return Ok(None);
        }
        Ok(Some(commit != later && self.common(later, commit).await?.as_deref() == Ok(commit)))
    }

    /// The top of the work tree, without symbolic links; `None` where there is none.
    pub(crate) async fn top(&self) -> Option<&Path> {
        let ask = || async { git_repository::top(self.folder).await?.canonicalize().ok() };
        self.top.get_or_init(ask).await.as_deref()
    }

    /// Whether a change is known to be one commit and no merge, so that nothing comes in with it.
    async fn is_one_commit(&self, base: &str, head: &str) -> Result<bool, Error> {
        Ok(self.parents(head).await?.is_some_and(|parents| parents == [base]))
    }

    /// What `other`, a branch or a commit, and `head` have in common; the inner error says why there is none. Each pair is asked for once.
    async fn common(&self, other: &str, head: &str) -> Result<Result<String, String>, Error> {
        let pair = (other.to_owned(), head.to_owned());
        if let Some(known) = self.commons.borrow().get(&pair) {
            return Ok(known.clone());
        }
        let common = self.ask_common(other, head).await?;
        self.commons.borrow_mut().insert(pair, common.clone());
        Ok(common)
    }

    async fn ask_common(&self, other: &str, head: &str) -> Result<Result<String, String>, Error> {
        if let Some(common) = git_repository::merge_base(self.folder, other, head).await {
            return Ok(Ok(common));
        }
        let Some(github) = self.github else {
            return Ok(Err(format!("only GitHub knows what it has in common with {other}, and there is no token")));
        };
        self.count();
        let common = github.merge_base(other, head).await?;
        Ok(common.ok_or_else(|| format!("it has nothing in common with {other}")))
    }

    /// The first parent of a commit; the inner error says why there is none.
    async fn first_parent(&self, commit: &str) -> Result<Result<String, String>, Error> {
        Ok(match self.parents(commit).await?.map(|parents| parents.into_iter().next()) {
            Some(Some(parent)) => Ok(parent),
            Some(None) => Err("it is the first commit".to_owned()),
            None => Err(format!("commit {commit} is not known")),
        })
    }

    /// The parents of a commit; `None` where nobody has it.
    async fn parents(&self, commit: &str) -> Result<Option<Vec<String>>, Error> {
        if let Some(known) = self.parents.borrow().get(commit) {
            return Ok(known.clone());
        }
        let parents = match (git_repository::parents(self.folder, commit).await, self.github) {
            (None, Some(github)) => github.git_commit(commit).await?.map(|commit| commit.parents),
            (known, _) => known,
        };
        self.parents.borrow_mut().insert(commit.to_owned(), parents.clone());
        Ok(parents)
    }

    async fn has(&self, commit: &str) -> Result<bool, Error> {
        Ok(!matches!(self.listed(commit).await?, Listed::Missing))
    }

    /// What changed from `base` to `head`.
    pub(crate) async fn between(&self, base: &str, head: &str) -> Result<Changes, Error> {
        let head_tree = match self.listed(head).await? {
            Listed::Whole(tree) => tree,
            Listed::TooLarge | Listed::Missing => {
                return Ok(Changes::unknown(format!("the files of commit {head} cannot be listed")));
            }
        };
        let files = match (self.listed(base).await?, self.github) {
            (Listed::Whole(base), _) => Some(differences(&base, &head_tree)),
            (Listed::TooLarge, Some(github)) => self.descend(github, base, &head_tree).await?,
            (Listed::TooLarge | Listed::Missing, _) => None,
        };
        Ok(match files {
            Some(files) => Changes::Known { base: base.to_owned(), files },
            None => Changes::unknown(format!("the files of commit {base} cannot be listed")),
        })
    }

    /// The tree of a commit; `None` where nobody has it, or it is too large.
    pub(crate) async fn tree(&self, commit: &str) -> Result<Option<Rc<Tree>>, Error> {
        Ok(match self.listed(commit).await? {
            Listed::Whole(tree) => Some(tree),
            Listed::TooLarge | Listed::Missing => None,
        })
    }

    async fn listed(&self, commit: &str) -> Result<Listed, Error> {
        if let Some(known) = self.trees.borrow().get(commit) {
            return Ok(known.clone());
        }
        let listed = self.list(commit).await?;
        self.trees.borrow_mut().insert(commit.to_owned(), listed.clone());
        Ok(listed)
    }

    async fn list(&self, commit: &str) -> Result<Listed, Error> {
        if let Some(tree) = git_repository::tree(self.folder, commit).await {
            return Ok(Listed::Whole(Rc::new(tree)));
        }
        let Some(github) = self.github else { return Ok(Listed::Missing) };
        Ok(match github.tree(commit, Depth::All).await? {
            None => Listed::Missing,
            Some(tree) if tree.truncated => Listed::TooLarge,
            Some(tree) => Listed::Whole(Rc::new(tree.entries.into_iter().map(entry).collect())),
        })
    }

    /// The content of a file by its id; `None` where nobody has it.
    pub(crate) async fn blob(&self, id: &str) -> Result<Option<Vec<u8>>, Error> {
        if let Some(bytes) = git_repository::blob(self.folder, id).await {
            return Ok(Some(bytes));
        }
        match self.github {
            Some(github) => {
                self.count();
                Ok(Some(github.blob(id).await?))
            }
            None => Ok(None),
        }
    }

    /// The files that differ between the commit `base` of GitHub and `head`, by going into those folders alone that differ;
    /// `None` where these are too many for one run.
    async fn descend(&self, github: &GitHub, base: &str, head: &Tree) -> Result<Option<Vec<String>>, Error> {
        let mut changed = Vec::new();
        let mut open = vec![(String::new(), base.to_owned())];
        while let Some((prefix, id)) = open.pop() {
            let Some(left) = self.folders.get().checked_sub(1) else { return Ok(None) };
            self.folders.set(left);
            let Some(folder) = github.tree(&id, Depth::One).await?.filter(|tree| !tree.truncated) else {
                return Ok(None);
            };
            let before: Tree =
                folder.entries.into_iter().map(entry).map(|(name, entry)| (format!("{prefix}{name}"), entry)).collect();
            for (path, entry) in before.iter().filter(|(path, entry)| head.get(*path) != Some(entry)) {
                if entry.is_folder() {
                    open.push((format!("{path}/"), entry.id.clone()));
                } else {
                    changed.push(path.clone());
                }
            }
            changed.extend(added(&before, head, &prefix));
        }
        changed.sort_unstable();
        changed.dedup();
        Ok(Some(changed))
    }
}

fn entry(entry: github_client::TreeEntry) -> (String, Entry) {
    (entry.path, Entry { mode: entry.mode, id: entry.sha })
}

/// The files of `head` directly below `prefix` that `before` lacks or has otherwise, and all below folders that it lacks.
fn added(before: &Tree, head: &Tree, prefix: &str) -> Vec<String> {
    let below = head.range(prefix.to_owned()..).take_while(|(path, _)| path.starts_with(prefix));
    let is_added = |(path, entry): &(&String, &Entry)| {
        let name = path[prefix.len()..].split('/').next().unwrap_or_default();
        let own = before.get(&format!("{prefix}{name}"));
        let is_direct = path.len() == prefix.len() + name.len();
        !entry.is_folder()
            && match own {
                // Somebody else goes into a folder that was there.
                Some(own) if own.is_folder() => is_direct,
                Some(own) => !is_direct || own != *entry,
                None => true,
            }
    };
    below.filter(is_added).map(|(path, _)| path.clone()).collect()
}

#[cfg(test)]
mod tests;
