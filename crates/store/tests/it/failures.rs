//! Databases that are locked, full, gone or cut off: a clear error, nothing half written, and then on as before.

use std::process::{Command as Process, Stdio};

use store::{Error, Store};

use crate::database::{Database, Kind, Ran, add, at, meddle, run, try_run, user};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_died_are_replaced() {
    let database = Database::new(Kind::Postgres).await;
    let store = &database.store;
    // So many at once that every connection of the pool is open.
    let each = (0..20).map(|_| store.ping());
    for answered in futures_util::future::join_all(each).await {
        answered.unwrap();
    }
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for n in 0..5 {
        meddle(Kind::Postgres, &database.url, terminate).await;
        let ran = try_run(store, &user("ana"), &add("One"), at(n)).await;
        assert!(matches!(ran, Ok(Ran::Changed(_))), "{ran:?}");
        meddle(Kind::Postgres, &database.url, terminate).await;
        store.settings(&user("ana")).await.unwrap();
    }
    assert_eq!(store.verify(&user("ana")).await.unwrap().entries, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_a_file_that_another_program_has_locked() {
    let database = Database::new(Kind::File).await;
    let (store, ana) = (&database.store, user("ana"));
    let other = rusqlite::Connection::open(database.url.trim_start_matches("sqlite://")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ran = try_run(store, &ana, &add("One"), at(0)).await;
    assert!(matches!(ran, Err(Error::Busy)), "{ran:?}");
    // Reading goes on meanwhile.
    assert_eq!(store.counts(&ana, None, at(0)).await.unwrap().open, 0);
    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(
        run(store, &ana, &add("One"), at(0)).await,
        Ran::Changed(_)
    ));
    assert_eq!(store.verify(&ana).await.unwrap().entries, 1);
}

/// The variable that makes a test the program whose disk fills up.
const ADDRESS: &str = "STORE_TEST_FULL";

/// The program is this test, started again with an address in its environment and a limit on the size of files, which
/// to SQLite looks as a full disk does.
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no settings of its own"
    )]
    let address = std::env::var(ADDRESS);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Ok(url) = address {
        return runtime.block_on(fill(&url));
    }
    let database = runtime.block_on(Database::new(Kind::File));
    let limited = "trap '' XFSZ; ulimit -f 2000; exec \"$@\"";
    let output = Process::new("sh")
        .args(["-c", limited, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args([
            "failures::a_full_disk_loses_nothing_that_was_acknowledged",
            "--exact",
            "--nocapture",
        ])
        .env(ADDRESS, &database.url)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&output.stdout);
    let acknowledged = output
        .lines()
        .filter(|line| line.ends_with("acknowledged"))
        .count();
    assert!(output.contains("unavailable"), "{output}");
    assert!(acknowledged > 10, "{output}");
    runtime.block_on(async {
        let store = Store::open(&database.url).await.unwrap();
        let entries = store.verify(&user("ana")).await.unwrap().entries;
        assert_eq!(entries, acknowledged as u64);
        assert!(matches!(
            run(&store, &user("ana"), &add("Room again"), at(0)).await,
            Ran::Changed(_)
        ));
    });
}

async fn fill(url: &str) {
    let store = Store::open(url).await.unwrap();
    for n in 0..10_000 {
        let title = format!("{n} {}", "x".repeat(400));
        match try_run(&store, &user("ana"), &add(&title), at(0)).await {
            Ok(_) => println!("\nacknowledged"),
            Err(Error::Unavailable(_)) => {
                // What is there can still be read.
                store.verify(&user("ana")).await.unwrap();
                println!("\nunavailable");
                return;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let database = Database::new(Kind::File).await;
    let file = database.url.trim_start_matches("sqlite://");
    for name in [file.to_owned(), format!("{file}-wal")] {
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
