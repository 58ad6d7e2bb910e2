//! Reads a message as the answer to what was asked.

use domain::{AddTask, Command, DueTime, Filter, Task, TaskId, TaskPatch};

use super::follow::{about, tasks_of};
use super::items::{Item, Kind};
use super::phrases::{is_sign, unsigned, without_first, without_last, words};
use super::refer::{self, Meant, Wanted, meant};
use super::request::{self, ANSWERED, Request};
use super::{Choice, Question, Reading, Sight, Step, adding, capture, changing, clauses, one};
use crate::en::words::{
    ALL, ALL_OF_IT, ANSWER_BEGINS, ANSWER_ENDS, BOTH, BUT, LIMITS, NO, NO_TO_A_QUESTION, OTHER,
    PLACES_OF_TWO, TITLE_BEGINS, YES, YES_BEGINS, YES_GOES_ON,
};

/// The message as an answer to what was asked. `None` if it is something else.
pub(super) fn read(text: &str, all: &[Item], whole: &[Item], sight: &Sight<'_>) -> Option<Reading> {
    // The whole of it counts: an opener like "yes" is no politeness here.
    let (said, plain) = (words(all), words(whole));
    let is =
        |phrases: &[&str]| phrases.contains(&said.as_str()) || phrases.contains(&plain.as_str());
    let no = is(NO) || (sight.question.is_some() && (is(NO_TO_A_QUESTION) || is_no(all)));
    match sight.question {
        Some(Question::Which { choices, .. }) => {
            if no {
                return Some(Reading::No);
            }
            which(text, all, choices, sight)
        }
        Some(Question::AddWhat { task }) => {
            if no {
                return Some(Reading::No);
            }
            if is_request(text, all, whole, sight) {
                return None;
            }
            Some(act(vec![Command::AddTask(named(text, all, task, sight)?)]))
        }
        Some(Question::Offer { .. }) if no => Some(Reading::No),
        Some(Question::Offer { task }) => {
            offered(all, task).map(|task| act(vec![Command::AddTask(task)]))
        }
        Some(Question::Finish { request, .. }) => {
            if no {
                return Some(Reading::No);
            }
            if is_request(text, all, whole, sight) {
                return None;
            }
            let finished = request.replacen("{}", text.trim(), 1);
            let alone = Sight {
                question: None,
                ..*sight
            };
            Some(one(&finished, &alone)).filter(|reading| *reading != Reading::NotMine)
        }
        Some(Question::Approve) => {
            if is(YES) || is_yes(all) {
                return Some(Reading::Yes);
            }
            if no {
                return Some(Reading::No);
            }
            some(text, all, sight).or_else(|| refused(text, all, sight))
        }
        Some(Question::Part | Question::Say { .. }) if is(YES) => Some(Reading::Yes),
        None if matches!(
            said.as_str(),
            "yes" | "y" | "yep" | "yeah" | "do it" | "go ahead" | "confirm"
        ) =>
        {
            Some(Reading::Yes)
        }
        Some(Question::Part | Question::Say { .. }) | None => no.then_some(Reading::No),
    }
}

/// Whether all of it says yes: "yes please delete them". "yes but not the milk" does not.
fn is_yes(all: &[Item]) -> bool {
    let words: Vec<&Item> = all.iter().filter(|item| !is_sign(item)).collect();
    let Some(first) = words.first() else {
        return false;
    };
    // "ok delete the tasks" is a request; "yes delete the tasks" is an answer.
    let opens = first.is_one_of(YES_BEGINS) && !first.is("please");
    let starts = opens && !first.is_one_of(&["ok", "okay", "please"]);
    let acts = |item: &&Item| item.is_one_of(&["delete", "remove", "complete", "clear", "add"]);
    opens
        && words
            .iter()
            .all(|item| item.is_one_of(YES_GOES_ON) || item.is_one_of(YES_BEGINS))
        && (starts || !words.iter().any(acts))
}

/// Whether it says no twice: "nah, leave them".
fn is_no(all: &[Item]) -> bool {
    let after = |items| {
        without_first(unsigned(items), NO)
            .or_else(|| without_first(unsigned(items), NO_TO_A_QUESTION))
    };
    let Some((rest, _)) = after(all) else {
        return false;
    };
    let rest = without_last(unsigned(rest), ANSWER_ENDS).map_or(rest, |(rest, _)| rest);
    let said = words(rest);
    said.is_empty() || NO.contains(&said.as_str()) || NO_TO_A_QUESTION.contains(&said.as_str())
}

/// An answer that begins with no: what it asks for instead, or no.
fn refused(text: &str, all: &[Item], sight: &Sight<'_>) -> Option<Reading> {
    let items = unsigned(all);
    let (rest, _) = without_first(items, &["no", "nope", "nah"])?;
    let alone = Sight {
        question: None,
        ..*sight
    };
    // "no way to undo it?" asks something.
    if text.trim_end().ends_with('?') {
        return None;
    }
    let instead = unsigned(rest)
        .first()
        .map(|first| one(&text[first.span.start..], &alone));
    Some(match instead {
        Some(reading @ Reading::Act(_)) => reading,
        _ => Reading::No,
    })
}

/// A yes to some of the tasks that were proposed, which are the ones last spoken of: "only the first", "all but the milk".
/// An answer that limits a yes in a way that is not clear is asked about: it is never a yes to all.
fn some(text: &str, all: &[Item], sight: &Sight<'_>) -> Option<Reading> {
    if text.trim_end().ends_with('?') {
        return None;
    }
    let mut items = unsigned(all);
    let mut agrees = false;
    while let Some((rest, _)) = without_first(items, YES_BEGINS) {
        items = unsigned(rest);
        agrees = true;
    }
    // "No, only the first" approves the first.
    if let Some((rest, _)) = without_first(items, &["no", "nope", "nah"])
        && without_first(unsigned(rest), LIMITS).is_some()
    {
        items = unsigned(rest);
    }
    // "To the first" limits only what was agreed to.
    let limited = without_first(items, LIMITS)
        .filter(|(_, limit)| agrees || limit.starts_with("only") || limit.starts_with("just"));
    if let Some((rest, _)) = limited {
        items = unsigned(rest);
    }
    while let Some((rest, _)) = without_last(items, ANSWER_ENDS) {
        items = unsigned(rest);
    }
    let but = items.iter().position(|item| item.is_one_of(BUT));
    let alone = Sight {
        question: None,
        ..*sight
    };
    let asked = |meant: Option<Vec<TaskId>>| match meant.filter(|ids| !ids.is_empty()) {
        Some(ids) => Some(Reading::YesTo(ids)),
        // "Just remind me tomorrow" asks for something else.
        None if !agrees && matches!(one(text, &alone), Reading::Act(_)) => None,
        None => Some(Reading::Ask(Question::Say {
            text: "Which of them? Nothing was changed yet.".to_owned(),
        })),
    };
    if let Some(but) = but {
        let (from, except) = (unsigned(&items[..but]), unsigned(&items[but..]));
        let mut except = except;
        while let Some((rest, _)) = without_first(except, BUT) {
            except = unsigned(rest);
        }
        let of_all = from.is_empty() || ALL_OF_IT.contains(&words(from).as_str());
        // "Move the milk but not the eggs" is a request of its own.
        if !(of_all || agrees || limited.is_some()) || except.is_empty() && !agrees {
            return None;
        }
        let from = if of_all {
            Some(sight.recent.to_vec())
        } else {
            proposed(from, text, sight)
        };
        let out = proposed(except, text, sight).filter(|_| words(except) != "one");
        return asked(from.zip(out).map(|(from, out)| {
            let left = from.into_iter().filter(|id| !out.contains(id));
            left.collect()
        }));
    }
    let named = proposed(items, text, sight);
    match limited {
        Some(_) => asked(named),
        None => named.map(Reading::YesTo),
    }
}

/// The proposed tasks that words name: by place, by number or by title. `None` if that is not clear.
fn proposed(items: &[Item], text: &str, sight: &Sight<'_>) -> Option<Vec<TaskId>> {
    let ids = sight.recent;
    let choices: Vec<Choice> = ids
        .iter()
        .map(|id| {
            let task = sight.tasks.iter().find(|task| task.id == *id);
            Choice {
                label: task.map_or_else(String::new, |task| task.title.to_string()),
                task_id: Some(*id),
                commands: Vec::new(),
            }
        })
        .collect();
    let mut all = Vec::new();
    let parts = items.split(|item| item.is_one_of(&["and", ",", "&", "or", "nor", "plus"]));
    for part in parts.map(unsigned).filter(|part| !part.is_empty()) {
        let said = words(part);
        let told: Vec<&str> = said
            .split(' ')
            .filter(|word| {
                ![
                    "the", "one", "ones", "task", "tasks", "number", "item", "of", "them", "those",
                    "for",
                ]
                .contains(word)
            })
            .collect();
        let many = |word: &str| refer::count(word).or_else(|| word.parse().ok());
        match told.as_slice() {
            ["first", count] => all.extend(ids.get(..many(count)?)?),
            ["last", count] => all.extend(ids.get(ids.len().checked_sub(many(count)?)?..)?),
            [word] if place(word, ids.len()).is_some() => {
                let place = place(word, ids.len())?;
                let by_place = place.checked_sub(1).and_then(|at| ids.get(at));
                let number = word.trim_start_matches('#').parse().map(TaskId).ok();
                let by_number = ids.iter().find(|id| Some(**id) == number);
                match (by_place, by_number) {
                    // A number that is one task's place and another's number is not clear.
                    (Some(one), Some(other)) if one != other => return None,
                    (one, other) => all.push(*one.or(other)?),
                }
            }
            [] => return None,
            _ => all.push(chosen(part, text, &choices, sight)?.task_id?),
        }
    }
    let mut seen = Vec::new();
    all.retain(|id| {
        let new = !seen.contains(id);
        seen.push(*id);
        new
    });
    (!all.is_empty()).then_some(all)
}

/// What was offered, if it is accepted, with what else the answer says of it: "yes, tomorrow".
fn offered(all: &[Item], task: &AddTask) -> Option<AddTask> {
    let said = words(all);
    if YES.contains(&said.as_str()) || is_yes(all) {
        return Some(task.clone());
    }
    let (mut rest, _) = without_first(unsigned(all), YES_BEGINS)?;
    while let Some((shorter, _)) = without_first(
        unsigned(rest),
        &[
            "please",
            "and",
            "but",
            "add it",
            "for",
            "make it",
            "set it for",
        ],
    ) {
        rest = shorter;
    }
    let rest = unsigned(rest);
    if rest.is_empty() || !rest.iter().all(Item::is_mark) {
        return None;
    }
    let mut task = task.clone();
    let mut patch = changing::patch(rest);
    patch.clear.clear();
    (patch != TaskPatch::default()).then(|| {
        adding::amend(&mut task, patch);
        task
    })
}

/// The task that an answer names, with what is known of it already. `None` if nothing is left for a title.
fn named(text: &str, all: &[Item], known: &AddTask, sight: &Sight<'_>) -> Option<AddTask> {
    let mut rest = unsigned(all);
    while let Some((shorter, _)) =
        without_first(rest, TITLE_BEGINS).filter(|(shorter, _)| !unsigned(shorter).is_empty())
    {
        rest = unsigned(shorter);
    }
    let text = rest.first().map_or(text, |first| &text[first.span.start..]);
    let mut new = capture(text, sight)?;
    new.repeat = new.repeat.or_else(|| known.repeat.clone());
    adding::inherit(&mut new, known);
    Some(new)
}

/// Whether what is said after a question is a request of its own and no answer.
fn is_request(text: &str, all: &[Item], whole: &[Item], sight: &Sight<'_>) -> bool {
    let sure = |request| matches!(request, Request::Do(_, certainty) if certainty > request::NOTE);
    // A date alone answers "what should change?", though it would ask what is due by itself.
    if whole.iter().all(Item::is_mark) {
        return false;
    }
    text.trim_end().ends_with('?')
        || clauses::split(whole, text, sight).len() > 1
        || sure(request::read(
            whole,
            clauses::is_asked(all, whole),
            text,
            sight,
        ))
}

fn act(commands: Vec<Command>) -> Reading {
    let step = |command| Step {
        command,
        certainty: ANSWERED,
    };
    Reading::Act(commands.into_iter().map(step).collect())
}

/// What is done if all of these are chosen.
fn all_of(choices: &[&Choice]) -> Reading {
    let mut commands: Vec<Command> = Vec::new();
    for command in choices.iter().flat_map(|choice| &choice.commands) {
        if !commands.contains(command) {
            commands.push(command.clone());
        }
    }
    act(commands)
}

/// The answer to which of `choices` is meant.
fn which(text: &str, all: &[Item], choices: &[Choice], sight: &Sight<'_>) -> Option<Reading> {
    if text.trim_end().ends_with('?') {
        return None;
    }
    let mut items = unsigned(all);
    let mut refuses = false;
    loop {
        let shorter = if let Some((rest, _)) = without_first(items, &["no", "nope", "nah"])
            && items.len() > 1
            && rest
                .first()
                .is_none_or(|next| next.folded.parse::<i64>().is_err())
        {
            refuses = true;
            rest
        } else if let Some((rest, _)) = without_first(items, ANSWER_BEGINS) {
            rest
        } else if let Some((rest, _)) = without_last(items, ANSWER_ENDS) {
            rest
        } else {
            break;
        };
        // "option one": what is left has to say something.
        if unsigned(shorter).is_empty() {
            break;
        }
        items = unsigned(shorter);
    }
    let said = words(items);
    if ALL.contains(&said.as_str()) || (choices.len() == 2 && BOTH.contains(&said.as_str())) {
        return Some(all_of(&choices.iter().collect::<Vec<_>>()));
    }
    let ask = |choices: &[Choice]| match sight.question {
        Some(Question::Which { said, .. }) => Some(Reading::Ask(Question::Which {
            said: said.clone(),
            choices: choices.to_vec(),
        })),
        _ => None,
    };
    if OTHER.contains(&said.as_str()) {
        let spoken_of =
            |choice: &&Choice| choice.task_id.is_some_and(|id| sight.recent.contains(&id));
        let other: Vec<&Choice> = choices.iter().filter(|choice| !spoken_of(choice)).collect();
        return match other.as_slice() {
            [other] => Some(act(other.commands.clone())),
            _ => ask(choices),
        };
    }
    if let Some((rest, _)) = without_first(items, &["not", "anything but", "all but", "any but"]) {
        let not = chosen(unsigned(rest), text, choices, sight)?;
        let left: Vec<Choice> = choices
            .iter()
            .filter(|choice| *choice != not)
            .cloned()
            .collect();
        return match left.as_slice() {
            [only] => Some(act(only.commands.clone())),
            _ => ask(&left),
        };
    }
    if let Some(choice) = chosen(items, text, choices, sight) {
        return Some(act(choice.commands.clone()));
    }
    // "the first and the third".
    let parts = items.split(|item| item.is_one_of(&["and", ",", "&"]));
    let parts = parts.map(unsigned).filter(|part| !part.is_empty());
    let named: Option<Vec<&Choice>> = parts
        .map(|part| chosen(part, text, choices, sight))
        .collect();
    if let Some(named) = named.filter(|named| named.len() > 1) {
        return Some(all_of(&named));
    }
    refuses
        .then(|| instead(items, text, choices, sight))
        .flatten()
}

/// What was asked of the choices, for another task than any of them: "no, the parcel". `None` unless one task is named.
fn instead(items: &[Item], text: &str, choices: &[Choice], sight: &Sight<'_>) -> Option<Reading> {
    let choice = choices.first()?;
    let id = choice.task_id?;
    let Meant::Tasks(ids) = meant(items, Wanted::Open, text, sight) else {
        return None;
    };
    let [_] = ids.as_slice() else { return None };
    let commands = choice.commands.iter().map(|command| {
        if tasks_of(command) == [id] {
            about(command, &ids)
        } else {
            Some(command.clone())
        }
    });
    commands.collect::<Option<Vec<_>>>().map(act)
}

/// The choice that an answer names: by its number, its place, its words or its date.
fn chosen<'a>(
    items: &[Item],
    text: &str,
    choices: &'a [Choice],
    sight: &Sight<'_>,
) -> Option<&'a Choice> {
    let filler = |item: &&Item| {
        item.is_one_of(&[
            "the", "one", "number", "option", "task", "please", "choose", "pick", "no", "#", "nr",
        ]) || is_sign(item)
    };
    if matches!(
        words(items).as_str(),
        "one" | "number one" | "option one" | "task one"
    ) {
        return choices.first();
    }
    let items: Vec<Item> = items.iter().filter(|item| !filler(item)).cloned().collect();
    if let [item] = items.as_slice() {
        let word = item.folded.as_str();
        if let Some(place) = place(word, choices.len()) {
            // A number too large to be a choice can be the number of a task that is one.
            let by_task = choices.iter().find(|choice| {
                choice
                    .task_id
                    .is_some_and(|id| usize::try_from(id.0) == Ok(place))
            });
            return choices.get(place.wrapping_sub(1)).or(by_task);
        }
    }
    if items.is_empty() {
        return None;
    }
    by_words(&words(&items), choices)
        .or_else(|| by_date(&items, choices, sight))
        .or_else(|| {
            let ids: Vec<TaskId> = choices.iter().filter_map(|choice| choice.task_id).collect();
            let tasks: Vec<Task> = sight
                .tasks
                .iter()
                .filter(|task| ids.contains(&task.id))
                .cloned()
                .collect();
            let among = Sight {
                tasks: &tasks,
                shown: &ids,
                recent: &[],
                ..*sight
            };
            match meant(&items, Wanted::Any, text, &among) {
                Meant::Tasks(ids) => match ids.as_slice() {
                    [id] => choices.iter().find(|choice| choice.task_id == Some(*id)),
                    _ => None,
                },
                _ => None,
            }
        })
}

/// The place among so many that a word names.
fn place(word: &str, count: usize) -> Option<usize> {
    let of_two = || {
        let (_, place) = PLACES_OF_TWO.iter().find(|(known, _)| *known == word)?;
        (count == 2).then_some(place + 1)
    };
    word.trim_start_matches('#')
        .parse()
        .ok()
        .or_else(|| refer::ordinal(word))
        .or_else(|| refer::count(word))
        .or_else(of_two)
        .or((word == "last").then_some(count))
}

fn by_words<'a>(said: &str, choices: &'a [Choice]) -> Option<&'a Choice> {
    let wanted = refer::content(said);
    let fits = |choice: &&Choice| {
        let label = refer::content(&choice.label);
        !wanted.is_empty() && wanted.iter().all(|word| label.contains(word))
    };
    let mut fitting = choices.iter().filter(fits);
    fitting.next().filter(|_| fitting.next().is_none())
}

/// The choice whose task is due then: "monday's", "the 10 o'clock one".
fn by_date<'a>(items: &[Item], choices: &'a [Choice], sight: &Sight<'_>) -> Option<&'a Choice> {
    let [
        Item {
            kind: Kind::Date(found),
            ..
        },
    ] = items
    else {
        return None;
    };
    let time = found
        .schedule
        .due
        .as_ref()
        .and_then(|due| due.time.as_ref());
    let then = |task: &Task| {
        let day = found
            .days
            .filter(|_| found.names_day)
            .is_none_or(|days| Filter::Due(days).matches(task, sight.projects, sight.view));
        let known = task.due.as_ref().and_then(|due| due.time.as_ref());
        // "the 10 o'clock one" may be in the evening.
        let half = |time: &DueTime| (time.time.hour() % 12, time.time.minute());
        let at =
            !found.names_time || known.is_some_and(|known| Some(half(known)) == time.map(half));
        (found.names_day || found.names_time) && day && at
    };
    let fits = |choice: &&Choice| {
        let task = sight
            .tasks
            .iter()
            .find(|task| Some(task.id) == choice.task_id);
        task.is_some_and(then)
    };
    let mut fitting = choices.iter().filter(fits);
    fitting.next().filter(|_| fitting.next().is_none())
}
