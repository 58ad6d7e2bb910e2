//! Resources: the day, a task, a project, what dates may look like, and the list as a widget.

use std::sync::LazyLock;

use rmcp::ErrorData;
use rmcp::model::{
    CacheScope, JsonObject, ListResourceTemplatesResult, ListResourcesResult, MetaObject,
    ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Caller, LISTS_FRESH_MS, Tasks};

/// The name of the extension by which hosts show widgets: MCP Apps, SEP-1865.
pub(crate) const UI_EXTENSION: &str = "io.modelcontextprotocol/ui";
/// The type of a widget.
const UI_TYPE: &str = "text/html;profile=mcp-app";
const MARKDOWN: &str = "text/markdown";

const TODAY: &str = "todo://overview/today";
const DATES: &str = "todo://help/dates";
const TASK: &str = "todo://tasks/";
const PROJECT: &str = "todo://projects/";

/// The list as a widget: one file that needs nothing else.
const WIDGET: &str = include_str!("widget.html");

/// What dates, repeats and filters may look like.
const DATES_HELP: &str = "# Dates, repeats and filters\n\n\
A date is `2026-12-01`, `2026-12-01T15:00` or `2026-12-01T15:00[Europe/Lisbon]`, or words in the person's language and time \
zone: `today`, `tomorrow 9am`, `next friday 3pm`, `in 2 weeks`, `end of month`.\n\n\
A repeat is words, `every day`, `every 2 weeks`, `every monday and thursday`, `every last friday of the month`, or a rule of \
RFC 5545: `FREQ=WEEKLY;BYDAY=MO,TH`.\n\n\
A filter joins these words by `&`, `|`, `!` and parentheses: `open`, `done`, `all`, `trash`, `overdue`, `today`, `tomorrow`, \
`this week`, `next 7 days`, `2026-12-01..2026-12-07`, `done last week`, `no date`, `has date`, `repeating`, `p1` to `p4`, \
`@label`, `+project`, `#either`, `inbox`, `under 7`, `\"words\"`. Example: `overdue & #work & !p1`.\n";

/// What the widget needs of its host, which is nothing.
pub(crate) fn ui_settings() -> JsonObject {
    JsonObject::new()
}

/// The widget's address: another one for every other content, so that hosts may keep it.
pub(crate) fn widget_uri() -> &'static str {
    static URI: LazyLock<String> = LazyLock::new(|| {
        let hash = Sha256::digest(WIDGET);
        let hash: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("ui://sayso/tasks@{hash}")
    });
    &URI
}

/// What can be read without knowing a number, the same for everybody.
pub(crate) fn list() -> ListResourcesResult {
    let resources = vec![
        Resource::new(TODAY, "today")
            .with_title("Today")
            .with_description("What is overdue, due today and in the seven days after.")
            .with_mime_type(MARKDOWN),
        Resource::new(DATES, "dates")
            .with_title("Dates, repeats and filters")
            .with_description("What dates, repeats and filters may look like.")
            .with_mime_type(MARKDOWN),
        Resource::new(widget_uri(), "tasks-widget")
            .with_title("Tasks")
            .with_description("The list as a widget.")
            .with_mime_type(UI_TYPE)
            .with_meta(widget_meta()),
    ];
    ListResourcesResult::with_all_items(resources)
        .with_ttl_ms(LISTS_FRESH_MS)
        .with_cache_scope(CacheScope::Public)
}

/// What can be read by its number.
pub(crate) fn templates() -> ListResourceTemplatesResult {
    let templates = vec![
        ResourceTemplate::new(format!("{TASK}{{task_id}}"), "task")
            .with_title("A task")
            .with_description("One task with its steps.")
            .with_mime_type(MARKDOWN),
        ResourceTemplate::new(format!("{PROJECT}{{project_id}}"), "project")
            .with_title("A project")
            .with_description("The open tasks of a project.")
            .with_mime_type(MARKDOWN),
    ];
    ListResourceTemplatesResult::with_all_items(templates)
        .with_ttl_ms(LISTS_FRESH_MS)
        .with_cache_scope(CacheScope::Public)
}

/// What a host has to know of the widget: that it loads nothing from anywhere.
fn widget_meta() -> MetaObject {
    let mut meta = MetaObject::new();
    let ui =
        json!({ "csp": { "connectDomains": [], "resourceDomains": [] }, "prefersBorder": true });
    meta.0.insert("ui".to_owned(), ui);
    meta
}

impl Tasks {
    pub(crate) async fn resource(
        &self,
        caller: &Caller,
        uri: &str,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let numbered = |prefix: &str| uri.strip_prefix(prefix)?.parse::<i64>().ok();
        let contents = if uri == widget_uri() {
            let contents = ResourceContents::text(WIDGET, uri)
                .with_mime_type(UI_TYPE)
                .with_meta(widget_meta());
            return Ok(ReadResourceResult::new(vec![contents])
                .with_ttl_ms(LISTS_FRESH_MS)
                .with_cache_scope(CacheScope::Public)
                .into());
        } else if uri == DATES {
            DATES_HELP.to_owned()
        } else if uri == TODAY {
            self.read(caller, uri, "get_overview", json!({})).await?
        } else if let Some(id) = numbered(TASK) {
            self.read(caller, uri, "get_task", json!({ "task_id": id }))
                .await?
        } else if let Some(id) = numbered(PROJECT) {
            let projects = self.app.projects(&caller.guest.user).await;
            let projects =
                projects.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
            if projects.iter().all(|project| project.id.0 != id) {
                return Err(no_such(uri));
            }
            let list = json!({ "filter": format!("project {id}"), "limit": 100 });
            self.read(caller, uri, "list_tasks", list).await?
        } else {
            return Err(no_such(uri));
        };
        let contents = ResourceContents::text(contents, uri).with_mime_type(MARKDOWN);
        Ok(ReadResourceResult::new(vec![contents])
            .with_ttl_ms(0)
            .with_cache_scope(CacheScope::Private)
            .into())
    }

    /// What a tool answers, in words.
    async fn read(
        &self,
        caller: &Caller,
        uri: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<String, ErrorData> {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        match self.call(caller, tool, arguments).await {
            Ok(answer) => Ok(answer.text),
            Err(error) if error.code == "not_found" => Err(no_such(uri)),
            Err(error) => Err(ErrorData::internal_error(error.to_string(), None)),
        }
    }
}

/// That there is no such resource, or that it is somebody else's.
fn no_such(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("there is no such resource", Some(json!({ "uri": uri })))
}
