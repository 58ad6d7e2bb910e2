//! What messages are read as, against one small list of tasks.

use domain::{Command, Project, Task, TaskId, View, WeekStart};
use insta::assert_snapshot;
use language::{Question, Reading, Sight};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A Tuesday morning.
pub(crate) fn view() -> View {
    View {
        now: "2026-11-24T10:00:00[Europe/Lisbon]".parse().unwrap(),
        week_start: WeekStart::Monday,
    }
}

/// A task with the fields of `more` besides those that every task has.
pub(crate) fn task(id: i64, title: &str, more: &Value) -> Task {
    let mut row = json!({
        "id": id, "title": title, "position": id, "version": 1,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
    });
    if let (Some(row), Some(more)) = (row.as_object_mut(), more.as_object()) {
        row.extend(more.clone());
    }
    serde_json::from_value(row).unwrap()
}

/// Six open tasks, two that are done, one in the trash.
fn tasks() -> Vec<Task> {
    let done = json!({"completed_at": "2026-11-23T09:00:00Z"});
    vec![
        task(1, "Call the plumber", &json!({})),
        task(2, "Buy groceries", &json!({"due_date": "2026-11-25"})),
        task(
            3,
            "Meeting with Ana",
            &json!({"due_date": "2026-11-26T10:00"}),
        ),
        task(4, "Meeting with Rui", &json!({})),
        task(
            5,
            "Renew passport",
            &json!({"tags": ["papers"], "priority": "high"}),
        ),
        task(6, "Water the ferns", &json!({})),
        task(7, "Wash the car", &done),
        task(8, "Return the drill", &done),
        task(
            9,
            "Old draft",
            &json!({"deleted_at": "2026-11-23T09:00:00Z"}),
        ),
    ]
}

fn projects() -> Vec<Project> {
    ["Work", "Home repairs"]
        .into_iter()
        .zip(1..)
        .map(|(name, id)| {
            serde_json::from_value(json!({
                "id": id, "name": name, "version": 1,
                "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
            }))
            .unwrap()
        })
        .collect()
}

/// What `text` is read as after the tasks `shown` were listed and `recent` spoken of, as an answer to `question`.
fn reading(
    text: &str,
    shown: &[TaskId],
    recent: &[TaskId],
    question: Option<&Question>,
) -> Reading {
    let (view, tasks, projects) = (view(), tasks(), projects());
    let sight = Sight {
        tasks: &tasks,
        projects: &projects,
        shown,
        recent,
        question,
        ..Sight::new(&view)
    };
    language::read(text, &sight)
}

const SHOWN: [TaskId; 3] = [TaskId(6), TaskId(1), TaskId(2)];

/// Tasks 6, 1 and 2 were shown, and task 1 was spoken of.
fn read(text: &str) -> String {
    printed(&reading(text, &SHOWN, &[TaskId(1)], None))
}

/// Nothing was said before.
fn read_first(text: &str) -> String {
    printed(&reading(text, &[], &[], None))
}

/// The question that `text` raises.
fn asked(text: &str) -> Question {
    match reading(text, &SHOWN, &[TaskId(1)], None) {
        Reading::Ask(question) => question,
        other => panic!("{text} raises no question: {other:?}"),
    }
}

fn answer(question: &Question, text: &str) -> String {
    printed(&reading(text, &SHOWN, &[TaskId(1)], Some(question)))
}

/// A reading in one line.
pub(crate) fn printed(reading: &Reading) -> String {
    match reading {
        Reading::Act(steps) => commands(steps.iter().map(|step| &step.command)),
        Reading::Ask(Question::Which { said, choices }) => {
            let ways = choices
                .iter()
                .map(|choice| format!("{}: {}", choice.label, commands(&choice.commands)));
            format!("which {said}? {}", ways.collect::<Vec<_>>().join(" | "))
        }
        Reading::Ask(Question::AddWhat { task }) => {
            format!("add what? {}", one(&Command::AddTask((**task).clone())))
        }
        Reading::Ask(Question::Offer { task }) => format!("offer “{}”", task.title),
        Reading::Ask(Question::Finish { text, request }) => format!("ask: {text} then {request}"),
        Reading::Ask(question @ (Question::Part | Question::Say { .. })) => {
            format!("ask: {}", language::say::question(question))
        }
        other => format!("{other:?}"),
    }
}

fn commands<'a>(commands: impl IntoIterator<Item = &'a Command>) -> String {
    commands.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The name and the arguments of a command, which task first, without those that are as ever.
fn one(command: &Command) -> String {
    let value = serde_json::to_value(command).unwrap();
    let mut words = vec![value["name"].as_str().unwrap().to_owned()];
    words.extend(arguments(&value["arguments"]));
    words.join(" ")
}

fn arguments(all: &Value) -> Vec<String> {
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let mut words = Vec::new();
    for (name, value) in all.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("task_id", id) => words.insert(0, id.to_string()),
            ("title", title) => words.insert(0, format!("\u{201c}{}\u{201d}", plain(title))),
            ("tasks", Value::Array(tasks)) => words.extend(tasks.iter().flat_map(arguments)),
            ("filter", filter) => words.push(format!("[{}]", plain(filter))),
            ("repeat", repeat) => words.push(format!("repeat={}", plain(&repeat["rule"]))),
            _ if matches!(
                plain(value).as_str(),
                "null" | "none" | "due" | "false" | "{}"
            ) => {}
            (name, value) => words.push(format!("{name}={}", plain(value).replace('"', ""))),
        }
    }
    words
}

#[test]
fn a_priority_alone_is_about_what_was_just_spoken_of() {
    let said = |recent: &[TaskId]| match reading("high priority", &[], recent, None) {
        Reading::Act(steps) => serde_json::to_string(&steps[0].command).unwrap(),
        other => format!("{other:?}"),
    };
    let one = said(&[TaskId(2)]);
    assert!(
        one.contains("update_task") && one.contains("\"task_id\":2"),
        "{one}"
    );
    assert!(!said(&[]).contains("update"));
    assert!(!said(&[TaskId(1), TaskId(2)]).contains("update"));
}

#[test]
fn a_range_says_where_something_moves() {
    let said = |text: &str| match reading(text, &[], &[TaskId(1)], None) {
        Reading::Act(steps) => serde_json::to_string(&steps[0].command).unwrap(),
        other => format!("{other:?}"),
    };
    let moved = said("move it from tuesday to thursday");
    assert!(
        moved.contains("\"task_id\":1") && moved.contains("2026-12-03"),
        "{moved}"
    );
    let moved = said("push everything due tomorrow to friday");
    assert!(
        moved.contains("\"filter\":\"2026-11-25\"") && moved.contains("\"due\":\"2026-11-27\""),
        "{moved}"
    );
}

#[test]
fn adding() {
    assert_snapshot!(read("Add a task to buy groceries"), @"add_task “Buy groceries”");
    assert_snapshot!(read("I need to remember to pay bills"), @"add_task “Pay bills”");
    assert_snapshot!(read("remind me to call mum tomorrow at 6pm"), @"add_task “Call mum” due=2026-11-25T18:00");
    assert_snapshot!(read("add milk, eggs and bread"), @"add_tasks “Milk” “Eggs” “Bread”");
    assert_snapshot!(read("add salt and pepper chips"), @"add_task “Salt and pepper chips”");
    assert_snapshot!(read("water the plants every 3 days, and make it high priority"), @"add_task “Water the plants” due=2026-11-24 priority=high repeat=FREQ=DAILY;INTERVAL=3");
    assert_snapshot!(read("can you please add a new task called sweep the yard for friday"), @"add_task “Sweep the yard” due=2026-11-27");
    assert_snapshot!(read("don't let me forget to send the form"), @"add_task “Send the form”");
    assert_snapshot!(read("order cartridges #work @shop p2"), @"add_task “Order cartridges” priority=medium project=Work tags=[shop]");
    assert_snapshot!(read("pay rent on the 1st"), @"add_task “Pay rent” due=2026-12-01");
    assert_snapshot!(read("new task: tidy the shed"), @"add_task “Tidy the shed”");
    assert_snapshot!(read("I should really oil the hinges"), @"add_task “Oil the hinges”");
    assert_snapshot!(read("schedule a haircut for monday at 4pm"), @"add_task “Haircut” due=2026-11-30T16:00");

    assert_snapshot!(read("set a weekly reminder to take the bins out"), @"add_task “Take the bins out” due=2026-11-24 repeat=FREQ=WEEKLY");
    assert_snapshot!(read("dinner with Jo on friday at 8pm, remind me"), @"add_task “Dinner with Jo” due=2026-11-27T20:00");
    assert_snapshot!(read("call grandma"), @"add_task “Call grandma”");
    assert_snapshot!(read("could you please add a task to clean the oven"), @"add_task “Clean the oven”");
    assert_snapshot!(read("add rinse rice and beans"), @"add_task “Rinse rice and beans”");
    assert_snapshot!(read("todo: mend the fence"), @"add_task “Mend the fence”");
}

#[test]
fn lists_leave_the_title() {
    assert_snapshot!(read("put tinfoil on my shopping list"), @"add_task “Tinfoil” tags=[shopping]");
    assert_snapshot!(read("add repaint the door to the home repairs list"), @"add_task “Repaint the door” project=Home repairs");
    assert_snapshot!(read("on my to do list please add mop the stairs"), @"add_task “Mop the stairs”");
    assert_snapshot!(read("throw book the vet onto my list of things to do"), @"add_task “Book the vet”");

    assert_snapshot!(read("add wrap presents to my calendar on the 20th"), @"add_task “Wrap presents” due=2026-12-20");
    assert_snapshot!(read("remind me to list the sofa on ebay"), @"add_task “List the sofa on ebay”");
    assert_snapshot!(read("add write the guest list"), @"add_task “Write the guest list”");
}

#[test]
fn what_is_quoted_means_itself() {
    assert_snapshot!(read("add \"delete the tomorrow folder\""), @"add_task “delete the tomorrow folder”");
    assert_snapshot!(read("Change task 1 to 'Ring mum tonight'"), @"update_task “Ring mum tonight” 1");
    assert_snapshot!(read("add watch \\Friday the 13th"), @"add_task “Watch Friday the 13th”");
}

#[test]
fn nothing_to_add_is_asked_for() {
    let question = asked("set a reminder for tomorrow");
    assert_snapshot!(read("Add something"), @"add what? add_task “something”");
    assert_snapshot!(read("add a task"), @"add what? add_task “something”");
    assert_snapshot!(read("set a reminder for tomorrow"), @"add what? add_task “something” due=2026-11-25");
    assert_snapshot!(answer(&question, "feed the neighbours' cat"), @"add_task “Feed the neighbours' cat” due=2026-11-25");
    assert_snapshot!(answer(&question, "never mind"), @"No");
    assert_snapshot!(answer(&question, "show me everything overdue"), @"list_tasks [overdue]");
}

#[test]
fn days_that_do_not_exist_are_asked_about() {
    assert_snapshot!(read("remind me to call Jo on february 30"), @"ask: There is no february 30. Which day do you mean?");
    assert_snapshot!(read("move the passport to 31 june"), @"ask: There is no 31 june. Which day do you mean?");
}

#[test]
fn showing() {
    assert_snapshot!(read("Show me all my tasks"), @"list_tasks [open]");
    assert_snapshot!(read("What's pending?"), @"list_tasks [open]");
    assert_snapshot!(read("What have I completed?"), @"list_tasks [done] order=completed");
    assert_snapshot!(read("what's due this week?"), @"list_tasks [this week]");
    assert_snapshot!(read("anything overdue?"), @"list_tasks [overdue]");
    assert_snapshot!(read("show my high priority tasks"), @"list_tasks [p1]");
    assert_snapshot!(read("which tasks are tagged papers"), @"list_tasks [#papers]");
    assert_snapshot!(read("find passport"), @r#"list_tasks ["passport"]"#);
    assert_snapshot!(read("is renew passport on my list?"), @"get_task 5");
    assert_snapshot!(read("when is the meeting with ana due?"), @"get_task 3");
    assert_snapshot!(read("tell me what's on my list"), @"list_tasks [open]");
    assert_snapshot!(read("what's on today?"), @"list_tasks [today]");
    assert_snapshot!(read("plan my day"), @"get_overview");
    assert_snapshot!(read("how many tasks are overdue?"), @"count_tasks [overdue]");
    assert_snapshot!(read("give me a summary"), @"count_tasks");
    assert_snapshot!(read("what did you change?"), @"get_history limit=10");

    assert_snapshot!(read("show me everything due this week"), @"list_tasks [this week]");
    assert_snapshot!(read("show all tasks"), @"list_tasks [all]");
    assert_snapshot!(read("how many tasks do i have"), @"count_tasks");
}

#[test]
fn finishing() {
    assert_snapshot!(read("Mark task 3 as complete"), @"complete_task 3");
    assert_snapshot!(read("done with the groceries"), @"complete_task 2");
    assert_snapshot!(read("I finished the second one"), @"complete_task 1");
    assert_snapshot!(read("I've called the plumber"), @"complete_task 1");
    assert_snapshot!(read("tick off the passport"), @"complete_task 5");
    assert_snapshot!(read("cross grocries off my list"), @"complete_task 2");
    assert_snapshot!(read("Mark task 999 as complete"), @"complete_task 999");
    assert_snapshot!(read("finish the meeting"), @"which meeting? Meeting with Ana (Thu 26 Nov 10:00): complete_task 3 | Meeting with Rui: complete_task 4");
    assert_snapshot!(read("complete everything due today"), @"complete_tasks [today]");
    assert_snapshot!(read("mark 1, 2 and 5 done"), @"complete_tasks task_ids=[1,2,5]");

    assert_snapshot!(read("done"), @"NotMine");
    assert_snapshot!(read("complete the unicycle"), @r#"NoSuch("unicycle")"#);
    assert_snapshot!(read("finish the report by friday"), @"add_task “Finish the report” due=2026-11-27");
    assert_snapshot!(read("complete 1 and 3"), @"complete_tasks task_ids=[1,3]");
    assert_snapshot!(read("complete everything except the groceries"), @"complete_tasks task_ids=[6,1]");
    assert_snapshot!(read("finish the unicorn parade"), @"offer “Finish the unicorn parade”");
}

#[test]
fn opening_again() {
    assert_snapshot!(read("reopen the car"), @"reopen_task 7");

    assert_snapshot!(read("mark 7 as not done"), @"reopen_task 7");
    assert_snapshot!(read("the drill isn't done yet"), @"reopen_task 8");
    assert_snapshot!(read("restore the old draft"), @"restore_tasks task_ids=[9]");
    assert_snapshot!(read("take old draft out of the trash"), @"restore_tasks task_ids=[9]");
}

#[test]
fn changing() {
    assert_snapshot!(read("move it to friday"), @"update_task 1 due=2026-11-27");
    assert_snapshot!(read("rename the plumber task to Ring the electrician"), @"update_task “Ring the electrician” 1");
    assert_snapshot!(read("push the groceries by two days"), @"update_task 2 postpone=P2D");
    assert_snapshot!(read("reschedule the meeting with ana to 3pm"), @"update_task 3 due=2026-11-26T15:00");
    assert_snapshot!(read("make the passport low priority"), @"update_task 5 priority=low");
    assert_snapshot!(read("tag it urgent-ish and papers"), @"update_task 1 add_tags=[urgent-ish,papers]");
    assert_snapshot!(read("tag it finance"), @"update_task 1 add_tags=[finance]");
    assert_snapshot!(read("move the ferns to the work project"), @"update_task 6 project=Work");
    assert_snapshot!(read("add a note to the passport: bring two photos"), @"update_task 5 description=bring two photos");
    assert_snapshot!(read("water the ferns should be every week"), @"update_task 6 due=2026-11-24 repeat=FREQ=WEEKLY");
    assert_snapshot!(read("remove the due date from the groceries"), @"update_task 2 clear=[due]");
    assert_snapshot!(read("clear the deadline on the groceries"), @"update_task 2 clear=[due]");
    assert_snapshot!(read("set groceries to high"), @"update_task 2 priority=high");
    assert_snapshot!(read("no, make it monday instead"), @"update_task 1 due=2026-11-30");
    assert_snapshot!(read("my time zone is Europe/Madrid"), @"update_settings time_zone=Europe/Madrid");
}

#[test]
fn deleting() {
    assert_snapshot!(read("Delete the meeting task"), @"which meeting? Meeting with Ana (Thu 26 Nov 10:00): delete_task 3 | Meeting with Rui: delete_task 4");
    assert_snapshot!(read("delete all completed tasks"), @"delete_tasks [done]");
    assert_snapshot!(read("remove the reminder to renew passport"), @"delete_task 5");
    assert_snapshot!(read("get rid of the plumber one"), @"delete_task 1");
    assert_snapshot!(read("delete everything"), @"delete_tasks [open]");
    assert_snapshot!(read("delete all but the last"), @"delete_tasks task_ids=[6,1]");
    assert_snapshot!(read("delete the first two"), @"delete_tasks task_ids=[6,1]");
    assert_snapshot!(read("clear my to do list"), @"delete_tasks [open]");
    assert_snapshot!(read("take groceries off the list"), @"delete_task 2");
    assert_snapshot!(read("I don't need to renew the passport anymore"), @"delete_task 5");
    assert_snapshot!(read("empty the trash"), @"empty_trash");
    assert_snapshot!(read("delete a task"), @"ask: Which task do you mean? then delete {}");
    assert_snapshot!(read_first("delete it"), @"ask: Which task do you mean? then delete {}");
    assert_snapshot!(read("clear completed"), @"delete_tasks [done]");
    assert_snapshot!(read("remove done"), @"delete_tasks [done]");
    assert_snapshot!(read("get rid of the reminder about the passport"), @"delete_task 5");
    assert_snapshot!(read("delete the reminder to fly a kite"), @r#"NoSuch("fly a kite")"#);
    assert_snapshot!(read("delete everything except the ferns"), @"delete_tasks task_ids=[1,2]");
}

#[test]
fn taking_back() {
    assert_snapshot!(read("undo"), @"undo_change");
    assert_snapshot!(read("undo that again"), @"undo_change");
    assert_snapshot!(read("take back the delete"), @"undo_change");
    assert_snapshot!(read("redo"), @"redo_change");
    assert_snapshot!(read("bring it back"), @"undo_change");
}

#[test]
fn several_requests() {
    assert_snapshot!(read("mark groceries as done and delete the plumber task"), @"complete_task 2; delete_task 1");
    assert_snapshot!(read("add wax the skis tomorrow and make it urgent"), @"add_task “Wax the skis” due=2026-11-25 priority=high");
    assert_snapshot!(read("delete the meeting and complete the ferns"), @"which meeting? Meeting with Ana (Thu 26 Nov 10:00): complete_task 6; delete_task 3 | Meeting with Rui: complete_task 6; delete_task 4");
    assert_snapshot!(read("call Ana and ask about the keys"), @"add_task “Call Ana and ask about the keys”");
    assert_snapshot!(read("add polish shoes and mark the ferns as done"), @"add_task “Polish shoes”; complete_task 6");
    assert_snapshot!(read("finished the ferns; push the groceries to monday"), @"complete_task 6; update_task 2 due=2026-11-30");
}

#[test]
fn answering_which() {
    let question = asked("delete the meeting");
    assert_snapshot!(answer(&question, "2"), @"delete_task 4");
    assert_snapshot!(answer(&question, "the first one"), @"delete_task 3");
    assert_snapshot!(answer(&question, "ana"), @"delete_task 3");
    assert_snapshot!(answer(&question, "the one with Rui please"), @"delete_task 4");
    assert_snapshot!(answer(&question, "neither"), @"No");
    assert_snapshot!(answer(&question, "add buy stamps"), @"add_task “Buy stamps”");
}

#[test]
fn answering_yes_and_no() {
    assert_snapshot!(answer(&Question::Approve, "yes please"), @"Yes");
    assert_snapshot!(answer(&Question::Approve, "nope"), @"No");
    assert_snapshot!(answer(&Question::Approve, "what's overdue?"), @"list_tasks [overdue]");
}

#[test]
fn talking() {
    assert_snapshot!(read("hello there"), @"Talk(Hello)");
    assert_snapshot!(read("thanks a lot"), @"Talk(Thanks)");
    assert_snapshot!(read("who are you?"), @"Talk(Who)");
    assert_snapshot!(read("what can you do?"), @"Talk(Help)");
    assert_snapshot!(read("help"), @"Talk(Help)");
    assert_snapshot!(read("how do i add a task"), @"Talk(Help)");
}

#[test]
fn what_is_not_ours() {
    assert_snapshot!(read("what's the weather?"), @"NotMine");
    assert_snapshot!(read("tell me a joke"), @"NotMine");
    assert_snapshot!(read("can you give me the news"), @"NotMine");
    assert_snapshot!(read("add Ana to my contacts"), @"NotMine");
    assert_snapshot!(read("how tall is the eiffel tower"), @"NotMine");

    assert_snapshot!(read("play some music"), @"NotMine");
    assert_snapshot!(read("..."), @"NotMine");
    assert_snapshot!(read("how do i descale a kettle"), @"NotMine");
    assert_snapshot!(read("tell me about the moon"), @"NotMine");
    assert_snapshot!(read("find out who invented the zip"), @"NotMine");
    assert_snapshot!(read("turn the volume up"), @"NotMine");
    assert_snapshot!(read("give me the forecast for tomorrow"), @"NotMine");
    assert_snapshot!(read("how's the harbour looking this week"), @"NotMine");
    assert_snapshot!(read("what meetings do i have tomorrow"), @r#"list_tasks [tomorrow & "meeting"]"#);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        text in "\\PC{0,60}|([a-zé,'\"#@!0-9]{1,9} ){0,12}|((delete|add|move|done|the|meeting|it|to|friday|every|and|p1|all|except|list|my|by 2 days) ?){0,9}"
    ) {
        let (view, tasks, projects) = (view(), tasks(), projects());
        let sight = Sight { tasks: &tasks, projects: &projects, shown: &SHOWN, recent: &[TaskId(1)], ..Sight::new(&view) };
        language::read(&text, &sight);
        for mark in language::line(&text, &[], &sight).marks {
            prop_assert!(text.get(mark.span.range).is_some());
        }
    }
}

#[test]
fn a_date_tells_apart_what_shares_a_name() {
    assert_snapshot!(read("delete the meeting on thursday"), @"delete_task 3");
    assert_snapshot!(read("cancel my reminder about the meeting with ana this thursday"), @"delete_task 3");
    assert_snapshot!(read("delete the meeting on monday"), @"which meeting? Meeting with Ana (Thu 26 Nov 10:00): delete_task 3 | Meeting with Rui: delete_task 4");
}

#[test]
fn the_same_in_other_words() {
    assert_snapshot!(read("done phoning the plumber"), @"complete_task 1");
    assert_snapshot!(read("delete the plumbér"), @"delete_task 1");
    assert_snapshot!(read("delete the car and the unicycle"), @r#"NoSuch("car and the unicycle")"#);
    assert_snapshot!(read("mark the ferns as done and delete the unicycle"), @r#"NoSuch("unicycle")"#);
}

#[test]
fn long_messages_are_read_in_time() {
    let long = "delete it and add milk, ".repeat(170);
    let started = std::time::Instant::now();
    read(&long);
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
}
