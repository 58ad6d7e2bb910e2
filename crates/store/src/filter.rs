//! A filter as a condition in SQL, with the meaning it has in memory (`domain::Filter::matches`).

use domain::{Days, Filter, Scope, View, fold};

use crate::db::Value;

/// A condition and its values being put together.
pub(crate) struct Condition {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
}

impl Condition {
    /// That a row is the user's: the beginning of every condition. The user is `$1`.
    pub(crate) fn of(user: &domain::UserId) -> Self {
        Self {
            sql: "user_id = $1".to_owned(),
            params: vec![user.as_str().into()],
        }
    }

    /// Also that `filter` names the row, seen from `view`.
    pub(crate) fn and(mut self, filter: &Filter, view: &View) -> Self {
        self.sql.push_str(match filter.scope() {
            // Word for word as in the partial index, so that it is used.
            Scope::Open => " AND completed_at IS NULL AND deleted_at IS NULL",
            Scope::Kept => " AND deleted_at IS NULL",
            Scope::Everything => "",
        });
        self.sql.push_str(" AND ");
        self.holds(filter, view);
        self
    }

    /// Adds a value and returns its place.
    pub(crate) fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn holds(&mut self, filter: &Filter, view: &View) {
        let sql = match filter {
            Filter::Open => "(completed_at IS NULL AND deleted_at IS NULL)".to_owned(),
            Filter::Done => "(completed_at IS NOT NULL AND deleted_at IS NULL)".to_owned(),
            Filter::All => "deleted_at IS NULL".to_owned(),
            Filter::Trash => "deleted_at IS NOT NULL".to_owned(),
            Filter::Overdue => {
                let (today, now) = (view.now.date().to_string(), view.now.time());
                // A time is kept to the minute, so it has passed once the clock is any bit beyond it.
                let beyond = now.second() > 0 || now.subsec_nanosecond() > 0;
                let clock = format!("{:02}:{:02}", now.hour(), now.minute());
                let (today, clock) = (self.param(today), self.param(clock));
                let instant = self.param(view.now.timestamp().as_microsecond());
                let compare = if beyond { "<=" } else { "<" };
                format!(
                    "(completed_at IS NULL AND deleted_at IS NULL AND due_date IS NOT NULL AND CASE \
                     WHEN due_at IS NOT NULL THEN due_at < {instant} \
                     WHEN due_time IS NULL THEN due_date < {today} \
                     ELSE due_date < {today} OR (due_date = {today} AND due_time {compare} {clock}) END)"
                )
            }
            Filter::HasDate(true) => "due_date IS NOT NULL".to_owned(),
            Filter::HasDate(false) => "due_date IS NULL".to_owned(),
            Filter::Due(days) => self.due(*days, view),
            Filter::DoneIn(days) => {
                let within = self.instants("completed_at", *days, view);
                format!("(completed_at IS NOT NULL AND deleted_at IS NULL{within})")
            }
            Filter::Repeating => "repeat IS NOT NULL".to_owned(),
            Filter::Priority(priority) => format!("priority = {}", self.param(priority.rank())),
            Filter::Tag(tag) => self.labelled(&tag.folded()),
            Filter::Project(name) => self.in_project(name),
            Filter::ProjectNumber(id) => format!("COALESCE(project_id, 0) = {}", self.param(id.0)),
            Filter::Label(name) => format!(
                "({} OR {})",
                self.in_project(name),
                self.labelled(&fold(name))
            ),
            Filter::Inbox => "project_id IS NULL".to_owned(),
            // A comparison with NULL is neither true nor false, and so must not meet a NOT.
            Filter::Under(id) => format!("COALESCE(parent_id, 0) = {}", self.param(id.0)),
            Filter::Number(id) => format!("id = {}", self.param(id.0)),
            Filter::Text(text) => self.contains("search", &fold(text)),
            Filter::Not(inner) => {
                self.sql.push_str("NOT (");
                self.holds(inner, view);
                ")".to_owned()
            }
            Filter::And(parts) => return self.joined(parts, " AND ", "1 = 1", view),
            Filter::Or(parts) => return self.joined(parts, " OR ", "1 = 0", view),
        };
        self.sql.push_str(&sql);
    }

    fn joined(&mut self, parts: &[Filter], between: &str, none: &str, view: &View) {
        self.sql.push('(');
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                self.sql.push_str(between);
            }
            self.holds(part, view);
        }
        if parts.is_empty() {
            self.sql.push_str(none);
        }
        self.sql.push(')');
    }

    fn due(&mut self, days: Days, view: &View) -> String {
        let (first, last) = days.bounds(view);
        let mut local = "due_date IS NOT NULL".to_owned();
        if let Some(first) = first {
            local.push_str(&format!(
                " AND due_date >= {}",
                self.param(first.to_string())
            ));
        }
        if let Some(last) = last {
            local.push_str(&format!(
                " AND due_date <= {}",
                self.param(last.to_string())
            ));
        }
        let zoned = self.instants("due_at", days, view);
        format!(
            "(due_date IS NOT NULL AND CASE WHEN due_at IS NOT NULL THEN (1 = 1{zoned}) ELSE ({local}) END)"
        )
    }

    /// That an instant falls on one of the days, by the user's clock; nothing if any will do.
    fn instants(&mut self, column: &str, days: Days, view: &View) -> String {
        let zone = view.now.time_zone();
        let start = |date: jiff::civil::Date| {
            let midnight =
                zone.to_ambiguous_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
            midnight
                .compatible()
                .map_or(i64::MAX, jiff::Timestamp::as_microsecond)
        };
        let (first, last) = days.bounds(view);
        let mut sql = String::new();
        if let Some(first) = first {
            sql.push_str(&format!(" AND {column} >= {}", self.param(start(first))));
        }
        if let Some(last) = last {
            let end = last.tomorrow().map_or(i64::MAX, start);
            sql.push_str(&format!(" AND {column} < {}", self.param(end)));
        }
        sql
    }

    fn in_project(&mut self, name: &str) -> String {
        let name = self.param(fold(name));
        format!(
            "COALESCE(project_id, 0) IN (SELECT id FROM projects WHERE user_id = $1 AND folded = {name})"
        )
    }

    fn labelled(&mut self, folded: &str) -> String {
        self.contains("tags_folded", &format!("\n{folded}\n"))
    }

    /// That a column holds a text, whatever signs are in it.
    pub(crate) fn contains(&mut self, column: &str, text: &str) -> String {
        let escaped = text
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let pattern = self.param(format!("%{escaped}%"));
        format!("{column} LIKE {pattern} ESCAPE '\\'")
    }
}
