//! Who waits for changes of whose rows, and how a change gets to them: at once within a process, and from one process to
//! the others of the same database.
//!
//! Nothing here says what has changed. Whoever is told looks, so a word too many costs a look, and one that is lost is
//! made good by the next look.

use std::collections::{BTreeSet, HashMap};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::UserId;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::Store;
use crate::db::postgres::Postgres;
use crate::db::sqlite::Sqlite;
use crate::db::{Db, Statement, params};

/// How often a SQLite file is looked at for commits of other processes.
const FILE_EVERY: Duration = Duration::from_millis(250);
/// How long changes are gathered before other processes are told again.
const GATHER: Duration = Duration::from_millis(20);
/// How often whoever waits looks by themselves on Postgres: a pooler may swallow what other processes tell.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How long to wait before Postgres is listened to again after the connection has ended.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Where processes on one Postgres tell each other.
const CHANNEL: &str = "sayso_moved";

/// What a user is called among processes: who listens in learns no id. Two who share one cost each other a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Mark(u64);

impl Mark {
    fn of(user: &UserId) -> Self {
        let hash = Sha256::digest(user.as_str());
        let first = hash.first_chunk().copied().unwrap_or_default();
        Self(u64::from_be_bytes(first))
    }
}

/// Who waits in this process, and what the others are still to be told.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    watched: Mutex<Watched>,
    untold: Mutex<Untold>,
    /// Held while others are told, so that the program does not end in the middle of it.
    telling: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Watched {
    users: HashMap<Mark, watch::Sender<()>>,
    /// Whether other processes are being listened to.
    listening: bool,
    over: bool,
}

#[derive(Debug, Default)]
struct Untold {
    marks: BTreeSet<Mark>,
    /// Whether somebody is going to tell them.
    in_hand: bool,
}

impl Watching {
    // What is kept is right after every single step, so a panic elsewhere has left nothing half done.
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, mark: Mark) {
        if let Some(changed) = self.watched().users.get(&mark) {
            changed.send_replace(());
        }
    }

    fn tell_all(&self) {
        for changed in self.watched().users.values() {
            changed.send_replace(());
        }
    }

    /// Whether nobody waits any more; then nobody listens to other processes either.
    fn is_left(&self) -> bool {
        let mut watched = self.watched();
        if watched.users.is_empty() {
            watched.listening = false;
        }
        watched.users.is_empty()
    }
}

/// Waits for changes of one user's rows. Nothing is kept of it once it is dropped.
#[derive(Debug)]
pub struct Watch {
    watching: Arc<Watching>,
    mark: Mark,
    changed: watch::Receiver<()>,
    look_every: Option<Duration>,
}

impl Watch {
    /// Waits until the rows may have changed. Whether they still can: not when the program is about to end.
    pub async fn changed(&mut self) -> bool {
        let changed = self.changed.changed();
        match self.look_every {
            None => changed.await.is_ok(),
            // Whoever was told nothing looks.
            Some(limit) => timeout(limit, changed).await.unwrap_or(Ok(())).is_ok(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.watching.watched();
        let last = watched
            .users
            .get(&self.mark)
            .is_some_and(|changed| changed.receiver_count() <= 1);
        if last {
            watched.users.remove(&self.mark);
        }
    }
}

impl Store {
    /// Waits for changes of `user`'s journal, and for replies that begin or end. Taken before anything is read, so that
    /// nothing falls between. `None` if `most` wait for the same in this process already.
    pub fn watch(&self, user: &UserId, most: usize) -> Option<Watch> {
        let mark = Mark::of(user);
        let (sender, changed) = watch::channel(());
        let mut watched = self.watching.watched();
        let changed = if watched.over {
            // Its sender goes right here, so it is over at once.
            changed
        } else {
            let sender = watched.users.entry(mark).or_insert(sender);
            if sender.receiver_count() >= most {
                return None;
            }
            sender.subscribe()
        };
        if !watched.over && !mem::replace(&mut watched.listening, true) {
            tokio::spawn(listen(self.clone()));
        }
        drop(watched);
        Some(Watch {
            watching: self.watching.clone(),
            mark,
            changed,
            look_every: matches!(self.db, Db::Postgres(_)).then_some(LOOK_EVERY),
        })
    }

    /// Ends all waiting for changes, and lets nobody wait any more.
    pub fn end_watching(&self) {
        let mut watched = self.watching.watched();
        watched.over = true;
        watched.users.clear();
    }

    /// Tells whoever waits that something of `user`'s has been committed.
    pub(crate) fn moved(&self, user: &UserId) {
        let mark = Mark::of(user);
        self.watching.tell(mark);
        // A file needs nobody to tell: that it was written to can be seen.
        let Db::Postgres(db) = &self.db else {
            return;
        };
        let mut untold = self.watching.untold();
        untold.marks.insert(mark);
        if !mem::replace(&mut untold.in_hand, true) {
            tokio::spawn(tell_others(self.watching.clone(), db.clone()));
        }
    }

    /// Tells other processes what they have not been told yet.
    pub(crate) async fn finish_telling(&self) {
        if let Db::Postgres(db) = &self.db {
            tell(&self.watching, db).await;
        }
    }
}

/// Tells other processes who has moved: the first at once, and then what has come together meanwhile. Not within the
/// commits themselves, because Postgres lets only one at a time commit that tells something.
async fn tell_others(watching: Arc<Watching>, db: Postgres) {
    loop {
        tell(&watching, &db).await;
        sleep(GATHER).await;
        let mut untold = watching.untold();
        if untold.marks.is_empty() {
            untold.in_hand = false;
            return;
        }
    }
}

async fn tell(watching: &Watching, db: &Postgres) {
    /// Marks in one notice, which can have 8000 bytes.
    const MARKS_MAX: usize = 400;
    let _telling = watching.telling.lock().await;
    let marks: Vec<Mark> = mem::take(&mut watching.untold().marks)
        .into_iter()
        .collect();
    for marks in marks.chunks(MARKS_MAX) {
        let marks: Vec<String> = marks.iter().map(|Mark(mark)| format!("{mark:x}")).collect();
        let notice = Statement::new(
            "SELECT pg_notify($1, $2)::text",
            params![CHANNEL, marks.join(" ")],
        );
        if let Err(error) = db.read(None, vec![notice]).await {
            tracing::debug!(%error, "other copies could not be told of changes");
        }
    }
}

/// Listens to what other processes do, for as long as anybody waits.
async fn listen(store: Store) {
    match &store.db {
        Db::Sqlite(db) => listen_to_file(&store.watching, db).await,
        Db::Postgres(db) => listen_to_postgres(&store.watching, db).await,
    }
}

async fn listen_to_file(watching: &Watching, db: &Sqlite) {
    let mut tick = interval(FILE_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = None;
    loop {
        tick.tick().await;
        if watching.is_left() {
            return;
        }
        match db.others_commits().await {
            // The first time it is not known since when there was nothing new.
            Ok(now) if seen != Some(now) => {
                seen = Some(now);
                watching.tell_all();
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the file could not be looked at for changes"),
        }
    }
}

async fn listen_to_postgres(watching: &Watching, db: &Postgres) {
    let heard = |notice: Option<&str>| match notice {
        // From here on everything is heard; what came before has to be looked for.
        None => watching.tell_all(),
        Some(marks) => marks
            .split(' ')
            .filter_map(|mark| u64::from_str_radix(mark, 16).ok())
            .for_each(|mark| watching.tell(Mark(mark))),
    };
    let left = async {
        let mut tick = interval(LOOK_EVERY);
        loop {
            tick.tick().await;
            if watching.is_left() {
                return;
            }
        }
    };
    let ever = async {
        loop {
            if let Err(error) = db.listen(CHANNEL, heard).await {
                tracing::debug!(%error, "what other copies change is looked for every few seconds meanwhile");
            }
            sleep(AGAIN_AFTER).await;
        }
    };
    tokio::select! {
        () = left => {}
        () = ever => {}
    }
}
