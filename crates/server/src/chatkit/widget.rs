//! The parts of a reply that can be acted on: tasks, receipts, questions and proposals, each as a tree of ChatKit's components.
//!
//! What they show is read from the tasks and the journal each time, so an old one says what is so now.

use app::Block;
use domain::{Seq, Task, TaskId};
use language::{Question, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::transcript::Sight;

/// What a widget asks for. Each says what is to be so, so that asking twice comes to the same.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
pub(super) enum Action {
    #[serde(rename = "todo.set_completed")]
    SetCompleted { task_id: TaskId, completed: bool },
    #[serde(rename = "todo.delete")]
    Delete { task_id: TaskId },
    #[serde(rename = "change.undo")]
    Undo { change_id: Seq },
    /// One of the answers that a question offers, in its words.
    #[serde(rename = "question.answer")]
    Answer { answer: String },
    #[serde(rename = "approval.answer")]
    Approve { approve: bool },
}

impl Action {
    /// Whether it changes nothing but what the widget shows, so that it need not wait for anything.
    fn is_at_once(&self) -> bool {
        matches!(self, Self::SetCompleted { .. })
    }

    /// The action as a component has it.
    fn config(&self) -> Value {
        let mut config = json!(self);
        config["handler"] = json!("server");
        config["loadingBehavior"] = json!(if self.is_at_once() { "self" } else { "auto" });
        config["streaming"] = json!(!self.is_at_once());
        config
    }
}

/// A widget, and what is copied of it.
pub(super) type Widget = (Value, String);

/// The block as a widget. `None` if it is only words. `waits` is whether it can still be answered.
pub(super) fn of(block: &Block, sight: &Sight, waits: bool) -> Option<Widget> {
    let (widget, copied) = match block {
        Block::Text { .. } | Block::Notice { .. } => return None,
        Block::Tasks {
            filter,
            text,
            task_ids,
        } => {
            let [first, ..] = task_ids.as_slice() else {
                return None;
            };
            // All that is known of one task is more than a row of it.
            if filter.is_none() && text.starts_with(&format!("{first}. ")) {
                return None;
            }
            let what = filter.as_ref().and_then(|_| text.lines().next());
            return Some(list(what, task_ids, sight));
        }
        Block::Receipt {
            change_id, text, ..
        } => (receipt(*change_id, text, sight), text),
        Block::Question { text, .. } => {
            let answers = answers(block);
            if answers.is_empty() {
                return None;
            }
            let lines = if waits { 1 } else { usize::MAX };
            let answers = answers.iter().filter(|_| waits).map(button);
            let mut children = texts(text, lines);
            children.extend(answers);
            (json!({ "type": "Card", "children": children }), text)
        }
        Block::Approval { text, .. } => {
            // There are buttons for it.
            let words = text.lines().filter(|line| *line != say::yes_or_no());
            let words = words.collect::<Vec<_>>().join("\n");
            let mut card = json!({ "type": "Card", "children": texts(&words, usize::MAX) });
            if waits {
                for (side, label, approve) in [("confirm", "Yes", true), ("cancel", "No", false)] {
                    let action = Action::Approve { approve }.config();
                    card[side] = json!({ "label": label, "action": action });
                }
            }
            (card, text)
        }
    };
    Some((widget, copied.clone()))
}

/// The answers that a question offers: the words, and what they are called.
pub(super) fn answers(block: &Block) -> Vec<(String, String)> {
    match block {
        Block::Question { question, .. } => match question {
            Question::Which { choices, .. } => {
                let numbered = choices.iter().zip(1..);
                numbered
                    .map(|(choice, n)| (n.to_string(), choice.label.clone()))
                    .collect()
            }
            Question::Offer { .. } => vec![
                ("yes".into(), "Yes, add it".into()),
                ("no".into(), "No".into()),
            ],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn button((answer, label): &(String, String)) -> Value {
    let answer = Action::Answer {
        answer: answer.clone(),
    };
    json!({ "type": "Button", "label": label, "onClickAction": answer.config(), "variant": "outline", "block": true })
}

/// The first lines of a text.
fn texts(text: &str, most: usize) -> Vec<Value> {
    let lines = text.lines().take(most);
    lines
        .map(|line| json!({ "type": "Text", "value": line }))
        .collect()
}

/// A change that was made, and the way back.
fn receipt(change: Seq, text: &str, sight: &Sight) -> Value {
    let mut row = vec![json!({ "type": "Col", "flex": 1, "children": texts(text, usize::MAX) })];
    // One that only takes another back has none, and neither has one that the journal has forgotten.
    match sight.changes.get(&change) {
        Some(known) if known.undone_by.is_some() => {
            row.push(json!({ "type": "Badge", "label": "undone", "color": "secondary" }));
        }
        Some(known) if known.undoes.is_none() => row.push(json!({
            "type": "Button",
            "label": "Undo",
            "onClickAction": Action::Undo { change_id: change }.config(),
            "variant": "ghost",
            "size": "xs",
        })),
        _ => {}
    }
    json!({ "type": "Card", "size": "sm", "children": [{ "type": "Row", "gap": 2, "align": "center", "children": row }] })
}

/// The list that can be ticked off.
fn list(what: Option<&str>, ids: &[TaskId], sight: &Sight) -> Widget {
    const SHOWN: u8 = 10;
    let tasks: Vec<&Task> = ids
        .iter()
        .filter_map(|id| sight.tasks.get(id))
        .filter(|task| !task.is_trashed())
        .collect();
    let done = tasks.iter().filter(|task| task.is_done()).count();
    let counts = format!("{} open, {done} done", tasks.len() - done);
    let status = match what.and_then(|what| what.strip_suffix(':')) {
        Some(what) => format!("{what} \u{b7} {counts}"),
        None => counts,
    };
    let mut rows: Vec<Value> = tasks.iter().map(|task| row(task, sight)).collect();
    let mut copied: Vec<String> = tasks
        .iter()
        .map(|task| {
            let mark = if task.is_done() { 'x' } else { ' ' };
            format!("[{mark}] {}. {}", task.id, task.title)
        })
        .collect();
    if tasks.is_empty() {
        const NONE: &str = "None of these tasks is there any more.";
        let text = json!({ "type": "Text", "value": NONE, "color": "secondary" });
        rows.push(json!({ "type": "ListViewItem", "key": "none", "children": [text] }));
        copied.push(NONE.to_owned());
    }
    let widget = json!({
        "type": "ListView",
        "key": "todo-list",
        "children": rows,
        "limit": SHOWN,
        "status": { "text": status, "icon": "check-circle" },
    });
    (widget, copied.join("\n"))
}

fn row(task: &Task, sight: &Sight) -> Value {
    let (id, is_done) = (task.id, task.is_done());
    let is_late = task
        .due
        .as_ref()
        .is_some_and(|due| !is_done && due.is_past(&sight.view.now));
    let (state, colour) = match (is_done, is_late) {
        (true, _) => ("done", "success"),
        (false, true) => ("overdue", "danger"),
        (false, false) => ("open", "secondary"),
    };
    let set = Action::SetCompleted {
        task_id: id,
        completed: !is_done,
    };
    let mut children = vec![
        json!({
            "type": "Checkbox",
            "name": format!("task_{id}"),
            "defaultChecked": is_done,
            "onChangeAction": set.config(),
        }),
        json!({ "type": "Caption", "value": id.to_string() }),
        json!({
            "type": "Text",
            "id": format!("t{id}"),
            "value": task.title.as_str(),
            "lineThrough": is_done,
            "color": if is_done { "tertiary" } else { "emphasis" },
        }),
        json!({ "type": "Spacer" }),
    ];
    if let Some(due) = &task.due {
        children.push(json!({ "type": "Caption", "value": say::due(due, &sight.view) }));
    }
    children.push(json!({ "type": "Badge", "label": state, "color": colour }));
    children.push(json!({
        "type": "Button",
        "label": "Delete",
        "onClickAction": Action::Delete { task_id: id }.config(),
        "iconStart": "lucide:trash-2",
        "color": "danger",
        "variant": "ghost",
        "size": "xs",
    }));
    json!({ "type": "ListViewItem", "key": format!("task-{id}"), "children": children, "gap": 3, "align": "center" })
}
