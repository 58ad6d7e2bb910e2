//! Reads messages of several lines: each is a request, or a point of a list under a heading.

use std::ops::Range;

use domain::{AddTask, Command};

use super::follow::listed;
use super::items::{Item, Kind, items};
use super::phrases::{self, is_sign, unsigned, without_first, without_last};
use super::request::{FOLLOWED, Request};
use super::{Question, Reading, Sight, Step, adding, changing, follow, one, titles};
use crate::en::follow::ASIDES;
use crate::en::words::{BOXES, BULLETS, HEADINGS, POINT_REQUESTS, POINTS};

/// Most lines of a message.
const LINES_MAX: usize = 50;
/// Most words of a point that nothing marks as one.
const WORDS_MAX: usize = 10;

/// A line of a message without what marks it as a point.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    /// Where its words begin in the message.
    start: usize,
    words: &'a str,
    is_point: bool,
    is_ticked: bool,
}

impl<'a> Line<'a> {
    /// `None` if it says nothing.
    fn of(text: &str, line: &'a str) -> Option<Self> {
        let mut words = line.trim();
        let mut is_point = false;
        if let Some(rest) = BULLETS.iter().find_map(|bullet| words.strip_prefix(bullet)) {
            (words, is_point) = (rest.trim_start(), true);
        } else if let Some(rest) = numbered(words) {
            (words, is_point) = (rest, true);
        }
        let mut is_ticked = false;
        for (sign, ticked) in BOXES {
            if let Some(rest) = words.strip_prefix(sign) {
                (words, is_point, is_ticked) = (rest.trim_start(), true, *ticked);
                break;
            }
        }
        let start = words.as_ptr() as usize - text.as_ptr() as usize;
        words.chars().any(char::is_alphanumeric).then_some(Self {
            start,
            words,
            is_point,
            is_ticked,
        })
    }
}

/// What follows "1. ", "2) ".
fn numbered(words: &str) -> Option<&str> {
    let rest = words.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = words.len() - rest.len();
    let rest = rest.strip_prefix(['.', ')'])?;
    ((1..=2).contains(&digits) && rest.starts_with(' ')).then(|| rest.trim_start())
}

/// The lines of `text` that say something, without their bullets, numbers and boxes, and whether their boxes are ticked.
pub(super) fn points(text: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let lines = text.lines().filter_map(move |line| Line::of(text, line));
    lines.map(|line| (line.start..line.start + line.words.len(), line.is_ticked))
}

/// The message line by line. `None` if it has only one, and that is no list.
pub(super) fn read(text: &str, sight: &Sight<'_>) -> Option<Reading> {
    let lines = || text.lines().filter_map(|line| Line::of(text, line));
    let lines: Vec<Line<'_>> = lines().take(LINES_MAX + 1).collect();
    match lines.as_slice() {
        [] => None,
        [only] => in_one_line(only.words, sight),
        many if many.len() > LINES_MAX => Some(Reading::Ask(Question::Say {
            text: format!("That is more than {LINES_MAX} lines. Can you say it in parts?"),
        })),
        [first, points @ ..] if !first.is_point && first.words.ends_with(':') => {
            Some(headed(first.words.trim_end_matches(':'), points, sight))
        }
        // "to do" without a colon, over points.
        [first, points @ ..]
            if !first.is_point
                && points.iter().all(|line| line.is_point)
                && Heading::of(first.words, sight).is_some_and(|heading| heading.is_known) =>
        {
            Some(headed(first.words, points, sight))
        }
        many => Some(each(many, text, sight)),
    }
}

/// "things to do tomorrow: iron shirts, pay Lucy, book taxi".
fn in_one_line(line: &str, sight: &Sight<'_>) -> Option<Reading> {
    let (heading, rest) = line.split_once(": ")?;
    let heading = Heading::of(heading, sight).filter(|heading| heading.is_known)?;
    let all = items(rest, sight);
    let parts = listed(unsigned(&all));
    if parts.len() < 2 {
        return None;
    }
    let mut tasks = Vec::new();
    for part in parts {
        let part = without_first(part, &["and"]).map_or(part, |(rest, _)| rest);
        tasks.push(heading.marked(adding::task(part, part, rest)?, part));
    }
    Some(added(tasks))
}

/// What the first line of a list says of its points.
struct Heading {
    marks: Vec<Item>,
    /// Where they are put.
    places: Vec<Item>,
    /// Whether it is nothing but a heading.
    is_known: bool,
}

impl Heading {
    /// `None` if it is too long for one.
    fn of(words: &str, sight: &Sight<'_>) -> Option<Self> {
        const ITEMS_MAX: usize = 10;
        let all = items(words, sight);
        let (places, all): (Vec<Item>, Vec<Item>) = all
            .into_iter()
            .partition(|item| matches!(item.kind, Kind::List(_)));
        let (marks, rest): (Vec<Item>, Vec<Item>) = all.into_iter().partition(Item::is_mark);
        let rest: Vec<Item> = rest.into_iter().filter(|item| !is_sign(item)).collect();
        if rest.len() > ITEMS_MAX {
            return None;
        }
        let mut said = rest.as_slice();
        while let Some((shorter, _)) = without_first(said, ASIDES).or_else(|| {
            without_first(
                said,
                &["can you", "could you", "here are", "here's", "this is"],
            )
        }) {
            said = shorter;
        }
        while let Some((shorter, _)) = without_last(said, &["for", "please", "on", "with", "due"])
            .or_else(|| without_last(said, POINTS))
            .or_else(|| without_last(said, &["to", "in"]))
        {
            // "to do" ends in no small word.
            said = shorter;
        }
        let known = |said: &[Item]| HEADINGS.contains(&phrases::words(said).as_str());
        let is_known = known(&rest)
            || known(said)
            || (said.is_empty() && !(marks.is_empty() && places.is_empty() && rest.is_empty()));
        Some(Self {
            marks,
            places,
            is_known,
        })
    }

    /// A point of the list with what its heading says of all.
    fn marked(&self, mut task: AddTask, own: &[Item]) -> AddTask {
        let mut patch = changing::patch(&self.marks);
        let names_day = |item: &Item| matches!(&item.kind, Kind::Date(found) if found.names_day || found.schedule.repeat.is_some());
        if let (Some(due), Some(heading)) = (&mut task.due, &patch.due)
            && !own.iter().any(names_day)
        {
            due.date = heading.date;
        }
        patch.due = patch.due.filter(|_| task.due.is_none());
        patch.repeat = patch.repeat.filter(|_| task.repeat.is_none());
        patch.priority = patch
            .priority
            .filter(|_| task.priority == domain::Priority::None);
        adding::amend(&mut task, patch);
        task
    }
}

fn added(tasks: Vec<AddTask>) -> Reading {
    Reading::Act(vec![Step {
        command: adding::command(tasks),
        certainty: FOLLOWED,
    }])
}

/// The points of a list under a heading.
fn headed(heading: &str, points: &[Line<'_>], sight: &Sight<'_>) -> Reading {
    if let Some(reading) = done_to_each(heading, points, sight) {
        return reading;
    }
    let Some(known) = Heading::of(heading, sight) else {
        return Reading::Ask(Question::Part);
    };
    let short =
        |line: &Line<'_>| line.is_point || line.words.split_whitespace().count() <= WORDS_MAX;
    if !known.is_known && !points.iter().all(short) {
        return Reading::Ask(Question::Part);
    }
    let tasks: Option<Vec<AddTask>> = points
        .iter()
        .map(|line| {
            let own = items(line.words, sight);
            point(line, &known.places, sight).map(|task| known.marked(task, &own))
        })
        .collect();
    tasks.map_or_else(|| Reading::Ask(Question::Part), added)
}

/// What a heading asks for of each point: "delete these:", "mark the following as done:". `None` if it asks to add them.
fn done_to_each(heading: &str, points: &[Line<'_>], sight: &Sight<'_>) -> Option<Reading> {
    let all = items(heading, sight);
    let begins =
        |items: &[Item]| without_first(items, POINTS).map(|(rest, _)| items.len() - rest.len());
    let (at, count) = (0..all.len()).find_map(|at| Some((at, begins(&all[at..])?)))?;
    let (before, after) = (
        &heading[..all[at].span.start],
        &heading[all[at + count - 1].span.end..],
    );
    if all[..at]
        .iter()
        .any(|item| item.is_one_of(&["add", "create", "put", "remember", "note"]))
        || at == 0
    {
        return None;
    }
    let mut steps = Vec::new();
    for line in points {
        match one(&format!("{before}{}{after}", line.words), sight) {
            Reading::Act(more)
                if more.iter().all(|step| {
                    !matches!(step.command, Command::AddTask(_) | Command::AddTasks(_))
                }) =>
            {
                steps.extend(more);
            }
            Reading::NoSuch(said) => return Some(Reading::NoSuch(said)),
            _ => return Some(Reading::Ask(Question::Part)),
        }
    }
    Some(Reading::Act(steps))
}

/// A point of a list as a task, whatever its words look like.
fn point(line: &Line<'_>, places: &[Item], sight: &Sight<'_>) -> Option<AddTask> {
    let all = items(line.words, sight);
    let said = unsigned(&all);
    let said = if said.is_empty() { &all } else { said };
    let mut task = match adding::add(said, &[said, places].concat(), line.words, FOLLOWED, sight) {
        Some(Request::Do(commands, _)) => match commands.into_iter().next() {
            // A point is one task, commas and all.
            Some(Command::AddTask(task)) => task,
            Some(Command::AddTasks(add)) => {
                let mut task = add.tasks.into_iter().next()?;
                task.title = titles::title(said, line.words)?;
                task
            }
            _ => return None,
        },
        _ => adding::task(said, said, line.words)?,
    };
    task.completed = line.is_ticked;
    Some(task)
}

/// Lines that are each a request or a note.
fn each(lines: &[Line<'_>], text: &str, sight: &Sight<'_>) -> Reading {
    let mut steps: Vec<Step> = Vec::new();
    let mut others: Vec<Reading> = Vec::new();
    let mut talk: Option<Reading> = None;
    let joined = joined(lines, text);
    let count = joined.len();
    let (mut recent, mut did) = (sight.recent.to_vec(), sight.did);
    for line in joined {
        let known = Sight {
            recent: &recent,
            did,
            ..*sight
        };
        let reading = if line.is_point && !asks(&line, sight) {
            None
        } else {
            Some(one(line.words, &known))
        };
        // Only the first line goes on from another message.
        did = &[];
        if let Some(Reading::Act(steps)) = &reading {
            recent = steps
                .iter()
                .flat_map(|step| follow::tasks_of(&step.command))
                .collect();
        }
        match reading {
            Some(Reading::Act(more)) => {
                steps.extend(more);
            }
            Some(Reading::Ask(Question::Offer { task })) => steps.push(Step {
                command: Command::AddTask(*task),
                certainty: FOLLOWED,
            }),
            Some(Reading::Talk(_)) if count > 1 => {
                talk = talk.or(reading);
            }
            None => match point(&line, &[], sight) {
                Some(task) => steps.push(Step {
                    command: Command::AddTask(task),
                    certainty: FOLLOWED,
                }),
                None => others.push(Reading::NotMine),
            },
            Some(reading) => others.push(reading),
        }
    }
    // Half of a message is never done while the other half is silently dropped.
    let told = |reading: &&Reading| {
        matches!(
            reading,
            Reading::NoSuch(_) | Reading::Ask(Question::Part | Question::Say { .. })
        )
    };
    if let Some(reading) = others.iter().find(told) {
        return reading.clone();
    }
    let nothing = steps.is_empty() && others.iter().all(|reading| *reading == Reading::NotMine);
    match (steps.is_empty(), others.is_empty()) {
        (false, true) => Reading::Act(steps),
        (true, true) => talk.unwrap_or(Reading::NotMine),
        _ if nothing => Reading::NotMine,
        _ => Reading::Ask(Question::Part),
    }
}

/// Whether a point is a request and no note.
fn asks(line: &Line<'_>, sight: &Sight<'_>) -> bool {
    items(line.words, sight)
        .first()
        .is_some_and(|first| first.is_one_of(POINT_REQUESTS))
}

/// The lines, those that go on from the one before ("and eggs") with it.
fn joined<'a>(lines: &[Line<'a>], text: &'a str) -> Vec<Line<'a>> {
    let mut joined: Vec<Line<'a>> = Vec::with_capacity(lines.len());
    for line in lines {
        let goes_on = ["and ", "or ", ", ", "& "]
            .iter()
            .any(|word| line.words.starts_with(word));
        match joined.last_mut() {
            Some(last) if goes_on && !line.is_point => {
                last.words = &text[last.start..line.start + line.words.len()];
            }
            _ => joined.push(*line),
        }
    }
    joined
}
