//! The line that tasks are added by: read while it is typed, added, and as a page of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    AddTask, AddTasks, Command, Description, Due, IdempotencyKey, Outcome, Priority, Project,
    Receipt, TaskId, Title,
};
use language::{Line, Mark, SpanKind, say};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::forms::{Attempt, Bare, Form, origin};
use super::frame::{Frame, Scene};
use super::{Visitor, html};
use crate::layers::RequestId;
use crate::sent::Sent;
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "add.html")]
struct AddPage {
    frame: Frame,
    /// What stands in the line.
    text: String,
}

/// What somebody wants to add, as a link or another program has it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Shared {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    url: String,
    change: Option<i64>,
}

impl Shared {
    /// The line that it comes to: what it is called, and the rest as a note.
    fn line(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for part in [&self.title, &self.text, &self.url] {
            let part = part.trim();
            if !part.is_empty() && !parts.iter().any(|other| other.contains(part)) {
                parts.push(part);
            }
        }
        parts.join("\n")
    }
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    Query(shared): Query<Shared>,
) -> Result<Response, Problem> {
    let scene = Scene::of(&server, &visitor).await?;
    Ok(html(&AddPage {
        frame: scene.frame("/add", shared.change, None).await?,
        text: shared.line(),
    }))
}

/// A line, and what was said of how it is to be read. Without scripts nothing is.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    text: String,
    /// What is read so far.
    #[serde(default)]
    read: Json<Vec<Stretch>>,
    /// The time that was chosen where words can mean several.
    #[serde(default)]
    due: String,
    /// Whether each line is a task. Otherwise what follows the first is its note.
    #[serde(default)]
    each: String,
    /// How words were meant before.
    #[serde(default)]
    words: Json<BTreeMap<String, u8>>,
    /// Where the caret is, in UTF-16 code units.
    #[serde(default)]
    caret: Option<String>,
}

/// A field of a form that holds more than a text.
#[derive(Debug, Default)]
struct Json<T>(T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Json<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

/// Words of the line, in UTF-16 code units, and what they were read as; plain words are without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stretch {
    start: u32,
    end: u32,
    #[serde(default)]
    kind: String,
}

/// Words that were plain in a line that was added.
const ONCE: u8 = 1;
/// Words that are plain wherever they are.
const ALWAYS: u8 = 2;

/// How what was said is read.
enum Reading {
    One { line: Box<Line>, note: String },
    Each(Vec<Line>),
}

impl Said {
    fn sent(&self) -> Result<Sent, Problem> {
        let sent = Sent::try_from(self.text.clone());
        sent.map_err(|error| Problem::invalid(error.to_string()))
    }

    /// The stretches of `sent` that are plain words here, in bytes.
    fn plain(&self, sent: &Sent) -> Vec<Range<usize>> {
        let plain = self.read.0.iter().filter(|stretch| stretch.kind.is_empty());
        plain
            .map(|stretch| sent.bytes(stretch.start..stretch.end))
            .filter(|stretch| !stretch.is_empty())
            .collect()
    }

    /// The words of `sent` that are always plain, and where they are.
    fn always_plain(&self, sent: &Sent) -> Vec<(&str, Range<usize>)> {
        let words = self.words.0.iter().filter(|(_, how)| **how == ALWAYS);
        words
            .flat_map(|(word, _)| {
                let found = occurrences(word, sent.as_str()).into_iter();
                found.map(move |range| (word.as_str(), range))
            })
            .collect()
    }

    async fn reading(
        &self,
        sent: &Sent,
        server: &Server,
        visitor: &Visitor,
    ) -> Result<Reading, Problem> {
        let (app, user) = (&server.app, &visitor.user);
        let always = self.always_plain(sent).into_iter();
        let literal: Vec<_> = always
            .map(|(_, range)| range)
            .chain(self.plain(sent))
            .collect();
        if !self.each.is_empty() && sent.as_str().contains('\n') {
            let lines = app.parse_each(user, sent.as_str(), &literal).await?;
            return Ok(Reading::Each(lines));
        }
        let (text, note) = sent
            .as_str()
            .split_once('\n')
            .unwrap_or((sent.as_str(), ""));
        let mut line = app.parse(user, text, &literal).await?;
        if let Ok(due) = self.due.parse() {
            line.choose(&due);
        }
        Ok(Reading::One {
            line: Box::new(line),
            note: note.trim().to_owned(),
        })
    }
}

impl Reading {
    /// What it adds.
    fn command(self) -> Result<Command, Problem> {
        let task = |line: Line| {
            line.task.ok_or_else(|| {
                Problem::invalid(format!(
                    "say what is to be done, in at most {} characters; there was nothing left for a title, or too much",
                    Title::MAX
                ))
            })
        };
        Ok(match self {
            Self::One { line, note } => {
                let wrong = |error: domain::TextError| Problem::invalid(error.to_string());
                let note: Description = note.parse().map_err(wrong)?;
                let description = Some(note).filter(|note| !note.is_empty());
                Command::AddTask(AddTask {
                    description,
                    ..task(*line)?
                })
            }
            Self::Each(lines) => Command::AddTasks(AddTasks {
                tasks: lines.into_iter().map(task).collect::<Result<_, _>>()?,
            }),
        })
    }
}

/// Where `word` is in `text`, whatever its case, as a whole word.
fn occurrences(word: &str, text: &str) -> Vec<Range<usize>> {
    let lower = |c: char| c.to_lowercase();
    let found = text.char_indices().filter_map(|(start, _)| {
        let mut rest = text[start..].char_indices();
        for wanted in word.chars() {
            let (_, c) = rest.next()?;
            if !lower(c).eq(lower(wanted)) {
                return None;
            }
        }
        let end = start + rest.offset();
        let is_whole = !text[..start].ends_with(char::is_alphanumeric)
            && !text[end..].starts_with(char::is_alphanumeric);
        is_whole.then_some(start..end)
    });
    found.filter(|range| !range.is_empty()).collect()
}

/// What a line is read as, under it.
#[derive(Default, Template)]
#[template(path = "understood.html")]
struct Understood {
    /// Its chips' words, for the marks.
    read: String,
    chips: Vec<Chip>,
    names: Option<Names>,
    /// Words that are always plain, and words that could be.
    plain: Vec<(String, Change)>,
    /// The tasks of several lines.
    tasks: Vec<(String, Vec<Chip>)>,
    note: bool,
    /// Whether something is written, but nothing that could be added.
    is_empty: bool,
    is_request: bool,
}

/// How words can be meant from now on.
enum Change {
    ReadAgain,
    KeepPlain,
}

/// The projects and labels that a name can become while it is typed.
struct Names {
    /// Where it begins after its sign, in UTF-16 code units.
    start: u32,
    known: Vec<String>,
    sign: char,
    /// What it is now, if nothing is called so.
    new: Option<String>,
}

impl Names {
    const MAX: usize = 6;

    /// `None` if no name is typed before the caret, or nothing is left to suggest.
    fn of(sent: &Sent, caret: u32, labels: &[String], projects: &[Project]) -> Option<Self> {
        let before = sent.before(caret);
        let is_in = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let typed = &before[before.trim_end_matches(is_in).len()..];
        let rest = &before[..before.len() - typed.len()];
        let sign = rest.chars().next_back()?;
        let has_sign = rest[..rest.len() - sign.len_utf8()]
            .chars()
            .next_back()
            .is_none_or(char::is_whitespace);
        if !has_sign || sent.as_str()[before.len()..].starts_with(is_in) {
            return None;
        }
        let projects = projects
            .iter()
            .filter(|project| project.archived_at.is_none())
            .map(|project| {
                project
                    .name
                    .as_str()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join("-")
            });
        let labels = labels.iter().cloned();
        let known: Vec<String> = match sign {
            '#' => projects.chain(labels).collect(),
            '+' => projects.collect(),
            '@' => labels.collect(),
            _ => return None,
        };
        let folded = domain::fold(typed);
        let is_known = known.iter().any(|name| domain::fold(name) == folded);
        let fits = |name: &&String| {
            let name = domain::fold(name);
            name.starts_with(&folded) || name.contains(&format!("-{folded}"))
        };
        let known: Vec<String> = known.iter().filter(fits).take(Self::MAX).cloned().collect();
        if known.is_empty() && typed.is_empty() || is_known && known.len() == 1 {
            return None;
        }
        let units = u32::try_from(typed.encode_utf16().count()).ok()?;
        Some(Self {
            start: caret.checked_sub(units)?,
            known,
            sign,
            new: (!is_known && !typed.is_empty()).then(|| typed.to_owned()),
        })
    }
}

/// Words of the line and what they mean.
struct Chip {
    place: Stretch,
    /// The words themselves.
    said: String,
    meaning: String,
    /// What else they can mean, each with the day.
    others: Vec<(String, Due)>,
    /// The next days of a repeat.
    next: String,
}

impl Chip {
    /// `None` if the words are the title.
    fn of(
        mark: Mark,
        task: &AddTask,
        is_dated: bool,
        sent: &Sent,
        scene: &Scene<'_>,
    ) -> Option<Self> {
        let day = |due: &Due| say::due(&Due::on(due.date), &scene.view);
        let (kind, meaning) = match mark.span.kind {
            SpanKind::Title => return None,
            SpanKind::Date => ("date", mark.meaning),
            SpanKind::Repeat => match task.due.as_ref().and_then(Due::time) {
                // A time that is said elsewhere has a chip of its own.
                Some(time) if !is_dated => (
                    "repeat",
                    format!("{} {}", mark.meaning, time.strftime("%H:%M")),
                ),
                _ => ("repeat", mark.meaning),
            },
            SpanKind::Priority => (
                "priority",
                match task.priority {
                    Priority::None => mark.meaning,
                    priority => say::priority(priority).to_owned(),
                },
            ),
            SpanKind::Tag => ("tag", format!("@ {}", mark.meaning.trim_start_matches('#'))),
            SpanKind::Project => {
                let name = mark.meaning.trim_start_matches("project ");
                let folded = domain::fold(name);
                let is_known = scene
                    .projects
                    .iter()
                    .any(|project| domain::fold(project.name.as_str()) == folded);
                let new = if is_known { "" } else { " \u{b7} new project" };
                ("project", format!("# {name}{new}"))
            }
        };
        let units = sent.units(&mark.span.range);
        let next: Vec<String> = mark.next.iter().map(|next| day(&next.due)).collect();
        Some(Self {
            place: Stretch {
                start: units.start,
                end: units.end,
                kind: kind.to_owned(),
            },
            said: sent.as_str()[mark.span.range].to_owned(),
            meaning,
            others: mark
                .alternatives
                .into_iter()
                .map(|other| (other.meaning, other.due))
                .collect(),
            next: next.join(", "),
        })
    }
}

/// What the line would add.
pub(super) async fn read(
    visitor: Visitor,
    State(server): State<Server>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let mut understood = Understood::default();
    if !said.text.trim().is_empty() {
        understood.fill(&said, &server, &visitor).await?;
    }
    let read = understood.chips.iter().map(|chip| &chip.place);
    understood.read = serde_json::to_string(&read.collect::<Vec<_>>()).unwrap_or_default();
    Ok(html(&understood))
}

impl Understood {
    async fn fill(
        &mut self,
        said: &Said,
        server: &Server,
        visitor: &Visitor,
    ) -> Result<(), Problem> {
        let scene = Scene::of(server, visitor).await?;
        let sent = said.sent()?;
        if let Some(caret) = said.caret.as_deref().and_then(|caret| caret.parse().ok())
            && sent.before(caret).contains(['#', '@', '+'])
        {
            let labels = server.app.labels(&visitor.user).await?;
            let labels: Vec<String> = labels.iter().map(|(tag, _)| tag.to_string()).collect();
            self.names = Names::of(&sent, caret, &labels, &scene.projects);
        }
        for (word, _) in said.always_plain(&sent) {
            self.plain.push((word.to_owned(), Change::ReadAgain));
        }
        for stretch in said.plain(&sent) {
            let word = sent.as_str()[stretch].to_lowercase();
            if said.words.0.get(&word) == Some(&ONCE) {
                self.plain.push((word, Change::KeepPlain));
            }
        }
        self.plain.dedup_by(|(one, _), (other, _)| one == other);
        let chips = |line: Line| {
            let task = line.task?;
            let is_date = |mark: &Mark| mark.span.kind == SpanKind::Date;
            let is_dated = line.marks.iter().any(is_date);
            let chips = line.marks.into_iter();
            let chips = chips.filter_map(|mark| Chip::of(mark, &task, is_dated, &sent, &scene));
            Some((task.title.to_string(), chips.collect::<Vec<_>>()))
        };
        match said.reading(&sent, server, visitor).await? {
            Reading::One { line, note } => {
                self.note = !note.is_empty();
                self.is_request = line.is_request;
                let chips = chips(*line);
                self.is_empty = chips.is_none();
                self.chips = chips.map(|(_, chips)| chips).unwrap_or_default();
            }
            Reading::Each(lines) => {
                self.tasks = lines.into_iter().filter_map(chips).collect();
            }
        }
        Ok(())
    }
}

/// The line to be added.
#[derive(Debug, Deserialize)]
pub(super) struct AddForm {
    #[serde(flatten)]
    bare: Bare,
    #[serde(flatten)]
    said: Said,
    key: Option<IdempotencyKey>,
    /// Whether the task is to be opened.
    #[serde(default)]
    open: String,
}

impl AddForm {
    async fn add(
        &self,
        server: &Server,
        visitor: &Visitor,
        request_id: &RequestId,
    ) -> Result<Outcome, Problem> {
        let sent = self.said.sent()?;
        let command = self.said.reading(&sent, server, visitor).await?.command()?;
        let origin = origin(request_id, self.key.clone());
        Ok(server.app.run(&visitor.user, &command, origin).await?)
    }

    /// Where it leads.
    fn back(self, receipt: &Receipt) -> String {
        let change = format!("change={}", receipt.change_id);
        let added = receipt.tasks().next().map(|(task, ..)| task.id);
        match added.filter(|_| self.open == "true") {
            Some(TaskId(id)) => {
                let back = self.bare.back(&format!("task={id}"));
                Bare { back, ..self.bare }.back(&change)
            }
            None => self.bare.back(&change),
        }
    }
}

pub(super) async fn add(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Attempt(attempt): Attempt,
    Form(mut form): Form<AddForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    form.key = attempt.or(form.key);
    match form.add(&server, &visitor, &request_id).await {
        Ok(Outcome::Changed(receipt)) => Ok(Redirect::to(&form.back(&receipt)).into_response()),
        Ok(_) => Ok(Redirect::to(&form.bare.back("")).into_response()),
        // A page that is there says it beside the line.
        Err(problem) if visitor.fragment || problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let scene = Scene::of(&server, &visitor).await?;
            let detail = Some(problem.detail().to_owned());
            let page = AddPage {
                frame: scene.frame(&form.bare.back(""), None, detail).await?,
                text: form.said.text,
            };
            Ok((problem.status(), html(&page)).into_response())
        }
    }
}
