//! Personal API tokens.

use domain::{Access, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::credential::API_TOKEN_PREFIX;
use crate::{Accounts, ApiToken, Client, Error, digest, is_name, random_name};

/// A token that has just been made, the only time that it is shown.
#[derive(Clone)]
pub struct NewToken {
    /// The token.
    pub secret: String,
    /// What is kept of it.
    pub token: ApiToken,
}

/// The most characters of a token's name.
const NAME_CHARS_MAX: usize = 100;
/// How long a token lasts at most, unless it lasts for ever.
const DAYS_MAX: u32 = 3650;

impl Accounts {
    /// Makes a token that lasts `days`, or until it is taken back.
    ///
    /// # Errors
    /// [`Error::InvalidField`] for the name, [`Error::BadLifetime`].
    pub async fn create_token(
        &self,
        user: &UserId,
        name: &str,
        access: Access,
        days: Option<u32>,
        client: &Client,
    ) -> Result<NewToken, Error> {
        let name = name.trim();
        if name.is_empty()
            || name.chars().count() > NAME_CHARS_MAX
            || name.chars().any(char::is_control)
        {
            return Err(Error::InvalidField(
                "a token's name has 1 to 100 characters, none of them control characters",
            ));
        }
        if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
            return Err(Error::BadLifetime);
        }
        let secret = format!("{API_TOKEN_PREFIX}{}", random_name());
        let token = ApiToken {
            id: random_name(),
            name: name.to_owned(),
            access,
            created_at: self.now(),
            expires_at: days
                .map(|days| self.after(SignedDuration::from_hours(24 * i64::from(days)))),
            last_used_at: None::<Timestamp>,
        };
        self.store()
            .create_token(user, &token, &digest(&secret))
            .await?;
        self.note("token-made", user.as_str(), client).await?;
        Ok(NewToken { secret, token })
    }

    /// The tokens of a user that count.
    pub async fn tokens(&self, user: &UserId) -> Result<Vec<ApiToken>, Error> {
        Ok(self.store().tokens(user, self.now()).await?)
    }

    /// Takes a token back.
    ///
    /// # Errors
    /// [`Error::NoSuchToken`].
    pub async fn revoke_token(
        &self,
        user: &UserId,
        id: &str,
        client: &Client,
    ) -> Result<(), Error> {
        if !is_name(id) || !self.store().revoke_token(user, id, self.now()).await? {
            return Err(Error::NoSuchToken);
        }
        self.note("token-taken-back", user.as_str(), client).await
    }
}
