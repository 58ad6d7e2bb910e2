//! Due dates: how they are read, and when they have passed.

use domain::{Due, ZoneName};
use jiff::Zoned;
use jiff::civil::{Date, Time};
use proptest::prelude::*;

fn read(text: &str) -> String {
    text.parse::<Due>()
        .map_or_else(|error| error.to_string(), |due| due.to_string())
}

#[test]
fn what_is_written_reads_back() {
    for text in [
        "2026-12-01",
        "2026-12-01T15:00",
        "2026-12-01T15:00[Europe/Lisbon]",
        "0001-01-01",
        "9999-12-31T23:59[Asia/Kolkata]",
    ] {
        assert_eq!(read(text), text);
    }
}

#[test]
fn other_ways_to_write_it() {
    for (text, meant) in [
        (" 2026-12-01 ", "2026-12-01"),
        ("2026-12-01 15:00", "2026-12-01T15:00"),
        ("2026-12-01T15:00:59", "2026-12-01T15:00"),
        (
            "2026-12-01T15:00[europe/lisbon]",
            "2026-12-01T15:00[Europe/Lisbon]",
        ),
    ] {
        assert_eq!(read(text), meant);
    }
}

#[test]
fn an_offset_makes_it_an_instant() {
    for (text, meant) in [
        ("2026-12-01T15:00:00Z", "2026-12-01T15:00[UTC]"),
        ("2026-12-01T15:00:00.000+02:00", "2026-12-01T13:00[UTC]"),
        ("2026-12-01T01:00+02:00", "2026-11-30T23:00[UTC]"),
        (
            "2026-12-01T15:00+01:00[Europe/Berlin]",
            "2026-12-01T15:00[Europe/Berlin]",
        ),
        (
            "2026-12-01T15:00Z[Europe/Berlin]",
            "2026-12-01T16:00[Europe/Berlin]",
        ),
    ] {
        assert_eq!(read(text), meant);
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "friday",
        "2026-02-30",
        "2026-13-01",
        "2026-12-01T25:00",
        "2026-12-01T",
        "2026-12-01[Europe/Lisbon",
        "2026-12-01[Europe/Lisbon]",
        "2026-12-01T15:00+05:00[Europe/Lisbon]",
        "0000-12-31",
        "-000005-01-01",
        "\u{662}\u{660}\u{662}\u{666}-12-01",
    ] {
        assert!(
            read(text).contains("is not a date"),
            "{text}: {}",
            read(text)
        );
    }
    for text in [
        "2026-12-01T15:00[Mars/Base]",
        "2026-12-01T15:00[Etc/Unknown]",
        "2026-12-01T15:00[]",
    ] {
        assert!(
            read(text).contains("no time zone"),
            "{text}: {}",
            read(text)
        );
    }
}

#[test]
fn a_day_is_past_when_it_is_over_and_a_time_when_it_has_come() {
    let now: Zoned = "2026-03-29T12:00[Europe/Lisbon]".parse().unwrap();
    let past = |text: &str| text.parse::<Due>().unwrap().is_past(&now);
    assert!(!past("2026-03-29"));
    assert!(past("2026-03-28"));
    assert!(past("2026-03-29T11:59"));
    assert!(!past("2026-03-29T12:00"));
    assert!(!past("2026-03-29T12:01"));
    assert!(
        past("2026-03-29T12:01[Europe/Berlin]"),
        "an hour earlier there"
    );
}

#[test]
fn a_time_that_the_clock_leaves_out_moves_forward() {
    let due: Due = "2026-03-29T01:30[Europe/Lisbon]".parse().unwrap();
    let home = ZoneName::utc().rules();
    assert_eq!(due.instant(&home).to_string(), "2026-03-29T01:30:00Z");
    let due: Due = "2026-10-25T01:30[Europe/Lisbon]".parse().unwrap();
    assert_eq!(
        due.instant(&home).to_string(),
        "2026-10-25T00:30:00Z",
        "the first of the two"
    );
}

prop_compose! {
    fn dues()(
        day in (1_i16..=9999, 1_i8..=12, 1_i8..=28),
        time in prop::option::of((0_i8..24, 0_i8..60)),
        zone in prop::option::of(prop::sample::select(vec!["UTC", "Europe/Lisbon", "Asia/Kathmandu", "America/St_Johns"])),
    ) -> Due {
        let date = Date::new(day.0, day.1, day.2).unwrap();
        let mut due = match time {
            Some((hour, minute)) => Due::at(date.to_datetime(Time::new(hour, minute, 0, 0).unwrap())),
            None => Due::on(date),
        };
        if let Some(time) = &mut due.time {
            time.zone = zone.map(|zone| zone.parse().unwrap());
        }
        due
    }
}

proptest! {
    #[test]
    fn any_due_date_reads_back(due in dues()) {
        prop_assert_eq!(due.to_string().parse::<Due>(), Ok(due.clone()));
        let json = serde_json::to_string(&due).unwrap();
        prop_assert_eq!(serde_json::from_str::<Due>(&json).unwrap(), due);
    }

    #[test]
    fn any_text_is_a_date_or_is_refused(text in "[0-9TZ:+\\-\\[\\]A-Za-z/ ]{0,40}|\\PC{0,40}") {
        if let Ok(due) = text.parse::<Due>() {
            prop_assert_eq!(due.to_string().parse::<Due>(), Ok(due));
        }
    }
}
