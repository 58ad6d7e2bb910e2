//! Times of day: "6:30 pm", "half past six", "noon", "in the morning".

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

use super::reader::Reader;
use super::scan::Kind;
use super::word::{Part, Unit, Word};

/// Which half of the day an hour is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// Said, or clear from the form.
    Known,
    /// "at 6": morning or evening.
    Open,
}

/// A time as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: i8,
    pub(super) minute: i8,
    pub(super) half: Half,
    /// Said with minutes or in a form that can only be a time, so it needs no preposition.
    pub(super) sure: bool,
    /// Midnight at the end of the day it is said of.
    pub(super) next_day: bool,
}

impl Part {
    /// The hour a task is due that is to be done then.
    pub(super) fn hour(self) -> i8 {
        match self {
            Self::Morning => 9,
            Self::Lunch => 12,
            Self::Afternoon => 15,
            Self::Evening => 19,
            Self::Night => 20,
        }
    }

    fn is_late(self) -> bool {
        self != Self::Morning
    }
}

/// An hour that nobody means by a bare number is not after this one at night ...
const HOUR_FIRST: i8 = 6;

impl Clock {
    fn new(hour: u32, minute: u32) -> Option<Self> {
        if hour > 24 || minute > 59 || hour == 24 && minute > 0 {
            return None;
        }
        let half = if hour > 12 || hour == 0 {
            Half::Known
        } else {
            Half::Open
        };
        Some(Self {
            hour: i8::try_from(hour % 24).ok()?,
            minute: i8::try_from(minute).ok()?,
            half,
            sure: false,
            next_day: hour == 24,
        })
    }

    fn known(hour: i8) -> Self {
        Self {
            hour,
            minute: 0,
            half: Half::Known,
            sure: true,
            next_day: false,
        }
    }

    fn sure(self) -> Self {
        Self { sure: true, ..self }
    }

    fn with_half(self, afternoon: bool) -> Self {
        if self.half == Half::Known {
            return self;
        }
        let hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        Self {
            hour,
            half: Half::Known,
            ..self
        }
    }

    /// The same time said with a part of the day: "7 in the evening".
    pub(super) fn during(self, part: Part) -> Self {
        if self.half == Half::Known || self.hour == 12 && part == Part::Night {
            return if self.half == Half::Open {
                Self {
                    hour: 0,
                    half: Half::Known,
                    next_day: true,
                    ..self
                }
            } else {
                self
            };
        }
        match part {
            Part::Night if self.hour < 5 => Self {
                half: Half::Known,
                next_day: true,
                ..self
            },
            Part::Lunch if self.hour > 10 => Self {
                half: Half::Known,
                ..self
            },
            _ => self.with_half(part.is_late()),
        }
    }

    fn time(self) -> Time {
        Time::new(self.hour, self.minute, 0, 0).unwrap_or(Time::midnight())
    }

    /// The moment on `date`.
    pub(super) fn on(self, date: Date) -> DateTime {
        let date = if self.next_day {
            Reader::plus(date, 1)
        } else {
            date
        };
        date.to_datetime(self.time())
    }

    /// The same time by a waking person's reckoning: before 7 means the afternoon.
    pub(super) fn by_day(self) -> Self {
        self.with_half(self.hour < 7 || self.hour == 12)
    }

    /// The two ways to read it.
    fn readings(self) -> [Self; 2] {
        [self.with_half(false), self.with_half(true)]
    }

    /// Its next moment from `now` on, at an hour when people are up.
    pub(super) fn coming(self, now: DateTime) -> DateTime {
        let days = [now.date(), Reader::plus(now.date(), 1)];
        let moments = days
            .into_iter()
            .flat_map(|day| self.readings().map(|clock| clock.on(day)));
        let mut up =
            moments.filter(|moment| self.half == Half::Known || moment.hour() >= HOUR_FIRST);
        up.find(|moment| *moment > now)
            .unwrap_or(self.on(now.date()))
    }

    /// On a certain day, that day being today: what is still to come, if any reading is.
    pub(super) fn today(self, now: DateTime) -> DateTime {
        let readings = self.readings().map(|clock| clock.on(now.date()));
        let up = |moment: &&DateTime| {
            **moment > now && (moment.hour() >= HOUR_FIRST || self.half == Half::Known)
        };
        readings
            .iter()
            .find(up)
            .copied()
            .unwrap_or(self.by_day().on(now.date()))
    }

    /// The other way to read it on the same day.
    pub(super) fn other(self, chosen: DateTime) -> Option<DateTime> {
        if self.half == Half::Known {
            return None;
        }
        let shift = if chosen.hour() < 12 { 12 } else { -12 };
        chosen.checked_add(shift.hours()).ok()
    }

    /// Completes the first time of a range from the second and the other way round: "3-4pm", "3pm to 4".
    pub(super) fn range(from: Self, to: Self) -> (Self, Self) {
        let minutes = |clock: Self| i32::from(clock.hour) * 60 + i32::from(clock.minute);
        match (from.half, to.half) {
            (Half::Open, Half::Known) => {
                let same = from.with_half(to.hour >= 12);
                let start = if minutes(same) <= minutes(to) {
                    same
                } else {
                    from.with_half(false)
                };
                (start, to)
            }
            (Half::Known, Half::Open) => {
                let same = to.with_half(from.hour >= 12);
                let end = if minutes(same) > minutes(from) {
                    same
                } else {
                    to.with_half(true)
                };
                (from, end)
            }
            _ => (from, to),
        }
    }
}

impl Reader<'_> {
    /// "am", "p.m.", "p m": the place after it, and whether it is the afternoon.
    fn meridiem(&self, at: usize) -> Option<(usize, bool)> {
        match self.word(at)? {
            Word::Am => Some((at + 1, false)),
            Word::Pm => Some((at + 1, true)),
            Word::Letter(letter @ (b'a' | b'p')) => {
                let dot = self.mark(at + 1, b'.') && self.glued(at + 1);
                let next = at + 1 + usize::from(dot);
                if self.is(next, Word::Letter(b'm')) {
                    let last = next + 1;
                    // The dot of "p.m." is its own only if it had one before.
                    let closed = dot && self.mark(last, b'.') && self.glued(last);
                    return Some((last + usize::from(closed), letter == b'p'));
                }
                (self.glued(at) && at > 0 && self.number(at - 1).is_some())
                    .then_some((at + 1, letter == b'p'))
            }
            _ => None,
        }
    }

    fn with_meridiem(&self, at: usize, clock: Clock) -> (usize, Clock) {
        match self.meridiem(at) {
            Some((end, afternoon)) if clock.hour <= 12 && !clock.next_day => {
                let hour = clock.hour % 12 + if afternoon { 12 } else { 0 };
                (
                    end,
                    Clock {
                        hour,
                        half: Half::Known,
                        sure: true,
                        ..clock
                    },
                )
            }
            // "15:00 pm" says the same twice.
            Some((end, true)) if clock.hour > 12 => (end, clock.sure()),
            _ => (at, clock),
        }
    }

    /// A time. A bare number is one only if `bare`.
    pub(super) fn clock(&self, at: usize, bare: bool) -> Option<(usize, Clock)> {
        match self.kind(at)? {
            // "noon prayer", "midnight snack"
            Kind::Word(Word::Noon | Word::Midnight) if !bare && !self.loose(at + 1) => return None,
            Kind::Word(Word::Noon) => return Some((at + 1, Clock::known(12))),
            Kind::Word(Word::Midnight) => {
                return Some((
                    at + 1,
                    Clock {
                        next_day: true,
                        ..Clock::known(0)
                    },
                ));
            }
            Kind::Word(Word::Half) => {
                if matches!(self.word(at + 1), Some(Word::Past | Word::After)) {
                    return self.shifted(at + 2, 30);
                }
                let (end, clock) = self.hour(at + 1)?;
                return (bare && self.loose(end)).then_some((
                    end,
                    Clock {
                        minute: 30,
                        ..clock
                    },
                ));
            }
            Kind::Word(Word::Quarter) => return self.past_or_to(at + 1, 15, true),
            Kind::Word(Word::A | Word::Letter(b'a')) if self.is(at + 1, Word::Quarter) => {
                return self.past_or_to(at + 2, 15, true);
            }
            Kind::Number(..) => {
                if let Some(found) = self.digital(at, bare) {
                    return Some(found);
                }
            }
            _ => {}
        }
        let (next, number) = self.count(at)?;
        if number < 60 {
            let spelled = self.number(at).is_none();
            let said = self.is(next, Word::Unit(Unit::Minute));
            let clear = said || (spelled || bare) && number % 5 == 0;
            if let Some(found) = self.past_or_to(next + usize::from(said), number, clear) {
                return Some(found);
            }
        }
        let (next, clock) = self.hour(at)?;
        if self.is(next, Word::OClock) {
            return Some(self.with_meridiem(next + 1, clock.sure()));
        }
        // "ten thirty": minutes in words or digits apart.
        if self.number(at).is_none()
            && let Some((end, minute @ 1..60)) = self.count(self.skip_mark(next, b'-'))
            && self.number(next).is_none()
        {
            let clock = Clock {
                minute: i8::try_from(minute).ok()?,
                ..clock
            };
            let (last, clock) = self.with_meridiem(end, clock);
            if last > end || bare && self.loose(last) {
                return Some((last, clock));
            }
        }
        let (end, clock) = self.with_meridiem(next, clock);
        if end > next {
            // "buy 5 am radios": with a space and no preposition it may count things.
            let counts = !bare && !self.glued(next) && self.things(end);
            return (!counts).then_some((end, clock));
        }
        (bare && self.may_end(end) && !self.things(end) && !self.is_ordinal_mark(end))
            .then_some((end, clock))
    }

    fn is_ordinal_mark(&self, at: usize) -> bool {
        self.is(at, Word::OrdinalMark) && self.glued(at)
    }

    /// An hour of the clock, in digits or words.
    fn hour(&self, at: usize) -> Option<(usize, Clock)> {
        let (next, hour) = self.count(at)?;
        if self.number(at).is_some_and(|(_, digits)| digits > 2)
            || hour > 24
            || self.number(at).is_none() && hour > 12
        {
            return None;
        }
        // "01:00" is a time of the night, "09" of the morning.
        let clock = Clock::new(hour, 0)?;
        Some((next, clock))
    }

    /// "15:30", "8.30pm", "1140 am", "0900".
    fn digital(&self, at: usize, bare: bool) -> Option<(usize, Clock)> {
        let (value, digits) = self.number(at)?;
        let led = bare || !self.language.is_english();
        if led && digits <= 2 && self.is(at + 1, Word::Letter(b'h')) && self.glued(at + 1) {
            // "at 20h30"; where hours are written so, also without "at".
            let (end, minute) = match self.number(at + 2) {
                Some((minute, 2)) if self.glued(at + 2) => (at + 3, minute),
                _ => (at + 2, 0),
            };
            return Some((
                end,
                Clock {
                    half: Half::Known,
                    ..Clock::new(value, minute)?.sure()
                },
            ));
        }
        if digits <= 2
            && self.glued(at + 1)
            && self.glued(at + 2)
            && let Some((minute, 2)) = self.number(at + 2)
        {
            let colon = self.mark(at + 1, b':');
            if !colon && !self.mark(at + 1, b'.') {
                return None;
            }
            let clock = Clock::new(value, minute)?;
            let clock = if digits == 2 && value < 10 && value > 0 {
                Clock {
                    half: Half::Known,
                    ..clock
                }
            } else {
                clock
            };
            let mut next = at + 3;
            if colon
                && self.mark(next, b':')
                && self.glued(next)
                && matches!(self.number(next + 1), Some((0..60, 2)))
            {
                next += 2;
                if self.mark(next, b'.') && self.glued(next + 1) && self.number(next + 1).is_some()
                {
                    next += 2;
                }
            }
            let reopened = if self.meridiem(next).is_some() && clock.hour <= 12 {
                Clock {
                    half: Half::Open,
                    ..clock
                }
            } else {
                clock
            };
            let (end, clock) = self.with_meridiem(next, reopened);
            if !colon && end == next && !bare {
                return None;
            }
            return Some((end, if colon { clock.sure() } else { clock }));
        }
        if digits == 3 || digits == 4 {
            let clock = Clock::new(value / 100, value % 100)?;
            let (end, clock) = self.with_meridiem(at + 1, clock);
            let padded = digits == 4 && value < 1000;
            let clock = if padded {
                Clock {
                    half: Half::Known,
                    ..clock
                }
            } else {
                clock
            };
            if end > at + 1
                || bare && self.loose(end) && !(1900..2100).contains(&value)
                || bare && value == 2000
            {
                return Some((end, clock));
            }
        }
        None
    }

    /// What comes after the minutes in "quarter past six", "ten to five".
    fn past_or_to(&self, at: usize, minutes: u32, clear: bool) -> Option<(usize, Clock)> {
        let minutes = i8::try_from(minutes).ok()?;
        match self.word(at)? {
            Word::Past | Word::After if clear || self.is(at, Word::Past) => {
                self.shifted(at + 1, minutes)
            }
            Word::To | Word::Before if clear => self.shifted(at + 1, -minutes),
            // "15 to noon" is clear without the word "minutes".
            Word::To if matches!(self.word(at + 1), Some(Word::Noon | Word::Midnight)) => {
                self.shifted(at + 1, -minutes)
            }
            _ => None,
        }
    }

    /// The hour at `at`, so many minutes later or earlier.
    fn shifted(&self, at: usize, minutes: i8) -> Option<(usize, Clock)> {
        let (end, clock) = match self.word(at) {
            Some(Word::Noon) => (at + 1, Clock::known(12)),
            Some(Word::Midnight) => (at + 1, Clock::known(0)),
            _ => {
                let (next, clock) = self.hour(at)?;
                self.with_meridiem(self.skip(next, Word::OClock), clock)
            }
        };
        let hour = if minutes < 0 {
            clock.hour - 1
        } else {
            clock.hour
        };
        let hour = match (hour, clock.half) {
            (0, Half::Open) => 12,
            (-1, _) => 23,
            (hour, _) => hour,
        };
        Some((
            end,
            Clock {
                hour,
                minute: minutes.rem_euclid(60),
                sure: true,
                ..clock
            },
        ))
    }

    /// What joins the two ends of a range; "and" only after "between".
    pub(super) fn range_to(&self, at: usize, between: bool) -> Option<usize> {
        match self.kind(at)? {
            Kind::Mark(b'-') | Kind::Word(Word::To | Word::Until) => Some(at + 1),
            Kind::Word(Word::And) if between => Some(at + 1),
            _ => None,
        }
    }

    /// Two times with something between them. Bare numbers need `led` (a "from" or "between" before them).
    pub(super) fn clock_range(
        &self,
        at: usize,
        led: bool,
        between: bool,
    ) -> Option<(usize, Clock, Clock)> {
        let (next, from) = self.clock(at, false).or_else(|| self.hour(at))?;
        let next = self.range_to(next, between)?;
        let (end, to) = self.clock(next, true)?;
        let short = |at: usize| self.number(at).is_none_or(|(_, digits)| digits <= 2);
        let clear = from.sure
            || to.sure
            || led && self.loose(end) && short(at) && short(next) && from.half != Half::Known;
        let day_like = matches!(
            self.word(end),
            Some(Word::Of | Word::Month(_) | Word::OrdinalMark | Word::Unit(_))
        );
        if !clear || day_like || !self.may_end(end) {
            return None;
        }
        let (from, to) = Clock::range(from, to);
        Some((end, from, to))
    }

    /// A part of the day. Bare ones ("morning") need a day before them.
    pub(super) fn part(&self, at: usize) -> Option<(usize, Part)> {
        let next = match self.word(at) {
            Some(Word::Early | Word::Late) => at + 1,
            _ => at,
        };
        match self.word(next)? {
            Word::Part(part) => Some((next + 1, part)),
            _ => None,
        }
    }
}
