//! A reply that a language model writes: rounds of asking it and of doing what it calls for, each committed with the reply
//! as it then is.
//!
//! Nothing is held while a model is asked: no connection, no lock, no queue. The reply is a message from the beginning on,
//! so whatever happens to this process, another can show it and end it.

use std::collections::BTreeMap;
use std::time::Duration;

use agent::{Answer, Call, Failure, FailureKind, Progress, Request};
use domain::{Actor, Command, Outcome, UserId};
use language::{Prose, read, say};
use serde_json::Value;
use store::{Batch, Message, ModelUse, Rewrite, Role, Writing};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::brief::{self, Extent};
use super::called::{Called, call_key};
use super::draft::Draft;
use super::memory::Memory;
use super::running::{Halt, Handle};
use super::{Place, Turn};
use crate::run::ATTEMPTS_MAX;
use crate::{App, Block, Content, End, Error, Usage, tool};

/// How often a model is asked in one turn.
const ROUNDS_MAX: u32 = 3;
/// How often what has been written is kept, and so shown.
const SAVE_EVERY: Duration = Duration::from_millis(100);
/// How often a reply that does not change is kept all the same, to say that somebody is still at it.
const ALIVE_EVERY: Duration = Duration::from_secs(3);
/// Most characters of what a tool found that are given to a model.
const FOUND_CHARS_MAX: usize = 12_000;

/// A reply that is being written.
pub(super) struct Asking {
    pub(super) app: App,
    pub(super) user: UserId,
    pub(super) turn: Turn,
    pub(super) place: Place,
    pub(super) writer: String,
    pub(super) handle: Handle,
    pub(super) deadline: Instant,
    pub(super) started: std::time::Instant,
    /// When the message came in.
    pub(super) at: jiff::Timestamp,
    /// The reply so far.
    pub(super) content: Content,
    /// The space after it, should it go on.
    pub(super) space: String,
    pub(super) usage: Usage,
    /// What was used and is not written down yet.
    pub(super) used: agent::Usage,
    pub(super) requests_used: u32,
    /// Gives the room back to others at the end.
    pub(super) _permit: OwnedSemaphorePermit,
}

/// What came of keeping the reply.
enum Saved {
    Yes,
    /// Somebody else has written to the journal: decide again.
    Again,
    /// The person has had enough.
    Halted,
    /// The conversation was deleted, or somebody else took the reply for abandoned and ended it.
    Gone,
}

/// Why a reply is not written to its end.
enum Stop {
    Halted(Halt),
    Gone,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// How a round ends.
enum Round {
    /// The reply is complete, or waits for the person.
    Over,
    /// The model has to be told these results.
    Told(Vec<(Call, Value)>),
}

impl Asking {
    /// Writes the reply to its end.
    pub(super) async fn run(mut self) {
        let end = match self.rounds().await {
            Ok(()) => None,
            Err(Stop::Gone) => return,
            Err(Stop::Halted(halt)) => {
                let receipts = self.content.receipts().count();
                let words = match halt {
                    Halt::Person => say::stopped(receipts),
                    Halt::Shutdown => say::interrupted(receipts),
                };
                self.notice(words);
                Some(End::Stopped)
            }
            Err(Stop::Failed(error)) => {
                tracing::error!(error = %error, "a turn was not finished");
                self.notice(error.to_string());
                Some(End::Failed)
            }
        };
        if let Some(end) = end {
            self.usage.end = end;
        }
        self.finish().await;
    }

    fn notice(&mut self, text: impl Into<String>) {
        self.content
            .blocks
            .push(Block::Notice { text: text.into() });
    }

    /// Asks the model, does what it calls for, and tells it what came of that, until nothing is left to tell.
    async fn rounds(&mut self) -> Result<(), Stop> {
        let mut memory = self.memory().await?;
        let text = self.turn.text.as_str().to_owned();
        let (mut request, sent) = brief::request(&text, &memory, Extent::Full);
        self.usage.sent = sent;
        let mut withheld = false;
        let mut found = None;
        let mut done = BTreeMap::new();
        let mut refused = Vec::new();
        for round in 1..=ROUNDS_MAX {
            self.usage.rounds = round;
            let mut answer = self.ask(&request).await?;
            if round == 1
                && let Err(failure) = &answer.0
                && failure.kind == FailureKind::TooLong
            {
                let (smaller, sent) = brief::request(&text, &memory, Extent::Least);
                (request, self.usage.sent) = (smaller, sent);
                answer = self.ask(&request).await?;
            }
            let (answer, claimed) = answer;
            withheld |= claimed;
            let Ok(answer) = answer else {
                return self.without_model().await;
            };
            request.stay_with = Some(answer.provider.clone());
            if answer.calls.is_empty() {
                break;
            }
            let (next, calls) = self.act(&answer, &mut done, &mut memory).await?;
            refused.clear();
            for called in calls {
                match called {
                    Called::Refused(why) => refused.push(why),
                    Called::Found(outcome) => found = Some(*outcome),
                    _ => {}
                }
            }
            let Round::Told(results) = next else {
                return Ok(());
            };
            request.messages.push(agent::Message::Assistant {
                text: answer.text,
                calls: answer.calls,
            });
            for (call, result) in results {
                let mut content = result.to_string();
                if let Some((end, _)) = content.char_indices().nth(FOUND_CHARS_MAX) {
                    content.truncate(end);
                }
                request.messages.push(agent::Message::Result {
                    call_id: call.id,
                    name: call.name,
                    content,
                });
            }
        }
        self.close(withheld, found, refused, &memory).await
    }

    /// Ends a reply that the model has nothing to add to.
    async fn close(
        &mut self,
        withheld: bool,
        found: Option<Outcome>,
        refused: Vec<String>,
        memory: &Memory,
    ) -> Result<(), Stop> {
        let changed = self.content.receipts().next().is_some();
        if let (Some(outcome), false) = (found, changed) {
            let mut draft = self.draft(memory);
            draft.show(outcome);
            self.content = draft.finish().1;
        }
        let mut refused = refused;
        refused.dedup();
        for why in refused {
            self.notice(why);
        }
        if withheld && !changed {
            self.notice(say::nothing_changed_claimed());
        }
        if self.content.blocks.is_empty() {
            return self.engine_answers(None).await;
        }
        Ok(())
    }

    /// What the message is read against, the tasks that it may speak of included.
    async fn memory(&self) -> Result<Memory, Error> {
        let (user, turn) = (&self.user, &self.turn);
        let asked = Some(self.place.asked());
        let mut memory = self.app.remember(user, turn, asked).await?;
        if memory.tasks.is_empty() {
            self.app.look_around(user, turn, &mut memory).await?;
        }
        Ok(memory)
    }

    fn draft<'a>(&'a self, memory: &'a Memory) -> Draft<'a> {
        let content = self.content.clone();
        Draft::new(
            &self.app, &self.user, &self.turn, memory, self.place, content,
        )
    }

    /// Asks once. What can be shown of the answer is in the reply by then; also, whether something was left out because it
    /// claimed a change.
    async fn ask(&mut self, request: &Request) -> Result<(Result<Answer, Failure>, bool), Stop> {
        // Bounded by the most that an answer may have.
        let (pieces, mut received) = mpsc::unbounded_channel();
        let models = self.app.models().clone();
        let (mut prose, mut begun) = (Prose::default(), false);
        let mut tick = interval(SAVE_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut unsaved, mut saved_at) = (false, Instant::now());
        let answer = {
            let ask = models.ask(request, self.deadline, move |progress| {
                let piece = match progress {
                    Progress::Asking { provider, model } => {
                        Piece::Asking(provider.to_owned(), model.to_owned())
                    }
                    Progress::Text(text) => Piece::Text(text.to_owned()),
                };
                // Nobody reads on only once the answer is there.
                let _ = pieces.send(piece);
            });
            tokio::pin!(ask);
            loop {
                tokio::select! {
                    biased;
                    halt = self.handle.halted() => return Err(Stop::Halted(halt)),
                    Some(piece) = received.recv() => match piece {
                        Piece::Asking(provider, model) => {
                            (self.usage.provider, self.usage.model) = (Some(provider), Some(model));
                            unsaved = true;
                        }
                        Piece::Text(text) => {
                            unsaved |= self.write(&prose.push(&text), &mut begun);
                        }
                    },
                    answer = &mut ask => break answer,
                    _ = tick.tick(), if unsaved || saved_at.elapsed() > ALIVE_EVERY => {
                        (unsaved, saved_at) = (false, Instant::now());
                        // What cannot be kept now is kept with what comes next.
                        match self.save(Batch::default(), true).await {
                            Ok(Saved::Halted) => return Err(Stop::Halted(Halt::Person)),
                            Ok(Saved::Gone) => return Err(Stop::Gone),
                            Ok(Saved::Yes | Saved::Again) => {}
                            Err(error) => tracing::warn!(%error, "a reply could not be kept while it is written"),
                        }
                    }
                }
            }
        };
        while let Ok(piece) = received.try_recv() {
            if let Piece::Text(text) = piece {
                self.write(&prose.push(&text), &mut begun);
            }
        }
        let (requests, used) = match &answer {
            Ok(answer) => {
                self.write(&prose.end(), &mut begun);
                self.usage.provider = Some(answer.provider.clone());
                self.usage.model = Some(answer.model.clone());
                (answer.requests, answer.usage)
            }
            Err(failure) => {
                tracing::warn!(kind = ?failure.kind, requests = failure.requests, "no model answered");
                (failure.requests, failure.usage)
            }
        };
        self.requests_used += requests;
        self.used.input_tokens += used.input_tokens;
        self.used.output_tokens += used.output_tokens;
        self.usage.requests += requests;
        self.usage.input_tokens += used.input_tokens;
        self.usage.output_tokens += used.output_tokens;
        self.usage.estimated |= used.estimated;
        Ok((answer, prose.withheld()))
    }

    /// Adds words to the reply. Whether there were any.
    fn write(&mut self, words: &str, begun: &mut bool) -> bool {
        let trimmed = words.trim_end();
        if !*begun {
            self.space.clear();
        }
        if trimmed.trim_start().is_empty() {
            self.space.push_str(words);
            return false;
        }
        match self.content.blocks.last_mut() {
            Some(Block::Text { text }) if *begun => {
                text.push_str(&self.space);
                text.push_str(trimmed);
            }
            _ => self.content.blocks.push(Block::Text {
                text: trimmed.trim_start().to_owned(),
            }),
        }
        // Space belongs to what comes after it, if anything does.
        self.space = words[trimmed.len()..].to_owned();
        *begun = true;
        true
    }

    /// Does what the model calls for.
    async fn act(
        &mut self,
        answer: &Answer,
        done: &mut BTreeMap<String, Value>,
        memory: &mut Memory,
    ) -> Result<(Round, Vec<Called>), Stop> {
        let mut commands = Vec::new();
        let mut asked_for = Vec::new();
        for call in &answer.calls {
            let key = call_key(call);
            // What was called for before has been done; once is enough.
            let repeated = done.contains_key(&key) || asked_for.contains(&key);
            let command = if repeated {
                Ok(None)
            } else {
                self.command(call).await.map(Some)
            };
            commands.push(command);
            asked_for.push(key);
        }
        // A call that was cut short may mean something else than it says.
        if answer.finish == agent::Finish::Length {
            for command in &mut commands {
                *command = Err("your answer was cut off; call again with less at once".to_owned());
            }
        }
        for _ in 0..ATTEMPTS_MAX {
            let app = self.app.clone();
            let _queue = app.queue(&self.user).await;
            *memory = self.memory().await?;
            let mut draft = self.draft(memory);
            draft.actor = Actor::Model(answer.model.clone());
            let called = draft.run_called(&commands).await?;
            let (batch, content) = draft.finish();
            let before = std::mem::replace(&mut self.content, content);
            match self.save(batch, true).await? {
                Saved::Yes => {}
                Saved::Again => {
                    self.content = before;
                    continue;
                }
                Saved::Halted => {
                    self.content = before;
                    return Err(Stop::Halted(Halt::Person));
                }
                Saved::Gone => return Err(Stop::Gone),
            }
            for called in &called {
                if let Called::Found(outcome) = called {
                    self.usage.sent.note(outcome);
                }
            }
            let results: Vec<(Call, Value)> = answer
                .calls
                .iter()
                .zip(asked_for.iter().zip(&called))
                .map(|(call, (key, called))| {
                    let result = called.result(memory);
                    if !matches!(called, Called::Refused(_)) {
                        done.entry(key.clone()).or_insert_with(|| result.clone());
                    }
                    (call.clone(), result)
                })
                .collect();
            let waits = called.iter().any(|called| matches!(called, Called::Waits));
            let settled =
                |called: &Called| matches!(called, Called::Changed(_) | Called::Unchanged(_));
            let round = if waits || called.iter().all(settled) {
                Round::Over
            } else {
                Round::Told(results)
            };
            return Ok((round, called));
        }
        Err(Stop::Failed(Error::Busy))
    }

    /// The command that a call stands for, its dates resolved.
    async fn command(&self, call: &Call) -> Result<Command, String> {
        let spoken = tool::given(call, &self.user)?;
        let meant = self.app.meant(&self.user, spoken).await;
        meant.map_err(|error| error.to_string())
    }

    /// Goes on when no model answers: with what there is, or with what the engine makes of the message.
    async fn without_model(&mut self) -> Result<(), Stop> {
        if self.content.receipts().next().is_some() {
            self.notice(say::model_unavailable_after());
        } else if self.content.blocks.is_empty() {
            return self.engine_answers(Some(say::model_unavailable())).await;
        } else {
            self.notice(say::model_unavailable());
        }
        self.usage.end = End::Failed;
        Ok(())
    }

    /// Answers with what the engine makes of the message.
    async fn engine_answers(&mut self, notice: Option<&str>) -> Result<(), Stop> {
        for _ in 0..ATTEMPTS_MAX {
            let app = self.app.clone();
            let _queue = app.queue(&self.user).await;
            let memory = self.memory().await?;
            let reading = read(self.turn.text.as_str(), &memory.sight());
            let mut draft = self.draft(&memory);
            if let Some(notice) = notice {
                draft.notice(notice);
            }
            draft.answer(reading).await?;
            let (batch, content) = draft.finish();
            let before = std::mem::replace(&mut self.content, content);
            match self.save(batch, true).await? {
                Saved::Yes => return Ok(()),
                Saved::Again => self.content = before,
                Saved::Halted => {
                    self.content = before;
                    return Err(Stop::Halted(Halt::Person));
                }
                Saved::Gone => return Err(Stop::Gone),
            }
        }
        Err(Stop::Failed(Error::Busy))
    }

    /// Keeps the reply as it is now, with what was changed for it. It is finished if nobody is `writing` it any more.
    async fn save(&mut self, batch: Batch, writing: bool) -> Result<Saved, Error> {
        let now = self.app.clock().now();
        self.usage.took_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        let writing = writing.then(|| Writing {
            writer: self.writer.clone(),
            alive_at: now,
            stop: false,
        });
        let used = (self.requests_used > 0).then(|| ModelUse {
            day: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
            requests: self.requests_used.into(),
            input_tokens: self.used.input_tokens,
            output_tokens: self.used.output_tokens,
        });
        let batch = Batch {
            rewrite: Some(Rewrite {
                even_if_stopped: writing.is_none(),
                message: self.message(writing),
                writer: self.writer.clone(),
            }),
            model_use: used,
            ..batch
        };
        match self.app.store().commit(&self.user, &batch).await {
            Ok(()) => {
                (self.requests_used, self.used) = (0, agent::Usage::default());
                self.handle.tell();
                Ok(Saved::Yes)
            }
            Err(store::Error::Conflict) => {
                let place = (self.place.conversation, self.place.reply);
                let kept = self
                    .app
                    .store()
                    .message(&self.user, place.0, place.1)
                    .await?;
                let writing = kept.and_then(|message| message.writing);
                Ok(match writing {
                    Some(writing) if writing.writer != self.writer => Saved::Gone,
                    Some(writing) if writing.stop => Saved::Halted,
                    Some(_) => Saved::Again,
                    None => Saved::Gone,
                })
            }
            Err(error) => Err(error.into()),
        }
    }

    fn message(&self, writing: Option<Writing>) -> Message {
        Message {
            conversation: self.place.conversation,
            id: self.place.reply,
            role: Role::Assistant,
            text: self.content.text(),
            blocks: serde_json::to_value(&self.content).unwrap_or_default(),
            engine: Some(super::MODEL.to_owned()),
            usage: serde_json::to_string(&self.usage).ok(),
            idempotency_key: None,
            created_at: self.at,
            writing,
        }
    }

    /// Keeps the finished reply, however long the database takes: what was done is in the journal already, and only the
    /// last words are at stake.
    async fn finish(mut self) {
        const PATIENCE: Duration = Duration::from_mins(1);
        let (begun, mut wait) = (Instant::now(), Duration::from_millis(50));
        loop {
            match self.save(Batch::default(), false).await {
                Ok(Saved::Again) => {}
                Ok(_) => break,
                Err(error) if begun.elapsed() > PATIENCE => {
                    tracing::error!(%error, "the end of a reply could not be kept");
                    return;
                }
                Err(_) => {
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
            }
        }
        if self.usage.end == End::Stopped
            && let Err(error) = self.app.store().forget_stop(&self.writer).await
        {
            tracing::debug!(%error, "a wish to stop was not cleared away");
        }
    }
}

/// A piece of what comes from a model.
enum Piece {
    Asking(String, String),
    Text(String),
}
