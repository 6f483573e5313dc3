use std::process::Command;

use serde_json::json;
use testkit::http::{Reply, Request};
use testkit::{FakeAws, Tools};

use super::super::*;
use super::{Counted, config, run};

/// The signature that botocore makes of the same request at the same time.
const BOTOCORE: &str = r"
import json, sys
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
sent = json.loads(sys.argv[1])
request = AWSRequest(method=sent['method'], url=sent['url'], data=sent['body'].encode(), headers=sent['headers'])
request.context['timestamp'] = sent['headers']['x-amz-date']
auth = SigV4Auth(Credentials('AKIAIOSFODNN7EXAMPLE', 'secret', 'session/token+of=the==job'), sent['service'], 'eu-west-1')
string = auth.string_to_sign(request, auth.canonical_request(request))
print(auth.signature(string, request))
";

/// What stands behind `name=` in the header `Authorization`.
fn part<'a>(header: &'a str, name: &str) -> &'a str {
    let rest = header.split_once(&format!("{name}=")).map_or("", |(_, rest)| rest);
    rest.split(',').next().unwrap_or_default()
}

/// Checks the signature of a request as it arrived.
fn check(request: &Request, url: &str, service: &str) {
    let header = request.header("authorization").unwrap_or_default();
    let scope = part(header, "Credential").to_owned();
    assert!(
        scope.starts_with("AKIAIOSFODNN7EXAMPLE/") && scope.ends_with(&format!("/eu-west-1/{service}/aws4_request")),
        "{scope}"
    );
    let signed = part(header, "SignedHeaders");
    for name in ["host", "x-amz-date", "x-amz-security-token"] {
        assert!(signed.split(';').any(|part| part == name), "{name} is not signed: {signed}");
    }
    let headers: serde_json::Map<String, Value> =
        signed.split(';').map(|name| (name.to_owned(), json!(request.header(name).unwrap_or_default()))).collect();
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let sent = json!({
        "method": request.method, "url": format!("{url}{}{query}", request.path), "body": request.text(),
        "headers": headers, "service": service
    });
    let python = Tools::locate().unwrap().python();
    let output = Command::new(python).args(["-c", BOTOCORE, &sent.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(part(header, "Signature"), String::from_utf8_lossy(&output.stdout).trim(), "{request}");
}

#[test]
fn signatures_are_those_of_botocore() {
    let aws = FakeAws::start().unwrap();
    aws.on("GetLogEvents").reply(json!({"events": []}));
    aws.on_rest("GET", "/schedules/*").raw(Reply::json(200, &json!({"Name": "x"})));
    let settings = config(&aws.url(), Counted::default());
    let body = json!({"logGroupName": "/ecs/shop", "logStreamName": "web/app/ü"});
    run(&settings, &LOGS.service, "GetLogEvents", LOGS.request("GetLogEvents", &body)).unwrap();
    let rest = Rest {
        operation: "GetSchedule",
        method: "GET",
        path: &["schedules", "nightly.report_1"],
        query: &[("groupName", "night-shift")],
    };
    run(&settings, &SCHEDULER.service, rest.operation, rest.request(None)).unwrap();
    let requests = aws.requests();
    check(&requests[0], &aws.url(), "logs");
    check(&requests[1], &aws.url(), "scheduler");
}
