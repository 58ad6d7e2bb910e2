//! Lists: their orders, their pages, and how much is in them.

use std::collections::{BTreeMap, HashMap};

use domain::{
    Counts, Days, Filter, Order, ProjectId, Settings, Tag, Tags, Task, TaskPage, UserId, View,
};
use jiff::Timestamp;

use crate::db::{Row, Statement, Value, params};
use crate::filter::{Condition, is_relative};
use crate::rows::{TASKS, all, due_key, from_json, number, task};
use crate::{Error, Store};

const COUNT: &str = "SELECT COUNT(*) FROM tasks";
/// The order of a list in which nobody has asked for another.
pub(crate) const BY_DUE: &str = "due_key, priority, position, id";

/// The order of a list, and how a place in it is written.
struct Sorting {
    /// Begins its cursors, so that one of another order is known for what it is.
    name: &'static str,
    /// Whether the first of the values it is sorted by is a text; all others are numbers.
    by_text: bool,
    /// How many values those are.
    length: usize,
    columns: &'static str,
    order_by: &'static str,
    compare: &'static str,
    key: fn(&Task) -> Vec<Value>,
}

fn sorting(order: Order) -> Sorting {
    match order {
        Order::Due => Sorting {
            name: "d",
            by_text: true,
            length: 4,
            columns: BY_DUE,
            order_by: BY_DUE,
            compare: ">",
            key: |task| {
                let rank = task.priority.rank();
                params![due_key(task), rank, task.position, task.id.0]
            },
        },
        Order::Added => Sorting {
            name: "a",
            by_text: false,
            length: 1,
            columns: "id",
            order_by: "id",
            compare: ">",
            key: |task| params![task.id.0],
        },
        Order::Place => Sorting {
            name: "p",
            by_text: false,
            length: 2,
            columns: "position, id",
            order_by: "position, id",
            compare: ">",
            key: |task| params![task.position, task.id.0],
        },
        Order::Completed => Sorting {
            name: "c",
            by_text: false,
            length: 2,
            columns: "(COALESCE(completed_at, 0)), id",
            order_by: "(COALESCE(completed_at, 0)) DESC, id DESC",
            compare: "<",
            key: |task| {
                let at = task.completed_at.map_or(0, Timestamp::as_microsecond);
                params![at, task.id.0]
            },
        },
    }
}

impl Sorting {
    /// The place of `task` as text: the values it is sorted by, with `_` between them.
    fn cursor(&self, task: &Task) -> String {
        let word = |value: Value| match value {
            Value::Int(value) => value.unwrap_or_default().to_string(),
            Value::Text(text) => text.unwrap_or_default(),
        };
        let values = (self.key)(task).into_iter().map(word);
        let words: Vec<String> = [self.name.to_owned()].into_iter().chain(values).collect();
        words.join("_")
    }

    /// The values of the place that `cursor` names.
    fn place(&self, cursor: &str) -> Result<Vec<Value>, Error> {
        /// A due key has no more than this.
        const KEY_MAX: usize = 24;
        let mut words = cursor.split('_');
        let mut values = Vec::new();
        if words.next() != Some(self.name) {
            return Err(Error::BadCursor);
        }
        if self.by_text {
            let key = words.next().ok_or(Error::BadCursor)?;
            if key.len() > KEY_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Error::BadCursor);
            }
            values.push(key.into());
        }
        for word in words {
            let number: i64 = word.parse().map_err(|_| Error::BadCursor)?;
            values.push(number.into());
        }
        if values.len() == self.length {
            Ok(values)
        } else {
            Err(Error::BadCursor)
        }
    }
}

impl Store {
    /// One page of the tasks that `filter` names.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if `from` is no cursor of this order.
    pub async fn list(
        &self,
        user: &UserId,
        filter: &Filter,
        order: Order,
        limit: u32,
        from: Option<&str>,
        now: Timestamp,
    ) -> Result<TaskPage, Error> {
        let sorting = sorting(order);
        let place = from.map(|cursor| sorting.place(cursor)).transpose()?;
        let view = self.view(user, [filter], now).await?;
        let mut condition = Condition::of(user).and(filter, &view);
        let count = condition.clone().statement(COUNT, "");
        if let Some(place) = place {
            let places = place.into_iter().map(|value| condition.param(value));
            let places = places.collect::<Vec<_>>().join(", ");
            let Sorting {
                columns, compare, ..
            } = sorting;
            condition.sql = format!("{} AND ({columns}) {compare} ({places})", condition.sql);
        }
        let one_more = u64::from(limit) + 1;
        let page = format!(" ORDER BY {} LIMIT {one_more}", sorting.order_by);
        let mut answers = self
            .db
            .of(user)
            .anywhere()
            .read(vec![condition.statement(TASKS, &page), count])
            .await?;
        let total = number(answers.pop())?;
        let mut tasks = all(answers.pop().unwrap_or_default(), task)?;
        let more = tasks.len() > limit as usize;
        tasks.truncate(limit as usize);
        Ok(TaskPage {
            filter: filter.clone(),
            total,
            next_cursor: tasks
                .last()
                .filter(|_| more)
                .map(|last| sorting.cursor(last)),
            tasks,
        })
    }

    /// What a user sees at `now`, as far as it matters to `filters`.
    async fn view(
        &self,
        user: &UserId,
        filters: impl IntoIterator<Item = &Filter>,
        now: Timestamp,
    ) -> Result<View, Error> {
        let settings = if filters.into_iter().any(is_relative) {
            self.settings(user).await?
        } else {
            Settings::default()
        };
        Ok(View::new(&settings, now))
    }

    /// How many tasks each of `filters` names.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn count_each(
        &self,
        user: &UserId,
        filters: &[Filter],
        now: Timestamp,
    ) -> Result<Vec<i64>, Error> {
        let view = self.view(user, filters, now).await?;
        let count = |filter| Condition::of(user).and(filter, &view).statement(COUNT, "");
        let statements = filters.iter().map(count).collect();
        let answers = self
            .db
            .of(user)
            .anywhere()
            .read(statements)
            .await?
            .into_iter();
        answers.map(|rows| number(Some(rows))).collect()
    }

    /// How many tasks there are, and how many of them `filter` names.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn counts(
        &self,
        user: &UserId,
        filter: Option<&Filter>,
        now: Timestamp,
    ) -> Result<Counts, Error> {
        let today = Days::Today;
        let (due, done) = (Filter::Due(today), Filter::DoneIn(today));
        let mut filters = vec![Filter::Open, Filter::Done, Filter::Overdue, due, done];
        filters.extend(filter.cloned());
        let numbers = self.count_each(user, &filters, now).await?;
        let [open, done, overdue, today, done_today, ref rest @ ..] = numbers[..] else {
            return Err(Error::Corrupt("a count is missing".to_owned()));
        };
        Ok(Counts {
            filter: filter.cloned(),
            matching: rest.first().copied().unwrap_or(open),
            open,
            done,
            overdue,
            today,
            done_today,
        })
    }

    /// The labels of open tasks, each with how many have it: those used most first, at most `limit`. One that is spelled
    /// in several ways is shown as it is most often.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn labels(&self, user: &UserId, limit: usize) -> Result<Vec<(Tag, i64)>, Error> {
        // Few tasks have labels that no other has, so the database counts them by all their labels together.
        let sql = "SELECT tags, COUNT(*) FROM tasks WHERE user_id = $1 AND state = 1 AND tags <> '[]' GROUP BY tags";
        let found = self
            .db
            .of(user)
            .anywhere()
            .query(Statement::new(sql, params![user.as_str()]))
            .await?;
        // By the folded label: how many tasks have it, and how often it is spelled in which way.
        let mut labels: HashMap<String, (i64, BTreeMap<String, i64>)> = HashMap::new();
        for mut row in found {
            let (tags, count) = (from_json::<Tags>(&row.text()?)?, row.int()?);
            for tag in tags.iter() {
                let (all, spelled) = labels.entry(tag.folded()).or_default();
                *all += count;
                *spelled.entry(tag.to_string()).or_default() += count;
            }
        }
        let mut labels: Vec<_> = labels.into_iter().collect();
        labels.sort_by(|(a, (most, _)), (b, (least, _))| least.cmp(most).then_with(|| a.cmp(b)));
        labels.truncate(limit);
        let usual = |(folded, (count, spelled)): (String, (i64, BTreeMap<String, i64>))| {
            let usual = spelled.into_iter().max_by_key(|(_, times)| *times);
            let tag = usual.map_or(folded, |(spelling, _)| spelling).parse();
            Ok((
                tag.map_err(|error| Error::Corrupt(format!("{error}")))?,
                count,
            ))
        };
        labels.into_iter().map(usual).collect()
    }

    /// How many open tasks are in each project, and with `None` in the inbox; those with none are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn project_counts(
        &self,
        user: &UserId,
    ) -> Result<BTreeMap<Option<ProjectId>, i64>, Error> {
        let sql = "SELECT project_id, COUNT(*) FROM tasks WHERE user_id = $1 AND state = 1 GROUP BY project_id";
        let found = self
            .db
            .of(user)
            .anywhere()
            .query(Statement::new(sql, params![user.as_str()]))
            .await?;
        let count = |mut row: Row| Ok((row.int_or_null()?.map(ProjectId), row.int()?));
        found.into_iter().map(count).collect()
    }
}
