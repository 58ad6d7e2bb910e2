//! How far tasks have come, by their steps.

use std::collections::BTreeMap;

use domain::{TaskId, UserId};
use store::StepCount;

use crate::{App, Error};

impl App {
    /// The steps of those of these tasks that have any.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn step_counts(
        &self,
        user: &UserId,
        ids: &[TaskId],
    ) -> Result<BTreeMap<TaskId, StepCount>, Error> {
        Ok(self.store().step_counts(user, ids).await?)
    }
}
