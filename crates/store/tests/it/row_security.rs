//! The second wall between users, on Postgres: with the first one left out, nobody's rows but one's own are in reach.

use store::{RowSecurity, Store};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::database::{ALL, Database, Kind, Ran, add, as_superuser, at, run, user};

/// Tables with a `user_id` that are looked into before it is known who the user is.
const WITHOUT_POLICIES: [&str; 6] = [
    "api_token",
    "disabled_user",
    "oauth_code",
    "oauth_refresh_token",
    "security_event",
    "sign_in_link",
];

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn texts(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Every table whose rows belong to a user, new ones too.
async fn tables(client: &Client) -> Vec<String> {
    let sql = "SELECT table_name::text FROM information_schema.columns \
               WHERE table_schema = current_schema() AND column_name = 'user_id' ORDER BY table_name";
    let mut tables = texts(client, sql).await;
    tables.retain(|table| !WITHOUT_POLICIES.contains(&table.as_str()));
    tables
}

/// The statement that inserts a row for `user` that is `n` in all other columns.
async fn insertion(client: &Client, table: &str, user: &str, n: usize) -> String {
    let columns = format!(
        "SELECT column_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
    );
    let columns = texts(client, &columns).await;
    // Text and numbers both understand a number in quotes.
    let value = |column: &String| match column.as_str() {
        "user_id" => format!("'{user}'"),
        _ => format!("'{n}'"),
    };
    let values: Vec<_> = columns.iter().map(value).collect();
    let values = values.join(", ");
    format!(
        "INSERT INTO {table} ({}) VALUES ({values})",
        columns.join(", ")
    )
}

/// How many rows `sql` sees or changes in a transaction of `user`, which then comes to nothing.
async fn reach(client: &Client, user: Option<&str>, sql: &str) -> Result<u64, SqlState> {
    client.batch_execute("BEGIN").await.unwrap();
    if let Some(user) = user {
        let sql = format!("SET LOCAL app.user_id = '{user}'");
        client.batch_execute(&sql).await.unwrap();
    }
    let reached = client.execute(sql, &[]).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    reached.map_err(|error| error.code().unwrap().clone())
}

#[tokio::test]
async fn statements_that_name_nobody_or_somebody_else_reach_ones_own_rows_only() {
    let database = Database::new(Kind::Postgres).await;
    let above = connect(&as_superuser(&database.url)).await;
    let bound = connect(&database.url).await;
    let tables = tables(&above).await;
    assert!(tables.len() >= 7, "{tables:?}");
    let denied = Err(SqlState::INSUFFICIENT_PRIVILEGE);
    for table in &tables {
        // Of a profile there is one each.
        let each = if table == "profile" { 1 } else { 2 };
        for who in ["ada", "bob"] {
            for n in 0..each {
                let insertion = insertion(&above, table, who, n).await;
                above.batch_execute(&insertion).await.unwrap();
            }
        }
        let each = each as u64;
        // Nobody twice: before anything was set in the session, and after.
        let turns = [
            (None, 0, 0),
            (Some("ada"), each, 0),
            (Some("bob"), each, each),
            (Some("eve"), 0, 0),
            (None, 0, 0),
        ];
        for (who, own, bobs) in turns {
            let cases = [
                (format!("SELECT * FROM {table}"), own),
                (format!("SELECT * FROM {table} FOR UPDATE"), own),
                (format!("UPDATE {table} SET user_id = user_id"), own),
                (format!("DELETE FROM {table}"), own),
                (format!("SELECT * FROM {table} WHERE user_id = 'bob'"), bobs),
                (
                    format!("UPDATE {table} SET user_id = user_id WHERE user_id = 'bob'"),
                    bobs,
                ),
                (format!("DELETE FROM {table} WHERE user_id = 'bob'"), bobs),
                (
                    format!("DELETE FROM {table} WHERE user_id = 'bob' RETURNING *"),
                    bobs,
                ),
            ];
            for (sql, expected) in cases {
                let reached = reach(&bound, who, &sql).await;
                assert_eq!(reached, Ok(expected), "{who:?}: {sql}");
            }
            if who != Some("bob") {
                let for_bob = insertion(&above, table, "bob", 7).await;
                assert_eq!(
                    reach(&bound, who, &for_bob).await,
                    denied,
                    "{who:?}: {for_bob}"
                );
            }
        }
        // Neither can a row be given away, nor the policies be switched off.
        let given = format!("UPDATE {table} SET user_id = 'bob'");
        assert_eq!(reach(&bound, Some("ada"), &given).await, denied, "{given}");
        bound.batch_execute("SET row_security = off").await.unwrap();
        let all = format!("SELECT * FROM {table}");
        assert_eq!(reach(&bound, Some("ada"), &all).await, denied, "{all}");
        bound.batch_execute("RESET row_security").await.unwrap();
    }
}

#[tokio::test]
async fn every_table_of_users_has_the_policy() {
    let database = Database::new(Kind::Postgres).await;
    let client = connect(&database.url).await;
    let own = "(user_id = current_setting('app.user_id'::text, true))";
    for table in tables(&client).await {
        let forced = format!(
            "SELECT relname::text FROM pg_class WHERE oid = '{table}'::regclass AND relrowsecurity AND relforcerowsecurity"
        );
        let policies = format!(
            "SELECT concat_ws(' ', permissive, cmd, roles, qual, with_check) FROM pg_policies \
             WHERE schemaname = current_schema() AND tablename = '{table}'"
        );
        assert_eq!(
            texts(&client, &forced).await,
            [table.as_str()],
            "{table} has a user_id; give it a policy in a migration, as 0006 does, or say here why it needs none"
        );
        assert_eq!(
            texts(&client, &policies).await,
            [format!("PERMISSIVE ALL {{public}} {own} {own}")],
            "{table}"
        );
    }
}

#[tokio::test]
async fn who_is_above_the_policies_is_told() {
    let database = Database::new(Kind::Postgres).await;
    let bound = database.store.row_security().await.unwrap();
    assert_eq!(bound, RowSecurity::Enforced);
    let above = Store::open(&as_superuser(&database.url)).await.unwrap();
    assert_eq!(above.row_security().await.unwrap(), RowSecurity::Bypassed);
    let sqlite = Database::new(Kind::Memory).await;
    let none = sqlite.store.row_security().await.unwrap();
    assert_eq!(none, RowSecurity::Unsupported);
}

#[tokio::test]
async fn an_id_is_a_literal_whatever_is_in_it() {
    let names = [
        "ben",
        "o'neill",
        "back\\slash",
        "\\'; SET LOCAL app.user_id = 'ben",
        "'; SET LOCAL app.user_id = 'ben",
        "$1 \"Ünï\" -- ; /*",
    ];
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        for name in names {
            let ran = run(store, &user(name), &add("One"), at(0)).await;
            assert!(matches!(ran, Ran::Changed(_)), "{kind:?} {name}: {ran:?}");
        }
        for name in names {
            let verified = store.verify(&user(name)).await.unwrap();
            assert_eq!(verified.entries, 1, "{kind:?} {name}");
        }
    }
}
