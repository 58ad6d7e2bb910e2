//! What an agent gets for a code or a refresh token, and how it gives them back.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Access, UserId};
use jiff::SignedDuration;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::OauthGrant;

use super::{OauthError, Parameters, scope, wants_changes};
use crate::{Accounts, Client, Error, digest, jwt, random_name, recognised};

/// How long an agent that does not come back stays connected.
const REFRESH: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What an agent gets (RFC 6749, section 5.1).
#[derive(Clone, Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    refresh_token: String,
    scope: String,
}

fn invalid_grant(why: &'static str) -> OauthError {
    OauthError::new("invalid_grant", why)
}

impl Accounts {
    /// What an agent gets that asks by these parameters.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn token(
        &self,
        parameters: &Parameters,
        client: &Client,
    ) -> Result<Tokens, OauthError> {
        match parameters.required("grant_type")? {
            "authorization_code" => self.by_code(parameters, client).await,
            "refresh_token" => self.by_refresh_token(parameters, client).await,
            _ => Err(OauthError::new(
                "unsupported_grant_type",
                "grant_type is authorization_code or refresh_token",
            )),
        }
    }

    async fn by_code(
        &self,
        parameters: &Parameters,
        client: &Client,
    ) -> Result<Tokens, OauthError> {
        let hash = digest(parameters.required("code")?);
        let id = parameters.required("client_id")?;
        let verifier = parameters.required("code_verifier")?;
        let redirect = parameters.optional("redirect_uri")?;
        self.check_resource(parameters)?;
        let now = self.now();
        let gone = || invalid_grant("this code is not known, or too old; ask the person again");
        let code = self.store().oauth_code(&hash).await?.ok_or_else(gone)?;
        let user = recognised(code.user_id);
        if code.used_at.is_some() {
            self.end_stolen(&user, &code.grant_id, "agent-code-replayed", client)
                .await?;
            return Err(invalid_grant("this code has been used"));
        }
        if code.expires_at <= now || code.resource != self.settings().mcp_url {
            return Err(gone());
        }
        if code.client_id != id {
            return Err(invalid_grant("this code was given to another client_id"));
        }
        // Left out it proves nothing less: the verifier is what shows whose the code is.
        if redirect.is_some_and(|uri| uri != code.redirect_uri) {
            return Err(invalid_grant("the code was sent to another redirect_uri"));
        }
        if !proves(verifier, &code.challenge) {
            return Err(invalid_grant("code_verifier is not that of the challenge"));
        }
        let profile = self.profile(&user).await.map_err(|error| match error {
            Error::NoSuchUser(_) => gone(),
            error => error.into(),
        })?;
        if profile.disabled {
            return Err(gone());
        }
        let refresh = random_name();
        let grant = OauthGrant {
            id: code.grant_id,
            client_id: code.client_id,
            client_name: code.client_name,
            access: code.access,
            resource: code.resource,
            created_at: now,
            expires_at: self.after(REFRESH),
            last_used_at: None,
        };
        let begun = self
            .store()
            .begin_oauth_grant(&user, &hash, &grant, &digest(&refresh))
            .await;
        match begun {
            // Somebody else was faster with the same code.
            Err(store::Error::Conflict) => {
                self.end_stolen(&user, &grant.id, "agent-code-replayed", client)
                    .await?;
                Err(invalid_grant("this code has been used"))
            }
            begun => {
                begun?;
                let changes = grant.access != Access::Read;
                self.tokens_of(&user, &grant, changes, refresh).await
            }
        }
    }

    async fn by_refresh_token(
        &self,
        parameters: &Parameters,
        client: &Client,
    ) -> Result<Tokens, OauthError> {
        let old = digest(parameters.required("refresh_token")?);
        let id = parameters.required("client_id")?;
        let asked = parameters.optional("scope")?;
        self.check_resource(parameters)?;
        let now = self.now();
        let gone =
            || invalid_grant("this refresh token does not count any more; ask the person again");
        // Twice, for one that was used or taken back since it was read.
        for _ in 0..2 {
            let found = self.store().refresh_token(&old).await?.ok_or_else(gone)?;
            let user = recognised(found.user_id);
            if found.used_at.is_some() {
                // The agent has a newer one, so one of the two who have shown it is not the agent.
                self.end_stolen(&user, &found.grant_id, "agent-token-replayed", client)
                    .await?;
                return Err(gone());
            }
            let grant = self
                .store()
                .oauth_grant(&user, &found.grant_id, now)
                .await?;
            let grant = grant.ok_or_else(gone)?;
            if found.expires_at <= now || grant.resource != self.settings().mcp_url {
                return Err(gone());
            }
            if grant.client_id != id {
                return Err(invalid_grant("this token was given to another client_id"));
            }
            let granted = grant.access != Access::Read;
            let changes = match asked {
                Some(_) => wants_changes(asked),
                None => granted,
            };
            if changes && !granted {
                let why = "this is more than the person has allowed; ask them again";
                return Err(OauthError::new("invalid_scope", why));
            }
            let new = random_name();
            let rotated = self
                .store()
                .rotate_refresh_token(
                    &user,
                    &grant.id,
                    (&old, &digest(&new)),
                    now,
                    self.after(REFRESH),
                )
                .await;
            match rotated {
                Err(store::Error::Conflict) => {}
                rotated => {
                    rotated?;
                    return self.tokens_of(&user, &grant, changes, new).await;
                }
            }
        }
        Err(Error::Busy.into())
    }

    async fn tokens_of(
        &self,
        user: &UserId,
        grant: &OauthGrant,
        changes: bool,
        refresh_token: String,
    ) -> Result<Tokens, OauthError> {
        let scope = scope(changes);
        Ok(Tokens {
            access_token: self.issue_access_token(user, grant, &scope).await?,
            token_type: "Bearer",
            expires_in: jwt::ACCESS_TOKEN_SECONDS,
            refresh_token,
            scope,
        })
    }

    /// Ends a grant of which somebody has shown a secret that had been used.
    async fn end_stolen(
        &self,
        user: &UserId,
        grant: &str,
        what: &str,
        client: &Client,
    ) -> Result<(), Error> {
        if self.store().end_oauth_grant(user, grant).await? {
            self.note(what, user.as_str(), client).await?;
        }
        Ok(())
    }

    /// Ends the grant that a token is of, whichever of its tokens it is (RFC 7009). One that is not known has ended
    /// already.
    ///
    /// # Errors
    /// [`OauthError`].
    pub async fn give_back(
        &self,
        parameters: &Parameters,
        client: &Client,
    ) -> Result<(), OauthError> {
        let token = parameters.required("token")?;
        let id = parameters.optional("client_id")?;
        let (user, grant) = if token.contains('.') {
            let Some(claims) = self.verify_access_token(token).await? else {
                return Ok(());
            };
            match (jwt::text(&claims, "sub"), jwt::text(&claims, "sid")) {
                (Some(user), Some(grant)) => (recognised(user.to_owned()), grant.to_owned()),
                _ => return Ok(()),
            }
        } else {
            match self.store().refresh_token(&digest(token)).await? {
                Some(found) => (recognised(found.user_id), found.grant_id),
                None => return Ok(()),
            }
        };
        let Some(found) = self.store().oauth_grant(&user, &grant, self.now()).await? else {
            return Ok(());
        };
        if id.is_some_and(|id| id != found.client_id) {
            return Err(OauthError::new(
                "invalid_client",
                "this token was given to another client_id",
            ));
        }
        match self.disconnect(&user, &grant, client).await {
            Err(Error::NoSuchAgent) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// Whether a verifier is the one that a challenge was made of (RFC 7636).
fn proves(verifier: &str, challenge: &str) -> bool {
    let made = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(unreserved)
        && verify_slices_are_equal(made.as_bytes(), challenge.as_bytes()).is_ok()
}
