//! Dates, times and repeats found in a text.

use domain::{View, WeekStart};
use insta::assert_snapshot;
use language::dates::{self, FoundKind};
use proptest::prelude::*;

/// A Wednesday morning.
const NOW: &str = "2026-03-11T10:15[America/New_York]";

fn view(now: &str) -> View {
    View {
        now: now.parse().expect("a time in a zone"),
        week_start: WeekStart::Monday,
    }
}

/// What is found in `text`: each with its words and what they come to.
fn read_at(now: &str, text: &str) -> String {
    let found = dates::find(text, &view(now));
    let parts = found.iter().map(|found| {
        let mut meaning = match (&found.schedule.due, &found.stretch) {
            (_, Some(stretch)) if found.kind == FoundKind::Stretch => {
                let side = |moment: Option<jiff::civil::DateTime>| {
                    moment.map_or(String::new(), |moment| moment.to_string())
                };
                let text = format!("{}..{}", side(stretch.start), side(stretch.end));
                let text = text.replace("T00:00:00", "").replace(":00..", "..");
                text.strip_suffix(":00").unwrap_or(&text).to_owned()
            }
            (Some(due), _) => due.to_string(),
            (None, _) => String::new(),
        };
        if let Some(repeat) = &found.schedule.repeat {
            meaning = format!("{} from {meaning}", repeat.rule);
            if repeat.mode == domain::RepeatMode::Completion {
                meaning += ", counted from done";
            }
        }
        format!("{}: {meaning}", &text[found.span.clone()])
    });
    parts.collect::<Vec<_>>().join(" | ")
}

fn read(text: &str) -> String {
    read_at(NOW, text)
}

#[test]
fn days_near_today() {
    assert_snapshot!(read("water the ferns today"), @"today: 2026-03-11");
    assert_snapshot!(read("ring Ana tmrw"), @"tmrw: 2026-03-12");
    assert_snapshot!(read("ring Ana the day after tomorrow"), @"the day after tomorrow: 2026-03-13");
    assert_snapshot!(read("what did I finish yesterday?"), @"yesterday: 2026-03-10");
    assert_snapshot!(read("pack bags tonight"), @"tonight: 2026-03-11T20:00");
    assert_snapshot!(read("ring Ana tommorrow or thurdsay"), @"tommorrow: 2026-03-12 | thurdsay: 2026-03-12");
}

#[test]
fn weekdays() {
    assert_snapshot!(read("ring Ana on friday"), @"on friday: 2026-03-13");
    assert_snapshot!(read("ring Ana sat"), @"sat: 2026-03-14");
    assert_snapshot!(read("ring Ana on weds"), @"on weds: 2026-03-18");
    assert_snapshot!(read("ring Ana next friday"), @"next friday: 2026-03-20");
    assert_snapshot!(read("ring Ana this friday"), @"this friday: 2026-03-13");
    assert_snapshot!(read("ring Ana friday week"), @"friday week: 2026-03-20");
    assert_snapshot!(read("ring Ana on monday of next week"), @"on monday of next week: 2026-03-16");
    assert_snapshot!(read("ring Ana fri 13th"), @"fri 13th: 2026-03-13");
    assert_snapshot!(read("who rang last friday"), @"last friday: 2026-03-06");
}

/// The Friday of the week after this one, whatever day of it is today: a minute before and after midnight, and on days on which
/// clocks change, in the zones at both ends of the world and between.
#[test]
fn next_friday_on_each_day_everywhere() {
    for zone in [
        "Pacific/Pago_Pago",
        "Asia/Kolkata",
        "Pacific/Tongatapu",
        "Pacific/Kiritimati",
        "America/New_York",
        "Europe/Lisbon",
        "Australia/Lord_Howe",
    ] {
        // Three weeks in which clocks go forward, and three in which they go back: Sundays in the north and in the south.
        for monday in ["2026-03-02", "2026-10-19"] {
            let monday: jiff::civil::Date = monday.parse().expect("a date");
            for day in 0..21 {
                let today = monday + jiff::Span::new().days(day);
                let expected = monday + jiff::Span::new().days(day / 7 * 7 + 11);
                for time in ["00:01", "23:59"] {
                    let now = format!("{today}T{time}[{zone}]");
                    assert_eq!(
                        read_at(&now, "ring Ana next friday"),
                        format!("next friday: {expected}"),
                        "{now}"
                    );
                }
            }
        }
    }
}

#[test]
fn days_of_the_calendar() {
    assert_snapshot!(read("pay rent on the 1st"), @"on the 1st: 2026-04-01");
    assert_snapshot!(read("pay rent 1 april"), @"1 april: 2026-04-01");
    assert_snapshot!(read("pay rent april 1st, 2027"), @"april 1st, 2027: 2027-04-01");
    assert_snapshot!(read("pay rent on the 3rd of may 2027"), @"on the 3rd of may 2027: 2027-05-03");
    assert_snapshot!(read("pay rent 2026-04-01"), @"2026-04-01: 2026-04-01");
    assert_snapshot!(read("pay rent 25/12"), @"25/12: 2026-12-25");
    assert_snapshot!(read("pay rent 25.12."), @"25.12.: 2026-12-25");
    assert_snapshot!(read("pay rent on 3/4"), @"on 3/4: 2027-03-04");
    assert_snapshot!(read_at("2026-03-11T10:15[Europe/Paris]", "pay rent on 3/4"), @"on 3/4: 2026-04-03");
    assert_snapshot!(read("pay rent on the first monday of april"), @"on the first monday of april: 2026-04-06");
    assert_snapshot!(read("pay rent by the end of the month"), @"by the end of the month: 2026-03-31");
    assert_snapshot!(read("leap on feb 29"), @"on feb 29: 2028-02-29");
    assert_snapshot!(read("bake a cake two days before christmas"), @"two days before christmas: 2026-12-23");
    assert_snapshot!(read("champagne for new year\u{2019}s eve"), @"for new year’s eve: 2026-12-31");
    assert_snapshot!(read("hide eggs on easter sunday"), @"on easter sunday: 2026-04-05");
}

#[test]
fn times() {
    assert_snapshot!(read("call at 6pm"), @"at 6pm: 2026-03-11T18:00");
    assert_snapshot!(read("call at 6:30 p.m. tomorrow"), @"at 6:30 p.m. tomorrow: 2026-03-12T18:30");
    assert_snapshot!(read("call at 6"), @"at 6: 2026-03-11T18:00");
    assert_snapshot!(read("call friday at 6"), @"friday at 6: 2026-03-13T18:00");
    assert_snapshot!(read("call at 18:00 on friday"), @"at 18:00 on friday: 2026-03-13T18:00");
    assert_snapshot!(read("call at half past six"), @"at half past six: 2026-03-11T18:30");
    assert_snapshot!(read("call at quarter to 9 tomorrow"), @"at quarter to 9 tomorrow: 2026-03-12T08:45");
    assert_snapshot!(read("call tomorrow, noon"), @"tomorrow, noon: 2026-03-12T12:00");
    assert_snapshot!(read("call at 7 in the evening"), @"at 7 in the evening: 2026-03-11T19:00");
    assert_snapshot!(read("call tonight at 8"), @"tonight at 8: 2026-03-11T20:00");
    assert_snapshot!(read("call tomorrow morning"), @"tomorrow morning: 2026-03-12T09:00");
    assert_snapshot!(read("call at 9am"), @"at 9am: 2026-03-12T09:00");
}

#[test]
fn lengths_of_time() {
    assert_snapshot!(read("check the oven in 20 minutes"), @"in 20 minutes: 2026-03-11T10:35");
    assert_snapshot!(read("check the oven in an hour and a half"), @"in an hour and a half: 2026-03-11T11:45");
    assert_snapshot!(read("check the oven in 1h30"), @"in 1h30: 2026-03-11T11:45");
    assert_snapshot!(read("see the dentist in 6 months"), @"in 6 months: 2026-09-11");
    assert_snapshot!(read("see the dentist a week from friday"), @"a week from friday: 2026-03-20");
    assert_snapshot!(read_at("2027-01-31T18:00[UTC]", "see the dentist in a month"), @"in a month: 2027-02-28");
    assert_snapshot!(read_at("2026-03-08T00:30[America/New_York]", "take the pill in 4 hours"), @"in 4 hours: 2026-03-08T05:30");
}

#[test]
fn stretches() {
    assert_snapshot!(read("show what is due this week"), @"due this week: 2026-03-09..2026-03-16");
    assert_snapshot!(read("show next month"), @"next month: 2026-04-01..2026-05-01");
    assert_snapshot!(read("show the next 3 days"), @"the next 3 days: 2026-03-11..2026-03-14");
    assert_snapshot!(read("away from monday to thursday"), @"from monday to thursday: 2026-03-16..2026-03-20");
    assert_snapshot!(read("away between 3 and 9 april"), @"between 3 and 9 april: 2026-04-03..2026-04-10");
    assert_snapshot!(read("workshop tomorrow from 3 to 4pm"), @"tomorrow from 3 to 4pm: 2026-03-12T15:00..2026-03-12T16:00");
    assert_snapshot!(read("send it before monday"), @"before monday: ..2026-03-16");
    assert_snapshot!(read("send it after 5pm"), @"after 5pm: 2026-03-11T17:00..");
    assert_snapshot!(read("snooze it until friday"), @"until friday: ..2026-03-14");
    assert_snapshot!(read("finish by friday"), @"by friday: 2026-03-13");
    assert_snapshot!(read("the rest of the week"), @"the rest of the week: 2026-03-11..2026-03-16");
    assert_snapshot!(read("plan it in q3"), @"in q3: 2026-07-01..2026-10-01");
    assert_snapshot!(read("tidy up this weekend"), @"this weekend: 2026-03-14..2026-03-16");
}

#[test]
fn repeats() {
    assert_snapshot!(read("water the ferns every day"), @"every day: FREQ=DAILY from 2026-03-11");
    assert_snapshot!(read("water the ferns every other day at 8am"), @"every other day at 8am: FREQ=DAILY;INTERVAL=2 from 2026-03-12T08:00");
    assert_snapshot!(read("gym every mon and thu"), @"every mon and thu: FREQ=WEEKLY;BYDAY=MO,TH from 2026-03-12");
    assert_snapshot!(read("gym on mondays at 7pm"), @"on mondays at 7pm: FREQ=WEEKLY;BYDAY=MO from 2026-03-16T19:00");
    assert_snapshot!(read("gym every weekday but friday"), @"every weekday but friday: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH from 2026-03-11");
    assert_snapshot!(read("gym every day except sunday"), @"every day except sunday: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA from 2026-03-11");
    assert_snapshot!(read("review every 2 weeks on friday"), @"every 2 weeks on friday: FREQ=WEEKLY;INTERVAL=2;BYDAY=FR from 2026-03-13");
    assert_snapshot!(read("review every other monday"), @"every other monday: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO from 2026-03-16");
    assert_snapshot!(read("rent every month on the 15th"), @"every month on the 15th: FREQ=MONTHLY;BYMONTHDAY=15 from 2026-03-15");
    assert_snapshot!(read("rent on the last day of each month"), @"on the last day of each month: FREQ=MONTHLY;BYMONTHDAY=-1 from 2026-03-31");
    assert_snapshot!(read("board games first monday of every month"), @"first monday of every month: FREQ=MONTHLY;BYDAY=1MO from 2026-04-06");
    assert_snapshot!(read("candles every march 3"), @"every march 3: FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3 from 2027-03-03");
    assert_snapshot!(read("taxes quarterly"), @"quarterly: FREQ=MONTHLY;INTERVAL=3 from 2026-03-11");
    assert_snapshot!(read("class every monday at 9 starting next week until 1 june"), @"every monday at 9 starting next week until 1 june: FREQ=WEEKLY;BYDAY=MO;UNTIL=20260601 from 2026-03-16T09:00");
    assert_snapshot!(read("class every tuesday for 5 times"), @"every tuesday for 5 times: FREQ=WEEKLY;BYDAY=TU;COUNT=5 from 2026-03-17");
}

#[test]
fn repeats_counted_from_when_it_was_done() {
    assert_snapshot!(read("change the filter every! 3 days"), @"every! 3 days: FREQ=DAILY;INTERVAL=3 from 2026-03-11, counted from done");
    assert_snapshot!(read("change the filter 3 days after I finish"), @"3 days after I finish: FREQ=DAILY;INTERVAL=3 from 2026-03-11, counted from done");
    assert_snapshot!(read("change the filter every month after completion"), @"every month after completion: FREQ=MONTHLY from 2026-03-11, counted from done");
}

#[test]
fn words_that_only_look_like_dates() {
    for text in [
        "March the letters to the office",
        "you may sit",
        "a bottle of sun lotion",
        "the sun is out",
        "read 2001 again",
        "3% cream",
        "finish The 6th Sense",
        "clean the monitor",
        "9/11 documentary",
        "a second opinion",
        "weekly planner",
        "room 12",
        "3/4 cup of rice",
        "v2.10.1 notes",
        "half and half",
        "noon prayer",
        "the 3rd one",
        "thursday.example.com",
        "#friday +monday",
        "ask june about april",
        "Meet with Friday",
        "a 20 minute walk",
        "midnight snack",
        "evening dress",
        "the list of nNXcfNVWmMtWLaE31iOzewC0FlcjF93m",
        "QLwiFKQgBSoidHaNzdVKjTg0MEHozS1h is the key",
    ] {
        assert_eq!(read(text), "", "{text}");
    }
}

#[test]
fn quotes_and_backslashes_keep_words() {
    assert_snapshot!(read("watch \"tomorrow never dies\" on friday"), @"on friday: 2026-03-13");
    assert_snapshot!(read("learn the song \\friday"), @"");
}

#[test]
fn days_that_do_not_exist_are_known_as_such() {
    for text in [
        "call on 30 february",
        "call on feb 30",
        "call on 31 april",
        "call 2026-02-30",
        "call every 30 february",
    ] {
        assert_eq!(read(text), "", "{text}");
        let place = dates::impossible(text).map(|range| &text[range]);
        assert_eq!(
            place,
            text.split_once("call ")
                .map(|(_, day)| day.trim_start_matches("on ").trim_start_matches("every "))
        );
    }
    assert_eq!(dates::impossible("call on 28 february"), None);
}

#[test]
fn the_other_end_of_a_range() {
    let to = |text: &str| {
        let found = dates::find(text, &view(NOW));
        found[0]
            .to
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    assert_snapshot!(to("move the call from tuesday to wednesday at 2pm"), @"2026-03-18T14:00");
    assert_snapshot!(to("move the call from 3pm to 5pm"), @"2026-03-11T17:00");
    assert_snapshot!(to("the call is on tuesday"), @"");
}

#[test]
fn some_dates_may_be_something_else() {
    let sure = |text: &str| dates::find(text, &view(NOW))[0].sure;
    assert!(sure("call on friday"));
    assert!(sure("call friday"));
    assert!(!sure("friday prayers"));
    assert!(!sure("plants for full sun"));
    assert!(sure("call on sun"));
    assert!(!sure("finish the 2nd"));
    assert!(sure("finish on the 2nd"));
}

#[test]
fn a_day_and_a_time_said_apart() {
    let joined = |text: &str| {
        let found = dates::find(text, &view(NOW));
        found[0]
            .with(&found[1])
            .map(|due| due.to_string())
            .unwrap_or_default()
    };
    assert_snapshot!(joined("tomorrow remind me to leave at 8"), @"2026-03-12T08:00");
    assert_snapshot!(joined("tonight remind me to leave at 8"), @"2026-03-11T20:00");
    assert_snapshot!(joined("leave at 8:30am for the train on friday"), @"2026-03-13T08:30");
    assert_snapshot!(joined("leave friday and come back monday"), @"");
}

#[test]
fn how_far_to_move() {
    let moved = |text: &str| {
        dates::period(text)
            .map(|(range, period)| format!("{}: {period}", &text[range]))
            .unwrap_or_default()
    };
    assert_snapshot!(moved("push it by two days"), @"by two days: P2D");
    assert_snapshot!(moved("an hour later"), @"an hour later: PT1H");
    assert_snapshot!(moved("make that a week earlier"), @"a week earlier: -P7D");
    assert_snapshot!(moved("postpone 3 a week"), @"a week: P7D");
    assert_snapshot!(moved("in two days"), @"");
}

#[test]
fn all_of_a_text_or_nothing() {
    let when = |text: &str| dates::when(text, &view(NOW)).is_some();
    assert!(when("friday at 5"));
    assert!(when("every monday"));
    assert!(when("2026-12-01T15:00[Europe/Lisbon]"));
    assert!(!when("friday at the office"));
    assert!(!when("milk"));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
        check(&text);
    }

    #[test]
    fn any_string_of_date_words_is_read_without_panic(words in prop::collection::vec(prop::sample::select(words()), 0..14), gap in prop::bool::ANY) {
        check(&words.join(if gap { " " } else { "" }));
    }
}

/// Spans are in order, apart, and between characters.
fn check(text: &str) {
    for now in [
        NOW,
        "9999-12-30T21:59[UTC]",
        "-009999-01-03T00:00[UTC]",
        "2028-02-29T02:30[Europe/Berlin]",
    ] {
        let mut end = 0;
        for found in dates::find(text, &view(now)) {
            assert!(
                found.span.start >= end && found.span.end > found.span.start,
                "{text}"
            );
            assert!(text.get(found.span.clone()).is_some(), "{text}");
            // A rule's last day is written with a year of four digits.
            if let Some(repeat) = &found.schedule.repeat
                && !now.starts_with('-')
            {
                let rule = repeat.rule.to_string();
                assert_eq!(rule.parse().as_ref(), Ok(&repeat.rule), "{text}");
            }
            end = found.span.end;
        }
        dates::when(text, &view(now));
    }
    dates::period(text);
    dates::impossible(text);
}

fn words() -> Vec<&'static str> {
    WORDS.split_whitespace().collect()
}

/// Words of dates, to be thrown together.
const WORDS: &str = r#"
every each other ! monday tue weekday mondays daily the 1st 31st last first of in on at by before
after since from to until between and within for times next this day days week month year hours
quarter half past a 3 30 99999999 9999 12 0 : / - . , ' pm am noon midnight march may february 2026
0001 9999 tomorrow tonight end early morning later ago earlier christmas easter twenty thousand done
except starting " \ milk weekend few couple now no than @ z t
"#;
