//! Whether a person's own words carry a change that somebody else proposes: a model that obeys what it has read, in the
//! title of a task or in what was pasted, is not the person.
//!
//! When in doubt they do not, and the application asks first.

use domain::{AddTask, Command, Due, Selection, Task, TaskId, TaskPatch};
use jiff::civil::Date;

use super::Sight;
use super::items::{Item, Kind, items};
use super::phrases::{begins, words};
use super::refer::{self, Wanted};
use crate::dates::{self, Found};
use crate::en::words::{
    AWAY_WORDS, BACK_WORDS, BULLETS, CHANGE_WORDS, DENIALS, DONE_WORDS, EXCEPTIONS, INJECTIONS,
    LOOKUPS, NAMELESS, NEW_WORDS, OPEN_WORDS, PLURALS, PRELUDES, PRONOUNS, REDO_WORDS,
    UNDO_PHRASES, UNDO_WORDS,
};

/// Most tasks that one message can be taken to add or change without asking.
const TASKS_MAX: usize = 5;

/// Whether the person's own words in `text` carry `command`, which somebody else proposes. What takes something away, and
/// what is about projects or settings, is never carried: it is asked about anyway.
pub fn carries(text: &str, command: &Command, sight: &Sight<'_>) -> bool {
    let alone = Sight {
        question: None,
        ..*sight
    };
    match command {
        Command::ListTasks(_)
        | Command::GetTask(_)
        | Command::CountTasks(_)
        | Command::GetOverview(_)
        | Command::ListProjects(_)
        | Command::GetHistory(_) => true,
        Command::DeleteTask(_)
        | Command::DeleteTasks(_)
        | Command::EmptyTrash(_)
        | Command::AddProject(_)
        | Command::UpdateProject(_)
        | Command::DeleteProject(_)
        | Command::UpdateSettings(_) => false,
        Command::AddTask(task) => adds(text, std::slice::from_ref(task), &alone),
        Command::AddTasks(add) => adds(text, &add.tasks, &alone),
        Command::CompleteTask(it) => changes(text, &[it.task_id], Kin::Complete, &alone),
        Command::CompleteTasks(selection) => selects(text, selection, Kin::Complete, &alone),
        Command::ReopenTask(it) => changes(text, &[it.task_id], Kin::Reopen, &alone),
        Command::ReopenTasks(selection) => selects(text, selection, Kin::Reopen, &alone),
        Command::RestoreTasks(selection) => selects(text, selection, Kin::Restore, &alone),
        Command::UpdateTask(update) => {
            changes(text, &[update.task_id], Kin::Update, &alone)
                && patches(text, &update.patch, &alone)
        }
        Command::UpdateTasks(update) => {
            selects(text, &update.selection, Kin::Update, &alone)
                && patches(text, &update.patch, &alone)
        }
        Command::MoveTask(it) => {
            let beside = it.before.into_iter().chain(it.after);
            let ids: Vec<TaskId> = [it.task_id].into_iter().chain(beside).collect();
            changes(text, &ids, Kin::Update, &alone)
        }
        Command::UndoChange(_) => Own::of(text, Scope::Plain, &alone)
            .is_some_and(|own| own.has(UNDO_WORDS) || own.says(UNDO_PHRASES)),
        Command::RedoChange(_) => {
            Own::of(text, Scope::Plain, &alone).is_some_and(|own| own.has(REDO_WORDS))
        }
    }
}

/// What is done to tasks that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kin {
    Complete,
    Reopen,
    Update,
    Restore,
}

impl Kin {
    fn wanted(self) -> Wanted {
        match self {
            Self::Complete | Self::Update => Wanted::Open,
            Self::Reopen => Wanted::Done,
            Self::Restore => Wanted::Trashed,
        }
    }
}

fn selects(text: &str, selection: &Selection, kin: Kin, sight: &Sight<'_>) -> bool {
    // What a filter selects is not what the person has looked at.
    selection.filter.is_none() && changes(text, &selection.task_ids, kin, sight)
}

fn adds(text: &str, tasks: &[AddTask], sight: &Sight<'_>) -> bool {
    let Some(own) = Own::of(text, Scope::Adds, sight) else {
        return false;
    };
    let other = [AWAY_WORDS, OPEN_WORDS]
        .iter()
        .any(|words| own.begins_with(words))
        || own.begins_with(&[
            "move",
            "complete",
            "mark",
            "tick",
            "reschedule",
            "postpone",
            "rename",
            "done",
            "push",
            "finished",
        ]);
    let all = names(text);
    let named = |task: &AddTask| {
        let title = names(task.title.as_str());
        let shared = own.shared(task.title.as_str());
        // What more of it the message has was quoted or pasted: somebody "sent" what is to be "sent" there.
        let has = |word: &&String| all.iter().any(|said| is_alike(said, word));
        let is_foreign = title.iter().filter(has).count() > shared;
        let parent = task.parent_id;
        let description = task.description.as_ref().map_or("", |text| text.as_str());
        // Of a long title more than a word has to be the person's.
        !is_injection(task.title.as_str())
            && shared > 0
            && !is_foreign
            && parent.is_none_or(|id| own.names(id, &[id], Kin::Update, sight))
            && (title.len() <= 6 || shared * 3 >= title.len())
            && (description.is_empty()
                || (own.shared(description) > 0 && !is_injection(description)))
            && is_said(task.due.as_ref(), text, sight)
    };
    (1..=TASKS_MAX).contains(&tasks.len())
        && (!other || own.has(NEW_WORDS))
        && tasks.iter().all(named)
}

/// Whether the day that a change brings is one that the person named. Where they named none, any may be meant.
fn is_said(due: Option<&Due>, text: &str, sight: &Sight<'_>) -> bool {
    let Some(due) = due else {
        return true;
    };
    let found = dates::find_in(text, sight.view, sight.of(text).spoken());
    let mut named = found.iter().filter(|found| found.names_day).peekable();
    named.peek().is_none() || named.any(|found| can_mean(found, due.date))
}

/// Whether what was said can mean this day.
fn can_mean(found: &Found, day: Date) -> bool {
    let dues = found.schedule.due.iter().chain(&found.to);
    let in_stretch = found.stretch.as_ref().is_some_and(|stretch| {
        stretch.start.is_none_or(|start| start.date() <= day)
            && stretch.end.is_none_or(|end| day <= end.date())
    });
    // Which day a repeat begins on is worked out from it.
    found.schedule.repeat.is_some()
        || in_stretch
        || dues.chain(&found.alternatives).any(|due| due.date == day)
}

/// Whether the words that a change brings are the person's.
fn patches(text: &str, patch: &TaskPatch, sight: &Sight<'_>) -> bool {
    let Some(own) = Own::of(text, Scope::Plain, sight) else {
        return false;
    };
    let texts = [
        patch.title.as_ref().map(domain::Title::as_str),
        patch
            .description
            .as_ref()
            .map(domain::Description::as_str)
            .filter(|text| !text.is_empty()),
    ];
    let tags = patch.tags.iter().flatten().chain(&patch.add_tags);
    texts
        .into_iter()
        .flatten()
        .all(|text| own.shared(text) > 0 && !is_injection(text))
        && tags
            .into_iter()
            .all(|tag| own.text.to_lowercase().contains(&tag.folded()))
        && is_said(patch.due.as_ref(), text, sight)
}

fn changes(text: &str, ids: &[TaskId], kin: Kin, sight: &Sight<'_>) -> bool {
    let scope = match kin {
        Kin::Reopen => Scope::Denials,
        _ => Scope::Plain,
    };
    let Some(own) = Own::of(text, scope, sight) else {
        return false;
    };
    let dated = own.items.iter().any(Item::is_mark);
    let fits = match kin {
        Kin::Complete => {
            let other = [AWAY_WORDS, OPEN_WORDS].iter().any(|words| own.has(words))
                || own.has(&[
                    "move",
                    "reschedule",
                    "postpone",
                    "rename",
                    "remind",
                    "add",
                    "push",
                    "change",
                    "delay",
                    "snooze",
                ]);
            own.has(DONE_WORDS)
                && (!other || own.has(&["done", "complete", "completed", "finished", "tick"]))
        }
        Kin::Update => (dated || own.has(CHANGE_WORDS)) && !own.has(AWAY_WORDS),
        Kin::Reopen => own.denied || own.has(OPEN_WORDS),
        Kin::Restore => own.has(BACK_WORDS),
    };
    fits && (1..=TASKS_MAX).contains(&ids.len())
        && ids.iter().all(|id| own.names(*id, ids, kin, sight))
}

/// Whether a text has marks of one that was written to be obeyed by a model.
fn is_injection(text: &str) -> bool {
    let plain = text
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    INJECTIONS.iter().any(|mark| plain.contains(mark))
}

/// What of a message counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Plain,
    /// With lists of what is to be added.
    Adds,
    /// With what was denied: "the milk isn't done" opens it again.
    Denials,
}

/// What a person said in a message, without what was quoted or pasted, asked or denied.
struct Own {
    text: String,
    items: Vec<Item>,
    names: Vec<String>,
    /// Whether a part of it was denied: "not the milk".
    denied: bool,
}

impl Own {
    /// `None` if nothing in it can carry a change. What follows a colon, or stands in a list below, is somebody's own words
    /// only where it is to be added.
    fn of(text: &str, scope: Scope, sight: &Sight<'_>) -> Option<Self> {
        /// Longer messages are letters, not requests.
        const LENGTH_MAX: usize = 2000;
        let adds = scope == Scope::Adds;
        if is_injection(text) || text.chars().count() > LENGTH_MAX {
            return None;
        }
        let mut kept = String::new();
        let mut denied = false;
        for (line, first) in lines(text).zip([true].into_iter().chain(std::iter::repeat(false))) {
            let counts = first || (adds && is_point(line));
            if !counts {
                continue;
            }
            let said = before_colon(line, adds && first);
            for part in parts(&unquoted(said)) {
                match worth(&part, sight) {
                    Worth::Nothing => {}
                    Worth::Denied => {
                        denied = true;
                        if scope == Scope::Denials {
                            kept.push_str(&part);
                        }
                    }
                    Worth::All => kept.push_str(&part),
                }
                kept.push_str(" , ");
            }
        }
        Self::made(&kept, denied, sight)
    }

    fn made(kept: &str, denied: bool, sight: &Sight<'_>) -> Option<Self> {
        let text = kept.to_owned();
        let items = items(&text, &sight.of(&text));
        if !items
            .iter()
            .any(|item| item.folded.chars().any(char::is_alphanumeric))
        {
            return None;
        }
        Some(Self {
            names: names(&text),
            items,
            text,
            denied,
        })
    }

    fn has(&self, known: &[&str]) -> bool {
        self.items.iter().any(|item| item.is_one_of(known))
    }

    fn says(&self, phrases: &[&str]) -> bool {
        let said = format!(" {} ", words(&self.items));
        phrases
            .iter()
            .any(|phrase| said.contains(&format!(" {phrase} ")))
    }

    fn begins_with(&self, known: &[&str]) -> bool {
        let items = without_preludes(&self.items);
        items.first().is_some_and(|first| first.is_one_of(known))
    }

    /// How many of the words that name `title` are the person's.
    fn shared(&self, title: &str) -> usize {
        let words = names(title);
        let by_words = words
            .iter()
            .filter(|word| self.names.iter().any(|own| is_alike(own, word)))
            .count();
        by_words.max(usize::from(shares_run(&self.text, title)))
    }

    /// The person's words, by their places, that name a task.
    fn naming(&self, task: &Task) -> Vec<usize> {
        let title = names(task.title.as_str());
        let named = self.names.iter().enumerate();
        let mut found: Vec<usize> = named
            .filter(|(_, own)| title.iter().any(|word| is_alike(own, word)))
            .map(|(at, _)| at)
            .collect();
        if found.is_empty() && shares_run(&self.text, task.title.as_str()) {
            found.push(usize::MAX);
        }
        found
    }

    /// Whether the person's words mean the task `id`, and no other but those in `ids`.
    fn names(&self, id: TaskId, ids: &[TaskId], kin: Kin, sight: &Sight<'_>) -> bool {
        let Some(task) = sight.tasks.iter().find(|task| task.id == id) else {
            return self.numbers().contains(&id.0);
        };
        // A title that speaks to a model is never what a person means unseen.
        if is_injection(task.title.as_str()) {
            return false;
        }
        if self.numbers().contains(&id.0) || self.places(sight).contains(&id) {
            return true;
        }
        let mine = self.naming(task);
        let others = sight.tasks.iter().filter(|other| {
            !ids.contains(&other.id) && (kin.wanted().fits(other) || other.is_open())
        });
        let mut others = others.map(|other| self.naming(other));
        if mine.is_empty() {
            return self.points_at(id, sight) && others.all(|other| other.is_empty());
        }
        // Whatever has all the words that name this task as well could as well be meant.
        others.all(|other| !mine.iter().all(|at| other.contains(at)))
    }

    /// Whether "it", "those" or the like mean the task `id`.
    fn points_at(&self, id: TaskId, sight: &Sight<'_>) -> bool {
        let one = self.has(PRONOUNS)
            || self.has(&["it's", "its", "that's", "thats"])
            || self.says(&["the last one", "that one", "the one"]);
        match sight.recent {
            [] => false,
            [only] => *only == id && (one || self.has(PLURALS)),
            many => many.contains(&id) && self.has(PLURALS),
        }
    }

    /// The numbers of tasks that are said: "3", "#3", "tasks 3 and 4", but not "3 eggs".
    fn numbers(&self) -> Vec<i64> {
        let items: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| !item.is_one_of(&["and", ",", "&", "no", "the"]))
            .collect();
        let number = |item: &Item| match item.kind {
            Kind::Word => item.folded.trim_start_matches('#').parse::<i64>().ok(),
            _ => None,
        };
        let verb = |item: &&Item| {
            [DONE_WORDS, OPEN_WORDS, BACK_WORDS]
                .iter()
                .any(|words| item.is_one_of(words))
                || item.is_one_of(&[
                    "task",
                    "tasks",
                    "number",
                    "numbers",
                    "nr",
                    "#",
                    "item",
                    "todo",
                    "move",
                    "rename",
                    "change",
                    "push",
                    "postpone",
                    "update",
                    "set",
                    "snooze",
                    "make",
                    "reschedule",
                    "delay",
                    "please",
                    "with",
                    "shift",
                ])
        };
        let mut all = Vec::new();
        let mut follows = true;
        for item in items {
            match number(item) {
                Some(number) if follows || item.folded.starts_with('#') => all.push(number),
                Some(_) => {}
                None => follows = verb(&item),
            }
        }
        all
    }

    /// The tasks whose places in what was shown are said: "the second one".
    fn places(&self, sight: &Sight<'_>) -> Vec<TaskId> {
        let places = self
            .items
            .iter()
            .filter_map(|item| refer::ordinal(item.plain()));
        let mut all: Vec<TaskId> = places
            .filter_map(|place| sight.shown.get(place - 1).copied())
            .collect();
        if self.says(&["the last one", "last one"]) {
            all.extend(sight.shown.last());
        }
        all
    }
}

/// What a part of a message can carry.
enum Worth {
    Nothing,
    Denied,
    All,
}

fn worth(part: &str, sight: &Sight<'_>) -> Worth {
    let here = sight.of(part);
    let all = items(part, &here);
    let said = without_preludes(&all);
    let asks = begins(said, LOOKUPS).is_some();
    let wide = part.contains(['\u{ff1f}', '\u{5417}', '\u{61f}']);
    // What is not ours to read word by word, and asks, asks.
    let polite = said.len() < all.len();
    let doubtful =
        part.contains('?') && !polite && !said.iter().any(|item| item.is_one_of(CHANGE_WORDS));
    let thanks = said
        .first()
        .is_some_and(|first| first.is_one_of(&["that's", "thats"]))
        && said.get(1).is_some_and(|next| {
            next.is_one_of(&["all", "it", "everything", "fine", "enough", "great"])
        });
    if said.is_empty() || asks || wide || doubtful || thanks {
        return Worth::Nothing;
    }
    // "don't forget the milk" asks for it.
    let forget = words(said).contains("forget");
    let denied = said.iter().any(|item| item.is_one_of(DENIALS));
    if denied && !forget {
        Worth::Denied
    } else {
        Worth::All
    }
}

/// `items` without politeness in front of them.
fn without_preludes(items: &[Item]) -> &[Item] {
    let mut items = items;
    loop {
        let sign = items.first().is_some_and(|first| {
            first.kind == Kind::Word
                && !first.folded.chars().any(char::is_alphanumeric)
                && !first.folded.starts_with('#')
        });
        let length = begins(items, PRELUDES).map_or(usize::from(sign), |(length, _)| length);
        if length == 0 {
            return items;
        }
        items = &items[length..];
    }
}

/// The lines of a message that say something, without what stands between fences.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        fenced ^= fence;
        !(fence || fenced || line.trim().is_empty() || line.trim_start().starts_with('>'))
    })
}

fn is_point(line: &str) -> bool {
    let line = line.trim_start();
    let numbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let bullet = |known: &&str| line.starts_with(*known);
    BULLETS.iter().any(bullet)
        || line.starts_with(['-', '*', '\u{2022}'])
        || (numbered.len() < line.len() && numbered.starts_with(['.', ')']))
}

/// A line without what a colon introduces, if that is more than a few words and not a list to add.
fn before_colon(line: &str, adds: bool) -> &str {
    const WORDS_MAX: usize = 3;
    let colon = line.match_indices([':', '\u{ff1a}']).find(|(at, colon)| {
        let after = &line[at + colon.len()..];
        after.starts_with(char::is_whitespace) || *colon == "\u{ff1a}"
    });
    let Some((at, colon)) = colon else {
        return line;
    };
    let before = line[..at].to_lowercase();
    let list = adds
        && ["add", "remind", "todo", "to-do", "list", "note", "new"]
            .iter()
            .any(|word| before.split_whitespace().any(|known| known == *word));
    let after = &line[at + colon.len()..];
    if !list && after.split_whitespace().count() > WORDS_MAX {
        &line[..at]
    } else {
        line
    }
}

/// The parts of a line that can be asked or denied by themselves.
fn parts(line: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for word in line.split_inclusive(|c: char| c.is_whitespace()) {
        let plain = word.trim().to_lowercase();
        let cuts = plain == "but" || EXCEPTIONS.contains(&plain.as_str());
        if cuts {
            all.push(String::new());
            if EXCEPTIONS.contains(&plain.as_str()) {
                all.push("not ".to_owned());
            }
        }
        if let Some(last) = all.last_mut() {
            last.push_str(word);
        }
        if plain.ends_with(['.', '?', '!', ';', ',', '\u{3002}', '\u{ff01}', '\u{ff1f}']) {
            all.push(String::new());
        }
    }
    all.retain(|part| !part.trim().is_empty());
    all
}

/// A line without what is quoted in it.
fn unquoted(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line.chars();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let close = match c {
            '"' => '"',
            '`' => '`',
            '\u{201c}' | '\u{201e}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            '\u{ab}' => '\u{bb}',
            '\u{300c}' => '\u{300d}',
            '\'' if !before.is_alphanumeric() => '\'',
            _ => '\0',
        };
        before = c;
        if close == '\0' {
            kept.push(c);
            continue;
        }
        // What is never closed is quoted to the end.
        for inside in rest.by_ref() {
            if inside == close || (c == '\u{201e}' && inside == '\u{201c}') {
                break;
            }
        }
        kept.push(' ');
    }
    kept
}

/// The words of a text by which a task can be told, stemmed.
fn names(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let words = text
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}')))
        .filter(|word| word.chars().count() > 1 && !word.chars().all(|c| c.is_ascii_digit()));
    for word in words {
        let folded = crate::language::fold(word);
        if NAMELESS.contains(&folded.as_str()) || refer::is_stop_word(&folded) {
            continue;
        }
        all.extend(
            refer::content(word)
                .into_iter()
                .filter(|stem| !all.contains(stem))
                .collect::<Vec<_>>(),
        );
    }
    all
}

/// Whether two stems are of one word.
fn is_alike(one: &str, other: &str) -> bool {
    const PREFIX_MIN: usize = 4;
    const ENDING_MAX: usize = 3;
    let (long, short) = (
        one.chars().count().max(other.chars().count()),
        one.chars().count().min(other.chars().count()),
    );
    let common = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count();
    // "meet" and "meetings", "report" and "reporting".
    let ending = long - short <= ENDING_MAX && common == short;
    one == other
        || (common >= PREFIX_MIN && (ending || common * 3 >= long * 2 && common + 1 >= short))
}

/// Whether two texts in letters that are not parted into words share a run of two of them.
fn shares_run(one: &str, other: &str) -> bool {
    let runs = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        let pairs: Vec<[char; 2]> = letters
            .windows(2)
            .map(|pair| [pair[0], pair[1]])
            .filter(|pair| pair.iter().all(|c| is_unparted(*c)))
            .collect();
        pairs
    };
    let known = runs(one);
    runs(other).iter().any(|pair| known.contains(pair))
}

/// Whether a letter is of a script that puts no space between words.
fn is_unparted(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
