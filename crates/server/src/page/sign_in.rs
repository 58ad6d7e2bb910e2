//! Signing in, up and out, and setting a new password: plain forms, without scripts.

use accounts::{Error, Mail, Registration, SignUp, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Visitor, assets, forms, html};
use crate::auth::{Source, cookies, is_safe_target, signed_in, source};
use crate::edge::ClientOf;
use crate::limits::Class;
use crate::{Problem, Server};

/// What every page has that stands alone, with nobody's list around it.
#[derive(Default)]
pub(crate) struct Door {
    /// The folder of the files it loads.
    pub(crate) assets: &'static str,
    pub(crate) problem: Option<String>,
    pub(crate) notice: Option<&'static str>,
}

impl Door {
    pub(crate) fn new() -> Self {
        Self {
            assets: assets::folder(),
            ..Self::default()
        }
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    door: Door,
    email: String,
    /// The page that somebody wanted to see, for afterwards.
    back: String,
    elsewhere: Option<String>,
    sign_up: bool,
    reset: bool,
    local: bool,
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage {
    door: Door,
    closed: bool,
    invitation: String,
    back: String,
    name: String,
    email: String,
}

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage {
    door: Door,
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage {
    door: Door,
    token: String,
}

/// What somebody sees who is not signed in. Afterwards they see what they wanted to.
pub(super) fn page(server: &Server, parts: &Parts) -> Response {
    let wanted = match parts.method {
        Method::GET => parts.uri.path_and_query().map_or("", PathAndQuery::as_str),
        _ => "",
    };
    let page = sign_in_page(server, Door::new(), String::new(), wanted);
    (StatusCode::UNAUTHORIZED, html(&page)).into_response()
}

/// Where somebody goes who has signed in: to `back`, if that is a page of ours.
fn onward<'a>(server: &Server, back: &'a str) -> &'a str {
    if back.starts_with('/') && is_safe_target(server, back) {
        back
    } else {
        "/"
    }
}

fn sign_in_page(server: &Server, door: Door, email: String, back: &str) -> SignInPage {
    let settings = server.accounts.settings();
    SignInPage {
        door,
        email,
        back: onward(server, back).to_owned(),
        elsewhere: settings
            .external
            .as_ref()
            .map(|external| external.base_url.origin().to_owned()),
        sign_up: settings.sign_up == SignUp::Open,
        reset: !matches!(settings.mail, Mail::Off),
        local: settings.base_url.is_loopback(),
    }
}

/// Refuses a form that no page of ours has sent, or that comes too often.
fn check(server: &Server, headers: &HeaderMap, address: &str, path: &str) -> Result<(), Problem> {
    let class = if path == "/forgot-password" {
        Class::Mailing
    } else {
        Class::Guessing
    };
    server
        .limits
        .check(address, path, class)
        .map_err(Problem::too_many)?;
    if source(server, headers) != Source::Trusted {
        return Err(Problem::forbidden(
            "this form is not from a page of this server; open it again and retry",
        ));
    }
    if server.accounts.settings().external.is_some() {
        return Err(Problem::not_found());
    }
    Ok(())
}

/// The page `back`, signed in; the home page if that is none of ours.
pub(super) fn home(server: &Server, signed_in: &SignedIn, back: &str) -> Response {
    let mut response = Redirect::to(onward(server, back)).into_response();
    cookies::set(&mut response, cookies::signed_in(server, signed_in));
    response
}

/// The sign-in page, signed out.
pub(super) fn gone(server: &Server, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    cookies::set(&mut response, cookies::cleared(server));
    // What the browser has kept of the lists goes, too.
    let kept = HeaderValue::from_static("\"storage\"");
    let name = HeaderName::from_static("clear-site-data");
    response.headers_mut().insert(name, kept);
    response
}

/// What went wrong, in the words of a page.
pub(super) fn problem(error: Error) -> Problem {
    match error {
        Error::InvalidCredentials => {
            Problem::forbidden("that is not an address and a password that belong together")
        }
        Error::EmailTaken => {
            Problem::invalid("there is an account with this address already; sign in instead")
        }
        Error::InvalidEmail => Problem::invalid("that is not an e-mail address"),
        Error::PasswordTooShort => Problem::invalid("a password has at least 8 characters"),
        Error::PasswordTooLong => Problem::invalid("a password has at most 128 characters"),
        Error::WrongPassword => Problem::forbidden("that is not your password"),
        Error::BadLink | Error::LinkExpired => {
            Problem::invalid("this link has been used or is too old; ask for a new one")
        }
        Error::EmailNotVerified => Problem::forbidden(
            "your address is not confirmed yet; we have sent you a link to do it",
        ),
        Error::SignUpClosed => Problem::forbidden("nobody can make an account here by themselves"),
        other => other.into(),
    }
}

/// What went wrong, on the page that it was sent from; what is the server's own fault is no page.
fn refused(problem: Problem, page: impl FnOnce(Door) -> Response) -> Result<Response, Problem> {
    if problem.status().is_server_error() {
        return Err(problem);
    }
    let door = Door {
        problem: Some(problem.detail().to_owned()),
        ..Door::new()
    };
    Ok(problem.on(page(door)))
}

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
    #[serde(default)]
    back: String,
}

/// The form; or, with a one-time link, signs the browser in that opens it.
pub(super) async fn show(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    if link.token.is_empty() {
        return Ok(html(&sign_in_page(
            &server,
            Door::new(),
            String::new(),
            &link.back,
        )));
    }
    let signed_in = match server.accounts.settings().external {
        Some(_) => None,
        None => {
            server
                .accounts
                .sign_in_with_link(&link.token, &client)
                .await?
        }
    };
    if let Some(signed_in) = signed_in {
        return Ok(home(&server, &signed_in, &link.back));
    }
    let door = Door {
        problem: Some("This link has been used or is too old.".to_owned()),
        ..Door::new()
    };
    let page = sign_in_page(&server, door, String::new(), &link.back);
    Ok((StatusCode::UNAUTHORIZED, html(&page)).into_response())
}

#[derive(Deserialize)]
pub(super) struct SignInForm {
    email: String,
    password: String,
    remember: Option<String>,
    #[serde(default)]
    back: String,
}

pub(super) async fn enter(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
    forms::Form(form): forms::Form<SignInForm>,
) -> Result<Response, Problem> {
    let checked = check(&server, &headers, &client.address, "/sign-in");
    let remember = form.remember.is_some();
    let signed_in = match checked {
        Ok(()) => server
            .accounts
            .sign_in(&form.email, &form.password, remember, &client)
            .await
            .map_err(problem),
        Err(problem) => Err(problem),
    };
    match signed_in {
        Ok(signed_in) => Ok(home(&server, &signed_in, &form.back)),
        Err(problem) => refused(problem, |door| {
            html(&sign_in_page(&server, door, form.email, &form.back))
        }),
    }
}

#[derive(Deserialize)]
pub(super) struct Invitation {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn sign_up(
    State(server): State<Server>,
    Query(Invitation { invitation, back }): Query<Invitation>,
) -> Response {
    let settings = server.accounts.settings();
    let closed = match settings.sign_up {
        SignUp::Open => false,
        SignUp::Invite => invitation.is_empty(),
        SignUp::Closed => true,
    };
    html(&SignUpPage {
        door: Door::new(),
        closed: closed || settings.external.is_some(),
        invitation,
        back: onward(&server, &back).to_owned(),
        name: String::new(),
        email: String::new(),
    })
}

#[derive(Deserialize)]
pub(super) struct SignUpForm {
    #[serde(default)]
    invitation: String,
    #[serde(default)]
    back: String,
    name: String,
    email: String,
    password: String,
}

pub(super) async fn register(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
    forms::Form(form): forms::Form<SignUpForm>,
) -> Result<Response, Problem> {
    let new = Registration {
        name: form.name.clone(),
        email: form.email.clone(),
        image: None,
        invitation: Some(form.invitation.clone()).filter(|invitation| !invitation.is_empty()),
        remember: true,
    };
    let signed_up = match check(&server, &headers, &client.address, "/sign-up") {
        Ok(()) => server
            .accounts
            .sign_up(&new, &form.password, &client)
            .await
            .map_err(problem),
        Err(problem) => Err(problem),
    };
    let signed_up = match signed_up {
        Ok(signed_up) => signed_up,
        Err(problem) => {
            return refused(problem, |door| {
                html(&SignUpPage {
                    door,
                    closed: false,
                    invitation: form.invitation,
                    back: onward(&server, &form.back).to_owned(),
                    name: form.name,
                    email: form.email,
                })
            });
        }
    };
    server.welcome(&signed_up.id).await;
    if let Some(signed_in) = signed_up.signed_in {
        return Ok(home(&server, &signed_in, &form.back));
    }
    let door = Door {
        notice: Some("Your account is made. Open the link we have sent you, then sign in."),
        ..Door::new()
    };
    Ok(html(&sign_in_page(&server, door, form.email, &form.back)))
}

pub(super) async fn forgot() -> Response {
    html(&ForgotPage { door: Door::new() })
}

#[derive(Deserialize)]
pub(super) struct ForgotForm {
    email: String,
}

pub(super) async fn send_reset(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
    forms::Form(form): forms::Form<ForgotForm>,
) -> Result<Response, Problem> {
    check(&server, &headers, &client.address, "/forgot-password")?;
    let sent = server
        .accounts
        .request_reset(&form.email, "/reset-password");
    match sent.map_err(problem) {
        Ok(()) => Ok(html(&ForgotPage {
            door: Door {
                notice: Some("If there is an account with this address, a link is on its way."),
                ..Door::new()
            },
        })),
        Err(problem) => refused(problem, |door| html(&ForgotPage { door })),
    }
}

pub(super) async fn reset(Query(link): Query<Link>) -> Response {
    let door = if link.token.is_empty() {
        Door {
            problem: Some("This link has been used or is too old; ask for a new one.".to_owned()),
            ..Door::new()
        }
    } else {
        Door::new()
    };
    html(&ResetPage {
        door,
        token: link.token,
    })
}

#[derive(Deserialize)]
pub(super) struct ResetForm {
    token: String,
    password: String,
}

pub(super) async fn set_password(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
    forms::Form(form): forms::Form<ResetForm>,
) -> Result<Response, Problem> {
    check(&server, &headers, &client.address, "/reset-password")?;
    let set = server
        .accounts
        .reset_password(&form.token, &form.password, &client)
        .await;
    match set.map_err(problem) {
        Ok(()) => {
            let door = Door {
                notice: Some("Your new password is set. Sign in with it."),
                ..Door::new()
            };
            Ok(html(&sign_in_page(&server, door, String::new(), "")))
        }
        Err(problem) => refused(problem, |door| {
            let token = form.token;
            html(&ResetPage { door, token })
        }),
    }
}

pub(super) async fn out(
    visitor: Visitor,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
    forms::Form(form): forms::Form<forms::Bare>,
) -> Result<Response, Problem> {
    form.check(&visitor)?;
    if let Some(active) = signed_in(&server, &headers).await? {
        server.accounts.sign_out(&active.session, &client).await?;
    }
    Ok(gone(&server, "/sign-in"))
}
