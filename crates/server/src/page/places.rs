//! The lists that somebody makes: projects, labels, saved filters.

use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::{
    AddProject, Colour, Command, DeleteProject, Filter, ListTasks, Outcome, Project, ProjectId,
    ProjectRef, SavedFilter, Selection, Tag, TaskPatch, UpdateProject, UpdateSettings, UpdateTasks,
};
use serde::Deserialize;

use super::forms::{Bare, Form, origin, run};
use super::frame::{Frame, Scene};
use super::list::{self, Place};
use super::{ChangeQuery, Visitor, encoded, html};
use crate::layers::RequestId;
use crate::{Problem, Server};

/// The colours that a project can be given here, by their names. Each can be told from both backgrounds.
const COLOURS: &[(&str, &str)] = &[
    ("Red", "#D9534A"),
    ("Orange", "#CC7029"),
    ("Yellow", "#A5852A"),
    ("Green", "#45925A"),
    ("Teal", "#2B939F"),
    ("Blue", "#5B84E0"),
    ("Purple", "#9A6BD0"),
    ("Grey", "#848484"),
];

/// What can be done with the list that is shown.
pub(super) enum Manage {
    Project(ProjectView),
    Label {
        address: String,
        name: String,
    },
    Filter {
        filter: String,
        /// What it is called, if it is saved.
        saved: Option<String>,
    },
}

impl Manage {
    /// `None` where there is nothing to manage.
    pub(super) fn of(scene: &Scene<'_>, place: &Place, filter: &str) -> Option<Self> {
        match place {
            Place::Project(id) => {
                let project = scene.projects.iter().find(|project| project.id == *id)?;
                Some(Self::Project(ProjectView::of(project, 0)))
            }
            Place::Label(name) => Some(Self::Label {
                address: label_address(&name.parse().ok()?),
                name: name.clone(),
            }),
            Place::Search => {
                let meant: Filter = filter.parse().ok()?;
                let saved = scene.settings.filters.iter();
                let mut saved = saved.filter(|saved| saved.filter == meant);
                Some(Self::Filter {
                    filter: filter.to_owned(),
                    saved: saved.next().map(|saved| saved.name.to_string()),
                })
            }
            _ => None,
        }
    }
}

/// A project, ready to be shown.
pub(super) struct ProjectView {
    pub(super) id: ProjectId,
    pub(super) name: String,
    pub(super) colour: Option<String>,
    pub(super) put_away: bool,
    pub(super) open: i64,
}

impl ProjectView {
    fn of(project: &Project, open: i64) -> Self {
        Self {
            id: project.id,
            name: project.name.to_string(),
            colour: project.colour.as_ref().map(ToString::to_string),
            put_away: project.archived_at.is_some(),
            open,
        }
    }

    /// The colours it can have: their values, their names, and which is its own.
    pub(super) fn colours(&self) -> Vec<(&str, &'static str, bool)> {
        let own = self.colour.as_deref().unwrap_or_default();
        let known = COLOURS.iter().any(|(_, value)| *value == own);
        let first = if own.is_empty() {
            Some(("", "None", true))
        } else {
            (!known).then_some((own, "As it is", true))
        };
        let all = COLOURS.iter();
        let all = all.map(|(name, value)| (*value, *name, *value == own));
        first.into_iter().chain(all).collect()
    }
}

#[derive(Template)]
#[template(path = "places.html")]
struct PlacesPage {
    frame: Frame,
    /// Whether these are the projects; the labels otherwise.
    are_projects: bool,
    projects: Vec<ProjectView>,
    put_away: Vec<ProjectView>,
    labels: Vec<LabelView>,
    colours: &'static [(&'static str, &'static str)],
}

struct LabelView {
    address: String,
    name: String,
    open: i64,
}

/// Where the tasks of a label are.
pub(super) fn label_address(label: &Tag) -> String {
    format!("/labels/{}", encoded(label.as_str()))
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri, query.change, None).await
}

/// All projects or all labels, whichever is at `uri`.
pub(super) async fn page(
    server: &Server,
    visitor: &Visitor,
    uri: &Uri,
    change: Option<i64>,
    problem: Option<String>,
) -> Result<Response, Problem> {
    let scene = Scene::of(server, visitor).await?;
    let frame = scene.frame(&uri.to_string(), change, problem).await?;
    let open = server.app.project_counts(&visitor.user).await?;
    let view = |project: &Project| {
        let open = open.get(&Some(project.id)).copied();
        ProjectView::of(project, open.unwrap_or_default())
    };
    let (put_away, projects) = scene
        .projects
        .iter()
        .map(view)
        .partition(|project| project.put_away);
    let labels = server.app.labels(&visitor.user).await?.into_iter();
    let labels = labels.map(|(label, open)| LabelView {
        address: label_address(&label),
        name: label.to_string(),
        open,
    });
    Ok(html(&PlacesPage {
        frame,
        are_projects: uri.path() == "/projects",
        projects,
        put_away,
        labels: labels.collect(),
        colours: COLOURS,
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct ProjectForm {
    #[serde(flatten)]
    bare: Bare,
    /// `save`, `put_away` or `bring_back`.
    #[serde(default)]
    action: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    colour: String,
}

impl ProjectForm {
    fn colour(&self) -> Result<Option<Colour>, Problem> {
        let colour = Some(self.colour.as_str()).filter(|colour| !colour.is_empty());
        colour
            .map(str::parse)
            .transpose()
            .map_err(|error| wrong(&error))
    }

    /// What it asks of the project with this number.
    fn command(&self, id: ProjectId) -> Result<Command, Problem> {
        let mut update = UpdateProject {
            project: ProjectRef::Id(id),
            name: None,
            colour: None,
            archived: None,
        };
        match self.action.as_str() {
            "put_away" => update.archived = Some(true),
            "bring_back" => update.archived = Some(false),
            _ => {
                update.name = Some(self.name.parse().map_err(|error| wrong(&error))?);
                update.colour = self.colour()?;
            }
        }
        Ok(Command::UpdateProject(update))
    }
}

fn wrong(error: &domain::TextError) -> Problem {
    Problem::invalid(error.to_string())
}

pub(super) async fn add_project(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<ProjectForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let add = || {
        Ok(Command::AddProject(AddProject {
            name: form.name.parse().map_err(|error| wrong(&error))?,
            colour: form.colour()?,
        }))
    };
    let origin = origin(&request_id, None);
    run(&server, &visitor, add(), origin, &form.bare).await
}

pub(super) async fn change_project(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path(id): Path<i64>,
    Form(form): Form<ProjectForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let command = form.command(ProjectId(id));
    let origin = origin(&request_id, None);
    run(&server, &visitor, command, origin, &form.bare).await
}

#[derive(Template)]
#[template(path = "delete_project.html")]
struct DeleteProjectPage {
    frame: Frame,
    project: ProjectView,
    /// How many tasks are in it, done ones too.
    total: i64,
}

/// Everything in a project that is not in the trash.
fn tasks_in(id: ProjectId) -> Filter {
    Filter::And(vec![Filter::ProjectNumber(id), Filter::All])
}

async fn count_in(scene: &Scene<'_>, id: ProjectId) -> Result<i64, Problem> {
    let list = ListTasks {
        filter: Some(tasks_in(id)),
        limit: Some(1),
        ..ListTasks::default()
    };
    match scene.look(Command::ListTasks(list)).await? {
        Outcome::Tasks(page) => Ok(page.total),
        _ => Err(Problem::internal()),
    }
}

pub(super) async fn ask_to_delete(
    visitor: Visitor,
    State(server): State<Server>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let id = ProjectId(id);
    let scene = Scene::of(&server, &visitor).await?;
    let project = scene.projects.iter().find(|project| project.id == id);
    let project = ProjectView::of(project.ok_or_else(Problem::not_found)?, 0);
    Ok(html(&DeleteProjectPage {
        frame: scene.frame("/projects", None, None).await?,
        total: count_in(&scene, id).await?,
        project,
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteForm {
    #[serde(flatten)]
    bare: Bare,
    /// Where its tasks go: `trash`, or the inbox.
    #[serde(default)]
    tasks: String,
}

pub(super) async fn delete_project(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path(id): Path<i64>,
    Form(form): Form<DeleteForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let id = ProjectId(id);
    let origin = origin(&request_id, None);
    let scene = Scene::of(&server, &visitor).await?;
    // Two changes, so that either can be taken back without the other.
    if form.tasks == "trash" && count_in(&scene, id).await? > 0 {
        let tasks = Command::DeleteTasks(Selection::by(tasks_in(id)));
        let (app, user) = (&server.app, &visitor.user);
        if let Err(error) = app.run(user, &tasks, origin.clone()).await {
            let problem = Problem::from(error);
            return list::with_problem(&server, &visitor, &problem, &form.bare.back).await;
        }
    }
    let command = Command::DeleteProject(DeleteProject {
        project: ProjectRef::Id(id),
    });
    run(&server, &visitor, Ok(command), origin, &form.bare).await
}

#[derive(Debug, Deserialize)]
pub(super) struct LabelForm {
    #[serde(flatten)]
    bare: Bare,
    /// What it is to be called; without it, it is taken off its tasks.
    #[serde(default)]
    name: String,
    #[serde(default)]
    action: String,
}

pub(super) async fn change_label(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path(label): Path<String>,
    Form(mut form): Form<LabelForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let label: Tag = label.parse().map_err(|_| Problem::not_found())?;
    let delete = form.action == "delete";
    let renamed = form.name.parse::<Tag>().map_err(|error| wrong(&error));
    let command = match (delete, renamed) {
        (false, Err(problem)) => Err(problem),
        (_, renamed) => {
            let renamed = renamed.ok().filter(|_| !delete);
            form.bare.back = renamed
                .as_ref()
                .map_or_else(|| "/labels".to_owned(), label_address);
            // Those that are done or in the trash, too: nothing is to come back with the old name.
            let everywhere = Filter::Or(vec![Filter::All, Filter::Trash]);
            let labelled = Filter::And(vec![Filter::Tag(label.clone()), everywhere]);
            Ok(Command::UpdateTasks(UpdateTasks {
                selection: Selection::by(labelled),
                patch: TaskPatch {
                    remove_tags: vec![label],
                    add_tags: renamed.into_iter().collect(),
                    ..TaskPatch::default()
                },
            }))
        }
    };
    let origin = origin(&request_id, None);
    run(&server, &visitor, command, origin, &form.bare).await
}

#[derive(Debug, Deserialize)]
pub(super) struct FilterForm {
    #[serde(flatten)]
    bare: Bare,
    /// `save`, `rename` or `delete`.
    action: String,
    /// What it is, or is to be, called.
    #[serde(default)]
    name: String,
    /// What it was called.
    #[serde(default)]
    was: String,
    #[serde(default)]
    filter: String,
}

impl FilterForm {
    /// What `filters` are afterwards.
    fn applied(&self, mut filters: Vec<SavedFilter>) -> Result<Vec<SavedFilter>, Problem> {
        match self.action.as_str() {
            "delete" => filters.retain(|saved| saved.name.as_str() != self.was),
            "rename" => {
                let mut all = filters.iter_mut();
                let saved = all.find(|saved| saved.name.as_str() == self.was);
                let saved = saved.ok_or_else(|| {
                    Problem::invalid("this filter is not saved any more; reload the page")
                })?;
                saved.name = self.name.parse().map_err(|error| wrong(&error))?;
            }
            _ => filters.push(SavedFilter {
                name: self.name.parse().map_err(|error| wrong(&error))?,
                filter: self
                    .filter
                    .parse()
                    .map_err(|error: domain::FilterError| Problem::invalid(error.to_string()))?,
            }),
        }
        Ok(filters)
    }
}

pub(super) async fn change_filters(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<FilterForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let settings = server.app.settings(&visitor.user).await?;
    let command = form.applied(settings.filters).map(|filters| {
        Command::UpdateSettings(UpdateSettings {
            filters: Some(filters),
            ..UpdateSettings::default()
        })
    });
    let origin = origin(&request_id, None);
    run(&server, &visitor, command, origin, &form.bare).await
}
