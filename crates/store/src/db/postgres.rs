//! Postgres: a pool of connections that also works behind a transaction pooler.

use std::collections::VecDeque;
use std::error::Error as _;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::{join_all, try_join_all};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Config, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Row, Statement, Value};
use crate::Error;

/// Connections that one server holds.
const POOL_SIZE: usize = 10;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement may take.
const STATEMENT_TIMEOUT_SQL: &str = "SET LOCAL statement_timeout = '10s'";

#[derive(Debug, Clone)]
pub(crate) struct Postgres(Pool);

impl Postgres {
    pub(crate) fn open(url: &str) -> Result<Self, Error> {
        // Certificates are always checked, so what asks for that asks for nothing more.
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config = url
            .parse()
            .map_err(|error| Error::BadUrl(format!("{error}")))?;
        config
            .connect_timeout(ACQUIRE_TIMEOUT)
            .application_name("sayso");
        let roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = rustls::ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Unavailable(error.into()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let manager = Manager::from_config(
            config,
            MakeRustlsConnect::new(tls),
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
        Ok(Self(pool))
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }

    async fn connection(&self) -> Result<Object, Error> {
        self.0
            .get()
            .await
            .map_err(|error| Error::Unavailable(error.into()))
    }

    pub(crate) async fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, Error> {
        match self.try_read(&statements).await {
            // A connection that died while it waited: nothing was read yet, so it is simply asked again.
            Err(error) if is_closed(&error) => {
                self.try_read(&statements).await.map_err(from_postgres)
            }
            result => result.map_err(from_postgres),
        }
        .or_else(|error| {
            if let Error::Unavailable(_) = &error {
                Err(error)
            } else {
                Err(error)
            }
        })
    }

    async fn try_read(&self, statements: &[Statement]) -> Result<Vec<Vec<Row>>, Failure> {
        let connection = self.connection().await?;
        // Polled together, the statements travel in one round trip, and are answered in their order.
        let results = try_join_all(
            statements
                .iter()
                .map(|statement| query(&connection, statement)),
        )
        .await?;
        Ok(results)
    }

    pub(crate) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Row>, Error> {
        let db = self.clone();
        // A transaction that has begun is ended, even if whoever wanted it has gone.
        let task = tokio::spawn(async move {
            match db.try_write(&statements).await {
                Err((error, Begun::No)) if is_closed(&error) => {
                    db.try_write(&statements).await.map_err(|(error, _)| error)
                }
                result => result.map_err(|(error, _)| error),
            }
        });
        match task.await {
            Ok(result) => result.map_err(from_postgres),
            Err(error) => Err(Error::Unavailable(error.into())),
        }
    }

    async fn try_write(&self, statements: &[Statement]) -> Result<Vec<Row>, (Failure, Begun)> {
        let connection = self
            .connection()
            .await
            .map_err(|error| (Failure::Ours(error), Begun::No))?;
        let begin = format!("BEGIN; {STATEMENT_TIMEOUT_SQL}");
        let (begun, results) = tokio::join!(
            connection.batch_execute(&begin),
            join_all(
                statements
                    .iter()
                    .map(|statement| change(&connection, statement))
            ),
        );
        begun.map_err(|error| (Failure::Theirs(error), Begun::No))?;
        match results.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(mut results) => {
                connection
                    .batch_execute("COMMIT")
                    .await
                    .map_err(|error| (Failure::Theirs(error), Begun::Yes))?;
                Ok(results.pop().unwrap_or_default())
            }
            Err(error) => {
                if connection.batch_execute("ROLLBACK").await.is_err() {
                    // It must not go back to the pool with a transaction open.
                    drop(Object::take(connection));
                }
                Err((error, Begun::Yes))
            }
        }
    }
}

/// Whether anything can have been written.
#[derive(Clone, Copy)]
enum Begun {
    No,
    Yes,
}

enum Failure {
    Ours(Error),
    Theirs(tokio_postgres::Error),
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

fn is_closed(failure: &Failure) -> bool {
    matches!(failure, Failure::Theirs(error) if error.is_closed())
}

fn typed(statement: &Statement) -> Vec<(&(dyn ToSql + Sync), Type)> {
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
        .query_typed(&*statement.sql, &typed(statement))
        .await?;
    Ok(rows.iter().map(row).collect::<Result<_, Error>>()?)
}

/// Runs a statement of a transaction.
async fn change(connection: &Object, statement: &Statement) -> Result<Vec<Row>, Failure> {
    if !statement.must_change_one {
        return query(connection, statement).await;
    }
    let changed = connection
        .execute_typed(&*statement.sql, &typed(statement))
        .await?;
    if changed == 1 {
        Ok(Vec::new())
    } else {
        Err(Failure::Ours(Error::Conflict))
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let value = |index: usize| match *row.columns()[index].type_() {
        Type::INT8 => row.try_get(index).map(Value::Int),
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
        Some(code)
            if code.code().starts_with("22")
                || code.code().starts_with("23")
                || code.code().starts_with("42") =>
        {
            Error::Corrupt(
                error
                    .source()
                    .map_or_else(|| error.to_string(), ToString::to_string),
            )
        }
        _ => Error::Unavailable(error.into()),
    }
}
