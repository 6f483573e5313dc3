//! What happens, as data.

/// A story of one deployment.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a turn of its own that a story may take")]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub what: &'static str,
    /// The inputs beside the usual ones.
    pub inputs: Vec<(&'static str, &'static str)>,
    /// What was deployed before the story: revisions, how many hours ago, and how that ended.
    pub past: Vec<(u64, u64, &'static str)>,
    /// What becomes of the deployment that is made.
    pub rollout: Vec<Moment>,
    /// What becomes of it once somebody says that the traffic moves.
    pub continued: Vec<Moment>,
    /// What becomes of somebody else's deployment that is under way at the start; none when it is empty.
    pub theirs: Vec<Moment>,
    /// Whether somebody makes a deployment after ours was stopped.
    pub is_superseded: bool,
    /// Whether the deployment that undoes ours fails.
    pub rollback_fails: bool,
    /// Whether the group moves the traffic by itself.
    pub continues: bool,
    /// How often `CreateDeployment` is throttled.
    pub throttled: u32,
    /// A word, and the one that no model has and that is told in its place.
    pub unknown: Option<(&'static str, &'static str)>,
    /// Whether the answer of the first `CreateDeployment` is lost.
    pub loses_answer: bool,
    /// The verdict that ours must give, and its exit code.
    pub ours: (&'static str, i32),
}

/// A deployment from a second of its own on.
#[derive(Debug, Clone)]
pub struct Moment {
    /// The second.
    pub at: u64,
    /// `CodeDeploy`'s word.
    pub status: &'static str,
    /// The code and the words of the error.
    pub error: Option<(&'static str, &'static str)>,
    /// Whether `CodeDeploy` makes a deployment that undoes it.
    pub rolls_back: bool,
    /// The lifecycle: names, statuses, and a failed hook's words.
    pub events: Vec<(&'static str, &'static str, &'static str)>,
    /// The per cent of the traffic that the new task set gets.
    pub weight: f64,
}

impl Moment {
    /// The deployment at a second.
    pub fn at(at: u64, status: &'static str) -> Self {
        Self { at, status, error: None, rolls_back: false, events: Vec::new(), weight: 0.0 }
    }

    /// The same with an error.
    #[must_use]
    pub fn error(mut self, code: &'static str, words: &'static str) -> Self {
        self.error = Some((code, words));
        self
    }

    /// The same, and `CodeDeploy` goes back.
    #[must_use]
    pub fn rolls_back(mut self) -> Self {
        self.rolls_back = true;
        self
    }

    /// The same with a lifecycle event.
    #[must_use]
    pub fn event(mut self, name: &'static str, status: &'static str, words: &'static str) -> Self {
        self.events.push((name, status, words));
        self
    }

    /// The same with a part of the traffic.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }
}

/// Everything goes well.
fn good() -> Vec<Moment> {
    vec![
        Moment::at(0, "Created"),
        Moment::at(5, "InProgress").event("Install", "InProgress", ""),
        Moment::at(25, "InProgress").event("Install", "Succeeded", "").event("AllowTraffic", "InProgress", ""),
        Moment::at(35, "InProgress")
            .event("Install", "Succeeded", "")
            .event("AllowTraffic", "Succeeded", "")
            .weight(100.0),
        Moment::at(45, "Succeeded")
            .event("Install", "Succeeded", "")
            .event("AllowTraffic", "Succeeded", "")
            .weight(100.0),
    ]
}

/// All scenarios.
pub fn all() -> Vec<Scenario> {
    let base = |name, what| Scenario {
        name,
        what,
        inputs: Vec::new(),
        past: vec![(6, 72, "Succeeded"), (5, 60, "Failed"), (7, 48, "Succeeded")],
        rollout: good(),
        continued: Vec::new(),
        theirs: Vec::new(),
        is_superseded: false,
        rollback_fails: false,
        continues: false,
        throttled: 0,
        unknown: None,
        loses_answer: false,
        ours: ("deployed", 0),
    };
    let begin = || vec![Moment::at(0, "Created"), Moment::at(5, "InProgress").event("Install", "InProgress", "")];
    let then = |last: Moment| begin().into_iter().chain([last]).collect::<Vec<_>>();
    let hook = || {
        Moment::at(30, "Failed")
            .error("HOOK_EXECUTION_FAILURE", "One of the lifecycle event validation functions failed.")
            .event("Install", "Succeeded", "")
            .event("AfterAllowTestTraffic", "Failed", "the smoke test got 503")
    };
    let alarm = Moment::at(30, "Stopped").error("ALARM_ACTIVE", "One or more alarms have been activated: shop-5xx.");
    let stop = || Moment::at(20, "Stopped").error("MANUAL_STOP", "The deployment was stopped by a user.");
    vec![
        base("succeeds", "The traffic moves at once, and the deployment is complete after 45 s."),
        Scenario {
            inputs: vec![("wait-until", "ready")],
            rollout: then(Moment::at(20, "Ready").event("Install", "Succeeded", "")),
            continued: vec![Moment::at(10, "InProgress").weight(100.0), Moment::at(20, "Succeeded").weight(100.0)],
            ours: ("paused", 0),
            ..base(
                "ready-and-waits",
                "The group waits for somebody's word, and `wait-until: ready`: there is something to test.",
            )
        },
        Scenario {
            rollout: then(hook().rolls_back()),
            ours: ("rolled-back", 3),
            ..base("hook-fails", "A function that tests the new tasks says no, and CodeDeploy goes back.")
        },
        Scenario {
            rollout: then(hook().rolls_back()),
            rollback_fails: true,
            ours: ("failed", 1),
            ..base("rollback-fails", "The same, and the deployment that undoes it fails too.")
        },
        Scenario {
            rollout: then(hook()),
            ours: ("failed", 1),
            ..base("fails-without-rollback", "The function says no, and the group does not go back.")
        },
        Scenario {
            rollout: then(alarm.rolls_back()),
            ours: ("rolled-back", 3),
            ..base("alarm", "An alarm of the group goes off, and CodeDeploy goes back.")
        },
        Scenario {
            rollout: then(stop()),
            ours: ("failed", 1),
            ..base("stopped", "Somebody stops the deployment, without going back.")
        },
        Scenario {
            rollout: then(stop()),
            is_superseded: true,
            ours: ("superseded", 1),
            ..base("superseded", "Somebody stops the deployment and makes another one.")
        },
        Scenario {
            theirs: good(),
            inputs: vec![("on-conflict", "wait")],
            ..base("another-under-way", "Somebody's deployment is under way, and ours waits for its end.")
        },
        Scenario {
            rollout: then(Moment::at(20, "Baking")),
            unknown: Some(("Baking", "Pondering")),
            ours: ("timed-out", 4),
            ..base("unknown-status", "The deployment stays in a state whose word is newer than any model.")
        },
        Scenario { rollout: begin(), ours: ("timed-out", 4), ..base("never-ends", "The deployment never ends.") },
        Scenario { throttled: 2, ..base("throttled", "CreateDeployment is throttled twice.") },
        Scenario { loses_answer: true, ..base("lost-answer", "The answer of CreateDeployment is lost.") },
    ]
}

/// The scenario of this name.
///
/// # Panics
///
/// When there is none.
#[expect(clippy::expect_used, reason = "test-facing: a test that misspells a name has nothing to test")]
pub fn named(name: &str) -> Scenario {
    all().into_iter().find(|scenario| scenario.name == name).expect("a scenario of this name")
}
