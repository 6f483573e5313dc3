//! Every fault at every call of the way from a job's token to an account.

use testkit::http::Request;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Kind, Left, Named, Scenario, Service, Stage};
use testkit::{FakeAws, FakeOidc, FakeRunner};

use crate::{ROLE, assumed, identity};

/// The job's token becomes a role's credentials, and the account is asked for.
struct Credentials;

struct Place {
    _oidc: FakeOidc,
    _aws: FakeAws,
    stage: Stage,
}

impl Scenario for Credentials {
    type World = Place;

    fn action(&self) -> &'static str {
        "aws-connect"
    }

    fn name(&self) -> &'static str {
        "credentials"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_aws-connect")
    }

    fn world(&self, _: usize) -> Place {
        let (oidc, aws) = (FakeOidc::start().unwrap(), FakeAws::start().unwrap());
        aws.on("AssumeRoleWithWebIdentity").raw(assumed());
        aws.on("GetCallerIdentity").raw(identity("000000000000"));
        let runner = FakeRunner::new()
            .envs(oidc.env())
            .env("AWS_ENDPOINT_URL", aws.url())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .input("aws-region", "eu-west-1")
            .input("role-to-assume", ROLE)
            .input("allowed-account-ids", "000000000000");
        let fronts = [oidc.faults().clone(), aws.faults().clone()];
        let stage = Stage::new(runner, fronts, named)
            .secret("the request token", oidc.request_token())
            .secret("the role's secret key", "role-secret")
            .secret("the role's session token", "role-token");
        Place { _oidc: oidc, _aws: aws, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "GET id-token" | "sts:AssumeRoleWithWebIdentity" | "sts:GetCallerIdentity" => Class::Read,
            _ => return None,
        })
    }

    fn exceptions(&self) -> Vec<Exception> {
        let without_role = |kinds, code, reason| Exception {
            operation: "sts:AssumeRoleWithWebIdentity",
            target: "*",
            nth: 0,
            kinds,
            expected: Expected::fails(code, 1, Left::Untouched),
            reason,
        };
        let silent =
            &[Kind::ThrottledAlways, Kind::ErrorAlways, Kind::ResetAlways, Kind::TimedOutAlways, Kind::Expired];
        vec![
            without_role(silent, "aws/role-not-assumed", "the error is about the role; STS's words are under `why`"),
            without_role(
                &[Kind::Denied],
                "aws/subject-not-trusted",
                "the role's trust policy denies, and the error quotes it",
            ),
        ]
    }
}

fn named(request: &Request) -> Option<Named> {
    if request.path != "/idtoken" {
        return matrix::aws(request);
    }
    let operation = format!("{} id-token", request.method);
    Some(Named { service: Service::TokenService, operation, target: String::new() })
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Nothing is changed on the way.
    fn facts(&self) -> Facts {
        Facts::new()
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Credentials);
}
