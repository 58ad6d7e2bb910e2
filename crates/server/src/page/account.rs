//! Somebody's own account: name, password, sessions, tokens, agents, what happened, and the way out.

use accounts::{Accounts, Client, Error, Session, SignedIn};
use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Access;
use jiff::Timestamp;
use serde::Deserialize;
use url::Url;

use super::frame::{Frame, Scene};
use super::{Visitor, forms, html, sign_in};
use crate::api::everything;
use crate::edge::ClientOf;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    email: String,
    verified: bool,
    /// Whether accounts are kept here.
    ours: bool,
    password: bool,
    sessions: Vec<SessionRow>,
    tokens: Vec<TokenRow>,
    agents: Vec<AgentRow>,
    /// Where agents connect to.
    mcp_url: String,
    events: Vec<EventRow>,
    /// A token that has just been made.
    made: Option<String>,
    /// What has to be typed before everything is deleted.
    sure: &'static str,
}

struct SessionRow {
    id: String,
    agent: String,
    address: String,
    since: String,
    here: bool,
}

struct TokenRow {
    id: String,
    name: String,
    may: &'static str,
    used: String,
    end: Option<String>,
}

struct AgentRow {
    id: String,
    name: String,
    /// Whose document describes it.
    host: Option<String>,
    may: &'static str,
    since: String,
    used: String,
}

struct EventRow {
    when: String,
    what: String,
    address: String,
}

/// What has to be typed before everything is deleted.
const SURE: &str = "delete everything";
/// How many events are shown.
const EVENTS: u32 = 20;

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri.to_string(), None, None).await
}

async fn page(
    server: &Server,
    visitor: &Visitor,
    back: &str,
    problem: Option<String>,
    made: Option<String>,
) -> Result<Response, Problem> {
    let scene = Scene::of(server, visitor).await?;
    let frame = scene.frame(back, None, problem).await?;
    let view = &scene.view;
    let day = |at: Timestamp| {
        at.to_zoned(view.now.time_zone().clone())
            .strftime("%-d %b %Y, %H:%M")
            .to_string()
    };
    let accounts = &server.accounts;
    let profile = accounts.profile(&visitor.user).await?;
    let row = |session: Session| SessionRow {
        here: visitor.is_signed_in_by(&session),
        id: session.id,
        agent: browser(&session.user_agent),
        address: session.ip_address,
        since: format!("since {}", day(session.created_at)),
    };
    let mut sessions = accounts.sessions(&visitor.user).await?;
    sessions.reverse();
    let tokens = accounts.tokens(&visitor.user).await?;
    let used = |at: Option<Timestamp>| {
        at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", day(at)))
    };
    let agents = accounts.agents(&visitor.user).await?;
    let events = accounts.security_events(&visitor.user, EVENTS).await?;
    Ok(html(&AccountPage {
        frame,
        email: profile.email,
        verified: profile.email_verified,
        ours: accounts.settings().external.is_none(),
        password: accounts.password_account(&visitor.user).await?.is_some(),
        sessions: sessions.into_iter().map(row).collect(),
        tokens: tokens
            .into_iter()
            .map(|token| TokenRow {
                id: token.id,
                name: token.name,
                may: may(token.access),
                used: used(token.last_used_at),
                end: token.expires_at.map(day),
            })
            .collect(),
        mcp_url: accounts.settings().mcp_url.clone(),
        agents: agents
            .into_iter()
            .map(|agent| AgentRow {
                may: may(agent.access),
                since: format!("since {}", day(agent.created_at)),
                used: used(agent.last_used_at),
                host: agent
                    .client_id
                    .parse::<Url>()
                    .ok()
                    .and_then(|url| url.host_str().map(str::to_owned)),
                id: agent.id,
                name: agent.client_name,
            })
            .collect(),
        events: events
            .into_iter()
            .map(|event| EventRow {
                when: day(event.at),
                what: event.kind.replace('-', " "),
                address: event.address,
            })
            .collect(),
        made,
        sure: SURE,
    }))
}

/// What a browser calls itself, in words.
fn browser(agent: &str) -> String {
    let named = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&named), find(&systems)) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        _ if agent.is_empty() => "A program".to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

/// The fields of every form on the page; each form has some of them.
#[derive(Debug, Deserialize)]
pub(super) struct AccountForm {
    #[serde(flatten)]
    bare: forms::Bare,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    sure: String,
}

/// What a form has come to.
enum Done {
    /// Back to the page.
    Back,
    /// A token that is shown only now.
    Made(String),
    /// Another session in the place of all others.
    SignedIn(Box<SignedIn>),
    /// Nobody is left to show the page to.
    Gone,
}

pub(super) async fn act(
    visitor: Visitor,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Path(action): Path<String>,
    forms::Form(form): forms::Form<AccountForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    if action == "delete" && form.sure.trim() != SURE {
        let detail = format!("type \u{201c}{SURE}\u{201d} to delete your account");
        return again(&server, &visitor, Problem::invalid(detail)).await;
    }
    match perform(&server.accounts, &visitor, &client, &action, &form).await {
        Ok(Some(Done::Back)) => Ok(Redirect::to("/account").into_response()),
        // Not by a redirect: the token would be in an address.
        Ok(Some(Done::Made(secret))) => {
            page(&server, &visitor, "/account", None, Some(secret)).await
        }
        Ok(Some(Done::SignedIn(signed_in))) => Ok(sign_in::home(&server, &signed_in, "/")),
        Ok(Some(Done::Gone)) => Ok(sign_in::gone(&server, "/sign-in")),
        Ok(None) => Err(Problem::not_found()),
        Err(error) => again(&server, &visitor, sign_in::problem(error)).await,
    }
}

/// Does what a form asks for. `None` if there is no such form here.
async fn perform(
    accounts: &Accounts,
    visitor: &Visitor,
    client: &Client,
    action: &str,
    form: &AccountForm,
) -> Result<Option<Done>, Error> {
    let user = &visitor.user;
    let ours = accounts.settings().external.is_none();
    match action {
        "name" if ours => {
            accounts.update_user(user, Some(&form.name), None).await?;
        }
        "password" if ours => {
            let signed_in = accounts
                .change_password(user, &form.old, &form.new, true, client)
                .await?;
            if let Some(signed_in) = signed_in {
                return Ok(Some(Done::SignedIn(Box::new(signed_in))));
            }
        }
        "end-session" if ours => {
            let sessions = accounts.sessions(user).await?;
            if let Some(session) = sessions.iter().find(|session| session.id == form.id) {
                accounts
                    .revoke_session(user, &session.token, client)
                    .await?;
            }
        }
        "end-others" if ours => {
            let sessions = accounts.sessions(user).await?;
            let here = sessions
                .iter()
                .find(|session| visitor.is_signed_in_by(session));
            accounts.revoke_sessions(user, here, client).await?;
        }
        "token" => {
            let access = form.scope.parse().unwrap_or(Access::Read);
            let days = match form.days.trim() {
                "" => None,
                text => Some(text.parse().map_err(|_| Error::BadLifetime)?),
            };
            let new = accounts
                .create_token(user, &form.name, access, days, client)
                .await?;
            return Ok(Some(Done::Made(new.secret)));
        }
        "disconnect" => accounts.disconnect(user, &form.id, client).await?,
        "revoke-token" => accounts.revoke_token(user, &form.id, client).await?,
        "delete" => {
            if ours && accounts.password_account(user).await?.is_some() {
                accounts.verify_password(user, &form.password).await?;
            }
            accounts.delete_user(user).await?;
            return Ok(Some(Done::Gone));
        }
        _ => return Ok(None),
    }
    Ok(Some(Done::Back))
}

/// The page, with what went wrong.
async fn again(server: &Server, visitor: &Visitor, problem: Problem) -> Result<Response, Problem> {
    if problem.status().is_server_error() {
        return Err(problem);
    }
    let page = page(
        server,
        visitor,
        "/account",
        Some(problem.detail().to_owned()),
        None,
    )
    .await?;
    Ok(problem.on(page))
}

/// Everything about whoever asks, as a file.
pub(super) async fn export(
    visitor: Visitor,
    State(server): State<Server>,
) -> Result<Response, Problem> {
    let body = axum::Json(everything(&server, &visitor.user).await?);
    let name = "attachment; filename=\"sayso.json\"";
    Ok(([(header::CONTENT_DISPOSITION, name)], body).into_response())
}

/// What a token or an agent may do, in words.
fn may(access: Access) -> &'static str {
    match access {
        Access::Read => "may look",
        Access::Propose => "may look and propose",
        Access::Undoable => "may change what can be undone",
        Access::Write => "may look and change",
    }
}
