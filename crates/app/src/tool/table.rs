//! The one table of tools: every command as a language model or somebody else's agent sees it.

use std::sync::LazyLock;

use domain::SpokenCommand;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

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

/// Every tool, in the order of the commands.
pub fn tools() -> &'static [Tool] {
    static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            // Clients differ in what they make of references.
            settings.inline_subschemas = true;
        });
        let schema = settings
            .into_generator()
            .into_root_schema_for::<SpokenCommand>();
        let variants = schema.get("oneOf").and_then(Value::as_array);
        variants.into_iter().flatten().filter_map(tool).collect()
    });
    &TOOLS
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
