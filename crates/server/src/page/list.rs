//! The lists: today, what comes, a project, what was found.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::{
    Command, Days, Filter, ListTasks, Order, Outcome, Priority, ProjectId, Scope, Seq, Status,
    Task, TaskId, TaskPage,
};
use jiff::civil::Date;
use language::say;
use serde::Deserialize;

use super::detail::Detail;
use super::frame::{Frame, InTheWay, Scene};
use super::places::{self, Manage};
use super::row::Row;
use super::{Visitor, activity, encoded, html, percent_decoded, settings};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    title: String,
    /// The text of the filter, where somebody searches.
    filter: String,
    /// What it asks for, in plain words.
    said: Option<String>,
    place: Place,
    groups: Vec<Group>,
    /// How many are in the list, on all its pages.
    total: i64,
    next: Option<String>,
    empty: Option<Empty>,
    /// What was done today, under the list of today.
    done: Option<Group>,
    grouping: Vec<Choice>,
    sorting: Vec<Choice>,
    /// Whether rows can be moved by hand, because that is what they are sorted by.
    by_hand: bool,
    /// Whether somebody has come to pick rows.
    picking: bool,
    /// Whether this account has no task at all.
    is_new: bool,
    /// What a link to a task begins with, so that it opens beside this list.
    here: String,
    /// This list with nothing beside it.
    alone: String,
    detail: Option<Detail>,
    manage: Option<Manage>,
}

/// Rows under one heading.
struct Group {
    /// What it is called in the page's own words.
    name: &'static str,
    title: String,
    rows: Vec<Row>,
    /// Whether there are more than are shown.
    more: bool,
}

/// A way to show a list.
struct Choice {
    address: String,
    name: &'static str,
    chosen: bool,
}

/// What a list without rows says.
struct Empty {
    words: String,
    /// Where to go on, and what that is called.
    links: Vec<(String, String)>,
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

/// What the headings of a list are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Grouping {
    /// Overdue, today, later, without a date.
    Date,
    /// Each day; for what is done, the day it was done.
    Day,
    Project,
    Priority,
    None,
}

/// What an address says besides its place.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    filter: Option<String>,
    cursor: Option<String>,
    /// How many rows to show.
    show: Option<u32>,
    group: Option<Grouping>,
    sort: Option<Order>,
    pick: Option<String>,
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
    fn filter(&self, scene: &Scene<'_>) -> Option<Filter> {
        let tomorrow = scene.view.now.date().tomorrow().ok();
        Some(match self {
            Self::Today => scene.due_by_today(),
            Self::Upcoming => Filter::Due(Days::Between(tomorrow, None)),
            Self::Inbox => Filter::Inbox,
            Self::All | Self::Search => Filter::Open,
            Self::Done => Filter::Done,
            Self::Trash => Filter::Trash,
            Self::Project(id) => Filter::ProjectNumber(*id),
            Self::Label(label) => Filter::Tag(label.parse().ok()?),
        })
    }

    /// Whether what somebody adds first can be expected here.
    fn takes_new(&self) -> bool {
        matches!(self, Self::Today | Self::Upcoming | Self::Inbox | Self::All)
    }

    /// In which order, and under which headings, as long as nobody asks for others. What is put in order by hand has none.
    fn usual(&self) -> (Grouping, Order) {
        match self {
            Self::Upcoming => (Grouping::Day, Order::Due),
            Self::Inbox | Self::Project(_) => (Grouping::None, Order::Place),
            Self::Done => (Grouping::Day, Order::Completed),
            Self::Trash => (Grouping::None, Order::Added),
            Self::Today | Self::All | Self::Label(_) | Self::Search => (Grouping::Date, Order::Due),
        }
    }

    /// What its headings can be made of.
    fn groupings(&self) -> &'static [(Grouping, &'static str)] {
        match self {
            Self::Done => &[
                (Grouping::Day, "Day"),
                (Grouping::Project, "Project"),
                (Grouping::None, "No groups"),
            ],
            Self::Trash => &[],
            _ => &[
                (Grouping::Date, "Date"),
                (Grouping::Day, "Day"),
                (Grouping::Project, "Project"),
                (Grouping::Priority, "Priority"),
                (Grouping::None, "No groups"),
            ],
        }
    }

    /// The orders it can be in.
    fn orders(&self) -> &'static [(Order, &'static str)] {
        match self {
            Self::Done | Self::Trash => &[],
            _ => &[
                (Order::Due, "Due date"),
                (Order::Place, "By hand"),
                (Order::Added, "Date added"),
            ],
        }
    }

    fn empty(&self) -> &'static str {
        match self {
            Self::Today => "Today is clear.",
            Self::Upcoming => "Nothing is planned after today.",
            Self::Inbox | Self::All => "Nothing here yet. Type what\u{2019}s on your mind.",
            Self::Done => "Nothing is done yet.",
            Self::Trash => "Deleted tasks stay here until you empty the trash.",
            Self::Project(_) => "Nothing in this project yet.",
            Self::Label(_) => "No open task has this label.",
            Self::Search => "No task matches.",
        }
    }
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri, None, None).await
}

/// The page a form was on, with what went wrong on top.
pub(super) async fn with_problem(
    server: &Server,
    visitor: &Visitor,
    problem: &Problem,
    back: &str,
) -> Result<Response, Problem> {
    refused(server, visitor, problem, back, None).await
}

/// The same for an undoing, with the later change that stands in its way.
pub(super) async fn refused(
    server: &Server,
    visitor: &Visitor,
    problem: &Problem,
    back: &str,
    in_the_way: Option<(Seq, Seq)>,
) -> Result<Response, Problem> {
    let uri: Uri = back.parse().unwrap_or_default();
    let detail = Some(problem.detail().to_owned());
    // Boxed, or every form would be as large as what it may have to show.
    let page = match uri.path() {
        "/activity" => Box::pin(activity::page(server, visitor, &uri, detail, in_the_way)).await?,
        "/settings" => Box::pin(settings::page(server, visitor, back, None, detail)).await?,
        "/projects" | "/labels" => {
            Box::pin(places::page(server, visitor, &uri, None, detail)).await?
        }
        _ => Box::pin(page(server, visitor, &uri, detail, in_the_way)).await?,
    };
    Ok(problem.on(page))
}

async fn page(
    server: &Server,
    visitor: &Visitor,
    uri: &Uri,
    problem: Option<String>,
    in_the_way: Option<(Seq, Seq)>,
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
    let mut filter = place.filter(&scene).ok_or_else(Problem::not_found)?;
    let words = query.filter.as_deref().map(str::trim).unwrap_or_default();
    if place == Place::Search && !words.is_empty() {
        match words.parse() {
            Ok(found) => filter = found,
            Err(error) => problem = Some(domain::FilterError::to_string(&error)),
        }
    }
    let (usual_grouping, usual_order) = place.usual();
    let order = query.sort.unwrap_or(usual_order);
    let grouping = query.group.unwrap_or(if order == usual_order {
        usual_grouping
    } else {
        Grouping::None
    });
    let shown = query.show.unwrap_or(ListTasks::LIMIT);
    let shown = shown.clamp(ListTasks::LIMIT, ListTasks::LIMIT_MAX);
    let found = scene
        .list(ListTasks {
            status: (filter.scope() == Scope::Open).then_some(Status::Pending),
            filter: Some(filter.clone()),
            order,
            cursor: query.cursor.clone(),
            limit: Some(shown),
            ..ListTasks::default()
        })
        .await?;
    let done = if place == Place::Today {
        done_today(&scene).await?
    } else {
        None
    };
    let with = |name, value: Option<String>| with(uri, name, value);
    let next = found.next_cursor.clone().map(|cursor| {
        // Beyond what one page can hold, the next one begins where it ends.
        match shown + ListTasks::LIMIT {
            more if more <= ListTasks::LIMIT_MAX => with("show", Some(more.to_string())),
            _ => with("cursor", Some(cursor)),
        }
    });
    let is_new = found.tasks.is_empty() && place.takes_new() && scene.is_new().await?;
    let empty = if is_new {
        Some(Empty {
            words: "Nothing here yet. Type what\u{2019}s on your mind.".to_owned(),
            links: Vec::new(),
        })
    } else if found.tasks.is_empty() {
        Some(empty(&place, &scene, &filter, done.as_ref()).await?)
    } else {
        None
    };
    let detail = match query.task {
        Some(id) => Detail::of(&scene, TaskId(id)).await?,
        None => None,
    };
    if let (Some(id), None) = (query.task, &detail) {
        problem = Some(Problem::no_such_task(&id.to_string()).detail().to_owned());
    }
    let alone = with("task", None);
    let mut frame = scene.frame(&uri.to_string(), query.change, problem).await?;
    frame.in_the_way = match in_the_way {
        Some((change, by)) => InTheWay::of(&scene, change, by).await?,
        None => None,
    };
    Ok(html(&ListPage {
        manage: Manage::of(&scene, &place, words),
        is_new,
        frame,
        groups: groups(&found, grouping, &place, &scene).await?,
        total: found.total,
        next,
        // "All done" says everything there is to say.
        done: done.filter(|_| empty.is_none()),
        empty,
        grouping: choices(uri, "group", place.groupings(), grouping),
        sorting: choices(uri, "sort", place.orders(), order),
        by_hand: order == Order::Place,
        picking: query.pick.is_some(),
        place,
        title,
        said: (!words.is_empty()).then(|| say::filter(&filter, &scene.view)),
        filter: words.to_owned(),
        here: match alone.split_once('?') {
            Some((_, query)) => format!("?{query}&"),
            None => "?".to_owned(),
        },
        alone,
        detail,
    }))
}

impl Scene<'_> {
    /// One page of a list.
    pub(super) async fn list(&self, list: ListTasks) -> Result<TaskPage, Problem> {
        match self.look(Command::ListTasks(list)).await? {
            Outcome::Tasks(page) => Ok(page),
            _ => Err(Problem::internal()),
        }
    }

    /// Tasks as rows, with how far their steps have come.
    pub(super) async fn rows(&self, tasks: &[Task]) -> Result<Vec<Row>, Problem> {
        let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
        let steps = self
            .server
            .app
            .step_counts(&self.visitor.user, &ids)
            .await?;
        let row = |task: &Task| Row::of(task, self).with_steps(steps.get(&task.id));
        Ok(tasks.iter().map(row).collect())
    }
}

/// The rows under their headings, which come in the order of what is under them.
async fn groups(
    found: &TaskPage,
    grouping: Grouping,
    place: &Place,
    scene: &Scene<'_>,
) -> Result<Vec<Group>, Problem> {
    let mut groups: Vec<(Heading, Group)> = Vec::new();
    let rows = scene.rows(&found.tasks).await?;
    for (task, row) in found.tasks.iter().zip(rows) {
        let heading = Heading::of(task, grouping, place, scene);
        let row = if heading.says_the_day() {
            row.on_its_day(task, scene)
        } else {
            row
        };
        if let Some((_, group)) = groups.iter_mut().find(|(other, _)| *other == heading) {
            group.rows.push(row);
            continue;
        }
        let group = Group {
            name: heading.name(),
            title: heading.title(scene),
            rows: vec![row],
            more: false,
        };
        groups.push((heading, group));
    }
    if matches!(grouping, Grouping::Date | Grouping::Priority) {
        groups.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(_, group)| group).collect();
    let contiguous = matches!(grouping, Grouping::Date | Grouping::Day | Grouping::None);
    let shown = groups.len();
    for (group, n) in groups.iter_mut().zip(1..) {
        group.more = found.next_cursor.is_some() && (n == shown || !contiguous);
    }
    Ok(groups)
}

/// What rows have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Heading {
    Overdue,
    Today,
    Day(Date),
    Upcoming,
    NoDate,
    Project(Option<String>),
    /// By its rank.
    Priority(i64),
    DoneOn(Option<Date>),
    All,
}

impl Heading {
    fn of(task: &Task, grouping: Grouping, place: &Place, scene: &Scene<'_>) -> Self {
        let (today, zone) = (scene.view.now.date(), scene.view.now.time_zone());
        let day = task.due.as_ref().map(|due| due.local(zone).date());
        match grouping {
            Grouping::Day if *place == Place::Done => {
                let at = task.completed_at;
                Self::DoneOn(at.map(|at| zone.to_datetime(at).date()))
            }
            Grouping::Date | Grouping::Day => match day {
                None => Self::NoDate,
                Some(day) if day < today => Self::Overdue,
                Some(day) if day == today => Self::Today,
                Some(day) if grouping == Grouping::Day => Self::Day(day),
                Some(_) => Self::Upcoming,
            },
            Grouping::Project => {
                let project = task
                    .project
                    .and_then(|id| scene.projects.iter().find(|project| project.id == id));
                Self::Project(project.map(|project| project.name.to_string()))
            }
            Grouping::Priority => Self::Priority(task.priority.rank()),
            Grouping::None => Self::All,
        }
    }

    /// What it is called in the page's own words.
    fn name(&self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Today => "today",
            Self::Day(_) => "day",
            Self::Upcoming => "upcoming",
            Self::NoDate => "no-date",
            Self::Project(_) => "project",
            Self::Priority(_) => "priority",
            Self::DoneOn(_) => "done",
            Self::All => "all",
        }
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        match self {
            Self::Overdue => "Overdue".to_owned(),
            Self::Today => "Today".to_owned(),
            Self::Day(day) | Self::DoneOn(Some(day)) => say::near_day(*day, &scene.view),
            Self::Upcoming => "Upcoming".to_owned(),
            Self::NoDate => "No date".to_owned(),
            Self::Project(name) => name.clone().unwrap_or_else(|| "Inbox".to_owned()),
            Self::Priority(rank) => match Priority::from_rank(*rank).map(say::priority) {
                None | Some("") => "No priority".to_owned(),
                Some(name) => name.to_owned(),
            },
            Self::DoneOn(None) | Self::All => String::new(),
        }
    }

    fn says_the_day(&self) -> bool {
        matches!(self, Self::Today | Self::Day(_))
    }
}

/// What was done today. `None` if nothing was.
async fn done_today(scene: &Scene<'_>) -> Result<Option<Group>, Problem> {
    let found = scene
        .list(ListTasks {
            filter: Some(Filter::DoneIn(Days::Today)),
            order: Order::Completed,
            limit: Some(50),
            ..ListTasks::default()
        })
        .await?;
    Ok(Some(Group {
        name: "done",
        title: "Done today".to_owned(),
        rows: scene.rows(&found.tasks).await?,
        more: found.next_cursor.is_some(),
    })
    .filter(|group| !group.rows.is_empty()))
}

/// What a list without rows says, and where to go on.
async fn empty(
    place: &Place,
    scene: &Scene<'_>,
    filter: &Filter,
    done: Option<&Group>,
) -> Result<Empty, Problem> {
    let said = |words: String| Empty {
        words,
        links: Vec::new(),
    };
    if *place == Place::Search
        && let Some(looser) = scene.looser(filter).await?
    {
        let matches = if looser.count == 1 {
            "matches"
        } else {
            "match"
        };
        return Ok(Empty {
            words: format!(
                "{} {} {matches} without {}.",
                place.empty(),
                looser.count,
                looser.without
            ),
            links: vec![(
                format!("/search?filter={}", encoded(&looser.filter.to_string())),
                format!("Show {}", looser.count),
            )],
        });
    }
    if *place != Place::Today {
        return Ok(said(place.empty().to_owned()));
    }
    if let Some(done) = done {
        let more = if done.more { "+" } else { "" };
        return Ok(said(match done.rows.len() {
            1 => "All done.".to_owned(),
            number => format!("All {number}{more} done."),
        }));
    }
    // Those without a date come last.
    let open = scene
        .list(ListTasks {
            limit: Some(1),
            ..ListTasks::default()
        })
        .await?;
    let Some(next) = open.tasks.first() else {
        return Ok(said(place.empty().to_owned()));
    };
    let words = match &next.due {
        Some(due) => format!(
            "{} Next: {}, {}.",
            place.empty(),
            next.title,
            say::near(due, &scene.view)
        ),
        None => place.empty().to_owned(),
    };
    let pull = ("/all?pick=today".to_owned(), "Pull something in".to_owned());
    Ok(Empty {
        words,
        links: vec![pull],
    })
}

/// The address of the page at `uri` with one part of its query as given, and without what belongs to a moment.
fn with(uri: &Uri, name: &str, value: Option<String>) -> String {
    let query = uri.query().unwrap_or_default().split('&');
    let kept = query.filter(|part| {
        let part = part.split('=').next().unwrap_or_default();
        !part.is_empty() && part != name && !["task", "change", "cursor"].contains(&part)
    });
    let mut query: Vec<String> = kept.map(str::to_owned).collect();
    query.extend(value.map(|value| format!("{name}={}", encoded(&value))));
    match query.as_slice() {
        [] => uri.path().to_owned(),
        query => format!("{}?{}", uri.path(), query.join("&")),
    }
}

/// The ways a list can be shown, as the query of its address says them.
fn choices<T: Copy + PartialEq + std::fmt::Debug>(
    uri: &Uri,
    name: &str,
    ways: &[(T, &'static str)],
    chosen: T,
) -> Vec<Choice> {
    let choice = |(way, words): &(T, &'static str)| Choice {
        address: with(uri, name, Some(format!("{way:?}").to_lowercase())),
        name: words,
        chosen: *way == chosen,
    };
    ways.iter().map(choice).collect()
}
