//! Links into the AWS console.

/// The service's deployments in the console of its partition and region; `None` for a partition whose console we do not
/// know, or an ARN of another form.
pub(crate) fn deployments(service_arn: &str) -> Option<String> {
    let mut parts = service_arn.splitn(6, ':');
    let (Some("arn"), Some(partition), Some("ecs"), Some(region)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let host = match partition {
        "aws" => format!("{region}.console.aws.amazon.com"),
        "aws-cn" => format!("{region}.console.amazonaws.cn"),
        "aws-us-gov" => "console.amazonaws-us-gov.com".to_owned(),
        _ => return None,
    };
    let (cluster, service) = parts.nth(1)?.strip_prefix("service/")?.split_once('/')?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    ([region, cluster, service].into_iter().all(plain))
        .then(|| format!("https://{host}/ecs/v2/clusters/{cluster}/services/{service}/deployments?region={region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_console() {
        let link = |arn: &str| deployments(arn).unwrap_or_default();
        assert_eq!(
            link("arn:aws:ecs:eu-west-1:1:service/prod/web"),
            "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments?region=eu-west-1"
        );
        assert!(
            link("arn:aws-cn:ecs:cn-north-1:1:service/p/w").starts_with("https://cn-north-1.console.amazonaws.cn/")
        );
        assert!(
            link("arn:aws-us-gov:ecs:us-gov-west-1:1:service/p/w").starts_with("https://console.amazonaws-us-gov.com/")
        );
        for none in [
            "",
            "arn:aws:ecs:eu-west-1:1:service/web",
            "arn:aws-iso:ecs:x:1:service/p/w",
            "arn:aws:ecs:a b:1:service/p/w",
        ] {
            assert_eq!(deployments(none), None, "{none}");
        }
    }
}
