use serde_json::{Value, json};

use super::Document;

fn document() -> Document {
    let item = json!({
        "type": "object",
        "required": ["name", "note"],
        "properties": {"name": {"type": "string"}, "note": {"type": "string", "nullable": true}, "owner": {"$ref": "#/components/schemas/owner"},
            "labels": {"type": "object", "additionalProperties": true},
            "parts": {"type": "array", "items": {"anyOf": [{"properties": {"id": {}}}, {"properties": {"name": {}}}]}}},
    });
    let answer = |schema: &str| json!({"content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}});
    Document::new(json!({
        "paths": {
            "/repos/{repo}/git/ref/{ref}": {"get": {"responses": {"200": answer("item")}}},
            "/repos/{repo}/list": {"get": {
                "parameters": [
                    {"name": "repo", "in": "path"},
                    {"$ref": "#/components/parameters/per-page"},
                    {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["name", "age"]}},
                    {"name": "all", "in": "query", "required": true, "schema": {"type": "boolean"}},
                    {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}},
                ],
                "responses": {"200": answer("item")},
            }},
            "/repos/{repo}/items": {"post": {
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/item"}}}},
                "responses": {"201": {"$ref": "#/components/responses/made"}},
            }},
            "/repos/{repo}/items/latest": {"get": {"responses": {"200": answer("owner")}}},
            "/repos/{repo}/items/{id}": {
                "get": {"responses": {"200": answer("item")}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
        },
        "components": {
            "responses": {"made": answer("item")},
            "parameters": {"per-page": {
                "name": "per_page", "in": "query", "schema": {"type": "integer"}, "description": "Results per page (max 100).",
            }},
            "schemas": {
                "item": item,
                "owner": {"type": "object", "nullable": true, "required": ["login"], "properties": {"login": {"type": "string"}}},
                "basic-error": {"type": "object", "required": ["message"]},
            },
        },
    }))
}

#[track_caller]
fn assert_problem(result: Result<(), Vec<String>>, part: &str) {
    let problems = result.expect_err("the check must find a problem");
    assert!(problems.iter().any(|problem| problem.contains(part)), "{problems:?}");
}

#[test]
fn an_answer_needs_every_required_property() {
    let document = document();
    let check = |body: &Value| document.check_response("GET", "/repos/a/items/1", 200, body);
    check(&json!({"name": "a", "note": null, "owner": null})).expect("a nullable property may be null");
    check(&json!({"name": "a", "note": "b", "owner": {"login": "c"}})).expect("all is there");
    assert_problem(check(&json!({"name": "a"})), "note");
    assert_problem(check(&json!({"name": null, "note": null})), "`/name`");
    assert_problem(check(&json!({"name": "a", "note": null, "owner": {}})), "`/owner`");
}

#[test]
fn a_request_must_not_have_undocumented_fields() {
    let document = document();
    let check = |body: &Value| document.check_request("POST", "/repos/a/items", body);
    check(&json!({"name": "a", "note": null})).expect("the request is documented");
    assert_problem(check(&json!({"name": "a", "note": null, "naem": 1})), "`naem` is no documented field");
    let nested = json!({"name": "a", "note": null, "owner": {"login": "a", "lgoin": 1}});
    assert_problem(check(&nested), "`owner.lgoin` is no documented field");
    let free = json!({"name": "a", "note": null, "labels": {"any": 1}, "parts": [{"id": 1}, {"di": 1}]});
    assert_eq!(check(&free).expect_err("one is unknown").len(), 1);
    assert_problem(check(&free), "`parts[].di` is no documented field");
    assert_problem(check(&Value::Null), "needs a body");
    assert_problem(document.check_request("DELETE", "/repos/a/items/1", &json!({})), "takes no body");
}

#[test]
fn the_most_literal_path_wins_and_a_ref_may_hold_slashes() {
    let document = document();
    document.check_response("GET", "/repos/a/items/latest", 200, &json!({"login": "x"})).expect("the literal path");
    let item = json!({"name": "a", "note": null});
    document.check_response("GET", "/api/v3/repos/a/git/ref/tags/v1", 200, &item).expect("a ref with a slash");
    document.check_response("GET", "/repos/a/git/ref/tags%2Fv1", 200, &item).expect("an encoded ref");
    assert_problem(document.check_response("GET", "/other", 200, &item), "not in the document");
}

#[test]
fn errors_and_empty_answers_have_a_form_too() {
    let document = document();
    document.check_response("DELETE", "/repos/a/items/1", 204, &Value::Null).expect("no body is right");
    assert_problem(document.check_response("DELETE", "/repos/a/items/1", 204, &json!({})), "no body is documented");
    let error = json!({"message": "Not Found"});
    document.check_response("GET", "/repos/a/items/1", 404, &error).expect("the usual error");
    assert_problem(document.check_response("GET", "/repos/a/items/1", 404, &json!({})), "message");
    assert_problem(document.check_response("GET", "/repos/a/items/1", 202, &json!({})), "status is not documented");
    document
        .check_response("POST", "/repos/a/items", 201, &json!({"name": "a", "note": "b"}))
        .expect("the response is found through its reference");
}

#[test]
fn a_query_has_the_documented_parameters_in_their_range() {
    let document = document();
    let check = |query: &str| document.check_query("GET", "/repos/a/list", query);
    check("all=true&per_page=100&sort=age&page=1").expect("all is documented");
    assert_problem(check(""), "`all` is missing");
    assert_problem(check("all=yes"), "is no boolean");
    assert_problem(check("all=true&all=true"), "there twice");
    assert_problem(check("all=true&per_page=101"), "out of its range");
    assert_problem(check("all=true&page=0"), "out of its range");
    assert_problem(check("all=true&per_page=many"), "is no integer");
    assert_problem(check("all=true&sort=size"), "is none of");
    assert_problem(check("all=true&perpage=1"), "`perpage` is no documented query parameter");
}
