//! Streams of several dialects, and what they come to.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Assembled, Assembly};
use crate::FailureKind;
use crate::answer::{Finish, Usage};
use crate::events::Events;
use crate::message::{Arguments, Call};

/// What a stream comes to that arrives in these chunks.
fn stream<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Assembled, Usage), FailureKind> {
    let (mut events, mut assembly, mut shown) =
        (Events::default(), Assembly::default(), String::new());
    let mut on_text = |text: &str| shown.push_str(text);
    for chunk in chunks {
        for event in events.push(chunk) {
            assembly.take(&event, &mut on_text)?;
        }
    }
    if let Some(event) = events.end() {
        assembly.take(&event, &mut on_text)?;
    }
    let usage = assembly.usage(400);
    let whole = assembly.whole("one", ["taken"].into_iter())?;
    assert_eq!(whole.text, shown, "what was shown is what is there");
    Ok((whole, usage))
}

fn read(text: &str) -> Result<Assembled, FailureKind> {
    stream([text.as_bytes()]).map(|(whole, _)| whole)
}

fn events(chunks: &[Value]) -> String {
    chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect()
}

fn delta(delta: &Value) -> Value {
    json!({ "choices": [{ "delta": delta }] })
}

fn end(reason: &str) -> Value {
    json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })
}

/// What these pieces of `tool_calls` come to.
fn calls(pieces: &[Value]) -> Vec<Call> {
    let mut chunks: Vec<_> = pieces
        .iter()
        .map(|piece| delta(&json!({ "tool_calls": [piece] })))
        .collect();
    chunks.push(end("tool_calls"));
    read(&events(&chunks)).unwrap().calls
}

/// Calls in short: `id name arguments`.
fn short(pieces: &[Value]) -> Vec<String> {
    let calls = calls(pieces);
    let short = |call: &Call| {
        let arguments = match &call.arguments {
            Arguments::Read(arguments) => Value::Object(arguments.clone()).to_string(),
            Arguments::Unreadable(text) => format!("?{text}"),
        };
        format!("{} {} {arguments}", call.id, call.name)
    };
    calls.iter().map(short).collect()
}

fn piece(index: Option<u64>, id: &str, name: &str, arguments: &str) -> Value {
    let mut piece = json!({ "function": { "arguments": arguments } });
    if let Some(index) = index {
        piece["index"] = index.into();
    }
    if !id.is_empty() {
        piece["id"] = id.into();
    }
    if !name.is_empty() {
        piece["function"]["name"] = name.into();
    }
    piece
}

#[test]
fn calls_by_index() {
    let pieces = [
        piece(Some(0), "a", "one", ""),
        piece(Some(1), "b", "two", ""),
        piece(Some(0), "", "", "{\"x\":"),
        piece(Some(1), "", "", "{}"),
        piece(Some(0), "", "", "1}"),
    ];
    assert_eq!(short(&pieces), [r#"a one {"x":1}"#, "b two {}"]);
}

#[test]
fn calls_without_an_index() {
    let pieces = [
        piece(None, "a", "one", "{\"x\""),
        piece(None, "", "", ":1}"),
        piece(None, "b", "one", "{\"x\":2}"),
        piece(None, "b", "", " "),
    ];
    assert_eq!(short(&pieces), [r#"a one {"x":1}"#, r#"b one {"x":2}"#]);
}

#[test]
fn calls_that_are_all_the_first() {
    for index in [Some(0), None] {
        let other_id = [
            piece(index, "a", "one", "{\"x\":1}"),
            piece(index, "b", "one", "{\"x\":2}"),
        ];
        assert_eq!(short(&other_id), [r#"a one {"x":1}"#, r#"b one {"x":2}"#]);
        let other_name = [
            piece(index, "", "one", ""),
            piece(index, "", "two", "{\"x\":"),
            piece(index, "", "", "2}"),
        ];
        assert_eq!(
            short(&other_name),
            ["call00001 one {}", r#"call00002 two {"x":2}"#]
        );
        let same_name = [
            piece(index, "", "one", "{\"x\":1}"),
            piece(index, "", "one", ""),
            piece(index, "", "", "{\"x\":2}"),
        ];
        assert_eq!(
            short(&same_name),
            [r#"call00001 one {"x":1}"#, r#"call00002 one {"x":2}"#]
        );
        let same_id = [
            piece(index, "a", "one", "{\"x\":1}"),
            piece(index, "a", "one", "{\"x\":2}"),
        ];
        assert_eq!(
            short(&same_id),
            [r#"a one {"x":1}"#, r#"call00001 one {"x":2}"#]
        );
    }
}

#[test]
fn a_name_that_is_repeated_is_one_call() {
    for index in [Some(0), None] {
        let pieces = [
            piece(index, "a", "one", ""),
            piece(index, "a", "one", "{\"x\":{}"),
            piece(index, "a", "one", ",\"y\":\"}\\\"}\""),
            piece(index, "a", "one", "}"),
            piece(index, "a", "one", ""),
        ];
        assert_eq!(short(&pieces), [r#"a one {"x":{},"y":"}\"}"}"#]);
    }
}

#[test]
fn an_index_that_grows_with_every_piece_is_one_call() {
    let pieces = [
        piece(Some(0), "a", "one", ""),
        piece(Some(1), "", "", "{\"x\":"),
        piece(Some(2), "a", "", "1}"),
    ];
    assert_eq!(short(&pieces), [r#"a one {"x":1}"#]);
}

#[test]
fn every_call_has_an_id_of_its_own() {
    let pieces = [
        piece(Some(0), "same", "one", "{}"),
        piece(Some(1), "same", "one", "{}"),
        piece(Some(2), "taken", "one", "{}"),
        piece(Some(3), "", "one", "{\"x\":1}"),
    ];
    assert_eq!(
        short(&pieces),
        [
            "same one {}",
            "call00001 one {}",
            "call00002 one {}",
            r#"call00003 one {"x":1}"#
        ]
    );
}

#[test]
fn arguments_in_every_shape() {
    let of = |arguments: Value| {
        short(&[json!({ "id": "a", "function": { "name": "one", "arguments": arguments } })])
            .remove(0)
    };
    assert_eq!(of(json!({ "x": 1 })), r#"a one {"x":1}"#);
    assert_eq!(of(json!("")), "a one {}");
    assert_eq!(of(json!("null")), "a one {}");
    assert_eq!(of(json!(null)), "a one {}");
    assert_eq!(of(json!(r#""{\"x\":1}""#)), r#"a one {"x":1}"#);
    assert_eq!(of(json!("{\"x\":")), "a one ?{\"x\":");
    assert_eq!(of(json!("[1]")), "a one ?[1]");
}

#[test]
fn unknown_fields_are_kept() {
    let signature = json!({ "google": { "thought_signature": "abc==" } });
    let call = json!({
        "index": 0,
        "id": "a",
        "type": "function",
        "extra_content": signature,
        "function": { "name": "one", "arguments": "{}", "strict": true },
    });
    let extra = calls(&[call]).remove(0).extra;
    assert_eq!(extra.provider, "one");
    assert_eq!(
        Value::Object(extra.call),
        json!({ "extra_content": signature })
    );
    assert_eq!(Value::Object(extra.function), json!({ "strict": true }));
}

#[test]
fn a_call_without_a_name_is_not_understood() {
    let chunks = [
        delta(&json!({ "tool_calls": [piece(Some(0), "a", "", "{}")] })),
        end("tool_calls"),
    ];
    assert_eq!(read(&events(&chunks)), Err(FailureKind::Unintelligible));
}

#[test]
fn the_older_kind_of_call() {
    let chunks = [
        delta(&json!({ "function_call": { "name": "one", "arguments": "{\"x\"" } })),
        delta(&json!({ "function_call": { "arguments": ":1}" } })),
        end("function_call"),
    ];
    let whole = read(&events(&chunks)).unwrap();
    assert_eq!(whole.calls.len(), 1);
    assert_eq!(whole.calls[0].name, "one");
}

#[test]
fn text_in_every_shape() {
    let text = |content: Value| {
        let chunks = [
            delta(&json!({ "role": "oracle", "content": content })),
            end("stop"),
        ];
        read(&events(&chunks)).map(|whole| whole.text)
    };
    assert_eq!(text(json!("\n\nhi ")), Ok("hi ".to_owned()));
    assert_eq!(
        text(json!([{ "type": "thinking", "text": "hm" }, { "type": "text", "text": "hi" }, "!"])),
        Ok("hi!".to_owned())
    );
    assert_eq!(text(json!(null)), Err(FailureKind::Unintelligible));
    assert_eq!(text(json!(" \n")), Err(FailureKind::Unintelligible));
    let refusal = [delta(&json!({ "refusal": "I can't." })), end("stop")];
    assert_eq!(read(&events(&refusal)).unwrap().text, "I can't.");
}

#[test]
fn reasons_for_the_end() {
    let of = |reason: &str| {
        let chunks = [delta(&json!({ "content": "hi" })), end(reason)];
        read(&events(&chunks)).map(|whole| whole.finish)
    };
    assert_eq!(of("stop"), Ok(Finish::Complete));
    assert_eq!(of("eos"), Ok(Finish::Complete));
    assert_eq!(of("length"), Ok(Finish::Length));
    assert_eq!(of("MAX_TOKENS"), Ok(Finish::Length));
    assert_eq!(of("content_filter"), Ok(Finish::Filtered));
    assert_eq!(of("error"), Err(FailureKind::CutOff));
    assert_eq!(of(""), Err(FailureKind::CutOff));
}

#[test]
fn an_answer_with_nothing_in_it_that_says_why() {
    let length = read(&events(&[end("length")])).unwrap();
    assert_eq!(length.finish, Finish::Length);
    let filtered = read(&events(&[end("content_filter")])).unwrap();
    assert_eq!(filtered.finish, Finish::Filtered);
}

#[test]
fn done_is_an_end_too() {
    let text = events(&[delta(&json!({ "content": "hi" }))]);
    assert_eq!(read(&text), Err(FailureKind::CutOff));
    assert_eq!(read(&(text + "data:[DONE]")).unwrap().text, "hi");
    assert_eq!(read("data: [DONE]\n\n"), Err(FailureKind::Unintelligible));
    assert_eq!(read("<html>busy</html>"), Err(FailureKind::Unintelligible));
}

#[test]
fn events_without_an_empty_line_between_them() {
    let text = events(&[delta(&json!({ "content": "hi" })), end("stop")]).replace("\n\n", "\n");
    assert_eq!(read(&(text + "data: [DONE]\n")).unwrap().text, "hi");
}

#[test]
fn errors_in_the_middle() {
    let of = |error: &str| {
        read(&format!(
            "{}{error}",
            events(&[delta(&json!({ "content": "hi" }))])
        ))
    };
    let cut_off = Err(FailureKind::CutOff);
    assert_eq!(of("data: {\"error\":{\"message\":\"boom\"}}\n\n"), cut_off);
    assert_eq!(
        of("data: [{\"error\":{\"message\":\"boom\"}}]\n\n"),
        cut_off
    );
    assert_eq!(of("data: upstream went away\n\n"), cut_off);
    assert_eq!(
        of("event: error\ndata: {\"message\":\"boom\"}\n\n"),
        cut_off
    );
    assert_eq!(
        of("data: {\"error\":{\"code\":429}}\n\n"),
        Err(FailureKind::Busy)
    );
    assert_eq!(
        of("data: {\"object\":\"error\",\"message\":\"too many tokens\"}\n\n"),
        Err(FailureKind::TooLong)
    );
}

#[test]
fn what_was_used() {
    let usage = |last: &str| {
        let text = events(&[delta(&json!({ "content": "12345678" })), end("stop")]);
        stream([format!("{text}{last}").as_bytes()]).unwrap().1
    };
    let stated = Usage {
        input_tokens: 7,
        output_tokens: 3,
        estimated: false,
    };
    let estimated = Usage {
        input_tokens: 100,
        output_tokens: 2,
        estimated: true,
    };
    assert_eq!(
        usage("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\n"),
        stated
    );
    assert_eq!(
        usage("data: {\"x_groq\":{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}}\n\n"),
        stated
    );
    assert_eq!(
        usage("data: {\"choices\":[],\"usage\":null}\n\n"),
        estimated
    );
    assert_eq!(usage(""), estimated);
}

/// A stream with text, calls and characters of several bytes.
fn rich() -> String {
    events(&[
        delta(&json!({ "role": "assistant", "content": "Grüße" })),
        delta(&json!({ "content": " an alle 🦀" })),
        delta(&json!({ "tool_calls": [piece(None, "a", "one", "{\"x\":\"ä")] })),
        delta(&json!({ "tool_calls": [piece(None, "", "", "🦀\"}")] })),
        delta(&json!({ "tool_calls": [piece(None, "b", "two", "{}")] })),
        end("stop"),
        json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 3 } }),
    ]) + "data: [DONE]\n\n"
}

proptest! {
    #[test]
    fn any_cut_comes_to_the_same(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        crlf in any::<bool>(),
    ) {
        let text = if crlf { rich().replace('\n', "\r\n") } else { rich() };
        let bytes = text.as_bytes();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]);
        prop_assert_eq!(stream(chunks), stream([rich().as_bytes()]));
    }

    #[test]
    fn nothing_that_is_cut_short_is_an_answer(length in any::<prop::sample::Index>()) {
        let text = rich();
        let end = text.find("\"finish_reason\":\"stop\"").unwrap();
        let cut = &text.as_bytes()[..length.index(end)];
        prop_assert!(stream([cut]).is_err());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = stream([bytes.as_slice(), b"\n\n"]);
    }

    #[test]
    fn arguments_split_anywhere_are_read(
        title in ".{0,20}",
        size in 1_usize..6,
        index in prop::option::of(Just(0_u64)),
        named in any::<bool>(),
    ) {
        let arguments = json!({ "title": title, "more": { "a": [] } });
        let text = arguments.to_string();
        let characters: Vec<char> = text.chars().collect();
        let name = if named { "one" } else { "" };
        let mut pieces = vec![piece(index, "a", "one", "")];
        pieces.extend(characters.chunks(size).map(|characters| {
            piece(index, "", name, &characters.iter().collect::<String>())
        }));
        let calls = calls(&pieces);
        prop_assert_eq!(calls.len(), 1);
        let Value::Object(arguments) = arguments else { unreachable!() };
        prop_assert_eq!(&calls[0].arguments, &Arguments::Read(arguments));
    }
}
