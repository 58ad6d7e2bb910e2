//! Tool schemas in the words that every provider knows.

use serde_json::{Map, Value};

/// The schema without what some providers refuse: `null` as a type or a default, bounds that exclude, formats of numbers,
/// `$schema` and `additionalProperties`. Of several branches of which one is `null`, the other stays.
///
/// What it allows is at least what was allowed before; arguments are checked by whoever runs the tool.
#[must_use]
pub fn tidy(schema: Value) -> Value {
    match schema {
        Value::Object(fields) => tidy_object(fields).into(),
        other => other,
    }
}

fn tidy_object(mut fields: Map<String, Value>) -> Map<String, Value> {
    for name in [
        "$schema",
        "additionalProperties",
        "exclusiveMinimum",
        "exclusiveMaximum",
    ] {
        fields.remove(name);
    }
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [kind] = types.as_mut_slice() {
            let kind = kind.take();
            fields.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if matches!(
        fields.get("type").and_then(Value::as_str),
        Some("integer" | "number")
    ) {
        fields.remove("format");
    }
    for name in ["anyOf", "oneOf"] {
        join_branches(&mut fields, name);
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        // Their names are the tool's own: one may well be called `default`.
        for property in properties.values_mut() {
            *property = tidy(property.take());
        }
    }
    if let Some(items) = fields.get_mut("items") {
        *items = tidy(items.take());
    }
    fields
}

/// Takes `null` out of the branches. A branch that is left alone takes the place of the choice.
fn join_branches(fields: &mut Map<String, Value>, name: &str) {
    let Some(Value::Array(branches)) = fields.remove(name) else {
        return;
    };
    let mut branches: Vec<_> = branches
        .into_iter()
        .filter(|branch| branch.get("type").is_none_or(|kind| kind != "null"))
        .map(tidy)
        .collect();
    match branches.as_mut_slice() {
        [] => {}
        [Value::Object(branch)] => {
            // What stands beside the branches, such as a description, is nearer to the property.
            for (key, value) in std::mem::take(branch) {
                fields.entry(key).or_insert(value);
            }
        }
        _ => {
            fields.insert(name.to_owned(), branches.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::tidy;

    #[test]
    fn optional_fields_lose_their_null() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "id": { "type": "integer", "format": "int64", "exclusiveMinimum": 0, "minimum": 1 },
                "due": { "type": ["string", "null"], "format": "date", "default": null },
                "priority": {
                    "description": "How urgent it is.",
                    "anyOf": [{ "type": "string", "enum": ["low", "high"], "description": "x" }, { "type": "null" }],
                },
                "tags": { "type": ["array", "null"], "items": { "type": "string", "default": null } },
                "default": { "type": "boolean", "default": false },
            },
            "required": ["id"],
        });
        assert_eq!(
            tidy(schema),
            json!({
                "type": "object",
                "properties": {
                    "id": { "type": "integer", "minimum": 1 },
                    "due": { "type": "string", "format": "date" },
                    "priority": { "description": "How urgent it is.", "type": "string", "enum": ["low", "high"] },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "default": { "type": "boolean", "default": false },
                },
                "required": ["id"],
            })
        );
    }

    #[test]
    fn real_branches_stay() {
        let schema = json!({ "oneOf": [{ "type": "string" }, { "type": "null" }, { "type": "integer", "format": "int64" }] });
        assert_eq!(
            tidy(schema),
            json!({ "oneOf": [{ "type": "string" }, { "type": "integer" }] })
        );
    }

    #[test]
    fn what_is_clean_stays_as_it_is() {
        let schema = json!({ "type": "object", "properties": {}, "required": [] });
        assert_eq!(tidy(schema.clone()), schema);
    }
}
