//! What a request shows, and who that makes it from.

use domain::{Access, UserId};
use jiff::{SignedDuration, Timestamp, ToSpan};
use percent_encoding::percent_decode_str;
use store::{NewUser, Session, User};

use crate::external::Vouched;
use crate::settings::{External, ExternalSessions, Jwts};
use crate::{Accounts, Error, digest, encode_component, jwt, recognised};

/// What a request shows to say who it is from; told apart by shape, never by trying one check after another.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A personal API token.
    ApiToken(String),
    /// A JSON web token.
    Jwt(String),
    /// A session's token and its signature.
    SignedSession {
        /// Both, with a dot between.
        signed: String,
        /// Whether it came as a cookie, under this name.
        cookie: Option<&'static str>,
    },
    /// A session's token alone.
    BareSession(String),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ApiToken(_) => "ApiToken",
            Self::Jwt(_) => "Jwt",
            Self::SignedSession { .. } => "SignedSession",
            Self::BareSession(_) => "BareSession",
        })
    }
}

/// With what our personal API tokens begin, so that scanners for leaked secrets know them.
pub(crate) const API_TOKEN_PREFIX: &str = "sayso_";

impl Credential {
    /// What follows `Bearer`.
    pub fn bearer(text: &str) -> Self {
        if text.starts_with(API_TOKEN_PREFIX) {
            return Self::ApiToken(text.to_owned());
        }
        match text.matches('.').count() {
            0 => Self::BareSession(text.to_owned()),
            1 => Self::SignedSession {
                signed: percent_decode_str(text).decode_utf8_lossy().into_owned(),
                cookie: None,
            },
            _ => Self::Jwt(text.to_owned()),
        }
    }

    /// The value of the cookie with this name.
    pub fn cookie(name: &'static str, value: &str) -> Self {
        Self::SignedSession {
            signed: percent_decode_str(value).decode_utf8_lossy().into_owned(),
            cookie: Some(name),
        }
    }

    /// Whether a browser sends it without being asked.
    pub fn is_cookie(&self) -> bool {
        matches!(
            self,
            Self::SignedSession {
                cookie: Some(_),
                ..
            }
        )
    }
}

/// Somebody who has proven who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// What they may do with what they showed.
    pub access: Access,
    /// The session they showed, or that stands behind their JSON web token. `None` for an API token, and for whom an
    /// external server vouches.
    pub session: Option<Session>,
    /// Whether the session has been prolonged just now, so that its cookie should be sent again.
    pub prolonged: bool,
    /// Whether they are signed in themselves: not by a personal token or a JSON web token of ours, either of which could
    /// make something that outlives it.
    pub in_person: bool,
}

/// A session that lives, and whose it is.
#[derive(Debug, Clone)]
pub struct ActiveSession {
    /// Who.
    pub id: UserId,
    /// What there is to know about them.
    pub user: User,
    /// The session.
    pub session: Session,
    /// Whether it has been prolonged just now.
    pub prolonged: bool,
}

/// Whether it is noted that a personal token or an agent is used `now`, after the use that was noted `last`.
pub(crate) fn is_worth_a_note(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= SignedDuration::from_mins(1))
}

impl Accounts {
    /// Who shows this credential. `None` if it is not one that counts now; it is never said why.
    ///
    /// # Errors
    /// [`Error::Database`], and [`Error::External`] if an external server has to be asked and does not answer.
    pub async fn principal(&self, credential: &Credential) -> Result<Option<Principal>, Error> {
        let principal = match credential {
            Credential::ApiToken(token) => {
                let found = self.by_api_token(token).await?;
                found.map(|(principal, _)| principal)
            }
            Credential::Jwt(token) => self.by_jwt(token).await?,
            Credential::SignedSession { .. } | Credential::BareSession(_) => {
                match &self.settings().external {
                    Some(external) => self.by_external_session(external, credential).await?,
                    None => self.session(credential).await?.map(|active| Principal {
                        session: Some(active.session),
                        prolonged: active.prolonged,
                        ..principal(active.user)
                    }),
                }
            }
        };
        if let Some(principal) = &principal {
            self.is_from(&principal.user);
        }
        Ok(principal)
    }

    /// Whose personal token this is, and what it is called.
    pub(crate) async fn by_api_token(
        &self,
        token: &str,
    ) -> Result<Option<(Principal, String)>, Error> {
        let now = self.now();
        let Some((token, user)) = self.store().token(&digest(token), now).await? else {
            return Ok(None);
        };
        if is_worth_a_note(token.last_used_at, now) {
            self.store().touch_token(&user.id, &token.id, now).await?;
        }
        let principal = Principal {
            access: token.access,
            in_person: false,
            ..principal(user)
        };
        Ok(Some((principal, token.name)))
    }

    async fn by_jwt(&self, token: &str) -> Result<Option<Principal>, Error> {
        let vouched = match &self.settings().jwts {
            Jwts::Ours => {
                let Some(claims) = self.verify_own(token).await? else {
                    return Ok(None);
                };
                let (Some(id), Some(session)) =
                    (jwt::text(&claims, "sub"), jwt::text(&claims, "sid"))
                else {
                    return Ok(None);
                };
                let found = self.store().session_by_id(session, self.now()).await?;
                let found = found.filter(|(_, user)| user.id == id);
                return Ok(found.map(|(session, user)| Principal {
                    session: Some(session),
                    in_person: false,
                    ..principal(user)
                }));
            }
            Jwts::Published {
                keys,
                issuer,
                audience,
            } => self.verify_published(token, keys, (issuer, audience)).await,
            Jwts::Shared(shared) => self.verify_shared(token, shared),
        };
        match vouched {
            Some(vouched) => self.vouched(vouched).await,
            None => Ok(None),
        }
    }

    async fn by_external_session(
        &self,
        external: &External,
        credential: &Credential,
    ) -> Result<Option<Principal>, Error> {
        match external.sessions {
            ExternalSessions::Off => Ok(None),
            // Prolonging and removing are the owner's to do.
            ExternalSessions::Tables => {
                let Some(token) = self.session_token(credential) else {
                    return Ok(None);
                };
                let found = self.store().session(token, self.now()).await?;
                Ok(found.map(|(session, user)| Principal {
                    session: Some(session),
                    ..principal(user)
                }))
            }
            ExternalSessions::Ask => {
                let (name, value) = match credential {
                    Credential::SignedSession {
                        signed,
                        cookie: Some(name),
                    } => ("cookie", format!("{name}={}", encode_component(signed))),
                    // It was decoded, and may hold what no header may.
                    Credential::SignedSession {
                        signed,
                        cookie: None,
                    } => (
                        "authorization",
                        format!("Bearer {}", encode_component(signed)),
                    ),
                    Credential::BareSession(token) => ("authorization", format!("Bearer {token}")),
                    Credential::ApiToken(_) | Credential::Jwt(_) => return Ok(None),
                };
                match self
                    .ask_session(external.base_url.origin(), (name, &value))
                    .await?
                {
                    Some(vouched) => self.vouched(vouched).await,
                    None => Ok(None),
                }
            }
        }
    }

    /// Somebody whom another server vouches for; their profile is made on first use.
    pub(crate) async fn vouched(&self, vouched: Vouched) -> Result<Option<Principal>, Error> {
        if let Some(user) = self.store().user(&vouched.id).await? {
            return Ok((!user.disabled).then(|| principal(user)));
        }
        let nobody = format!("{}@users.invalid", digest(&vouched.id));
        let name = vouched.name.as_deref().unwrap_or(&vouched.id);
        // The address may be somebody else's here; accounts are never joined by it.
        for email in [vouched.email.as_deref(), Some(nobody.as_str())]
            .into_iter()
            .flatten()
        {
            let new = NewUser {
                id: &vouched.id,
                name,
                email,
                image: None,
                password: None,
            };
            if self.store().create_user(&new, self.now()).await? {
                break;
            }
        }
        let user = self.store().user(&vouched.id).await?;
        Ok(user.filter(|user| !user.disabled).map(principal))
    }

    /// The session that a credential shows. `None` if it does not count.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn session(&self, credential: &Credential) -> Result<Option<ActiveSession>, Error> {
        let Some(token) = self.session_token(credential) else {
            return Ok(None);
        };
        let now = self.now();
        let Some((mut session, user)) = self.store().session(token, now).await? else {
            return Ok(None);
        };
        let end = session_end(&session, now);
        if let Some(end) = end {
            self.store()
                .prolong_session(&session.token, now, end)
                .await?;
            (session.expires_at, session.updated_at) = (end, now);
        }
        let id = recognised(user.id.clone());
        self.is_from(&id);
        Ok(Some(ActiveSession {
            id,
            user,
            session,
            prolonged: end.is_some(),
        }))
    }

    /// Whether a credential still counts. Unlike the use of one, the question prolongs no session: whoever asks may have
    /// no way to send its cookie again.
    ///
    /// # Errors
    /// As with [`Accounts::principal`].
    pub async fn still_counts(&self, credential: &Credential) -> Result<bool, Error> {
        match (credential, &self.settings().external) {
            (Credential::SignedSession { .. } | Credential::BareSession(_), None) => {
                let Some(token) = self.session_token(credential) else {
                    return Ok(false);
                };
                Ok(self.store().session(token, self.now()).await?.is_some())
            }
            _ => Ok(self.principal(credential).await?.is_some()),
        }
    }

    /// Whether a credential is signed by us, whatever has become of its session.
    pub fn is_signed(&self, credential: &Credential) -> bool {
        matches!(credential, Credential::SignedSession { signed, .. } if self.settings().secrets.verify(signed).is_some())
    }

    /// The token of the session that a credential shows, if its signature is ours or none is needed.
    fn session_token<'a>(&self, credential: &'a Credential) -> Option<&'a str> {
        match credential {
            Credential::SignedSession { signed, .. } => self.settings().secrets.verify(signed),
            Credential::BareSession(token) if !self.settings().bearer_needs_signature => {
                Some(token)
            }
            _ => None,
        }
    }
}

/// How long a session lasts without use.
pub(crate) const SESSION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long one lasts that is not to be remembered.
pub(crate) const BRIEF_SESSION: SignedDuration = SignedDuration::from_hours(24);
/// How long one lasts at most, however much it is used. Better Auth has no such limit.
const SESSION_MAX_DAYS: i64 = 30;

/// Whether a session is not to be remembered: it is never prolonged, so it ends as soon as it was to from the start.
pub fn is_brief(session: &Session) -> bool {
    session.expires_at.duration_since(session.created_at) <= BRIEF_SESSION
}

/// Until when a session that is used `now` should last. `None` if it stays as it is: it is prolonged once a day.
fn session_end(session: &Session, now: Timestamp) -> Option<Timestamp> {
    if is_brief(session) || session.expires_at.duration_since(now) > SESSION - BRIEF_SESSION {
        return None;
    }
    let latest = session
        .created_at
        .checked_add((24 * SESSION_MAX_DAYS).hours())
        .ok()?;
    let end = now.checked_add(SESSION).ok()?.min(latest);
    (end > session.expires_at).then_some(end)
}

fn principal(user: User) -> Principal {
    Principal {
        user: recognised(user.id),
        name: user.name,
        access: Access::Write,
        session: None,
        prolonged: false,
        in_person: true,
    }
}
