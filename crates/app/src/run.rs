//! Runs one command.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::{
    Changes, Command, Decision, Door, Entry, Field, Filter, GetHistory, HistoryPage, ListTasks,
    Needs, Order, Origin, Outcome, Overview, Project, ProjectId, Receipt, Refusal, Repeat, Said,
    Schedule, Seq, Settings, SpokenCommand, Tag, Task, TaskId, UpdateSettings, UserId, View,
    ZoneName, decide, needs,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use language::{Language, Line, Sight};
use store::Batch;

use crate::{App, Error};

/// How often a command is decided again because somebody else was faster, before the caller is told to come back.
pub(crate) const ATTEMPTS_MAX: usize = 32;

/// What a command would do.
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time")]
#[derive(Debug, Clone, PartialEq)]
pub enum Preview {
    /// It would change these rows.
    Changes(Changes),
    /// It would come to this, and change nothing.
    Outcome(Outcome),
}

/// A filter that asks for less than another which names no task, and names some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looser {
    /// What it asks for.
    pub filter: Filter,
    /// The condition that it leaves out.
    pub without: Filter,
    /// How many tasks it names.
    pub count: i64,
}

impl App {
    /// Runs `command` for `user` and says what came of it.
    ///
    /// # Errors
    /// Why it could not be done; nothing has changed then, unless it is [`Error::Unavailable`] after a commit whose
    /// answer was lost, which an idempotency key makes safe to repeat.
    pub async fn run(
        &self,
        user: &UserId,
        command: &Command,
        origin: Origin,
    ) -> Result<Outcome, Error> {
        if let Some(outcome) = self.look(user, command).await? {
            return Ok(outcome);
        }
        let _turn = self.queue(user).await;
        for _ in 0..ATTEMPTS_MAX {
            if let Some(key) = &origin.idempotency_key
                && let Some(entry) = self.store().entry_by_key(user, key).await?
            {
                // Nobody is told of somebody else's change as their own: a person and agents have the keys of one user.
                let same = entry.action == command.name() && entry.origin.actor == origin.actor;
                return if same {
                    Ok(Outcome::Changed(entry.into()))
                } else {
                    Err(Error::KeyReused)
                };
            }
            let now = self.clock().now();
            let rows = self.store().read(user, &needs(command), now).await?;
            let changes = match decide(&rows, command, now)? {
                Decision::Change(changes) => changes,
                Decision::Unchanged(unchanged) => return Ok(Outcome::Unchanged(unchanged)),
                Decision::Reads => unreachable!("look() has answered every reading command"),
            };
            let (entry, head) = changes.entry(&rows.head, command, origin.clone(), now);
            let batch = Batch {
                head_before: rows.head,
                head,
                entries: vec![entry],
                ..Batch::default()
            };
            match self.store().commit(user, &batch).await {
                Ok(()) => return Ok(Outcome::Changed(receipt(batch.entries))),
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// Lets somebody new live by this machine's clock until they say otherwise.
    ///
    /// # Errors
    /// As with [`App::run`].
    pub async fn welcome(&self, user: &UserId, door: Door, request_id: &str) -> Result<(), Error> {
        let zone = jiff::tz::TimeZone::system()
            .iana_name()
            .and_then(|name| name.parse::<ZoneName>().ok());
        // Some systems call it Etc/UTC.
        if let Some(zone) = zone.filter(|zone| !zone.as_str().ends_with("UTC")) {
            let update = UpdateSettings {
                time_zone: Some(zone),
                ..UpdateSettings::default()
            };
            let origin = Origin::person(door, request_id);
            self.run(user, &Command::UpdateSettings(update), origin)
                .await?;
        }
        Ok(())
    }

    /// What `command` would do, without doing it.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn preview(&self, user: &UserId, command: &Command) -> Result<Preview, Error> {
        if let Some(outcome) = self.look(user, command).await? {
            return Ok(Preview::Outcome(outcome));
        }
        let now = self.clock().now();
        let rows = self.store().read(user, &needs(command), now).await?;
        Ok(match decide(&rows, command, now)? {
            Decision::Change(changes) => Preview::Changes(changes),
            Decision::Unchanged(unchanged) => Preview::Outcome(Outcome::Unchanged(unchanged)),
            Decision::Reads => unreachable!("look() has answered every reading command"),
        })
    }

    /// The settings of `user`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn settings(&self, user: &UserId) -> Result<Settings, Error> {
        Ok(self.store().settings(user).await?)
    }

    /// What `user` sees now.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn view(&self, user: &UserId) -> Result<View, Error> {
        Ok(View::new(&self.settings(user).await?, self.clock().now()))
    }

    /// The command with its dates as `user` means them.
    ///
    /// # Errors
    /// [`Error::UnreadableDate`] for words that are none.
    pub async fn meant(&self, user: &UserId, command: SpokenCommand) -> Result<Command, Error> {
        // Most dates are exact, and then nothing has to be known of the user.
        if let Ok(command) = command.clone().meant(|said| exactly(said).ok_or(())) {
            return Ok(command);
        }
        let view = self.view(user).await?;
        let day = said_day(&command);
        let mut command = command.meant(|said| {
            if said.0.to_ascii_uppercase().contains("FREQ=") {
                let rule: Repeat = said.0.parse().map_err(Refusal::Rule)?;
                return Ok(Schedule {
                    due: None,
                    repeat: Some(rule),
                });
            }
            exactly(said)
                .or_else(|| language::when(&said.0, &view))
                .ok_or_else(|| Error::UnreadableDate(said.0.trim().to_owned()))
        })?;
        if let (Command::UpdateTask(update), true) = (&mut command, day)
            && let Some(due) = &mut update.patch.due
            && due.time.is_none()
            && let Some(task) = self.task(user, update.task_id).await?
        {
            due.time = task.due.and_then(|before| before.time);
        }
        Ok(command)
    }

    /// The day that `user` means by `said`.
    ///
    /// # Errors
    /// [`Error::UnreadableDate`] for words that are none.
    pub async fn day(&self, user: &UserId, said: &str) -> Result<Date, Error> {
        if let Ok(date) = said.trim().parse() {
            return Ok(date);
        }
        let due = language::when(said, &self.view(user).await?).and_then(|schedule| schedule.due);
        due.map(|due| due.date)
            .ok_or_else(|| Error::UnreadableDate(said.trim().to_owned()))
    }

    /// The answer to a reading command. `None` for one that changes something.
    pub(crate) async fn look(
        &self,
        user: &UserId,
        command: &Command,
    ) -> Result<Option<Outcome>, Error> {
        let now = self.clock().now();
        Ok(Some(match command {
            Command::ListTasks(list) => self.list(user, list, now).await?,
            Command::GetTask(get) => {
                let found = self.store().task(user, get.task_id).await?;
                let found = found.filter(|found| !found.task.is_trashed());
                Outcome::Task(found.ok_or(Refusal::NoSuchTask(get.task_id))?)
            }
            Command::CountTasks(count) => Outcome::Counts(
                self.store()
                    .counts(user, count.filter.as_ref(), now)
                    .await?,
            ),
            Command::GetOverview(get) => {
                Outcome::Overview(self.overview(user, get.date, now).await?)
            }
            Command::ListProjects(list) => Outcome::Projects {
                projects: self.store().projects(user, list.archived).await?,
            },
            Command::GetHistory(get) => Outcome::History(self.history(user, get).await?),
            _ => return Ok(None),
        }))
    }

    async fn list(
        &self,
        user: &UserId,
        list: &ListTasks,
        now: Timestamp,
    ) -> Result<Outcome, Error> {
        let limit = within(list.limit, ListTasks::LIMIT, ListTasks::LIMIT_MAX)?;
        let page = self
            .store()
            .list(
                user,
                &list.filter(),
                list.order,
                limit,
                list.cursor.as_deref(),
                now,
            )
            .await?;
        Ok(Outcome::Tasks(page))
    }

    async fn history(&self, user: &UserId, get: &GetHistory) -> Result<HistoryPage, Error> {
        let limit = within(get.limit, 20, 200)?;
        Ok(self
            .store()
            .history(user, get.task_id, get.by, get.before, limit)
            .await?)
    }

    async fn overview(
        &self,
        user: &UserId,
        date: Option<Date>,
        now: Timestamp,
    ) -> Result<Overview, Error> {
        let store = self.store();
        let today = self.view(user).await?.now.date();
        let date = date.unwrap_or(today);
        let between = |from: Option<i32>, to: i32| {
            let day = |days: i32| date.saturating_add(days.days());
            Filter::Due(domain::Days::Between(from.map(day), Some(day(to))))
        };
        // What is due today but has passed by the clock is shown under today.
        let (overdue, due, upcoming) =
            (between(None, -1), between(Some(0), 0), between(Some(1), 7));
        let part = |filter| async move {
            store
                .list(user, &filter, Order::Due, Overview::PART_MAX, None, now)
                .await
                .map(|page| page.tasks)
        };
        let (overdue, today, upcoming, counts) = tokio::try_join!(
            part(overdue),
            part(due),
            part(upcoming),
            store.counts(user, None, now)
        )?;
        Ok(Overview {
            date,
            overdue,
            today,
            upcoming,
            counts,
        })
    }

    /// The change with this number. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn change(&self, user: &UserId, seq: domain::Seq) -> Result<Option<Receipt>, Error> {
        let page = self
            .store()
            .history(user, None, None, Some(seq.next()), 1)
            .await?;
        Ok(page
            .changes
            .into_iter()
            .find(|change| change.change_id == seq))
    }

    /// The projects of `user`, those put away too.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn projects(&self, user: &UserId) -> Result<Vec<Project>, Error> {
        Ok(self.store().projects(user, true).await?)
    }

    /// The last number of the journal of `user`; 0 before the first change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn head(&self, user: &UserId) -> Result<Seq, Error> {
        Ok(self.store().last_seq(user).await?)
    }

    /// The labels of open tasks, each with how many have it: those used most first, at most 100.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn labels(&self, user: &UserId) -> Result<Vec<(Tag, i64)>, Error> {
        const LABELS_MAX: usize = 100;
        Ok(self.store().labels(user, LABELS_MAX).await?)
    }

    /// How many open tasks are in each project, and with `None` in the inbox; those with none are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn project_counts(
        &self,
        user: &UserId,
    ) -> Result<BTreeMap<Option<ProjectId>, i64>, Error> {
        Ok(self.store().project_counts(user).await?)
    }

    /// The nearest to `filter`, which names no task, that names some: one condition is left out, and of those ways the
    /// one that names the fewest. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn looser(&self, user: &UserId, filter: &Filter) -> Result<Option<Looser>, Error> {
        /// More conditions than anybody writes; each costs a count.
        const CONDITIONS_MAX: usize = 12;
        let ways = filter.looser();
        if ways.is_empty() || ways.len() > CONDITIONS_MAX {
            return Ok(None);
        }
        let filters: Vec<Filter> = ways.iter().map(|(looser, _)| looser.clone()).collect();
        let now = self.clock().now();
        let counts = self.store().count_each(user, &filters, now).await?;
        // What was written last was added to what was there before.
        let found = ways.into_iter().zip(counts).rev();
        let nearest = found
            .filter(|(_, count)| *count > 0)
            .min_by_key(|(_, count)| *count);
        Ok(nearest.map(|((filter, without), count)| Looser {
            filter,
            without,
            count,
        }))
    }

    /// A line read as a task to add, and what its words were read as; those that touch the stretches `literal` are not read.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn parse(
        &self,
        user: &UserId,
        text: &str,
        literal: &[Range<usize>],
    ) -> Result<Line, Error> {
        self.reading(user, |sight| language::line(text, literal, sight))
            .await
    }

    /// The same with a task in each line of a text.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn parse_each(
        &self,
        user: &UserId,
        text: &str,
        literal: &[Range<usize>],
    ) -> Result<Vec<Line>, Error> {
        self.reading(user, |sight| language::each_line(text, literal, sight))
            .await
    }

    async fn reading<T>(
        &self,
        user: &UserId,
        read: impl FnOnce(&Sight<'_>) -> T + Send,
    ) -> Result<T, Error> {
        let (settings, projects) = (self.settings(user).await?, self.projects(user).await?);
        let view = View::new(&settings, self.clock().now());
        Ok(read(&Sight {
            projects: &projects,
            language: Language::tagged(&settings.locale),
            ..Sight::new(&view)
        }))
    }

    /// Those of these tasks that there are, in the trash or not.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn tasks(
        &self,
        user: &UserId,
        ids: impl IntoIterator<Item = TaskId>,
    ) -> Result<BTreeMap<TaskId, Task>, Error> {
        let needs = Needs {
            tasks: ids.into_iter().collect(),
            ..Needs::default()
        };
        let now = self.clock().now();
        Ok(self.store().read(user, &needs, now).await?.tasks)
    }

    /// The task with this number, in the trash or not. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn task(&self, user: &UserId, id: TaskId) -> Result<Option<Task>, Error> {
        Ok(self.store().task(user, id).await?.map(|detail| detail.task))
    }
}

/// Whether a task is moved by words: to another day they leave its time of day alone, as in a conversation, unless it is to
/// lose that. What is written out says all of it.
fn said_day(command: &SpokenCommand) -> bool {
    matches!(command, SpokenCommand::UpdateTask(update)
        if update.patch.due.as_ref().is_some_and(|said| exactly(said).is_none())
            && !update.patch.clear.contains(&Field::Time))
}

/// A date or a rule that is written out. `None` if it is words.
fn exactly(said: &Said) -> Option<Schedule> {
    let text = said.0.trim();
    if let Ok(due) = text.parse() {
        return Some(Schedule {
            due: Some(due),
            repeat: None,
        });
    }
    text.parse().ok().map(|repeat| Schedule {
        due: None,
        repeat: Some(repeat),
    })
}

/// The limit that was asked for, or the usual one.
fn within(limit: Option<u32>, usual: u32, most: u32) -> Result<u32, Error> {
    match limit.unwrap_or(usual) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        _ => Err(Error::BadLimit(most)),
    }
}

/// The receipt of a command's one entry.
fn receipt(entries: Vec<Entry>) -> Receipt {
    entries
        .into_iter()
        .next()
        .map(Receipt::from)
        .expect("a changing command makes one entry")
}
