//! The files of `deploy/` and the pages for operators, as `tests/deploy` checks them; `./test` installs what that needs. What a
//! check says is shown if it fails.

use std::path::Path;

use tokio::process::Command;

use crate::program::succeeds;

async fn check(names: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/deploy");
    let mut python = Command::new(folder.join("venv/bin/python"));
    python
        .args(["-B", "check.py"])
        .args(names)
        .current_dir(&folder)
        .env("SAYSO", env!("CARGO_BIN_EXE_sayso"));
    succeeds(&mut python).await;
}

macro_rules! checks {
    ($($name:ident,)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                check(&[stringify!($name)]).await;
            }
        )*

        #[tokio::test]
        async fn none_is_left_out() {
            check(&["--listed", $(stringify!($name)),*]).await;
        }
    };
}

checks! {
    every_file,
    container,
    compose,
    secrets,
    roles,
    chart,
    chart_refuses,
    unit,
    environment,
    proxy_nginx,
    proxy_caddy,
    proxy_haproxy,
    proxy_of_compose,
    rules,
    dashboard,
    metrics,
    workflows,
    documents,
    copies_are_one,
    copies_are_replaced,
    copies_outlive_the_database,
    copies_follow_the_database,
}
