//! One-time links that sign a browser in, and invitations.

use domain::UserId;
use jiff::SignedDuration;

use crate::{Accounts, Client, Error, SignedIn, digest, random_name, recognised, sign_in};

/// How long a one-time link works.
const LINK: SignedDuration = SignedDuration::from_hours(24);
/// How long an invitation works.
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Accounts {
    /// Makes the secret of a link that signs one browser in, once.
    pub async fn create_link(&self, user: &UserId) -> Result<String, Error> {
        let token = random_name();
        self.store()
            .create_link(user, &digest(&token), self.after(LINK))
            .await?;
        Ok(token)
    }

    /// Uses up a link. `None` if it does not count (any more).
    pub async fn sign_in_with_link(
        &self,
        link: &str,
        client: &Client,
    ) -> Result<Option<SignedIn>, Error> {
        let Some(user) = self.store().use_link(&digest(link), self.now()).await? else {
            return Ok(None);
        };
        let user = self.profile(&recognised(user)).await?;
        if user.disabled {
            return Ok(None);
        }
        self.note("sign-in-by-link", &user.id, client).await?;
        self.begin_session(user, client, true).await.map(Some)
    }

    /// Makes the secret of an invitation to sign up, for this address only if there is one.
    ///
    /// # Errors
    /// [`Error::InvalidEmail`].
    pub async fn create_invitation(&self, address: Option<&str>) -> Result<String, Error> {
        let email = address.map(sign_in::email).transpose()?;
        let token = random_name();
        self.store()
            .create_invitation(&digest(&token), email.as_deref(), self.after(INVITATION))
            .await?;
        Ok(token)
    }
}
