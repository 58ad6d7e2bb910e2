//! The one table of tools: every command as a language model or somebody else's agent sees it.

use std::sync::LazyLock;

use domain::SpokenCommand;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::answer::{
    Found, Listed, Overviewed, ProjectWritten, Projects, Shown, Written, WrittenMany,
};

/// A command as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The JSON schema of its arguments.
    pub parameters: Value,
}

/// A tool as somebody else's agent sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentTool {
    /// The tool.
    pub tool: Tool,
    /// What people are shown.
    pub title: &'static str,
    /// What it can do.
    pub nature: Nature,
    /// The JSON schema of what it answers with.
    pub answer: Value,
}

/// What a tool can do to somebody's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It only looks.
    Looks,
    /// It adds, and once more when it is called once more.
    Adds,
    /// It adds or takes back a state, and changes no more when it is called once more.
    Settles,
    /// It puts something in the place of what was there.
    Replaces,
    /// It takes back whatever came last, each time something else.
    TakesBack,
}

impl Nature {
    /// Whether it leaves everything as it is.
    pub fn is_read_only(self) -> bool {
        self == Self::Looks
    }

    /// Whether something that was there may be gone afterwards.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Replaces | Self::TakesBack)
    }

    /// Whether calling it twice comes to no more than calling it once.
    pub fn is_idempotent(self) -> bool {
        matches!(self, Self::Looks | Self::Settles | Self::Replaces)
    }
}

/// Every tool, in the order of the commands.
pub fn tools() -> &'static [Tool] {
    static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
        let schema = schema_settings()
            .into_generator()
            .into_root_schema_for::<SpokenCommand>();
        let variants = schema.get("oneOf").and_then(Value::as_array);
        variants.into_iter().flatten().filter_map(tool).collect()
    });
    &TOOLS
}

/// The tools that agents are given, in alphabetical order, and the two that look things up for hosts that know no others.
pub fn agent_tools() -> &'static [AgentTool] {
    static TOOLS: LazyLock<Vec<AgentTool>> = LazyLock::new(|| {
        let given = tools().iter().filter_map(agent_tool);
        let mut given: Vec<AgentTool> = given.chain(looking_up()).collect();
        given.sort_by(|a, b| a.tool.name.cmp(&b.tool.name));
        given
    });
    &TOOLS
}

fn schema_settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        // Clients differ in what they make of references.
        settings.inline_subschemas = true;
    })
}

/// The tool that one variant of the commands' schema describes.
fn tool(variant: &Value) -> Option<Tool> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let arguments = &variant["properties"]["arguments"];
    let mut parameters = agent::tidy(arguments.clone());
    if let Some(schema) = parameters.as_object_mut() {
        // What it is about says the tool itself.
        schema.remove("description");
        schema
            .entry("properties")
            .or_insert_with(|| Map::new().into());
    }
    Some(Tool {
        name: text(&variant["properties"]["name"]["const"])?,
        description: text(&variant["description"])?,
        parameters,
    })
}

/// What agents are told besides, where the tool's own words are too few for somebody who sees nothing else of us.
fn more(name: &str) -> &'static str {
    match name {
        "add_task" => {
            "`due` is a date or words: 2026-12-01, 2026-12-01T09:00, next friday 3pm. `repeat`: every 2 weeks, or FREQ=WEEKLY."
        }
        "add_tasks" => "Each like add_task.",
        "list_tasks" => {
            "A filter joins words by & | ! and parentheses: open, done, all, trash, overdue, today, tomorrow, this week, \
             next 7 days, 2026-12-01..2026-12-07, no date, repeating, p1, #label, +project, inbox, \"text\"."
        }
        "update_task" => "To empty a field name it in `clear`.",
        "delete_project" => "undo_change brings all back.",
        "empty_trash" => "For good.",
        _ => "",
    }
}

/// Arguments that agents have no use for.
const LEFT_OUT: [&str; 3] = ["if_version", "missed", "repeat_mode"];

/// The tool as agents see it. `None` if they are not given it.
fn agent_tool(tool: &Tool) -> Option<AgentTool> {
    use Nature::{Adds, Looks, Replaces, Settles, TakesBack};
    let (title, nature, answer) = match tool.name.as_str() {
        "add_task" => ("Add a task", Adds, schema::<Written>()),
        "add_tasks" => ("Add tasks", Adds, schema::<WrittenMany>()),
        "list_tasks" => ("List tasks", Looks, schema::<Listed>()),
        "get_task" => ("Show a task", Looks, schema::<Shown>()),
        "get_overview" => ("Overview of a day", Looks, schema::<Overviewed>()),
        // A repeating task comes back, so a second call completes the next time.
        "complete_task" => ("Complete a task", Adds, schema::<Written>()),
        "complete_tasks" => ("Complete tasks", Adds, schema::<WrittenMany>()),
        "reopen_task" => ("Reopen a task", Settles, schema::<Written>()),
        "update_task" => ("Change a task", Replaces, schema::<Written>()),
        "update_tasks" => ("Change tasks", Replaces, schema::<WrittenMany>()),
        "delete_task" => ("Delete a task", Replaces, schema::<Written>()),
        "delete_tasks" => ("Delete tasks", Replaces, schema::<WrittenMany>()),
        "empty_trash" => ("Empty the trash", Replaces, schema::<WrittenMany>()),
        "list_projects" => ("List projects", Looks, schema::<Projects>()),
        "add_project" => ("Add a project", Adds, schema::<ProjectWritten>()),
        "update_project" => ("Change a project", Replaces, schema::<ProjectWritten>()),
        "delete_project" => ("Delete a project", Replaces, schema::<ProjectWritten>()),
        "undo_change" => ("Undo a change", TakesBack, schema::<WrittenMany>()),
        _ => return None,
    };
    let mut parameters = slim(tool.parameters.clone());
    let properties = parameters["properties"].as_object_mut()?;
    properties.retain(|name, _| !LEFT_OUT.contains(&name.as_str()));
    for (name, about) in [
        (
            "change_id",
            "From the answer to a change; your own last change without it.",
        ),
        ("date", "The day, as a date or in words; today without it."),
        ("limit", "How many at most, 1 to 200; 50 without it."),
    ] {
        if let Some(argument) = properties.get_mut(name) {
            argument["description"] = about.into();
        }
    }
    if nature == Adds && tool.name.starts_with("add_") {
        let key =
            json!({ "type": "string", "description": "Makes a repeat of the call harmless." });
        properties.insert("idempotency_key".to_owned(), key);
    }
    let description = match more(&tool.name) {
        "" => tool.description.clone(),
        more => format!("{} {more}", tool.description),
    };
    Some(AgentTool {
        tool: Tool {
            name: tool.name.clone(),
            description,
            parameters: closed(parameters),
        },
        title,
        nature,
        answer,
    })
}

/// The pair by which some hosts look anything up.
fn looking_up() -> impl Iterator<Item = AgentTool> {
    let of =
        |name: &str, title, description: &str, argument: &str, about: &str, answer| AgentTool {
            tool: Tool {
                name: name.to_owned(),
                description: description.to_owned(),
                parameters: closed(json!({
                    "type": "object",
                    "properties": { argument: { "type": "string", "description": about } },
                    "required": [argument],
                })),
            },
            title,
            nature: Nature::Looks,
            answer,
        };
    [
        of(
            "search",
            "Search tasks",
            "Find tasks by words in title, description or labels, done ones too.",
            "query",
            "The words.",
            schema::<Found>(),
        ),
        of(
            "fetch",
            "Fetch a task",
            "All of one thing that search found.",
            "id",
            "From search: task:42.",
            json!({
                "type": "object",
                "properties": {
                    "id": { "type": "string" }, "title": { "type": "string" }, "text": { "type": "string" },
                    "url": { "type": "string" }, "metadata": { "type": "object" },
                },
                "required": ["id", "title", "text", "url"],
            }),
        ),
    ]
    .into_iter()
}

/// The parameters of a tool for agents: whose tasks are meant may be said, and nothing that is not named.
fn closed(mut parameters: Value) -> Value {
    if let Some(properties) = parameters["properties"].as_object_mut() {
        let user = json!({ "type": "string", "description": "Yourself; leave it out." });
        properties.insert("user_id".to_owned(), user);
    }
    parameters["additionalProperties"] = false.into();
    parameters
}

/// The schema of what a tool answers with, without words.
fn schema<T: schemars::JsonSchema>() -> Value {
    // As it is written, not as it would be read: what is left out when there is nothing to say is not required.
    let schema = schema_settings()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    let mut schema = agent::tidy(schema.to_value());
    throughout(&mut schema, &|fields| {
        for word in [
            "description",
            "title",
            "default",
            "minLength",
            "maxLength",
            "pattern",
        ] {
            fields.remove(word);
        }
    });
    schema
}

/// The schema without what costs words and tells nothing: what one of several is, when it is said what they are, what is
/// the default anyway, bounds that bind nothing.
fn slim(mut schema: Value) -> Value {
    throughout(&mut schema, &|fields| {
        for bound in ["minLength", "minimum"] {
            if fields.get(bound).is_some_and(|least| least == 0) {
                fields.remove(bound);
            }
        }
        fields.remove("default");
        if let Some(Value::Object(items)) = fields.get_mut("items") {
            items.remove("description");
        }
    });
    schema
}

/// Changes a schema, and those of its properties and items.
fn throughout(schema: &mut Value, change: &impl Fn(&mut Map<String, Value>)) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    change(fields);
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        for property in properties.values_mut() {
            throughout(property, change);
        }
    }
    if let Some(items) = fields.get_mut("items") {
        throughout(items, change);
    }
}
