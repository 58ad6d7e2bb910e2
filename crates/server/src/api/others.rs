//! Everything else: any command by name, projects, settings, numbers, taking everything in.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::{get, patch, post};
use domain::{
    AddTasks, Command, CountTasks, Counts, GetOverview, ListProjects, Outcome, Overview, Project,
    Said, Settings, SpokenCommand, Tag, UpdateSettings,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{origin, run};
use crate::auth::CurrentUser;
use crate::body::{Body, QueryOf};
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Everything else";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(
            Method::POST,
            "/commands",
            "Run any command by its name",
            post(command),
        )
        .body::<SpokenCommand>()
        .answers::<Outcome>(200),
        new(
            Method::GET,
            "/overview",
            "What there is to do",
            get(overview),
        )
        .query::<GetOverview>()
        .answers::<Overview>(200),
        new(
            Method::GET,
            "/counts",
            "How many tasks there are",
            get(counts),
        )
        .query::<CountTasks>()
        .answers::<Counts>(200),
        new(Method::GET, "/projects", "List projects", get(projects))
            .query::<ListProjects>()
            .answers::<Vec<Project>>(200),
        new(
            Method::GET,
            "/labels",
            "The labels of open tasks, those used most first",
            get(labels),
        )
        .answers::<Vec<Label>>(200),
        new(Method::GET, "/settings", "The settings", get(settings)).answers::<Settings>(200),
        new(
            Method::PATCH,
            "/settings",
            "Change settings",
            patch(update_settings),
        )
        .body::<UpdateSettings>()
        .answers::<Settings>(200),
        new(
            Method::POST,
            "/import",
            "Add tasks, all or none",
            post(import),
        )
        .body::<AddTasks<Said, Said>>()
        .answers::<Outcome>(201),
    ]
}

/// Runs a command that has no route of its own: several tasks at once, moves, projects, the trash.
async fn command(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(command): Body<SpokenCommand>,
) -> Result<Json<Outcome>, Problem> {
    let command = server.app.meant(user.id(), command).await?;
    Ok(Json(
        run(&server, &user, &command, origin(&request_id, &headers)?)
            .await?
            .0,
    ))
}

/// Runs a command that only looks.
async fn look(server: &Server, user: &CurrentUser, command: Command) -> Result<Outcome, Problem> {
    Ok(run(
        server,
        user,
        &command,
        domain::Origin::person(domain::Door::Rest, ""),
    )
    .await?
    .0)
}

async fn overview(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<GetOverview>,
) -> Result<Json<Overview>, Problem> {
    match look(&server, &user, Command::GetOverview(query)).await? {
        Outcome::Overview(overview) => Ok(Json(overview)),
        _ => Err(Problem::internal()),
    }
}

async fn counts(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<CountTasks>,
) -> Result<Json<Counts>, Problem> {
    match look(&server, &user, Command::CountTasks(query)).await? {
        Outcome::Counts(counts) => Ok(Json(counts)),
        _ => Err(Problem::internal()),
    }
}

async fn projects(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<ListProjects>,
) -> Result<Json<Vec<Project>>, Problem> {
    match look(&server, &user, Command::ListProjects(query)).await? {
        Outcome::Projects { projects } => Ok(Json(projects)),
        _ => Err(Problem::internal()),
    }
}

/// A label and how much it is used.
#[derive(Debug, Serialize, JsonSchema)]
struct Label {
    /// The label, without its `@`.
    label: Tag,
    /// How many open tasks have it.
    open: i64,
}

async fn labels(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<Label>>, Problem> {
    let labels = server.app.labels(user.id()).await?.into_iter();
    Ok(Json(
        labels.map(|(label, open)| Label { label, open }).collect(),
    ))
}

async fn settings(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Settings>, Problem> {
    Ok(Json(server.app.settings(user.id()).await?))
}

async fn update_settings(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(update): Body<UpdateSettings>,
) -> Result<Json<Settings>, Problem> {
    run(
        &server,
        &user,
        &Command::UpdateSettings(update),
        origin(&request_id, &headers)?,
    )
    .await?;
    Ok(Json(server.app.settings(user.id()).await?))
}

async fn import(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(tasks): Body<AddTasks<Said, Said>>,
) -> Result<(axum::http::StatusCode, Json<Outcome>), Problem> {
    let command = server
        .app
        .meant(user.id(), SpokenCommand::AddTasks(tasks))
        .await?;
    let (outcome, _) = run(&server, &user, &command, origin(&request_id, &headers)?).await?;
    Ok((axum::http::StatusCode::CREATED, Json(outcome)))
}
