//! What is kept no longer than promised.

use domain::{Command, Door, EmptyTrash, Origin, UserId};
use jiff::SignedDuration;

use crate::{App, Error};

/// How long what is kept; `None` until somebody removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Tasks in the trash.
    pub trash: Option<SignedDuration>,
    /// Messages of conversations.
    pub messages: Option<SignedDuration>,
    /// Entries of the journal, and the way to undo them.
    pub journal: Option<SignedDuration>,
}

/// How long a proposal is known that waits no more, for whoever still has its number.
const PROPOSALS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

impl App {
    /// Removes what is older than `retention` allows. What leaves the trash is in the journal like any other change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn remove_old(&self, user: &UserId, retention: &Retention) -> Result<(), Error> {
        let before = |age: Option<SignedDuration>| {
            age.and_then(|age| self.clock().now().checked_sub(age).ok())
        };
        if let Some(deleted_before) = before(retention.trash)
            && self
                .store()
                .oldest_trash(user)
                .await?
                .is_some_and(|oldest| oldest < deleted_before)
        {
            let command = Command::EmptyTrash(EmptyTrash {
                deleted_before: Some(deleted_before),
            });
            self.run(user, &command, Origin::person(Door::Upkeep, "retention"))
                .await?;
        }
        if let Some(before) = before(retention.messages) {
            self.store().remove_messages(user, before).await?;
        }
        if let Some(before) = before(Some(PROPOSALS_KEPT)) {
            self.store().remove_proposals(user, before).await?;
        }
        if let Some(before) = before(retention.journal) {
            self.store().remove_entries(user, before).await?;
        }
        Ok(())
    }
}
