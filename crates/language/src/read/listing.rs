//! Reads a description of tasks as a filter: "everything overdue", "my high priority work tasks due this week".

use domain::{Filter, Priority};

use super::Sight;
use super::items::{Item, Kind};
use super::refer;
use crate::en::words::{ABOUT, EVENTS, LISTING, STATES};

/// The filter that `items` describe. Words that are no description are looked for if `search` says so; otherwise there
/// is none.
pub(super) fn filter(items: &[Item], sight: &Sight<'_>, search: bool) -> Option<Filter> {
    /// Most words that are looked for; more are no description.
    const WORDS_MAX: usize = 40;
    let most = if search { WORDS_MAX } else { 0 };
    let mut parts: Vec<Filter> = Vec::new();
    let mut unknown: Vec<&Item> = Vec::new();
    let mut done = false;
    let mut described = false;
    let mut at = 0;
    while let Some(item) = items.get(at) {
        at += 1;
        if unknown.len() > most {
            return None;
        }
        match &item.kind {
            Kind::Priority(priority) => parts.push(Filter::Priority(*priority)),
            Kind::Tag(tag) => parts.push(Filter::Label(tag.as_str().to_owned())),
            Kind::Project(name) => parts.push(Filter::Label(name.clone())),
            Kind::List(list) => match &list.name {
                Some(name) => parts.push(Filter::Label(label_of(name, sight))),
                None => described = true,
            },
            Kind::Literal => unknown.push(item),
            Kind::Date(_) => described = true,
            Kind::Word => {
                let state = STATES
                    .iter()
                    .find(|(_, words)| words.split('|').any(|word| item.folded == word));
                if let Some((state, _)) = state {
                    match *state {
                        "open" => parts.push(Filter::Open),
                        "done" => done = true,
                        "overdue" => parts.push(Filter::Overdue),
                        "trash" => parts.push(Filter::Trash),
                        "repeating" => parts.push(Filter::Repeating),
                        _ => parts.push(Filter::Inbox),
                    }
                } else if item.is_one_of(&["important", "urgent"]) {
                    parts.push(Filter::Priority(Priority::High));
                } else if item.is_one_of(&["without", "no", "undated"])
                    && is_no_date(&items[at - 1..])
                {
                    parts.push(Filter::HasDate(false));
                    at += items[at..]
                        .iter()
                        .take_while(|item| {
                            item.is_one_of(&[
                                "a",
                                "any",
                                "due",
                                "date",
                                "dates",
                                "deadline",
                                "deadlines",
                            ])
                        })
                        .count();
                } else if item.is_one_of(ABOUT) && items[at..].iter().any(|item| !item.is_mark()) {
                    unknown.extend(&items[at..]);
                    at = items.len();
                } else if item.is_one_of(ABOUT) {
                    described = true;
                } else if is_label(&item.folded, sight) {
                    parts.push(Filter::Label(item.folded.clone()));
                } else if !item.is_one_of(LISTING) && item.folded.chars().any(char::is_alphanumeric)
                {
                    unknown.push(item);
                } else {
                    described = true;
                }
            }
        }
    }
    if let Some(days) = refer::days(items) {
        parts.push(if done {
            Filter::DoneIn(days)
        } else {
            Filter::Due(days)
        });
    } else if done {
        parts.push(Filter::Done);
    }
    if !unknown.is_empty() {
        if !search {
            return None;
        }
        let words = unknown.iter().map(|item| singular(item));
        let said = words.filter(|word| !word.is_empty());
        parts.extend(said.map(|word| Filter::Text(word.to_owned())));
    }
    let all = items
        .iter()
        .any(|item| item.is_one_of(&["all", "everything", "every"]));
    if parts.is_empty() && (described || all) {
        return Some(Filter::Open);
    }
    parts.dedup();
    (!parts.is_empty()).then(|| Filter::all_of(parts))
}

/// The word to look for: "meetings" finds a meeting.
fn singular(item: &Item) -> &str {
    let word = item.word();
    match word.strip_suffix('s') {
        Some(one) if item.is_one_of(EVENTS) => one,
        _ => word,
    }
}

/// The project or label that a list's name is.
pub(super) fn label_of(name: &str, sight: &Sight<'_>) -> String {
    let project = sight
        .projects
        .iter()
        .map(|project| project.name.as_str())
        .find(|project| domain::fold(project).replace(' ', "-") == name);
    project.unwrap_or(name).to_owned()
}

/// Whether a word says in which state tasks are.
pub(super) fn is_state(item: &Item) -> bool {
    STATES
        .iter()
        .any(|(_, words)| words.split('|').any(|word| item.is(word)))
}

fn is_no_date(items: &[Item]) -> bool {
    items[0].is("undated")
        || items[1..]
            .iter()
            .take(3)
            .any(|item| item.is_one_of(&["date", "dates", "deadline", "deadlines", "due"]))
}

/// Whether a word is the name of a project or a label that is in use.
fn is_label(word: &str, sight: &Sight<'_>) -> bool {
    sight
        .projects
        .iter()
        .any(|project| domain::fold(project.name.as_str()) == word)
        || sight
            .tasks
            .iter()
            .any(|task| task.tags.iter().any(|tag| tag.folded() == word))
}
