//! Looking at tasks: lists, counts, the overview of a day, and questions about one task.

use domain::{Command, CountTasks, Filter, GetOverview, GetTask, ListTasks, Order, Task, TaskId};

use super::acting::{said, which_task, with_hole};
use super::adding::list_name;
use super::items::{Item, Kind};
use super::pattern::Match;
use super::refer::{Meant, Wanted, days, meant};
use super::request::{Request, sure};
use super::{Sight, listing};
use crate::en::words::{ABOUT_TASKS, OUR_NOUNS, SAYS_LISTING, TASK_NOUNS};

/// A look at a day, or at a list if one is named.
pub(super) fn overview(items: &[Item], sight: &Sight<'_>) -> Request {
    let named = items.iter().any(|item| list_name(item).is_some());
    match listing::filter(items, sight, true).filter(|_| named) {
        Some(filter) => list(filter),
        None => sure(Command::GetOverview(GetOverview {
            date: one_day(items, sight),
        })),
    }
}

/// The one day that is named, if it is not today.
fn one_day(items: &[Item], sight: &Sight<'_>) -> Option<jiff::civil::Date> {
    let (first, last) = days(items)?.bounds(sight.view);
    first.filter(|first| Some(*first) == last && *first != sight.view.now.date())
}

/// How many tasks there are, or how many of those that `x` describes. `None` if it is about something else.
pub(super) fn count(items: &[Item], x: &[Item], sight: &Sight<'_>) -> Option<Request> {
    let filter = match listing::filter(x, sight, mentions_tasks(items)) {
        // "How many tasks" describes none in particular.
        Some(Filter::Open) if x.iter().all(|item| item.folded.len() < 30) => None,
        None if x.is_empty() => None,
        filter => Some(filter?),
    };
    Some(sure(Command::CountTasks(CountTasks { filter })))
}

/// What is to be bought: what has the label, if anything has.
pub(super) fn shopping(sight: &Sight<'_>) -> Request {
    let label = |task: &Task| task.tags.iter().any(|tag| tag.folded() == "shopping");
    list(if sight.tasks.iter().any(label) {
        Filter::Label("shopping".to_owned())
    } else {
        Filter::Text("buy".to_owned())
    })
}

/// A request to show tasks. `None` if it is about something else.
pub(super) fn listed(items: &[Item], x: &[Item], sight: &Sight<'_>) -> Option<Request> {
    let first = items.first()?;
    // What the frame leaves open on both sides of a list is one description.
    let x = if items.iter().any(|item| matches!(item.kind, Kind::List(_))) {
        &items[usize::from(first.kind == Kind::Word)..]
    } else {
        x
    };
    let looks = first.is_one_of(&["find", "search", "locate"]);
    // "Does Spain have ...", "what is a list": the world is asked about, not the list.
    if first.is("does") || asks_what_it_is(items) {
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
            .any(|item| item.is_mark() || item.is_one_of(ABOUT_TASKS))
            || shows;
        if !says {
            return None;
        }
    }
    let all = x.iter().any(|item| item.is_one_of(&["all", "every"]));
    Some(list(if filter == Filter::Open && all {
        Filter::All
    } else {
        filter
    }))
}

/// Whether a question asks what something is: "what is a list".
pub(super) fn asks_what_it_is(items: &[Item]) -> bool {
    matches!(items, [what, is, a, ..] if what.is("what") && is.is("is") && a.is_one_of(&["a", "an"]))
}

/// Whether words speak of tasks at all.
pub(super) fn mentions_tasks(items: &[Item]) -> bool {
    items
        .iter()
        .any(|item| item.is_one_of(TASK_NOUNS) || matches!(item.kind, Kind::List(_)))
}

/// Whether a filter looks for words.
fn has_text(filter: &Filter) -> bool {
    match filter {
        Filter::Text(_) => true,
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(has_text),
        Filter::Not(inner) => has_text(inner),
        _ => false,
    }
}

/// A few words that only describe tasks: "overdue", "my tasks", "today".
pub(super) fn plain_listing(items: &[Item], sight: &Sight<'_>) -> Option<Filter> {
    let filter = listing::filter(items, sight, false)?;
    let only_date = items.len() == 1
        && matches!(&items[0].kind, Kind::Date(found) if found.days.is_some() && found.schedule.repeat.is_none());
    let states = items.iter().any(|item| item.is_one_of(SAYS_LISTING));
    (states || only_date).then_some(
        if filter == Filter::Open && items.iter().any(|item| item.is("all")) {
            Filter::All
        } else {
            filter
        },
    )
}

/// A question about one task. `None` if it is about something else.
pub(super) fn find(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let time = |item: &Item| item.is_one_of(&["time", "day", "date"]);
    let numeric = |items: &&[Item]| items.iter().all(|item| item.folded.parse::<i64>().is_ok());
    let number = found.get("number", items).filter(numeric);
    let words = found.get("task", items).or(number)?;
    // "What time is it" asks for no task.
    let pronoun = words
        .first()
        .is_some_and(|first| first.is("it") && !first.span.is_empty());
    // Nor does "anything to do".
    let anything = words
        .iter()
        .all(|item| item.is_one_of(&["do", "to"]) || item.is_mark());
    if anything || pronoun && items.iter().any(time) {
        return None;
    }
    let get = |id: TaskId| Command::GetTask(GetTask { task_id: id });
    let request = match meant(words, Wanted::Any, text, sight) {
        Meant::Tasks(ids) | Meant::OneOf(ids) => match ids.as_slice() {
            [one] => sure(get(*one)),
            many => {
                let any = many.iter().map(|id| Filter::Number(*id)).collect();
                list(Filter::Or(any))
            }
        },
        Meant::By(filter) => list(filter),
        Meant::Nothing => Request::NoSuch(said(words, text)),
        Meant::Unsaid => Request::Ask(which_task(with_hole(words, text))),
    };
    // "Show all tasks" is a listing of its own kind.
    (!(found.weak && is_listing(&request))).then_some(request)
}

/// Whether a request shows all tasks that are described.
fn is_listing(request: &Request) -> bool {
    let Request::Do(commands, _) = request else {
        return false;
    };
    matches!(commands[..], [Command::ListTasks(ListTasks { filter: Some(ref filter), .. })]
        if !matches!(filter, Filter::Or(_)))
}

/// A request to show the tasks that a filter names.
pub(super) fn list(filter: Filter) -> Request {
    let done = matches!(filter, Filter::Done | Filter::DoneIn(_));
    let order = if done { Order::Completed } else { Order::Due };
    sure(Command::ListTasks(ListTasks {
        filter: Some(filter),
        order,
        ..ListTasks::default()
    }))
}
