//! The line that tasks are added by, as its form speaks with the server.

use serde_json::{Value, json};

use crate::harness::Database;
use crate::page::Browser;

/// What stands under the line when it says `text`, with other fields of its form.
async fn understood(browser: &mut Browser, text: &str, fields: &[(&str, &str)]) -> String {
    let mut all = vec![("text", text)];
    all.extend(fields);
    browser.submit("/add/read", &all).await;
    assert_eq!(browser.page.status, 200, "{}", browser.page.text);
    browser.page.text.clone()
}

/// The words that a fragment says are read, with their kinds.
fn marks(text: &str, fragment: &str) -> Vec<(String, String)> {
    let read = fragment.split("data-read=\"").nth(1).unwrap();
    let read = read.split('"').next().unwrap().replace("&#34;", "\"");
    let read: Vec<Value> = serde_json::from_str(&read).unwrap();
    let units: Vec<u16> = text.encode_utf16().collect();
    read.iter()
        .map(|mark| {
            let at = |name: &str| usize::try_from(mark[name].as_u64().unwrap()).unwrap();
            let words = String::from_utf16(&units[at("start")..at("end")]).unwrap();
            (mark["kind"].as_str().unwrap().to_owned(), words)
        })
        .collect()
}

fn stretch(text: &str, words: &str) -> Value {
    let start = text.split(words).next().unwrap().encode_utf16().count();
    json!({ "start": start, "end": start + words.encode_utf16().count() })
}

#[tokio::test]
async fn a_line_says_what_it_understands_before_it_is_added() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let line = "🎉 call Zoë friday 3pm p1 @phone +Garden";
    let shown = understood(&mut browser, line, &[]).await;
    let expected = [
        ("date", "friday 3pm"),
        ("priority", "p1"),
        ("tag", "@phone"),
        ("project", "+Garden"),
    ];
    let expected = expected.map(|(kind, words)| (kind.to_owned(), words.to_owned()));
    assert_eq!(marks(line, &shown), expected);
    for chip in [
        "Fri 27 Nov 15:00",
        "P1",
        "@ phone",
        "# Garden \u{b7} new project",
        "Treat \u{201c}@phone\u{201d} as plain words",
    ] {
        assert!(shown.contains(chip), "{chip}: {shown}");
    }
    // It was only read.
    browser.open("/all").await;
    assert!(!browser.sees("Zo\u{eb}"));
    let repeat = understood(&mut browser, "water ferns every! 7 days", &[]).await;
    assert!(repeat.contains("7 days after done → today"), "{repeat}");
    let repeat = understood(&mut browser, "pay rent every 1st at 9", &[]).await;
    assert!(
        repeat.contains(">every month on the 1st 09:00<"),
        "{repeat}"
    );
    let request = understood(&mut browser, "what's due today?", &[]).await;
    assert!(request.contains("Ask the assistant"), "{request}");
    assert!(!shown.contains("Ask the assistant"));
}

#[tokio::test]
async fn words_that_were_unread_are_added_as_they_stand() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let line = "🎉 ask May about friday tomorrow";
    let plain = json!([stretch(line, "tomorrow")]).to_string();
    let shown = understood(&mut browser, line, &[("read", &plain)]).await;
    assert_eq!(
        marks(line, &shown),
        [("date".to_owned(), "friday".to_owned())]
    );
    // What is a mark in the page is not meant to stay plain.
    let mut marked = json!([stretch(line, "tomorrow")]);
    marked[0]["kind"] = json!("date");
    let shown = understood(&mut browser, line, &[("read", &marked.to_string())]).await;
    let read = understood(&mut browser, line, &[]).await;
    assert_eq!(marks(line, &shown), marks(line, &read));
    browser.open("/").await;
    browser
        .submit("/add", &[("text", line), ("read", &plain)])
        .await;
    browser.open("/upcoming").await;
    assert!(
        browser.sees("🎉 ask May about tomorrow"),
        "{}",
        browser.page.text
    );
}

#[tokio::test]
async fn words_that_are_always_plain_are_not_read_anywhere() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let line = "see Friday on friday";
    let words = json!({ "friday": 2 }).to_string();
    let shown = understood(&mut browser, line, &[("words", &words)]).await;
    assert_eq!(marks(line, &shown), []);
    assert_eq!(shown.matches("is always plain").count(), 1, "{shown}");
    // A part of another word is not that word.
    let words = json!({ "day": 2 }).to_string();
    let shown = understood(&mut browser, line, &[("words", &words)]).await;
    assert!(!marks(line, &shown).is_empty());
    // The second time it is un-read, it can be kept plain for good.
    let once = json!({ "friday": 1 }).to_string();
    let plain = json!([stretch(line, "friday")]).to_string();
    let shown = understood(&mut browser, line, &[("words", &once), ("read", &plain)]).await;
    assert!(
        shown.contains("Always keep \u{201c}friday\u{201d} plain"),
        "{shown}"
    );
    let shown = understood(&mut browser, line, &[("words", "{}"), ("read", &plain)]).await;
    assert!(!shown.contains("Always keep"));
}

#[tokio::test]
async fn another_meaning_of_a_date_can_be_chosen() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let line = "call Rui next friday";
    let shown = understood(&mut browser, line, &[]).await;
    assert!(
        shown.contains("next friday: Fri 4 Dec?") && shown.contains("or Fri 27 Nov"),
        "{shown}"
    );
    let shown = understood(&mut browser, line, &[("due", "2026-11-27")]).await;
    assert!(
        shown.contains("next friday: Fri 27 Nov?") && shown.contains("or Fri 4 Dec"),
        "{shown}"
    );
    // What the words cannot mean is not taken.
    let shown = understood(&mut browser, line, &[("due", "2030-01-01")]).await;
    assert!(shown.contains("next friday: Fri 4 Dec?"), "{shown}");
    browser.open("/").await;
    browser
        .submit("/add", &[("text", line), ("due", "2026-11-27")])
        .await;
    assert!(browser.sees("Added \u{201c}Call Rui\u{201d}") && browser.sees("27 Nov"));
}

#[tokio::test]
async fn lines_below_the_first_are_a_note_or_tasks_of_their_own() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser
        .submit(
            "/add",
            &[
                ("text", "call Rui tomorrow\nabout the *boat*\nand the car"),
                ("open", "true"),
            ],
        )
        .await;
    assert!(browser.address.contains("task=1"), "{}", browser.address);
    assert!(
        browser.sees("about the *boat*\nand the car"),
        "{}",
        browser.page.text
    );
    let list = "- milk tomorrow\n\n2. eggs p1\n[x] bread";
    let shown = understood(&mut browser, list, &[("each", "yes")]).await;
    assert!(
        shown.contains("Add 3 tasks") && shown.contains(">Milk</span>"),
        "{shown}"
    );
    browser.open("/").await;
    browser
        .submit("/add", &[("text", list), ("each", "yes")])
        .await;
    assert!(browser.sees("Added 3 tasks"), "{}", browser.page.text);
    let undo = browser
        .page
        .text
        .split("action=\"/changes/")
        .nth(1)
        .unwrap();
    let undo = format!("/changes/{}", undo.split('"').next().unwrap());
    browser.submit(&undo, &[]).await;
    browser.open("/all").await;
    assert!(browser.sees("Call Rui") && !browser.sees("Milk") && !browser.sees("Eggs"));
}

#[tokio::test]
async fn names_are_suggested_while_they_are_typed() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser
        .submit("/add", &[("text", "paint +Garden @errand")])
        .await;
    let suggested = |shown: &str| -> Vec<String> {
        let names = shown.split("data-name=\"").skip(1);
        names
            .map(|name| name.split('"').next().unwrap().to_owned())
            .collect()
    };
    for (line, caret, names) in [
        ("buy #", "5", vec!["Garden", "errand"]),
        ("buy +ga", "7", vec!["Garden", "ga"]),
        ("buy #garden", "11", vec![]),
        ("buy @err now", "8", vec!["errand", "err"]),
        ("buy @err now", "6", vec![]),
        ("mail a@err", "10", vec![]),
    ] {
        let shown = understood(&mut browser, line, &[("caret", caret)]).await;
        assert_eq!(suggested(&shown), names, "{line}");
    }
    let shown = understood(&mut browser, "buy +shed", &[("caret", "9")]).await;
    assert!(
        shown.contains("Create project \u{201c}shed\u{201d}"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_is_shared_is_in_the_line() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser
        .open("/add?title=A%20boat&text=A%20boat&url=https%3A%2F%2Fboats.example%2F%3Fa%3D1")
        .await;
    assert!(
        browser.sees("A boat\nhttps://boats.example/?a=1</textarea>"),
        "{}",
        browser.page.text
    );
    browser.open("/add?text=%22%3E%3Cb%3E").await;
    assert!(
        browser.sees("value=\"&#34;&#62;&#60;b&#62;\""),
        "{}",
        browser.page.text
    );
    browser.submit("/add", &[("text", "row the boat")]).await;
    assert!(browser.address.starts_with("/add?change=") && browser.sees("Row the boat"));
}

#[tokio::test]
async fn what_cannot_be_added_is_still_in_the_line() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let long = "x".repeat(501);
    browser.submit("/add", &[("text", &long)]).await;
    assert_eq!(browser.page.status, 422);
    assert!(browser.sees(&format!("value=\"{long}\"")) && browser.sees("at most 500 characters"));
}

#[tokio::test]
async fn a_page_that_is_there_can_read_why_not() {
    let browser = Browser::new(Database::Sqlite).await;
    let csrf = browser.hidden("/add", "csrf").unwrap();
    let headers = [
        ("cookie", browser.cookie.as_str()),
        ("host", "todo.test"),
        ("origin", "http://todo.test"),
        ("sayso-fragment", "1"),
        ("accept-encoding", "gzip"),
    ];
    let long = "x".repeat(501);
    let fields = [("text", long.as_str()), ("csrf", &csrf)];
    let answer = browser.harness.submit("/add", &headers, &fields).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-encoding"), "");
    let detail = answer.json()["detail"].to_string();
    assert!(detail.contains("at most 500 characters"), "{detail}");
}

#[tokio::test]
async fn somebody_new_sees_what_they_can_write() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser.open("/").await;
    assert!(
        browser.sees("Type what\u{2019}s on your mind") && browser.sees("Pay rent every 1st at 9")
    );
    browser.submit("/add", &[("text", "anything")]).await;
    browser.open("/").await;
    assert!(browser.sees("Today is clear") && !browser.sees("Pay rent every 1st"));
}
