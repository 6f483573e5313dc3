//! A service whose new revision does not come up: what it is told to do, and how it goes back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::aws::Call;
use testkit::http::{Reply, Request};
use testkit::matrix::{self, Named};

use crate::scene::{self, NEW, OLD, described, service};

const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";

/// How a run comes to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Its tasks stop again and again, and ECS tries on.
    Failure,
    /// The circuit breaker has given up.
    GivenUp,
    /// The tasks do not start in time.
    TimeOut,
    /// The run is cancelled while it looks which service deployment is its own.
    Cancel,
}

pub(crate) const COMING: &str = "while it comes";
pub(crate) const DECIDING: &str = "before it goes back";
pub(crate) const BACK: &str = "while it goes back";

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Before,
    Coming,
    /// It has ended, and a look decides about the way back.
    Deciding,
    Back,
}

/// A deployment, and its service deployment.
struct Own {
    number: u32,
    revision: &'static str,
    status: &'static str,
}

struct State {
    way: Way,
    name: &'static str,
    all: Vec<Own>,
    phase: Phase,
    /// The phase of each call, whatever request of it came first.
    phases: BTreeMap<String, Phase>,
    registered: bool,
    /// How often the running tasks were asked for since the update.
    suspected: u32,
}

/// The service at ECS.
#[derive(Clone)]
pub(crate) struct Service(Arc<Mutex<State>>);

impl Phase {
    const fn words(self) -> &'static str {
        match self {
            Self::Before => "before the update",
            Self::Coming => COMING,
            Self::Deciding => DECIDING,
            Self::Back => BACK,
        }
    }
}

impl Service {
    /// The service `web`, which answers for itself.
    pub(crate) fn new(way: Way, aws: &FakeAws) -> Self {
        let service = Self::named("web", way, 1);
        script(aws, std::slice::from_ref(&service));
        service
    }

    /// A service whose deployments are numbered from `first` on.
    pub(crate) fn named(name: &'static str, way: Way, first: u32) -> Self {
        let all = vec![Own { number: first, revision: OLD, status: "SUCCESSFUL" }];
        let state =
            State { way, name, all, phase: Phase::Before, phases: BTreeMap::new(), registered: false, suspected: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request is about it.
    fn is_meant(&self, body: &Value) -> bool {
        let name = self.lock().name;
        let mut texts =
            [&body["services"][0], &body["service"], &body["serviceName"]].into_iter().filter_map(Value::as_str);
        let arns = ["serviceDeploymentArns", "serviceRevisionArns", "tasks"].map(|list| &body[list][0]);
        let mut arns = arns.into_iter().chain([&body["serviceDeploymentArn"]]).filter_map(Value::as_str);
        texts.next_back() == Some(name) || arns.any(|arn| arn.contains(&format!("/{name}/")))
    }

    /// Names a call, with the phase that it belongs to.
    pub(crate) fn name(&self, request: &Request) -> Option<Named> {
        let named = matrix::aws(request)?;
        Some(named.about(self.phase(request).words()))
    }

    /// A call is retried under one id.
    fn phase(&self, request: &Request) -> Phase {
        let mut state = self.lock();
        let now = state.phase;
        // It is cancelled by this request: whatever comes after it is about the way back.
        if state.way == Way::Cancel && now == Phase::Coming && is_about_revisions(request) {
            state.phase = Phase::Deciding;
        }
        match request.header("amz-sdk-invocation-id") {
            Some(id) => *state.phases.entry(id.to_owned()).or_insert(now),
            None => now,
        }
    }

    /// The ARN of its service deployment of this number.
    pub(crate) fn deployment_arn(&self, number: u32) -> String {
        self.lock().deployment_arn(number)
    }

    /// The next run begins, and what was under way has come to its end.
    pub(crate) fn go_on(&self) {
        let mut state = self.lock();
        state.phase = Phase::Before;
        state.end("ROLLBACK_SUCCESSFUL");
    }

    /// What the service runs, and whether the new revision is registered.
    pub(crate) fn facts(&self) -> [(&'static str, String); 2] {
        let state = self.lock();
        [("runs", state.primary().1.to_owned()), ("registered", state.registered.to_string())]
    }
}

fn is_about_revisions(request: &Request) -> bool {
    request.header("x-amz-target").is_some_and(|target| target.ends_with(".DescribeServiceRevisions"))
}

/// The number of the deployment that a task is of.
fn number(task: &str) -> &str {
    task.rsplit('/').next().and_then(|id| id.split('-').next()).unwrap_or_default()
}

/// Has `aws` answer for services, each for what is asked about it.
pub(crate) fn script(aws: &FakeAws, services: &[Service]) {
    for (operation, answer) in [
        ("DescribeServices", State::describe as fn(&mut State, &Value) -> Reply),
        ("UpdateService", State::update),
        ("ListServiceDeployments", State::list),
        ("DescribeServiceDeployments", State::describe_deployments),
        ("DescribeServiceRevisions", State::revisions),
        ("StopServiceDeployment", State::stop),
        ("ListTasks", State::tasks),
        ("DescribeTasks", State::describe_tasks),
        ("RegisterTaskDefinition", State::register),
        ("DescribeTaskDefinition", |_, _| Reply::json(200, &scene::running())),
    ] {
        let services = services.to_vec();
        aws.on(operation).answer(move |call: &Call| {
            let own = services.iter().find(|own| own.is_meant(&call.body)).unwrap_or(&services[0]);
            own.phase(&call.request);
            answer(&mut own.lock(), &call.body)
        });
    }
}

impl State {
    fn arn(&self, kind: &str, number: u32) -> String {
        format!("{PLACE}:{kind}/prod/{}/{number}", self.name)
    }

    fn deployment_arn(&self, number: u32) -> String {
        self.arn("service-deployment", number)
    }

    fn revision_arn(&self, number: u32) -> String {
        self.arn("service-revision", number)
    }

    fn last(&self) -> &Own {
        &self.all[self.all.len() - 1]
    }

    fn end(&mut self, status: &'static str) {
        if let Some(own) = self.all.last_mut().filter(|own| own.status == "IN_PROGRESS") {
            own.status = status;
        }
    }

    /// The id of the primary deployment, its revision and its rollout state.
    fn primary(&self) -> (String, &'static str, &'static str) {
        let last = self.last();
        match last.status {
            "ROLLBACK_SUCCESSFUL" => (format!("ecs-svc/{}-back", last.number), OLD, "COMPLETED"),
            "SUCCESSFUL" => (format!("ecs-svc/{}", last.number), last.revision, "COMPLETED"),
            "STOPPED" => (format!("ecs-svc/{}", last.number), last.revision, "FAILED"),
            _ => (format!("ecs-svc/{}", last.number), last.revision, "IN_PROGRESS"),
        }
    }

    fn service(&self) -> Value {
        let (id, revision, rollout) = self.primary();
        let mut deployments = vec![scene::deployment(&id, "PRIMARY", revision, rollout)];
        if revision == NEW {
            deployments[0]["failedTasks"] = json!(3);
            deployments[0]["runningCount"] = json!(0);
            let before = format!("ecs-svc/{}", self.all[0].number);
            deployments.push(scene::deployment(&before, "ACTIVE", OLD, "COMPLETED"));
        }
        let mut service = service(&deployments);
        service["serviceName"] = json!(self.name);
        service["serviceArn"] = json!(format!("{PLACE}:service/prod/{}", self.name));
        service["currentServiceDeployment"] = json!(self.deployment_arn(self.last().number));
        service
    }

    fn describe(&mut self, _: &Value) -> Reply {
        Reply::json(200, &described(self.service()))
    }

    fn update(&mut self, body: &Value) -> Reply {
        let revision = if body["taskDefinition"] == NEW { NEW } else { OLD };
        let begins = self.primary().1 != revision;
        if begins {
            self.end("STOPPED");
            let status = match (revision == NEW, self.way) {
                (false, _) => "SUCCESSFUL",
                (true, Way::GivenUp) => "STOPPED",
                (true, Way::Failure | Way::TimeOut | Way::Cancel) => "IN_PROGRESS",
            };
            self.all.push(Own { number: self.last().number + 1, revision, status });
        }
        self.phase = if revision == NEW { Phase::Coming } else { Phase::Back };
        self.suspected = 0;
        Reply::json(200, &json!({"service": self.service()}))
    }

    fn stop(&mut self, body: &Value) -> Reply {
        let arn = self.deployment_arn(self.last().number);
        if body["serviceDeploymentArn"] != arn || self.last().status != "IN_PROGRESS" {
            let words = format!("The service deployment is {}.", self.last().status);
            return Reply::json(400, &json!({"__type": "ConflictException", "message": words}))
                .with_header("x-amzn-errortype", "ConflictException");
        }
        self.end("ROLLBACK_SUCCESSFUL");
        self.phase = Phase::Back;
        Reply::json(200, &json!({"serviceDeploymentArn": arn}))
    }

    fn brief(&self, own: &Own) -> Value {
        json!({
            "serviceDeploymentArn": self.deployment_arn(own.number), "status": own.status,
            "createdAt": 1_700_000_000.25 + f64::from(own.number) * 100.0, "targetServiceRevisionArn": self.revision_arn(own.number)
        })
    }

    fn list(&mut self, body: &Value) -> Reply {
        let after = body["createdAt"]["after"].as_f64().unwrap_or_default();
        let all = self.all.iter().map(|own| self.brief(own)).filter(|brief| brief["createdAt"].as_f64() > Some(after));
        Reply::json(200, &json!({"serviceDeployments": all.collect::<Vec<_>>()}))
    }

    fn describe_deployments(&mut self, body: &Value) -> Reply {
        let asked = body["serviceDeploymentArns"].as_array().cloned().unwrap_or_default();
        let found = self.all.iter().map(|own| {
            let mut brief = self.brief(own);
            let fields =
                brief.as_object_mut().into_iter().filter_map(|fields| fields.remove("targetServiceRevisionArn"));
            drop(fields.collect::<Vec<_>>());
            brief["targetServiceRevision"] = json!({"arn": self.revision_arn(own.number)});
            brief["sourceServiceRevisions"] = json!([{"arn": self.revision_arn(self.all[0].number)}]);
            if own.status == "ROLLBACK_SUCCESSFUL" {
                brief["rollback"] =
                    json!({"reason": "by request", "serviceRevisionArn": self.revision_arn(self.all[0].number)});
            }
            if own.status == "STOPPED" && self.way == Way::GivenUp {
                brief["deploymentCircuitBreaker"] = json!({"status": "TRIGGERED", "failureCount": 3, "threshold": 3});
            }
            brief
        });
        let found: Vec<Value> = found.filter(|own| asked.contains(&own["serviceDeploymentArn"])).collect();
        Reply::json(200, &json!({"serviceDeployments": found, "failures": []}))
    }

    fn revisions(&mut self, body: &Value) -> Reply {
        let asked = body["serviceRevisionArns"].as_array().cloned().unwrap_or_default();
        let found = self
            .all
            .iter()
            .map(|own| json!({"serviceRevisionArn": self.revision_arn(own.number), "taskDefinition": own.revision}));
        let found: Vec<Value> = found.filter(|own| asked.contains(&own["serviceRevisionArn"])).collect();
        // Its end is seen at the first look.
        if self.phase == Phase::Coming && matches!(self.way, Way::GivenUp | Way::TimeOut) {
            self.phase = Phase::Deciding;
        }
        Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    }

    /// Three tasks of each deployment of the new revision stopped, and none runs.
    fn tasks(&mut self, body: &Value) -> Reply {
        if body["desiredStatus"] != "STOPPED" {
            // The first look only raises the suspicion: a sibling of the dead might still come up.
            if self.phase == Phase::Coming && self.way == Way::Failure {
                self.suspected += 1;
                if self.suspected == 2 {
                    self.phase = Phase::Deciding;
                }
            }
            return Reply::json(200, &json!({"taskArns": []}));
        }
        let of = |own: &Own| (1..=3).map(|task| format!("{}-{task}", self.arn("task", own.number))).collect::<Vec<_>>();
        let stopped =
            self.all.iter().filter(|own| own.revision == NEW && matches!(self.way, Way::Failure | Way::GivenUp));
        Reply::json(200, &json!({"taskArns": stopped.flat_map(of).collect::<Vec<_>>()}))
    }

    #[expect(clippy::unused_self, reason = "all operations have one form")]
    fn describe_tasks(&mut self, body: &Value) -> Reply {
        let arns = body["tasks"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let task = |arn: &str| {
            let number = number(arn);
            json!({
                "taskArn": arn, "startedBy": format!("ecs-svc/{number}"), "stopCode": "EssentialContainerExited",
                "lastStatus": "STOPPED", "stoppedReason": "Essential container in task exited",
                "containers": [{"name": "app", "exitCode": 1, "lastStatus": "STOPPED"}]
            })
        };
        Reply::json(200, &json!({"tasks": arns.map(task).collect::<Vec<_>>(), "failures": []}))
    }

    fn register(&mut self, body: &Value) -> Reply {
        self.registered = true;
        let mut definition = body.clone();
        let tags = definition.as_object_mut().and_then(|fields| fields.remove("tags")).unwrap_or_else(|| json!([]));
        definition["taskDefinitionArn"] = json!(NEW);
        definition["revision"] = json!(8);
        Reply::json(200, &json!({"taskDefinition": definition, "tags": tags}))
    }
}
