//! Runs commands and chat turns: where a request meets the database.
//!
//! Every door hands a [`domain::Command`] to [`App::run`] or a message to [`App::turn`]. Both read the rows that are
//! needed, let [`domain::decide`] say what follows, and append one journal entry a command in one transaction.

mod backups;
mod conversation;
mod error;
mod export;
mod guest;
mod live;
mod proposals;
mod ran;
mod retention;
mod run;
mod steps;
mod tool;
mod turn;
mod usage;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use agent::Models;
use domain::{Clock, UserId};
use store::Store;
use telemetry::{Backend, Figures, Pool};
use tokio::sync::{Mutex, MutexGuard};
use turn::running::Running;

pub use backups::{BackupMade, BackupState, Backups};
pub use conversation::{Block, Carried, Content, Proposal, ToolCall};
pub use error::Error;
pub use export::{Audit, Export};
pub use guest::{AgentCall, ToolError};
pub use live::{Listening, LiveChange, LiveEvent, LiveReply};
pub use proposals::{Accepted, Proposed, Proposing, WaitingProposal};
pub use retention::Retention;
pub use run::{Looser, Preview};
pub use store::{Conversation, Message, ModelUse, Role, RowSecurity, StepCount};
pub use tool::{AgentTool, Answer, Nature, Tool, agent_tools, tools};
pub use turn::{Approved, Kind, Place, Reply, Turn, Watched};
pub use usage::{End, ModelLimits, ModelSettings, Sent, Usage};

/// The application: a store, a clock, and nothing that a second copy of it could not have.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    models: Models,
    model_settings: ModelSettings,
    /// The replies that models are writing here; the stored messages say so too, for every other copy.
    running: Running,
    /// Spares writers of one user in this process the retries; the journal's key is what makes it right.
    queues: Vec<Mutex<()>>,
    backups: Backups,
}

/// How many queues users are spread over.
const QUEUES: usize = 64;

impl App {
    /// The application on `store`, without language models.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self::with_models(store, clock, Models::none(), ModelSettings::default())
    }

    /// The application on `store`, which may ask `models`.
    pub fn with_models(
        store: Store,
        clock: Clock,
        models: Models,
        model_settings: ModelSettings,
    ) -> Self {
        let queues = (0..QUEUES).map(|_| Mutex::new(())).collect();
        let models = models.counted_in(store.figures().clone());
        Self(Arc::new(Inner {
            store,
            clock,
            models,
            running: Running::new(model_settings.replies_max),
            model_settings,
            queues,
            backups: Backups::default(),
        }))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        Ok(self.store().ping().await?)
    }

    /// Ends all work on the database and lets go of it.
    pub async fn close(&self) {
        self.store().close().await;
    }

    /// The kind of database, for those who run it.
    pub fn database(&self) -> &'static str {
        self.store().kind()
    }

    /// Where what happens is counted.
    pub fn figures(&self) -> &Figures {
        self.store().figures()
    }

    /// How connections to the database are used now.
    pub fn pools(&self) -> Vec<Pool> {
        self.store().pools()
    }

    /// What the database says about itself, for those who run it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not answer.
    pub async fn backend(&self) -> Result<Backend, Error> {
        Ok(self.store().backend().await?)
    }

    /// Whether the database itself keeps users apart, for those who run it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not answer.
    pub async fn row_security(&self) -> Result<RowSecurity, Error> {
        Ok(self.store().row_security().await?)
    }

    /// What the time is for everybody.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The language models that may be asked.
    pub fn models(&self) -> &Models {
        &self.0.models
    }

    /// When and how far language models are asked.
    pub fn model_settings(&self) -> &ModelSettings {
        &self.0.model_settings
    }

    fn running(&self) -> &Running {
        &self.0.running
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    /// Waits until no other request of `user` is being decided in this process.
    async fn queue(&self, user: &UserId) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        user.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % QUEUES as u64).unwrap_or(0);
        self.0.queues[index].lock().await
    }
}
