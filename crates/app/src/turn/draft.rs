//! A reply being put together: its commands are decided one after the other, each on what those before it leave.

use domain::{
    Actor, Approval, Change, Changes, Command, Decision, Effect, Entry, EntryNeed, Filter, Head,
    Needs, Origin, Outcome, Project, Receipt, Refusal, RowId, Rows, Seq, Task, UndoChange, UserId,
    approval, decide, needs,
};
use language::{Reading, say};
use store::Batch;

use super::memory::Memory;
use crate::ran::{Came, Ran};
use crate::{App, Block, Content, Error, tool};

/// Most pending tasks shown when a named one is not there.
const PENDING_SHOWN: usize = 10;

/// A reply being put together, and everything that is committed with it.
pub(crate) struct Draft<'a> {
    app: &'a App,
    user: &'a UserId,
    /// Whose changes these are, and where they come from.
    pub(super) origin: Origin,
    /// The message that is answered; empty where nothing was said.
    pub(super) said: &'a str,
    pub(super) memory: &'a Memory,
    head: Head,
    entries: Vec<Entry>,
    pub(super) content: Content,
    pub(super) ran: Ran,
}

impl<'a> Draft<'a> {
    /// A draft of the reply to what was `said`, which goes on after `content`.
    pub(crate) fn new(
        app: &'a App,
        user: &'a UserId,
        origin: Origin,
        said: &'a str,
        memory: &'a Memory,
        content: Content,
    ) -> Self {
        Self {
            app,
            user,
            origin,
            said,
            memory,
            head: memory.head,
            entries: Vec::new(),
            content,
            ran: Ran::new(),
        }
    }

    /// Answers as the engine has read the message.
    pub(super) async fn answer(&mut self, reading: Reading) -> Result<(), Error> {
        match reading {
            Reading::Act(steps) => {
                self.run_all(steps.into_iter().map(|step| step.command).collect())
                    .await?;
            }
            Reading::Ask(question) => {
                let text = say::question(&question);
                self.content.blocks.push(Block::Question { text, question });
            }
            Reading::Yes => self.answer_yes(None).await?,
            Reading::YesTo(tasks) => self.answer_yes(Some(&tasks)).await?,
            Reading::No if self.memory.proposal.is_some() => self.text(say::declined()),
            Reading::No => self.text(say::nothing_open()),
            Reading::Talk(talk) => self.text(say::talk(talk)),
            Reading::NoSuch(said) => self.no_such(&said),
            Reading::NotMine => self.text(say::not_mine()),
        }
        Ok(())
    }

    pub(super) fn text(&mut self, text: impl Into<String>) {
        self.content.blocks.push(Block::Text { text: text.into() });
    }

    pub(super) fn notice(&mut self, text: impl Into<String>) {
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
    pub(super) async fn run_all(&mut self, commands: Vec<Command>) -> Result<(), Error> {
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
                    let then = commands.collect();
                    self.propose(vec![(command, changes)], then, needed);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The rows a command needs, as they are after what this turn has decided so far.
    pub(crate) async fn rows(&self, needs: Needs) -> Result<Rows, Error> {
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
    pub(super) fn decide(&mut self, command: &Command, rows: &Rows) -> Option<Changes> {
        match decide(rows, command, self.memory.now) {
            Ok(Decision::Change(changes)) => return Some(changes),
            Ok(Decision::Unchanged(unchanged)) => {
                let outcome = Outcome::Unchanged(unchanged);
                self.call(command, tool::result(&outcome), Came::Done);
                let text = say::outcome(&outcome, &self.memory.view, &self.memory.projects);
                self.notice(text);
            }
            Ok(Decision::Reads) => {}
            Err(refusal) => self.refused(command, &refusal),
        }
        None
    }

    /// Notes a command that was run and what came of it.
    pub(super) fn call(&mut self, command: &Command, result: serde_json::Value, came: Came) {
        self.ran.note(command.name(), came);
        self.content.calls.push(tool::call(command, result));
    }

    fn refused(&mut self, command: &Command, refusal: &Refusal) {
        self.call(command, tool::refused(refusal), Came::Refused);
        match refusal {
            Refusal::NoSuchTask(id) if self.origin.message.is_some() => {
                self.no_such(&format!("task {id}"));
            }
            refusal => self.notice(say::refusal(refusal)),
        }
    }

    /// Makes changes: an entry, and the receipt of it.
    pub(super) fn make(&mut self, command: &Command, changes: Changes) {
        let origin = self.origin.clone();
        let (entry, head) = changes.entry(&self.head, command, origin, self.memory.now);
        self.head = head;
        self.entries.push(entry.clone());
        let outcome = Outcome::Changed(Receipt::from(entry));
        self.call(command, tool::result(&outcome), Came::Done);
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
    pub(super) fn projects(&self) -> Vec<Project> {
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
        let outcome = match self.found(command).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => return Ok(()),
            Err(Error::Refused(refusal)) => {
                self.refused(command, &refusal);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.call(command, tool::result(&outcome), Came::Done);
        self.show(outcome);
        Ok(())
    }

    /// What a reading command finds. `None` if it is none.
    pub(super) async fn found(&self, command: &Command) -> Result<Option<Outcome>, Error> {
        let outcome = self.app.look(self.user, command).await?;
        Ok(outcome.map(|outcome| self.with_changes(outcome)))
    }

    /// Shows what was found.
    pub(super) fn show(&mut self, outcome: Outcome) {
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

    /// What is committed with the reply: the entries, and where the journal stands after them. And the tools that were run,
    /// to be told of when it is committed.
    pub(crate) fn finish(self) -> (Batch, Content, Ran) {
        let batch = Batch {
            head_before: self.memory.head,
            head: self.head,
            entries: self.entries,
            ..Batch::default()
        };
        (batch, self.content, self.ran)
    }
}
