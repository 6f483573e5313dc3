//! What is waited for.

use serde::Serialize;

/// The stages in their order
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-stages.html>); ECS's model leaves
/// `PRE_PRODUCTION_TRAFFIC_SHIFT` out of the list of values, and its documentation describes it.
pub(crate) const STAGES: [&str; 11] = [
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
];

const NOT_A_STATE: &str = "not `deployed`, `stable`, `paused`, `ready` or `stage:NAME`";

/// What is waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaitUntil {
    /// The deployment is complete.
    #[default]
    Deployed,
    /// It is complete, and only its tasks run, as many as are wanted.
    Stable,
    /// A pause waits for somebody to go on or to go back.
    Paused,
    /// A stage was entered, or a later one.
    Stage(Stage),
    /// A deployment of `CodeDeploy` waits for somebody to move the traffic.
    Ready,
}

/// A lifecycle stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage(usize);

impl Stage {
    /// Parses ECS's word, in any case, with `-` or `_`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_uppercase().replace('-', "_");
        STAGES.iter().position(|stage| *stage == word).map(Self)
    }

    /// ECS's word.
    pub(crate) fn word(self) -> &'static str {
        STAGES[self.0]
    }
}

impl Serialize for Stage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl WaitUntil {
    /// Parses `deployed`, `stable`, `paused`, `ready` or `stage:NAME`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None => match text {
                "deployed" => Ok(Self::Deployed),
                "stable" => Ok(Self::Stable),
                "paused" => Ok(Self::Paused),
                "ready" => Ok(Self::Ready),
                _ => Err(NOT_A_STATE.to_owned()),
            },
            Some(("stage", name)) => Stage::parse(name)
                .map(Self::Stage)
                .ok_or_else(|| format!("not a stage; the stages are {}", STAGES.join(", "))),
            Some(_) => Err(NOT_A_STATE.to_owned()),
        }
    }

    /// Whether only a service deployment tells when it is reached.
    pub(crate) fn needs_service_deployment(&self) -> bool {
        matches!(self, Self::Paused | Self::Stage(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_parsed() {
        assert_eq!(WaitUntil::parse("stable"), Ok(WaitUntil::Stable));
        let stage = |name: &str| WaitUntil::Stage(Stage::parse(name).unwrap());
        assert_eq!(WaitUntil::parse("stage:post-test-traffic-shift"), Ok(stage("POST_TEST_TRAFFIC_SHIFT")));
        for bad in ["", "Deployed", "stage", "stage:", "stage:NEVER", "paused:x"] {
            assert!(WaitUntil::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn stages_are_in_their_order() {
        let words =
            ["PRE_SCALE_UP", "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP"];
        assert!(words.map(Stage::parse).is_sorted());
        assert_eq!(Stage::parse("A_NEWER_STAGE"), None);
    }
}
