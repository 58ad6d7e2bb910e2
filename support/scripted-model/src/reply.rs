//! One reply: what is said, in which dialect, how fast, and what goes wrong.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Gate;

/// What the model answers to one request.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// What it says.
    pub text: String,
    /// The tools it calls.
    pub calls: Vec<Call>,
    /// Why it ended, if not the usual `stop` or `tool_calls`.
    pub finish: Option<String>,
    /// Tokens in and out; none are stated without it.
    pub usage: Option<(u64, u64)>,
    /// How long it thinks before it answers at all.
    pub delay_ms: u64,
    /// How long it takes over each piece.
    pub piece_delay_ms: u64,
    /// Characters of text in a piece; a word without it.
    pub text_piece: Option<usize>,
    /// Bytes of arguments in a piece; all of them at once, together with the name, without it.
    pub arguments_piece: Option<usize>,
    /// What ids its calls have.
    pub ids: Ids,
    /// What indices its calls have.
    pub index: Index,
    /// How it writes arguments.
    pub arguments: Shape,
    /// Answers with one JSON body whatever was asked for.
    pub whole: bool,
    /// Leaves out the `[DONE]`.
    pub no_done: bool,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// The body to the byte, in place of everything above.
    #[serde(skip)]
    pub raw: Option<Vec<Vec<u8>>>,
    /// What it waits for: before which piece, and the name of a gate that is opened by HTTP.
    pub held: Vec<(usize, String)>,
    /// What it waits for: before which piece, and the gate. Piece 0 is the head of the answer.
    #[serde(skip)]
    pub gates: Vec<(usize, Gate)>,
}

/// A call of a tool.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Call {
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub arguments: Value,
    /// Arguments to the letter, such as broken JSON.
    pub raw_arguments: Option<String>,
    /// Its id, if not the one that [`Ids`] gives it.
    pub id: Option<String>,
    /// Further fields of the call, such as Gemini's `extra_content`.
    pub extra: Map<String, Value>,
    /// Further fields of the call's `function`.
    pub function_extra: Map<String, Value>,
}

/// What ids calls have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    /// One for each, in its first piece.
    #[default]
    Normal,
    /// One for each, in all of its pieces, with the name.
    Everywhere,
    /// An empty text.
    Empty,
    /// No such field.
    Missing,
    /// All the same.
    Same,
}

/// What indices calls have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Index {
    /// 0, 1, 2, …
    #[default]
    Normal,
    /// No such field.
    Missing,
    /// 0 for each.
    Zero,
}

/// How arguments are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// As JSON in a string.
    #[default]
    Text,
    /// As an object.
    Object,
}

/// What goes wrong with a reply.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection breaks after so many pieces.
    Cut(usize),
    /// The body ends properly after so many pieces, with neither a reason nor `[DONE]`.
    Stop(usize),
    /// Nothing more comes after so many pieces, and the connection stays.
    Stall(usize),
    /// After so many pieces an event with this data ends it.
    Error(usize, Value),
    /// Another status.
    Status {
        /// The code.
        code: u16,
        /// Headers.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body: a string as it is, anything else as JSON.
        #[serde(default)]
        body: Value,
    },
    /// It never answers.
    Hang,
}

impl Call {
    /// A call of `name`.
    pub fn new(name: &str, arguments: Value) -> Self {
        Self {
            name: name.to_owned(),
            arguments,
            ..Self::default()
        }
    }

    /// A call whose arguments are this text.
    pub fn raw(name: &str, arguments: &str) -> Self {
        Self {
            name: name.to_owned(),
            raw_arguments: Some(arguments.to_owned()),
            ..Self::default()
        }
    }

    pub(crate) fn arguments_text(&self) -> String {
        self.raw_arguments
            .clone()
            .unwrap_or_else(|| self.arguments.to_string())
    }
}

impl Reply {
    /// Says something, with a usage of ten tokens in and five out.
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            usage: Some((10, 5)),
            ..Self::default()
        }
    }

    /// Calls one tool.
    pub fn call(name: &str, arguments: Value) -> Self {
        Self::calls([Call::new(name, arguments)])
    }

    /// Calls one tool with arguments that are this text, which need not be JSON.
    pub fn raw_call(name: &str, arguments: &str) -> Self {
        Self::calls([Call::raw(name, arguments)])
    }

    /// Calls several tools at once.
    pub fn calls(calls: impl IntoIterator<Item = Call>) -> Self {
        Self::text_and_calls("", calls)
    }

    /// Says something and calls tools.
    pub fn text_and_calls(text: &str, calls: impl IntoIterator<Item = Call>) -> Self {
        Self {
            calls: calls.into_iter().collect(),
            ..Self::text(text)
        }
    }

    /// Answers with a status. A string is sent as it is, anything else as JSON.
    pub fn status(code: u16, body: impl Into<Value>) -> Self {
        Self::default().with_fault(Fault::Status {
            code,
            headers: Vec::new(),
            body: body.into(),
        })
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::default().with_fault(Fault::Hang)
    }

    /// Answers with exactly these bytes, as an event stream.
    pub fn raw<B: Into<Vec<u8>>>(chunks: impl IntoIterator<Item = B>) -> Self {
        Self {
            raw: Some(chunks.into_iter().map(Into::into).collect()),
            ..Self::default()
        }
    }

    /// Adds a header to a reply that has a status.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(Fault::Status { headers, .. }) = &mut self.fault {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Thinks before it answers.
    #[must_use]
    pub fn after_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }

    /// Takes its time over each piece.
    #[must_use]
    pub fn piece_ms(mut self, piece_delay_ms: u64) -> Self {
        self.piece_delay_ms = piece_delay_ms;
        self
    }

    /// Says its text in pieces of so many characters.
    #[must_use]
    pub fn split_text(mut self, characters: usize) -> Self {
        self.text_piece = Some(characters);
        self
    }

    /// Sends arguments in pieces of so many bytes (never within a character).
    #[must_use]
    pub fn split_arguments(mut self, bytes: usize) -> Self {
        self.arguments_piece = Some(bytes);
        self
    }

    /// States what it used.
    #[must_use]
    pub fn with_usage(mut self, input: u64, output: u64) -> Self {
        self.usage = Some((input, output));
        self
    }

    /// States nothing of what it used.
    #[must_use]
    pub fn without_usage(mut self) -> Self {
        self.usage = None;
        self
    }

    /// Gives another reason for its end.
    #[must_use]
    pub fn with_finish(mut self, reason: &str) -> Self {
        self.finish = Some(reason.to_owned());
        self
    }

    /// Gives its calls other ids.
    #[must_use]
    pub fn with_ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Gives its calls other indices.
    #[must_use]
    pub fn with_index(mut self, index: Index) -> Self {
        self.index = index;
        self
    }

    /// Writes arguments otherwise.
    #[must_use]
    pub fn with_arguments(mut self, shape: Shape) -> Self {
        self.arguments = shape;
        self
    }

    /// Answers with one JSON body.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Leaves out the `[DONE]`.
    #[must_use]
    pub fn without_done(mut self) -> Self {
        self.no_done = true;
        self
    }

    /// Breaks the connection after so many pieces.
    #[must_use]
    pub fn cut_after(self, pieces: usize) -> Self {
        self.with_fault(Fault::Cut(pieces))
    }

    /// Goes silent after so many pieces.
    #[must_use]
    pub fn stalls_after(self, pieces: usize) -> Self {
        self.with_fault(Fault::Stall(pieces))
    }

    /// Sends an error after so many pieces.
    #[must_use]
    pub fn error_after(self, pieces: usize, data: impl Into<Value>) -> Self {
        self.with_fault(Fault::Error(pieces, data.into()))
    }

    /// Lets something go wrong.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Does not answer before the gate is open.
    #[must_use]
    pub fn held_by(self, gate: &Gate) -> Self {
        self.held_before(0, gate)
    }

    /// Does not send the `piece`-th piece, counted from 1, before the gate is open.
    #[must_use]
    pub fn held_before(mut self, piece: usize, gate: &Gate) -> Self {
        self.gates.push((piece, gate.clone()));
        self
    }
}
