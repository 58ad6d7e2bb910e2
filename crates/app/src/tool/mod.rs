//! Commands and outcomes in the shapes that the contract's clients and language models know.

mod answer;
mod given;
mod table;

use domain::{Command, Happened, Outcome, Receipt};
use serde_json::{Value, json};

pub use answer::Answer;
pub(crate) use answer::Seen;
pub(crate) use given::{Misgiven, given, own};
pub use table::{AgentTool, Nature, Tool, agent_tools, tools};

use crate::ToolCall;

/// A command and what came of it, as a tool call.
pub(crate) fn call(command: &Command, result: Value) -> ToolCall {
    let arguments = match serde_json::to_value(command) {
        Ok(Value::Object(mut fields)) => fields.remove("arguments").unwrap_or_else(|| json!({})),
        _ => json!({}),
    };
    ToolCall {
        tool: command.name().to_owned(),
        arguments,
        result,
    }
}

/// The command that was called. `None` if it is none that this version knows.
pub(crate) fn command(call: &ToolCall) -> Option<Command> {
    let command = json!({ "name": call.tool, "arguments": call.arguments });
    serde_json::from_value(command).ok()
}

/// What came of a command: for one changed task the contract's `task_id`, `status` and `title`.
pub(crate) fn result(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Changed(receipt) => changed(receipt),
        Outcome::Tasks(page) => {
            json!({ "tasks": page.tasks, "total": page.total, "filter": page.filter })
        }
        other => serde_json::to_value(other).unwrap_or_default(),
    }
}

/// A refusal, as a tool's result.
pub(crate) fn refused(error: &impl std::fmt::Display) -> Value {
    json!({ "error": error.to_string() })
}

fn changed(receipt: &Receipt) -> Value {
    let mut results: Vec<Value> = receipt
        .tasks()
        .map(|(task, _, happened)| {
            json!({ "task_id": task.id, "status": status(happened), "title": task.title, "change_id": receipt.change_id })
        })
        .collect();
    match results.len() {
        1 => results.remove(0),
        _ => {
            json!({ "change_id": receipt.change_id, "action": receipt.action, "results": results })
        }
    }
}

/// The contract's word for what happened to a task.
fn status(happened: Happened) -> &'static str {
    match happened {
        Happened::Added => "created",
        Happened::Completed => "completed",
        Happened::Reopened => "reopened",
        Happened::Deleted => "deleted",
        Happened::Restored => "restored",
        Happened::Removed => "removed",
        Happened::Updated => "updated",
    }
}
