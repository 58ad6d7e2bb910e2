//! Rules that say on which days a task comes back, and what completing it makes of them.

use domain::{Due, Frequency, Missed, Repeat, RepeatMode, Rule};
use insta::assert_snapshot;
use jiff::Zoned;
use jiff::civil::{Date, Weekday};
use proptest::prelude::*;

/// The first `count` days of a rule from `start`, the year only where it changes.
fn days(rule: &str, start: &str, count: usize) -> String {
    let rule: Rule = rule.parse().unwrap();
    let mut year = 0;
    let day = |day: Date| {
        let text = if day.year() == year {
            day.strftime("%m-%d").to_string()
        } else {
            day.to_string()
        };
        year = day.year();
        text
    };
    let all: Vec<Date> = rule.days(start.parse().unwrap()).take(count + 1).collect();
    let end = if all.len() > count { " …" } else { "" };
    let shown: Vec<String> = all.into_iter().take(count).map(day).collect();
    shown.join(" ") + end
}

/// How a rule is written back, or why it is refused.
fn read(rule: &str) -> String {
    rule.parse::<Rule>()
        .map_or_else(|error| error.to_string(), |rule| rule.to_string())
}

/// The due dates that follow when each is done at the next of `done`, and what is left of the rule.
fn next(repeat: &Repeat, due: &str, done: &str) -> String {
    let done: Zoned = done.parse().unwrap();
    match repeat.next(&due.parse().unwrap(), &done) {
        Some((due, repeat)) => match repeat.rule.count {
            Some(count) => format!("{due}, {count} left"),
            None => due.to_string(),
        },
        None => "the end".to_owned(),
    }
}

fn every(rule: &str) -> Repeat {
    rule.parse().unwrap()
}

fn after_completion(rule: &str) -> Repeat {
    Repeat {
        mode: RepeatMode::Completion,
        ..every(rule)
    }
}

fn missed(rule: &str, missed: Missed) -> Repeat {
    Repeat {
        missed,
        ..every(rule)
    }
}

#[test]
fn by_the_day() {
    assert_snapshot!(days("FREQ=DAILY", "2026-12-30", 4), @"2026-12-30 12-31 2027-01-01 01-02 …");
    assert_snapshot!(days("FREQ=DAILY;INTERVAL=10", "2026-12-01", 4), @"2026-12-01 12-11 12-21 12-31 …");
    assert_snapshot!(days("FREQ=DAILY;COUNT=3", "2026-02-27", 9), @"2026-02-27 02-28 03-01");
    assert_snapshot!(days("FREQ=DAILY;INTERVAL=2;UNTIL=20261205", "2026-12-01", 9), @"2026-12-01 12-03 12-05");
    assert_snapshot!(days("FREQ=DAILY;UNTIL=20261202T235959Z", "2026-12-01", 9), @"2026-12-01 12-02");
    assert_snapshot!(days("FREQ=DAILY;BYDAY=SA,SU", "2026-12-01", 4), @"2026-12-05 12-06 12-12 12-13 …");
    assert_snapshot!(days("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1,-1", "2026-12-01", 4), @"2027-01-01 01-31 2028-01-01 01-31 …");
}

#[test]
fn by_the_week() {
    assert_snapshot!(days("FREQ=WEEKLY", "2026-12-02", 3), @"2026-12-02 12-09 12-16 …");
    assert_snapshot!(days("FREQ=WEEKLY;INTERVAL=2", "2026-12-02", 3), @"2026-12-02 12-16 12-30 …");
    assert_snapshot!(days("FREQ=WEEKLY;BYDAY=FR,MO,WE", "2026-12-02", 5), @"2026-12-02 12-04 12-07 12-09 12-11 …");
    assert_snapshot!(days("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "2026-12-02", 5), @"2026-12-04 12-14 12-18 12-28 2027-01-01 …");
    assert_snapshot!(days("FREQ=WEEKLY;BYMONTH=3;BYDAY=TU", "2026-12-02", 6), @"2027-03-02 03-09 03-16 03-23 03-30 2028-03-07 …");
    assert_snapshot!(days("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-12-02", 3), @"2026-12-04 12-11 12-18 …");
}

#[test]
fn the_first_day_of_a_week_matters_to_every_other_week() {
    assert_snapshot!(days("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=4;WKST=MO", "1997-08-05", 9), @"1997-08-05 08-10 08-19 08-24");
    assert_snapshot!(days("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;COUNT=4;WKST=SU", "1997-08-05", 9), @"1997-08-05 08-17 08-19 08-31");
}

#[test]
fn by_the_month() {
    assert_snapshot!(days("FREQ=MONTHLY", "2026-01-15", 3), @"2026-01-15 02-15 03-15 …");
    assert_snapshot!(days("FREQ=MONTHLY", "2026-01-31", 5), @"2026-01-31 03-31 05-31 07-31 08-31 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=2,15", "2026-01-10", 4), @"2026-01-15 02-02 02-15 03-02 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", 4), @"2026-01-31 02-28 03-31 04-30 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=-3;INTERVAL=18", "2026-01-01", 3), @"2026-01-29 2027-07-29 2029-01-29 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=1FR", "2026-01-10", 3), @"2026-02-06 03-06 04-03 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=1SU,-1SU", "2026-01-01", 4), @"2026-01-04 01-25 02-01 02-22 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=-2MO", "2026-01-01", 3), @"2026-01-19 02-16 03-23 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=5MO", "2026-01-01", 3), @"2026-03-30 06-29 08-31 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=TU;INTERVAL=2", "2026-01-20", 4), @"2026-01-20 01-27 03-03 03-10 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "2026-01-01", 4), @"2026-02-13 03-13 11-13 2027-08-13 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", 3), @"2026-01-30 02-27 03-31 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3", "1997-09-04", 9), @"1997-09-04 10-07 11-06");
}

#[test]
fn by_the_year() {
    assert_snapshot!(days("FREQ=YEARLY", "2026-06-15", 3), @"2026-06-15 2027-06-15 2028-06-15 …");
    assert_snapshot!(days("FREQ=YEARLY;INTERVAL=2;BYMONTH=1,3", "2026-01-10", 4), @"2026-01-10 03-10 2028-01-10 03-10 …");
    assert_snapshot!(days("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2026-01-01", 3), @"2026-11-26 2027-11-25 2028-11-23 …");
    assert_snapshot!(days("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", 3), @"1997-05-19 1998-05-18 1999-05-17 …");
    assert_snapshot!(days("FREQ=YEARLY;BYDAY=-1SU", "2026-01-01", 3), @"2026-12-27 2027-12-26 2028-12-31 …");
    assert_snapshot!(days("FREQ=YEARLY;BYMONTHDAY=1", "2026-11-15", 4), @"2026-12-01 2027-01-01 02-01 03-01 …");
    assert_snapshot!(days("FREQ=YEARLY;BYDAY=SA;BYMONTH=2", "2026-02-10", 3), @"2026-02-14 02-21 02-28 …");
    assert_snapshot!(
        days("FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", 3),
        @"1996-11-05 2000-11-07 2004-11-02 …"
    );
}

#[test]
fn days_that_not_every_month_or_year_has() {
    assert_snapshot!(days("FREQ=YEARLY", "2024-02-29", 3), @"2024-02-29 2028-02-29 2032-02-29 …");
    assert_snapshot!(days("FREQ=YEARLY", "2096-02-29", 2), @"2096-02-29 2104-02-29 …");
    assert_snapshot!(days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1", "2026-01-01", 4), @"2026-02-28 2027-02-28 2028-02-29 2029-02-28 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=29;BYMONTH=2", "2026-01-01", 2), @"2028-02-29 2032-02-29 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=31", "2026-02-01", 4), @"2026-03-31 05-31 07-31 08-31 …");
    assert_snapshot!(days("FREQ=MONTHLY;BYMONTHDAY=30,-1", "2026-02-01", 5), @"2026-02-28 03-30 03-31 04-30 05-30 …");
}

#[test]
fn a_rare_day_is_waited_for() {
    // A Monday the 29th of February comes after 28 years, or after 40 where a century has none.
    for frequency in ["DAILY", "MONTHLY", "YEARLY"] {
        let rule = format!("FREQ={frequency};BYMONTH=2;BYMONTHDAY=29;BYDAY=MO");
        assert_eq!(days(&rule, "2044-03-01", 2), "2072-02-29 2112-02-29 …");
    }
}

#[test]
fn a_series_ends_with_the_calendar() {
    assert_snapshot!(days("FREQ=DAILY", "9999-12-30", 9), @"9999-12-30 12-31");
    assert_snapshot!(days("FREQ=WEEKLY;BYDAY=SU,WE", "9999-12-28", 9), @"9999-12-29");
    assert_snapshot!(days("FREQ=YEARLY;INTERVAL=1000", "8999-05-05", 9), @"8999-05-05 9999-05-05");
}

#[test]
fn an_interval_that_misses_its_days_from_one_start_meets_them_from_another() {
    assert_snapshot!(days("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-12-07", 2), @"2026-12-07 12-14 …");
    assert_snapshot!(days("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-12-08", 2), @"");
    assert_snapshot!(days("FREQ=MONTHLY;INTERVAL=12;BYMONTH=2", "2026-02-03", 2), @"2026-02-03 2027-02-03 …");
    assert_snapshot!(days("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "2026-01-01", 2), @"");
}

#[test]
fn what_is_written_back() {
    assert_snapshot!(read("FREQ=WEEKLY"), @"FREQ=WEEKLY");
    assert_snapshot!(read(" rrule:freq=weekly;byday=mo,we;interval=1; "), @"FREQ=WEEKLY;BYDAY=MO,WE");
    assert_snapshot!(read("BYDAY=+1FR;FREQ=MONTHLY;COUNT=5;WKST=SU"), @"FREQ=MONTHLY;BYDAY=1FR;WKST=SU;COUNT=5");
    assert_snapshot!(read("UNTIL=20261231T120000Z;FREQ=YEARLY;BYMONTH=2,4;BYSETPOS=-1;BYMONTHDAY=1,-1"), @"FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=1,-1;BYSETPOS=-1;UNTIL=20261231");
}

#[test]
fn what_is_refused_and_why() {
    assert_snapshot!(read(""), @"“” is not a repeat rule: it needs FREQ, for example FREQ=WEEKLY;BYDAY=MO");
    assert_snapshot!(read("every day"), @"“every day” is not a repeat rule: it has a part without “=”");
    assert_snapshot!(read("FREQ=HOURLY"), @"“FREQ=HOURLY” is not a repeat rule: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY");
    assert_snapshot!(read("INTERVAL=2"), @"“INTERVAL=2” is not a repeat rule: it needs FREQ, for example FREQ=WEEKLY;BYDAY=MO");
    assert_snapshot!(read("FREQ=DAILY;INTERVAL=0"), @"“FREQ=DAILY;INTERVAL=0” is not a repeat rule: INTERVAL is a number from 1 to 1000");
    assert_snapshot!(read("FREQ=DAILY;INTERVAL=1001"), @"“FREQ=DAILY;INTERVAL=1001” is not a repeat rule: INTERVAL is a number from 1 to 1000");
    assert_snapshot!(read("FREQ=DAILY;COUNT=0"), @"“FREQ=DAILY;COUNT=0” is not a repeat rule: COUNT is a number from 1 to 10000");
    assert_snapshot!(read("FREQ=DAILY;COUNT=-1"), @"“FREQ=DAILY;COUNT=-1” is not a repeat rule: COUNT is a number from 1 to 10000");
    assert_snapshot!(read("FREQ=DAILY;UNTIL=tomorrow"), @"“FREQ=DAILY;UNTIL=tomorrow” is not a repeat rule: UNTIL is a date like 20261231");
    assert_snapshot!(read("FREQ=DAILY;UNTIL=20260230"), @"“FREQ=DAILY;UNTIL=20260230” is not a repeat rule: UNTIL is a date like 20261231");
    assert_snapshot!(read("FREQ=DAILY;UNTIL=2026\u{e9}\u{e9}"), @"“FREQ=DAILY;UNTIL=2026éé” is not a repeat rule: UNTIL is a date like 20261231");
    assert_snapshot!(read("FREQ=DAILY;COUNT=2;UNTIL=20261231"), @"“FREQ=DAILY;COUNT=2;UNTIL=20261231” is not a repeat rule: it can have COUNT or UNTIL, not both");
    assert_snapshot!(read("FREQ=WEEKLY;WKST=XX"), @"“FREQ=WEEKLY;WKST=XX” is not a repeat rule: WKST is a weekday like MO");
    assert_snapshot!(read("FREQ=WEEKLY;BYDAY="), @"“FREQ=WEEKLY;BYDAY=” is not a repeat rule: BYDAY lists weekdays like MO,TU or -1FR");
    assert_snapshot!(read("FREQ=WEEKLY;BYDAY=\u{e9}"), @"“FREQ=WEEKLY;BYDAY=é” is not a repeat rule: BYDAY lists weekdays like MO,TU or -1FR");
    assert_snapshot!(read("FREQ=WEEKLY;BYDAY=2MO"), @"“FREQ=WEEKLY;BYDAY=2MO” is not a repeat rule: only monthly and yearly rules number their weekdays");
    assert_snapshot!(read("FREQ=MONTHLY;BYDAY=0MO"), @"“FREQ=MONTHLY;BYDAY=0MO” is not a repeat rule: BYDAY lists weekdays like MO,TU or -1FR");
    assert_snapshot!(read("FREQ=MONTHLY;BYDAY=-128MO"), @"“FREQ=MONTHLY;BYDAY=-128MO” is not a repeat rule: BYDAY lists weekdays like MO,TU or -1FR");
    assert_snapshot!(read("FREQ=WEEKLY;BYMONTHDAY=1"), @"“FREQ=WEEKLY;BYMONTHDAY=1” is not a repeat rule: a weekly rule cannot have BYMONTHDAY");
    assert_snapshot!(read("FREQ=MONTHLY;BYMONTHDAY=32"), @"“FREQ=MONTHLY;BYMONTHDAY=32” is not a repeat rule: BYMONTHDAY lists days from 1 to 31 or -1 to -31");
    assert_snapshot!(read("FREQ=MONTHLY;BYMONTHDAY=-128"), @"“FREQ=MONTHLY;BYMONTHDAY=-128” is not a repeat rule: BYMONTHDAY lists days from 1 to 31 or -1 to -31");
    assert_snapshot!(read("FREQ=YEARLY;BYMONTH=-1"), @"“FREQ=YEARLY;BYMONTH=-1” is not a repeat rule: BYMONTH lists months from 1 to 12");
    assert_snapshot!(read("FREQ=YEARLY;BYSETPOS=367"), @"“FREQ=YEARLY;BYSETPOS=367” is not a repeat rule: BYSETPOS lists places from 1 to 366");
    assert_snapshot!(read("FREQ=YEARLY;BYWEEKNO=20"), @"“FREQ=YEARLY;BYWEEKNO=20” is not a repeat rule: BYWEEKNO is not a part we keep; days, weeks, months and years are what we repeat by");
    assert_snapshot!(read("FREQ=DAILY;BYHOUR=9"), @"“FREQ=DAILY;BYHOUR=9” is not a repeat rule: BYHOUR is not a part we keep; days, weeks, months and years are what we repeat by");
    assert_snapshot!(read("FREQ=DAILY;X-MINE=1"), @"“FREQ=DAILY;X-MINE=1” is not a repeat rule: X-MINE is not a part we keep; days, weeks, months and years are what we repeat by");
}

#[test]
fn rules_that_never_happen_are_refused() {
    for rule in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,31",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYSETPOS=2",
        "FREQ=DAILY;BYSETPOS=-2",
        "FREQ=YEARLY;BYMONTH=4;BYDAY=MO;BYMONTHDAY=31",
    ] {
        assert!(
            read(rule).ends_with("is not a repeat rule: it never happens"),
            "{rule}: {}",
            read(rule)
        );
    }
}

#[test]
fn the_next_time_on_schedule() {
    assert_snapshot!(next(&every("FREQ=DAILY"), "2026-12-01", "2026-12-01T20:00[Europe/Lisbon]"), @"2026-12-02");
    assert_snapshot!(next(&every("FREQ=WEEKLY"), "2026-12-03", "2026-12-01T20:00[Europe/Lisbon]"), @"2026-12-10");
    assert_snapshot!(next(&every("FREQ=MONTHLY"), "2026-01-31", "2026-01-31T20:00[Europe/Lisbon]"), @"2026-03-31");
    assert_snapshot!(next(&every("FREQ=YEARLY"), "2024-02-29", "2024-02-29T20:00[Europe/Lisbon]"), @"2028-02-29");
    assert_snapshot!(next(&every("FREQ=DAILY"), "2026-12-01T21:00", "2026-12-01T20:00[Europe/Lisbon]"), @"2026-12-02T21:00");
}

#[test]
fn the_next_time_after_it_was_done() {
    assert_snapshot!(next(&after_completion("FREQ=DAILY;INTERVAL=10"), "2026-12-01", "2026-12-05T20:00[Europe/Lisbon]"), @"2026-12-15");
    assert_snapshot!(next(&after_completion("FREQ=DAILY;INTERVAL=10"), "2026-12-01T09:00", "2026-11-20T20:00[Europe/Lisbon]"), @"2026-11-30T09:00");
    assert_snapshot!(next(&after_completion("FREQ=MONTHLY"), "2026-12-01", "2027-01-31T20:00[Europe/Lisbon]"), @"2027-03-31");
    assert_snapshot!(next(&after_completion("FREQ=WEEKLY;BYDAY=MO"), "2026-12-07", "2026-12-09T20:00[Europe/Lisbon]"), @"2026-12-14");
    // Midnight has passed in UTC, but not for whoever did it.
    assert_snapshot!(next(&after_completion("FREQ=DAILY"), "2026-12-01", "2026-12-01T23:30[America/New_York]"), @"2026-12-02");
}

#[test]
fn what_becomes_of_missed_days() {
    let done = "2026-12-05T12:00[Europe/Lisbon]";
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::Skip), "2026-12-01", done), @"2026-12-06");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::One), "2026-12-01", done), @"2026-12-05");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::One), "2026-12-05", done), @"2026-12-06");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::All), "2026-12-01", done), @"2026-12-02");
    assert_snapshot!(next(&missed("FREQ=DAILY;INTERVAL=3", Missed::Skip), "2026-12-01", done), @"2026-12-07");
    assert_snapshot!(next(&missed("FREQ=DAILY;INTERVAL=3", Missed::One), "2026-12-01", done), @"2026-12-04");
}

#[test]
fn what_becomes_of_missed_times() {
    let done = "2026-12-05T12:00[Europe/Lisbon]";
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::Skip), "2026-12-01T15:00", done), @"2026-12-05T15:00");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::Skip), "2026-12-01T12:00", done), @"2026-12-06T12:00");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::One), "2026-12-01T15:00", done), @"2026-12-04T15:00");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::One), "2026-12-01T09:00", done), @"2026-12-05T09:00");
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::All), "2026-12-01T09:00", done), @"2026-12-02T09:00");
    // Noon in Tokyo was nine hours ago.
    assert_snapshot!(next(&missed("FREQ=DAILY", Missed::Skip), "2026-12-01T12:00[Asia/Tokyo]", done), @"2026-12-06T12:00[Asia/Tokyo]");
}

#[test]
fn a_count_runs_out() {
    let on_time = "2026-12-01T12:00[Europe/Lisbon]";
    let late = "2026-12-03T12:00[Europe/Lisbon]";
    assert_snapshot!(next(&every("FREQ=DAILY;COUNT=3"), "2026-12-01", on_time), @"2026-12-02, 2 left");
    assert_snapshot!(next(&every("FREQ=DAILY;COUNT=1"), "2026-12-01", on_time), @"the end");
    assert_snapshot!(next(&missed("FREQ=DAILY;COUNT=9", Missed::Skip), "2026-12-01", late), @"2026-12-04, 6 left");
    assert_snapshot!(next(&missed("FREQ=DAILY;COUNT=3", Missed::Skip), "2026-12-01", late), @"the end");
    assert_snapshot!(next(&missed("FREQ=DAILY;COUNT=9", Missed::One), "2026-12-01", late), @"2026-12-03, 7 left");
    assert_snapshot!(next(&missed("FREQ=DAILY;COUNT=2", Missed::One), "2026-12-01", late), @"2026-12-02, 1 left");
    assert_snapshot!(next(&missed("FREQ=DAILY;COUNT=9", Missed::All), "2026-12-01", late), @"2026-12-02, 8 left");
}

#[test]
fn a_count_runs_out_from_a_day_that_the_rule_does_not_name() {
    let done = "2026-12-08T12:00[Europe/Lisbon]";
    assert_snapshot!(next(&every("FREQ=WEEKLY;BYDAY=MO;COUNT=3"), "2026-12-08", done), @"2026-12-14, 2 left");
    assert_snapshot!(next(&every("FREQ=WEEKLY;BYDAY=MO;COUNT=1"), "2026-12-08", done), @"the end");
    assert_snapshot!(next(&after_completion("FREQ=WEEKLY;BYDAY=MO;COUNT=2"), "2026-12-07", done), @"2026-12-14, 1 left");
    assert_snapshot!(next(&after_completion("FREQ=WEEKLY;BYDAY=MO;COUNT=1"), "2026-12-07", done), @"the end");
}

#[test]
fn nothing_comes_after_the_last_day() {
    let done = "2026-12-01T12:00[Europe/Lisbon]";
    assert_snapshot!(next(&every("FREQ=DAILY;UNTIL=20261202"), "2026-12-01", done), @"2026-12-02");
    assert_snapshot!(next(&every("FREQ=DAILY;UNTIL=20261202"), "2026-12-02", done), @"the end");
    assert_snapshot!(next(&every("FREQ=DAILY;UNTIL=20261202"), "2026-11-01", "2026-12-03T12:00[Europe/Lisbon]"), @"the end");
    assert_snapshot!(next(&missed("FREQ=DAILY;UNTIL=20261202", Missed::One), "2026-11-01", "2026-12-03T12:00[Europe/Lisbon]"), @"2026-12-02");
    assert_snapshot!(next(&every("FREQ=DAILY"), "9999-12-31", done), @"the end");
}

#[test]
fn the_clock_on_the_wall_stays_when_clocks_change() {
    // Clocks go forward on 29 March 2026 at 01:00 in Lisbon, and back on 25 October at 02:00.
    let zone = "Europe/Lisbon";
    for (due, done, then, instant) in [
        (
            "2026-03-28T09:00",
            "2026-03-28T10:00",
            "2026-03-29T09:00",
            "2026-03-29T08:00:00Z",
        ),
        (
            "2026-10-24T09:00",
            "2026-10-24T10:00",
            "2026-10-25T09:00",
            "2026-10-25T09:00:00Z",
        ),
        // A time that does not exist that day moves on, and is itself again on the next.
        (
            "2026-03-28T01:30",
            "2026-03-28T10:00",
            "2026-03-29T01:30",
            "2026-03-29T01:30:00Z",
        ),
        (
            "2026-03-29T01:30",
            "2026-03-29T10:00",
            "2026-03-30T01:30",
            "2026-03-30T00:30:00Z",
        ),
    ] {
        let done = format!("{done}[{zone}]");
        assert_eq!(next(&every("FREQ=DAILY"), due, &done), then);
        let due: Due = then.parse().unwrap();
        let home = jiff::tz::TimeZone::get(zone).unwrap();
        assert_eq!(due.instant(&home).to_string(), instant, "{then}");
    }
}

fn any_date() -> impl Strategy<Value = Date> {
    (1900_i16..2200, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn any_weekday() -> impl Strategy<Value = Weekday> {
    (1_i8..=7).prop_map(|n| Weekday::from_monday_one_offset(n).unwrap())
}

/// Text that is a rule, or nearly one.
fn any_rule_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        (1..40).prop_map(|n| format!("INTERVAL={n}")),
        (1..40).prop_map(|n| format!("COUNT={n}")),
        any_date().prop_map(|day| format!("UNTIL={}", day.strftime("%Y%m%d"))),
        proptest::collection::vec(-31..32, 1..4)
            .prop_map(|days| format!("BYMONTHDAY={}", list(&days))),
        proptest::collection::vec(1..13, 1..4)
            .prop_map(|months| format!("BYMONTH={}", list(&months))),
        proptest::collection::vec(-5..6, 1..3)
            .prop_map(|places| format!("BYSETPOS={}", list(&places))),
        proptest::collection::vec("(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)", 1..4)
            .prop_map(|days| format!("BYDAY={}", list(&days))),
        "WKST=(MO|SA|SU)",
        "[A-Z=;,0-9]{0,12}",
    ];
    let frequency = "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)";
    (frequency, proptest::collection::vec(part, 0..4))
        .prop_map(|(frequency, parts)| [vec![frequency], parts].concat().join(";"))
}

fn list<T: ToString>(items: &[T]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

fn any_rule() -> impl Strategy<Value = Rule> {
    any_rule_text().prop_filter_map("not a rule", |text| text.parse().ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![any_rule_text(), ".{0,40}"]) {
        let _ = text.parse::<Rule>();
    }

    #[test]
    fn what_is_written_reads_back(rule in any_rule()) {
        prop_assert_eq!(rule.to_string().parse::<Rule>().unwrap(), rule);
    }

    #[test]
    fn days_come_in_order_and_within_bounds(rule in any_rule(), start in any_date()) {
        let days: Vec<Date> = rule.days(start).take(20).collect();
        prop_assert!(days.iter().all(|day| *day >= start));
        prop_assert!(days.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(rule.until.is_none_or(|until| days.iter().all(|day| *day <= until)));
        prop_assert!(rule.count.is_none_or(|count| days.len() <= count as usize));
        prop_assert!(rule.by_month.is_empty() || days.iter().all(|day| rule.by_month.contains(&day.month())));
        prop_assert!(rule.by_day.is_empty()
            || days.iter().all(|day| rule.by_day.iter().any(|by| by.weekday == day.weekday())));
    }

    #[test]
    fn a_series_goes_on_from_each_of_its_days(rule in any_rule(), start in any_date()) {
        // Completing each occurrence on its day walks through the very days that the rule lists.
        let listed: Vec<Date> = rule.days(start).take(6).collect();
        let mut walked: Vec<Date> = listed.iter().take(1).copied().collect();
        let mut state = walked.first().map(|day| (Due::on(*day), Repeat { rule, ..every("FREQ=DAILY") }));
        while let Some((due, repeat)) = state && walked.len() < listed.len() {
            let done = due.date.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            state = repeat.next(&due, &done);
            walked.extend(state.as_ref().map(|(due, _)| due.date));
        }
        prop_assert_eq!(walked, listed);
    }

    #[test]
    fn the_next_time_is_later_and_the_count_smaller(
        rule in any_rule(), due in any_date(), done in any_date(), mode in 0..2_usize, missed in 0..3_usize,
    ) {
        let repeat = Repeat {
            rule,
            mode: [RepeatMode::Schedule, RepeatMode::Completion][mode],
            missed: [Missed::Skip, Missed::One, Missed::All][missed],
        };
        let moment = done.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        if let Some((next, left)) = repeat.next(&Due::on(due), &moment) {
            let from = if repeat.mode == RepeatMode::Schedule { due } else { done };
            prop_assert!(next.date > from);
            prop_assert!(left.rule.count < repeat.rule.count || repeat.rule.count.is_none());
            prop_assert!(left.rule.count.is_none_or(|count| count > 0));
        }
    }

    #[test]
    fn a_week_begins_on_its_first_day(date in any_date(), start in any_weekday()) {
        let first = domain::week_of(date, start);
        prop_assert_eq!(first.weekday(), start);
        prop_assert!((0..7).contains(&first.until(date).unwrap().get_days()));
    }
}

#[test]
fn a_rule_that_says_no_more_than_how_often() {
    assert_eq!(Rule::every(0, Frequency::Weekly).to_string(), "FREQ=WEEKLY");
    assert_eq!(
        Rule::every(3, Frequency::Yearly).to_string(),
        "FREQ=YEARLY;INTERVAL=3"
    );
}

#[test]
fn a_rule_says_each_thing_once_and_no_more() {
    assert_snapshot!(read("FREQ=DAILY;INTERVAL=2;INTERVAL=3"), @"“FREQ=DAILY;INTERVAL=2;INTERVAL=3” is not a repeat rule: it says INTERVAL twice");
    assert_snapshot!(read("FREQ=DAILY;UNTIL=20261231garbage"), @"“FREQ=DAILY;UNTIL=20261231garbage” is not a repeat rule: UNTIL is a date like 20261231");
    let long = format!("FREQ=DAILY;BYDAY={}MO", "MO,".repeat(10_000));
    assert!(read(&long).ends_with("it is too long"));
    assert!(read(&long).len() < 200);
}

#[test]
fn an_interval_of_nothing_is_one() {
    let rule = Rule {
        interval: 0,
        ..Rule::every(1, Frequency::Daily)
    };
    assert_eq!(
        rule.days("2026-12-01".parse().unwrap()).nth(2),
        Some("2026-12-03".parse().unwrap())
    );
}

#[test]
fn done_on_the_day_it_is_where_it_is_due() {
    assert_snapshot!(next(&after_completion("FREQ=DAILY"), "2026-12-01T09:00[America/New_York]", "2026-12-02T08:00[Asia/Tokyo]"), @"2026-12-02T09:00[America/New_York]");
}

#[test]
fn numbered_weekdays_of_a_year_on_given_days() {
    assert_snapshot!(days("FREQ=YEARLY;BYDAY=1MO,2MO;BYMONTHDAY=5", "2026-01-01", 2), @"2026-01-05 2032-01-05 …");
}

proptest! {
    /// Long past due dates take the short way, and it ends in the same place.
    #[test]
    fn rounds_passed_over_change_nothing(
        rule in proptest::sample::select(vec![
            "FREQ=DAILY", "FREQ=DAILY;INTERVAL=7", "FREQ=DAILY;BYMONTH=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU",
            "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=YEARLY", "FREQ=DAILY;UNTIL=20250101",
        ]),
        one in proptest::bool::ANY,
        timed in proptest::bool::ANY,
        age in 0_i64..2_500,
    ) {
        let done: Zoned = "2026-12-02T12:00[Europe/Lisbon]".parse().unwrap();
        let date = done.date().checked_sub(jiff::Span::new().days(age)).unwrap();
        let due = if timed { Due::at(date.at(15, 0, 0, 0)) } else { Due::on(date) };
        let repeat = missed(rule, if one { Missed::One } else { Missed::Skip });
        let passed = |day: &Date| if timed { due.on_date(*day).instant(done.time_zone()) <= done.timestamp() } else { *day <= done.date() };
        let mut days = repeat.rule.days(date).skip_while(|day| *day <= date);
        let expected = if one {
            let mut days = days.peekable();
            let mut day = days.next();
            while let Some(later) = days.next_if(passed) {
                day = Some(later);
            }
            day
        } else {
            days.find(|day| !passed(day))
        };
        prop_assert_eq!(repeat.next(&due, &done).map(|(due, _)| due.date), expected);
    }
}
