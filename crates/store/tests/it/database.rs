//! The databases of a test: each new, empty and its own.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{
    Actor, AddTask, Command, Decision, Door, Entry, Filter, Order, Origin, Refusal, UserId, decide,
    needs,
};
use jiff::Timestamp;
use store::{Batch, Error, NewUser, Store};
use tempfile::TempDir;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    File,
    Postgres,
}

pub(crate) const ALL: [Kind; 3] = [Kind::Memory, Kind::File, Kind::Postgres];
pub(crate) const DURABLE: [Kind; 2] = [Kind::File, Kind::Postgres];

/// A database that goes away with the test.
pub(crate) struct Database {
    kind: Kind,
    pub(crate) url: String,
    pub(crate) store: Store,
    _folder: Option<TempDir>,
}

impl Database {
    pub(crate) async fn new(kind: Kind) -> Self {
        let database = Self::empty(kind).await;
        database.store.migrate().await.unwrap();
        database
    }

    /// A database without tables.
    pub(crate) async fn empty(kind: Kind) -> Self {
        let folder = (kind == Kind::File).then(|| tempfile::tempdir().unwrap());
        let url = match (&folder, kind) {
            (Some(folder), _) => format!("sqlite://{}", folder.path().join("test.db").display()),
            (None, Kind::Postgres) => postgres().await,
            (None, _) => "sqlite::memory:".to_owned(),
        };
        Self {
            store: Store::open(&url).await.unwrap(),
            kind,
            url,
            _folder: folder,
        }
    }

    /// Another way to the same database, as another process has one. In memory there is only the first.
    pub(crate) async fn again(&self) -> Store {
        match self.kind {
            Kind::Memory => self.store.clone(),
            Kind::File | Kind::Postgres => Store::open(&self.url).await.unwrap(),
        }
    }
}

/// Nothing is skipped when there is none: the test fails.
fn postgres_server() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings of their own"
    )]
    std::env::var("TEST_POSTGRES")
        .expect("TEST_POSTGRES names no Postgres server; run ./test, which starts one")
}

/// A new database on the server that `TEST_POSTGRES` names. It belongs to a role that policies on rows bind, unlike the
/// superuser who makes it.
async fn postgres() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    /// Made once; many tests come to it at the same time.
    const ROLE: &str = "DO $$ BEGIN CREATE ROLE sayso_test LOGIN PASSWORD 'sayso_test'; \
                        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    let server = postgres_server();
    let name = format!(
        "store_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    on_postgres(&server, ROLE).await;
    on_postgres(&server, &format!("CREATE DATABASE {name} OWNER sayso_test")).await;
    let (_, place) = server.rsplit_once('@').unwrap();
    let (host, _) = place.rsplit_once('/').unwrap();
    format!("postgres://sayso_test:sayso_test@{host}/{name}")
}

/// The same database for the superuser, whom no policies bind.
pub(crate) fn as_superuser(url: &str) -> String {
    let (_, name) = url.rsplit_once('/').unwrap();
    let server = postgres_server();
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Runs SQL as somebody with Postgres' own tools would.
async fn on_postgres(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .expect("TEST_POSTGRES names a server that answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// Runs SQL behind the store's back, past every wall.
pub(crate) async fn meddle(kind: Kind, url: &str, sql: &str) {
    if kind == Kind::Postgres {
        on_postgres(&as_superuser(url), sql).await;
    } else {
        let connection = rusqlite::Connection::open(url.trim_start_matches("sqlite://")).unwrap();
        connection.execute_batch(sql).unwrap();
    }
}

/// The tables in which any row says `text` anywhere.
pub(crate) async fn mentions(kind: Kind, url: &str, text: &str) -> Vec<String> {
    if kind == Kind::Postgres {
        let (client, connection) =
            tokio_postgres::connect(&as_superuser(url), tokio_postgres::NoTls)
                .await
                .unwrap();
        tokio::spawn(connection);
        let all = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
        let mut found = Vec::new();
        for row in client.query(all, &[]).await.unwrap() {
            let table: String = row.get(0);
            let sql =
                format!("SELECT count(*) FROM \"{table}\" AS it WHERE strpos(it::text, $1) > 0");
            let count: i64 = client.query_one(&sql, &[&text]).await.unwrap().get(0);
            found.extend((count > 0).then_some(table));
        }
        return found;
    }
    let connection = rusqlite::Connection::open(url.trim_start_matches("sqlite://")).unwrap();
    let all = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut tables = connection.prepare(all).unwrap();
    let tables: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let says = |table: &String| {
        let mut rows = connection
            .prepare(&format!("SELECT * FROM \"{table}\""))
            .unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let mut values = (0..columns).map(|column| row.get_ref(column).unwrap());
            if values.any(|value| value.as_str().is_ok_and(|value| value.contains(text))) {
                return true;
            }
        }
        false
    };
    tables.into_iter().filter(says).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are their own authentication"
)]
pub(crate) fn user(name: &str) -> UserId {
    UserId::authenticated(name)
}

/// Makes an account with a password.
pub(crate) async fn join(store: &Store, name: &str) -> UserId {
    let email = format!("{name}@example.com");
    let new = NewUser {
        id: name,
        name,
        email: &email,
        image: None,
        password: Some((&format!("{name}-account"), &format!("{name}-hash"))),
    };
    assert!(store.create_user(&new, at(0)).await.unwrap());
    user(name)
}

/// What somebody's tasks are called, in the order they were added.
pub(crate) async fn titles(store: &Store, name: &str) -> Vec<String> {
    let page = store
        .list(&user(name), &Filter::All, Order::Added, 1_000, None, at(2))
        .await
        .unwrap();
    page.tasks
        .iter()
        .map(|task| task.title.to_string())
        .collect()
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    // A Wednesday morning in November.
    "2026-11-25T09:15:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds)
}

pub(crate) fn add(title: &str) -> Command {
    Command::AddTask(AddTask::new(title.parse().unwrap()))
}

pub(crate) fn origin() -> Origin {
    Origin {
        actor: Actor::Person,
        ..Origin::person(Door::Rest, "test")
    }
}

/// What came of one try to run a command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ran {
    Changed(Box<Entry>),
    Unchanged,
    Refused(Refusal),
}

/// Runs a command as the application does, once.
pub(crate) async fn try_run(
    store: &Store,
    user: &UserId,
    command: &Command,
    now: Timestamp,
) -> Result<Ran, Error> {
    let rows = store.read(user, &needs(command), now).await?;
    match decide(&rows, command, now) {
        Ok(Decision::Change(changes)) => {
            let (entry, head) = changes.entry(&rows.head, command, origin(), now);
            let batch = Batch {
                head_before: rows.head,
                head,
                entries: vec![entry.clone()],
                ..Batch::default()
            };
            store.commit(user, &batch).await?;
            Ok(Ran::Changed(Box::new(entry)))
        }
        Ok(_) => Ok(Ran::Unchanged),
        Err(refusal) => Ok(Ran::Refused(refusal)),
    }
}

/// Runs a command, again whenever somebody else was faster.
pub(crate) async fn run(store: &Store, user: &UserId, command: &Command, now: Timestamp) -> Ran {
    loop {
        match try_run(store, user, command, now).await {
            Ok(ran) => return ran,
            Err(Error::Conflict) => {}
            Err(error) => panic!("{error}: {error:?}"),
        }
    }
}
