//! Puts an answer together from the pieces it comes in.

mod calls;

use std::collections::HashSet;

use serde_json::Value;

use crate::answer::{Finish, Usage};
use crate::events::Event;
use crate::message::Call;
use crate::{FailureKind, refusal};

use calls::Calls;

/// What has come of an answer.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    text: String,
    calls: Calls,
    finish: Option<Finish>,
    /// The provider says that all has been sent.
    done: bool,
    /// Something has come that belongs to an answer.
    begun: bool,
    input_tokens: u64,
    output_tokens: u64,
}

/// All of an answer that is in the pieces.
#[derive(Debug, PartialEq)]
pub(crate) struct Assembled {
    pub(crate) text: String,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: Finish,
}

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// More is to come.
    Open,
    /// It has said why it ends; what it used may follow.
    Finished,
    /// Nothing follows.
    Done,
}

impl Assembly {
    /// Takes an event of a stream, and passes on the text in it.
    pub(crate) fn take(
        &mut self,
        event: &Event,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        let data = event.data.trim();
        if event.name == "error" {
            let error = serde_json::from_str(data).unwrap_or_else(|_| data.into());
            return Err(refusal::by_word(error_in(&error).unwrap_or(&error)));
        }
        if let Ok(chunk) = serde_json::from_str(data) {
            return self.take_chunk(&chunk, on_text);
        }
        // Servers that leave out the empty lines between events send them in one.
        for line in data.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if line == "[DONE]" {
                self.done = true;
                continue;
            }
            let chunk = serde_json::from_str(line).unwrap_or_else(|_| line.into());
            self.take_chunk(&chunk, on_text)?;
        }
        Ok(())
    }

    /// Takes the one body of an answer that is not streamed.
    pub(crate) fn take_whole(
        &mut self,
        body: &Value,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        self.take_chunk(body, on_text)?;
        self.done = self.begun;
        Ok(())
    }

    /// How far it has come.
    pub(crate) fn stage(&self) -> Stage {
        match (self.done, self.finish) {
            (true, _) => Stage::Done,
            (false, Some(_)) => Stage::Finished,
            (false, None) => Stage::Open,
        }
    }

    /// How long it is.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.calls.bytes()
    }

    /// What it took. `input_bytes` is how long the request was, for providers that do not say.
    pub(crate) fn usage(&self, input_bytes: usize) -> Usage {
        let estimate = Usage::estimate(input_bytes, self.bytes());
        if self.input_tokens == 0 && self.output_tokens == 0 {
            return estimate;
        }
        Usage {
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            estimated: false,
        }
    }

    /// The whole, at the end of the stream. `taken` are ids that no call may have.
    pub(crate) fn whole<'a>(
        self,
        provider: &str,
        taken: impl Iterator<Item = &'a str>,
    ) -> Result<Assembled, FailureKind> {
        match (self.stage(), self.begun) {
            (Stage::Open, true) => return Err(FailureKind::CutOff),
            (Stage::Open, false) => return Err(FailureKind::Unintelligible),
            _ => {}
        }
        let taken: HashSet<String> = taken.map(str::to_owned).collect();
        let calls = self.calls.whole(provider, taken)?;
        let finish = self.finish.unwrap_or(Finish::Complete);
        if finish == Finish::Complete && self.text.is_empty() && calls.is_empty() {
            return Err(FailureKind::Unintelligible);
        }
        Ok(Assembled {
            text: self.text,
            calls,
            finish,
        })
    }

    fn take_chunk(
        &mut self,
        chunk: &Value,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        if let Some(error) = error_in(chunk) {
            return Err(refusal::by_word(error));
        }
        self.take_usage(chunk);
        let Some(choice) = chunk.pointer("/choices/0") else {
            return Ok(());
        };
        self.begun = true;
        if let Some(delta) = choice.get("delta").filter(|delta| delta.is_object()) {
            self.take_delta(delta, false, on_text);
        } else if let Some(message) = choice.get("message") {
            self.take_delta(message, true, on_text);
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str)
            && !reason.is_empty()
        {
            self.finish = Some(finish(reason)?);
        }
        Ok(())
    }

    /// A piece of a message, or a `whole` one.
    fn take_delta(&mut self, delta: &Value, whole: bool, on_text: &mut (dyn FnMut(&str) + Send)) {
        for name in ["content", "refusal"] {
            each_text(&delta[name], &mut |text| {
                // Space in front is none of the answer, and must not stand in the way of a second attempt.
                let text = if self.text.is_empty() {
                    text.trim_start()
                } else {
                    text
                };
                if !text.is_empty() {
                    self.text.push_str(text);
                    on_text(text);
                }
            });
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            self.calls.take(call, whole);
        }
        // What calls were before there could be several.
        if delta["function_call"].is_object() {
            self.calls.take_function(&delta["function_call"]);
        }
    }

    fn take_usage(&mut self, chunk: &Value) {
        // Groq has its own place for it in a stream.
        let places = [chunk.get("usage"), chunk.pointer("/x_groq/usage")];
        for usage in places.into_iter().flatten() {
            let tokens = |names: [&str; 2]| names.iter().find_map(|name| usage.get(name)?.as_u64());
            let input = tokens(["prompt_tokens", "input_tokens"]).unwrap_or(0);
            let output = tokens(["completion_tokens", "output_tokens"]).unwrap_or(0);
            // Some state it with every piece, growing.
            self.input_tokens = self.input_tokens.max(input);
            self.output_tokens = self.output_tokens.max(output);
        }
    }
}

/// The error that a piece is. `None` if it is none.
fn error_in(chunk: &Value) -> Option<&Value> {
    match chunk {
        // Plain text.
        Value::String(_) => Some(chunk),
        // Gemini puts its errors into a list.
        Value::Array(chunks) => chunks.first().and_then(error_in),
        _ if chunk["object"] == "error" || chunk["type"] == "error" => {
            Some(chunk.get("error").unwrap_or(chunk))
        }
        _ => chunk.get("error").filter(|error| !error.is_null()),
    }
}

fn finish(reason: &str) -> Result<Finish, FailureKind> {
    match reason.to_ascii_lowercase().as_str() {
        "length" | "max_tokens" => Ok(Finish::Length),
        "content_filter" | "safety" | "recitation" | "prohibited_content" => Ok(Finish::Filtered),
        "error" => Err(FailureKind::CutOff),
        _ => Ok(Finish::Complete),
    }
}

/// The texts of a content, which is a string or parts of several kinds.
fn each_text(content: &Value, take: &mut dyn FnMut(&str)) {
    match content {
        Value::String(text) => take(text),
        Value::Array(parts) => parts.iter().for_each(|part| match part {
            Value::String(text) => take(text),
            // A part of another kind, such as one's thoughts, is not said to anybody.
            _ if part["type"]
                .as_str()
                .is_none_or(|kind| kind.ends_with("text")) =>
            {
                each_text(&part["text"], take);
            }
            _ => {}
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
