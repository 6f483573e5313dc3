//! The neighbors of a permission: the same action on what stands beside its resource. A least policy allows none of them.

use super::Need;

/// Another region and another account than any test's.
const REGION: &str = "eu-north-9";
const ACCOUNT: &str = "999999999999";

/// Kinds whose last name AWS gives out, so that a policy cannot name it.
const NUMBERED: [&str; 3] = ["task", "service-deployment", "service-revision"];

/// Says which neighbors of what was `needed` the policy that `allows` them is too wide for.
pub(super) fn allowed(needed: &[Need], allows: impl Fn(&Need) -> bool) -> Vec<String> {
    let mut needed: Vec<&Need> = needed.iter().collect();
    needed.sort();
    needed.dedup();
    let beside = |need: &&Need| -> Vec<String> {
        let found = beside(need, &needed).into_iter().filter(|neighbor| allows(neighbor));
        found.map(|neighbor| format!("{} where {need} was needed", shown(&neighbor))).collect()
    };
    needed.iter().flat_map(beside).collect()
}

fn shown(need: &Need) -> String {
    format!("{need} with {:?}", need.context)
}

fn beside(need: &Need, all: &[&Need]) -> Vec<Need> {
    let with_resource = |resource| Need { resource, ..need.clone() };
    let in_context = need.context.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| {
        let mut neighbor = need.clone();
        neighbor.context.insert(key, other(value));
        neighbor
    });
    arns(&need.resource, all).into_iter().map(with_resource).chain(in_context).collect()
}

/// The ARNs beside `arn`; none beside `*`.
fn arns(arn: &str, all: &[&Need]) -> Vec<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = parts[..] else { return Vec::new() };
    let arn = |region: &str, account: &str, resource: &str| {
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    };
    let mut found: Vec<String> =
        resources(service, resource, all).iter().map(|name| arn(region, account, name)).collect();
    if !region.is_empty() {
        found.push(arn(REGION, account, resource));
    }
    if !account.is_empty() {
        found.push(arn(region, ACCOUNT, resource));
    }
    found
}

/// The resources of a service beside `resource`: each with one other name.
fn resources(service: &str, resource: &str, all: &[&Need]) -> Vec<String> {
    let names: Vec<&str> = resource.split('/').collect();
    let ours = match (service, names[0]) {
        // The bucket, and the prefix of everything that was asked for in it: the rest of a key is the file's own.
        ("s3", bucket) => 0..names.len().min(1 + prefix(bucket, all)),
        // A nested stack's name begins as its parent's does, and AWS gives out the rest.
        ("cloudformation", "stack") => return vec![resource.replacen("stack/", "stack/x-", 1)],
        ("logs", _) => return vec![resource.replace(":log-stream:", "-x:log-stream:")],
        (_, kind) if NUMBERED.contains(&kind) => 1..names.len() - 1,
        _ => 1..names.len(),
    };
    let beside = |at: usize| {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names[at] = other(&names[at]);
        names.join("/")
    };
    ours.map(beside).collect()
}

/// How many folders all keys of `bucket` that were asked for begin with.
fn prefix(bucket: &str, all: &[&Need]) -> usize {
    let start = format!("arn:aws:s3:::{bucket}/");
    let folders = |need: &&Need| {
        let key = need.resource.strip_prefix(&start)?;
        Some(key.rsplit_once('/').map_or(Vec::new(), |(folders, _)| folders.split('/').map(str::to_owned).collect()))
    };
    let common = |one: Vec<String>, other: Vec<String>| {
        one.into_iter().zip(other).take_while(|(one, other)| one == other).map(|(name, _)| name).collect()
    };
    all.iter().filter_map(folders).reduce(common).map_or(0, |folders| folders.len())
}

/// Another name, which begins as `name` does; the revision of a family and the slash of a prefix stay.
fn other(name: &str) -> String {
    match name.split_once(':') {
        Some((family, revision)) if !name.starts_with("arn:") => format!("{family}-x:{revision}"),
        _ => name.strip_suffix('/').map_or_else(|| format!("{name}-x"), |folder| format!("{folder}-x/")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::{Need, allowed};

    /// Each need, the least resource for it, and resources that are too wide.
    const CASES: [(&str, &str, &str, &[&str]); 8] = [
        (
            "s3:PutObject",
            "arn:aws:s3:::b/site/a",
            "arn:aws:s3:::b/site/*",
            &["arn:aws:s3:::b/*", "arn:aws:s3:::b*", "*"],
        ),
        ("s3:ListBucket", "arn:aws:s3:::b", "arn:aws:s3:::b", &["arn:aws:s3:::*", "arn:aws:s3:::b*"]),
        (
            "ecs:UpdateService",
            "arn:aws:ecs:r:1:service/c/web",
            "arn:aws:ecs:r:1:service/c/web",
            &["arn:aws:ecs:r:1:service/c/*", "arn:aws:ecs:r:1:service/*/web", "arn:aws:ecs:*:1:service/c/web"],
        ),
        (
            "ecs:DescribeTasks",
            "arn:aws:ecs:r:1:task/c/0a",
            "arn:aws:ecs:r:1:task/c/*",
            &["arn:aws:ecs:r:1:task/*", "arn:aws:ecs:r:1:task/c*", "arn:aws:ecs:r:*:task/c/*"],
        ),
        (
            "ecs:RegisterTaskDefinition",
            "arn:aws:ecs:r:1:task-definition/shop:1",
            "arn:aws:ecs:r:1:task-definition/shop:*",
            &["arn:aws:ecs:r:1:task-definition/*:*", "arn:aws:ecs:r:1:task-definition/shop*"],
        ),
        (
            "ecr:PutImage",
            "arn:aws:ecr:r:1:repository/a/b",
            "arn:aws:ecr:r:1:repository/a/b",
            &["arn:aws:ecr:r:1:repository/a/*"],
        ),
        (
            "iam:PassRole",
            "arn:aws:iam::1:role/x",
            "arn:aws:iam::1:role/x",
            &["arn:aws:iam::1:role/*", "arn:aws:iam::*:role/x"],
        ),
        (
            "logs:GetLogEvents",
            "arn:aws:logs:r:1:log-group:/ecs/a:log-stream:w/w/0",
            "arn:aws:logs:r:1:log-group:/ecs/a:log-stream:w/w/*",
            &["arn:aws:logs:r:1:log-group:/ecs/*:log-stream:*"],
        ),
    ];

    fn policy(action: &str, resource: &str, conditions: &serde_json::Value) -> Policy {
        let statement =
            serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": conditions});
        Policy::parse(&serde_json::json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    #[test]
    fn what_is_as_wide_as_its_neighbors_is_found() {
        for (action, resource, least, wide) in CASES {
            let need = Need::new(action, resource);
            let found = |resource: &str| {
                let policy = policy(action, resource, &serde_json::json!({}));
                assert!(policy.allows(&need), "{resource}");
                allowed(std::slice::from_ref(&need), |need| policy.allows(need))
            };
            assert_eq!(found(least), Vec::<String>::new());
            for resource in wide {
                assert!(!found(resource).is_empty(), "{resource}");
            }
        }
    }

    #[test]
    fn keys_without_a_common_folder_have_no_prefix() {
        let needs = ["index.html", "a/app.js"].map(|key| Need::new("s3:PutObject", format!("arn:aws:s3:::b/{key}")));
        let policy = policy("s3:PutObject", "arn:aws:s3:::b/*", &serde_json::json!({}));
        assert_eq!(allowed(&needs, |need| policy.allows(need)), Vec::<String>::new());
    }

    #[test]
    fn a_bucket_has_no_prefix_of_its_own() {
        let needs = [
            Need::new("s3:ListBucket", "arn:aws:s3:::b").with("s3:prefix", "site/"),
            Need::new("s3:PutObject", "arn:aws:s3:::b/site/a"),
        ];
        let found = allowed(&needs, |_| true);
        assert_eq!(found.len(), 4, "{found:#?}");
    }

    #[test]
    fn a_condition_that_is_missing_is_found() {
        let need = Need::new("s3:ListBucket", "arn:aws:s3:::b").with("s3:prefix", "site/");
        let found = |conditions| {
            let policy = policy("s3:ListBucket", "arn:aws:s3:::b", &conditions);
            allowed(std::slice::from_ref(&need), |need| policy.allows(need)).len()
        };
        assert_eq!(found(serde_json::json!({"StringEquals": {"s3:prefix": "site/"}})), 0);
        assert_eq!(found(serde_json::json!({})), 1);
    }
}
