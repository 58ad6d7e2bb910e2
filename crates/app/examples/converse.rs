//! Holds conversations over a pipe, each on a throw-away database: a JSON line in, a JSON line out.
//!
//! `{"op":"reset","now","timezone","tasks"}` begins anew with these tasks and this clock and answers `{"ok":true}`;
//! `{"op":"say","text"}` answers `{"reply","tasks"}`. It is for measuring how whole conversations go.

use std::error::Error;
use std::io::{BufRead, Write};

use accounts::{Accounts, Settings};
use app::{App, Kind, Turn};
use domain::{
    AddTask, Clock, Command, ConversationId, Door, Filter, ListTasks, Order, Origin, Outcome, Said,
    SpokenCommand, Task, UpdateSettings, UserId,
};
use jiff::civil::DateTime;
use serde_json::{Value, json};
use store::Store;

struct Talk {
    app: App,
    user: UserId,
    conversation: Option<ConversationId>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut talk: Option<Talk> = None;
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = match (request["op"].as_str(), &mut talk) {
            (Some("reset"), _) => {
                talk = Some(Talk::new(&request).await?);
                json!({ "ok": true })
            }
            (Some("say"), Some(talk)) => {
                talk.say(request["text"].as_str().unwrap_or_default())
                    .await?
            }
            _ => json!({ "error": "say reset first" }),
        };
        println!("{answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

impl Talk {
    async fn new(request: &Value) -> Result<Self, Box<dyn Error>> {
        let zone = request["timezone"].as_str().unwrap_or("UTC");
        let now: DateTime = request["now"].as_str().unwrap_or_default().parse()?;
        let store = Store::open("sqlite::memory:").await?;
        store.migrate().await?;
        let clock = Clock::fixed(now.in_tz(zone)?.timestamp());
        let accounts = Accounts::new(store.clone(), clock.clone(), Settings::local())?;
        let (user, _) = accounts.local_owner().await?;
        let app = App::new(store, clock);
        let talk = Self {
            app,
            user,
            conversation: None,
        };
        let settings = UpdateSettings {
            time_zone: Some(zone.parse()?),
            ..UpdateSettings::default()
        };
        talk.run(Command::UpdateSettings(settings)).await?;
        for task in request["tasks"].as_array().into_iter().flatten() {
            let text = |field: &str| task[field].as_str().map(|text| Said(text.to_owned()));
            let mut add = AddTask::new(task["title"].as_str().unwrap_or_default().parse()?);
            add.due = text("due");
            add.repeat = text("recurrence");
            add.completed = task["completed"] == true;
            add.priority = serde_json::from_value(task["priority"].clone()).unwrap_or_default();
            add.tags = serde_json::from_value(task["tags"].clone()).unwrap_or_default();
            add.description = task["description"].as_str().map(str::parse).transpose()?;
            talk.run(
                talk.app
                    .meant(&talk.user, SpokenCommand::AddTask(add))
                    .await?,
            )
            .await?;
        }
        Ok(talk)
    }

    async fn run(&self, command: Command) -> Result<Outcome, app::Error> {
        self.app
            .run(&self.user, &command, Origin::person(Door::Rest, "converse"))
            .await
    }

    async fn say(&mut self, text: &str) -> Result<Value, Box<dyn Error>> {
        let turn = Turn {
            conversation: self.conversation,
            text: text.parse()?,
            kind: Kind::Words,
            door: Door::Chat,
            request_id: accounts::random_name(),
            idempotency_key: None,
        };
        let reply = self.app.turn(&self.user, &turn).await?;
        self.conversation = Some(reply.conversation);
        let list = ListTasks {
            filter: Some(Filter::All),
            order: Order::Added,
            ..ListTasks::default()
        };
        let Outcome::Tasks(page) = self.run(Command::ListTasks(list)).await? else {
            return Err("no list".into());
        };
        Ok(
            json!({ "reply": reply.text, "tasks": page.tasks.iter().map(shown).collect::<Vec<_>>() }),
        )
    }
}

fn shown(task: &Task) -> Value {
    let rule = task.repeat.as_ref().map(|repeat| &repeat.rule);
    // The data says a date only where one was said; one that merely follows from the repeat is left out.
    let implied = rule.is_some_and(|rule| {
        task.due
            .as_ref()
            .is_some_and(|due| rule.first(due.date) == Some(due.date))
    });
    json!({
        "title": task.title,
        "description": task.description,
        "due": task.due.as_ref().filter(|_| !implied).map(ToString::to_string),
        "priority": task.priority,
        "tags": task.tags,
        "completed": task.is_done(),
        "recurrence": rule.map(ToString::to_string),
    })
}
