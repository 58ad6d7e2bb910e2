//! Adding tasks: what is to be added, on which list, and whether to ask first.

use domain::{
    AddTask, AddTasks, Command, Priority, Project, ProjectName, ProjectRef, Tag, TaskPatch,
};

use super::changing::patch;
use super::items::{Item, Kind, language};
use super::pattern::Match;
use super::phrases::begins;
use super::request::{NEED, NOTE, Request, SURE, is_elsewhere};
use super::{Question, Sight, titles};
use crate::en::words::{
    ACTIONS, CHANGING, DELETING, ELSEWHERE, ERRANDS, FILLERS, KNOWING, NEEDS, OCCASIONS, OUR_NOUNS,
    SOFTENERS,
};

/// Adds what an order to add names, or asks what to add.
pub(super) fn added(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
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
    Some(request)
}

/// Adds what a need names: "i need to call the bank". `None` if what is needed is nothing to do.
pub(super) fn needed(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    let title = found.get("title", items)?;
    let before = items
        .iter()
        .rfind(|item| item.span.end <= title[0].span.start)?;
    let to_do = before.is_one_of(&["to", "gotta", "must", "should", "hafta", "needa"]);
    let elsewhere = title.iter().any(|item| item.is_one_of(ELSEWHERE));
    if !to_do || elsewhere || title[0].is_one_of(KNOWING) || text.trim_end().ends_with('?') {
        return None;
    }
    let request = add(title, items, text, NEED, sight)?;
    Some(offered(request, title, items))
}

/// Adds what is planned, if it is an occasion or has a day or a list: "schedule a call with ana for friday".
pub(super) fn scheduled(
    found: &Match,
    items: &[Item],
    text: &str,
    sight: &Sight<'_>,
) -> Option<Request> {
    /// Within how many words it is said what is planned.
    const HEAD: usize = 3;
    let title = found.get("title", items)?;
    let occasion = title
        .iter()
        .take(HEAD)
        .any(|item| item.is_one_of(OCCASIONS));
    let planned = items[0].is_one_of(&["schedule", "arrange"]) || occasion;
    let by_date = items.iter().any(|item| matches!(item.kind, Kind::Date(_)));
    let place = items.iter().any(Item::is_place);
    // "Make the gym reminder weekly" is about one that is there.
    let known = items
        .get(1)
        .is_some_and(|next| next.is_one_of(&["the", "my"]));
    if !planned || known || !(by_date || place || occasion) {
        return None;
    }
    add(title, items, text, NEED, sight)
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
    Some(Request::Do(vec![command(tasks)], certainty))
}

/// The command that adds these tasks.
pub(super) fn command(mut tasks: Vec<AddTask>) -> Command {
    if tasks.len() == 1 {
        Command::AddTask(tasks.remove(0))
    } else {
        Command::AddTasks(AddTasks { tasks })
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
    let Some((_, before_last)) = title.split_last() else {
        return title;
    };
    &title[begins(before_last, NEEDS).map_or(0, |(length, _)| length)..]
}

/// A task of these words with these marks. `None` if nothing is left for a title.
pub(super) fn task(words: &[Item], marks: &[Item], text: &str) -> Option<AddTask> {
    let mut task =
        AddTask::new(titles::title(words, text).or_else(|| titles::verbatim(words, text))?);
    mark(&mut task, marks);
    Some(task)
}

fn mark(task: &mut AddTask, marks: &[Item]) {
    amend(task, patch(marks));
}

/// Changes a task that is not added yet.
pub(super) fn amend(task: &mut AddTask, patch: TaskPatch) {
    task.due = patch.due.or(task.due.take());
    task.repeat = patch.repeat.or(task.repeat.take());
    task.priority = patch.priority.unwrap_or(task.priority);
    task.tags.extend(patch.add_tags);
    task.project = patch.project.or(task.project.take());
}

/// Gives a task that is not added yet what `known` has and it has not: date, priority, labels and project.
pub(super) fn inherit(task: &mut AddTask, known: &AddTask) {
    task.due = task.due.take().or_else(|| known.due.clone());
    if task.priority == Priority::None {
        task.priority = known.priority;
    }
    let more = known.tags.iter().filter(|tag| !task.tags.contains(tag));
    let more: Vec<Tag> = more.cloned().collect();
    task.tags.extend(more);
    task.project = task.project.take().or_else(|| known.project.clone());
}

/// What may be a note or an order to somebody else is offered to be added, unless it has a date or another mark, or begins
/// with what people write down for themselves.
pub(super) fn offered(request: Request, title: &[Item], items: &[Item]) -> Request {
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

/// What a named list is kept as.
pub(super) enum Home {
    Project(ProjectName),
    Tag(Tag),
}

/// Where the list that `item` speaks of keeps what goes on it. `None` if it is no list with a name.
pub(super) fn home_of(item: &Item, sight: &Sight<'_>) -> Option<Home> {
    let name = list_name(item).filter(|_| item.is_place())?;
    Some(home(&name, sight))
}

/// The project of this name, or else the label.
pub(super) fn home(name: &str, sight: &Sight<'_>) -> Home {
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

pub(super) fn list_name(item: &Item) -> Option<String> {
    match &item.kind {
        Kind::List(list) => list.name.clone(),
        _ => None,
    }
}

/// The project in use that `words` name.
pub(super) fn project<'a>(words: &[Item], sight: &Sight<'a>) -> Option<&'a Project> {
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
