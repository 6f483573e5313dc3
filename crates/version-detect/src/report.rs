//! What the run tells the world. Pure.

mod matrix;
mod published;

use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, Outputs, Report};

use crate::apply::{Outcome, RunOutcome};
use crate::history::Source;
use crate::plan::{Plan, RunPlan, TagState, Tagging};
use crate::rules::Takes;
use crate::subject::Subject;

pub(crate) use matrix::told;
pub(crate) use published::unpublished;

/// How much of what was not looked at for snapshots is named.
const MOST_UNSEEN: usize = 10;

/// Reports a run, or on a dry run what it would do.
pub(crate) fn report_run(plan: &RunPlan, outcome: Option<&RunOutcome>) -> Report {
    match (plan, outcome) {
        (RunPlan::One(project), Some(RunOutcome::One(done))) => of_project(plan, &project.plan, Some(&done.outcome)),
        (RunPlan::One(project), _) => of_project(plan, &project.plan, None),
        (RunPlan::All { .. }, outcome) => matrix::report(plan, outcome),
    }
}

fn of_project(run: &RunPlan, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let report = report(plan, outcome);
    Report { outputs: matrix::outputs(report.outputs, run), ..report }
}

/// Reports on one project.
fn report(plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let shown = outcome.map_or(plan, |outcome| &outcome.plan);
    let created = outcome.is_some_and(|outcome| outcome.tag_created);
    Report {
        verdict: verdict(shown, created),
        outputs: outputs(shown, created),
        summary: summary(shown, created),
        annotations: annotations(shown),
        ..Report::default()
    }
}

fn outputs(plan: &Plan, created: bool) -> Outputs {
    let known = |value: Option<bool>| value.map_or_else(String::new, |value| value.to_string());
    Outputs::new()
        .with("version", &plan.version)
        .with("version-normalized", plan.version_normalized.clone().unwrap_or_default())
        .with("tag", &plan.tag)
        .with("changed", known(plan.changed))
        .with("publish", known(plan.publish))
        .with("is-snapshot", plan.is_snapshot.to_string())
        .with("is-release", plan.is_release.to_string())
        .with("previous-version", plan.previous_version.clone().unwrap_or_default())
        .with("previous-tag", plan.previous_tag.clone().unwrap_or_default())
        .with("image-tags", plan.image_tags.join("\n"))
        .with("manifest", &plan.manifest)
        .with("ecosystem", plan.ecosystem.name())
        .with("tag-created", created.to_string())
}

fn verdict(plan: &Plan, created: bool) -> String {
    let (version, tag) = (&plan.version, &plan.tag);
    let after = plan.previous_version.as_ref().map_or_else(String::new, |previous| format!(", after {previous}"));
    match (&plan.tagging, &plan.tag_state) {
        (Tagging::Create { commit, .. }, _) if created => format!("tagged commit {} as {tag}", short(commit)),
        (Tagging::Create { commit, .. }, _) => format!("commit {} would be tagged as {tag}", short(commit)),
        (Tagging::AlreadyDone, _) => format!("already done: this commit is tagged as {tag}"),
        (_, TagState::NotTagged | TagState::New) if plan.overtaken => {
            format!("{version} comes too late: a later run has released a higher version")
        }
        (_, TagState::NotTagged) => format!("{version} is a snapshot{after}"),
        (_, TagState::New) => format!("{version} is new{after}"),
        (_, TagState::Here { .. }) => format!("{version} is released already: this commit is tagged as {tag}"),
        (_, TagState::Elsewhere { commit }) => format!("{version} was released before, from commit {}", short(commit)),
        (_, TagState::Unknown { .. }) => format!("{version}; whether it is new is not known"),
    }
}

fn summary(plan: &Plan, created: bool) -> String {
    let line = plan.location.line.map_or_else(String::new, |line| format!(", line {line}"));
    let mut rows = vec![
        row("Version", markdown::code(&plan.version)),
        row("Written in", format!("{}{line}", markdown::code(&plan.location.file))),
        row("Built for", built_for(plan.needs, &plan.subject)),
        row("Git tag", git_tag(plan, created)),
        row("Published", markdown::escape(&published::published(plan))),
    ];
    if let Some(previous) = &plan.previous_version {
        rows.push(row("Version before", markdown::code(previous)));
    }
    if !plan.image_tags.is_empty() {
        let tags: Vec<String> = plan.image_tags.iter().map(|tag| markdown::code(tag)).collect();
        rows.push(row("Image tags", tags.join(" ")));
    }
    let mut summary = markdown::table(&["", ""], &rows);
    for note in plan.warnings.iter().map(|warning| format!("⚠️ {}", sentence(warning))).chain(notes(plan, created))
    {
        summary.push_str(&format!("\n{note}\n"));
    }
    summary
}

fn row(name: &str, value: String) -> Vec<Cell> {
    vec![Cell::text(name), Cell::Markdown(value)]
}

/// The subject, and what it needs.
fn built_for(needs: Option<Takes>, subject: &Subject) -> String {
    match subject {
        Subject::Branch { name } => {
            let needs = match needs {
                Some(Takes::Stable) => ": needs a stable version, as it is",
                Some(Takes::Snapshot) => ": needs a snapshot, as it is",
                Some(Takes::StableOrSnapshot) => ": needs a stable version or a snapshot, as it is",
                Some(Takes::Prerelease) => ": needs a prerelease, as it is",
                Some(Takes::Any) | None => ": any version will do",
            };
            format!("branch {}{needs}", markdown::code(name))
        }
        Subject::Pull { number, head, base, held_to } => {
            let number = number.map_or_else(String::new, |number| format!(" #{number}"));
            let rules = held_to.as_ref().map(|branch| format!(", held to the rules of {}", markdown::code(branch)));
            let (head, base) = (markdown::code(head), markdown::code(base));
            format!("pull request{number} from {head} into {base}{}", rules.unwrap_or_default())
        }
        Subject::Tag { name } => format!("tag {}", markdown::code(name)),
        Subject::Detached => "a commit without a branch".to_owned(),
    }
}

fn git_tag(plan: &Plan, created: bool) -> String {
    let tag = markdown::code(&plan.tag);
    if created {
        return format!("{tag}, created now");
    }
    let asked = match plan.tags_from {
        Some(Source::Git) => " (in this clone)",
        Some(Source::GitHub) | None => "",
    };
    match &plan.tag_state {
        TagState::NotTagged => "none: a snapshot is not tagged".to_owned(),
        TagState::New if plan.tagging == Tagging::AlreadyDone => format!("{tag}, at this commit"),
        TagState::New => format!("{tag}, which does not exist yet{asked}"),
        TagState::Here { .. } => format!("{tag}, at this commit{asked}"),
        TagState::Elsewhere { commit } => format!("{tag}, at commit {}{asked}", markdown::code(short(commit))),
        TagState::Unknown { reason } => format!("{tag}; whether it exists is not known: {}", markdown::escape(reason)),
    }
}

fn notes(plan: &Plan, created: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if let Tagging::Skip { reason } = &plan.tagging {
        notes.push(format!("No tag was created: {}.", markdown::escape(reason)));
    }
    if created {
        notes.push("A tag that a job's own token creates starts no workflow: let the jobs that follow the release run in this one.".to_owned());
    }
    notes.extend(unseen(&plan.unseen));
    if let (Subject::Pull { .. }, TagState::Elsewhere { .. } | TagState::Here { .. }) = (&plan.subject, &plan.tag_state)
    {
        notes.push(format!("Merging this releases nothing, because {} exists.", markdown::code(&plan.tag)));
    }
    notes
}

/// What was not looked at for snapshots, as a sentence; nothing where all was.
fn unseen(unseen: &[String]) -> Option<String> {
    let (shown, rest) = unseen.split_at(unseen.len().min(MOST_UNSEEN));
    let more = if rest.is_empty() { String::new() } else { format!("; and {} more", rest.len()) };
    let shown: Vec<String> = shown.iter().map(|what| markdown::escape(what)).collect();
    (!shown.is_empty()).then(|| format!("Not looked at for snapshots: {}{more}.", shown.join("; ")))
}

fn annotations(plan: &Plan) -> Vec<Annotation> {
    let at = |warning: &String| {
        let annotation = Annotation::warning(sentence_plain(warning)).title("version-detect");
        match plan.location.line {
            Some(_) => annotation.at(plan.location.clone()),
            None => annotation,
        }
    };
    plan.warnings.iter().map(at).collect()
}

/// A warning as running Markdown.
fn sentence(warning: &str) -> String {
    markdown::escape(&sentence_plain(warning))
}

/// A warning as a sentence of its own.
fn sentence_plain(warning: &str) -> String {
    let mut characters = warning.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

/// The beginning of a commit's sha.
fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

#[cfg(test)]
mod tests;
