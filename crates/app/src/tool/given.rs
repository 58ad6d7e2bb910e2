//! What a tool is called with, made into a command.

use domain::{SpokenCommand, UserId};
use serde_json::{Map, Value, json};

/// Why a call is no command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misgiven {
    /// It names another user than the one it is for.
    AnotherUser,
    /// What is wrong with the arguments, in words for a model.
    Arguments(String),
}

/// The command that a call of the tool `name` asks for on behalf of `user`.
///
/// # Errors
/// What is wrong with the call.
pub(crate) fn given(
    name: &str,
    mut arguments: Map<String, Value>,
    user: &UserId,
) -> Result<SpokenCommand, Misgiven> {
    own(&mut arguments, user)?;
    if let Some(id) = arguments.remove("id") {
        arguments.entry("task_id").or_insert(id);
    }
    let arguments = tolerant(arguments);
    serde_json::from_value(json!({ "name": name, "arguments": arguments }))
        .map_err(|error| Misgiven::Arguments(error.to_string()))
}

/// Takes the user out of the arguments. The contract's tools have it; it never says whose tasks these are.
///
/// # Errors
/// If it is another than `user`.
pub(crate) fn own(arguments: &mut Map<String, Value>, user: &UserId) -> Result<(), Misgiven> {
    match arguments.remove("user_id") {
        None | Some(Value::Null) => Ok(()),
        Some(named) if named.as_str() == Some(user.as_str()) => Ok(()),
        Some(_) => Err(Misgiven::AnotherUser),
    }
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
