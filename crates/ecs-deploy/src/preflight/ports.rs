//! Whether what the service sends to its tasks has a container and a port to arrive at. Only the target group's type is asked for.

use aws_client::call;
use serde_json::Value;

use crate::ecs::Ecs;
use crate::preflight::Answer;
use crate::service::{list, owned};
use crate::task_definition::text;

/// What a service is connected to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Wiring {
    pub(super) ends: Vec<End>,
    /// Names of port mappings that Service Connect and VPC Lattice use.
    pub(super) port_names: Vec<String>,
}

/// A container and a port that something sends to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// What sends: `target group web`.
    pub(super) from: String,
    /// The ARN of the target group, when it is one.
    pub(super) target_group: Option<String>,
    pub(super) container: String,
    pub(super) port: Option<i64>,
}

impl Wiring {
    /// Reads one element of `services`.
    pub(crate) fn from_answer(service: &Value) -> Self {
        let balancers = list(service, "loadBalancers").map(End::of_balancer);
        let registries = list(service, "serviceRegistries").map(End::of_registry);
        let primary = list(service, "deployments").find(|deployment| text(deployment, "status") == "PRIMARY");
        let primary = primary.unwrap_or(&Value::Null);
        let connect = &primary["serviceConnectConfiguration"];
        let connected = list(connect, "services").filter(|_| connect["enabled"] != false);
        let names = connected.chain(list(primary, "vpcLatticeConfigurations")).map(|named| owned(named, "portName"));
        Self {
            ends: balancers.chain(registries).filter(|end| !end.container.is_empty()).collect(),
            port_names: names.filter(|name| !name.is_empty()).collect(),
        }
    }

    /// What a deployment of CodeDeploy moves the traffic to: containers and ports, in place of those that the service has now.
    pub(crate) fn of_appspec(ends: impl IntoIterator<Item = (String, Option<i64>)>) -> Self {
        let end = |(container, port)| End { from: "AppSpec".to_owned(), target_group: None, container, port };
        Self { ends: ends.into_iter().map(end).collect(), port_names: Vec::new() }
    }

    /// The target groups' ARNs.
    pub(super) fn target_groups(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().filter_map(|end| end.target_group.as_deref())
    }
}

impl End {
    fn of_balancer(balancer: &Value) -> Self {
        let group = owned(balancer, "targetGroupArn");
        let from = if group.is_empty() {
            format!("load balancer {}", text(balancer, "loadBalancerName"))
        } else {
            format!("target group {}", group_name(&group))
        };
        Self { from, target_group: Some(group).filter(|group| !group.is_empty()), ..Self::of(balancer) }
    }

    fn of_registry(registry: &Value) -> Self {
        let from = format!("service registry {}", crate::names::last(text(registry, "registryArn")));
        Self { from, ..Self::of(registry) }
    }

    fn of(value: &Value) -> Self {
        Self {
            from: String::new(),
            target_group: None,
            container: owned(value, "containerName"),
            port: value["containerPort"].as_i64().filter(|port| *port > 0),
        }
    }
}

/// `arn:...:targetgroup/web/0123` is `web`.
pub(super) fn group_name(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}

/// Whether the task definition has the container and the port.
pub(super) fn arrives(definition: &Value, end: &End) -> Answer {
    let End { container, port, .. } = end;
    let Some(found) = list(definition, "containerDefinitions").find(|own| text(own, "name") == container) else {
        return Answer::Failed(format!(
            "it sends to the container {container}, which the task definition does not have"
        ));
    };
    let Some(port) = port else { return Answer::Passed(format!("the container {container} is there")) };
    if list(found, "portMappings").any(|mapping| opens(mapping, *port)) {
        return Answer::Passed(format!("{container} has the port {port}"));
    }
    Answer::Failed(format!(
        "it sends to the port {port}, which is not among the `portMappings` of the container {container}"
    ))
}

/// Whether a port mapping has the port, itself or in its range.
fn opens(mapping: &Value, port: i64) -> bool {
    let range = text(mapping, "containerPortRange").split_once('-');
    let ends = range.and_then(|(from, to)| Some((from.parse::<i64>().ok()?, to.parse::<i64>().ok()?)));
    mapping["containerPort"].as_i64() == Some(port) || ends.is_some_and(|(from, to)| (from..=to).contains(&port))
}

/// Whether a port mapping has the name.
pub(super) fn is_named(definition: &Value, name: &str) -> Answer {
    let mappings = list(definition, "containerDefinitions").flat_map(|container| list(container, "portMappings"));
    let named = mappings.filter(|mapping| text(mapping, "name") == name).count();
    match named {
        0 => Answer::Failed("the service is connected to it, and no port mapping has this `name`".to_owned()),
        _ => Answer::Passed("a port mapping has this name".to_owned()),
    }
}

/// Whether the target group takes what the tasks are: addresses with the network mode `awsvpc`, else instances
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb.html>).
pub(super) async fn check_group(ecs: &Ecs, arn: &str, definition: &Value) -> Answer {
    let asked = [("TargetGroupArns.member.1", arn)];
    match call::ELASTIC_LOAD_BALANCING.call(ecs.aws(), "DescribeTargetGroups", &asked).await {
        Ok(answer) => match list(&answer, "TargetGroups").next() {
            Some(group) => takes(text(group, "TargetType"), text(definition, "networkMode")),
            None => Answer::because("Elastic Load Balancing tells nothing of it"),
        },
        Err(error) if error.code.as_deref() == Some("TargetGroupNotFound") => {
            Answer::Failed("it is not there any more".to_owned())
        }
        Err(error) => Answer::unknown(&error),
    }
}

fn takes(kind: &str, network_mode: &str) -> Answer {
    let (wanted, word) = if network_mode == "awsvpc" { ("ip", network_mode) } else { ("instance", network_mode) };
    let mode = if word.is_empty() { "bridge" } else { word };
    match kind {
        "ip" | "instance" if kind != wanted => Answer::Failed(format!(
            "its target type is `{kind}`, and tasks with the network mode `{mode}` need `{wanted}`"
        )),
        _ => Answer::Passed(format!("its target type is `{kind}`")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Answer, Wiring, arrives, is_named, takes};

    fn definition() -> Value {
        json!({"containerDefinitions": [
            {"name": "app", "portMappings": [{"containerPort": 8080, "name": "http"}, {"containerPortRange": "9000-9010"}]},
            {"name": "side"}
        ]})
    }

    fn judged(service: &Value) -> Vec<Answer> {
        let wiring = Wiring::from_answer(service);
        let ends = wiring.ends.iter().map(|end| arrives(&definition(), end));
        ends.chain(wiring.port_names.iter().map(|name| is_named(&definition(), name))).collect()
    }

    #[track_caller]
    fn passes(service: &Value) {
        let answers = judged(service);
        assert!(!answers.is_empty() && answers.iter().all(|answer| matches!(answer, Answer::Passed(_))), "{answers:?}");
    }

    #[track_caller]
    fn fails(service: &Value, why: &str) {
        let answers = judged(service);
        let failed = |answer: &Answer| matches!(answer, Answer::Failed(detail) if detail.contains(why));
        assert!(answers.iter().any(failed), "{answers:?}");
    }

    #[test]
    fn what_is_sent_arrives() {
        let group = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0";
        let end = |container: &str, port: i64| json!({"targetGroupArn": group, "containerName": container, "containerPort": port});
        passes(&json!({"loadBalancers": [end("app", 8080)]}));
        passes(&json!({"loadBalancers": [end("app", 9005)]}));
        passes(&json!({"serviceRegistries": [{"registryArn": "arn:x/srv-1", "containerName": "app"}]}));
        fails(&json!({"loadBalancers": [end("app", 80)]}), "the port 80");
        fails(&json!({"loadBalancers": [end("side", 8080)]}), "`portMappings` of the container side");
        fails(&json!({"serviceRegistries": [{"containerName": "web", "containerPort": 1}]}), "the container web");
    }

    #[test]
    fn port_names_are_those_of_the_present_deployment() {
        let connected = |name: &str, enabled: bool| {
            let connect = json!({"enabled": enabled, "services": [{"portName": name}]});
            json!({"deployments": [{"status": "PRIMARY", "serviceConnectConfiguration": connect}]})
        };
        passes(&connected("http", true));
        fails(&connected("grpc", true), "no port mapping");
        assert_eq!(judged(&connected("grpc", false)), []);
        let old = json!({"deployments": [{"status": "ACTIVE", "vpcLatticeConfigurations": [{"portName": "grpc"}]}]});
        assert_eq!(judged(&old), []);
    }

    #[test]
    fn a_target_group_takes_addresses_or_instances() {
        assert!(matches!(takes("ip", "awsvpc"), Answer::Passed(_)));
        assert!(matches!(takes("instance", ""), Answer::Passed(_)));
        assert!(matches!(takes("instance", "awsvpc"), Answer::Failed(_)));
        assert!(matches!(takes("ip", "host"), Answer::Failed(_)));
        assert!(matches!(takes("", "awsvpc"), Answer::Passed(_)));
    }
}
