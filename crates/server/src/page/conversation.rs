//! A conversation, ready to be shown: as a page, or block by block to a page that is there.

use std::collections::{BTreeMap, BTreeSet};

use app::{Block, Message, Preview, Proposal, Reply, Role, Sent};
use askama::Template;
use domain::{Change, ConversationId, Days, Filter, MessageId, ModelMode, Seq, Task, TaskId, View};
use language::{Question, say};
use serde_json::{Value, json};

use super::Visitor;
use super::encoded;
use super::frame::{ChangeView, Scene};
use super::row::Row;
use crate::{Problem, Server};

/// Messages that are shown at first, and with each "Earlier".
const SHOWN: u32 = 40;

/// A conversation.
pub(super) struct Chat {
    pub(super) conversation: Option<ConversationId>,
    pub(super) messages: Vec<MessageView>,
    /// The message before which there are more.
    pub(super) earlier: Option<MessageId>,
    /// Whether what is shown goes to the end.
    pub(super) is_latest: bool,
    pub(super) key: String,
    /// What answers here.
    pub(super) engine: String,
    /// What stands in the composer.
    pub(super) typed: String,
    /// The message that is said anew, if one is.
    pub(super) edited: Option<Edited>,
    /// The tasks that the next message is about, if it is about some.
    pub(super) about: Option<About>,
    pub(super) suggestions: Vec<Suggestion>,
    /// What can be chosen once, before a model is asked for the first time.
    pub(super) first_model: Option<ModelChoice>,
}

/// What somebody asks to see of it.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// A number, or `new`; the latest without.
    pub(super) conversation: Option<&'a str>,
    pub(super) before: Option<MessageId>,
    /// What stands in the composer.
    pub(super) typed: String,
    pub(super) edited: Option<MessageId>,
    pub(super) about: Vec<TaskId>,
}

/// Tasks that a message is about.
pub(super) struct About {
    /// Which they are, in words.
    pub(super) words: String,
    /// Their numbers, with commas.
    pub(super) ids: String,
}

impl About {
    /// `None` if it is none that is there.
    async fn of(scene: &Scene<'_>, ids: Vec<TaskId>) -> Result<Option<Self>, Problem> {
        let tasks = scene.server.app.tasks(&scene.visitor.user, ids).await?;
        let words = match tasks.values().next() {
            None => return Ok(None),
            Some(task) if tasks.len() == 1 => format!("\u{201c}{}\u{201d}", task.title),
            Some(_) => format!("{} selected tasks", tasks.len()),
        };
        let ids: Vec<String> = tasks.keys().map(ToString::to_string).collect();
        Ok(Some(Self {
            words,
            ids: ids.join(","),
        }))
    }
}

/// A message that is said anew.
pub(super) struct Edited {
    pub(super) message: MessageId,
    /// How many tasks its first run changed that can be taken back.
    pub(super) changes: usize,
}

/// Words that can be put into the composer.
pub(super) struct Suggestion {
    pub(super) label: String,
    pub(super) text: String,
}

/// Which model there is, where it runs, and when it may be asked.
pub(super) struct ModelChoice {
    pub(super) model: String,
    pub(super) place: &'static str,
    pub(super) modes: Vec<(&'static str, &'static str)>,
}

pub(super) enum MessageView {
    Mine(Said),
    Reply(ReplyView),
}

/// What the person said.
pub(super) struct Said {
    pub(super) id: MessageId,
    pub(super) text: String,
    /// Whether it can be said anew.
    pub(super) can_edit: bool,
}

/// A reply.
pub(super) struct ReplyView {
    pub(super) id: MessageId,
    pub(super) conversation: ConversationId,
    pub(super) parts: Vec<Part>,
    /// What is said under it. `None` while it is being written.
    pub(super) footer: Option<Footer>,
}

/// What is said under a reply.
pub(super) struct Footer {
    /// What answered, how long it took and what it cost.
    pub(super) line: String,
    /// What left the server for it.
    pub(super) sent: Vec<String>,
    /// The message to say anew, if that changes nothing twice.
    pub(super) retry: Option<Said>,
}

/// One part of a reply.
pub(super) struct Part {
    /// Its place: `m4-0`.
    pub(super) id: String,
    pub(super) body: Body,
}

/// What a part is.
pub(super) enum Body {
    Text(String),
    Notice(String),
    Tasks(Found),
    Receipt(ReceiptView),
    Question(Asked),
    Approval(Approval),
}

impl Body {
    /// The name of its class.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Notice(_) => "notice",
            Self::Tasks(_) => "found",
            Self::Receipt(_) => "receipt",
            Self::Question(_) => "question",
            Self::Approval(_) => "asks",
        }
    }
}

/// Tasks that were asked for.
pub(super) struct Found {
    pub(super) groups: Vec<(String, Vec<Row>)>,
    /// Where all of them are, and how many, if they are more than are shown.
    pub(super) all: Option<(String, i64)>,
}

/// A change that was made.
pub(super) struct ReceiptView {
    pub(super) text: String,
    /// `None` if the journal has it no more.
    pub(super) change: Option<ChangeView>,
    pub(super) steps: Vec<Step>,
    /// Those beyond a handful.
    pub(super) more: Vec<Step>,
    /// When it was taken back.
    pub(super) undone_at: Option<String>,
}

/// What a change did to one task.
pub(super) struct Step {
    pub(super) id: TaskId,
    pub(super) title: String,
    /// Field by field, as it was and as it is.
    pub(super) ways: Vec<(String, String)>,
}

/// A question.
pub(super) struct Asked {
    pub(super) lines: String,
    /// What can be said to it if it still waits: the words, and what they are called.
    pub(super) answers: Vec<(String, String)>,
}

/// Changes that wait for a yes.
pub(super) struct Approval {
    pub(super) question: String,
    pub(super) lines: String,
    /// By what its tasks were found.
    pub(super) filter: Option<(String, String)>,
    /// What can be answered, if it still waits.
    pub(super) waits: Option<Waits>,
}

/// A proposal that waits.
pub(super) struct Waits {
    /// The reply that proposes it.
    pub(super) message: MessageId,
    /// The tasks it is about, where some can be left out.
    pub(super) tasks: Vec<Choice>,
    /// How many tasks are approved unless somebody changes that.
    pub(super) count: usize,
    /// When it ends, in milliseconds.
    pub(super) until: i64,
    pub(super) is_over: bool,
    /// What asks for it again.
    pub(super) again: String,
}

/// A task that can be left out.
pub(super) struct Choice {
    pub(super) id: TaskId,
    pub(super) title: String,
    pub(super) due: Option<String>,
    /// What would become of it, field by field.
    pub(super) ways: Vec<(String, String)>,
    /// Whether it is not any more what was shown, so that it will be left out.
    pub(super) changed_since: bool,
}

impl Chat {
    /// The conversation that was asked for, or the latest.
    pub(super) async fn of(scene: &Scene<'_>, wanted: Wanted<'_>) -> Result<Self, Problem> {
        let (app, user) = (&scene.server.app, &scene.visitor.user);
        let conversation = match wanted.conversation {
            Some("new") => None,
            Some(number) => number.parse().ok().map(ConversationId),
            None => app
                .conversations(user, None, 1)
                .await?
                .first()
                .map(|latest| latest.id),
        };
        let stored = match conversation {
            Some(id) => app.messages(user, id, wanted.before, SHOWN).await,
            None => Ok(Vec::new()),
        };
        let (conversation, stored) = match stored {
            Ok(stored) => (conversation, stored),
            // An old link to a conversation that is gone opens a new one.
            Err(app::Error::NoSuchConversation(_)) => (None, Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let is_latest = wanted.before.is_none();
        let mut chat = Self {
            conversation,
            messages: Vec::with_capacity(stored.len()),
            earlier: stored
                .first()
                .map(|message| message.id)
                .filter(|id| id.0 > 1),
            is_latest,
            key: accounts::random_name(),
            engine: engine(scene.server, scene.settings.model_mode),
            typed: wanted.typed,
            edited: None,
            about: About::of(scene, wanted.about).await?,
            suggestions: Vec::new(),
            first_model: first_model(scene),
        };
        if let (Some(edited), [.., asked, reply]) = (wanted.edited, stored.as_slice())
            && asked.id == edited
            && asked.role == Role::User
        {
            chat.typed.clone_from(&asked.text);
            chat.edited = Some(Edited {
                message: edited,
                changes: standing(scene, &Reply::from(reply.clone())).await?,
            });
        }
        if is_latest {
            chat.suggestions = suggestions(scene, stored.last()).await?;
        }
        let count = stored.len();
        let mut asked = None;
        for (message, n) in stored.into_iter().zip(1..) {
            if message.role == Role::User {
                let said = Said::of(&message, is_latest && n + 1 == count);
                asked = Some(message);
                chat.messages.push(MessageView::Mine(said));
                continue;
            }
            let reply = Reply::from(message);
            let is_last = is_latest && n == count;
            let view = ReplyView::of(scene, reply, asked.take().as_ref(), is_last).await?;
            chat.messages.push(MessageView::Reply(view));
        }
        Ok(chat)
    }
}

impl Said {
    fn of(message: &Message, can_edit: bool) -> Self {
        Self {
            id: message.id,
            text: message.text.clone(),
            can_edit,
        }
    }
}

impl ReplyView {
    async fn of(
        scene: &Scene<'_>,
        reply: Reply,
        asked: Option<&Message>,
        is_last: bool,
    ) -> Result<Self, Problem> {
        let mut parts = Vec::new();
        for n in 0..reply.content.blocks.len() {
            parts.push(part(scene, &reply, n, asked, is_last).await?);
        }
        let footer = if reply.is_writing {
            None
        } else {
            Some(Footer::of(scene, &reply, asked.filter(|_| is_last)).await?)
        };
        Ok(Self {
            id: reply.message,
            conversation: reply.conversation,
            parts,
            footer,
        })
    }
}

/// One part of a reply. What waits for an answer does so in the last one only.
async fn part(
    scene: &Scene<'_>,
    reply: &Reply,
    n: usize,
    asked: Option<&Message>,
    is_last: bool,
) -> Result<Part, Problem> {
    let id = format!("m{}-{n}", reply.message);
    let block = reply.content.blocks.get(n).cloned();
    let body = match block.ok_or_else(Problem::internal)? {
        Block::Text { text } => Body::Text(text),
        Block::Notice { text } => Body::Notice(text),
        Block::Tasks {
            filter,
            text,
            task_ids,
        } => Body::Tasks(Found::of(scene, &id, filter, &text, &task_ids).await?),
        Block::Receipt {
            change_id, text, ..
        } => Body::Receipt(ReceiptView::of(scene, change_id, text).await?),
        Block::Question { text, question } => {
            let answers = if is_last {
                answers(question)
            } else {
                Vec::new()
            };
            // Its choices are on the buttons.
            let on_buttons = !answers.is_empty();
            let lines = if on_buttons {
                text.lines().next()
            } else {
                None
            };
            Body::Question(Asked {
                lines: lines.unwrap_or(&text).to_owned(),
                answers,
            })
        }
        Block::Approval { text, proposal } => {
            let mut approval = Approval::of(&text, &proposal);
            if is_last {
                approval
                    .wait(scene, reply.message, &proposal, asked)
                    .await?;
            }
            Body::Approval(approval)
        }
    };
    Ok(Part { id, body })
}

/// What can be said to a question.
fn answers(question: Question) -> Vec<(String, String)> {
    match question {
        Question::Which { choices, .. } => {
            let numbered = choices.into_iter().zip(1..);
            let none = ("none of these".to_owned(), "None of these".to_owned());
            numbered
                .map(|(choice, n)| (n.to_string(), choice.label))
                .chain([none])
                .collect()
        }
        Question::Offer { .. } => vec![
            ("yes".into(), "Yes, add it".into()),
            ("no".into(), "No".into()),
        ],
        _ => Vec::new(),
    }
}

impl Found {
    /// Rows of a list in an answer.
    const ROWS_MAX: usize = 10;

    /// The tasks as they are now, under the headings they were said under.
    async fn of(
        scene: &Scene<'_>,
        at: &str,
        filter: Option<Filter>,
        text: &str,
        ids: &[TaskId],
    ) -> Result<Self, Problem> {
        let shown = ids.iter().copied();
        let mut tasks = scene.server.app.tasks(&scene.visitor.user, shown).await?;
        let mut groups: Vec<(String, Vec<Row>)> = Vec::new();
        let mut count = 0;
        for line in text.lines() {
            let number = line.split_once(". ").and_then(|(id, _)| id.parse().ok());
            let number = number.map(TaskId).filter(|id| ids.contains(id));
            match (number, groups.last_mut()) {
                (Some(id), group) => {
                    // It may be gone by now.
                    let Some(task) = tasks.remove(&id).filter(|_| count < Self::ROWS_MAX) else {
                        continue;
                    };
                    count += 1;
                    let row = Row::within(at, &task, scene);
                    match group {
                        Some((_, rows)) => rows.push(row),
                        None => groups.push((String::new(), vec![row])),
                    }
                }
                // Steps of a task, and what is left out.
                _ if line.starts_with([' ', '\u{2026}']) => {}
                (None, Some((heading, rows))) if rows.is_empty() => {
                    heading.push('\n');
                    heading.push_str(line);
                }
                (None, _) => groups.push((line.to_owned(), Vec::new())),
            }
        }
        let all = match filter {
            _ if ids.len() <= Self::ROWS_MAX => None,
            Some(filter) => {
                let address = format!("/search?filter={}", encoded(&filter.to_string()));
                Some((address, scene.count(filter).await?))
            }
            None => Some(("/all".to_owned(), scene.count(Filter::Open).await?)),
        };
        Ok(Self { groups, all })
    }
}

impl ReceiptView {
    async fn of(scene: &Scene<'_>, id: Seq, text: String) -> Result<Self, Problem> {
        /// Tasks of a change that are shown at once.
        const STEPS: usize = 5;
        let (app, user) = (&scene.server.app, &scene.visitor.user);
        let receipt = app.change(user, id).await?;
        let mut view = Self {
            text,
            change: None,
            steps: Vec::new(),
            more: Vec::new(),
            undone_at: None,
        };
        let Some(receipt) = receipt else {
            return Ok(view);
        };
        if let Some(undone) = receipt.undone_by
            && let Some(undone) = app.change(user, undone).await?
        {
            view.undone_at = Some(scene.time(undone.at));
        }
        view.steps = steps(&receipt.changes, scene);
        if view.steps.len() > 1 {
            view.text = say::headline(&receipt, &scene.view, &scene.projects);
        }
        if view.steps.len() > STEPS {
            view.more = view.steps.split_off(STEPS);
        }
        view.change = Some(scene.change(receipt));
        Ok(view)
    }
}

impl ReceiptView {
    /// What was done to the one task it is about. `None` if it is about several.
    pub(super) fn only(&self) -> Option<&Step> {
        match self.steps.as_slice() {
            [step] => Some(step),
            _ => None,
        }
    }
}

/// What changes did to each task that is still there after them.
fn steps(changes: &[Change], scene: &Scene<'_>) -> Vec<Step> {
    let step = |change: &Change| {
        let Change::Task {
            before,
            after: Some(task),
        } = change
        else {
            return None;
        };
        let before = before.as_ref();
        Some(Step {
            id: task.id,
            title: task.title.to_string(),
            ways: before.map_or_else(Vec::new, |before| {
                say::fields(before, task, &scene.view, &scene.projects)
            }),
        })
    };
    changes.iter().filter_map(step).collect()
}

impl Approval {
    /// What is asked, without the means to answer.
    fn of(text: &str, proposal: &Proposal) -> Self {
        // There are buttons for it.
        let mut lines = text.lines().filter(|line| *line != say::yes_or_no());
        let filter = proposal.filter.as_ref().map(|filter| {
            let filter = filter.to_string();
            (format!("/search?filter={}", encoded(&filter)), filter)
        });
        Self {
            question: lines.next().unwrap_or_default().to_owned(),
            lines: lines.collect::<Vec<_>>().join("\n"),
            filter,
            waits: None,
        }
    }

    /// Adds what can be answered.
    async fn wait(
        &mut self,
        scene: &Scene<'_>,
        message: MessageId,
        proposal: &Proposal,
        asked: Option<&Message>,
    ) -> Result<(), Problem> {
        let (app, user) = (&scene.server.app, &scene.visitor.user);
        let ids = proposal.rows.iter().map(|(id, _)| *id);
        let tasks = app.tasks(user, ids).await?;
        let mut choices = choices(proposal, &tasks, &scene.view);
        if let ([command, ..], 1) = (proposal.commands.as_slice(), proposal.shown)
            && !choices.is_empty()
        {
            // What becomes of a task is said beside its box, and what is said of other things stays.
            let of_a_task = |line: &str| {
                let number = line.split_once(". ").map(|(number, _)| number.parse());
                line.starts_with('\u{2026}')
                    || matches!(number, Some(Ok(id)) if tasks.contains_key(&TaskId(id)))
            };
            let kept: Vec<&str> = self.lines.lines().filter(|line| !of_a_task(line)).collect();
            self.lines = kept.join("\n");
            let would = match app.preview(user, command).await {
                Ok(Preview::Changes(changes)) => steps(&changes.changes, scene),
                _ => Vec::new(),
            };
            for step in would {
                if let Some(choice) = choices.iter_mut().find(|choice| choice.id == step.id) {
                    choice.ways = step.ways;
                }
            }
        }
        self.waits = Some(Waits {
            message,
            count: if choices.is_empty() {
                proposal.rows.len()
            } else {
                choices
                    .iter()
                    .filter(|choice| !choice.changed_since)
                    .count()
            },
            tasks: choices,
            until: proposal.expires_at.as_millisecond(),
            is_over: proposal.expires_at < app.clock().now(),
            again: asked.map(|asked| asked.text.clone()).unwrap_or_default(),
        });
        Ok(())
    }
}

/// The tasks of a proposal, where some can be left out.
pub(super) fn choices(
    proposal: &Proposal,
    tasks: &BTreeMap<TaskId, Task>,
    view: &View,
) -> Vec<Choice> {
    /// Above this many tasks it is all or nothing.
    const CHOSEN_MAX: usize = 20;
    if !(2..=CHOSEN_MAX).contains(&proposal.rows.len()) {
        return Vec::new();
    }
    let choice = |(id, version): &(TaskId, Seq)| {
        let task = tasks.get(id)?;
        Some(Choice {
            id: *id,
            title: task.title.to_string(),
            due: task.due.as_ref().map(|due| say::due(due, view)),
            ways: Vec::new(),
            changed_since: task.version != *version,
        })
    };
    proposal.rows.iter().filter_map(choice).collect()
}

/// How many tasks a reply changed that can be taken back.
async fn standing(scene: &Scene<'_>, reply: &Reply) -> Result<usize, Problem> {
    let mut tasks = BTreeSet::new();
    for id in reply.content.receipts() {
        let change = scene.server.app.change(&scene.visitor.user, id).await?;
        if let Some(change) = change.filter(|change| change.undone_by.is_none()) {
            tasks.extend(change.tasks().map(|(task, ..)| task.id));
        }
    }
    Ok(tasks.len())
}

impl Footer {
    async fn of(
        scene: &Scene<'_>,
        reply: &Reply,
        asked: Option<&Message>,
    ) -> Result<Self, Problem> {
        let usage = &reply.usage;
        let took = if usage.took_ms < 1000.0 {
            format!("{:.0} ms", usage.took_ms.max(1.0))
        } else {
            format!("{:.1} s", usage.took_ms / 1000.0)
        };
        // What changed something would do it twice.
        let may_retry = asked.is_some() && reply.content.receipts().next().is_none();
        let retry = asked
            .filter(|_| may_retry)
            .map(|asked| Said::of(asked, true));
        if usage.requests == 0 {
            return Ok(Self {
                line: format!("Rules \u{b7} {took} \u{b7} nothing sent"),
                sent: Vec::new(),
                retry,
            });
        }
        let model = usage.model.as_deref().unwrap_or("a model");
        let about = if usage.estimated { "about " } else { "" };
        let tokens = usage.input_tokens + usage.output_tokens;
        Ok(Self {
            line: format!("{model} \u{b7} {took} \u{b7} {about}{tokens} tokens"),
            sent: sent(scene, &usage.sent).await?,
            retry,
        })
    }
}

/// What of the person's left the server, line by line.
async fn sent(scene: &Scene<'_>, sent: &Sent) -> Result<Vec<String>, Problem> {
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let (app, user) = (&scene.server.app, &scene.visitor.user);
    let tasks = app.tasks(user, sent.tasks.iter().copied()).await?;
    let titles = |ids: &BTreeSet<TaskId>| {
        let titles = ids.iter().filter_map(|id| tasks.get(id));
        let titles: Vec<String> = titles
            .map(|task| format!("\u{201c}{}\u{201d}", task.title))
            .collect();
        titles.join(", ")
    };
    let mut lines = vec![format!(
        "{} of this conversation",
        count(sent.messages, "message")
    )];
    lines.push(if sent.tasks.is_empty() {
        "no tasks".to_owned()
    } else {
        format!(
            "titles, dates, repeats, priorities, labels and projects of {}: {}",
            count(sent.tasks.len(), "task"),
            titles(&sent.tasks)
        )
    });
    lines.push(if sent.notes.is_empty() {
        "notes not sent".to_owned()
    } else {
        format!("the notes of {}", titles(&sent.notes))
    });
    Ok(lines)
}

/// What can be said next, from what is there: before anything was said, or after this message.
async fn suggestions(
    scene: &Scene<'_>,
    last: Option<&Message>,
) -> Result<Vec<Suggestion>, Problem> {
    let suggestion = |label: &str, text: &str| Suggestion {
        label: label.to_owned(),
        text: text.to_owned(),
    };
    let overdue = scene.count(Filter::Overdue).await?;
    let late = (overdue > 0).then(|| Suggestion {
        label: format!("{overdue} overdue: move to today"),
        text: "Move overdue to today".to_owned(),
    });
    let Some(last) = last else {
        let mut all: Vec<Suggestion> = late.into_iter().collect();
        if scene.count(Filter::Open).await? > 0 {
            all.push(suggestion("Plan my day", "Plan my day"));
        }
        if scene.count(Filter::DoneIn(Days::ThisWeek)).await? > 0 {
            let text = "What did I finish this week?";
            all.push(suggestion(text, text));
        }
        all.push(suggestion("Add \u{2026}", "Add "));
        return Ok(all);
    };
    let reply = Reply::from(last.clone());
    let waits = |block: &Block| matches!(block, Block::Question { .. } | Block::Approval { .. });
    if reply.is_writing || reply.content.blocks.iter().any(waits) {
        return Ok(Vec::new());
    }
    let shows_several =
        |block: &Block| matches!(block, Block::Tasks { task_ids, .. } if task_ids.len() > 1);
    let mut all = Vec::new();
    if reply.content.blocks.iter().any(shows_several) {
        all.push(suggestion("Move them to tomorrow", "Move them to tomorrow"));
    } else {
        all.push(suggestion("What\u{2019}s due today?", "What's due today?"));
    }
    all.extend(late);
    Ok(all)
}

/// When a model may be asked, what it is called.
pub(super) const MODES: [(ModelMode, &str, &str); 3] = [
    (ModelMode::Rules, "rules", "Rules only"),
    (
        ModelMode::Unsure,
        "unsure",
        "Use the model when rules are unsure",
    ),
    (ModelMode::First, "first", "Ask the model first"),
];

/// Whether somebody may say when a model is asked.
pub(super) fn may_choose(server: &Server) -> bool {
    !server.app.models().is_empty() && server.app.model_settings().mode != ModelMode::Rules
}

fn first_model(scene: &Scene<'_>) -> Option<ModelChoice> {
    if scene.settings.model_mode.is_some() || !may_choose(scene.server) {
        return None;
    }
    let provider = scene.server.app.models().first()?;
    Some(ModelChoice {
        model: provider.model.clone(),
        place: place(provider.is_local()),
        modes: MODES.map(|(_, word, name)| (word, name)).to_vec(),
    })
}

/// Where a model runs.
fn place(is_local: bool) -> &'static str {
    if is_local {
        "on this server"
    } else {
        "leaves this server"
    }
}

/// What answers here, and whether anything leaves the server for it.
pub(super) fn engine(server: &Server, chosen: Option<ModelMode>) -> String {
    let Some(provider) = server.app.models().first() else {
        return "Built-in rules".to_owned();
    };
    let (model, place) = (&provider.model, place(provider.is_local()));
    match server.app.model_mode(chosen) {
        ModelMode::Rules => "Built-in rules".to_owned(),
        ModelMode::Unsure => format!("Rules, then {model} \u{2014} {place}"),
        ModelMode::First => format!("{model} first \u{2014} {place}"),
    }
}

/// What the forms of a part carry.
struct Carried {
    csrf: String,
    back: String,
}

/// One exchange that begins.
#[derive(Template)]
#[template(path = "turn.html")]
struct TurnPart {
    frame: Carried,
    said: Option<Said>,
    reply: ReplyView,
}

/// One part of a reply.
#[derive(Template)]
#[template(path = "block.html")]
struct BlockPart {
    frame: Carried,
    conversation: ConversationId,
    part: Part,
}

/// What stands under a reply, and what can be said next.
#[derive(Template)]
#[template(path = "footer.html")]
struct FooterPart {
    frame: Carried,
    footer: Footer,
    suggestions: Vec<Suggestion>,
}

/// Shows a reply, part by part, to a page that is there.
pub(crate) struct Drawing {
    visitor: Visitor,
}

impl Drawing {
    pub(super) fn new(visitor: Visitor) -> Self {
        Self { visitor }
    }

    fn carried(&self, conversation: ConversationId) -> Carried {
        Carried {
            csrf: self.visitor.csrf(),
            back: format!("/assistant?conversation={conversation}"),
        }
    }

    /// The message that `reply` answers.
    async fn asked(&self, scene: &Scene<'_>, reply: &Reply) -> Result<Option<Message>, Problem> {
        let (app, user) = (&scene.server.app, &scene.visitor.user);
        let before = Some(reply.message);
        let asked = app.messages(user, reply.conversation, before, 1).await?;
        Ok(asked.into_iter().next())
    }

    /// The message, and its reply before there is anything of it.
    pub(crate) async fn begun(&self, server: &Server, reply: &Reply) -> Result<Value, Problem> {
        let scene = Scene::of(server, &self.visitor).await?;
        let asked = self.asked(&scene, reply).await?;
        let html = TurnPart {
            frame: self.carried(reply.conversation),
            said: asked.map(|asked| Said::of(&asked, true)),
            reply: ReplyView {
                id: reply.message,
                conversation: reply.conversation,
                parts: Vec::new(),
                footer: None,
            },
        };
        Ok(json!({ "html": rendered(&html)? }))
    }

    /// A block, and what to say of it to somebody who does not see it.
    pub(crate) async fn block(
        &self,
        server: &Server,
        reply: &Reply,
        n: usize,
    ) -> Result<Value, Problem> {
        let scene = Scene::of(server, &self.visitor).await?;
        let asked = self.asked(&scene, reply).await?;
        let latest = server
            .app
            .latest_reply(&self.visitor.user, reply.conversation)
            .await?;
        let is_last = latest.message == reply.message;
        let html = BlockPart {
            frame: self.carried(reply.conversation),
            conversation: reply.conversation,
            part: part(&scene, reply, n, asked.as_ref(), is_last).await?,
        };
        Ok(json!({ "block": n, "html": rendered(&html)? }))
    }

    /// What stands under a reply, and what to say of it to somebody who does not see it.
    pub(crate) async fn ended(&self, server: &Server, reply: &Reply) -> Result<Value, Problem> {
        let scene = Scene::of(server, &self.visitor).await?;
        let asked = self.asked(&scene, reply).await?;
        let (app, user) = (&server.app, &self.visitor.user);
        let last = app.messages(user, reply.conversation, None, 1).await?;
        let html = FooterPart {
            frame: self.carried(reply.conversation),
            footer: Footer::of(&scene, reply, asked.as_ref()).await?,
            suggestions: suggestions(&scene, last.last()).await?,
        };
        Ok(json!({ "html": rendered(&html)?, "said": said(reply) }))
    }
}

fn rendered(part: &impl Template) -> Result<String, Problem> {
    part.render().map_err(|error| {
        tracing::error!(%error, "a part of a reply could not be rendered");
        Problem::internal()
    })
}

/// A reply for somebody who does not see it: what was done first, and no longer than anybody listens.
fn said(reply: &Reply) -> String {
    const CHARS_MAX: usize = 300;
    let is_receipt = |block: &&Block| matches!(block, Block::Receipt { .. });
    let blocks = &reply.content.blocks;
    let (done, rest): (Vec<_>, Vec<_>) = blocks.iter().partition(is_receipt);
    let words: Vec<&str> = done.into_iter().chain(rest).map(Block::text).collect();
    let words = words.join("\n");
    match words.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!(
            "{}\u{2026} All of it is in the conversation.",
            words[..end].trim_end()
        ),
        None => words,
    }
}
