//! Why an image cannot be pulled, out of ECS's words
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html>).

use super::hints::{Hint, first};

/// The most telling words come first: a refusal by ECR names the repository too.
const HINTS: &[Hint] = &[
    Hint {
        any: &["toomanyrequests", "rate limit", "429 too many requests"],
        says: "the registry's rate limit is used up: pull through ECR (a copy or a pull-through cache), or log in with `repositoryCredentials`",
    },
    Hint {
        any: &[
            "descriptor matching platform",
            "no matching manifest for",
            "exec format error",
            "does not match the specified platform",
        ],
        says: "the image is built for another processor: build it for the task's `runtimePlatform.cpuArchitecture`",
    },
    Hint {
        any: &["no space left on device"],
        says: "the image does not fit on the disk: make it smaller, or give the task more `ephemeralStorage`",
    },
    Hint {
        any: &[
            "i/o timeout",
            "client.timeout exceeded",
            "context deadline exceeded",
            "deadline exceeded",
            "connection issue between the task and the registry",
            "no route to host",
            "connection refused",
            "no such host",
            "network is unreachable",
            "request canceled while waiting for connection",
        ],
        says: "the task has no route to the registry: it needs a public IP or a NAT gateway, or endpoints for ECR (api and dkr) and S3, and a \
               security group that lets HTTPS out",
    },
    Hint {
        any: &[
            "not authorized to perform",
            "accessdenied",
            "403 forbidden",
            "401 unauthorized",
            "no basic auth credentials",
        ],
        says: "the registry refuses the task: give the execution role `ecr:GetAuthorizationToken`, `ecr:BatchGetImage` and \
               `ecr:GetDownloadUrlForLayer`; in another account the repository's policy must allow it too",
    },
    Hint {
        any: &["name unknown", "does not exist in the registry", "repositorynotfound"],
        says: "there is no such repository: check the image's account, region and name",
    },
    Hint {
        any: &["pull access denied", "may require 'docker login'", "insufficient_scope"],
        says: "there is no such repository, or it is private: check the image's name, or give the task `repositoryCredentials`",
    },
    Hint {
        any: &["not found", "manifest unknown", "no such image", "manifest for"],
        says: "there is no such image: check its tag, and that it was pushed before the deployment",
    },
    Hint {
        any: &["invalid reference format"],
        says: "the image's name is not one: check for spaces, capital letters and an empty tag",
    },
];

/// What to do about a pull that failed; `None` when `reason` is about something else.
pub(super) fn explain(reason: &str) -> Option<&'static str> {
    let lower = reason.to_ascii_lowercase();
    let is_pull =
        ["cannotpull", "pull image manifest", "ref pull", "image manifest", "pull registry auth", "registry auth"]
            .iter()
            .any(|words| lower.contains(words));
    is_pull.then(|| first(HINTS, &lower)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reason: &str, part: &str) {
        let said = explain(reason).unwrap_or("nothing");
        assert!(said.contains(part), "{reason}: {said}");
    }

    #[test]
    fn each_cause_of_a_failed_pull_has_its_own_advice() {
        check(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref \
             docker.io/library/shop:2: docker.io/library/shop:2: not found",
            "no such image",
        );
        check(
            "CannotPullContainerError: Error response from daemon: pull access denied for shop, repository does not exist or may \
             require 'docker login': denied: User: arn:aws:sts::1:assumed-role/x/y is not authorized to perform: ecr:BatchGetImage \
             on resource: arn:aws:ecr:eu-west-1:1:repository/shop",
            "execution role",
        );
        check(
            "CannotPullContainerError: ref pull has been retried 5 time(s): failed to resolve reference: name unknown: The repository \
             with name 'shop' does not exist in the registry with id '1'",
            "no such repository:",
        );
        check("CannotPullContainerError: pull access denied for shop, repository does not exist", "or it is private");
        check(
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from Amazon ECR: \
             There is a connection issue between the task and Amazon ECR. RequestError: send request failed caused by: Post \
             \"https://api.ecr.eu-west-1.amazonaws.com/\": dial tcp 1.2.3.4:443: i/o timeout",
            "no route to the registry",
        );
        check(
            "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
            "another processor",
        );
        check(
            "CannotPullContainerError: httpReaderSeeker: failed open: unexpected status code \
             https://registry-1.docker.io/v2/library/nginx/manifests/latest: 429 Too Many Requests - Server message: toomanyrequests",
            "rate limit",
        );
        check("CannotPullContainerError: write /x: no space left on device", "does not fit");
    }

    #[test]
    fn what_is_no_pull_is_not_explained_as_one() {
        assert_eq!(explain("Essential container in task exited: file not found"), None);
        assert_eq!(explain("CannotPullContainerError: something quite new"), None);
        assert_eq!(explain(""), None);
    }
}
