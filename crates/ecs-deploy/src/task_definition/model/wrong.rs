//! Values that the model does not describe, and which of them ECS refuses for certain.

use serde_json::Value;

use super::{Kind, likeness};
use crate::task_definition::kind;

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is of another type.
    Type {
        /// What it is.
        found: &'static str,
        /// What ECS takes there.
        wanted: &'static str,
        /// Whether ECS is known to refuse it.
        is_refused: bool,
    },
    /// It is a slip for a word that ECS knows.
    Slip {
        /// What is written.
        word: String,
        /// What was probably meant.
        meant: &'static str,
    },
    /// It is none of the words of the model, and may be newer than this program.
    Stranger {
        /// The words of the model.
        known: &'static [&'static str],
    },
}

impl Wrong {
    /// What is wrong with `value`, itself and not what is in it; `None` when nothing is.
    pub(super) fn of(value: &Value, wanted: Kind) -> Option<Self> {
        match (value, wanted) {
            (Value::String(word), Kind::Word(known)) => {
                let is_known = known.contains(&word.as_str());
                let wrong = likeness::meant_word(word, known)
                    .map_or(Self::Stranger { known }, |meant| Self::Slip { word: word.clone(), meant });
                (!is_known).then_some(wrong)
            }
            _ if wanted.fits(value) => None,
            _ => Some(Self::Type { found: kind(value), wanted: wanted.name(), is_refused: is_refused(value, wanted) }),
        }
    }

    /// Whether ECS refuses it.
    pub(crate) fn is_certain(&self) -> bool {
        match self {
            Self::Type { is_refused, .. } => *is_refused,
            Self::Slip { .. } => true,
            Self::Stranger { .. } => false,
        }
    }

    /// `a string, and ECS takes a list there`; `None` where the value may be newer than this program.
    pub(super) fn surely(&self) -> Option<String> {
        match self {
            Self::Type { found, wanted, .. } => Some(format!("{found}, and ECS takes {wanted} there")),
            Self::Slip { word, meant } => Some(format!("`{word}`, which ECS does not know: did you mean `{meant}`?")),
            Self::Stranger { .. } => None,
        }
    }

    /// The same, or that the word is not known.
    pub(crate) fn describe(&self) -> String {
        let strange = |known: &[&str]| format!("another word than those this program knows: {}", known.join(", "));
        match self {
            Self::Stranger { known } => strange(known),
            Self::Type { .. } | Self::Slip { .. } => self.surely().unwrap_or_default(),
        }
    }
}

/// Lists, objects and everything else never stand for each other (`Unrecognized collection type`,
/// <https://github.com/aws-actions/amazon-ecs-deploy-task-definition/issues/610>), nor does a text for a number (`STRING_VALUE cannot be
/// converted to Integer`, <https://github.com/aws-actions/amazon-ecs-deploy-task-definition/issues/587>). Of the rest ECS is the judge.
fn is_refused(value: &Value, wanted: Kind) -> bool {
    let is_nested = value.is_array() || value.is_object();
    let wants_nested = matches!(wanted, Kind::Structure(_) | Kind::Map | Kind::List(_));
    is_nested || wants_nested || value.is_string() && wanted == Kind::Number
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MODES: Kind = Kind::Word(&["bridge", "host", "awsvpc", "none"]);
    const SYSTEMS: Kind = Kind::Word(&["WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2022_CORE", "LINUX"]);

    fn wrong(value: &Value, wanted: Kind) -> Option<(bool, String)> {
        Wrong::of(value, wanted).map(|wrong| (wrong.is_certain(), wrong.describe()))
    }

    #[test]
    fn what_ecs_is_known_to_refuse_is_certain() {
        for (value, wanted) in [
            (json!({"A": "b"}), Kind::List(&Kind::Text)),
            (json!("app"), Kind::List(&Kind::Text)),
            (json!([]), Kind::Map),
            (json!(["256"]), Kind::Text),
            (json!({}), Kind::Boolean),
            (json!("8080"), Kind::Number),
        ] {
            assert!(wrong(&value, wanted).unwrap().0, "{value}");
        }
        for (value, wanted) in [(json!(256), Kind::Text), (json!("yes"), Kind::Boolean), (json!(true), Kind::Text)] {
            assert!(!wrong(&value, wanted).unwrap().0, "{value}");
        }
        assert_eq!(wrong(&json!(1), Kind::Number), None);
    }

    #[test]
    fn a_slip_in_a_word_is_certain_and_a_new_word_is_not() {
        let told = "`awsvcp`, which ECS does not know: did you mean `awsvpc`?".to_owned();
        assert_eq!(wrong(&json!("awsvcp"), MODES), Some((true, told)));
        let told = "another word than those this program knows: bridge, host, awsvpc, none".to_owned();
        // Whether ECS takes other capitals nobody says.
        for new in ["AWSVPC", "overlay", "", "hosts2"] {
            assert_eq!(wrong(&json!(new), MODES), Some((false, told.clone())), "{new}");
        }
        for new in ["WINDOWS_SERVER_2025_CORE", "WINDOWS_SERVER_20H2_CORE", "MACOS"] {
            assert!(!wrong(&json!(new), SYSTEMS).unwrap().0, "{new}");
        }
        assert!(wrong(&json!("WINDOWS_SERVER_2022_COER"), SYSTEMS).unwrap().0);
        assert!(wrong(&json!("WINDOWS-SERVER-2022-CORE"), SYSTEMS).unwrap().0);
        assert_eq!(wrong(&json!("host"), MODES), None);
    }
}
