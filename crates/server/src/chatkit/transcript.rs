//! A conversation as a thread: its messages, and the blocks of its replies, as items.

use std::collections::BTreeMap;

use app::{Block, Message, Reply, Role};
use domain::{ConversationId, MessageId, Receipt, Seq, Task, TaskId, UserId, View};
use jiff::Timestamp;

use super::names::{Names, Spot, no_such_item, no_such_thread};
use super::request::{Order, PAGE};
use super::shape::{Empty, Item, Page, Status, Thread, What};
use super::{markdown, widget};
use crate::{Problem, Server};

/// One user's thread.
#[derive(Clone)]
pub(super) struct Transcript {
    pub(super) server: Server,
    pub(super) user: UserId,
    pub(super) names: Names,
    pub(super) conversation: ConversationId,
}

/// What the items of a thread are shown by.
pub(super) struct Sight {
    pub(super) view: View,
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// The changes that are spoken of, as the journal has them.
    pub(super) changes: BTreeMap<Seq, Receipt>,
    /// The last message, whose questions wait.
    latest: MessageId,
}

/// Messages read at a time.
const CHUNK: u32 = 50;

impl Transcript {
    /// The thread, without its items.
    pub(super) async fn thread(&self) -> Result<Thread, Problem> {
        let app = &self.server.app;
        let conversation = app.conversation(&self.user, self.conversation).await;
        Ok(thread(&self.names, conversation.map_err(found)?))
    }

    /// The thread with its first items.
    pub(super) async fn opened(&self) -> Result<Thread, Problem> {
        let thread = self.thread().await?;
        let items = self.page(None, Order::Asc, PAGE).await?;
        Ok(Thread { items, ..thread })
    }

    /// The number of the last message.
    pub(super) async fn latest(&self) -> Result<MessageId, Problem> {
        let app = &self.server.app;
        let last = app.messages(&self.user, self.conversation, None, 1).await;
        let last = last.map_err(found)?.pop();
        last.map(|last| last.id).ok_or_else(no_such_thread)
    }

    /// The items after the one at `after`, or the first.
    pub(super) async fn page(
        &self,
        after: Option<Spot>,
        order: Order,
        limit: u32,
    ) -> Result<Page<Item>, Problem> {
        let (app, user, conversation) = (&self.server.app, &self.user, self.conversation);
        let latest = self.latest().await?;
        let is_after = |spot: &Spot| match (after, order) {
            (None, _) => true,
            (Some(after), Order::Asc) => *spot > after,
            (Some(after), Order::Desc) => *spot < after,
        };
        let limit = limit as usize;
        let mut items = Vec::new();
        // The message in which the last page ended may have more.
        let mut from = after.map(|after| after.message.0);
        while items.len() <= limit {
            let messages = match order {
                Order::Asc => {
                    let after = MessageId(from.map_or(0, |from| from.saturating_sub(1)));
                    app.messages_after(user, conversation, after, CHUNK).await?
                }
                Order::Desc => {
                    let before = MessageId(from.map_or(i64::MAX, |from| from.saturating_add(1)));
                    let messages = app.messages(user, conversation, Some(before), CHUNK);
                    messages.await?.into_iter().rev().collect()
                }
            };
            let is_last = messages.len() < CHUNK as usize;
            from = messages.last().map(|last| match order {
                Order::Asc => last.id.0.saturating_add(1),
                Order::Desc => last.id.0.saturating_sub(1),
            });
            let sight = self.sight(&messages, latest).await?;
            for message in messages {
                let mut shown = self.items(&sight, message);
                if order == Order::Desc {
                    shown.reverse();
                }
                items.extend(shown.into_iter().filter(|(spot, _)| is_after(spot)));
            }
            if is_last {
                break;
            }
        }
        let has_more = items.len() > limit;
        items.truncate(limit);
        let data: Vec<Item> = items.into_iter().map(|(_, item)| item).collect();
        Ok(Page {
            after: data.last().filter(|_| has_more).map(|last| last.id.clone()),
            has_more,
            data,
        })
    }

    /// The message at `spot`; there is an item there.
    pub(super) async fn message(&self, spot: Spot) -> Result<Message, Problem> {
        let before = MessageId(spot.message.0 - 1);
        let app = &self.server.app;
        let messages = app.messages_after(&self.user, self.conversation, before, 1);
        let message = messages.await?.pop();
        let is_there = |message: &Message| {
            message.id == spot.message
                && match (message.role, spot.block) {
                    (Role::User, None) => true,
                    (Role::Assistant, Some(n)) => n < settled(&Reply::from(message.clone())),
                    _ => false,
                }
        };
        message.filter(is_there).ok_or_else(no_such_item)
    }

    /// What these messages are shown by.
    async fn sight(&self, messages: &[Message], latest: MessageId) -> Result<Sight, Problem> {
        let replies = messages
            .iter()
            .filter(|message| message.role == Role::Assistant);
        let blocks: Vec<Block> = replies
            .flat_map(|message| Reply::from(message.clone()).content.blocks)
            .collect();
        self.sight_of(&blocks, latest).await
    }

    /// What these blocks are shown by.
    pub(super) async fn sight_of(
        &self,
        blocks: &[Block],
        latest: MessageId,
    ) -> Result<Sight, Problem> {
        let (app, user) = (&self.server.app, &self.user);
        let mut ids: Vec<TaskId> = Vec::new();
        let mut changes = BTreeMap::new();
        for block in blocks {
            match block {
                Block::Tasks { task_ids, .. } => ids.extend(task_ids),
                Block::Receipt { change_id, .. } => {
                    let change = app.change(user, *change_id).await?;
                    changes.extend(change.map(|change| (*change_id, change)));
                }
                _ => {}
            }
        }
        Ok(Sight {
            view: app.view(user).await?,
            tasks: if ids.is_empty() {
                BTreeMap::new()
            } else {
                app.tasks(user, ids).await?
            },
            changes,
            latest,
        })
    }

    /// The items of a message.
    fn items(&self, sight: &Sight, message: Message) -> Vec<(Spot, Item)> {
        let (id, at) = (message.id, message.created_at);
        if message.role == Role::User {
            let spot = Spot {
                message: id,
                block: None,
            };
            return vec![(spot, self.said(&message))];
        }
        let reply = Reply::from(message);
        (0..settled(&reply))
            .map(|n| (Spot::of(&reply, n), self.item(sight, &reply, n, at)))
            .collect()
    }

    /// A message of the person's.
    pub(super) fn said(&self, message: &Message) -> Item {
        let spot = Spot {
            message: message.id,
            block: None,
        };
        self.named(spot, message.created_at, What::said(&message.text))
    }

    /// The block `n` of a reply begun at `at`.
    pub(super) fn item(&self, sight: &Sight, reply: &Reply, n: usize, at: Timestamp) -> Item {
        let waits = reply.message == sight.latest;
        let what = match widget::of(&reply.content.blocks[n], sight, waits) {
            Some((widget, copy_text)) => What::Widget { widget, copy_text },
            None => What::written(&words(reply, n)),
        };
        self.named(Spot::of(reply, n), at, what)
    }

    pub(super) fn named(&self, spot: Spot, created_at: Timestamp, what: What) -> Item {
        Item {
            id: self.names.item(self.conversation, spot),
            thread_id: self.names.thread(self.conversation),
            created_at,
            what,
        }
    }

    /// Items before the message `before` that look different now that these tasks have changed; with `answered` also those
    /// of the last reply before it that waited for an answer.
    pub(super) async fn changed(
        &self,
        before: Option<MessageId>,
        tasks: &[TaskId],
        answered: bool,
    ) -> Result<Vec<Item>, Problem> {
        let app = &self.server.app;
        let latest = self.latest().await?;
        let messages = app.messages(&self.user, self.conversation, before, CHUNK);
        let messages = messages.await?;
        let last = messages.last().map(|last| last.id);
        let mut touched = Vec::new();
        for message in messages {
            if message.role == Role::User {
                continue;
            }
            let (id, at) = (message.id, message.created_at);
            let reply = Reply::from(message);
            for n in 0..settled(&reply) {
                let block = &reply.content.blocks[n];
                let is_touched = match block {
                    Block::Tasks { task_ids, .. } | Block::Receipt { task_ids, .. } => {
                        task_ids.iter().any(|id| tasks.contains(id))
                    }
                    Block::Question { .. } | Block::Approval { .. } => answered && Some(id) == last,
                    Block::Text { .. } | Block::Notice { .. } => false,
                };
                if is_touched {
                    touched.push((reply.clone(), n, at));
                }
            }
        }
        let blocks: Vec<Block> = touched
            .iter()
            .map(|(reply, n, _)| reply.content.blocks[*n].clone())
            .collect();
        let sight = self.sight_of(&blocks, latest).await?;
        let items = touched
            .iter()
            .map(|(reply, n, at)| self.item(&sight, reply, *n, *at));
        // What is only words stays as it was said.
        Ok(items
            .filter(|item| matches!(item.what, What::Widget { .. }))
            .collect())
    }
}

/// The number of blocks of a reply that stay as they are: while it is written, its last text may grow, and what it asks comes
/// last of all.
pub(super) fn settled(reply: &Reply) -> usize {
    let blocks = &reply.content.blocks;
    match blocks.last() {
        Some(Block::Text { .. } | Block::Approval { .. }) if reply.is_writing => blocks.len() - 1,
        _ => blocks.len(),
    }
}

/// The words of the block `n` of a reply, as the Markdown that messages are.
pub(super) fn words(reply: &Reply, n: usize) -> String {
    match &reply.content.blocks[n] {
        Block::Text { text } if reply.engine == "model" => markdown::without_pictures(text),
        block => markdown::literal(block.text()),
    }
}

/// A conversation as a thread.
pub(super) fn thread(names: &Names, conversation: app::Conversation) -> Thread {
    Thread {
        id: names.thread(conversation.id),
        title: conversation.title,
        created_at: conversation.created_at,
        status: Status::Active,
        metadata: Empty {},
        items: Page::default(),
    }
}

/// An error in the words of this protocol.
pub(super) fn found(error: app::Error) -> Problem {
    match error {
        app::Error::NoSuchConversation(_) => no_such_thread(),
        error => error.into(),
    }
}
