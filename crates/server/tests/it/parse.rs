//! Reading a line without adding it, as the capture line asks for it.

use std::fmt::Write;

use insta::assert_snapshot;
use jiff::Zoned;
use serde_json::{Value, json};
use server::Edge;

use crate::harness::{BOTH, Client, Database, Harness, NOW, fresh, settings};

/// What `line` is read as at `now`, Lisbon time unless the settings say otherwise.
async fn read_at(now: &str, line: &str) -> String {
    let (_, store) = fresh(Database::Sqlite).await;
    let ana = Harness::with(store, now, settings(), Edge::default())
        .user("ana")
        .await;
    shown(&ana, json!({ "text": line })).await
}

async fn read(line: &str) -> String {
    read_at(NOW, line).await
}

/// What is read from `request`: the task, then each span with the words that a browser finds there.
async fn shown(ana: &Client, request: Value) -> String {
    let text: Vec<u16> = request["text"].as_str().unwrap().encode_utf16().collect();
    let answer = ana.post("/parse", request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let reply = answer.json();
    let mut shown = reply["task"].to_string();
    for span in reply["spans"].as_array().unwrap() {
        let at = |field: &str| usize::try_from(span[field].as_u64().unwrap()).unwrap();
        let words = String::from_utf16(&text[at("start")..at("end")]).unwrap();
        let (kind, meaning) = (
            span["kind"].as_str().unwrap(),
            span["meaning"].as_str().unwrap(),
        );
        write!(shown, "\n{words:?} {kind}: {meaning}").unwrap();
        for (word, field) in [("or", "alternatives"), ("then", "next")] {
            for occasion in span[field].as_array().unwrap() {
                let meaning = occasion["meaning"].as_str().unwrap();
                write!(shown, "\n  {word} {meaning} {}", occasion["due"]).unwrap();
            }
        }
    }
    shown
}

#[tokio::test]
async fn every_kind_of_mark_says_what_it_means() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    ana.add(json!({ "title": "x", "project": "Work" })).await;
    let line = "call mum tomorrow at 6pm p1 #work @phone";
    assert_snapshot!(shown(&ana, json!({ "text": line })).await, @r##"
    {"due":"2026-11-26T18:00","priority":"high","project":"Work","tags":["phone"],"title":"Call mum"}
    "call mum" title: Call mum
    "tomorrow at 6pm" date: tomorrow, Thu 26 Nov 18:00
    "p1" priority: high priority
    "#work" project: project Work
    "@phone" tag: #phone
    "##);
    let line = "rake the leaves +Garden !2";
    assert_snapshot!(shown(&ana, json!({ "text": line })).await, @r#"
    {"priority":"medium","project":"Garden","title":"Rake the leaves"}
    "rake the leaves" title: Rake the leaves
    "+Garden" project: project Garden
    "!2" priority: medium priority
    "#);
    assert_snapshot!(shown(&ana, json!({ "text": "milk on my shopping list" })).await, @r#"
    {"priority":"none","tags":["shopping"],"title":"Milk"}
    "milk" title: Milk
    "on my shopping list" tag: #shopping
    "#);
}

#[tokio::test]
async fn offsets_count_as_a_browser_does() {
    assert_snapshot!(read("🎉🇵🇹 party friday at noon #fun").await, @r##"
    {"due":"2026-11-27T12:00","priority":"none","tags":["fun"],"title":"🎉🇵🇹 party"}
    "🎉🇵🇹 party" title: 🎉🇵🇹 party
    "friday at noon" date: Fri 27 Nov 12:00
    "#fun" tag: #fun
    "##);
    // What nobody can see is dropped on the way and still counted.
    assert_snapshot!(read("  \u{202e}🎉\tparty\u{0} fri\u{202e}day  ").await, @r#"
    {"due":"2026-11-27","priority":"none","title":"🎉 party"}
    "🎉\tparty" title: 🎉 party
    "fri\u{202e}day" date: Fri 27 Nov
    "#);
}

#[tokio::test]
async fn a_date_that_can_be_two() {
    assert_snapshot!(read("pay the fee on 3/4").await, @r#"
    {"due":"2027-04-03","priority":"none","title":"Pay the fee"}
    "pay the fee" title: Pay the fee
    "on 3/4" date: Sat 3 Apr 2027
      or Thu 4 Mar 2027 "2027-03-04"
    "#);
    assert_snapshot!(read("call Rui next friday at 17:00").await, @r#"
    {"due":"2026-12-04T17:00","priority":"none","title":"Call Rui"}
    "call Rui" title: Call Rui
    "next friday at 17:00" date: Fri 4 Dec 17:00
      or Fri 27 Nov 17:00 "2026-11-27T17:00"
    "#);
    assert_snapshot!(read("send the report by next friday").await, @r#"
    {"due":"2026-12-04","priority":"none","title":"Send the report"}
    "send the report" title: Send the report
    "by next friday" date: Fri 4 Dec
      or Fri 27 Nov "2026-11-27"
    "#);
    // This morning at eight is past.
    assert_snapshot!(read("call Rui at 8").await, @r#"
    {"due":"2026-11-25T20:00","priority":"none","title":"Call Rui"}
    "call Rui" title: Call Rui
    "at 8" date: today 20:00
    "#);
    assert_snapshot!(read("call Rui at 10").await, @r#"
    {"due":"2026-11-25T10:00","priority":"none","title":"Call Rui"}
    "call Rui" title: Call Rui
    "at 10" date: today 10:00
      or today 22:00 "2026-11-25T22:00"
    "#);
    assert_snapshot!(read("on sunday see Rui at 6").await, @r#"
    {"due":"2026-11-29T18:00","priority":"none","title":"See Rui"}
    "on sunday" date: Sun 29 Nov
    "see Rui" title: See Rui
    "at 6" date: 18:00
      or Sun 29 Nov 06:00 "2026-11-29T06:00"
    "#);
}

#[tokio::test]
async fn a_repeat_shows_its_next_dates() {
    // The clocks of Lisbon go forward at one in the morning of 28 March.
    assert_snapshot!(read_at("2027-03-20T12:00:00Z", "feed the cat every sunday at 01:30").await, @r#"
    {"due":"2027-03-21T01:30","missed":"skip","priority":"none","repeat":"FREQ=WEEKLY;BYDAY=SU","repeat_mode":"schedule","title":"Feed the cat"}
    "feed the cat" title: Feed the cat
    "every sunday at 01:30" repeat: every Sunday
      then tomorrow, Sun 21 Mar 01:30 "2027-03-21T01:30"
      then Sun 28 Mar 01:30 "2027-03-28T01:30"
      then Sun 4 Apr 01:30 "2027-04-04T01:30"
    "#);
    assert_snapshot!(read("water the plants every 2 weeks on monday").await, @r#"
    {"due":"2026-11-30","missed":"skip","priority":"none","repeat":"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO","repeat_mode":"schedule","title":"Water the plants"}
    "water the plants" title: Water the plants
    "every 2 weeks on monday" repeat: every 2 weeks on Monday
      then Mon 30 Nov "2026-11-30"
      then Mon 14 Dec "2026-12-14"
      then Mon 28 Dec "2026-12-28"
    "#);
    assert_snapshot!(read("pay rent every 31st").await, @r#"
    {"due":"2026-12-31","missed":"skip","priority":"none","repeat":"FREQ=MONTHLY;BYMONTHDAY=31","repeat_mode":"schedule","title":"Pay rent"}
    "pay rent" title: Pay rent
    "every 31st" repeat: every month on the 31st
      then Thu 31 Dec "2026-12-31"
      then Sun 31 Jan 2027 "2027-01-31"
      then Wed 31 Mar 2027 "2027-03-31"
    "#);
    assert_snapshot!(read("stretch every day until friday").await, @r#"
    {"due":"2026-11-25","missed":"skip","priority":"none","repeat":"FREQ=DAILY;UNTIL=20261127","repeat_mode":"schedule","title":"Stretch"}
    "stretch" title: Stretch
    "every day until friday" repeat: every day, until 27 Nov 2026
      then today "2026-11-25"
      then tomorrow, Thu 26 Nov "2026-11-26"
      then Fri 27 Nov "2026-11-27"
    "#);
    assert_snapshot!(read("change the filter every! 7 days").await, @r#"
    {"due":"2026-11-25","missed":"skip","priority":"none","repeat":"FREQ=DAILY;INTERVAL=7","repeat_mode":"completion","title":"Change the filter"}
    "change the filter" title: Change the filter
    "every! 7 days" repeat: 7 days after done
      then today "2026-11-25"
    "#);
}

#[tokio::test]
async fn a_word_that_is_not_to_be_read() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    let line = "🎉 ask about Friday on sunday";
    assert_snapshot!(shown(&ana, json!({ "text": line })).await, @r#"
    {"due":"2026-11-27","priority":"none","title":"🎉 ask about on sunday"}
    "🎉 ask about" title: 🎉 ask about on sunday
    "Friday" date: Fri 27 Nov
    "on sunday" title: 🎉 ask about on sunday
    "#);
    assert_snapshot!(shown(&ana, json!({ "text": line, "literal": [[13, 19]] })).await, @r#"
    {"due":"2026-11-29","priority":"none","title":"🎉 ask about Friday"}
    "🎉 ask about Friday" title: 🎉 ask about Friday
    "on sunday" date: Sun 29 Nov
    "#);
    // To touch a word is enough; places that are not in the line are none.
    let literal = json!([
        [18, 19],
        [30, 900],
        [7, 7],
        [9, 3],
        [4_000_000_000_u32, 4_294_967_295_u32]
    ]);
    assert_snapshot!(shown(&ana, json!({ "text": line, "literal": literal })).await, @r#"
    {"due":"2026-11-29","priority":"none","title":"🎉 ask about Friday"}
    "🎉 ask about Friday" title: 🎉 ask about Friday
    "on sunday" date: Sun 29 Nov
    "#);
    assert_snapshot!(shown(&ana, json!({ "text": "buy #home paint (friday)", "literal": [[4, 9], [17, 23]] })).await, @r#"
    {"priority":"none","title":"Buy #home paint (friday)"}
    "buy #home paint (friday)" title: Buy #home paint (friday)
    "#);
    assert_snapshot!(shown(&ana, json!({ "text": "comprar pan mañana", "literal": [[12, 18]] })).await, @r#"
    {"priority":"none","title":"Comprar pan mañana"}
    "comprar pan mañana" title: Comprar pan mañana
    "#);
}

#[tokio::test]
async fn quotes_and_backslashes_keep_words() {
    assert_snapshot!(read(r#"read "The 5th Wave" friday"#).await, @r#"
    {"due":"2026-11-27","priority":"none","title":"Read The 5th Wave"}
    "read \"The 5th Wave" title: Read The 5th Wave
    "friday" date: Fri 27 Nov
    "#);
    assert_snapshot!(read(r"buy \#home paint friday").await, @r#"
    {"due":"2026-11-27","priority":"none","title":"Buy #home paint"}
    "buy \\#home paint" title: Buy #home paint
    "friday" date: Fri 27 Nov
    "#);
    assert_snapshot!(read(r#""call mum tomorrow""#).await, @r#"
    {"priority":"none","title":"call mum tomorrow"}
    "call mum tomorrow" title: call mum tomorrow
    "#);
}

#[tokio::test]
async fn a_second_date_stays_in_the_title() {
    assert_snapshot!(read("tell Ana tomorrow of the meeting on friday").await, @r#"
    {"due":"2026-11-26","priority":"none","title":"Tell Ana of the meeting on friday"}
    "tell Ana" title: Tell Ana of the meeting on friday
    "tomorrow" date: tomorrow, Thu 26 Nov
    "of the meeting on friday" title: Tell Ana of the meeting on friday
    "#);
    assert_snapshot!(read("tomorrow").await, @r#"
    {"due":"2026-11-26","priority":"none","title":"Tomorrow"}
    "tomorrow" date: tomorrow, Thu 26 Nov
    "tomorrow" title: Tomorrow
    "#);
}

#[tokio::test]
async fn other_languages() {
    assert_snapshot!(read("llamar a mamá mañana a las 18:00 p1").await, @r#"
    {"due":"2026-11-26T18:00","priority":"high","title":"Llamar a mamá"}
    "llamar a mamá" title: Llamar a mamá
    "mañana a las 18:00" date: tomorrow, Thu 26 Nov 18:00
    "p1" priority: high priority
    "#);
    assert_snapshot!(read("pagar el alquiler cada lunes").await, @r#"
    {"due":"2026-11-30","missed":"skip","priority":"none","repeat":"FREQ=WEEKLY;BYDAY=MO","repeat_mode":"schedule","title":"Pagar el alquiler"}
    "pagar el alquiler" title: Pagar el alquiler
    "cada lunes" repeat: every Monday
      then Mon 30 Nov "2026-11-30"
      then Mon 7 Dec "2026-12-07"
      then Mon 14 Dec "2026-12-14"
    "#);
}

#[tokio::test]
async fn a_line_that_cannot_be_read() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    let problem = async |body| ana.post("/parse", body).await.problem();
    assert_snapshot!(problem(json!({ "text": "" })).await, @"422 invalid: text: a message cannot be empty");
    assert_snapshot!(problem(json!({ "text": " \u{0} " })).await, @"422 invalid: text: a message cannot be empty");
    assert_snapshot!(problem(json!({ "text": "x".repeat(4_097) })).await, @"422 invalid: text: a message can have at most 4096 characters; this one has 4097");
    assert_snapshot!(problem(json!({})).await, @"422 invalid: missing field `text`");
    assert_snapshot!(problem(json!({ "text": "x", "words": [] })).await, @"422 invalid: words: unknown field `words`, expected `text` or `literal`");
    assert_snapshot!(problem(json!({ "text": "x", "literal": [[-1, 2]] })).await, @"422 invalid: literal[0][0]: invalid value: integer `-1`, expected u32");
    assert_snapshot!(problem(json!({ "text": "x", "literal": [[1]] })).await, @"422 invalid: literal[0]: invalid length 1, expected a tuple of size 2");
    // Too long for a title, but not for a line.
    assert_snapshot!(shown(&ana, json!({ "text": "x".repeat(501) })).await, @"null");
    assert_snapshot!(shown(&ana, json!({ "text": "-" })).await, @"null");
}

#[tokio::test]
async fn nothing_is_changed() {
    for database in BOTH {
        let ana = Harness::new(database).await.user("ana").await;
        let before = ana.get("/journal").await.text;
        let line = "delete everything, buy milk tomorrow +New #new";
        assert_eq!(
            ana.post("/parse", json!({ "text": line })).await.status,
            200
        );
        assert_eq!(ana.tasks().await, "");
        assert_eq!(ana.get("/projects").await.json(), json!([]));
        assert_eq!(ana.get("/journal").await.text, before);
    }
}

#[tokio::test]
async fn what_is_shown_is_what_is_added() {
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    for line in [
        "call mum tomorrow at 6pm p1 #work @phone",
        "water the plants every 2 weeks on monday",
        "change the filter every! 7 days at 8pm",
        "read \"The 5th Wave\" next friday",
        "comprar pan mañana",
    ] {
        let task = ana.post("/parse", json!({ "text": line })).await.json()["task"].clone();
        let added = ana.post("/tasks", task.clone()).await;
        assert_eq!(added.status, 201, "{added:?}");
        let added = added.json();
        assert_eq!(added["title"], task["title"]);
        assert_eq!(added["due_date"], task["due"]);
        assert_eq!(added["repeat"]["rule"], task["repeat"]);
        assert_eq!(added["repeat"]["mode"], task["repeat_mode"]);
    }
}

/// For somebody at either end of the world, a minute before and after their midnight, on the days around a change of clocks:
/// what a line shows, what is stored and what the list says is the same Friday.
#[tokio::test]
async fn next_friday_is_the_same_day_all_the_way() {
    for zone in [
        "Pacific/Pago_Pago",
        "Asia/Kolkata",
        "Pacific/Tongatapu",
        "Pacific/Kiritimati",
        "Europe/Lisbon",
    ] {
        // Thursday to Monday; in Lisbon clocks go back on the Sunday.
        for (today, shown, friday) in [
            ("2026-10-22", "Fri 30 Oct", "2026-10-30"),
            ("2026-10-23", "Fri 30 Oct", "2026-10-30"),
            ("2026-10-25", "Fri 30 Oct", "2026-10-30"),
            ("2026-10-26", "Fri 6 Nov", "2026-11-06"),
        ] {
            for time in ["00:01", "23:59"] {
                let now: Zoned = format!("{today}T{time}[{zone}]").parse().unwrap();
                let (_, store) = fresh(Database::Sqlite).await;
                let edge = Edge::default();
                let harness = Harness::with(store, &now.timestamp().to_string(), settings(), edge);
                let ana = harness.user("ana").await;
                let here = ana.patch("/settings", json!({ "time_zone": zone })).await;
                assert_eq!(here.status, 200, "{here:?}");
                let line = json!({ "text": "ring Ben next friday" });
                let read = ana.post("/parse", line).await.json();
                let date = &read["spans"][1];
                assert_eq!(
                    (&date["kind"], &date["meaning"]),
                    (&json!("date"), &json!(shown))
                );
                assert_eq!(read["task"]["due"], friday, "{now}");
                ana.add(read["task"].clone()).await;
                assert_eq!(ana.tasks().await, format!("1 [ ] Ring Ben due {friday}"));
            }
        }
    }
}

#[tokio::test]
async fn the_example_in_the_docs() {
    let docs = include_str!("../../../../docs/api.md");
    let (_, section) = docs.split_once("\n## Reading a line\n").unwrap();
    let mut examples = section
        .split("```json")
        .skip(1)
        .map(|rest| serde_json::from_str::<Value>(rest.split("```").next().unwrap()).unwrap());
    let (request, reply) = (examples.next().unwrap(), examples.next().unwrap());
    let ana = Harness::new(Database::Sqlite).await.user("ana").await;
    assert_eq!(ana.post("/parse", request).await.json(), reply);
}
