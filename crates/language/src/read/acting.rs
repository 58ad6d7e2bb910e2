//! Finishing, reopening, deleting and restoring: what is done to the tasks that are meant, and the questions which those are.

use domain::{
    Command, CompleteTask, DeleteTask, Filter, ReopenTask, Selection, Task, TaskId, UpdateTasks,
};

use super::adding::list_name;
use super::items::{Item, Kind};
use super::refer::{self, Meant, Wanted, meant};
use super::request::{Request, sure};
use super::{Choice, Question, Sight, listing};
use crate::en::words::{AFTER_NOUNS, BEFORE_NOUNS};

/// A command about the tasks that `words` mean, or the question which.
pub(super) fn act(
    words: &[Item],
    wanted: Wanted,
    text: &str,
    sight: &Sight<'_>,
    command: &dyn Fn(&[TaskId]) -> Command,
) -> Request {
    match meant(words, wanted, text, sight) {
        Meant::Tasks(ids) if wanted == Wanted::Done && is_open(&ids, words, text, sight) => {
            Request::Ask(Question::Say {
                text: format!("\u{201c}{}\u{201d} is not done.", said(words, text)),
            })
        }
        Meant::Tasks(ids) => sure(command(&ids)),
        Meant::By(filter) => {
            let filter = on_lists(filter, words, sight);
            sure(by_filter(command(&[TaskId(0), TaskId(0)]), filter))
        }
        Meant::OneOf(ids) => Request::Which(said(words, text), choices(&ids, sight, command)),
        Meant::Nothing => Request::NoSuch(said(words, text)),
        Meant::Unsaid => which(wanted, with_hole(words, text), sight, command),
    }
}

/// Whether what is to be opened again was named and is open.
fn is_open(ids: &[TaskId], words: &[Item], text: &str, sight: &Sight<'_>) -> bool {
    let open = |id: &TaskId| task_of(*id, sight).is_some_and(Task::is_open);
    ids.iter().all(open) && refer::is_by_title(words, text, sight)
}

/// Deletes what is named, what is described, or what the answer will name.
pub(super) fn deleted(
    task: Option<&[Item]>,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Request {
    if let Some(task) = task {
        return act(&with_lists(task, items), Wanted::Any, text, sight, &delete);
    }
    match listing::filter(&items[1..], sight, false) {
        Some(filter) => sure(Command::DeleteTasks(Selection::by(filter))),
        None => which(Wanted::Any, "delete {}".to_owned(), sight, &delete),
    }
}

pub(super) fn complete(ids: &[TaskId]) -> Command {
    match ids {
        [one] => Command::CompleteTask(CompleteTask { task_id: *one }),
        many => Command::CompleteTasks(selection(many)),
    }
}

pub(super) fn reopen(ids: &[TaskId]) -> Command {
    match ids {
        [one] => Command::ReopenTask(ReopenTask { task_id: *one }),
        many => Command::ReopenTasks(selection(many)),
    }
}

pub(super) fn delete(ids: &[TaskId]) -> Command {
    match ids {
        [one] => Command::DeleteTask(DeleteTask { task_id: *one }),
        many => Command::DeleteTasks(selection(many)),
    }
}

/// Takes back out of the trash.
pub(super) fn restore(ids: &[TaskId]) -> Command {
    Command::RestoreTasks(selection(ids))
}

/// "It", where a request says so by what it leaves out.
pub(super) fn it(items: &[Item]) -> Item {
    let end = items.last().map_or(0, |last| last.span.end);
    Item {
        folded: "it".to_owned(),
        span: end..end,
        kind: Kind::Word,
        said: None,
    }
}

/// The same command about all tasks that a filter names.
fn by_filter(command: Command, filter: Filter) -> Command {
    let selection = Selection::by(filter);
    match command {
        Command::CompleteTasks(_) => Command::CompleteTasks(selection),
        Command::ReopenTasks(_) => Command::ReopenTasks(selection),
        Command::DeleteTasks(_) => Command::DeleteTasks(selection),
        Command::RestoreTasks(_) => Command::RestoreTasks(selection),
        Command::UpdateTasks(update) => Command::UpdateTasks(UpdateTasks {
            selection,
            ..update
        }),
        other => other,
    }
}

pub(super) fn selection(ids: &[TaskId]) -> Selection {
    Selection::of(ids.iter().copied())
}

pub(super) fn task_of<'a>(id: TaskId, sight: &Sight<'a>) -> Option<&'a Task> {
    sight.tasks.iter().find(|task| task.id == id)
}

/// Asks which task is meant when none was named: with choices if there are few.
pub(super) fn which(
    wanted: Wanted,
    request: String,
    sight: &Sight<'_>,
    command: &dyn Fn(&[TaskId]) -> Command,
) -> Request {
    let fitting = sight.tasks.iter().filter(|task| match wanted {
        Wanted::Any => task.is_open(),
        wanted => wanted.fits(task),
    });
    let fitting: Vec<TaskId> = fitting.map(|task| task.id).collect();
    if (2..=CHOICES_MAX).contains(&fitting.len()) {
        Request::Which("task".to_owned(), choices(&fitting, sight, command))
    } else {
        Request::Ask(which_task(request))
    }
}

/// Most ways a question offers.
const CHOICES_MAX: usize = 5;

/// The tasks to choose from, each with what is done if it is chosen.
pub(super) fn choices(
    ids: &[TaskId],
    sight: &Sight<'_>,
    command: &dyn Fn(&[TaskId]) -> Command,
) -> Vec<Choice> {
    let choice = |id: &TaskId| Choice {
        label: label(*id, sight),
        task_id: Some(*id),
        commands: vec![command(&[*id])],
    };
    ids.iter().take(CHOICES_MAX).map(choice).collect()
}

/// A task in a question: its title, and its date if it has one.
fn label(id: TaskId, sight: &Sight<'_>) -> String {
    let Some(task) = task_of(id, sight) else {
        return format!("task {id}");
    };
    match &task.due {
        Some(due) => format!("{} ({})", task.title, crate::say::due(due, sight.view)),
        None => task.title.to_string(),
    }
}

/// The message with a hole where `words` name no task.
pub(super) fn with_hole(words: &[Item], text: &str) -> String {
    match words.first().zip(words.last()) {
        Some((first, last)) => {
            format!(
                "{}{{}}{}",
                &text[..first.span.start],
                &text[last.span.end..]
            )
        }
        None => format!("{text} {{}}"),
    }
}

/// The question which task is meant, with nothing to choose from.
pub(super) fn which_task(request: String) -> Question {
    Question::Finish {
        text: "Which task do you mean?".to_owned(),
        request,
    }
}

/// What was looked for, as it was said.
pub(super) fn said(items: &[Item], text: &str) -> String {
    let whole = refer::trimmed(items);
    // A date is no part of the name, unless there is nothing else.
    let end = whole
        .iter()
        .rposition(|item| !item.is_mark())
        .map_or(whole.len(), |at| at + 1);
    let items: Vec<&Item> = without_nouns(refer::trimmed(&whole[..end]))
        .iter()
        .filter(|item| item.kind == Kind::Literal || item.folded.chars().any(char::is_alphanumeric))
        .collect();
    items
        .first()
        .zip(items.last())
        .map_or_else(String::new, |(first, last)| {
            text[first.span.start..last.span.end].to_owned()
        })
}

/// `items` without "all of my reminders about" before them and "reminders" after them.
fn without_nouns(items: &[Item]) -> &[Item] {
    let plural = |item: &Item| item.is_one_of(&["reminders", "tasks", "todos", "alerts"]);
    let skipped = items
        .iter()
        .take_while(|item| item.is_one_of(BEFORE_NOUNS))
        .count();
    let mut rest = match items.get(skipped) {
        Some(noun) if plural(noun) => {
            let after = &items[skipped + 1..];
            &after[after
                .iter()
                .take_while(|item| item.is_one_of(AFTER_NOUNS))
                .count()..]
        }
        Some(_) if items.last().is_some_and(plural) => &items[skipped..],
        _ => items,
    };
    while let [shorter @ .., last] = rest
        && (plural(last) || last.is_mark())
    {
        rest = shorter;
    }
    if rest.is_empty() { items } else { rest }
}

/// A filter kept to the list that was named: "everything on my shopping list".
fn on_lists(filter: Filter, words: &[Item], sight: &Sight<'_>) -> Filter {
    let names = words.iter().filter_map(list_name);
    names.fold(filter, |filter, name| {
        let of_list = Filter::Label(listing::label_of(&name, sight));
        if has(&filter, &of_list) {
            filter
        } else {
            Filter::And(vec![filter, of_list])
        }
    })
}

/// What a frame takes for the name of a task, with the list that is named beside it.
pub(super) fn with_lists(task: &[Item], items: &[Item]) -> Vec<Item> {
    let end = task.last().map_or(0, |last| last.span.end);
    let beside = items
        .iter()
        .filter(|item| item.is_place() && item.span.start >= end);
    task.iter().chain(beside).cloned().collect()
}

/// Whether a filter is `part`, or has it among what all has to hold.
fn has(filter: &Filter, part: &Filter) -> bool {
    filter == part || matches!(filter, Filter::And(parts) if parts.contains(part))
}
