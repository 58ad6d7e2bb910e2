//! Emptying the trash, which asks once more.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::{Command, EmptyTrash, Filter, ListTasks, Outcome};

use super::forms::{Bare, Form, origin, run};
use super::frame::{Frame, Scene};
use super::{Visitor, html};
use crate::layers::RequestId;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "empty_trash.html")]
struct EmptyTrashPage {
    frame: Frame,
    total: i64,
}

pub(super) async fn ask(
    visitor: Visitor,
    State(server): State<Server>,
) -> Result<Response, Problem> {
    let scene = Scene::of(&server, &visitor).await?;
    let list = ListTasks {
        filter: Some(Filter::Trash),
        limit: Some(1),
        ..ListTasks::default()
    };
    let Outcome::Tasks(page) = scene.look(Command::ListTasks(list)).await? else {
        return Err(Problem::internal());
    };
    Ok(html(&EmptyTrashPage {
        frame: scene.frame("/trash", None, None).await?,
        total: page.total,
    }))
}

pub(super) async fn empty(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    bare.check(&visitor)?;
    let command = Command::EmptyTrash(EmptyTrash::default());
    run(
        &server,
        &visitor,
        Ok(command),
        origin(&request_id, None),
        &bare,
    )
    .await
}
