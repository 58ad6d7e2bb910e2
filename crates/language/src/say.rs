//! Says what came of something, in words: short, specific, and only from what was committed or found.

mod filter;

use domain::{
    Actor, Change, Changes, Command, Counts, Days, Due, Filter, FilterName, Frequency, Happened,
    HistoryPage, ModelMode, Outcome, Overview, Priority, Project, Receipt, Refusal, Repeat,
    RepeatMode, Rule, SavedFilter, Settings, Task, TaskPage, Unchanged, View, WhyUnchanged,
};
use jiff::civil::{Date, Weekday};

use crate::{Question, Talk};

pub use filter::filter;

/// Tasks of a list that are said one by one.
const LINES_MAX: usize = 15;

/// What came of a command.
pub fn outcome(outcome: &Outcome, view: &View, projects: &[Project]) -> String {
    match outcome {
        Outcome::Changed(receipt) => self::receipt(receipt, view, projects),
        Outcome::Unchanged(unchanged) => self::unchanged(unchanged),
        Outcome::Tasks(page) => tasks(page, view, projects),
        Outcome::Task(detail) => {
            let mut lines = vec![line(&detail.task, view, projects)];
            if !detail.task.description.is_empty() {
                lines.push(detail.task.description.to_string());
            }
            lines.extend(
                detail
                    .steps
                    .iter()
                    .map(|step| format!("   {}", line(step, view, projects))),
            );
            lines.join("\n")
        }
        Outcome::Counts(counts) => self::counts(counts, view),
        Outcome::Overview(overview) => self::overview(overview, view, projects),
        Outcome::History(page) => history(page, view, projects),
        Outcome::Projects { projects } if projects.is_empty() => "You have no projects.".to_owned(),
        Outcome::Projects { projects } => {
            let name = |project: &Project| match project.archived_at {
                Some(_) => format!("{}. {} (put away)", project.id, project.name),
                None => format!("{}. {}", project.id, project.name),
            };
            projects.iter().map(name).collect::<Vec<_>>().join("\n")
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\u{201c}{text}\u{201d}")
}

/// `1 task`, `2 tasks`.
fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

/// The titles, quoted; a few of them if there are many.
fn titles<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> String {
    let quoted: Vec<String> = tasks
        .into_iter()
        .map(|task| quoted(task.title.as_str()))
        .collect();
    joined(&quoted)
}

/// `a, b and c`; what goes beyond a handful is counted.
fn joined(words: &[String]) -> String {
    const NAMED_MAX: usize = 5;
    match words {
        [] => String::new(),
        [one] => one.clone(),
        _ if words.len() > NAMED_MAX => {
            format!(
                "{} and {} more",
                words[..NAMED_MAX].join(", "),
                words.len() - NAMED_MAX
            )
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What was changed, in a line that leaves the titles of several tasks to the rows under it.
pub fn headline(receipt: &Receipt, view: &View, projects: &[Project]) -> String {
    said_of(receipt, view, projects, false)
}

/// What a change did.
pub fn receipt(receipt: &Receipt, view: &View, projects: &[Project]) -> String {
    said_of(receipt, view, projects, true)
}

/// What was changed, with the titles of several tasks if they are `named`.
fn said_of(receipt: &Receipt, view: &View, projects: &[Project], named: bool) -> String {
    let list = |tasks: &[&Task]| {
        if named {
            format!(": {}", titles(tasks.iter().copied()))
        } else {
            String::new()
        }
    };
    let several = |verb: &str, tasks: &[&Task]| match tasks {
        [task] => format!("{verb} {}.", quoted(task.title.as_str())),
        tasks => format!("{verb} {}{}.", count(tasks.len(), "task"), list(tasks)),
    };
    match receipt.action.as_str() {
        "undo_change" => {
            let states = joined(&states(&receipt.changes, view, projects));
            return format!("Taken back: {states}.");
        }
        "redo_change" => {
            let states = joined(&states(&receipt.changes, view, projects));
            return format!("Made again: {states}.");
        }
        _ => {}
    }
    let all: Vec<_> = receipt.tasks().collect();
    let of = |wanted: Happened| -> Vec<&Task> {
        all.iter()
            .filter(|(.., happened)| *happened == wanted)
            .map(|(task, ..)| *task)
            .collect()
    };
    let (added, completed) = (of(Happened::Added), of(Happened::Completed));
    let mut parts = Vec::new();
    if completed.is_empty() {
        match added.as_slice() {
            [] => {}
            [task] => parts.push(format!(
                "Added {}{}.",
                quoted(task.title.as_str()),
                facts(task, view, projects)
            )),
            tasks => parts.push(several("Added", tasks)),
        }
    } else {
        parts.push(several("Completed", &completed));
        // What a completion adds are the next occurrences, and their steps.
        for next in added
            .iter()
            .filter(|task| task.parent.is_none() && task.repeat.is_some())
        {
            if let Some(due) = &next.due {
                parts.push(format!("Next: {}.", self::due(due, view)));
            }
        }
    }
    for (happened, verb) in [
        (Happened::Reopened, "Reopened"),
        (Happened::Deleted, "Deleted"),
        (Happened::Restored, "Restored"),
        (Happened::Removed, "Removed for good"),
    ] {
        let tasks = of(happened);
        if !tasks.is_empty() {
            parts.push(several(verb, &tasks));
        }
    }
    let updated: Vec<_> = all
        .iter()
        .filter(|(.., happened)| *happened == Happened::Updated)
        .collect();
    match updated.as_slice() {
        [] => {}
        [(task, Some(before), _)] => parts.push(updated_one(before, task, view, projects)),
        many => {
            let tasks: Vec<&Task> = many.iter().map(|(task, ..)| *task).collect();
            let same = many.iter().filter_map(|(task, before, _)| {
                Some(differences((*before)?, task, view, projects))
            });
            let mut ways: Vec<String> = same.map(|differences| differences.join(", ")).collect();
            ways.dedup();
            parts.push(match ways.as_slice() {
                [way] if !way.is_empty() => format!(
                    "Changed {} ({way}){}.",
                    count(tasks.len(), "task"),
                    list(&tasks)
                ),
                _ => several("Changed", &tasks),
            });
        }
    }
    parts.extend(receipt.changes.iter().flat_map(besides_tasks));
    parts.join(" ")
}

/// What a change says that is not about a task.
fn besides_tasks(change: &Change) -> Vec<String> {
    if let Change::Settings { before, after } = change {
        let ways = settings_after(before, after);
        let settings = (!ways.is_empty()).then(|| format!("Settings changed: {}.", joined(&ways)));
        let filters = filters_after(before, after).into_iter();
        return settings
            .into_iter()
            .chain(filters.map(|(filter, done)| format!("{} {filter}.", capital(done))))
            .collect();
    }
    let sentence = match change {
        Change::Project {
            before: None,
            after: Some(project),
        } => Some(format!("New project {}.", quoted(project.name.as_str()))),
        Change::Project {
            before: Some(project),
            after: None,
        } => Some(format!(
            "Deleted the project {}; its tasks are in the inbox.",
            quoted(project.name.as_str())
        )),
        Change::Project {
            after: Some(project),
            ..
        } => Some(format!(
            "Changed the project {}.",
            quoted(project.name.as_str())
        )),
        Change::Project { .. } | Change::Task { .. } | Change::Settings { .. } => None,
    };
    sentence.into_iter().collect()
}

/// What became of saved filters: which, and what was done with it.
fn filters_after(before: &Settings, after: &Settings) -> Vec<(String, &'static str)> {
    let named = |filter: &SavedFilter| format!("the filter {}", quoted(filter.name.as_str()));
    let called = |filters: &[SavedFilter], name: &FilterName| {
        let same = |filter: &&SavedFilter| filter.name == *name;
        filters.iter().find(same).cloned()
    };
    let saved = after
        .filters
        .iter()
        .filter(|filter| called(&before.filters, &filter.name).as_ref() != Some(*filter))
        .map(|filter| (named(filter), "saved"));
    let removed = before
        .filters
        .iter()
        .filter(|filter| called(&after.filters, &filter.name).is_none())
        .map(|filter| (named(filter), "removed"));
    let ways: Vec<_> = saved.chain(removed).collect();
    if ways.is_empty() && before.filters != after.filters {
        return vec![("the list of saved filters".to_owned(), "reordered")];
    }
    ways
}

/// What is different about settings, in words.
fn settings_after(before: &Settings, after: &Settings) -> Vec<String> {
    let mut ways = Vec::new();
    if before.time_zone != after.time_zone {
        ways.push(format!("your time zone is {}", after.time_zone));
    }
    if before.week_start != after.week_start {
        ways.push(format!(
            "your week starts on {}",
            weekday(after.week_start.weekday())
        ));
    }
    if before.locale != after.locale {
        ways.push(format!("your language is {}", after.locale));
    }
    if before.model_mode != after.model_mode {
        ways.push(model_mode(after.model_mode).to_owned());
    }
    ways
}

fn model_mode(mode: Option<ModelMode>) -> &'static str {
    match mode {
        Some(ModelMode::Rules) => "a language model is never asked",
        Some(ModelMode::Unsure) => "a language model is asked when the rules are unsure",
        Some(ModelMode::First) => "a language model is asked first",
        None => "the server says when a language model is asked",
    }
}

fn updated_one(before: &Task, after: &Task, view: &View, projects: &[Project]) -> String {
    let name = quoted(after.title.as_str());
    let ways = differences(before, after, view, projects);
    if before.title != after.title && ways.len() == 1 {
        return format!("Renamed {} to {name}.", quoted(before.title.as_str()));
    }
    match (&before.due, &after.due) {
        (before, Some(due)) if before.as_ref() != Some(due) && ways.len() == 1 => {
            format!("Moved {name} to {}.", self::due(due, view))
        }
        _ if ways.is_empty() => format!("Moved {name} to another place."),
        _ => format!("Changed {name}: {}.", ways.join(", ")),
    }
}

/// What is different about a task, in words.
fn differences(before: &Task, after: &Task, view: &View, projects: &[Project]) -> Vec<String> {
    let mut ways = Vec::new();
    if before.title != after.title {
        ways.push(format!("its title was {}", quoted(before.title.as_str())));
    }
    if before.due != after.due {
        ways.push(match &after.due {
            Some(due) => format!("due {}", self::due(due, view)),
            None => "no due date".to_owned(),
        });
    }
    if before.repeat != after.repeat {
        ways.push(match &after.repeat {
            Some(repeat) => rule(repeat),
            None => "no repeat".to_owned(),
        });
    }
    if before.priority != after.priority {
        ways.push(match after.priority {
            Priority::None => "no priority".to_owned(),
            priority => self::priority(priority).to_owned(),
        });
    }
    if before.tags != after.tags {
        let tags: Vec<String> = after.tags.iter().map(|tag| format!("@{tag}")).collect();
        ways.push(if tags.is_empty() {
            "no labels".to_owned()
        } else {
            tags.join(" ")
        });
    }
    if before.project != after.project {
        ways.push(
            project(after, projects).map_or("in the inbox".to_owned(), |name| format!("in {name}")),
        );
    }
    if before.description != after.description {
        ways.push(
            if after.description.is_empty() {
                "no note"
            } else {
                "a new note"
            }
            .to_owned(),
        );
    }
    if before.parent != after.parent {
        ways.push(
            after
                .parent
                .map_or("no longer a step".to_owned(), |parent| {
                    format!("a step of task {parent}")
                }),
        );
    }
    ways
}

/// What is different about a task field by field, each as it was and as it is.
pub fn fields(
    before: &Task,
    after: &Task,
    view: &View,
    projects: &[Project],
) -> Vec<(String, String)> {
    let due = |task: &Task| match &task.due {
        Some(due) => self::due(due, view),
        None => "no date".to_owned(),
    };
    let repeat = |task: &Task| task.repeat.as_ref().map_or("no repeat".to_owned(), rule);
    let priority = |task: &Task| match task.priority {
        Priority::None => "no priority".to_owned(),
        priority => self::priority(priority).to_owned(),
    };
    let labels = |task: &Task| {
        let labels: Vec<String> = task.tags.iter().map(|tag| format!("@{tag}")).collect();
        if labels.is_empty() {
            "no labels".to_owned()
        } else {
            labels.join(" ")
        }
    };
    let place = |task: &Task| project(task, projects).unwrap_or("inbox".to_owned());
    let note = |task: &Task| match task.description.as_str() {
        "" => "no note".to_owned(),
        note => format!("note: {}", on_a_line(note)),
    };
    let parent = |task: &Task| match task.parent {
        Some(parent) => format!("a step of task {parent}"),
        None => "no step".to_owned(),
    };
    let ways: [&dyn Fn(&Task) -> String; 8] = [
        &|task| task.title.to_string(),
        &due,
        &repeat,
        &priority,
        &labels,
        &place,
        &note,
        &parent,
    ];
    let both = ways.iter().map(|way| (way(before), way(after)));
    both.filter(|(before, after)| before != after).collect()
}

/// How things are after an undoing or a redoing.
fn states(changes: &[Change], view: &View, projects: &[Project]) -> Vec<String> {
    let state = |before: Option<&Task>, after: Option<&Task>| {
        let task = after.or(before)?;
        let name = quoted(task.title.as_str());
        Some(match Happened::between(before, after) {
            Happened::Added => format!("{name} is back"),
            Happened::Removed => format!("{name} is gone"),
            Happened::Deleted => format!("{name} is in the trash"),
            Happened::Restored => format!("{name} is out of the trash"),
            Happened::Completed => format!("{name} is done"),
            Happened::Reopened => format!("{name} is open"),
            Happened::Updated => {
                let ways = before
                    .map(|before| differences(before, task, view, projects))
                    .unwrap_or_default();
                match ways.as_slice() {
                    [] => format!("{name} is as it was"),
                    ways => format!("{name} is as it was ({})", ways.join(", ")),
                }
            }
        })
    };
    // Undoing unwinds from the last row; people read from the first.
    let tasks = changes.iter().rev().filter_map(|change| match change {
        Change::Task { before, after } => state(before.as_deref(), after.as_deref()),
        _ => None,
    });
    let mut states: Vec<String> = tasks.collect();
    for change in changes {
        match change {
            Change::Project { before, after } => {
                let name = after
                    .as_ref()
                    .or(before.as_ref())
                    .map_or("", |project| project.name.as_str());
                let how = if after.is_none() {
                    "gone"
                } else if before.is_none() {
                    "back"
                } else {
                    "as it was"
                };
                states.push(format!("the project {} is {how}", quoted(name)));
            }
            Change::Settings { .. } => states.push("your settings are as they were".to_owned()),
            Change::Task { .. } => {}
        }
    }
    states
}

fn unchanged(unchanged: &Unchanged) -> String {
    let names = titles(&unchanged.tasks);
    let (is, was) = if unchanged.tasks.len() == 1 {
        ("is", "was")
    } else {
        ("are", "were")
    };
    match unchanged.why {
        WhyUnchanged::AlreadyDone => format!("{names} {was} complete already."),
        WhyUnchanged::AlreadyOpen => format!("{names} {is} still open."),
        WhyUnchanged::NotInTrash => format!("{names} {is} not in the trash."),
        WhyUnchanged::AlreadySo if unchanged.tasks.is_empty() => "That is so already.".to_owned(),
        WhyUnchanged::AlreadySo => format!("{names} {is} like that already."),
        WhyUnchanged::TrashEmpty => "The trash is empty.".to_owned(),
        WhyUnchanged::NoneMatch => "No task matches; nothing was changed.".to_owned(),
    }
}

/// What a task has besides its title, for the end of a sentence.
fn facts(task: &Task, view: &View, projects: &[Project]) -> String {
    let mut facts = Vec::new();
    if let Some(due) = &task.due {
        facts.push(format!("due {}", self::due(due, view)));
    }
    if let Some(repeat) = &task.repeat {
        facts.push(rule(repeat));
    }
    if task.priority != Priority::None {
        facts.push(priority(task.priority).to_owned());
    }
    facts.extend(task.tags.iter().map(|tag| format!("@{tag}")));
    facts.extend(project(task, projects).map(|name| format!("in {name}")));
    facts.into_iter().map(|fact| format!(", {fact}")).collect()
}

fn project(task: &Task, projects: &[Project]) -> Option<String> {
    let id = task.project?;
    projects
        .iter()
        .find(|project| project.id == id)
        .map(|project| project.name.to_string())
}

/// A task on a line of its own, under its number.
fn line(task: &Task, view: &View, projects: &[Project]) -> String {
    let mut facts = Vec::new();
    if let Some(due) = &task.due {
        let late = task.is_open() && due.is_past(&view.now);
        facts.push(format!(
            "{}{}",
            self::due(due, view),
            if late { ", overdue" } else { "" }
        ));
    }
    if let Some(repeat) = &task.repeat {
        facts.push(rule(repeat));
    }
    if task.priority != Priority::None {
        facts.push(priority(task.priority).to_owned());
    }
    facts.extend(task.tags.iter().map(|tag| format!("@{tag}")));
    facts.extend(project(task, projects));
    let state = if task.is_trashed() {
        " (in the trash)"
    } else if task.is_done() {
        " (done)"
    } else {
        ""
    };
    let facts = if facts.is_empty() {
        String::new()
    } else {
        format!(" ({})", facts.join(", "))
    };
    format!("{}. {}{facts}{state}", task.id, task.title)
}

fn lines<'a>(
    tasks: impl IntoIterator<Item = &'a Task>,
    total: usize,
    view: &View,
    projects: &[Project],
) -> Vec<String> {
    let mut lines: Vec<String> = tasks
        .into_iter()
        .take(LINES_MAX)
        .map(|task| line(task, view, projects))
        .collect();
    if total > lines.len() {
        lines.push(format!("\u{2026} and {} more", total - lines.len()));
    }
    lines
}

fn tasks(page: &TaskPage, view: &View, projects: &[Project]) -> String {
    let which = described(&page.filter, view);
    if page.tasks.is_empty() {
        return match page.filter {
            Filter::Open | Filter::All => "There is nothing on your list.".to_owned(),
            Filter::Done => "Nothing is completed yet.".to_owned(),
            Filter::Overdue | Filter::Due(_) => format!("Nothing is{which}."),
            _ => format!("There are no tasks{which}."),
        };
    }
    let total = usize::try_from(page.total).unwrap_or(page.tasks.len());
    let mut all = vec![format!("{}{which}:", count(total, "task"))];
    all.extend(lines(&page.tasks, total, view, projects));
    all.join("\n")
}

/// Which tasks a filter names, as it is said after their number.
fn described(filter: &Filter, view: &View) -> String {
    match filter {
        Filter::Open | Filter::All => String::new(),
        Filter::Overdue => " overdue".to_owned(),
        Filter::Done => " done".to_owned(),
        Filter::Due(days) => format!(" due {}", span(days, view)),
        Filter::DoneIn(days) => format!(" done {}", span(days, view)),
        Filter::Text(text) => format!(" with \u{201c}{text}\u{201d}"),
        Filter::And(parts) if parts.len() == 2 => {
            parts.iter().map(|part| described(part, view)).collect()
        }
        _ => format!(" for {filter}"),
    }
}

/// Days in words: `today`, `Fri 27 Nov`, `this week`.
fn span(days: &Days, view: &View) -> String {
    match (days, days.bounds(view)) {
        (Days::Between(..), (Some(first), Some(last))) if first == last => date(first, view),
        (Days::Between(..), (Some(first), Some(last))) => {
            format!("{} to {}", date(first, view), date(last, view))
        }
        (Days::Between(..), (None, Some(last))) => format!("by {}", date(last, view)),
        (Days::Between(..), (Some(first), None)) => format!("from {} on", date(first, view)),
        _ => days.to_string(),
    }
}

fn counts(counts: &Counts, view: &View) -> String {
    let number = |number: i64| usize::try_from(number).unwrap_or(0);
    if let Some(filter) = &counts.filter {
        let which = described(filter, view);
        return match counts.matching {
            0 => format!("There are no tasks{which}."),
            1 => format!("There is 1 task{which}."),
            many => format!("There are {}{which}.", count(number(many), "task")),
        };
    }
    let mut parts = vec![format!("{} to do", count(number(counts.open), "task"))];
    if counts.today > 0 {
        parts.push(format!("{} due today", counts.today));
    }
    if counts.overdue > 0 {
        parts.push(format!("{} overdue", counts.overdue));
    }
    parts.push(format!("{} done", counts.done));
    if counts.done_today > 0 {
        parts.push(format!("{} of them today", counts.done_today));
    }
    format!("{}.", parts.join(", "))
}

fn overview(overview: &Overview, view: &View, projects: &[Project]) -> String {
    let day = date(overview.date, view);
    let mut all = Vec::new();
    for (title, tasks) in [
        ("Overdue".to_owned(), &overview.overdue),
        (capital(&day), &overview.today),
        ("The week after".to_owned(), &overview.upcoming),
    ] {
        if !tasks.is_empty() {
            all.push(format!("{title}:"));
            all.extend(lines(tasks, tasks.len(), view, projects));
        }
    }
    if all.is_empty() {
        let open = usize::try_from(overview.counts.open).unwrap_or(0);
        return match open {
            0 => "Nothing is due, and nothing else is on your list.".to_owned(),
            _ => format!(
                "Nothing is due {day} or in the week after. {} no date or a later one.",
                if open == 1 {
                    "1 task has".to_owned()
                } else {
                    format!("{open} tasks have")
                }
            ),
        };
    }
    all.join("\n")
}

fn history(page: &HistoryPage, view: &View, projects: &[Project]) -> String {
    if page.changes.is_empty() {
        return "Nothing has changed yet.".to_owned();
    }
    let entry = |receipt: &Receipt| {
        let at = receipt.at.to_zoned(view.now.time_zone().clone());
        let when = if at.date() == view.now.date() {
            at.strftime("%H:%M")
        } else {
            at.strftime("%a %-d %b %H:%M")
        };
        let undone = if receipt.undone_by.is_some() {
            " (taken back)"
        } else {
            ""
        };
        // The person's own need no name.
        let by = match &receipt.actor {
            Actor::Person => String::new(),
            Actor::Model(name) | Actor::Agent(name) => format!(", {name}"),
        };
        format!(
            "{}. {when}{by}: {}{undone}",
            receipt.change_id,
            self::receipt(receipt, view, projects)
        )
    };
    page.changes
        .iter()
        .map(entry)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Why something may not be done.
pub fn refusal(refusal: &Refusal) -> String {
    sentence(&refusal.to_string())
}

/// A question, with numbers to answer by.
pub fn question(question: &Question) -> String {
    match question {
        Question::Which { said, choices } => {
            let mut all = vec![format!("Which one do you mean by {}?", quoted(said))];
            all.extend(
                choices
                    .iter()
                    .zip(1..)
                    .map(|(choice, n)| format!("{n}) {}", choice.label)),
            );
            all.join("\n")
        }
        Question::AddWhat { .. } => "What should I add?".to_owned(),
        Question::Offer { task } => {
            format!("Should I add \u{201c}{}\u{201d} to your list?", task.title)
        }
        Question::Approve => "Should I do it?".to_owned(),
        Question::Part => "I understand only a part of that, so nothing was changed. Can you say it one thing at a time?".to_owned(),
        Question::Finish { text, .. } | Question::Say { text } => text.clone(),
    }
}

/// Something that asks for nothing.
pub fn talk(talk: Talk) -> String {
    match talk {
        Talk::Help => {
            "Tell me what to add, find or change in your own words, for example:\n\
             - call mum tomorrow at 6pm\n\
             - pay rent every 1st at 9 #home p1\n\
             - what\u{2019}s due this week?\n\
             - done with the groceries\n\
             - move the report to friday\n\
             - delete the dentist task\n\
             - undo"
        }
        Talk::Hello => "Hello. What is on your mind?",
        Talk::Thanks => "You\u{2019}re welcome.",
        Talk::Who => "I am the assistant of your task list. I add, find, change and complete tasks, and can take any of it back.",
        Talk::Fine => "Good.",
    }
    .to_owned()
}

/// That there is no such task, and which there are.
pub fn no_such(said: &str, pending: &[Task], view: &View) -> String {
    let missing = match said.strip_prefix("task ") {
        Some(number) => format!("There is no task {number}."),
        None => format!("I find no task {}.", quoted(said)),
    };
    if pending.is_empty() {
        return format!("{missing} Nothing is pending.");
    }
    let mut all = vec![format!("{missing} Pending:")];
    all.extend(pending.iter().map(|task| line(task, view, &[])));
    all.join("\n")
}

/// That something is none of our business, or was not understood.
pub fn not_mine() -> String {
    "That is beyond me. I keep your task list: say what to add, show, change, complete or delete."
        .to_owned()
}

/// That a language model claimed a change, when nothing was changed.
pub fn nothing_changed_claimed() -> &'static str {
    "The model said that something was changed. Nothing was."
}

/// That the language model does not answer, when nothing was changed.
pub fn model_unavailable() -> &'static str {
    "The model isn\u{2019}t answering. Your tasks are untouched."
}

/// That the rules answer because the language model does not.
pub fn rules_answer() -> &'static str {
    "The model isn\u{2019}t answering, so the rules do."
}

/// That a language model called for something that makes no sense.
pub fn senseless_call() -> &'static str {
    "The model asked for something that makes no sense, so that was not done."
}

/// That the language model stopped answering after changes were made.
pub fn model_unavailable_after() -> &'static str {
    "The model stopped answering. What is shown above was done, and nothing else."
}

/// That the person stopped a reply that had made this many changes.
pub fn stopped(changes: usize) -> String {
    ended("Stopped", changes)
}

/// That the server ended during a reply that had made this many changes.
pub fn interrupted(changes: usize) -> String {
    ended("Interrupted", changes)
}

fn ended(how: &str, changes: usize) -> String {
    match changes {
        0 => format!("{how}. Nothing was changed."),
        _ => format!("{how}. What is shown above had been done."),
    }
}

/// That no more may be asked of the language model today.
pub fn budget_used() -> &'static str {
    "Today\u{2019}s model limit is used. Rules still work."
}

/// Why a change that a language model proposes waits for a yes.
pub fn not_carried() -> &'static str {
    "Your message doesn\u{2019}t plainly ask for this, so it waits for your yes."
}

/// A change that waits for a yes.
pub fn proposal(command: &Command, changes: &Changes, view: &View, projects: &[Project]) -> String {
    let new = changes.changes.iter().filter_map(|change| match change {
        Change::Project {
            after: Some(project),
            ..
        } => Some((**project).clone()),
        _ => None,
    });
    let projects: Vec<Project> = new.chain(projects.iter().cloned()).collect();
    let projects = projects.as_slice();
    let tasks = changes.changes.iter().filter_map(|change| match change {
        Change::Task { before, after } => after.as_deref().or(before.as_deref()),
        _ => None,
    });
    let tasks: Vec<&Task> = tasks.collect();
    let number = count(tasks.len(), "task");
    let question = match command {
        Command::AddTask(_) | Command::AddTasks(_) => format!("Add {number}?"),
        Command::CompleteTask(_) | Command::CompleteTasks(_) => {
            format!("Mark {number} as complete?")
        }
        Command::ReopenTask(_) | Command::ReopenTasks(_) => format!("Reopen {number}?"),
        Command::DeleteTask(_) | Command::DeleteTasks(_) => format!("Delete {number}?"),
        Command::RestoreTasks(_) => format!("Take {number} out of the trash?"),
        Command::EmptyTrash(_) => format!("Remove {number} in the trash for good?"),
        Command::DeleteProject(_) => format!("Delete the project and move {number} to the inbox?"),
        Command::UpdateSettings(_) => "Change your settings?".to_owned(),
        Command::UndoChange(_) | Command::RedoChange(_) => match changes.undoes {
            Some(change) => format!("Take back change {change}?"),
            None => "Make this change?".to_owned(),
        },
        _ if tasks.is_empty() => "Make this change?".to_owned(),
        _ => format!("Change {number}?"),
    };
    let mut all = vec![question];
    // Whoever says yes has seen what they say yes to.
    let is_written = matches!(
        command,
        Command::AddTask(_)
            | Command::AddTasks(_)
            | Command::UpdateTask(_)
            | Command::UpdateTasks(_)
    );
    let line_of = |task: &Task| {
        let before = changes.changes.iter().find_map(|change| match change {
            Change::Task {
                before: Some(before),
                after: Some(_),
            } if before.id == task.id => Some(before),
            _ => None,
        });
        let ways = before
            .map(|before| differences(before, task, view, projects))
            .unwrap_or_default();
        let line = if matches!(command, Command::AddTask(_) | Command::AddTasks(_)) {
            // By the time it is made, its number may be another's.
            let step = task
                .parent
                .map(|parent| format!(", a step of task {parent}"));
            let facts = facts(task, view, projects);
            format!("{}{facts}{}", task.title, step.unwrap_or_default())
        } else if ways.is_empty() {
            format!("{}. {}", task.id, task.title)
        } else {
            format!("{}. {}: {}", task.id, task.title, ways.join(", "))
        };
        let is_new = before.is_none_or(|before| before.description != task.description);
        if is_new && is_written {
            line + &proposed_note(task)
        } else {
            line
        }
    };
    let lines = match command {
        Command::UndoChange(_) | Command::RedoChange(_) => states(&changes.changes, view, projects),
        _ => {
            let besides = changes.changes.iter().filter_map(proposed_besides_tasks);
            tasks
                .iter()
                .map(|task| line_of(task))
                .chain(besides)
                .collect()
        }
    };
    let left_out = lines.len().saturating_sub(LINES_MAX);
    all.extend(lines.into_iter().take(LINES_MAX));
    if left_out > 0 {
        all.push(format!("\u{2026} and {left_out} more"));
    }
    all.join("\n")
}

/// The note of a task that is proposed, on the line of the task whatever it has lines of its own. Nothing if there is none.
fn proposed_note(task: &Task) -> String {
    match task.description.as_str() {
        "" => String::new(),
        note => format!("; note: {}", on_a_line(note)),
    }
}

/// As much of a note as anybody reads, on one line.
fn on_a_line(note: &str) -> String {
    const CHARS_MAX: usize = 1_000;
    let shown: String = note.chars().take(CHARS_MAX).collect();
    let more = if shown.len() < note.len() {
        "\u{2026}"
    } else {
        ""
    };
    format!("{}{more}", shown.replace('\n', " / "))
}

/// What a change that waits for a yes says that is not about a task.
fn proposed_besides_tasks(change: &Change) -> Option<String> {
    match change {
        Change::Project { before, after } => {
            let name = |project: &Project| quoted(project.name.as_str());
            Some(match (before.as_deref(), after.as_deref()) {
                (None, Some(new)) => format!("The project {} is new", name(new)),
                (Some(old), Some(new)) if old.name != new.name => {
                    format!("The project {} is called {}", name(old), name(new))
                }
                (Some(old), Some(new)) => {
                    let how = match (old.archived_at, new.archived_at) {
                        (None, Some(_)) => "is put away",
                        (Some(_), None) => "is back",
                        _ => "looks different",
                    };
                    format!("The project {} {how}", name(new))
                }
                (Some(old), None) => format!("The project {} is gone", name(old)),
                (None, None) => return None,
            })
        }
        Change::Settings { before, after } => {
            let filters = filters_after(before, after).into_iter();
            let filters = filters.map(|(filter, done)| format!("{filter} is {done}"));
            let ways: Vec<_> = settings_after(before, after)
                .into_iter()
                .chain(filters)
                .collect();
            Some(capital(&joined(&ways))).filter(|ways| !ways.is_empty())
        }
        Change::Task { .. } => None,
    }
}

/// How a proposal is answered in a conversation.
pub fn yes_or_no() -> &'static str {
    "Yes or no?"
}

/// That nothing was done, because the answer was no.
pub fn declined() -> String {
    "Nothing was changed.".to_owned()
}

/// That there is nothing to say yes or no to.
pub fn nothing_open() -> String {
    "I have not asked anything. What should I do?".to_owned()
}

/// That a yes came too late.
pub fn expired() -> String {
    "That was more than ten minutes ago, so nothing was changed. Say it again.".to_owned()
}

/// That more would change than was shown.
pub fn changed_since() -> String {
    "Something has changed since I asked, so nothing was done yet.".to_owned()
}

/// That rows were left out because they are not what was shown.
pub fn left_out(number: usize) -> String {
    match number {
        1 => "One task was left out, because it has changed since I asked.".to_owned(),
        _ => format!("{number} tasks were left out, because they have changed since I asked."),
    }
}

/// Asks a second time.
pub fn are_you_sure(number: usize) -> String {
    format!(
        "Are you sure? {} affected.",
        if number == 1 {
            "1 task is".to_owned()
        } else {
            format!("{number} tasks are")
        }
    )
}

/// A due date as somebody with `view` would say it: `today`, `tomorrow 18:00`, `Fri 27 Nov`.
pub fn due(due: &Due, view: &View) -> String {
    let local = due.local(view.now.time_zone());
    let day = date(local.date(), view);
    match due.time {
        Some(_) => format!("{day} {:02}:{:02}", local.hour(), local.minute()),
        None => day,
    }
}

/// A day as somebody with `view` would say it.
fn date(date: Date, view: &View) -> String {
    let today = view.now.date();
    let days = (date - today).get_days();
    let exact = |format: &str| date.strftime(format).to_string();
    match days {
        0 => "today".to_owned(),
        1 => format!("tomorrow, {}", exact("%a %-d %b")),
        -1 => format!("yesterday, {}", exact("%a %-d %b")),
        _ if date.year() == today.year() => exact("%a %-d %b"),
        _ => exact("%a %-d %b %Y"),
    }
}

/// The same, as short as a list of tasks has it: `Today 15:00`, `Tomorrow`, `Fri 27 Nov`.
pub fn near(due: &Due, view: &View) -> String {
    let local = due.local(view.now.time_zone());
    let day = near_day(local.date(), view);
    match due.time {
        Some(_) => format!("{day} {}", clock(due, view)),
        None => day,
    }
}

/// A day as a list of tasks has it: `Today`, `Tomorrow`, `Yesterday`, `Fri 27 Nov`, with a year that is not this one.
pub fn near_day(date: Date, view: &View) -> String {
    match (date - view.now.date()).get_days() {
        0 => "Today".to_owned(),
        1 => "Tomorrow".to_owned(),
        -1 => "Yesterday".to_owned(),
        _ => self::date(date, view),
    }
}

/// The time of day on the clock of somebody with `view`: `15:00`.
pub fn clock(due: &Due, view: &View) -> String {
    let local = due.local(view.now.time_zone());
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// When it is due, with nothing left to guess: `Friday 27 November 2026, 15:00`, and the zone where it is its own.
pub fn exactly(due: &Due, view: &View) -> String {
    let local = due.local(view.now.time_zone());
    let day = local.strftime("%A %-d %B %Y");
    match (&due.time, due.zone()) {
        (Some(_), Some(zone)) if view.now.time_zone().iana_name() != Some(zone.as_str()) => {
            format!(
                "{day}, {} ({} in {zone})",
                clock(due, view),
                due.civil().strftime("%H:%M")
            )
        }
        (Some(_), _) => format!("{day}, {}", clock(due, view)),
        (None, _) => day.to_string(),
    }
}

/// For how long it should have been done: `overdue 8 days`. Nothing about the hours of today.
pub fn overdue(due: &Due, view: &View) -> String {
    let day = due.local(view.now.time_zone()).date();
    match (view.now.date() - day).get_days() {
        days @ 1.. => format!("overdue {}", count(days.unsigned_abs() as usize, "day")),
        _ => "overdue".to_owned(),
    }
}

/// A repeat in words: `every 3 days`, `every weekday`, `7 days after done`.
pub fn rule(repeat: &Repeat) -> String {
    let rule = &repeat.rule;
    let unit = match rule.frequency {
        Frequency::Daily => "day",
        Frequency::Weekly => "week",
        Frequency::Monthly => "month",
        Frequency::Yearly => "year",
    };
    let days: Vec<String> = rule.by_day.iter().map(|by| by_day(*by)).collect();
    let mut words =
        if repeat.mode == RepeatMode::Completion && days.is_empty() && rule.by_month_day.is_empty()
        {
            format!("{} after done", count(usize::from(rule.interval), unit))
        } else if let Some(words) = plain_days(rule) {
            words.to_owned()
        } else {
            let mut words = match (rule.interval, days.is_empty(), rule.frequency) {
                (1, false, Frequency::Weekly) => format!("every {}", joined(&days)),
                (1, ..) => format!("every {unit}"),
                (n, ..) => format!("every {n} {unit}s"),
            };
            if !(days.is_empty() || words.contains(&days[0])) {
                words.push_str(" on ");
                words.push_str(&joined(&days));
            }
            if !rule.by_month_day.is_empty() {
                let days: Vec<String> = rule
                    .by_month_day
                    .iter()
                    .map(|day| month_day(*day))
                    .collect();
                words.push_str(&format!(" on {}", joined(&days)));
            }
            if !rule.by_month.is_empty() {
                let months: Vec<String> = rule
                    .by_month
                    .iter()
                    .map(|month| self::month(*month))
                    .collect();
                words.push_str(&format!(" in {}", joined(&months)));
            }
            if repeat.mode == RepeatMode::Completion {
                words.push_str(", counted from when it is done");
            }
            words
        };
    if let Some(count) = rule.count {
        words.push_str(&format!(
            ", {count} more {}",
            if count == 1 { "time" } else { "times" }
        ));
    }
    if let Some(until) = rule.until {
        words.push_str(&format!(", until {}", until.strftime("%-d %b %Y")));
    }
    words
}

/// The common sets of weekdays under their common names. `None` for any other.
fn plain_days(rule: &Rule) -> Option<&'static str> {
    let days: Vec<Weekday> = rule.by_day.iter().map(|by| by.weekday).collect();
    let plain = rule.frequency == Frequency::Weekly
        && rule.interval == 1
        && rule.by_set_position.is_empty();
    let is = |wanted: &[Weekday]| {
        days.len() == wanted.len() && wanted.iter().all(|day| days.contains(day))
    };
    let week = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    if !plain {
        None
    } else if is(&week) {
        Some("every weekday")
    } else if is(&[Weekday::Saturday, Weekday::Sunday]) {
        Some("every weekend")
    } else {
        None
    }
}

fn by_day(by: domain::ByDay) -> String {
    match by.nth {
        None => weekday(by.weekday).to_owned(),
        Some(-1) => format!("the last {}", weekday(by.weekday)),
        Some(nth) if nth < 0 => format!("the {} last {}", ordinal(-nth), weekday(by.weekday)),
        Some(nth) => format!("the {} {}", ordinal(nth), weekday(by.weekday)),
    }
}

fn month_day(day: i8) -> String {
    match day {
        -1 => "the last day".to_owned(),
        day if day < 0 => format!("the {} last day", ordinal(-day)),
        day => format!("the {}", ordinal(day)),
    }
}

fn ordinal(number: i8) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month(month: i8) -> String {
    Date::new(2000, month, 1)
        .map(|date| date.strftime("%B").to_string())
        .unwrap_or_default()
}

/// A priority as it is shown; nothing for none.
pub fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "P1",
        Priority::Medium => "P2",
        Priority::Low => "P3",
        Priority::None => "",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// `text` with a capital at its beginning and a full stop at its end.
fn sentence(text: &str) -> String {
    let text = capital(text);
    if text.ends_with(['.', '?', ')']) {
        text
    } else {
        format!("{text}.")
    }
}
