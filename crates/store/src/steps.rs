//! How far tasks have come, by their steps.

use std::collections::BTreeMap;

use domain::{TaskId, UserId};

use crate::rows::among;
use crate::{Error, Store};

/// The steps of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepCount {
    /// How many are done.
    pub done: i64,
    /// How many there are, those in the trash left out.
    pub all: i64,
}

impl Store {
    /// The steps of those of these tasks that have any.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn step_counts(
        &self,
        user: &UserId,
        ids: &[TaskId],
    ) -> Result<BTreeMap<TaskId, StepCount>, Error> {
        const COUNTS: &str = "SELECT parent_id, COUNT(CASE WHEN state = 2 THEN 1 END), COUNT(*) \
                              FROM tasks";
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let mut statements = among(user, COUNTS, "state < 3 AND parent_id", &ids);
        for statement in &mut statements {
            statement.sql.to_mut().push_str(" GROUP BY parent_id");
        }
        if statements.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut counts = BTreeMap::new();
        for mut row in self.db.of(user).read(statements).await?.concat() {
            let id = TaskId(row.int()?);
            let (done, all) = (row.int()?, row.int()?);
            counts.insert(id, StepCount { done, all });
        }
        Ok(counts)
    }
}
