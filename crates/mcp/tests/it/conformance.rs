//! Runs the official conformance suite, of which `./test` installs what it needs, against the fixtures.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use accounts::Accounts;
use app::App;
use domain::{Access, Clock};
use mcp::{HttpSettings, Settings, Tasks, Toolset};
use serde_json::Value;
use store::Store;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::fixtures::Fixtures;

/// Where the suite is installed, and the list of what we have not.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp")
}

/// The tasks of the only user of a new database.
async fn tasks() -> Tasks {
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let clock = Clock::system();
    let accounts =
        Accounts::new(store.clone(), clock.clone(), accounts::Settings::local()).unwrap();
    let (user, _) = accounts.local_owner().await.unwrap();
    let settings = Settings {
        base_url: "https://todo.example.com".to_owned(),
        toolset: Toolset::Full,
    };
    Tasks::only_for(
        App::new(store, clock),
        Arc::new(settings),
        user,
        Access::Write,
    )
}

/// Serves the fixtures on a free port of loopback for as long as the test runs.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = HttpSettings {
        hosts: vec![address.to_string()],
        origins: vec![format!("http://{address}")],
    };
    let fixtures = Fixtures::beside(tasks().await);
    let service = mcp::service(move || fixtures.clone(), settings);
    let router = axum::Router::new().route_service("/mcp", service);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Runs what `chosen` chooses of the suite; all of it has to pass.
async fn conforms(chosen: &[&str]) {
    let address = serve().await;
    let results = tempfile::tempdir().unwrap();
    let output = Command::new(folder().join("node_modules/node/bin/node"))
        .current_dir(folder())
        .arg("node_modules/@modelcontextprotocol/conformance/dist/index.js")
        .args(["server", "--url", &format!("http://{address}/mcp")])
        .args(chosen)
        .arg("--output-dir")
        .arg(results.path())
        .kill_on_drop(true)
        .output()
        .await
        .expect("the suite is installed, as ./test sees to");
    let out = String::from_utf8_lossy(&output.stdout);
    let summary = out
        .split_once("=== SUMMARY ===")
        .map_or(&*out, |(_, summary)| summary);
    assert!(
        output.status.success(),
        "{summary}{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        failures(results.path()).join("\n")
    );
}

/// Each check that failed and what it says was wrong. The suite writes a folder for each scenario.
fn failures(results: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for scenario in std::fs::read_dir(results).unwrap() {
        let scenario = scenario.unwrap().path();
        let checks = std::fs::read(scenario.join("checks.json")).unwrap();
        let checks: Vec<Value> = serde_json::from_slice(&checks).unwrap();
        let failed = |check: &&Value| check["status"] == "FAILURE" || check["status"] == "WARNING";
        for check in checks.iter().filter(failed) {
            failures.push(format!(
                "{}: {} {}: {}",
                scenario.file_name().unwrap().display(),
                check["status"],
                check["id"],
                check["errorMessage"]
            ));
        }
    }
    failures.sort();
    failures
}

#[tokio::test]
async fn what_the_newest_revision_requires() {
    conforms(&["--requirements", "2026-07-28"]).await;
}

#[tokio::test]
async fn what_the_revision_before_requires() {
    conforms(&[
        "--requirements",
        "2025-11-25",
        "--expected-failures",
        "without-sessions.yaml",
    ])
    .await;
}

#[tokio::test]
async fn what_the_newest_revision_will_require() {
    for scenario in [
        "http-custom-header-server-validation",
        "http-header-validation",
        "json-schema-2020-12",
    ] {
        conforms(&["--spec-version", "2026-07-28", "--scenario", scenario]).await;
    }
}
