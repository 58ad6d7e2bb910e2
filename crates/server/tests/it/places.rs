//! The lists that somebody makes, the settings, help, and what a browser keeps: used by their links and forms.

use serde_json::json;

use crate::harness::{Answer, BOTH, Database};
use crate::page::Browser;

impl Browser {
    /// The list of lists.
    fn lists(&self) -> &str {
        let lists = self.page.text.split("<nav id=\"lists\"").nth(1).unwrap();
        lists.split("</nav>").next().unwrap()
    }

    /// What stands for the user where the browser keeps their pages.
    fn keeper(&self) -> String {
        let keeper = self.page.text.split("data-keeper=\"").nth(1).unwrap();
        keeper.split('"').next().unwrap().to_owned()
    }

    async fn post_as(&self, attempt: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(&[("idempotency-key", attempt)], action, fields)
            .await
    }

    fn main(&self) -> &str {
        let main = self.page.text.split("<main id=\"tasks\"").nth(1).unwrap();
        main.split("</main>").next().unwrap()
    }
}

#[tokio::test]
async fn a_project_from_its_first_day_to_its_last() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        browser.open("/projects").await;
        let garden = [("name", "Garden"), ("colour", "#45925A")];
        browser.submit("/projects", &garden).await;
        assert!(browser.lists().contains("href=\"/projects/1\""));
        assert!(browser.lists().contains("color=\"#45925A\""));
        // Two cannot be called the same; the page says so and is still there.
        browser.submit("/projects", &[("name", "garden")]).await;
        assert_eq!(browser.page.status, 409);
        assert!(browser.main().contains("role=\"alert\"") && browser.sees("<h1>Projects</h1>"));
        for wrong in [
            [("name", " "), ("colour", "")],
            [("name", "A"), ("colour", "red")],
        ] {
            browser.open("/projects").await;
            browser.submit("/projects", &wrong).await;
            assert_eq!(browser.page.status, 422, "{wrong:?}");
        }

        browser.open("/projects/1").await;
        let orchard = [
            ("name", "Orchard"),
            ("colour", "#CC7029"),
            ("action", "save"),
        ];
        browser.submit("/projects/1", &orchard).await;
        assert!(
            browser.main().contains(">Orchard</h1>"),
            "{}",
            browser.main()
        );
        browser.say("add prune the apple trees").await;
        browser
            .say("put the apple trees in the project Orchard")
            .await;
        browser.open("/projects").await;
        assert!(browser.main().contains("1 open"), "{}", browser.main());

        browser.open("/projects/1").await;
        browser
            .submit("/projects/1", &[("action", "put_away")])
            .await;
        assert!(!browser.lists().contains("Orchard"));
        browser.open("/projects").await;
        assert!(browser.main().contains("Put away"));
        browser
            .submit("/projects/1", &[("action", "bring_back")])
            .await;
        assert!(browser.lists().contains("Orchard"));

        browser.open("/projects/1/delete").await;
        assert!(browser.main().contains("Its task"));
        browser
            .submit("/projects/1/delete", &[("tasks", "trash")])
            .await;
        assert!(!browser.lists().contains("Orchard"));
        browser.open("/trash").await;
        assert!(browser.can("restore", "Prune the apple trees"));
    }
}

#[tokio::test]
async fn tasks_of_a_deleted_project_go_to_the_inbox_and_come_back() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser.open("/projects").await;
    browser.submit("/projects", &[("name", "Move")]).await;
    browser.say("add rent a van").await;
    browser.say("put the van in the project Move").await;
    browser.open("/projects/1/delete").await;
    browser
        .submit("/projects/1/delete", &[("tasks", "inbox")])
        .await;
    let change = browser.address.split("change=").nth(1).unwrap().to_owned();
    browser.open("/inbox").await;
    assert!(browser.can("complete", "Rent a van"));
    browser.open(&format!("/activity?change={change}")).await;
    browser
        .submit(&format!("/changes/{change}/undo"), &[])
        .await;
    browser.open("/projects/1").await;
    assert!(browser.can("complete", "Rent a van"));
}

#[tokio::test]
async fn a_label_is_renamed_and_taken_off_everywhere() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        for line in [
            "buy stamps #post office",
            "send the parcel #post",
            "old letter #post",
        ] {
            browser.open("/").await;
            browser.submit("/add", &[("text", line)]).await;
        }
        browser.press("complete", "3").await;
        browser.open("/labels").await;
        assert!(browser.main().contains("2 open"), "{}", browser.main());
        browser.open("/labels/post").await;
        browser
            .submit("/labels/post", &[("name", "mail"), ("action", "rename")])
            .await;
        assert!(
            browser.address.starts_with("/labels/mail"),
            "{}",
            browser.address
        );
        assert!(browser.can("complete", "Send the parcel"));
        assert!(
            browser.lists().contains("href=\"/labels/mail\"")
                && !browser.lists().contains("/labels/post\"")
        );
        browser.open("/done").await;
        assert!(browser.sees("@ mail"), "what is done has the new name, too");
        // No name is no way to take a label off.
        browser.open("/labels/mail").await;
        browser
            .submit("/labels/mail", &[("name", ""), ("action", "rename")])
            .await;
        assert_eq!(browser.page.status, 422);
        browser.open("/labels/mail").await;
        browser
            .submit("/labels/mail", &[("name", "mail"), ("action", "delete")])
            .await;
        assert!(browser.address.starts_with("/labels?change="));
        assert!(!browser.lists().contains("/labels/mail"));
        let change = browser.address.split("change=").nth(1).unwrap().to_owned();
        browser
            .submit(&format!("/changes/{change}/undo"), &[])
            .await;
        assert!(browser.lists().contains("/labels/mail"));
    }
}

#[tokio::test]
async fn a_search_says_what_it_asks_for_and_offers_the_nearest_that_finds_something() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        for text in ["Wash the car yesterday @errand", "Wax it yesterday"] {
            browser.open("/").await;
            browser.submit("/add", &[("text", text)]).await;
        }
        browser.open("/search?filter=overdue%20%26%20%40home").await;
        let main = browser.main();
        assert!(main.contains("Overdue tasks labelled @home"), "{main}");
        assert!(
            main.contains("No task matches. 2 match without @home."),
            "{main}"
        );
        assert!(main.contains("href=\"/search?filter=overdue\""), "{main}");
        browser.open("/search?filter=overdue").await;
        assert!(browser.main().contains("Wax it"), "{}", browser.main());
    }
}

#[tokio::test]
async fn a_filter_is_saved_found_again_renamed_and_removed() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        browser.open("/search?filter=overdue%20%26%20%23work").await;
        browser
            .submit(
                "/filters",
                &[
                    ("name", "Late & at work"),
                    ("action", "save"),
                    ("filter", "overdue & #work"),
                ],
            )
            .await;
        assert!(
            browser.lists().contains("Late &#38; at work"),
            "{}",
            browser.lists()
        );
        assert!(browser.lists().contains("href=\"/search?filter="));
        assert!(browser.main().contains("Saved as"));
        for (fields, status) in [
            ([("name", "late & AT work"), ("filter", "today")], 409),
            ([("name", ""), ("filter", "today")], 422),
            ([("name", "Broken"), ("filter", "(today")], 422),
        ] {
            browser.open("/search?filter=today").await;
            let all = [fields[0], fields[1], ("action", "save")];
            browser.submit("/filters", &all).await;
            assert_eq!(browser.page.status, status, "{fields:?}");
        }
        browser.open("/search?filter=overdue%20%26%20%23work").await;
        let rename = [
            ("name", "Late"),
            ("was", "Late & at work"),
            ("action", "rename"),
        ];
        browser.submit("/filters", &rename).await;
        assert!(browser.lists().contains(">Late<"));
        browser.submit("/filters", &rename).await;
        assert_eq!(browser.page.status, 422, "an old page renames nothing");
        browser.open("/search?filter=overdue%20%26%20%23work").await;
        browser
            .submit("/filters", &[("was", "Late"), ("action", "delete")])
            .await;
        assert!(!browser.lists().contains("Filters"));
    }
}

#[tokio::test]
async fn nobody_sees_the_lists_of_others() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let ben = browser.harness.user("ben").await;
    let plans = json!({ "name": "add_project", "arguments": { "name": "Secret plans" } });
    assert_eq!(ben.post("/commands", plans).await.status, 200);
    browser.open("/projects").await;
    assert!(!browser.sees("Secret plans"));
    for path in ["/projects/1", "/projects/1/delete"] {
        let answer = browser.look(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.text.contains("You can\u{2019}t see that."),
            "{}",
            answer.text
        );
    }
    for fields in [
        &[("action", "put_away")][..],
        &[("action", "save"), ("name", "Mine")],
    ] {
        browser.open("/projects").await;
        let csrf = browser.csrf();
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        browser.submit("/projects/1", &all).await;
        assert_eq!(browser.page.status, 404);
    }
    let projects = ben.get("/projects").await.json();
    assert_eq!(projects[0]["name"], "Secret plans");
    assert_eq!(projects[0]["archived_at"], json!(null));
}

#[tokio::test]
async fn settings_are_kept_by_the_server_and_the_look_by_the_browser() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        browser.open("/settings").await;
        assert!(browser.sees("<option value=\"Europe/Lisbon\">") && !browser.sees("\"Etc/GMT"));
        let fields = [
            ("time_zone", "Asia/Karachi"),
            ("week_start", "saturday"),
            ("locale", "ur"),
        ];
        browser.submit("/settings", &fields).await;
        assert!(
            browser.sees("value=\"Asia/Karachi\" maxlength")
                && browser.sees("value=\"ur\" selected")
        );
        let wrong = [
            ("time_zone", "Mars/Olympus"),
            ("week_start", "monday"),
            ("locale", "en"),
        ];
        browser.submit("/settings", &wrong).await;
        assert_eq!(browser.page.status, 422);
        assert!(
            browser.sees("<h1>Settings</h1>"),
            "the problem is said where the form is"
        );

        browser.open("/settings").await;
        let look = [
            ("boxes", "1"),
            ("theme", "dark"),
            ("density", "compact"),
            ("keys", "on"),
            ("whole", "on"),
            ("letter_q", "W"),
            ("letter_j", "q"),
        ];
        browser.submit("/settings/look", &look).await;
        assert!(browser.sees("data-theme=\"dark\"") && browser.sees("data-density=\"compact\""));
        assert!(browser.sees("data-letters=\"qwjq\"") && browser.sees("data-answers=\"whole\""));
        assert!(browser.sees("data-keys=\"true\"") && !browser.sees("data-voice"));
        // What a form does not speak of stays.
        browser
            .submit("/settings/look", &[("theme", "light")])
            .await;
        assert!(
            browser.sees("data-theme=\"light\"")
                && browser.sees("data-letters=\"qwjq\"")
                && browser.sees("data-density=\"compact\"")
        );
        browser.open("/help").await;
        assert!(browser.sees("<kbd>w</kbd></dt><dd>Add a task</dd>"));
        for letters in [
            ("letter_a", "e"),
            ("letter_a", "é"),
            ("letter_a", "ab"),
            ("letter_a", "1"),
        ] {
            browser.open("/settings").await;
            browser.submit("/settings/look", &[letters]).await;
            assert_eq!(browser.page.status, 422, "{letters:?}");
            assert!(browser.sees("<h1>Settings</h1>"));
        }
    }
}

/// What somebody has who says what the help page says.
const TASKS: &[&str] = &[
    "do the laundry today",
    "call the dentist",
    "reply to the landlord yesterday #errand",
];

#[tokio::test]
async fn whatever_the_help_page_says_can_be_said() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser.open("/help").await;
    let page = browser.page.text.clone();
    let sentences: Vec<String> = page
        .split("<q>")
        .skip(1)
        .map(|rest| rest.split("</q>").next().unwrap().replace("&#39;", "'"))
        .collect();
    assert!(sentences.len() > 20, "{sentences:?}");
    for (number, sentence) in sentences.iter().enumerate() {
        let mut user = browser.harness.user(&format!("user{number}")).await;
        let house = json!({ "name": "add_project", "arguments": { "name": "House" } });
        assert_eq!(user.post("/commands", house).await.status, 200);
        for task in TASKS {
            user.say(&format!("add {task}")).await;
        }
        user.say("add water the cat").await;
        user.say("complete water the cat").await;
        if sentence.contains("not done") {
            user.say("done with the laundry").await;
        }
        let reply = user.say(sentence).await;
        println!("{sentence}\n  => {reply}");
        for doubt in ["I did not understand", "not sure", "?", "no task", "Which"] {
            let asks = sentence.starts_with("delete all") && doubt == "?";
            assert!(asks || !reply.contains(doubt), "{sentence}: {reply}");
        }
    }
    for filter in page.split("href=\"/search?filter=").skip(1) {
        let filter = filter.split('"').next().unwrap();
        browser.open(&format!("/search?filter={filter}")).await;
        assert!(!browser.sees("class=\"problem\""), "{filter}");
    }
}

#[tokio::test]
async fn a_change_that_is_sent_again_under_its_name_is_made_once() {
    let mut browser = Browser::new(Database::Sqlite).await;
    for _ in 0..2 {
        browser.open("/").await;
        browser
            .post_as("attempt-1", "/add", &[("text", "write a postcard")])
            .await;
    }
    browser.open("/all").await;
    assert_eq!(
        browser.page.text.matches(">Write a postcard</a>").count(),
        1
    );
    for _ in 0..2 {
        browser.open("/all").await;
        let answer = browser
            .post_as("attempt-2", "/tasks", &[("complete", "1")])
            .await;
        assert_eq!(answer.status, 303, "{}", answer.text);
    }
    // Another attempt is another change.
    browser.open("/").await;
    browser
        .post_as("attempt-3", "/add", &[("text", "write a postcard")])
        .await;
    browser.open("/all").await;
    assert!(browser.can("complete", "Write a postcard"));
}

#[tokio::test]
async fn what_a_browser_keeps_is_named_by_its_user_and_cleared_at_the_end() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let keeper = browser.keeper();
    assert_eq!(keeper.len(), 16);
    browser.open("/upcoming").await;
    assert_eq!(browser.keeper(), keeper);
    let owner = browser.harness.accounts.local_owner().await.unwrap().0;
    assert!(!browser.page.text.contains(owner.as_str()));
    let worker = browser.harness.get("/sw.js", &[]).await;
    assert_eq!(
        (worker.status, worker.header("cache-control")),
        (200, "no-cache")
    );
    assert!(worker.text.starts_with("self.assets = {"));
    let known: serde_json::Value = serde_json::from_str(
        worker
            .text
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("self.assets = ")
            .trim_end_matches(';'),
    )
    .unwrap();
    for file in known["files"].as_array().unwrap() {
        let file = browser.harness.get(file.as_str().unwrap(), &[]).await;
        assert_eq!(file.status, 200);
    }
    let manifest = browser.harness.get("/manifest.webmanifest", &[]).await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest = manifest.json();
    assert_eq!(manifest["share_target"]["action"], "/add");
    for icon in manifest["icons"].as_array().unwrap() {
        let icon = browser
            .harness
            .get(icon["src"].as_str().unwrap(), &[])
            .await;
        assert_eq!(icon.header("content-type"), "image/svg+xml");
    }
    browser.open("/").await;
    let out = browser.post_as("out", "/sign-out", &[]).await;
    let told = (
        out.status,
        out.header("location"),
        out.header("clear-site-data"),
    );
    assert_eq!(told, (303, "/sign-in", "\"storage\""));
}

#[tokio::test]
async fn a_browser_is_told_on_a_page_what_went_wrong_and_a_script_as_data() {
    let browser = Browser::new(Database::Sqlite).await;
    let gone = browser.look("/projects/99", &[]).await;
    assert_eq!(
        (gone.status, gone.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(gone.text.contains("href=\"/\""), "there is a way on");
    let to_script = browser
        .look("/projects/99", &[("sayso-fragment", "1")])
        .await;
    assert_eq!(
        to_script.problem(),
        "404 not-found: there is nothing at this address"
    );
}
