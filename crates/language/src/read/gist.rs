//! What a request is about that fits no frame, told by its first verb. Nothing is changed on so little: it is shown what it
//! speaks of, or asked what is missing.

use domain::Filter;

use super::items::{Item, Kind, language};
use super::looking::{asks_what_it_is, list};
use super::request::Request;
use super::{Question, Sight, listing};
use crate::en::words::{CHANGING, DELETING, EVENTS, LOOKING, OUR_NOUNS};

/// What `items` come to by their gist. `None` if they do not speak of our tasks.
pub(super) fn read(items: &[Item], sight: &Sight<'_>) -> Option<Request> {
    // What is not to be done is not done, and "do the list" asks for nothing of ours.
    let not = |item: &Item| item.is_one_of(&["not", "don't", "dont", "never", "no"]);
    let does = items[0].is_one_of(&["do", "did"])
        && !items
            .get(1)
            .is_some_and(|next| next.is_one_of(&["i", "we", "you"]));
    if asks_what_it_is(items) || does || items.iter().any(not) || language(items).is_some() {
        return None;
    }
    let described = || list(listing::filter(items, sight, true).unwrap_or(Filter::Open));
    let ours = |item: &Item| matches!(item.kind, Kind::List(_)) || item.is_one_of(OUR_NOUNS);
    if !items.iter().any(ours) {
        return asks_for_events(items).then(described);
    }
    let verbs = [LOOKING, DELETING, CHANGING];
    let verb = items
        .iter()
        .find_map(|item| verbs.into_iter().find(|words| item.is_one_of(words)))?;
    Some(if verb == LOOKING {
        described()
    } else {
        let (text, request) = if verb == DELETING {
            ("Which task should be deleted?", "delete {}")
        } else {
            ("Which task should be changed, and how?", "change {}")
        };
        Request::Ask(Question::Finish {
            text: text.to_owned(),
            request: request.to_owned(),
        })
    })
}

/// Whether a question about meetings is ours, being about one's own or about a day.
fn asks_for_events(items: &[Item]) -> bool {
    let any = |words: &[&str]| items.iter().any(|item| item.is_one_of(words));
    let mine = any(&["i", "my", "me", "we", "our"]) || items.iter().any(Item::is_mark);
    any(EVENTS)
        && mine
        && items[0].is_one_of(LOOKING)
        && !items[0].is_one_of(&["where", "find", "search", "look", "go", "get"])
        && !any(CHANGING)
        && !any(DELETING)
}
