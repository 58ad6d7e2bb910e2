//! What Better Auth's endpoints read and answer, to the letter.

use std::borrow::Cow;

use accounts::{Error, Session, SignedIn, iso};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::cookies;
use crate::body::in_time;
use crate::{Problem, Server};

/// A refusal as the client reads it.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    status: StatusCode,
    code: Option<&'static str>,
    message: Cow<'static, str>,
    retry_after_seconds: Option<u32>,
}

impl Refused {
    pub(super) fn new(
        status: u16,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            code: Some(code),
            message: message.into(),
            retry_after_seconds: None,
        }
    }

    /// One of the few that have no code.
    pub(super) fn without_code(status: u16, message: &'static str) -> Self {
        Self {
            code: None,
            ..Self::new(status, "", message)
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "UNAUTHORIZED", "Unauthorized")
    }

    pub(super) fn too_many(seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(seconds),
            ..Self::without_code(429, "Too many requests. Please try again later.")
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        // No `_`: a new error does not compile until someone has said what it means to the client.
        let (status, code) = match error {
            Error::InvalidEmail => (400, "INVALID_EMAIL"),
            Error::PasswordTooShort => (400, "PASSWORD_TOO_SHORT"),
            Error::PasswordTooLong => (400, "PASSWORD_TOO_LONG"),
            Error::InvalidField(_) | Error::BadLifetime => (400, "VALIDATION_ERROR"),
            Error::EmailTaken => (422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
            Error::InvalidCredentials => (401, "INVALID_EMAIL_OR_PASSWORD"),
            Error::WrongPassword => (400, "INVALID_PASSWORD"),
            Error::TooMany {
                retry_after_seconds,
            } => return Self::too_many(retry_after_seconds),
            Error::SignUpClosed => (400, "EMAIL_PASSWORD_SIGN_UP_DISABLED"),
            Error::InvitationNeeded => (403, "INVITATION_REQUIRED"),
            Error::EmailNotVerified => (403, "EMAIL_NOT_VERIFIED"),
            Error::Disabled => (403, "BANNED_USER"),
            Error::NothingToUpdate => return Self::without_code(400, "No fields to update"),
            Error::BadLink => (400, "INVALID_TOKEN"),
            Error::LinkExpired => (401, "TOKEN_EXPIRED"),
            Error::MailOff => (400, "RESET_PASSWORD_DISABLED"),
            Error::NotFresh => (403, "SESSION_NOT_FRESH"),
            Error::NoSuchUser(_) | Error::NoSuchToken | Error::NoSuchAgent => (401, "UNAUTHORIZED"),
            Error::Busy => (503, "SERVICE_UNAVAILABLE"),
            Error::Database(_) | Error::External(_) | Error::Mail(_) | Error::NoKey => {
                let problem = Problem::from(error);
                let status = problem.status().as_u16();
                let code = if status == 503 {
                    "SERVICE_UNAVAILABLE"
                } else {
                    "INTERNAL_SERVER_ERROR"
                };
                return Self::new(status, code, problem.detail().to_owned());
            }
        };
        Self::new(status, code, message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message });
        if let Some(code) = self.code {
            body["code"] = json!(code);
        }
        let mut response = (self.status, Json(body)).into_response();
        let seconds = match self.status {
            StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => self.retry_after_seconds,
        };
        if let Some(seconds) = seconds {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            headers.insert("x-retry-after", HeaderValue::from(seconds));
        }
        response
    }
}

/// The fields of a body: JSON, or nothing at all.
pub(super) struct Fields {
    map: Map<String, Value>,
    is_form: bool,
}

impl FromRequest<Server> for Fields {
    type Rejection = Refused;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).cloned();
        let kind = kind
            .as_ref()
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let slow = || Refused::new(408, "REQUEST_TIMEOUT", "The body took too long to arrive");
        let large = || Refused::new(413, "PAYLOAD_TOO_LARGE", "The body is too large");
        let body = in_time(Bytes::from_request(request, server))
            .await
            .map_err(|_| slow())?;
        let body = body.map_err(|_| large())?;
        match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                let pairs = url::form_urlencoded::parse(&body);
                let map = pairs
                    .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
                Ok(Self {
                    map: map.collect(),
                    is_form: true,
                })
            }
            "" | "application/json" if body.is_empty() => Ok(Self {
                map: Map::new(),
                is_form: false,
            }),
            "application/json" => {
                let value = serde_json::from_slice(&body).map_err(|_| {
                    Refused::new(400, "BAD_REQUEST", "Invalid JSON in request body")
                })?;
                let Value::Object(map) = value else {
                    return Err(invalid("[body] Invalid input: expected object".to_owned()));
                };
                Ok(Self {
                    map,
                    is_form: false,
                })
            }
            _ => Err(unsupported()),
        }
    }
}

/// What a body of another kind than JSON is answered.
pub(super) fn unsupported() -> Refused {
    let message = "Send the body as application/json";
    Refused::new(415, "UNSUPPORTED_MEDIA_TYPE", message)
}

fn invalid(message: String) -> Refused {
    Refused::new(400, "VALIDATION_ERROR", message)
}

impl Fields {
    /// A text that has to be there.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refused> {
        self.optional(name)?.ok_or_else(|| {
            invalid(format!(
                "[body.{name}] Invalid input: expected string, received undefined"
            ))
        })
    }

    /// A text that may be missing.
    pub(super) fn optional(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!(
                "[body.{name}] Invalid input: expected string"
            ))),
        }
    }

    /// A text that may be missing, or null.
    #[expect(
        clippy::option_option,
        reason = "missing, null and a text are three things"
    )]
    pub(super) fn nullable(&self, name: &str) -> Result<Option<Option<&str>>, Refused> {
        match self.map.get(name) {
            Some(Value::Null) => Ok(Some(None)),
            _ => Ok(self.optional(name)?.map(Some)),
        }
    }

    /// A yes or no; `otherwise` if it is missing.
    pub(super) fn flag(&self, name: &str, otherwise: bool) -> Result<bool, Refused> {
        match self.map.get(name) {
            None => Ok(otherwise),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) if self.is_form => Ok(text != "false"),
            Some(_) => Err(invalid(format!(
                "[body.{name}] Invalid input: expected boolean"
            ))),
        }
    }

    /// An address, refused in the way of everything but sign-in.
    pub(super) fn email(&self, name: &str) -> Result<&str, Refused> {
        let text = self.text(name)?;
        if accounts::is_email(text) {
            Ok(text)
        } else {
            Err(invalid(format!("[body.{name}] Invalid email address")))
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }
}

pub(super) fn session(session: &Session) -> Value {
    json!({
        "expiresAt": iso(session.expires_at),
        "token": session.token,
        "createdAt": iso(session.created_at),
        "updatedAt": iso(session.updated_at),
        "ipAddress": session.ip_address,
        "userAgent": session.user_agent,
        "userId": session.user_id,
        "id": session.id,
    })
}

/// `body`, with the cookies of somebody who has just signed in, and the same for those who use none.
pub(super) fn with_session(server: &Server, signed_in: &SignedIn, body: Value) -> Response {
    let mut response = Json(body).into_response();
    cookies::set(&mut response, cookies::signed_in(server, signed_in));
    token_header(&mut response, "set-auth-token", &signed_in.signed);
    response
}

/// A header that scripts of other sites may read, if CORS lets them.
pub(super) fn token_header(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        let headers = response.headers_mut();
        headers.insert(name, value);
        headers.append(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(name),
        );
    }
}

/// `body`, with everything that keeps somebody signed in taken away.
pub(super) fn signed_out(server: &Server, body: Value) -> Response {
    let mut response = Json(body).into_response();
    cookies::set(&mut response, cookies::cleared(server));
    response
}
