//! Agents that a user has let in: who they are when they come, which there are, and how they are shown the door.

use domain::{Access, Guest, UserId, shown_name};
use store::OauthGrant;

use super::agents::NAME_CHARS_MAX;
use super::wants_changes;
use crate::credential::is_worth_a_note;
use crate::settings::{Jwts, SharedSecret};
use crate::{Accounts, Client, Credential, Error, is_name, jwt, recognised};

impl Accounts {
    /// Which agent shows this credential at the MCP endpoint: a personal token, an access token that was made for it and
    /// whose grant still stands, or a token of an external server that is addressed to it. `None` if it is anything
    /// else, or does not count now; it is never said why. People who are signed in are nobody here.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn guest(&self, credential: &Credential) -> Result<Option<Guest>, Error> {
        let guest = match credential {
            Credential::ApiToken(token) => {
                let found = self.by_api_token(token).await?;
                found.map(|(principal, name)| Guest {
                    user: principal.user,
                    name,
                    access: principal.access,
                })
            }
            Credential::Jwt(token) if jwt::is_access_token(token) => {
                self.by_access_token(token).await?
            }
            Credential::Jwt(token) => self.by_external_token(token).await?,
            Credential::SignedSession { .. } | Credential::BareSession(_) => None,
        };
        if let Some(guest) = &guest {
            self.is_from(&guest.user);
        }
        Ok(guest)
    }

    async fn by_access_token(&self, token: &str) -> Result<Option<Guest>, Error> {
        let Some(claims) = self.verify_access_token(token).await? else {
            return Ok(None);
        };
        let claim = |name| jwt::text(&claims, name);
        let (Some(user), Some(grant), Some(client)) =
            (claim("sub"), claim("sid"), claim("client_id"))
        else {
            return Ok(None);
        };
        let (user, now) = (recognised(user.to_owned()), self.now());
        // Each time, so that what is taken back ends at once.
        let found = self.store().oauth_grant(&user, grant, now).await?;
        let Some(grant) = found.filter(|grant| grant.client_id == client) else {
            return Ok(None);
        };
        if is_worth_a_note(grant.last_used_at, now) {
            self.store()
                .touch_oauth_grant(&user, &grant.id, now)
                .await?;
        }
        Ok(Some(Guest {
            user,
            access: if wants_changes(Some(claim("scope").unwrap_or_default())) {
                grant.access
            } else {
                Access::Read
            },
            name: grant.client_name,
        }))
    }

    /// Nobody has been asked here what the agent may do: it is what can be undone, or less if its scopes say so.
    async fn by_external_token(&self, token: &str) -> Result<Option<Guest>, Error> {
        let ours = &self.settings().mcp_url;
        let vouched = match &self.settings().jwts {
            Jwts::Ours => None,
            Jwts::Published { keys, issuer, .. } => {
                self.verify_published(token, keys, (issuer, ours)).await
            }
            Jwts::Shared(shared) => {
                let shared = SharedSecret {
                    audience: Some(ours.clone()),
                    ..shared.clone()
                };
                self.verify_shared(token, &shared)
            }
        };
        let Some(vouched) = vouched else {
            return Ok(None);
        };
        let name = vouched.client.as_deref();
        let name = name.and_then(|name| shown_name(name, NAME_CHARS_MAX));
        let changes = wants_changes(vouched.scope.as_deref());
        let found = self.vouched(vouched).await?;
        Ok(found.map(|principal| Guest {
            user: principal.user,
            name: name.unwrap_or_else(|| "an agent".to_owned()),
            access: if changes {
                Access::Undoable
            } else {
                Access::Read
            },
        }))
    }

    /// The agents that may act for a user, in the order in which they were connected.
    pub async fn agents(&self, user: &UserId) -> Result<Vec<OauthGrant>, Error> {
        Ok(self.store().oauth_grants(user, self.now()).await?)
    }

    /// Takes back what an agent may do for a user: its tokens end at once.
    ///
    /// # Errors
    /// [`Error::NoSuchAgent`].
    pub async fn disconnect(
        &self,
        user: &UserId,
        grant: &str,
        client: &Client,
    ) -> Result<(), Error> {
        if !is_name(grant) || !self.store().end_oauth_grant(user, grant).await? {
            return Err(Error::NoSuchAgent);
        }
        self.note("agent-disconnected", user.as_str(), client).await
    }
}
