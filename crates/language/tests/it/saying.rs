//! What is said of what came of a command.

use domain::{
    Actor, Command, Counts, Due, Filter, HistoryPage, Outcome, Overview, Priority, Project,
    Receipt, Refusal, Repeat, Task, TaskId, TaskPage, Unchanged, View, WeekStart, WhyUnchanged,
};
use insta::assert_snapshot;
use language::{Choice, Question, Talk, say};
use serde_json::{Value, json};

/// A Tuesday evening.
fn view() -> View {
    View {
        now: "2026-11-24T17:30[Europe/Lisbon]"
            .parse()
            .expect("a time in a zone"),
        week_start: WeekStart::Monday,
    }
}

fn projects() -> Vec<Project> {
    serde_json::from_value(json!([{"id": 1, "name": "Garden", "version": 1}])).expect("a project")
}

/// The row of a task: its number, its title and what else it has.
fn row(id: i64, title: &str, more: &Value) -> Value {
    let mut row = json!({
        "id": id, "title": title, "position": id, "version": 1,
        "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T09:00:00Z",
    });
    if let (Some(row), Some(more)) = (row.as_object_mut(), more.as_object()) {
        row.extend(more.clone());
    }
    row
}

fn task(id: i64, title: &str, more: &Value) -> Task {
    serde_json::from_value(row(id, title, more)).expect("a task")
}

fn done() -> Value {
    json!({"completed_at": "2026-11-24T12:00:00Z"})
}

/// A receipt of these rows before and after.
fn receipt(action: &str, rows: &[(Value, Value)]) -> Receipt {
    let changes: Vec<Value> = rows
        .iter()
        .map(|(before, after)| json!({"kind": "task", "before": before, "after": after}))
        .collect();
    serde_json::from_value(json!({
        "change_id": 7, "at": "2026-11-24T17:29:00Z", "actor": "person", "door": "chat",
        "action": action, "undoes": null, "undone_by": null, "changes": changes,
    }))
    .expect("a receipt")
}

fn changed(action: &str, rows: &[(Value, Value)]) -> String {
    said(&Outcome::Changed(receipt(action, rows)))
}

fn said(outcome: &Outcome) -> String {
    say::outcome(outcome, &view(), &projects())
}

fn page(filter: &str, tasks: Vec<Task>, total: i64) -> String {
    said(&Outcome::Tasks(TaskPage {
        filter: filter.parse().expect("a filter"),
        tasks,
        total,
        next_cursor: None,
    }))
}

/// What is said when the settings `before` become `after`.
fn settings(before: &Value, after: &Value) -> String {
    let receipt = json!({
        "change_id": 7, "at": "2026-11-24T17:29:00Z", "actor": "person", "door": "rest",
        "action": "update_settings", "undoes": null, "undone_by": null,
        "changes": [{ "kind": "settings", "before": before, "after": after }],
    });
    said(&Outcome::Changed(
        serde_json::from_value(receipt).expect("a receipt"),
    ))
}

#[test]
fn a_filter_in_plain_words() {
    let words = |text: &str| say::filter(&text.parse().expect("a filter"), &view());
    assert_snapshot!(words("overdue & +Work & !@waiting"), @"Overdue tasks in Work, not labelled @waiting");
    assert_snapshot!(words("open"), @"Open tasks");
    assert_snapshot!(words("all"), @"Tasks, open or done");
    assert_snapshot!(words("trash"), @"Tasks in the trash");
    assert_snapshot!(words("today"), @"Tasks due today");
    assert_snapshot!(words("done last week"), @"Tasks done last week");
    assert_snapshot!(words("@phone & p1 & next 7 days"), @"P1 tasks labelled @phone due next 7 days");
    assert_snapshot!(words("#work & no date & repeating & p4"), @"Repeating tasks in #work without a due date without a priority");
    assert_snapshot!(words("overdue | today | inbox"), @"Tasks, either overdue, due today or in the inbox");
    assert_snapshot!(words("(overdue | today) & +\"Home repairs\" & \"milk\""), @"Tasks in Home repairs with “milk”, either overdue or due today");
    assert_snapshot!(words("!(p1 | p2) & !no date & project 3"), @"Tasks with a due date in project 3, neither P1 nor P2");
    assert_snapshot!(words("!(p1 & today)"), @"Tasks, not all of P1 and due today");
    assert_snapshot!(words("p1 & today | under 7 | number 8"), @"Tasks, either P1 and due today, under task 7 or with the number 8");
    assert_snapshot!(words("2026-12-01 & !!overdue"), @"Tasks due Tue 1 Dec, overdue");
    assert_snapshot!(words("2026-12-01..2026-12-07"), @"Tasks due Tue 1 Dec to Mon 7 Dec");
    assert_snapshot!(words("..2026-12-07 & all"), @"Tasks due by Mon 7 Dec, open or done");
}

#[test]
fn filters_were_saved() {
    let named = |name: &str, filter: &str| json!({ "name": name, "filter": filter });
    let of = |filters: &[Value]| json!({ "filters": filters });
    let (work, home) = (named("Work", "#work"), named("Home", "#home"));
    let both = of(&[work.clone(), home.clone()]);
    assert_snapshot!(settings(&of(&[]), &both), @"Saved the filter “Work”. Saved the filter “Home”.");
    assert_snapshot!(settings(&both, &of(&[named("Work", "#work & p1"), home.clone()])), @"Saved the filter “Work”.");
    assert_snapshot!(settings(&both, &of(std::slice::from_ref(&home))), @"Removed the filter “Work”.");
    assert_snapshot!(settings(&both, &of(&[named("Office", "#work"), home.clone()])), @"Saved the filter “Office”. Removed the filter “Work”.");
    assert_snapshot!(settings(&both, &of(&[home, work])), @"Reordered the list of saved filters.");
    assert_snapshot!(settings(&json!({}), &json!({ "locale": "pt", "filters": [named("A", "p1")] })), @"Settings changed: your language is pt. Saved the filter “A”.");
}

#[test]
fn something_was_added() {
    let plain = row(4, "Call mum", &json!({"due_date": "2026-11-25T18:00"}));
    assert_snapshot!(changed("add_task", &[(Value::Null, plain)]), @"Added “Call mum”, due tomorrow, Wed 25 Nov 18:00.");
    let full = row(
        5,
        "Water the beds",
        &json!({
            "due_date": "2026-11-26", "priority": "high", "tags": ["outside"], "project_id": 1,
            "repeat": {"rule": "FREQ=DAILY;INTERVAL=3"},
        }),
    );
    assert_snapshot!(changed("add_task", &[(Value::Null, full)]), @"Added “Water the beds”, due Thu 26 Nov, every 3 days, P1, @outside, in Garden.");
    let several: Vec<_> = [(6, "Milk"), (7, "Eggs"), (8, "Bread")]
        .map(|(id, title)| (Value::Null, row(id, title, &json!({}))))
        .to_vec();
    assert_snapshot!(changed("add_tasks", &several), @"Added 3 tasks: “Milk”, “Eggs” and “Bread”.");
}

#[test]
fn something_was_done() {
    let open = row(4, "Buy milk", &json!({}));
    assert_snapshot!(changed("complete_task", &[(open.clone(), row(4, "Buy milk", &done()))]), @"Completed “Buy milk”.");
    let next = row(
        9,
        "Buy milk",
        &json!({"due_date": "2026-11-29", "repeat": {"rule": "FREQ=WEEKLY"}}),
    );
    let rows = [
        (open.clone(), row(4, "Buy milk", &done())),
        (Value::Null, next),
    ];
    assert_snapshot!(changed("complete_task", &rows), @"Completed “Buy milk”. Next: Sun 29 Nov.");
    let many: Vec<_> = (1..=7)
        .map(|id| {
            let title = format!("Box {id}");
            (row(id, &title, &json!({})), row(id, &title, &done()))
        })
        .collect();
    assert_snapshot!(changed("complete_tasks", &many), @"Completed 7 tasks: “Box 1”, “Box 2”, “Box 3”, “Box 4”, “Box 5” and 2 more.");
    assert_snapshot!(changed("reopen_task", &[(row(4, "Buy milk", &done()), open)]), @"Reopened “Buy milk”.");
}

#[test]
fn something_changed() {
    let before = row(3, "Draft the plan", &json!({"due_date": "2026-11-24"}));
    let moved = row(3, "Draft the plan", &json!({"due_date": "2026-11-27"}));
    assert_snapshot!(changed("update_task", &[(before.clone(), moved)]), @"Moved “Draft the plan” to Fri 27 Nov.");
    let renamed = row(3, "Write the plan", &json!({"due_date": "2026-11-24"}));
    assert_snapshot!(changed("update_task", &[(before.clone(), renamed)]), @"Renamed “Draft the plan” to “Write the plan”.");
    let both = row(
        3,
        "Draft the plan",
        &json!({"due_date": "2026-11-24", "priority": "low", "tags": ["desk"], "project_id": 1}),
    );
    assert_snapshot!(changed("update_task", &[(before.clone(), both)]), @"Changed “Draft the plan”: P3, @desk, in Garden.");
    let undated = row(3, "Draft the plan", &json!({}));
    assert_snapshot!(changed("update_task", &[(before, undated)]), @"Changed “Draft the plan”: no due date.");
}

#[test]
fn something_went_or_came_back() {
    let open = row(3, "Draft the plan", &json!({}));
    let gone = row(
        3,
        "Draft the plan",
        &json!({"deleted_at": "2026-11-24T17:29:00Z"}),
    );
    assert_snapshot!(changed("delete_task", &[(open.clone(), gone.clone())]), @"Deleted “Draft the plan”.");
    assert_snapshot!(changed("restore_tasks", &[(gone.clone(), open.clone())]), @"Restored “Draft the plan”.");
    assert_snapshot!(changed("empty_trash", &[(gone.clone(), Value::Null)]), @"Removed for good “Draft the plan”.");
    assert_snapshot!(changed("undo_change", &[(gone.clone(), open.clone())]), @"Taken back: “Draft the plan” is out of the trash.");
    assert_snapshot!(changed("undo_change", &[(open.clone(), Value::Null)]), @"Taken back: “Draft the plan” is gone.");
    assert_snapshot!(changed("redo_change", &[(open, gone)]), @"Made again: “Draft the plan” is in the trash.");
}

#[test]
fn nothing_had_to_change() {
    let unchanged = |why, tasks| said(&Outcome::Unchanged(Unchanged { why, tasks }));
    let milk = || task(4, "Buy milk", &json!({}));
    let eggs = || task(5, "Buy eggs", &json!({}));
    assert_snapshot!(unchanged(WhyUnchanged::AlreadyDone, vec![milk()]), @"“Buy milk” was complete already.");
    assert_snapshot!(unchanged(WhyUnchanged::AlreadyOpen, vec![milk(), eggs()]), @"“Buy milk” and “Buy eggs” are still open.");
    assert_snapshot!(unchanged(WhyUnchanged::NoneMatch, vec![]), @"No task matches; nothing was changed.");
    assert_snapshot!(unchanged(WhyUnchanged::TrashEmpty, vec![]), @"The trash is empty.");
}

#[test]
fn lists() {
    let tasks = vec![
        task(6, "Pay rent", &json!({"due_date": "2026-11-22"})),
        task(
            3,
            "Call mum",
            &json!({"due_date": "2026-11-25T18:00", "priority": "high"}),
        ),
        task(
            8,
            "Sow peas",
            &json!({"project_id": 1, "tags": ["outside"]}),
        ),
        task(2, "Buy milk", &done()),
    ];
    assert_snapshot!(page("all", tasks, 4), @"
    4 tasks:
    6. Pay rent (Sun 22 Nov, overdue)
    3. Call mum (tomorrow, Wed 25 Nov 18:00, P1)
    8. Sow peas (@outside, Garden)
    2. Buy milk (done)
    ");
    assert_snapshot!(page("overdue & #garden", vec![], 0), @"There are no tasks overdue for #garden.");
    assert_snapshot!(page("open", vec![], 0), @"There is nothing on your list.");
    assert_snapshot!(page("done", vec![], 0), @"Nothing is completed yet.");
    let many: Vec<Task> = (1..=40).map(|id| task(id, "Box", &json!({}))).collect();
    let text = page("today", many, 140);
    assert_snapshot!(text.lines().next().unwrap_or(""), @"140 tasks due today:");
    assert_snapshot!(text.lines().last().unwrap_or(""), @"… and 125 more");
}

fn counts(filter: Option<Filter>, matching: i64) -> Counts {
    Counts {
        filter,
        matching,
        open: 5,
        done: 12,
        overdue: 1,
        today: 2,
        done_today: 3,
    }
}

#[test]
fn numbers() {
    assert_snapshot!(said(&Outcome::Counts(counts(None, 5))), @"5 tasks to do, 2 due today, 1 overdue, 12 done, 3 of them today.");
    assert_snapshot!(said(&Outcome::Counts(counts(Some(Filter::Overdue), 1))), @"There is 1 task overdue.");
}

#[test]
fn the_day() {
    let overview = |overdue, today, upcoming| {
        said(&Outcome::Overview(Overview {
            date: view().now.date(),
            overdue,
            today,
            upcoming,
            counts: counts(None, 5),
        }))
    };
    let rent = task(6, "Pay rent", &json!({"due_date": "2026-11-22"}));
    let walk = task(3, "Walk the dog", &json!({"due_date": "2026-11-24T19:00"}));
    assert_snapshot!(overview(vec![rent], vec![walk], vec![]), @"
    Overdue:
    6. Pay rent (Sun 22 Nov, overdue)
    Today:
    3. Walk the dog (today 19:00)
    ");
    assert_snapshot!(overview(vec![], vec![], vec![]), @"Nothing is due today or in the week after. 5 tasks have no date or a later one.");
}

#[test]
fn what_happened_before() {
    let added = receipt("add_task", &[(Value::Null, row(4, "Buy milk", &json!({})))]);
    let by_agent = Receipt {
        actor: Actor::Agent("Claude".to_owned()),
        ..added.clone()
    };
    let page = HistoryPage {
        changes: vec![added, by_agent],
        next_before: None,
    };
    assert_snapshot!(said(&Outcome::History(page)), @"
    7. 17:29: Added “Buy milk”.
    7. 17:29, Claude: Added “Buy milk”.
    ");
    let none = HistoryPage {
        changes: vec![],
        next_before: None,
    };
    assert_snapshot!(said(&Outcome::History(none)), @"Nothing has changed yet.");
}

#[test]
fn refusals_and_questions() {
    assert_snapshot!(say::refusal(&Refusal::NoSuchTask(TaskId(999))), @"There is no task 999; list your tasks to see their numbers.");
    assert_snapshot!(say::refusal(&Refusal::NothingToUndo), @"There is nothing to undo.");
    let choice = |label: &str| Choice {
        label: label.to_owned(),
        task_id: None,
        commands: vec![],
    };
    let which = Question::Which {
        said: "meeting".to_owned(),
        choices: vec![choice("Meeting with Ana"), choice("Meeting with Rui")],
    };
    assert_snapshot!(say::question(&which), @"
    Which one do you mean by “meeting”?
    1) Meeting with Ana
    2) Meeting with Rui
    ");
    let pending = [task(4, "Buy milk", &json!({}))];
    assert_snapshot!(say::no_such("unicycle", &pending, &view()), @"
    I find no task “unicycle”. Pending:
    4. Buy milk
    ");
    assert_snapshot!(say::no_such("task 999", &[], &view()), @"There is no task 999. Nothing is pending.");
    assert_snapshot!(say::not_mine(), @"That is beyond me. I keep your task list: say what to add, show, change, complete or delete.");
    assert_snapshot!(say::talk(Talk::Who), @"I am the assistant of your task list. I add, find, change and complete tasks, and can take any of it back.");
}

#[test]
fn what_a_model_did_not_do() {
    let part = serde_json::from_value(json!({"question": "part"})).expect("a question");
    assert_snapshot!(say::question(&part), @"I understand only a part of that, so nothing was changed. Can you say it one thing at a time?");
    let all = [
        say::nothing_changed_claimed().to_owned(),
        say::model_unavailable().to_owned(),
        say::rules_answer().to_owned(),
        say::senseless_call().to_owned(),
        say::model_unavailable_after().to_owned(),
        say::stopped(0),
        say::stopped(2),
        say::interrupted(0),
        say::interrupted(1),
        say::budget_used().to_owned(),
        say::not_carried().to_owned(),
    ];
    assert_snapshot!(all.join("\n"), @"
    The model said that something was changed. Nothing was.
    The model isn’t answering. Your tasks are untouched.
    The model isn’t answering, so the rules do.
    The model asked for something that makes no sense, so that was not done.
    The model stopped answering. What is shown above was done, and nothing else.
    Stopped. Nothing was changed.
    Stopped. What is shown above had been done.
    Interrupted. Nothing was changed.
    Interrupted. What is shown above had been done.
    Today’s model limit is used. Rules still work.
    Your message doesn’t plainly ask for this, so it waits for your yes.
    ");
}

#[test]
fn proposals() {
    let rows = domain::Rows {
        tasks: [(4, "Buy milk"), (5, "Buy eggs")]
            .map(|(id, title)| (TaskId(id), task(id, title, &json!({}))))
            .into(),
        ..domain::Rows::default()
    };
    let delete: Command =
        serde_json::from_value(json!({"name": "delete_tasks", "arguments": {"task_ids": [4, 5]}}))
            .expect("a command");
    let domain::Decision::Change(changes) =
        domain::decide(&rows, &delete, view().now.timestamp()).expect("it may be done")
    else {
        panic!("two tasks go");
    };
    assert_snapshot!(say::proposal(&delete, &changes, &view(), &projects()), @"
    Delete 2 tasks?
    4. Buy milk
    5. Buy eggs
    ");
}

#[test]
fn proposals_say_what_is_new_and_what_is_besides_tasks() {
    let proposed = |rows: &domain::Rows, name: &str, arguments: serde_json::Value| {
        let command = json!({ "name": name, "arguments": arguments });
        let command: Command = serde_json::from_value(command).expect("a command");
        match domain::decide(rows, &command, view().now.timestamp()).expect("it may be done") {
            domain::Decision::Change(changes) => {
                say::proposal(&command, &changes, &view(), &projects())
            }
            _ => panic!("it changes something"),
        }
    };
    let none = domain::Rows::default();
    let trip = json!({"tasks": [{"title": "Book the flight", "due": "2026-12-01", "priority": "high"},
                                {"title": "Pack", "project": "Trip"}]});
    assert_snapshot!(proposed(&none, "add_tasks", trip), @"
    Add 2 tasks?
    Book the flight, due Tue 1 Dec, P1
    Pack, in Trip
    The project “Trip” is new
    ");
    let noted = json!({"title": "Call", "description": "01 555\n2. Not a task", "parent_id": 7});
    let parent = domain::Rows {
        tasks: [(TaskId(7), task(7, "Move house", &json!({})))].into(),
        ..domain::Rows::default()
    };
    assert_snapshot!(proposed(&parent, "add_task", noted), @"
    Add 1 task?
    Call, a step of task 7; note: 01 555 / 2. Not a task
    ");
    let renoted = json!({"task_id": 7, "description": "Ask Bo for the van"});
    assert_snapshot!(proposed(&parent, "update_task", renoted), @"
    Change 1 task?
    7. Move house: a new note; note: Ask Bo for the van
    ");
    let zone = json!({"time_zone": "Europe/Lisbon", "week_start": "sunday"});
    assert_snapshot!(proposed(&none, "update_settings", zone), @"
    Change your settings?
    Your time zone is Europe/Lisbon and your week starts on Sunday
    ");
    let filters = json!({"filters": [{"name": "Work", "filter": "#work"}]});
    assert_snapshot!(proposed(&none, "update_settings", filters), @"
    Change your settings?
    The filter “Work” is saved
    ");
    let known = domain::Rows {
        projects: projects()
            .into_iter()
            .map(|project| (project.id, project))
            .collect(),
        ..domain::Rows::default()
    };
    let first = projects()[0].id;
    let named = json!({"project": first, "name": "Something else"});
    assert_snapshot!(proposed(&known, "update_project", named), @"
    Make this change?
    The project “Garden” is called “Something else”
    ");
    let away = json!({"project": first, "archived": true});
    assert_snapshot!(proposed(&known, "update_project", away), @"
    Make this change?
    The project “Garden” is put away
    ");
    assert_snapshot!(proposed(&known, "delete_project", json!({"project": first})), @"
    Delete the project and move 0 tasks to the inbox?
    The project “Garden” is gone
    ");
}

#[test]
fn dates_and_repeats() {
    let due = |text: &str| say::due(&text.parse::<Due>().expect("a date"), &view());
    assert_snapshot!(due("2026-11-24"), @"today");
    assert_snapshot!(due("2026-11-25T18:00"), @"tomorrow, Wed 25 Nov 18:00");
    assert_snapshot!(due("2026-11-23"), @"yesterday, Mon 23 Nov");
    assert_snapshot!(due("2026-12-01"), @"Tue 1 Dec");
    assert_snapshot!(due("2027-03-05T09:00"), @"Fri 5 Mar 2027 09:00");
    let rule = |rule: &str, mode: &str| {
        let repeat: Repeat =
            serde_json::from_value(json!({"rule": rule, "mode": mode})).expect("a repeat");
        say::rule(&repeat)
    };
    assert_snapshot!(rule("FREQ=DAILY;INTERVAL=3", "schedule"), @"every 3 days");
    assert_snapshot!(rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "schedule"), @"every weekday");
    assert_snapshot!(rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "schedule"), @"every 2 weeks on Friday");
    assert_snapshot!(rule("FREQ=MONTHLY;BYDAY=-1FR", "schedule"), @"every month on the last Friday");
    assert_snapshot!(rule("FREQ=MONTHLY;BYMONTHDAY=-1", "schedule"), @"every month on the last day");
    assert_snapshot!(rule("FREQ=YEARLY;COUNT=1", "schedule"), @"every year, 1 more time");
    assert_snapshot!(rule("FREQ=DAILY;INTERVAL=7", "completion"), @"7 days after done");
    assert_snapshot!(rule("FREQ=DAILY;UNTIL=20261231", "schedule"), @"every day, until 31 Dec 2026");
    let all = [
        Priority::High,
        Priority::Medium,
        Priority::Low,
        Priority::None,
    ];
    assert_snapshot!(all.map(say::priority).join(" "), @"P1 P2 P3");
}
