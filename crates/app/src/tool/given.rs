//! What a model gives a tool, made into a command, or into a short correction.

use agent::{Arguments, Call};
use domain::{SpokenCommand, UserId};
use serde_json::{Map, Value, json};

/// The command that `call` asks for on behalf of `user`.
///
/// # Errors
/// What is wrong with the call, in words for the model.
pub(crate) fn given(call: &Call, user: &UserId) -> Result<SpokenCommand, String> {
    let Arguments::Read(arguments) = &call.arguments else {
        return Err("the arguments are not JSON; send one JSON object".to_owned());
    };
    let mut arguments = arguments.clone();
    // The contract's tools have it. It never says whose tasks these are.
    if let Some(named) = arguments.remove("user_id")
        && named.as_str() != Some(user.as_str())
    {
        return Err(
            "you act for the person you talk to and for nobody else; leave user_id out".to_owned(),
        );
    }
    if let Some(id) = arguments.remove("id") {
        arguments.entry("task_id").or_insert(id);
    }
    let arguments = tolerant(arguments);
    serde_json::from_value(json!({ "name": call.name, "arguments": arguments }))
        .map_err(|error| error.to_string())
}

/// The arguments without what models add: nulls for what is not meant, numbers in quotes.
fn tolerant(arguments: Map<String, Value>) -> Map<String, Value> {
    let named = |(name, value): (String, Value)| {
        let value = match value {
            Value::Null => return None,
            Value::Object(inner) => Value::Object(tolerant(inner)),
            Value::String(text) if name.ends_with("_id") => number(text),
            Value::Array(items) if name.ends_with("_ids") => {
                let item = |item| match item {
                    Value::String(text) => number(text),
                    other => other,
                };
                items.into_iter().map(item).collect()
            }
            Value::Array(items) => {
                let item = |item| match item {
                    Value::Object(inner) => Value::Object(tolerant(inner)),
                    other => other,
                };
                items.into_iter().map(item).collect()
            }
            other => other,
        };
        Some((name, value))
    };
    arguments.into_iter().filter_map(named).collect()
}

fn number(text: String) -> Value {
    let digits = text.trim().trim_start_matches('#');
    digits
        .parse::<i64>()
        .map_or(Value::String(text), Value::from)
}
