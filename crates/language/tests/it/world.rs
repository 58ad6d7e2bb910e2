//! One small world that sentences are read in, and the form in which the files of `tests/sentences` say what is expected.
//!
//! A line is `sentence  =>  reading`, with `⏎` for a line break inside the sentence. `!` in front marks one that the
//! engine is known to get wrong. `//` is a comment. A reading is one of these, or several with `|` between them where
//! each is fair:
//!
//! | form | meaning |
//! |---|---|
//! | `add "Pay the rent" due 2026-11-27 repeat FREQ=WEEKLY p1 #tag +Project note "…"` | a new task |
//! | `update 3 title "…" due 2026-11-27T15:00 p1 #tag -#tag +Project no due` | a change; a delay is written as the new date |
//! | `complete 3 5`, `reopen`, `delete`, `restore`, or with a filter: `delete [done]` | what the filter names counts, not its words |
//! | `show 3`, `list [today]`, `count [overdue]`, `count`, `overview 2026-11-25`, `projects`, `history` | looking |
//! | `undo`, `redo`, `empty-trash`, `zone Europe/Madrid` | as it says |
//! | `which 4 5`, `add-what`, `ask` | a question: which of these; what to add; any |
//! | `yes-to 2 9` | only some of what was proposed is approved |
//! | `yes`, `no`, `talk help`, `talk`, `no-such`, `not-mine` | as it says |
//! | `unsure` | nothing is done: `ask`, `no-such` or `not-mine` |
//!
//! Requests of one message have `;` between them, their order does not matter. `due 2026-11-27*` is that day at any time.
//!
//! `@` in front says what went before the lines under it, until the next such line: `@ spoken of 9`,
//! `@ shown 2 9 10`, `@ asked which delete 4 5`, `@ asked add-what due 2026-11-25`, `@ asked approve`, `@ did complete 9`
//! (what was done last), with commas between them. `@ nothing` is a new conversation;
//! a lone `@` is back to what is in [`Before::default`].

use std::collections::BTreeSet;
use std::path::Path;

use domain::{
    AddTask, Command, Filter, Priority, Project, ProjectRef, Repeat, RepeatMode, Selection, Tag,
    Task, TaskId, TaskPatch, View, WeekStart,
};
use jiff::civil::Date;
use language::{Choice, Question, Reading, Sight, Talk};
use serde_json::{Value, json};

/// A Tuesday morning.
const NOW: &str = "2026-11-24T10:00[Europe/Lisbon]";

/// Thirteen open tasks, two that are done (14 yesterday, 15 this morning), one in the trash.
fn tasks() -> Vec<Task> {
    let rows = [
        json!({"title": "Pay the electricity bill", "due_date": "2026-11-20", "priority": "high", "project_id": 2}),
        json!({"title": "Buy milk", "due_date": "2026-11-24", "tags": ["shopping"]}),
        json!({"title": "Book dentist appointment", "due_date": "2026-11-27"}),
        json!({"title": "Team meeting", "due_date": "2026-11-26T10:00", "project_id": 1}),
        json!({"title": "Meeting with Clara", "due_date": "2026-11-30T14:00", "project_id": 1}),
        json!({"title": "Finish the quarterly report", "due_date": "2026-11-27T17:00", "priority": "high", "project_id": 1}),
        json!({"title": "Water the plants", "due_date": "2026-11-24", "project_id": 2,
            "repeat": {"rule": "FREQ=DAILY;INTERVAL=3"}}),
        json!({"title": "Renew passport", "priority": "medium", "tags": ["papers"]}),
        json!({"title": "Call mum", "due_date": "2026-11-24T18:00"}),
        json!({"title": "Pick up the parcel", "due_date": "2026-11-25"}),
        json!({"title": "Return library books", "due_date": "2026-12-01", "priority": "low"}),
        json!({"title": "Fix the kitchen tap", "project_id": 2}),
        json!({"title": "Buy birthday present for Leo", "due_date": "2026-12-05", "tags": ["shopping"]}),
        json!({"title": "Send invoice to Acme", "completed_at": "2026-11-23T15:00:00Z", "project_id": 1}),
        json!({"title": "Clean the garage", "completed_at": "2026-11-24T08:00:00Z", "project_id": 2}),
        json!({"title": "Cancel gym membership", "deleted_at": "2026-11-23T09:00:00Z"}),
    ];
    rows.into_iter().zip(1..).map(task).collect()
}

fn task((fields, id): (Value, i64)) -> Task {
    let mut row = json!({
        "id": id, "position": id, "version": 1,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    });
    if let (Some(row), Some(fields)) = (row.as_object_mut(), fields.as_object()) {
        row.extend(fields.clone());
    }
    serde_json::from_value(row).expect("it is a task")
}

fn projects() -> Vec<Project> {
    let project = |(name, id): (&str, i64)| {
        let row = json!({
            "id": id, "name": name, "version": 1,
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        });
        serde_json::from_value(row).expect("it is a project")
    };
    ["Work", "Home"].into_iter().zip(1..).map(project).collect()
}

/// What went before a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    shown: Vec<TaskId>,
    recent: Vec<TaskId>,
    did: Vec<Command>,
    question: Option<Question>,
}

impl Default for Before {
    /// Four tasks were listed, in this order, and the dentist was spoken of.
    fn default() -> Self {
        Self {
            shown: [9, 2, 10, 3].map(TaskId).to_vec(),
            recent: vec![TaskId(3)],
            did: Vec::new(),
            question: None,
        }
    }
}

/// A line of a file.
pub(crate) struct Sentence {
    pub(crate) text: String,
    pub(crate) expected: String,
    /// Whether the engine is known to get it wrong.
    pub(crate) is_marked: bool,
    pub(crate) line: usize,
    before: Before,
    ways: Vec<Vec<Atom>>,
}

/// How a reading compares with what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Right,
    /// A question, or that there is no such task.
    Asked,
    /// Taken for something that is not about tasks.
    Ignored,
    /// Something else was shown; nothing changed.
    Looked,
    /// The same is done to the same task, with another title, date or mark.
    Inexact,
    /// Something is done that nobody asked for.
    Wrong,
}

/// One request or question, in the form of the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Atom {
    verb: String,
    /// A task's number, or a filter.
    subject: String,
    parts: BTreeSet<String>,
}

/// Everything sentences are read against.
pub(crate) struct World {
    pub(crate) view: View,
    tasks: Vec<Task>,
    pub(crate) projects: Vec<Project>,
    /// The tasks and many others, to see whether two filters say the same.
    all_sorts: Vec<Task>,
}

impl World {
    pub(crate) fn new() -> Self {
        let tasks = tasks();
        let all_sorts = all_sorts().chain(tasks.clone()).collect();
        Self {
            view: View {
                now: NOW.parse().expect("it is a time"),
                week_start: WeekStart::Monday,
            },
            tasks,
            projects: projects(),
            all_sorts,
        }
    }

    /// The sentences of every file in `folder`, by the name of the file.
    pub(crate) fn themes(&self, folder: &Path) -> Vec<(String, Vec<Sentence>)> {
        let files = std::fs::read_dir(folder).expect("the sentences are there");
        let paths = files.map(|file| file.expect("it is a file").path());
        let mut paths: Vec<_> = paths
            .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
            .collect();
        paths.sort();
        let theme = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).expect("it is text");
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            (name.to_string(), self.sentences(&name, &text))
        };
        paths.iter().map(theme).collect()
    }

    fn sentences(&self, theme: &str, text: &str) -> Vec<Sentence> {
        let mut before = Before::default();
        let mut sentences = Vec::new();
        for (row, line) in text.lines().enumerate() {
            if let Some(directive) = line.strip_prefix('@') {
                before = self.before(directive);
                continue;
            }
            if line.trim().is_empty() || line.starts_with("//") {
                continue;
            }
            let marked = line.strip_prefix("! ");
            let (said, expected) = marked
                .unwrap_or(line)
                .split_once(" => ")
                .unwrap_or_else(|| panic!("{theme}:{}: there is no ` => `", row + 1));
            let ways = self.ways(expected);
            for atom in ways.iter().flatten() {
                assert!(
                    VERBS.contains(&atom.verb.as_str()),
                    "{theme}:{}: what is `{}`?",
                    row + 1,
                    atom.verb
                );
            }
            sentences.push(Sentence {
                text: said.trim().to_owned(),
                expected: expected.trim().to_owned(),
                is_marked: marked.is_some(),
                line: row + 1,
                before: before.clone(),
                ways,
            });
        }
        sentences
    }

    /// What a line after `@` says.
    fn before(&self, directive: &str) -> Before {
        let ids = |text: &str| -> Vec<TaskId> {
            let number = |word: &str| TaskId(word.parse().expect("it is a task's number"));
            text.split_whitespace().map(number).collect()
        };
        let mut before = Before::default();
        for part in directive.split(',').map(str::trim) {
            if let Some(shown) = part.strip_prefix("shown ") {
                before.shown = ids(shown);
            } else if let Some(recent) = part.strip_prefix("spoken of ") {
                before.recent = ids(recent);
            } else if let Some(question) = part.strip_prefix("asked ") {
                before.question = Some(self.question(question));
            } else if part == "nothing" {
                before.shown.clear();
                before.recent.clear();
            } else if let Some(did) = part.strip_prefix("did ") {
                before.did.push(done(did));
            } else {
                assert!(part.is_empty(), "@ {part}?");
            }
        }
        before
    }

    fn question(&self, text: &str) -> Question {
        if text == "approve" {
            return Question::Approve;
        }
        if let Some(known) = text.strip_prefix("add-what") {
            let mut task = AddTask::new("something".parse().expect("it is a title"));
            task.due = known
                .strip_prefix(" due ")
                .map(|due| due.parse().expect("it is a date"));
            return Question::AddWhat {
                task: Box::new(task),
            };
        }
        let (verb, numbers) = text
            .strip_prefix("which ")
            .and_then(|rest| rest.split_once(' '))
            .unwrap_or_else(|| panic!("asked {text}?"));
        let choice = |number: &str| {
            let id: i64 = number.parse().expect("it is a task's number");
            let command = json!({"name": format!("{verb}_task"), "arguments": {"task_id": id}});
            let named = self.tasks.iter().find(|task| task.id == TaskId(id));
            Choice {
                label: named.expect("it is a task").title.as_str().to_owned(),
                task_id: Some(TaskId(id)),
                commands: vec![serde_json::from_value(command).expect("it is a command")],
            }
        };
        Question::Which {
            said: "it".to_owned(),
            choices: numbers.split(' ').map(choice).collect(),
        }
    }

    /// What the engine makes of a sentence, and how that compares.
    pub(crate) fn read(&self, sentence: &Sentence) -> (String, Verdict) {
        let sight = Sight {
            view: &self.view,
            tasks: &self.tasks,
            projects: &self.projects,
            shown: &sentence.before.shown,
            recent: &sentence.before.recent,
            did: &sentence.before.did,
            question: sentence.before.question.as_ref(),
            language: None,
        };
        let reading = language::read(&sentence.text.replace('⏎', "\n"), &sight);
        let printed = self.printed(&reading);
        let actual = self.ways(&printed).remove(0);
        let verdict = if sentence.ways.iter().any(|way| self.fits(&actual, way)) {
            Verdict::Right
        } else {
            miss(&reading, &actual, &sentence.ways)
        };
        (printed, verdict)
    }

    /// Whether what was read is what was expected.
    fn fits(&self, actual: &[Atom], expected: &[Atom]) -> bool {
        let mut left: Vec<&Atom> = expected.iter().collect();
        actual.len() == expected.len()
            && actual.iter().all(|atom| {
                let place = left.iter().position(|other| self.is_same(atom, other));
                place.map(|place| left.swap_remove(place)).is_some()
            })
    }

    fn is_same(&self, actual: &Atom, expected: &Atom) -> bool {
        let a_question = ["ask", "which", "add-what"].contains(&actual.verb.as_str());
        let unsure = a_question || ["no-such", "not-mine"].contains(&actual.verb.as_str());
        match expected.verb.as_str() {
            "unsure" => return unsure,
            "ask" => return a_question,
            "talk" if expected.subject.is_empty() => return actual.verb == "talk",
            _ => {}
        }
        let same_part = |(one, other): (&String, &String)| match other.strip_suffix('*') {
            Some(day) => one.starts_with(day),
            None => one == other,
        };
        actual.verb == expected.verb
            && (actual.subject == expected.subject
                || self.is_same_filter(&actual.subject, &expected.subject))
            && actual.parts.len() == expected.parts.len()
            && actual.parts.iter().zip(&expected.parts).all(same_part)
    }

    fn is_same_filter(&self, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (filter(one), filter(other)) else {
            return false;
        };
        let both = |task: &Task| {
            (
                one.matches(task, &self.projects, &self.view),
                other.matches(task, &self.projects, &self.view),
            )
        };
        let mut named = self.all_sorts.iter().map(both);
        named.clone().any(|(one, _)| one) && named.all(|(one, other)| one == other)
    }

    /// The alternatives of a reading in the form of the files.
    fn ways(&self, text: &str) -> Vec<Vec<Atom>> {
        let words = words(text);
        let way = |words: &[String]| {
            let requests = words.split(|word| word == ";");
            requests.flat_map(|words| self.atoms(words)).collect()
        };
        words.split(|word| word == "|").map(way).collect()
    }

    /// A request as one for each task it is about.
    fn atoms(&self, words: &[String]) -> Vec<Atom> {
        const PAIRS: [&str; 8] = [
            "due", "repeat", "repeat!", "title", "note", "no", "postpone", "under",
        ];
        let Some((verb, rest)) = words.split_first() else {
            return Vec::new();
        };
        // What is looked at is not taken apart.
        let looks = ["list", "count", "talk", "overview", "zone"].contains(&verb.as_str());
        let mut subjects = Vec::new();
        let mut parts = BTreeSet::new();
        let mut rest = rest.iter();
        while let Some(word) = rest.next() {
            if PAIRS.contains(&word.as_str()) {
                let value = rest.next().map_or("", String::as_str);
                parts.insert(format!("{word} {value}"));
            } else if looks || word.parse::<i64>().is_ok() {
                subjects.push(word.clone());
            } else if let Some(filter) = filter(word) {
                let fits = |task: &&Task| filter.matches(task, &self.projects, &self.view);
                let named: Vec<&Task> = self.tasks.iter().filter(fits).collect();
                subjects.extend(named.iter().map(|task| task.id.0.to_string()));
                if named.is_empty() {
                    subjects.push(word.clone());
                }
            } else {
                parts.insert(word.clone());
            }
        }
        if verb == "which" {
            subjects.sort();
            subjects = vec![subjects.join(" ")];
        }
        if subjects.is_empty() {
            subjects.push(String::new());
        }
        let atom = |subject: String| Atom {
            verb: verb.clone(),
            parts: self.undelayed(&subject, parts.clone()),
            subject,
        };
        subjects.into_iter().map(atom).collect()
    }

    /// With a delay as the date it comes to.
    fn undelayed(&self, subject: &str, parts: BTreeSet<String>) -> BTreeSet<String> {
        let of = |part: String| {
            let period = part.strip_prefix("postpone ")?.parse::<jiff::Span>().ok()?;
            let task = self
                .tasks
                .iter()
                .find(|task| task.id.0.to_string() == subject)?;
            let due = task.due.as_ref()?;
            let moved = if due.time.is_some() {
                let moved = due.local(self.view.now.time_zone()).checked_add(period);
                moved.ok()?.strftime("%Y-%m-%dT%H:%M").to_string()
            } else {
                due.date.checked_add(period).ok()?.to_string()
            };
            Some(format!("due {moved}"))
        };
        parts
            .into_iter()
            .map(|part| of(part.clone()).unwrap_or(part))
            .collect()
    }

    /// A reading in the form of the files.
    fn printed(&self, reading: &Reading) -> String {
        match reading {
            Reading::Act(steps) => {
                let steps = steps.iter().map(|step| self.command(&step.command));
                steps.collect::<Vec<_>>().join("; ")
            }
            Reading::Ask(Question::Which { choices, .. }) => {
                let ids = choices.iter().filter_map(|choice| choice.task_id);
                format!("which{}", numbers(ids))
            }
            Reading::Ask(Question::AddWhat { .. }) => "add-what".to_owned(),
            Reading::Ask(_) => "ask".to_owned(),
            Reading::Yes => "yes".to_owned(),
            Reading::YesTo(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("yes-to {}", ids.join(" "))
            }
            Reading::No => "no".to_owned(),
            Reading::NoSuch(_) => "no-such".to_owned(),
            Reading::NotMine => "not-mine".to_owned(),
            Reading::Talk(talk) => {
                let talk = match talk {
                    Talk::Help => "help",
                    Talk::Hello => "hello",
                    Talk::Thanks => "thanks",
                    Talk::Who => "who",
                    Talk::Fine => "fine",
                };
                format!("talk {talk}")
            }
        }
    }

    fn command(&self, command: &Command) -> String {
        let filtered = |verb: &str, filter: Option<&Filter>| match filter {
            Some(filter) => format!("{verb} [{filter}]"),
            None => verb.to_owned(),
        };
        let selected = |verb: &str, which: &Selection| {
            verb.to_owned() + &numbers(which.task_ids.iter().copied()) + &in_brackets(which)
        };
        match command {
            Command::AddTask(task) => self.new_task(task),
            Command::AddTasks(add) => {
                let tasks = add.tasks.iter().map(|task| self.new_task(task));
                tasks.collect::<Vec<_>>().join("; ")
            }
            Command::ListTasks(list) => filtered("list", Some(&list.filter())),
            Command::CountTasks(count) => filtered("count", count.filter.as_ref()),
            Command::GetTask(get) => format!("show {}", get.task_id.0),
            Command::GetOverview(overview) => match overview.date {
                Some(date) => format!("overview {date}"),
                None => "overview".to_owned(),
            },
            Command::CompleteTask(one) => format!("complete {}", one.task_id.0),
            Command::CompleteTasks(which) => selected("complete", which),
            Command::ReopenTask(one) => format!("reopen {}", one.task_id.0),
            Command::ReopenTasks(which) => selected("reopen", which),
            Command::DeleteTask(one) => format!("delete {}", one.task_id.0),
            Command::DeleteTasks(which) => selected("delete", which),
            Command::RestoreTasks(which) => selected("restore", which),
            Command::UpdateTask(one) => {
                format!("update {}{}", one.task_id.0, self.patch(&one.patch))
            }
            Command::UpdateTasks(all) => {
                selected("update", &all.selection) + &self.patch(&all.patch)
            }
            Command::EmptyTrash(_) => "empty-trash".to_owned(),
            Command::UndoChange(_) => "undo".to_owned(),
            Command::RedoChange(_) => "redo".to_owned(),
            Command::GetHistory(_) => "history".to_owned(),
            Command::ListProjects(_) => "projects".to_owned(),
            Command::UpdateSettings(settings) if settings.time_zone.is_some() => {
                let zone = settings.time_zone.as_ref();
                format!("zone {}", zone.map_or("", |zone| zone.as_str()))
            }
            other => serde_json::to_string(other).expect("commands are JSON"),
        }
    }

    fn new_task(&self, task: &AddTask) -> String {
        let mut text = format!("add {}", quoted(task.title.as_str()));
        if let Some(due) = &task.due {
            text += &format!(" due {due}");
        }
        text += &repeat(task.repeat.as_ref(), task.repeat_mode);
        text += priority(Some(task.priority).filter(|priority| *priority != Priority::None));
        text += &tags("#", &task.tags);
        text += &self.project(task.project.as_ref());
        if let Some(note) = &task.description {
            text += &format!(" note {}", quoted(note.as_str()));
        }
        if let Some(parent) = task.parent_id {
            text += &format!(" under {}", parent.0);
        }
        text
    }

    fn patch(&self, patch: &TaskPatch) -> String {
        let mut text = String::new();
        if let Some(title) = &patch.title {
            text += &format!(" title {}", quoted(title.as_str()));
        }
        if let Some(due) = &patch.due {
            text += &format!(" due {due}");
        }
        if let Some(postpone) = &patch.postpone {
            text += &format!(" postpone {postpone}");
        }
        text += &repeat(patch.repeat.as_ref(), patch.repeat_mode);
        text += priority(patch.priority);
        text += &tags("#", patch.tags.as_deref().unwrap_or_default());
        text += &tags("#", &patch.add_tags);
        text += &tags("-#", &patch.remove_tags);
        text += &self.project(patch.project.as_ref());
        if let Some(note) = &patch.description {
            text += &format!(" note {}", quoted(note.as_str()));
        }
        for field in &patch.clear {
            let name = serde_json::to_value(field).expect("a field has a name");
            text += &format!(" no {}", name.as_str().unwrap_or_default());
        }
        text
    }

    fn project(&self, project: Option<&ProjectRef>) -> String {
        let Some(meant) = project else {
            return String::new();
        };
        // Case does not count.
        let is_meant = |project: &&Project| match meant {
            ProjectRef::Id(id) => project.id == *id,
            ProjectRef::Name(name) => {
                project.name.as_str().to_lowercase() == name.as_str().to_lowercase()
            }
        };
        let name = match (self.projects.iter().find(is_meant), meant) {
            (Some(project), _) => project.name.as_str(),
            (None, ProjectRef::Name(name)) => name.as_str(),
            (None, ProjectRef::Id(_)) => "?",
        };
        format!(" +{}", quoted_if_long(name))
    }
}

/// The command that an expected reading of one request writes down.
fn done(text: &str) -> Command {
    let said = words(text);
    let mut ids = Vec::new();
    let mut fields = serde_json::Map::new();
    let mut rest = said.iter().skip(1);
    while let Some(word) = rest.next() {
        if let Ok(id) = word.parse::<i64>() {
            ids.push(id);
        } else if let Some(title) = word.strip_prefix('"') {
            fields.insert("title".to_owned(), json!(title.trim_end_matches('"')));
        } else if let Some(tag) = word.strip_prefix('#') {
            let name = if said[0] == "add" { "tags" } else { "add_tags" };
            fields.insert(name.to_owned(), json!([tag]));
        } else if let Some(project) = word.strip_prefix('+') {
            fields.insert("project".to_owned(), json!(project));
        } else if let Some(level) = ["p4", "p3", "p2", "p1"].iter().position(|p| p == word) {
            let level = ["none", "low", "medium", "high"][level];
            fields.insert("priority".to_owned(), json!(level));
        } else {
            let value = rest.next().unwrap_or_else(|| panic!("did {text}?"));
            fields.insert(word.clone(), json!(value));
        }
    }
    let several = if let [id] = ids[..] {
        fields.insert("task_id".to_owned(), json!(id));
        ""
    } else if said[0] == "add" {
        ""
    } else {
        fields.insert("task_ids".to_owned(), json!(ids));
        "s"
    };
    let command = json!({"name": format!("{}_task{several}", said[0]), "arguments": fields});
    serde_json::from_value(command).unwrap_or_else(|error| panic!("did {text}: {error}"))
}

/// How a reading that is not right is wrong.
fn miss(reading: &Reading, actual: &[Atom], ways: &[Vec<Atom>]) -> Verdict {
    let Reading::Act(steps) = reading else {
        return match reading {
            Reading::Ask(_) | Reading::NoSuch(_) => Verdict::Asked,
            _ => Verdict::Ignored,
        };
    };
    let reads = |command: &Command| command.effect() == domain::Effect::Reads;
    if steps.iter().all(|step| reads(&step.command)) {
        return Verdict::Looked;
    }
    let bare = |atoms: &[Atom]| -> Vec<(String, String)> {
        let mut bare: Vec<_> = atoms
            .iter()
            .map(|atom| (atom.verb.clone(), atom.subject.clone()))
            .collect();
        bare.sort();
        bare
    };
    if ways.iter().any(|way| bare(way) == bare(actual)) {
        Verdict::Inexact
    } else {
        Verdict::Wrong
    }
}

/// The first word of what can be expected.
const VERBS: [&str; 26] = [
    "yes-to",
    "add",
    "update",
    "complete",
    "reopen",
    "delete",
    "restore",
    "show",
    "list",
    "count",
    "overview",
    "projects",
    "history",
    "undo",
    "redo",
    "empty-trash",
    "zone",
    "which",
    "add-what",
    "ask",
    "yes",
    "no",
    "talk",
    "no-such",
    "not-mine",
    "unsure",
];

/// Tasks of many dates, priorities, places and states, under titles that no sentence speaks of.
fn all_sorts() -> impl Iterator<Item = Task> {
    let today: Date = "2026-11-24".parse().expect("it is a date");
    let dues = [
        -400, -40, -20, -8, -3, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 20, 40, 70, 400,
    ];
    let dues = dues.map(|days: i64| {
        let day = today.checked_add(jiff::Span::new().days(days));
        Some(day.expect("it is in the calendar").to_string())
    });
    let states = [
        json!({}),
        json!({"completed_at": "2026-11-24T09:00:00Z"}),
        json!({"completed_at": "2026-11-23T09:00:00Z"}),
        json!({"completed_at": "2026-11-18T09:00:00Z"}),
        json!({"completed_at": "2026-10-18T09:00:00Z"}),
        json!({"deleted_at": "2026-11-23T09:00:00Z"}),
    ];
    let places = [
        json!({}),
        json!({"project_id": 1}),
        json!({"project_id": 2, "repeat": {"rule": "FREQ=DAILY"}}),
        json!({"tags": ["shopping"]}),
        json!({"tags": ["papers"]}),
    ];
    let mut rows = Vec::new();
    for due in dues.into_iter().chain([None]) {
        for state in &states {
            for priority in ["none", "low", "medium", "high"] {
                for place in &places {
                    let mut row = json!({"title": "x", "priority": priority, "due_date": due});
                    let fields = row.as_object_mut().expect("it is an object");
                    fields.extend(state.as_object().cloned().unwrap_or_default());
                    fields.extend(place.as_object().cloned().unwrap_or_default());
                    if place.get("repeat").is_some() && due.is_none() {
                        fields.remove("repeat");
                    }
                    rows.push(row);
                }
            }
        }
    }
    rows.into_iter().zip(100..).map(task)
}

/// The words of a reading; what is in quotes or brackets is one, and so are `;` and `|`.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside = quoted || bracketed;
        let ends = rest.peek().is_none_or(|next| next.is_whitespace());
        if c.is_whitespace() && !inside {
            words.push(String::new());
            continue;
        } else if c == ';' && !inside && ends {
            words.push(String::new());
        }
        match c {
            '"' if !escaped && !bracketed => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The filter in brackets. `None` if it is none.
fn filter(word: &str) -> Option<Filter> {
    let inner = word.strip_prefix('[')?.strip_suffix(']')?;
    let filter = inner.parse();
    Some(filter.unwrap_or_else(|error| panic!("{word}: {error}")))
}

fn in_brackets(which: &Selection) -> String {
    which
        .filter
        .as_ref()
        .map_or_else(String::new, |filter| format!(" [{filter}]"))
}

fn numbers(ids: impl IntoIterator<Item = TaskId>) -> String {
    ids.into_iter().map(|id| format!(" {}", id.0)).collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

fn quoted_if_long(text: &str) -> String {
    if text.contains(' ') {
        quoted(text)
    } else {
        text.to_owned()
    }
}

fn repeat(repeat: Option<&Repeat>, mode: Option<RepeatMode>) -> String {
    let Some(repeat) = repeat else {
        return String::new();
    };
    let counted_from_done = [Some(repeat.mode), mode].contains(&Some(RepeatMode::Completion));
    let word = if counted_from_done {
        "repeat!"
    } else {
        "repeat"
    };
    format!(" {word} {}", repeat.rule)
}

fn priority(priority: Option<Priority>) -> &'static str {
    match priority {
        None => "",
        Some(Priority::High) => " p1",
        Some(Priority::Medium) => " p2",
        Some(Priority::Low) => " p3",
        Some(Priority::None) => " p4",
    }
}

fn tags(mark: &str, tags: &[Tag]) -> String {
    let tag = |tag: &Tag| format!(" {mark}{}", quoted_if_long(tag.as_str()));
    tags.iter().map(tag).collect()
}
