//! Measures the store with one user who has 100,000 tasks: `cargo run --release -p store --example large -- URL`.

use std::error::Error;
use std::time::{Duration, Instant};

use domain::{
    AddTask, AddTasks, Command, CompleteTask, Days, Decision, Door, Due, Filter, Order, Origin,
    Priority, Selection, TaskId, UndoChange, UserId, decide, needs,
};
use jiff::{Timestamp, ToSpan};
use store::{Batch, Store};

const TASKS: i64 = 100_000;
const DONE: i64 = 20_000;
const PORTION: i64 = 1_000;
const TIMES: usize = 100;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Result {
    let url = std::env::args().nth(1).ok_or("name a database")?;
    let store = Store::open(&url).await?;
    store.migrate().await?;
    let large = Large {
        store,
        user: user(),
        now: "2026-11-24T12:00:00Z".parse()?,
    };
    let started = Instant::now();
    large.fill().await?;
    println!("filled in {:?}", started.elapsed());
    large.measure().await
}

#[expect(clippy::disallowed_methods, reason = "nobody signs in here")]
fn user() -> UserId {
    UserId::authenticated("large")
}

struct Large {
    store: Store,
    user: UserId,
    now: Timestamp,
}

impl Large {
    async fn run(&self, command: &Command) -> Result {
        let rows = self
            .store
            .read(&self.user, &needs(command), self.now)
            .await?;
        if let Decision::Change(changes) = decide(&rows, command, self.now)? {
            let origin = Origin::person(Door::Cli, "large");
            let (entry, head) = changes.entry(&rows.head, command, origin, self.now);
            let batch = Batch {
                head_before: rows.head,
                head,
                entries: vec![entry],
                ..Batch::default()
            };
            self.store.commit(&self.user, &batch).await?;
        }
        Ok(())
    }

    fn task(&self, n: i64) -> Result<AddTask> {
        let words = [
            "milk", "report", "garden", "call", "invoice", "book", "train",
        ];
        let word = |n: i64| words[usize::try_from(n % 7).unwrap_or_default()];
        let title = format!("{} {} number {n}", word(n), word(n / 7));
        // A third has no date; the others are spread over four years around now.
        let day = self.now.to_zoned(jiff::tz::TimeZone::UTC).date() + (n * 7 % 1_461 - 700).days();
        Ok(AddTask {
            due: (n % 3 != 0).then(|| Due::on(day)),
            priority: Priority::from_rank(n % 4 + 1).unwrap_or_default(),
            tags: vec![word(n / 49).parse()?],
            ..AddTask::new(title.parse()?)
        })
    }

    async fn fill(&self) -> Result {
        let there = self
            .store
            .counts(&self.user, Some(&Filter::All), self.now)
            .await?;
        for first in (there.matching..TASKS).step_by(usize::try_from(PORTION)?) {
            let tasks = (first..first + PORTION).map(|n| self.task(n));
            let tasks = tasks.collect::<Result<_>>()?;
            self.run(&Command::AddTasks(AddTasks { tasks })).await?;
        }
        if there.done == 0 {
            for first in (1..=DONE).step_by(usize::try_from(PORTION)?) {
                let selection = Selection::of((first..first + PORTION).map(TaskId));
                self.run(&Command::CompleteTasks(selection)).await?;
            }
        }
        Ok(())
    }

    async fn measure_counts(&self) -> Result {
        let (store, user, now) = (&self.store, &self.user, self.now);
        report("counts", TIMES, async || {
            store.counts(user, None, now).await?;
            Ok(())
        })
        .await?;
        report("labels", TIMES, async || {
            store.labels(user, 100).await?;
            Ok(())
        })
        .await?;
        report("open tasks by project", TIMES, async || {
            store.project_counts(user).await?;
            Ok(())
        })
        .await?;
        report("last number of the journal", TIMES, async || {
            store.last_seq(user).await?;
            Ok(())
        })
        .await
    }

    async fn measure(&self) -> Result {
        let (store, user, now) = (&self.store, &self.user, self.now);
        let filters = [
            "open",
            "today",
            "overdue",
            "this week",
            "@milk & p1",
            "\"invoice train\"",
            "done",
            "done today",
        ];
        for text in filters {
            let filter: Filter = text.parse()?;
            let order = if text.starts_with("done") {
                Order::Completed
            } else {
                Order::Due
            };
            report(&format!("list 100: {text}"), TIMES, async || {
                store.list(user, &filter, order, 100, None, now).await?;
                Ok(())
            })
            .await?;
        }
        let middle = store
            .list(user, &Filter::Open, Order::Due, 500, None, now)
            .await?
            .next_cursor;
        report("list 100: open, a later page", TIMES, async || {
            store
                .list(user, &Filter::Open, Order::Due, 100, middle.as_deref(), now)
                .await?;
            Ok(())
        })
        .await?;
        report("tasks due today, rows of a command", TIMES, async || {
            let needs = domain::Needs {
                filter: Some(Filter::Due(Days::Today)),
                steps: true,
                ..domain::Needs::default()
            };
            store.read(user, &needs, now).await?;
            Ok(())
        })
        .await?;
        self.measure_counts().await?;
        report("in sight of a message", TIMES, async || {
            let words = ["remind", "about", "invoice", "number", "99999"].map(str::to_owned);
            store.in_sight(user, &words).await?;
            Ok(())
        })
        .await?;
        report("add", TIMES, async || {
            self.run(&Command::AddTask(self.task(1)?)).await
        })
        .await?;
        report("undo", TIMES, async || {
            self.run(&Command::UndoChange(UndoChange::default())).await
        })
        .await?;
        let mut next = DONE;
        report("complete", TIMES, async || {
            next += 1;
            self.run(&Command::CompleteTask(CompleteTask {
                task_id: TaskId(next),
            }))
            .await
        })
        .await?;
        report("history", TIMES, async || {
            store
                .history(user, Some(TaskId(DONE + 1)), None, None, 20)
                .await?;
            Ok(())
        })
        .await?;
        report("verify", 1, async || {
            store.verify(user).await?;
            Ok(())
        })
        .await
    }
}

async fn report(what: &str, times: usize, mut work: impl AsyncFnMut() -> Result) -> Result {
    let mut took = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        work().await?;
        took.push(started.elapsed());
    }
    took.sort();
    let at = |percent: usize| {
        took.get(took.len() * percent / 100)
            .copied()
            .unwrap_or(Duration::ZERO)
    };
    println!("{what:40} p50 {:>10.2?}  p95 {:>10.2?}", at(50), at(95));
    Ok(())
}
