//! Runs commands and chat turns: where a request meets the database.
//!
//! Every door hands a [`domain::Command`] to [`App::run`] or a message to [`App::turn`]. Both read the rows that are
//! needed, let [`domain::decide`] say what follows, and append one journal entry a command in one transaction.

mod conversation;
mod error;
mod export;
mod retention;
mod run;
mod tool;
mod turn;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use domain::{Clock, UserId};
use store::Store;
use tokio::sync::{Mutex, MutexGuard};

pub use conversation::{Block, Content, Proposal, ToolCall};
pub use error::Error;
pub use export::{Audit, Export};
pub use retention::Retention;
pub use run::Preview;
pub use store::{Conversation, Message, Role, RowSecurity};
pub use turn::{Reply, Turn};

/// The application: a store, a clock, and nothing that a second copy of it could not have.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    /// Spares writers of one user in this process the retries; the journal's key is what makes it right.
    queues: Vec<Mutex<()>>,
}

/// How many queues users are spread over.
const QUEUES: usize = 64;

impl App {
    /// The application on `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        let queues = (0..QUEUES).map(|_| Mutex::new(())).collect();
        Self(Arc::new(Inner {
            store,
            clock,
            queues,
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
