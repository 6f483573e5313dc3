//! Tasks on their own.

use super::super::run;
use super::super::scenario::{Act, Official, Scenario};

pub(super) fn all() -> Vec<Scenario> {
    vec![
        task("task-exits-0", "A task on its own ends well.", 0, 0).official(Official::Success),
        task(
            "sidecar-exits-143",
            "The essential container ends well; the sidecar is stopped with it and gives 143.",
            0,
            143,
        ),
        task("task-exits-1", "The essential container of a task on its own ends with exit code 1.", 1, 143)
            .aws("EssentialContainerExited", 35)
            .ours("failed", 1),
        not_started(),
    ]
}

fn task(name: &'static str, what: &'static str, app: i32, side: i32) -> Scenario {
    let mut scenario =
        Scenario::new(name, what).aws("EssentialContainerExited", 35).ours("succeeded", 0).official(Official::Failure);
    scenario.act = Act::RunTask;
    scenario.task = run::exits(app, side);
    scenario
}

fn not_started() -> Scenario {
    let mut scenario = task("task-does-not-start", "The image of a task on its own cannot be pulled.", 0, 0)
        .aws("TaskFailedToStart", 15)
        .ours("failed", 1);
    scenario.task =
        run::does_not_start("CannotPullContainerError: pull access denied for shop, repository does not exist");
    scenario
}
