//! What those who run the server decide about accounts.

use jiff::SignedDuration;
use url::{Host, Url};

use crate::{Mail, PasswordFormat, Secrets};

/// The settings of accounts.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a decision of its own"
)]
pub struct Settings {
    /// Where people reach this server.
    pub base_url: BaseUrl,
    /// The public address of the MCP endpoint: what access tokens of agents are made for, and where alone they count.
    pub mcp_url: String,
    /// Whether agents may register themselves (RFC 7591). Those that a document describes need not.
    pub oauth_registration: bool,
    /// Whether an agent's document may be on this machine and without TLS, for tests.
    pub agents_on_loopback: bool,
    /// What signs cookies and encrypts keys.
    pub secrets: Secrets,
    /// Who may sign up.
    pub sign_up: SignUp,
    /// How new passwords are kept.
    pub password_format: PasswordFormat,
    /// Whether a bearer session token has to carry its signature. Without it, whoever reads the table of sessions can
    /// be anybody.
    pub bearer_needs_signature: bool,
    /// Whether somebody has to prove their address before they can sign in.
    pub verify_email: bool,
    /// How mail is sent.
    pub mail: Mail,
    /// Whose JSON web tokens are accepted.
    pub jwts: Jwts,
    /// The external Better Auth server that keeps the accounts. `None` if this one does.
    pub external: Option<External>,
    /// How long security events are kept. `None` for ever.
    pub keep_security_events: Option<SignedDuration>,
}

impl Settings {
    /// Settings for a server at this address that keeps accounts itself and sends no mail.
    pub fn new(base_url: BaseUrl, secrets: Secrets) -> Self {
        Self {
            mcp_url: format!("{}/mcp", base_url.origin()),
            oauth_registration: false,
            agents_on_loopback: false,
            base_url,
            secrets,
            sign_up: SignUp::default(),
            password_format: PasswordFormat::default(),
            bearer_needs_signature: false,
            verify_email: false,
            mail: Mail::Off,
            jwts: Jwts::Ours,
            external: None,
            keep_security_events: None,
        }
    }

    /// Settings for what only works on a local database and serves nobody. The secret signs nothing that is kept.
    pub fn local() -> Self {
        let base_url = BaseUrl {
            origin: "http://localhost".to_owned(),
            is_https: false,
            is_loopback: true,
        };
        Self::new(base_url, Secrets::random())
    }
}

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUp {
    /// Anybody.
    #[default]
    Open,
    /// Whoever has an invitation.
    Invite,
    /// Nobody; users are made on the command line.
    Closed,
}

/// Whose JSON web tokens are accepted: of one issuer only, so that one kind of key can never pass for another.
#[derive(Debug, Clone)]
pub enum Jwts {
    /// Those this server issues.
    Ours,
    /// Those signed by a published key of an external server.
    Published {
        /// Where its keys are.
        keys: Url,
        /// Their issuer.
        issuer: String,
        /// Their audience.
        audience: String,
    },
    /// Those signed with a secret that another server shares with this one.
    Shared(SharedSecret),
}

/// A secret with which another server signs tokens (HS256), and what they have to say.
#[derive(Clone)]
pub struct SharedSecret {
    /// The secret.
    pub secret: String,
    /// The claim that names the user.
    pub claim: String,
    /// The issuer, where one is asked for.
    pub issuer: Option<String>,
    /// The audience, where one is asked for.
    pub audience: Option<String>,
}

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SharedSecret({})", self.claim)
    }
}

/// An external Better Auth server.
#[derive(Debug, Clone)]
pub struct External {
    /// Its address.
    pub base_url: BaseUrl,
    /// How its sessions are looked up.
    pub sessions: ExternalSessions,
}

/// How the sessions of an external server are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExternalSessions {
    /// By asking it.
    #[default]
    Ask,
    /// In its tables, which are in our database, with the secret that signs its cookies.
    Tables,
    /// Not at all: only its JSON web tokens count.
    Off,
}

/// The address of a server, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    is_https: bool,
    is_loopback: bool,
}

impl BaseUrl {
    /// Scheme, host and port, such as `https://todo.example.com`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether it is reached by TLS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl std::str::FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address such as https://todo.example.com");
        let url: Url = text.parse().map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.path() != "/" || url.query().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            is_https: url.scheme() == "https",
            is_loopback: is_this_machine(&url),
        })
    }
}

/// Whether an address leads to the machine of whoever uses it.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
