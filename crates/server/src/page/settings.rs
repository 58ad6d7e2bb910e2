//! How somebody is served, and how this browser shows it.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Command, DueError, ModelMode, Settings, UpdateSettings, WeekStart};
use serde::Deserialize;

use super::conversation::{MODES, may_choose};
use super::forms::{Bare, Form, origin, run};
use super::frame::{Frame, Look, Scene};
use super::{ChangeQuery, Visitor, html};
use crate::layers::RequestId;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    settings: Settings,
    week_starts: Vec<(&'static str, &'static str, bool)>,
    /// When a language model is asked, if the server lets people choose.
    model_modes: Vec<(&'static str, &'static str, bool)>,
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    let scene = Scene::of(&server, &visitor).await?;
    let frame = scene.frame(&uri.to_string(), query.change, None).await?;
    let settings = scene.settings;
    let days = [
        (WeekStart::Monday, "monday", "Monday"),
        (WeekStart::Saturday, "saturday", "Saturday"),
        (WeekStart::Sunday, "sunday", "Sunday"),
    ];
    let week_starts = days
        .map(|(day, word, name)| (word, name, settings.week_start == day))
        .to_vec();
    let chosen = server.app.model_mode(settings.model_mode);
    let modes = MODES.into_iter().filter(|_| may_choose(&server));
    let model_modes = modes.map(|(mode, word, name)| (word, name, mode == chosen));
    Ok(html(&SettingsPage {
        frame,
        settings,
        week_starts,
        model_modes: model_modes.collect(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct SettingsForm {
    #[serde(flatten)]
    bare: Bare,
    time_zone: String,
    week_start: WeekStart,
    model_mode: Option<ModelMode>,
}

pub(super) async fn change(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<SettingsForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let command = match form.time_zone.parse() {
        Ok(zone) => Ok(Command::UpdateSettings(UpdateSettings {
            time_zone: Some(zone),
            week_start: Some(form.week_start),
            model_mode: form.model_mode,
            ..UpdateSettings::default()
        })),
        Err(error) => Err(Problem::invalid(DueError::to_string(&error))),
    };
    run(
        &server,
        &visitor,
        command,
        origin(&request_id, None),
        &form.bare,
    )
    .await
}

#[derive(Debug, Deserialize)]
pub(super) struct LookForm {
    #[serde(flatten)]
    bare: Bare,
    theme: String,
    density: String,
    keys: Option<String>,
    whole: Option<String>,
    voice: Option<String>,
}

/// Keeps how this browser shows the page, in the browser.
pub(super) async fn change_look(
    visitor: Visitor,
    Form(form): Form<LookForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let mut words = vec![form.theme.as_str(), form.density.as_str()];
    if form.keys.is_none() {
        words.push("nokeys");
    }
    words.extend(form.whole.as_ref().map(|_| "whole"));
    words.extend(form.voice.as_ref().map(|_| "voice"));
    let look = Look::saying(&words);
    let mut response = Redirect::to(&form.bare.back("")).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&look.cookie()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
