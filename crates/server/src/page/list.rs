//! The lists: today, what comes, a project, what was found.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::{Command, Days, Filter, ListTasks, Order, Outcome, ProjectId, Scope, Status, TaskId};
use serde::Deserialize;

use super::detail::Detail;
use super::frame::{Frame, Scene};
use super::places::{self, Manage};
use super::row::Row;
use super::settings;
use super::{Visitor, encoded, html, percent_decoded};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    title: String,
    /// The text of the filter, where somebody searches.
    filter: String,
    place: Place,
    groups: Vec<Group>,
    total: i64,
    next: Option<String>,
    empty: &'static str,
    /// Whether this account has no task at all.
    is_new: bool,
    /// What a link to a task begins with, so that it opens beside this list.
    here: String,
    detail: Option<Detail>,
    manage: Option<Manage>,
}

/// Rows under one heading.
struct Group {
    /// What it is called in the page's own words.
    name: &'static str,
    title: String,
    rows: Vec<Row>,
}

/// A list by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Today,
    Upcoming,
    Inbox,
    All,
    Done,
    Trash,
    Project(ProjectId),
    Label(String),
    Search,
}

/// What an address says besides its place.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    filter: Option<String>,
    cursor: Option<String>,
    task: Option<i64>,
    change: Option<i64>,
}

impl Place {
    /// The list at a path. `None` if none is there.
    fn at(path: &str) -> Option<Self> {
        Some(match path {
            "/" => Self::Today,
            "/upcoming" => Self::Upcoming,
            "/inbox" => Self::Inbox,
            "/all" => Self::All,
            "/done" => Self::Done,
            "/trash" => Self::Trash,
            "/search" => Self::Search,
            _ => {
                let (folder, name) = path.strip_prefix('/')?.split_once('/')?;
                match folder {
                    "projects" => Self::Project(ProjectId(name.parse().ok()?)),
                    "labels" => Self::Label(percent_decoded(name)),
                    _ => return None,
                }
            }
        })
    }

    /// What it is called. `None` if it is gone.
    fn title(&self, scene: &Scene<'_>) -> Option<String> {
        let name = match self {
            Self::Today => "Today",
            Self::Upcoming => "Upcoming",
            Self::Inbox => "Inbox",
            Self::All => "All",
            Self::Done => "Done",
            Self::Trash => "Trash",
            Self::Search => "Found",
            Self::Label(label) => label,
            Self::Project(id) => {
                let project = scene.projects.iter().find(|project| project.id == *id)?;
                return Some(project.name.to_string());
            }
        };
        Some(name.to_owned())
    }

    /// What is in it. `None` if nothing can be.
    fn filter(&self, scene: &Scene<'_>) -> Option<(Filter, Order)> {
        let tomorrow = scene.view.now.date().tomorrow().ok();
        Some(match self {
            Self::Today => (scene.due_by_today(), Order::Due),
            Self::Upcoming => (Filter::Due(Days::Between(tomorrow, None)), Order::Due),
            Self::Inbox => (Filter::Inbox, Order::Place),
            Self::All | Self::Search => (Filter::Open, Order::Due),
            Self::Done => (Filter::Done, Order::Completed),
            Self::Trash => (Filter::Trash, Order::Added),
            Self::Project(id) => (Filter::ProjectNumber(*id), Order::Place),
            Self::Label(label) => (Filter::Tag(label.parse().ok()?), Order::Due),
        })
    }

    /// Whether what somebody adds first can be expected here.
    fn takes_new(&self) -> bool {
        matches!(self, Self::Today | Self::Upcoming | Self::Inbox | Self::All)
    }

    fn empty(&self) -> &'static str {
        match self {
            Self::Today => "Today is clear.",
            Self::Upcoming => "Nothing is planned after today.",
            Self::Inbox | Self::All => "Nothing here yet. Type what\u{2019}s on your mind.",
            Self::Done => "Nothing is done yet.",
            Self::Trash => "The trash is empty.",
            Self::Project(_) => "Nothing in this project yet.",
            Self::Label(_) => "No open task has this label.",
            Self::Search => "No task matches.",
        }
    }

    /// The rows under the headings of this list.
    fn groups(&self, rows: Vec<Row>) -> Vec<Group> {
        let group = |name, title: &str, rows| Group {
            name,
            title: title.to_owned(),
            rows,
        };
        let groups = match self {
            Self::Today => {
                let (overdue, today) = rows.into_iter().partition(|row| row.overdue);
                vec![
                    group("overdue", "Overdue", overdue),
                    group("today", "Today", today),
                ]
            }
            _ => vec![group("all", "", rows)],
        };
        groups
            .into_iter()
            .filter(|group| !group.rows.is_empty())
            .collect()
    }
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri, None).await
}

/// The page a form was on, with what went wrong on top.
pub(super) async fn with_problem(
    server: &Server,
    visitor: &Visitor,
    problem: &Problem,
    back: &str,
) -> Result<Response, Problem> {
    let uri: Uri = back.parse().unwrap_or_default();
    let detail = Some(problem.detail().to_owned());
    let page = match uri.path() {
        "/settings" => settings::page(server, visitor, back, None, detail).await?,
        "/projects" | "/labels" => places::page(server, visitor, &uri, None, detail).await?,
        _ => page(server, visitor, &uri, detail).await?,
    };
    Ok(problem.on(page))
}

async fn page(
    server: &Server,
    visitor: &Visitor,
    uri: &Uri,
    problem: Option<String>,
) -> Result<Response, Problem> {
    let mut problem = problem;
    let query = Query::<ListQuery>::try_from_uri(uri).map(|Query(query)| query);
    let query = query.unwrap_or_else(|error| {
        problem = Some(error.body_text());
        ListQuery::default()
    });
    let scene = Scene::of(server, visitor).await?;
    // A form can have been on a page that is no list.
    let place = Place::at(uri.path()).unwrap_or(Place::Today);
    let title = place.title(&scene).ok_or_else(Problem::not_found)?;
    let (mut filter, order) = place.filter(&scene).ok_or_else(Problem::not_found)?;
    let words = query.filter.as_deref().map(str::trim).unwrap_or_default();
    if place == Place::Search && !words.is_empty() {
        match words.parse() {
            Ok(found) => filter = found,
            Err(error) => problem = Some(domain::FilterError::to_string(&error)),
        }
    }
    let status = (filter.scope() == Scope::Open).then_some(Status::Pending);
    let list = ListTasks {
        filter: Some(filter),
        status,
        order,
        cursor: query.cursor,
        ..ListTasks::default()
    };
    let Outcome::Tasks(found) = scene.look(Command::ListTasks(list)).await? else {
        return Err(Problem::internal());
    };
    let here = if place == Place::Search {
        format!("?filter={}&", encoded(words))
    } else {
        "?".to_owned()
    };
    let detail = match query.task {
        Some(id) => Detail::of(&scene, TaskId(id)).await?,
        None => None,
    };
    if let (Some(id), None) = (query.task, &detail) {
        problem = Some(Problem::no_such_task(&id.to_string()).detail().to_owned());
    }
    let rows = found
        .tasks
        .iter()
        .map(|task| Row::of(task, &scene))
        .collect();
    let is_new = found.tasks.is_empty() && place.takes_new() && scene.is_new().await?;
    let empty = if is_new {
        "Nothing here yet. Type what\u{2019}s on your mind."
    } else {
        place.empty()
    };
    let manage = Manage::of(&scene, &place, words);
    Ok(html(&ListPage {
        manage,
        frame: scene.frame(&uri.to_string(), query.change, problem).await?,
        groups: place.groups(rows),
        empty,
        is_new,
        place,
        title,
        filter: words.to_owned(),
        total: found.total,
        next: found
            .next_cursor
            .map(|cursor| format!("{here}cursor={cursor}")),
        here,
        detail,
    }))
}
