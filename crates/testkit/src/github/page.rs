//! Pagination with `Link` headers.

use serde_json::{Value, json};

use crate::http::{Reply, Request};

/// Answers one page of a list, 30 entries unless `per_page` says otherwise, 100 at most.
pub(super) fn list(base: &str, request: &Request, items: &[Value]) -> Reply {
    let page = Page::read(request, items.len());
    let reply = Reply::json(200, &Value::from(page.slice(items)));
    page.link(base, request, reply)
}

/// As [`list`], for the operations that wrap the page into an object with a total.
pub(super) fn wrapped(base: &str, request: &Request, field: &str, items: &[Value]) -> Reply {
    let page = Page::read(request, items.len());
    let reply = Reply::json(200, &json!({"total_count": items.len(), field: page.slice(items)}));
    page.link(base, request, reply)
}

struct Page {
    size: usize,
    number: usize,
    last: usize,
}

impl Page {
    fn read(request: &Request, total: usize) -> Self {
        let number = |name: &str| request.query_value(name).and_then(|value| value.parse::<usize>().ok());
        let size = number("per_page").unwrap_or(30).clamp(1, 100);
        Self { size, number: number("page").unwrap_or(1).max(1), last: total.div_ceil(size).max(1) }
    }

    fn slice<'a>(&self, items: &'a [Value]) -> &'a [Value] {
        let start = (self.number - 1).saturating_mul(self.size).min(items.len());
        &items[start..(start + self.size).min(items.len())]
    }

    fn link(&self, base: &str, request: &Request, reply: Reply) -> Reply {
        let mut links = Vec::new();
        if self.number > 1 {
            links.push((self.number - 1, "prev"));
        }
        if self.number < self.last {
            links.push((self.number + 1, "next"));
            links.push((self.last, "last"));
        }
        if self.number > 1 {
            links.push((1, "first"));
        }
        if links.is_empty() {
            return reply;
        }
        let links: Vec<String> = links
            .into_iter()
            .map(|(page, rel)| format!("<{base}{}?{}>; rel=\"{rel}\"", request.path, query(request, page)))
            .collect();
        reply.with_header("link", links.join(", "))
    }
}

fn query(request: &Request, page: usize) -> String {
    let given = request.query.as_deref().unwrap_or_default();
    let kept = url::form_urlencoded::parse(given.as_bytes()).filter(|(name, _)| name != "page");
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("page", &page.to_string())
        .finish()
}
