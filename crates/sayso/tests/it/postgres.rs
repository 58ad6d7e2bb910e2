//! Databases on the server that `TEST_POSTGRES` names. Nothing is skipped when there is none: the test fails.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Made once; several tests come to it at the same time. Unlike the superuser, policies on rows bind it.
const ROLE: &str = "DO $$ BEGIN CREATE ROLE sayso_test LOGIN PASSWORD 'sayso_test'; \
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";

/// A new, empty database.
pub(crate) fn database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings of their own"
    )]
    let server = std::env::var("TEST_POSTGRES")
        .expect("TEST_POSTGRES names no Postgres server; run ./test, which starts one");
    let name = format!(
        "program_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let made = Command::new("psql")
        .args([&server, "-q", "-c", ROLE, "-c"])
        .arg(format!("CREATE DATABASE {name} OWNER sayso_test"))
        .status()
        .unwrap();
    assert!(made.success());
    let (_, place) = server.rsplit_once('@').unwrap();
    let (host, _) = place.rsplit_once('/').unwrap();
    format!("postgres://sayso_test:sayso_test@{host}/{name}")
}
