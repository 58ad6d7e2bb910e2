//! The page that asks a person whether an agent may act for them.

use accounts::{AskingError, Destination, Parameters};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Access;
use serde::Deserialize;

use crate::edge::ClientOf;
use crate::limits::Class;
use crate::page::{Bare, Door, Form, Visitor, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    door: Door,
    csrf: String,
    /// The query that was asked with, to be read again with the answer.
    request: String,
    agent: String,
    /// Whose document describes the agent.
    host: Option<String>,
    name: String,
    email: String,
    destination: Destination,
    changes: bool,
}

#[derive(Template)]
#[template(path = "leaving.html")]
struct LeavingPage {
    door: Door,
    /// Where to, and what that is called. `None` if nowhere.
    to: Option<(String, Destination)>,
    /// Whether they go by themselves.
    at_once: bool,
}

/// Counts what comes from one address; each may lead to a document that is fetched.
fn limit(server: &Server, address: &str) -> Result<(), Problem> {
    server
        .limits
        .check(address, "/oauth/authorize", Class::Plain)
        .map_err(Problem::too_many)
}

pub(super) async fn ask(
    visitor: Visitor,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    limit(&server, &client.address)?;
    let request = query.unwrap_or_default();
    let asked = match server
        .accounts
        .asked(&Parameters::parse(request.as_bytes()))
        .await
    {
        Ok(asked) => asked,
        Err(error) => return refused(error),
    };
    let email = server.accounts.profile(&visitor.user).await?.email;
    Ok(html(&ConsentPage {
        door: Door::new(),
        csrf: visitor.csrf(),
        request,
        agent: asked.agent().name.clone(),
        host: asked.agent().host.clone(),
        name: visitor.name,
        email,
        destination: asked.destination(),
        changes: asked.wants_changes(),
    }))
}

#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    #[serde(flatten)]
    bare: Bare,
    request: String,
    #[serde(default)]
    access: String,
    #[serde(default)]
    answer: String,
}

pub(super) async fn answer(
    visitor: Visitor,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Form(form): Form<Decision>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    limit(&server, &client.address)?;
    let accounts = &server.accounts;
    // As if it had never been seen: the form has been out of our hands.
    let asked = match accounts
        .asked(&Parameters::parse(form.request.as_bytes()))
        .await
    {
        Ok(asked) => asked,
        Err(error) => return refused(error),
    };
    let (location, notice) = if form.answer == "yes" {
        let access = form.access.parse().unwrap_or(Access::Read);
        let location = accounts
            .allow(&asked, &visitor.user, access, &client)
            .await?;
        (location, "Connected.")
    } else {
        (asked.refusal(), "Nothing was connected.")
    };
    let door = Door {
        notice: Some(notice),
        ..Door::new()
    };
    leaving(door, location, asked.destination(), true)
}

/// What a person sees who is not asked.
fn refused(error: AskingError) -> Result<Response, Problem> {
    let door = |why: String| Door {
        problem: Some(why),
        ..Door::new()
    };
    match error {
        AskingError::Untrusted(why) => {
            let door = door(why);
            Ok((
                StatusCode::BAD_REQUEST,
                html(&LeavingPage {
                    door,
                    to: None,
                    at_once: false,
                }),
            )
                .into_response())
        }
        AskingError::SentBack {
            location,
            destination,
        } => {
            let why = "the program asked in a way that is not understood here; it is told what is wrong when you go back";
            // Anybody can describe a program that leads anywhere, and a link to us must not lead there by itself, nor open
            // what somebody has once let us open. Who listens on this machine is told at once.
            let at_once = matches!(destination, Destination::ThisMachine(_));
            leaving(door(why.to_owned()), location, destination, at_once)
        }
        AskingError::Accounts(error) => Err(error.into()),
    }
}

/// Sends somebody on, `at_once` or when they say so, by a page and not by a redirect: Chromium holds every step after a
/// form was sent against `form-action`, and where an agent sends people on to is not ours to know.
fn leaving(
    door: Door,
    location: String,
    to: Destination,
    at_once: bool,
) -> Result<Response, Problem> {
    let refresh = HeaderValue::from_str(&format!("0;url={location}"));
    let refresh = refresh.map_err(|_| Problem::internal())?;
    let mut page = html(&LeavingPage {
        door,
        to: Some((location, to)),
        at_once,
    });
    if at_once {
        page.headers_mut().insert(header::REFRESH, refresh);
    }
    Ok(page)
}
