//! Tools: the table of `app` in the protocol's words.

use std::sync::{Arc, LazyLock};

use app::{AgentCall, AgentTool, Answer, ToolError, agent_tools};
use rmcp::ErrorData;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject,
    ListToolsResult, MetaObject, Tool, ToolAnnotations,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Caller, LISTS_FRESH_MS, Tasks, resources};

/// Which tools there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Toolset {
    /// The five of the contract, for small models.
    Core,
    /// All but the pair.
    #[default]
    Full,
    /// All, and the pair `search` and `fetch` by which some hosts look anything up.
    Search,
}

/// The tools of the contract.
const CORE: [&str; 5] = [
    "add_task",
    "complete_task",
    "delete_task",
    "list_tasks",
    "update_task",
];

impl Toolset {
    fn has(self, name: &str) -> bool {
        match self {
            Self::Core => CORE.contains(&name),
            Self::Full => !matches!(name, "search" | "fetch"),
            Self::Search => true,
        }
    }
}

/// Whether a message calls a tool that is there to change something, so that a token that may only read is not enough. What
/// is no call that can be read changes nothing.
pub fn changes_something(message: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Message {
        method: String,
        params: Params,
    }
    #[derive(Deserialize)]
    struct Params {
        name: String,
    }
    serde_json::from_slice::<Message>(message).is_ok_and(|message| {
        message.method == "tools/call"
            && tool(&message.params.name).is_some_and(|tool| !tool.nature.is_read_only())
    })
}

fn tool(name: &str) -> Option<&'static AgentTool> {
    agent_tools().iter().find(|tool| tool.tool.name == name)
}

impl Tasks {
    /// The tools, the same for everybody and in the same order.
    pub(crate) fn tools(&self) -> ListToolsResult {
        static DEFINED: LazyLock<Vec<Tool>> =
            LazyLock::new(|| agent_tools().iter().map(defined).collect());
        let toolset = self.settings.toolset;
        let tools = DEFINED.iter().filter(|tool| toolset.has(&tool.name));
        ListToolsResult::with_all_items(tools.cloned().collect())
            .with_ttl_ms(LISTS_FRESH_MS)
            .with_cache_scope(CacheScope::Public)
    }

    pub(crate) async fn run_tool(
        &self,
        caller: &Caller,
        request: CallToolRequestParams,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tool(&request.name).filter(|_| self.settings.toolset.has(&request.name))
        else {
            let message = format!("there is no tool {:?}; list the tools", request.name);
            return Err(ErrorData::invalid_params(message, None));
        };
        let called = self.call(
            caller,
            &tool.tool.name,
            request.arguments.unwrap_or_default(),
        );
        Ok(match called.await {
            Ok(answer) => {
                let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
                result.structured_content = Some(answer.content);
                result.into()
            }
            // As text alone: some clients hold an error's data against the schema of answers.
            Err(error) => CallToolResult::error(vec![ContentBlock::text(error.to_string())]).into(),
        })
    }

    pub(crate) async fn call(
        &self,
        caller: &Caller,
        tool: &str,
        arguments: Map<String, Value>,
    ) -> Result<Answer, ToolError> {
        let call = AgentCall {
            tool,
            arguments,
            request_id: &caller.request_id,
            base_url: &self.settings.base_url,
        };
        let called = self.app.call(&caller.guest, call);
        caller.trail.clone().scope(called).await
    }
}

fn defined(tool: &AgentTool) -> Tool {
    let hints = ToolAnnotations::with_title(tool.title)
        .read_only(tool.nature.is_read_only())
        .destructive(tool.nature.is_destructive())
        .idempotent(tool.nature.is_idempotent())
        .open_world(false);
    let mut defined = Tool::new(
        tool.tool.name.clone(),
        tool.tool.description.clone(),
        object(&tool.tool.parameters),
    )
    .with_title(tool.title)
    .with_raw_output_schema(object(&tool.answer))
    .with_annotations(hints);
    if matches!(tool.tool.name.as_str(), "list_tasks" | "get_overview") {
        let mut meta = MetaObject::new();
        let shown = json!({ "resourceUri": resources::widget_uri() });
        meta.0.insert("ui".to_owned(), shown);
        defined = defined.with_meta(meta);
    }
    defined
}

fn object(schema: &Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
