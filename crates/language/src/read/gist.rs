//! What a request is about that fits no frame, told by its first verb. Nothing is changed on so little: it is shown what it
//! speaks of, or asked what is missing.

use domain::Filter;

use super::items::{Item, Kind, language};
use super::looking::list;
use super::request::Request;
use super::{Question, Sight, listing};
use crate::en::words::{CHANGING, DELETING, EVENTS, LOOKING, OUR_NOUNS};

/// What `items` come to by their gist. `None` if they do not speak of our tasks.
pub(super) fn read(items: &[Item], sight: &Sight<'_>) -> Option<Request> {
    let ours = |item: &Item| matches!(item.kind, Kind::List(_)) || item.is_one_of(OUR_NOUNS);
    // A question about meetings is ours if it is about one's own, or about a day.
    let mine = |item: &Item| item.is_one_of(&["i", "my", "me", "we", "our"]) || item.is_mark();
    let event = |item: &Item| item.is_one_of(EVENTS);
    // What is not to be done is not done, and "do the list" asks for nothing of ours.
    let not = |item: &Item| item.is_one_of(&["not", "don't", "dont", "never", "no"]);
    let does = items[0].is_one_of(&["do", "did"])
        && !items
            .get(1)
            .is_some_and(|next| next.is_one_of(&["i", "we", "you"]));
    let defines = matches!(items, [what, is, a, ..] if what.is("what") && is.is("is") && a.is_one_of(&["a", "an"]));
    if defines || does || items.iter().any(not) || language(items).is_some() {
        return None;
    }
    if !items.iter().any(ours) {
        let asks = items.iter().any(event)
            && items.iter().any(mine)
            && items[0].is_one_of(LOOKING)
            && !items[0].is_one_of(&["where", "find", "search", "look", "go", "get"])
            && !items
                .iter()
                .any(|item| item.is_one_of(CHANGING) || item.is_one_of(DELETING));
        if !asks {
            return None;
        }
        let filter = listing::filter(items, sight, true).unwrap_or(Filter::Open);
        return Some(list(filter));
    }
    let verbs = [LOOKING, DELETING, CHANGING];
    let verb = items
        .iter()
        .find_map(|item| verbs.into_iter().find(|words| item.is_one_of(words)))?;
    Some(if verb == LOOKING {
        let filter = listing::filter(items, sight, true).unwrap_or(Filter::Open);
        list(filter)
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
