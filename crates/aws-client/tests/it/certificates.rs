//! A machine that knows no certificate authority, as small container images do.

use testkit::{FakeAws, FakeOidc};

use crate::{ROLE, assert_holds, assumed, connect, identity, variables};

/// Variables without any certificate: an empty folder, and a file that holds `content`.
fn without_certificates(folder: &tempfile::TempDir, content: &str) -> Vec<(String, String)> {
    let (file, empty) = (folder.path().join("roots.pem"), folder.path().join("empty"));
    std::fs::write(&file, content).unwrap();
    std::fs::create_dir_all(&empty).unwrap();
    let (file, empty) = (file.display().to_string(), empty.display().to_string());
    variables(&[("SSL_CERT_FILE", &file), ("SSL_CERT_DIR", &empty), ("AWS_REGION", "eu-west-1")])
}

fn keys() -> Vec<(String, String)> {
    variables(&[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")])
}

#[test]
fn no_authority_is_told_with_its_mend() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (content, why) in [("", "no certificate"), (garbage, "1 certificates cannot be read")] {
        let environment = [without_certificates(&folder, content), keys()].concat();
        let (code, text) = connect(&environment, &[]);
        assert_eq!(code, 2, "{text}");
        assert_holds(&text, &["aws/no-ca-certificates", why, "SSL_CERT_FILE", "ca-certificates"]);
        assert!(!text.contains("panicked") && !text.contains("internal-error"), "{text}");
    }
}

#[test]
fn an_emulator_over_plain_http_needs_no_authority() {
    let (folder, aws, oidc) = (tempfile::tempdir().unwrap(), FakeAws::start().unwrap(), FakeOidc::start().unwrap());
    aws.on("AssumeRoleWithWebIdentity").raw(assumed());
    aws.on("GetCallerIdentity").raw(identity("000000000000"));
    let environment = [without_certificates(&folder, ""), aws.env(), oidc.env()].concat();
    let role = format!("--role-to-assume={ROLE}");
    let (code, text) = connect(&environment, &[&role]);
    assert_eq!(code, 0, "{text}");
    for service in ["STS", "ECR_PUBLIC", "CLOUDFORMATION"] {
        let address = (format!("AWS_ENDPOINT_URL_{service}"), "https://service.example".to_owned());
        let (code, text) = connect(&[environment.clone(), vec![address]].concat(), &[&role]);
        assert_eq!(code, 2, "{text}");
        assert_holds(&text, &["aws/no-ca-certificates"]);
    }
}
