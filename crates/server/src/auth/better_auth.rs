//! `/api/auth/…`: the endpoints that Better Auth's own client (1.7) uses for e-mail and password.

use accounts::{ActiveSession, Credential, Error, Mail, Registration, is_brief, iso};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::{self, Fields, Refused};
use super::guard::guard;
use super::origin::is_safe_target;
use super::{cookies, credential, signed_in};
use crate::Server;
use crate::edge::ClientOf;

/// Every endpoint, below `/api/auth`. An external server has its own.
pub(crate) fn router(server: &Server) -> Router<Server> {
    let endpoints = if server.accounts.settings().external.is_some() {
        Router::new()
    } else {
        Router::new()
            .route("/ok", get(async || Json(json!({ "ok": true }))))
            .route("/sign-up/email", post(sign_up))
            .route("/sign-in/email", post(sign_in))
            .route("/sign-out", post(sign_out))
            .route("/get-session", get(get_session).post(posted_get_session))
            .route("/token", get(token))
            .route("/jwks", get(jwks))
            .route("/list-sessions", get(list_sessions))
            .route("/revoke-session", post(revoke_session))
            .route("/revoke-sessions", post(revoke_sessions))
            .route("/revoke-other-sessions", post(revoke_other_sessions))
            .route("/update-user", post(update_user))
            .route("/change-password", post(change_password))
            .route("/verify-password", post(verify_password))
            .route("/list-accounts", get(list_accounts))
            .route("/delete-user", post(delete_user))
            .route("/request-password-reset", post(request_reset))
            .route("/reset-password/{token}", get(follow_reset))
            .route("/reset-password", post(reset_password))
            .route("/send-verification-email", post(send_verification))
            .route("/verify-email", get(verify_email))
            .route("/change-email", post(change_email))
            .route("/error", get(error_page))
    };
    endpoints
        .fallback(nothing)
        .method_not_allowed_fallback(nothing)
        .layer(from_fn_with_state(server.clone(), guard))
}

/// Nothing, as Better Auth says it.
async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Refuses to send anybody to another site.
fn check_target(server: &Server, target: Option<&str>, code: &'static str) -> Result<(), Refused> {
    match target {
        Some(target) if !is_safe_target(server, target) => Err(Refused::new(
            403,
            code,
            format!(
                "Invalid {}",
                if code == "INVALID_REDIRECT_URL" {
                    "redirectURL"
                } else {
                    "callbackURL"
                }
            ),
        )),
        _ => Ok(()),
    }
}

/// Somebody who is signed in here.
struct Here(ActiveSession);

impl FromRequestParts<Server> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Response> {
        let refused = || Refused::unauthorized().into_response();
        let credential = credential(server, &parts.headers).ok_or_else(refused)?;
        match server.accounts.session(&credential).await {
            Ok(Some(active)) => {
                if active.prolonged && credential.is_cookie() {
                    super::renew_cookie(parts, server, &active.session);
                }
                Ok(Self(active))
            }
            Ok(None) => {
                let mut response = refused();
                clear_if_dead(server, &credential, &mut response);
                Err(response)
            }
            Err(error) => Err(Refused::from(error).into_response()),
        }
    }
}

/// Takes away the cookie of a session of ours that has ended; one that was never ours is left alone.
fn clear_if_dead(server: &Server, credential: &Credential, response: &mut Response) {
    if server.accounts.is_signed(credential) {
        cookies::set(response, cookies::cleared(server));
    }
}

fn done() -> Json<Value> {
    Json(json!({ "status": true }))
}

async fn sign_up(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    fields: Fields,
) -> Result<Response, Refused> {
    check_target(
        &server,
        fields.optional("callbackURL")?,
        "INVALID_CALLBACK_URL",
    )?;
    let new = Registration {
        name: fields.text("name")?.to_owned(),
        email: fields.email("email")?.to_owned(),
        image: fields.optional("image")?.map(str::to_owned),
        invitation: fields.optional("invitation")?.map(str::to_owned),
        remember: fields.flag("rememberMe", true)?,
    };
    let signed_up = server
        .accounts
        .sign_up(&new, fields.text("password")?, &client)
        .await?;
    server.welcome(&signed_up.id).await;
    let user = signed_up.user;
    Ok(match signed_up.signed_in {
        Some(signed_in) => {
            let body = json!({ "token": signed_in.session.token, "user": accounts::public(&user) });
            answers::with_session(&server, &signed_in, body)
        }
        None => Json(json!({ "token": null, "user": accounts::public(&user) })).into_response(),
    })
}

async fn sign_in(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    fields: Fields,
) -> Result<Response, Refused> {
    let callback = fields.optional("callbackURL")?;
    check_target(&server, callback, "INVALID_CALLBACK_URL")?;
    let (email, password) = (fields.text("email")?, fields.text("password")?);
    let remember = fields.flag("rememberMe", true)?;
    let signed_in = server
        .accounts
        .sign_in(email, password, remember, &client)
        .await?;
    let mut body = json!({
        "redirect": callback.is_some_and(|url| !url.is_empty()),
        "token": signed_in.session.token,
        "user": accounts::public(&signed_in.user),
    });
    if let Some(url) = callback {
        body["url"] = json!(url);
    }
    let mut response = answers::with_session(&server, &signed_in, body);
    if let Some(location) = callback
        .filter(|url| !url.is_empty())
        .and_then(|url| HeaderValue::from_str(url).ok())
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn sign_out(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if let Some(active) = signed_in(&server, &headers).await? {
        server.accounts.sign_out(&active.session, &client).await?;
    }
    Ok(answers::signed_out(&server, json!({ "success": true })))
}

async fn get_session(
    State(server): State<Server>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let nobody = || Json(Value::Null).into_response();
    let Some(credential) = credential(&server, &headers) else {
        return Ok(nobody());
    };
    let Some(active) = server.accounts.session(&credential).await? else {
        let mut response = nobody();
        clear_if_dead(&server, &credential, &mut response);
        return Ok(response);
    };
    let body = json!({ "session": answers::session(&active.session), "user": accounts::public(&active.user) });
    let mut response = Json(body).into_response();
    if active.prolonged && !cookies::is_brief(&server, &headers) {
        let signed = server.accounts.signed(&active.session);
        cookies::set(&mut response, [cookies::session(&server, &signed, true)]);
        answers::token_header(&mut response, "set-auth-token", &signed);
    }
    let jwt = server
        .accounts
        .issue_jwt(&active.session, &active.user)
        .await?;
    answers::token_header(&mut response, "set-auth-jwt", &jwt);
    Ok(response)
}

async fn posted_get_session() -> Refused {
    Refused::new(
        405,
        "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED",
        "POST method requires deferSessionRefresh to be enabled in session config",
    )
}

async fn token(State(server): State<Server>, Here(active): Here) -> Result<Json<Value>, Refused> {
    let token = server
        .accounts
        .issue_jwt(&active.session, &active.user)
        .await?;
    Ok(Json(json!({ "token": token })))
}

async fn jwks(State(server): State<Server>) -> Result<Json<Value>, Refused> {
    Ok(Json(server.accounts.key_set().await?))
}

async fn list_sessions(
    State(server): State<Server>,
    Here(active): Here,
) -> Result<Json<Vec<Value>>, Refused> {
    server.accounts.check_fresh(&active.session)?;
    let sessions = server.accounts.sessions(&active.id).await?;
    Ok(Json(sessions.iter().map(answers::session).collect()))
}

async fn revoke_session(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Here(active): Here,
    fields: Fields,
) -> Result<Response, Refused> {
    let token = fields.text("token")?;
    server
        .accounts
        .revoke_session(&active.id, token, &client)
        .await?;
    Ok(if token == active.session.token {
        answers::signed_out(&server, json!({ "status": true }))
    } else {
        done().into_response()
    })
}

async fn revoke_sessions(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Here(active): Here,
) -> Result<Response, Refused> {
    server
        .accounts
        .revoke_sessions(&active.id, None, &client)
        .await?;
    Ok(answers::signed_out(&server, json!({ "status": true })))
}

async fn revoke_other_sessions(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Here(active): Here,
) -> Result<Json<Value>, Refused> {
    server
        .accounts
        .revoke_sessions(&active.id, Some(&active.session), &client)
        .await?;
    Ok(done())
}

async fn update_user(
    State(server): State<Server>,
    Here(active): Here,
    fields: Fields,
) -> Result<Response, Refused> {
    if fields.has("email") {
        return Err(Refused::new(
            400,
            "EMAIL_CAN_NOT_BE_UPDATED",
            "Email can not be updated",
        ));
    }
    let (name, image) = (fields.optional("name")?, fields.nullable("image")?);
    server.accounts.update_user(&active.id, name, image).await?;
    let mut response = done().into_response();
    let signed = server.accounts.signed(&active.session);
    let remember = !is_brief(&active.session);
    cookies::set(
        &mut response,
        [cookies::session(&server, &signed, remember)],
    );
    answers::token_header(&mut response, "set-auth-token", &signed);
    Ok(response)
}

async fn change_password(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Here(active): Here,
    fields: Fields,
) -> Result<Response, Refused> {
    let (old, new) = (fields.text("currentPassword")?, fields.text("newPassword")?);
    let sign_out = fields.flag("revokeOtherSessions", false)?;
    let signed_in = server
        .accounts
        .change_password(&active.id, old, new, sign_out, &client)
        .await?;
    let token = signed_in
        .as_ref()
        .map(|signed_in| signed_in.session.token.clone());
    let body = json!({ "token": token, "user": accounts::public(&active.user) });
    Ok(match signed_in {
        Some(signed_in) => answers::with_session(&server, &signed_in, body),
        None => Json(body).into_response(),
    })
}

async fn verify_password(
    State(server): State<Server>,
    Here(active): Here,
    fields: Fields,
) -> Result<Json<Value>, Refused> {
    server
        .accounts
        .verify_password(&active.id, fields.text("password")?)
        .await?;
    Ok(done())
}

async fn list_accounts(
    State(server): State<Server>,
    Here(active): Here,
) -> Result<Json<Value>, Refused> {
    let account = server.accounts.password_account(&active.id).await?;
    let shown = account.map(|(id, created_at, updated_at)| {
        json!({
            "accountId": active.user.id,
            "providerId": "credential",
            "userId": active.user.id,
            "createdAt": iso(created_at),
            "updatedAt": iso(updated_at),
            "id": id,
            "scopes": [],
        })
    });
    Ok(Json(json!(shown.into_iter().collect::<Vec<_>>())))
}

async fn delete_user(
    State(server): State<Server>,
    Here(active): Here,
    fields: Fields,
) -> Result<Response, Refused> {
    if fields.optional("token")?.is_some() {
        return Err(Refused::new(404, "INVALID_TOKEN", "Invalid token"));
    }
    match fields.optional("password")? {
        Some(password) => {
            server
                .accounts
                .verify_password(&active.id, password)
                .await?;
        }
        None if server.accounts.check_fresh(&active.session).is_err() => {
            let message = "Session expired. Re-authenticate to perform this action.";
            return Err(Refused::new(400, "SESSION_EXPIRED", message));
        }
        None => {}
    }
    server.accounts.delete_user(&active.id).await?;
    Ok(answers::signed_out(
        &server,
        json!({ "success": true, "message": "User deleted" }),
    ))
}

async fn request_reset(
    State(server): State<Server>,
    fields: Fields,
) -> Result<Json<Value>, Refused> {
    let redirect = fields.optional("redirectTo")?;
    check_target(&server, redirect, "INVALID_REDIRECT_URL")?;
    let email = fields.email("email")?;
    server
        .accounts
        .request_reset(email, redirect.unwrap_or("/reset-password"))?;
    let message = "If this email exists in our system, check your email for the reset link";
    Ok(Json(json!({ "status": true, "message": message })))
}

#[derive(Deserialize)]
struct Callback {
    token: Option<String>,
    #[serde(rename = "callbackURL")]
    callback: Option<String>,
}

impl Callback {
    fn missing(name: &str) -> Refused {
        let message = format!("[query.{name}] Invalid input: expected string, received undefined");
        Refused::new(400, "VALIDATION_ERROR", message)
    }
}

/// `target` with one more parameter.
fn with_parameter(target: &str, name: &str, value: &str) -> String {
    let (page, fragment) = target
        .split_once('#')
        .map_or((target, None), |(page, at)| (page, Some(at)));
    let sign = if page.contains('?') { '&' } else { '?' };
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let fragment = fragment.map(|at| format!("#{at}")).unwrap_or_default();
    format!("{page}{sign}{name}={value}{fragment}")
}

fn found(target: &str) -> Response {
    match HeaderValue::from_str(target) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Where the link in a mail leads: to the page that asks for a new password.
async fn follow_reset(
    State(server): State<Server>,
    Path(token): Path<String>,
    Query(query): Query<Callback>,
) -> Result<Response, Refused> {
    let target = query
        .callback
        .as_deref()
        .ok_or_else(|| Callback::missing("callbackURL"))?;
    let target = if target.is_empty() {
        "/reset-password"
    } else {
        target
    };
    check_target(&server, Some(target), "INVALID_CALLBACK_URL")?;
    let target = if server.accounts.is_reset(&token).await? {
        with_parameter(target, "token", &token)
    } else {
        with_parameter(target, "error", "INVALID_TOKEN")
    };
    Ok(found(&target))
}

async fn reset_password(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Query(query): Query<Callback>,
    fields: Fields,
) -> Result<Json<Value>, Refused> {
    let new = fields.text("newPassword")?;
    let token = fields
        .optional("token")?
        .or(query.token.as_deref())
        .unwrap_or_default();
    server.accounts.reset_password(token, new, &client).await?;
    Ok(done())
}

async fn send_verification(
    State(server): State<Server>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Value>, Refused> {
    let callback = fields.optional("callbackURL")?;
    check_target(&server, callback, "INVALID_CALLBACK_URL")?;
    let email = fields.email("email")?;
    if matches!(server.accounts.settings().mail, Mail::Off) {
        let message = "Verification email isn't enabled";
        return Err(Refused::new(400, "VERIFICATION_EMAIL_NOT_ENABLED", message));
    }
    if let Some(active) = signed_in(&server, &headers).await? {
        if active.user.email != email.to_lowercase() {
            return Err(Refused::new(400, "EMAIL_MISMATCH", "Email mismatch"));
        }
        if active.user.email_verified {
            let message = "Email is already verified";
            return Err(Refused::new(400, "EMAIL_ALREADY_VERIFIED", message));
        }
    }
    server
        .accounts
        .request_verification(email, callback)
        .await?;
    Ok(done())
}

async fn verify_email(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Query(query): Query<Callback>,
) -> Result<Response, Refused> {
    let token = query
        .token
        .as_deref()
        .ok_or_else(|| Callback::missing("token"))?;
    check_target(&server, query.callback.as_deref(), "INVALID_CALLBACK_URL")?;
    let code = match server.accounts.verify_email(token, &client).await {
        Ok(()) => None,
        Err(Error::BadLink) => Some("INVALID_TOKEN"),
        Err(Error::LinkExpired) => Some("TOKEN_EXPIRED"),
        Err(Error::EmailTaken) => Some("USER_ALREADY_EXISTS"),
        Err(error) => return Err(error.into()),
    };
    let target = query
        .callback
        .as_deref()
        .filter(|target| !target.is_empty());
    Ok(match (target, code) {
        (Some(target), None) => found(target),
        (Some(target), Some(code)) => found(&with_parameter(target, "error", code)),
        (None, None) => Json(json!({ "status": true, "user": null })).into_response(),
        (None, Some(code)) => Refused::new(401, code, "Invalid token").into_response(),
    })
}

async fn change_email(
    State(server): State<Server>,
    Here(active): Here,
    fields: Fields,
) -> Result<Json<Value>, Refused> {
    let callback = fields.optional("callbackURL")?;
    check_target(&server, callback, "INVALID_CALLBACK_URL")?;
    let new = fields.email("newEmail")?;
    if matches!(server.accounts.settings().mail, Mail::Off) {
        return Err(Refused::new(
            400,
            "CHANGE_EMAIL_DISABLED",
            "Change email is disabled",
        ));
    }
    if new.to_lowercase() == active.user.email {
        return Err(Refused::without_code(400, "Email is the same"));
    }
    server
        .accounts
        .request_email_change(&active, new, callback)
        .await?;
    Ok(done())
}

/// Where other servers' links lead when something went wrong.
async fn error_page(
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> Html<String> {
    let code = query.get("error").map(String::as_str).unwrap_or_default();
    let plain = code
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        && code.len() <= 64;
    let code = if plain && !code.is_empty() {
        code
    } else {
        "UNKNOWN"
    };
    Html(format!(
        "<!doctype html><title>Error</title><p>That did not work: {code}. <a href=\"/\">Back to Sayso</a></p>"
    ))
}
