//! Why a task or its container did not start, apart from its image
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>).

use super::hints::{Hint, first};

const HINTS: &[Hint] = &[
    Hint {
        any: &["exec format error"],
        says: "the program is built for another processor: build the image for the task's `runtimePlatform.cpuArchitecture`",
    },
    Hint {
        any: &["executable file not found", "no such file or directory: unknown"],
        says: "the image does not hold the program that `entryPoint` or `command` names",
    },
    Hint {
        any: &["log group does not exist"],
        says: "create the log group, or set `awslogs-create-group` and allow the execution role `logs:CreateLogGroup`",
    },
    Hint {
        any: &["validate logger args", "create cloudwatch log stream", "failed to initialize logging driver"],
        says: "the log driver does not start: check `logConfiguration`, and that the execution role may use `logs:CreateLogStream` and \
               `logs:PutLogEvents`",
    },
    Hint {
        any: &["did not contain json key"],
        says: "a secret has no such key: check the part of `valueFrom` behind the secret's ARN",
    },
    Hint {
        any: &[
            "invalid ssm parameters",
            "can't find the specified secret",
            "resourcenotfoundexception: secrets manager",
        ],
        says: "a secret is not there: check the ARNs in `secrets`, and their region",
    },
];

/// Secrets are read by the execution role; these words alone say too little.
const SECRETS: &[Hint] = &[
    Hint {
        any: &["accessdenied", "not authorized to perform"],
        says: "the execution role may not read a secret: give it `secretsmanager:GetSecretValue` or `ssm:GetParameters` on it, and \
               `kms:Decrypt` on its key",
    },
    Hint { any: &["resourcenotfound"], says: "a secret is not there: check the ARNs in `secrets`, and their region" },
    Hint {
        any: &["i/o timeout", "deadline exceeded", "request canceled", "no such host", "connection refused"],
        says: "the task has no route to the secrets: it needs a public IP or a NAT gateway, or endpoints for Secrets Manager and SSM",
    },
];

const OTHERS: &[Hint] = &[
    Hint {
        any: &["efs utils", "mount.nfs4", "efs mount"],
        says: "the file system cannot be mounted: check its mount targets, security groups (port 2049) and the task role",
    },
    Hint {
        any: &["network interface provisioning", "networkinterface", "insufficient free addresses"],
        says: "the task gets no network interface: check the subnets' free addresses and the security groups",
    },
    Hint {
        any: &["capacity is unavailable"],
        says: "Fargate has no capacity there now: try again, or allow more subnets or capacity providers",
    },
    Hint { any: &["spot"], says: "the capacity was taken back (Spot): it is no fault of the new revision" },
    Hint { any: &["permission denied"], says: "the program may not be executed: check its file mode and `user`" },
    Hint { any: &["host ec2"], says: "the instance went away: it is no fault of the new revision" },
];

/// What to do about a task that did not start; `None` when `reason` tells nothing known.
pub(super) fn explain(reason: &str) -> Option<&'static str> {
    let lower = reason.to_ascii_lowercase();
    let is_secret = ["pull secrets", "retrieve secret", "secretsmanager", "from ssm", "from asm"];
    let secret = is_secret.iter().any(|words| lower.contains(words));
    first(HINTS, &lower).or_else(|| secret.then(|| first(SECRETS, &lower)).flatten()).or_else(|| first(OTHERS, &lower))
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[track_caller]
    fn check(reason: &str, part: &str) {
        let said = explain(reason).unwrap_or("nothing");
        assert!(said.contains(part), "{reason}: {said}");
    }

    #[test]
    fn each_cause_of_a_failed_start_has_its_own_advice() {
        let resource = "ResourceInitializationError:";
        check(
            &format!(
                "{resource} failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log \
                 stream: ResourceNotFoundException: The specified log group does not exist."
            ),
            "create the log group",
        );
        check(
            &format!(
                "{resource} unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from \
                 asm: service call has been retried 1 time(s): AccessDeniedException: User is not authorized to perform: \
                 secretsmanager:GetSecretValue"
            ),
            "may not read a secret",
        );
        check(
            &format!(
                "{resource} unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key x"
            ),
            "no such key",
        );
        check(
            "CannotStartContainerError: exec: \"/app\": executable file not found in $PATH: unknown",
            "does not hold",
        );
        check("CannotStartContainerError: exec /app: exec format error", "another processor");
        check("Timeout waiting for network interface provisioning to complete.", "network interface");
        assert_eq!(explain("Essential container in task exited"), None);
    }
}
