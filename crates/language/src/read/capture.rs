//! Reads one line as a task to add, and says what its words were read as.

use std::ops::Range;

use domain::{AddTask, Command, Due, Priority, Repeat, RepeatMode, View};

use super::adding::{self, Home, home_of};
use super::items::{Item, Kind, items, items_but, schedule};
use super::{Question, Reading, Sight, Span, SpanKind, lines, read, titles};
use crate::dates::Found;
use crate::say;

/// Times of a repeat that are shown ahead.
const NEXT: usize = 3;

/// A line as a task, and what its words were read as.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The task it would add. `None` if nothing is left for a title.
    pub task: Option<AddTask>,
    /// What was read, in the order of the line. Only if it has nothing but marks do they overlap, with its title.
    pub marks: Vec<Mark>,
    /// Whether it looks like a question or an order to an assistant rather than a task.
    pub is_request: bool,
}

impl Line {
    /// Takes the time `due` for what the words of a date mean, if that is one of the alternatives. Otherwise nothing changes.
    pub fn choose(&mut self, due: &Due) {
        let Some(task) = &mut self.task else { return };
        let fits = |other: &&mut Occasion| other.due == *due;
        for mark in &mut self.marks {
            let Some(other) = mark.alternatives.iter_mut().find(fits) else {
                continue;
            };
            std::mem::swap(&mut mark.meaning, &mut other.meaning);
            if let Some(was) = task.due.replace(due.clone()) {
                other.due = was;
            }
            return;
        }
    }
}

/// Words of a line and what they mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The words, and what they were read as.
    pub span: Span,
    /// What they mean, in few words: `Fri 27 Nov`, `every 2 weeks on Monday`, `high priority`, `#home`, `project Work`.
    pub meaning: String,
    /// When else the task can be due, if they can be understood in more than one way; the likeliest first, and nothing that
    /// is past.
    pub alternatives: Vec<Occasion>,
    /// The first days of a repeat; of one that is counted from when the task is done, only the first.
    pub next: Vec<Occasion>,
}

/// A time to do a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// When it is, as one would say it.
    pub meaning: String,
    /// The same as the due date of a task.
    pub due: Due,
}

/// Reads one line as a task to add, whatever its words look like. `None` if nothing is left for a title.
pub(super) fn capture(text: &str, sight: &Sight<'_>) -> Option<AddTask> {
    let sight = &sight.of(text);
    let items = only_one_due(items(text, sight));
    task(&items, text, sight)
}

/// Reads one line as a task to add, whatever its words look like, and explains it. Words that touch the stretches `literal`
/// are not read: they stay in the title.
pub fn line(text: &str, literal: &[Range<usize>], sight: &Sight<'_>) -> Line {
    let sight = &sight.of(text);
    let items = only_one_due(items_but(literal, text, sight));
    let Some(task) = task(&items, text, sight) else {
        return Line {
            task: None,
            marks: Vec::new(),
            is_request: false,
        };
    };
    let title = titles::ranges(&items, text).into_iter().map(|range| Mark {
        span: Span {
            range,
            kind: SpanKind::Title,
        },
        meaning: task.title.to_string(),
        alternatives: Vec::new(),
        next: Vec::new(),
    });
    let mut marks: Vec<Mark> = items
        .iter()
        .enumerate()
        .filter_map(|(at, item)| mark(at, item, &items, &task, sight))
        .chain(title)
        .collect();
    marks.sort_by_key(|mark| mark.span.range.start);
    Line {
        task: Some(task),
        marks,
        is_request: is_request(text, sight),
    }
}

/// Reads each line of a text as a task to add, a list with bullets and boxes too, and explains it. A ticked point is done.
pub fn each_line(text: &str, literal: &[Range<usize>], sight: &Sight<'_>) -> Vec<Line> {
    let read = |(range, is_ticked): (Range<usize>, bool)| {
        let within = |at: usize| at.clamp(range.start, range.end) - range.start;
        let own: Vec<Range<usize>> = literal
            .iter()
            .map(|stretch| within(stretch.start)..within(stretch.end))
            .collect();
        let mut line = line(&text[range.clone()], &own, sight);
        for mark in &mut line.marks {
            let span = &mut mark.span.range;
            *span = span.start + range.start..span.end + range.start;
        }
        if let Some(task) = &mut line.task {
            task.completed = is_ticked;
        }
        line
    };
    lines::points(text).map(read).collect()
}

/// Whether a line looks like a question or an order rather than a task. Which tasks there are is not known here, so what may
/// speak of one ("finish the report") is a task.
fn is_request(text: &str, sight: &Sight<'_>) -> bool {
    match read(text, sight) {
        Reading::Act(steps) => steps
            .iter()
            .any(|step| !matches!(step.command, Command::AddTask(_) | Command::AddTasks(_))),
        Reading::Talk(_) | Reading::Ask(Question::Finish { .. }) => true,
        Reading::NotMine => text.trim_end().ends_with('?'),
        _ => false,
    }
}

/// `items` in which dates that do not tell when the task is due are words of its title: in "remind me tomorrow of the
/// meeting on friday" the second one. Otherwise they would be lost.
fn only_one_due(mut items: Vec<Item>) -> Vec<Item> {
    let whole = schedule(&items);
    for at in 0..items.len() {
        let Kind::Date(found) = &items[at].kind else {
            continue;
        };
        let others = items.iter().enumerate().filter(|(other, _)| *other != at);
        let is_told = found.schedule.due.as_ref().map(|due| due.date)
            == whole.due.as_ref().map(|due| due.date);
        if !is_told && schedule(others.map(|(_, item)| item)) == whole {
            items[at].kind = Kind::Literal;
        }
    }
    items
}

/// The task that `items` make.
fn task(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<AddTask> {
    let mut task = adding::task(items, items, text)?;
    adding::place(&mut task, items, sight);
    Some(task)
}

fn kind_of(found: &Found) -> SpanKind {
    if found.schedule.repeat.is_some() {
        SpanKind::Repeat
    } else {
        SpanKind::Date
    }
}

/// What the item at this place means for `task`. `None` if nothing.
fn mark(at: usize, item: &Item, items: &[Item], task: &AddTask, sight: &Sight<'_>) -> Option<Mark> {
    let (mut alternatives, mut next) = (Vec::new(), Vec::new());
    let (kind, meaning) = match &item.kind {
        Kind::Date(found) => {
            alternatives = others(at, found, items, task, sight.view);
            if let Some(repeat) = &found.schedule.repeat {
                next = ahead(repeat, task.due.as_ref(), sight.view);
            }
            (kind_of(found), date(found, task, sight.view)?)
        }
        Kind::Priority(Priority::High) => (SpanKind::Priority, "high priority".to_owned()),
        Kind::Priority(Priority::Medium) => (SpanKind::Priority, "medium priority".to_owned()),
        Kind::Priority(Priority::Low) => (SpanKind::Priority, "low priority".to_owned()),
        Kind::Priority(Priority::None) => (SpanKind::Priority, "no priority".to_owned()),
        Kind::Tag(tag) => (SpanKind::Tag, format!("#{tag}")),
        Kind::Project(name) => (SpanKind::Project, format!("project {name}")),
        Kind::List(_) => match home_of(item, sight)? {
            Home::Tag(tag) => (SpanKind::Tag, format!("#{tag}")),
            Home::Project(name) => (SpanKind::Project, format!("project {name}")),
        },
        Kind::Word | Kind::Literal => return None,
    };
    Some(Mark {
        span: Span {
            range: item.span.clone(),
            kind,
        },
        meaning,
        alternatives,
        next,
    })
}

/// What a date means for `task`.
fn date(found: &Found, task: &AddTask, view: &View) -> Option<String> {
    if let Some(repeat) = &found.schedule.repeat {
        return Some(say::rule(repeat));
    }
    let due = found.schedule.due.as_ref()?;
    // A time that belongs to a day said elsewhere was read on that day.
    if !found.names_day
        && let Some(whole) = task.due.as_ref().filter(|whole| *whole != due)
        && let Some(time) = whole.time()
    {
        return Some(format!("{:02}:{:02}", time.hour(), time.minute()));
    }
    Some(say::due(due, view))
}

/// When else `task` can be due, if the date at this place means something else.
fn others(at: usize, found: &Found, items: &[Item], task: &AddTask, view: &View) -> Vec<Occasion> {
    let mut others: Vec<Occasion> = Vec::new();
    for other in &found.alternatives {
        let mut settled = Found {
            alternatives: Vec::new(),
            ..found.clone()
        };
        settled.schedule.due = Some(other.clone());
        let settled = Item {
            kind: Kind::Date(Box::new(settled)),
            ..items[at].clone()
        };
        let items = items.iter().enumerate();
        let settled = items.map(|(place, item)| if place == at { &settled } else { item });
        let Some(due) = schedule(settled).due else {
            continue;
        };
        let is_new = task.due.as_ref() != Some(&due) && !due.is_past(&view.now);
        if is_new && others.iter().all(|other| other.due != due) {
            others.push(occasion(due, view));
        }
    }
    others
}

/// The first times of a repeat, for a task that is due at `due`.
fn ahead(repeat: &Repeat, due: Option<&Due>, view: &View) -> Vec<Occasion> {
    let from = due.map_or(view.now.date(), |due| due.date);
    let count = match repeat.mode {
        RepeatMode::Schedule => NEXT,
        // When the next one is, nobody knows before this one is done.
        RepeatMode::Completion => 1,
    };
    let Some(first) = repeat.rule.first(from) else {
        return Vec::new();
    };
    let days = repeat.rule.days(first).take(count);
    days.map(|day| {
        let due = due.map_or_else(|| Due::on(day), |due| due.on_date(day));
        occasion(due, view)
    })
    .collect()
}

fn occasion(due: Due, view: &View) -> Occasion {
    Occasion {
        meaning: say::due(&due, view),
        due,
    }
}
