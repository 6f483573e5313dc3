//! Which permission a refused call wants, as a statement to paste.

use crate::error::ApiError;
use crate::policy::Statement;

impl ApiError {
    /// The IAM action that the call needs, or the one the service said was missing (`iam:PassRole` and the like).
    ///
    /// Operations whose IAM action has another name are listed in the service authorization reference
    /// (<https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>).
    pub fn iam_action(&self) -> String {
        self.denied("to perform: ").unwrap_or_else(|| self.own_action())
    }

    fn own_action(&self) -> String {
        let action = match (self.service.as_str(), self.operation.as_str()) {
            ("s3", "ListObjectsV2" | "HeadBucket") => "ListBucket",
            ("s3", "HeadObject") => "GetObject",
            ("s3", "ListObjectVersions") => "ListBucketVersions",
            ("s3", "HeadObjectVersion") => "GetObjectVersion",
            ("s3", "DeleteObjects") => "DeleteObject",
            ("s3", "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload") => "PutObject",
            (_, operation) => operation,
        };
        format!("{}:{action}", self.service)
    }

    /// The word behind `marker` in the service's message.
    fn denied(&self, marker: &str) -> Option<String> {
        let rest = self.message.split_once(marker)?.1;
        let word: String = rest
            .trim_start_matches('"')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || ":/-_*.".contains(*c))
            .collect();
        word.contains(':').then(|| word.trim_end_matches('.').to_owned())
    }

    /// The ARN for the policy statement.
    ///
    /// What the caller knows comes first, as it may stand for more than this one call (`task-definition/shop:*`); the service's message
    /// is text, and names what it was about. Where the two are of different kinds it is the one that the service names that is missing.
    fn policy_resource(&self) -> String {
        // The action has no resources of its own.
        if self.message.contains("on resource: * ") || self.message.ends_with("on resource: *") {
            return "*".to_owned();
        }
        let named = self.denied("on resource: ").filter(|arn| arn.starts_with("arn:"));
        let own = self.resource.clone().filter(|arn| arn.starts_with("arn:"));
        match (own.filter(|_| self.iam_action() == self.own_action()), named) {
            (Some(own), Some(named)) if subject(&own) == subject(&named) => with_account(&own, &named),
            (own, named) => named.or(own).unwrap_or_else(|| "*".to_owned()),
        }
    }

    /// The policy statement that would allow the call, as JSON.
    pub fn policy_statement(&self) -> String {
        let (action, resource) = (self.iam_action(), self.policy_resource());
        if action == "iam:PassRole" && self.service == "ecs" {
            return Statement::pass_roles_to_tasks([resource]).line();
        }
        Statement::new("", [action]).on(resource).line()
    }
}

/// What an ARN is of: its service, and the first word of its resource.
fn subject(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    Some((*parts.get(2)?, parts.get(5)?.split('/').next()?))
}

/// `arn` with the account of `named` where it has none of its own.
fn with_account(arn: &str, named: &str) -> String {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    match (parts.get_mut(4), named.split(':').nth(4)) {
        (Some(own), Some(account)) if *own == "*" => *own = account,
        _ => {}
    }
    parts.join(":")
}
