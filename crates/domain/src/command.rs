//! Everything that can be asked for, as data.
//!
//! The doc comments here are the descriptions of the tools, the API and the command line.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use serde_path_to_error::Track;

use crate::{
    ActorKind, Colour, Description, Due, Filter, Missed, ModelMode, Priority, ProjectName,
    ProjectRef, Repeat, RepeatMode, SavedFilter, Seq, Tag, TaskId, Title, WeekStart, ZoneName,
};

/// What a date or a repeat can be made of: something that can be read from text.
pub trait Readable:
    FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static
{
}

impl<T: FromStr<Err: std::error::Error + Send + Sync + 'static> + Clone + Send + Sync + 'static>
    Readable for T
{
}

/// A date or repeat as somebody said it: `2026-12-01`, `next friday 3pm`, `every 2 weeks`, `FREQ=DAILY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Said(pub String);

impl FromStr for Said {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// What somebody's words for a date came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// When it is due.
    pub due: Option<Due>,
    /// How it comes back.
    pub repeat: Option<Repeat>,
}

/// One request, as data. Dates are meant (`Command`) or still as they were said ([`SpokenCommand`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Subcommand)]
#[serde(
    remote = "Self",
    tag = "name",
    content = "arguments",
    rename_all = "snake_case",
    bound(
        serialize = "D: Serialize, R: Serialize",
        deserialize = "D: DeserializeOwned, R: DeserializeOwned"
    )
)]
pub enum Command<D: Readable = Due, R: Readable = Repeat> {
    /// Add a task.
    #[command(skip)]
    AddTask(AddTask<D, R>),
    /// Add several tasks at once, or none of them.
    #[command(skip)]
    AddTasks(AddTasks<D, R>),
    /// List tasks: open ones, or those that a filter names.
    #[command(name = "list", visible_alias = "ls")]
    ListTasks(ListTasks),
    /// Show one task with its steps.
    #[command(name = "show")]
    GetTask(GetTask),
    /// Count tasks: open, done, overdue and due today.
    #[command(name = "count")]
    CountTasks(CountTasks),
    /// What there is to do: overdue, today and the days after.
    #[command(name = "overview")]
    GetOverview(GetOverview),
    /// Mark a task as complete. A repeating one comes back on its next day.
    #[command(skip)]
    CompleteTask(CompleteTask),
    /// Mark several tasks as complete.
    #[command(name = "done", visible_alias = "complete")]
    CompleteTasks(Selection),
    /// Mark a completed task as not done.
    #[command(skip)]
    ReopenTask(ReopenTask),
    /// Mark completed tasks as not done.
    #[command(name = "reopen")]
    ReopenTasks(Selection),
    /// Change a task: only what is named changes.
    #[command(name = "edit", visible_alias = "update")]
    UpdateTask(UpdateTask<D, R>),
    /// Make the same change to several tasks.
    #[command(skip)]
    UpdateTasks(UpdateTasks<D, R>),
    /// Delete a task: it goes to the trash, from where it can be restored.
    #[command(skip)]
    DeleteTask(DeleteTask),
    /// Delete tasks: they go to the trash, from where they can be restored.
    #[command(name = "delete", visible_alias = "rm")]
    DeleteTasks(Selection),
    /// Take tasks out of the trash.
    #[command(name = "undelete")]
    RestoreTasks(Selection),
    /// Remove everything in the trash.
    #[command(name = "empty-trash")]
    EmptyTrash(EmptyTrash),
    /// Put a task before or after another.
    #[command(name = "move")]
    MoveTask(MoveTask),
    /// List projects.
    #[command(name = "projects")]
    ListProjects(ListProjects),
    /// Add a project.
    #[command(name = "add-project")]
    AddProject(AddProject),
    /// Change a project: its name, its colour, whether it is put away.
    #[command(name = "edit-project")]
    UpdateProject(UpdateProject),
    /// Delete a project; its tasks go to the inbox.
    #[command(name = "delete-project")]
    DeleteProject(DeleteProject),
    /// Change how you are served: time zone, week, language, saved filters.
    #[command(name = "settings")]
    UpdateSettings(UpdateSettings),
    /// What changed, newest first.
    #[command(name = "history")]
    GetHistory(GetHistory),
    /// Take a change back: the last one, or any by its number.
    #[command(name = "undo")]
    UndoChange(UndoChange),
    /// Make an undone change again: the last one, or any by its number.
    #[command(name = "redo")]
    RedoChange(RedoChange),
}

impl<D: Readable + Serialize, R: Readable + Serialize> Serialize for Command<D, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de, D, R> Deserialize<'de> for Command<D, R>
where
    D: Readable + DeserializeOwned,
    R: Readable + DeserializeOwned,
{
    // What serde derives forgets on the way which field is wrong when the arguments come before the name, as they do
    // in order of the alphabet.
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Call {
            name: String,
            #[serde(default)]
            arguments: Map<String, Value>,
        }
        let Call { name, arguments } = Call::deserialize(deserializer)?;
        let in_order = [
            ("name", Value::String(name)),
            ("arguments", Value::Object(arguments)),
        ];
        let mut track = Track::new();
        let call = MapDeserializer::new(in_order.into_iter());
        Self::deserialize(serde_path_to_error::Deserializer::new(call, &mut track)).map_err(
            |error: serde_json::Error| {
                let path = track.path().to_string();
                let path = path.strip_prefix("arguments").unwrap_or(&path);
                S::Error::custom(named(path.trim_start_matches('.'), &error))
            },
        )
    }
}

/// What is wrong with the field at `path`.
fn named(path: &str, error: &serde_json::Error) -> String {
    if path.is_empty() {
        error.to_string()
    } else {
        format!("{path}: {error}")
    }
}

/// A command whose dates are still words.
pub type SpokenCommand = Command<Said, Said>;

/// What a command can do to somebody's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It adds or changes.
    Writes,
    /// It can take something away.
    Destroys,
}

/// A task to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct AddTask<D: Readable = Due, R: Readable = Repeat> {
    /// What is to be done.
    pub title: Title,
    /// More about it.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// When it is due.
    #[arg(long, value_parser = D::from_str)]
    #[serde(alias = "due_date", skip_serializing_if = "Option::is_none")]
    pub due: Option<D>,
    /// How it comes back once done.
    #[arg(long, value_parser = R::from_str)]
    #[serde(alias = "recurrence", skip_serializing_if = "Option::is_none")]
    pub repeat: Option<R>,
    /// Whether the next time is counted from the day it was due or the day it was done.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_mode: Option<RepeatMode>,
    /// What becomes of missed times.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// How much it matters.
    #[arg(long)]
    #[serde(default)]
    pub priority: Priority,
    /// Labels, without `@` or `#`.
    #[arg(long = "tag")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The project it belongs in, by number or name; a new name makes a new project.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectRef>,
    /// The task it is a step of.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<TaskId>,
    /// Whether it is done already.
    #[arg(long)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub completed: bool,
}

impl<D: Readable, R: Readable> AddTask<D, R> {
    /// A task that is nothing but its title.
    pub fn new(title: Title) -> Self {
        Self {
            title,
            description: None,
            due: None,
            repeat: None,
            repeat_mode: None,
            missed: None,
            priority: Priority::None,
            tags: Vec::new(),
            project: None,
            parent_id: None,
            completed: false,
        }
    }
}

/// Tasks to add together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct AddTasks<D: Readable = Due, R: Readable = Repeat> {
    /// The tasks, 1 to 1,000.
    #[arg(skip)]
    pub tasks: Vec<AddTask<D, R>>,
}

/// Which tasks to list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct ListTasks {
    /// Which tasks, such as `overdue & #work & !p1`; without it, open ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// `pending`, `completed` or `all`, besides the filter.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Words in title, description or labels, besides the filter.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// In which order.
    #[arg(long, default_value = "due")]
    #[serde(default)]
    pub order: Order,
    /// How many at most, 1 to 500; 100 without it.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl ListTasks {
    /// Most tasks on one page.
    pub const LIMIT_MAX: u32 = 500;
    /// Tasks on a page when nothing is said.
    pub const LIMIT: u32 = 100;

    /// Everything that says which tasks, as one filter.
    pub fn filter(&self) -> Filter {
        let status = self.status.map(|status| match status {
            Status::All => Filter::All,
            Status::Pending => Filter::Open,
            Status::Completed => Filter::Done,
        });
        let query = self
            .query
            .as_deref()
            .map(str::trim)
            .filter(|query| !query.is_empty());
        let query = query.map(|query| Filter::Text(query.to_owned()));
        Filter::all_of(self.filter.clone().into_iter().chain(status).chain(query))
    }
}

/// Whether tasks are done.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Status {
    /// Open and done.
    All,
    /// Open.
    Pending,
    /// Done.
    Completed,
}

/// An order of tasks.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Order {
    /// By due date, then priority, then place; those without a date last.
    #[default]
    Due,
    /// By number: the order in which they were added.
    Added,
    /// By the place they were moved to.
    Place,
    /// Those finished last first.
    Completed,
}

/// Which task to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct GetTask {
    /// The task's number.
    pub task_id: TaskId,
}

/// Which tasks to count.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct CountTasks {
    /// Which tasks; without it, all of them by state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

/// Of which day.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct GetOverview {
    /// The day, today without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
}

/// Which task is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct CompleteTask {
    /// The task's number.
    pub task_id: TaskId,
}

/// Which task is not done after all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct ReopenTask {
    /// The task's number.
    pub task_id: TaskId,
}

/// Which task goes to the trash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct DeleteTask {
    /// The task's number.
    pub task_id: TaskId,
}

/// Which tasks, by number or by filter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// The tasks' numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_ids: Vec<TaskId>,
    /// Which tasks, such as `overdue & #work`, instead of numbers.
    #[arg(long, conflicts_with = "task_ids")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
}

impl Selection {
    /// These tasks.
    pub fn of(task_ids: impl IntoIterator<Item = TaskId>) -> Self {
        Self {
            task_ids: task_ids.into_iter().collect(),
            filter: None,
        }
    }

    /// The tasks that `filter` names.
    pub fn by(filter: Filter) -> Self {
        Self {
            task_ids: Vec::new(),
            filter: Some(filter),
        }
    }
}

/// What to change of a task.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct UpdateTask<D: Readable = Due, R: Readable = Repeat> {
    /// The task's number.
    pub task_id: TaskId,
    /// What changes.
    #[command(flatten)]
    #[serde(flatten)]
    pub patch: TaskPatch<D, R>,
    /// Change it only if its `version` is still this; otherwise it is refused as changed since.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_version: Option<Seq>,
}

impl<'de, D, R> Deserialize<'de> for UpdateTask<D, R>
where
    D: Readable + DeserializeOwned,
    R: Readable + DeserializeOwned,
{
    // Written out because what serde makes of a flattened field does not say which field is wrong.
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        fn take<T: DeserializeOwned, E: Error>(
            fields: &mut Map<String, Value>,
            name: &str,
        ) -> Result<Option<T>, E> {
            let value = fields.remove(name).unwrap_or_default();
            serde_json::from_value(value).map_err(|error| E::custom(format!("{name}: {error}")))
        }
        let mut fields = Map::deserialize(deserializer)?;
        let task_id = take(&mut fields, "task_id")?;
        Ok(Self {
            task_id: task_id.ok_or_else(|| Error::missing_field("task_id"))?,
            if_version: take(&mut fields, "if_version")?,
            patch: serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
                let path = error.path().to_string();
                S::Error::custom(named(path.trim_start_matches('.'), error.inner()))
            })?,
        })
    }
}

/// What to change of several tasks.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct UpdateTasks<D: Readable = Due, R: Readable = Repeat> {
    /// Which tasks.
    #[command(flatten)]
    #[serde(flatten)]
    pub selection: Selection,
    /// What changes.
    #[command(flatten)]
    pub patch: TaskPatch<D, R>,
}

impl<'de, D, R> Deserialize<'de> for UpdateTasks<D, R>
where
    D: Readable + DeserializeOwned,
    R: Readable + DeserializeOwned,
{
    // As for one task.
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        #[derive(Deserialize)]
        #[serde(
            deny_unknown_fields,
            bound(deserialize = "D: DeserializeOwned, R: DeserializeOwned")
        )]
        struct Fields<D: Readable, R: Readable> {
            #[serde(default)]
            task_ids: Vec<TaskId>,
            filter: Option<Filter>,
            patch: TaskPatch<D, R>,
        }
        let Fields {
            task_ids,
            filter,
            patch,
        } = Fields::deserialize(deserializer)?;
        Ok(Self {
            selection: Selection { task_ids, filter },
            patch,
        })
    }
}

/// The fields to change; what is not named stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct TaskPatch<D: Readable = Due, R: Readable = Repeat> {
    /// A new title.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// A new description.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// A new due date.
    #[arg(long, value_parser = D::from_str)]
    #[serde(alias = "due_date", skip_serializing_if = "Option::is_none")]
    pub due: Option<D>,
    /// How much later, or with a minus earlier, than it is due now, as an ISO 8601 duration: `P2D`, `-PT1H`.
    #[arg(long, allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postpone: Option<Period>,
    /// A new repeat rule.
    #[arg(long, value_parser = R::from_str)]
    #[serde(alias = "recurrence", skip_serializing_if = "Option::is_none")]
    pub repeat: Option<R>,
    /// Whether the next time is counted from the day it was due or the day it was done.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat_mode: Option<RepeatMode>,
    /// What becomes of missed times.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// A new priority.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Labels instead of those it has.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// Labels besides those it has.
    #[arg(long = "add-tag")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_tags: Vec<Tag>,
    /// Labels it loses.
    #[arg(long = "remove-tag")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_tags: Vec<Tag>,
    /// The project it goes to, by number or name; a new name makes a new project.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectRef>,
    /// The task it becomes a step of.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<TaskId>,
    /// Fields it loses.
    #[arg(long)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<Field>,
}

impl<D: Readable, R: Readable> Default for TaskPatch<D, R> {
    fn default() -> Self {
        Self {
            title: None,
            description: None,
            due: None,
            postpone: None,
            repeat: None,
            repeat_mode: None,
            missed: None,
            priority: None,
            tags: None,
            add_tags: Vec::new(),
            remove_tags: Vec::new(),
            project: None,
            parent_id: None,
            clear: Vec::new(),
        }
    }
}

/// A field that a task can be without.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Field {
    /// Its description.
    Description,
    /// Its due date, and its repeat with it.
    #[serde(alias = "due_date")]
    Due,
    /// Its time of day; the date stays.
    Time,
    /// Its repeat rule.
    #[serde(alias = "recurrence")]
    Repeat,
    /// Its priority.
    Priority,
    /// All its labels.
    Tags,
    /// Its project.
    #[serde(alias = "project_id")]
    Project,
    /// The task it is a step of.
    #[serde(alias = "parent_id")]
    Parent,
}

/// A length of time between two due dates, as an ISO 8601 duration: `P2D`, `P1W`, `-PT1H`.
#[derive(Debug, Clone, Copy)]
pub struct Period(pub jiff::Span);

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        self.0.fieldwise() == other.0.fieldwise()
    }
}

impl FromStr for Period {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Self)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(|_| {
            serde::de::Error::custom("a length of time looks like P2D or -PT1H (ISO 8601)")
        })
    }
}

impl JsonSchema for Period {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "An ISO 8601 duration: `P2D`, `-PT1H`." })
    }
}

/// The whole trash, or what has been in it for long.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct EmptyTrash {
    /// Only what was deleted before this moment.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub deleted_before: Option<Timestamp>,
}

/// Where a task goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
#[group(skip)]
pub struct MoveTask {
    /// The task's number.
    pub task_id: TaskId,
    /// It goes right before this task.
    #[arg(long, conflicts_with = "after")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<TaskId>,
    /// It goes right after this task.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<TaskId>,
}

/// Which projects.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct ListProjects {
    /// Also those put away.
    #[arg(long)]
    #[serde(default)]
    pub archived: bool,
}

/// A project to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct AddProject {
    /// What it is called.
    pub name: ProjectName,
    /// Its colour, as `#RRGGBB`.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
}

/// What to change of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct UpdateProject {
    /// The project, by number or name.
    pub project: ProjectRef,
    /// A new name.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<ProjectName>,
    /// A new colour, as `#RRGGBB`.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// Whether it is put away.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// Which project to delete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct DeleteProject {
    /// The project, by number or name.
    pub project: ProjectRef,
}

/// What to change of the settings.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// The zone whose clock you live by, such as `Europe/Lisbon`.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<ZoneName>,
    /// The language to answer in, such as `en`.
    #[arg(long, value_parser = language_tag)]
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "language_tag_or_none"
    )]
    pub locale: Option<String>,
    /// The first day of a week.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub week_start: Option<WeekStart>,
    /// When a language model is asked: `rules` for never, `unsure` for when the engine does not understand, `first`.
    // On the command line --model-mode is the server's, and one name would be one value for both.
    #[arg(id = "ask_model", long = "ask-model", value_name = "WHEN")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_mode: Option<ModelMode>,
    /// The saved filters: all of them, in their order, at most 50; those that are left out are removed.
    #[arg(long = "filter", value_name = "NAME=FILTER", num_args = 0..)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filters: Option<Vec<SavedFilter>>,
}

/// A BCP 47 tag as far as its form goes: parts of up to eight letters or digits.
fn language_tag(text: &str) -> Result<String, String> {
    const LENGTH_MAX: usize = 35;
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let fits = text.len() <= LENGTH_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.split('-').all(part);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "a language is a tag like en or pt-BR".to_owned())
}

fn language_tag_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<Cow<str>>::deserialize(deserializer)?;
    text.map(|text| language_tag(&text).map_err(serde::de::Error::custom))
        .transpose()
}

/// How much history.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct GetHistory {
    /// Only of this task.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// Only what these did: `person` for yourself, `model` for the assistant's language models, `agent` for other programs.
    #[arg(long, value_name = "WHO")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorKind>,
    /// Only what came before this change.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Seq>,
    /// How many at most, 1 to 200; 20 without it.
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What to take back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct UndoChange {
    /// The change's number; the last change without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_id: Option<Seq>,
}

/// What to make again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub struct RedoChange {
    /// The number of the change that was taken back; the last such without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_id: Option<Seq>,
}

impl<D: Readable, R: Readable> Command<D, R> {
    /// Its name, as tools and the journal know it, and what it can do.
    fn facts(&self) -> (&'static str, Effect) {
        use Effect::{Destroys, Reads, Writes};
        match self {
            Self::AddTask(_) => ("add_task", Writes),
            Self::AddTasks(_) => ("add_tasks", Writes),
            Self::ListTasks(_) => ("list_tasks", Reads),
            Self::GetTask(_) => ("get_task", Reads),
            Self::CountTasks(_) => ("count_tasks", Reads),
            Self::GetOverview(_) => ("get_overview", Reads),
            Self::CompleteTask(_) => ("complete_task", Writes),
            Self::CompleteTasks(_) => ("complete_tasks", Writes),
            Self::ReopenTask(_) => ("reopen_task", Writes),
            Self::ReopenTasks(_) => ("reopen_tasks", Writes),
            Self::UpdateTask(_) => ("update_task", Writes),
            Self::UpdateTasks(_) => ("update_tasks", Writes),
            Self::DeleteTask(_) => ("delete_task", Destroys),
            Self::DeleteTasks(_) => ("delete_tasks", Destroys),
            Self::RestoreTasks(_) => ("restore_tasks", Writes),
            Self::EmptyTrash(_) => ("empty_trash", Destroys),
            Self::MoveTask(_) => ("move_task", Writes),
            Self::ListProjects(_) => ("list_projects", Reads),
            Self::AddProject(_) => ("add_project", Writes),
            Self::UpdateProject(_) => ("update_project", Writes),
            Self::DeleteProject(_) => ("delete_project", Destroys),
            Self::UpdateSettings(_) => ("update_settings", Writes),
            Self::GetHistory(_) => ("get_history", Reads),
            Self::UndoChange(_) => ("undo_change", Writes),
            Self::RedoChange(_) => ("redo_change", Writes),
        }
    }

    /// Its name, as tools and the journal know it.
    pub fn name(&self) -> &'static str {
        self.facts().0
    }

    /// What it can do to somebody's tasks.
    pub fn effect(&self) -> Effect {
        self.facts().1
    }
}

impl Command {
    /// This and `other` as one command, where both add tasks, or do the same to tasks that they name. `None` otherwise.
    pub fn with(&self, other: &Self) -> Option<Self> {
        if let (Some(mut tasks), Some(more)) = (self.added(), other.added()) {
            tasks.extend(more);
            return Some(Self::AddTasks(AddTasks { tasks }));
        }
        let (mut both, mut more) = (self.for_several()?, other.for_several()?);
        if both.name() != more.name() {
            return None;
        }
        let more = std::mem::take(more.selection()?);
        let own = both.selection()?;
        own.task_ids.extend(more.task_ids);
        (own.filter.is_none() && more.filter.is_none()).then_some(both)
    }

    fn added(&self) -> Option<Vec<AddTask>> {
        match self {
            Self::AddTask(task) => Some(vec![task.clone()]),
            Self::AddTasks(add) => Some(add.tasks.clone()),
            _ => None,
        }
    }

    /// The command that does to several tasks what this does. `None` if there is none.
    fn for_several(&self) -> Option<Self> {
        Some(match self {
            Self::CompleteTask(it) => Self::CompleteTasks(Selection::of([it.task_id])),
            Self::ReopenTask(it) => Self::ReopenTasks(Selection::of([it.task_id])),
            Self::DeleteTask(it) => Self::DeleteTasks(Selection::of([it.task_id])),
            Self::CompleteTasks(_)
            | Self::ReopenTasks(_)
            | Self::DeleteTasks(_)
            | Self::RestoreTasks(_) => self.clone(),
            _ => return None,
        })
    }

    fn selection(&mut self) -> Option<&mut Selection> {
        match self {
            Self::CompleteTasks(it)
            | Self::ReopenTasks(it)
            | Self::DeleteTasks(it)
            | Self::RestoreTasks(it) => Some(it),
            _ => None,
        }
    }
}

impl SpokenCommand {
    /// The command with its dates as they are meant, `meaning` telling what words come to.
    ///
    /// # Errors
    /// Whatever `meaning` says of words that are no date.
    pub fn meant<E>(self, meaning: impl Fn(&Said) -> Result<Schedule, E>) -> Result<Command, E> {
        Ok(match self {
            Self::AddTask(task) => Command::AddTask(task.meant(&meaning)?),
            Self::AddTasks(AddTasks { tasks }) => {
                let tasks = tasks
                    .into_iter()
                    .map(|task| task.meant(&meaning))
                    .collect::<Result<_, E>>()?;
                Command::AddTasks(AddTasks { tasks })
            }
            Self::UpdateTask(UpdateTask {
                task_id,
                patch,
                if_version,
            }) => Command::UpdateTask(UpdateTask {
                task_id,
                patch: patch.meant(&meaning)?,
                if_version,
            }),
            Self::UpdateTasks(UpdateTasks { selection, patch }) => {
                Command::UpdateTasks(UpdateTasks {
                    selection,
                    patch: patch.meant(&meaning)?,
                })
            }
            Self::ListTasks(it) => Command::ListTasks(it),
            Self::GetTask(it) => Command::GetTask(it),
            Self::CountTasks(it) => Command::CountTasks(it),
            Self::GetOverview(it) => Command::GetOverview(it),
            Self::CompleteTask(it) => Command::CompleteTask(it),
            Self::CompleteTasks(it) => Command::CompleteTasks(it),
            Self::ReopenTask(it) => Command::ReopenTask(it),
            Self::ReopenTasks(it) => Command::ReopenTasks(it),
            Self::DeleteTask(it) => Command::DeleteTask(it),
            Self::DeleteTasks(it) => Command::DeleteTasks(it),
            Self::RestoreTasks(it) => Command::RestoreTasks(it),
            Self::EmptyTrash(it) => Command::EmptyTrash(it),
            Self::MoveTask(it) => Command::MoveTask(it),
            Self::ListProjects(it) => Command::ListProjects(it),
            Self::AddProject(it) => Command::AddProject(it),
            Self::UpdateProject(it) => Command::UpdateProject(it),
            Self::DeleteProject(it) => Command::DeleteProject(it),
            Self::UpdateSettings(it) => Command::UpdateSettings(it),
            Self::GetHistory(it) => Command::GetHistory(it),
            Self::UndoChange(it) => Command::UndoChange(it),
            Self::RedoChange(it) => Command::RedoChange(it),
        })
    }
}

/// What is meant by a due date and a repeat as said, each of which may hold both ("every monday at 9").
fn schedule<E>(
    due: Option<&Said>,
    repeat: Option<&Said>,
    meaning: impl Fn(&Said) -> Result<Schedule, E>,
) -> Result<Schedule, E> {
    let due = due.map(&meaning).transpose()?.unwrap_or_default();
    let repeat = repeat.map(&meaning).transpose()?.unwrap_or_default();
    Ok(Schedule {
        due: due.due.or(repeat.due),
        repeat: repeat.repeat.or(due.repeat),
    })
}

impl AddTask<Said, Said> {
    fn meant<E>(self, meaning: impl Fn(&Said) -> Result<Schedule, E>) -> Result<AddTask, E> {
        let Schedule { due, repeat } = schedule(self.due.as_ref(), self.repeat.as_ref(), meaning)?;
        Ok(AddTask {
            title: self.title,
            description: self.description,
            due,
            repeat,
            repeat_mode: self.repeat_mode,
            missed: self.missed,
            priority: self.priority,
            tags: self.tags,
            project: self.project,
            parent_id: self.parent_id,
            completed: self.completed,
        })
    }
}

impl TaskPatch<Said, Said> {
    fn meant<E>(self, meaning: impl Fn(&Said) -> Result<Schedule, E>) -> Result<TaskPatch, E> {
        let Schedule { due, repeat } = schedule(self.due.as_ref(), self.repeat.as_ref(), meaning)?;
        Ok(TaskPatch {
            title: self.title,
            description: self.description,
            due,
            postpone: self.postpone,
            repeat,
            repeat_mode: self.repeat_mode,
            missed: self.missed,
            priority: self.priority,
            tags: self.tags,
            add_tags: self.add_tags,
            remove_tags: self.remove_tags,
            project: self.project,
            parent_id: self.parent_id,
            clear: self.clear,
        })
    }
}
