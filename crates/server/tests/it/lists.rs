//! The lists, what their forms do, and the task that is open beside them.

use crate::harness::{BOTH, Database};
use crate::page::Browser;

/// A browser of somebody who has added these lines.
async fn with(database: Database, lines: &[&str]) -> Browser {
    let mut browser = Browser::new(database).await;
    for line in lines {
        browser.open("/all").await;
        browser.submit("/add", &[("text", line)]).await;
    }
    browser
}

/// The titles under each heading of the page, in order.
fn groups(browser: &Browser) -> Vec<(String, Vec<String>)> {
    let text = |html: &str| {
        let inside = html.split_once('>').map_or("", |(_, rest)| rest);
        let end = inside.find('<').unwrap_or(inside.len());
        inside[..end].trim().to_owned()
    };
    let sections = browser.page.text.split("class=\"group\"").skip(1);
    sections
        .map(|section| {
            let section = section.split("</section>").next().unwrap_or_default();
            let heading = section.split("<h2").nth(1).map(text).unwrap_or_default();
            let rows = section.split("<a id=l").skip(1).map(text).collect();
            (heading, rows)
        })
        .collect()
}

fn shown(browser: &Browser) -> String {
    let group = |(heading, rows): (String, Vec<String>)| format!("{heading}: {}", rows.join(", "));
    let groups: Vec<String> = groups(browser).into_iter().map(group).collect();
    groups.join(" | ")
}

const LINES: &[&str] = &[
    "renew passport 2026-11-20",
    "standup today 9:30 p1",
    "call mum tomorrow 6pm #home",
    "dentist 30 nov",
    "read the book",
];

#[tokio::test]
async fn each_list_has_the_headings_that_help() {
    let mut browser = with(Database::Sqlite, LINES).await;
    for (address, expected) in [
        ("/", "Overdue: Renew passport | Today: Standup"),
        ("/upcoming", "Tomorrow: Call mum | Mon 30 Nov: Dentist"),
        (
            "/all",
            "Overdue: Renew passport | Today: Standup | Upcoming: Call mum, Dentist | No date: Read the book",
        ),
        (
            "/all?group=priority",
            "P1: Standup | No priority: Renew passport, Call mum, Dentist, Read the book",
        ),
        (
            "/all?group=none",
            ": Renew passport, Standup, Call mum, Dentist, Read the book",
        ),
        (
            "/inbox",
            ": Renew passport, Standup, Call mum, Dentist, Read the book",
        ),
        (
            "/all?sort=added&group=date&cursor=a_3",
            "Upcoming: Dentist | No date: Read the book",
        ),
    ] {
        browser.open(address).await;
        assert_eq!(shown(&browser), expected, "{address}");
    }
    // What the heading says is not said again, and what is near is said as people do; the date itself is there for who asks.
    browser.open("/").await;
    assert!(browser.sees("title=\"Wednesday 25 November 2026, 09:30\">09:30</time>"));
    assert!(browser.sees("class=overdue>Fri 20 Nov · overdue 5 days</time>"));
    browser.open("/all").await;
    assert!(browser.sees(">Tomorrow 18:00</time>"));
    // An address that cannot be is no accident of the server's.
    for address in [
        "/all?group=colour",
        "/all?show=lots",
        "/all?cursor=x",
        "/?sort=",
    ] {
        let cookie = [("cookie", browser.cookie.as_str())];
        let answer = browser.harness.get(address, &cookie).await;
        assert!(answer.status < 500, "{address}: {}", answer.status);
    }
}

#[tokio::test]
async fn today_says_when_it_is_clear_and_what_is_next() {
    let mut browser = with(Database::Sqlite, &["dentist 30 nov", "pay rent today"]).await;
    browser.press("complete", "2").await;
    browser.open("/").await;
    assert!(browser.sees("All done."), "{}", browser.page.text);
    browser.press("reopen", "2").await;
    browser.open("/").await;
    assert!(browser.can("complete", "Pay rent"));
    browser
        .submit("/tasks", &[("bulk", "due=tomorrow"), ("id", "2")])
        .await;
    browser.open("/").await;
    assert!(browser.sees("Today is clear. Next: Pay rent, Tomorrow."));
    assert!(browser.sees("Pull something in"));
}

#[tokio::test]
async fn many_rows_come_in_pages() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let lines: Vec<String> = (0..130).map(|n| format!("errand {n} today")).collect();
    for line in &lines {
        browser.submit("/add", &[("text", line)]).await;
    }
    browser.open("/all").await;
    assert!(browser.sees("100+</span>") && browser.sees("href=\"/all?show=200\""));
    browser.open("/all?show=200").await;
    assert!(browser.sees("130</span>") && !browser.sees("Show more"));
    let rows: Vec<&str> = browser.page.text.split("<li class=").skip(1).collect();
    let bytes = rows.iter().map(|row| row.len()).sum::<usize>() / rows.len();
    assert!(bytes <= 420, "a row has {bytes} bytes");
}

#[tokio::test]
async fn the_bar_changes_all_that_are_picked() {
    let mut browser = with(Database::Sqlite, LINES).await;
    for (fields, expected) in [
        (
            &[
                ("bulk", "typed"),
                ("due", "friday"),
                ("id", "2"),
                ("id", "3"),
            ][..],
            ">Fri 27 Nov</time>",
        ),
        (
            &[("bulk", "priority=2"), ("id", "1"), ("id", "4")],
            "<b>P2</b>",
        ),
        (
            &[("bulk", "typed"), ("label", "@phone"), ("id", "1")],
            "@ phone",
        ),
        (
            &[("bulk", "project"), ("project", "Work"), ("id", "5")],
            "# Work",
        ),
        (
            &[("bulk", "repeat=every week"), ("id", "4")],
            "↻ every week",
        ),
    ] {
        browser.open("/all").await;
        browser.submit("/tasks", fields).await;
        assert!(browser.sees(expected), "{fields:?}: {}", browser.page.text);
    }
    browser
        .submit("/tasks", &[("bulk", "due="), ("id", "4")])
        .await;
    assert!(!browser.sees("↻"), "without a date nothing comes back");
    // All of it at once, and one undo.
    browser
        .submit(
            "/tasks",
            &[("bulk", "delete"), ("id", "1"), ("id", "2"), ("id", "3")],
        )
        .await;
    assert!(!browser.can("complete", "Standup"));
    let change = browser.address.split("change=").nth(1).unwrap().to_owned();
    browser
        .submit(&format!("/changes/{change}/undo"), &[])
        .await;
    browser.open("/all").await;
    assert!(browser.can("complete", "Standup") && browser.can("complete", "Call mum"));
}

#[tokio::test]
async fn one_task_keeps_its_time_of_day_when_it_is_moved_to_another_day() {
    let mut browser = with(Database::Sqlite, &["call mum tomorrow 6pm"]).await;
    for day in [("due", "friday"), ("day", "2026-12-02")] {
        browser
            .submit("/tasks", &[("bulk", "typed"), ("id", "1"), day])
            .await;
        assert!(
            browser.sees(" 18:00</time>"),
            "{day:?}: {}",
            browser.page.text
        );
    }
    assert!(browser.sees("Wed 2 Dec 18:00"));
}

#[tokio::test]
async fn all_that_is_overdue_moves_to_today_as_one_change() {
    let mut browser = with(
        Database::Sqlite,
        &[
            "passport 2026-11-03",
            "landlord 2026-11-20",
            "dentist 30 nov",
        ],
    )
    .await;
    browser.open("/").await;
    browser.submit("/tasks", &[("bulk", "overdue=today")]).await;
    assert_eq!(shown(&browser), "Today: Passport, Landlord");
    let change = browser.address.split("change=").nth(1).unwrap().to_owned();
    browser
        .submit(&format!("/changes/{change}/undo"), &[])
        .await;
    assert_eq!(shown(&browser), "Overdue: Passport, Landlord");
}

#[tokio::test]
async fn rows_are_put_in_order_by_hand() {
    let mut browser = with(Database::Sqlite, &["one", "two", "three"]).await;
    browser.open("/inbox").await;
    browser
        .submit("/tasks", &[("move", "3"), ("before", "1")])
        .await;
    assert_eq!(shown(&browser), ": Three, One, Two");
    browser
        .submit("/tasks", &[("move", "3"), ("after", "1")])
        .await;
    assert_eq!(shown(&browser), ": One, Three, Two");
    for (fields, status) in [
        (&[("move", "3"), ("after", "99")][..], 404),
        (&[("move", "3"), ("after", "x")], 404),
        (&[("move", "3")], 422),
        (&[("move", "3"), ("after", "1"), ("before", "2")], 422),
        (&[("move", "3"), ("after", "3")], 422),
    ] {
        let answer = browser.post("/tasks", fields).await;
        assert_eq!(answer.status, status, "{fields:?}");
    }
}

#[tokio::test]
async fn forms_that_ask_for_nothing_sensible_are_refused_on_the_page() {
    let browser = with(Database::Sqlite, &["one"]).await;
    for (fields, status, words) in [
        (&[("bulk", "complete")][..], 422, "pick at least one task"),
        (&[("bulk", "dance"), ("id", "1")], 422, "reload the page"),
        (&[("id", "1")], 422, "reload the page"),
        (&[("bulk", "priority=9"), ("id", "1")], 422, "1, 2, 3 or 4"),
        (&[("bulk", "due=someday"), ("id", "1")], 422, "not a date"),
        (&[("bulk", "typed"), ("id", "1")], 422, "nothing to change"),
        (&[("bulk", "label= "), ("id", "1")], 422, "role=\"alert\""),
        (
            &[("bulk", "delete"), ("id", "1x")],
            404,
            "there is no task 1x",
        ),
        (
            &[("bulk", "delete"), ("id", "7")],
            404,
            "there is no task 7",
        ),
        (&[("complete", "-1")], 404, "there is no task -1"),
    ] {
        let answer = browser.post("/tasks", fields).await;
        assert_eq!(answer.status, status, "{fields:?}: {}", answer.text);
        assert!(answer.text.contains(words), "{fields:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_field_is_saved_alone_and_only_if_nobody_was_faster() {
    let mut browser = with(Database::Sqlite, &["call mum tomorrow 6pm #home p2"]).await;
    browser.open("/all?task=1").await;
    let version = browser.hidden("/tasks/1", "version").unwrap();
    browser.submit("/tasks/1", &[("title", "Call dad")]).await;
    assert!(
        browser.sees(">Call dad</a>")
            && browser.sees("Tomorrow 18:00")
            && browser.sees("<b>P2</b>")
    );
    // The form that somebody else still has open.
    let fields = [("title", "Call nobody"), ("version", version.as_str())];
    let answer = browser.post("/tasks/1", &fields).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("has changed since"), "{}", answer.text);
    assert!(
        answer.text.contains(">Call dad</textarea>"),
        "theirs is on the page"
    );
    browser.open("/all?task=1").await;
    assert!(browser.sees(">Call dad</a>"));
    for (field, value, words) in [
        ("title", "", "role=\"alert\""),
        ("due", "someday", "not a date"),
        ("repeat", "now and then", "not a date"),
        ("priority", "enormous", "unknown variant"),
        ("repeat_mode", "never", "unknown variant"),
        ("tags", "a@b", "role=\"alert\""),
    ] {
        let answer = browser.post("/tasks/1", &[(field, value)]).await;
        assert_eq!(answer.status, 422, "{field}: {}", answer.text);
        assert!(answer.text.contains(words), "{field}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_repeats_shows_its_next_days_for_each_way() {
    let mut browser = with(Database::Sqlite, &["water plants every wednesday"]).await;
    browser.open("/all?task=1").await;
    assert!(
        browser.sees(
            "On schedule<small>Wed 2 Dec, Wed 9 Dec, Wed 16 Dec, Wed 23 Dec, Wed 30 Dec</small>"
        ),
        "{}",
        browser.page.text
    );
    browser.submit("/tasks/1", &[("missed", "all")]).await;
    assert!(browser.sees("value=\"all\" checked"));
    browser
        .submit("/tasks/1", &[("repeat_mode", "completion")])
        .await;
    assert!(browser.sees("value=\"completion\" checked"));
}

#[tokio::test]
async fn steps_are_added_and_counted() {
    for database in BOTH {
        let mut browser = with(database, &["draft report today", "other"]).await;
        browser.open("/?task=1").await;
        browser
            .submit("/tasks/1/steps", &[("text", "outline")])
            .await;
        browser
            .submit("/tasks/1/steps", &[("text", "numbers")])
            .await;
        browser.press("complete", "3").await;
        browser.open("/").await;
        assert!(browser.sees("<span>1/2</span>"), "{}", browser.page.text);
        browser.open("/?task=3").await;
        assert!(!browser.sees("Add a step"), "a step has none");
        let csrf = browser.hidden("/tasks/3", "csrf").unwrap();
        for (id, text, status) in [("3", "deeper", 422), ("99", "x", 404), ("1", "  ", 422)] {
            let fields = [("text", text), ("csrf", csrf.as_str())];
            let answer = browser.post(&format!("/tasks/{id}/steps"), &fields).await;
            assert_eq!(answer.status, status, "{id}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn an_undo_says_what_stands_in_its_way_and_offers_to_undo_that_too() {
    let mut browser = with(Database::Sqlite, &["call mum"]).await;
    for due in ["tomorrow", "friday", "monday"] {
        browser
            .submit("/tasks", &[("bulk", &format!("due={due}")), ("id", "1")])
            .await;
    }
    browser.open("/activity").await;
    browser.submit("/changes/2/undo", &[]).await;
    assert_eq!(browser.page.status, 409);
    assert!(browser.sees("In the way: Moved"), "{}", browser.page.text);
    assert!(browser.sees("Undo those too") && browser.sees("<h1>Activity</h1>"));
    browser
        .submit("/changes/2/undo", &[("later", "true")])
        .await;
    assert_eq!(browser.page.status, 200);
    browser.open("/all").await;
    assert_eq!(shown(&browser), "No date: Call mum");
    // Each is an entry of its own.
    browser.open("/activity").await;
    assert_eq!(browser.page.text.matches("Taken back").count(), 3);
    browser.open("/activity?by=agent").await;
    assert!(!browser.sees("Call mum"));
}

#[tokio::test]
async fn what_is_typed_is_found_and_counted() {
    let mut browser = with(Database::Sqlite, LINES).await;
    for (filter, expected) in [
        ("book", "1 task matches: Tasks with"),
        ("no%20date", "1 task matches: Tasks without a due date"),
        ("overdue%20%26%20%23work", "0 tasks match"),
        ("(today", "a parenthesis is not closed"),
        ("", "class=\"echo\""),
    ] {
        browser.open(&format!("/find?filter={filter}")).await;
        let page = browser.page.text.replace("&#34;", "\"");
        assert!(page.contains(expected), "{filter}: {page}");
    }
}

#[tokio::test]
async fn somebody_elses_tasks_are_as_good_as_none() {
    let mut browser = with(Database::Sqlite, &["mine"]).await;
    let ana = browser.harness.user("ana").await;
    for title in ["first", "second of ana's"] {
        ana.add(serde_json::json!({ "title": title })).await;
    }
    browser.open("/all").await;
    let csrf = browser.hidden("/tasks", "csrf").unwrap();
    for (address, field) in [
        ("/tasks", ("complete", "2")),
        ("/tasks", ("move", "2")),
        ("/tasks/2", ("title", "stolen")),
        ("/tasks/2/steps", ("text", "stolen")),
    ] {
        let fields = [field, ("after", "1"), ("csrf", csrf.as_str())];
        let answer = browser.post(address, &fields).await;
        assert_eq!(answer.status, 404, "{address}: {}", answer.text);
        assert!(!answer.text.contains("ana"), "{}", answer.text);
    }
    let before = ana.tasks().await;
    assert!(before.contains("second of ana's"), "{before}");
    browser.open("/find?filter=ana").await;
    assert!(!browser.sees("second"));
    browser.open("/all?task=2").await;
    assert!(browser.sees("there is no task 2"));
}
