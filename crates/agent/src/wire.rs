//! A request as it is sent.

use serde_json::{Map, Value, json};

use crate::message::{Arguments, Call, Message, Request, Tool};
use crate::provider::Provider;
use crate::schema::tidy;

/// Which of the fields are sent that not every server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fields {
    stream_options: bool,
    limit: Limit,
}

/// What the most tokens of an answer are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    MaxTokens,
    /// The name that the later models of its inventor want; they refuse the first.
    MaxCompletionTokens,
    Unsaid,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            stream_options: true,
            limit: Limit::MaxTokens,
        }
    }
}

impl Fields {
    /// What to send after these were refused with this text. `None` if it names none of them.
    pub(crate) fn after(self, refusal: &str) -> Option<Self> {
        if self.stream_options
            && (refusal.contains("stream_options") || refusal.contains("include_usage"))
        {
            return Some(Self {
                stream_options: false,
                ..self
            });
        }
        let limit = match self.limit {
            // The refusal names the other one too, as advice.
            Limit::MaxTokens if refusal.contains("max_tokens") => Limit::MaxCompletionTokens,
            Limit::MaxCompletionTokens if refusal.contains("max_completion_tokens") => {
                Limit::Unsaid
            }
            _ => return None,
        };
        Some(Self { limit, ..self })
    }
}

/// The body of a request.
pub(crate) fn body(
    request: &Request,
    provider: &Provider,
    fields: Fields,
    output_tokens_max: u32,
) -> Value {
    let messages: Vec<_> = request
        .messages
        .iter()
        .map(|message| message_body(message, &provider.name))
        .collect();
    let mut body = json!({
        "model": provider.model,
        "messages": messages,
        "stream": true,
    });
    if !request.tools.is_empty() {
        let tools = request.tools.iter();
        body["tools"] = tools.map(|tool| tool_body(tool, provider)).collect();
    }
    if fields.stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
    match fields.limit {
        Limit::MaxTokens => body["max_tokens"] = output_tokens_max.into(),
        Limit::MaxCompletionTokens => body["max_completion_tokens"] = output_tokens_max.into(),
        Limit::Unsaid => {}
    }
    body
}

fn message_body(message: &Message, provider: &str) -> Value {
    match message {
        Message::System(text) => json!({ "role": "system", "content": text }),
        Message::User(text) => json!({ "role": "user", "content": text }),
        Message::Assistant { text, calls } if calls.is_empty() => {
            json!({ "role": "assistant", "content": text })
        }
        Message::Assistant { text, calls } => {
            let content = (!text.is_empty()).then_some(text);
            let calls: Vec<_> = calls.iter().map(|call| call_body(call, provider)).collect();
            json!({ "role": "assistant", "content": content, "tool_calls": calls })
        }
        Message::Result {
            call_id,
            name,
            content,
        } => {
            json!({ "role": "tool", "tool_call_id": call_id, "name": name, "content": content })
        }
    }
}

fn call_body(call: &Call, provider: &str) -> Value {
    let own = call.extra.provider == provider;
    let extra = |fields: &Map<String, Value>| if own { fields.clone() } else { Map::new() };
    let arguments = match &call.arguments {
        Arguments::Read(arguments) => Value::Object(arguments.clone()).to_string(),
        // Several servers answer broken JSON in a conversation with a 400, and then every further round is lost. What
        // was wrong with it stands in the call's result.
        Arguments::Unreadable(_) => "{}".to_owned(),
    };
    let mut function = extra(&call.extra.function);
    function.insert("name".to_owned(), call.name.clone().into());
    function.insert("arguments".to_owned(), arguments.into());
    let mut body = extra(&call.extra.call);
    body.insert("id".to_owned(), call.id.clone().into());
    body.insert("type".to_owned(), "function".into());
    body.insert("function".to_owned(), function.into());
    body.into()
}

fn tool_body(tool: &Tool, provider: &Provider) -> Value {
    let parameters = tool.parameters.clone();
    let parameters = if provider.is_gemini() {
        tidy(parameters)
    } else {
        parameters
    };
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": parameters,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::{Fields, Limit};

    #[test]
    fn a_field_that_is_refused_is_not_sent_again() {
        let fields = Fields::default();
        let fields = fields
            .after("Unrecognized request argument: stream_options")
            .unwrap();
        assert!(!fields.stream_options);
        let fields = fields
            .after("'max_tokens' is not supported. Use 'max_completion_tokens' instead.")
            .unwrap();
        assert_eq!(fields.limit, Limit::MaxCompletionTokens);
        let fields = fields.after("unknown field max_completion_tokens").unwrap();
        assert_eq!(fields.limit, Limit::Unsaid);
        assert_eq!(
            fields.after("stream_options max_tokens max_completion_tokens"),
            None
        );
        assert_eq!(fields.after("no such model"), None);
    }
}
