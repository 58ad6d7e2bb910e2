//! Dates in digits: "3/4", "25.12.2026", "2026-12-25".

use jiff::civil::Date;

use super::calendar::{MonthDay, YEARS};
use super::day::{Day, Lead};
use super::reader::Reader;
use super::scan::Kind;
use super::word::Word;
use crate::en::dates as en;

impl Reader<'_> {
    /// Dates in digits.
    pub(super) fn numeric(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (first, digits) = self.number(at)?;
        if digits == 8 {
            let parts = [first / 10_000, first / 100 % 100, first % 100];
            return Some((
                at + 1,
                year_said(parts).filter(|_| YEARS.contains(&parts[0]))?,
            ));
        }
        let sign = match self.kind(at + 1)? {
            Kind::Mark(sign @ (b'-' | b'/' | b'.')) if self.glued(at + 1) && self.glued(at + 2) => {
                sign
            }
            // "2026 08 05"
            Kind::Number(month @ 1..=12, 2) if digits == 4 && YEARS.contains(&first) => {
                let (day, _) = self.number(at + 2).filter(|(_, digits)| *digits == 2)?;
                return Some((at + 3, year_said([first, month, day])?));
            }
            _ => return None,
        };
        let third = self
            .number(at + 4)
            .filter(|_| self.mark(at + 3, sign) && self.glued(at + 3) && self.glued(at + 4));
        if let Some(Word::Month(month)) = self.word(at + 2) {
            // "2026-aug-5"; "5-aug-2026" is read with the months in words.
            let (day, _) = third.filter(|_| digits == 4)?;
            return Some((
                at + 5,
                year_said([first, u32::from(month.unsigned_abs()), day])?,
            ));
        }
        let (second, _) = self.number(at + 2).filter(|(_, digits)| *digits <= 2)?;
        match (digits, third) {
            (4, Some((day, _))) => self.year_month_day(at, at + 5, [first, second, day]),
            (1 | 2, Some(year)) => self.with_year(at, [first, second], year, sign),
            (1 | 2, None) => self.two_numbers(at, [first, second], sign, lead),
            _ => None,
        }
    }

    /// "3/4/2026", "25.12.26".
    fn with_year(
        &self,
        at: usize,
        [first, second]: [u32; 2],
        year: (u32, usize),
        sign: u8,
    ) -> Option<(usize, Day)> {
        let year = match year {
            (year, 4) if YEARS.contains(&year) => year,
            (year, 2) => 2000 + year,
            _ => return None,
        };
        let (date, other) = self.either_order(first, second, Some(i16::try_from(year).ok()?), sign);
        if date.is_none() {
            self.note_impossible(at, at + 5);
        }
        Some((
            at + 5,
            Day {
                year_said: true,
                ..Day::on(date?)
            }
            .or(other),
        ))
    }

    /// Two numbers: a fraction, a score or a version more often than a date, unless something speaks for it.
    fn two_numbers(
        &self,
        at: usize,
        [first, second]: [u32; 2],
        sign: u8,
        lead: Lead,
    ) -> Option<(usize, Day)> {
        let end = match sign {
            b'/' => at + 3,
            b'.' if self.mark(at + 3, b'.')
                && self.glued(at + 3)
                && first <= 31
                && (lead.preposition
                    || self.number(at + 2).is_some_and(|(_, digits)| digits == 2)
                    || self.loose(at + 4)) =>
            {
                at + 4
            }
            b'.' if lead.company && lead.preposition => at + 3,
            // "10.10" alone is a day where days are written so.
            b'.' if !self.language.is_english() && self.alone(at, at + 3) => at + 3,
            _ => return None,
        };
        if matches!(self.kind(end), Some(Kind::Mark(b'/' | b'-' | b':')))
            && self.glued(end)
            && self.glued(end + 1)
        {
            return None;
        }
        let spoken_for =
            lead.preposition || lead.company || self.loose(end) || self.clock(end, false).is_some();
        let a_name = en::NOT_DATES.contains(&(first, second)) && !lead.preposition;
        if !spoken_for || a_name || self.things(end) || lead.within && !lead.preposition {
            return None;
        }
        let (date, other) = self.either_order(first, second, None, sign);
        if date.is_none()
            && (1..=31).contains(&first)
            && (1..=31).contains(&second)
            && lead.preposition
        {
            self.note_impossible(at, end);
        }
        Some((end, Day::on(date?).or(other)))
    }

    pub(super) fn year_month_day(
        &self,
        at: usize,
        end: usize,
        [year, month, day]: [u32; 3],
    ) -> Option<(usize, Day)> {
        if !YEARS.contains(&year) {
            return None;
        }
        let date = Date::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        );
        let Ok(date) = date else {
            self.note_impossible(at, end);
            return None;
        };
        // The T of "2026-04-05T10:00".
        let joined = self.glued(end)
            && self.slice(end).eq_ignore_ascii_case("t")
            && self
                .clock(end + 1, true)
                .is_some_and(|(after, _)| self.may_end(after));
        Some((
            end + usize::from(joined),
            Day {
                year_said: true,
                ..Day::on(date)
            },
        ))
    }

    /// The date that two numbers name, in the order usual where the user is, and in the other.
    pub(super) fn either_order(
        &self,
        first: u32,
        second: u32,
        year: Option<i16>,
        sign: u8,
    ) -> (Option<Date>, Option<Date>) {
        let read = |month: u32, day: u32| {
            let said = MonthDay {
                month: i8::try_from(month).ok()?,
                day: i8::try_from(day).ok()?,
                year,
            };
            said.resolve(self.today)
        };
        let month_first = read(first, second);
        let day_first = read(second, first);
        let (usual, other) = if self.month_comes_first() && sign != b'.' {
            (month_first, day_first)
        } else {
            (day_first, month_first)
        };
        match usual {
            Some(_) => (usual, other),
            None => (other, None),
        }
    }

    /// Whether 3/4 is the fourth of March where the user lives. English without a place is taken as American.
    pub(super) fn month_comes_first(&self) -> bool {
        if !self.language.is_english() {
            return false;
        }
        let zone = self.view.now.time_zone().iana_name().unwrap_or("UTC");
        let elsewhere = [
            "Europe/",
            "Asia/",
            "Africa/",
            "Australia/",
            "Pacific/",
            "Atlantic/",
            "Indian/",
        ];
        !elsewhere.iter().any(|part| zone.starts_with(part))
            || zone == "Pacific/Honolulu"
            || zone == "Asia/Manila"
    }
}

/// The day of a year, a month and a day.
fn year_said([year, month, day]: [u32; 3]) -> Option<Day> {
    let date = Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()?;
    Some(Day {
        year_said: true,
        ..Day::on(date)
    })
}
