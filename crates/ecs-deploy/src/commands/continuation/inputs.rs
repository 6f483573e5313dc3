//! From what was typed to domain types; every bad field is noted.

use actions_core::InputErrors;

use crate::commands::continuation::args::{EcsContinueArgs, HookAction};
use crate::ecs::Connection;
use crate::inputs::{Watch, same_cluster};
use crate::names::{ClusterName, ServiceName};
use crate::rollout::WaitUntil;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct ContinueInputs {
    /// Region, role, accounts, tries.
    pub(crate) connection: Connection,
    /// The cluster.
    pub(crate) cluster: ClusterName,
    /// The service.
    pub(crate) service: ServiceName,
    /// The id of the hook.
    pub(crate) hook: String,
    /// What is done with it.
    pub(crate) action: HookAction,
    /// What is waited for, and how long.
    pub(crate) watch: Watch,
}

/// Parses everything that was typed.
pub(super) fn parse(args: &EcsContinueArgs) -> Result<ContinueInputs, InputErrors> {
    let mut bad = InputErrors::new();
    let cluster = bad.required("cluster", Some(&args.cluster), ClusterName::parse);
    let service = bad.required("service", args.service.as_deref(), ServiceName::parse);
    if let Some(service) = &service {
        same_cluster(cluster.as_ref(), "service", service, &mut bad);
    }
    let hook = bad.required("hook-id", args.hook_id.as_deref(), parse_hook);
    if args.action.is_none() {
        bad.add("action", "is missing", Some("write `action: continue` or `action: rollback`".to_owned()));
    }
    let mut watch = Watch::parse(&args.watch, &mut bad);
    if args.action == Some(HookAction::Rollback) && watch.until != WaitUntil::Deployed {
        let help = "remove `wait-until`: a rollback is waited for until it is complete".to_owned();
        bad.add("wait-until", "says what to wait for on the way forward, and `action` is `rollback`", Some(help));
    }
    if args.action == Some(HookAction::Rollback) {
        // A service that goes back stops our tasks by design.
        watch.fail_fast_after = 0;
    }
    let connection = Connection::parse(&args.connection, &mut bad);
    bad.finish(|| {
        Some(ContinueInputs {
            connection: connection?,
            cluster: cluster?,
            service: service?,
            hook: hook?,
            action: args.action?,
            watch,
        })
    })
}

/// ECS makes the ids; what cannot be one is mostly an output that was empty or misspelled.
fn parse_hook(text: &str) -> Result<String, String> {
    let fits = text.len() <= 256 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_:/.".contains(c));
    if fits { Ok(text.to_owned()) } else { Err("not the id of a hook".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::WatchArgs;

    fn watch(until: &str) -> WatchArgs {
        WatchArgs { wait_until: until.to_owned(), fail_fast_after: "3".to_owned(), ..WatchArgs::default() }
    }

    fn problems(args: &EcsContinueArgs) -> String {
        parse(args).map_or_else(|bad| bad.to_string(), |_| String::new())
    }

    fn typed() -> EcsContinueArgs {
        EcsContinueArgs {
            cluster: "prod".to_owned(),
            service: Some("web".to_owned()),
            hook_id: Some("approve".to_owned()),
            action: Some(HookAction::Rollback),
            watch: watch("deployed"),
            ..EcsContinueArgs::default()
        }
    }

    #[test]
    fn service_hook_and_action_are_needed() {
        assert_eq!(problems(&typed()), "");
        let bad = problems(&EcsContinueArgs { service: None, hook_id: None, action: None, ..typed() });
        for name in ["service", "hook-id", "action"] {
            assert!(bad.contains(name), "{bad}");
        }
        assert!(problems(&EcsContinueArgs { hook_id: Some("$(x)".to_owned()), ..typed() }).contains("hook-id"));
    }

    #[test]
    fn a_rollback_is_waited_for_to_its_end() {
        let bad = problems(&EcsContinueArgs { watch: watch("paused"), ..typed() });
        assert!(bad.contains("wait-until"), "{bad}");
        assert_eq!(parse(&typed()).map_or(9, |inputs| inputs.watch.fail_fast_after), 0);
    }

    #[test]
    fn an_arn_names_the_same_cluster() {
        let service = Some("arn:aws:ecs:eu-west-1:123456789012:service/other/web".to_owned());
        assert!(problems(&EcsContinueArgs { service, ..typed() }).contains("cluster"));
    }
}
