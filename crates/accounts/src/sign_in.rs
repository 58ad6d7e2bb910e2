//! Signing up, in and out, and the sessions somebody has.

use domain::UserId;
use store::NewUser;

use crate::credential::{BRIEF_SESSION, SESSION};
use crate::settings::SignUp;
use crate::{
    Accounts, Client, Error, OWNER_EMAIL, Session, User, digest, password, random_name, recognised,
};

/// Somebody new.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// What they want to be called.
    pub name: String,
    /// Their address, as they wrote it.
    pub email: String,
    /// The address of a picture.
    pub image: Option<String>,
    /// The secret of an invitation, where one is needed.
    pub invitation: Option<String>,
    /// Whether the session outlives the browser's window.
    pub remember: bool,
}

/// Somebody who has just signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// Their new session.
    pub session: Session,
    /// The session's token with its signature, for the cookie.
    pub signed: String,
    /// Whether the cookie outlives the browser's window.
    pub remember: bool,
}

/// Somebody who has just been made.
#[derive(Debug, Clone)]
pub struct SignedUp {
    /// Who.
    pub id: UserId,
    /// What there is to know about them.
    pub user: User,
    /// Their session. `None` if they have to prove their address first.
    pub signed_in: Option<SignedIn>,
}

/// The most characters of a name or of a picture's address.
const FIELD_CHARS_MAX: usize = 2048;

impl Accounts {
    /// Makes a user with a password. They are signed in at once, unless they have to prove their address first: then
    /// there is no session, and a mail is on its way.
    ///
    /// # Errors
    /// What is wrong with the address or the password, [`Error::EmailTaken`], [`Error::SignUpClosed`],
    /// [`Error::InvitationNeeded`], [`Error::Busy`].
    pub async fn sign_up(
        &self,
        new: &Registration,
        password: &str,
        client: &Client,
    ) -> Result<SignedUp, Error> {
        if self.settings().sign_up == SignUp::Closed {
            return Err(Error::SignUpClosed);
        }
        let email = email(&new.email)?;
        check_field(&new.name)?;
        check_field(new.image.as_deref().unwrap_or_default())?;
        password::check_length(password)?;
        // It belongs to whoever runs the server, also before it is made.
        if email == OWNER_EMAIL {
            return Err(Error::EmailTaken);
        }
        if self.store().user_by_email(&email).await?.is_some() {
            return Err(Error::EmailTaken);
        }
        let hash = self.0.passwords.hash(password).await?;
        let invitation = new.invitation.as_deref().map(digest);
        if self.settings().sign_up == SignUp::Invite {
            let used = match &invitation {
                Some(invitation) => {
                    self.store()
                        .use_invitation(invitation, &email, self.now())
                        .await?
                }
                None => false,
            };
            if !used {
                return Err(Error::InvitationNeeded);
            }
        }
        let (id, account) = (random_name(), random_name());
        let made = NewUser {
            id: &id,
            name: &new.name,
            email: &email,
            image: new.image.as_deref(),
            password: Some((&account, &hash)),
        };
        if !self.store().create_user(&made, self.now()).await? {
            if let Some(invitation) = invitation {
                self.store().return_invitation(&invitation).await?;
            }
            return Err(Error::EmailTaken);
        }
        self.note("sign-up", &id, client).await?;
        let id = recognised(id);
        let user = self.profile(&id).await?;
        let signed_in = if self.settings().verify_email {
            self.send_verification(&user.id, &user.email, None).await?;
            None
        } else {
            Some(
                self.begin_session(user.clone(), client, new.remember)
                    .await?,
            )
        };
        Ok(SignedUp {
            id,
            user,
            signed_in,
        })
    }

    /// Signs somebody in by address and password.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`], [`Error::InvalidCredentials`] (it takes as long and says the same whether the address
    /// is known or not), [`Error::TooMany`], [`Error::Disabled`], [`Error::EmailNotVerified`], [`Error::Busy`].
    pub async fn sign_in(
        &self,
        address: &str,
        password: &str,
        remember: bool,
        client: &Client,
    ) -> Result<SignedIn, Error> {
        let email = email(address)?;
        if password::is_too_long(password) {
            return Err(Error::PasswordTooLong);
        }
        let key = digest(&email);
        self.attempt(&key).await?;
        let user = self.store().user_by_email(&email).await?;
        // Asked for nobody as well, so that it takes as long.
        let id = user.as_ref().map_or("", |user| user.id.as_str());
        let kept = self.store().password(&recognised(id.to_owned())).await?;
        let right = self.0.passwords.verify(password, kept.clone()).await?;
        let (Some(user), Some(kept), true) = (user.clone(), kept, right) else {
            let known = user.map(|user| user.id).unwrap_or_default();
            self.store().figures().refused("sign-in");
            self.note("sign-in-failed", &known, client).await?;
            return Err(Error::InvalidCredentials);
        };
        if user.disabled {
            self.store().figures().refused("sign-in");
            self.note("sign-in-disabled", &user.id, client).await?;
            return Err(Error::Disabled);
        }
        self.store().forget_failures(&key).await?;
        if self.0.passwords.is_outdated(&kept) {
            let hash = self.0.passwords.hash(password).await?;
            let id = recognised(user.id.clone());
            self.store()
                .set_password(&id, &random_name(), &hash, false, self.now())
                .await?;
        }
        if self.settings().verify_email && !user.email_verified {
            self.send_verification(&user.id, &user.email, None).await?;
            return Err(Error::EmailNotVerified);
        }
        self.note("sign-in", &user.id, client).await?;
        self.begin_session(user, client, remember).await
    }

    /// Counts an attempt at a password, before it is looked at.
    ///
    /// # Errors
    /// [`Error::TooMany`] if it comes too soon after others that failed.
    pub(crate) async fn attempt(&self, key: &str) -> Result<(), Error> {
        let now = self.now();
        let Some(retry_at) = self.store().attempt_sign_in(key, now).await? else {
            return Ok(());
        };
        let wait = retry_at.duration_since(now).as_secs().max(0) + 1;
        Err(Error::TooMany {
            retry_after_seconds: u32::try_from(wait).unwrap_or(u32::MAX),
        })
    }

    /// A new session for somebody who has proven who they are.
    pub(crate) async fn begin_session(
        &self,
        user: User,
        client: &Client,
        remember: bool,
    ) -> Result<SignedIn, Error> {
        let now = self.now();
        let session = Session {
            id: random_name(),
            token: random_name(),
            user_id: user.id.clone(),
            created_at: now,
            updated_at: now,
            expires_at: self.after(if remember { SESSION } else { BRIEF_SESSION }),
            ip_address: client.address.clone(),
            user_agent: client.agent.clone(),
        };
        self.store().create_session(&session).await?;
        Ok(SignedIn {
            signed: self.signed(&session),
            user,
            session,
            remember,
        })
    }

    /// A session's token with its signature.
    pub fn signed(&self, session: &Session) -> String {
        self.settings().secrets.sign(&session.token)
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: &Session, client: &Client) -> Result<(), Error> {
        self.store().delete_session(&session.token).await?;
        self.note("sign-out", &session.user_id, client).await
    }

    /// The sessions of a user that live.
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<Session>, Error> {
        Ok(self.store().sessions(user, self.now()).await?)
    }

    /// Ends the session with this token, if it is the user's.
    pub async fn revoke_session(
        &self,
        user: &UserId,
        token: &str,
        client: &Client,
    ) -> Result<(), Error> {
        self.store().delete_session_of(user, token).await?;
        self.note("session-ended", user.as_str(), client).await
    }

    /// Ends a user's sessions, except `kept`, if any.
    pub async fn revoke_sessions(
        &self,
        user: &UserId,
        kept: Option<&Session>,
        client: &Client,
    ) -> Result<(), Error> {
        let kept = kept.map(|session| session.token.as_str());
        self.store().delete_sessions(user, kept).await?;
        self.note("sessions-ended", user.as_str(), client).await
    }

    /// Makes a user without a password, for those who run the server.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`], [`Error::EmailTaken`].
    pub async fn create_user(&self, email: &str, name: &str) -> Result<UserId, Error> {
        let (id, email) = (random_name(), self::email(email)?);
        let new = NewUser {
            id: &id,
            name,
            email: &email,
            image: None,
            password: None,
        };
        if !self.store().create_user(&new, self.now()).await? {
            return Err(Error::EmailTaken);
        }
        Ok(recognised(id))
    }

    /// Lets a user sign in or not, for those who run the server. One who may not is signed out everywhere.
    pub async fn set_disabled(&self, user: &UserId, disabled: bool) -> Result<(), Error> {
        self.store()
            .set_disabled(user, disabled, self.now())
            .await?;
        let kind = if disabled { "disabled" } else { "enabled" };
        self.note(kind, user.as_str(), &Client::default()).await
    }
}

/// Whether a text is an e-mail address.
pub fn is_email(text: &str) -> bool {
    email(text).is_ok()
}

/// An address in lower case.
///
/// # Errors
/// [`Error::InvalidEmail`] if it is none.
pub(crate) fn email(text: &str) -> Result<String, Error> {
    const BYTES_MAX: usize = 254;
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part
                .chars()
                .all(|c| !c.is_whitespace() && !c.is_control() && !"\"(),:;<>@[\\]".contains(c))
    };
    let (local, host) = text.rsplit_once('@').ok_or(Error::InvalidEmail)?;
    if text.len() > BYTES_MAX
        || !fits(local)
        || !fits(host)
        || !(host.contains('.') || host == "localhost")
    {
        return Err(Error::InvalidEmail);
    }
    Ok(text.to_lowercase())
}

/// Refuses a name or a picture's address that no page could show.
pub(crate) fn check_field(text: &str) -> Result<(), Error> {
    if text.chars().count() > FIELD_CHARS_MAX {
        return Err(Error::InvalidField(
            "name and image have at most 2048 characters",
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::InvalidField(
            "name and image hold no control characters",
        ));
    }
    Ok(())
}
