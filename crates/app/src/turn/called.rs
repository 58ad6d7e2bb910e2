//! What a model calls for: done where it may be, proposed where the person has to say so first, and told to the model.

use agent::{Arguments, Call};
use domain::{
    Approval, Changes, Command, Decision, Effect, Outcome, Task, UNASKED_MAX, approval, decide,
    needs,
};
use language::{carries, say};
use serde_json::{Value, json};

use super::brief;
use super::draft::Draft;
use super::memory::Memory;
use crate::ran::Came;
use crate::{Error, tool};

/// What came of what a model called for.
pub(super) enum Called {
    Found(Box<Outcome>),
    Changed(Value),
    /// It was so already, and the reply says so.
    Unchanged(Value),
    Waits,
    Refused(Refused),
}

/// Why a call comes to nothing.
#[derive(Debug, Clone)]
pub(super) enum Refused {
    /// In words for the person too.
    Plain(String),
    /// The call itself makes no sense; in words for the model alone.
    Senseless(String),
}

impl Refused {
    /// As the person is told.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Plain(why) => why,
            Self::Senseless(_) => say::senseless_call(),
        }
    }
}

impl Called {
    /// As the model is told.
    pub(super) fn result(&self, memory: &Memory) -> Value {
        match self {
            Self::Found(outcome) => found(outcome, memory),
            Self::Changed(result) | Self::Unchanged(result) => result.clone(),
            Self::Waits => json!({ "status": "waiting_for_approval" }),
            Self::Refused(Refused::Plain(why) | Refused::Senseless(why)) => json!({ "error": why }),
        }
    }
}

/// What makes two calls the same: that they mean the same, however they say it.
pub(super) fn call_key(call: &Call, command: &Result<Command, Refused>) -> String {
    let command = command.as_ref().ok();
    if let Some(Ok(meant)) = command.map(serde_json::to_string) {
        return meant;
    }
    match &call.arguments {
        Arguments::Read(arguments) => format!("{} {}", call.name, Value::Object(arguments.clone())),
        Arguments::Unreadable(text) => format!("{} {text}", call.name),
    }
}

/// What was found, as a model is told: without notes, unless one task was asked for.
fn found(outcome: &Outcome, memory: &Memory) -> Value {
    let row = |task: &Task| brief::row(task, &memory.projects);
    match outcome {
        Outcome::Tasks(page) => {
            json!({ "tasks": page.tasks.iter().map(row).collect::<Vec<_>>(), "total": page.total })
        }
        Outcome::Task(detail) => json!({
            "task": row(&detail.task),
            "description": detail.task.description,
            "steps": detail.steps.iter().map(row).collect::<Vec<_>>(),
        }),
        other => tool::result(other),
    }
}

impl Draft<'_> {
    /// Does what a model calls for, where it may be done: what is more than the person plainly asked for is proposed, and
    /// all of it together. `Ok(None)` is a call that was made before.
    pub(super) async fn run_called(
        &mut self,
        commands: &[Result<Option<Command>, Refused>],
    ) -> Result<Vec<Called>, Error> {
        let is_bulk = self.content.task_count() + self.would_change(commands).await? > UNASKED_MAX;
        let mut called = Vec::new();
        let mut proposed: Vec<(Command, Changes)> = Vec::new();
        let (mut needed, mut is_doubtful) = (Approval::Once, false);
        for command in commands {
            let command = match command {
                Ok(Some(command)) => command,
                Ok(None) => {
                    called.push(Called::Unchanged(json!({ "status": "done already" })));
                    continue;
                }
                Err(why) => {
                    // The name is whatever a model has written, and that is nothing for a log.
                    self.ran.note("unknown", Came::Refused);
                    called.push(Called::Refused(why.clone()));
                    continue;
                }
            };
            if command.effect() == Effect::Reads {
                called.push(match self.found(command).await {
                    Ok(Some(outcome)) => {
                        self.call(command, tool::result(&outcome), Came::Done);
                        Called::Found(Box::new(outcome))
                    }
                    Ok(None) => {
                        self.ran.note(command.name(), Came::Refused);
                        Called::Refused(Refused::Senseless("that cannot be looked up".to_owned()))
                    }
                    Err(Error::Refused(refusal)) => {
                        self.ran.note(command.name(), Came::Refused);
                        Called::Refused(Refused::Plain(refusal.to_string()))
                    }
                    Err(error) => return Err(error),
                });
                continue;
            }
            let rows = self.rows(needs(command)).await?;
            called.push(match decide(&rows, command, self.memory.now) {
                Err(refusal) => {
                    self.ran.note(command.name(), Came::Refused);
                    Called::Refused(Refused::Plain(refusal.to_string()))
                }
                Ok(Decision::Change(changes)) => {
                    let mut approval = approval(command, &self.origin.actor, &changes);
                    if approval == Approval::NotNeeded && !is_bulk && !self.is_carried(command) {
                        is_doubtful = true;
                        approval = Approval::Once;
                    } else if is_bulk {
                        approval = approval.max(Approval::Once);
                    }
                    if approval == Approval::NotNeeded {
                        self.make(command, changes);
                        let call = self.content.calls.last();
                        Called::Changed(call.map(|call| call.result.clone()).unwrap_or_default())
                    } else {
                        needed = needed.max(approval);
                        proposed.push((command.clone(), changes));
                        Called::Waits
                    }
                }
                Ok(_) => {
                    // It says so.
                    self.decide(command, &rows);
                    Called::Unchanged(json!({ "status": "was so already" }))
                }
            });
        }
        if is_doubtful {
            self.notice(say::not_carried());
        }
        if !proposed.is_empty() {
            let proposed = self.together(proposed).await?;
            self.propose(proposed, Vec::new(), needed);
        }
        Ok(called)
    }

    /// Calls that do the same to several tasks as one command, so that the person reads one question.
    async fn together(
        &self,
        proposed: Vec<(Command, Changes)>,
    ) -> Result<Vec<(Command, Changes)>, Error> {
        let mut merged: Vec<(Command, Changes)> = Vec::new();
        for (command, changes) in proposed {
            if let Some((before, _)) = merged.last()
                && let Some(both) = before.with(&command)
            {
                let rows = self.rows(needs(&both)).await?;
                if let Ok(Decision::Change(changes)) = decide(&rows, &both, self.memory.now) {
                    merged.pop();
                    merged.push((both, changes));
                    continue;
                }
            }
            merged.push((command, changes));
        }
        Ok(merged)
    }

    /// How many tasks all of these would change.
    async fn would_change(
        &self,
        commands: &[Result<Option<Command>, Refused>],
    ) -> Result<usize, Error> {
        let mut count = 0;
        for command in commands.iter().flatten().flatten() {
            if command.effect() == Effect::Reads {
                continue;
            }
            let rows = self.rows(needs(command)).await?;
            if let Ok(Decision::Change(changes)) = decide(&rows, command, self.memory.now) {
                count += changes.task_count();
            }
        }
        Ok(count)
    }

    /// Whether the person's own words ask for this: those of the message, or, if it answers a model's question, those of
    /// the message before.
    fn is_carried(&self, command: &Command) -> bool {
        let sight = self.memory.sight();
        let said_before = self.memory.last_asked_by_model();
        carries(self.said, command, &sight)
            || said_before.is_some_and(|before| carries(before, command, &sight))
    }
}
