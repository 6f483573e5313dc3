use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::{FakeRunner, RunOutput};

use crate::site::Site;

const BINARY: &str = env!("CARGO_BIN_EXE_s3-sync-invalidate");

fn site() -> Site {
    let site = Site::new();
    site.write("index.html", "x");
    site
}

/// The exit code, the error's code, and parts of its text.
#[track_caller]
fn check(out: &RunOutput, exit: i32, code: &str, parts: &[&str]) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={}", code.replace(':', "%3A"))), "{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
}

#[test]
fn every_bad_input_is_told_at_once() {
    let out = FakeRunner::new()
        .input("bucket", "s3://site/x")
        .input("prefix", "../up")
        .input("distribution-id", "d111111abcdef8.cloudfront.net")
        .input("delete", "maybe")
        .input("cache-control", "*.js")
        .input("content-encoding", "gzip")
        .input("clean-urls", "yes")
        .input("symlinks", "no")
        .input("compress", "br")
        .input("max-paths", "0")
        .input("max-delete", "many")
        .input("wait-timeout", "5")
        .run(BINARY, [] as [&str; 0]);
    let names = [
        "source",
        "bucket",
        "prefix",
        "distribution-id",
        "delete",
        "cache-control",
        "content-encoding",
        "clean-urls",
        "symlinks",
        "compress",
        "max-paths",
        "max-delete",
        "wait-timeout",
    ];
    check(&out, 2, "s3-sync-invalidate/invalid-input", &names);
}

#[test]
fn a_mistyped_command_is_told_alone() {
    let out = FakeRunner::new().run(BINARY, ["rolback", "--dry-run"]);
    check(&out, 2, "s3-sync-invalidate/invalid-input", &["`rolback` is no command", "the commands are `rollback`"]);
    assert!(!out.stderr.contains("is missing"), "{}", out.stderr);
}

#[test]
fn every_bad_rule_is_told_at_once() {
    let bad = [
        ("content-type", "*.js"),
        ("content-disposition", "*.pdf"),
        ("content-language", "de/**: ü"),
        ("metadata", "slipway-md5=x"),
        ("tags", "aws:x=y"),
        ("redirects", "/a: b"),
        ("storage-class", "GLACIER"),
        ("acl", "public"),
        ("sse", "kms"),
        ("kms-key-id", "arn:aws:s3:::x"),
    ];
    let runner = bad.iter().fold(FakeRunner::new(), |runner, (name, value)| runner.input(name, value));
    let out = runner.run(BINARY, [] as [&str; 0]);
    check(&out, 2, "s3-sync-invalidate/invalid-input", &bad.map(|(name, _)| name));
    let out = FakeRunner::new().input("sse", "AES256").input("kms-key-id", "alias/site").run(BINARY, [] as [&str; 0]);
    check(&out, 2, "s3-sync-invalidate/invalid-input", &["kms-key-id", "aws:kms:dsse"]);
    let copies = FakeRunner::new().input("compress", "gzip-siblings").input("content-encoding", "off");
    let out = copies.run(BINARY, [] as [&str; 0]);
    check(&out, 2, "s3-sync-invalidate/invalid-input", &["content-encoding: auto"]);
}

#[test]
fn two_files_are_not_stored_under_one_key() {
    let site = site().input("clean-urls", "extensionless").input("redirects", "/team: /about");
    for file in ["about.html", "about", "team.html"] {
        site.write(file, "x");
    }
    let parts = ["2 keys", "`about` by `about`, `about.html`; `team` by `team.html`, `the redirect to /about`"];
    check(&site.run(), 2, "s3-sync-invalidate/same-key", &parts);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn a_redirect_does_not_take_the_place_of_a_file() {
    let site = site().input("redirects", "/: /en/");
    let parts = ["`index.html` by `index.html`, `the redirect to /en/`", "exclude"];
    check(&site.run(), 2, "s3-sync-invalidate/same-key", &parts);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn a_missing_bucket_is_named() {
    let site = site().input("bucket", "no-such-bucket-here");
    check(&site.run(), 1, "s3-sync-invalidate/bucket-not-found", &["no-such-bucket-here", "aws_s3_bucket"]);
}

#[test]
fn a_missing_distribution_stops_the_run_before_anything_changes() {
    let site = site().input("distribution-id", "EMISSING0000000");
    check(&site.run(), 1, "s3-sync-invalidate/distribution-not-found", &["EMISSING0000000"]);
    assert_eq!(site.keys(), Vec::<String>::new());
}

#[test]
fn a_wrong_region_names_the_right_one() {
    let site = site();
    let moved = Reply::xml(301, "<Error><Code>PermanentRedirect</Code><Message>use another endpoint</Message></Error>")
        .with_header("x-amz-bucket-region", "eu-central-1");
    site.proxy.faults().add(Fault::reply(moved).matching(crate::site::is_listing));
    check(&site.run(), 2, "s3-sync-invalidate/wrong-region", &["aws-region: eu-central-1"]);
    let malformed = Reply::xml(
        400,
        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong</Message><Region>ap-south-1</Region></Error>",
    );
    site.proxy.faults().add(Fault::reply(malformed).matching(crate::site::is_listing));
    check(&site.run(), 2, "s3-sync-invalidate/wrong-region", &["aws-region: ap-south-1"]);
}

#[test]
fn a_denied_listing_shows_the_statement_to_paste() {
    let site = site();
    let denied = Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).matching(crate::site::is_listing).always());
    let resource = format!("arn:aws:s3:::{}", site.bucket);
    check(&site.run(), 1, "aws/access-denied", &["s3:ListBucket", &resource]);
}

#[test]
fn a_missing_source_and_a_file_are_told_apart() {
    let site = Site::new();
    check(&site.run(), 2, "s3-sync-invalidate/source-missing", &["dist"]);
    let mut poor = Site::new();
    poor.runner = poor.runner.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    check(&poor.run(), 2, "s3-sync-invalidate/source-missing", &["dist"]);
    let site = site.input("source", "dist/index.html");
    site.write("index.html", "x");
    check(&site.run(), 2, "s3-sync-invalidate/source-not-a-folder", &["dist/index.html"]);
}

#[test]
fn an_empty_source_does_not_delete_a_site() {
    let site = Site::new().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
    site.put("site/index.html", b"x");
    std::fs::create_dir(site.source()).unwrap();
    check(&site.run(), 2, "s3-sync-invalidate/source-empty", &["allow-empty-source"]);
    assert_eq!(site.keys(), ["site/index.html"]);
    site.run_with(&["--allow-empty-source"]).assert_code(0);
    assert_eq!(site.keys(), Vec::<String>::new());
}

#[test]
fn secrets_are_refused_by_name_and_by_content() {
    let site = site();
    let named = [".env.production", ".env-production", ".env_local", ".env~"];
    for name in named {
        site.write(name, "KEY=1");
    }
    site.write("backup.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA");
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    site.write("server.pem", format!("{}-----BEGIN PRIVATE KEY-----\nAAAA", certificate.repeat(500)));
    site.write("keys.html", "<html><pre>\n-----BEGIN PRIVATE KEY-----\n");
    let out = site.run();
    let mut parts = vec!["6 paths", "`backup.txt`", "`server.pem`", "allow-sensitive"];
    let shown = named.map(|name| format!("`{name}`"));
    parts.extend(shown.iter().map(String::as_str));
    check(&out, 2, "s3-sync-invalidate/sensitive-files", &parts);
    assert_eq!(site.changes(), Vec::<String>::new());
    let site = site.input("exclude", ".env*\nserver.pem").input("allow-sensitive", "backup.txt");
    site.run().assert_code(0);
    assert_eq!(site.keys(), ["site/backup.txt", "site/index.html", "site/keys.html"]);
}

#[test]
fn without_credentials_the_run_says_how_to_get_some() {
    let site = site();
    let runner = FakeRunner::new()
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", site.proxy.url())
        .input("source", ".")
        .input("bucket", &site.bucket);
    check(&runner.run(BINARY, [] as [&str; 0]), 2, "aws/no-credentials", &["role-to-assume"]);
}

#[test]
fn keys_that_could_not_be_deleted_are_named() {
    let site = site();
    site.put("site/old.css", b"x");
    let partly = Reply::xml(
        200,
        "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Error><Key>site/old.css</Key>\
         <Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>",
    );
    site.proxy.faults().add(Fault::reply(partly).on("POST", &format!("/{}*", site.bucket)));
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    check(
        &out,
        1,
        "s3-sync-invalidate/incomplete",
        &["site/old.css (AccessDenied)", "not done: deletes (0 of 1 done)"],
    );
    assert_eq!(site.invalidations(), Vec::<Vec<String>>::new());
}

#[test]
fn a_refused_digest_means_that_the_file_changed() {
    let site = site();
    let bad = Reply::xml(400, "<Error><Code>BadDigest</Code><Message>no match</Message></Error>");
    site.proxy.faults().add(Fault::reply(bad).on("PUT", "*/index.html"));
    check(
        &site.run(),
        1,
        "s3-sync-invalidate/incomplete",
        &["`index.html` changed or vanished while it was published"],
    );
}

#[test]
fn source_maps_are_published_only_when_allowed() {
    let site = site();
    site.write("app.js.map", "{}");
    let out = site.run();
    check(&out, 2, "s3-sync-invalidate/source-maps", &["1 source map", "`app.js.map`", "allow-source-maps: true"]);
    assert_eq!(site.changes(), Vec::<String>::new());
    site.run_with(&["--allow-source-maps"]).assert_code(0);
    assert_eq!(site.keys(), ["site/app.js.map", "site/index.html"]);
}

/// The memory of the run itself: its first page cannot be read, whoever reads.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_named() {
    let site = site().input("symlinks", "follow");
    std::os::unix::fs::symlink("/proc/self/mem", site.source().join("memory.css")).unwrap();
    check(&site.run(), 1, "s3-sync-invalidate/unreadable", &["dist/memory.css` cannot be read", "permissions"]);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_named() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
    let site = site();
    site.write("closed/a.css", "x");
    if std::fs::metadata(site.source()).unwrap().uid() == 0 {
        eprintln!("SKIPPED a_folder_that_cannot_be_read_is_named: nothing is closed to the user 0");
        return;
    }
    let closed = site.source().join("closed");
    let mode = |mode| std::fs::set_permissions(&closed, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o000);
    let out = site.run();
    mode(0o700);
    check(&out, 1, "s3-sync-invalidate/unreadable", &["dist/closed` cannot be read", "permissions"]);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn links_are_followed_refused_or_left_out_as_told() {
    let site = site();
    std::os::unix::fs::symlink("/etc/hostname", site.source().join("link")).unwrap();
    let out = site.run_with(&["--symlinks=refuse"]);
    check(&out, 2, "s3-sync-invalidate/link-refused", &["1 symbolic link", "`link`", "symlinks: inside"]);
    assert_eq!(site.changes(), Vec::<String>::new());
    site.run_with(&["--symlinks=skip"]).assert_code(0);
    assert_eq!(site.keys(), ["site/index.html"]);
    site.run_with(&["--symlinks=follow"]).assert_code(0);
    assert_eq!(site.keys(), ["site/index.html", "site/link"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_published_is_refused_by_name() {
    let site = site();
    std::os::unix::fs::symlink("/etc/hostname", site.source().join("link")).unwrap();
    check(&site.run(), 2, "s3-sync-invalidate/outside-link", &["`link`", "exclude", "symlinks: follow"]);
    let site = self::site();
    site.write(".slipway/own", "x");
    check(&site.run(), 2, "s3-sync-invalidate/unusable-name", &["`.slipway/own`"]);
    let site = self::site();
    let large = std::fs::File::create(site.source().join("large.iso")).unwrap();
    large.set_len(5 * 1024 * 1024 * 1024 * 1024 + 1).unwrap();
    check(&site.run(), 2, "s3-sync-invalidate/file-too-large", &["`large.iso`", "5 TiB"]);
}

#[test]
fn an_acl_on_a_bucket_without_them_is_told_as_what_it_is() {
    let site = site().input("acl", "public-read");
    let refusal =
        "<Error><Code>AccessControlListNotSupported</Code><Message>The bucket does not allow ACLs</Message></Error>";
    site.proxy.faults().add(Fault::reply(Reply::xml(400, refusal)).on("PUT", "*/index.html").always());
    let out = site.run();
    check(&out, 2, "s3-sync-invalidate/incomplete", &["s3-sync-invalidate/acl-refused: ", "leave `acl` out"]);
}

#[test]
fn what_stops_a_publication_is_told_with_its_own_code() {
    for (status, answer, code) in [
        (400, "BadDigest", "s3-sync-invalidate/file-changed"),
        (409, "OperationAborted", "aws/conflict"),
        (404, "NoSuchUpload", "aws/not-found"),
        (400, "KMS.DisabledException", "s3-sync-invalidate/kms-key"),
    ] {
        let site = site();
        let refusal = Reply::xml(status, format!("<Error><Code>{answer}</Code><Message>no</Message></Error>"));
        site.proxy.faults().add(Fault::reply(refusal).on("PUT", "*/index.html").always());
        let out = site.run();
        check(&out, 1, "s3-sync-invalidate/incomplete", &[&format!("  why:  {code}: ")]);
    }
}
