//! The command line: results on stdout, words on stderr, and an exit code that a script can rely on.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use accounts::Client;
use anyhow::Context;
use app::{App, Block, Kind, Preview, Reply, Turn};
use clap::{CommandFactory, Parser, Subcommand};
use domain::{
    Access, AddTask, Approval, Changes, Command, ConversationId, Description, Door, Effect,
    MessageText, Origin, Outcome, Priority, ProjectRef, ProposalId, Repeat, Said, SpokenCommand,
    Tag, TaskId, TaskPatch, UserId, View, approval,
};
use language::say;
use serde_json::json;

use crate::backup::{
    self, BackupAction, BackupArguments, CopyArguments, MigrateArguments, RestoreArguments,
    Restored,
};
use crate::config::Config;
use crate::local::{self, Local};
use crate::{health, relay, reporting, serve};

/// The version, and the commit that it was built from.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILD_COMMIT"), ")");

/// Say it, and it is on your list.
#[derive(Debug, Parser)]
#[command(name = "sayso", version = VERSION, args_override_self = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    config: Config,
    /// Print results as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Say what would change, and change nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Do not ask before many tasks change or tasks are deleted.
    #[arg(long, short, global = true)]
    yes: bool,
    /// Whose tasks, by id or e-mail address; the local owner's without it.
    #[arg(long, global = true, value_name = "USER")]
    user: Option<String>,
    #[command(subcommand)]
    action: Action,
}

const AFTER_HELP: &str = "\
Exit codes: 0 done; 1 something went wrong; 2 the command line is wrong; 3 refused, such as a task that is not there; \
6 an answer is needed first.";

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve the page and the API.
    Serve,
    /// Say something, or talk until end of input.
    Chat {
        /// What to say; a prompt without it.
        message: Vec<String>,
        /// Begin a new conversation instead of going on with the latest.
        #[arg(long)]
        new: bool,
    },
    /// Add a task, in words: `sayso add call mum tomorrow 6pm #home p1`.
    Add(AddWords),
    #[command(flatten)]
    Command(SpokenCommand),
    /// Speak MCP on standard input and output, for programs such as Claude Desktop.
    Mcp(McpArguments),
    /// List what agents propose, or answer it.
    Proposals {
        #[command(subcommand)]
        answer: Option<ProposalAnswer>,
    },
    /// Print everything of a user, as JSON.
    Export,
    /// Bring the database's schema up to date.
    Migrate(MigrateArguments),
    /// Ask a running server whether it is ready; the exit code is the answer.
    Health {
        /// Where it is, such as `https://todo.example.com`; where these settings say without it.
        server: Option<url::Url>,
    },
    /// Make a backup of everything, while the server runs.
    Backup(BackupArguments),
    /// Fill an empty database from a backup.
    Restore(RestoreArguments),
    /// Copy everything into another, empty database, of either kind.
    Copy(CopyArguments),
    /// Look at settings.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Print a one-time link that signs a browser in.
    Link,
    /// Make tokens for the API.
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
    /// Look after users.
    #[command(name = "user")]
    Users {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Check what is stored.
    Audit {
        #[command(subcommand)]
        action: AuditAction,
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// For whom, and how far.
#[derive(Debug, clap::Args)]
struct McpArguments {
    /// What the program may do.
    #[arg(long, value_enum, default_value = "undoable")]
    access: Access,
    /// A server to pass everything on to, such as `https://todo.example.com/mcp`, instead of the database.
    #[arg(long, value_name = "URL", requires = "token")]
    server: Option<url::Url>,
    /// A token of that server.
    #[arg(
        long,
        env = "SAYSO_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    token: Option<String>,
}

/// A task in words, and what is better said in flags.
#[derive(Debug, clap::Args)]
struct AddWords {
    /// What is to be done, dates and marks included.
    #[arg(required = true)]
    words: Vec<String>,
    /// More about it.
    #[arg(long)]
    description: Option<Description>,
    /// When it is due.
    #[arg(long)]
    due: Option<Said>,
    /// How it comes back once done.
    #[arg(long)]
    repeat: Option<Said>,
    /// How much it matters.
    #[arg(long)]
    priority: Option<Priority>,
    /// Labels.
    #[arg(long = "tag")]
    tags: Vec<Tag>,
    /// The project it belongs in.
    #[arg(long)]
    project: Option<ProjectRef>,
    /// The task it is a step of.
    #[arg(long)]
    parent_id: Option<TaskId>,
}

#[derive(Debug, Subcommand)]
enum ProposalAnswer {
    /// Make the changes.
    Accept {
        /// The proposal's number.
        id: ProposalId,
        /// Only those to these tasks.
        #[arg(long, value_delimiter = ',', value_name = "TASK")]
        only: Vec<TaskId>,
    },
    /// Drop it.
    Dismiss {
        /// The proposal's number.
        id: ProposalId,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigAction {
    /// Show the settings in force, without secrets.
    Show,
    /// Look through the settings as a server does that is started, and say which is refused.
    Check,
}

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// Make a bearer token and print it; it is shown only now.
    Create {
        /// What the token is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value = "write")]
        access: Access,
        /// How many days it lasts; for ever without it.
        #[arg(long)]
        days: Option<u32>,
    },
}

#[derive(Debug, Subcommand)]
enum UserAction {
    /// List users.
    List,
    /// Make a user and print the id.
    Create {
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// The name; the address without it.
        #[arg(long)]
        name: Option<String>,
    },
    /// Print a link with which somebody can make an account, once, within a week.
    Invite {
        /// Only somebody with this address.
        #[arg(long)]
        email: Option<String>,
    },
    /// Sign somebody out everywhere and do not let them in again.
    Disable {
        /// Their id or address.
        who: String,
    },
    /// Let somebody in again.
    Enable {
        /// Their id or address.
        who: String,
    },
    /// Print a link that sets a new password, once, within an hour.
    ResetPassword {
        /// Their id or address.
        who: String,
    },
    /// Delete somebody and everything of theirs, for good.
    Delete {
        /// Their id or address.
        who: String,
    },
}

#[derive(Debug, Subcommand)]
enum AuditAction {
    /// Check that every journal is whole and agrees with the rows.
    Verify,
}

/// How a command ended, other than well.
enum Ending {
    /// The rules say no, or it is not there.
    Refused,
    /// An answer is needed first.
    AnswerNeeded,
}

impl Ending {
    fn code(&self) -> ExitCode {
        match self {
            Self::Refused => ExitCode::from(3),
            Self::AnswerNeeded => ExitCode::from(6),
        }
    }
}

/// Says what went wrong, and what it came from.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("sayso: {error:#}");
    ExitCode::from(1)
}

impl Cli {
    /// Does what the command line says.
    pub(crate) async fn run(self) -> ExitCode {
        match Box::pin(self.act()).await {
            Ok(None) => ExitCode::SUCCESS,
            Ok(Some(ending)) => ending.code(),
            Err(error) => match error.downcast_ref::<app::Error>() {
                Some(app::Error::Refused(refusal)) => {
                    eprintln!("sayso: {}", say::refusal(refusal));
                    Ending::Refused.code()
                }
                Some(
                    app::Error::UnreadableDate(_)
                    | app::Error::NoSuchConversation(_)
                    | app::Error::NoSuchProposal(_)
                    | app::Error::ProposalEnded(..)
                    | app::Error::NotProposed(..),
                ) => {
                    eprintln!("sayso: {error}");
                    Ending::Refused.code()
                }
                _ if matches!(error.downcast_ref(), Some(accounts::Error::NoSuchUser(_))) => {
                    eprintln!("sayso: {error}");
                    Ending::Refused.code()
                }
                _ => failed(&error),
            },
        }
    }

    /// The settings in force by their names, without secrets.
    fn settings(&self) -> anyhow::Result<serde_json::Value> {
        let shown = self.config.shown()?.into_iter();
        Ok(shown
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect::<serde_json::Map<_, _>>()
            .into())
    }

    async fn act(self) -> anyhow::Result<Option<Ending>> {
        anyhow::ensure!(
            !self.dry_run
                || !matches!(
                    self.action,
                    Action::Backup(_) | Action::Restore(_) | Action::Copy(_) | Action::Migrate(_)
                ),
            "this has no dry run, but restore has --verify and migrate has --rehearse; nothing was changed"
        );
        match &self.action {
            Action::Serve => serve::serve(&self.config).await?,
            Action::Backup(arguments) => self.backup(arguments).await?,
            Action::Restore(arguments) => {
                let restored = backup::restore(&self.config, arguments).await?;
                let what = if arguments.verify {
                    "The backup can be restored"
                } else {
                    "Restored"
                };
                self.show_restored(what, &restored)?;
            }
            Action::Copy(arguments) => {
                let copied = backup::copy(&self.config, arguments).await?;
                self.show_restored("Copied; both are equal", &copied)?;
            }
            Action::Migrate(arguments) if arguments.rehearse => {
                let rehearsed = backup::rehearse(&self.config, arguments).await?;
                self.show_restored("The schema can be brought up to date", &rehearsed)?;
            }
            Action::Migrate(_) => {
                let local = local::open(&self.config, self.config.local_accounts()?).await?;
                eprintln!("The schema is up to date.");
                local.app.close().await;
            }
            Action::Health { server } => {
                let server = match server {
                    Some(server) => server.to_string(),
                    None => self.config.listening_at()?,
                };
                health::health(&server).await?;
            }
            Action::Mcp(McpArguments {
                server: Some(server),
                token,
                ..
            }) => {
                let reporting = reporting::begin(&self.config)?;
                relay::relay(server, token.as_deref().unwrap_or_default()).await?;
                reporting.end().await;
            }
            Action::Config {
                action: ConfigAction::Show,
            } => {
                if self.json {
                    print(&self.settings()?.to_string())?;
                } else {
                    for (name, value) in self.config.shown()? {
                        print(&format!("{name}={value}"))?;
                    }
                }
            }
            Action::Config {
                action: ConfigAction::Check,
            } => {
                let checked = self.config.check();
                let digest = checked.and_then(|settings| self.config.digest(&settings.secrets));
                if self.json {
                    let result = json!({
                        "valid": digest.is_ok(),
                        "problem": digest.as_ref().err().map(|error| format!("{error:#}")),
                        "digest": digest.as_ref().ok(),
                        "settings": self.settings().ok(),
                    });
                    print(&result.to_string())?;
                }
                digest?;
                if !self.json {
                    eprintln!("A server would start with these settings.");
                }
            }
            Action::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(
                    *shell,
                    &mut <Self as CommandFactory>::command(),
                    "sayso",
                    &mut script,
                );
                std::io::stdout().write_all(&script)?;
            }
            _ => {
                let local = local::open(&self.config, self.config.local_accounts()?).await?;
                let ending = self.with(&local).await;
                local.app.close().await;
                return ending;
            }
        }
        Ok(None)
    }

    async fn backup(&self, arguments: &BackupArguments) -> anyhow::Result<()> {
        if let Some(BackupAction::List) = arguments.action {
            let backups = backup::list(&self.config, arguments)?;
            if self.json {
                let shown = backups.iter().map(shown).collect::<Vec<_>>();
                return print(&serde_json::to_string(&shown)?);
            }
            for backup in backups {
                let (origin, tally) = (&backup.manifest.origin, &backup.manifest.tally);
                print(&format!(
                    "{}\t{}\t{} bytes\t{} records",
                    backup.path.display(),
                    origin.created_at,
                    backup.bytes,
                    tally.rows()
                ))?;
            }
            return Ok(());
        }
        let made = backup::make(&self.config, arguments).await?;
        if self.json {
            print(&shown(&made).to_string())
        } else {
            print(&made.path.display().to_string())
        }
    }

    fn show_restored(&self, what: &str, restored: &Restored) -> anyhow::Result<()> {
        if self.json {
            return print(&serde_json::to_string(restored)?);
        }
        let taken_back = restored.taken_back.map_or_else(String::new, |entries| {
            format!(
                " {entries} entries were taken back; accounts and what was deleted from conversations are as in the backup."
            )
        });
        print(&format!(
            "{what}: {} records, users {}, entries {}, schema {}, {:.1} s. Every journal verifies.{taken_back}",
            restored.rows,
            restored.users,
            restored.entries,
            restored.migrated_to,
            Duration::from_millis(restored.milliseconds).as_secs_f64(),
        ))
    }

    /// What needs the database.
    async fn with(&self, local: &Local) -> anyhow::Result<Option<Ending>> {
        let (app, accounts) = (&local.app, &local.accounts);
        anyhow::ensure!(
            !self.dry_run
                || !matches!(
                    self.action,
                    Action::Users { .. } | Action::Token { .. } | Action::Link
                ),
            "users, tokens and links have no dry run; nothing was changed"
        );
        match &self.action {
            Action::Users { action } => return self.users(local, action).await,
            Action::Audit {
                action: AuditAction::Verify,
            } => return self.audit(local).await,
            _ => {}
        }
        let user = match &self.user {
            Some(named) => accounts.user(named).await?,
            None => local.owner().await?,
        };
        match &self.action {
            Action::Token {
                action: TokenAction::Create { name, access, days },
            } => {
                let here = Client::default();
                let new = accounts
                    .create_token(&user, name, *access, *days, &here)
                    .await?;
                print(&new.secret)?;
            }
            Action::Link => {
                let token = accounts.create_link(&user).await?;
                print(&self.address(&format!("/sign-in?token={token}"))?)?;
            }
            Action::Export => {
                let mut all = serde_json::to_value(app.export(&user).await?)?;
                all["account"] = accounts.export(&user).await?;
                print(&serde_json::to_string_pretty(&all)?)?;
            }
            Action::Mcp(McpArguments { access, .. }) => {
                let reporting = reporting::begin(&self.config)?;
                let settings = mcp::Settings {
                    base_url: self.address("")?,
                    toolset: self.config.toolset(),
                };
                let tasks = mcp::Tasks::only_for(app.clone(), settings.into(), user, *access);
                Box::pin(mcp::serve_stdio(tasks)).await?;
                reporting.end().await;
            }
            Action::Proposals { answer } => {
                return self.proposals(app, &user, answer.as_ref()).await;
            }
            Action::Chat { message, new } => return self.chat(app, &user, message, *new).await,
            Action::Add(words) => {
                let command = words.command(app, &user).await?;
                return self.command(app, &user, command).await;
            }
            Action::Command(command) => {
                let command = app.meant(&user, command.clone()).await?;
                return self.command(app, &user, command).await;
            }
            _ => unreachable!("act() and the match above have done the others"),
        }
        Ok(None)
    }

    /// An address of the server that these settings are for.
    fn address(&self, path: &str) -> anyhow::Result<String> {
        let here = (self.config.host, self.config.port).into();
        Ok(format!("{}{path}", self.config.base_url(here)?.origin()))
    }

    async fn users(&self, local: &Local, action: &UserAction) -> anyhow::Result<Option<Ending>> {
        let accounts = &local.accounts;
        match action {
            UserAction::List => {
                let users = accounts.members().await?;
                if self.json {
                    print(&serde_json::to_string(&users)?)?;
                } else {
                    for user in users {
                        let disabled = if user.disabled { "\tdisabled" } else { "" };
                        print(&format!(
                            "{}\t{}\t{}{disabled}",
                            user.id, user.email, user.name
                        ))?;
                    }
                }
            }
            UserAction::Create { email, name } => {
                let name = name.as_deref().unwrap_or(email);
                let user = accounts.create_user(email, name).await?;
                local
                    .app
                    .welcome(&user, Door::Cli, &accounts::random_name())
                    .await?;
                print(user.as_str())?;
            }
            UserAction::Invite { email } => {
                let token = accounts.create_invitation(email.as_deref()).await?;
                print(&self.address(&format!("/sign-up?invitation={token}"))?)?;
            }
            UserAction::Disable { who } => {
                accounts
                    .set_disabled(&accounts.user(who).await?, true)
                    .await?;
            }
            UserAction::Enable { who } => {
                accounts
                    .set_disabled(&accounts.user(who).await?, false)
                    .await?;
            }
            UserAction::ResetPassword { who } => {
                let token = accounts.create_reset(&accounts.user(who).await?).await?;
                print(&self.address(&format!("/reset-password?token={token}"))?)?;
            }
            UserAction::Delete { who } => {
                let user = accounts.user(who).await?;
                let profile = accounts.profile(&user).await?;
                let question = format!(
                    "Delete {} ({}) and everything of theirs, for good?",
                    profile.name, profile.email
                );
                if !self.yes && !confirmed(&question)? {
                    return Ok(Some(Ending::AnswerNeeded));
                }
                accounts.delete_user(&user).await?;
            }
        }
        Ok(None)
    }

    async fn proposals(
        &self,
        app: &App,
        user: &UserId,
        answer: Option<&ProposalAnswer>,
    ) -> anyhow::Result<Option<Ending>> {
        anyhow::ensure!(
            !self.dry_run || answer.is_none(),
            "an answer has no dry run; sayso proposals says what would change"
        );
        match answer {
            None => {
                let waiting = app.proposals(user).await?;
                if self.json {
                    print(&serde_json::to_string(&waiting)?)?;
                } else {
                    for proposal in waiting {
                        let text = proposal.text.replace('\n', "\n   ");
                        print(&format!("{}. {}: {text}", proposal.id, proposal.agent))?;
                    }
                }
            }
            Some(ProposalAnswer::Accept { id, only }) => {
                let only = (!only.is_empty()).then_some(only.as_slice());
                let accepted = app.accept_proposal(user, *id, only).await?;
                if self.json {
                    print(&serde_json::to_string(&accepted)?)?;
                } else {
                    print(&accepted.text)?;
                }
                if let Some(again) = accepted.asked_again {
                    eprintln!(
                        "Nothing more was changed: proposal {} asks once more.",
                        again.id
                    );
                    return Ok(Some(Ending::AnswerNeeded));
                }
            }
            Some(ProposalAnswer::Dismiss { id }) => app.dismiss_proposal(user, *id).await?,
        }
        Ok(None)
    }

    async fn audit(&self, local: &Local) -> anyhow::Result<Option<Ending>> {
        let everybody = local.accounts.everybody().await?;
        let audits = local.app.audit(&everybody).await?;
        if self.json {
            print(&serde_json::to_string(&audits)?)?;
        }
        let wrong: Vec<_> = audits
            .iter()
            .filter_map(|audit| Some((&audit.user, audit.problem.as_ref()?)))
            .collect();
        for (user, problem) in &wrong {
            eprintln!("sayso: the journal of {user} does not verify: {problem}");
        }
        let entries: u64 = audits.iter().map(|audit| audit.entries).sum();
        if wrong.is_empty() {
            eprintln!(
                "Every journal verifies: users {}, entries {entries}.",
                audits.len()
            );
            Ok(None)
        } else {
            anyhow::bail!("{} of {} journals do not verify", wrong.len(), audits.len())
        }
    }

    async fn command(
        &self,
        app: &App,
        user: &UserId,
        command: Command,
    ) -> anyhow::Result<Option<Ending>> {
        let view = app.view(user).await?;
        if command.effect() != Effect::Reads {
            let changes = match app.preview(user, &command).await? {
                Preview::Changes(changes) => changes,
                Preview::Outcome(outcome) => {
                    return self.show(app, user, &view, &outcome).await.map(|()| None);
                }
            };
            let projects = app.projects(user).await?;
            let proposal = say::proposal(&command, &changes, &view, &projects);
            if self.dry_run {
                if self.json {
                    print(&serde_json::to_string(&changes.changes)?)?;
                } else {
                    print(&proposal)?;
                }
                eprintln!("Nothing was changed.");
                return Ok(None);
            }
            if let Some(ending) = self.ask(&command, &changes, &proposal)? {
                return Ok(Some(ending));
            }
        }
        let outcome = app
            .run(
                user,
                &command,
                Origin::person(Door::Cli, accounts::random_name()),
            )
            .await?;
        self.show(app, user, &view, &outcome).await?;
        Ok(None)
    }

    /// Asks before a change that should be looked at first. `None` if it may be made.
    fn ask(
        &self,
        command: &Command,
        changes: &Changes,
        proposal: &str,
    ) -> anyhow::Result<Option<Ending>> {
        if self.yes || approval(command, &domain::Actor::Person, changes) == Approval::NotNeeded {
            return Ok(None);
        }
        Ok((!confirmed(proposal)?).then_some(Ending::AnswerNeeded))
    }

    async fn show(
        &self,
        app: &App,
        user: &UserId,
        view: &View,
        outcome: &Outcome,
    ) -> anyhow::Result<()> {
        if self.json {
            print(&serde_json::to_string(outcome)?)
        } else {
            print(&say::outcome(outcome, view, &app.projects(user).await?))
        }
    }

    async fn chat(
        &self,
        app: &App,
        user: &UserId,
        words: &[String],
        new: bool,
    ) -> anyhow::Result<Option<Ending>> {
        anyhow::ensure!(
            !self.dry_run,
            "a conversation has no dry run; name the command instead"
        );
        let mut conversation = if new {
            None
        } else {
            app.conversations(user, None, 1)
                .await?
                .first()
                .map(|latest| latest.id)
        };
        if !words.is_empty() {
            let reply = say_to(app, user, conversation, &words.join(" ")).await?;
            self.show_reply(&reply)?;
            return Ok(waits(&reply).then_some(Ending::AnswerNeeded));
        }
        let prompt = std::io::stdin().is_terminal();
        loop {
            if prompt {
                eprint!("> ");
            }
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if line.trim().is_empty() {
                continue;
            }
            let reply = say_to(app, user, conversation, &line).await?;
            conversation = Some(reply.conversation);
            self.show_reply(&reply)?;
        }
    }

    fn show_reply(&self, reply: &Reply) -> anyhow::Result<()> {
        if self.json {
            let reply = serde_json::json!({
                "conversation_id": reply.conversation,
                "response": reply.text,
                "tool_calls": reply.content.calls,
            });
            print(&reply.to_string())
        } else {
            print(&reply.text)
        }
    }
}

/// A backup as JSON: where it is, and what it says of itself.
fn shown(backup: &::backup::Backup) -> serde_json::Value {
    serde_json::json!({ "file": backup.path, "bytes": backup.bytes, "manifest": backup.manifest })
}

/// Asks for a yes on the terminal.
fn confirmed(question: &str) -> anyhow::Result<bool> {
    eprintln!("{question}");
    if !std::io::stdin().is_terminal() {
        eprintln!("Nothing was changed. Add --yes to do it.");
        return Ok(false);
    }
    eprint!("[y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !yes {
        eprintln!("Nothing was changed.");
    }
    Ok(yes)
}

async fn say_to(
    app: &App,
    user: &UserId,
    conversation: Option<ConversationId>,
    text: &str,
) -> anyhow::Result<Reply> {
    let text: MessageText = text.parse().context("that cannot be said")?;
    let turn = Turn {
        conversation,
        text,
        kind: Kind::Words,
        door: Door::Cli,
        request_id: accounts::random_name(),
        idempotency_key: None,
    };
    Ok(app.turn(user, &turn).await?)
}

/// Whether a reply waits for an answer.
fn waits(reply: &Reply) -> bool {
    reply
        .content
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Question { .. } | Block::Approval { .. }))
}

impl AddWords {
    async fn command(&self, app: &App, user: &UserId) -> anyhow::Result<Command> {
        let line = app.parse(user, &self.words.join(" "), &[]).await?;
        let task = line
            .task
            .context("say what is to be done; there was nothing left for a title")?;
        // Flags say the same things better than words can; they go the way of every spoken date.
        let said = TaskPatch {
            due: self.due.clone(),
            repeat: self.repeat.clone(),
            ..TaskPatch::default()
        };
        let spoken = domain::UpdateTask {
            task_id: TaskId(0),
            patch: said,
            if_version: None,
        };
        let Command::UpdateTask(meant) = app.meant(user, SpokenCommand::UpdateTask(spoken)).await?
        else {
            unreachable!("a command stays what it is when its dates are read")
        };
        let repeat: Option<Repeat> = meant.patch.repeat;
        Ok(Command::AddTask(AddTask {
            description: self.description.clone().or(task.description),
            due: meant.patch.due.or(task.due),
            repeat: repeat.or(task.repeat),
            priority: self.priority.unwrap_or(task.priority),
            tags: task
                .tags
                .into_iter()
                .chain(self.tags.iter().cloned())
                .collect(),
            project: self.project.clone().or(task.project),
            parent_id: self.parent_id.or(task.parent_id),
            ..task
        }))
    }
}

/// One line on stdout. A reader that has gone away, as with `| head`, is no error worth words.
fn print(line: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}
