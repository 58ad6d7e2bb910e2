//! Puts the pieces of a phrase together and says what they come to.

use domain::{Days, Due, Missed, Repeat, RepeatMode, Rule, Schedule};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::day::{Day, Lead};
use super::length::Length;
use super::reader::Reader;
use super::repeat::Said;
use super::time::{Clock, Half};
use super::word::{Part, Unit, Word};
use super::{Found, FoundKind, Stretch};

/// On which side of what follows a word such as "before" puts the time meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Side {
    #[default]
    At,
    By,
    Before,
    /// Up to and including the day, but not beyond the moment.
    Until,
    After,
    Since,
    From,
    Between,
    Within,
}

/// What stands before a piece.
#[derive(Debug, Clone, Copy, Default)]
struct Opening {
    side: Side,
    lead: Lead,
    at: bool,
    for_: bool,
    starting: bool,
}

/// The pieces of a phrase, as far as it has been read.
#[derive(Debug, Default)]
struct Draft {
    side: Side,
    day: Option<Day>,
    clock: Option<Clock>,
    clock_end: Option<Clock>,
    part: Option<Part>,
    /// How many hours later than usual: "early morning".
    part_shift: i8,
    /// "now", "in 3 hours".
    moment: Option<DateTime>,
    /// The stretch of hours that "the next 3 hours" is.
    window: Option<Stretch>,
    repeat: Option<Said>,
    start: Option<Date>,
    until: Option<Date>,
    count: Option<u32>,
    lasting: Option<Length>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.day.is_none() && !self.has_time() && self.repeat.is_none()
    }

    fn has_time(&self) -> bool {
        self.clock.is_some() || self.part.is_some() || self.moment.is_some()
    }
}

/// The phrase that starts at `start`: the place after it and what it comes to.
pub(super) fn read(reader: &Reader<'_>, start: usize) -> Option<(usize, Found)> {
    let mut draft = Draft::default();
    let mut end = start;
    // Each piece is taken once, so there are only so many.
    for _ in 0..8 {
        match reader.piece(end, &mut draft) {
            Some(next) if next > end => end = next,
            _ => break,
        }
    }
    if end == start || draft.is_empty() || !reader.may_end(end) {
        return None;
    }
    let draft_names_day = draft.day.is_some() || draft.repeat.is_some() || draft.moment.is_some();
    let draft_names_time = draft.clock.is_some() || draft.moment.is_some();
    let bare = draft.day.is_some_and(|day| day.bare) && end - start <= 3;
    let day = draft.day;
    let attributive = day.is_some_and(|day| day.weekday.is_some())
        && reader
            .word(start)
            .is_some_and(|word| matches!(word, Word::Weekday(_)))
        && (!reader.loose(end) || reader.weak(start) && end == start + 1);
    let sure = !(bare || attributive) || draft_names_time || draft.side != Side::At;
    let (clock, to_a_time) = (draft.clock, draft.clock_end.is_some());
    let mut found = draft.resolve(reader)?;
    found.span = reader.span(start, end);
    found.names_day = draft_names_day;
    found.names_time = draft_names_time;
    found.sure = sure;
    let last = day.filter(|day| day.wide && day.days.is_none() && day.first < day.last);
    found.to = match last {
        _ if found.kind == FoundKind::Repeat => None,
        Some(day) => Some(clock.map_or(Due::on(day.last), |clock| {
            Due::at(clock.by_day().on(day.last))
        })),
        None if to_a_time => found.stretch.and_then(|stretch| stretch.end).map(Due::at),
        None => None,
    };
    found.owning = end
        .checked_sub(1)
        .and_then(|last| reader.tokens.get(last))
        .is_some_and(|token| token.owning);
    Some((end, found))
}

impl Reader<'_> {
    /// The words before a piece.
    fn opening(&self, at: usize, draft: &Draft) -> (usize, Opening) {
        let mut opening = Opening::default();
        let mut next = at;
        for _ in 0..4 {
            let before = (opening.side, opening.lead.preposition);
            match self.word(next) {
                Some(Word::On) => opening.lead.preposition = true,
                Some(Word::Due) => {
                    opening.lead.preposition = true;
                    next = self.skip_mark(next + 1, b':') - 1;
                }
                Some(Word::Around) if opening.lead.within && self.length(next + 1).is_some() => {}
                Some(Word::Around) if self.clock(next + 1, true).is_some() => opening.at = true,
                Some(Word::Starting | Word::Start) if !self.is(next + 1, Word::Of) => {
                    (opening.starting, opening.lead.preposition) = (true, true);
                }
                Some(Word::At) => (opening.at, opening.lead.preposition) = (true, true),
                Some(Word::In) => opening.lead.within = true,
                Some(Word::For) => opening.for_ = true,
                Some(Word::By) => opening.side = Side::By,
                Some(Word::Not)
                    if self.is(next + 1, Word::Later) && self.is(next + 2, Word::Than) =>
                {
                    (opening.side, next) = (Side::By, next + 2);
                }
                Some(Word::Later) if self.is(next + 1, Word::Than) => {
                    (opening.side, next) = (Side::After, next + 1);
                }
                Some(Word::Before) => opening.side = Side::Before,
                Some(Word::Until) => opening.side = Side::Until,
                Some(Word::After) => opening.side = Side::After,
                Some(Word::Since) => opening.side = Side::Since,
                // From now until a moment is a time to do it in.
                Some(Word::From)
                    if self.is(next + 1, Word::Now) && self.range_to(next + 2, false).is_some() =>
                {
                    (opening.side, next) = (Side::Within, next + 2);
                }
                Some(Word::Between)
                    if self.is(next + 1, Word::Now) && self.is(next + 2, Word::And) =>
                {
                    (opening.side, next) = (Side::Within, next + 2);
                }
                Some(Word::From) => opening.side = Side::From,
                Some(Word::Between) => opening.side = Side::Between,
                Some(Word::Within) => opening.side = Side::Within,
                Some(Word::The) => {
                    opening.lead.the = true;
                    next += 1;
                    break;
                }
                None if self.mark(next, b'@')
                    && (self.number(next + 1).is_some() || !self.glued(next + 1))
                    && !self.glued(next) =>
                {
                    opening.at = true;
                    opening.lead.preposition = true;
                }
                _ => break,
            }
            if opening.side != before.0 {
                if before.0 != Side::At {
                    break;
                }
                opening.lead.preposition = true;
            }
            next += 1;
        }
        opening.lead.company = !draft.is_empty();
        // "the sun": the article was passed over, but it still makes a noun of the word.
        opening.lead.the |= next == at
            && at
                .checked_sub(1)
                .is_some_and(|last| self.is(last, Word::The))
            && draft.is_empty();
        (next, opening)
    }

    /// Reads one more piece into `draft`: the place after it.
    fn piece(&self, at: usize, draft: &mut Draft) -> Option<usize> {
        let first = draft.is_empty();
        let at = if !first && (self.mark(at, b',') || self.mark(at, b'-') && !self.glued(at)) {
            at + 1
        } else {
            at
        };
        if draft.repeat.is_some()
            && let Some(end) = self.repeat_piece(at, draft)
        {
            return Some(end);
        }
        let (next, opening) = self.opening(at, draft);
        if draft.repeat.is_none() && opening.side == Side::At && !opening.at {
            let found = self.after_done(next).or_else(|| self.repeat(next));
            // Only a bare weekday may turn out to be what the repeat is about.
            if let Some((end, said)) = found
                && draft.moment.is_none()
            {
                draft.part = draft.part.or(said.part);
                draft.repeat = Some(said);
                return Some(end);
            }
        }
        if let Some(end) = self
            .moment_piece(next, opening, draft)
            .or_else(|| self.day_piece(next, opening, draft))
        {
            return Some(end);
        }
        self.time_piece(next, opening, draft)
    }

    /// The start, the end or the number of a repeat.
    fn repeat_piece(&self, at: usize, draft: &mut Draft) -> Option<usize> {
        if let Some((end, count)) = self.times(at)
            && draft.count.is_none()
        {
            draft.count = Some(count);
            return Some(end);
        }
        if let Some(end) = self.on_completion(at)
            && let Some(said) = &mut draft.repeat
        {
            said.mode = RepeatMode::Completion;
            return Some(end);
        }
        if self.is(at, Word::For)
            && let Some((end, length)) = self.length(at + 1)
            && !length.is_of_hours()
            && draft.lasting.is_none()
        {
            draft.lasting = Some(length);
            return Some(end);
        }
        let lead = Lead {
            preposition: true,
            company: true,
            ..Lead::default()
        };
        let until = matches!(self.word(at), Some(Word::Until))
            || self.is(at, Word::To) && draft.start.is_some();
        let from = matches!(
            self.word(at),
            Some(Word::Starting | Word::From | Word::Since | Word::Start)
        );
        if !until && !from {
            return None;
        }
        let mut next = at + 1;
        for word in [Word::On, Word::From, Word::In] {
            next = self.skip(next, word);
        }
        let (end, day) = self.day(
            self.skip(next, Word::The),
            Lead {
                the: self.is(next, Word::The),
                ..lead
            },
        )?;
        if until && draft.until.is_none() {
            draft.until = Some(day.last);
        } else if from && draft.start.is_none() {
            draft.start = Some(day.first);
        } else {
            return None;
        }
        Some(end)
    }

    /// "now", "in 3 days", "2 hours ago", "a week from friday".
    fn moment_piece(&self, at: usize, opening: Opening, draft: &mut Draft) -> Option<usize> {
        if draft.moment.is_some() || draft.repeat.is_some() {
            return None;
        }
        // Inside a sentence "now" rarely says when.
        let said = opening.lead.preposition
            || at
                .checked_sub(1)
                .is_none_or(|last| self.is(last, Word::Pronoun));
        if said && self.is(at, Word::Now) && draft.is_empty() && self.loose(at + 1) {
            draft.moment = Some(self.now);
            return Some(at + 1);
        }
        if let Some(end) = self.weekdays_from_now(at, draft) {
            return Some(end);
        }
        if let Some(direction @ (Word::Next | Word::Coming | Word::Last | Word::Past)) =
            self.word(at)
            && let Some((end, length)) = self.length(at + 1)
            && length.is_of_hours()
            && draft.is_empty()
            && self.may_end(end)
        {
            let back = matches!(direction, Word::Last | Word::Past);
            let other = length.after_now(self, back)?;
            let (start, stop) = if back {
                (other, self.now)
            } else {
                (self.now, other)
            };
            draft.window = Some(Stretch {
                start: Some(start),
                end: Some(stop),
            });
            draft.moment = Some(stop);
            return Some(end);
        }
        let (end, length) = self.length(at)?;
        let mut next = end;
        // "in 3 days' time", "in a fortnight's time"
        if self.mark(next, b'\'') && self.glued(next) {
            next += 1;
        }
        next = self.skip(next, Word::Times);
        let side = match self.word(end) {
            _ if opening.lead.within || opening.side == Side::Within => {
                Some((self.counting_from_now(next).unwrap_or(next), false))
            }
            Some(Word::Ago) => Some((end + 1, true)),
            _ if self.counting_from_now(end).is_some() => {
                self.counting_from_now(end).map(|end| (end, false))
            }
            Some(word @ (Word::From | Word::After | Word::Before))
                if draft.day.is_none() && !length.is_of_hours() =>
            {
                return self.length_from_day(
                    end + 1,
                    length,
                    word == Word::Before,
                    opening.for_,
                    draft,
                );
            }
            None | Some(_)
                if opening.side == Side::After && draft.is_empty() && !opening.lead.the =>
            {
                Some((end, false))
            }
            _ if self.alone(0, end) && at == 0 => Some((end, false)),
            _ => None,
        };
        let (end, back) = side.filter(|(end, _)| self.may_end(*end))?;
        if length.is_of_hours() {
            if draft.clock.is_some() {
                return None;
            }
            draft.moment = Some(length.after_now(self, back)?);
        } else if draft.day.is_none() {
            draft.day = Some(Day::on(length.after_day(self.today, back)?));
        } else {
            return None;
        }
        if matches!(opening.side, Side::After | Side::By)
            || opening.side == Side::Within && length.is_of_hours()
        {
            draft.side = opening.side;
        }
        Some(end)
    }

    /// The day a length of time from another.
    fn length_from_day(
        &self,
        at: usize,
        length: Length,
        back: bool,
        lasting: bool,
        draft: &mut Draft,
    ) -> Option<usize> {
        let next = self.skip(at, Word::The);
        let lead = Lead {
            company: true,
            preposition: true,
            the: next > at,
            ..Lead::default()
        };
        let (end, day) = self.last_of(next).or_else(|| self.day(next, lead))?;
        let other = length.after_day(day.first, back)?;
        // "for 10 days from monday" is those days, "10 days from monday" the last of them.
        draft.day = Some(if lasting {
            Day::stretch(day.first, other)
        } else {
            Day::on(other)
        });
        Some(end)
    }

    /// "two sundays from now".
    fn weekdays_from_now(&self, at: usize, draft: &mut Draft) -> Option<usize> {
        if draft.day.is_some() {
            return None;
        }
        let (next, count) = self.count(at)?;
        let (Word::Weekdays(weekday) | Word::Weekday(weekday)) = self.word(next)? else {
            return None;
        };
        let end = self.counting_from_now(next + 1)?;
        let weeks = i32::try_from(count)
            .ok()
            .filter(|count| (1..=999).contains(count))?;
        let first = Self::weekday_from(Self::plus(self.today, 1), weekday);
        draft.day = Some(Day::on(Self::plus(first, 7 * (weeks - 1))));
        Some(end)
    }

    fn day_piece(&self, at: usize, opening: Opening, draft: &mut Draft) -> Option<usize> {
        if let Some(known) = draft.day {
            return self.completing_day(at, opening, draft, known);
        }
        let from = matches!(opening.side, Side::From | Side::Between);
        let (end, day) = self
            .last_of(at)
            .or_else(|| self.days(at, opening.lead, from, opening.side == Side::Between))?;
        draft.part = draft.part.or(day.part);
        draft.day = Some(day);
        if draft.repeat.is_some() && day.wide && !opening.starting && !from {
            // "every day this week" ends with the week.
            draft.until = draft.until.or(Some(day.last));
        }
        if opening.side != Side::At && !(from && day.wide) {
            draft.side = opening.side;
        }
        if opening.side == Side::Since
            && day.first > self.today
            && day.days.is_none()
            && !day.year_said
        {
            // What has been going on since then began in the past.
            let last = match day.weekday {
                Some(_) => Self::plus(day.first, -7),
                None if (day.first - self.today).get_days() <= 31 => {
                    day.first.saturating_sub(1.month())
                }
                None => day.first.saturating_sub(1.year()),
            };
            draft.day = Some(Day::on(last));
        }
        Some(end)
    }

    /// A second day after a first one: only where it completes it, as in "friday next week" or "monday, the 4th".
    fn completing_day(
        &self,
        at: usize,
        opening: Opening,
        draft: &mut Draft,
        known: Day,
    ) -> Option<usize> {
        if draft.clock.is_some() && known.weekday.is_none() || opening.side != Side::At {
            return None;
        }
        let weekday = known.weekday?;
        let (end, day) = self.day(
            at,
            Lead {
                company: true,
                preposition: true,
                ..opening.lead
            },
        )?;
        if day.wide {
            let chosen = Self::weekday_from(day.first, weekday);
            (chosen <= day.last).then(|| draft.day = Some(Day::on(chosen)))?;
        } else if day.weekday.is_none() {
            draft.day = Some(day);
        } else {
            return None;
        }
        Some(end)
    }

    fn time_piece(&self, at: usize, opening: Opening, draft: &mut Draft) -> Option<usize> {
        if draft.moment.is_some() {
            return None;
        }
        let from = matches!(opening.side, Side::From | Side::Between);
        if draft.clock.is_none() {
            if let Some((end, start, stop)) = self.clock_range(
                at,
                from || draft.day.is_some_and(|day| !day.wide),
                opening.side == Side::Between,
            ) {
                (draft.clock, draft.clock_end) = (Some(start), Some(stop));
                return Some(end);
            }
            let led =
                opening.at || !matches!(opening.side, Side::At | Side::Within | Side::Between);
            let bare = led && !opening.lead.the
                || self.bare_hour_before_day(at)
                || self.bare_hour_after_day(at, draft, opening);
            let limit = matches!(opening.side, Side::Until | Side::Before | Side::After);
            if let Some((end, clock)) = self.clock(at, bare)
                && (!opening.for_ || draft.day.is_some() || clock.sure)
                && self.may_end(end)
                && (!limit || clock.sure || clock.half == Half::Known || self.loose(end))
                && !(opening.lead.within && draft.is_empty() && !clock.sure)
                // "the 9:40 train" says which train it is.
                && (!opening.lead.the || self.loose(end))
            {
                draft.clock = Some(clock);
                let end = self.skip(end, Word::OClock);
                if opening.side != Side::At && opening.side != Side::From {
                    draft.side = opening.side;
                }
                return Some(end);
            }
        }
        if draft.part.is_none() || draft.clock.is_some() {
            return self.part_piece(at, opening, draft);
        }
        None
    }

    /// "8 tonight", "9 tomorrow".
    fn bare_hour_before_day(&self, at: usize) -> bool {
        let padded = self
            .number(at)
            .is_some_and(|(hour, digits)| digits == 4 && hour < 1000);
        let Some((next, _)) = self
            .count(at)
            .filter(|(_, hour)| padded || (1..=12).contains(hour))
        else {
            return false;
        };
        let next = self.skip_mark(next, b',');
        match self.word(next) {
            Some(Word::Tonight | Word::Tomorrow | Word::Today) => true,
            Some(Word::This) => matches!(self.word(next + 1), Some(Word::Part(_))),
            Some(Word::In) => {
                self.is(next + 1, Word::The) && matches!(self.word(next + 2), Some(Word::Part(_)))
            }
            _ => false,
        }
    }

    /// "tomorrow three": only where nothing follows that it could count.
    fn bare_hour_after_day(&self, at: usize, draft: &Draft, opening: Opening) -> bool {
        draft.day.is_some_and(|day| !day.wide)
            && !opening.lead.the
            && !opening.lead.within
            && self
                .count(at)
                .is_some_and(|(next, _)| self.loose(next) && !self.is(next, Word::To))
    }

    fn part_piece(&self, at: usize, opening: Opening, draft: &mut Draft) -> Option<usize> {
        // "3 to 4 in the PM"
        if let (Some(clock), true, Some(word @ (Word::Am | Word::Pm))) =
            (draft.clock, opening.lead.the, self.word(at))
        {
            let part = if word == Word::Am {
                Part::Morning
            } else {
                Part::Afternoon
            };
            draft.clock = Some(clock.during(part));
            draft.clock_end = draft.clock_end.map(|end| end.during(part));
            return Some(at + 1);
        }
        let early = match self.word(at) {
            Some(Word::Early) => -2,
            Some(Word::Late) => 2,
            _ => 0,
        };
        let (end, part) = self.part(at)?;
        let said = opening.lead.within && opening.lead.the || opening.at && part != Part::Morning;
        let after_day = !draft.is_empty() && !opening.lead.the;
        let lunch = part == Part::Lunch && !opening.at && self.slice(at).len() < 6;
        if !(said || after_day)
            || lunch
            || self.things(end)
            || draft.part.is_some() && draft.clock.is_none()
        {
            return None;
        }
        if !self.may_end(end) {
            return None;
        }
        draft.part_shift = early;
        draft.part = Some(part);
        Some(end)
    }
}

impl Draft {
    /// What the pieces come to. The span is filled in by the caller.
    fn resolve(mut self, reader: &Reader<'_>) -> Option<Found> {
        if let Some(part) = self.part
            && let Some(clock) = self.clock
        {
            self.clock = Some(clock.during(part));
            self.clock_end = self.clock_end.map(|end| end.during(part));
        }
        if let Some(said) = self.repeat.take() {
            return Some(self.repeating(said, reader));
        }
        if let Some(moment) = self.moment {
            return Some(self.at_moment(moment, reader));
        }
        match (self.clock, self.part) {
            (Some(clock), _) => self.at_clock(clock, reader),
            (None, Some(part)) => Some(self.at_part(part, reader)),
            (None, None) => self.day.map(|day| self.on_day(day, reader)),
        }
    }

    fn found(due: Due, kind: FoundKind) -> Found {
        Found {
            span: 0..0,
            kind,
            days: Some(Days::on(due.date)),
            schedule: Schedule {
                due: Some(due),
                repeat: None,
            },
            stretch: None,
            to: None,
            alternatives: Vec::new(),
            owning: false,
            names_day: true,
            names_time: false,
            sure: true,
        }
    }

    fn on_day(&self, day: Day, reader: &Reader<'_>) -> Found {
        let start = |date: Date| Some(date.to_datetime(jiff::civil::Time::midnight()));
        let after = |date: Date| start(Reader::plus(date, 1));
        let stretch = |due: Date, days: Days, from: Option<DateTime>, to: Option<DateTime>| Found {
            days: Some(days),
            stretch: Some(Stretch {
                start: from,
                end: to,
            }),
            ..Self::found(Due::on(due), FoundKind::Stretch)
        };
        let other = || day.other.map(Due::on).into_iter().collect();
        match self.side {
            // What is to be done by the end of a stretch may be done until its last day.
            Side::By => Found {
                days: Some(Days::Between(None, Some(day.last))),
                alternatives: other(),
                ..Self::found(Due::on(day.last), FoundKind::Day)
            },
            Side::Before => {
                let last = Reader::plus(day.first, -1);
                stretch(
                    last,
                    Days::Between(None, Some(last)),
                    None,
                    start(day.first),
                )
            }
            // What is put off until a day is due on it.
            Side::Until => stretch(
                day.first,
                Days::Between(None, Some(day.first)),
                None,
                after(day.first),
            ),
            Side::After => {
                let first = Reader::plus(day.last, 1);
                stretch(first, Days::Between(Some(first), None), start(first), None)
            }
            Side::Since => stretch(
                day.first,
                Days::Between(Some(day.first), None),
                start(day.first),
                None,
            ),
            Side::Within if !day.wide => stretch(
                day.last,
                Days::Between(None, Some(day.last)),
                Some(reader.now),
                after(day.last),
            ),
            _ if day.wide => {
                let days = day
                    .days
                    .unwrap_or(Days::Between(Some(day.first), Some(day.last)));
                stretch(day.due, days, start(day.first), after(day.last))
            }
            _ => Found {
                days: Some(day.days.unwrap_or(Days::on(day.first))),
                alternatives: other(),
                ..Self::found(Due::on(day.first), FoundKind::Day)
            },
        }
    }

    fn at_moment(&self, moment: DateTime, reader: &Reader<'_>) -> Found {
        let found = Self::found(Due::at(moment), FoundKind::Time);
        if self.window.is_some() {
            return Found {
                kind: FoundKind::Stretch,
                stretch: self.window,
                ..found
            };
        }
        let stretch = match self.side {
            Side::Within => Stretch {
                start: Some(reader.now),
                end: Some(moment),
            },
            Side::After => Stretch {
                start: Some(moment),
                end: None,
            },
            _ => return found,
        };
        Found {
            kind: FoundKind::Stretch,
            stretch: Some(stretch),
            ..found
        }
    }

    /// The moment of a clock time on the day said, or on the next day it comes.
    fn moment_of(&self, clock: Clock, reader: &Reader<'_>) -> DateTime {
        match self.day {
            Some(day) if day.first == reader.today && !day.wide => clock.today(reader.now),
            // A weekday that is today, when the time is still to come.
            Some(day) if day.weekday.is_some() && day.other == Some(reader.today) => {
                let today = clock.by_day().on(reader.today);
                if today > reader.now {
                    today
                } else {
                    clock.by_day().on(day.first)
                }
            }
            Some(day) => clock.by_day().on(day.due),
            None if self.part.is_some() => {
                let today = clock.on(reader.today);
                if today > reader.now {
                    today
                } else {
                    clock.on(Reader::plus(reader.today, 1))
                }
            }
            None => clock.coming(reader.now),
        }
    }

    /// The two ends of a range of times; one that is not over, if the day is not said to be another.
    fn range_of(
        &self,
        from: Clock,
        to: Clock,
        reader: &Reader<'_>,
    ) -> Option<(DateTime, DateTime)> {
        let upto = |start: DateTime| {
            let mut end = to.on(start.date());
            // "11:30 to 1:30", "10pm to 2am"
            while end <= start {
                end = end.checked_add(12.hours()).ok()?;
            }
            Some((start, end))
        };
        let day = self.day.map_or(reader.today, |day| day.due);
        let first = upto(from.by_day().on(day))?;
        if first.1 > reader.now || day != reader.today {
            return Some(first);
        }
        let other = upto(self.moment_of(from, reader))?;
        Some(if other.1 > reader.now || self.day.is_none() {
            other
        } else {
            first
        })
    }

    fn at_clock(&self, clock: Clock, reader: &Reader<'_>) -> Option<Found> {
        if let Some(end) = self.clock_end {
            let (start, end) = self.range_of(clock, end, reader)?;
            let stretch = Stretch {
                start: Some(start),
                end: Some(end),
            };
            return Some(Found {
                stretch: Some(stretch),
                ..Self::found(Due::at(start), FoundKind::Stretch)
            });
        }
        let moment = self.moment_of(clock, reader);
        let mut found = Self::found(Due::at(moment), FoundKind::Time);
        match self.side {
            Side::Before | Side::Until => {
                found.kind = FoundKind::Stretch;
                found.stretch = Some(Stretch {
                    start: None,
                    end: Some(moment),
                });
            }
            Side::Within => {
                found.kind = FoundKind::Stretch;
                found.stretch = Some(Stretch {
                    start: Some(reader.now),
                    end: Some(moment),
                });
            }
            Side::After | Side::Since => {
                found.kind = FoundKind::Stretch;
                found.stretch = Some(Stretch {
                    start: Some(moment),
                    end: None,
                });
            }
            _ => {
                let day_too = self
                    .day
                    .filter(|_| self.day.is_some())
                    .and_then(|day| day.other);
                let other_day = day_too.map(|date| date.to_datetime(moment.time()));
                let others = [clock.other(moment), other_day];
                found.alternatives = others.into_iter().flatten().map(Due::at).collect();
            }
        }
        Some(found)
    }

    /// "tomorrow morning": at an hour that stands for that part of the day.
    fn at_part(&self, part: Part, reader: &Reader<'_>) -> Found {
        let at = |date: Date| date.at((part.hour() + self.part_shift).clamp(0, 23), 0, 0, 0);
        let moment = match self.day {
            Some(day) => at(day.due),
            None if at(reader.today) > reader.now => at(reader.today),
            None => at(Reader::plus(reader.today, 1)),
        };
        Self::found(Due::at(moment), FoundKind::Time)
    }

    fn repeating(&self, said: Said, reader: &Reader<'_>) -> Found {
        let Said { mut rule, mode, .. } = said;
        let day = self.day.map(|day| day.first.max(reader.today));
        let from = self.start.or(day).unwrap_or(reader.today);
        rule.until = self.until;
        rule.count = self.count;
        if let Some(lasting) = self.lasting {
            match lasting.said {
                Some((count, Unit::Day))
                    if rule.frequency == domain::Frequency::Daily && rule.interval == 1 =>
                {
                    rule.count = Some(u32::from(count.max(1)));
                }
                _ => rule.until = lasting.after_day(from, false),
            }
        }
        let time = self
            .clock
            .map(Clock::by_day)
            .map(|clock| clock.on(from).time());
        let time = time.or(self
            .part
            .map(|part| jiff::civil::Time::constant(part.hour(), 0, 0, 0)));
        let due = first_of(&rule, from, |date| match time {
            Some(time) => date.to_datetime(time) > reader.now,
            None => true,
        });
        let due =
            due.map(|date| time.map_or(Due::on(date), |time| Due::at(date.to_datetime(time))));
        Found {
            span: 0..0,
            kind: FoundKind::Repeat,
            days: None,
            schedule: Schedule {
                due,
                repeat: Some(Repeat {
                    rule,
                    mode,
                    missed: Missed::default(),
                }),
            },
            stretch: None,
            to: None,
            alternatives: Vec::new(),
            owning: false,
            names_day: true,
            names_time: false,
            sure: true,
        }
    }
}

/// The first day of a rule from a day on that is not over.
fn first_of(rule: &Rule, from: Date, is_ahead: impl Fn(Date) -> bool) -> Option<Date> {
    // "every other monday" said on a wednesday begins next monday, whatever week that is.
    let first_round = Rule {
        interval: 1,
        ..rule.clone()
    };
    first_round
        .days(from)
        .take(2)
        .find(|date| is_ahead(*date))
        .or_else(|| first_round.first(from))
}
