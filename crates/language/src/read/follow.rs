//! Reads what goes on from the request before it: "and the milk", "the parcel too", "no, friday", "tomorrow instead".

use domain::{AddTask, AddTasks, Command, TaskId, TaskPatch, UndoChange, UpdateTask};

use super::items::{Item, Kind};
use super::pattern::matches;
use super::phrases::{is_sign, unsigned, without_first, without_last, words};
use super::refer::{Meant, Wanted, meant};
use super::request::{FOLLOWED, Request};
use super::{
    Choice, Question, Reading, Sight, acting, adding, changing, listing, titles, together,
};
use crate::dates;
use crate::en::follow::{
    ASIDES, ASIDES_AFTER, CORRECTING, CORRECTING_AFTER, MORE, MORE_AFTER, MORE_OR_NEXT, NOT_DONE,
    ONLY_LEADING, PARTICLES, PERSONAL, PROPOSING, SENTENCE, STATING, WRONG_TASK,
};
use crate::en::frames::Ask;
use crate::en::words::{ACTIONS, ASKING, COMMANDS, OTHER};

/// The same command about these tasks. `None` if it is not about tasks that there are.
pub(super) fn about(command: &Command, ids: &[TaskId]) -> Option<Command> {
    Some(match command {
        Command::CompleteTask(_) | Command::CompleteTasks(_) => acting::complete(ids),
        Command::ReopenTask(_) | Command::ReopenTasks(_) => acting::reopen(ids),
        Command::DeleteTask(_) | Command::DeleteTasks(_) => acting::delete(ids),
        Command::RestoreTasks(_) => acting::restore(ids),
        Command::UpdateTask(UpdateTask { patch, .. }) => updated(ids, patch)?,
        Command::UpdateTasks(update) => updated(ids, &update.patch)?,
        _ => return None,
    })
}

/// A change of these tasks, without what only one of them can be called. `None` if nothing is left of it.
fn updated(ids: &[TaskId], patch: &TaskPatch) -> Option<Command> {
    let patch = TaskPatch {
        title: None,
        description: None,
        ..patch.clone()
    };
    (patch != TaskPatch::default()).then(|| changing::command(ids, patch))
}

/// A change of these tasks, in which a time without a day is on the day a task is due.
fn updated_at(ids: &[TaskId], patch: &TaskPatch, sight: &Sight<'_>) -> Command {
    let of = ids.first().copied().unwrap_or_default();
    changing::command(ids, changing::timed(patch, of, sight))
}

/// The tasks that a command is about by their numbers.
pub(super) fn tasks_of(command: &Command) -> Vec<TaskId> {
    match command {
        Command::CompleteTask(one) => vec![one.task_id],
        Command::ReopenTask(one) => vec![one.task_id],
        Command::DeleteTask(one) => vec![one.task_id],
        Command::UpdateTask(one) => vec![one.task_id],
        Command::CompleteTasks(which)
        | Command::ReopenTasks(which)
        | Command::DeleteTasks(which)
        | Command::RestoreTasks(which) => which.task_ids.clone(),
        Command::UpdateTasks(update) => update.selection.task_ids.clone(),
        _ => Vec::new(),
    }
}

/// The tasks that a command makes sense for.
fn wanted(command: &Command) -> Wanted {
    match command {
        Command::ReopenTask(_) | Command::ReopenTasks(_) => Wanted::Done,
        Command::RestoreTasks(_) => Wanted::Trashed,
        Command::DeleteTask(_) | Command::DeleteTasks(_) => Wanted::Any,
        _ => Wanted::Open,
    }
}

/// Whether words ask for more of the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum More {
    #[default]
    No,
    /// They do, or ask for something next.
    Perhaps,
    Surely,
}

/// What a message is that goes on from something.
#[derive(Default)]
struct Fragment<'a> {
    /// What is left without the words around it.
    rest: &'a [Item],
    /// Whether it asks for more of the same.
    more: More,
    /// It corrects what was asked.
    corrects: bool,
    /// It says that another task was meant.
    wrong_task: bool,
}

impl<'a> Fragment<'a> {
    fn of(all: &'a [Item]) -> Self {
        let mut fragment = Self {
            rest: unsigned(all),
            ..Self::default()
        };
        let mut only_leads = false;
        loop {
            let items = fragment.rest;
            if !fragment.corrects && without_first(items, STATING).is_some() {
                // "it's friday" says what day it is; "no, it's friday" when something is.
                break;
            } else if let Some((rest, phrase)) = without_first(items, CORRECTING) {
                let leads = ONLY_LEADING.contains(&phrase);
                only_leads |= leads;
                fragment.corrects |= !leads;
                fragment.wrong_task |= phrase.split(' ').any(|word| WRONG_TASK.contains(&word));
                fragment.rest = unsigned(rest);
            } else if let Some((rest, phrase)) = without_first(items, MORE) {
                let more = if MORE_OR_NEXT.contains(&phrase) {
                    More::Perhaps
                } else {
                    More::Surely
                };
                fragment.more = fragment.more.max(more);
                fragment.rest = unsigned(rest);
            } else if is_not_done(items) {
                break;
            } else if fragment.wrong_task
                && let Some((rest, _)) = without_first(items, PROPOSING)
            {
                fragment.rest = unsigned(rest);
            } else if let Some((rest, _)) = without_first(items, ASIDES) {
                fragment.rest = unsigned(rest);
            } else if let Some((rest, phrase)) = without_last(items, CORRECTING_AFTER) {
                fragment.corrects = true;
                fragment.wrong_task |= phrase.split(' ').any(|word| WRONG_TASK.contains(&word));
                fragment.rest = unsigned(rest);
            } else if let Some((rest, _)) = without_last(items, MORE_AFTER) {
                fragment.more = More::Surely;
                fragment.rest = unsigned(rest);
            } else if let Some((rest, _)) = without_last(items, ASIDES_AFTER) {
                fragment.rest = unsigned(rest);
            } else {
                break;
            }
        }
        fragment.contrast();
        fragment.corrects |= only_leads && fragment.rest.iter().any(|item| !item.is_mark());
        fragment
    }

    /// Leaves out what is not meant: "tuesday, not monday", "not the parcel but the milk".
    fn contrast(&mut self) {
        let items = self.rest;
        let Some(at) = items.iter().position(|item| item.is("not")) else {
            return;
        };
        let set_off = at > 0 && (is_sign(&items[at - 1]) || items[..at].iter().all(Item::is_mark));
        if at > 0 {
            if !(set_off || self.corrects) || items[0].is("but") {
                return;
            }
            self.rest = unsigned(&items[..at]);
            self.corrects = true;
            self.wrong_task = true;
        } else if let Some(but) = items.iter().position(|item| item.is("but") || item.is(",")) {
            self.rest = unsigned(&items[but + 1..]);
            self.corrects = true;
            self.wrong_task = true;
        }
    }

    /// Whether it is too short and too bare to be a request of its own.
    fn is_bare(&self) -> bool {
        const ITEMS_MAX: usize = 8;
        let Some(first) = self.rest.first() else {
            return false;
        };
        let words = self.rest.iter().filter(|item| !item.is_mark()).count();
        let acts = words > 1 && (first.is_one_of(ACTIONS) || first.is_one_of(COMMANDS));
        self.rest.len() <= ITEMS_MAX
            && !acts
            && !first.is_one_of(ASKING)
            && !self.rest.iter().any(|item| item.is_one_of(SENTENCE))
            && !matches(self.rest).any(|found| {
                !found.weak
                    && !matches!(
                        found.ask,
                        Ask::List | Ask::Find | Ask::Add | Ask::Need | Ask::Schedule
                    )
            })
    }
}

/// The message as what goes on from the request before. `None` if it is something else.
pub(super) fn read(text: &str, all: &[Item], sight: &Sight<'_>) -> Option<Reading> {
    /// Longer messages say all they mean.
    const ITEMS_MAX: usize = 24;
    // "how about friday instead?" asks for it.
    let asks = text.trim_end().ends_with('?') && !all.iter().any(|item| item.is("instead"));
    if asks || all.len() > ITEMS_MAX || (sight.did.is_empty() && sight.recent.is_empty()) {
        return None;
    }
    let fragment = Fragment::of(all);
    let rest = fragment.rest;
    if rest.is_empty() {
        return None;
    }
    if let Some(Command::CompleteTask(_) | Command::CompleteTasks(_)) = sight.did.last()
        && is_not_done(rest)
        && !sight.recent.is_empty()
    {
        return Some(together(vec![Request::Do(
            vec![acting::reopen(sight.recent)],
            FOLLOWED,
        )]));
    }
    if let Some(request) = remarked(&fragment, text, sight) {
        return Some(together(vec![request]));
    }
    if fragment.corrects
        && fragment.more == More::No
        && let Some(request) = corrected(&fragment, text, sight)
    {
        return Some(together(vec![request]));
    }
    if fragment.more > More::No
        && fragment.is_bare()
        && let Some(request) = again(&fragment, text, sight)
    {
        return Some(together(vec![request]));
    }
    None
}

/// Whether it says no more than that something is not done after all: "not yet, reopen it".
fn is_not_done(items: &[Item]) -> bool {
    NOT_DONE.contains(&words(items).as_str())
}

/// Another date or priority for what was spoken of last: "no, friday", "at 4pm", "one week later".
fn remarked(fragment: &Fragment<'_>, text: &str, sight: &Sight<'_>) -> Option<Request> {
    let rest = fragment.rest;
    let (first, last) = rest.first().zip(rest.last())?;
    let said = &text[first.span.start..last.span.end];
    let later = dates::period(said).filter(|(span, _)| {
        !said[..span.start]
            .chars()
            .chain(said[span.end..].chars())
            .any(char::is_alphanumeric)
    });
    let patch = match later {
        Some((_, period)) => TaskPatch {
            postpone: Some(period),
            ..TaskPatch::default()
        },
        None if rest.iter().all(Item::is_mark) => changing::patch(rest),
        None => return None,
    };
    if patch == TaskPatch::default() {
        return None;
    }
    let of_date = patch.due.is_some() || patch.postpone.is_some() || patch.repeat.is_some();
    let planned = of_date && has_planned(sight);
    let ids = match (sight.recent, sight.did.last()) {
        ([one], _) => vec![*one],
        (many, Some(Command::AddTasks(_) | Command::UpdateTasks(_))) if fragment.corrects => {
            many.to_vec()
        }
        _ => return None,
    };
    if !fragment.corrects {
        // A day alone may as well ask what is due then.
        let one_day = |item: &Item| match &item.kind {
            Kind::Date(found) => !found.owning && found.stretch.is_none(),
            _ => true,
        };
        if !(planned && rest.iter().all(one_day) || patch.postpone.is_some()) {
            return None;
        }
    }
    Some(Request::Do(vec![updated_at(&ids, &patch, sight)], FOLLOWED))
}

/// Whether the last request gave a date to what is spoken of, or added it.
fn has_planned(sight: &Sight<'_>) -> bool {
    let dated = |patch: &TaskPatch| {
        patch.due.is_some() || patch.postpone.is_some() || patch.repeat.is_some()
    };
    match sight.did.last() {
        Some(Command::AddTask(added)) => {
            let [one] = sight.recent else { return false };
            let known = sight.tasks.iter().find(|task| task.id == *one);
            known.is_none_or(|task| task.title == added.title)
        }
        Some(Command::AddTasks(added)) => added.tasks.len() == sight.recent.len(),
        Some(Command::UpdateTask(update)) => {
            dated(&update.patch) && sight.recent.contains(&update.task_id)
        }
        Some(Command::UpdateTasks(update)) => dated(&update.patch),
        _ => false,
    }
}

/// The last request taken back and done for the task that was meant: "no, the parcel". With a date that of the task
/// itself is changed: "no, the dentist on friday".
fn corrected(fragment: &Fragment<'_>, text: &str, sight: &Sight<'_>) -> Option<Request> {
    const ITEMS_MAX: usize = 8;
    let rest = fragment.rest;
    if rest.len() > ITEMS_MAX || rest.iter().all(Item::is_mark) {
        return None;
    }
    // "call her at 7 instead": whoever she is, it is the task that was spoken of.
    let words: Vec<Item> = rest
        .iter()
        .filter(|item| !item.is_mark() && !item.is_one_of(PERSONAL))
        .cloned()
        .collect();
    let last = sight.did.last();
    let done: Vec<TaskId> = sight.did.iter().flat_map(tasks_of).collect();
    // What else a message asked for would be taken back with it.
    let is_undo = |did: &&Command| matches!(did, Command::UndoChange(_));
    let alone = sight.did.iter().filter(|did| !is_undo(did)).count() == 1;
    let undo = Command::UndoChange(UndoChange { change_id: None });
    if words.len() < rest.len()
        && let Meant::Tasks(ids) = meant(&words, Wanted::Open, text, sight)
        && let [one] = ids.as_slice()
        && let patch = changing::patch(rest)
        && patch != TaskPatch::default()
    {
        let command = updated_at(&ids, &patch, sight);
        return match last {
            // The same task, at another time.
            None | Some(Command::UpdateTask(_) | Command::AddTask(_)) if sight.recent == [*one] => {
                Some(Request::Do(vec![command], FOLLOWED))
            }
            // Another task, at a time of its own.
            Some(Command::UpdateTask(_)) if !done.contains(one) && alone && fragment.is_bare() => {
                Some(Request::Do(vec![undo, command], FOLLOWED))
            }
            _ => None,
        };
    }
    if !fragment.is_bare() {
        return None;
    }
    let last = last?;
    if let (Command::AddTask(added), [one], true) = (last, sight.recent, fragment.wrong_task) {
        return retitled(*one, rest, added, text, sight);
    }
    about(last, &[TaskId(0)])?;
    let command = |ids: &[TaskId]| about(last, ids).unwrap_or_else(|| last.clone());
    match the_other(rest, sight).unwrap_or_else(|| meant(rest, wanted(last), text, sight)) {
        Meant::Tasks(ids) => match ids.as_slice() {
            [one] if !done.contains(one) => Some(if alone {
                Request::Do(vec![undo, command(&ids)], FOLLOWED)
            } else {
                Request::Ask(Question::Part)
            }),
            _ => None,
        },
        Meant::OneOf(ids) => {
            let ids: Vec<TaskId> = ids.into_iter().filter(|id| !done.contains(id)).collect();
            let with_undo = |choice: Choice| Choice {
                commands: [undo.clone()].into_iter().chain(choice.commands).collect(),
                ..choice
            };
            let choices: Vec<Choice> = acting::choices(&ids, sight, &command)
                .into_iter()
                .map(with_undo)
                .collect();
            (choices.len() > 1).then(|| Request::Which(acting::said(rest, text), choices))
        }
        Meant::Nothing if fragment.wrong_task => Some(Request::NoSuch(acting::said(rest, text))),
        _ => None,
    }
}

/// Another title for what was just added: "I meant oat milk".
fn retitled(
    id: TaskId,
    rest: &[Item],
    added: &AddTask,
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let Some(Request::Do(commands, _)) = another(rest, added, text, sight) else {
        return None;
    };
    let [Command::AddTask(task)] = commands.as_slice() else {
        return None;
    };
    let patch = TaskPatch {
        title: Some(task.title.clone()),
        ..TaskPatch::default()
    };
    Some(Request::Do(vec![changing::command(&[id], patch)], FOLLOWED))
}

/// The one of what was shown that the last requests were not about: "the other one". `None` if that is not said.
fn the_other(items: &[Item], sight: &Sight<'_>) -> Option<Meant> {
    if !OTHER.contains(&words(items).as_str()) {
        return None;
    }
    let done: Vec<TaskId> = sight.did.iter().flat_map(tasks_of).collect();
    let left = sight.shown.iter().filter(|id| !done.contains(id));
    Some(match left.copied().collect::<Vec<_>>().as_slice() {
        [one] => Meant::Tasks(vec![*one]),
        _ => Meant::Unsaid,
    })
}

/// The last request once more, for what is named.
fn again(fragment: &Fragment<'_>, text: &str, sight: &Sight<'_>) -> Option<Request> {
    let rest = fragment.rest;
    let last = sight.did.last()?;
    if let Some(added) = match last {
        Command::AddTask(task) => Some(task),
        Command::AddTasks(add) => add.tasks.last(),
        _ => None,
    } {
        return another(rest, added, text, sight);
    }
    about(last, &[TaskId(0)])?;
    let marks: Vec<Item> = rest.iter().filter(|item| item.is_mark()).cloned().collect();
    let words: Vec<Item> = rest
        .iter()
        .filter(|item| !item.is_mark())
        .cloned()
        .collect();
    // "and the milk on saturday": the same kind of change, to another date.
    let other = match last {
        Command::UpdateTask(_) | Command::UpdateTasks(_)
            if !marks.is_empty() && !words.is_empty() =>
        {
            Some(changing::patch(&marks))
        }
        _ => None,
    };
    let command = |ids: &[TaskId]| match &other {
        Some(patch) => updated_at(ids, patch, sight),
        None => about(last, ids).unwrap_or_else(|| last.clone()),
    };
    let named = if other.is_some() { &words } else { rest };
    match the_other(named, sight).unwrap_or_else(|| meant(named, wanted(last), text, sight)) {
        Meant::Tasks(ids) => Some(Request::Do(vec![command(&ids)], FOLLOWED)),
        Meant::OneOf(ids) => Some(Request::Which(
            acting::said(named, text),
            acting::choices(&ids, sight, &command),
        )),
        Meant::Nothing if fragment.more == More::Surely => {
            Some(Request::NoSuch(acting::said(named, text)))
        }
        _ => None,
    }
}

/// Another task like `added`: with its verb, if only what it is about is said.
fn another(rest: &[Item], added: &AddTask, text: &str, sight: &Sight<'_>) -> Option<Request> {
    if rest.iter().all(Item::is_mark) || listing::filter(rest, sight, false).is_some() {
        return None;
    }
    let Some(Request::Do(mut commands, _)) = adding::add(rest, rest, text, FOLLOWED, sight) else {
        return None;
    };
    let own_verb = rest.len() > 1 && rest[0].is_one_of(ACTIONS);
    let verb = verb(added.title.as_str()).filter(|_| !own_verb);
    let like = |task: &mut AddTask| {
        if let Some(verb) = verb {
            let object = uncapitalised(task.title.as_str(), text);
            if let Ok(title) = format!("{verb} {object}").parse() {
                task.title = title;
            }
        }
        adding::inherit(task, added);
    };
    match commands.as_mut_slice() {
        [Command::AddTask(task)] => like(task),
        [Command::AddTasks(AddTasks { tasks })] => tasks.iter_mut().for_each(like),
        _ => return None,
    }
    Some(Request::Do(commands, FOLLOWED))
}

/// The verb that a title begins with, its particle included: "Pick up" of "Pick up the parcel". `None` if it has none, or
/// nothing else.
fn verb(title: &str) -> Option<&str> {
    let mut words = title.split(' ');
    let first = words
        .next()
        .filter(|word| ACTIONS.contains(&word.to_lowercase().as_str()))?;
    let second = words.next()?;
    let particle = PARTICLES.contains(&second.to_lowercase().as_str());
    if particle {
        words.next()?;
    }
    let length = first.len() + if particle { 1 + second.len() } else { 0 };
    title.get(..length)
}

/// A title as it was typed in the middle of a sentence.
fn uncapitalised(title: &str, text: &str) -> String {
    if text.contains(title) {
        return title.to_owned();
    }
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// What "it" is after these requests: the tasks that the last of them is about. `None` if it says nothing of that.
pub(super) fn spoken_of(request: &Request) -> Option<Vec<TaskId>> {
    let Request::Do(commands, _) = request else {
        return None;
    };
    // What is only being added has no number yet.
    if matches!(commands[..], [Command::AddTask(_) | Command::AddTasks(_)]) {
        return Some(Vec::new());
    }
    let ids: Vec<TaskId> = commands.iter().flat_map(tasks_of).collect();
    (!ids.is_empty()).then_some(ids)
}

/// Whether words speak of what the request before them is about.
pub(super) fn has_pronoun(items: &[Item]) -> bool {
    items
        .iter()
        .any(|item| item.is_one_of(&["it", "it's", "that", "this"]))
}

/// The request with "it" for "her" or "him", if that is all that was said of a task that there is not.
pub(super) fn personal(clause: &[Item], said: &str) -> Option<Vec<Item>> {
    let said = said.to_lowercase();
    if !PERSONAL.contains(&said.as_str()) {
        return None;
    }
    let it = |item: &Item| {
        let mut item = item.clone();
        if item.is(&said) {
            item.folded = "it".to_owned();
        }
        item
    };
    Some(clause.iter().map(it).collect())
}

/// The ways to go on from a question which task is meant: each choice with what is asked of it. `None` if that is not
/// clear for one of them.
pub(super) fn after_each(
    choices: &[Choice],
    read: &dyn Fn(&[TaskId]) -> Request,
) -> Option<Vec<Choice>> {
    let with = |choice: &Choice| {
        let mut choice = choice.clone();
        match read(&[choice.task_id?]) {
            Request::Do(commands, _) => choice.commands.extend(commands),
            _ => return None,
        }
        Some(choice)
    };
    choices.iter().map(with).collect()
}

/// The parts of a line of short notes: "iron shirts, pay Lucy, book taxi".
pub(super) fn listed(items: &[Item]) -> Vec<&[Item]> {
    let parts = titles::enumerated(items);
    if parts.len() > 1 {
        return parts;
    }
    items
        .split(|item| item.is(",") || item.is(";"))
        .filter(|part| !part.is_empty())
        .collect()
}
