//! A reply as the pieces of a stream, or as one body.

use serde_json::{Map, Value, json};

use crate::reply::{Call, Fault, Ids, Index, Reply, Shape};

/// The pieces of a streamed reply, each an event. How the last of them ends is in [`Reply::fault`].
pub(crate) fn events(reply: &Reply) -> Vec<Vec<u8>> {
    if let Some(raw) = &reply.raw {
        return raw.clone();
    }
    let mut events: Vec<_> = texts(reply)
        .map(|text| choice(&json!({ "role": "assistant", "content": text }), None))
        .collect();
    for (position, call) in reply.calls.iter().enumerate() {
        events.extend(
            deltas(reply, position, call)
                .map(|delta| choice(&json!({ "tool_calls": [delta] }), None)),
        );
    }
    match &reply.fault {
        Some(Fault::Cut(after) | Fault::Stop(after) | Fault::Stall(after)) => {
            events.truncate(*after);
            return events;
        }
        Some(Fault::Error(after, data)) => {
            events.truncate(*after);
            events.push(event(&text_or_json(data)));
            return events;
        }
        _ => {}
    }
    events.push(choice(&json!({}), Some(&finish(reply))));
    if let Some(usage) = usage(reply) {
        events.push(event(&json!({ "choices": [], "usage": usage }).to_string()));
    }
    if !reply.no_done {
        events.push(event("[DONE]"));
    }
    events
}

/// The reply as one body.
pub(crate) fn body(reply: &Reply) -> Vec<u8> {
    let calls: Vec<_> = reply
        .calls
        .iter()
        .enumerate()
        .map(|(position, call)| head(reply, position, call, arguments(reply, call)))
        .collect();
    let mut message = json!({ "role": "assistant", "content": reply.text });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let mut body = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "scripted",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish(reply) }],
    });
    if let Some(usage) = usage(reply) {
        body["usage"] = usage;
    }
    body.to_string().into_bytes()
}

/// A string as it is, anything else as JSON, nothing for nothing.
pub(crate) fn text_or_json(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn event(data: &str) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn choice(delta: &Value, finish: Option<&str>) -> Vec<u8> {
    let chunk = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "scripted",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    });
    event(&chunk.to_string())
}

fn finish(reply: &Reply) -> String {
    let usual = if reply.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    };
    reply.finish.clone().unwrap_or_else(|| usual.to_owned())
}

fn usage(reply: &Reply) -> Option<Value> {
    reply.usage.map(|(input, output)| {
        json!({
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
        })
    })
}

fn texts(reply: &Reply) -> impl Iterator<Item = String> {
    let pieces: Vec<String> = match reply.text_piece {
        None => reply.text.split_inclusive(' ').map(str::to_owned).collect(),
        Some(length) => {
            let characters: Vec<char> = reply.text.chars().collect();
            characters
                .chunks(length.max(1))
                .map(|piece| piece.iter().collect())
                .collect()
        }
    };
    pieces.into_iter()
}

/// The pieces of one call.
fn deltas(reply: &Reply, position: usize, call: &Call) -> impl Iterator<Item = Value> {
    let Some(length) = reply.arguments_piece else {
        return vec![head(reply, position, call, arguments(reply, call))].into_iter();
    };
    let mut deltas = vec![head(reply, position, call, "".into())];
    for piece in split(&call.arguments_text(), length) {
        let repeated = reply.ids == Ids::Everywhere;
        let mut delta = if repeated {
            head(reply, position, call, piece.into())
        } else {
            json!({ "function": { "arguments": piece } })
        };
        if let Some(index) = index(reply, position) {
            delta["index"] = index.into();
        }
        deltas.push(delta);
    }
    deltas.into_iter()
}

fn head(reply: &Reply, position: usize, call: &Call, arguments: Value) -> Value {
    let mut function = call.function_extra.clone();
    function.insert("name".to_owned(), call.name.clone().into());
    function.insert("arguments".to_owned(), arguments);
    let mut head: Map<String, Value> = call.extra.clone();
    head.insert("type".to_owned(), "function".into());
    head.insert("function".to_owned(), function.into());
    if let Some(id) = id(reply, position, call) {
        head.insert("id".to_owned(), id.into());
    }
    if let Some(index) = index(reply, position) {
        head.insert("index".to_owned(), index.into());
    }
    head.into()
}

fn id(reply: &Reply, position: usize, call: &Call) -> Option<String> {
    match (reply.ids, &call.id) {
        (_, Some(id)) => Some(id.clone()),
        (Ids::Normal | Ids::Everywhere, None) => Some(format!("call_{position}")),
        (Ids::Empty, None) => Some(String::new()),
        (Ids::Same, None) => Some("call_same".to_owned()),
        (Ids::Missing, None) => None,
    }
}

fn index(reply: &Reply, position: usize) -> Option<usize> {
    match reply.index {
        Index::Normal => Some(position),
        Index::Missing => None,
        Index::Zero => Some(0),
    }
}

fn arguments(reply: &Reply, call: &Call) -> Value {
    match (reply.arguments, &call.raw_arguments) {
        (Shape::Object, None) => call.arguments.clone(),
        _ => call.arguments_text().into(),
    }
}

fn split(text: &str, length: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest.ceil_char_boundary(length.max(1));
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces
}
