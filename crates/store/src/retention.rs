//! Removes what is kept no longer than promised.

use domain::UserId;
use jiff::Timestamp;

use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::{Error, Store, rows};

impl Store {
    /// When the task was deleted that has been in a user's trash the longest. `None` if the trash is empty.
    pub async fn oldest_trash(&self, user: &UserId) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT MIN(deleted_at) FROM tasks WHERE user_id = $1 AND state = 3";
        let statement = Statement::new(sql, params![user.as_str()]);
        let mut found = self.db.of(user).query(statement).await?;
        let oldest = found
            .first_mut()
            .map(Row::int_or_null)
            .transpose()?
            .flatten();
        oldest.map(rows::instant).transpose()
    }

    /// Removes a user's messages from before `before`, and conversations that have none left.
    pub async fn remove_messages(&self, user: &UserId, before: Timestamp) -> Result<(), Error> {
        let messages = "DELETE FROM messages WHERE user_id = $1 AND created_at < $2";
        let conversations = "DELETE FROM conversations WHERE user_id = $1 AND updated_at < $2 AND NOT EXISTS \
                             (SELECT 1 FROM messages WHERE messages.user_id = $1 AND conversation_id = conversations.id)";
        let statements = [messages, conversations]
            .map(|sql| Statement::new(sql, params![user.as_str(), micros(before)]));
        self.db.of(user).write(statements.into()).await.map(|_| ())
    }

    /// Removes the entries of a user's journal from before `before`; what they changed can no longer be taken back.
    pub async fn remove_entries(&self, user: &UserId, before: Timestamp) -> Result<(), Error> {
        // In this order: what is removed is told by what is still there. Up to the first entry that is young: one with a
        // wrong time must not take with it what came before it.
        let mark = "UPDATE profile SET removed_to = COALESCE(\
                    (SELECT MIN(journal.seq) - 1 FROM journal WHERE journal.user_id = $1 AND journal.at >= $2), \
                    (SELECT MAX(journal.seq) FROM journal WHERE journal.user_id = $1), removed_to) WHERE user_id = $1";
        let rows = "DELETE FROM journal_rows WHERE user_id = $1 AND seq <= (SELECT removed_to FROM profile WHERE profile.user_id = $1)";
        let entries = "DELETE FROM journal WHERE user_id = $1 AND seq <= (SELECT removed_to FROM profile WHERE profile.user_id = $1)";
        let statements = vec![
            Statement::new(mark, params![user.as_str(), micros(before)]),
            Statement::new(rows, params![user.as_str()]),
            Statement::new(entries, params![user.as_str()]),
        ];
        self.db.of(user).write(statements).await.map(|_| ())
    }
}
