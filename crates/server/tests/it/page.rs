//! The page, used as a browser without scripts uses it: by its links and forms.

use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use tower::ServiceExt;

use crate::events::Events;
use crate::harness::{Answer, BOTH, Database, Harness, form, request};

/// A browser without scripts.
pub(crate) struct Browser {
    pub(crate) harness: Harness,
    pub(crate) cookie: String,
    pub(crate) page: Answer,
    pub(crate) address: String,
}

impl Browser {
    /// A browser signed in by a one-time link.
    pub(crate) async fn new(database: Database) -> Self {
        Self::at(Harness::new(database).await).await
    }

    /// One that is signed in at this server.
    pub(crate) async fn at(harness: Harness) -> Self {
        let owner = harness.accounts.local_owner().await.unwrap().0;
        let link = harness.accounts.create_link(&owner).await.unwrap();
        let link = format!("/sign-in?token={link}");
        let signed_in = harness.get(&link, &[]).await;
        assert_eq!((signed_in.status, signed_in.header("location")), (303, "/"));
        let cookie = signed_in.header("set-cookie");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap().to_owned();
        // A link works once.
        assert_eq!(harness.get(&link, &[]).await.status, 401);
        let mut browser = Self {
            harness,
            cookie,
            page: signed_in,
            address: String::new(),
        };
        browser.open("/").await;
        browser
    }

    pub(crate) async fn open(&mut self, address: &str) {
        self.page = self.harness.get(address, &[("cookie", &self.cookie)]).await;
        self.address = address.to_owned();
        assert_eq!(self.page.status, 200, "{address}: {}", self.page.text);
    }

    /// The value of a hidden field, of the form with this action.
    pub(crate) fn hidden(&self, action: &str, name: &str) -> Option<String> {
        let form = self
            .page
            .text
            .split(&format!("action=\"{action}\""))
            .nth(1)?
            .split("</form>")
            .next()?;
        let value = form.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
        Some(
            value
                .split('"')
                .next()?
                .replace("&#38;", "&")
                .replace("&amp;", "&"),
        )
    }

    /// Fills a form in and sends it, then follows where it leads.
    pub(crate) async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) {
        let answer = self.post(action, fields).await;
        if let Some(look) = answer.header("set-cookie").strip_prefix("look=") {
            let look = look.split(';').next().unwrap();
            let session = self.cookie.split("; ").next().unwrap();
            self.cookie = format!("{session}; look={look}");
        }
        if answer.status == 303 {
            let address = answer
                .header("location")
                .split('#')
                .next()
                .unwrap()
                .to_owned();
            self.open(&address).await;
        } else {
            self.page = answer;
        }
    }

    /// Asks for a page as a browser does, whatever comes.
    pub(crate) async fn look(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![
            ("cookie", self.cookie.as_str()),
            ("accept", "text/html,*/*"),
        ];
        all.extend(headers);
        self.harness.get(address, &all).await
    }

    /// What every form of the page carries.
    pub(crate) fn csrf(&self) -> String {
        let csrf = self.page.text.split("data-csrf=\"").nth(1).unwrap();
        csrf.split('"').next().unwrap().to_owned()
    }

    pub(crate) async fn post(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(&[], action, fields).await
    }

    /// Sends a form with headers of a script's.
    pub(crate) async fn post_with(
        &self,
        more: &[(&str, &str)],
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        Answer::of(self.send(action, fields, more).await).await
    }

    /// Sends a form as a page that is there does, which reads the reply as it is written.
    pub(crate) async fn stream(&self, action: &str, fields: &[(&str, &str)]) -> Events {
        let accept = [("accept", "text/event-stream")];
        Events::of(self.send(action, fields, &accept).await)
    }

    /// Reads the events at this address.
    pub(crate) async fn events(&self, address: &str, last: Option<u64>) -> Response {
        let last = last.map(|id| id.to_string());
        let mut headers = vec![
            ("cookie", self.cookie.as_str()),
            ("accept", "text/event-stream"),
            ("accept-encoding", "gzip"),
        ];
        headers.extend(last.as_deref().map(|id| ("last-event-id", id)));
        let request = request("GET", address, &headers, None);
        self.harness.router.clone().oneshot(request).await.unwrap()
    }

    async fn send(&self, action: &str, fields: &[(&str, &str)], more: &[(&str, &str)]) -> Response {
        let hidden: Vec<(&str, String)> = [
            "csrf",
            "back",
            "key",
            "conversation",
            "message",
            "choices",
            "due_was",
            "repeat_was",
        ]
        .into_iter()
        .filter_map(|name| Some((name, self.hidden(action, name)?)))
        .collect();
        let mut all: Vec<(&str, &str)> = Vec::new();
        all.extend(hidden.iter().map(|(name, value)| (*name, value.as_str())));
        all.extend(fields);
        let mut headers = vec![
            ("cookie", self.cookie.as_str()),
            ("host", "todo.test"),
            ("origin", "http://todo.test"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend(more);
        let mut request = request("POST", action, &headers, None);
        *request.body_mut() = form(&all).into();
        self.harness.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) fn sees(&self, text: &str) -> bool {
        self.page.text.contains(text)
    }

    /// Says something to the assistant.
    pub(crate) async fn say(&mut self, text: &str) {
        self.open("/assistant").await;
        self.submit("/say", &[("text", text)]).await;
    }

    /// Presses a button of a row.
    pub(crate) async fn press(&mut self, button: &str, id: &str) {
        self.submit("/tasks", &[(button, id)]).await;
    }

    /// Whether a task has this button.
    pub(crate) fn can(&self, button: &str, title: &str) -> bool {
        let rows = self.page.text.split("<li class=").skip(1);
        rows.filter_map(|row| row.split("<li").next()).any(|row| {
            row.contains(&format!(" name={button} ")) && row.contains(&format!(">{title}</a>"))
        })
    }
}

#[tokio::test]
async fn add_complete_edit_delete_and_undo() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        assert!(browser.sees("Nothing here yet."));
        browser
            .submit("/add", &[("text", "water plants today #home p1")])
            .await;
        assert!(
            browser.sees("Water plants") && browser.sees("P1") && browser.sees("@ home"),
            "{}",
            browser.page.text
        );
        browser.press("complete", "1").await;
        assert!(browser.sees("All done."));
        let change = browser.address.split("change=").nth(1).unwrap().to_owned();
        browser
            .submit(&format!("/changes/{change}/undo"), &[])
            .await;
        assert!(browser.can("complete", "Water plants"));
        browser.open("/all?task=1").await;
        browser
            .submit(
                "/tasks/1",
                &[
                    ("title", "Water all plants"),
                    ("description", "the ferns too"),
                    ("due", "tomorrow 9am"),
                    ("repeat", "every 3 days"),
                    ("priority", "low"),
                    ("tags", "home green"),
                    ("project", "House"),
                ],
            )
            .await;
        assert!(
            browser.sees("Water all plants")
                && browser.sees("every 3 days")
                && browser.sees("House"),
            "{}",
            browser.page.text
        );
        // Saving a form in which nothing was touched changes nothing.
        let repeat = browser.hidden("/tasks/1", "repeat_was").unwrap();
        let due = browser.hidden("/tasks/1", "due_was").unwrap();
        browser
            .submit(
                "/tasks/1",
                &[
                    ("title", "Water all plants"),
                    ("description", "the ferns too"),
                    ("due", &due),
                    ("repeat", &repeat),
                    ("priority", "low"),
                    ("tags", "home green"),
                    ("project", "House"),
                ],
            )
            .await;
        assert!(!browser.address.contains("change="), "{}", browser.address);
        browser.press("delete", "1").await;
        browser.open("/trash").await;
        assert!(browser.can("restore", "Water all plants"));
        browser.press("restore", "1").await;
        browser.open("/all").await;
        assert!(browser.can("complete", "Water all plants"));
    }
}

#[tokio::test]
async fn talking_with_receipts_questions_and_approvals() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        for message in [
            "add book the flight",
            "add book the hotel",
            "add water plants",
        ] {
            browser.say(message).await;
        }
        assert!(browser.sees("Undo: "));
        browser.say("delete the book task").await;
        assert!(
            browser.sees("value=\"1\"") && browser.sees("value=\"2\""),
            "{}",
            browser.page.text
        );
        browser.say("2").await;
        browser.open("/all").await;
        assert!(
            browser.can("complete", "Book the flight")
                && !browser.can("complete", "Book the hotel")
        );
        browser.say("delete everything").await;
        assert!(
            browser.sees("name=\"task_1\" checked"),
            "{}",
            browser.page.text
        );
        // The one that is not checked stays.
        browser
            .submit("/approval", &[("answer", "approve"), ("task_1", "on")])
            .await;
        browser.open("/all").await;
        assert!(
            !browser.can("complete", "Book the flight") && browser.can("complete", "Water plants")
        );
        // It does not wait any more, whatever an old page says.
        browser.open("/assistant").await;
        assert!(!browser.sees("value=\"approve\""));
        assert!(browser.sees("Delet"), "the receipt is in the conversation");
    }
}

#[expect(clippy::too_many_lines, reason = "most of it is a table")]
#[tokio::test]
async fn the_main_job_typed_into_the_page() {
    for database in BOTH {
        let mut browser = Browser::new(database).await;
        // What is said, and what the list of open tasks shows then: what is there, and what is not.
        let table: &[(&str, &[&str], &[&str])] = &[
            ("Add a task to buy groceries", &["Buy groceries"], &[]),
            ("I need to remember to pay bills", &["Pay bills"], &[]),
            (
                "remind me to call mum tomorrow at 6pm",
                &["Call mum", "18:00"],
                &[],
            ),
            ("add milk, eggs and bread", &["Milk", "Eggs", "Bread"], &[]),
            ("undo", &["Call mum"], &["Milk", "Eggs", "Bread"]),
            (
                "water the plants every 3 days, and make it high priority",
                &["Water the plants", "every 3 days", "P1"],
                &[],
            ),
            ("Show me all my tasks", &["Pay bills"], &[]),
            (
                "I finished the second one",
                &["Buy groceries"],
                &["Complete: Call mum"],
            ),
            ("undo", &["Complete: Call mum"], &[]),
            (
                "done with the groceries",
                &["Pay bills"],
                &["Complete: Buy groceries"],
            ),
            (
                "Mark task 2 as complete",
                &["Call mum"],
                &["Complete: Pay bills"],
            ),
            ("What have I completed?", &["Call mum"], &[]),
            (
                "Change task 3 to 'Call mom tonight'",
                &["Call mom tonight", "18:00"],
                &["Complete: Call mum"],
            ),
            (
                "move it to friday",
                &["Call mom tonight", "Fri 27 Nov"],
                &[],
            ),
            ("add meeting with Sam", &["Meeting with Sam"], &[]),
            (
                "add prepare the board meeting",
                &["Prepare the board meeting"],
                &[],
            ),
            (
                "Delete the meeting task",
                &["Meeting with Sam", "Prepare the board meeting"],
                &[],
            ),
            ("1", &[], &[]),
            (
                "take back the delete",
                &["Meeting with Sam", "Prepare the board meeting"],
                &[],
            ),
            ("Mark task 999 as complete", &["Call mom tonight"], &[]),
            ("what's the weather?", &["Call mom tonight"], &[]),
            (
                "Add something",
                &["Call mom tonight"],
                &["Complete: Something"],
            ),
            ("renew the passport", &["Renew the passport"], &[]),
        ];
        for (said, there, gone) in table {
            browser.say(said).await;
            browser.open("/all").await;
            let is_there = |words: &str| match words.strip_prefix("Complete: ") {
                Some(title) => browser.can("complete", title),
                None => browser.sees(words),
            };
            for words in *there {
                assert!(
                    is_there(words),
                    "{said}: {words} is not in {}",
                    browser.page.text
                );
            }
            for words in *gone {
                assert!(
                    !is_there(words),
                    "{said}: {words} is in {}",
                    browser.page.text
                );
            }
        }
        browser.say("delete all completed tasks").await;
        browser.say("no").await;
        browser.open("/done").await;
        assert!(browser.can("reopen", "Buy groceries") && browser.can("reopen", "Pay bills"));
        browser.say("delete all completed tasks").await;
        browser.say("yes").await;
        browser.open("/done").await;
        assert!(!browser.sees("name=reopen"), "{}", browser.page.text);
    }
}

#[tokio::test]
async fn a_form_sent_twice_adds_once() {
    let browser = Browser::new(Database::Sqlite).await;
    let first = browser.post("/add", &[("text", "only once")]).await;
    let second = browser.post("/add", &[("text", "only once")]).await;
    assert_eq!(
        (first.status, first.header("location")),
        (303, second.header("location"))
    );
    let mut browser = browser;
    browser.open("/all").await;
    assert_eq!(browser.page.text.matches(">Only once</a>").count(), 1);
}

#[tokio::test]
async fn what_goes_wrong_is_said_on_the_page_it_was_sent_from() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser.submit("/add", &[("text", "   ")]).await;
    assert_eq!(browser.page.status, 422);
    assert!(browser.sees("role=\"alert\""));
    browser.open("/search?filter=(today").await;
    assert!(browser.sees("a parenthesis is not closed"));
    browser.open("/").await;
    let stale = browser
        .post(
            "/tasks",
            &[
                ("complete", "77"),
                ("csrf", &browser.hidden("/add", "csrf").unwrap()),
            ],
        )
        .await;
    assert_eq!(stale.status, 404);
    assert!(stale.text.contains("there is no task 77"));
}

#[tokio::test]
async fn other_sites_cannot_send_forms() {
    let mut browser = Browser::new(Database::Sqlite).await;
    let cookie = browser.cookie.clone();
    let csrf = browser.hidden("/add", "csrf").unwrap();
    for (csrf, origin, status) in [
        ("wrong", "http://todo.test", 403),
        (&csrf, "http://evil.example", 401),
    ] {
        let headers = [
            ("cookie", cookie.as_str()),
            ("host", "todo.test"),
            ("origin", origin),
        ];
        let fields = [("text", "forged"), ("csrf", csrf)];
        let answer = browser.harness.submit("/add", &headers, &fields).await;
        assert_eq!(answer.status, status, "{origin}");
    }
    // Nor can a page elsewhere drive the API with the browser's cookie.
    let request = Request::post("/api/tasks")
        .header("cookie", &cookie)
        .header("host", "todo.test")
        .header("origin", "http://evil.example")
        .header("content-type", "application/json")
        .body(Body::from("{\"title\":\"forged\"}"))
        .unwrap();
    assert_eq!(browser.harness.send(request).await.status, 403);
    browser.open("/all").await;
    assert!(!browser.sees("forged") && !browser.sees("Forged"));
}

#[tokio::test]
async fn titles_are_text_on_the_page() {
    let mut browser = Browser::new(Database::Sqlite).await;
    browser
        .submit("/add", &[("text", "\"<script>alert(1)</script>\"")])
        .await;
    browser.open("/all").await;
    assert!(!browser.sees("<script>alert"), "{}", browser.page.text);
    assert!(
        browser
            .page
            .header("content-security-policy")
            .starts_with("default-src 'none'")
    );
}

#[tokio::test]
async fn links_to_what_is_gone_open_the_page() {
    let mut browser = Browser::new(Database::Sqlite).await;
    for address in [
        "/assistant?conversation=99",
        "/assistant?conversation=x",
        "/assistant?change=99",
    ] {
        browser.open(address).await;
        assert!(browser.sees("id=\"message\""), "{address}");
    }
}

#[tokio::test]
async fn without_a_session_there_is_only_the_way_in() {
    let harness = Harness::new(Database::Sqlite).await;
    for path in [
        "/",
        "/all?task=1",
        "/assistant",
        "/activity",
        "/settings",
        "/account",
    ] {
        let answer = harness.get(path, &[]).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.text.contains("action=\"/sign-in\""));
    }
}
