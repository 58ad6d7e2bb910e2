//! What somebody changes about their own account, and the links that mails bring.

use domain::UserId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::mail::Letter;
use crate::sign_in::{check_field, email};
use crate::{
    Accounts, ActiveSession, Client, Error, Mail, OWNER_EMAIL, Session, SignedIn, User, digest,
    encode_component, password, random_name, recognised,
};

/// How long a link in a mail counts.
const LINK: SignedDuration = SignedDuration::from_hours(1);
/// How old a session may be for what needs a fresh one.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

impl Accounts {
    /// Changes name or picture (`Some(None)` takes the picture away).
    ///
    /// # Errors
    /// [`Error::NothingToUpdate`], [`Error::InvalidField`].
    pub async fn update_user(
        &self,
        user: &UserId,
        name: Option<&str>,
        image: Option<Option<&str>>,
    ) -> Result<User, Error> {
        if name.is_none() && image.is_none() {
            return Err(Error::NothingToUpdate);
        }
        check_field(name.unwrap_or_default())?;
        check_field(image.flatten().unwrap_or_default())?;
        self.store()
            .update_user(user, name, image, self.now())
            .await?;
        self.profile(user).await
    }

    /// Whether this is the user's password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`] if not; [`Error::TooMany`] after too many that were not.
    pub async fn verify_password(&self, user: &UserId, password: &str) -> Result<(), Error> {
        let key = digest(&format!("password of {user}"));
        self.attempt(&key).await?;
        let kept = self.store().password(user).await?;
        if !self.0.passwords.verify(password, kept).await? {
            return Err(Error::WrongPassword);
        }
        Ok(self.store().forget_failures(&key).await?)
    }

    /// Changes the password. With `sign_out`, every session ends and a new one begins.
    ///
    /// # Errors
    /// As with [`Accounts::verify_password`], and what is wrong with the new password.
    pub async fn change_password(
        &self,
        user: &UserId,
        old: &str,
        new: &str,
        sign_out: bool,
        client: &Client,
    ) -> Result<Option<SignedIn>, Error> {
        password::check_length(new)?;
        self.verify_password(user, old).await?;
        let hash = self.0.passwords.hash(new).await?;
        self.store()
            .set_password(user, &random_name(), &hash, sign_out, self.now())
            .await?;
        self.note("password-changed", user.as_str(), client).await?;
        if !sign_out {
            return Ok(None);
        }
        let profile = self.profile(user).await?;
        self.begin_session(profile, client, true).await.map(Some)
    }

    /// When the user's password was set first and last, and the id of the account that holds it. `None` if they have
    /// none.
    pub async fn password_account(
        &self,
        user: &UserId,
    ) -> Result<Option<(String, Timestamp, Timestamp)>, Error> {
        Ok(self.store().password_account(user).await?)
    }

    /// What is kept about a user's account, without what would let somebody be them.
    pub async fn export(&self, user: &UserId) -> Result<Value, Error> {
        /// More than there can be at the rate that sign-ins are let through.
        const EVENTS_MAX: u32 = 1_000_000;
        let profile = self.profile(user).await?;
        let sessions = self.sessions(user).await?;
        let tokens = self.tokens(user).await?;
        let agents = self.agents(user).await?;
        let events = self.security_events(user, EVENTS_MAX).await?;
        let sessions = sessions.iter().map(|session| {
            json!({
                "created_at": session.created_at,
                "expires_at": session.expires_at,
                "ip_address": session.ip_address,
                "user_agent": session.user_agent,
            })
        });
        let tokens = tokens.iter().map(|token| {
            json!({
                "name": token.name,
                "scope": token.access,
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "last_used_at": token.last_used_at,
            })
        });
        let agents = agents.iter().map(|agent| {
            json!({
                "name": agent.client_name,
                "client_id": agent.client_id,
                "access": agent.access,
                "created_at": agent.created_at,
                "expires_at": agent.expires_at,
                "last_used_at": agent.last_used_at,
            })
        });
        let events = events.iter().map(|event| {
            json!({ "at": event.at, "kind": event.kind, "address": event.address, "agent": event.agent })
        });
        Ok(json!({
            "email": profile.email,
            "email_verified": profile.email_verified,
            "name": profile.name,
            "image": profile.image,
            "created_at": profile.created_at,
            "sessions": sessions.collect::<Vec<_>>(),
            "tokens": tokens.collect::<Vec<_>>(),
            "agents": agents.collect::<Vec<_>>(),
            "security_events": events.collect::<Vec<_>>(),
        }))
    }

    /// Removes a user and everything of theirs.
    pub async fn delete_user(&self, user: &UserId) -> Result<(), Error> {
        let profile = self.profile(user).await?;
        let ours = self.settings().external.is_none();
        self.store().delete_user(user, &profile.email, ours).await?;
        self.store()
            .forget_failures(&digest(&profile.email))
            .await?;
        self.store()
            .forget_failures(&digest(&format!("password of {user}")))
            .await?;
        tracing::info!(
            kind = "user-deleted",
            user = self.alias(user.as_str()),
            "security"
        );
        Ok(())
    }

    /// Whether somebody signed in within the last day.
    ///
    /// # Errors
    /// [`Error::NotFresh`].
    pub fn check_fresh(&self, session: &Session) -> Result<(), Error> {
        if self.now().duration_since(session.created_at) < FRESH {
            Ok(())
        } else {
            Err(Error::NotFresh)
        }
    }

    /// Sends a link that sets a new password, if somebody has this address; it is not said whether. `redirect` is
    /// where the link leads in the end.
    ///
    /// # Errors
    /// [`Error::MailOff`], [`Error::InvalidEmail`].
    pub fn request_reset(&self, address: &str, redirect: &str) -> Result<(), Error> {
        if matches!(self.settings().mail, Mail::Off) {
            return Err(Error::MailOff);
        }
        let email = email(address)?;
        // In the background, so that an answer takes as long whoever it is about.
        let accounts = self.clone();
        let redirect = redirect.to_owned();
        tokio::spawn(async move {
            let found = accounts.store().user_by_email(&email).await;
            if let Ok(Some(user)) = found.map(|user| user.filter(|user| !user.disabled))
                && let Ok(token) = accounts.create_reset(&recognised(user.id.clone())).await
            {
                let link = format!(
                    "{}/api/auth/reset-password/{token}?callbackURL={}",
                    accounts.settings().base_url.origin(),
                    encode_component(&redirect)
                );
                accounts
                    .0
                    .mailer
                    .send(&Letter::reset(&user.email, &link))
                    .await;
            }
        });
        Ok(())
    }

    /// The secret of a link that sets a new password, once.
    pub async fn create_reset(&self, user: &UserId) -> Result<String, Error> {
        self.create_verification("reset-password", user.as_str())
            .await
    }

    /// Whether a link that sets a password still counts.
    pub async fn is_reset(&self, token: &str) -> Result<bool, Error> {
        let identifier = identifier("reset-password", token);
        Ok(self
            .store()
            .verification(&identifier, self.now())
            .await?
            .is_some())
    }

    /// Sets a new password by a link, and ends every session.
    ///
    /// # Errors
    /// [`Error::BadLink`], and what is wrong with the new password.
    pub async fn reset_password(
        &self,
        token: &str,
        new: &str,
        client: &Client,
    ) -> Result<(), Error> {
        password::check_length(new)?;
        if !self.is_reset(token).await? {
            return Err(Error::BadLink);
        }
        let hash = self.0.passwords.hash(new).await?;
        let used = self
            .store()
            .use_verification(&identifier("reset-password", token))
            .await?;
        let (user, _) = used
            .filter(|(_, end)| *end > self.now())
            .ok_or(Error::BadLink)?;
        let user = recognised(user);
        self.store()
            .set_password(&user, &random_name(), &hash, true, self.now())
            .await?;
        self.note("password-reset", user.as_str(), client).await
    }

    /// Sends a link that proves an address, if somebody has it and has not proven it yet; it is not said whether.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`].
    pub async fn request_verification(
        &self,
        address: &str,
        callback: Option<&str>,
    ) -> Result<(), Error> {
        let email = email(address)?;
        match self.store().user_by_email(&email).await? {
            Some(user) if !user.email_verified => {
                self.send_verification(&user.id, &user.email, callback)
                    .await
            }
            _ => Ok(()),
        }
    }

    /// Sends a link that proves a new address, unless it is somebody's; it is not said whether.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`].
    pub async fn request_email_change(
        &self,
        active: &ActiveSession,
        address: &str,
        callback: Option<&str>,
    ) -> Result<(), Error> {
        let user = &active.user;
        if user.email == OWNER_EMAIL {
            return Err(Error::InvalidField(
                "the local owner's address stays as it is",
            ));
        }
        let email = email(address)?;
        if email == OWNER_EMAIL || self.store().user_by_email(&email).await?.is_some() {
            return Ok(());
        }
        self.send_verification(&user.id, &email, callback).await?;
        self.mail(Letter::notice(&user.email, &email));
        Ok(())
    }

    /// Sends a link to `email` that gives this address to the user with this id.
    pub(crate) async fn send_verification(
        &self,
        id: &str,
        email: &str,
        callback: Option<&str>,
    ) -> Result<(), Error> {
        let value = format!("{id} {email}");
        let token = self.create_verification("verify-email", &value).await?;
        let link = format!(
            "{}/api/auth/verify-email?token={token}&callbackURL={}",
            self.settings().base_url.origin(),
            encode_component(callback.unwrap_or("/"))
        );
        self.mail(Letter::verify(email, &link));
        Ok(())
    }

    /// Proves an address by a link. A password that somebody else may have set for an address that was not theirs
    /// stays, but what they began with it ends: other sessions are over once an address is changed.
    ///
    /// # Errors
    /// [`Error::BadLink`], [`Error::LinkExpired`], [`Error::EmailTaken`].
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<(), Error> {
        let used = self
            .store()
            .use_verification(&identifier("verify-email", token))
            .await?;
        let (value, end) = used.ok_or(Error::BadLink)?;
        if end <= self.now() {
            return Err(Error::LinkExpired);
        }
        let (id, email) = value.split_once(' ').ok_or(Error::BadLink)?;
        let user = recognised(id.to_owned());
        let before = self.profile(&user).await.map_err(|_| Error::BadLink)?;
        if !self.store().verify_email(&user, email, self.now()).await? {
            return Err(Error::EmailTaken);
        }
        if before.email != email {
            self.store().delete_sessions(&user, None).await?;
        }
        self.note("email-verified", id, client).await
    }

    async fn create_verification(&self, purpose: &str, value: &str) -> Result<String, Error> {
        let token = random_name();
        self.store()
            .create_verification(
                &random_name(),
                &identifier(purpose, &token),
                value,
                self.now(),
                self.after(LINK),
            )
            .await?;
        Ok(token)
    }

    /// Sends a letter without waiting for it.
    fn mail(&self, letter: Letter) {
        let accounts = self.clone();
        tokio::spawn(async move { accounts.0.mailer.send(&letter).await });
    }
}

/// Under what a link is kept: not by its secret, which whoever reads the table could use.
fn identifier(purpose: &str, token: &str) -> String {
    format!("{purpose}:{}", digest(token))
}
