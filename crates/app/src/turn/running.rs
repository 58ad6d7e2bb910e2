//! The replies that language models are writing in this process: who watches them, and who has had enough of one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{ConversationId, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Place;
use crate::App;

/// How often other copies' wishes that a reply stop are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Why a reply ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The person has had enough.
    Person,
    /// The program ends.
    Shutdown,
}

/// The replies being written.
#[derive(Debug)]
pub(crate) struct Running {
    replies: Mutex<HashMap<String, Reply>>,
    permits: Arc<Semaphore>,
    /// Whether somebody looks for the wishes of other copies.
    looking: AtomicBool,
    /// Told whenever a reply has ended.
    ended: watch::Sender<()>,
}

#[derive(Debug)]
struct Reply {
    user: UserId,
    place: Place,
    changed: watch::Sender<()>,
    halt: watch::Sender<Option<Halt>>,
}

impl Running {
    /// Room for so many replies at once.
    pub(crate) fn new(replies_max: usize) -> Self {
        Self {
            replies: Mutex::default(),
            permits: Arc::new(Semaphore::new(replies_max)),
            looking: AtomicBool::new(false),
            ended: watch::Sender::new(()),
        }
    }

    /// Leave to write one more reply. `None` if there are as many as there may be.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().try_acquire_owned().ok()
    }

    fn replies(&self) -> MutexGuard<'_, HashMap<String, Reply>> {
        // What is kept is right after every single step, so a panic elsewhere has left nothing half done.
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Told whenever the reply at `place` has changed. `None` if it is not written in this process.
    fn watch(&self, user: &UserId, place: Place) -> Option<watch::Receiver<()>> {
        let replies = self.replies();
        let here = |reply: &&Reply| reply.place == place && reply.user == *user;
        replies
            .values()
            .find(here)
            .map(|reply| reply.changed.subscribe())
    }

    /// Ends the replies in a conversation.
    fn halt(&self, user: &UserId, conversation: ConversationId) {
        for reply in self.replies().values() {
            if reply.place.conversation == conversation && reply.user == *user {
                reply.halt.send_replace(Some(Halt::Person));
            }
        }
    }
}

/// A reply being written; dropped when it is no longer.
pub(super) struct Handle {
    app: App,
    writer: String,
    changed: watch::Sender<()>,
    pub(super) halt: watch::Receiver<Option<Halt>>,
}

impl Handle {
    /// Tells whoever watches that there is more.
    pub(super) fn tell(&self) {
        self.changed.send_replace(());
    }

    /// Waits until the reply is to end before its time.
    pub(super) async fn halted(&mut self) -> Halt {
        let halt = self.halt.wait_for(Option::is_some).await;
        match halt.map(|halt| *halt) {
            Ok(halt) => halt.unwrap_or(Halt::Person),
            // Whoever could have said so is gone, and nobody else will.
            Err(_) => std::future::pending().await,
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let running = self.app.running();
        running.replies().remove(&self.writer);
        running.ended.send_replace(());
    }
}

impl App {
    /// Registers a reply that is going to be written here.
    pub(super) fn writes(&self, writer: &str, user: &UserId, place: Place) -> Handle {
        let (changed, halt) = (watch::Sender::new(()), watch::Sender::new(None));
        let handle = Handle {
            app: self.clone(),
            writer: writer.to_owned(),
            changed: changed.clone(),
            halt: halt.subscribe(),
        };
        let reply = Reply {
            user: user.clone(),
            place,
            changed,
            halt,
        };
        self.running().replies().insert(writer.to_owned(), reply);
        if !self.running().looking.swap(true, Ordering::AcqRel) {
            tokio::spawn(look(self.clone()));
        }
        handle
    }

    /// Waits until the reply at `place` may have changed: told at once by a writer in this process, and otherwise after a
    /// moment.
    pub async fn changed(&self, watched: &mut Watched) {
        /// How long to wait before the record is looked at again when another copy writes.
        const MOMENT: Duration = Duration::from_millis(150);
        match &mut watched.0 {
            Some(changed) => {
                // Whoever wrote it has ended: what it has left is there now.
                if changed.changed().await.is_err() {
                    watched.0 = None;
                }
            }
            None => tokio::time::sleep(MOMENT).await,
        }
    }

    /// Watches the reply at `place`. Taken before the reply is read, so that nothing falls between.
    pub fn watch(&self, user: &UserId, place: Place) -> Watched {
        Watched(self.running().watch(user, place))
    }

    /// Ends what is being written in this process and waits until each reply says so. Whoever listens to changes hears no
    /// more.
    pub async fn halt(&self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        self.store().end_watching();
        let running = self.running();
        let mut ended = running.ended.subscribe();
        for reply in running.replies().values() {
            reply.halt.send_replace(Some(Halt::Shutdown));
        }
        let all = async {
            while !running.replies().is_empty() {
                if ended.changed().await.is_err() {
                    return;
                }
            }
        };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("some replies were not ended in time; another copy will say so");
        }
    }

    /// Asks whoever writes a reply in this conversation to stop, in this process or another. Whether anybody does; once
    /// this is answered, nothing more is changed by that reply.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`].
    pub async fn stop(
        &self,
        user: &UserId,
        conversation: ConversationId,
    ) -> Result<bool, crate::Error> {
        let now = self.clock().now();
        let stopping = self.store().request_stop(user, conversation, now).await?;
        self.running().halt(user, conversation);
        Ok(stopping)
    }
}

/// What tells that a reply has changed.
#[derive(Debug)]
pub struct Watched(Option<watch::Receiver<()>>);

/// Looks for wishes that came in through other copies, as long as anything is written here.
async fn look(app: App) {
    let running = app.running();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if running.replies().is_empty() {
            running.looking.store(false, Ordering::Release);
            // One that began just before would not look itself.
            if running.replies().is_empty() || running.looking.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        match app.store().stop_requests().await {
            Ok(writers) => {
                let replies = running.replies();
                for reply in writers.iter().filter_map(|writer| replies.get(writer)) {
                    reply.halt.send_replace(Some(Halt::Person));
                }
            }
            Err(error) => tracing::debug!(%error, "wishes to stop could not be looked for"),
        }
    }
}
