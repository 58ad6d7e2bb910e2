//! Changing tasks: new titles, dates, priorities, labels and notes.

use domain::{
    Command, Days, Field, GetTask, Priority, ProjectRef, Tag, TaskId, TaskPatch, UpdateTask,
    UpdateTasks,
};

use super::acting::{act, it, selection, task_of, which_task, with_hole};
use super::adding::{Home, home, list_name, project};
use super::clauses::is_pronoun;
use super::items::{Item, Kind, schedule};
use super::pattern::Match;
use super::refer::Wanted;
use super::request::Request;
use super::{Question, Sight, titles};
use crate::dates;
use crate::en::words::{LOWERING, RAISING, SETS};

/// Changes the tasks that `words` mean, or asks which.
fn update(words: &[Item], patch: TaskPatch, text: &str, sight: &Sight<'_>) -> Request {
    if patch == TaskPatch::default() {
        return Request::Unknown;
    }
    // Right after something is added, "it" is that; whoever puts the requests together knows if it was.
    if is_pronoun(words) && sight.recent.is_empty() {
        return Request::Amend(Box::new(patch), which_task(with_hole(words, text)));
    }
    act(words, Wanted::Open, text, sight, &|ids| match ids {
        [one] => command(ids, timed(&patch, *one, sight)),
        _ => command(ids, patch.clone()),
    })
}

/// The command that changes these tasks.
pub(super) fn command(ids: &[TaskId], patch: TaskPatch) -> Command {
    match ids {
        [one] => Command::UpdateTask(UpdateTask {
            task_id: *one,
            patch,
            if_version: None,
        }),
        many => Command::UpdateTasks(UpdateTasks {
            selection: selection(many),
            patch,
        }),
    }
}

/// A patch whose time, if no day was said, is on the day the task is due, and whose day, if no time was said, keeps the
/// task's time.
pub(super) fn timed(patch: &TaskPatch, id: TaskId, sight: &Sight<'_>) -> TaskPatch {
    let mut patch = patch.clone();
    if let Some(due) = &mut patch.due
        && let Some(known) = task_of(id, sight).and_then(|task| task.due.as_ref())
    {
        if patch.clear.first() == Some(&Field::Time) {
            due.date = known.date;
        } else if due.time.is_none() {
            due.time.clone_from(&known.time);
        }
    }
    patch.clear.retain(|field| *field != Field::Time);
    patch
}

/// What marks change. A due date of which only the time was said carries [`Field::Time`] along until the task is known.
pub(super) fn patch(marks: &[Item]) -> TaskPatch {
    let schedule = schedule(marks);
    let mut patch = TaskPatch {
        due: schedule.due,
        repeat: schedule.repeat,
        ..TaskPatch::default()
    };
    let names_day = marks.iter().any(|item| matches!(&item.kind, Kind::Date(found) if found.names_day || found.schedule.repeat.is_some()));
    if patch.due.as_ref().is_some_and(|due| due.time.is_some()) && !names_day {
        patch.clear = vec![Field::Time];
    }
    for item in marks {
        match &item.kind {
            Kind::Priority(priority) => patch.priority = Some(*priority),
            Kind::Tag(tag) => patch.add_tags.push(tag.clone()),
            Kind::Project(name) => patch.project = name.parse().ok().map(ProjectRef::Name),
            _ => {}
        }
    }
    patch
}

/// Gives a task the date, priority, labels or project that a request names.
pub(super) fn marked(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let mut patch = patch(items);
    // Where something goes is said last.
    if let Some(name) = items.iter().rev().find_map(list_name) {
        match home(&name, sight) {
            Home::Project(name) => patch.project = Some(ProjectRef::Name(name)),
            Home::Tag(tag) => patch.add_tags.push(tag),
        }
    }
    if let Some(words) = found.get("tags", items).or_else(|| found.get("tag", items)) {
        patch.add_tags = tags(words)?;
    }
    if let Some(words) = found.get("project", items) {
        patch.project = Some(ProjectRef::Name(project(words, sight)?.name.clone()));
    }
    let it = [it(items)];
    let task = found.get("task", items).unwrap_or(&it);
    Some(update(task, patch, text, sight))
}

/// "high priority", said right after one task was spoken of, is about that task. A date alone may as well ask what is due.
pub(super) fn only_marks(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
    let [task] = sight.recent else { return None };
    let says = |item: &Item| matches!(item.kind, Kind::Priority(_) | Kind::Tag(_));
    if !items.iter().all(Item::is_mark) || !items.iter().any(says) {
        return None;
    }
    let it = Item {
        folded: task.to_string(),
        ..it(items)
    };
    Some(update(&[it], patch(items), text, sight))
}

/// Takes labels, the priority, the date or the repeat from a task.
pub(super) fn unmarked(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let said = |words: &[&str]| items.iter().any(|item| item.is_one_of(words));
    let named: Vec<Tag> = items
        .iter()
        .filter_map(|item| match &item.kind {
            Kind::Tag(tag) => Some(tag.clone()),
            _ => None,
        })
        .collect();
    let mut patch = TaskPatch::default();
    if !named.is_empty() {
        patch.remove_tags = named;
    } else if let Some(words) = found.get("tags", items).filter(|words| !is_any(words)) {
        patch.remove_tags = tags(words)?;
    } else if said(&["tag", "tags", "label", "labels", "untag", "unlabel"]) {
        patch.clear = vec![Field::Tags];
    } else if said(&["priority"]) {
        patch.clear = vec![Field::Priority];
    } else if said(&["repeating", "repeat", "recurring"]) {
        patch.clear = vec![Field::Repeat];
    } else if said(&["due", "date", "deadline"]) {
        patch.clear = vec![Field::Due];
    } else {
        return None;
    }
    Some(update(found.get("task", items)?, patch, text, sight))
}

/// Whether words name no label: "remove the tag".
fn is_any(words: &[Item]) -> bool {
    let any = ["the", "its", "all", "any", "my", "their"];
    words.iter().all(|item| item.is_one_of(&any))
}

/// The labels that `items` name. `None` if they are nothing of the kind.
fn tags(items: &[Item]) -> Option<Vec<Tag>> {
    let words = items
        .iter()
        .filter(|item| !item.is_one_of(&["and", ",", "&", "as", "with"]));
    let tags: Vec<Tag> = words
        .map(|item| match &item.kind {
            Kind::Tag(tag) => Some(tag.clone()),
            _ => item.folded.parse().ok(),
        })
        .collect::<Option<_>>()?;
    (!tags.is_empty()).then_some(tags)
}

/// Writes a note to a task.
pub(super) fn note(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let note = found.get("note", items)?;
    let note = text[note.first()?.span.start..note.last()?.span.end].trim();
    let words = found
        .get("task", items)
        .or_else(|| found.get("number", items))?;
    let adds = items[0].is_one_of(&["add", "append", "attach", "put", "write", "leave"]);
    let with_note = |ids: &[TaskId]| noted(ids, note, adds, sight);
    Some(act(words, Wanted::Open, text, sight, &with_note))
}

/// Gives a task a note, after the one it has if `adds`.
fn noted(ids: &[TaskId], note: &str, adds: bool, sight: &Sight<'_>) -> Command {
    let id = ids.first().copied().unwrap_or_default();
    let known = task_of(id, sight).map(|task| task.description.as_str());
    let whole = match known.filter(|known| adds && !known.is_empty()) {
        Some(known) => format!("{known}\n{note}"),
        None => note.to_owned(),
    };
    let patch = TaskPatch {
        description: whole.parse().ok(),
        ..TaskPatch::default()
    };
    command(ids, patch)
}

/// Gives a task the title that was said.
pub(super) fn rename(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let (task, title) = (found.get("task", items)?, found.get("title", items)?);
    if title.iter().all(Item::is_mark) {
        return None;
    }
    let title = titles::verbatim(title, text)?;
    let patch = TaskPatch {
        title: Some(title),
        ..TaskPatch::default()
    };
    Some(match update(task, patch, text, sight) {
        Request::Amend(..) => return None,
        request => request,
    })
}

/// Gives a task another date or priority. `None` if it is not said what changes, or of what.
pub(super) fn change(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let mut task = found.get("task", items)?.to_vec();
    // "The tap high and the books low" is two things.
    if task
        .iter()
        .any(|item| matches!(item.kind, Kind::Priority(_)))
    {
        return None;
    }
    let patch = match found.get("marks", items) {
        // "Everything due today" is told by the date, and not moved there.
        Some(
            [
                of @ Item {
                    kind: Kind::Date(_),
                    ..
                },
                marks @ ..,
            ],
        ) if !marks.is_empty()
            && of.folded.starts_with("due ")
            && task
                .iter()
                .any(|item| item.is_one_of(&["everything", "all"])) =>
        {
            task.push(of.clone());
            patch(marks)
        }
        Some(marks) => patch(&moved(marks, &mut task)),
        None => TaskPatch {
            priority: Some(direction(items)?),
            ..TaskPatch::default()
        },
    };
    Some(update(&task, patch, text, sight))
}

/// Marks in which a range says where something goes: "from tuesday to wednesday" is Wednesday. Where the range begins
/// belongs to what is moved: "everything due today to friday" is everything due today.
fn moved(marks: &[Item], task: &mut Vec<Item>) -> Vec<Item> {
    let mut moved = marks.to_vec();
    for item in &mut moved {
        let whole = item.clone();
        let Kind::Date(found) = &mut item.kind else {
            continue;
        };
        let (Some(to), Some(stretch)) = (found.to.take(), found.stretch.take()) else {
            continue;
        };
        // The preposition belongs to the date.
        let of_what = whole.folded.starts_with("due ");
        if let (true, Some(start)) = (of_what, stretch.start) {
            let mut from = found.clone();
            from.days = Some(Days::on(start.date()));
            task.push(Item {
                kind: Kind::Date(from),
                ..whole
            });
        }
        found.schedule.due = Some(to);
    }
    moved
}

/// The priority that a verb alone comes to: "prioritize", "lower the priority of". `None` if it comes to none.
fn direction(items: &[Item]) -> Option<Priority> {
    let said = |words: &[&str]| items.iter().any(|item| item.is_one_of(words));
    if said(LOWERING) {
        Some(Priority::Low)
    } else {
        said(RAISING).then_some(Priority::High)
    }
}

/// "push it by two days", "move the meeting an hour earlier". `None` if no length of time is said.
pub(super) fn postponed(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
    let (_, verbs) = SETS.iter().find(|(name, _)| *name == "move")?;
    let first = items
        .first()
        .filter(|first| verbs.split('|').any(|verb| first.is(verb)))?;
    let last = items.last()?;
    let clause = &text[first.span.start..last.span.end];
    let (span, period) = dates::period(clause)?;
    let (start, end) = (first.span.start + span.start, first.span.start + span.end);
    let words: Vec<Item> = items[1..]
        .iter()
        .filter(|item| item.span.end <= start)
        .cloned()
        .collect();
    if words.is_empty()
        || items
            .iter()
            .any(|item| item.span.start >= end && item.folded.chars().any(char::is_alphanumeric))
    {
        return None;
    }
    let words: &[Item] = match words.as_slice() {
        [rest @ .., last]
            if last.is_one_of(&["by", "back", "forward", "out", "up"]) && !rest.is_empty() =>
        {
            rest
        }
        // "Push back the gym an hour".
        [first, rest @ ..]
            if first.is_one_of(&["back", "forward", "out", "up"]) && !rest.is_empty() =>
        {
            rest
        }
        all => all,
    };
    let patch = TaskPatch {
        postpone: Some(period),
        ..TaskPatch::default()
    };
    match update(words, patch, text, sight) {
        Request::Do(commands, certainty) => Some(Request::Do(commands, certainty)),
        request @ (Request::Which(..) | Request::NoSuch(_)) => Some(request),
        _ => None,
    }
}

/// Asks what should become of a task that is to be changed.
pub(super) fn edited(task: &[Item], text: &str, sight: &Sight<'_>) -> Request {
    match act(task, Wanted::Open, text, sight, &edit) {
        // Which task is known; what should become of it is not.
        Request::Do(commands, _) => Request::Ask(what_to_change(&commands, sight)),
        request => request,
    }
}

/// A command that changes nothing yet and only says which task is to be changed.
fn edit(ids: &[TaskId]) -> Command {
    Command::GetTask(GetTask {
        task_id: ids.first().copied().unwrap_or_default(),
    })
}

/// The question what is to change about the task that [`edit`] names.
fn what_to_change(commands: &[Command], sight: &Sight<'_>) -> Question {
    let task = match commands {
        [Command::GetTask(get)] => task_of(get.task_id, sight),
        _ => None,
    };
    let text = match task {
        Some(task) => format!("What should change about \u{201c}{}\u{201d}?", task.title),
        None => "What should change about it?".to_owned(),
    };
    let request = match commands {
        [Command::GetTask(get)] => format!("change task {} to {{}}", get.task_id),
        _ => "change it to {}".to_owned(),
    };
    Question::Finish { text, request }
}
