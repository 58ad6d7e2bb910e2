//! The page in a real browser, as the files of `tests/page` try it; `./test` installs what they need. What they say is shown
//! if they fail.

use std::path::{Path, PathBuf};

use scripted_model::{Model, Script};
use tokio::process::Command;

use crate::postgres;
use crate::program::succeeds;

/// Which database the server of a file has.
enum Database {
    Sqlite,
    Postgres,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/page")
}

/// Runs a file of tests, with the server to start and a model to lead.
async fn tests(name: &str, database: Database) {
    // Each file says what the model answers.
    let model = Model::start(Script::rules(Vec::new())).await;
    let mut node = Command::new("node");
    node.arg(format!("{}.test.mjs", name.replace('_', "-")))
        .env("SAYSO", env!("CARGO_BIN_EXE_sayso"))
        .env("MODEL", model.url().origin().ascii_serialization())
        .env_remove("DATABASE_URL");
    if let Database::Postgres = database {
        node.env("DATABASE_URL", postgres::database());
    }
    succeeds(node.current_dir(folder())).await;
}

macro_rules! files {
    ($($name:ident on $database:ident,)*) => {
        const FILES: &[&str] = &[$(stringify!($name)),*];
        $(
        #[tokio::test]
        async fn $name() {
            tests(stringify!($name), Database::$database).await;
        }
        )*
    };
}

files! {
    accessibility on Sqlite,
    assistant on Postgres,
    capture on Sqlite,
    dates on Sqlite,
    focus on Sqlite,
    hostile on Sqlite,
    isolation on Postgres,
    keyboard on Sqlite,
    live on Postgres,
    offline on Sqlite,
    proxy on Sqlite,
    reflow on Sqlite,
    without_scripts on Postgres,
}

#[test]
fn no_file_is_forgotten() {
    let mut there: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .filter_map(|file| file.expect("it can be read").file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_suffix(".test.mjs")?.replace('-', "_")))
        .collect();
    there.sort();
    assert_eq!(there, FILES);
}

#[tokio::test]
async fn the_types_of_the_scripts_are_right() {
    // Those of the page know only what a browser has, and these tests what Node has as well.
    for project in ["tsconfig.json", "tsconfig.tests.json"] {
        let mut check = Command::new("node");
        check.args(["node_modules/typescript/bin/tsc", "--project", project]);
        succeeds(check.current_dir(folder())).await;
    }
}
