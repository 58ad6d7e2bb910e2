//! Random commands, and filters to look at what came of them.

use domain::{
    AddProject, AddTask, AddTasks, Command, CompleteTask, Days, DeleteProject, DeleteTask, Due,
    EmptyTrash, Field, Filter, MoveTask, Priority, ProjectId, ProjectRef, RedoChange, ReopenTask,
    Selection, Seq, TaskId, TaskPatch, UndoChange, UpdateProject, UpdateSettings, UpdateTask,
    UpdateTasks,
};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// One command, when, and what is looked at afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) minutes: i64,
    pub(crate) seconds: i64,
    pub(crate) command: Command,
    pub(crate) filter: Filter,
    pub(crate) limit: u32,
    pub(crate) task: TaskId,
}

const TITLES: [&str; 8] = [
    "Buy milk",
    "MILK & 100% oats_\\",
    "o'clock \"quoted\"",
    "日本語のタスク",
    "İstanbul Ünïcode STRASSE",
    "a_b",
    "aXb",
    "%",
];
const WORDS: [&str; 8] = [
    "milk",
    "100%",
    "_",
    "\\",
    "'",
    "日本",
    "i̇st",
    "nothing of it",
];
const DUES: [&str; 14] = [
    "2026-03-27",
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-04-06",
    "2025-12-31T23:59",
    "2026-03-28T22:30",
    "2026-03-29T01:30",
    "2026-03-29T02:15",
    "2026-03-29T00:00[Pacific/Kiritimati]",
    "2026-03-29T01:30[Europe/Lisbon]",
    "2026-03-28T23:59[America/Los_Angeles]",
    "2026-03-29T12:00Z",
    "9999-12-31",
];
const TAGS: [&str; 4] = ["home", "HOME", "work", "überall"];
const PROJECTS: [&str; 4] = ["Garden", "garden", "Café 100%", "ÉCOLE"];
const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Lisbon",
    "America/Sao_Paulo",
    "Pacific/Kiritimati",
    "Asia/Kathmandu",
];
const REPEATS: [&str; 3] = [
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,SU",
    "FREQ=MONTHLY;COUNT=2",
];

fn parsed<T>(texts: &'static [&'static str]) -> impl Strategy<Value = T>
where
    T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug,
{
    select(texts).prop_map(|text| text.parse().unwrap())
}

fn task_id() -> impl Strategy<Value = TaskId> {
    (1..14_i64).prop_map(TaskId)
}

fn priority() -> impl Strategy<Value = Priority> {
    (1..=4_i64).prop_map(|rank| Priority::from_rank(rank).unwrap())
}

fn project() -> impl Strategy<Value = ProjectRef> {
    prop_oneof![
        (1..4_i64).prop_map(|id| ProjectRef::Id(ProjectId(id))),
        parsed(&PROJECTS).prop_map(ProjectRef::Name),
    ]
}

fn new_task() -> impl Strategy<Value = AddTask> {
    (
        parsed(&TITLES),
        of(parsed(&TITLES)),
        of(parsed::<Due>(&DUES)),
        prop::option::weighted(0.2, parsed(&REPEATS)),
        priority(),
        prop::collection::vec(parsed(&TAGS), 0..3),
        prop::option::weighted(0.4, project()),
        prop::option::weighted(0.3, task_id()),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(title, description, due, repeat, priority, tags, project, parent_id, completed)| {
                AddTask {
                    description,
                    due,
                    repeat,
                    priority,
                    tags,
                    project,
                    parent_id,
                    completed,
                    ..AddTask::new(title)
                }
            },
        )
}

fn days() -> impl Strategy<Value = Days> {
    let date =
        || parsed::<jiff::civil::Date>(&["2026-03-27", "2026-03-29", "2026-04-06", "9999-12-31"]);
    prop_oneof![
        select(
            &[
                Days::Yesterday,
                Days::Today,
                Days::Tomorrow,
                Days::LastWeek,
                Days::ThisWeek,
                Days::NextWeek,
                Days::ThisMonth,
                Days::NextMonth,
                Days::Next(7),
                Days::Last(2),
            ][..]
        ),
        (of(date()), of(date())).prop_map(|(first, last)| Days::Between(first, last)),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        3 => select(&[
            Filter::Open,
            Filter::Done,
            Filter::All,
            Filter::Trash,
            Filter::Overdue,
            Filter::HasDate(true),
            Filter::HasDate(false),
            Filter::Repeating,
            Filter::Inbox,
        ][..]),
        2 => days().prop_map(Filter::Due),
        1 => days().prop_map(Filter::DoneIn),
        1 => priority().prop_map(Filter::Priority),
        1 => parsed(&TAGS).prop_map(Filter::Tag),
        1 => select(&PROJECTS[..]).prop_map(|name| Filter::Project(name.to_owned())),
        1 => (1..4_i64).prop_map(|id| Filter::ProjectNumber(ProjectId(id))),
        1 => select(&["Home", "école", "GARDEN"][..]).prop_map(|name| Filter::Label(name.to_owned())),
        1 => task_id().prop_map(Filter::Under),
        1 => task_id().prop_map(Filter::Number),
        2 => select(&WORDS[..]).prop_map(|text| Filter::Text(text.to_owned())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|filter| Filter::Not(Box::new(filter))),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::And),
            prop::collection::vec(inner, 0..4).prop_map(Filter::Or),
        ]
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        prop::collection::vec(task_id(), 1..4).prop_map(Selection::of),
        filter().prop_map(Selection::by),
    ]
}

fn patch() -> impl Strategy<Value = TaskPatch> {
    let fields = [
        Field::Description,
        Field::Due,
        Field::Time,
        Field::Repeat,
        Field::Tags,
        Field::Project,
        Field::Parent,
    ];
    (
        of(parsed(&TITLES)),
        of(parsed(&DUES)),
        of(priority()),
        prop::collection::vec(parsed(&TAGS), 0..2),
        prop::option::weighted(0.3, project()),
        prop::option::weighted(0.2, task_id()),
        prop::collection::vec(select(fields.to_vec()), 0..2),
    )
        .prop_map(
            |(title, due, priority, add_tags, project, parent_id, clear)| TaskPatch {
                title,
                due,
                priority,
                add_tags,
                project,
                parent_id,
                clear,
                ..TaskPatch::default()
            },
        )
}

fn command() -> impl Strategy<Value = Command> {
    let change = || of((1..12_i64).prop_map(Seq));
    prop_oneof![
        6 => new_task().prop_map(Command::AddTask),
        1 => prop::collection::vec(new_task(), 1..4).prop_map(|tasks| Command::AddTasks(AddTasks { tasks })),
        3 => (task_id(), patch()).prop_map(|(task_id, patch)| {
            Command::UpdateTask(UpdateTask { task_id, patch, if_version: None })
        }),
        1 => (selection(), patch()).prop_map(|(selection, patch)| {
            Command::UpdateTasks(UpdateTasks { selection, patch })
        }),
        2 => task_id().prop_map(|task_id| Command::CompleteTask(CompleteTask { task_id })),
        1 => selection().prop_map(Command::CompleteTasks),
        1 => task_id().prop_map(|task_id| Command::ReopenTask(ReopenTask { task_id })),
        1 => selection().prop_map(Command::ReopenTasks),
        2 => task_id().prop_map(|task_id| Command::DeleteTask(DeleteTask { task_id })),
        1 => selection().prop_map(Command::DeleteTasks),
        1 => selection().prop_map(Command::RestoreTasks),
        1 => Just(Command::EmptyTrash(EmptyTrash::default())),
        1 => (task_id(), task_id(), any::<bool>()).prop_map(|(task_id, anchor, first)| {
            let (before, after) = if first { (Some(anchor), None) } else { (None, Some(anchor)) };
            Command::MoveTask(MoveTask { task_id, before, after })
        }),
        1 => parsed(&PROJECTS).prop_map(|name| Command::AddProject(AddProject { name, colour: None })),
        1 => (project(), of(parsed(&PROJECTS)), of(any::<bool>())).prop_map(|(project, name, archived)| {
            let colour = Some("#2A58CC".parse().unwrap());
            Command::UpdateProject(UpdateProject { project, name, colour, archived })
        }),
        1 => project().prop_map(|project| Command::DeleteProject(DeleteProject { project })),
        1 => parsed(&ZONES).prop_map(|zone| {
            let time_zone = Some(zone);
            Command::UpdateSettings(UpdateSettings { time_zone, ..UpdateSettings::default() })
        }),
        3 => change().prop_map(|change_id| Command::UndoChange(UndoChange { change_id })),
        2 => change().prop_map(|change_id| Command::RedoChange(RedoChange { change_id })),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    (
        0..90_i64,
        select(&[0, 30][..]),
        command(),
        filter(),
        1..6_u32,
        task_id(),
    )
        .prop_map(|(minutes, seconds, command, filter, limit, task)| Step {
            minutes,
            seconds,
            command,
            filter,
            limit,
            task,
        })
}
