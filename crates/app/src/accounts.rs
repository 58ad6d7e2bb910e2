//! Who somebody is: the one place where a credential becomes a [`UserId`].
//!
//! For now there is a local owner, users made on the command line, bearer tokens and one-time links. Secrets are kept
//! as SHA-256 only; they are long and random, so a slow hash would add nothing.

use std::fmt::Write;
use std::time::Duration;

use domain::{Command, Door, Origin, UpdateSettings, UserId, ZoneName};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{App, Error};

/// What a request shows to say who it is from.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A bearer token.
    Token(String),
    /// A browser's session.
    Session(String),
}

/// Somebody who has proven who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub user: UserId,
    /// What they are called.
    pub name: String,
}

/// A user, as those who run the server see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The name.
    pub name: String,
}

/// A browser's new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// What the browser has to show from now on.
    pub token: String,
    /// For how long.
    pub lasts: Duration,
}

/// The address of the local owner; no mail is ever sent to it.
const OWNER_EMAIL: &str = "owner@localhost";
/// How long a one-time link works.
const LINK_HOURS: i64 = 24;
/// How long a browser stays signed in.
const SESSION_DAYS: i64 = 30;

/// A new name that nobody can guess: 32 letters and digits, about 190 bits.
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

/// What is kept of a secret.
fn digest(secret: &str) -> String {
    Sha256::digest(secret)
        .iter()
        .fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The user that the accounts have recognised. The only way from text to a [`UserId`].
#[expect(
    clippy::disallowed_methods,
    reason = "this is where authentication happens"
)]
fn recognised(id: String) -> UserId {
    UserId::authenticated(id)
}

impl App {
    /// Who shows this credential. `None` if it is not one that counts now.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn principal(&self, credential: &Credential) -> Result<Option<Principal>, Error> {
        let now = self.clock().now();
        let user = match credential {
            Credential::Token(token) => self.store().user_of_token(&digest(token), now).await?,
            Credential::Session(token) => self.store().user_of_session(&digest(token), now).await?,
        };
        Ok(user.map(|user| Principal {
            user: recognised(user.id),
            name: user.name,
        }))
    }

    /// The owner of a local database, made when there is none yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn local_owner(&self) -> Result<UserId, Error> {
        if let Some(owner) = self.store().user_by_email(OWNER_EMAIL).await? {
            return Ok(recognised(owner.id));
        }
        match self.create_user(OWNER_EMAIL, "Owner").await {
            // Another process was faster.
            Err(Error::UserExists(_)) => self.user(OWNER_EMAIL).await,
            made => made,
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

    /// Every user.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let users = self.store().users().await?;
        Ok(users
            .into_iter()
            .map(|user| User {
                id: user.id,
                email: user.email,
                name: user.name,
            })
            .collect())
    }

    /// Makes a user, who lives by this machine's clock until they say otherwise.
    ///
    /// # Errors
    /// [`Error::UserExists`].
    pub async fn create_user(&self, email: &str, name: &str) -> Result<UserId, Error> {
        let id = random_name();
        let email = domain::fold(email);
        if !self
            .store()
            .create_user(&id, name, &email, self.clock().now())
            .await?
        {
            return Err(Error::UserExists(email));
        }
        let user = recognised(id);
        let zone = jiff::tz::TimeZone::system()
            .iana_name()
            .and_then(|name| name.parse::<ZoneName>().ok());
        // Some systems call it Etc/UTC.
        if let Some(zone) = zone.filter(|zone| !zone.as_str().ends_with("UTC")) {
            let update = UpdateSettings {
                time_zone: Some(zone),
                ..UpdateSettings::default()
            };
            self.run(
                &user,
                &Command::UpdateSettings(update),
                Origin::person(Door::Cli, random_name()),
            )
            .await?;
        }
        Ok(user)
    }

    /// Makes a bearer token. It is returned here and never again.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_token(&self, user: &UserId, name: &str) -> Result<String, Error> {
        let token = format!("sayso_{}", random_name());
        self.store()
            .create_token(
                user,
                &random_name(),
                name,
                &digest(&token),
                self.clock().now(),
            )
            .await?;
        Ok(token)
    }

    /// Makes the secret of a link that signs one browser in, once.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_link(&self, user: &UserId) -> Result<String, Error> {
        let token = random_name();
        self.store()
            .create_link(
                user,
                &digest(&token),
                self.after(SignedDuration::from_hours(LINK_HOURS)),
            )
            .await?;
        Ok(token)
    }

    /// Uses up a link. `None` if it does not count (any more).
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn sign_in_with_link(&self, link: &str) -> Result<Option<SignIn>, Error> {
        let now = self.clock().now();
        let Some(user) = self.store().use_link(&digest(link), now).await? else {
            return Ok(None);
        };
        let lasts = SignedDuration::from_hours(24 * SESSION_DAYS);
        let token = random_name();
        let user = recognised(user);
        self.store()
            .create_session(
                &user,
                &random_name(),
                &digest(&token),
                now,
                self.after(lasts),
            )
            .await?;
        Ok(Some(SignIn {
            token,
            lasts: lasts.unsigned_abs(),
        }))
    }

    /// Ends a browser's session.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn sign_out(&self, session: &str) -> Result<(), Error> {
        Ok(self.store().delete_session(&digest(session)).await?)
    }

    /// Every user's id, for looking after all of them.
    pub(crate) async fn everybody(&self) -> Result<Vec<UserId>, Error> {
        Ok(self
            .store()
            .user_ids()
            .await?
            .into_iter()
            .map(recognised)
            .collect())
    }

    fn after(&self, duration: SignedDuration) -> Timestamp {
        self.clock()
            .now()
            .saturating_add(duration)
            .unwrap_or(Timestamp::MAX)
    }
}
