//! What a word can mean in a date, whatever the language.

use jiff::civil::Weekday;

/// A length of time that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Fortnight,
    Weekend,
    /// Monday to Friday.
    Workday,
    Month,
    Quarter,
    Year,
}

/// A part of a day; each has its hour in [`Part::hour`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Morning,
    Lunch,
    Afternoon,
    Evening,
    Night,
}

/// A day with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holiday {
    /// The same day of every year.
    Fixed(i8, i8),
    /// The nth such weekday of a month (negative: from its end).
    Nth(i8, Weekday, i8),
    /// So many days after Easter Sunday.
    Easter(i8),
}

/// What a word can mean in a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Now,
    Today,
    Tonight,
    Tomorrow,
    Yesterday,
    Weekday(Weekday),
    /// A weekday that comes again: "mondays".
    Weekdays(Weekday),
    Month(i8),
    Number(u16),
    Ordinal(u8),
    /// What makes a number an ordinal: "st" in "1st".
    OrdinalMark,
    /// "a", "an": also one.
    A,
    Few,
    Couple,
    Half,
    /// A quarter of an hour, or of a year.
    Quarter,
    More,
    Unit(Unit),
    Part(Part),
    Noon,
    Midnight,
    Am,
    Pm,
    /// "a", "p", "m", "h", "d", "w", "y": only right after a number.
    Letter(u8),
    OClock,
    Holiday(Holiday),
    /// The first word of a day's name that is more than one word.
    HolidayName,
    /// Daily, weekly and so on: so many of a unit.
    Often(u8, Unit),
    /// The end of a unit in one word: "eom".
    EndOf(Unit),
    /// The start of a unit in one word.
    StartOf(Unit),
    In,
    On,
    At,
    By,
    Before,
    After,
    Since,
    From,
    /// "to", which in "ten to five" comes before the hour.
    To,
    /// "until", "through".
    Until,
    Between,
    Within,
    And,
    Of,
    The,
    This,
    Next,
    /// "coming": the nearest one.
    Coming,
    Last,
    /// "past": also what makes "half past six".
    Past,
    Every,
    Other,
    Ago,
    /// "later": after a length of time, or before "today".
    Later,
    /// "hence", "out": only after a length of time.
    Hence,
    /// "earlier", "sooner".
    Earlier,
    For,
    Due,
    Around,
    Starting,
    Start,
    End,
    Early,
    Middle,
    Late,
    Once,
    Twice,
    /// "rest" in "the rest of the week".
    Rest,
    /// A season, by its first month in the north.
    Season(i8),
    Or,
    Except,
    /// "no", "not": in "no later than".
    Not,
    Than,
    /// "times", "occurrences".
    Times,
    /// "finish", "done", "completion".
    Finish,
    /// "i", "it", "is": between "after" and "done".
    Pronoun,
    /// A word that begins another thought, so that a date may end before it.
    Break,
    /// What is counted or numbered but no date: "floor" in "the 5th floor".
    Thing,
    /// "reminder", "task": what "daily" and "weekly" may stand before.
    Task,
}
