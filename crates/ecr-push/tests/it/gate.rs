//! Waiting for scans and signatures: no tag points at an image that they do not pass.

use serde_json::{Value, json};
use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::runner::{FakeRunner, RunOutput};

use crate::world::{World, add_attestation, add_image, run, run_with, write_image, write_index, write_index_of};

fn step(world: &World) -> FakeRunner {
    let step = world.step("1.0.0\nlatest").input("wait-for-scan", "true").env("SLIPWAY_TIME_DIVISOR", "200");
    write_image(step.workspace(), "layer");
    step
}

fn scan(status: &str, findings: &Value) -> Value {
    json!({
        "registryId": "123456789012",
        "repositoryName": "shop",
        "imageScanStatus": {"status": status, "description": "ECR's own words"},
        "imageScanFindings": findings,
    })
}

fn basic(severity: &str) -> Value {
    json!({"imageScanCompletedAt": 1_700_000_000, "findings": [{
        "name": "CVE-2026-1",
        "severity": severity,
        "uri": "https://example.com/CVE-2026-1",
        "attributes": [{"key": "package_name", "value": "openssl"}, {"key": "package_version", "value": "3.0.1"}],
    }]})
}

fn enhanced(fixed: &str) -> Value {
    json!({"enhancedFindings": [{
        "severity": "CRITICAL",
        "status": "ACTIVE",
        "fixAvailable": if fixed == "NotAvailable" { "NO" } else { "YES" },
        "packageVulnerabilityDetails": {
            "vulnerabilityId": "CVE-2026-2",
            "vulnerablePackages": [{"name": "zlib", "version": "1.2.11", "fixedInVersion": fixed}],
        },
    }]})
}

/// What each look says, the last one for ever.
fn world(looks: impl IntoIterator<Item = Value>) -> World {
    let world = World::new();
    world.aws.on("DescribeImageScanFindings").sequence(looks);
    world
}

fn assert_kept_back(world: &World, out: &RunOutput, code: &str, exit: i32) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={code}::")), "{}", out.stdout);
    assert!(world.registry.tags("shop").is_empty(), "a tag was written");
    assert_eq!((out.outputs["tags"].as_str(), out.outputs["pushed"].as_str()), ("", "false"));
    assert!(out.summary.contains("| `1.0.0` | kept back |"), "{}", out.summary);
}

#[test]
fn an_image_without_vulnerabilities_gets_its_tags_once_the_scan_is_over() {
    let world = World::new();
    let script = world.aws.on("DescribeImageScanFindings");
    script.error(400, "ScanNotFoundException", "not yet").then(scan("IN_PROGRESS", &json!({})));
    script.then(scan("COMPLETE", &json!({"imageScanCompletedAt": 1_700_000_000})));
    let out = run(&step(&world));
    out.assert_code(0);
    assert_eq!((out.outputs["scan-status"].as_str(), out.outputs["findings-json"].as_str()), ("passed", "[]"));
    assert_eq!(world.registry.tags("shop").len(), 2);
    // An empty result is believed on the second look.
    assert_eq!(world.aws.calls_to("DescribeImageScanFindings").len(), 4);
    assert_eq!(world.written().len(), 3, "by its digest, then the tags");
}

#[test]
fn a_vulnerable_image_gets_no_tag_and_the_fix_is_named() {
    let world = world([scan("ACTIVE", &enhanced("1.2.12"))]);
    let out = run(&step(&world));
    assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    assert!(out.stderr.contains("CRITICAL CVE-2026-2: zlib 1.2.11, fixed in 1.2.12"), "{}", out.stderr);
    assert!(out.summary.contains("| CRITICAL | `CVE-2026-2` | `zlib` | `1.2.11` | 1.2.12 |"), "{}", out.summary);
    assert_eq!(out.outputs["scan-status"], "vulnerable");
    let findings: Value = serde_json::from_str(&out.outputs["findings-json"]).unwrap();
    assert_eq!((&findings[0]["id"], &findings[0]["fixed"]), (&json!("CVE-2026-2"), &json!("1.2.12")));
    // The image is there, so the next run uploads nothing.
    assert!(world.registry.manifest("shop", &out.outputs["digest"]).is_some());
}

#[test]
fn what_is_accepted_does_not_count() {
    let accepted = |name: &str, value: &str, findings: &Value| {
        let world = world([scan("COMPLETE", findings)]);
        let out = run(&step(&world).input(name, value));
        out.assert_code(0);
        assert_eq!(out.outputs["scan-status"], "passed");
        out
    };
    accepted("fail-on-severity", "critical", &basic("HIGH"));
    accepted("fail-on-severity", "none", &basic("CRITICAL"));
    accepted("ignore-unfixed", "true", &enhanced("NotAvailable"));
    let out = accepted("ignore-vulnerabilities", "CVE-2026-1\nCVE-2020-9", &basic("CRITICAL"));
    assert!(out.stdout.contains("no scan found `CVE-2020-9`"), "{}", out.stdout);
    for (name, value, findings) in
        [("fail-on-severity", "low", basic("LOW")), ("ignore-unfixed", "true", basic("HIGH"))]
    {
        let world = world([scan("COMPLETE", &findings)]);
        let out = run(&step(&world).input(name, value));
        assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    }
}

#[test]
fn an_image_that_ecr_does_not_scan_gets_no_tag() {
    for status in ["UNSUPPORTED_IMAGE", "FAILED", "LIMIT_EXCEEDED", "SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE"]
    {
        let world = world([scan(status, &json!({}))]);
        let out = run(&step(&world));
        assert_kept_back(&world, &out, "ecr-push/not-scanned", 1);
        assert!(out.stderr.contains(&format!("{status}: ECR's own words")), "{}", out.stderr);
    }
    let world = World::new();
    world.aws.on("DescribeImageScanFindings").error(400, "ScanNotFoundException", "none");
    let out = run(&step(&world));
    assert_kept_back(&world, &out, "ecr-push/not-scanned", 1);
}

#[test]
fn a_scan_that_does_not_end_is_an_open_question() {
    let world = world([scan("IN_PROGRESS", &json!({}))]);
    let out = run(&step(&world).input("scan-timeout", "1m"));
    assert_kept_back(&world, &out, "ecr-push/scan-timeout", 4);
    assert_eq!(out.outputs["scan-status"], "timed-out");
}

#[test]
fn each_image_of_an_index_is_scanned_by_its_own_digest() {
    let world = world([scan("COMPLETE", &basic("LOW"))]);
    let step = step(&world);
    let index = write_index(step.workspace());
    run(&step).assert_code(0);
    let calls = world.aws.calls_to("DescribeImageScanFindings");
    let digests: Vec<&str> = calls.iter().map(|call| call.body["imageId"]["imageDigest"].as_str().unwrap()).collect();
    assert!(digests.len() == 2 && digests[0] != digests[1] && !digests.contains(&index.as_str()), "{digests:?}");
}

/// An index may say what it likes of an image's platform, and may list it twice.
#[test]
fn an_image_that_its_index_calls_unknown_is_scanned_all_the_same() {
    let unknown = json!({"architecture": "unknown", "os": "unknown"});
    for entries in [&[true][..], &[true, false]] {
        let world = world([scan("COMPLETE", &basic("CRITICAL"))]);
        let step = step(&world);
        write_index_of(step.workspace(), |writer| {
            let image = json!(add_image(writer, &["amd64"]));
            let entry = |is_unknown: &bool| {
                let mut entry = image.clone();
                entry["platform"] =
                    if *is_unknown { unknown.clone() } else { json!({"architecture": "amd64", "os": "linux"}) };
                entry
            };
            entries.iter().map(entry).collect()
        });
        assert_kept_back(&world, &run(&step), "ecr-push/vulnerable", 1);
    }
}

#[test]
fn attestations_are_not_scanned_and_alone_they_pass_nothing() {
    let world = world([scan("COMPLETE", &basic("LOW"))]);
    let both = step(&world);
    write_index_of(both.workspace(), |writer| {
        vec![json!(add_image(writer, &["amd64"])), json!(add_attestation(writer))]
    });
    run(&both).assert_code(0);
    assert_eq!(world.aws.calls_to("DescribeImageScanFindings").len(), 1);
    let world = World::new();
    let alone = step(&world);
    write_index_of(alone.workspace(), |writer| vec![json!(add_attestation(writer))]);
    assert_kept_back(&world, &run(&alone), "ecr-push/not-scanned", 1);
    assert!(world.aws.calls_to("DescribeImageScanFindings").is_empty());
}

#[test]
fn findings_on_further_pages_count() {
    let world = World::new();
    let mut first = scan("COMPLETE", &basic("LOW"));
    first["nextToken"] = json!("more");
    world.aws.on("DescribeImageScanFindings").sequence([first, scan("COMPLETE", &enhanced("1.2.12"))]);
    let out = run(&step(&world));
    assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    assert_eq!(world.aws.calls_to("DescribeImageScanFindings")[1].body["nextToken"], "more");
}

#[test]
fn an_image_that_was_tagged_before_is_judged_all_the_same() {
    let world = world([scan("COMPLETE", &basic("LOW")), scan("COMPLETE", &basic("CRITICAL"))]);
    let step = step(&world);
    run(&step).assert_code(0);
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/vulnerable::"), "{}", out.stdout);
}

fn signed(statuses: &[&str]) -> Value {
    let profile = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop";
    let status = |status: &&str| match *status {
        "FAILED" => {
            json!({"signingProfileArn": profile, "status": "FAILED", "failureCode": "AccessDenied", "failureReason": "no right"})
        }
        status => json!({"signingProfileArn": profile, "status": status}),
    };
    json!({"signingStatuses": statuses.iter().map(status).collect::<Vec<_>>()})
}

#[test]
fn a_signature_is_waited_for_and_missed() {
    for (looks, code, exit) in [
        (vec![signed(&[]), signed(&["IN_PROGRESS"]), signed(&["COMPLETE"])], None, 0),
        (vec![signed(&[])], Some("ecr-push/not-signed"), 1),
        (vec![signed(&["IN_PROGRESS"]), signed(&["FAILED"])], Some("ecr-push/signing-failed"), 1),
        (vec![signed(&["IN_PROGRESS"])], Some("ecr-push/signing-timeout"), 4),
    ] {
        let world = World::new();
        world.aws.on("DescribeImageSigningStatus").sequence(looks);
        let step = step(&world).input("wait-for-scan", "false").input("wait-for-signature", "true");
        let out = run(&step);
        match code {
            Some(code) => assert_kept_back(&world, &out, code, exit),
            None => assert_eq!((out.code, world.registry.tags("shop").len()), (0, 2)),
        }
    }
}

#[test]
fn what_counts_only_for_a_scan_is_bad_input_without_one() {
    let world = World::new();
    let step = || step(&world).input("wait-for-scan", "false");
    for (name, value) in [
        ("ignore-vulnerabilities", "CVE-1"),
        ("start-scan", "true"),
        ("fail-on-severity", "low"),
        ("ignore-unfixed", "true"),
        ("scan-timeout", "1m"),
    ] {
        let out = run(&step().input(name, value));
        out.assert_code(2);
        assert!(out.stderr.contains(&format!("`{name}` is given, and no scan is waited for")), "{}", out.stderr);
    }
    assert!(world.aws.calls().is_empty());
}

#[test]
fn the_policy_of_a_gate_is_the_least_one() {
    let judged = |role: &Role| {
        let world = World::new();
        let script = world.aws.on("DescribeImageScanFindings");
        script.error(400, "ScanNotFoundException", "none").then(scan("COMPLETE", &basic("LOW")));
        world.aws.on("StartImageScan").reply(json!({}));
        world.aws.on("DescribeImageSigningStatus").reply(signed(&["COMPLETE"]));
        let aws = role.guard(&world.aws.url()).unwrap();
        let registry = role.guard(&world.registry.url()).unwrap();
        let step = step(&world).input("wait-for-signature", "true").input("start-scan", "true");
        run(&step.env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url()))
    };
    let step = FakeRunner::plain_shell()
        .input("source", "oci:image")
        .input("repository", "shop")
        .input("tags", "1.0.0\nlatest");
    let flags = [
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        "--allowed-account-ids=123456789012",
        "--wait-for-scan",
        "--start-scan",
        "--wait-for-signature",
    ];
    let policy = run_with(&step, &flags).stdout;
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&policy)), Vec::<String>::new());
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    let statements = policy["Statement"].as_array_mut().unwrap();
    // ECR itself uses these in the role's name: no call shows that they are needed.
    let mut of_ecr = |sid: &str| {
        let at = statements.iter().position(|statement| statement["Sid"] == sid).unwrap();
        let statement = statements.remove(at);
        (statement["Action"].clone(), statement["Resource"].clone())
    };
    let inspector = json!(["inspector2:ListCoverage", "inspector2:ListFindings"]);
    assert_eq!(of_ecr("EnhancedScan"), (inspector, json!("*")));
    let profiles = json!("arn:aws:signer:eu-west-1:123456789012:/signing-profiles/*");
    assert_eq!(of_ecr("Sign"), (json!("signer:SignPayload"), profiles));
    let scenarios = [Scenario::new("judged", judged)];
    prove(&Place::new("eu-west-1", "123456789012"), &policy.to_string(), &scenarios, &[]);
}

#[test]
fn a_scan_is_started_where_there_is_none_and_only_there() {
    let start = |refusal: Option<&str>| {
        let world = World::new();
        let script = world.aws.on("DescribeImageScanFindings");
        script.error(400, "ScanNotFoundException", "none").then(scan("COMPLETE", &basic("LOW")));
        match refusal {
            Some(code) => drop(world.aws.on("StartImageScan").error(400, code, "ECR's own words")),
            None => drop(world.aws.on("StartImageScan").reply(json!({}))),
        }
        let out = run(&step(&world).input("start-scan", "true"));
        (world, out)
    };
    for refusal in [None, Some("LimitExceededException"), Some("ValidationException")] {
        let (world, out) = start(refusal);
        out.assert_code(0);
        let calls = world.aws.calls_to("StartImageScan");
        assert_eq!(calls[0].body["imageId"]["imageDigest"], json!(out.outputs["digest"]));
        // What looks like throttling is asked again by the SDK.
        assert_eq!(calls.len() == 1, refusal != Some("LimitExceededException"), "{refusal:?}");
    }
    let (world, out) = start(Some("UnsupportedImageTypeException"));
    assert_kept_back(&world, &out, "ecr-push/not-scanned", 1);
    assert!(out.stderr.contains("ECR's own words"), "{}", out.stderr);
    let scanned = world_of_one_scan();
    run(&step(&scanned).input("start-scan", "true")).assert_code(0);
    assert!(scanned.aws.calls_to("StartImageScan").is_empty());
}

fn world_of_one_scan() -> World {
    world([scan("COMPLETE", &json!({"imageScanCompletedAt": today() - 3600}))])
}

#[test]
fn findings_that_nobody_has_judged_are_told() {
    let world = world([scan("COMPLETE", &basic("UNDEFINED"))]);
    let out = run(&step(&world));
    out.assert_code(0);
    assert!(
        out.stdout.contains("::warning::1 finding without a severity (UNDEFINED, UNTRIAGED) did not count"),
        "{}",
        out.stdout
    );
}

#[test]
fn findings_that_nobody_has_judged_count_where_any_does() {
    let world = world([scan("COMPLETE", &basic("UNDEFINED"))]);
    let out = run(&step(&world).input("fail-on-severity", "any"));
    assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    // No tag points at it, so it is named by its digest.
    assert_eq!(out.outputs["image"], out.outputs["image-uri"]);
}

#[test]
fn tags_of_an_earlier_run_are_told_to_stay() {
    let world = world([scan("COMPLETE", &basic("LOW")), scan("COMPLETE", &basic("CRITICAL"))]);
    let step = step(&world);
    run(&step).assert_code(0);
    let out = run(&step);
    out.assert_code(1);
    assert!(out.stderr.contains("since an earlier run it has `1.0.0`, `latest`, which stay"), "{}", out.stderr);
    assert_eq!(out.outputs["tags"], "1.0.0\nlatest");
}

#[test]
fn more_findings_than_an_output_bears_are_cut_off_behind_the_worst() {
    let finding = |n: usize| {
        let severity = if n == 199 { "CRITICAL" } else { "LOW" };
        json!({"name": format!("CVE-2026-{n}"), "severity": severity, "uri": format!("https://example.com/{}", "x".repeat(600))})
    };
    let findings: Vec<Value> = (0..200).map(finding).collect();
    let world = world([scan("COMPLETE", &json!({"imageScanCompletedAt": 1_700_000_000, "findings": findings}))]);
    // A long answer takes its time.
    let out = run(&step(&world).env("SLIPWAY_TIME_DIVISOR", "20"));
    assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    let json = &out.outputs["findings-json"];
    let told: Vec<Value> = serde_json::from_str(json).unwrap();
    assert!(json.len() < 100_000 && told[0]["severity"] == "CRITICAL", "{}", json.len());
    let left_out = format!("worst findings only: {} more had no room", 200 - told.len());
    assert!(out.stdout.contains(&left_out), "{left_out}: {}", out.stdout.chars().take(2000).collect::<String>());
}

/// One image is vulnerable and the scan of the other does not end: both wait for the same time, and both are told.
#[test]
fn every_image_of_a_run_is_judged_within_one_time_and_told() {
    let world = World::with(testkit::FakeRegistry::builder().repository("api").repository("worker"));
    let repositories = ["api", "worker"].map(|name| crate::world::repository(name, "MUTABLE"));
    world.aws.on("DescribeRepositories").reply(json!({"repositories": repositories}));
    world.aws.on("DescribeImageScanFindings").answer(|call| {
        let answer = if call.body["repositoryName"] == "worker" {
            scan("COMPLETE", &basic("CRITICAL"))
        } else {
            scan("IN_PROGRESS", &json!({}))
        };
        testkit::http::Reply::json(200, &answer)
    });
    let images = ["api", "worker"].map(|name| json!({"source": "oci:image", "repository": name, "tags": ["1.0.0"]}));
    let step = step(&world).input("source", "").input("repository", "").input("tags", "");
    let out = run(&step.input("images", &json!(images).to_string()).input("scan-timeout", "1m"));
    out.assert_code(1);
    assert!(out.stdout.contains("::error title=ecr-push/vulnerable::"), "{}", out.stdout);
    assert!(out.stderr.contains("also ecr-push/scan-timeout: the scan of `api@"), "{}", out.stderr);
    assert!(out.summary.contains("no tag of 2 images was written: 2 did not pass"), "{}", out.summary);
    assert!(world.registry.tags("api").is_empty() && world.registry.tags("worker").is_empty());
}

fn today() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn the_age_of_a_scan_that_is_over_is_told() {
    let world = world([scan("COMPLETE", &json!({"imageScanCompletedAt": today() - 245 * 86_400}))]);
    let out = run(&step(&world));
    out.assert_code(0);
    assert!(out.summary.contains("| Scan | passed, scanned 245 days ago |"), "{}", out.summary);
    assert!(out.stderr.contains("was made 245 days ago"), "{}", out.stderr);
    // Continuous scanning goes by what is known today.
    let world = self::world([scan("ACTIVE", &json!({"imageScanCompletedAt": today() - 245 * 86_400}))]);
    assert!(run(&step(&world)).summary.contains("| Scan | passed |"));
}

#[test]
fn a_scan_that_is_older_than_a_day_is_made_anew_on_request() {
    let old = json!({"imageScanCompletedAt": today() - 2 * 86_400});
    let world = World::new();
    // ECR still tells of the old one for a moment.
    let looks = world.aws.on("DescribeImageScanFindings");
    looks.sequence([
        scan("COMPLETE", &old),
        scan("COMPLETE", &old),
        scan("COMPLETE", &old),
        scan("IN_PROGRESS", &json!({})),
    ]);
    let mut new = basic("CRITICAL");
    new["imageScanCompletedAt"] = json!(today());
    looks.then(scan("COMPLETE", &new));
    world.aws.on("StartImageScan").reply(json!({"imageScanStatus": {"status": "IN_PROGRESS"}}));
    let out = run(&step(&world).input("start-scan", "true"));
    assert_kept_back(&world, &out, "ecr-push/vulnerable", 1);
    assert_eq!(world.aws.calls_to("StartImageScan").len(), 1);
    assert!(out.summary.contains("| Scan | vulnerable, scanned less than an hour ago |"), "{}", out.summary);
    // Where ECR makes none, the old one counts.
    let world = self::world([scan("COMPLETE", &old)]);
    world.aws.on("StartImageScan").error(400, "LimitExceededException", "once in 24 hours");
    run(&step(&world).input("start-scan", "true")).assert_code(0);
}
