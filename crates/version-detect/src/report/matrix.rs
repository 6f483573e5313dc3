//! The outputs for a job per component, and the summary of all of them.

use actions_core::markdown::{self, Cell};
use actions_core::{Annotation, Outputs, Report};
use serde_json::{Value, json};

use crate::apply::RunOutcome;
use crate::components::Reason;
use crate::plan::{ProjectPlan, RunPlan};

use super::published::{published, unpublished};
use super::{sentence, sentence_plain};

/// The most jobs of a matrix (<https://docs.github.com/en/actions/reference/limits>).
const MOST_JOBS: usize = 256;

/// The most bytes of a job's outputs, of which UTF-16 counts
/// (<https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs>).
const LARGEST_OUTPUT: usize = 1024 * 1024;

/// The most components that the summary lists.
const MOST_ROWS: usize = 300;

/// The outputs that a matrix is made of, whatever the run is about.
pub(super) fn outputs(outputs: Outputs, plan: &RunPlan) -> Outputs {
    let built: Vec<&ProjectPlan> = plan.projects().iter().filter(|project| project.reason.is_some()).collect();
    let entries: Vec<Value> = built.iter().map(|project| entry(project)).collect();
    let names: Vec<&str> = built.iter().map(|project| name(project)).collect();
    let all: Vec<Value> = plan.projects().iter().map(described).collect();
    let one = match plan {
        RunPlan::One(project) => project.component.as_str(),
        RunPlan::All { .. } => "",
    };
    outputs
        .with("commit", plan.commit().unwrap_or_default())
        .with("component", one)
        .with("any-changed", (!built.is_empty()).to_string())
        .with("changed-components", json!(names).to_string())
        .with("matrix", json!({ "include": entries }).to_string())
        .with("components-json", json!(all).to_string())
}

/// The component's name; of a project that is none the folder's, which is `.` for the repository's own.
fn name(project: &ProjectPlan) -> &str {
    if project.component.is_empty() { &project.folder } else { &project.component }
}

fn entry(project: &ProjectPlan) -> Value {
    let plan = &project.plan;
    json!({
        "name": name(project),
        "path": project.folder,
        "version": plan.version,
        "version-normalized": plan.version_normalized.clone().unwrap_or_default(),
        "tag": plan.tag,
        "changed": plan.changed,
        "publish": plan.publish,
        "is-snapshot": plan.is_snapshot,
        "is-release": plan.is_release,
        "previous-version": plan.previous_version.clone().unwrap_or_default(),
        "previous-tag": plan.previous_tag.clone().unwrap_or_default(),
        "image-tags": plan.image_tags.join("\n"),
        "manifest": plan.manifest,
        "ecosystem": plan.ecosystem.name(),
    })
}

/// The same with whether it is built, and why.
fn described(project: &ProjectPlan) -> Value {
    let mut described = entry(project);
    described["built"] = project.reason.is_some().into();
    described["because"] = project.reason.as_ref().map_or_else(String::new, because).into();
    described
}

fn because(reason: &Reason) -> String {
    match reason {
        Reason::Asked => "it is what the run is about".to_owned(),
        Reason::NewVersion => "its version has no tag yet".to_owned(),
        Reason::Tagged { tag } => format!("its tag {tag} was pushed"),
        Reason::Path { file, pattern } => format!("{file} matches {pattern}"),
        Reason::Shared { file, pattern } => format!("{file} matches {pattern}, which all components depend on"),
        Reason::Inherits { file } => format!("its version is read from {file}, too"),
        Reason::Reads { file } => format!("what it is built with is read from {file}, too"),
        Reason::DependsOn { component } => format!("it is built with {component}"),
        Reason::NotKnown { why } => format!("what changed is not known: {why}"),
        Reason::NeedsNotKnown { why } => format!("what it is built with is not known: {why}"),
    }
}

/// What is built and what of it is published, a line for each component.
pub(crate) fn told(plan: &RunPlan) -> Vec<String> {
    let line = |project: &ProjectPlan| {
        let because = because(project.reason.as_ref()?);
        let published = unpublished(&project.plan).map_or_else(
            || "to be published".to_owned(),
            |why| if project.plan.publish.is_none() { why } else { format!("not published: {why}") },
        );
        Some(format!("{} {}: {because}; {published}", name(project), project.plan.version))
    };
    plan.projects().iter().filter_map(line).collect()
}

/// Reports a run about all components.
pub(super) fn report(plan: &RunPlan, outcome: Option<&RunOutcome>) -> Report {
    let components = plan.projects();
    let built: Vec<&ProjectPlan> = components.iter().filter(|project| project.reason.is_some()).collect();
    let created = outcome.map_or(0, RunOutcome::created);
    let mut verdict = format!("{} of {} components are to be built", built.len(), components.len());
    match built.iter().filter(|project| project.plan.publish == Some(true)).count() {
        0 if built.is_empty() => {}
        0 => verdict.push_str(", none to be published"),
        count => verdict.push_str(&format!(", {count} to be published")),
    }
    if created > 0 {
        verdict.push_str(&format!(", {created} tagged"));
    }
    let rows: Vec<Vec<Cell>> = built.iter().take(MOST_ROWS).map(|project| row(project)).collect();
    let mut summary = String::new();
    if !rows.is_empty() {
        summary = markdown::table(&["Component", "Version", "Built because", "Published"], &rows);
    }
    if built.len() > MOST_ROWS {
        summary.push_str(&format!("\n... and {} more\n", built.len() - MOST_ROWS));
    }
    for project in &built {
        if let Some(unseen) = super::unseen(&project.plan.unseen) {
            summary.push_str(&format!("\n{}: {unseen}\n", markdown::code(name(project))));
        }
    }
    let outputs = outputs(empty(created), plan);
    let of_run = of_run(plan, &built, &outputs);
    for warning in &of_run {
        summary.push_str(&format!("\n⚠️ {}\n", sentence(warning)));
    }
    let told = |warning: &String| Annotation::warning(sentence_plain(warning)).title("version-detect");
    let annotations = of_run.iter().map(told).chain(warnings(&built)).collect();
    Report { verdict, outputs, summary, annotations, ..Report::default() }
}

/// What the user should know of the run and its outputs.
fn of_run(plan: &RunPlan, built: &[&ProjectPlan], outputs: &Outputs) -> Vec<String> {
    let mut told = match plan {
        RunPlan::One(_) => Vec::new(),
        RunPlan::All { warnings, .. } => warnings.clone(),
    };
    if built.len() > MOST_JOBS {
        told.push(format!(
            "{} components are to be built, and a matrix has {MOST_JOBS} jobs at most; split changed-components over several",
            built.len()
        ));
    }
    for name in ["matrix", "components-json"] {
        let size = outputs.get(name).map_or(0, |value| value.encode_utf16().count() * 2);
        if size > LARGEST_OUTPUT {
            told.push(format!(
                "the output {name} has {} KiB, and all outputs of a job together have 1,024 at most; pass changed-components on instead",
                size / 1024
            ));
        }
    }
    told
}

fn row(project: &ProjectPlan) -> Vec<Cell> {
    vec![
        Cell::Markdown(markdown::code(name(project))),
        Cell::Markdown(markdown::code(&project.plan.version)),
        Cell::text(project.reason.as_ref().map_or_else(String::new, because)),
        Cell::text(published(&project.plan)),
    ]
}

/// The outputs of one project, which are empty where the run is about several.
fn empty(created: usize) -> Outputs {
    let names = [
        "version",
        "version-normalized",
        "tag",
        "changed",
        "publish",
        "is-snapshot",
        "is-release",
        "previous-version",
        "previous-tag",
        "image-tags",
        "manifest",
        "ecosystem",
    ];
    let none = names.into_iter().fold(Outputs::new(), |outputs, name| outputs.with(name, ""));
    none.with("tag-created", (created > 0).to_string())
}

fn warnings(built: &[&ProjectPlan]) -> Vec<Annotation> {
    let mut warnings: Vec<Annotation> = Vec::new();
    for project in built {
        let named = |warning: &String| {
            let text = format!("{}: {}.", name(project), warning);
            let annotation = Annotation::warning(text).title("version-detect");
            match project.plan.location.line {
                Some(_) => annotation.at(project.plan.location.clone()),
                None => annotation,
            }
        };
        warnings.extend(project.plan.warnings.iter().map(named));
    }
    warnings
}
