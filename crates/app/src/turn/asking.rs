//! A reply that a language model writes: rounds of asking it and of doing what it calls for, each committed with the reply
//! as it then is.
//!
//! Nothing is held while a model is asked: no connection, no lock, no queue. The reply is a message from the beginning on,
//! so whatever happens to this process, another can show it and end it.

use std::collections::BTreeMap;
use std::time::Duration;

use agent::{Answer, Arguments, Call, Failure, FailureKind, Progress, Request};
use domain::{Actor, Command, MessageId, Outcome, TaskId, UserId};
use language::{read, say};
use serde_json::Value;
use store::{Batch, Message, ModelUse, Rewrite, Writing};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::{Instant, sleep_until};

use super::brief::{self, Extent};
use super::called::{Called, Refused, call_key};
use super::draft::Draft;
use super::exchange::reply_message;
use super::memory::Memory;
use super::running::{Halt, Handle};
use super::words::Words;
use super::{Place, Turn, is_unsure};
use crate::run::ATTEMPTS_MAX;
use crate::{App, Block, Content, End, Error, Usage, tool};

/// How often a model is asked in one turn.
const ROUNDS_MAX: u32 = 3;
/// How often what has been written is kept, and so shown.
const SAVE_EVERY: Duration = Duration::from_millis(100);
/// How often a reply that does not change is kept all the same, to say that somebody is still at it.
const ALIVE_EVERY: Duration = Duration::from_secs(2);
/// Most refusals that a reply ends with.
const REFUSALS_SHOWN: usize = 3;
/// Most characters of what a tool found that are given to a model.
const FOUND_CHARS_MAX: usize = 12_000;

/// A reply that is being written.
pub(super) struct Asking {
    pub(super) app: App,
    pub(super) user: UserId,
    pub(super) turn: Turn,
    pub(super) place: Place,
    /// The message that is answered.
    pub(super) asked: MessageId,
    pub(super) writer: String,
    pub(super) handle: Handle,
    pub(super) deadline: Instant,
    pub(super) started: std::time::Instant,
    /// When the message came in.
    pub(super) at: jiff::Timestamp,
    /// The reply so far.
    pub(super) content: Content,
    pub(super) usage: Usage,
    /// What was used and is not written down yet.
    pub(super) used: agent::Usage,
    pub(super) requests_used: u32,
    /// What answers in the end.
    pub(super) engine: &'static str,
    /// Why it was not written to its end. Whether the last commit was made is not known then.
    pub(super) failed: Option<String>,
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
    /// All that the model called for is done.
    Over,
    /// The person has to say yes.
    Waits,
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
                self.failed = Some(error.to_string());
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
                // What was sent has been sent.
                (request, _) = brief::request(&text, &memory, Extent::Least);
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
            // What was refused before is told unless the model has done something else about it.
            if !calls
                .iter()
                .all(|called| matches!(called, Called::Unchanged(_)))
            {
                refused.clear();
            }
            for called in calls {
                match called {
                    Called::Refused(why) => refused.push(why),
                    Called::Found(outcome) => found = Some(*outcome),
                    _ => {}
                }
            }
            let results = match next {
                Round::Told(results) => results,
                Round::Waits => {
                    self.refuse(&refused);
                    return Ok(());
                }
                Round::Over => break,
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
        self.close(withheld, found, &refused, &memory).await
    }

    /// Tells the person what was refused.
    fn refuse(&mut self, refused: &[Refused]) {
        let mut words: Vec<&str> = refused.iter().map(Refused::words).collect();
        words.dedup();
        // What waits for an answer stands last.
        let waits = matches!(self.content.blocks.last(), Some(Block::Approval { .. }));
        let waiting = if waits {
            self.content.blocks.pop()
        } else {
            None
        };
        for words in words.into_iter().take(REFUSALS_SHOWN) {
            self.notice(words);
        }
        self.content.blocks.extend(waiting);
    }

    /// Ends a reply that the model has nothing to add to.
    async fn close(
        &mut self,
        withheld: bool,
        found: Option<Outcome>,
        refused: &[Refused],
        memory: &Memory,
    ) -> Result<(), Stop> {
        let changed = self.content.receipts().next().is_some();
        if let (Some(outcome), false) = (found, changed) {
            let mut draft = self.draft(memory);
            draft.show(outcome);
            self.content = draft.finish().1;
        }
        self.refuse(refused);
        if withheld && !changed {
            self.notice(say::nothing_changed_claimed());
        }
        if self.content.blocks.is_empty() {
            return self.engine_answers(false).await;
        }
        Ok(())
    }

    /// What the message is read against, the tasks that it may speak of included.
    async fn memory(&self) -> Result<Memory, Error> {
        let (user, turn) = (&self.user, &self.turn);
        let asked = Some(self.asked);
        let mut memory = self.app.remember(user, turn, asked).await?;
        if memory.tasks.is_empty() {
            self.app.look_around(user, turn, &mut memory).await?;
        }
        Ok(memory)
    }

    fn draft<'a>(&'a self, memory: &'a Memory) -> Draft<'a> {
        let content = self.content.clone();
        let origin = self.turn.origin(self.place.conversation, self.asked);
        let said = self.turn.text.as_str();
        Draft::new(&self.app, &self.user, origin, said, memory, content)
    }

    /// Asks once. What can be shown of the answer is in the reply by then; also, whether something was left out because it
    /// claimed a change.
    async fn ask(&mut self, request: &Request) -> Result<(Result<Answer, Failure>, bool), Stop> {
        // Bounded by the most that an answer may have.
        let (pieces, mut received) = mpsc::unbounded_channel();
        let models = self.app.models().clone();
        let mut words = Words::default();
        let (mut unsaved, mut shown, mut saved_at) = (false, false, Instant::now());
        // A request that nobody hears the end of was made all the same.
        let (before, guess) = (self.usage.clone(), guess(request));
        let mut asked = 0;
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
                let rest = match (unsaved, shown) {
                    (true, true) => SAVE_EVERY,
                    // The first words are shown at once.
                    (true, false) => Duration::ZERO,
                    (false, _) => ALIVE_EVERY,
                };
                tokio::select! {
                    biased;
                    halt = self.handle.halted() => {
                        self.recount(before, asked, guess);
                        return Err(Stop::Halted(halt));
                    }
                    Some(piece) = received.recv() => match piece {
                        Piece::Asking(provider, model) => {
                            asked += 1;
                            (self.usage.provider, self.usage.model) = (Some(provider), Some(model));
                            self.usage.requests += 1;
                            self.usage.input_tokens += guess.input_tokens;
                            self.usage.estimated = true;
                            unsaved = true;
                        }
                        Piece::Text(text) => {
                            unsaved |= words.push(&text, &mut self.content);
                        }
                    },
                    answer = &mut ask => break answer,
                    () = sleep_until(saved_at + rest) => {
                        (unsaved, shown, saved_at) = (false, words.has_begun(), Instant::now());
                        // What cannot be kept now is kept with what comes next.
                        match self.save(Batch::default(), true).await {
                            Ok(Saved::Halted) => {
                                self.recount(before, asked, guess);
                                return Err(Stop::Halted(Halt::Person));
                            }
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
                words.push(&text, &mut self.content);
            }
        }
        match &answer {
            Ok(answer) => {
                words.end(&mut self.content);
                self.recount(before, answer.requests, answer.usage);
                self.usage.provider = Some(answer.provider.clone());
                self.usage.model = Some(answer.model.clone());
            }
            Err(failure) => {
                tracing::warn!(kind = ?failure.kind, requests = failure.requests, "no model answered");
                self.recount(before, failure.requests, failure.usage);
            }
        }
        Ok((answer, words.withheld()))
    }

    /// Counts what was used, from what had been used `before`.
    fn recount(&mut self, before: Usage, requests: u32, used: agent::Usage) {
        self.requests_used += requests;
        self.used += used;
        self.usage = Usage {
            requests: before.requests + requests,
            input_tokens: before.input_tokens + used.input_tokens,
            output_tokens: before.output_tokens + used.output_tokens,
            estimated: before.estimated || used.estimated,
            provider: self.usage.provider.take(),
            model: self.usage.model.take(),
            ..before
        };
    }

    /// Does what the model calls for.
    async fn act(
        &mut self,
        answer: &Answer,
        done: &mut BTreeMap<String, Value>,
        memory: &mut Memory,
    ) -> Result<(Round, Vec<Called>), Stop> {
        let mut commands = Vec::new();
        let mut asked_for: Vec<String> = Vec::new();
        for call in &answer.calls {
            let command = match answer.finish {
                agent::Finish::Complete => self.command(call).await,
                // A call that was cut short may mean something else than it says.
                _ => Err(Refused::Senseless(
                    "your answer was cut off; call again with less at once".to_owned(),
                )),
            };
            let key = call_key(call, &command);
            // What was called for before has been done; once is enough.
            let repeated = done.contains_key(&key) || asked_for.contains(&key);
            commands.push(if repeated {
                Ok(None)
            } else {
                command.map(Some)
            });
            asked_for.push(key);
        }
        for _ in 0..ATTEMPTS_MAX {
            let app = self.app.clone();
            let _queue = app.queue(&self.user).await;
            *memory = self.memory().await?;
            let mut draft = self.draft(memory);
            draft.origin.actor = Actor::Model(answer.model.clone());
            let mut called = draft.run_called(&commands).await?;
            for n in 0..called.len() {
                // The second of two that are the same is refused with the first.
                let first = asked_for.iter().position(|key| *key == asked_for[n]);
                if let Some(Called::Refused(why)) = first.map(|first| &called[first]) {
                    called[n] = Called::Refused(why.clone());
                }
            }
            let (batch, content, ran) = draft.finish();
            if !self.commit(batch, content).await? {
                continue;
            }
            app.tell(self.turn.door, &self.turn.request_id, ran);
            for called in &called {
                if let Called::Found(outcome) = called {
                    self.usage.sent.note(outcome);
                }
                if let Called::Changed(result) = called {
                    let id = result["task_id"].as_i64().map(TaskId);
                    self.usage.sent.tasks.extend(id);
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
            let round = if waits {
                Round::Waits
            } else if called.iter().all(settled) {
                Round::Over
            } else {
                Round::Told(results)
            };
            return Ok((round, called));
        }
        Err(Stop::Failed(Error::Busy))
    }

    /// The command that a call stands for, its dates resolved.
    async fn command(&self, call: &Call) -> Result<Command, Refused> {
        if !brief::is_given(&call.name) {
            let none = format!("there is no tool {:?}; use those you were given", call.name);
            return Err(Refused::Senseless(none));
        }
        let Arguments::Read(arguments) = &call.arguments else {
            return Err(Refused::Senseless(
                "the arguments are not JSON; send one JSON object".to_owned(),
            ));
        };
        let spoken = tool::given(&call.name, arguments.clone(), &self.user).map_err(|error| {
            Refused::Senseless(match error {
                tool::Misgiven::Arguments(why) => why,
                tool::Misgiven::AnotherUser => {
                    "you act for the person you talk to and for nobody else; leave user_id out"
                        .to_owned()
                }
            })
        })?;
        let meant = self.app.meant(&self.user, spoken).await;
        meant.map_err(|error| Refused::Plain(error.to_string()))
    }

    /// Goes on when no model answers: with what there is, or with what the engine makes of the message.
    async fn without_model(&mut self) -> Result<(), Stop> {
        if self.content.receipts().next().is_some() {
            self.notice(say::model_unavailable_after());
        } else if self.content.blocks.is_empty() {
            return self.engine_answers(true).await;
        } else {
            self.notice(say::model_unavailable());
        }
        self.usage.end = End::Failed;
        Ok(())
    }

    /// Answers with what the engine makes of the message, because models have failed or have nothing to say.
    async fn engine_answers(&mut self, failed: bool) -> Result<(), Stop> {
        for _ in 0..ATTEMPTS_MAX {
            let app = self.app.clone();
            let _queue = app.queue(&self.user).await;
            let memory = self.memory().await?;
            let reading = read(self.turn.text.as_str(), &memory.sight());
            let mut draft = self.draft(&memory);
            let is_left = failed && is_unsure(&reading);
            if is_left {
                draft.notice(say::model_unavailable());
            } else if failed {
                draft.notice(say::rules_answer());
            }
            draft.answer(reading).await?;
            let (batch, content, ran) = draft.finish();
            if is_left {
                self.usage.end = End::Failed;
            }
            self.engine = super::RULES;
            if self.commit(batch, content).await? {
                app.tell(self.turn.door, &self.turn.request_id, ran);
                return Ok(());
            }
        }
        Err(Stop::Failed(Error::Busy))
    }

    /// Keeps `content` as the reply, with what was changed for it. Whether it was: if not, it is to be decided again. Where it
    /// was not, the reply says nothing of it.
    async fn commit(&mut self, batch: Batch, content: Content) -> Result<bool, Stop> {
        let before = std::mem::replace(&mut self.content, content);
        let saved = self.save(batch, true).await;
        if !matches!(saved, Ok(Saved::Yes)) {
            self.content = before;
        }
        match saved? {
            Saved::Yes => Ok(true),
            Saved::Again => Ok(false),
            Saved::Halted => Err(Stop::Halted(Halt::Person)),
            Saved::Gone => Err(Stop::Gone),
        }
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
        let (content, usage) = (&self.content, &self.usage);
        reply_message(self.place, self.at, content, self.engine, usage, writing)
    }

    /// Keeps the finished reply. After a failure, what was committed is read first: nothing else was done.
    async fn end(&mut self) -> Result<Saved, Error> {
        if let Some(why) = self.failed.clone() {
            let Place {
                conversation,
                reply,
            } = self.place;
            let stored = self.app.store().message(&self.user, conversation, reply);
            let Some(stored) = stored.await? else {
                return Ok(Saved::Gone);
            };
            self.content = super::Reply::from(stored).content;
            self.notice(why);
        }
        self.save(Batch::default(), false).await
    }

    /// Keeps the finished reply, however long the database takes: what was done is in the journal already, and only the
    /// last words are at stake.
    async fn finish(mut self) {
        const PATIENCE: Duration = Duration::from_mins(1);
        let (begun, mut wait) = (Instant::now(), Duration::from_millis(50));
        loop {
            match self.end().await {
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
        self.app
            .tell_turn(self.engine, &self.turn.request_id, &self.usage);
        if self.usage.end == End::Stopped
            && let Err(error) = self.app.store().forget_stop(&self.writer).await
        {
            tracing::debug!(%error, "a wish to stop was not cleared away");
        }
    }
}

/// What a request that is given up has cost: nobody says, and somebody asks for money all the same.
fn guess(request: &Request) -> agent::Usage {
    const BYTES_A_TOKEN: usize = 4;
    let bytes = serde_json::to_string(&request.messages).map_or(0, |text| text.len());
    agent::Usage {
        input_tokens: (bytes / BYTES_A_TOKEN) as u64,
        output_tokens: 0,
        estimated: true,
    }
}

/// A piece of what comes from a model.
enum Piece {
    Asking(String, String),
    Text(String),
}
