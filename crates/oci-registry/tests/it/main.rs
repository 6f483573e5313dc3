//! The client against the registry stand-in, with the faults real registries have.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod authentication;
mod bombs;
mod foreign;
mod odd_answers;
mod passing;
mod pulls;
mod pushes;
mod referrers;
mod refusals;
mod tags;

use std::io::Write as _;

use image_ref::{Digest, ImageTag, Reference, RepositoryName};
use oci_registry::{Auth, BlobFile, Endpoint, Registry};
use secrecy::SecretString;
use testkit::registry::FakeRegistry;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn shop() -> RepositoryName {
    RepositoryName::parse("team/shop").unwrap()
}

fn tag(text: &str) -> Reference {
    Reference::Tag(ImageTag::parse(text).unwrap())
}

fn client(server: &FakeRegistry) -> Registry {
    client_as(server, Auth::Anonymous)
}

fn client_as(server: &FakeRegistry, auth: Auth) -> Registry {
    Registry::new(Endpoint::parse(&server.url()).unwrap(), auth).unwrap()
}

fn user(password: &str) -> Auth {
    Auth::Basic { username: "AWS".to_owned(), password: SecretString::from(password) }
}

/// The code of an error.
fn code(error: &oci_registry::Error) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

/// A blob between other bytes of a file, as in an archive.
fn blob(content: &[u8]) -> (tempfile::NamedTempFile, BlobFile) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"head").unwrap();
    file.write_all(content).unwrap();
    file.write_all(b"tail").unwrap();
    let blob =
        BlobFile { path: file.path().to_owned(), offset: 4, size: content.len() as u64, digest: Digest::of(content) };
    (file, blob)
}

/// The methods and paths of the requests, upload numbers as `N`.
fn lines(server: &FakeRegistry) -> Vec<String> {
    let short = |path: &str| match path.split_once("/uploads/") {
        Some((start, id)) if !id.is_empty() => format!("{start}/uploads/N"),
        _ => path.split_once("sha256:").map_or(path, |(start, _)| start).to_owned(),
    };
    server.requests().iter().map(|request| format!("{} {}", request.method, short(&request.path))).collect()
}
