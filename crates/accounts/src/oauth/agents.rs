//! Agents as they describe themselves: in a document that their id is the address of, or when they register.

use domain::shown_name;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::OauthClient;
use url::Url;

use super::{AskingError, OauthError, redirects};
use crate::{Accounts, is_name, random_name};

/// A program that wants to act for users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The id.
    pub id: String,
    /// What it calls itself; anybody can call themselves anything.
    pub name: String,
    /// Whose document describes it, by host. `None` if it has registered itself.
    pub host: Option<String>,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
}

/// What an agent says of itself (RFC 7591); what is not listed is not looked at.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AgentMetadata {
    /// Its own address, in a document.
    pub client_id: Option<String>,
    /// What it calls itself.
    pub client_name: Option<String>,
    /// Where people may be sent back to.
    pub redirect_uris: Option<Vec<String>>,
    /// How it would rather prove who it is.
    pub token_endpoint_auth_method: Option<String>,
    /// How it can prove who it is.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// How it gets tokens.
    pub grant_types: Option<Vec<String>>,
    /// What it is sent.
    pub response_types: Option<Vec<String>>,
}

/// An agent that has just registered (RFC 7591, section 3.2.1).
#[derive(Debug, Clone, Serialize)]
pub struct RegisteredAgent {
    client_id: String,
    client_id_issued_at: i64,
    client_name: String,
    redirect_uris: Vec<String>,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
}

/// The most addresses of one agent.
const REDIRECTS_MAX: usize = 20;
/// The most characters of a name.
pub(super) const NAME_CHARS_MAX: usize = 60;

impl AgentMetadata {
    /// The addresses it may send people back to.
    ///
    /// # Errors
    /// `invalid_redirect_uri`, or `invalid_client_metadata` if it cannot do what is done here.
    pub(super) fn redirect_uris(&self) -> Result<Vec<String>, OauthError> {
        let refused = |why| Err(OauthError::new("invalid_client_metadata", why));
        let lacks = |list: &Option<Vec<String>>, what: &str| {
            list.as_ref()
                .is_some_and(|list| !list.iter().any(|one| one == what))
        };
        // Who prefers to sign what it sends may still be able to do without.
        let public = match (
            self.token_endpoint_auth_method.as_deref(),
            &self.token_endpoint_auth_methods_supported,
        ) {
            (None | Some("none"), _) => true,
            (Some(_), supported) => supported.is_some() && !lacks(supported, "none"),
        };
        if !public {
            return refused("clients here are public: token_endpoint_auth_method has to be none");
        }
        if lacks(&self.grant_types, "authorization_code") || lacks(&self.response_types, "code") {
            return refused("only the authorization code grant is there");
        }
        let uris = self.redirect_uris.clone().unwrap_or_default();
        if uris.is_empty() || uris.len() > REDIRECTS_MAX {
            let why = "redirect_uris has 1 to 20 addresses";
            return Err(OauthError::new("invalid_redirect_uri", why));
        }
        if uris.iter().any(|uri| redirects::parse(uri).is_none()) {
            let why = "a redirect URI is https, http on this machine, or of a program's own scheme, and has no fragment";
            return Err(OauthError::new("invalid_redirect_uri", why));
        }
        Ok(uris)
    }

    /// What it calls itself, fit to be shown. `None` if it has no name.
    pub(super) fn name(&self) -> Option<String> {
        shown_name(self.client_name.as_deref()?, NAME_CHARS_MAX)
    }
}

impl Accounts {
    /// The agent with this id: an address is that of a document, anything else was given to one that registered.
    pub(super) async fn agent(&self, id: &str) -> Result<Agent, AskingError> {
        if id.contains("://") {
            let documents = &self.0.documents;
            return documents.agent(id, self.now()).await;
        }
        let client = if is_name(id) {
            self.store().oauth_client(id).await?
        } else {
            None
        };
        let client = client.ok_or_else(|| {
            let why = "this server does not know the program that sent you here; in that program, connect again";
            AskingError::Untrusted(why.to_owned())
        })?;
        Ok(Agent {
            id: client.id,
            name: client.name,
            host: None,
            redirect_uris: client.redirect_uris,
        })
    }

    /// Lets an agent register itself (RFC 7591). Whether that is allowed is a setting, and the caller's to ask.
    ///
    /// # Errors
    /// What is wrong with what it says of itself.
    pub async fn register_agent(
        &self,
        metadata: &AgentMetadata,
    ) -> Result<RegisteredAgent, OauthError> {
        let redirect_uris = metadata.redirect_uris()?;
        let client = OauthClient {
            id: random_name(),
            name: metadata.name().unwrap_or_else(|| {
                let first = redirect_uris
                    .first()
                    .and_then(|uri| uri.parse::<Url>().ok());
                let host = first.and_then(|uri| uri.host_str().map(str::to_owned));
                host.unwrap_or_else(|| "a program without a name".to_owned())
            }),
            redirect_uris,
            created_at: self.now(),
        };
        self.store().create_oauth_client(&client).await?;
        Ok(client.into())
    }
}

impl From<OauthClient> for RegisteredAgent {
    fn from(client: OauthClient) -> Self {
        Self {
            client_id: client.id,
            client_id_issued_at: Timestamp::as_second(client.created_at),
            client_name: client.name,
            redirect_uris: client.redirect_uris,
            grant_types: ["authorization_code", "refresh_token"],
            response_types: ["code"],
            token_endpoint_auth_method: "none",
        }
    }
}
