//! Commands as data: what the doors send, and what they are told when it is wrong.

use std::collections::BTreeSet;

use domain::*;
use insta::assert_snapshot;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

/// What a door makes of `{"name": …, "arguments": …}`: the command as it is written back, or what is wrong.
fn read(name: &str, arguments: Value) -> String {
    read_as::<Command>(name, arguments)
}

fn said(name: &str, arguments: Value) -> String {
    read_as::<SpokenCommand>(name, arguments)
}

fn read_as<T: serde::de::DeserializeOwned + serde::Serialize>(
    name: &str,
    arguments: Value,
) -> String {
    let mut call = json!({ "name": name });
    call["arguments"] = arguments;
    match serde_json::from_value::<T>(call) {
        Ok(command) => serde_json::to_value(&command).unwrap()["arguments"].to_string(),
        Err(error) => error.to_string(),
    }
}

/// One of every command, with everything that can be said.
fn all() -> Vec<Command> {
    let task: AddTask = serde_json::from_value(json!({
        "title": "Water the plants", "description": "All\nof them", "due": "2026-12-01T09:00[Europe/Lisbon]",
        "repeat": { "rule": "FREQ=DAILY;INTERVAL=3", "mode": "completion", "missed": "one" },
        "repeat_mode": "schedule", "missed": "all", "priority": "high", "tags": ["home"], "project": "Flat",
        "parent_id": 3, "completed": true,
    }))
    .unwrap();
    let patch: TaskPatch = serde_json::from_value(json!({
        "title": "a", "description": "", "due": "2026-12-01", "postpone": "-PT1H", "repeat": { "rule": "FREQ=WEEKLY" },
        "repeat_mode": "completion", "missed": "skip", "priority": "none", "tags": [], "add_tags": ["x"],
        "remove_tags": ["y"], "project": 4, "parent_id": 5,
        "clear": ["description", "due", "time", "repeat", "priority", "tags", "project", "parent"],
    }))
    .unwrap();
    let ids = || Selection::of([TaskId(1), TaskId(2)]);
    let some = || Selection::by("overdue & (#work | p1)".parse().unwrap());
    vec![
        Command::AddTask(task.clone()),
        Command::AddTasks(AddTasks {
            tasks: vec![task, AddTask::new("b".parse().unwrap())],
        }),
        Command::ListTasks(ListTasks {
            filter: Some(Filter::Overdue),
            status: Some(Status::All),
            query: Some("milk".to_owned()),
            order: Order::Completed,
            limit: Some(7),
            cursor: Some("x".to_owned()),
        }),
        Command::GetTask(GetTask { task_id: TaskId(1) }),
        Command::CountTasks(CountTasks {
            filter: Some(Filter::Inbox),
        }),
        Command::GetOverview(GetOverview {
            date: Some(jiff::civil::date(2026, 12, 1)),
        }),
        Command::CompleteTask(CompleteTask { task_id: TaskId(1) }),
        Command::CompleteTasks(ids()),
        Command::ReopenTask(ReopenTask { task_id: TaskId(1) }),
        Command::ReopenTasks(some()),
        Command::UpdateTask(UpdateTask {
            task_id: TaskId(1),
            patch: patch.clone(),
            if_version: Some(Seq(8)),
        }),
        Command::UpdateTasks(UpdateTasks {
            selection: ids(),
            patch: patch.clone(),
        }),
        Command::UpdateTasks(UpdateTasks {
            selection: some(),
            patch,
        }),
        Command::DeleteTask(DeleteTask { task_id: TaskId(1) }),
        Command::DeleteTasks(some()),
        Command::RestoreTasks(ids()),
        Command::EmptyTrash(EmptyTrash::default()),
        Command::MoveTask(MoveTask {
            task_id: TaskId(1),
            before: None,
            after: Some(TaskId(2)),
        }),
        Command::ListProjects(ListProjects { archived: true }),
        Command::AddProject(AddProject {
            name: "Flat".parse().unwrap(),
            colour: Some("#2a58cc".parse().unwrap()),
        }),
        Command::UpdateProject(UpdateProject {
            project: ProjectRef::Id(ProjectId(1)),
            name: Some("House".parse().unwrap()),
            colour: None,
            archived: Some(false),
        }),
        Command::DeleteProject(DeleteProject {
            project: ProjectRef::Name("Flat".parse().unwrap()),
        }),
        Command::UpdateSettings(UpdateSettings {
            time_zone: Some("Europe/Lisbon".parse().unwrap()),
            locale: Some("pt-PT".to_owned()),
            week_start: Some(WeekStart::Sunday),
            model_mode: Some(ModelMode::Unsure),
            filters: Some(vec!["Work=#work & !done".parse().unwrap()]),
        }),
        Command::GetHistory(GetHistory {
            task_id: Some(TaskId(1)),
            by: Some(ActorKind::Agent),
            before: Some(Seq(9)),
            limit: Some(3),
        }),
        Command::UndoChange(UndoChange {
            change_id: Some(Seq(1)),
        }),
        Command::RedoChange(RedoChange { change_id: None }),
    ]
}

#[test]
fn every_command_reads_back() {
    let mut names = BTreeSet::new();
    for command in all() {
        let written = serde_json::to_value(&command).unwrap();
        assert_eq!(written["name"], command.name());
        assert_eq!(serde_json::from_value::<Command>(written).unwrap(), command);
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command);
        names.insert(command.name());
    }
    assert_eq!(names.len(), 25, "one of every kind");
}

#[test]
fn only_what_is_needed_has_to_be_said() {
    assert_snapshot!(read("add_task", json!({ "title": " Milk " })), @r#"{"priority":"none","title":"Milk"}"#);
    assert_snapshot!(read("list_tasks", json!({})), @r#"{"order":"due"}"#);
    assert_snapshot!(read("undo_change", json!({})), @"{}");
    assert_snapshot!(read("update_task", json!({ "task_id": 1 })), @r#"{"task_id":1}"#);
    assert_snapshot!(read("update_task", json!({ "task_id": 1, "title": null, "if_version": null })), @r#"{"task_id":1}"#);
}

#[test]
fn the_names_of_the_contract() {
    assert_snapshot!(said("add_task", json!({ "title": "a", "due_date": "friday", "recurrence": "daily" })),
        @r#"{"due":"friday","priority":"none","repeat":"daily","title":"a"}"#);
    assert_snapshot!(said("update_task", json!({ "task_id": 1, "due_date": "friday", "recurrence": "daily" })),
        @r#"{"due":"friday","repeat":"daily","task_id":1}"#);
    assert_snapshot!(said("update_tasks", json!({ "task_ids": [1], "patch": { "due_date": "friday" } })),
        @r#"{"patch":{"due":"friday"},"task_ids":[1]}"#);
    assert_snapshot!(read("update_task", json!({ "task_id": 1, "clear": ["due_date", "recurrence", "project_id", "parent_id"] })),
        @r#"{"clear":["due","repeat","project","parent"],"task_id":1}"#);
}

#[test]
fn a_field_nobody_knows() {
    let unknown = |name: &str, mut arguments: Value| {
        arguments["colr"] = json!(1);
        let why = read(name, arguments);
        assert!(why.contains("unknown field `colr`"), "{name}: {why}");
    };
    for command in all() {
        let written = serde_json::to_value(&command).unwrap();
        unknown(command.name(), written["arguments"].clone());
    }
    assert_snapshot!(read("update_tasks", json!({ "task_ids": [1], "patch": { "titel": "x" } })),
        @"patch.titel: unknown field `titel`, expected one of `title`, `description`, `due`, `due_date`, `postpone`, `recurrence`, `repeat`, `repeat_mode`, `missed`, `priority`, `tags`, `add_tags`, `remove_tags`, `project`, `parent_id`, `clear`");
    assert!(
        read("add_task", json!({ "title": "a", "user_id": "ana" }))
            .contains("unknown field `user_id`")
    );
}

#[test]
fn a_field_of_the_wrong_kind() {
    assert_snapshot!(read("add_task", json!({ "title": 5 })), @"title: invalid type: integer `5`, expected a string");
    assert_snapshot!(read("add_task", json!({ "title": " \u{200b} " })), @"title: a title cannot be empty");
    assert_snapshot!(read("add_task", json!({})), @"missing field `title`");
    assert_snapshot!(read("add_task", json!({ "title": "a", "due": "2026-02-30" })), @"due: “2026-02-30” is not a date; write one like 2026-12-01 or 2026-12-01T15:00");
    assert_snapshot!(read("add_tasks", json!({ "tasks": [{ "title": "a" }, { "title": "" }] })), @"tasks[1].title: a title cannot be empty");
    assert_snapshot!(read("complete_task", json!({ "task_id": "three" })), @r#"task_id: invalid type: string "three", expected i64"#);
    assert_snapshot!(read("complete_task", json!({ "task_id": 9_223_372_036_854_775_808_u64 })), @"task_id: invalid value: integer `9223372036854775808`, expected i64");
    assert_snapshot!(read("complete_task", json!({ "task_id": 1.5 })), @"task_id: invalid type: floating point `1.5`, expected i64");
    assert_snapshot!(read("delete_tasks", json!({ "filter": "(open" })), @"filter: the filter “(open” cannot be read: a parenthesis is not closed");
}

#[test]
fn a_field_of_a_patch_of_the_wrong_kind() {
    let update = |mut fields: Value| {
        fields["task_id"] = json!(1);
        read("update_task", fields)
    };
    assert_snapshot!(update(json!({ "title": 5 })), @"title: invalid type: integer `5`, expected a string");
    assert_snapshot!(update(json!({ "priority": "urgent" })), @"priority: unknown variant `urgent`, expected one of `none`, `low`, `medium`, `high`");
    assert_snapshot!(update(json!({ "tags": ["a b"] })), @"tags[0]: a tag is one word of letters, digits, - and _: “a b” is not");
    assert_snapshot!(update(json!({ "postpone": "soon" })), @"postpone: a length of time looks like P2D or -PT1H (ISO 8601)");
    assert_snapshot!(update(json!({ "due": "friday" })), @"due: “friday” is not a date; write one like 2026-12-01 or 2026-12-01T15:00");
    assert_snapshot!(update(json!({ "if_version": "x" })), @r#"if_version: invalid type: string "x", expected i64"#);
    assert_snapshot!(update(json!({ "due": "2026-12-01", "due_date": "2026-12-02" })), @"duplicate field `due`");
    assert_snapshot!(read("update_task", json!({ "title": "a" })), @"missing field `task_id`");
    assert_snapshot!(read("update_task", json!({ "task_id": "x" })), @r#"task_id: invalid type: string "x", expected i64"#);
    assert_snapshot!(read("update_task", json!(5)), @"invalid type: integer `5`, expected a map");
    assert_snapshot!(read("update_tasks", json!({ "task_ids": [1], "patch": { "title": 5 } })), @"patch.title: invalid type: integer `5`, expected a string");
    assert_snapshot!(read("update_tasks", json!({ "task_ids": 1, "patch": {} })), @"task_ids: invalid type: integer `1`, expected a sequence");
    assert_snapshot!(read("update_tasks", json!({ "task_ids": [1] })), @"missing field `patch`");
}

#[test]
fn a_project_by_number_or_name() {
    let project = |project: Value| read("delete_project", json!({ "project": project }));
    assert_snapshot!(project(json!(3)), @r#"{"project":3}"#);
    assert_snapshot!(project(json!("Home")), @r#"{"project":"Home"}"#);
    assert_snapshot!(project(json!("")), @"project: a project name cannot be empty");
    assert_snapshot!(project(json!([])), @"project: invalid type: sequence, expected the number or the name of a project");
    assert_snapshot!(project(json!(u64::MAX)), @"project: invalid value: integer `18446744073709551615`, expected the number or the name of a project");
}

#[test]
fn settings_of_the_wrong_kind() {
    let settings = |field: &str, value: Value| read("update_settings", json!({ field: value }));
    assert_snapshot!(settings("locale", json!("pt-BR")), @r#"{"locale":"pt-BR"}"#);
    assert_snapshot!(settings("locale", json!("")), @"locale: a language is a tag like en or pt-BR");
    assert_snapshot!(settings("locale", json!("<b>")), @"locale: a language is a tag like en or pt-BR");
    assert_snapshot!(settings("locale", json!("e".repeat(400))), @"locale: a language is a tag like en or pt-BR");
    assert_snapshot!(settings("filters", json!([{ "name": " Work ", "filter": "#work&!p1" }])), @r##"{"filters":[{"filter":"#work & !p1","name":"Work"}]}"##);
    assert_snapshot!(settings("filters", json!([])), @r#"{"filters":[]}"#);
    assert_snapshot!(settings("filters", json!([{ "name": "", "filter": "open" }])), @"filters[0].name: a filter name cannot be empty");
    assert_snapshot!(settings("filters", json!([{ "name": "a", "filter": "(" }])), @"filters[0].filter: the filter “(” cannot be read: a word is missing");
    assert_snapshot!(settings("time_zone", json!("Mars/Base")), @"time_zone: there is no time zone “Mars/Base”; use a name like Europe/Lisbon");
}

#[test]
fn a_call_of_the_wrong_kind() {
    let call = |call: Value| {
        serde_json::from_value::<Command>(call)
            .unwrap_err()
            .to_string()
    };
    let arguments = json!({ "task_id": 1 });
    assert!(
        call(json!({ "name": "drop_table", "arguments": arguments }))
            .starts_with("name: unknown variant `drop_table`, expected one of `add_task`")
    );
    assert_snapshot!(call(json!({ "arguments": arguments })), @"missing field `name`");
    assert_snapshot!(call(json!({ "name": "get_task" })), @"missing field `task_id`");
    assert_snapshot!(call(json!({ "name": "get_task", "arguments": arguments, "user": 1 })), @"unknown field `user`, expected `name` or `arguments`");
    assert_snapshot!(call(json!([])), @"invalid length 0, expected struct Call with 2 elements");
    let empty: Command = serde_json::from_value(json!({ "name": "empty_trash" })).unwrap();
    assert_eq!(
        empty,
        Command::EmptyTrash(EmptyTrash::default()),
        "no arguments are none"
    );
}

#[test]
fn a_schema_with_every_command() {
    let schema = schema_for!(SpokenCommand).to_value();
    let names: BTreeSet<&str> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["properties"]["name"]["const"].as_str().unwrap())
        .collect();
    let commands = all();
    assert_eq!(names, commands.iter().map(Command::name).collect());
}

#[test]
fn what_words_come_to() {
    let meaning = |said: &Said| match said.0.as_str() {
        "every monday at 9" => Ok(Schedule {
            due: Some("2026-12-07T09:00".parse().unwrap()),
            repeat: Some("FREQ=WEEKLY;BYDAY=MO".parse().unwrap()),
        }),
        "friday" => Ok(Schedule {
            due: Some("2026-12-04".parse().unwrap()),
            repeat: None,
        }),
        other => Err(format!("what is {other}?")),
    };
    let meant = |name: &str, arguments: Value| {
        let spoken: SpokenCommand =
            serde_json::from_value(json!({ "name": name, "arguments": arguments })).unwrap();
        match spoken.meant(meaning) {
            Ok(command) => serde_json::to_value(command).unwrap()["arguments"].to_string(),
            Err(why) => why,
        }
    };
    assert_snapshot!(meant("add_task", json!({ "title": "a", "due": "every monday at 9" })), @r#"{"due":"2026-12-07T09:00","priority":"none","repeat":{"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=MO"},"title":"a"}"#);
    assert_snapshot!(meant("add_task", json!({ "title": "a", "due": "friday", "repeat": "every monday at 9" })), @r#"{"due":"2026-12-04","priority":"none","repeat":{"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=MO"},"title":"a"}"#);
    assert_snapshot!(meant("update_task", json!({ "task_id": 1, "due": "someday" })), @"what is someday?");
    assert_snapshot!(meant("update_tasks", json!({ "filter": "p1", "patch": { "due": "friday" } })), @r#"{"filter":"p1","patch":{"due":"2026-12-04"}}"#);
}

/// The schema of some arguments, checked for what tools and documents rely on: an object that closes itself, a
/// description for every property, nothing that is defined elsewhere.
fn check<T: JsonSchema>(name: &str) {
    fn properties(path: &str, schema: &Value) {
        if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
            for (field, inner) in fields {
                let described = inner.get("description").and_then(Value::as_str);
                assert!(
                    described.is_some_and(|text| !text.is_empty()),
                    "{path}.{field} is not described"
                );
                properties(&format!("{path}.{field}"), inner);
            }
        }
    }
    let schema = schema_for!(T).to_value();
    assert_eq!(schema["type"], "object", "{name}");
    assert_eq!(
        schema["additionalProperties"], false,
        "{name} takes what it does not know"
    );
    properties(name, &schema);
    // Definitions that are pointed at are there.
    let text = schema.to_string();
    for (at, _) in text.match_indices("\"$ref\":\"") {
        let target = &text[at + 8..];
        let target = &target[..target.find('"').unwrap()];
        let pointer = target.strip_prefix('#').unwrap();
        assert!(
            schema.pointer(pointer).is_some(),
            "{name}: {target} is nowhere"
        );
    }
}

#[test]
fn arguments_are_described() {
    check::<AddTask>("AddTask");
    check::<AddTask<Said, Said>>("AddTask as said");
    check::<AddTasks>("AddTasks");
    check::<AddTasks<Said, Said>>("AddTasks as said");
    check::<ListTasks>("ListTasks");
    check::<GetTask>("GetTask");
    check::<CountTasks>("CountTasks");
    check::<GetOverview>("GetOverview");
    check::<CompleteTask>("CompleteTask");
    check::<ReopenTask>("ReopenTask");
    check::<DeleteTask>("DeleteTask");
    check::<Selection>("Selection");
    check::<UpdateTask>("UpdateTask");
    check::<UpdateTask<Said, Said>>("UpdateTask as said");
    check::<UpdateTasks>("UpdateTasks");
    check::<UpdateTasks<Said, Said>>("UpdateTasks as said");
    check::<TaskPatch>("TaskPatch");
    check::<EmptyTrash>("EmptyTrash");
    check::<MoveTask>("MoveTask");
    check::<ListProjects>("ListProjects");
    check::<AddProject>("AddProject");
    check::<UpdateProject>("UpdateProject");
    check::<DeleteProject>("DeleteProject");
    check::<UpdateSettings>("UpdateSettings");
    check::<GetHistory>("GetHistory");
    check::<UndoChange>("UndoChange");
    check::<RedoChange>("RedoChange");
}

#[test]
fn two_that_do_the_same_make_one() {
    let read = |name: &str, arguments: serde_json::Value| -> Command {
        serde_json::from_value(serde_json::json!({ "name": name, "arguments": arguments })).unwrap()
    };
    let done = |id: i64| read("complete_task", serde_json::json!({ "task_id": id }));
    let both = done(3).with(&done(1)).unwrap();
    assert_eq!(
        both,
        read("complete_tasks", serde_json::json!({ "task_ids": [3, 1] }))
    );
    let three = both.with(&done(7)).unwrap();
    assert_eq!(
        three,
        read(
            "complete_tasks",
            serde_json::json!({ "task_ids": [3, 1, 7] })
        )
    );
    let add = |title: &str| read("add_task", serde_json::json!({ "title": title }));
    let added = add("Milk").with(&add("Bread")).unwrap();
    let tasks = serde_json::json!({ "tasks": [{ "title": "Milk" }, { "title": "Bread" }] });
    assert_eq!(added, read("add_tasks", tasks));
    // Others stay apart: what they do is not the same, or not to tasks that are named.
    let deleted = read("delete_task", serde_json::json!({ "task_id": 1 }));
    let overdue = read("complete_tasks", serde_json::json!({ "filter": "overdue" }));
    let moved = read(
        "update_task",
        serde_json::json!({ "task_id": 1, "title": "x" }),
    );
    for other in [&deleted, &overdue, &moved, &add("Milk")] {
        assert_eq!(done(3).with(other), None, "{other:?}");
    }
}
