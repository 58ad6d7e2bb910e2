//! Errors as clients see them: `application/problem+json` of RFC 9457, and the one place that knows status codes.

use app::Error;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use schemars::JsonSchema;
use serde::Serialize;
use telemetry::chain;

/// What went wrong, as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after_seconds: Option<u32>,
    /// Whether the body has the words under the name that ChatKit knows, too.
    has_message: bool,
}

/// The body of every error.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProblemBody {
    /// What kind of problem: `urn:sayso:` and a code that does not change.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong and what to do, for people.
    detail: String,
    /// The name of the request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The detail again, for ChatKit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    message: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            retry_after_seconds: None,
            has_message: false,
        }
    }

    /// No credential, or one that does not count; it is never said which.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "sign in, or send a valid bearer token",
        )
    }

    /// A path that names another user, or a page of another site that acts in the user's name.
    pub(crate) fn forbidden(detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "there is nothing at this address",
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "this address takes other methods",
        )
    }

    pub(crate) fn no_such_task(id: &str) -> Self {
        let detail = format!("there is no task {id}; list your tasks to see their numbers");
        Self::new(StatusCode::NOT_FOUND, "no-such-task", detail)
    }

    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        let detail = format!("a request body can have at most {} KiB", limit_bytes / 1024);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// What took longer than a request may; whether it was done is not known.
    pub(crate) fn timed_out() -> Self {
        let detail =
            "this took too long and was given up; look whether it was done before you try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timed-out", detail).retry_after(1)
    }

    pub(crate) fn too_many(seconds: u32) -> Self {
        let detail = format!("too many requests; try again in {seconds} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", detail).retry_after(seconds)
    }

    pub(crate) fn internal() -> Self {
        let detail = "something went wrong on the server; the request id finds it in the log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// The same, for a client of ChatKit's, which shows `message` and nothing else of a body.
    pub(crate) fn with_message(self) -> Self {
        Self {
            has_message: true,
            ..self
        }
    }

    fn retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after_seconds: Some(seconds),
            ..self
        }
    }

    /// A page that shows the problem, under its status.
    pub(crate) fn on(&self, page: Response) -> Response {
        let mut response = page;
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_after_seconds {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The body, for the request of this name.
    pub(crate) fn body(&self, request_id: Option<String>) -> ProblemBody {
        ProblemBody {
            r#type: format!("urn:sayso:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            request_id,
            message: self.has_message.then(|| self.detail.clone()),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        // No `_`: a new error does not compile until someone has said what it means to a client.
        let (status, code) = match &error {
            Error::Refused(refusal) => parts(refusal),
            Error::UnreadableDate(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unreadable-date"),
            Error::NoSuchConversation(_) => (StatusCode::NOT_FOUND, "no-such-conversation"),
            Error::NoSuchMessage(_) => (StatusCode::NOT_FOUND, "no-such-message"),
            Error::StillWriting => (StatusCode::CONFLICT, "still-writing"),
            Error::NotTheLast => (StatusCode::CONFLICT, "not-the-last"),
            Error::EarlierChanges(_) => (StatusCode::CONFLICT, "earlier-changes"),
            Error::NothingToApprove => (StatusCode::CONFLICT, "nothing-to-approve"),
            Error::NoSuchProposal(_) => (StatusCode::NOT_FOUND, "no-such-proposal"),
            Error::ProposalEnded(..) => (StatusCode::CONFLICT, "proposal-ended"),
            Error::NotProposed(..) => (StatusCode::UNPROCESSABLE_ENTITY, "not-proposed"),
            Error::TooManyProposals => (StatusCode::CONFLICT, "too-many-proposals"),
            Error::ModelBusy => (StatusCode::SERVICE_UNAVAILABLE, "model-busy"),
            Error::TooManyListeners(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many-streams"),
            Error::BadCursor => (StatusCode::UNPROCESSABLE_ENTITY, "bad-cursor"),
            Error::BadLimit(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad-limit"),
            Error::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "key-reused"),
            Error::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Error::Unavailable(source) => {
                tracing::error!(error = chain(source), "the database did not answer");
                (StatusCode::SERVICE_UNAVAILABLE, "database-unavailable")
            }
            Error::Corrupt(source) => {
                tracing::error!(
                    error = chain(source),
                    "the database holds something unexpected"
                );
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        };
        let problem = Self::new(status, code, error.to_string());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.retry_after(1)
        } else {
            problem
        }
    }
}

impl From<accounts::Error> for Problem {
    fn from(error: accounts::Error) -> Self {
        use accounts::Error as E;
        let (status, code) = match &error {
            E::InvalidEmail
            | E::PasswordTooShort
            | E::PasswordTooLong
            | E::InvalidField(_)
            | E::NothingToUpdate
            | E::BadLink
            | E::LinkExpired
            | E::MailOff
            | E::BadLifetime => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            E::EmailTaken => (StatusCode::CONFLICT, "user-exists"),
            E::InvalidCredentials => (StatusCode::UNAUTHORIZED, "unauthorized"),
            E::WrongPassword
            | E::SignUpClosed
            | E::InvitationNeeded
            | E::EmailNotVerified
            | E::Disabled
            | E::NotFresh => (StatusCode::FORBIDDEN, "forbidden"),
            E::TooMany {
                retry_after_seconds,
            } => return Self::too_many(*retry_after_seconds),
            E::NoSuchUser(_) => (StatusCode::NOT_FOUND, "no-such-user"),
            E::NoSuchToken => (StatusCode::NOT_FOUND, "no-such-token"),
            E::NoSuchAgent => (StatusCode::NOT_FOUND, "no-such-agent"),
            E::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            E::External(cause) => {
                tracing::warn!(cause, "the sign-in server did not answer");
                (StatusCode::SERVICE_UNAVAILABLE, "sign-in-unavailable")
            }
            E::Mail(_) | E::NoKey => {
                tracing::error!(%error, "accounts");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
            E::Database(source) => {
                tracing::error!(error = chain(source), "the database did not answer");
                (StatusCode::SERVICE_UNAVAILABLE, "database-unavailable")
            }
        };
        let problem = Self::new(status, code, error.to_string());
        match status {
            StatusCode::SERVICE_UNAVAILABLE => problem.retry_after(1),
            StatusCode::INTERNAL_SERVER_ERROR => Self::internal(),
            _ => problem,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal).into()
    }
}

/// What a refusal of the rules means over HTTP.
fn parts(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::NoSuchTask(_) | Refusal::InTrash(_) => (StatusCode::NOT_FOUND, "no-such-task"),
        Refusal::NoSuchProject(_) => (StatusCode::NOT_FOUND, "no-such-project"),
        Refusal::NoSuchChange(_) => (StatusCode::NOT_FOUND, "no-such-change"),
        Refusal::ProjectExists(_) => (StatusCode::CONFLICT, "project-exists"),
        Refusal::FilterExists(_) => (StatusCode::CONFLICT, "filter-exists"),
        Refusal::ChangedSince { .. } => (StatusCode::CONFLICT, "changed-since"),
        Refusal::NothingToUndo => (StatusCode::CONFLICT, "nothing-to-undo"),
        Refusal::NothingToRedo => (StatusCode::CONFLICT, "nothing-to-redo"),
        Refusal::AlreadyUndone(..) => (StatusCode::CONFLICT, "already-undone"),
        Refusal::NotUndone(_) => (StatusCode::CONFLICT, "not-undone"),
        Refusal::OnlyARedo(_) => (StatusCode::CONFLICT, "only-a-redo"),
        Refusal::StandsInTheWay { .. } => (StatusCode::CONFLICT, "stands-in-the-way"),
        Refusal::UnclearSelection
        | Refusal::NothingToChange
        | Refusal::TooMany { .. }
        | Refusal::None
        | Refusal::FilterTooLong(_)
        | Refusal::StepOfStep(..)
        | Refusal::NeverRepeats
        | Refusal::NoDue(_)
        | Refusal::NoTime(_)
        | Refusal::OutsideCalendar
        | Refusal::Rule(_)
        | Refusal::UnclearPlace => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body(None))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // The outermost layer knows the request's name and writes the body again with it.
        response.extensions_mut().insert(self);
        response
    }
}
