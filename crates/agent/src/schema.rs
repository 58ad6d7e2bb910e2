//! Tool schemas in the words that every provider knows.

use serde_json::{Map, Value};

/// The schema without what some providers refuse: `null` as a type or a default, bounds that exclude, formats of numbers,
/// `$schema` and `additionalProperties`. Of several branches of which one is `null`, the other stays; constants to choose
/// from become an `enum`, and what each means goes into the description; of a number or a text, the text.
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
    if !branches.is_empty() && branches.iter().all(|branch| branch.get("const").is_some()) {
        choose(fields, &branches);
        return;
    }
    // Whoever takes a number takes one that is written out.
    let text = branches
        .iter()
        .position(|branch| branch["type"] == "string");
    let chosen = if branches.len() == 1 { Some(0) } else { text };
    let Some(chosen) = chosen else {
        if !branches.is_empty() {
            fields.insert(name.to_owned(), branches.into());
        }
        return;
    };
    if let Value::Object(branch) = branches.swap_remove(chosen) {
        // What stands beside the branches, such as a description, is nearer to the property.
        for (key, value) in branch {
            fields.entry(key).or_insert(value);
        }
    }
}

/// Makes constants to choose from an `enum`.
fn choose(fields: &mut Map<String, Value>, constants: &[Value]) {
    let mut words = Vec::new();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    words.extend(fields.get("description").and_then(text));
    for constant in constants {
        if let (Some(value), Some(meaning)) =
            (text(&constant["const"]), text(&constant["description"]))
        {
            words.push(format!("{value}: {meaning}"));
        }
    }
    if !words.is_empty() {
        fields.insert("description".to_owned(), words.join(" ").into());
    }
    if let Some(kind) = constants.first().and_then(|constant| constant.get("type")) {
        fields.insert("type".to_owned(), kind.clone());
    }
    let values: Vec<Value> = constants
        .iter()
        .map(|constant| constant["const"].clone())
        .collect();
    fields.insert("enum".to_owned(), values.into());
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
    fn branches_that_are_left_stay() {
        let schema = json!({ "oneOf": [{ "type": "array" }, { "type": "null" }, { "type": "integer", "format": "int64" }] });
        assert_eq!(
            tidy(schema),
            json!({ "oneOf": [{ "type": "array" }, { "type": "integer" }] })
        );
    }

    #[test]
    fn a_text_stands_for_a_number_too() {
        let schema = json!({ "description": "Which.", "anyOf": [{ "type": "integer" }, { "type": "string", "maxLength": 9 }] });
        assert_eq!(
            tidy(schema),
            json!({ "description": "Which.", "type": "string", "maxLength": 9 })
        );
    }

    #[test]
    fn constants_become_an_enum() {
        let schema = json!({ "description": "How much.", "oneOf": [
            { "const": "none", "type": "string", "description": "Not at all." },
            { "const": "high", "type": "string", "description": "P1." },
        ] });
        assert_eq!(
            tidy(schema),
            json!({ "description": "How much. none: Not at all. high: P1.", "type": "string", "enum": ["none", "high"] })
        );
    }

    #[test]
    fn what_is_clean_stays_as_it_is() {
        let schema = json!({ "type": "object", "properties": {}, "required": [] });
        assert_eq!(tidy(schema.clone()), schema);
    }
}
