//! Days with a name: "new year's eve", "easter".

use jiff::civil::Date;

use super::day::Day;
use super::reader::Reader;
use super::word::{Holiday, Word};
use crate::en::dates as en;

impl Holiday {
    /// The day in `year`.
    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Nth(nth, weekday, month) => Date::new(year, month, 1)
                .ok()?
                .nth_weekday_of_month(nth, weekday)
                .ok(),
            Self::Easter(shift) => {
                easter(year).map(|sunday| Reader::plus(sunday, i32::from(shift)))
            }
        }
    }
}

/// Easter Sunday, by the rule of Meeus, Jones and Butcher.
#[expect(
    clippy::many_single_char_names,
    reason = "the letters of the published rule"
)]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, g) = (b / 4, b % 4, (8 * b + 13) / 25);
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    Date::new(
        year,
        i8::try_from(sum / 31).ok()?,
        i8::try_from(sum % 31 + 1).ok()?,
    )
    .ok()
}

impl Reader<'_> {
    /// A day with a name.
    pub(super) fn holiday(&self, at: usize) -> Option<(usize, Holiday)> {
        if !matches!(
            self.word(at)?,
            Word::Holiday(_) | Word::HolidayName | Word::Month(4)
        ) {
            return None;
        }
        let same = |at: usize, word: &str| {
            let said = self.slice(at);
            said.eq_ignore_ascii_case(word)
                || said.len() == word.len() + 2 && {
                    // A typographic apostrophe is three bytes, a plain one is one.
                    said.replace('\u{2019}', "'").eq_ignore_ascii_case(word)
                }
        };
        let named = en::HOLIDAYS
            .iter()
            .find(|(words, _)| words.iter().enumerate().all(|(n, word)| same(at + n, word)));
        if let Some((words, holiday)) = named {
            return Some((at + words.len(), *holiday));
        }
        match self.word(at)? {
            Word::Holiday(holiday) if self.loose(at + 1) || self.number(at + 1).is_some() => {
                Some((at + 1, holiday))
            }
            _ => None,
        }
    }

    pub(super) fn holiday_in(
        &self,
        end: usize,
        holiday: Holiday,
        today: Date,
    ) -> Option<(usize, Day)> {
        let (end, date) = if let Some((end, year)) = self.year(end) {
            (end, holiday.in_year(year)?)
        } else {
            let this = holiday.in_year(today.year()).filter(|date| *date >= today);
            (end, this.or_else(|| holiday.in_year(today.year() + 1))?)
        };
        Some((end, Day::on(date)))
    }
}
