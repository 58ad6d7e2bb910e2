//! Who a request is from: the one extractor behind which all authentication stands, and Better Auth's endpoints.

mod answers;
mod better_auth;
pub(crate) mod cookies;
mod guard;
mod origin;

use accounts::{ActiveSession, Credential, Principal, Session};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use domain::{Access, UserId};

pub(crate) use self::better_auth::router;
pub(crate) use self::origin::{Source, is_safe_target, source};
use crate::layers::SetCookies;
use crate::{Problem, Server};

/// The user whom a request is from, proven, and the same as the one its path names.
#[derive(Debug, Clone)]
pub(crate) struct CurrentUser(pub(crate) Principal);

impl CurrentUser {
    pub(crate) fn id(&self) -> &UserId {
        &self.0.user
    }

    /// That they are here themselves, not by a token: one could make others and so outlive itself.
    ///
    /// # Errors
    /// That it takes a session.
    pub(crate) fn in_person(&self) -> Result<(), Problem> {
        if !self.0.in_person {
            let detail = "a token cannot do this; sign in and do it there";
            return Err(Problem::forbidden(detail));
        }
        Ok(())
    }
}

impl FromRequestParts<Server> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Reader(principal) = Reader::from_request_parts(parts, server).await?;
        if principal.access != Access::Write && !is_safe(&parts.method) {
            return Err(Problem::forbidden(match principal.access {
                Access::Read | Access::Write => "this token may only read; make one that may write",
                // What waits for the owner, and what can be undone, is told apart there alone.
                Access::Propose | Access::Undoable => {
                    "this token may only read here; what it may change goes through MCP"
                }
            }));
        }
        Ok(Self(principal))
    }
}

/// The same, for what only reads although it is posted.
#[derive(Debug, Clone)]
pub(crate) struct Reader(pub(crate) Principal);

impl FromRequestParts<Server> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Some(credential) = credential(server, &parts.headers) else {
            return Err(Problem::unauthorized());
        };
        if credential.is_cookie()
            && !is_safe(&parts.method)
            && source(server, &parts.headers) != Source::Trusted
        {
            return Err(Problem::forbidden("this request comes from another site"));
        }
        let Some(principal) = server.accounts.principal(&credential).await? else {
            return Err(Problem::unauthorized());
        };
        // Before any look-up: what is behind somebody else's path is nobody else's business.
        let path = RawPathParams::from_request_parts(parts, server)
            .await
            .map_err(|_| Problem::not_found())?;
        if path
            .iter()
            .any(|(name, value)| name == "user_id" && value != principal.user.as_str())
        {
            return Err(Problem::forbidden("this address belongs to another user"));
        }
        server.limits.user(principal.user.as_str())?;
        if let (true, true, Some(session)) = (
            principal.prolonged,
            credential.is_cookie(),
            &principal.session,
        ) {
            renew_cookie(parts, server, session);
        }
        Ok(Self(principal))
    }
}

/// Sends the cookie of a session again, which has just been prolonged.
fn renew_cookie(parts: &Parts, server: &Server, session: &Session) {
    if let Some(set) = parts.extensions.get::<SetCookies>() {
        let signed = server.accounts.signed(session);
        set.add(cookies::session(server, &signed, true));
    }
}

/// The session that a request shows. `None` if it shows none that lives.
pub(crate) async fn signed_in(
    server: &Server,
    headers: &HeaderMap,
) -> Result<Option<ActiveSession>, accounts::Error> {
    match credential(server, headers) {
        Some(credential) => server.accounts.session(&credential).await,
        None => Ok(None),
    }
}

/// The credential a request carries. A bad header is not made good by a cookie.
pub(crate) fn credential(server: &Server, headers: &HeaderMap) -> Option<Credential> {
    if headers.contains_key(header::AUTHORIZATION) {
        return bearer(headers);
    }
    cookies::credential(server, headers)
}

/// The credential in the one `Authorization` header of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Credential> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, token) = given.next()?.to_str().ok()?.split_once(' ')?;
    let well_formed = scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
        && !token.contains(char::is_whitespace)
        && given.next().is_none();
    well_formed.then(|| Credential::bearer(token))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
