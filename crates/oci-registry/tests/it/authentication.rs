//! Basic and token authentication.

use testkit::fault::Fault;
use testkit::http::Reply;

use super::*;

#[tokio::test]
async fn credentials_are_sent_at_once_where_the_registry_takes_them() {
    let server = FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap();
    let (_file, blob) = blob(b"layer");
    client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn wrong_or_no_credentials_are_an_error_of_their_own() {
    let server = FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap();
    for auth in [user("wrong-password"), Auth::Anonymous] {
        let error = client_as(&server, auth).get_manifest(&shop(), &tag("1")).await.unwrap_err();
        assert_eq!(code(&error), "oci-registry/unauthorized", "{error:?}");
        assert!(!format!("{error:?}").contains("wrong-password"));
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_token_is_fetched_once_for_each_scope() {
    let server = FakeRegistry::builder().token_auth("AWS", "pw").start().unwrap();
    let registry = client_as(&server, user("pw"));
    let (_file, blob) = blob(b"layer");
    registry.push_blob(&shop(), &blob).await.unwrap();
    registry.blob_size(&shop(), &blob.digest).await.unwrap();
    let tokens: Vec<_> = server.requests().into_iter().filter(|request| request.path == "/token").collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].query_value("scope").as_deref(), Some("repository:team/shop:pull,push"));
}

/// As `public.ecr.aws`: it refuses the password itself for good.
#[tokio::test]
async fn a_password_is_shown_to_the_token_server_alone() {
    let server = FakeRegistry::builder().public_ecr_auth("AWS", "pw").start().unwrap();
    let (_file, blob) = blob(b"layer");
    let error = client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/denied");
    client_as(&server, user("pw")).with_tokens_only().push_blob(&shop(), &blob).await.unwrap();
    assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
    let error = client_as(&server, user("wrong")).with_tokens_only().push_blob(&shop(), &blob).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/unauthorized");
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed() {
    let server = FakeRegistry::builder().token_auth("AWS", "pw").start().unwrap();
    let registry = client_as(&server, user("pw"));
    let (_file, blob) = blob(b"layer");
    registry.blob_size(&shop(), &blob.digest).await.unwrap();
    let challenge = format!("Bearer realm=\"{}/token\",service=\"x\"", server.url());
    let expired = Reply::new(401).with_header("www-authenticate", challenge);
    server.faults().add(Fault::reply(expired).on("PUT", "*/blobs/uploads/*"));
    registry.push_blob(&shop(), &blob).await.unwrap();
    assert!(server.blob("team/shop", blob.digest.as_str()).is_some());
    assert_eq!(server.requests().iter().filter(|request| request.path == "/token").count(), 2);
}

#[tokio::test]
async fn a_token_server_without_tls_gets_no_password() {
    let server = FakeRegistry::start().unwrap();
    let challenge = "Bearer realm=\"http://tokens.example/token\"";
    let reply = Reply::new(401).with_header("www-authenticate", challenge);
    server.faults().add(Fault::reply(reply).on("*", "/v2/*").always());
    let error = client_as(&server, user("pw")).get_manifest(&shop(), &tag("1")).await.unwrap_err();
    assert_eq!(code(&error), "oci-registry/bad-answer", "{error:?}");
}

#[tokio::test]
async fn an_upload_on_another_host_gets_no_credentials() {
    let (server, store) =
        (FakeRegistry::builder().basic_auth("AWS", "pw").start().unwrap(), FakeRegistry::start().unwrap());
    let begun = testkit::http::send("POST", &format!("{}/v2/team/shop/blobs/uploads/", store.url()), &[], b"").unwrap();
    let away = format!("{}{}", store.url(), begun.header("location").unwrap());
    server.faults().add(Fault::reply(Reply::new(202).with_header("location", away)).on("POST", "*"));
    let (_file, blob) = blob(b"layer");
    client_as(&server, user("pw")).push_blob(&shop(), &blob).await.unwrap();
    let put = store.requests().pop().unwrap();
    assert_eq!((put.method.as_str(), put.header("authorization")), ("PUT", None));
}
