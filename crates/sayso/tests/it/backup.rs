//! Backups as an operator meets them: made by hand and by the server, restored, tried, copied, gone wrong.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::postgres;
use crate::program::{Home, Run};
use crate::server::Server;

/// A home and a database of each kind, with two users and something to undo.
fn lived_in() -> Vec<(Home, String)> {
    let home = || {
        let home = Home::new();
        let url = format!("sqlite://{}", home.path("here.db"));
        (home, url)
    };
    let (on_postgres, _) = home();
    let databases = vec![home(), (on_postgres, postgres::database())];
    for (home, url) in &databases {
        let ok = |words: &[&str]| ok(home, url, words);
        for title in ["buy milk", "call mum tomorrow", "pay the rent"] {
            ok(&["add", title]);
        }
        ok(&["user", "create", "--email", "ana@example.com"]);
        ok(&["--user", "ana@example.com", "add", "somebody else's"]);
        ok(&["done", "1"]);
        ok(&["chat", "--new", "what is due?"]);
    }
    databases
}

fn run(home: &Home, url: &str, words: &[&str]) -> Run {
    home.run(&[&["--database-url", url], words].concat())
}

fn ok(home: &Home, url: &str, words: &[&str]) -> String {
    home.ok(&[&["--database-url", url], words].concat())
}

/// A backup in the folder `backups` of a home.
fn backup(home: &Home, url: &str) -> String {
    ok(home, url, &["backup", "--to", &home.path("backups")])
}

fn sqlite(home: &Home, name: &str) -> String {
    format!("sqlite://{}", home.path(name))
}

/// Files whose names end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_backup_brings_everything_back_on_either_database() {
    for (home, url) in lived_in() {
        let file = backup(&home, &url);
        for to in [sqlite(&home, "new.db"), postgres::database()] {
            let done = ok(&home, &to, &["restore", &file]);
            assert!(done.contains("Every journal verifies."), "{done}");
            assert_eq!(ok(&home, &to, &["list"]), ok(&home, &url, &["list"]));
            assert_eq!(
                ok(&home, &to, &["--user", "ana@example.com", "list"]),
                "1 task:\n1. Somebody else\u{2019}s".replace('\u{2019}', "'")
            );
            // The last change can still be undone.
            ok(&home, &to, &["undo"]);
            let again = run(&home, &to, &["restore", &file]);
            assert_eq!(again.code, 1);
            assert!(again.err.contains("the database is not empty"), "{again:?}");
            assert!(ok(&home, &to, &["list"]).starts_with("3 tasks"));
        }
    }
}

#[test]
fn copying_there_and_back_ends_where_it_began() {
    for (home, url) in lived_in() {
        let (there, back) = (postgres::database(), sqlite(&home, "back.db"));
        let tally = |done: String| {
            let done = json(&done);
            (done["tables"].clone(), done["journal_heads"].clone())
        };
        let first = tally(home.ok(&["--json", "copy", &url, &there]));
        let second = tally(home.ok(&["--json", "copy", &there, &back]));
        assert_eq!(first, second);
        assert_eq!(first.0["tasks"]["rows"], 4);
        let none = home.run(&["copy", &sqlite(&home, "none.db"), &sqlite(&home, "x.db")]);
        assert!(none.err.contains("there is no database"), "{none:?}");
        assert!(!Path::new(&home.path("none.db")).exists());
    }
}

#[test]
fn a_backup_is_tried_without_touching_anything() {
    for (home, url) in lived_in() {
        let file = backup(&home, &url);
        let report = json(&ok(&home, &url, &["--json", "restore", &file, "--verify"]));
        assert_eq!(report["tables"]["user"]["rows"], 2);
        assert_eq!(report["users"], 2);
        assert!(report["milliseconds"].is_number());
        let scratch = postgres::database();
        ok(
            &home,
            &url,
            &["restore", &file, "--verify", "--scratch", &scratch],
        );
        assert!(ok(&home, &url, &["list"]).starts_with("2 tasks"));
        let listed = json(&home.ok(&["--json", "backup", "list", "--to", &home.path("backups")]));
        assert_eq!(listed[0]["file"], file.as_str());
        assert_eq!(listed[0]["manifest"]["tables"], report["tables"]);
    }
}

#[test]
fn what_is_wrong_with_a_backup_is_said_and_leaves_nothing_behind() {
    let (home, url) = lived_in().remove(0);
    let (key, other) = (
        "b25lIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE=",
        "YW5vdGhlciBrZXkgb2YgdGhpcnR5LXR3byBieXRlcyE=",
    );
    let (key, other) = (home.write("key", key), home.write("other", other));
    let file = ok(
        &home,
        &url,
        &["backup", "--to", &home.path("backups"), "--key", &key],
    );
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(home.path(name), bytes).unwrap();
        home.path(name)
    };
    let cut = write("cut", &whole[..whole.len() - 100]);
    let flipped = write("flipped", &flipped);
    for (file, key, words) in [
        (&file, None, "is encrypted; say with which key"),
        (&file, Some(&other), "it was made with another"),
        (&cut, Some(&key), "was cut short"),
        (&flipped, Some(&key), "its checksum is not the one"),
    ] {
        let to = sqlite(&home, "new.db");
        let mut words_of_it = vec!["restore", file];
        words_of_it.extend(key.iter().flat_map(|key| ["--key", key.as_str()]));
        let run = run(&home, &to, &words_of_it);
        assert_eq!(run.code, 1);
        assert!(run.err.contains(words), "{run:?}");
        assert!(
            files(Path::new(&home.path("")), "new.db").is_empty(),
            "{words}"
        );
    }
    ok(&home, &url, &["restore", &file, "--verify", "--key", &key]);
}

#[test]
fn the_server_makes_backups_by_itself() {
    let home = Home::new();
    home.ok(&["add", "buy milk"]);
    let folder = PathBuf::from(home.path(".local/share/sayso/sayso.db.backups"));
    let server = Server::start(&home, &[]);
    while files(&folder, ".backup").is_empty() {
        std::thread::yield_now();
    }
    drop(server);
    // The newest is fresh, so that a restart makes no other, unless they are wanted more often.
    let server = Server::start(&home, &[("BACKUP_EVERY", "1ms")]);
    while files(&folder, ".backup").len() < 4 {
        std::thread::yield_now();
    }
    drop(server);
    let file = files(&folder, ".backup").remove(0);
    home.ok(&["restore", &file.display().to_string(), "--verify"]);
    home.ok(&["migrate", "--rehearse"]);
}

#[test]
fn a_backup_that_is_killed_leaves_no_half_one() {
    let (home, url) = lived_in().remove(0);
    let folder = PathBuf::from(home.path("backups"));
    for _ in 0..12 {
        let mut child = home
            .command()
            .args(["--database-url", &url, "backup", "--to"])
            .arg(&folder)
            .spawn()
            .unwrap();
        while files(&folder, ".part").is_empty() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        // It may have ended already.
        let _ = child.kill();
        child.wait().unwrap();
    }
    for whole in files(&folder, ".backup") {
        ok(
            &home,
            &url,
            &["restore", &whole.display().to_string(), "--verify"],
        );
    }
    let made = backup(&home, &url);
    assert!(files(&folder, ".part").is_empty());
    ok(&home, &url, &["restore", &made, "--verify"]);
}

#[test]
fn a_restore_that_is_killed_can_be_made_again() {
    let (home, url) = lived_in().remove(0);
    let file = backup(&home, &url);
    for to in ["a.db", "b.db", "c.db", "d.db"].map(|name| (home.path(name), sqlite(&home, name))) {
        let (path, to) = to;
        let mut child = home
            .command()
            .args(["--database-url", &to, "restore", &file])
            .spawn()
            .unwrap();
        while !Path::new(&path).exists() && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        // It may have ended already; then all of it is there, and nothing else.
        let _ = child.kill();
        child.wait().unwrap();
        let again = run(&home, &to, &["restore", &file]);
        assert!(
            again.code == 0 || again.err.contains("is not empty"),
            "{again:?}"
        );
        assert_eq!(ok(&home, &to, &["list"]), ok(&home, &url, &["list"]));
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_half_is_left() {
    // On Postgres the program writes no other file.
    let (home, url) = lived_in().remove(1);
    let file = backup(&home, &url);
    // A limit on the size of files, in units of 512 or 1024 bytes, looks as a full disk does.
    let limited = |words: &[&str], blocks: &str| {
        let like = home.command();
        let mut command = Command::new("sh");
        command
            .env_clear()
            .env("HOME", home.path(""))
            .current_dir(home.path(""));
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let output = command
            .args(["-c", &script, "sh"])
            .arg(like.get_program())
            .args(words)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let full = home.path("full");
    let (code, said) = limited(&["--database-url", &url, "backup", "--to", &full], "1");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot be read or written"), "{said}");
    assert!(files(Path::new(&full), "").is_empty());
    let to = sqlite(&home, "new.db");
    let (code, said) = limited(&["--database-url", &to, "restore", &file], "100");
    assert_eq!(code, Some(1), "{said}");
    assert!(!Path::new(&home.path("new.db")).exists(), "{said}");
    ok(&home, &to, &["restore", &file]);
}

#[test]
fn a_moment_in_between_can_be_gone_back_to() {
    for (home, url) in lived_in() {
        let history = json(&ok(&home, &url, &["--json", "history"]));
        // The task that was completed last, and the moment before that.
        let last = history.to_string();
        let at = moment(&history);
        ok(&home, &url, &["delete", "2"]);
        let file = backup(&home, &url);
        let to = sqlite(&home, "then.db");
        let done = ok(&home, &to, &["restore", &file, "--at", &at]);
        assert!(done.contains("entries were taken back"), "{done}");
        assert!(ok(&home, &to, &["list"]).contains("Call mum"), "{last}");
        let later = run(
            &home,
            &sqlite(&home, "x.db"),
            &["restore", &file, "--at", "2999-01-01T00:00Z"],
        );
        assert!(
            later.err.contains("says nothing of what came later"),
            "{later:?}"
        );
    }
}

/// When the newest change of a history was made.
fn moment(history: &Value) -> String {
    fn find(value: &Value) -> Option<&str> {
        match value {
            Value::Object(fields) => fields
                .iter()
                .find_map(|(name, value)| (name == "at").then(|| value.as_str()).flatten())
                .or_else(|| fields.values().find_map(find)),
            Value::Array(values) => values.iter().find_map(find),
            _ => None,
        }
    }
    find(history).unwrap().to_owned()
}

#[test]
fn a_backup_is_made_before_the_schema_changes_and_is_the_way_back() {
    let (home, url) = lived_in().remove(1);
    // As the program before this one left it.
    let older = "DROP INDEX journal_by_others; DELETE FROM schema_version WHERE version = 12";
    let done = Command::new("psql")
        .args([&url, "-q", "-c", older])
        .status();
    assert!(done.unwrap().success());
    let folder = home.path("before");
    ok(&home, &url, &["--backup-dir", &folder, "migrate"]);
    let made = files(Path::new(&folder), ".backup");
    assert_eq!(made.len(), 1);
    let made = made[0].display().to_string();
    let back = postgres::database();
    let report = json(&ok(&home, &back, &["--json", "restore", &made]));
    assert_eq!(
        (&report["schema_version"], &report["migrated_to"]),
        (&11.into(), &12.into())
    );
    assert_eq!(ok(&home, &back, &["list"]), ok(&home, &url, &["list"]));
    // There is nothing to change any more, and so nothing to keep.
    ok(&home, &url, &["--backup-dir", &folder, "migrate"]);
    assert_eq!(files(Path::new(&folder), ".backup").len(), 1);
    let rehearsed = ok(
        &home,
        &url,
        &["--backup-dir", &folder, "migrate", "--rehearse"],
    );
    assert!(
        rehearsed.starts_with("The schema can be brought up to date"),
        "{rehearsed}"
    );
}
