//! What the pages show.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::{
    Command, Days, Door, Filter, GetHistory, ListTasks, ModelMode, Order, Origin, Outcome, Project,
    Receipt, Seq, Settings, Status, Task, TaskId, View, WeekStart,
};
use language::say;
use serde::Deserialize;

use super::conversation::{self, Chat, MessageView};
use super::{Visitor, assets, html};
use crate::{Problem, Server};

/// What every page has around it.
pub(super) struct Frame {
    pub(super) style: String,
    pub(super) name: String,
    pub(super) csrf: String,
    /// The address of this page, for its forms to come back to.
    pub(super) back: String,
    /// The view that is open, for the list of views.
    pub(super) view: &'static str,
    pub(super) today: String,
    pub(super) overdue_and_today: i64,
    /// How many proposals of agents wait.
    pub(super) proposals: i64,
    pub(super) problem: Option<String>,
    pub(super) change: Option<ChangeView>,
}

/// A task, ready to be shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question the template asks"
)]
struct Row {
    id: TaskId,
    title: String,
    due: Option<String>,
    overdue: bool,
    repeat: Option<String>,
    priority: Option<&'static str>,
    project: Option<String>,
    tags: Vec<String>,
    note: bool,
    done: bool,
    trashed: bool,
}

/// A change, ready to be shown.
pub(super) struct ChangeView {
    pub(super) id: Seq,
    pub(super) text: String,
    pub(super) when: String,
    pub(super) by: String,
    pub(super) door: &'static str,
    pub(super) can_undo: bool,
    pub(super) can_redo: bool,
}

struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage {
    frame: Frame,
    title: &'static str,
    filter: String,
    groups: Vec<Group>,
    total: i64,
    next: Option<String>,
    empty: &'static str,
    key: String,
    chat: Chat,
    /// Whether the page was opened by talking, so that the eye is on the conversation.
    talking: bool,
}

/// Which list, in which state.
#[derive(Debug, Default, Deserialize)]
pub(super) struct IndexQuery {
    #[serde(default)]
    view: ViewName,
    filter: Option<String>,
    cursor: Option<String>,
    conversation: Option<String>,
    change: Option<i64>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ViewName {
    #[default]
    Today,
    Upcoming,
    Inbox,
    All,
    Done,
    Trash,
}

impl ViewName {
    fn word(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Upcoming => "upcoming",
            Self::Inbox => "inbox",
            Self::All => "all",
            Self::Done => "done",
            Self::Trash => "trash",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Upcoming => "Upcoming",
            Self::Inbox => "Inbox",
            Self::All => "All",
            Self::Done => "Done",
            Self::Trash => "Trash",
        }
    }

    fn filter(self, view: &View) -> (Filter, Order) {
        let today = view.now.date();
        match self {
            Self::Today => (Filter::Due(Days::Between(None, Some(today))), Order::Due),
            Self::Upcoming => (
                Filter::Due(Days::Between(today.tomorrow().ok(), None)),
                Order::Due,
            ),
            Self::Inbox => (Filter::Inbox, Order::Place),
            Self::All => (Filter::Open, Order::Due),
            Self::Done => (Filter::Done, Order::Completed),
            Self::Trash => (Filter::Trash, Order::Added),
        }
    }

    fn empty(self) -> &'static str {
        match self {
            Self::Today => "Today is clear.",
            Self::Upcoming => "Nothing is planned after today.",
            Self::Inbox | Self::All => "Nothing here yet. Type what\u{2019}s on your mind.",
            Self::Done => "Nothing is done yet.",
            Self::Trash => "The trash is empty.",
        }
    }
}

pub(super) async fn index(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<IndexQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let (query, problem) = match query {
        Ok(Query(query)) => (query, None),
        Err(error) => (IndexQuery::default(), Some(error.body_text())),
    };
    index_page(&server, &visitor, &uri.to_string(), query, problem).await
}

/// The page a form was on, with what went wrong on top.
pub(super) async fn with_problem(
    server: &Server,
    visitor: &Visitor,
    problem: &Problem,
    back: &str,
) -> Result<Response, Problem> {
    let query = back
        .parse::<Uri>()
        .ok()
        .and_then(|uri| Query::<IndexQuery>::try_from_uri(&uri).ok());
    let query = query
        .map(|Query(query)| IndexQuery {
            change: None,
            ..query
        })
        .unwrap_or_default();
    let page = index_page(
        server,
        visitor,
        back,
        query,
        Some(problem.detail().to_owned()),
    )
    .await?;
    Ok((problem.status(), page).into_response())
}

async fn index_page(
    server: &Server,
    visitor: &Visitor,
    back: &str,
    query: IndexQuery,
    problem: Option<String>,
) -> Result<Response, Problem> {
    let settings = server.app.settings(&visitor.user).await?;
    let view = View::new(&settings, server.app.clock().now());
    let projects = server.app.projects(&visitor.user).await?;
    let mut problem = problem;
    let words = query
        .filter
        .as_deref()
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let (filter, order) = match words.map(str::parse::<Filter>) {
        Some(Ok(filter)) => (filter, Order::Due),
        Some(Err(error)) => {
            problem = Some(error.to_string());
            query.view.filter(&view)
        }
        None => query.view.filter(&view),
    };
    let status = (filter.scope() == domain::Scope::Open).then_some(Status::Pending);
    let list = ListTasks {
        filter: Some(filter),
        status,
        order,
        cursor: query.cursor.clone(),
        ..ListTasks::default()
    };
    let Outcome::Tasks(page) = look(server, visitor, Command::ListTasks(list)).await? else {
        return Err(Problem::internal());
    };
    let rows = page
        .tasks
        .iter()
        .map(|task| row(task, &projects, &view))
        .collect::<Vec<_>>();
    let searching = words.is_some();
    let chosen = query.view;
    let next = page.next_cursor.map(|cursor| match words {
        Some(words) => format!("/?filter={}&cursor={cursor}", encoded(words)),
        None => format!("/?view={}&cursor={cursor}", chosen.word()),
    });
    let mut frame = frame(
        server,
        visitor,
        &view,
        &projects,
        back,
        query.change,
        problem,
    )
    .await?;
    frame.view = if searching { "" } else { chosen.word() };
    Ok(html(&IndexPage {
        frame,
        title: if searching { "Found" } else { chosen.title() },
        filter: words.unwrap_or_default().to_owned(),
        groups: grouped(rows, chosen, searching),
        total: page.total,
        next,
        empty: if searching {
            "No task matches."
        } else {
            chosen.empty()
        },
        key: accounts::random_name(),
        chat: conversation::beside(
            server,
            visitor,
            &view,
            &projects,
            settings.model_mode,
            query.conversation.as_deref(),
        )
        .await?,
        talking: query.conversation.is_some(),
    }))
}

fn grouped(rows: Vec<Row>, view: ViewName, searching: bool) -> Vec<Group> {
    let groups = if view == ViewName::Today && !searching {
        let (overdue, today) = rows.into_iter().partition(|row| row.overdue);
        vec![
            Group {
                title: "Overdue",
                rows: overdue,
            },
            Group {
                title: "Today",
                rows: today,
            },
        ]
    } else {
        vec![Group { title: "", rows }]
    };
    groups
        .into_iter()
        .filter(|group| !group.rows.is_empty())
        .collect()
}

fn row(task: &Task, projects: &[Project], view: &View) -> Row {
    let project = task
        .project
        .and_then(|id| projects.iter().find(|project| project.id == id));
    Row {
        id: task.id,
        title: task.title.to_string(),
        due: task.due.as_ref().map(|due| say::due(due, view)),
        overdue: task.is_open() && task.due.as_ref().is_some_and(|due| due.is_past(&view.now)),
        repeat: task.repeat.as_ref().map(say::rule),
        priority: Some(say::priority(task.priority)).filter(|word| !word.is_empty()),
        project: project.map(|project| project.name.to_string()),
        tags: task.tags.iter().map(ToString::to_string).collect(),
        note: !task.description.is_empty(),
        done: task.is_done(),
        trashed: task.is_trashed(),
    }
}

pub(super) async fn frame(
    server: &Server,
    visitor: &Visitor,
    view: &View,
    projects: &[Project],
    back: &str,
    change: Option<i64>,
    problem: Option<String>,
) -> Result<Frame, Problem> {
    let due = Filter::Due(Days::Between(None, Some(view.now.date())));
    let Outcome::Counts(counts) = look(
        server,
        visitor,
        Command::CountTasks(domain::CountTasks { filter: Some(due) }),
    )
    .await?
    else {
        return Err(Problem::internal());
    };
    let change = match change {
        Some(change) => server.app.change(&visitor.user, Seq(change)).await?,
        None => None,
    };
    Ok(Frame {
        style: assets::style(),
        name: visitor.name.clone(),
        csrf: visitor.csrf.clone(),
        back: back.to_owned(),
        view: "",
        today: view.now.strftime("%a %-d %b").to_string(),
        overdue_and_today: counts.matching,
        proposals: server.app.count_proposals(&visitor.user).await?,
        problem,
        change: change.map(|receipt| change_view(receipt, view, projects)),
    })
}

pub(super) fn change_view(receipt: Receipt, view: &View, projects: &[Project]) -> ChangeView {
    let when = receipt.at.to_zoned(view.now.time_zone().clone());
    let format = if when.date() == view.now.date() {
        "%H:%M"
    } else {
        "%a %-d %b %H:%M"
    };
    let by = match &receipt.actor {
        domain::Actor::Person => "you".to_owned(),
        domain::Actor::Model(name) | domain::Actor::Agent(name) => name.clone(),
    };
    let door = match receipt.door {
        Door::Web => "",
        Door::Chat => " through the assistant",
        Door::Rest => " through the API",
        Door::Mcp => " through an agent",
        Door::Cli => " on the command line",
        Door::Upkeep => " beforehand, by the setting TRASH_DAYS",
    };
    let is_undo = receipt.undoes.is_some();
    ChangeView {
        id: receipt.change_id,
        when: when.strftime(format).to_string(),
        by,
        door,
        can_undo: receipt.undone_by.is_none() && !is_undo,
        can_redo: receipt.undone_by.is_some() && !is_undo,
        text: say::outcome(&Outcome::Changed(receipt), view, projects),
    }
}

/// Runs a command that only looks.
async fn look(server: &Server, visitor: &Visitor, command: Command) -> Result<Outcome, Problem> {
    Ok(server
        .app
        .run(&visitor.user, &command, Origin::person(Door::Web, ""))
        .await?)
}

#[derive(Template)]
#[template(path = "task.html")]
struct TaskPage {
    frame: Frame,
    row: Row,
    description: String,
    due: String,
    repeat: String,
    priority: String,
    tags: String,
    project: String,
    projects: Vec<String>,
    steps: Vec<Row>,
    changes: Vec<ChangeView>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ChangeQuery {
    pub(super) change: Option<i64>,
}

pub(super) async fn task(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<i64>,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    let id = TaskId(id);
    let view = server.app.view(&visitor.user).await?;
    let projects = server.app.projects(&visitor.user).await?;
    let Some(task) = server.app.task(&visitor.user, id).await? else {
        let problem = Problem::no_such_task(&id.to_string());
        return with_problem(&server, &visitor, &problem, "/").await;
    };
    let steps = match look(
        &server,
        &visitor,
        Command::GetTask(domain::GetTask { task_id: id }),
    )
    .await
    {
        Ok(Outcome::Task(detail)) => detail.steps,
        // Somebody looking at a task in the trash sees it without its steps.
        _ => Vec::new(),
    };
    let history = GetHistory {
        task_id: Some(id),
        limit: Some(20),
        ..GetHistory::default()
    };
    let changes = match look(&server, &visitor, Command::GetHistory(history)).await? {
        Outcome::History(page) => page.changes,
        _ => Vec::new(),
    };
    let row = row(&task, &projects, &view);
    Ok(html(&TaskPage {
        frame: frame(
            &server,
            &visitor,
            &view,
            &projects,
            &uri.to_string(),
            query.change,
            None,
        )
        .await?,
        description: task.description.to_string(),
        due: task
            .due
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        repeat: task.repeat.as_ref().map(say::rule).unwrap_or_default(),
        priority: task.priority.to_string(),
        tags: row.tags.join(" "),
        project: row.project.clone().unwrap_or_default(),
        projects: projects
            .iter()
            .filter(|project| project.archived_at.is_none())
            .map(|project| project.name.to_string())
            .collect(),
        steps: steps
            .iter()
            .map(|step| self::row(step, &projects, &view))
            .collect(),
        changes: changes
            .into_iter()
            .map(|receipt| change_view(receipt, &view, &projects))
            .collect(),
        row,
    }))
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
    changes: Vec<ChangeView>,
    next: Option<Seq>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ActivityQuery {
    before: Option<i64>,
    change: Option<i64>,
}

pub(super) async fn activity(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ActivityQuery>,
) -> Result<Response, Problem> {
    let view = server.app.view(&visitor.user).await?;
    let projects = server.app.projects(&visitor.user).await?;
    let history = GetHistory {
        limit: Some(50),
        before: query.before.map(Seq),
        ..GetHistory::default()
    };
    let Outcome::History(page) = look(&server, &visitor, Command::GetHistory(history)).await?
    else {
        return Err(Problem::internal());
    };
    let mut frame = frame(
        &server,
        &visitor,
        &view,
        &projects,
        &uri.to_string(),
        query.change,
        None,
    )
    .await?;
    frame.view = "activity";
    Ok(html(&ActivityPage {
        frame,
        changes: page
            .changes
            .into_iter()
            .map(|receipt| change_view(receipt, &view, &projects))
            .collect(),
        next: page.next_before,
    }))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    settings: Settings,
    week_starts: Vec<(&'static str, &'static str, bool)>,
    /// When a language model is asked, if the server lets people choose.
    model_modes: Vec<(&'static str, &'static str, bool)>,
}

pub(super) async fn settings(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    let settings = server.app.settings(&visitor.user).await?;
    let view = View::new(&settings, server.app.clock().now());
    let projects = server.app.projects(&visitor.user).await?;
    let mut frame = frame(
        &server,
        &visitor,
        &view,
        &projects,
        &uri.to_string(),
        query.change,
        None,
    )
    .await?;
    frame.view = "settings";
    let days = [
        (WeekStart::Monday, "monday", "Monday"),
        (WeekStart::Saturday, "saturday", "Saturday"),
        (WeekStart::Sunday, "sunday", "Sunday"),
    ];
    let week_starts = days
        .map(|(day, word, name)| (word, name, settings.week_start == day))
        .to_vec();
    let modes = [
        (ModelMode::Rules, "rules", "Rules only"),
        (
            ModelMode::Unsure,
            "unsure",
            "Use the model when rules are unsure",
        ),
        (ModelMode::First, "first", "Ask the model first"),
    ];
    let usual = server.app.model_settings().mode;
    let may_choose = !server.app.models().is_empty() && usual != ModelMode::Rules;
    let chosen = server.app.model_mode(settings.model_mode);
    let model_modes = modes.into_iter().filter(|_| may_choose);
    let model_modes = model_modes.map(|(mode, word, name)| (word, name, mode == chosen));
    Ok(html(&SettingsPage {
        frame,
        settings,
        week_starts,
        model_modes: model_modes.collect(),
    }))
}

#[derive(Template)]
#[template(path = "empty_trash.html")]
struct EmptyTrashPage {
    frame: Frame,
    total: i64,
}

/// Asks once more before the trash is emptied.
pub(super) async fn empty_trash(
    visitor: Visitor,
    State(server): State<Server>,
) -> Result<Response, Problem> {
    let view = server.app.view(&visitor.user).await?;
    let list = ListTasks {
        filter: Some(Filter::Trash),
        limit: Some(1),
        ..ListTasks::default()
    };
    let total = match look(&server, &visitor, Command::ListTasks(list)).await? {
        Outcome::Tasks(page) => page.total,
        _ => return Err(Problem::internal()),
    };
    let mut frame = frame(&server, &visitor, &view, &[], "/?view=trash", None, None).await?;
    frame.view = "trash";
    Ok((StatusCode::OK, html(&EmptyTrashPage { frame, total })).into_response())
}

/// `text` as a value in a query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
