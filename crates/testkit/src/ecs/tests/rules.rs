//! Rules that ECS has for every client.

use super::*;

fn request(token: &str, count: u64) -> Value {
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-0a"]}});
    json!({"cluster": CLUSTER, "taskDefinition": "shop:7", "networkConfiguration": network, "clientToken": token, "count": count})
}

#[test]
fn one_token_is_one_request() {
    let ecs = stepping(named("task-exits-0"), 5);
    let arns = |body: &Value| -> Vec<Value> {
        let answer = ok(&ecs, "RunTask", body);
        answer["tasks"].as_array().into_iter().flatten().map(|task| task["taskArn"].clone()).collect()
    };
    let first = arns(&request("a", 2));
    assert_eq!((first.len(), &arns(&request("a", 2))), (2, &first), "the same tasks once more");
    assert_eq!(refused(&ecs, "RunTask", &request("a", 1)), "ConflictException");
    assert!(!first.contains(&arns(&request("b", 1))[0]), "another token is another task");
}

#[test]
fn nothing_new_is_started_from_a_revision_that_is_inactive() {
    let ecs = stepping(named("healthy"), 5);
    ecs.add_revision(5);
    ecs.deregister(5);
    let update = json!({"cluster": CLUSTER, "service": SERVICE, "taskDefinition": "shop:5"});
    assert_eq!(refused(&ecs, "UpdateService", &update), "ClientException");
    let mut run = request("a", 1);
    run["taskDefinition"] = json!("shop:5");
    assert_eq!(refused(&ecs, "RunTask", &run), "InvalidParameterException");
    ok(&ecs, "DescribeTaskDefinition", &json!({"taskDefinition": "shop:5"}));
}
