//! Agents that act for a user.

use domain::Guest;

use crate::{Accounts, Credential, Error};

impl Accounts {
    /// The agent that shows this credential. `None` if it is not one for agents, or does not count now.
    pub async fn guest(&self, credential: &Credential) -> Result<Option<Guest>, Error> {
        let Credential::ApiToken(_) = credential else {
            return Ok(None);
        };
        let principal = self.principal(credential).await?;
        Ok(principal.map(|principal| Guest {
            user: principal.user,
            name: principal.token.unwrap_or_default(),
            access: principal.access,
        }))
    }
}
