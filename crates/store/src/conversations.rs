//! Conversations and their messages.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use domain::{ConversationId, IdempotencyKey, MessageId, Seq, Settings, UserId};
use jiff::Timestamp;

use crate::db::{Row, Statement, params};
use crate::journal::{LAST_SEQ, micros};
use crate::rows::{from_json, instant, number, to_json};
use crate::writing::{Writing, writing};
use crate::{Error, Store};

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its number.
    pub id: ConversationId,
    /// Its first words.
    pub title: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When something was last said in it.
    pub updated_at: Timestamp,
}

/// What a turn does to its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationWrite {
    /// It is new, under the number that comes next.
    Begin(Conversation),
    /// It goes on.
    Continue(Conversation),
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The assistant.
    Assistant,
}

impl Role {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The conversation it is in.
    pub conversation: ConversationId,
    /// Its place there.
    pub id: MessageId,
    /// Who says it.
    pub role: Role,
    /// In words.
    pub text: String,
    /// Its parts, as the application keeps them.
    pub blocks: serde_json::Value,
    /// What answered.
    pub engine: Option<String>,
    /// What it cost.
    pub usage: Option<String>,
    /// What makes a repeat of the request harmless.
    pub idempotency_key: Option<IdempotencyKey>,
    /// When.
    pub created_at: Timestamp,
    /// Who is still writing it. `None` once it is finished.
    pub writing: Option<Writing>,
}

/// What a turn has to know of its conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnContext {
    /// The conversation. `None` if it is new, or not there.
    pub conversation: Option<Conversation>,
    /// The number the next new conversation gets.
    pub next_conversation: ConversationId,
    /// The place of the next message.
    pub next_message: MessageId,
    /// The last messages, oldest first.
    pub messages: Vec<Message>,
}

/// Where a user's journal and conversations stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The last entry of the journal.
    pub seq: Seq,
    /// The message that was said last. `None` if there is none.
    pub latest: Option<Latest>,
    /// The replies that are being written.
    pub writing: BTreeSet<(ConversationId, MessageId)>,
}

/// The last message of the conversation in which something was said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message's place in it.
    pub message: MessageId,
    /// When something was said there.
    pub at: Timestamp,
}

const CONVERSATIONS: &str = "SELECT id, title, created_at, updated_at FROM conversations";
const MESSAGES: &str = "SELECT conversation_id, id, role, text, blocks, engine, usage, idempotency_key, created_at, \
                        writer, alive_at, stop_at FROM messages";

fn conversation(mut row: Row) -> Result<Conversation, Error> {
    Ok(Conversation {
        id: ConversationId(row.int()?),
        title: row.text()?,
        created_at: instant(row.int()?)?,
        updated_at: instant(row.int()?)?,
    })
}

fn message(mut row: Row) -> Result<Message, Error> {
    Ok(Message {
        conversation: ConversationId(row.int()?),
        id: MessageId(row.int()?),
        role: if row.text()? == Role::User.as_str() {
            Role::User
        } else {
            Role::Assistant
        },
        text: row.text()?,
        blocks: from_json(&row.text()?)?,
        engine: row.text_or_null()?,
        usage: row.text_or_null()?,
        idempotency_key: row.text_or_null()?.and_then(|key| key.parse().ok()),
        created_at: instant(row.int()?)?,
        writing: writing(&mut row)?,
    })
}

pub(crate) fn conversation_statements(user: &UserId, write: &ConversationWrite) -> Vec<Statement> {
    match write {
        ConversationWrite::Begin(new) => vec![
            // The number must still be the next one.
            Statement::new(
                "INSERT INTO profile (user_id, settings, seq, hash, next_task, next_project, next_conversation) \
                 VALUES ($1, $2, 0, $3, 1, 1, $4 + 1) ON CONFLICT (user_id) DO UPDATE SET \
                 next_conversation = profile.next_conversation + 1 WHERE profile.next_conversation = $4",
                params![
                    user.as_str(),
                    to_json(&Settings::default()),
                    domain::Hash::default().to_string(),
                    new.id.0,
                ],
            )
            .must_change_one(),
            Statement::new(
                "INSERT INTO conversations (user_id, id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)",
                params![user.as_str(), new.id.0, new.title.clone(), micros(new.created_at), micros(new.updated_at)],
            ),
        ],
        // One that was deleted in the meantime must not come back as half a conversation.
        ConversationWrite::Continue(known) => vec![
            Statement::new(
                "UPDATE conversations SET updated_at = $3 WHERE user_id = $1 AND id = $2",
                params![user.as_str(), known.id.0, micros(known.updated_at)],
            )
            .must_change_one(),
        ],
    }
}

pub(crate) fn message_statement(user: &UserId, message: &Message) -> Statement {
    Statement::new(
        "INSERT INTO messages (user_id, conversation_id, id, role, text, blocks, engine, usage, idempotency_key, \
         created_at, writer, alive_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            user.as_str(),
            message.conversation.0,
            message.id.0,
            message.role.as_str(),
            message.text.clone(),
            message.blocks.to_string(),
            message.engine.clone(),
            message.usage.clone(),
            message.idempotency_key.as_ref().map(ToString::to_string),
            micros(message.created_at),
            message
                .writing
                .as_ref()
                .map(|writing| writing.writer.clone()),
            message
                .writing
                .as_ref()
                .map(|writing| micros(writing.alive_at)),
        ],
    )
}

impl Store {
    /// What a turn has to know of its conversation, with its last messages, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn turn_context(
        &self,
        user: &UserId,
        id: Option<ConversationId>,
        limit: u32,
    ) -> Result<TurnContext, Error> {
        let next = "SELECT next_conversation FROM profile WHERE user_id = $1";
        let mut statements = vec![Statement::new(next, params![user.as_str()])];
        if let Some(id) = id {
            let known = format!("{CONVERSATIONS} WHERE user_id = $1 AND id = $2");
            statements.push(Statement::new(known, params![user.as_str(), id.0]));
            statements.push(last_messages(user, id, None, limit));
        }
        let mut answers = self.db.of(user).read(statements).await?.into_iter();
        let next = answers
            .next()
            .unwrap_or_default()
            .first_mut()
            .map_or(Ok(1), Row::int)?;
        let known = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .next()
            .map(conversation)
            .transpose()?;
        let mut messages = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .map(message)
            .collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        Ok(TurnContext {
            conversation: known,
            next_conversation: ConversationId(next),
            next_message: MessageId(messages.last().map_or(1, |last| last.id.0 + 1)),
            messages,
        })
    }

    /// The message that was stored with this idempotency key, and the reply to it. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn exchange_by_key(
        &self,
        user: &UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<(Message, Message)>, Error> {
        let sql = format!("{MESSAGES} WHERE user_id = $1 AND idempotency_key = $2");
        let found = self
            .db
            .of(user)
            .query(Statement::new(sql, params![user.as_str(), key.as_str()]))
            .await?;
        let Some(asked) = found.into_iter().next().map(message).transpose()? else {
            return Ok(None);
        };
        let after = self.messages_after(user, asked.conversation, asked.id, 1);
        let reply = after.await?.into_iter().next();
        Ok(reply.map(|reply| (asked, reply)))
    }

    /// The conversations with a number below `before`, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn conversations(
        &self,
        user: &UserId,
        before: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, Error> {
        let sql = format!(
            "{CONVERSATIONS} WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT {limit}"
        );
        let before = before.map_or(i64::MAX, |id| id.0);
        let found = self
            .db
            .of(user)
            .query(Statement::new(sql, params![user.as_str(), before]))
            .await?;
        found.into_iter().map(conversation).collect()
    }

    /// How many changes were made in each of these conversations; those without any are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn changes_in(
        &self,
        user: &UserId,
        conversations: RangeInclusive<ConversationId>,
    ) -> Result<BTreeMap<ConversationId, i64>, Error> {
        let sql = "SELECT conversation_id, COUNT(*) FROM journal WHERE user_id = $1 \
                   AND conversation_id BETWEEN $2 AND $3 GROUP BY conversation_id";
        let (first, last) = (conversations.start().0, conversations.end().0);
        let statement = Statement::new(sql, params![user.as_str(), first, last]);
        let found = self.db.of(user).query(statement).await?;
        let count = |mut row: Row| Ok((ConversationId(row.int()?), row.int()?));
        found.into_iter().map(count).collect()
    }

    /// The conversations with a number above `after`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn conversations_after(
        &self,
        user: &UserId,
        after: ConversationId,
        limit: u32,
    ) -> Result<Vec<Conversation>, Error> {
        let sql =
            format!("{CONVERSATIONS} WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT {limit}");
        let statement = Statement::new(sql, params![user.as_str(), after.0]);
        let found = self.db.of(user).query(statement).await?;
        found.into_iter().map(conversation).collect()
    }

    /// The messages of a conversation above `after`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn messages_after(
        &self,
        user: &UserId,
        id: ConversationId,
        after: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let sql = format!(
            "{MESSAGES} WHERE user_id = $1 AND conversation_id = $2 AND id > $3 ORDER BY id LIMIT {limit}"
        );
        let place = params![user.as_str(), id.0, after.0];
        let found = self.db.of(user).query(Statement::new(sql, place)).await?;
        found.into_iter().map(message).collect()
    }

    /// The last messages of a conversation below `before`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn messages(
        &self,
        user: &UserId,
        id: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let found = self
            .db
            .of(user)
            .query(last_messages(user, id, before, limit))
            .await?;
        let mut messages = found
            .into_iter()
            .map(message)
            .collect::<Result<Vec<_>, _>>()?;
        messages.reverse();
        Ok(messages)
    }

    /// Gives a conversation another title. Whether there is one.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn rename_conversation(
        &self,
        user: &UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<bool, Error> {
        let sql = "UPDATE conversations SET title = $3 WHERE user_id = $1 AND id = $2 RETURNING id";
        let statement = Statement::new(sql, params![user.as_str(), id.0, title]);
        Ok(!self.db.of(user).write(vec![statement]).await?.is_empty())
    }

    /// A message. `None` if there is none at this place.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn message(
        &self,
        user: &UserId,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<Option<Message>, Error> {
        let sql = format!("{MESSAGES} WHERE user_id = $1 AND conversation_id = $2 AND id = $3");
        let place = params![user.as_str(), conversation.0, id.0];
        let found = self.db.of(user).query(Statement::new(sql, place)).await?;
        found.into_iter().next().map(message).transpose()
    }

    /// The texts of a user's messages before `before`, latest first, each with its conversation and its own place.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn said(
        &self,
        user: &UserId,
        before: (ConversationId, MessageId),
        limit: u32,
    ) -> Result<Vec<(ConversationId, MessageId, String)>, Error> {
        let sql = format!(
            "SELECT conversation_id, id, text FROM messages WHERE user_id = $1 AND (conversation_id, id) < ($2, $3) \
             ORDER BY conversation_id DESC, id DESC LIMIT {limit}"
        );
        let params = params![user.as_str(), before.0.0, before.1.0];
        let found = self.db.of(user).query(Statement::new(sql, params)).await?;
        let said = |mut row: Row| {
            let (conversation, id) = (ConversationId(row.int()?), MessageId(row.int()?));
            Ok((conversation, id, row.text()?))
        };
        found.into_iter().map(said).collect()
    }

    /// Where the journal and the conversations stand.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn moment(&self, user: &UserId) -> Result<Moment, Error> {
        let latest = "SELECT id, (SELECT MAX(messages.id) FROM messages \
                      WHERE messages.user_id = $1 AND messages.conversation_id = conversations.id), updated_at \
                      FROM conversations WHERE user_id = $1 ORDER BY updated_at DESC, id DESC LIMIT 1";
        let writing =
            "SELECT conversation_id, id FROM messages WHERE user_id = $1 AND writer IS NOT NULL";
        let statements =
            [LAST_SEQ, latest, writing].map(|sql| Statement::new(sql, params![user.as_str()]));
        let mut answers = self.db.of(user).read(statements.into()).await?;
        let place = |row: &mut Row| Ok((ConversationId(row.int()?), MessageId(row.int()?)));
        let writing = answers.pop().unwrap_or_default().into_iter();
        let latest = answers.pop().unwrap_or_default().into_iter().next();
        let latest = latest.map(|mut row| {
            let (conversation, message) = (ConversationId(row.int()?), row.int_or_null()?);
            Ok::<_, Error>(Latest {
                conversation,
                message: MessageId(message.unwrap_or_default()),
                at: instant(row.int()?)?,
            })
        });
        Ok(Moment {
            seq: Seq(number(answers.pop())?),
            latest: latest.transpose()?,
            writing: writing
                .map(|mut row| place(&mut row))
                .collect::<Result<_, Error>>()?,
        })
    }

    /// Deletes a conversation with its messages. Whether there was one.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn delete_conversation(
        &self,
        user: &UserId,
        id: ConversationId,
    ) -> Result<bool, Error> {
        let statement = |sql| Statement::new(sql, params![user.as_str(), id.0]);
        let statements = vec![
            statement("DELETE FROM messages WHERE user_id = $1 AND conversation_id = $2"),
            statement("DELETE FROM conversations WHERE user_id = $1 AND id = $2 RETURNING id"),
        ];
        Ok(!self.db.of(user).write(statements).await?.is_empty())
    }
}

fn last_messages(
    user: &UserId,
    id: ConversationId,
    before: Option<MessageId>,
    limit: u32,
) -> Statement {
    let sql = format!(
        "{MESSAGES} WHERE user_id = $1 AND conversation_id = $2 AND id < $3 ORDER BY id DESC LIMIT {limit}"
    );
    Statement::new(
        sql,
        params![user.as_str(), id.0, before.map_or(i64::MAX, |id| id.0)],
    )
}
