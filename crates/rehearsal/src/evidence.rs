//! Reading back what a deployment left, with clients that are not ours: the AWS command line, plain HTTP, the stand-in's state.
//!
//! An action's own outputs only say where to look; they are never the evidence.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::checkout::PULL_REQUEST;
use crate::container::{self, Expected};
use crate::stack::{ACCOUNT, Stack};
use crate::workflow::StepResult;

/// How far the file system's clock may be from ours, and the runner's report behind the step's end.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(20);

/// What one process of an action wrote about itself.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The action's name.
    pub(crate) action: String,
    /// The whole document: plan, outcome, outputs, exit code.
    pub(crate) document: Value,
    /// When it was written, at the end of the process.
    written: SystemTime,
}

impl Record {
    /// The output `name`; empty where it was not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.document["outputs"][name].as_str().unwrap_or_default()
    }

    /// Whether `step` may have written it: in its job, while it ran.
    fn is_of(&self, step: &StepResult) -> bool {
        let while_it_ran = step.started..=step.started + step.time + CLOCK_TOLERANCE;
        self.field("/job") == step.job && while_it_ran.contains(&self.written)
    }

    fn list(&self, pointer: &str) -> &[Value] {
        self.document.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The services that a deployment is to.
    fn services(&self) -> Vec<&str> {
        self.list("/plan/services").iter().filter_map(|plan| plan["service"].as_str()).collect()
    }

    /// The tags that were asked for: of the one project of a run, or of each of its components.
    fn tagged(&self) -> Vec<&str> {
        let is_asked = |plan: &&Value| matches!(plan["tagging"]["action"].as_str(), Some("create" | "already-done"));
        let one = std::slice::from_ref(&self.document["plan"]);
        let plans = one.iter().chain(self.list("/plan/components")).filter(is_asked);
        plans.filter_map(|plan| plan["tag"].as_str()).collect()
    }

    fn field(&self, pointer: &str) -> &str {
        self.document.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the action found everything done. A build has nothing to find: the same digest again is what it must give.
    pub(crate) fn is_repetition_of(&self, first: &[Self]) -> bool {
        let same_digest = || {
            first.iter().any(|record| record.action == self.action && record.output("digest") == self.output("digest"))
        };
        // Without `create-tag` nothing is tagged, so a version is new each time.
        let reads_only = self.tagged().is_empty();
        reads_only || self.verdict().contains("already") || (self.action == "build-and-tag" && same_digest())
    }

    /// What the action said of itself, for the table.
    pub(crate) fn verdict(&self) -> &str {
        self.field("/verdict")
    }
}

/// The records in `folder`, in the order they were written.
pub(crate) fn records(folder: &Path) -> Vec<Record> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<(PathBuf, SystemTime)> = entries
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.modified().ok()?)))
        .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    // Each name begins with a number that rises.
    files.sort();
    files
        .into_iter()
        .filter_map(|(path, written)| {
            Some((written, serde_json::from_str::<Value>(&std::fs::read_to_string(path).ok()?).ok()?))
        })
        .map(|(written, document)| Record {
            action: document["action"].as_str().unwrap_or_default().to_owned(),
            document,
            written,
        })
        .collect()
}

/// The record of each step. Jobs of a matrix have one name and run at the same time; a process writes when it ends, so of several
/// steps its own is the one that ended next.
pub(crate) fn of_steps<'r>(records: &'r [Record], steps: &[StepResult]) -> Vec<Option<&'r Record>> {
    let mut found: Vec<Option<&Record>> = vec![None; steps.len()];
    for record in records {
        let behind = |at: &usize| {
            let end = steps[*at].started + steps[*at].time + CLOCK_TOLERANCE;
            end.duration_since(record.written).unwrap_or_default()
        };
        let free = (0..steps.len()).filter(|at| found[*at].is_none() && record.is_of(&steps[*at]));
        if let Some(at) = free.min_by_key(behind) {
            found[at] = Some(record);
        }
    }
    found
}

/// What a foreign client saw; the error says what it expected.
pub(crate) type Finding = Result<String, String>;

/// Looks for what the action says it did. `None` where there is nothing to look for.
pub(crate) fn check(
    record: &Record,
    stack: &Stack,
    clone: &Path,
    repository: &str,
    expected: Expected<'_>,
    folder: &Path,
) -> Option<Finding> {
    match record.action.as_str() {
        "version-detect" => tags(record, stack, clone, repository),
        "ecr-push" => Some(image(record, stack, folder)),
        "ecs-deploy" => Some(services(record, stack, clone, expected)),
        "s3-sync-invalidate" => Some(site(record, stack, clone, folder)),
        "terraform-plan-comment" => Some(comment(stack, repository)),
        _ => None,
    }
}

/// The tags in the stand-in's state are on the commit that is checked out.
fn tags(record: &Record, stack: &Stack, clone: &Path, repository: &str) -> Option<Finding> {
    let names = record.tagged();
    if names.is_empty() {
        return None;
    }
    let head = crate::command::Tool::new("git", clone).args(["rev-parse", "HEAD"]).output().unwrap_or_default();
    let found = names.iter().map(|name| match stack.github.tag(repository, name) {
        Some(sha) if sha == head => Ok(format!("GitHub has tag {name} at {}", short(&sha))),
        Some(sha) => Err(format!("GitHub has tag {name} at {}, not at {}", short(&sha), short(&head))),
        None => Err(format!("GitHub has no tag {name}")),
    });
    Some(found.collect::<Result<Vec<_>, _>>().map(|found| found.join(", ")))
}

/// The registry answers every tag with the digest.
fn image(record: &Record, stack: &Stack, folder: &Path) -> Finding {
    let (repository, digest) = (record.output("repository"), record.output("digest"));
    let tags: Vec<&str> = record.output("tags").lines().collect();
    for tag in &tags {
        let url = format!("{}/v2/{repository}/manifests/{tag}", stack.emulator.endpoint());
        let answer = testkit::http::get(&url).map_err(|error| format!("{url}: {error}"))?;
        if !answer.is_success() {
            return Err(format!("the registry answers {} for {repository}:{tag}", answer.status));
        }
        let found = testkit::registry::digest(&answer.body);
        if found != digest {
            return Err(format!("{repository}:{tag} is {found}, not {digest}"));
        }
        keep(folder, &format!("manifest-{tag}.json"), &answer.to_json());
    }
    Ok(format!("registry has {repository}:{} = {}", tags.join(","), short_digest(digest)))
}

/// Every service runs the task definition; without a service the emulator has it.
fn services(record: &Record, stack: &Stack, clone: &Path, expected: Expected<'_>) -> Finding {
    let services = record.services();
    if services.is_empty() {
        let definition = task_definition(record.output("task-definition-arn"), stack, clone)?;
        return Ok(format!("ECS has {}", revision(&definition)));
    }
    let findings: Result<Vec<String>, String> =
        services.into_iter().map(|name| service(record, name, stack, clone, expected)).collect();
    Ok(findings?.join("; "))
}

/// The service runs the task definition, with the image that was asked for; its container tells its version.
fn service(record: &Record, service: &str, stack: &Stack, clone: &Path, expected: Expected<'_>) -> Finding {
    let wanted = record.output("task-definition-arn");
    let definition = running(record, service, stack, clone)?;
    if definition["taskDefinitionArn"] != wanted {
        return Err(format!("{service} has {}, not {}", revision(&definition), last(wanted)));
    }
    let registry = format!("{ACCOUNT}.dkr.ecr.{}.amazonaws.com", stack.region);
    for image in record.list("/plan/images").iter().filter_map(|image| image["after"].as_str()) {
        let Some(page) = manifest(image, &registry) else { continue };
        let url = format!("{}{page}", stack.emulator.endpoint());
        let answer = testkit::http::get(&url).map_err(|error| format!("{url}: {error}"))?;
        if !answer.is_success() {
            return Err(format!("{service} was given {image}, which the registry does not have: no task could start"));
        }
    }
    let seen = container::seen(stack, &definition, expected)?;
    let verb = if stack.docker.is_some() { "runs" } else { "accepted" };
    let image = definition.pointer("/containerDefinitions/0/image").and_then(Value::as_str).unwrap_or_default();
    let shown = last(image)
        .split_once('@')
        .map_or_else(|| last(image).to_owned(), |(_, digest)| short_digest(digest).to_owned());
    Ok(format!("{service} {verb} {} with image {shown}{seen}", revision(&definition)))
}

/// The page of an image's manifest in `registry`; `None` for an image of another one.
fn manifest(image: &str, registry: &str) -> Option<String> {
    let name = image.strip_prefix(registry)?.strip_prefix('/')?;
    let (name, digest) = name.split_once('@').map_or((name, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = name.split_once(':').unwrap_or((name, "latest"));
    Some(format!("/v2/{repository}/manifests/{}", digest.unwrap_or(tag)))
}

/// The task definition that a service runs, as the emulator describes it.
fn running(record: &Record, service: &str, stack: &Stack, clone: &Path) -> Result<Value, String> {
    let asked = ["ecs", "describe-services", "--cluster", record.field("/plan/cluster"), "--services", service];
    let answer = stack.aws(clone).args(asked).json().map_err(|error| error.to_string())?;
    let arn = answer.pointer("/services/0/taskDefinition").and_then(Value::as_str).unwrap_or_default();
    task_definition(arn, stack, clone)
}

/// A task definition as the emulator describes it.
fn task_definition(arn: &str, stack: &Stack, clone: &Path) -> Result<Value, String> {
    let asked = ["ecs", "describe-task-definition", "--task-definition", arn];
    let answer = stack.aws(clone).args(asked).json().map_err(|error| error.to_string())?;
    Ok(answer["taskDefinition"].clone())
}

/// A task definition's family and revision.
fn revision(definition: &Value) -> &str {
    last(definition["taskDefinitionArn"].as_str().unwrap_or_default())
}

/// What the first service of a deployment that failed runs now, beside what the action says of it. `None` for other actions,
/// and where no container runs.
pub(crate) fn rolled_back(record: &Record, stack: &Stack, clone: &Path, path: &str) -> Option<Finding> {
    let failed = record.action == "ecs-deploy" && stack.docker.is_some();
    let service = *record.services().first().filter(|_| failed)?;
    Some((|| {
        let definition = running(record, service, stack, clone)?;
        let seen = container::seen(stack, &definition, Expected { path, version: None })?;
        Ok(format!("{}: {service} runs {}{seen}", record.verdict(), revision(&definition)))
    })())
}

/// The bucket holds what was uploaded, byte for byte by MD5, and each distribution has the invalidation.
fn site(record: &Record, stack: &Stack, clone: &Path, folder: &Path) -> Finding {
    let bucket = record.field("/plan/bucket");
    let aws = |arguments: &[&str]| stack.aws(clone).args(arguments).json().map_err(|error| error.to_string());
    let listing = aws(&["s3api", "list-objects-v2", "--bucket", bucket])?;
    keep(folder, "bucket-listing.json", &listing);
    let objects = listing["Contents"].as_array().cloned().unwrap_or_default();
    for upload in record.list("/plan/uploads") {
        let object = objects.iter().find(|object| object["Key"] == upload["key"]);
        let etag = object.and_then(|object| object["ETag"].as_str()).unwrap_or_default().trim_matches('"');
        if upload["md5"] != etag {
            return Err(format!("{bucket} does not hold {} as it was uploaded", upload["key"]));
        }
    }
    for invalidation in record.list("/plan/invalidations") {
        let distribution = invalidation["distribution"].as_str().unwrap_or_default();
        let known = aws(&["cloudfront", "list-invalidations", "--distribution-id", distribution])?;
        keep(folder, &format!("invalidations-{distribution}.json"), &known);
        if known.pointer("/InvalidationList/Items/0/Id").is_none() {
            return Err(format!("distribution {distribution} has no invalidation"));
        }
    }
    let version = testkit::http::get(&format!("{}/{bucket}/version.json", stack.emulator.endpoint()))
        .ok()
        .filter(testkit::http::Reply::is_success)
        .and_then(|answer| Some(answer.to_json()["version"].as_str()?.to_owned()));
    let version = version.map(|version| format!(", version.json says {version}")).unwrap_or_default();
    let invalidations = record.list("/plan/invalidations").len();
    Ok(format!("{bucket} has {} objects{version}, CloudFront has {invalidations} invalidation(s)", objects.len()))
}

/// Writes what was read back beside the action's own words. What cannot be written is still in the table.
fn keep(folder: &Path, name: &str, value: &Value) {
    let _ = std::fs::write(folder.join(name), serde_json::to_string_pretty(value).unwrap_or_default());
}

/// The pull request has exactly one comment of ours.
fn comment(stack: &Stack, repository: &str) -> Finding {
    let comments = stack.github.comments(repository, PULL_REQUEST);
    let bodies: Vec<&str> = comments.iter().filter_map(|comment| comment["body"].as_str()).collect();
    match bodies.as_slice() {
        [only] => Ok(format!("pull request #{PULL_REQUEST} has one comment of {} characters", only.chars().count())),
        many => Err(format!("pull request #{PULL_REQUEST} has {} comments", many.len())),
    }
}

fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

fn short_digest(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;
    use testkit::act::Conclusion;

    use super::{Record, manifest};
    use crate::workflow::StepResult;

    #[test]
    fn what_another_job_wrote_at_the_same_moment_is_not_the_steps() {
        let (now, time) = (SystemTime::now(), Duration::from_secs(2));
        let step = |job: &str, started| StepResult {
            job: job.to_owned(),
            name: "deploy".to_owned(),
            conclusion: Conclusion::Success,
            started,
            time,
            errors: Vec::new(),
        };
        let document = json!({ "action": "ecs-deploy", "job": "backend" });
        let record = Record { action: "ecs-deploy".to_owned(), document, written: now + Duration::from_secs(1) };
        assert!(record.is_of(&step("backend", now)));
        assert!(!record.is_of(&step("frontend", now)));
        assert!(!record.is_of(&step("backend", now + time)));
    }

    #[test]
    fn jobs_of_a_matrix_that_run_at_the_same_time_have_their_own_records() {
        let begin = SystemTime::now();
        let at = |millis: u64| begin + Duration::from_millis(millis);
        let step = |started: u64, ended: u64| StepResult {
            job: "build".to_owned(),
            name: "tag".to_owned(),
            conclusion: Conclusion::Success,
            started: at(started),
            time: Duration::from_millis(ended - started),
            errors: Vec::new(),
        };
        let record = |written: u64| Record {
            action: "version-detect".to_owned(),
            document: json!({ "action": "version-detect", "job": "build", "at": written }),
            written: at(written),
        };
        let records = [record(290), record(390), record(480)];
        let of = |steps: &[StepResult]| {
            let found = super::of_steps(&records, steps);
            found.iter().map(|found| found.map(|record| record.document["at"].as_u64().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(of(&[step(0, 500), step(0, 300), step(0, 400)]), [Some(480), Some(290), Some(390)]);
        // A step that is no action, and one that ran before.
        assert_eq!(
            of(&[step(0, 10), step(0, 900), step(280, 500), step(0, 300), step(0, 400)])[2..],
            [Some(480), Some(290), Some(390)]
        );
    }

    #[test]
    fn an_image_is_looked_up_where_ecs_would_pull_it() {
        let registry = "1.dkr.ecr.eu-west-1.amazonaws.com";
        let page = |image: &str| manifest(image, registry);
        let of = |name: &str| page(&format!("{registry}/{name}")).unwrap_or_default();
        assert_eq!(of("shop/api:1.0.0"), "/v2/shop/api/manifests/1.0.0");
        assert_eq!(of("shop"), "/v2/shop/manifests/latest");
        assert_eq!(of("shop@sha256:12"), "/v2/shop/manifests/sha256:12");
        assert_eq!(of("shop:1.0.0@sha256:12"), "/v2/shop/manifests/sha256:12");
        assert_eq!(page("docker.io/library/nginx:1"), None);
        assert_eq!(page("1.dkr.ecr.eu-west-1.amazonaws.com.example/shop:1"), None);
    }
}
