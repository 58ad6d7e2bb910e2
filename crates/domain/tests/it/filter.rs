//! The text form of filters, and which tasks they mean.

use domain::{
    Days, Filter, Priority, Project, ProjectId, Scope, Seq, Settings, Tag, Task, TaskId, View,
};
use insta::assert_snapshot;
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

/// How a filter is written back, or why it is refused.
fn read(text: &str) -> String {
    text.parse::<Filter>()
        .map_or_else(|error| error.to_string(), |filter| filter.to_string())
}

/// How a filter was taken apart.
fn tree(text: &str) -> String {
    format!("{:?}", text.parse::<Filter>().unwrap())
}

fn task(id: i64, fields: &Value) -> Task {
    let mut row = json!({
        "id": id, "title": "task", "position": id,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "version": 1,
    });
    for (name, value) in fields.as_object().unwrap() {
        row[name] = value.clone();
    }
    serde_json::from_value(row).unwrap()
}

/// Noon on Wednesday 2 December 2026 in Lisbon, where it is that time in UTC too.
fn view() -> View {
    let settings = Settings {
        time_zone: "Europe/Lisbon".parse().unwrap(),
        ..Settings::default()
    };
    View::new(&settings, "2026-12-02T12:00:00Z".parse().unwrap())
}

fn projects() -> Vec<Project> {
    let project = |id, name: &str| Project {
        id: ProjectId(id),
        name: name.parse().unwrap(),
        colour: None,
        archived_at: None,
        version: Seq(1),
    };
    vec![
        project(1, "Work"),
        project(2, "Home repairs"),
        project(3, "5\" disks"),
    ]
}

fn tasks() -> Vec<Task> {
    let done = |at: &str| json!({ "completed_at": at });
    [
        json!({}),
        json!({ "due_date": "2026-12-01" }),
        json!({ "due_date": "2026-12-02" }),
        json!({ "due_date": "2026-12-02T11:00" }),
        json!({ "due_date": "2026-12-02T18:00", "priority": "high" }),
        json!({ "due_date": "2026-12-03", "repeat": { "rule": "FREQ=DAILY" } }),
        json!({ "due_date": "2026-12-07", "tags": ["work", "Phone"] }),
        json!({ "project_id": 1, "priority": "low" }),
        json!({ "project_id": 2, "parent_id": 1, "title": "Buy MILK" }),
        json!({ "project_id": 3, "description": "and 6\" of string", "priority": "medium" }),
        done("2026-12-02T08:00:00Z"),
        done("2026-11-25T08:00:00Z"),
        json!({ "deleted_at": "2026-12-01T08:00:00Z", "due_date": "2026-12-02", "project_id": 1 }),
        json!({ "deleted_at": "2026-12-01T08:00:00Z", "completed_at": "2026-12-02T08:00:00Z" }),
    ]
    .iter()
    .zip(1..)
    .map(|(fields, id)| task(id, fields))
    .collect()
}

fn matching(filter: &Filter) -> Vec<i64> {
    let (projects, view) = (projects(), view());
    tasks()
        .iter()
        .filter(|task| filter.matches(task, &projects, &view))
        .map(|task| task.id.0)
        .collect()
}

/// The numbers of the tasks that are meant.
fn found(text: &str) -> String {
    let found = matching(&text.parse().unwrap());
    found
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_word_means_what_the_table_says() {
    assert_snapshot!(found("open"), @"1 2 3 4 5 6 7 8 9 10");
    assert_snapshot!(found("pending"), @"1 2 3 4 5 6 7 8 9 10");
    assert_snapshot!(found("done"), @"11 12");
    assert_snapshot!(found("all"), @"1 2 3 4 5 6 7 8 9 10 11 12");
    assert_snapshot!(found("trash"), @"13 14");
    assert_snapshot!(found("today"), @"3 4 5");
    assert_snapshot!(found("yesterday"), @"2");
    assert_snapshot!(found("tomorrow"), @"6");
    assert_snapshot!(found("this week"), @"2 3 4 5 6");
    assert_snapshot!(found("next week"), @"7");
    assert_snapshot!(found("next 7 days"), @"3 4 5 6 7");
    assert_snapshot!(found("last 2 days"), @"2 3 4 5");
    assert_snapshot!(found("next 1 day"), @"3 4 5");
    assert_snapshot!(found("this month"), @"2 3 4 5 6 7");
    assert_snapshot!(found("2026-12-01"), @"2");
    assert_snapshot!(found("2026-12-02..2026-12-03"), @"3 4 5 6");
    assert_snapshot!(found("..2026-12-01"), @"2");
    assert_snapshot!(found("2026-12-03 .."), @"6 7");
    assert_snapshot!(found("done today"), @"11");
    assert_snapshot!(found("done in last week"), @"12");
    assert_snapshot!(found("done last month"), @"12");
    assert_snapshot!(found("done 2026-12-02"), @"11");
    assert_snapshot!(found("overdue"), @"2 4");
    assert_snapshot!(found("no date"), @"1 8 9 10");
    assert_snapshot!(found("has date"), @"2 3 4 5 6 7");
    assert_snapshot!(found("repeating"), @"6");
    assert_snapshot!(found("p1"), @"5");
    assert_snapshot!(found("p2"), @"10");
    assert_snapshot!(found("P3"), @"8");
    assert_snapshot!(found("p4 & has date"), @"2 3 4 6 7");
    assert_snapshot!(found("@phone"), @"7");
    assert_snapshot!(found("+work"), @"8");
    assert_snapshot!(found("+home repairs"), @"9");
    assert_snapshot!(found("+\"HOME repairs\""), @"9");
    assert_snapshot!(found("+\"5\"\" disks\""), @"10");
    assert_snapshot!(found("project 2"), @"9");
    assert_snapshot!(found("inbox & no date"), @"1");
    assert_snapshot!(found("#work"), @"7 8");
    assert_snapshot!(found("under 1"), @"9");
    assert_snapshot!(found("number 11"), @"11");
    assert_snapshot!(found("milk"), @"9");
    assert_snapshot!(found("\"phone\""), @"7");
    assert_snapshot!(found("\"6\"\"\""), @"10");
}

#[test]
fn what_is_not_said_means_open() {
    assert_snapshot!(found("+work"), @"8");
    assert_snapshot!(found("+work & (all | trash)"), @"8 13");
    assert_snapshot!(found("!overdue & has date"), @"3 5 6 7");
    assert_snapshot!(found("!done"), @"1 2 3 4 5 6 7 8 9 10");
    assert_snapshot!(found("!open"), @"11 12");
    assert_snapshot!(found("!trash"), @"1 2 3 4 5 6 7 8 9 10 11 12");
    assert_snapshot!(found("done & open"), @"");
    let scope = |text: &str| text.parse::<Filter>().unwrap().scope();
    assert_eq!(scope("today & #work | p1"), Scope::Open);
    assert_eq!(scope("!(today & !done)"), Scope::Kept);
    assert_eq!(scope("done yesterday"), Scope::Kept);
    assert_eq!(scope("done | !(p1 & trash)"), Scope::Everything);
}

#[test]
fn a_conjunction_binds_tighter_than_an_alternative() {
    assert_snapshot!(tree("p1 & p2 | p3"), @"Or([And([Priority(High), Priority(Medium)]), Priority(Low)])");
    assert_snapshot!(tree("p1 | p2 & p3"), @"Or([Priority(High), And([Priority(Medium), Priority(Low)])])");
    assert_snapshot!(tree("!p1 & p2"), @"And([Not(Priority(High)), Priority(Medium)])");
    assert_snapshot!(tree("!(p1 & p2)"), @"Not(And([Priority(High), Priority(Medium)]))");
    assert_snapshot!(tree("p1 & (p2 | p3)"), @"And([Priority(High), Or([Priority(Medium), Priority(Low)])])");
    assert_snapshot!(tree("!!p1"), @"Not(Not(Priority(High)))");
}

#[test]
fn what_is_written_back() {
    assert_snapshot!(read("  OVERDUE&#work&!P1 "), @"overdue & #work & !p1");
    assert_snapshot!(read("(p1)|((p2))"), @"p1 | p2");
    assert_snapshot!(read("home repairs"), @r#""home repairs""#);
    assert_snapshot!(read("#home repairs | +home"), @r#"#"home repairs" | +home"#);
    assert_snapshot!(read("done in this week"), @"done this week");
    assert_snapshot!(read("2026-12-01..2026-12-01"), @"2026-12-01");
    assert_snapshot!(read("done & completed & pending"), @"done & done & open");
}

#[test]
fn what_is_refused_and_why() {
    assert_snapshot!(read(""), @"the filter “” cannot be read: a word is missing");
    assert_snapshot!(read("p1 &"), @"the filter “p1 &” cannot be read: a word is missing");
    assert_snapshot!(read("| p1"), @"the filter “| p1” cannot be read: a word is missing");
    assert_snapshot!(read("!"), @"the filter “!” cannot be read: a word is missing");
    assert_snapshot!(read("(p1"), @"the filter “(p1” cannot be read: a parenthesis is not closed");
    assert_snapshot!(read("p1)"), @"the filter “p1)” cannot be read: “)” is in a place where nothing can be");
    assert_snapshot!(read("()"), @"the filter “()” cannot be read: a word is missing");
    assert_snapshot!(read("\"milk"), @r#"the filter “"milk” cannot be read: a quotation mark is not closed"#);
    assert_snapshot!(read("\" \""), @r#"the filter “" "” cannot be read: the quotation marks are empty"#);
    assert_snapshot!(read("#"), @"the filter “#” cannot be read: “#” needs a name after it");
    assert_snapshot!(read("@ & p1"), @"the filter “@ & p1” cannot be read: “@” needs a name after it");
    assert_snapshot!(read("@\"two words\""), @r#"the filter “@"two words"” cannot be read: a tag is one word of letters, digits, - and _: “two words” is not"#);
    assert_snapshot!(read("\"a\" \"b\""), @r#"the filter “"a" "b"” cannot be read: “"” is in a place where nothing can be"#);
    assert_snapshot!(read("2026-02-30"), @"the filter “2026-02-30” cannot be read: “2026-02-30” is not a date like 2026-12-01");
    assert_snapshot!(read("2026-02-30..2026-03-01"), @"the filter “2026-02-30..2026-03-01” cannot be read: “2026-02-30” is not a date like 2026-12-01");
    assert_snapshot!(read(".."), @"the filter “..” cannot be read: “..” needs a date on one side");
    assert_snapshot!(read("co-op-food"), @r#""co-op-food""#);
    assert_snapshot!(read("next 0 days"), @"the filter “next 0 days” cannot be read: “next 0 days” is not from 1 to 3660 days");
    assert_snapshot!(read("done last 99999999999 days"), @"the filter “done last 99999999999 days” cannot be read: “last 99999999999 days” is not from 1 to 3660 days");
    assert_snapshot!(read(&"x".repeat(2_001)), @"the filter “xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx” cannot be read: it is too long");
    assert_snapshot!(read(&"(".repeat(30)), @"the filter “((((((((((((((((((((((((((((((” cannot be read: it is nested too deeply");
    assert_snapshot!(read(&format!("{}p1", "!".repeat(30))), @"the filter “!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!p1” cannot be read: it is nested too deeply");
}

#[test]
fn deep_and_long_texts_do_no_harm() {
    for sign in [
        "(", ")", "!", "&", "|", "\"", "#", "@", "+", "p1&", "p1|", "\u{e9}", "..", " ",
    ] {
        for length in [1, 19, 20, 21, 500, 2_000, 100_000] {
            let _ = sign.repeat(length).parse::<Filter>();
        }
    }
    assert!(
        format!("{}p1{}", "(".repeat(19), ")".repeat(19))
            .parse::<Filter>()
            .is_ok()
    );
    assert!(vec!["p1"; 400].join("|").parse::<Filter>().is_ok());
}

#[test]
fn a_time_in_a_zone_is_due_on_the_users_own_day() {
    let on = |due: &str| {
        let task = task(1, &json!({ "due_date": due }));
        let is = |days: Days| Filter::Due(days).matches(&task, &[], &view());
        [
            (Days::Yesterday, "yesterday"),
            (Days::Today, "today"),
            (Days::Tomorrow, "tomorrow"),
        ]
        .into_iter()
        .find(|(days, _)| is(*days))
        .map_or("another day", |(_, name)| name)
    };
    assert_snapshot!(on("2026-12-02T23:59"), @"today");
    assert_snapshot!(on("2026-12-03T00:00"), @"tomorrow");
    assert_snapshot!(on("2026-12-03T08:59[Asia/Tokyo]"), @"today");
    assert_snapshot!(on("2026-12-03T09:00[Asia/Tokyo]"), @"tomorrow");
    assert_snapshot!(on("2026-12-02T08:59[Asia/Tokyo]"), @"yesterday");
    assert_snapshot!(on("2026-12-02T18:59[America/New_York]"), @"today");
    assert_snapshot!(on("2026-12-02T19:00[America/New_York]"), @"tomorrow");
}

#[test]
fn what_is_done_is_done_on_the_users_own_day() {
    let in_tokyo = View::new(
        &Settings {
            time_zone: "Asia/Tokyo".parse().unwrap(),
            ..Settings::default()
        },
        "2026-12-02T16:00:00Z".parse::<Timestamp>().unwrap(),
    );
    let done = task(1, &json!({ "completed_at": "2026-12-02T14:59:00Z" }));
    assert!(Filter::DoneIn(Days::Yesterday).matches(&done, &[], &in_tokyo));
    assert!(!Filter::DoneIn(Days::Today).matches(&done, &[], &in_tokyo));
}

fn any_date() -> impl Strategy<Value = Date> {
    (
        prop_oneof![Just(-9999_i16), Just(0), Just(9999), 2026_i16..2028],
        1_i8..=12,
        1_i8..=28,
    )
        .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn any_days() -> impl Strategy<Value = Days> {
    prop_oneof![
        Just(Days::Yesterday),
        Just(Days::Today),
        Just(Days::Tomorrow),
        Just(Days::LastWeek),
        Just(Days::ThisWeek),
        Just(Days::NextWeek),
        Just(Days::LastMonth),
        Just(Days::ThisMonth),
        Just(Days::NextMonth),
        (1_u16..=3660).prop_map(Days::Next),
        (1_u16..=3660).prop_map(Days::Last),
        any_date().prop_map(Days::on),
        (any_date(), any_date()).prop_map(|(first, last)| Days::Between(Some(first), Some(last))),
        any_date().prop_map(|first| Days::Between(Some(first), None)),
        any_date().prop_map(|last| Days::Between(None, Some(last))),
    ]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let name = prop_oneof![
        "work|phone|milk|today|p1|done today|5\" disks|2026-12-02",
        "[ -~\u{e9}\u{130}\"]{1,12}",
    ]
    .prop_filter("a name is not blank", |name: &String| {
        !name.trim().is_empty()
    });
    let number = prop_oneof![0_i64..15, Just(i64::MIN), Just(i64::MAX)];
    let word = prop_oneof![
        prop_oneof![
            Just(Filter::Open),
            Just(Filter::Done),
            Just(Filter::All),
            Just(Filter::Trash),
            Just(Filter::Overdue),
            Just(Filter::HasDate(true)),
            Just(Filter::HasDate(false)),
            Just(Filter::Repeating),
            Just(Filter::Inbox),
        ],
        any_days().prop_map(Filter::Due),
        any_days().prop_map(Filter::DoneIn),
        (1_i64..=4).prop_map(|rank| Filter::Priority(Priority::from_rank(rank).unwrap())),
        "[a-zA-Z0-9_/\u{e9}\u{201c}-]{1,9}"
            .prop_map(|tag| Filter::Tag(tag.parse::<Tag>().unwrap())),
        name.clone().prop_map(Filter::Project),
        name.clone().prop_map(Filter::Label),
        name.prop_map(Filter::Text),
        number
            .clone()
            .prop_map(|id| Filter::ProjectNumber(ProjectId(id))),
        number.clone().prop_map(|id| Filter::Under(TaskId(id))),
        number.prop_map(|id| Filter::Number(TaskId(id))),
    ];
    word.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner, 2..4).prop_map(Filter::Or),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(filter in any_filter()) {
        let text = filter.to_string();
        prop_assume!(text.chars().count() <= 2_000);
        let again: Filter = text.parse().unwrap();
        prop_assert_eq!(again.to_string(), text);
        prop_assert_eq!(matching(&again), matching(&filter));
    }

    #[test]
    fn any_text_is_read_or_refused(
        text in prop_oneof![".{0,60}", "[&|!()\"#@+ .p1-]{0,60}", "(next|last|done|under|in| |[0-9.-]){0,12}"],
    ) {
        if let Ok(filter) = text.parse::<Filter>() {
            let written = filter.to_string();
            prop_assert_eq!(written.parse::<Filter>().unwrap().to_string(), written);
        }
    }

    #[test]
    fn what_is_not_open_is_in_no_filter_that_does_not_say_so(filter in any_filter()) {
        if filter.scope() == Scope::Open {
            prop_assert!(matching(&filter).iter().all(|id| *id <= 10));
        }
    }
}
