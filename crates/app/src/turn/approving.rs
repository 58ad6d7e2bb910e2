//! Changes that wait for the person's yes, and the yes.

use domain::{
    Actor, Approval, Change, Changes, Command, Filter, Needs, RedoChange, Selection, Seq, TaskId,
    UndoChange, approval, decide, needs,
};
use jiff::{SignedDuration, Timestamp};
use language::say;

use super::draft::Draft;
use crate::ran::Came;
use crate::{Block, Error, Proposal};

/// How long what `actor` proposes can be accepted.
fn offered_for(actor: &Actor) -> SignedDuration {
    match actor {
        // The person is there.
        Actor::Person | Actor::Model(_) => SignedDuration::from_mins(10),
        Actor::Agent(_) => SignedDuration::from_hours(7 * 24),
    }
}

impl Draft<'_> {
    /// Asks before changes are made. What is to follow them does so without being shown.
    pub(super) fn propose(
        &mut self,
        proposed: Vec<(Command, Changes)>,
        then: Vec<Command>,
        needed: Approval,
    ) {
        let (text, proposal) = self.proposal(proposed, then, needed);
        self.content.blocks.push(Block::Approval { text, proposal });
    }

    /// Changes as they are asked about, with the words.
    pub(crate) fn proposal(
        &mut self,
        proposed: Vec<(Command, Changes)>,
        then: Vec<Command>,
        needed: Approval,
    ) -> (String, Proposal) {
        let mut rows: Vec<(TaskId, Seq)> = Vec::new();
        let (mut commands, mut words) = (Vec::new(), Vec::new());
        let mut filter = None;
        let in_conversation = self.origin.message.is_some();
        let mut view = self.memory.view.clone();
        if !in_conversation {
            // It is read on another day, which must not take "today" for its own: every date is written out.
            view.now = Timestamp::UNIX_EPOCH.to_zoned(view.now.time_zone().clone());
        }
        for (command, changes) in proposed {
            let touched = touched(&changes);
            let command = exactly(command, &changes);
            filter = filter.or_else(|| selected_by(&command).cloned());
            let command = only(command.clone(), &touched).unwrap_or(command);
            let projects = self.projects();
            words.push(say::proposal(&command, &changes, &view, &projects));
            self.call(
                &command,
                serde_json::json!({ "status": "waiting_for_approval" }),
                Came::Proposed,
            );
            rows.extend(touched);
            commands.push(command);
        }
        rows.sort_unstable();
        rows.dedup();
        // Elsewhere there are other ways to answer.
        if in_conversation {
            words.push(say::yes_or_no().to_owned());
        }
        let offered_for = offered_for(&self.origin.actor);
        let expires_at = self.memory.now.saturating_add(offered_for);
        let proposal = Proposal {
            shown: commands.len(),
            commands: commands.into_iter().chain(then).collect(),
            rows,
            filter,
            actor: self.origin.actor.clone(),
            yes_needed: if needed == Approval::Twice { 2 } else { 1 },
            expires_at: expires_at.unwrap_or(Timestamp::MAX),
        };
        (words.join("\n"), proposal)
    }

    /// The person has said yes to what was proposed, or to some of its tasks.
    pub(super) async fn answer_yes(&mut self, some: Option<&[TaskId]>) -> Result<(), Error> {
        let Some(proposal) = self.memory.proposal.clone() else {
            self.text(say::nothing_open());
            return Ok(());
        };
        if proposal.expires_at < self.memory.now {
            self.notice(say::expired());
            return Ok(());
        }
        self.accept(proposal, some).await
    }

    /// Makes the changes of a proposal that was accepted, or those to some of its tasks; or asks once more.
    pub(crate) async fn accept(
        &mut self,
        mut proposal: Proposal,
        some: Option<&[TaskId]>,
    ) -> Result<(), Error> {
        if let Some(some) = some {
            proposal.rows.retain(|(id, _)| some.contains(id));
            // What was to follow all of it does not follow a part, and what is added is none of the tasks that were named.
            proposal.commands.truncate(proposal.shown);
            let adds =
                |command: &Command| matches!(command, Command::AddTask(_) | Command::AddTasks(_));
            proposal.commands.retain(|command| !adds(command));
            proposal.shown = proposal.commands.len();
            if proposal.rows.is_empty() {
                self.text(say::declined());
                return Ok(());
            }
        }
        if proposal.yes_needed > 1 {
            proposal.yes_needed -= 1;
            let text = say::are_you_sure(proposal.rows.len());
            self.content.blocks.push(Block::Approval { text, proposal });
            return Ok(());
        }
        // Only the rows that were shown, and only if they still are what was shown.
        let ids = proposal.rows.iter().map(|(id, _)| *id).collect();
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
        let (shown, then) = proposal
            .commands
            .split_at(proposal.shown.min(proposal.commands.len()));
        let person = std::mem::replace(&mut self.origin.actor, proposal.actor.clone());
        let said = self.content.blocks.len();
        let done = self.make_approved(shown, &kept).await;
        self.origin.actor = person;
        if !done? {
            return Ok(());
        }
        if left_out > 0 {
            self.notice(say::left_out(left_out));
        } else if self.content.blocks.len() == said {
            // As when a step was approved without the task whose deletion takes it along.
            self.text(say::declined());
        }
        self.run_all(then.to_vec()).await
    }

    /// Makes the changes that were approved to the rows that are `kept`. Whether all of them were made: what would change
    /// more than was shown is proposed again.
    async fn make_approved(
        &mut self,
        shown: &[Command],
        kept: &[(TaskId, Seq)],
    ) -> Result<bool, Error> {
        for (n, command) in shown.iter().enumerate() {
            let Some(command) = only(command.clone(), kept) else {
                continue;
            };
            let rows = self.rows(needs(&command)).await?;
            let Some(changes) = self.decide(&command, &rows) else {
                continue;
            };
            // What an approved command before it has changed was shown too.
            let is_kept = |(id, _): &(TaskId, Seq)| kept.iter().any(|(kept, _)| kept == id);
            if touched(&changes).iter().all(is_kept) {
                self.make(&command, changes);
                continue;
            }
            // As when something new has come into the trash.
            self.notice(say::changed_since());
            let needed = approval(&command, &self.origin.actor, &changes).max(Approval::Once);
            let mut again = vec![(command, changes)];
            for command in &shown[n + 1..] {
                let rows = self.rows(needs(command)).await?;
                if let Ok(domain::Decision::Change(changes)) =
                    decide(&rows, command, self.memory.now)
                {
                    again.push((command.clone(), changes));
                }
            }
            self.propose(again, Vec::new(), needed);
            return Ok(false);
        }
        Ok(true)
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

/// The filter by which a command finds its tasks. `None` if it names them.
fn selected_by(command: &Command) -> Option<&Filter> {
    let selection = match command {
        Command::CompleteTasks(it) | Command::ReopenTasks(it) => it,
        Command::DeleteTasks(it) | Command::RestoreTasks(it) => it,
        Command::UpdateTasks(it) => &it.selection,
        _ => return None,
    };
    selection.filter.as_ref()
}

/// The same command about the very change that `changes` takes back: when it is made, another may be the last.
fn exactly(command: Command, changes: &Changes) -> Command {
    let change_id = changes.undoes;
    match command {
        Command::UndoChange(UndoChange { change_id: None }) => {
            Command::UndoChange(UndoChange { change_id })
        }
        Command::RedoChange(RedoChange { change_id: None }) => {
            Command::RedoChange(RedoChange { change_id })
        }
        other => other,
    }
}

/// The same command about these rows and no others, where it can say so. `None` if it is about none of them.
fn only(command: Command, rows: &[(TaskId, Seq)]) -> Option<Command> {
    let these = |mut selection: Selection| {
        let kept = |id: &TaskId| rows.iter().any(|(kept, _)| kept == id);
        if selection.filter.take().is_some() {
            selection.task_ids = rows.iter().map(|(id, _)| *id).collect();
        } else {
            selection.task_ids.retain(kept);
        }
        (!selection.task_ids.is_empty()).then_some(selection)
    };
    let one = |id: TaskId| rows.iter().any(|(kept, _)| *kept == id);
    Some(match command {
        Command::CompleteTasks(it) => Command::CompleteTasks(these(it)?),
        Command::ReopenTasks(it) => Command::ReopenTasks(these(it)?),
        Command::DeleteTasks(it) => Command::DeleteTasks(these(it)?),
        Command::RestoreTasks(it) => Command::RestoreTasks(these(it)?),
        Command::UpdateTasks(mut update) => {
            update.selection = these(update.selection)?;
            Command::UpdateTasks(update)
        }
        Command::CompleteTask(it) if !one(it.task_id) => return None,
        Command::ReopenTask(it) if !one(it.task_id) => return None,
        Command::DeleteTask(it) if !one(it.task_id) => return None,
        Command::UpdateTask(it) if !one(it.task_id) => return None,
        other => other,
    })
}
