//! Everything that can be known to be wrong before a rehearsal starts. It only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::config::{Breakage, Config, Edit, Event, Run};
use crate::export::Listing;
use crate::options::Options;
use crate::problem::{ChangeProblem, CommandProblem, InfrastructureProblem, Problem, RunProblem, WorkflowProblem};
use crate::tree::Tree;
use crate::uses::{self, Remote};
use crate::version::raised;
use crate::{inputs, reference, triggers, values};

/// Where GitHub looks for workflows.
pub(crate) const WORKFLOWS: &str = ".github/workflows";

/// Everything that is wrong with the configuration, the files it names and the command line.
pub(crate) fn check(config: &Config, options: &Options, tree: &Tree) -> Vec<Problem> {
    let mut problems: Vec<Problem> = names(config).into_iter().map(Problem::from).collect();
    problems.extend(command_line(config, options).into_iter().map(Problem::from));
    problems.extend(workflows(config, options, tree).into_iter().map(Problem::from));
    problems.extend(changes(config, options, tree));
    problems.extend(infrastructure(config, tree).into_iter().map(Problem::from));
    problems
}

/// The names in the configuration.
fn names(config: &Config) -> Vec<RunProblem> {
    let mut problems = Vec::new();
    let named: Vec<&str> = config.repository.split('/').collect();
    if !matches!(named.as_slice(), [owner, name] if !owner.is_empty() && !name.is_empty()) {
        problems.push(RunProblem::BadRepositoryName { repository: config.repository.clone() });
    }
    if let (Some(ids), None) = (&config.oidc.immutable_ids, config.oidc.ids()) {
        problems.push(RunProblem::BadIds { ids: ids.clone() });
    }
    if config.runs.is_empty() {
        problems.push(RunProblem::NoRuns);
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for run in &config.runs {
        *counts.entry(&run.name).or_default() += 1;
    }
    for (name, times) in counts {
        if times > 1 {
            problems.push(RunProblem::DuplicateRun { name: name.to_owned(), times });
        }
        if !is_run_name(name) {
            problems.push(RunProblem::BadRunName { name: name.to_owned() });
        }
    }
    problems
}

/// Whether a name can be that of a folder and a part of a branch's name.
fn is_run_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && !name.contains("..")
        && Path::new(name).extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("lock"))
        && !name.ends_with('.')
}

/// What the flags ask for.
fn command_line(config: &Config, options: &Options) -> Vec<CommandProblem> {
    let known = || config.runs.iter().map(|run| run.name.as_str()).collect::<Vec<_>>().join(", ");
    let flags =
        options.only.iter().map(|name| (name, "--only")).chain(options.breaks.iter().map(|name| (name, "--break")));
    let mut problems: Vec<CommandProblem> = flags
        .filter(|(name, _)| config.run(name).is_none())
        .map(|(name, flag)| CommandProblem::UnknownRun { name: name.clone(), flag, known: known() })
        .collect();
    if let Some(run) = options.breaks.as_ref().and_then(|name| config.run(name)) {
        if run.breakage.is_none() {
            let others: Vec<&str> =
                config.runs.iter().filter(|run| run.breakage.is_some()).map(|run| run.name.as_str()).collect();
            let others = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
            problems.push(CommandProblem::NoBreakage { name: run.name.clone(), others });
        }
        if !options.only.is_empty() && !options.only.contains(&run.name) {
            problems.push(CommandProblem::BreakLeftOut { name: run.name.clone() });
        }
    }
    if let Some(folder) = options.bin_dir.as_ref().filter(|folder| !folder.is_dir()) {
        problems.push(CommandProblem::NoBinaries { folder: folder.display().to_string() });
    }
    problems
}

/// The workflows of the selected runs, and what they use.
fn workflows(config: &Config, options: &Options, tree: &Tree) -> Vec<WorkflowProblem> {
    let (mut problems, mut used, mut seen) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    let mut documents = BTreeMap::new();
    for run in options.runs(config) {
        let file = format!("{WORKFLOWS}/{}", run.workflow);
        if let Err(why) = tree.file(&file) {
            problems.push(WorkflowProblem::NoWorkflow {
                run: run.name.clone(),
                workflow: run.workflow.clone(),
                why,
                known: tree.names_in(WORKFLOWS).join(", "),
            });
            continue;
        }
        if !seen.insert(&run.workflow) {
            continue;
        }
        match uses::documents(&file, &|file| tree.text(file).ok()) {
            Ok(found) => {
                used.extend(uses::remotes_of(&found).into_iter().map(|remote| (remote, run.workflow.as_str())));
                documents.extend(found.into_iter().map(|document| (document.file.clone(), document)));
            }
            Err(error) => problems.push(error.into()),
        }
    }
    problems.extend(reference::problems(&used, config, tree));
    for document in documents.values() {
        problems.extend(inputs::problems(document, config, tree));
        problems.extend(values::problems(document, config));
    }
    used.retain(|remote, _| !remote.is_built_in() || config.uses.contains_key(&remote.action));
    let unmapped: BTreeSet<(&str, &str)> = used
        .iter()
        .filter(|(remote, _)| !config.uses.contains_key(&remote.action))
        .map(|(remote, workflow)| (remote.action.as_str(), *workflow))
        .collect();
    problems.extend(unmapped.into_iter().map(|(action, workflow)| WorkflowProblem::UnmappedAction {
        action: action.to_owned(),
        workflow: workflow.to_owned(),
    }));
    problems.extend(config.uses.iter().flat_map(|(action, folder)| stand_in(action, folder, &used, tree)));
    problems
}

/// What is wrong with a folder of `[uses]`.
fn stand_in(action: &str, folder: &str, used: &BTreeMap<Remote, &str>, tree: &Tree) -> Vec<WorkflowProblem> {
    let path = tree.root().join(folder);
    let listing = Listing::of(&path);
    let Some(listing) = listing.ok().filter(|_| path.is_dir()) else {
        return vec![WorkflowProblem::NoStandIn { action: action.to_owned(), folder: folder.to_owned() }];
    };
    // In the repository itself a new file is in the clone as well.
    let is_new = |file: &str| tree.file(&Path::new(folder).join(file).display().to_string()).is_ok();
    let holds = |file: &str| listing.holds(file) || is_new(file);
    let no_file = |file: String, why: String| WorkflowProblem::NoActionFile {
        action: action.to_owned(),
        folder: folder.to_owned(),
        file,
        why,
    };
    let mut users = used.iter().filter(|(remote, _)| remote.action == action).peekable();
    if users.peek().is_none() {
        let any = listing.holds_an_action() || is_new("action.yml") || is_new("action.yaml");
        let why = "a folder of [uses] stands in for an action".to_owned();
        return if any { Vec::new() } else { vec![no_file("action.yml".to_owned(), why)] };
    }
    users
        .filter(|(remote, _)| !remote.files().iter().any(|file| holds(file)))
        .map(|(remote, workflow)| {
            let below = if remote.path.is_empty() { String::new() } else { format!("/{}", remote.path) };
            let why = format!("`{workflow}` uses `{action}{below}@{}`", remote.reference);
            no_file(remote.files().swap_remove(0), why)
        })
        .collect()
}

/// The changes that the runs make, one after another, as the rehearsal makes them.
fn changes(config: &Config, options: &Options, tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut main = Draft { tree, texts: BTreeMap::new() };
    for run in options.runs(config) {
        let mut draft = main.clone();
        problems.extend(run.bump.iter().filter_map(|manifest| draft.bump(run, manifest)).map(Problem::from));
        problems.extend(run.edits.iter().filter_map(|edit| draft.edit(run, edit)).map(Problem::from));
        problems.extend(idle(run, &draft).map(Problem::from));
        if run.event == Event::Push {
            main = draft.clone();
        }
        problems.extend(run.breakage.iter().flat_map(|breakage| broken(run, breakage, draft.clone())));
    }
    problems
}

/// Whether nothing would run: GitHub starts a workflow only for the events and branches of its `on:`. A workflow that cannot be read is
/// told elsewhere.
fn idle(run: &Run, draft: &Draft<'_>) -> Option<WorkflowProblem> {
    let text = draft.text(&format!("{WORKFLOWS}/{}", run.workflow)).ok()?;
    let why = triggers::obstacle(&yaml_serde::from_str(&text).ok()?, run.event, &run.branch)?;
    let (run, workflow, event, branch) = (run.name.clone(), run.workflow.clone(), run.event, run.branch.clone());
    Some(WorkflowProblem::WouldNotStart { run, workflow, event: event.words(), branch, why })
}

/// What is wrong with how a run is broken.
fn broken(run: &Run, breakage: &Breakage, mut draft: Draft<'_>) -> Vec<Problem> {
    let mut problems: Vec<Problem> =
        breakage.edits.iter().filter_map(|edit| draft.edit(run, edit)).map(Problem::from).collect();
    let owner = format!("run `{}`, [run.break]", run.name);
    let plans = breakage.recorded_plan.iter().filter_map(|file| recorded_plan(owner.clone(), file, draft.tree));
    problems.extend(plans.map(Problem::from));
    if breakage.edits.is_empty() && breakage.deny.is_none() && breakage.recorded_plan.is_none() {
        problems.push(RunProblem::BreaksNothing { name: run.name.clone() }.into());
    }
    problems
}

fn recorded_plan(owner: String, file: &str, tree: &Tree) -> Option<InfrastructureProblem> {
    let why = tree.file(file).err()?;
    Some(InfrastructureProblem::NoRecordedPlan { owner, file: file.to_owned(), why })
}

/// The texts of files after some changes.
#[derive(Clone)]
struct Draft<'a> {
    tree: &'a Tree,
    texts: BTreeMap<String, String>,
}

impl Draft<'_> {
    fn text(&self, file: &str) -> Result<String, String> {
        self.texts.get(file).map_or_else(|| self.tree.text(file), |text| Ok(text.clone()))
    }

    fn bump(&mut self, run: &Run, manifest: &str) -> Option<ChangeProblem> {
        let (run, file) = (run.name.clone(), manifest.to_owned());
        let text = match self.text(manifest) {
            Ok(text) => text,
            Err(why) => return Some(ChangeProblem::NoManifest { run, file, why }),
        };
        let Some(raised) = raised(&file, &text) else { return Some(ChangeProblem::NoVersion { run, file }) };
        self.texts.insert(file, raised.text);
        None
    }

    fn edit(&mut self, run: &Run, edit: &Edit) -> Option<ChangeProblem> {
        let (run, file) = (run.name.clone(), edit.file.clone());
        let text = match self.text(&edit.file) {
            Ok(text) => text,
            Err(why) => return Some(ChangeProblem::NoEditedFile { run, file, why }),
        };
        let times = if edit.find.is_empty() { 0 } else { text.matches(&edit.find).count() };
        if times != 1 {
            return Some(ChangeProblem::EditDoesNotFit { run, file, find: edit.find.clone(), times });
        }
        self.texts.insert(file, text.replace(&edit.find, &edit.replace));
        None
    }
}

/// What the deployment needs.
fn infrastructure(config: &Config, tree: &Tree) -> Vec<InfrastructureProblem> {
    let mut problems = Vec::new();
    if let Some(terraform) = &config.terraform {
        if let Err(why) = tree.folder(&terraform.directory) {
            problems.push(InfrastructureProblem::NoTerraformDirectory { directory: terraform.directory.clone(), why });
        }
        let overlay = terraform.overlay.iter().filter_map(|file| Some((file.clone(), tree.file(file).err()?)));
        problems.extend(overlay.map(|(file, why)| InfrastructureProblem::NoOverlay { file, why }));
        let plan = terraform.recorded_plan.iter();
        problems.extend(plan.filter_map(|file| recorded_plan("[terraform]".to_owned(), file, tree)));
    }
    for service in &config.resources.services {
        let (service, file) = (service.name.clone(), service.task_definition.clone());
        match tree.text(&file).map(|text| is_json_object(&text)) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => problems.push(InfrastructureProblem::BadTaskDefinition { service, file, why }),
            Err(why) => problems.push(InfrastructureProblem::NoTaskDefinition { service, file, why }),
        }
    }
    for (var, file) in &config.resources.trust_policies {
        if !config.resources.roles.contains_key(var) {
            let known = config.resources.roles.keys().cloned().collect::<Vec<_>>().join(", ");
            problems.push(InfrastructureProblem::TrustWithoutRole { var: var.clone(), known });
        }
        if let Err(why) = tree.text(file).and_then(|text| is_json_object(&text)) {
            problems.push(InfrastructureProblem::NoTrustPolicy { var: var.clone(), file: file.clone(), why });
        }
    }
    problems
}

fn is_json_object(text: &str) -> Result<(), String> {
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

#[cfg(test)]
mod tests;
