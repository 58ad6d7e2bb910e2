//! Tells the calls of an answer apart, whatever the provider does with ids and indices.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::FailureKind;
use crate::message::{Arguments, Call, Extra};

/// The calls that have come, the last of them perhaps in part.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Slot>);

/// What has come of one call.
#[derive(Debug, Default)]
struct Slot {
    index: Option<u64>,
    id: String,
    name: String,
    text: String,
    braces: Braces,
    /// Arguments that came as an object.
    object: Option<Map<String, Value>>,
    /// It began like the last one once more, with nothing new. If nothing follows, it was no call.
    echo: bool,
    call_extra: Map<String, Value>,
    function_extra: Map<String, Value>,
    extra_bytes: usize,
}

/// One piece of one call.
struct Piece<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
    arguments: &'a Value,
}

/// Knows when an object that is written bit by bit is closed.
#[derive(Debug, Default)]
struct Braces {
    depth: usize,
    in_string: bool,
    escaped: bool,
    closed: bool,
}

impl Calls {
    /// Takes a piece, or a `whole` call.
    pub(super) fn take(&mut self, call: &Value, whole: bool) {
        let function = &call["function"];
        let piece = Piece {
            index: number(&call["index"]),
            id: call["id"].as_str().unwrap_or_default(),
            name: function["name"].as_str().unwrap_or_default(),
            arguments: &function["arguments"],
        };
        let slot = self.slot(&piece, whole);
        slot.take(&piece);
        let known = ["index", "id", "type", "function"];
        slot.extra_bytes += keep(call, &known, &mut slot.call_extra);
        slot.extra_bytes += keep(function, &["name", "arguments"], &mut slot.function_extra);
    }

    /// Takes a piece of the older kind, of which there is one at most.
    pub(super) fn take_function(&mut self, function: &Value) {
        let piece = Piece {
            index: None,
            id: "",
            name: function["name"].as_str().unwrap_or_default(),
            arguments: &function["arguments"],
        };
        self.slot(&piece, false).take(&piece);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(Slot::bytes).sum()
    }

    /// The calls, each with an id of its own that is not among `taken`.
    pub(super) fn whole(
        self,
        provider: &str,
        mut taken: HashSet<String>,
    ) -> Result<Vec<Call>, FailureKind> {
        let slots = self.0.into_iter().filter(|slot| !slot.is_echo());
        slots
            .map(|slot| {
                // Nobody could tell what was meant.
                if slot.name.is_empty() {
                    return Err(FailureKind::Unintelligible);
                }
                Ok(slot.whole(provider, &mut taken))
            })
            .collect()
    }

    /// The call that a piece belongs to, which may be a new one.
    fn slot(&mut self, piece: &Piece<'_>, whole: bool) -> &mut Slot {
        let at = if whole { None } else { self.find(piece) };
        let at = at.unwrap_or_else(|| {
            let echo = self.0.last().is_some_and(|last| last.is_repeated_by(piece));
            self.0.push(Slot {
                index: piece.index,
                echo: echo && !whole,
                ..Slot::default()
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// The call that a piece goes on with. `None` if it begins one.
    fn find(&self, piece: &Piece<'_>) -> Option<usize> {
        let last = self.0.len().checked_sub(1)?;
        let by_index = |slot: &Slot| piece.index.is_some() && slot.index == piece.index;
        let by_id = |slot: &Slot| !piece.id.is_empty() && slot.id == piece.id;
        let slots = &self.0;
        let at = match piece.index {
            Some(_) => slots
                .iter()
                .rposition(|slot| by_index(slot) && by_id(slot))
                .or_else(|| slots.iter().rposition(by_index)),
            None => Some(slots.iter().rposition(by_id).unwrap_or(last)),
        };
        if let Some(at) = at {
            return slots[at].goes_on_with(piece).then_some(at);
        }
        // An index that is new begins a call, if there is anything else to say so.
        let bare = piece.name.is_empty() && (piece.id.is_empty() || by_id(&slots[last]));
        bare.then_some(last)
    }
}

impl Slot {
    fn goes_on_with(&self, piece: &Piece<'_>) -> bool {
        if !self.id.is_empty() && !piece.id.is_empty() && self.id != piece.id {
            return false;
        }
        if piece.name.is_empty() || self.name.is_empty() {
            return true;
        }
        // With the same name again it is the next call once this one's arguments are all there.
        self.name == piece.name && !self.is_complete()
    }

    fn is_repeated_by(&self, piece: &Piece<'_>) -> bool {
        self.name == piece.name && (piece.id.is_empty() || self.id == piece.id)
    }

    fn is_complete(&self) -> bool {
        self.object.is_some() || self.braces.closed
    }

    fn is_echo(&self) -> bool {
        self.echo && self.text.trim().is_empty() && self.object.is_none()
    }

    fn bytes(&self) -> usize {
        let object = self.object.as_ref().map_or(0, |object| {
            object
                .iter()
                .map(|(key, value)| key.len() + value.to_string().len())
                .sum()
        });
        self.id.len() + self.name.len() + self.text.len() + object + self.extra_bytes
    }

    fn take(&mut self, piece: &Piece<'_>) {
        if self.id.is_empty() {
            self.id = piece.id.to_owned();
        }
        if self.name.is_empty() {
            self.name = piece.name.to_owned();
        }
        match piece.arguments {
            Value::String(text) => {
                self.text.push_str(text);
                self.braces.read(text);
            }
            Value::Object(object) => self.object.get_or_insert_default().extend(object.clone()),
            _ => {}
        }
    }

    fn whole(self, provider: &str, taken: &mut HashSet<String>) -> Call {
        let id = if self.id.is_empty() || taken.contains(&self.id) {
            new_id(taken)
        } else {
            self.id
        };
        taken.insert(id.clone());
        let arguments = match self.object {
            Some(object) => Arguments::Read(object),
            None => arguments(self.text),
        };
        let mut extra = Extra::default();
        if !self.call_extra.is_empty() || !self.function_extra.is_empty() {
            extra = Extra {
                provider: provider.to_owned(),
                call: self.call_extra,
                function: self.function_extra,
            };
        }
        Call {
            id,
            name: self.name,
            arguments,
            extra,
        }
    }
}

impl Braces {
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' => self.depth += 1,
                b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.closed |= self.depth == 0;
                }
                _ => {}
            }
        }
    }
}

/// Nine letters and digits, which is all that Mistral takes.
fn new_id(taken: &HashSet<String>) -> String {
    let mut ids = (1_u32..).map(|number| format!("call{number:05}"));
    ids.find(|id| !taken.contains(id)).unwrap_or_default()
}

fn number(index: &Value) -> Option<u64> {
    index.as_u64().or_else(|| index.as_str()?.parse().ok())
}

/// Keeps what is not known to us, and says how long it is.
fn keep(fields: &Value, known: &[&str], kept: &mut Map<String, Value>) -> usize {
    let mut bytes = 0;
    for (name, value) in fields.as_object().into_iter().flatten() {
        if !known.contains(&name.as_str()) && !value.is_null() {
            bytes += name.len() + value.to_string().len();
            kept.insert(name.clone(), value.clone());
        }
    }
    bytes
}

/// What a text of arguments says. Nothing at all means that there are none.
fn arguments(text: String) -> Arguments {
    if text.trim().is_empty() {
        return Arguments::Read(Map::new());
    }
    let value = match serde_json::from_str(&text) {
        // JSON in a string in a string.
        Ok(Value::String(inner)) => serde_json::from_str(&inner).ok(),
        Ok(value) => Some(value),
        Err(_) => None,
    };
    match value {
        Some(Value::Object(object)) => Arguments::Read(object),
        Some(Value::Null) => Arguments::Read(Map::new()),
        _ => Arguments::Unreadable(text),
    }
}
