//! What comes back beside the content: headers that a copy takes along, and those that it does not.

use super::*;

#[test]
fn redirects_and_metadata_come_back_too() {
    let site = small_site().input("metadata", "team=web").input("redirects", "/old.html: /index.html");
    versioning(&site.bucket, "Enabled");
    site.run().assert_code(0);
    let other = ["--metadata=team=shop", "--redirects=/old.html: /docs/"];
    site.run_with(&other).assert_code(0);
    let location = "x-amz-website-redirect-location";
    assert_eq!(site.get("site/old.html").header(location), Some("/docs/"));
    rollback(&site, &[]).assert_code(0);
    assert_eq!(site.get("site/old.html").header(location), Some("/index.html"));
    // S3 copies no redirect by itself.
    let is_copy =
        |request: &Request| request.path.ends_with("/old.html") && request.header("x-amz-copy-source").is_some();
    let named: Vec<_> = site.requests().into_iter().filter(is_copy).collect();
    assert_eq!(named.iter().map(|request| request.header(location)).collect::<Vec<_>>(), [Some("/index.html")]);
    assert_eq!(site.get("site/index.html").header("x-amz-meta-team"), Some("web"));
}

#[test]
fn what_was_encrypted_with_a_key_is_again() {
    const KEY: [&str; 2] = ["--sse=aws:kms", "--kms-key-id=1234abcd"];
    let site = small_site();
    versioning(&site.bucket, "Enabled");
    for content in ["<html>one", "<html>two"] {
        site.write("index.html", content);
        site.run_with(&KEY).assert_code(0);
    }
    rollback(&site, &KEY).assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
    let keys = |request: &Request| {
        let key = request.header("x-amz-server-side-encryption-aws-kms-key-id").unwrap_or_default();
        (request.path.rsplit('/').next().unwrap_or_default().to_owned(), key.to_owned())
    };
    let written: Vec<(String, String)> =
        site.requests().iter().filter(|request| request.method == "PUT").map(keys).collect();
    assert!(written.iter().any(|(name, _)| name == "index.html"), "{written:?}");
    assert!(written.iter().any(|(name, _)| name == "current.jsonl.gz"), "{written:?}");
    assert!(written.iter().all(|(_, key)| key == "1234abcd"), "{written:?}");
}
