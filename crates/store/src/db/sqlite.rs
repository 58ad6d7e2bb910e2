//! SQLite: one writer that commits waiting writes together, and a few readers, each on a thread of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, ffi, params_from_iter};
use telemetry::{Figures, Pool};
use tokio::sync::oneshot;

use super::{Row, Statement, Value};
use crate::Error;

/// Requests that may wait; one more is told to come back.
const QUEUE_MAX: usize = 1024;
/// Writes that are committed together.
const GROUP_MAX: usize = 256;
/// The first version without the WAL-reset corruption.
const VERSION_MIN: i32 = 3_051_003;
/// What figures call the two kinds of connections.
const WRITER: &str = "writer";
const READERS: &str = "readers";
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 128;

#[derive(Debug, Clone)]
pub(crate) struct Sqlite {
    writer: SyncSender<Write>,
    readers: SyncSender<Read>,
    /// The writer's own connection.
    written_to: Arc<Mutex<Connection>>,
    /// `None` in memory, where there is no other connection.
    path: Option<Arc<str>>,
    writing: Arc<Load>,
    reading: Arc<Load>,
    figures: Figures,
}

/// How much some threads have to do.
#[derive(Debug)]
struct Load {
    pool: &'static str,
    threads: usize,
    busy: AtomicUsize,
    waiting: AtomicUsize,
}

impl Load {
    fn new(pool: &'static str, threads: usize) -> Arc<Self> {
        Arc::new(Self {
            pool,
            threads,
            busy: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        })
    }

    /// A thread has taken so many of those that wait.
    fn begin(&self, jobs: usize) {
        self.waiting.fetch_sub(jobs, Ordering::Relaxed);
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    fn now(&self) -> Pool {
        let used = self.busy.load(Ordering::Relaxed);
        Pool {
            name: self.pool,
            size: self.threads,
            used,
            idle: self.threads.saturating_sub(used),
            waiting: self.waiting.load(Ordering::Relaxed),
        }
    }
}

type Answer<T> = oneshot::Sender<Result<T, Error>>;

struct Write {
    statements: Vec<Statement>,
    answer: Answer<Vec<Row>>,
}

struct Read {
    statements: Vec<Statement>,
    answer: Answer<Vec<Vec<Row>>>,
}

impl Sqlite {
    /// Opens the file at `path`, or a database in memory for `:memory:`.
    pub(crate) fn open(path: &str, figures: Figures) -> Result<Self, Error> {
        if rusqlite::version_number() < VERSION_MIN {
            return Err(Error::Unavailable(
                format!("SQLite {} is too old", rusqlite::version()).into(),
            ));
        }
        // Nothing but its own connection can see a database in memory, so there the writer also reads: both kinds of
        // work come to one thread through a lock on the connection.
        let in_memory = path == ":memory:";
        if !in_memory {
            create_private(path)?;
        }
        let connection = connect(path, false)?;
        let (writer, jobs) = sync_channel(QUEUE_MAX);
        let (readers, reads) = sync_channel(QUEUE_MAX);
        let reads = Arc::new(Mutex::new(reads));
        let written_to = Arc::new(Mutex::new(connection));
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let threads = if in_memory { 1 } else { cores };
        let (writing, reading) = (Load::new(WRITER, 1), Load::new(READERS, threads));
        for _ in 0..threads {
            let (reads, load) = (reads.clone(), reading.clone());
            let connection = if in_memory {
                written_to.clone()
            } else {
                Arc::new(Mutex::new(connect(path, true)?))
            };
            thread::Builder::new()
                .name("sqlite-reader".to_owned())
                .spawn(move || read_all(&reads, &connection, &load))?;
        }
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn({
                let (written_to, load) = (written_to.clone(), writing.clone());
                let figures = figures.clone();
                move || write_all(&jobs, &written_to, &load, &figures)
            })?;
        Ok(Self {
            writer,
            readers,
            written_to,
            path: (!in_memory).then(|| path.into()),
            writing,
            reading,
            figures,
        })
    }

    /// How its threads are used now.
    pub(crate) fn pools(&self) -> Vec<Pool> {
        vec![self.writing.now(), self.reading.now()]
    }

    /// A number that is another one whenever another process has committed something. The writer's connection is asked,
    /// because any other would also count what is written here.
    pub(crate) async fn others_commits(&self) -> Result<i64, Error> {
        self.alone(|connection| {
            connection
                .query_row("PRAGMA data_version", [], |row| row.get(0))
                .map_err(from_sqlite)
        })
        .await
    }

    /// Looks at the database for as long as it takes, on a connection of its own.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let Some(path) = self.path.clone() else {
            return self.alone(work).await;
        };
        aside(move || work(&connect(&path, true)?)).await
    }

    /// Does what must not be disturbed: every other write of this process waits until it is done.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let connection = self.written_to.clone();
        aside(move || work(&*connection.lock().map_err(|_| stopped())?)).await
    }

    pub(crate) async fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, Error> {
        let (answer, answered) = oneshot::channel();
        self.send(&self.readers, &self.reading, Read { statements, answer })?;
        answered.await.map_err(|_| stopped())?
    }

    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Row>, Error> {
        let (answer, answered) = oneshot::channel();
        self.send(&self.writer, &self.writing, Write { statements, answer })?;
        answered.await.map_err(|_| stopped())?
    }

    fn send<T>(&self, queue: &SyncSender<T>, load: &Load, job: T) -> Result<(), Error> {
        // Before it is sent, or a quick thread would take it off first.
        load.waiting.fetch_add(1, Ordering::Relaxed);
        queue.try_send(job).map_err(|error| {
            load.waiting.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(_) => {
                    self.figures.pool_timeout(load.pool);
                    Error::Busy
                }
                TrySendError::Disconnected(_) => stopped(),
            }
        })
    }
}

/// Does what may wait, off the threads that must not.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Unavailable(error.into()))?
}

fn stopped() -> Error {
    Error::Unavailable("the database has been closed".into())
}

/// Makes the file, if there is none, so that nobody but its owner can read it. SQLite gives its other files the same
/// rights.
fn create_private(path: &str) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // One that is there is not even opened: closing it again would lose the locks that SQLite has on it.
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

fn connect(path: &str, read_only: bool) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(from_sqlite)?;
    let mut pragmas =
        "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
                       PRAGMA foreign_keys=ON; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY; \
                       PRAGMA mmap_size=0; PRAGMA journal_size_limit=67108864;"
            .to_owned();
    if read_only {
        pragmas.push_str("PRAGMA query_only=ON;");
    }
    connection.execute_batch(&pragmas).map_err(from_sqlite)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

fn read_all(reads: &Mutex<Receiver<Read>>, connection: &Mutex<Connection>, load: &Load) {
    loop {
        // Whoever waits holds the lock, so that each request wakes one thread.
        let Ok(job) = reads
            .lock()
            .map_err(|_| ())
            .and_then(|reads| reads.recv().map_err(|_| ()))
        else {
            return;
        };
        let Ok(connection) = connection.lock() else {
            return;
        };
        load.begin(1);
        // Whoever has hung up needs no answer.
        if job.answer.is_closed() {
            load.end();
            continue;
        }
        let rows = at_one_moment(&connection, &job.statements);
        load.end();
        // Nobody waits any more for the answer of a request that was given up.
        let _ = job.answer.send(rows);
    }
}

/// The rows of each statement, all as they are at one moment.
fn at_one_moment(
    connection: &Connection,
    statements: &[Statement],
) -> Result<Vec<Vec<Row>>, Error> {
    // A transaction that is dropped is rolled back, which for one that only reads is as good an end as any.
    let _moment = if statements.len() > 1 {
        Some(connection.unchecked_transaction().map_err(from_sqlite)?)
    } else {
        None
    };
    statements
        .iter()
        .map(|statement| run(connection, statement))
        .collect()
}

fn write_all(
    writes: &Receiver<Write>,
    connection: &Mutex<Connection>,
    load: &Load,
    figures: &Figures,
) {
    while let Ok(first) = writes.recv() {
        let mut jobs = vec![first];
        while jobs.len() < GROUP_MAX {
            let Ok(job) = writes.try_recv() else { break };
            jobs.push(job);
        }
        let Ok(connection) = connection.lock() else {
            return;
        };
        load.begin(jobs.len());
        let results = match group(&connection, &jobs) {
            Ok(results) => {
                figures.commit(jobs.len());
                results
            }
            Err(error) => {
                // What is left of the transaction must not reach the next group.
                let _ = connection.execute_batch("ROLLBACK");
                jobs.iter().map(|_| Err(again(&error))).collect()
            }
        };
        load.end();
        drop(connection);
        for (job, result) in jobs.into_iter().zip(results) {
            let _ = job.answer.send(result);
        }
    }
}

/// The same error for another of those it concerns.
fn again(error: &Error) -> Error {
    match error {
        Error::Busy => Error::Busy,
        Error::Corrupt(words) => Error::Corrupt(words.clone()),
        Error::Unavailable(cause) => Error::Unavailable(cause.to_string().into()),
        _ => Error::Unavailable(error.to_string().into()),
    }
}

/// Runs a group of writes in one transaction, each in a savepoint of its own; nothing is answered before the commit.
fn group(connection: &Connection, jobs: &[Write]) -> Result<Vec<Result<Vec<Row>, Error>>, Error> {
    let execute = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map_err(from_sqlite)
    };
    execute("BEGIN IMMEDIATE")?;
    let mut results = Vec::with_capacity(jobs.len());
    for Write { statements, .. } in jobs {
        execute("SAVEPOINT write")?;
        let result = write(connection, statements);
        if let Err(Error::Unavailable(_)) = &result {
            // A full disk or a broken file concerns everybody; SQLite may have rolled back by itself already.
            return result.map(|_| Vec::new());
        }
        if result.is_err() {
            execute("ROLLBACK TO write")?;
        }
        execute("RELEASE write")?;
        results.push(result);
    }
    execute("COMMIT")?;
    Ok(results)
}

fn write(connection: &Connection, statements: &[Statement]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for statement in statements {
        rows = run(connection, statement)?;
        if statement.must_change_one && connection.changes() != 1 {
            return Err(Error::Conflict);
        }
    }
    Ok(rows)
}

/// The few things that are called otherwise here than in Postgres.
fn dialect(sql: &str) -> String {
    // `$1` would be numbered by first appearance, `?1` is the first. Times of Better Auth are text here.
    sql.replace('$', "?")
        .replace("strpos(", "instr(")
        .replace("::timestamptz", "")
}

/// Runs a statement; its rows.
pub(crate) fn run(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, Error> {
    let mut found = Vec::new();
    each(connection, statement, |row| {
        found.push(row);
        Ok(())
    })?;
    Ok(found)
}

/// Runs a statement and gives each of its rows to `take`.
pub(crate) fn each(
    connection: &Connection,
    statement: &Statement,
    mut take: impl FnMut(Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let sql = dialect(&statement.sql);
    let mut prepared = connection.prepare_cached(&sql).map_err(from_sqlite)?;
    let columns = prepared.column_count();
    if columns == 0 {
        prepared
            .execute(params_from_iter(&statement.params))
            .map_err(from_sqlite)?;
        return Ok(());
    }
    let mut rows = prepared
        .query(params_from_iter(&statement.params))
        .map_err(from_sqlite)?;
    while let Some(row) = rows.next().map_err(from_sqlite)? {
        let values = (0..columns).map(|column| match row.get_ref(column).map_err(from_sqlite)? {
            ValueRef::Null => Ok(Value::Text(None)),
            ValueRef::Integer(value) => Ok(Value::Int(Some(value))),
            ValueRef::Text(text) => Ok(Value::Text(Some(
                String::from_utf8_lossy(text).into_owned(),
            ))),
            _ => Err(Error::Corrupt(
                "a column holds neither text nor a whole number".to_owned(),
            )),
        });
        take(Row(values.collect::<Result<VecDeque<_>, Error>>()?))?;
    }
    Ok(())
}

/// Runs a statement without rows once for each list of values.
pub(crate) fn run_all(
    connection: &Connection,
    sql: &str,
    lists: impl Iterator<Item = Vec<Value>>,
) -> Result<(), Error> {
    let mut prepared = connection
        .prepare_cached(&dialect(sql))
        .map_err(from_sqlite)?;
    for values in lists {
        prepared
            .execute(params_from_iter(&values))
            .map_err(from_sqlite)?;
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Int(Some(value)) => ToSqlOutput::from(*value),
            Self::Text(Some(text)) => ToSqlOutput::from(text.as_str()),
            Self::Int(None) | Self::Text(None) => ToSqlOutput::from(rusqlite::types::Null),
        })
    }
}

pub(crate) fn from_sqlite(error: rusqlite::Error) -> Error {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _)
            if matches!(
                failure.extended_code,
                ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE
            ) =>
        {
            Error::Conflict
        }
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy,
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ConstraintViolation => Error::Corrupt(error.to_string()),
            _ => Error::Unavailable(error.into()),
        },
        _ => Error::Unavailable(error.into()),
    }
}
