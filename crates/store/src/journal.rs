//! The journal: what one request writes, all of it or nothing, and what was written before.

use domain::{
    ActorKind, Change, ConversationId, Entry, EntryNeed, Head, HistoryPage, IdempotencyKey,
    MessageId, Origin, ProjectId, Receipt, RowId, Seq, Settings, TaskId, UserId,
};
use jiff::Timestamp;

use crate::conversations::{
    ConversationWrite, Message, conversation_statements, message_statement,
};
use crate::db::{Row, Statement, Value, params};
use crate::model_use::ModelUse;
use crate::proposals::{Decided, KeptProposal};
use crate::rows::{change_statement, from_json, instant, number, to_json};
use crate::writing::Rewrite;
use crate::{Error, Store};

/// Everything that one request writes.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Where the journal stood when it was decided.
    pub head_before: Head,
    /// Where it stands after the entries.
    pub head: Head,
    /// The entries, in order, each with the changes of its rows.
    pub entries: Vec<Entry>,
    /// The conversation that was begun or went on.
    pub conversation: Option<ConversationWrite>,
    /// Messages of it.
    pub messages: Vec<Message>,
    /// A reply that was being written, as it is now.
    pub rewrite: Option<Rewrite>,
    /// From which message on it is said anew, so that what was there goes.
    pub said_anew: Option<(ConversationId, MessageId)>,
    /// What a language model was used for meanwhile.
    pub model_use: Option<ModelUse>,
    /// A proposal that was waiting until then; what it came to is in the entries.
    pub decided: Option<Decided>,
    /// A proposal that waits from then on.
    pub proposal: Option<KeptProposal>,
}

impl Batch {
    /// Whether those have to know of it who watch the user's list or conversations. A reply that grows is read elsewhere.
    fn moves(&self) -> bool {
        let ends = |rewrite: &Rewrite| rewrite.message.writing.is_none();
        !self.entries.is_empty() || !self.messages.is_empty() || self.rewrite.iter().any(ends)
    }
}

/// The last number of a user's journal.
pub(crate) const LAST_SEQ: &str = "SELECT seq FROM profile WHERE user_id = $1";

/// The columns of an entry, in the order in which [`stored`] reads them.
const ENTRIES: &str = "SELECT seq, at, actor, door, action, request_id, idempotency_key, conversation_id, message_id, \
                       undoes, undone_by, previous_hash, hash, changes FROM journal";

/// The journal's word for the kind of a row, and its number.
fn row_key(row: RowId) -> (&'static str, i64) {
    match row {
        RowId::Task(id) => ("t", id.0),
        RowId::Project(id) => ("p", id.0),
        RowId::Settings => ("s", 0),
    }
}

pub(crate) fn head_statement(user: &UserId) -> Statement {
    let sql = "SELECT settings, seq, hash, next_task, next_project FROM profile WHERE user_id = $1";
    Statement::new(sql, params![user.as_str()])
}

/// Where a user's journal stands, and the settings; the beginning, if nothing was ever written.
pub(crate) fn head(rows: Vec<Row>) -> Result<(Head, Settings), Error> {
    let Some(mut row) = rows.into_iter().next() else {
        return Ok((Head::default(), Settings::default()));
    };
    let settings = from_json(&row.text()?)?;
    let (seq, hash) = (Seq(row.int()?), row.text()?);
    let head = Head {
        seq,
        hash: hash
            .parse()
            .map_err(|error| Error::Corrupt(format!("{error}")))?,
        next_task: TaskId(row.int()?),
        next_project: ProjectId(row.int()?),
    };
    Ok((head, settings))
}

/// An entry and the text of its changes, which is what was hashed.
pub(crate) fn stored(mut row: Row) -> Result<(Entry, String), Error> {
    fn word<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Error> {
        text.parse()
            .map_err(|error| Error::Corrupt(format!("{error}")))
    }
    let (seq, at) = (Seq(row.int()?), instant(row.int()?)?);
    let (actor, door, action, request_id) = (row.text()?, row.text()?, row.text()?, row.text()?);
    let key = row.text_or_null()?;
    let (conversation, message) = (row.int_or_null()?, row.int_or_null()?);
    let (undoes, undone_by) = (row.int_or_null()?.map(Seq), row.int_or_null()?.map(Seq));
    let (previous_hash, hash, changes) = (row.text()?, row.text()?, row.text()?);
    let origin = Origin {
        actor: word(&actor)?,
        door: word(&door)?,
        request_id,
        idempotency_key: key.map(|key| word::<IdempotencyKey>(&key)).transpose()?,
        message: conversation.map(ConversationId).zip(message.map(MessageId)),
    };
    let entry = Entry {
        seq,
        at,
        origin,
        action,
        changes: from_json(&changes)?,
        undoes,
        undone_by,
        previous_hash: word(&previous_hash)?,
        hash: word(&hash)?,
    };
    Ok((entry, changes))
}

pub(crate) fn entry(row: Row) -> Result<Entry, Error> {
    stored(row).map(|(entry, _)| entry)
}

pub(crate) fn entry_statement(user: &UserId, need: EntryNeed) -> Statement {
    match need {
        EntryNeed::At(seq) => Statement::new(
            format!("{ENTRIES} WHERE user_id = $1 AND seq = $2"),
            params![user.as_str(), seq.0],
        ),
        EntryNeed::LastChange => Statement::new(
            format!(
                "{ENTRIES} WHERE user_id = $1 AND undone_by IS NULL AND undoes IS NULL ORDER BY seq DESC LIMIT 1"
            ),
            params![user.as_str()],
        ),
        EntryNeed::LastUndo => Statement::new(
            format!(
                "{ENTRIES} WHERE user_id = $1 AND action = 'undo_change' AND undone_by IS NULL AND seq > \
                 (SELECT COALESCE(MAX(seq), 0) FROM journal WHERE user_id = $1 AND undoes IS NULL) \
                 ORDER BY seq DESC LIMIT 1"
            ),
            params![user.as_str()],
        ),
    }
}

fn entry_statements(user: &UserId, entry: &Entry) -> Vec<Statement> {
    let origin = &entry.origin;
    let mut statements = vec![Statement::new(
        "INSERT INTO journal (user_id, seq, at, actor, door, action, request_id, idempotency_key, conversation_id, \
         message_id, undoes, previous_hash, hash, changes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        params![
            user.as_str(),
            entry.seq.0,
            entry.at.as_microsecond(),
            origin.actor.to_string(),
            origin.door.as_str(),
            entry.action.clone(),
            origin.request_id.clone(),
            origin.idempotency_key.as_ref().map(ToString::to_string),
            origin.message.map(|(conversation, _)| conversation.0),
            origin.message.map(|(_, message)| message.0),
            entry.undoes.map(|seq| seq.0),
            entry.previous_hash.to_string(),
            entry.hash.to_string(),
            entry.changes_text(),
        ],
    )];
    if let Some(undoes) = entry.undoes {
        // What the entry taken back had itself taken back stands again.
        statements.push(Statement::new(
            "UPDATE journal SET undone_by = NULL WHERE user_id = $1 AND undone_by = $2",
            params![user.as_str(), undoes.0],
        ));
        statements.push(Statement::new(
            "UPDATE journal SET undone_by = $3 WHERE user_id = $1 AND seq = $2",
            params![user.as_str(), undoes.0, entry.seq.0],
        ));
    }
    for change in &entry.changes {
        statements.push(change_statement(user, change));
        let (kind, id) = row_key(change.row());
        statements.push(Statement::new(
            "INSERT INTO journal_rows (user_id, kind, row_id, seq) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (user_id, kind, row_id, seq) DO NOTHING",
            params![user.as_str(), kind, id, entry.seq.0],
        ));
    }
    statements
}

/// The entries after `entry` that changed the same rows, in statements of bounded length, each about other rows.
pub(crate) fn later_statements(user: &UserId, entry: &Entry) -> Vec<Statement> {
    /// Rows in one condition.
    const ROWS_MAX: usize = 200;
    let portion = |changes: &[Change]| {
        let mut params: Vec<Value> = params![user.as_str(), entry.seq.0];
        let mut rows = Vec::new();
        for change in changes {
            let (kind, id) = row_key(change.row());
            params.extend(params![kind, id]);
            let id = params.len();
            rows.push(format!("(kind = ${} AND row_id = ${id})", id - 1));
        }
        let sql = format!(
            "{ENTRIES} WHERE user_id = $1 AND seq IN \
             (SELECT seq FROM journal_rows WHERE user_id = $1 AND seq > $2 AND ({}))",
            rows.join(" OR ")
        );
        Statement::new(sql, params)
    };
    entry.changes.chunks(ROWS_MAX).map(portion).collect()
}

impl Store {
    /// Writes a batch: all of it, or nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] if somebody else has written since it was decided, or uses the same idempotency key. After
    /// [`Error::Unavailable`] it may have been written; the same batch again is then a conflict.
    pub async fn commit(&self, user: &UserId, batch: &Batch) -> Result<(), Error> {
        let mut statements = Vec::new();
        if !batch.entries.is_empty() {
            statements.push(
                Statement::new(
                    "INSERT INTO profile (user_id, settings, seq, hash, next_task, next_project, next_conversation) \
                     VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq, \
                     hash = excluded.hash, next_task = excluded.next_task, next_project = excluded.next_project \
                     WHERE profile.seq = $7",
                    params![
                        user.as_str(),
                        to_json(&Settings::default()),
                        batch.head.seq.0,
                        batch.head.hash.to_string(),
                        batch.head.next_task.0,
                        batch.head.next_project.0,
                        batch.head_before.seq.0,
                    ],
                )
                .must_change_one(),
            );
        }
        statements.extend(
            batch
                .entries
                .iter()
                .flat_map(|entry| entry_statements(user, entry)),
        );
        if let Some(write) = &batch.conversation {
            statements.extend(conversation_statements(user, write));
        }
        if let Some((conversation, from)) = batch.said_anew {
            statements.push(Statement::new(
                "DELETE FROM messages WHERE user_id = $1 AND conversation_id = $2 AND id >= $3",
                params![user.as_str(), conversation.0, from.0],
            ));
        }
        if let Some(rewrite) = &batch.rewrite {
            statements.push(rewrite.statement(user));
        }
        if let Some(model_use) = &batch.model_use {
            statements.extend(model_use.statements(user));
        }
        if let Some(decided) = &batch.decided {
            statements.push(decided.statement(user));
        }
        if let Some(proposal) = &batch.proposal {
            statements.extend(proposal.statements(user));
        }
        statements.extend(
            batch
                .messages
                .iter()
                .map(|message| message_statement(user, message)),
        );
        self.db.of(user).write(statements).await?;
        if batch.moves() {
            self.moved(user);
        }
        Ok(())
    }

    /// The last number of a user's journal; 0 before the first change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn last_seq(&self, user: &UserId) -> Result<Seq, Error> {
        let found = self
            .db
            .of(user)
            .query(Statement::new(LAST_SEQ, params![user.as_str()]))
            .await?;
        number(Some(found)).map(Seq)
    }

    /// The entry that was written with this idempotency key. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn entry_by_key(
        &self,
        user: &UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<Entry>, Error> {
        let sql = format!("{ENTRIES} WHERE user_id = $1 AND idempotency_key = $2");
        let found = self
            .db
            .of(user)
            .query(Statement::new(sql, params![user.as_str(), key.as_str()]))
            .await?;
        found.into_iter().next().map(entry).transpose()
    }

    /// One page of what changed, newest first; of one task only, if it is named, and only what `by` did.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn history(
        &self,
        user: &UserId,
        task: Option<TaskId>,
        by: Option<ActorKind>,
        before: Option<Seq>,
        limit: u32,
    ) -> Result<HistoryPage, Error> {
        let mut params = params![user.as_str(), before.map_or(i64::MAX, |seq| seq.0)];
        // The first half is what the index of the others' changes says of itself.
        let by = match by {
            None => "",
            Some(ActorKind::Person) => " AND actor = 'person'",
            Some(ActorKind::Model) => " AND actor <> 'person' AND substr(actor, 1, 6) = 'model:'",
            Some(ActorKind::Agent) => " AND actor <> 'person' AND substr(actor, 1, 6) = 'agent:'",
        };
        let about = if let Some(task) = task {
            params.push(task.0.into());
            " AND seq IN (SELECT seq FROM journal_rows WHERE user_id = $1 AND kind = 't' AND row_id = $3 AND seq < $2)"
        } else {
            ""
        };
        let one_more = u64::from(limit) + 1;
        let sql = format!(
            "{ENTRIES} WHERE user_id = $1 AND seq < $2{about}{by} ORDER BY seq DESC LIMIT {one_more}"
        );
        let found = self
            .db
            .of(user)
            .anywhere()
            .query(Statement::new(sql, params))
            .await?;
        let more = found.len() > limit as usize;
        let receipts = found
            .into_iter()
            .take(limit as usize)
            .map(|row| entry(row).map(Receipt::from));
        let changes = receipts.collect::<Result<Vec<_>, _>>()?;
        let next_before = changes.last().filter(|_| more).map(|last| last.change_id);
        Ok(HistoryPage {
            changes,
            next_before,
        })
    }

    /// The entries after `after`, in their order, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn changes_after(
        &self,
        user: &UserId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<Entry>, Error> {
        let entries = self
            .entries_after(user, after, Seq(i64::MAX), limit)
            .await?;
        Ok(entries.into_iter().map(|(entry, _)| entry).collect())
    }

    /// Entries after `after` up to `last`, in their order, each with the text that was hashed.
    pub(crate) async fn entries_after(
        &self,
        user: &UserId,
        after: Seq,
        last: Seq,
        limit: u32,
    ) -> Result<Vec<(Entry, String)>, Error> {
        let sql = format!(
            "{ENTRIES} WHERE user_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT {limit}"
        );
        let params = params![user.as_str(), after.0, last.0];
        let found = self.db.of(user).query(Statement::new(sql, params)).await?;
        found.into_iter().map(stored).collect()
    }
}

/// The time as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}
