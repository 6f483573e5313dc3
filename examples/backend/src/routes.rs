//! What the service answers.

use crate::build::Build;
use crate::request::{Method, Rejection, Request};
use crate::response::Response;

/// Answers a request, or the reason it was refused; `None` when nobody is left to answer.
pub fn route(request: &Result<Request, Rejection>, build: Build) -> Option<Response> {
    match request {
        Ok(request) => Some(answer(request, build)),
        Err(rejection) => refuse(*rejection),
    }
}

fn answer(request: &Request, build: Build) -> Response {
    let response = match request.path.as_str() {
        "/health" => Response::new(200, "OK", r#"{"status":"ok"}"#.to_owned()),
        "/version" => Response::new(200, "OK", version_document(build)),
        _ => error(404, "Not Found", "not found"),
    };
    match request.method {
        Method::Get => response,
        Method::Head => Response { with_body: false, ..response },
        Method::Other if response.status == 404 => response,
        Method::Other => {
            Response { allow: Some("GET, HEAD"), ..error(405, "Method Not Allowed", "method not allowed") }
        }
    }
}

fn refuse(rejection: Rejection) -> Option<Response> {
    match rejection {
        Rejection::Malformed => Some(error(400, "Bad Request", "malformed request")),
        Rejection::TooSlow => Some(error(408, "Request Timeout", "request took too long")),
        Rejection::TooLarge => Some(error(431, "Request Header Fields Too Large", "request head too large")),
        Rejection::Version => Some(error(505, "HTTP Version Not Supported", "only HTTP/1.1 is spoken here")),
        Rejection::Gone => None,
    }
}

fn error(status: u16, reason: &'static str, message: &str) -> Response {
    Response::new(status, reason, format!(r#"{{"error":"{message}"}}"#))
}

fn version_document(build: Build) -> String {
    let version = build.version;
    match build.commit {
        Some(commit) => format!(r#"{{"version":"{version}","commit":"{commit}"}}"#),
        None => format!(r#"{{"version":"{version}","commit":null}}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILD: Build = Build { version: "1.2.3", commit: Some("0a1b2c3") };

    #[track_caller]
    fn check(method: Method, path: &str, status: u16, body: &str) {
        let request = Ok(Request { method, path: path.to_owned() });
        let response = route(&request, BUILD).unwrap();
        assert_eq!((response.status, response.body.as_str()), (status, body));
    }

    #[test]
    fn reports_health() {
        check(Method::Get, "/health", 200, r#"{"status":"ok"}"#);
    }

    #[test]
    fn reports_version_and_commit() {
        check(Method::Get, "/version", 200, r#"{"version":"1.2.3","commit":"0a1b2c3"}"#);
    }

    #[test]
    fn reports_null_for_an_unknown_commit() {
        let build = Build { commit: None, ..BUILD };
        assert_eq!(version_document(build), r#"{"version":"1.2.3","commit":null}"#);
    }

    #[test]
    fn does_not_find_other_paths() {
        for path in ["/", "/healthz", "/health/", "//health", "*"] {
            check(Method::Get, path, 404, r#"{"error":"not found"}"#);
        }
    }

    #[test]
    fn answers_head_without_a_body() {
        let request = Ok(Request { method: Method::Head, path: "/health".to_owned() });
        let response = route(&request, BUILD).unwrap();
        assert_eq!((response.status, response.with_body), (200, false));
    }

    #[test]
    fn refuses_other_methods_on_known_paths_only() {
        check(Method::Other, "/health", 405, r#"{"error":"method not allowed"}"#);
        check(Method::Other, "/nowhere", 404, r#"{"error":"not found"}"#);
    }

    #[test]
    fn maps_each_rejection_to_its_status() {
        let status = |rejection| refuse(rejection).map(|response| response.status);
        assert_eq!(status(Rejection::Malformed), Some(400));
        assert_eq!(status(Rejection::TooSlow), Some(408));
        assert_eq!(status(Rejection::TooLarge), Some(431));
        assert_eq!(status(Rejection::Version), Some(505));
        assert_eq!(status(Rejection::Gone), None);
    }
}
