//! Reads a message as if whatever task it names were there, and says what was asked for.

use domain::{Command, Days, Filter, Selection, Task, TaskId, TaskPatch, View};
use language::{Question, Reading, Sight, Talk, read};
use serde_json::{Map, Value, json};

/// Tasks that are named get numbers from here on.
const NAMED: i64 = 10_000;
/// The tasks of the list last shown, which has this many.
const SHOWN: i64 = 20_000;
const SHOWN_COUNT: i64 = 4;
/// What was last spoken of.
const RECENT: i64 = 30_000;
/// Names that one message may need.
const ROUNDS: usize = 6;

/// A task that is nothing but its title.
pub(super) fn task(id: i64, title: &str) -> Task {
    let row = json!({
        "id": id, "title": title, "position": id, "version": 1,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    });
    serde_json::from_value(row).expect("a title and what every task has")
}

/// What `text` asks for.
pub(super) fn answer(text: &str, view: &View) -> Value {
    let shown: Vec<TaskId> = (1..=SHOWN_COUNT)
        .map(|place| TaskId(SHOWN + place))
        .collect();
    let mut tasks = vec![task(RECENT, "\u{a7}")];
    tasks.extend(shown.iter().map(|id| task(id.0, "\u{a7}\u{a7}")));
    let mut names: Vec<String> = Vec::new();
    loop {
        let sight = Sight {
            tasks: &tasks,
            shown: &shown,
            recent: &[TaskId(RECENT)],
            ..Sight::new(view)
        };
        match read(text, &sight) {
            // What is not there is put there, in every state, and the message is read again.
            Reading::NoSuch(said)
                if names.len() < ROUNDS
                    && names.iter().filter(|name| **name == said).count() < 2
                    && !said.is_empty() =>
            {
                let again = names.contains(&said);
                let first = language::find(text, view).into_iter().next();
                let day = first.and_then(|found| found.schedule.due);
                for state in 0..3 {
                    let id = NAMED + 3 * i64::try_from(names.len()).unwrap_or(0) + state;
                    let mut task = task(id, &said);
                    // What is named with a day is due then, if that is how it is told apart.
                    task.due = day.clone().filter(|_| again);
                    task.completed_at = (state == 1).then_some(view.now.timestamp());
                    task.deleted_at = (state == 2).then_some(view.now.timestamp());
                    tasks.push(task);
                }
                names.push(said);
            }
            reading => return told(&reading, &names),
        }
    }
}

fn told(reading: &Reading, names: &[String]) -> Value {
    let one = |intent: &str| json!({"intent": intent, "slots": {}});
    match reading {
        Reading::Act(steps) => {
            let commands: Vec<Value> = steps
                .iter()
                .map(|step| command(&step.command, names))
                .collect();
            match commands.as_slice() {
                [only] => only.clone(),
                _ => json!({"commands": commands}),
            }
        }
        Reading::Ask(Question::AddWhat { .. }) => one("add"),
        Reading::Ask(Question::Finish { request, .. }) => unfinished(request, names),
        Reading::Ask(Question::Which { choices, .. }) => choices
            .first()
            .and_then(|choice| choice.commands.first())
            .map_or(json!({"escalate": true}), |first| command(first, names)),
        Reading::Yes | Reading::YesTo(_) => one("affirm"),
        Reading::No => one("deny"),
        Reading::Talk(Talk::Help) => one("help"),
        Reading::Talk(_) => one("smalltalk"),
        Reading::Ask(_) | Reading::NoSuch(_) | Reading::NotMine => json!({"escalate": true}),
    }
}

/// What a request that lacks something asks for: the task, or what should change about it.
fn unfinished(request: &str, names: &[String]) -> Value {
    if let Some(id) = request
        .strip_prefix("change task ")
        .and_then(|rest| rest.strip_suffix(" to {}")?.parse().ok())
    {
        let mut slots = Map::new();
        named(&[TaskId(id)], &mut slots, names);
        return json!({"intent": "update", "slots": slots});
    }
    let view = View {
        now: jiff::Zoned::default(),
        week_start: domain::WeekStart::Monday,
    };
    let tasks = [task(1, "\u{a7}")];
    let sight = Sight {
        tasks: &tasks,
        ..Sight::new(&view)
    };
    let intent = match read(&request.replacen("{}", "task 1 tomorrow", 1), &sight) {
        Reading::Act(steps) => steps.first().and_then(|step| {
            command(&step.command, names)["intent"]
                .as_str()
                .map(str::to_owned)
        }),
        _ => None,
    };
    json!({"intent": intent.as_deref().unwrap_or("none"), "slots": {}})
}

fn command(command: &Command, names: &[String]) -> Value {
    let mut slots = Map::new();
    let intent = match command {
        Command::AddTask(task) => {
            slots.insert("title".into(), json!(task.title.as_str()));
            if let Some(due) = &task.due {
                slots.insert("due".into(), json!(due.to_string()));
            }
            if let Some(repeat) = &task.repeat {
                slots.insert("recurrence".into(), json!(repeat.rule.to_string()));
            }
            if task.priority != domain::Priority::None {
                slots.insert("priority".into(), json!(task.priority.to_string()));
            }
            if !task.tags.is_empty() {
                slots.insert("tags".into(), json!(task.tags));
            }
            "add"
        }
        Command::AddTasks(add) => {
            let titles: Vec<&str> = add.tasks.iter().map(|task| task.title.as_str()).collect();
            slots.insert("title".into(), json!(titles.join(" and ")));
            "add"
        }
        Command::ListTasks(list) => {
            described(&list.filter(), &mut slots, names);
            "list"
        }
        Command::GetTask(get) => {
            named(&[get.task_id], &mut slots, names);
            "list"
        }
        Command::GetOverview(_) | Command::ListProjects(_) | Command::GetHistory(_) => "list",
        Command::CountTasks(count) => {
            if let Some(filter) = &count.filter {
                described(filter, &mut slots, names);
            }
            "count"
        }
        Command::CompleteTask(it) => {
            named(&[it.task_id], &mut slots, names);
            "complete"
        }
        Command::CompleteTasks(selection) => {
            selected(selection, &mut slots, names);
            "complete"
        }
        Command::ReopenTask(it) => {
            named(&[it.task_id], &mut slots, names);
            "reopen"
        }
        Command::ReopenTasks(selection) => {
            selected(selection, &mut slots, names);
            "reopen"
        }
        Command::DeleteTask(it) => {
            named(&[it.task_id], &mut slots, names);
            "delete"
        }
        Command::DeleteTasks(selection) => {
            selected(selection, &mut slots, names);
            "delete"
        }
        Command::EmptyTrash(_) => "delete",
        Command::RestoreTasks(selection) => {
            selected(selection, &mut slots, names);
            "undo"
        }
        Command::UpdateTask(update) => {
            named(&[update.task_id], &mut slots, names);
            patched(&update.patch, &mut slots);
            "update"
        }
        Command::UpdateTasks(update) => {
            selected(&update.selection, &mut slots, names);
            patched(&update.patch, &mut slots);
            "update"
        }
        Command::UndoChange(_) | Command::RedoChange(_) => "undo",
        Command::MoveTask(_) => "update",
        Command::AddProject(_)
        | Command::UpdateProject(_)
        | Command::DeleteProject(_)
        | Command::UpdateSettings(_) => "none",
    };
    json!({"intent": intent, "slots": slots})
}

/// What tasks were called: the words of the message, or a place in a list.
fn named(ids: &[TaskId], slots: &mut Map<String, Value>, names: &[String]) {
    let refs: Vec<String> = ids
        .iter()
        .filter_map(|id| match id.0 {
            RECENT => Some("it".to_owned()),
            id if id == SHOWN + SHOWN_COUNT => Some("last".to_owned()),
            id if id > SHOWN => Some((id - SHOWN).to_string()),
            id if id < NAMED => Some(id.to_string()),
            _ => None,
        })
        .collect();
    if let Some(first) = refs.first() {
        slots.insert("ref".into(), json!(first));
    }
    let titles: Vec<&str> = ids
        .iter()
        .filter_map(|id| {
            let name = usize::try_from((id.0 - NAMED) / 3).ok()?;
            names
                .get(name)
                .map(String::as_str)
                .filter(|_| id.0 >= NAMED)
        })
        .collect();
    if !titles.is_empty() {
        slots.insert("title".into(), json!(titles.join(" ")));
    }
}

fn selected(selection: &Selection, slots: &mut Map<String, Value>, names: &[String]) {
    match &selection.filter {
        Some(filter) => {
            slots.insert("scope".into(), json!("all"));
            described(filter, slots, names);
        }
        None => named(&selection.task_ids, slots, names),
    }
}

fn patched(patch: &TaskPatch, slots: &mut Map<String, Value>) {
    if let Some(title) = &patch.title {
        slots.insert("new_title".into(), json!(title.as_str()));
    }
    if let Some(due) = &patch.due {
        slots.insert("due".into(), json!(due.to_string()));
    }
    if let Some(repeat) = &patch.repeat {
        slots.insert("recurrence".into(), json!(repeat.rule.to_string()));
    }
    if let Some(priority) = patch.priority {
        slots.insert("priority".into(), json!(priority.to_string()));
    }
    if !patch.add_tags.is_empty() {
        slots.insert("tags".into(), json!(patch.add_tags));
    }
}

fn described(filter: &Filter, slots: &mut Map<String, Value>, names: &[String]) {
    match filter {
        Filter::Open => drop(slots.insert("status".into(), json!("pending"))),
        Filter::Done | Filter::DoneIn(_) => drop(slots.insert("status".into(), json!("completed"))),
        Filter::Overdue => drop(slots.insert("status".into(), json!("overdue"))),
        Filter::All => drop(slots.insert("scope".into(), json!("all"))),
        Filter::Due(Days::Between(Some(first), Some(last))) if first == last => {
            slots.insert("due".into(), json!(first.to_string()));
        }
        Filter::Priority(priority) => {
            slots.insert("priority".into(), json!(priority.to_string()));
        }
        Filter::Tag(tag) => drop(slots.insert("tags".into(), json!([tag]))),
        Filter::Label(name) | Filter::Project(name) => {
            slots.insert("tags".into(), json!([name]));
        }
        Filter::Number(id) => named(&[*id], slots, names),
        Filter::Text(text) => {
            let before = slots
                .get("text")
                .and_then(Value::as_str)
                .map(|before| format!("{before} "));
            let whole = before.unwrap_or_default() + text;
            slots.insert("text".into(), json!(whole));
        }
        Filter::And(parts) | Filter::Or(parts) => {
            for part in parts {
                described(part, slots, names);
            }
        }
        _ => {}
    }
}
