use http::{HeaderMap, HeaderValue, StatusCode};

use super::*;

fn next(link: &'static str) -> Option<String> {
    let headers = HeaderMap::from_iter([(http::header::LINK, HeaderValue::from_static(link))]);
    next_page(&Answer { status: StatusCode::OK, headers, body: String::new() })
}

#[test]
fn the_next_page_is_found_among_the_links() {
    let link = r#"<https://api.github.com/repositories/1/tags?page=1>; rel="prev", <https://api.github.com/repositories/1/tags?per_page=100&page=3>; rel="next""#;
    assert_eq!(next(link).as_deref(), Some("/repositories/1/tags?per_page=100&page=3"));
    assert_eq!(next(r#"<https://api.github.com/x?page=9>; rel="last""#), None);
    assert_eq!(next(r#"rel="next""#), None);
}

#[test]
fn a_page_on_another_host_is_asked_of_ours() {
    assert_eq!(next(r#"<https://evil.example/steal?page=2>; rel="next""#).as_deref(), Some("/steal?page=2"));
}
