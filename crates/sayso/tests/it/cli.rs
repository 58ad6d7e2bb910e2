//! The command line.

use serde_json::Value;

use crate::program::Home;

#[test]
fn a_day_with_the_command_line() {
    let home = Home::new();
    assert_eq!(
        home.ok(&["add", "buy", "milk", "#shop", "p1"]),
        "Added \u{201c}Buy milk\u{201d}, P1, @shop."
    );
    assert_eq!(
        home.ok(&["add", "call mum", "--due", "2031-03-04T18:00"]),
        "Added \u{201c}Call mum\u{201d}, due Tue 4 Mar 2031 18:00."
    );
    assert_eq!(
        home.ok(&["list"]),
        "2 tasks:\n2. Call mum (Tue 4 Mar 2031 18:00)\n1. Buy milk (P1, @shop)"
    );
    assert_eq!(
        home.ok(&["list", "@shop"]),
        "1 task for @shop:\n1. Buy milk (P1, @shop)"
    );
    assert_eq!(
        home.ok(&[
            "edit",
            "1",
            "--title",
            "Buy oat milk",
            "--clear",
            "priority"
        ]),
        "Changed \u{201c}Buy oat milk\u{201d}: its title was \u{201c}Buy milk\u{201d}, no priority."
    );
    assert_eq!(
        home.ok(&["done", "1"]),
        "Completed \u{201c}Buy oat milk\u{201d}."
    );
    assert_eq!(
        home.ok(&["reopen", "1"]),
        "Reopened \u{201c}Buy oat milk\u{201d}."
    );
    assert_eq!(
        home.ok(&["delete", "2"]),
        "Deleted \u{201c}Call mum\u{201d}."
    );
    assert_eq!(
        home.ok(&["undo"]),
        "Taken back: \u{201c}Call mum\u{201d} is out of the trash."
    );
    assert_eq!(
        home.ok(&["redo"]),
        "Made again: \u{201c}Call mum\u{201d} is in the trash."
    );
    assert_eq!(home.ok(&["show", "1"]), "1. Buy oat milk (@shop)");
    assert!(home.ok(&["history"]).contains("(taken back)"));
    let run = home.run(&["audit", "verify"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""));
    assert!(run.err.contains("users 1,"), "{}", run.err);
}

#[test]
fn filters_are_saved_together() {
    let home = Home::new();
    let saved = home.ok(&[
        "settings",
        "--yes",
        "--filter",
        "Work=#work & !p1",
        "Next=next 7 days",
    ]);
    assert_eq!(
        saved,
        "Saved the filter \u{201c}Work\u{201d}. Saved the filter \u{201c}Next\u{201d}."
    );
    let filters = || {
        let export: Value = serde_json::from_str(&home.ok(&["export"])).unwrap();
        export["settings"]["filters"].to_string()
    };
    assert_eq!(
        filters(),
        r##"[{"filter":"#work & !p1","name":"Work"},{"filter":"next 7 days","name":"Next"}]"##
    );
    assert_eq!(
        home.ok(&["settings", "--yes", "--filter", "Next=next 7 days"]),
        "Removed the filter \u{201c}Work\u{201d}."
    );
    home.ok(&["undo"]);
    assert!(filters().contains("Work"));
    home.ok(&["settings", "--yes", "--filter"]);
    assert_eq!(filters(), "null");
    assert_eq!(
        home.ok(&["settings", "--yes", "--ask-model", "rules"]),
        "Settings changed: a language model is never asked."
    );
    let run = home.run(&["settings", "--filter", "Work"]);
    assert!(
        run.code == 2 && run.err.contains("write a name, =, and the filter"),
        "{run:?}"
    );
}

#[test]
fn exit_codes_say_what_happened() {
    let home = Home::new();
    home.ok(&["add", "one"]);
    let cases: &[(&[&str], i32, &str)] = &[
        (&["done", "99"], 3, "There is no task 99"),
        (&["add", "x", "--due", "30 february"], 3, "is not a date"),
        (&["undo", "77"], 3, "There is no change 77"),
        (&["nonsense"], 2, "unrecognized subcommand"),
        (&["done", "one"], 2, "is not a number"),
        (&["list", "(today"], 2, "a parenthesis is not closed"),
        (
            &["list", "--database-url", "mysql://x"],
            1,
            "is not the address of a database",
        ),
        (&["list", "--user", "nobody"], 3, "there is no user nobody"),
    ];
    for (arguments, code, words) in cases {
        let run = home.run(arguments);
        assert_eq!(
            (run.code, run.out.as_str()),
            (*code, ""),
            "{arguments:?}: {run:?}"
        );
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
}

#[test]
fn many_tasks_wait_for_a_yes() {
    let home = Home::new();
    home.ok(&["add", "one"]);
    home.ok(&["add", "two"]);
    let run = home.run(&["delete", "1", "2"]);
    assert_eq!((run.code, run.out.as_str()), (6, ""), "{run:?}");
    assert!(
        run.err.contains("Delete 2 tasks?") && run.err.contains("--yes"),
        "{}",
        run.err
    );
    assert!(home.ok(&["list"]).starts_with("2 tasks"));
    let run = home.run(&["delete", "1", "2", "--dry-run"]);
    assert_eq!(run.code, 0);
    assert!(run.err.contains("Nothing was changed"));
    assert!(home.ok(&["list"]).starts_with("2 tasks"));
    assert!(
        home.ok(&["delete", "1", "2", "--yes"])
            .starts_with("Deleted 2 tasks")
    );
}

#[test]
fn json_is_all_there_is_on_stdout() {
    let home = Home::new();
    home.ok(&["add", "one"]);
    let parse = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    assert_eq!(
        parse(home.ok(&["list", "--json"]))["tasks"][0]["title"],
        "One"
    );
    assert_eq!(
        parse(home.ok(&["done", "1", "--json"]))["outcome"],
        "changed"
    );
    assert_eq!(
        parse(home.ok(&["--json", "chat", "hello"]))["conversation_id"],
        1
    );
    assert_eq!(
        parse(home.ok(&["--json", "edit", "1", "--title", "x", "--dry-run"]))[0]["after"]["title"],
        "x"
    );
    let export = parse(home.ok(&["export", "--json"]));
    assert_eq!(export["tasks"][0]["title"], "One");
    assert_eq!(export["settings"]["time_zone"], "Europe/Lisbon");
    assert_eq!(
        parse(home.ok(&["user", "list", "--json"]))[0]["email"],
        "owner@localhost"
    );
}

#[test]
fn talking_goes_on_from_one_start_to_the_next() {
    let home = Home::new();
    home.ok(&["chat", "add book the flight"]);
    home.ok(&["chat", "add book the hotel"]);
    let run = home.run(&["chat", "delete the book task"]);
    assert_eq!(run.code, 6, "a question waits: {run:?}");
    assert!(
        run.out.contains("1)") && run.out.contains("2)"),
        "{}",
        run.out
    );
    assert_eq!(
        home.ok(&["chat", "the second one"]),
        "Deleted \u{201c}Book the hotel\u{201d}."
    );
    let run = home.run_with(&["chat"], "undo\n\nwhat's pending?\n");
    assert_eq!(run.code, 0);
    assert!(
        run.out.contains("out of the trash") && run.out.contains("2. Book the hotel"),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["chat", "--dry-run", "undo"]).code, 1);
}

#[test]
fn users_and_tokens_print_data_only() {
    let home = Home::new();
    let id = home.ok(&[
        "user",
        "create",
        "--email",
        "Ben@Example.com",
        "--name",
        "Ben",
    ]);
    assert_eq!(id.len(), 32);
    let again = home.run(&["user", "create", "--email", "ben@example.com"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains("already"), "{}", again.err);
    let token = home.ok(&[
        "token",
        "create",
        "--user",
        "ben@example.com",
        "--name",
        "phone",
    ]);
    assert!(
        token.starts_with("sayso_") && !token.contains(char::is_whitespace),
        "{token}"
    );
    home.ok(&["add", "ben's own", "--user", &id]);
    assert_eq!(home.ok(&["list"]), "There is nothing on your list.");
    assert!(
        home.ok(&["link"])
            .starts_with("http://127.0.0.1:8000/sign-in?token=")
    );
}

#[test]
fn settings_come_from_flags_variables_and_files() {
    let home = Home::new();
    let run = |set: &dyn Fn(&mut std::process::Command)| {
        let mut command = home.command();
        command.args(["config", "show"]);
        set(&mut command);
        let output = command.output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (_, shown) = run(&|command| {
        command
            .env("DATABASE_URL", "postgres://ana:secret@db/x")
            .env("PORT", "9000");
    });
    assert!(
        shown.contains("DATABASE_URL=postgres://ana:\u{2026}@db/x") && shown.contains("PORT=9000"),
        "{shown}"
    );
    assert!(!shown.contains("secret"));
    let (_, shown) = run(&|command| {
        command.env("PORT", "9000").args(["--port", "9001"]);
    });
    assert!(shown.contains("PORT=9001"), "{shown}");
    let file = home.write("url", "sqlite:///from/a/file.db\n");
    let (_, shown) = run(&|command| {
        command.env("DATABASE_URL_FILE", &file);
    });
    assert!(
        shown.contains("DATABASE_URL=sqlite:///from/a/file.db"),
        "{shown}"
    );
    for (name, value, words) in [
        ("PORT", "many", "invalid value 'many' for '--port"),
        ("SAYSO_PROT", "1", "there is no setting SAYSO_PROT"),
        (
            "PORT_FILE",
            "/no/such/file",
            "PORT_FILE names a file that cannot be read",
        ),
    ] {
        let (code, shown) = run(&|command| {
            command.env(name, value);
        });
        assert_ne!(code, 0);
        assert!(shown.contains(words), "{shown}");
    }
}

#[test]
fn completions_for_each_shell() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(Home::new().ok(&["completions", shell]).contains("sayso"));
    }
}

#[test]
fn people_are_let_in_and_out_on_the_command_line() {
    let home = Home::new();
    let id = home.ok(&[
        "user",
        "create",
        "--email",
        "ana@example.com",
        "--name",
        "Ana",
    ]);
    let refused = home.run(&["user", "create", "--email", "nonsense"]);
    assert_eq!(
        (refused.code, refused.err.trim()),
        (1, "sayso: Invalid email")
    );
    home.ok(&["add", "hers", "--user", "ana@example.com"]);
    home.ok(&["user", "disable", "ana@example.com"]);
    assert!(
        home.ok(&["user", "list"])
            .contains("ana@example.com\tAna\tdisabled")
    );
    home.ok(&["user", "enable", &id]);
    assert!(
        home.ok(&["user", "reset-password", &id])
            .starts_with("http://127.0.0.1:8000/reset-password?token=")
    );
    assert!(
        home.ok(&["user", "invite"])
            .starts_with("http://127.0.0.1:8000/sign-up?invitation=")
    );
    assert_eq!(home.run(&["user", "disable", "nobody"]).code, 3);
    let asked = home.run(&["user", "delete", &id]);
    assert!(
        asked.code == 6 && asked.err.contains("Add --yes"),
        "{asked:?}"
    );
    let dry = home.run(&["user", "delete", &id, "--yes", "--dry-run"]);
    assert!(
        dry.code == 1 && dry.err.contains("have no dry run"),
        "{dry:?}"
    );
    assert!(home.ok(&["user", "list"]).contains("ana@example.com"));
    home.ok(&["user", "delete", &id, "--yes"]);
    assert!(!home.ok(&["user", "list"]).contains("ana@example.com"));
    assert_eq!(home.run(&["list", "--user", "ana@example.com"]).code, 3);
}

#[test]
fn what_agents_propose_is_listed_and_answered() {
    let home = Home::new();
    let database = format!("sqlite://{}", home.path("tasks.db"));
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = arguments
            .iter()
            .copied()
            .chain(["--database-url", &database])
            .collect();
        home.run(&all)
    };
    for title in ["milk", "rent"] {
        assert_eq!(run(&["add", title]).code, 0);
    }
    assert_eq!(run(&["proposals"]).out, "");
    let owner = run(&["user", "list"]).out;
    propose(&database, owner.split('\t').next().unwrap());

    let listed = run(&["proposals"]);
    assert_eq!(
        listed.out,
        "1. Robo: Delete 2 tasks?\n   1. Milk\n   2. Rent\n2. Robo: Delete 1 task?\n   2. Rent\n"
    );
    let accepted = run(&["proposals", "accept", "1", "--only", "1"]);
    assert_eq!(
        (accepted.code, accepted.out.as_str()),
        (0, "Deleted \u{201c}Milk\u{201d}.\n")
    );
    assert_eq!(run(&["proposals", "dismiss", "2"]).code, 0);
    for (number, why) in [
        ("1", "accepted"),
        ("2", "dismissed"),
        ("3", "no proposal 3"),
    ] {
        let refused = run(&["proposals", "accept", number]);
        assert_eq!(refused.code, 3, "{refused:?}");
        assert!(refused.err.contains(why), "{refused:?}");
    }
    assert_eq!(run(&["list"]).out, "1 task:\n2. Rent\n");
    assert!(run(&["proposals", "--json"]).out.starts_with("[]"));
}

/// Proposes to delete both tasks, and then the second, as an agent does.
#[tokio::main(flavor = "current_thread")]
async fn propose(database: &str, owner: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are their own authentication"
    )]
    let owner = domain::UserId::authenticated(owner);
    let store = store::Store::open(database).await.unwrap();
    let app = app::App::new(store, domain::Clock::system());
    for ids in [vec![1, 2], vec![2]] {
        let ids = ids.into_iter().map(domain::TaskId);
        let delete = domain::Command::DeleteTasks(domain::Selection::of(ids));
        app.propose(&owner, &delete, "Robo", "request")
            .await
            .unwrap();
    }
    app.close().await;
}
