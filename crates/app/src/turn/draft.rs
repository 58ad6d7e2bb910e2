//! A reply being put together: its commands are decided one after the other, each on what those before it leave.

use std::time::Instant;

use domain::{
    Actor, Approval, Change, Changes, Command, ConversationId, Decision, Effect, Entry, EntryNeed,
    Filter, Head, MessageId, Needs, Origin, Outcome, Project, Receipt, Refusal, RowId, Rows,
    Selection, Seq, Task, TaskId, UndoChange, UserId, approval, decide, needs,
};
use jiff::{Timestamp, ToSpan};
use language::{Reading, read, say};
use store::{Batch, Conversation, ConversationWrite, Message, Role};

use super::memory::Memory;
use super::{ENGINE, Reply, Turn};
use crate::{App, Block, Content, Error, Proposal, tool};

/// How long a proposal can be accepted.
const PROPOSAL_MINUTES: i64 = 10;
/// Most pending tasks shown when a named one is not there.
const PENDING_SHOWN: usize = 10;

/// A reply being put together, and everything that is committed with it.
pub(super) struct Draft<'a> {
    app: &'a App,
    user: &'a UserId,
    turn: &'a Turn,
    memory: &'a Memory,
    conversation: ConversationId,
    head: Head,
    entries: Vec<Entry>,
    content: Content,
}

impl<'a> Draft<'a> {
    pub(super) fn new(app: &'a App, user: &'a UserId, turn: &'a Turn, memory: &'a Memory) -> Self {
        let conversation = memory
            .conversation
            .as_ref()
            .map_or(memory.next_conversation, |known| known.id);
        Self {
            app,
            user,
            turn,
            memory,
            conversation,
            head: memory.head,
            entries: Vec::new(),
            content: Content::default(),
        }
    }

    pub(super) async fn answer(&mut self) -> Result<(), Error> {
        match read(self.turn.text.as_str(), &self.memory.sight()) {
            Reading::Act(steps) => {
                self.run_all(steps.into_iter().map(|step| step.command).collect())
                    .await?;
            }
            Reading::Ask(question) => {
                let text = say::question(&question);
                self.content.blocks.push(Block::Question { text, question });
            }
            Reading::Yes => self.accept().await?,
            Reading::No if self.memory.proposal.is_some() => self.text(say::declined()),
            Reading::No => self.text(say::nothing_open()),
            Reading::Talk(talk) => self.text(say::talk(talk)),
            Reading::NoSuch(said) => self.no_such(&said),
            Reading::NotMine => self.text(say::not_mine()),
        }
        Ok(())
    }

    fn text(&mut self, text: impl Into<String>) {
        self.content.blocks.push(Block::Text { text: text.into() });
    }

    fn notice(&mut self, text: impl Into<String>) {
        self.content
            .blocks
            .push(Block::Notice { text: text.into() });
    }

    /// Says that there is no such task, and which there are.
    fn no_such(&mut self, said: &str) {
        let pending: Vec<Task> = self
            .memory
            .tasks
            .iter()
            .filter(|task| task.is_open())
            .take(PENDING_SHOWN)
            .cloned()
            .collect();
        let text = say::no_such(said, &pending, &self.memory.view);
        let task_ids = pending.iter().map(|task| task.id).collect();
        self.content.blocks.push(Block::Tasks {
            filter: Some(Filter::Open),
            text,
            task_ids,
        });
    }

    /// Runs commands in order; one that has to be approved first takes those after it along.
    async fn run_all(&mut self, commands: Vec<Command>) -> Result<(), Error> {
        let mut commands = commands.into_iter();
        while let Some(command) = commands.next() {
            if command.effect() == Effect::Reads {
                self.look(&command).await?;
                continue;
            }
            let mut command = command;
            if let Command::UndoChange(undo @ UndoChange { change_id: None }) = &mut command {
                // With something after it, it corrects what this conversation did last, whatever happened elsewhere since.
                undo.change_id = self.memory.did_change.filter(|_| commands.len() > 0);
                if undo.change_id.is_none() {
                    self.undo_message(&command).await?;
                    continue;
                }
            }
            let rows = self.rows(needs(&command)).await?;
            let Some(changes) = self.decide(&command, &rows) else {
                continue;
            };
            match approval(&command, &Actor::Person, &changes) {
                Approval::NotNeeded => self.make(&command, changes),
                needed => {
                    let rest = commands.collect();
                    self.propose(
                        command,
                        &changes,
                        rest,
                        if needed == Approval::Twice { 2 } else { 1 },
                    );
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The rows a command needs, as they are after what this turn has decided so far.
    async fn rows(&self, needs: Needs) -> Result<Rows, Error> {
        let filter = needs.filter.clone();
        let mut rows = self
            .app
            .store()
            .read(self.user, &needs, self.memory.now)
            .await?;
        if self.entries.is_empty() {
            // If another process was faster since the turn began, the commit finds out, and all is decided again.
            return Ok(Rows {
                head: self.head,
                ..rows
            });
        }
        let changes: Vec<Change> = self
            .entries
            .iter()
            .flat_map(|entry| entry.changes.clone())
            .collect();
        rows.apply(&changes);
        rows.head = self.head;
        if let Some(filter) = filter {
            let projects: Vec<Project> = rows.projects.values().cloned().collect();
            let means = |task: &Task| filter.matches(task, &projects, &self.memory.view);
            rows.selected
                .retain(|id| rows.tasks.get(id).is_some_and(&means));
            for change in &changes {
                if let Change::Task {
                    after: Some(task), ..
                } = change
                    && means(task)
                    && !rows.selected.contains(&task.id)
                {
                    rows.selected.push(task.id);
                }
            }
        }
        Ok(rows)
    }

    /// What a command changes. `None` if that is nothing, or if it was refused; the reply says so then.
    fn decide(&mut self, command: &Command, rows: &Rows) -> Option<Changes> {
        match decide(rows, command, self.memory.now) {
            Ok(Decision::Change(changes)) => return Some(changes),
            Ok(Decision::Unchanged(unchanged)) => {
                let outcome = Outcome::Unchanged(unchanged);
                self.call(command, tool::result(&outcome));
                let text = say::outcome(&outcome, &self.memory.view, &self.memory.projects);
                self.notice(text);
            }
            Ok(Decision::Reads) => {}
            Err(refusal) => self.refused(command, &refusal),
        }
        None
    }

    /// Notes a command that was run and what came of it.
    fn call(&mut self, command: &Command, result: serde_json::Value) {
        self.content.calls.push(tool::call(command, result));
    }

    fn refused(&mut self, command: &Command, refusal: &Refusal) {
        self.call(command, tool::refused(refusal));
        match refusal {
            Refusal::NoSuchTask(id) => self.no_such(&format!("task {id}")),
            refusal => self.notice(say::refusal(refusal)),
        }
    }

    /// Makes changes: an entry, and the receipt of it.
    fn make(&mut self, command: &Command, changes: Changes) {
        let user_message = (self.conversation, self.memory.next_message);
        let origin = Origin {
            actor: Actor::Person,
            door: self.turn.door,
            request_id: self.turn.request_id.clone(),
            idempotency_key: None,
            message: Some(user_message),
        };
        let (entry, head) = changes.entry(&self.head, command, origin, self.memory.now);
        self.head = head;
        self.entries.push(entry.clone());
        let outcome = Outcome::Changed(Receipt::from(entry));
        self.call(command, tool::result(&outcome));
        let text = say::outcome(&outcome, &self.memory.view, &self.projects());
        if let Outcome::Changed(receipt) = outcome {
            let task_ids = receipt.tasks().map(|(task, ..)| task.id).collect();
            self.content.blocks.push(Block::Receipt {
                change_id: receipt.change_id,
                text,
                task_ids,
            });
        }
    }

    /// The projects, those made in this turn included.
    fn projects(&self) -> Vec<Project> {
        let made = self
            .entries
            .iter()
            .flat_map(|entry| &entry.changes)
            .filter_map(|change| match change {
                Change::Project {
                    after: Some(project),
                    ..
                } => Some((**project).clone()),
                _ => None,
            });
        self.memory.projects.iter().cloned().chain(made).collect()
    }

    /// Takes back everything that the last message changed, which may be several entries; or the last change, if it
    /// came from no message.
    async fn undo_message(&mut self, command: &Command) -> Result<(), Error> {
        let mut need = EntryNeed::LastChange;
        let mut message = None;
        loop {
            let rows = self
                .rows(Needs {
                    entry: Some(need),
                    ..Needs::default()
                })
                .await?;
            if message.is_some() {
                let same = rows.entry.as_ref().is_some_and(|entry| {
                    entry.origin.message == message
                        && entry.undone_by.is_none()
                        && entry.undoes.is_none()
                });
                if !same {
                    return Ok(());
                }
            }
            let Some(changes) = self.decide(command, &rows) else {
                return Ok(());
            };
            self.make(command, changes);
            let Some(entry) = rows.entry else {
                return Ok(());
            };
            if entry.seq <= Seq(1) || entry.origin.message.is_none() {
                return Ok(());
            }
            need = EntryNeed::At(Seq(entry.seq.0 - 1));
            message = entry.origin.message;
        }
    }

    async fn look(&mut self, command: &Command) -> Result<(), Error> {
        let outcome = match self.app.look(self.user, command).await {
            Ok(Some(outcome)) => self.with_changes(outcome),
            Ok(None) => return Ok(()),
            Err(Error::Refused(refusal)) => {
                self.refused(command, &refusal);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.call(command, tool::result(&outcome));
        let text = say::outcome(&outcome, &self.memory.view, &self.memory.projects);
        self.content.blocks.push(match outcome {
            Outcome::Tasks(page) => Block::Tasks {
                task_ids: page.tasks.iter().map(|task| task.id).collect(),
                filter: Some(page.filter),
                text,
            },
            Outcome::Overview(overview) => {
                let tasks = overview
                    .overdue
                    .iter()
                    .chain(&overview.today)
                    .chain(&overview.upcoming);
                Block::Tasks {
                    filter: None,
                    text,
                    task_ids: tasks.map(|task| task.id).collect(),
                }
            }
            Outcome::Task(detail) => Block::Tasks {
                filter: None,
                text,
                task_ids: vec![detail.task.id],
            },
            _ => Block::Text { text },
        });
        Ok(())
    }

    /// A list as it is after what this turn has decided so far and not committed yet.
    fn with_changes(&self, outcome: Outcome) -> Outcome {
        let Outcome::Tasks(mut page) = outcome else {
            return outcome;
        };
        for change in self.entries.iter().flat_map(|entry| &entry.changes) {
            let RowId::Task(id) = change.row() else {
                continue;
            };
            let known = page.tasks.len();
            page.tasks.retain(|task| task.id != id);
            page.total -= i64::try_from(known - page.tasks.len()).unwrap_or(0);
            if let Change::Task {
                after: Some(task), ..
            } = change
                && page
                    .filter
                    .matches(task, &self.memory.projects, &self.memory.view)
            {
                page.tasks.push((**task).clone());
                page.total += 1;
            }
        }
        Outcome::Tasks(page)
    }

    /// Asks before a change is made.
    fn propose(&mut self, command: Command, changes: &Changes, rest: Vec<Command>, yes_needed: u8) {
        let rows = touched(changes);
        let command = exactly(command, &rows);
        let proposal = say::proposal(&command, changes, &self.memory.view, &self.projects());
        let text = format!("{proposal}\n{}", say::yes_or_no());
        let result = serde_json::json!({ "status": "waiting_for_approval" });
        self.call(&command, result);
        let proposal = Proposal {
            commands: [command].into_iter().chain(rest).collect(),
            rows,
            yes_needed,
            expires_at: self
                .memory
                .now
                .saturating_add(PROPOSAL_MINUTES.minutes())
                .unwrap_or(Timestamp::MAX),
        };
        self.content.blocks.push(Block::Approval { text, proposal });
    }

    /// The person has said yes to what was proposed.
    async fn accept(&mut self) -> Result<(), Error> {
        let Some(proposal) = self.memory.proposal.clone() else {
            self.text(say::nothing_open());
            return Ok(());
        };
        if proposal.expires_at < self.memory.now {
            self.notice(say::expired());
            return Ok(());
        }
        if proposal.yes_needed > 1 {
            let text = say::are_you_sure(proposal.rows.len());
            let proposal = Proposal {
                yes_needed: proposal.yes_needed - 1,
                ..proposal
            };
            self.content.blocks.push(Block::Approval { text, proposal });
            return Ok(());
        }
        let Some((command, rest)) = proposal.commands.split_first() else {
            return Ok(());
        };
        // Only the rows that were shown, and only if they still are what was shown.
        let ids: Vec<TaskId> = proposal.rows.iter().map(|(id, _)| *id).collect();
        let now = self
            .rows(Needs {
                tasks: ids,
                ..Needs::default()
            })
            .await?;
        let same = |(id, version): &&(TaskId, Seq)| {
            now.tasks
                .get(id)
                .is_some_and(|task| task.version == *version)
        };
        let kept: Vec<(TaskId, Seq)> = proposal.rows.iter().filter(same).copied().collect();
        let left_out = proposal.rows.len() - kept.len();
        if left_out > 0 && kept.is_empty() {
            self.notice(say::left_out(left_out));
            return Ok(());
        }
        let command = exactly(command.clone(), &kept);
        let rows = self.rows(needs(&command)).await?;
        if let Some(changes) = self.decide(&command, &rows) {
            if touched(&changes) == kept {
                self.make(&command, changes);
            } else {
                // More than was shown would change, as when something new has come into the trash.
                let rest = rest.to_vec();
                let yes = if approval(&command, &Actor::Person, &changes) == Approval::Twice {
                    2
                } else {
                    1
                };
                self.notice(say::changed_since());
                self.propose(command, &changes, rest, yes);
                return Ok(());
            }
        }
        if left_out > 0 {
            self.notice(say::left_out(left_out));
        }
        self.run_all(rest.to_vec()).await
    }

    pub(super) fn finish(self, started: Instant) -> (Batch, Reply) {
        let Self {
            turn,
            memory,
            conversation,
            ..
        } = self;
        let parts: Vec<&str> = self.content.blocks.iter().map(Block::text).collect();
        let text = parts.join("\n");
        let asked = Message {
            conversation,
            id: memory.next_message,
            role: Role::User,
            text: turn.text.as_str().to_owned(),
            blocks: serde_json::Value::Null,
            engine: None,
            usage: None,
            idempotency_key: turn.idempotency_key.clone(),
            created_at: memory.now,
            writing: None,
        };
        let reply_id = MessageId(memory.next_message.0 + 1);
        let answered = Message {
            id: reply_id,
            role: Role::Assistant,
            text: text.clone(),
            blocks: serde_json::to_value(&self.content).unwrap_or_default(),
            engine: Some(ENGINE.to_owned()),
            idempotency_key: None,
            ..asked.clone()
        };
        let write = match &memory.conversation {
            Some(known) => ConversationWrite::Continue(Conversation {
                updated_at: memory.now,
                ..known.clone()
            }),
            None => ConversationWrite::Begin(Conversation {
                id: conversation,
                title: title(turn.text.as_str()),
                created_at: memory.now,
                updated_at: memory.now,
            }),
        };
        let batch = Batch {
            head_before: memory.head,
            head: self.head,
            entries: self.entries,
            conversation: Some(write),
            messages: vec![asked, answered],
            ..Batch::default()
        };
        let reply = Reply {
            conversation,
            message: reply_id,
            text,
            content: self.content,
            engine: ENGINE.to_owned(),
            took: started.elapsed(),
        };
        (batch, reply)
    }
}

/// The first words of a conversation, as its title.
fn title(text: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LENGTH_MAX) {
        Some((end, _)) => format!("{}\u{2026}", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// The tasks that changes touch, each at the version it has before them.
fn touched(changes: &Changes) -> Vec<(TaskId, Seq)> {
    let before = |change: &Change| match change {
        Change::Task {
            before: Some(task), ..
        } => Some((task.id, task.version)),
        _ => None,
    };
    let mut rows: Vec<_> = changes.changes.iter().filter_map(before).collect();
    rows.sort_unstable();
    rows
}

/// The same command about exactly these rows, where it can say so.
fn exactly(command: Command, rows: &[(TaskId, Seq)]) -> Command {
    let these = || Selection::of(rows.iter().map(|(id, _)| *id));
    match command {
        Command::CompleteTasks(_) => Command::CompleteTasks(these()),
        Command::ReopenTasks(_) => Command::ReopenTasks(these()),
        Command::DeleteTasks(_) => Command::DeleteTasks(these()),
        Command::RestoreTasks(_) => Command::RestoreTasks(these()),
        Command::UpdateTasks(mut update) => {
            update.selection = these();
            Command::UpdateTasks(update)
        }
        other => other,
    }
}
