//! Rules name the days that another reader of RFC 5545, the crate `rrule`, says they do.

use domain::{Frequency, Rule, week_of};
use jiff::civil::Date;
use proptest::prelude::*;
use rrule::RRuleSet;

/// How many days are compared.
const COUNT: u16 = 15;

/// The days that `rrule` finds, and whether it gave up before the end. `None` if it refuses the rule.
fn theirs(rule: &str, start: Date) -> Option<(Vec<Date>, bool)> {
    let start = start.strftime("%Y%m%d");
    // They want the last day as an instant; there are no times of day here.
    let rule = match rule.split_once("UNTIL=") {
        Some((before, after)) => {
            let (day, rest) = after.split_at(8);
            format!("{before}UNTIL={day}T000000Z{rest}")
        }
        None => rule.to_owned(),
    };
    let text = format!("DTSTART:{start}T000000Z\nRRULE:{rule}");
    let set: RRuleSet = text.parse().ok()?;
    let found = set.all(COUNT);
    let days = found
        .dates
        .iter()
        .map(|at| at.format("%Y-%m-%d").to_string().parse().unwrap());
    Some((days.collect(), found.limited))
}

/// Some of `all`, at most three, each once.
fn some_of(all: Vec<String>) -> impl Strategy<Value = String> {
    proptest::sample::subsequence(all, 1..=3).prop_map(|some| some.join(","))
}

fn numbers(all: impl Iterator<Item = i32>) -> impl Strategy<Value = String> {
    some_of(
        all.filter(|number| *number != 0)
            .map(|number| number.to_string())
            .collect(),
    )
}

fn weekdays(counts: &[&str]) -> impl Strategy<Value = String> {
    let codes = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let all = counts
        .iter()
        .flat_map(|count| codes.map(|code| format!("{count}{code}")));
    some_of(all.collect())
}

/// A rule of which every part is one that we keep.
fn any_rule() -> impl Strategy<Value = String> {
    let maybe = |part: BoxedStrategy<String>| proptest::option::weighted(0.4, part);
    let frequency = proptest::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    frequency.prop_flat_map(move |frequency| {
        // They take a list of plain and numbered weekdays for those that are both; the RFC means either.
        let counts: &[&str] = match frequency {
            "MONTHLY" => &["1", "2", "5", "-1", "-2"],
            "YEARLY" => &["1", "3", "20", "53", "-1", "-30"],
            _ => &[""],
        };
        let place = numbers(-4..5).prop_map(|places| format!(";BYSETPOS={places}"));
        let day = prop_oneof![weekdays(&[""]), weekdays(counts)]
            .prop_map(|days| format!(";BYDAY={days}"));
        let month_day = numbers(-31..32).prop_map(|days| format!(";BYMONTHDAY={days}"));
        let month = numbers(1..13).prop_map(|months| format!(";BYMONTH={months}"));
        let end = prop_oneof![
            (1..40).prop_map(|count| format!(";COUNT={count}")),
            (1..13, 1..29).prop_map(|(month, day)| format!(";UNTIL=2031{month:02}{day:02}")),
        ];
        let week = proptest::sample::select(vec!["MO", "SA", "SU"]);
        let parts = (
            maybe(
                (2..20)
                    .prop_map(|interval| format!(";INTERVAL={interval}"))
                    .boxed(),
            ),
            maybe(day.boxed()),
            maybe(month_day.boxed()),
            maybe(month.boxed()),
            maybe(place.boxed()),
            maybe(week.prop_map(|week| format!(";WKST={week}")).boxed()),
            maybe(end.boxed()),
        );
        parts.prop_map(move |(interval, day, month_day, month, place, week, end)| {
            let parts = [interval, day, month_day, month, place, week, end];
            format!(
                "FREQ={frequency}{}",
                parts.map(Option::unwrap_or_default).concat()
            )
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn rules_name_the_days_that_rrule_says(
        text in any_rule(), year in 2020_i16..2030, month in 1_i8..13, day in 1_i8..32,
    ) {
        let start = Date::new(year, month, 1).unwrap();
        let start = start.with().day(day.min(start.days_in_month())).build().unwrap();
        // What either of the two refuses is not compared.
        let Ok(rule) = text.parse::<Rule>() else { return Ok(()) };
        // Of the first week they number only the days from the start on; we number the week's.
        let is_numbered = rule.frequency == Frequency::Weekly && !rule.by_set_position.is_empty();
        let start = if is_numbered { week_of(start, rule.week_start) } else { start };
        if let Some((theirs, has_more)) = theirs(&text, start) {
            let ours: Vec<Date> = rule.days(start).take(COUNT.into()).collect();
            // They give up long before the rarest days have come.
            let compared = if has_more { ours.len().min(theirs.len()) } else { usize::MAX };
            let first = |days: &[Date]| days.iter().take(compared).copied().collect::<Vec<_>>();
            prop_assert_eq!(first(&ours), first(&theirs), "{} from {}", text, start);
        }
    }
}
