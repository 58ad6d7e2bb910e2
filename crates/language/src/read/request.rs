//! Reads one request: what it asks for, of which tasks.

use domain::{
    AddTask, AddTasks, Command, CompleteTask, CountTasks, Days, DeleteTask, EmptyTrash, Field,
    Filter, GetHistory, GetOverview, GetTask, ListProjects, ListTasks, Order, Priority, Project,
    ProjectName, ProjectRef, RedoChange, ReopenTask, Selection, Tag, Task, TaskId, TaskPatch,
    UndoChange, UpdateSettings, UpdateTask, UpdateTasks,
};

use super::clauses::{is_note, is_pronoun};
use super::items::{Item, Kind, language, schedule};
use super::pattern::{Match, matches};
use super::refer::{Meant, Wanted, days, meant};
use super::{Choice, Question, Sight, Talk, gist, listing, refer, titles};
use crate::dates;
use crate::en::frames::Ask;
use crate::en::words::{
    ABOUT_US, ACTIONS, CHANGING, DELETING, ELSEWHERE, ERRANDS, FILLERS, KNOWING, LOOKING, NEEDS,
    NO_NAME_BEGINS, OCCASIONS, OUR_NOUNS, SETS, SOFTENERS, TASK_NOUNS, TASK_WORDS,
};

/// How sure a request in so many words is.
const SURE: f32 = 0.95;
/// How sure a plain note is.
pub(super) const NOTE: f32 = 0.7;
/// How sure a need is that was only spoken of: "i need to call the bank".
const NEED: f32 = 0.75;

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
            Some(Request::NoSuch(said)) if found.weak && is_appointment(&found, items) => {
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
        return sure(Command::ListTasks(list(filter)));
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

/// What may be a note or an order to somebody else is offered to be added, unless it has a date or another mark, or begins
/// with what people write down for themselves.
fn offered(request: Request, title: &[Item], items: &[Item]) -> Request {
    let marked = items.iter().any(|item| item.is_mark() || item.is_place());
    let verb = title.iter().find(|item| !item.is_one_of(SOFTENERS));
    // Other languages may have the verb last.
    let errand = verb.is_some_and(|verb| verb.is_one_of(ERRANDS))
        || language(title).is_some() && title.iter().any(|item| item.is_one_of(ERRANDS));
    let elsewhere = items.iter().any(|item| item.is_one_of(ELSEWHERE));
    if elsewhere || !marked && !errand {
        offer(request)
    } else {
        request
    }
}

/// A question whether to add what would be added.
fn offer(request: Request) -> Request {
    match request {
        Request::Do(mut commands, certainty) if commands.len() == 1 => match commands.remove(0) {
            Command::AddTask(task) => Request::Ask(Question::Offer {
                task: Box::new(task),
            }),
            other => Request::Do(vec![other], certainty),
        },
        request => request,
    }
}

/// Whether something is added to what may be no list: "sugar to the recipe".
fn goes_elsewhere(title: &[Item]) -> bool {
    /// Most words of such a place.
    const PLACE_MAX: usize = 4;
    let place = |pair: &[Item]| pair[0].is("to") && pair[1].is_one_of(&["the", "my", "our"]);
    let at = title.windows(2).rposition(place);
    at.is_some_and(|at| at > 0 && title.len() - at <= PLACE_MAX)
        && !title[0].is_one_of(ACTIONS)
        && !title[0].is_one_of(ERRANDS)
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
    (note || matches!(ask, Ask::Edit | Ask::Rename)) && !items.iter().any(ours)
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

/// Whether a request shows all tasks that are described.
fn is_listing(request: &Request) -> bool {
    let Request::Do(commands, _) = request else {
        return false;
    };
    matches!(commands[..], [Command::ListTasks(ListTasks { filter: Some(ref filter), .. })]
        if !matches!(filter, Filter::Or(_)))
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

/// "high priority", said right after one task was spoken of, is about that task. A date alone may as well ask what is due.
fn only_marks(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
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

/// "It", where a request says so by what it leaves out.
fn it(items: &[Item]) -> Item {
    let end = items.last().map_or(0, |last| last.span.end);
    Item {
        folded: "it".to_owned(),
        span: end..end,
        kind: Kind::Word,
        said: None,
    }
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

#[expect(clippy::too_many_lines, reason = "an arm for each way of asking")]
/// What a frame that fits comes to. `None` if on a closer look it is something else.
fn framed(found: &Match, items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
    let task = found.get("task", items);
    let x = found.get("x", items).unwrap_or_default();
    // What a frame leaves open on both sides of a list is one description.
    let around: Vec<Item>;
    let x = if items.iter().any(|item| matches!(item.kind, Kind::List(_))) && found.ask == Ask::List
    {
        let skip = usize::from(items[0].kind == Kind::Word);
        around = items[skip..].to_vec();
        &around
    } else {
        x
    };
    let marks: Vec<Item> = items
        .iter()
        .filter(|item| item.is_mark())
        .cloned()
        .collect();
    if asks(found, items) {
        return None;
    }
    Some(match found.ask {
        Ask::Help if !is_about_us(items) => return None,
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
        Ask::Overview => {
            let named = items.iter().any(|item| list_name(item).is_some());
            match listing::filter(items, sight, true).filter(|_| named) {
                Some(filter) => sure(Command::ListTasks(list(filter))),
                None => sure(Command::GetOverview(GetOverview {
                    date: one_day(items, sight),
                })),
            }
        }
        Ask::Zone => zone(x, text),
        Ask::Count => {
            let filter = listing::filter(x, sight, mentions_tasks(items));
            match filter {
                Some(Filter::Open) | None
                    if x.iter().all(|item| item.folded.len() < 30)
                        && (filter.is_some() || x.is_empty()) =>
                {
                    sure(Command::CountTasks(CountTasks { filter: None }))
                }
                Some(filter) => sure(Command::CountTasks(CountTasks {
                    filter: Some(filter),
                })),
                None => return None,
            }
        }
        Ask::List => return listed(items, x, sight),
        Ask::Find => {
            let is_weak = found.weak;
            let time = items
                .iter()
                .any(|item| item.is_one_of(&["time", "day", "date"]));
            let found = find(time, task, found.get("number", items), text, sight);
            // "Show all tasks" is a listing of its own kind.
            return found.filter(|request| !(is_weak && is_listing(request)));
        }
        Ask::Shopping => {
            let label = |task: &Task| task.tags.iter().any(|tag| tag.folded() == "shopping");
            sure(Command::ListTasks(list(if sight.tasks.iter().any(label) {
                Filter::Label("shopping".to_owned())
            } else {
                Filter::Text("buy".to_owned())
            })))
        }
        Ask::Complete => {
            let it = [it(items)];
            act(task.unwrap_or(&it), Wanted::Open, text, sight, &complete)
        }
        Ask::Reopen => act(task?, Wanted::Done, text, sight, &reopen),
        Ask::Restore => act(task?, Wanted::Trashed, text, sight, &|ids| {
            Command::RestoreTasks(selection(ids))
        }),
        Ask::Delete => {
            if is_elsewhere(items, sight) {
                return None;
            }
            match task {
                Some(task) => act(task, Wanted::Any, text, sight, &delete),
                None => match listing::filter(&items[1..], sight, false) {
                    Some(filter) => sure(Command::DeleteTasks(Selection::by(filter))),
                    None => which(Wanted::Any, "delete {}".to_owned(), sight, &delete),
                },
            }
        }
        Ask::Rename => return rename(found, items, text, sight),
        Ask::Change if is_elsewhere(items, sight) => return None,
        Ask::Change => return change(found, items, text, sight),
        Ask::Mark => {
            let mut patch = patch(&marks);
            if let Some(name) = items.iter().find_map(list_name) {
                match home(&name, sight) {
                    Home::Project(name) => patch.project = Some(ProjectRef::Name(name)),
                    Home::Tag(tag) => patch.add_tags.push(tag),
                }
            }
            if let Some(tags) = found.get("tags", items).or_else(|| found.get("tag", items)) {
                patch.add_tags = self::tags(tags)?;
            }
            if let Some(words) = found.get("project", items) {
                patch.project = Some(ProjectRef::Name(project(words, sight)?.name.clone()));
            }
            let it = [it(items)];
            update(task.unwrap_or(&it), patch, text, sight)
        }
        Ask::Note => {
            let note = found.get("note", items)?;
            let note = text[note.first()?.span.start..note.last()?.span.end].trim();
            let words = task.or(found.get("number", items))?;
            let adds = items[0].is_one_of(&["add", "append", "attach", "put", "write", "leave"]);
            let command = |ids: &[TaskId]| noted(ids, note, adds, sight);
            act(words, Wanted::Open, text, sight, &command)
        }
        Ask::Unmark => {
            let said = |words: &[&str]| items.iter().any(|item| item.is_one_of(words));
            let mut patch = TaskPatch::default();
            let tags: Vec<Tag> = items
                .iter()
                .filter_map(|item| match &item.kind {
                    Kind::Tag(tag) => Some(tag.clone()),
                    _ => None,
                })
                .collect();
            if !tags.is_empty() {
                patch.remove_tags = tags;
            } else if let Some(tags) = found.get("tags", items) {
                patch.remove_tags = self::tags(tags)?;
            } else if said(&["priority"]) {
                patch.clear = vec![Field::Priority];
            } else if said(&["repeating", "repeat", "recurring"]) {
                patch.clear = vec![Field::Repeat];
            } else if said(&["due", "date", "deadline"]) {
                patch.clear = vec![Field::Due];
            } else {
                return None;
            }
            update(task?, patch, text, sight)
        }
        Ask::Everything => sure(Command::ListTasks(list(Filter::Open))),
        Ask::Edit => match act(task?, Wanted::Open, text, sight, &edit) {
            // Which task is known; what should become of it is not.
            Request::Do(commands, _) => Request::Ask(what_to_change(&commands, sight)),
            request => request,
        },
        Ask::Add => {
            let Some(title) = found.get("title", items) else {
                return Some(add_what(items));
            };
            let ours = title.iter().any(|item| item.is_one_of(OUR_NOUNS));
            let changes = title[0].is_one_of(CHANGING) || title[0].is_one_of(DELETING);
            let whole = title[0].span == items[0].span;
            let numbers = title
                .iter()
                .all(|item| item.folded.parse::<f64>().is_ok() || item.is_one_of(&["and", ","]));
            if is_elsewhere(items, sight) || whole && ours && changes || numbers {
                return None;
            }
            let mut request = add(title, items, text, SURE, sight)?;
            if let Some(words) = found.get("project", items) {
                let project = ProjectRef::Name(project(words, sight)?.name.clone());
                if let Request::Do(commands, _) = &mut request
                    && let [Command::AddTask(task)] = commands.as_mut_slice()
                {
                    task.project = Some(project);
                }
            } else if items[0].is("add") && goes_elsewhere(title) {
                return Some(offer(request));
            }
            return Some(request);
        }
        Ask::Need => {
            let title = found.get("title", items)?;
            let before = items
                .iter()
                .rfind(|item| item.span.end <= title[0].span.start)?;
            let to_do = before.is_one_of(&["to", "gotta", "must", "should", "hafta", "needa"]);
            let elsewhere = title.iter().any(|item| item.is_one_of(ELSEWHERE));
            if !to_do || elsewhere || title[0].is_one_of(KNOWING) || text.trim_end().ends_with('?')
            {
                return None;
            }
            return add(title, items, text, NEED, sight)
                .map(|request| offered(request, title, items));
        }
        Ask::Schedule => {
            let title = found.get("title", items)?;
            /// Within how many words it is said what is planned.
            const HEAD: usize = 3;
            let occasion = title
                .iter()
                .take(HEAD)
                .any(|item| item.is_one_of(OCCASIONS));
            let planned = items[0].is_one_of(&["schedule", "arrange"]) || occasion;
            let by_date = marks.iter().any(|item| matches!(item.kind, Kind::Date(_)));
            let place = items.iter().any(Item::is_place);
            if !planned || !(by_date || place || occasion) {
                return None;
            }
            return add(title, items, text, NEED, sight);
        }
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
    !how || ours || to_us || short || of_you
}

/// The one day that is named, if it is not today.
fn one_day(items: &[Item], sight: &Sight<'_>) -> Option<jiff::civil::Date> {
    let (first, last) = days(items)?.bounds(sight.view);
    first.filter(|first| Some(*first) == last && *first != sight.view.now.date())
}

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

/// Whether words speak of tasks at all.
fn mentions_tasks(items: &[Item]) -> bool {
    items
        .iter()
        .any(|item| item.is_one_of(TASK_NOUNS) || matches!(item.kind, Kind::List(_)))
}

pub(super) fn list(filter: Filter) -> ListTasks {
    let done = matches!(filter, Filter::Done | Filter::DoneIn(_));
    let order = if done { Order::Completed } else { Order::Due };
    ListTasks {
        filter: Some(filter),
        order,
        ..ListTasks::default()
    }
}

/// A request to show tasks. `None` if it is about something else.
fn listed(items: &[Item], x: &[Item], sight: &Sight<'_>) -> Option<Request> {
    let first = items.first()?;
    let looks = first.is_one_of(&["find", "search", "locate"]);
    if first.is("does") {
        return None;
    }
    let shows = first.is_one_of(&["show", "list", "display", "see", "view"]);
    let about_tasks = mentions_tasks(items);
    // "What is today's date" asks the calendar on the wall.
    let by_clock = items
        .iter()
        .any(|item| item.is_one_of(&["date", "time", "day", "happening"]));
    if by_clock && !about_tasks {
        return None;
    }
    let filter = listing::filter(x, sight, looks || shows || about_tasks)?;
    if has_text(&filter) {
        let there = || {
            sight
                .tasks
                .iter()
                .any(|task| filter.matches(task, sight.projects, sight.view))
        };
        // "show me a joke", "search for a hotel": only if something of the kind is there.
        let ours = items.iter().any(|item| match &item.kind {
            Kind::List(_) => true,
            _ => item.is_one_of(OUR_NOUNS),
        });
        let few = looks
            && x.iter()
                .all(|item| !item.is_one_of(&["a", "the", "my", "me", "for"]))
            && x.len() < 3;
        if !ours && !few && !there() {
            return None;
        }
    }
    if !looks && !about_tasks {
        // A question that says nothing about tasks but a few small words is about something else.
        let says = items
            .iter()
            .any(|item| item.is_mark() || item.is_one_of(SAYS))
            || shows;
        if !says {
            return None;
        }
    }
    let all = x.iter().any(|item| item.is_one_of(&["all", "every"]));
    Some(sure(Command::ListTasks(list(
        if filter == Filter::Open && all {
            Filter::All
        } else {
            filter
        },
    ))))
}

/// Words that make a question one about tasks, if nothing else does.
const SAYS: &[&str] = &[
    "completed",
    "complete",
    "done",
    "finished",
    "finish",
    "pending",
    "overdue",
    "open",
    "left",
    "remaining",
    "outstanding",
    "late",
    "important",
    "urgent",
    "do",
    "everything",
    "anything",
    "unfinished",
    "incomplete",
    "plate",
    "repeating",
    "recurring",
    "trash",
    "deleted",
    "scheduled",
    "coming",
    "accomplished",
];

fn has_text(filter: &Filter) -> bool {
    match filter {
        Filter::Text(_) => true,
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(has_text),
        Filter::Not(inner) => has_text(inner),
        _ => false,
    }
}

/// A few words that only describe tasks: "overdue", "my tasks", "today".
fn plain_listing(items: &[Item], sight: &Sight<'_>) -> Option<Filter> {
    let filter = listing::filter(items, sight, false)?;
    let only_date = items.len() == 1
        && matches!(&items[0].kind, Kind::Date(found) if found.days.is_some() && found.schedule.repeat.is_none());
    let states = items.iter().any(|item| {
        item.is_one_of(&[
            "everything",
            "anything",
            "overdue",
            "pending",
            "tasks",
            "todos",
            "todo",
            "list",
            "completed",
            "agenda",
            "inbox",
            "trash",
            "reminders",
            "to-do",
        ])
    });
    (states || only_date).then_some(
        if filter == Filter::Open && items.iter().any(|item| item.is("all")) {
            Filter::All
        } else {
            filter
        },
    )
}

/// A question about one task.
fn find(
    asks_time: bool,
    task: Option<&[Item]>,
    number: Option<&[Item]>,
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let numeric = |items: &&[Item]| items.iter().all(|item| item.folded.parse::<i64>().is_ok());
    let words = task.or(number.filter(numeric))?;
    // "What time is it" asks for no task.
    let pronoun = words
        .first()
        .is_some_and(|first| first.is("it") && !first.span.is_empty());
    if pronoun && asks_time {
        return None;
    }
    let get = |id: TaskId| Command::GetTask(GetTask { task_id: id });
    Some(match meant(words, Wanted::Any, text, sight) {
        Meant::Tasks(ids) | Meant::OneOf(ids) => match ids.as_slice() {
            [one] => sure(get(*one)),
            many => {
                let any = many.iter().map(|id| Filter::Number(*id)).collect();
                sure(Command::ListTasks(list(Filter::Or(any))))
            }
        },
        Meant::By(filter) => sure(Command::ListTasks(list(filter))),
        Meant::Nothing => Request::NoSuch(said(words, text)),
        Meant::Unsaid => Request::Ask(which_task(with_hole(words, text))),
    })
}

/// `items` without "all of my reminders about" before them and "reminders" after them.
fn without_nouns(items: &[Item]) -> &[Item] {
    const BEFORE: &[&str] = &[
        "all", "every", "of", "the", "my", "our", "both", "two", "most", "recent", "upcoming",
        "set", "existing",
    ];
    const BETWEEN: &[&str] = &[
        "about",
        "for",
        "to",
        "regarding",
        "with",
        "of",
        "that",
        "are",
        "referencing",
        "on",
        "concerning",
        "mentioning",
        "created",
        "set",
        "i",
        "have",
        "upcoming",
        "the",
        "a",
        "an",
    ];
    let plural = |item: &Item| item.is_one_of(&["reminders", "tasks", "todos", "alerts"]);
    let skipped = items
        .iter()
        .take_while(|item| item.is_one_of(BEFORE))
        .count();
    let mut rest = match items.get(skipped) {
        Some(noun) if plural(noun) => {
            let after = &items[skipped + 1..];
            &after[after
                .iter()
                .take_while(|item| item.is_one_of(BETWEEN))
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

fn selection(ids: &[TaskId]) -> Selection {
    Selection::of(ids.iter().copied())
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

/// A command about the tasks that `words` mean, or the question which.
fn act(
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
        Meant::By(filter) => sure(by_filter(command(&[TaskId(0), TaskId(0)]), filter)),
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

/// Most ways a question offers.
const CHOICES_MAX: usize = 5;

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

/// Asks which task is meant when none was named: with choices if there are few.
fn which(
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

/// The message with a hole where `words` name no task.
fn with_hole(words: &[Item], text: &str) -> String {
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

/// Says that a part of a message was not understood, so that nothing of it is done.
pub(super) fn not_all() -> Question {
    Question::Say {
        text: "I understand only a part of that, so nothing was changed. Can you say it one thing at a time?".to_owned(),
    }
}

/// The question which task is meant, with nothing to choose from.
fn which_task(request: String) -> Question {
    Question::Finish {
        text: "Which task do you mean?".to_owned(),
        request,
    }
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

fn task_of<'a>(id: TaskId, sight: &Sight<'a>) -> Option<&'a Task> {
    sight.tasks.iter().find(|task| task.id == id)
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

fn update(words: &[Item], patch: TaskPatch, text: &str, sight: &Sight<'_>) -> Request {
    if patch == TaskPatch::default() {
        return Request::Unknown;
    }
    // Right after something is added, "it" is that; whoever puts the requests together knows if it was.
    if is_pronoun(words) && sight.recent.is_empty() {
        return Request::Amend(Box::new(patch), which_task(with_hole(words, text)));
    }
    act(words, Wanted::Open, text, sight, &|ids| match ids {
        [one] => {
            let patch = timed(&patch, *one, sight);
            Command::UpdateTask(UpdateTask {
                task_id: *one,
                patch,
                if_version: None,
            })
        }
        many => Command::UpdateTasks(UpdateTasks {
            selection: selection(many),
            patch: patch.clone(),
        }),
    })
}

/// A patch whose time, if no day was said, is on the day the task is due.
pub(super) fn timed(patch: &TaskPatch, id: TaskId, sight: &Sight<'_>) -> TaskPatch {
    let mut patch = patch.clone();
    if let (Some(due), Some(Field::Time)) = (&mut patch.due, patch.clear.first())
        && let Some(known) = task_of(id, sight).and_then(|task| task.due.as_ref())
    {
        due.date = known.date;
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

fn rename(found: &Match, items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
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

fn change(found: &Match, items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
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
    let up = [
        "prioritize",
        "prioritise",
        "star",
        "flag",
        "raise",
        "increase",
        "bump",
        "more",
        "top",
        "highest",
        "most",
        "very",
    ];
    if said(&["lower", "reduce", "less", "deprioritize", "deprioritise"]) {
        Some(Priority::Low)
    } else {
        said(&up).then_some(Priority::High)
    }
}

/// "push it by two days", "move the meeting an hour earlier". `None` if no length of time is said.
fn postponed(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Request> {
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

/// A command that changes nothing yet and only says which task is to be changed.
fn edit(ids: &[TaskId]) -> Command {
    Command::GetTask(GetTask {
        task_id: ids.first().copied().unwrap_or_default(),
    })
}

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
    match ids {
        [id] => Command::UpdateTask(UpdateTask {
            task_id: *id,
            patch,
            if_version: None,
        }),
        many => Command::UpdateTasks(UpdateTasks {
            selection: selection(many),
            patch,
        }),
    }
}

/// Whether something is put or looked for in a place that is not the task list: "to my contacts", "from my phone".
fn is_elsewhere(items: &[Item], sight: &Sight<'_>) -> bool {
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

/// What a named list is kept as.
pub(super) enum Home {
    Project(ProjectName),
    Tag(Tag),
}

/// The project in use that `words` name.
fn project<'a>(words: &[Item], sight: &Sight<'a>) -> Option<&'a Project> {
    let words = words
        .iter()
        .filter(|item| !item.is_one_of(&["the", "my", "project"]))
        .map(|item| item.folded.trim_start_matches(['+', '#']))
        .collect::<Vec<_>>()
        .join(" ");
    sight.projects.iter().find(|project| {
        project.archived_at.is_none() && domain::fold(project.name.as_str()) == words
    })
}

fn list_name(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::List(list) => list.name.clone(),
        _ => None,
    }
}

/// The project of this name, or else the label.
fn home(name: &str, sight: &Sight<'_>) -> Home {
    let project = sight.projects.iter().find(|project| {
        project.archived_at.is_none()
            && domain::fold(project.name.as_str()).replace(' ', "-") == name
    });
    match (project, name.parse()) {
        (Some(project), _) => Home::Project(project.name.clone()),
        (None, Ok(tag)) => Home::Tag(tag),
        // Three words at most, each of which can stand in a label, make one.
        (None, Err(_)) => Home::Tag("list".parse().expect("it is a label")),
    }
}

/// Where the list that `item` speaks of keeps what goes on it. `None` if it is no list with a name.
pub(super) fn home_of(item: &Item, sight: &Sight<'_>) -> Option<Home> {
    let name = list_name(item).filter(|_| item.is_place())?;
    Some(home(&name, sight))
}

/// Puts a task that is not added yet on the lists that `items` name.
pub(super) fn place(task: &mut AddTask, items: &[Item], sight: &Sight<'_>) {
    for home in items.iter().filter_map(|item| home_of(item, sight)) {
        match home {
            Home::Project(name) => task.project = Some(ProjectRef::Name(name)),
            Home::Tag(tag) if !task.tags.contains(&tag) => task.tags.push(tag),
            Home::Tag(_) => {}
        }
    }
}

/// Asks for what is to be added.
fn add_what(items: &[Item]) -> Request {
    let placeholder = "something".parse().expect("it is a title");
    let mut task = AddTask::new(placeholder);
    mark(&mut task, items);
    Request::Ask(Question::AddWhat {
        task: Box::new(task),
    })
}

/// `title` without "that I need to" before what is needed, and without "I have" before an appointment.
fn without_need(title: &[Item]) -> &[Item] {
    let begins = |phrase: &&&str| {
        let words = phrase.split(' ');
        words.clone().count() < title.len() && words.zip(title).all(|(word, item)| item.is(word))
    };
    let longest = NEEDS
        .iter()
        .filter(begins)
        .map(|phrase| phrase.split(' ').count())
        .max();
    &title[longest.unwrap_or(0)..]
}

/// Adds what is left of a request; several tasks if it is an enumeration.
pub(super) fn add(
    title: &[Item],
    items: &[Item],
    text: &str,
    certainty: f32,
    sight: &Sight<'_>,
) -> Option<Request> {
    let mut title = without_need(title);
    while let [first, rest @ ..] = title {
        if rest.is_empty() || !(first.is_one_of(SOFTENERS) || first.is(":") || first.is(",")) {
            break;
        }
        title = rest;
    }
    if title
        .iter()
        .all(|item| item.is_one_of(FILLERS) || item.is_mark() || item.is_place())
    {
        return (certainty > NOTE).then(|| add_what(items));
    }
    let parts = if certainty > NOTE {
        titles::enumerated(title)
    } else {
        vec![title]
    };
    let lists: Vec<Item> = items
        .iter()
        .filter(|item| item.is_place())
        .cloned()
        .collect();
    // A mark in one part of several is that part's; one outside is everybody's.
    let inside = title.first().map_or(0..0, |first| {
        first.span.start..title.last().map_or(0, |last| last.span.end)
    });
    let outside: Vec<&Item> = items
        .iter()
        .filter(|item| item.is_mark() && !inside.contains(&item.span.start))
        .collect();
    let mut tasks = Vec::new();
    for part in &parts {
        let own: Vec<Item> = part
            .iter()
            .chain(outside.iter().copied())
            .cloned()
            .collect();
        let mut task = task(part, if parts.len() > 1 { &own } else { items }, text)?;
        place(&mut task, &lists, sight);
        tasks.push(task);
    }
    let command = match tasks.len() {
        1 => Command::AddTask(tasks.remove(0)),
        _ => Command::AddTasks(AddTasks { tasks }),
    };
    Some(Request::Do(vec![command], certainty))
}

/// A task of these words with these marks. `None` if nothing is left for a title.
pub(super) fn task(words: &[Item], marks: &[Item], text: &str) -> Option<AddTask> {
    let mut task =
        AddTask::new(titles::title(words, text).or_else(|| titles::verbatim(words, text))?);
    mark(&mut task, marks);
    Some(task)
}

fn mark(task: &mut AddTask, marks: &[Item]) {
    let marks: Vec<Item> = marks
        .iter()
        .filter(|item| item.is_mark())
        .cloned()
        .collect();
    let mut patch = patch(&marks);
    patch.clear.clear();
    amend(task, patch);
}

/// Changes a task that is not added yet.
pub(super) fn amend(task: &mut AddTask, patch: TaskPatch) {
    task.due = patch.due.or(task.due.take());
    task.repeat = patch.repeat.or(task.repeat.take());
    task.priority = patch.priority.unwrap_or(task.priority);
    task.tags.extend(patch.add_tags);
    task.project = patch.project.or(task.project.take());
}
