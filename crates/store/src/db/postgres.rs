//! Postgres: a pool of connections that also works behind a transaction pooler.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use domain::UserId;
use futures_util::future::join_all;
use jiff::Timestamp;
use postgres_protocol::escape::escape_literal;
use telemetry::Figures;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{AsyncMessage, Client, Config, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::replica::Replica;
use super::{Row, Statement, Value, params};
use crate::Error;
use crate::accounts::iso;

/// Connections that one server holds.
const POOL_SIZE: usize = 10;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Begins what writes. Its limits last as long as it does, so that they work behind a pooler.
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = '10s'; SET LOCAL lock_timeout = '5s'";
/// Begins reads, which all see the same moment.
const BEGIN_READING: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10s'";
/// How long a request waits for an answer, should the database or the way to it have gone silent.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a migration may take.
const MIGRATION_TIMEOUT: Duration = Duration::from_hours(1);

#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    /// How to reach it besides the pool.
    config: Arc<Config>,
    tls: MakeRustlsConnect,
    replica: Option<Arc<Replica>>,
    figures: Figures,
    /// What its connections are called in the figures.
    name: &'static str,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres")
    }
}

impl Postgres {
    pub(crate) fn open(url: &str, name: &'static str, figures: Figures) -> Result<Self, Error> {
        // Certificates are always checked, so what asks for that asks for nothing more.
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config = url
            .parse()
            .map_err(|error| Error::BadUrl(format!("{error}")))?;
        config
            .connect_timeout(ACQUIRE_TIMEOUT)
            .tcp_user_timeout(ANSWER_TIMEOUT)
            .keepalives_idle(Duration::from_mins(1))
            .application_name("sayso");
        // A database on this machine shows a certificate of its own making, if any; it is checked only where asked for.
        if config.get_ssl_mode() == SslMode::Prefer && config.get_hosts().iter().all(is_local) {
            config.ssl_mode(SslMode::Disable);
        }
        let roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Unavailable(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = MakeRustlsConnect::new(tls);
        let manager = Manager::from_config(
            config.clone(),
            tls.clone(),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(POOL_SIZE)
            .wait_timeout(Some(ACQUIRE_TIMEOUT))
            .create_timeout(Some(ACQUIRE_TIMEOUT))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(Self {
            pool,
            config: Arc::new(config),
            tls,
            replica: None,
            figures,
            name,
        })
    }

    pub(crate) fn with_replica(self, replica: Replica) -> Self {
        Self {
            replica: Some(Arc::new(replica)),
            ..self
        }
    }

    pub(crate) fn replica(&self) -> Option<&Replica> {
        self.replica.as_deref()
    }

    /// How its connections and those of its replica are used now.
    pub(crate) fn pools(&self) -> Vec<telemetry::Pool> {
        let replica = self.replica().map(|replica| replica.db().pool());
        std::iter::once(self.pool()).chain(replica).collect()
    }

    fn pool(&self) -> telemetry::Pool {
        let status = self.pool.status();
        telemetry::Pool {
            name: self.name,
            size: status.max_size,
            used: status.size.saturating_sub(status.available),
            idle: status.available,
            waiting: status.waiting,
        }
    }

    pub(crate) fn close(&self) {
        self.pool.close();
        if let Some(replica) = &self.replica {
            replica.close();
        }
    }

    async fn connection(&self) -> Result<Object, Failure> {
        self.pool.get().await.map_err(|error| {
            if let PoolError::Timeout(TimeoutType::Wait) = error {
                self.figures.pool_timeout(self.name);
            }
            Failure::Ours(Error::Unavailable(error.into()))
        })
    }

    /// Forgets the connections that nobody uses: when one of them turns out to have died, so have the others.
    fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    /// A connection besides the pool, for what takes its time. It ends when it is dropped.
    pub(crate) async fn client(&self) -> Result<Client, Error> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, connection) = connected.map_err(failed)?;
        // What goes wrong with it is told to whoever asks the client something.
        tokio::spawn(connection);
        Ok(client)
    }

    /// Listens on `channel`, on a connection of its own, until that ends: `heard` is told once that it listens, and then
    /// what is said there.
    pub(crate) async fn listen(
        &self,
        channel: &str,
        heard: impl Fn(Option<&str>),
    ) -> Result<(), Error> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, mut connection) = connected.map_err(failed)?;
        let asked = format!("LISTEN {channel}");
        let mut asking = pin!(client.batch_execute(&asked));
        let mut listens = false;
        loop {
            let message = poll_fn(|cx| connection.poll_message(cx));
            tokio::select! {
                answer = &mut asking, if !listens => {
                    answer.map_err(failed)?;
                    listens = true;
                    heard(None);
                }
                message = message => match message {
                    Some(Ok(AsyncMessage::Notification(notice))) => heard(Some(notice.payload())),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(failed(error)),
                    None => return Ok(()),
                },
            }
        }
    }

    /// The rows of each statement, for `user` if they are one user's.
    pub(crate) async fn read(
        &self,
        user: Option<&UserId>,
        statements: Vec<Statement>,
    ) -> Result<Vec<Vec<Row>>, Error> {
        let result = match self.try_read(user, &statements).await {
            Err(failure) if failure.is_dead_connection() => {
                self.forget_idle();
                self.try_read(user, &statements).await
            }
            result => result,
        };
        result.map_err(from_postgres)
    }

    async fn try_read(
        &self,
        user: Option<&UserId>,
        statements: &[Statement],
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let connection = self.connection().await?;
        let answers = answers(&connection, user, statements);
        let Ok(result) = timeout(ANSWER_TIMEOUT, answers).await else {
            // Whatever it still has to say is nobody's answer.
            drop(Object::take(connection));
            return Err(silent());
        };
        result
    }

    /// Runs the statements in one transaction, for `user` if they are about one.
    pub(crate) async fn write(
        &self,
        user: Option<&UserId>,
        statements: Vec<Statement>,
    ) -> Result<Vec<Row>, Error> {
        self.transact(begin(BEGIN, user), statements, ANSWER_TIMEOUT)
            .await
    }

    /// Runs the statements of a migration, which may take their time, in one transaction.
    pub(crate) async fn migrate(&self, mut statements: Vec<Statement>) -> Result<(), Error> {
        let unlimited = [
            "SET LOCAL statement_timeout = 0",
            "SET LOCAL lock_timeout = 0",
        ];
        statements.splice(0..0, unlimited.map(|sql| Statement::new(sql, params![])));
        self.transact(BEGIN.into(), statements, MIGRATION_TIMEOUT)
            .await
            .map(|_| ())
    }

    async fn transact(
        &self,
        begin: Cow<'static, str>,
        statements: Vec<Statement>,
        limit: Duration,
    ) -> Result<Vec<Row>, Error> {
        let db = self.clone();
        // A transaction that has begun is ended, even if whoever wanted it has gone.
        let task = tokio::spawn(async move {
            match db.try_write(&begin, &statements, limit).await {
                Err((failure, Written::No)) if failure.is_dead_connection() => {
                    db.forget_idle();
                    db.try_write(&begin, &statements, limit).await
                }
                result => result,
            }
        });
        match task.await {
            Ok(result) => result.map_err(|(failure, _)| from_postgres(failure)),
            Err(error) => Err(Error::Unavailable(error.into())),
        }
    }

    async fn try_write(
        &self,
        begin: &str,
        statements: &[Statement],
        limit: Duration,
    ) -> Result<Vec<Row>, (Failure, Written)> {
        let connection = self
            .connection()
            .await
            .map_err(|failure| (failure, Written::No))?;
        let Ok(result) = timeout(limit, transaction(&connection, begin, statements)).await else {
            drop(Object::take(connection));
            return Err((silent(), Written::Perhaps));
        };
        if result.is_err() && connection.batch_execute("ROLLBACK").await.is_err() {
            // It must not go back to the pool with a transaction open.
            drop(Object::take(connection));
        }
        result
    }
}

/// `begin`, and for whom: policies on rows go by it. It lasts as long as the transaction, so that it works behind a
/// pooler, and travels with `begin`, so that it costs no statement.
fn begin(begin: &'static str, user: Option<&UserId>) -> Cow<'static, str> {
    match user {
        Some(user) => format!("{begin}; {}", scope(user.as_str())).into(),
        None => begin.into(),
    }
}

/// From here on to its end, the transaction is for this user.
pub(crate) fn scope(user: &str) -> String {
    format!("SET LOCAL app.user_id = {}", escape_literal(user))
}

/// The rows of each statement.
async fn answers(
    connection: &Object,
    user: Option<&UserId>,
    statements: &[Statement],
) -> Result<Vec<Vec<Row>>, Failure> {
    if let ([statement], None) = (statements, user) {
        return Ok(vec![query(connection, statement).await?]);
    }
    let begin = begin(BEGIN_READING, user);
    let queries = statements
        .iter()
        .map(|statement| query(connection, statement));
    // Polled together and in this order, the statements travel in one round trip.
    let (begun, results, ended) = tokio::join!(
        biased;
        connection.batch_execute(&begin),
        join_all(queries),
        connection.batch_execute("COMMIT"),
    );
    begun?;
    let results = results.into_iter().collect::<Result<_, _>>()?;
    ended?;
    Ok(results)
}

/// Runs all of the statements, or none; returns the rows of the last.
async fn transaction(
    connection: &Object,
    begin: &str,
    statements: &[Statement],
) -> Result<Vec<Row>, (Failure, Written)> {
    let changes = statements
        .iter()
        .map(|statement| change(connection, statement));
    let (begun, results) = tokio::join!(
        biased;
        connection.batch_execute(begin),
        join_all(changes),
    );
    begun.map_err(|error| (Failure::Theirs(error), Written::No))?;
    let results = results.into_iter().collect::<Result<Vec<_>, _>>();
    let mut results = results.map_err(|failure| (failure, Written::No))?;
    connection
        .batch_execute("COMMIT")
        .await
        .map_err(|error| (Failure::Theirs(error), Written::Perhaps))?;
    Ok(results.pop().unwrap_or_default())
}

/// Whether a transaction that failed can have been written all the same.
#[derive(Debug, Clone, Copy)]
enum Written {
    No,
    Perhaps,
}

#[derive(Debug)]
enum Failure {
    Ours(Error),
    Theirs(tokio_postgres::Error),
}

impl Failure {
    /// Whether the connection had died, or was ended by the server, before anything was answered.
    fn is_dead_connection(&self) -> bool {
        match self {
            Self::Ours(_) => false,
            Self::Theirs(error) => {
                error.is_closed()
                    || error.code().is_some_and(|code| {
                        code.code().starts_with("08")
                            || [
                                SqlState::ADMIN_SHUTDOWN,
                                SqlState::CRASH_SHUTDOWN,
                                SqlState::CANNOT_CONNECT_NOW,
                            ]
                            .contains(code)
                    })
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Theirs(error)
    }
}

fn silent() -> Failure {
    Failure::Ours(Error::Unavailable("it took too long to answer".into()))
}

/// Whether a database listens on this machine.
fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

pub(crate) fn typed(statement: &Statement) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let kind = |value: &Value| match value {
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
    };
    statement
        .params
        .iter()
        .map(|value| (value as &(dyn ToSql + Sync), kind(value)))
        .collect()
}

async fn query(connection: &Object, statement: &Statement) -> Result<Vec<Row>, Failure> {
    let rows = connection
        .query_typed(&statement.sql, &typed(statement))
        .await?;
    Ok(rows.iter().map(row).collect::<Result<_, Error>>()?)
}

/// Runs a statement of a transaction.
async fn change(connection: &Object, statement: &Statement) -> Result<Vec<Row>, Failure> {
    if !statement.must_change_one {
        return query(connection, statement).await;
    }
    let changed = connection
        .execute_typed(&statement.sql, &typed(statement))
        .await?;
    if changed == 1 {
        Ok(Vec::new())
    } else {
        Err(Failure::Ours(Error::Conflict))
    }
}

pub(crate) fn row(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let value = |index: usize| match *row.columns()[index].type_() {
        Type::INT8 => row.try_get(index).map(Value::Int),
        Type::BOOL => row
            .try_get::<_, Option<bool>>(index)
            .map(|value| Value::Int(value.map(i64::from))),
        // Better Auth's times; on SQLite they are this text already.
        Type::TIMESTAMPTZ | Type::TIMESTAMP => row
            .try_get::<_, Option<SystemTime>>(index)
            .map(|at| Value::Text(at.and_then(|at| Timestamp::try_from(at).ok()).map(iso))),
        _ => row.try_get(index).map(Value::Text),
    };
    let values = (0..row.len())
        .map(value)
        .collect::<Result<VecDeque<_>, _>>();
    values
        .map(Row)
        .map_err(|error| Error::Corrupt(error.to_string()))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Int(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}

/// What Postgres said, in our words.
pub(crate) fn failed(error: tokio_postgres::Error) -> Error {
    from_postgres(error.into())
}

fn from_postgres(failure: Failure) -> Error {
    let error = match failure {
        Failure::Ours(error) => return error,
        Failure::Theirs(error) => error,
    };
    match error.code() {
        Some(
            &SqlState::UNIQUE_VIOLATION
            | &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::T_R_DEADLOCK_DETECTED,
        ) => Error::Conflict,
        Some(&SqlState::LOCK_NOT_AVAILABLE) => Error::Busy,
        Some(code)
            if code.code().starts_with("22")
                || code.code().starts_with("23")
                || code.code().starts_with("42") =>
        {
            Error::Corrupt(without_values(&error))
        }
        Some(_) => Error::Unavailable(without_values(&error).into()),
        None => Error::Unavailable(error.into()),
    }
}

/// What Postgres says is wrong, without what it quotes of rows and statements: it ends up in logs.
fn without_values(error: &tokio_postgres::Error) -> String {
    let Some(error) = error.as_db_error() else {
        return error.to_string();
    };
    let code = error.code().code();
    // These are about values, and some quote them in the message itself.
    if code.starts_with("22") || code.starts_with("23") {
        let named = [error.table(), error.column(), error.constraint()];
        let named: Vec<&str> = named.into_iter().flatten().collect();
        return format!("SQLSTATE {code} ({})", named.join(", "));
    }
    format!("{} (SQLSTATE {code})", error.message())
}
