//! Who somebody is: the one way from a credential to a [`UserId`].
//!
//! Accounts are kept as Better Auth keeps them (<https://better-auth.com>), so that its client speaks to this server and
//! a database can move either way; or an external Better Auth server keeps them, and its tokens are accepted.

mod credential;
mod error;
mod external;
mod jwt;
mod links;
mod mail;
mod oauth;
mod password;
mod profile;
mod secret;
mod settings;
mod sign_in;
mod tokens;

use std::sync::Arc;

use aws_lc_rs::hmac;
use domain::{Clock, UserId};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Store;
use telemetry::Trail;

pub use credential::{ActiveSession, Credential, Principal, is_brief};
pub use error::Error;
pub use jwt::public;
pub use mail::Mail;
pub use oauth::{
    Agent, AgentMetadata, Asked, AskingError, Destination, OauthError, Parameters, READ_SCOPE,
    RegisteredAgent, Tokens, WRITE_SCOPE,
};
pub use password::Format as PasswordFormat;
pub use secret::{SecretError, Secrets};
pub use settings::{BaseUrl, External, ExternalSessions, Jwts, Settings, SharedSecret, SignUp};
pub use sign_in::{Registration, SignedIn, SignedUp, is_email};
pub use store::{ApiToken, OauthGrant, SecurityEvent, Session, User, iso};
pub use tokens::NewToken;

/// Everybody's accounts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    settings: Settings,
    passwords: password::Passwords,
    keys: jwt::Keys,
    external: external::Client,
    documents: oauth::Documents,
    mailer: mail::Mailer,
    /// What makes aliases of users.
    aliases: hmac::Key,
}

/// Where a request comes from, for those who look later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The address; empty if none can be trusted.
    pub address: String,
    /// What the client calls itself.
    pub agent: String,
}

/// A user, as those who run the server see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
    /// Whether they may not sign in.
    pub disabled: bool,
}

/// The address of the local owner; no mail is ever sent to it.
const OWNER_EMAIL: &str = "owner@localhost";

/// Whether [`random_name`] can have made `id`. What it cannot have is looked up nowhere: Postgres fails at a text with a
/// zero in it.
pub(crate) fn is_name(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A new name that nobody can guess: 32 letters and digits, about 190 bits, as Better Auth makes them.
///
/// # Panics
/// If the system has no randomness, without which nothing here would be safe.
pub fn random_name() -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const LENGTH: usize = 32;
    let mut name = String::with_capacity(LENGTH);
    let mut bytes = [0; 64];
    while name.len() < LENGTH {
        getrandom::fill(&mut bytes).expect("the system has randomness");
        // Bytes past the last multiple of 62 would make some letters likelier than others.
        let fair = bytes
            .iter()
            .filter(|byte| **byte < 248)
            .map(|byte| char::from(LETTERS[usize::from(byte % 62)]));
        name.extend(fair.take(LENGTH - name.len()));
    }
    name
}

/// A text as part of an address or a cookie, as JavaScript's `encodeURIComponent` writes it.
pub fn encode_component(text: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    utf8_percent_encode(text, ENCODED).to_string()
}

/// What is kept of a long random secret of ours; a slow hash would add nothing.
fn digest(secret: &str) -> String {
    secret::hex(&Sha256::digest(secret))
}

/// The user that the accounts have recognised. The only way from text to a [`UserId`].
#[expect(
    clippy::disallowed_methods,
    reason = "this is where authentication happens"
)]
fn recognised(id: String) -> UserId {
    UserId::authenticated(id)
}

impl Accounts {
    /// The accounts in `store`.
    ///
    /// # Errors
    /// [`Error::Mail`] if mail cannot be sent as the settings say, and [`Error::External`] if there is no way to speak
    /// to an external server.
    pub fn new(store: Store, clock: Clock, settings: Settings) -> Result<Self, Error> {
        let mailer = mail::Mailer::new(&settings.mail)?;
        let passwords = password::Passwords::new(settings.password_format);
        let external = external::Client::new(&settings)?;
        let documents = oauth::Documents::new(settings.agents_on_loopback);
        let aliases = settings.secrets.derive("log");
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            settings,
            passwords,
            keys: jwt::Keys::default(),
            external,
            documents,
            mailer,
            aliases: hmac::Key::new(hmac::HMAC_SHA256, aliases.as_bytes()),
        })))
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The owner of a local database, made when there is none yet; and whether it was made now.
    pub async fn local_owner(&self) -> Result<(UserId, bool), Error> {
        if let Some(owner) = self.store().user_by_email(OWNER_EMAIL).await? {
            return Ok((recognised(owner.id), false));
        }
        match self.create_user(OWNER_EMAIL, "Owner").await {
            // Another process was faster.
            Err(Error::EmailTaken) => Ok((self.user(OWNER_EMAIL).await?, false)),
            made => made.map(|user| (user, true)),
        }
    }

    /// The user with this id or e-mail address, for those who run the server.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`].
    pub async fn user(&self, named: &str) -> Result<UserId, Error> {
        let user = match self.store().user(named).await? {
            Some(user) => Some(user),
            None => self.store().user_by_email(&domain::fold(named)).await?,
        };
        user.map(|user| recognised(user.id))
            .ok_or_else(|| Error::NoSuchUser(named.to_owned()))
    }

    /// Every user, for those who run the server.
    pub async fn members(&self) -> Result<Vec<Member>, Error> {
        let users = self.store().users().await?;
        let member = |user: User| Member {
            id: user.id,
            email: user.email,
            name: user.name,
            disabled: user.disabled,
        };
        Ok(users.into_iter().map(member).collect())
    }

    /// Every user's id, for looking after all of them.
    pub async fn everybody(&self) -> Result<Vec<UserId>, Error> {
        let users = self.store().users().await?;
        Ok(users.into_iter().map(|user| recognised(user.id)).collect())
    }

    /// What there is to know about a user's account.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`] if it has gone in the meantime.
    pub async fn profile(&self, user: &UserId) -> Result<User, Error> {
        self.store()
            .user(user.as_str())
            .await?
            .ok_or_else(|| Error::NoSuchUser(user.to_string()))
    }

    /// What concerned the safety of a user's account lately, newest first.
    pub async fn security_events(
        &self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, Error> {
        Ok(self.store().security_events(user, limit).await?)
    }

    /// Removes what has ended, and security events older than the settings allow.
    pub async fn remove_ended(&self) -> Result<(), Error> {
        let settings = self.settings();
        let age = settings.keep_security_events;
        let ours = settings.external.is_none();
        Ok(self.store().remove_ended(ours, self.now(), age).await?)
    }

    /// Notes something that concerns safety: in the database for whom it is about, and in the log for those who watch.
    async fn note(&self, kind: &str, user: &str, client: &Client) -> Result<(), Error> {
        /// The most that is kept of what a client calls itself.
        const AGENT_CHARS_MAX: usize = 200;
        tracing::info!(
            kind,
            user = self.alias(user),
            address = client.address,
            "security"
        );
        let event = SecurityEvent {
            at: self.now(),
            kind: kind.to_owned(),
            address: client.address.clone(),
            agent: client.agent.chars().take(AGENT_CHARS_MAX).collect(),
        };
        Ok(self.store().note(&random_name(), user, &event).await?)
    }

    /// What logs call a user: always the same, and nobody who has not our secret finds out who that is.
    pub fn alias(&self, user: &str) -> String {
        const LETTERS: usize = 12;
        if user.is_empty() {
            return "unknown".to_owned();
        }
        let mut alias = secret::hex(hmac::sign(&self.0.aliases, user.as_bytes()).as_ref());
        alias.truncate(LETTERS);
        alias
    }

    /// Notes whose request it is that is being worked for.
    fn is_from(&self, user: &UserId) {
        Trail::is_from(|| self.alias(user.as_str()));
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn after(&self, duration: SignedDuration) -> Timestamp {
        self.now()
            .saturating_add(duration)
            .unwrap_or(Timestamp::MAX)
    }
}
