//! How somebody is served, and how this browser shows it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Command, DueError, ModelMode, Settings, UpdateSettings, WeekStart};
use serde::Deserialize;

use super::conversation::{engine, may_choose};
use super::forms::{Bare, Form, origin, run};
use super::frame::{Frame, Look, Scene};
use super::help::LETTERS;
use super::list::with_problem;
use super::{ChangeQuery, Visitor, html};
use crate::layers::RequestId;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    settings: Settings,
    zones: Vec<String>,
    week_starts: Vec<(&'static str, &'static str, bool)>,
    languages: Vec<(String, String, bool)>,
    /// When a language model is asked, if the server lets people choose.
    /// Whether the hosted chat component is set up.
    chatkit: bool,
    model_modes: Vec<(&'static str, &'static str, bool)>,
    /// Who answers now.
    engine: String,
    /// What single letters do: the usual one, the chosen one, and what it does.
    letters: Vec<(char, char, &'static str)>,
}

/// The languages that messages are read in, by their tags, as those call them who speak them.
const LANGUAGES: &[(&str, &str)] = &[
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("ur", "اردو"),
];

/// The zones that people know their own by: a place, not a rule.
fn zones() -> Vec<String> {
    let names = jiff::tz::db().available();
    let names = names.map(|name| name.as_str().to_owned());
    let is_place = |name: &String| {
        let part = name.split_once('/').map(|(part, _)| part);
        part.is_some_and(|part| !matches!(part, "Etc" | "US" | "SystemV" | "posix" | "right"))
    };
    names.filter(is_place).collect()
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri.to_string(), query.change, None).await
}

pub(super) async fn page(
    server: &Server,
    visitor: &Visitor,
    back: &str,
    change: Option<i64>,
    problem: Option<String>,
) -> Result<Response, Problem> {
    let scene = Scene::of(server, visitor).await?;
    let frame = scene.frame(back, change, problem).await?;
    let settings = scene.settings;
    let days = [
        (WeekStart::Monday, "monday", "Monday"),
        (WeekStart::Saturday, "saturday", "Saturday"),
        (WeekStart::Sunday, "sunday", "Sunday"),
    ];
    let week_starts = days
        .map(|(day, word, name)| (word, name, settings.week_start == day))
        .to_vec();
    let own = settings.locale.as_str();
    let is_own = |tag: &str| own.split('-').next() == Some(tag);
    let mut languages: Vec<_> = LANGUAGES
        .iter()
        .map(|(tag, name)| {
            // Saving the page keeps a tag that says more, such as en-GB.
            let value = if is_own(tag) { own } else { tag };
            (value.to_owned(), (*name).to_owned(), is_own(tag))
        })
        .collect();
    if !languages.iter().any(|(_, _, chosen)| *chosen) {
        languages.push((own.to_owned(), own.to_owned(), true));
    }
    let modes = [
        (
            ModelMode::Rules,
            "rules",
            "Rules only. Nothing you write leaves this server.",
        ),
        (
            ModelMode::Unsure,
            "unsure",
            "The model when rules are unsure. It is then sent the message and the tasks it may be about.",
        ),
        (
            ModelMode::First,
            "first",
            "The model first. It is sent every message; rules answer if it does not.",
        ),
    ];
    let chosen = server.app.model_mode(settings.model_mode);
    let model_modes = modes.into_iter().filter(|_| may_choose(server));
    let model_modes = model_modes.map(|(mode, word, name)| (word, name, mode == chosen));
    let letters = LETTERS.iter();
    let letters = letters.map(|(usual, does)| (*usual, frame.look.letter(*usual), *does));
    Ok(html(&SettingsPage {
        letters: letters.collect(),
        frame,
        zones: zones(),
        week_starts,
        languages,
        chatkit: server.edge.chatkit_domain_key.is_some(),
        model_modes: model_modes.collect(),
        engine: engine(server, settings.model_mode),
        settings,
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct SettingsForm {
    #[serde(flatten)]
    bare: Bare,
    time_zone: String,
    week_start: WeekStart,
    locale: Option<String>,
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
            locale: form.locale,
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
    /// What is not said stays as it is.
    theme: Option<String>,
    density: Option<String>,
    /// Whether the boxes are on this form; one that is not ticked says nothing.
    boxes: Option<String>,
    keys: Option<String>,
    whole: Option<String>,
    voice: Option<String>,
    /// The letters, each named `letter_` and the usual one.
    #[serde(flatten)]
    letters: BTreeMap<String, String>,
}

impl LookForm {
    /// How the page is to look that looks like `now`.
    fn look(&self, now: &Look) -> Result<Look, Problem> {
        let mut look = Look::saying(&[
            self.theme.as_deref().unwrap_or(now.theme),
            self.density.as_deref().unwrap_or(now.density),
        ]);
        look.letters = self.letters(now)?;
        (look.keys, look.whole, look.voice) = if self.boxes.is_some() {
            let ticked = [&self.keys, &self.whole, &self.voice].map(Option::is_some);
            (ticked[0], ticked[1], ticked[2])
        } else {
            (now.keys, now.whole, now.voice)
        };
        Ok(look)
    }

    fn letters(&self, now: &Look) -> Result<String, Problem> {
        let (mut pairs, mut taken) = (String::new(), BTreeSet::new());
        for (usual, does) in LETTERS {
            let letter = match self.letters.get(&format!("letter_{usual}")) {
                Some(said) => {
                    let said = said.trim().to_lowercase();
                    let mut letters = said.chars();
                    match (letters.next(), letters.next()) {
                        (None, _) => *usual,
                        (Some(letter), None) if letter.is_ascii_lowercase() => letter,
                        _ => {
                            let detail = format!(
                                "the key for \u{201c}{does}\u{201d} is one letter from a to z"
                            );
                            return Err(Problem::invalid(detail));
                        }
                    }
                }
                None => now.letter(*usual),
            };
            if !taken.insert(letter) {
                let detail = format!(
                    "the letter {letter} can do one thing only; choose another for \u{201c}{does}\u{201d}"
                );
                return Err(Problem::invalid(detail));
            }
            if letter != *usual {
                pairs.extend([*usual, letter]);
            }
        }
        Ok(pairs)
    }
}

/// Keeps how this browser shows the page, in the browser.
pub(super) async fn change_look(
    visitor: Visitor,
    State(server): State<Server>,
    Form(form): Form<LookForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let look = match form.look(&visitor.look) {
        Ok(look) => look,
        Err(problem) => return with_problem(&server, &visitor, &problem, &form.bare.back).await,
    };
    let mut response = Redirect::to(&form.bare.back("")).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&look.cookie()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
