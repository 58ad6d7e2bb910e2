//! The `OpenAPI` 3.1 document, made from the table of routes, and the page that shows it.

use askama::Template;
use axum::response::Html;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::problem::ProblemBody;
use crate::route::Route;

/// The `OpenAPI` document of `routes`.
pub(crate) fn document(routes: &[Route]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = None;
    settings.definitions_path = "/components/schemas".into();
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<ProblemBody>();
    let mut paths = Map::new();
    for route in routes {
        let mut operation = json!({
            "tags": [route.tag],
            "summary": route.summary,
            "operationId": operation_id(route),
            "parameters": parameters(route, &mut generator),
            "responses": {
                "default": {
                    "description": "What went wrong.",
                    "content": { "application/problem+json": { "schema": problem } },
                },
            },
        });
        if let Some(describe) = route.body {
            let schema = describe(&mut generator);
            operation["requestBody"] = json!({ "required": route.body_required, "content": { "application/json": { "schema": schema } } });
        }
        let mut answer = json!({ "description": route.summary });
        if let Some(describe) = route.answer {
            answer["content"] =
                json!({ "application/json": { "schema": describe(&mut generator) } });
        }
        operation["responses"][route.status.to_string()] = answer;
        let path = paths
            .entry(format!("/api/{{user_id}}{}", route.path))
            .or_insert_with(|| json!({}));
        path[route.method.as_str().to_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sayso",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Say it, and it is on your list. Every path also exists without `/{user_id}`, for the \
                            user whose token it is. Every write accepts an `Idempotency-Key` header: the same key \
                            gives the same answer and changes nothing again.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split('/').filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| word.trim_matches(['{', '}'])).collect();
    format!(
        "{}_{}",
        route.method.as_str().to_lowercase(),
        words.join("_")
    )
}

/// Those in the path, and the fields of the query.
fn parameters(route: &Route, generator: &mut schemars::SchemaGenerator) -> Vec<Value> {
    let mut parameters = vec![
        json!({ "name": "user_id", "in": "path", "required": true, "schema": { "type": "string" } }),
    ];
    if route.path.contains("{id}") {
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } }));
    }
    if route.path.contains("{token_id}") {
        parameters.push(json!({ "name": "token_id", "in": "path", "required": true, "schema": { "type": "string" } }));
    }
    let Some(describe) = route.query else {
        return parameters;
    };
    let mut schema = describe(generator).to_value();
    // The query's own schema is spelled out as parameters; what it refers to is among the components.
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next())
    {
        schema = generator
            .definitions()
            .get(name)
            .cloned()
            .unwrap_or_default();
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (name, property) in properties {
            let description = property.get("description").cloned().unwrap_or_default();
            parameters.push(json!({ "name": name, "in": "query", "description": description, "schema": property }));
        }
    }
    parameters
}

/// The reference page.
#[derive(Template)]
#[template(path = "reference.html")]
struct Reference {
    assets: &'static str,
    version: &'static str,
    description: String,
    groups: Vec<(String, Vec<Operation>)>,
    schemas: Vec<(String, String)>,
}

struct Operation {
    method: String,
    path: String,
    summary: String,
    parameters: Vec<(String, String)>,
    body: Option<String>,
    answer: Option<String>,
    status: String,
}

/// The reference page of `document`.
pub(crate) fn page(document: &Value) -> Html<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let mut groups: Vec<(String, Vec<Operation>)> = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let (status, answer) = operation["responses"]
                .as_object()
                .and_then(|answers| answers.iter().find(|(status, _)| *status != "default"))
                .map(|(status, answer)| {
                    (
                        status.clone(),
                        answer["content"]["application/json"]["schema"].clone(),
                    )
                })
                .unwrap_or_default();
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let shown = Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: text(&operation["summary"]),
                parameters: parameters
                    .filter(|parameter| parameter["name"] != "user_id")
                    .map(|parameter| (text(&parameter["name"]), text(&parameter["description"])))
                    .collect(),
                body: (!body.is_null()).then(|| pretty(body)),
                answer: (!answer.is_null()).then(|| pretty(&answer)),
                status,
            };
            let tag = text(&operation["tags"][0]);
            match groups.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, operations)) => operations.push(shown),
                None => groups.push((tag, vec![shown])),
            }
        }
    }
    let schemas = document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten();
    let reference = Reference {
        assets: crate::page::assets(),
        version: env!("CARGO_PKG_VERSION"),
        description: text(&document["info"]["description"]),
        groups,
        schemas: schemas
            .map(|(name, schema)| (name.clone(), pretty(schema)))
            .collect(),
    };
    Html(
        reference
            .render()
            .expect("the template only prints text it is given"),
    )
}
