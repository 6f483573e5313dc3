//! From what was typed to domain types; every bad field is noted.

use actions_core::InputErrors;

use crate::args::{CodeDeployArgs, DefinitionArgs, EcsDeployArgs};
use crate::commands::rollback::args::{EcsRollbackArgs, Mode};
use crate::inputs::{self, Inputs};

/// The words that make an environment, a cluster or a service one of production.
const PRODUCTION: [&str; 4] = ["production", "prod", "prd", "live"];
/// What confirms.
const CONFIRMED: &str = "ROLLBACK";

/// What was asked for.
#[derive(Debug, Clone)]
pub struct RollbackInputs {
    /// Where, and how it is waited for: a rollback is the deployment of an older revision.
    pub(crate) deploy: Inputs,
    /// Where to.
    pub(crate) to: To,
    /// Whether something is done.
    pub(crate) mode: Mode,
}

/// Where to.
#[derive(Debug, Clone, PartialEq)]
pub enum To {
    /// What ran before the present deployment.
    Previous,
    /// What was deployed successfully before the present revision.
    LastSuccessful,
    /// A revision of the family that the service runs.
    Number(u64),
    /// A revision: `family:revision` or an ARN.
    Revision(String),
    /// What had been deployed successfully by a moment.
    Time {
        /// In seconds since 1970.
        at: f64,
        /// As it was typed.
        typed: String,
    },
}

/// Parses everything that was typed.
pub(super) fn parse(args: &EcsRollbackArgs, dry_run: bool) -> Result<RollbackInputs, InputErrors> {
    let mut bad = InputErrors::new();
    let to = bad.required("to", Some(&args.to), To::parse);
    let deploy = match inputs::parse(&as_deployment(args)) {
        Ok(deploy) => Some(deploy),
        Err(errors) => {
            for error in errors.iter() {
                bad.add(&error.name, error.problem.clone(), error.help.clone());
            }
            None
        }
    };
    let named = args.service.iter().chain(&args.services).any(|name| !name.trim().is_empty());
    if !named {
        bad.add("service", "is missing", Some("name the service to take back".to_owned()));
    }
    confirm(args, deploy.as_ref(), dry_run, &mut bad);
    bad.finish(|| Some(RollbackInputs { deploy: deploy?, to: to?, mode: args.mode }))
}

/// The deployment that a rollback is. Which revision it brings is found out later: the name of one stands for it here.
fn as_deployment(args: &EcsRollbackArgs) -> EcsDeployArgs {
    EcsDeployArgs {
        cluster: args.cluster.clone(),
        service: args.service.clone(),
        services: args.services.clone(),
        definition: DefinitionArgs {
            task_definition_arn: Some("restored:1".to_owned()),
            preflight: args.preflight,
            ..DefinitionArgs::default()
        },
        wait_for_service_stability: true,
        watch: args.watch.clone(),
        codedeploy: CodeDeployArgs { group: args.codedeploy.clone(), ..CodeDeployArgs::default() },
        targets: args.targets.clone(),
        connection: args.connection.clone(),
        ..EcsDeployArgs::default()
    }
}

/// In production a rollback is confirmed; a plan needs no confirmation.
fn confirm(args: &EcsRollbackArgs, deploy: Option<&Inputs>, dry_run: bool, bad: &mut InputErrors) {
    let given = args.confirm.as_deref().filter(|word| !word.is_empty());
    let help = Some(format!("write `confirm: {CONFIRMED}`"));
    if given.is_some_and(|word| word != CONFIRMED) {
        bad.add("confirm", format!("is not `{CONFIRMED}`"), help);
        return;
    }
    let Some(deploy) = deploy.filter(|_| args.mode == Mode::Apply && !dry_run && given.is_none()) else { return };
    if let Some(name) = production(args.environment.as_deref(), deploy) {
        bad.add("confirm", format!("is missing, and {name} is production"), help);
    }
}

/// What tells that it is production: the environment's name, the cluster's or a service's. A wrong one of them takes nothing away.
fn production(environment: Option<&str>, deploy: &Inputs) -> Option<String> {
    let services = deploy.services.iter().map(|service| ("service", service.name()));
    let names = environment.map(|name| ("environment", name)).into_iter().chain([("cluster", deploy.cluster.name())]);
    let is_production = |(_, name): &(&str, &str)| {
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| PRODUCTION.iter().any(|known| word.eq_ignore_ascii_case(known)))
    };
    names.chain(services).find(is_production).map(|(what, name)| format!("the {what} `{name}`"))
}

impl To {
    /// Parses `previous`, `last-successful`, a revision or a moment.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "previous" => return Ok(Self::Previous),
            "last-successful" => return Ok(Self::LastSuccessful),
            _ => {}
        }
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        if is_revision(text) {
            return Ok(Self::Revision(text.to_owned()));
        }
        let moment: jiff::Timestamp = text.parse().map_err(|_| {
            "not `previous`, `last-successful`, a revision (`41`, `shop:41`, an ARN) or a moment with its offset \
             (`2026-05-04T10:00:00Z`)"
                .to_owned()
        })?;
        Ok(Self::Time { at: moment.as_duration().as_secs_f64(), typed: text.to_owned() })
    }
}

/// Whether it is `family:revision`, or an ARN that ends so.
fn is_revision(text: &str) -> bool {
    let name = match text.split_once(":task-definition/") {
        Some((arn, name)) if arn.starts_with("arn:") => name,
        Some(_) => return false,
        None => text,
    };
    let Some((family, number)) = name.split_once(':') else { return false };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=255).contains(&family.len()) && family.chars().all(fits) && number.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::WatchArgs;

    fn typed() -> EcsRollbackArgs {
        EcsRollbackArgs {
            cluster: "staging".into(),
            service: Some("web".into()),
            to: "previous".into(),
            watch: WatchArgs { wait_until: "deployed".into(), fail_fast_after: "3".into(), ..WatchArgs::default() },
            ..EcsRollbackArgs::default()
        }
    }

    fn problems(args: &EcsRollbackArgs) -> String {
        parse(args, false).map_or_else(|bad| bad.to_string(), |_| String::new())
    }

    #[test]
    fn where_to_is_a_word_a_revision_or_a_moment() {
        assert_eq!(To::parse("41"), Ok(To::Number(41)));
        assert_eq!(To::parse("shop:41"), Ok(To::Revision("shop:41".into())));
        let arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:41";
        assert_eq!(To::parse(arn), Ok(To::Revision(arn.into())));
        let moment = |text: &str| match To::parse(text) {
            Ok(To::Time { at, .. }) => at,
            other => panic!("{other:?}"),
        };
        assert!((moment("2026-05-04T10:00:00+02:00") - moment("2026-05-04T08:00:00Z")).abs() < 0.5);
        for bad in [
            "",
            "last",
            "shop",
            "shop:",
            "shop:x",
            "2026-05-04",
            "2026-05-04T10:00:00",
            "a b:1",
            "-1",
            "x:task-definition/s:1",
        ] {
            assert!(To::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn production_is_confirmed_by_a_whole_word_of_a_name() {
        assert_eq!(problems(&typed()), "");
        let of = |environment: &str, cluster: &str, service: &str| {
            let args = EcsRollbackArgs {
                environment: Some(environment.into()),
                cluster: cluster.into(),
                service: Some(service.into()),
                ..typed()
            };
            problems(&args).contains("confirm")
        };
        assert!(of("Production", "staging", "web") && of("eu-prod-1", "staging", "web") && of("", "live_eu", "web"));
        assert!(of("", "main", "web-prd"), "a service tells it too");
        assert!(of("staging", "prod", "web"), "an environment that is named wrongly takes nothing away");
        assert!(!of("", "products", "alive"), "a part of a word is none");
        let confirmed = EcsRollbackArgs { cluster: "prod".into(), confirm: Some("ROLLBACK".into()), ..typed() };
        assert_eq!(problems(&confirmed), "");
        let wrongly = EcsRollbackArgs { confirm: Some("rollback".into()), ..typed() };
        assert!(problems(&wrongly).contains("is not `ROLLBACK`"));
        let planned = EcsRollbackArgs { cluster: "prod".into(), mode: Mode::Plan, ..typed() };
        assert_eq!(problems(&planned), "");
        assert!(
            parse(&EcsRollbackArgs { cluster: "prod".into(), ..typed() }, true).is_ok(),
            "a dry run changes nothing"
        );
    }

    #[test]
    fn a_service_is_needed() {
        let bad = problems(&EcsRollbackArgs { service: None, to: "yesterday".into(), ..typed() });
        assert!(bad.contains("service") && bad.contains("to"), "{bad}");
    }
}
