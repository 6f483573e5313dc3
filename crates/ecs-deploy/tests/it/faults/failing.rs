//! Runs that fail by themselves, and every fault at the calls that only make their errors better: the error is told all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::json;
use testkit::FakeAws;
use testkit::http::Reply;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Left, Named, Scenario, Stage};

use super::common::{PROGRAM, iam, stage};
use crate::emulator::{ecs, required, task_definition};
use crate::scene::{self, described, old, ours, service};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failing {
    /// The cluster has no such service.
    Service,
    /// There is no such cluster.
    Cluster,
    /// The new tasks do not stay up.
    Rollout,
}

struct Place {
    cluster: String,
    stage: Stage,
    /// Whether the service was updated, where answers are scripted.
    touched: Arc<AtomicBool>,
    _aws: Option<FakeAws>,
}

impl Failing {
    /// Against the emulator: a cluster of its own, or none.
    fn emulated(self) -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let cluster = format!("failing-{:05}", NUMBER.fetch_add(1, Ordering::Relaxed));
        if self == Self::Service {
            ecs(required(), "CreateCluster", &json!({"clusterName": cluster}));
        }
        let stage = Stage::aws(&required().endpoint(), required().env()).with(|runner| {
            runner
                .file("td.json", task_definition(&cluster, "shop:0").to_string())
                .input("cluster", &cluster)
                .input("service", "web")
                .input("task-definition", "td.json")
                .input("images", "shop:2")
        });
        Place { cluster, stage, touched: Arc::default(), _aws: None }
    }

    /// A deployment that fails each time, after which the service is as before.
    fn scripted() -> Place {
        let (aws, updated, touched) = (scene::scene([]), Arc::new(AtomicBool::new(false)), Arc::default());
        let (update, register) = (Arc::clone(&updated), Arc::clone(&touched));
        aws.on("UpdateService").answer(move |_| {
            update.store(true, Ordering::SeqCst);
            AtomicBool::store(&register, true, Ordering::SeqCst);
            Reply::json(200, &json!({"service": service(&[ours("IN_PROGRESS"), old("ACTIVE")])}))
        });
        aws.on("DescribeServices").answer(move |_| {
            let failed = updated.swap(false, Ordering::SeqCst);
            let now = if failed { service(&[ours("FAILED"), old("ACTIVE")]) } else { service(&[old("PRIMARY")]) };
            Reply::json(200, &described(now))
        });
        let stage = stage(&aws, scene::runner(&aws));
        Place { cluster: "prod".to_owned(), stage, touched, _aws: Some(aws) }
    }
}

impl Scenario for Failing {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecs-deploy"
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Service => "ecs-deploy-without-service",
            Self::Cluster => "ecs-deploy-without-cluster",
            Self::Rollout => "ecs-deploy-failed",
        }
    }

    fn program(&self) -> &'static str {
        PROGRAM
    }

    fn world(&self, _: usize) -> Place {
        match self {
            Self::Service | Self::Cluster => self.emulated(),
            Self::Rollout => Self::scripted(),
        }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecs:DescribeServices" | "ecs:DescribeTaskDefinition" => Class::Read,
            "ecs:ListServices"
            | "ecs:ListClusters"
            | "ecs:ListTasks"
            | "ecs:DescribeTasks"
            | "ecs:ListServiceDeployments" => Class::Hint,
            "ecs:RegisterTaskDefinition" | "ecs:UpdateService" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn fails(&self) -> Option<Failure> {
        let (code, exit, left) = match self {
            Self::Service => ("ecs-deploy/service-not-found", 2, Left::Untouched),
            Self::Cluster => ("ecs-deploy/cluster-not-found", 2, Left::Untouched),
            Self::Rollout => ("ecs-deploy/failed", 1, Left::Partly),
        };
        Some(Failure { code: code.to_owned(), exit, left })
    }

    /// A deployment that has failed has failed, whoever cancels the search for its reasons.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        let own = self.fails().filter(|_| *self == Self::Rollout && class == Class::Hint && kind.is_cancelled());
        own.unwrap_or(failure)
    }

    /// Before the end is known a cancelled run is a cancelled one, whatever it was asking.
    fn exceptions(&self) -> Vec<Exception> {
        let looks = [(1, Left::Untouched), (2, Left::Partly)].into_iter().filter(|_| *self == Self::Rollout);
        let cancelled = |(nth, left)| Exception {
            operation: "ecs:ListServiceDeployments",
            target: "*",
            nth,
            kinds: &[Kind::Cancelled, Kind::Abandoned],
            expected: Expected::fails("ecs-deploy/cancelled", 130, left),
            reason: "the deployment had not failed yet, so the run ends as a cancelled one",
        };
        looks.map(cancelled).collect()
    }

    fn iam(&self) -> Option<Iam> {
        let courtesies = &["ecs:ListServices", "ecs:ListClusters"];
        if *self != Self::Rollout {
            return Some(Iam { courtesies, ..Iam::emulated() });
        }
        Some(Iam { courtesies, ..iam() })
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        Facts::from([("touched".to_owned(), self.touched.load(Ordering::SeqCst).to_string())])
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.cluster, "CLUSTER")
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["diagnosis-json", "duration-seconds", "services-json"]
    }
}

#[test]
fn every_fault_of_a_hint_leaves_the_error() {
    [Failing::Service, Failing::Cluster, Failing::Rollout].iter().for_each(matrix::every_fault);
}
