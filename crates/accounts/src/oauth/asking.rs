//! A person is asked whether an agent may act for them.

use domain::{Access, UserId};
use jiff::SignedDuration;
use store::OauthCode;
use url::Url;

use super::{Agent, Destination, OauthError, Parameters, redirects, wants_changes};
use crate::{Accounts, Client, Error, digest, random_name};

/// How long an agent has to fetch what it was allowed.
const CODE: SignedDuration = SignedDuration::from_secs(60);
/// How long the proof of a verifier is (RFC 7636): 32 bytes in base64url.
const CHALLENGE_LENGTH: usize = 43;

/// What an agent asks a person for; every part of it has been checked.
#[derive(Debug, Clone)]
pub struct Asked {
    agent: Agent,
    redirect: Redirect,
    changes: bool,
    challenge: String,
}

/// Where the answer goes.
#[derive(Debug, Clone)]
struct Redirect {
    /// As the agent wrote it.
    uri: String,
    url: Url,
    state: Option<String>,
    /// Who answers (RFC 9207), so that no other server's answer passes for ours.
    issuer: String,
}

/// Why a person is not asked.
#[derive(Debug, thiserror::Error)]
pub enum AskingError {
    /// It is not known that the address to send them back to is the agent's, so it is they who are told.
    #[error("{0}")]
    Untrusted(String),
    /// The agent is told, by sending them back to it.
    #[error("what this program asks for cannot be given")]
    SentBack {
        /// The whole address.
        location: String,
        /// Whose it is.
        destination: Destination,
    },
    /// It is nobody's fault who asks.
    #[error(transparent)]
    Accounts(#[from] Error),
}

impl From<store::Error> for AskingError {
    fn from(error: store::Error) -> Self {
        Self::Accounts(error.into())
    }
}

impl Asked {
    /// Who asks.
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Where the person is sent back to.
    pub fn destination(&self) -> Destination {
        redirects::destination(&self.redirect.url)
    }

    /// Whether it is for more than looking.
    pub fn wants_changes(&self) -> bool {
        self.changes
    }

    /// Where a person is sent who says no.
    pub fn refusal(&self) -> String {
        let why = "the person said no";
        self.redirect
            .with(&[("error", "access_denied"), ("error_description", why)])
    }
}

impl Redirect {
    fn with(&self, answer: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(answer);
            if let Some(state) = &self.state {
                query.append_pair("state", state);
            }
            query.append_pair("iss", &self.issuer);
        }
        url.into()
    }
}

impl Accounts {
    /// What the parameters of an authorization request ask a person for.
    ///
    /// # Errors
    /// [`AskingError`].
    pub async fn asked(&self, parameters: &Parameters) -> Result<Asked, AskingError> {
        let untrusted = |why: &str| AskingError::Untrusted(why.to_owned());
        let id = parameters.required("client_id").map_err(|_| {
            untrusted("the program that sent you here does not say which it is (client_id)")
        })?;
        let agent = self.agent(id).await?;
        let uri = match (
            parameters.optional("redirect_uri"),
            &agent.redirect_uris[..],
        ) {
            (Ok(Some(uri)), _) => uri,
            (Ok(None), [only]) => only.as_str(),
            _ => {
                let why = "the program that sent you here does not say where you are to be sent back to (redirect_uri)";
                return Err(untrusted(why));
            }
        };
        let named = agent
            .redirect_uris
            .iter()
            .any(|one| redirects::is_same(one, uri));
        let url = redirects::parse(uri).filter(|_| named).ok_or_else(|| {
            let why = "the program that sent you here wants you to be sent back to an address that is not among those \
                       it has named (redirect_uri); somebody may be pretending to be it";
            untrusted(why)
        })?;
        let redirect = Redirect {
            uri: uri.to_owned(),
            url,
            // With two of them neither is an answer to anything.
            state: parameters
                .optional("state")
                .ok()
                .flatten()
                .map(str::to_owned),
            issuer: self.settings().base_url.origin().to_owned(),
        };
        match self.checked(parameters) {
            Ok((changes, challenge)) => Ok(Asked {
                agent,
                redirect,
                changes,
                challenge,
            }),
            Err(OauthError::Accounts(error)) => Err(error.into()),
            Err(OauthError::Refused { error, description }) => Err(AskingError::SentBack {
                location: redirect.with(&[("error", error), ("error_description", &description)]),
                destination: redirects::destination(&redirect.url),
            }),
        }
    }

    /// Whether a request is for more than looking, and the challenge of its code.
    fn checked(&self, parameters: &Parameters) -> Result<(bool, String), OauthError> {
        parameters.optional("state")?;
        if parameters.required("response_type")? != "code" {
            let why = "response_type has to be code";
            return Err(OauthError::new("unsupported_response_type", why));
        }
        if parameters
            .optional("response_mode")?
            .is_some_and(|mode| mode != "query")
        {
            return Err(OauthError::invalid_request("response_mode has to be query"));
        }
        for (name, error) in [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
        ] {
            if parameters.optional(name)?.is_some() {
                return Err(OauthError::new(error, "send the parameters themselves"));
            }
        }
        // Without it, it would be `plain`, which proves nothing to whoever has seen the request.
        if parameters.optional("code_challenge_method")? != Some("S256") {
            return Err(OauthError::invalid_request(
                "code_challenge_method has to be S256",
            ));
        }
        let challenge = parameters.required("code_challenge")?;
        let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if challenge.len() != CHALLENGE_LENGTH || !challenge.bytes().all(base64url) {
            let why = "code_challenge is the SHA-256 of the verifier in base64url, 43 letters";
            return Err(OauthError::invalid_request(why));
        }
        self.check_resource(parameters)?;
        let changes = wants_changes(parameters.optional("scope")?);
        Ok((changes, challenge.to_owned()))
    }

    /// Refuses what is meant for another resource (RFC 8707).
    pub(super) fn check_resource(&self, parameters: &Parameters) -> Result<(), OauthError> {
        let ours = &self.settings().mcp_url;
        let is_ours = |given: &str| {
            // An address can be written in more than one way.
            given == ours
                || matches!((given.parse::<Url>(), ours.parse::<Url>()), (Ok(a), Ok(b)) if a == b)
        };
        if parameters.all("resource").all(is_ours) {
            return Ok(());
        }
        let why = format!("the only resource here is {ours}");
        Err(OauthError::new("invalid_target", why))
    }

    /// Lets an agent act for `user`; where they are sent with the code for it. Who is only asked for looking gives no
    /// more than that.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn allow(
        &self,
        asked: &Asked,
        user: &UserId,
        access: Access,
        client: &Client,
    ) -> Result<String, Error> {
        let access = if asked.changes { access } else { Access::Read };
        let secret = random_name();
        let code = OauthCode {
            user_id: user.to_string(),
            grant_id: random_name(),
            client_id: asked.agent.id.clone(),
            client_name: asked.agent.name.clone(),
            redirect_uri: asked.redirect.uri.clone(),
            challenge: asked.challenge.clone(),
            access,
            resource: self.settings().mcp_url.clone(),
            expires_at: self.after(CODE),
            used_at: None,
        };
        self.store()
            .create_oauth_code(&code, &digest(&secret), self.now())
            .await?;
        self.note("agent-connected", user.as_str(), client).await?;
        Ok(asked.redirect.with(&[("code", &secret)]))
    }
}
