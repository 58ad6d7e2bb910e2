//! Repeats keep their time of day wherever clocks change: every zone of the IANA database, over twenty years.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Due, Repeat, RepeatMode};
use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};

/// The years that are gone through. In 2011 Samoa had no 30 December.
const YEARS: std::ops::Range<i16> = 2010..2030;

/// Each zone that has clocks of its own in these years, with the moments at which they change.
fn zones() -> Vec<(String, TimeZone, Vec<Timestamp>)> {
    let from = TimeZone::UTC
        .to_timestamp(date(YEARS.start, 1, 1).at(0, 0, 0, 0))
        .unwrap();
    let until = TimeZone::UTC
        .to_timestamp(date(YEARS.end, 1, 1).at(0, 0, 0, 0))
        .unwrap();
    let mut distinct = BTreeMap::new();
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str()).unwrap();
        let changes: Vec<Timestamp> = zone
            .following(from)
            .map(|change| change.timestamp())
            .take_while(|change| *change < until)
            .collect();
        let offsets: Vec<i32> = std::iter::once(from)
            .chain(changes.iter().copied())
            .map(|at| zone.to_offset(at).seconds())
            .collect();
        let entry = (name.to_string(), zone, changes.clone());
        distinct.entry((changes, offsets)).or_insert(entry);
    }
    distinct.into_values().collect()
}

/// Where the clock stands when it should show `wall`: later by the length of the gap if `wall` is in one.
fn shown(wall: DateTime, zone: &TimeZone) -> DateTime {
    match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Gap { before, after } => {
            let gap = SignedDuration::from_secs((after.seconds() - before.seconds()).into());
            wall.checked_add(gap).unwrap()
        }
        _ => wall,
    }
}

/// The times of day that one change of the clock skips or has twice, if any.
fn times_at(change: Timestamp, zone: &TimeZone) -> BTreeSet<Time> {
    let before = zone.to_datetime(change - SignedDuration::from_nanos(1));
    let after = zone.to_datetime(change);
    let middle = before.duration_until(after) / 2;
    let at = before.checked_add(middle).unwrap();
    BTreeSet::from([at.time(), after.time()].map(|time| {
        let minute = time.minute();
        Time::new(time.hour(), minute, 0, 0).unwrap()
    }))
}

/// Does a task that is due at `time` again and again, each time when it is due, and compares with `days`.
fn walk(rule: &str, time: Time, days: &[Date], zone: &TimeZone, mode: RepeatMode) {
    let mut repeat: Repeat = rule.parse().unwrap();
    repeat.mode = mode;
    let mut due = Due::at(days[0].to_datetime(time));
    let mut before = None;
    let mut seen = Vec::new();
    while due.date <= *days.last().unwrap() {
        let wall = due.date.to_datetime(time);
        let instant = due.instant(zone);
        assert_eq!(due.time(), Some(time), "the time of day stays");
        assert_eq!(
            zone.to_datetime(instant),
            shown(wall, zone),
            "{rule} at {wall}"
        );
        assert!(
            before.is_none_or(|before| before < instant),
            "{rule} twice at {wall}"
        );
        before = Some(instant);
        seen.push(due.date);
        (due, repeat) = repeat.next(&due, &instant.to_zoned(zone.clone())).unwrap();
    }
    // On a day that a zone leaves out altogether, the next one stands for it.
    let mut expected: Vec<Date> = days.to_vec();
    expected.dedup_by_key(|day| shown(day.to_datetime(time), zone));
    assert_eq!(seen, expected, "{rule} at {time}");
}

/// From `first` on, every `step`, until the years are over.
fn every(first: Date, step: Span) -> Vec<Date> {
    first
        .series(step)
        .take_while(|day| day.year() < YEARS.end)
        .collect()
}

#[test]
fn daily_repeats_keep_their_time_when_clocks_change() {
    for (name, zone, changes) in zones() {
        for change in changes {
            let day = zone.to_datetime(change).date();
            for time in times_at(change, &zone) {
                let first = day.checked_sub(Span::new().days(3)).unwrap();
                let days: Vec<Date> = first.series(Span::new().days(1)).take(6).collect();
                println!("{name}, {change}");
                walk("FREQ=DAILY", time, &days, &zone, RepeatMode::Schedule);
            }
        }
    }
}

#[test]
fn weekly_repeats_keep_their_time_for_twenty_years() {
    for (name, zone, changes) in zones() {
        println!("{name}");
        let time = time_most_in_danger(&changes, &zone);
        // Clocks mostly change on Sundays.
        let first = date(YEARS.start, 1, 3);
        let sundays = every(first, Span::new().weeks(1));
        walk("FREQ=WEEKLY", time, &sundays, &zone, RepeatMode::Schedule);
        let thirds = every(first, Span::new().weeks(3));
        let rule = "FREQ=WEEKLY;INTERVAL=3";
        walk(rule, time, &thirds, &zone, RepeatMode::Completion);
    }
}

#[test]
fn monthly_repeats_keep_their_time_for_twenty_years() {
    for (name, zone, changes) in zones() {
        println!("{name}");
        let time = time_most_in_danger(&changes, &zone);
        let firsts = every(date(YEARS.start, 1, 1), Span::new().months(1));
        let lasts: Vec<Date> = firsts.iter().map(|day| day.last_of_month()).collect();
        let last_sunday = |day: &Date| day.nth_weekday_of_month(-1, Weekday::Sunday).unwrap();
        let last_sundays: Vec<Date> = firsts.iter().map(last_sunday).collect();
        for (rule, days) in [
            ("FREQ=MONTHLY", firsts),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", lasts),
            ("FREQ=MONTHLY;BYDAY=-1SU", last_sundays),
        ] {
            walk(rule, time, &days, &zone, RepeatMode::Schedule);
        }
    }
}

/// The time of day that most often does not exist or comes twice; nine o'clock if none does.
fn time_most_in_danger(changes: &[Timestamp], zone: &TimeZone) -> Time {
    let mut times: BTreeMap<Time, usize> = BTreeMap::from([(Time::constant(9, 0, 0, 0), 0)]);
    for time in changes.iter().flat_map(|change| times_at(*change, zone)) {
        *times.entry(time).or_default() += 1;
    }
    let most = times.iter().max_by_key(|(_, often)| **often);
    *most.unwrap().0
}
