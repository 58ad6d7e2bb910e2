//! Reads one request: the frames that fit it are tried one by one, and `looking`, `adding`, `changing` and `acting` say what
//! each comes to.

use domain::{
    Command, EmptyTrash, Filter, GetHistory, ListProjects, RedoChange, TaskPatch, UndoChange,
    UpdateSettings,
};

use super::acting::{act, complete, it, reopen, restore, with_lists};
use super::adding::{add, offered};
use super::changing::{only_marks, postponed};
use super::clauses::is_note;
use super::items::{Item, Kind};
use super::looking::plain_listing;
use super::pattern::{Match, matches};
use super::refer::Wanted;
use super::{Choice, Question, Sight, Talk, acting, adding, changing, gist, looking, refer};
use crate::en::frames::Ask;
use crate::en::words::{
    ABOUT_US, ACTIONS, CHANGING, DELETING, ELSEWHERE, LOOKING, NO_NAME_BEGINS, OCCASIONS,
    OUR_NOUNS, TASK_WORDS,
};

/// How sure a request in so many words is.
pub(super) const SURE: f32 = 0.95;

/// How sure an answer to what was asked is.
pub(super) const ANSWERED: f32 = 1.0;

/// How sure it is what goes on from the request before, or stands in a list of them.
pub(super) const FOLLOWED: f32 = 0.9;

/// How sure a plain note is.
pub(super) const NOTE: f32 = 0.7;

/// How sure a need is that was only spoken of: "i need to call the bank".
pub(super) const NEED: f32 = 0.75;

/// What one request comes to.
pub(super) enum Request {
    /// Do this.
    Do(Vec<Command>, f32),
    /// Change what the request before adds, or ask what is meant if it adds nothing.
    Amend(Box<TaskPatch>, Question),
    /// Ask which is meant.
    Which(String, Vec<Choice>),
    /// Ask something else.
    Ask(Question),
    NoSuch(String),
    Talk(Talk),
    /// It is none, or not understood.
    Unknown,
}

/// This command, asked for in so many words.
pub(super) fn sure(command: Command) -> Request {
    Request::Do(vec![command], SURE)
}

/// Reads one request. `asked` is whether words before it made it one to whoever listens ("can you", "please").
pub(super) fn read(items: &[Item], asked: bool, text: &str, sight: &Sight<'_>) -> Request {
    if let Some(request) = postponed(items, text, sight) {
        return request;
    }
    let mut missing = None;
    for found in matches(items) {
        match framed(&found, items, text, sight) {
            Some(Request::NoSuch(said))
                if found.weak && (is_appointment(&found, items) || names_ours(&found, items)) =>
            {
                missing = missing.or(Some(said));
            }
            Some(Request::NoSuch(_))
                if found.weak
                    || is_deadline(found.ask, items)
                    || is_other_change(found.ask, items)
                    || begins_with_verb(&found, items) => {}
            // "take out the trash" is not about what is in it.
            Some(Request::Do(commands, _))
                if found.weak && !clears(items) && is_by_filter(&commands) => {}
            // "is there ..." asks about no task that has to be named first.
            Some(Request::Ask(_)) if found.weak && found.ask == Ask::Find => {}
            Some(Request::NoSuch(said)) => missing = missing.or(Some(said)),
            // What would change a task that is not there is not about adding or showing others.
            Some(Request::Do(..) | Request::Ask(_))
                if missing.is_some()
                    && matches!(
                        found.ask,
                        Ask::Add
                            | Ask::Need
                            | Ask::Schedule
                            | Ask::List
                            | Ask::Overview
                            | Ask::Count
                    ) => {}
            None | Some(Request::Unknown) => {}
            Some(request) => return request,
        }
    }
    if let Some(said) = missing {
        return Request::NoSuch(said);
    }
    if let Some(request) = only_marks(items, text, sight) {
        return request;
    }
    if let Some(filter) = plain_listing(items, sight) {
        return looking::list(filter);
    }
    let question = text.trim_end().ends_with('?');
    if !question
        && !asked
        && is_note(items)
        && let Some(request) = add(items, items, text, NOTE, sight)
    {
        return offered(request, items, items);
    }
    gist::read(items, sight).unwrap_or(Request::Unknown)
}

/// Whether a question is about one of the user's own meetings, so that there being none of the name is an answer.
fn is_appointment(found: &Match, items: &[Item]) -> bool {
    let mine = |item: &Item| item.is_one_of(&["my", "our", "i", "we"]);
    found.ask == Ask::Find
        && items.iter().any(mine)
        && found
            .get("task", items)
            .is_some_and(|task| task.iter().any(|item| item.is_one_of(OCCASIONS)))
}

/// Whether what is to be changed is called a task or a reminder, so that it can be nothing else: "kill the gym task".
fn names_ours(found: &Match, items: &[Item]) -> bool {
    matches!(
        found.ask,
        Ask::Change | Ask::Delete | Ask::Complete | Ask::Reopen
    ) && found
        .get("task", items)
        .and_then(<[Item]>::last)
        .is_some_and(|last| last.is_one_of(OUR_NOUNS))
}

/// Whether all of something is to be cleared away.
fn clears(items: &[Item]) -> bool {
    items[0].is_one_of(&["clear", "purge", "wipe", "clean", "nuke", "kill"])
}

/// Whether a change of what is no task of ours is none of our matter: "change the song", "change the air filter every 3
/// months".
fn is_other_change(ask: Ask, items: &[Item]) -> bool {
    let ours = |item: &Item| {
        item.is_one_of(OUR_NOUNS) || item.is_one_of(TASK_WORDS) || item.kind == Kind::Literal
    };
    let repeats = items
        .iter()
        .any(|item| matches!(&item.kind, Kind::Date(found) if found.schedule.repeat.is_some()));
    let note = ask == Ask::Change && repeats && items[0].is("change");
    let plain =
        ask == Ask::Edit || ask == Ask::Rename && !items[0].is_one_of(&["rename", "retitle"]);
    (note || plain) && !items.iter().any(ours)
}

/// Whether what a frame takes for the name of a task begins the request with a verb: "bring up all I have" names nothing.
fn begins_with_verb(found: &Match, items: &[Item]) -> bool {
    let task = found.get("task", items).and_then(<[Item]>::first);
    task.is_some_and(|task| {
        task.span == items[0].span
            && [LOOKING, DELETING, CHANGING, ACTIONS]
                .iter()
                .any(|verbs| task.is_one_of(verbs))
    })
}

/// Whether a command is about all tasks that a filter names.
fn is_by_filter(commands: &[Command]) -> bool {
    commands.iter().any(|command| match command {
        Command::CompleteTasks(selection)
        | Command::ReopenTasks(selection)
        | Command::DeleteTasks(selection)
        | Command::RestoreTasks(selection) => selection.filter.is_some(),
        Command::UpdateTasks(update) => update.selection.filter.is_some(),
        _ => false,
    })
}

/// Whether what looks like finishing something is a note of when to: "finish the report by friday".
fn is_deadline(ask: Ask, items: &[Item]) -> bool {
    let dated = items.iter().any(|item| matches!(item.kind, Kind::Date(_)));
    ask == Ask::Complete && dated && items[0].is_one_of(&["finish", "complete"])
}

/// What a message that is nothing but talk says. `None` if it may be more.
pub(super) fn talk(items: &[Item]) -> Option<Talk> {
    /// Longer ones go on to something else.
    const WORDS_MAX: usize = 4;
    /// Longest question what can be done.
    const HELP_MAX: usize = 12;
    // "can i tag tasks" is no polite "tag tasks".
    if items.len() <= HELP_MAX
        && items[0].is_one_of(&["can", "could"])
        && is_about_us(items)
        && matches(items).any(|found| found.ask == Ask::Help)
    {
        return Some(Talk::Help);
    }
    let first = matches(items).next().filter(|_| items.len() <= WORDS_MAX)?;
    match first.ask {
        Ask::Hello => Some(Talk::Hello),
        Ask::Thanks => Some(Talk::Thanks),
        _ => None,
    }
}

/// What a frame that fits comes to. `None` if on a closer look it is something else.
fn framed(found: &Match, items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
    if asks(found, items) {
        return None;
    }
    let task = found.get("task", items);
    let x = found.get("x", items).unwrap_or_default();
    Some(match found.ask {
        Ask::Help if !is_about_us(items) => return None,
        Ask::Change | Ask::Delete if is_elsewhere(items, sight) => return None,
        Ask::Help => Request::Talk(Talk::Help),
        Ask::Hello => Request::Talk(Talk::Hello),
        Ask::Thanks => Request::Talk(Talk::Thanks),
        Ask::Who => Request::Talk(Talk::Who),
        Ask::Fine => Request::Talk(Talk::Fine),
        Ask::Undo => sure(Command::UndoChange(UndoChange { change_id: None })),
        Ask::Redo => sure(Command::RedoChange(RedoChange { change_id: None })),
        Ask::History => sure(Command::GetHistory(GetHistory {
            limit: Some(10),
            ..GetHistory::default()
        })),
        Ask::Projects => sure(Command::ListProjects(ListProjects { archived: false })),
        Ask::EmptyTrash => sure(Command::EmptyTrash(EmptyTrash::default())),
        Ask::Zone => zone(x, text),
        Ask::Overview => looking::overview(items, sight),
        Ask::Count => return looking::count(items, x, sight),
        Ask::List => return looking::listed(items, x, sight),
        Ask::Find => return looking::find(found, items, text, sight),
        Ask::Shopping => looking::shopping(sight),
        Ask::Everything => looking::list(Filter::Open),
        Ask::Complete => {
            let it = [it(items)];
            let task = with_lists(task.unwrap_or(&it), items);
            act(&task, Wanted::Open, text, sight, &complete)
        }
        Ask::Reopen => act(
            &with_lists(task?, items),
            Wanted::Done,
            text,
            sight,
            &reopen,
        ),
        Ask::Restore => act(
            &with_lists(task?, items),
            Wanted::Trashed,
            text,
            sight,
            &restore,
        ),
        Ask::Delete => acting::deleted(task, items, text, sight),
        Ask::Rename => return changing::rename(found, items, text, sight),
        Ask::Change => return changing::change(found, items, text, sight),
        Ask::Mark => return changing::marked(found, items, text, sight),
        Ask::Unmark => return changing::unmarked(found, items, text, sight),
        Ask::Note => return changing::note(found, items, text, sight),
        Ask::Edit => changing::edited(task?, text, sight),
        Ask::Add => return adding::added(found, items, text, sight),
        Ask::Need => return adding::needed(found, items, text, sight),
        Ask::Schedule => return adding::scheduled(found, items, text, sight),
    })
}

/// Whether what a frame takes for the name of a task begins the message as a question or an order does: "what meetings do
/// i have tomorrow" says nothing about a task called "what meetings".
fn asks(found: &Match, items: &[Item]) -> bool {
    let changes = matches!(
        found.ask,
        Ask::Change | Ask::Mark | Ask::Complete | Ask::Reopen | Ask::Delete | Ask::Unmark
    );
    let task = found.get("task", items).and_then(<[Item]>::first);
    let of_us = found
        .get("task", items)
        .is_some_and(|task| task.iter().any(|item| item.is_one_of(&["how", "by"])));
    // "Bring up all the reminders" shows them.
    let brings_up = task.is_some_and(|task| task.is("up"));
    changes
        && (brings_up
            || task
                .is_some_and(|task| task.span == items[0].span && task.is_one_of(NO_NAME_BEGINS))
            || of_us && found.ask == Ask::Change && found.get("marks", items).is_none())
}

/// Whether a question how something is done is about this assistant, and not about the world.
fn is_about_us(items: &[Item]) -> bool {
    /// Words of a question that may still be about "it" or "this".
    const SHORT: usize = 6;
    let how = items[0].is_one_of(&["how", "is", "are", "what", "which"]);
    let ours = items
        .iter()
        .any(|item| item.is_one_of(OUR_NOUNS) || matches!(item.kind, Kind::List(_)));
    let at_work = items.len() <= 4 && items.iter().any(|item| item.is("you")) && items[0].is("how");
    let of_you = items.len() <= SHORT
        && (items.last().is_some_and(|last| last.is("you"))
            || items.iter().any(|item| item.is("you")) && items.iter().any(|item| item.is("me")));
    let to_us = items.iter().any(|item| item.is_one_of(ABOUT_US))
        || items
            .windows(2)
            .any(|pair| pair[0].is("due") && pair[1].is_one_of(&["date", "dates"]));
    let short = items.len() <= SHORT
        && items.iter().any(|item| {
            item.is_one_of(&["this", "it", "thing", "things"])
                || (item.is("you") && !items[0].is("how"))
        });
    !how || ours || to_us || short || of_you || at_work
}

/// Whether something is put or looked for in a place that is not the task list: "to my contacts", "from my phone".
pub(super) fn is_elsewhere(items: &[Item], sight: &Sight<'_>) -> bool {
    if items.iter().any(|item| item.is("remind")) {
        return false;
    }
    let moves = items[0].is_one_of(&[
        "add", "put", "create", "make", "insert", "include", "delete", "remove", "clear", "erase",
        "change", "set", "cancel",
    ]);
    // Whatever a reminder is about, the reminder is ours.
    let ours = |item: &Item| item.is_one_of(OUR_NOUNS);
    moves
        && !items.iter().take(6).any(ours)
        && items.windows(2).any(|pair| {
            pair[1].is_one_of(ELSEWHERE)
                && !sight.tasks.iter().any(|task| {
                    refer::content(task.title.as_str())
                        .iter()
                        .any(|word| *word == refer::stem(&pair[1].folded))
                })
        })
}

/// Sets the time zone that was said.
fn zone(words: &[Item], text: &str) -> Request {
    let said = words
        .first()
        .zip(words.last())
        .map_or("", |(first, last)| &text[first.span.start..last.span.end]);
    match said.trim_end_matches('.').replace(' ', "_").parse() {
        Ok(zone) => sure(Command::UpdateSettings(UpdateSettings {
            time_zone: Some(zone),
            ..UpdateSettings::default()
        })),
        Err(_) => Request::Ask(Question::Say {
            text: format!("I know no time zone \u{201c}{said}\u{201d}. Say it like Europe/Lisbon."),
        }),
    }
}
