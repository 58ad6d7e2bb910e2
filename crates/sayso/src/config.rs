//! Settings: one struct, from flags or the environment, read once.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use accounts::{
    BaseUrl, External, ExternalSessions, Jwts, Mail, PasswordFormat, Secrets, SharedSecret, SignUp,
};
use anyhow::{Context, bail};
use backup::{Folder, Key};
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use mcp::Toolset;
use server::{Edge, LimitSettings, Network, Tls};

use crate::local;
use crate::models::ModelConfig;
use crate::reporting::{self, ReportingConfig};

/// Settings, from flags or the environment. Each variable can also be given as the name of a file that holds the
/// value, with `_FILE` after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Config {
    /// Where tasks are kept: `sqlite://PATH` or `postgres://…`; a file in your data directory without it.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// The same, under the name that Neon's integrations set.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    neon_database_url: Option<String>,
    /// A read replica of a Postgres database, which answers lists, search and history.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "URL")]
    pub(crate) database_read_url: Option<String>,
    /// The address to listen on.
    #[arg(long, env, global = true, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    /// The port to listen on.
    #[arg(long, env, global = true, default_value_t = 8000)]
    pub(crate) port: u16,
    /// The address of a second listener for agents (MCP) alone; there is none unless this or `MCP_PORT` is set.
    #[arg(long, env, global = true)]
    mcp_host: Option<IpAddr>,
    /// The port of that listener; 8001 if only `MCP_HOST` is set.
    #[arg(long, env, global = true)]
    mcp_port: Option<u16>,
    /// Where agents reach the MCP endpoint, if not at `/mcp` below `PUBLIC_URL`, such as `https://mcp.example.com/mcp`.
    #[arg(long, env, global = true, value_name = "URL")]
    mcp_url: Option<url::Url>,
    /// Which tools agents are given: `core`, the five of the contract; `full`; or `search`, which has `search` and `fetch`
    /// besides.
    #[arg(long, env, global = true, default_value = "full", value_name = "WHICH")]
    mcp_tools: McpTools,
    /// What to log: `error`, `warn`, `info`, `debug`, or a filter such as `server=debug`.
    #[arg(long, env, global = true, default_value = "info")]
    pub(crate) log_level: String,
    /// Where people reach this server, such as `https://todo.example.com`; the address listened on without it.
    #[arg(long, env, global = true, value_name = "URL")]
    public_url: Option<BaseUrl>,
    /// A certificate (PEM) to speak TLS with; read again when it changes.
    #[arg(long, env, global = true, requires = "tls_key", value_name = "PATH")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM).
    #[arg(long, env, global = true, requires = "tls_cert", value_name = "PATH")]
    tls_key: Option<PathBuf>,
    /// Other sites whose pages may call this server for whoever is signed in, such as `https://app.example.com`.
    #[arg(long, env, global = true, value_delimiter = ',', value_name = "URLS")]
    cors_origins: Vec<String>,
    /// The key of the domain allowlist of an OpenAI organization, such as `domain_pk_…`; with it `/chatkit` is a page with
    /// ChatKit's front end.
    #[arg(long, env, global = true, value_name = "KEY")]
    chatkit_domain_key: Option<String>,
    /// Proxies in front whose `X-Forwarded-For` is believed: addresses or networks such as `10.0.0.0/8`.
    #[arg(
        long,
        env,
        global = true,
        value_delimiter = ',',
        value_name = "NETWORKS"
    )]
    trusted_proxies: Vec<Network>,
    /// Limits by address: `strict` as Better Auth's in production (three sign-ins in ten seconds), `loose`, `off`;
    /// without it, strict unless the server is only reached from this machine.
    #[arg(long, env, global = true, value_name = "HOW")]
    rate_limit: Option<RateLimit>,
    /// Requests that one user may make in a minute; as many as they like without it.
    #[arg(long, env, global = true, value_name = "NUMBER")]
    user_rate_limit: Option<NonZeroU32>,
    /// What signs sessions, at least 32 characters; made and kept beside the database without it.
    #[arg(
        long,
        env,
        global = true,
        hide_env_values = true,
        value_name = "SECRET"
    )]
    better_auth_secret: Option<String>,
    /// Several secrets, newest first, as `2:new,1:old`: the first signs, all are accepted.
    #[arg(
        long,
        env,
        global = true,
        hide_env_values = true,
        value_name = "SECRETS"
    )]
    better_auth_secrets: Option<String>,
    /// An external Better Auth server that keeps the accounts; this server keeps them without it.
    #[arg(long, env, global = true, value_name = "URL")]
    better_auth_url: Option<BaseUrl>,
    /// Where the keys of the external server are; its `/api/auth/jwks` without it.
    #[arg(long, env, global = true, value_name = "URL")]
    better_auth_jwks_url: Option<String>,
    /// How sessions of the external server are looked up.
    #[arg(long, env, global = true, default_value = "ask", value_name = "HOW")]
    better_auth_sessions: Sessions,
    /// The issuer of another server's tokens; without it the external server's address, or any with `AUTH_JWT_SECRET`.
    #[arg(long, env, global = true, value_name = "TEXT")]
    auth_jwt_issuer: Option<String>,
    /// The audience of another server's tokens; without it the external server's address, or any with `AUTH_JWT_SECRET`.
    #[arg(long, env, global = true, value_name = "TEXT")]
    auth_jwt_audience: Option<String>,
    /// A secret with which another server signs tokens (HS256); no such tokens are accepted without it.
    #[arg(
        long,
        env,
        global = true,
        hide_env_values = true,
        value_name = "SECRET"
    )]
    auth_jwt_secret: Option<String>,
    /// The claim of such a token that names the user.
    #[arg(long, env, global = true, default_value = "sub", value_name = "CLAIM")]
    auth_jwt_claim: String,
    /// Whether a session token sent as a bearer has to carry its signature; without it, only on TLS.
    #[arg(long, env, global = true, value_name = "BOOL")]
    auth_bearer_require_signature: Option<bool>,
    /// How new passwords are kept; `better-auth` for a database that is to move to such a server.
    #[arg(
        long,
        env,
        global = true,
        default_value = "argon2id",
        value_name = "FORMAT"
    )]
    auth_password_format: Format,
    /// Who may make an account.
    #[arg(long, env, global = true, default_value = "open", value_name = "WHO")]
    sign_up: Who,
    /// Whether somebody has to confirm their address before they can sign in.
    #[arg(long, env, global = true, default_value_t = false, action = clap::ArgAction::Set, value_name = "BOOL")]
    require_email_verification: bool,
    /// Whether agents may register themselves; those that a document on the web describes need not.
    #[arg(long, env, global = true, default_value_t = false, action = clap::ArgAction::Set, value_name = "BOOL")]
    oauth_registration: bool,
    /// The mail server, such as `smtps://user:password@smtp.example.com`; without it mails are written to the log of a
    /// server that is only reached from this machine, and not sent elsewhere.
    #[arg(
        long,
        env,
        global = true,
        hide_env_values = true,
        requires = "mail_from",
        value_name = "URL"
    )]
    smtp_url: Option<String>,
    /// Who mails are from, such as `Sayso <sayso@example.com>`.
    #[arg(long, env, global = true, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Days after which what is in the trash is deleted for good; 0 keeps it until it is emptied by hand.
    #[arg(long, env, global = true, default_value_t = 30, value_name = "DAYS")]
    trash_days: u32,
    /// Days after which messages of conversations are deleted; 0 keeps them.
    #[arg(long, env, global = true, default_value_t = 0, value_name = "DAYS")]
    message_days: u32,
    /// Days after which entries of the journal are deleted, and with them the way to undo them; 0 keeps them.
    #[arg(long, env, global = true, default_value_t = 0, value_name = "DAYS")]
    journal_days: u32,
    /// Days after which security events are deleted; 0 keeps them.
    #[arg(long, env, global = true, default_value_t = 365, value_name = "DAYS")]
    security_event_days: u32,
    /// The folder that backups are kept in; beside an SQLite database without it, and nowhere for Postgres.
    #[arg(long, env, global = true, value_name = "PATH")]
    backup_dir: Option<PathBuf>,
    /// How often `serve` makes a backup, such as `24h` or `90m`; `0s` for never.
    #[arg(long, env, global = true, default_value = "24h", value_name = "TIME")]
    backup_every: SignedDuration,
    /// Days after which backups are deleted; the newest always stays.
    #[arg(long, env, global = true, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..), value_name = "DAYS")]
    backup_keep: u32,
    /// What backups are encrypted with: 32 bytes in base64; they are not encrypted without it.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "KEY")]
    backup_key: Option<Key>,
    #[command(flatten)]
    pub(crate) reporting: ReportingConfig,
    #[command(flatten)]
    pub(crate) models: ModelConfig,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RateLimit {
    Strict,
    Loose,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sessions {
    /// By asking it.
    Ask,
    /// In its tables, which are in our database.
    Tables,
    /// Not at all; only its tokens count.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Argon2id,
    BetterAuth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// Anybody.
    Open,
    /// Whoever has an invitation.
    Invite,
    /// Nobody; users are made on the command line.
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum McpTools {
    Core,
    Full,
    Search,
}

impl Config {
    /// Where tasks are kept.
    ///
    /// # Errors
    /// If no place is named and there is no home to keep them in.
    pub(crate) fn database(&self) -> anyhow::Result<String> {
        if let Some(url) = self
            .database_url
            .as_ref()
            .or(self.neon_database_url.as_ref())
        {
            return Ok(url.clone());
        }
        Ok(format!(
            "sqlite://{}",
            data_folder()?.join("sayso.db").display()
        ))
    }

    /// Where people reach a server that listens on `address`.
    pub(crate) fn base_url(&self, address: SocketAddr) -> anyhow::Result<BaseUrl> {
        if let Some(url) = &self.public_url {
            return Ok(url.clone());
        }
        let scheme = if self.tls_cert.is_some() {
            "https"
        } else {
            "http"
        };
        let port = address.port();
        let url = if address.ip().is_unspecified() {
            format!("{scheme}://localhost:{port}")
        } else {
            format!("{scheme}://{address}")
        };
        url.parse().map_err(anyhow::Error::msg)
    }

    /// Where programs of this machine reach the server.
    ///
    /// # Errors
    /// An address that is none.
    pub(crate) fn listening_at(&self) -> anyhow::Result<String> {
        let mut here = SocketAddr::new(self.host, self.port);
        // A certificate is for the name that people use.
        if self.tls_cert.is_some() {
            return Ok(self.base_url(here)?.origin().to_owned());
        }
        // Listening on every address is listening on this one.
        match here.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => here.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => here.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        Ok(format!("http://{here}"))
    }

    /// Whether only programs of this machine reach the server.
    fn is_private(&self) -> bool {
        let public = self
            .public_url
            .as_ref()
            .is_some_and(|url| !url.is_loopback());
        self.host.is_loopback() && !public
    }

    /// What accounts are to be like, for a server reached at `base_url`.
    ///
    /// # Errors
    /// A weak secret, or settings that contradict each other.
    pub(crate) fn accounts(&self, base_url: BaseUrl) -> anyhow::Result<accounts::Settings> {
        let external = self.external(&base_url)?;
        let given = self.better_auth_secret.is_some() || self.better_auth_secrets.is_some();
        if external.is_some() && self.better_auth_sessions == Sessions::Tables && !given {
            bail!(
                "BETTER_AUTH_SESSIONS=tables needs the BETTER_AUTH_SECRET with which that server signs its cookies"
            );
        }
        if external.is_none() && self.better_auth_jwks_url.is_some() {
            bail!(
                "BETTER_AUTH_JWKS_URL says where the keys of another server are; BETTER_AUTH_URL has to say which"
            );
        }
        let mut settings = accounts::Settings::new(base_url, self.secrets()?);
        settings.jwts = self.jwts(external.as_ref().map(|external| &external.base_url))?;
        settings.external = external;
        settings.sign_up = match self.sign_up {
            Who::Open => SignUp::Open,
            Who::Invite => SignUp::Invite,
            Who::Closed => SignUp::Closed,
        };
        settings.password_format = match self.auth_password_format {
            Format::Argon2id => PasswordFormat::Argon2id,
            Format::BetterAuth => PasswordFormat::BetterAuth,
        };
        settings.bearer_needs_signature = self
            .auth_bearer_require_signature
            .unwrap_or(settings.base_url.is_https());
        settings.mail = match (&self.smtp_url, &self.mail_from) {
            (Some(url), Some(from)) => Mail::Smtp {
                url: url.clone(),
                from: from.clone(),
            },
            _ if self.is_private() => Mail::Log,
            _ => Mail::Off,
        };
        if self.require_email_verification && matches!(settings.mail, Mail::Off) {
            bail!(
                "REQUIRE_EMAIL_VERIFICATION needs a way to send mail: set SMTP_URL and MAIL_FROM"
            );
        }
        settings.verify_email = self.require_email_verification;
        if let Some(url) = &self.mcp_url {
            settings.mcp_url = url.as_str().trim_end_matches('/').to_owned();
        }
        settings.oauth_registration = self.oauth_registration;
        settings.keep_security_events = days(self.security_event_days);
        Ok(settings)
    }

    /// The server that keeps the accounts, if it is another than the one reached at `base_url`.
    fn external(&self, base_url: &BaseUrl) -> anyhow::Result<Option<External>> {
        // Set to ourselves, as the older family does, it names no other server.
        let Some(url) = self.better_auth_url.clone().filter(|url| url != base_url) else {
            return Ok(None);
        };
        if !url.is_https() && !url.is_loopback() {
            bail!(
                "BETTER_AUTH_URL has to be https: sessions would be sent to {} for anybody to read",
                url.origin()
            );
        }
        Ok(Some(External {
            base_url: url,
            sessions: match self.better_auth_sessions {
                Sessions::Ask => ExternalSessions::Ask,
                Sessions::Tables => ExternalSessions::Tables,
                Sessions::Off => ExternalSessions::Off,
            },
        }))
    }

    /// What accounts are to be like for the command line, which serves nobody.
    ///
    /// # Errors
    /// Settings that contradict each other.
    pub(crate) fn local_accounts(&self) -> anyhow::Result<accounts::Settings> {
        let mut settings = accounts::Settings::local();
        settings.external =
            self.external(&self.base_url(SocketAddr::new(self.host, self.port))?)?;
        Ok(settings)
    }

    fn jwts(&self, external: Option<&BaseUrl>) -> anyhow::Result<Jwts> {
        let (issuer, audience) = (self.auth_jwt_issuer.clone(), self.auth_jwt_audience.clone());
        match (&self.auth_jwt_secret, external) {
            (Some(_), Some(_)) if self.better_auth_jwks_url.is_some() => {
                bail!(
                    "AUTH_JWT_SECRET and BETTER_AUTH_JWKS_URL are two ways to trust one server; set one of them"
                )
            }
            (Some(secret), _) => {
                Secrets::new("", secret)
                    .context("AUTH_JWT_SECRET is refused")?
                    .context("AUTH_JWT_SECRET is empty")?;
                Ok(Jwts::Shared(SharedSecret {
                    secret: secret.clone(),
                    claim: self.auth_jwt_claim.clone(),
                    issuer,
                    audience,
                }))
            }
            (None, Some(url)) => {
                let keys = match &self.better_auth_jwks_url {
                    Some(url) => url.clone(),
                    None => format!("{}/api/auth/jwks", url.origin()),
                };
                let keys: url::Url = keys
                    .parse()
                    .context("BETTER_AUTH_JWKS_URL is not an address")?;
                let local = keys.host_str().is_some_and(|host| {
                    host == "localhost"
                        || host
                            .trim_matches(['[', ']'])
                            .parse::<IpAddr>()
                            .is_ok_and(|address| address.is_loopback())
                });
                if keys.scheme() != "https" && !local {
                    bail!("the keys of the sign-in server have to be read by https: {keys}");
                }
                Ok(Jwts::Published {
                    keys,
                    issuer: issuer.unwrap_or_else(|| url.origin().to_owned()),
                    audience: audience.unwrap_or_else(|| url.origin().to_owned()),
                })
            }
            (None, None) => Ok(Jwts::Ours),
        }
    }

    /// The configured secrets, or one that is made and kept beside the database.
    fn secrets(&self) -> anyhow::Result<Secrets> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let secrets = Secrets::new(
            &text(&self.better_auth_secrets),
            &text(&self.better_auth_secret),
        );
        if let Some(secrets) = secrets.context("BETTER_AUTH_SECRET is refused")? {
            return Ok(secrets);
        }
        let database = self.database()?;
        let file = match local::sqlite_path(&database) {
            Some(path) => PathBuf::from(format!("{}.secret", path.display())),
            None if database.starts_with("sqlite:") => return Ok(Secrets::random()),
            // Copies on other machines would not have it.
            None if !self.is_private() => bail!(
                "set BETTER_AUTH_SECRET: every copy of this server has to have the same; make one with `openssl rand -base64 32`"
            ),
            None => data_folder()?.join("sayso.secret"),
        };
        kept_secret(&file).with_context(|| format!("{} cannot be used", file.display()))
    }

    /// What the server's edge is to be like.
    ///
    /// # Errors
    /// An origin that is none, or `*`.
    pub(crate) fn edge(&self) -> anyhow::Result<Edge> {
        let origin = |text: &String| -> anyhow::Result<BaseUrl> {
            if text.contains('*') {
                bail!(
                    "CORS_ORIGINS cannot hold *: pages of any site could act for whoever is signed in; name the sites"
                );
            }
            text.trim()
                .parse()
                .map_err(anyhow::Error::msg)
                .context("CORS_ORIGINS is refused")
        };
        let named = self
            .cors_origins
            .iter()
            .filter(|text| !text.trim().is_empty());
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls {
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            _ => None,
        };
        let how = self.rate_limit();
        Ok(Edge {
            toolset: self.toolset(),
            origins: named.map(origin).collect::<anyhow::Result<_>>()?,
            trusted_proxies: self.trusted_proxies.clone(),
            limits: LimitSettings {
                by_address: how != RateLimit::Off,
                strict: how == RateLimit::Strict,
                user_per_minute: self.user_rate_limit,
            },
            tls,
            chatkit_domain_key: self.chatkit_domain_key()?,
        })
    }

    /// The key for ChatKit's front end. `None` if there is no page with it.
    fn chatkit_domain_key(&self) -> anyhow::Result<Option<String>> {
        let key = self.chatkit_domain_key.as_deref().map(str::trim);
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Ok(None);
        };
        // Nobody checks it on this machine, so a placeholder would be found out by an empty page, and only elsewhere.
        let is_real = key.starts_with("domain_pk_") && !key.contains("localhost");
        if !is_real && !self.is_private() {
            bail!(
                "CHATKIT_DOMAIN_KEY is a placeholder; it is the domain_pk_\u{2026} that the domain allowlist of your OpenAI organization \
                 shows for this server's name"
            );
        }
        Ok(Some(key.to_owned()))
    }

    /// Which tools agents are given.
    pub(crate) fn toolset(&self) -> Toolset {
        match self.mcp_tools {
            McpTools::Core => Toolset::Core,
            McpTools::Full => Toolset::Full,
            McpTools::Search => Toolset::Search,
        }
    }

    /// Where to listen for agents alone. `None` if they come to the same address as everybody.
    pub(crate) fn mcp_address(&self) -> Option<SocketAddr> {
        const PORT: u16 = 8001;
        (self.mcp_host.is_some() || self.mcp_port.is_some()).then(|| {
            let host = self.mcp_host.unwrap_or(self.host);
            SocketAddr::new(host, self.mcp_port.unwrap_or(PORT))
        })
    }

    fn rate_limit(&self) -> RateLimit {
        let usual = if self.is_private() {
            RateLimit::Loose
        } else {
            RateLimit::Strict
        };
        self.rate_limit.unwrap_or(usual)
    }

    /// How long what is kept.
    pub(crate) fn retention(&self) -> app::Retention {
        app::Retention {
            trash: days(self.trash_days),
            messages: days(self.message_days),
            journal: days(self.journal_days),
        }
    }

    /// The folder that backups are kept in. `None` if there is none.
    ///
    /// # Errors
    /// If no database is named and there is no home for one.
    pub(crate) fn backups(&self) -> anyhow::Result<Option<Folder>> {
        if let Some(path) = &self.backup_dir {
            return Ok(Some(Folder::new(path)));
        }
        let database = self.database()?;
        let beside = local::sqlite_path(&database);
        Ok(beside.map(|path| Folder::new(format!("{}.backups", path.display()))))
    }

    /// How often `serve` makes a backup. `None` for never.
    pub(crate) fn backup_every(&self) -> Option<SignedDuration> {
        Some(self.backup_every).filter(SignedDuration::is_positive)
    }

    /// How long backups are kept.
    pub(crate) fn backup_keep(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.backup_keep))
    }

    /// What backups are encrypted with, if they are.
    pub(crate) fn backup_key(&self) -> Option<&Key> {
        self.backup_key.as_ref()
    }

    /// What is in force, without secrets.
    ///
    /// # Errors
    /// Settings that contradict each other.
    pub(crate) fn shown(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        self.listed(|_| "\u{2026}".to_owned())
    }

    /// A digest of what is in force, secrets included: the same for the same settings, and nobody who has not `secrets` learns
    /// anything from it.
    ///
    /// # Errors
    /// As with [`Config::shown`].
    pub(crate) fn digest(&self, secrets: &Secrets) -> anyhow::Result<String> {
        let listed = self.listed(str::to_owned)?;
        let lines: Vec<String> = listed
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Ok(secrets.derive(&format!("settings {}", lines.join("\n"))))
    }

    /// Looks through everything that is looked at when a server starts, without starting one.
    ///
    /// # Errors
    /// The first setting that is refused.
    pub(crate) fn check(&self) -> anyhow::Result<accounts::Settings> {
        reporting::log::filter(&self.log_level)?;
        self.reporting.traces()?;
        self.edge()?;
        self.models.models()?;
        self.models.settings()?;
        self.accounts(self.base_url(SocketAddr::new(self.host, self.port))?)
    }

    /// What is in force, with secrets as `secret` shows them.
    fn listed(
        &self,
        secret: impl Fn(&str) -> String,
    ) -> anyhow::Result<Vec<(&'static str, String)>> {
        let address = SocketAddr::new(self.host, self.port);
        let text = |value: Option<String>| value.unwrap_or_default();
        let word = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value()
                .map(|value| value.get_name().to_owned())
                .unwrap_or_default()
        };
        let set = |value: &Option<String>| value.as_deref().map(&secret).unwrap_or_default();
        let path =
            |value: &Option<PathBuf>| text(value.as_ref().map(|path| path.display().to_string()));
        let base_url = self.base_url(address)?;
        let mut shown = vec![
            ("DATABASE_URL", without_password(&self.database()?, &secret)),
            (
                "DATABASE_READ_URL",
                text(
                    self.database_read_url
                        .as_deref()
                        .map(|url| without_password(url, &secret)),
                ),
            ),
            ("HOST", self.host.to_string()),
            ("PORT", self.port.to_string()),
            ("MCP_HOST", text(self.mcp_host.map(|host| host.to_string()))),
            ("MCP_PORT", text(self.mcp_port.map(|port| port.to_string()))),
            (
                "MCP_URL",
                text(self.mcp_url.as_ref().map(ToString::to_string)),
            ),
            ("MCP_TOOLS", word(&|| self.mcp_tools.to_possible_value())),
            ("LOG_LEVEL", self.log_level.clone()),
            ("PUBLIC_URL", base_url.origin().to_owned()),
            ("TLS_CERT", path(&self.tls_cert)),
            ("TLS_KEY", path(&self.tls_key)),
            ("CORS_ORIGINS", self.cors_origins.join(",")),
            ("CHATKIT_DOMAIN_KEY", text(self.chatkit_domain_key.clone())),
            (
                "TRUSTED_PROXIES",
                format!("{} of them", self.trusted_proxies.len()),
            ),
            (
                "RATE_LIMIT",
                word(&|| self.rate_limit().to_possible_value()),
            ),
            (
                "USER_RATE_LIMIT",
                text(self.user_rate_limit.map(|limit| limit.to_string())),
            ),
            ("BETTER_AUTH_SECRET", set(&self.better_auth_secret)),
            ("BETTER_AUTH_SECRETS", set(&self.better_auth_secrets)),
            (
                "BETTER_AUTH_URL",
                text(
                    self.better_auth_url
                        .as_ref()
                        .map(|url| url.origin().to_owned()),
                ),
            ),
            (
                "BETTER_AUTH_JWKS_URL",
                text(self.better_auth_jwks_url.clone()),
            ),
            (
                "BETTER_AUTH_SESSIONS",
                word(&|| self.better_auth_sessions.to_possible_value()),
            ),
            ("AUTH_JWT_ISSUER", text(self.auth_jwt_issuer.clone())),
            ("AUTH_JWT_AUDIENCE", text(self.auth_jwt_audience.clone())),
            ("AUTH_JWT_SECRET", set(&self.auth_jwt_secret)),
            ("AUTH_JWT_CLAIM", self.auth_jwt_claim.clone()),
            (
                "AUTH_BEARER_REQUIRE_SIGNATURE",
                self.auth_bearer_require_signature
                    .unwrap_or(base_url.is_https())
                    .to_string(),
            ),
            (
                "AUTH_PASSWORD_FORMAT",
                word(&|| self.auth_password_format.to_possible_value()),
            ),
            ("SIGN_UP", word(&|| self.sign_up.to_possible_value())),
            (
                "REQUIRE_EMAIL_VERIFICATION",
                self.require_email_verification.to_string(),
            ),
            ("OAUTH_REGISTRATION", self.oauth_registration.to_string()),
            ("SMTP_URL", set(&self.smtp_url)),
            ("MAIL_FROM", text(self.mail_from.clone())),
            ("TRASH_DAYS", self.trash_days.to_string()),
            ("MESSAGE_DAYS", self.message_days.to_string()),
            ("JOURNAL_DAYS", self.journal_days.to_string()),
            ("SECURITY_EVENT_DAYS", self.security_event_days.to_string()),
        ];
        shown.extend(self.shown_backups()?);
        shown.extend(self.reporting.listed(&secret));
        shown.extend(self.models.listed(&secret));
        Ok(shown)
    }

    /// Those of them that are about backups.
    fn shown_backups(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        Ok(vec![
            (
                "BACKUP_DIR",
                self.backups()?
                    .map_or_else(String::new, |folder| folder.path().display().to_string()),
            ),
            ("BACKUP_EVERY", format!("{:#}", self.backup_every)),
            ("BACKUP_KEEP", self.backup_keep.to_string()),
            (
                "BACKUP_KEY",
                self.backup_key
                    .as_ref()
                    .map_or_else(String::new, |_| "\u{2026}".to_owned()),
            ),
        ])
    }
}

/// A number of days; `None` for 0.
fn days(days: u32) -> Option<SignedDuration> {
    (days > 0).then(|| SignedDuration::from_hours(24 * i64::from(days)))
}

/// Where our files are kept.
fn data_folder() -> anyhow::Result<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let folder = data
        .context("there is no home directory; say where to keep tasks with DATABASE_URL")?
        .join("sayso");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder)
}

/// The secret in `file`, made now if there is none. Only its owner can read it.
fn kept_secret(file: &Path) -> anyhow::Result<Secrets> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(mut made) => {
            made.write_all(
                format!("{}{}\n", accounts::random_name(), accounts::random_name()).as_bytes(),
            )?;
            made.sync_all()?;
        }
        // Made before, or just now by another process.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error.into()),
    }
    let text = std::fs::read_to_string(file)?;
    Secrets::new("", &text)?.context("it is empty")
}

/// `url` with its password as `secret` shows it.
pub(crate) fn without_password(url: &str, secret: impl Fn(&str) -> String) -> String {
    match url
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (who, place))) => {
            let (name, password) = who.split_once(':').unwrap_or((who, ""));
            format!("{scheme}://{name}:{}@{place}", secret(password))
        }
        None => url.to_owned(),
    }
}

/// The command line, with what `…_FILE` variables hold put in as flags.
///
/// # Errors
/// A file that cannot be read, or a variable of ours that does not exist.
pub(crate) fn arguments() -> anyhow::Result<Vec<OsString>> {
    let mut given = std::env::args_os();
    let mut arguments: Vec<OsString> = given.next().into_iter().collect();
    let settings = Config::augment_args(clap::Command::new("settings"));
    for setting in settings.get_arguments() {
        let (Some(variable), Some(flag)) = (setting.get_env(), setting.get_long()) else {
            continue;
        };
        let variable = variable.to_string_lossy();
        if let Some(file) = std::env::var_os(format!("{variable}_FILE")) {
            let value = std::fs::read_to_string(&file).with_context(|| {
                format!(
                    "{variable}_FILE names a file that cannot be read: {}",
                    file.display()
                )
            })?;
            arguments.push(format!("--{flag}={}", value.trim()).into());
        }
    }
    let is_none_of_ours = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("SAYSO_")
            && !matches!(&*name, "SAYSO_MODELS" | "SAYSO_MODELS_FILE" | "SAYSO_TOKEN")
    };
    if let Some((name, _)) = std::env::vars_os().find(|(name, _)| is_none_of_ours(name)) {
        bail!(
            "there is no setting {}; `sayso --help` lists them",
            name.to_string_lossy()
        );
    }
    arguments.extend(given);
    Ok(arguments)
}
