//! One turn of a conversation: a message is read, its commands are decided, and message, entries and reply are
//! committed together.
//!
//! A reply that a language model writes takes longer. It is begun as a message of its own, and each change is committed
//! with the reply as it is by then. Nothing is remembered between turns but what is stored: what "it" is, what was last
//! listed and what waits for an answer are read from the messages, so any copy of the server can take the next one.

mod approving;
mod asking;
mod brief;
mod called;
pub(crate) mod draft;
mod exchange;
mod follow;
pub(crate) mod memory;
pub(crate) mod running;
mod words;

use std::time::Instant;

use domain::{
    Command, ConversationId, Door, IdempotencyKey, MessageId, MessageText, ModelMode, Origin, Seq,
    TaskId, UndoChange, UserId,
};
use language::{Question, Reading, read, say};
use store::{Batch, Message, Role, Writing};
use tokio::sync::OwnedSemaphorePermit;

use crate::run::ATTEMPTS_MAX;
use crate::{App, Block, Content, Error, Usage};
use asking::Asking;
use draft::Draft;
use exchange::Exchange;
pub use exchange::Place;
use memory::Memory;
pub use running::Watched;

/// A message to answer.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The conversation it belongs to; a new one begins without it.
    pub conversation: Option<ConversationId>,
    /// What is said.
    pub text: MessageText,
    /// What it is besides words.
    pub kind: Kind,
    /// Through which door.
    pub door: Door,
    /// The name under which logs know the request.
    pub request_id: String,
    /// What makes a repeat of the request harmless.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Turn {
    /// Where the changes come from that are made for the message `asked`.
    fn origin(&self, conversation: ConversationId, asked: MessageId) -> Origin {
        Origin {
            message: Some((conversation, asked)),
            ..Origin::person(self.door, self.request_id.clone())
        }
    }
}

/// What a message is besides words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Kind {
    /// Nothing.
    #[default]
    Words,
    /// It is said with these tasks at hand: they are what "them" is.
    About(Vec<TaskId>),
    /// The answer to what the reply `proposal` proposes: yes to these tasks, or to everything, or no.
    Approval {
        /// The reply that proposes it; it has to be the latest.
        proposal: MessageId,
        /// What is approved.
        approved: Approved,
    },
    /// The last message in other words, in the place of what was said before.
    Edit {
        /// The message it replaces; it has to be the person's latest.
        message: MessageId,
        /// Whether what the first run did is taken back. Has to be said if it did anything.
        undo: Option<bool>,
    },
    /// An earlier message, in the same words, to be answered anew. It stays where it is; what was said after it goes, and what
    /// was done since in this conversation is taken back, as far as nothing stands in the way.
    Again {
        /// The message, one of the person's.
        message: MessageId,
    },
}

/// How much of a proposal is approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approved {
    /// All of it.
    All,
    /// What it does to these tasks.
    Some(Vec<TaskId>),
    /// Nothing.
    Nothing,
}

impl Approved {
    /// What the person says with it.
    pub fn words(&self) -> String {
        match self {
            Self::All => "Yes".to_owned(),
            Self::Nothing => "No".to_owned(),
            Self::Some(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("Yes, only {}", ids.join(", "))
            }
        }
    }
}

/// The answer to a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The conversation.
    pub conversation: ConversationId,
    /// The place of the reply in it.
    pub message: MessageId,
    /// All of it in words.
    pub text: String,
    /// Its parts, and the commands that were run.
    pub content: Content,
    /// What answered: `rules` or `model`.
    pub engine: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether it is still being written.
    pub is_writing: bool,
}

impl Reply {
    /// Where it stands.
    pub fn place(&self) -> Place {
        Place {
            conversation: self.conversation,
            reply: self.message,
        }
    }
}

impl From<Message> for Reply {
    fn from(message: Message) -> Self {
        let usage = message.usage.as_deref().map(serde_json::from_str);
        Self {
            conversation: message.conversation,
            message: message.id,
            text: message.text,
            content: serde_json::from_value(message.blocks).unwrap_or_default(),
            engine: message.engine.unwrap_or_else(|| RULES.to_owned()),
            usage: usage.and_then(Result::ok).unwrap_or_default(),
            is_writing: message.writing.is_some(),
        }
    }
}

/// Most messages after one that is answered anew.
const LATER_MAX: u32 = 200;
/// What answers when no language model does.
const RULES: &str = "rules";
/// What answers when a language model does.
const MODEL: &str = "model";

impl App {
    /// Answers a message.
    ///
    /// # Errors
    /// Why there is no answer; nothing was stored or changed then.
    pub async fn turn(&self, user: &UserId, turn: &Turn) -> Result<Reply, Error> {
        let reply = self.begin(user, turn).await?;
        self.finished(user, reply).await
    }

    /// Answers a message, or begins to: a reply that a language model writes is still being written.
    ///
    /// # Errors
    /// As with [`App::turn`].
    pub async fn begin(&self, user: &UserId, turn: &Turn) -> Result<Reply, Error> {
        let started = Instant::now();
        let mut opening = Content::default();
        for _ in 0..ATTEMPTS_MAX {
            let queue = self.queue(user).await;
            if let Some(reply) = self.answered(user, turn).await? {
                return Ok(reply);
            }
            let until = match &turn.kind {
                Kind::Edit { message, .. } | Kind::Again { message } => Some(*message),
                Kind::Words | Kind::About(_) | Kind::Approval { .. } => None,
            };
            let mut memory = self.remember(user, turn, until).await?;
            if let Some(unfinished) = memory.unfinished.take() {
                if self.end_if_abandoned(user, &unfinished).await? {
                    continue;
                }
                return Err(Error::StillWriting);
            }
            let earlier = self.to_take_back(user, turn, &memory).await?;
            if !earlier.is_empty() && opening.blocks.is_empty() {
                // It takes the queue itself, and the message is read against what is left then.
                drop(queue);
                opening = self.take_back(user, turn, &earlier).await?;
                continue;
            }
            let reading = reading(turn, &memory)?;
            let exchange = Exchange::new(turn, &memory);
            opening.carried.clone_from(&memory.carried);
            let wish = self.wish(&memory, turn, &reading);
            let is_used_up = wish && self.is_used_up(user).await?;
            if wish && !is_used_up {
                match self.running().permit() {
                    Some(permit) => {
                        let begun = self.ask(user, &exchange, &opening, permit, started);
                        match begun.await? {
                            Some(reply) => return Ok(reply),
                            None => continue,
                        }
                    }
                    None if opening.blocks.is_empty() => return Err(Error::ModelBusy),
                    // Something was taken back for it already, so it has to be answered somehow.
                    None => {}
                }
            }
            let place = exchange.place;
            let origin = turn.origin(place.conversation, exchange.asked);
            let said = turn.text.as_str();
            let mut draft = Draft::new(self, user, origin, said, &memory, opening.clone());
            if is_used_up {
                draft.notice(say::budget_used());
            } else if wish {
                draft.notice(say::rules_answer());
            }
            match &turn.kind {
                Kind::Approval {
                    approved: Approved::Some(tasks),
                    ..
                } => draft.answer_yes(Some(tasks)).await?,
                _ => draft.answer(reading).await?,
            }
            let (batch, content, ran) = draft.finish();
            let usage = Usage {
                took_ms: started.elapsed().as_secs_f64() * 1000.0,
                ..Usage::default()
            };
            let (batch, message) = exchange.committed_with(batch, &content, RULES, &usage, None);
            match self.store().commit(user, &batch).await {
                Ok(()) => {
                    self.tell(turn.door, &turn.request_id, ran);
                    self.tell_turn(RULES, &turn.request_id, &usage);
                    // What is stored need not be read to be known.
                    return Ok(Reply {
                        conversation: message.conversation,
                        message: message.id,
                        text: message.text,
                        content,
                        engine: RULES.to_owned(),
                        usage,
                        is_writing: false,
                    });
                }
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// The reply that the same request got before. `None` if it is new.
    async fn answered(&self, user: &UserId, turn: &Turn) -> Result<Option<Reply>, Error> {
        let Some(key) = &turn.idempotency_key else {
            return Ok(None);
        };
        let Some((asked, reply)) = self.store().exchange_by_key(user, key).await? else {
            return Ok(None);
        };
        if asked.text != turn.text.as_str() {
            return Err(Error::KeyReused);
        }
        Ok(Some(Reply::from(reply)))
    }

    /// Whether a language model is to be asked.
    fn wish(&self, memory: &Memory, turn: &Turn, reading: &Reading) -> bool {
        match self.model_mode(memory.model_mode) {
            ModelMode::Rules => false,
            _ if matches!(turn.kind, Kind::Approval { .. }) => false,
            // An answer to a question of ours is ours to read.
            _ if memory.question.is_some() => is_unsure(reading),
            // "Yes", said to a model's question, is for the model.
            _ if matches!(reading, Reading::Yes | Reading::No) => {
                memory.last_asked_by_model().is_some()
            }
            ModelMode::Unsure => is_unsure(reading),
            ModelMode::First => match reading {
                Reading::Act(steps) => steps.iter().all(|step| brief::can(&step.command)),
                _ => true,
            },
        }
    }

    /// Begins a reply that a language model writes. `None` if somebody was faster: it has to be decided again.
    async fn ask(
        &self,
        user: &UserId,
        exchange: &Exchange<'_>,
        opening: &Content,
        permit: OwnedSemaphorePermit,
        started: Instant,
    ) -> Result<Option<Reply>, Error> {
        let (place, now) = (exchange.place, exchange.memory.now);
        let writer = random_name();
        let writing = Writing {
            writer: writer.clone(),
            alive_at: now,
            stop: false,
        };
        let first = self.models().first();
        let usage = Usage {
            provider: first.map(|provider| provider.name.clone()),
            model: first.map(|provider| provider.model.clone()),
            ..Usage::default()
        };
        let batch = Batch::default();
        let (batch, reply) = exchange.committed_with(batch, opening, MODEL, &usage, Some(writing));
        match self.store().commit(user, &batch).await {
            Ok(()) => {}
            Err(store::Error::Conflict) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let asking = Asking {
            handle: self.writes(&writer, user, place),
            app: self.clone(),
            user: user.clone(),
            turn: Turn {
                conversation: Some(place.conversation),
                ..exchange.turn.clone()
            },
            place,
            asked: exchange.asked,
            writer,
            deadline: tokio::time::Instant::now() + self.model_settings().reply_timeout,
            started,
            at: now,
            content: opening.clone(),
            usage,
            used: agent::Usage::default(),
            requests_used: 0,
            engine: MODEL,
            failed: None,
            _permit: permit,
        };
        // Not in the request's own future: whoever hangs up takes nothing back, and the deadline ends it.
        tokio::spawn(telemetry::follow(asking.run()));
        Ok(Some(Reply::from(reply)))
    }

    /// The changes that are taken back before the message is answered: those that the message in whose place it is said
    /// did, as far as they still stand, and if the person wants it.
    async fn to_take_back(
        &self,
        user: &UserId,
        turn: &Turn,
        memory: &Memory,
    ) -> Result<Vec<Seq>, Error> {
        let (standing, undo) = match turn.kind {
            Kind::Edit { message, undo } => (self.standing(user, memory, message, 1).await?, undo),
            Kind::Again { message } => {
                let standing = self.standing(user, memory, message, LATER_MAX);
                (standing.await?, Some(true))
            }
            Kind::Words | Kind::About(_) | Kind::Approval { .. } => return Ok(Vec::new()),
        };
        match undo {
            _ if standing.is_empty() => Ok(standing),
            Some(true) => Ok(standing),
            Some(false) => Ok(Vec::new()),
            None => Err(Error::EarlierChanges(standing)),
        }
    }

    /// The changes made since `message` was said that still stand, if no more than `later_max` messages came after it.
    async fn standing(
        &self,
        user: &UserId,
        memory: &Memory,
        message: MessageId,
        later_max: u32,
    ) -> Result<Vec<Seq>, Error> {
        let Some(conversation) = &memory.conversation else {
            return Err(Error::NotTheLast);
        };
        let (before, limit) = (MessageId(message.0 - 1), later_max + 2);
        let since = self
            .store()
            .messages_after(user, conversation.id, before, limit)
            .await?;
        let is_theirs = since
            .first()
            .is_some_and(|first| first.id == message && first.role == Role::User);
        if !is_theirs || since.len() > later_max as usize + 1 {
            return Err(Error::NotTheLast);
        }
        let mut standing = Vec::new();
        for reply in since.into_iter().map(Reply::from) {
            for seq in reply.content.did() {
                let change = self.change(user, seq).await?;
                let stands = change.is_some_and(|change| change.undone_by.is_none());
                if stands {
                    standing.push(seq);
                }
            }
        }
        Ok(standing)
    }

    /// Takes back what an earlier run did, the last of it first, and gives the receipts of that.
    async fn take_back(
        &self,
        user: &UserId,
        turn: &Turn,
        standing: &[Seq],
    ) -> Result<Content, Error> {
        let view = self.view(user).await?;
        let projects = self.projects(user).await?;
        let mut content = Content::default();
        for seq in standing.iter().rev() {
            let command = Command::UndoChange(UndoChange {
                change_id: Some(*seq),
            });
            let origin = Origin::person(turn.door, turn.request_id.clone());
            let outcome = match self.run(user, &command, origin).await {
                Ok(outcome) => outcome,
                // Much may have happened since an older message, which is no reason not to answer it again.
                Err(Error::Refused(refusal)) if matches!(turn.kind, Kind::Again { .. }) => {
                    let text = say::refusal(&refusal);
                    content.blocks.push(Block::Notice { text });
                    continue;
                }
                Err(error) => return Err(error),
            };
            let text = say::outcome(&outcome, &view, &projects);
            if let domain::Outcome::Changed(receipt) = outcome {
                content.blocks.push(Block::Receipt {
                    change_id: receipt.change_id,
                    text,
                    task_ids: receipt.tasks().map(|(task, ..)| task.id).collect(),
                });
            }
        }
        Ok(content)
    }
}

/// What the engine makes of a message.
fn reading(turn: &Turn, memory: &Memory) -> Result<Reading, Error> {
    let Kind::Approval { proposal, approved } = &turn.kind else {
        return Ok(read(turn.text.as_str(), &memory.sight()));
    };
    let is_latest = memory.next_message == MessageId(proposal.0 + 1);
    if memory.proposal.is_none() || !is_latest {
        return Err(Error::NothingToApprove);
    }
    Ok(match approved {
        Approved::All | Approved::Some(_) => Reading::Yes,
        Approved::Nothing => Reading::No,
    })
}

/// Whether the engine does not know what is wanted, or only a part of it.
fn is_unsure(reading: &Reading) -> bool {
    matches!(reading, Reading::NotMine | Reading::Ask(Question::Part))
}

/// A name that nobody else has.
fn random_name() -> String {
    let mut bytes = [0; 16];
    // Without randomness from the system nothing here is safe, least of all to go on.
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
