//! What the conformance suite wants a server to have, beside ours: it asks for these by name.

#![expect(
    deprecated,
    reason = "clients of the older era still use what the newer one drops"
)]

use std::sync::LazyLock;

use mcp::Tasks;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities,
    CompleteRequestParams, CompleteResult, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, InputRequests, InputRequiredResult, InputResponses, JsonObject,
    ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    LoggingLevel, LoggingMessageNotificationParam, PaginatedRequestParams,
    ProgressNotificationParam, Prompt, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, Resource, ResourceTemplate, ServerConfig, SetLevelRequestParams,
    SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// One red pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
/// A sound without samples.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

/// How each of them is described; nobody chooses among them.
const FIXTURE: &str = "A fixture of the conformance suite.";

/// A list that has changed.
#[derive(Clone, Copy)]
enum Changed {
    Tools,
    Prompts,
}

/// The fixtures, and everything of ours.
#[derive(Clone)]
pub(crate) struct Fixtures {
    ours: Tasks,
    changes: broadcast::Sender<Changed>,
}

impl Fixtures {
    pub(crate) fn beside(ours: Tasks) -> Self {
        Self {
            ours,
            changes: broadcast::channel(16).0,
        }
    }
}

/// A value of the protocol as it looks on the wire.
fn wire<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| {
    let mut tools: Vec<Tool> = [
        "test_audio_content",
        "test_embedded_resource",
        "test_error_handling",
        "test_image_content",
        "test_input_required_result_capabilities",
        "test_input_required_result_elicitation",
        "test_input_required_result_list_roots",
        "test_input_required_result_multi_round",
        "test_input_required_result_multiple_inputs",
        "test_input_required_result_request_state",
        "test_input_required_result_sampling",
        "test_input_required_result_tampered_state",
        "test_logging_tool",
        "test_missing_capability",
        "test_multiple_content_types",
        "test_simple_text",
        "test_streaming_elicitation",
        "test_tool_with_logging",
        "test_tool_with_progress",
        "test_trigger_prompt_change",
        "test_trigger_tool_change",
    ]
    .map(|name| {
        wire(json!({"name": name, "description": FIXTURE, "inputSchema": {"type": "object"}}))
    })
    .into();
    tools.push(wire(json!({
        "name": "test_custom_headers",
        "description": FIXTURE,
        "inputSchema": {
            "type": "object",
            "properties": {
                "region": {"type": "string", "x-mcp-header": "Region"},
                "priority": {"type": "integer", "x-mcp-header": "Priority"},
                "urgent": {"type": "boolean", "x-mcp-header": "Urgent"},
                "query": {"type": "string"}
            }
        }
    })));
    tools.push(wire(json!({
        "name": "json_schema_2020_12_tool",
        "description": FIXTURE,
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "$defs": {
                "address": {
                    "$anchor": "addressDef",
                    "type": "object",
                    "properties": {"street": {"type": "string"}, "city": {"type": "string"}}
                }
            },
            "properties": {
                "name": {"type": "string"},
                "address": {"$ref": "#/$defs/address"},
                "contactMethod": {"type": "string", "enum": ["phone", "email"]},
                "phone": {"type": "string"},
                "email": {"type": "string"}
            },
            "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
            "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
            "then": {"required": ["phone"]},
            "else": {"required": ["email"]},
            "additionalProperties": false
        }
    })));
    tools
});

fn prompts() -> Vec<Prompt> {
    wire(json!([
        {"name": "test_input_required_result_prompt", "description": FIXTURE},
        {"name": "test_prompt_with_arguments", "description": FIXTURE, "arguments": [
            {"name": "arg1", "required": true},
            {"name": "arg2", "required": true}
        ]},
        {"name": "test_prompt_with_embedded_resource", "description": FIXTURE, "arguments": [
            {"name": "resourceUri", "required": true}
        ]},
        {"name": "test_prompt_with_image", "description": FIXTURE},
        {"name": "test_simple_prompt", "description": FIXTURE}
    ]))
}

fn resources() -> Vec<Resource> {
    wire(json!([
        {"uri": "test://static-binary", "name": "A picture", "mimeType": "image/png"},
        {"uri": "test://static-text", "name": "A text", "mimeType": "text/plain"},
        {"uri": "test://watched-resource", "name": "A resource to subscribe to", "mimeType": "text/plain"}
    ]))
}

fn templates() -> Vec<ResourceTemplate> {
    wire(json!([
        {"uriTemplate": "test://template/{id}/data", "name": "Data by id", "mimeType": "application/json"}
    ]))
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn picture() -> Value {
    json!({"type": "image", "data": PNG, "mimeType": "image/png"})
}

fn embedded(uri: &str) -> Value {
    json!({"type": "resource", "resource": {"uri": uri, "mimeType": "text/plain", "text": "What it holds."}})
}

/// A form with one field, to be put to the person.
fn form(message: &str, field: &str, kind: &str) -> Value {
    json!({"method": "elicitation/create", "params": {
        "mode": "form",
        "message": message,
        "requestedSchema": {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    }})
}

/// A question to the client's language model.
fn sampling(question: &str) -> Value {
    json!({"method": "sampling/createMessage", "params": {
        "messages": [{"role": "user", "content": text(question)}],
        "maxTokens": 50
    }})
}

fn roots() -> Value {
    json!({"method": "roots/list", "params": {}})
}

/// What is asked of the client under these names.
fn requests(requests: Value) -> InputRequests {
    wire(requests)
}

/// Whether everything that was asked has an answer that can be one.
fn answered(asked: &InputRequests, responses: Option<&InputResponses>) -> bool {
    asked
        .keys()
        .all(|name| responses.is_some_and(|given| given.get(name).is_some_and(Value::is_object)))
}

/// Asks, and asks again until everything is answered.
fn ask(asked: InputRequests, request: &CallToolRequestParams) -> CallToolResponse {
    if answered(&asked, request.input_responses.as_ref()) {
        complete(&[text("Everything was answered.")])
    } else {
        InputRequiredResult::from_input_requests(asked).into()
    }
}

/// Asks with a state, which has to come back as it was.
fn ask_with_state(
    asked: InputRequests,
    state: &str,
    request: &CallToolRequestParams,
) -> Result<CallToolResponse, ErrorData> {
    match request.request_state.as_deref() {
        None => Ok(InputRequiredResult::new(Some(asked), Some(state.to_owned())).into()),
        Some(given) if given == state => Ok(complete(&[text("state-ok")])),
        Some(_) => Err(altered_state()),
    }
}

fn altered_state() -> ErrorData {
    ErrorData::invalid_params("the state is not one that was handed out", None)
}

/// Two questions, one after the other.
fn ask_twice(request: &CallToolRequestParams) -> Result<CallToolResponse, ErrorData> {
    let (name, question, state) = match request.request_state.as_deref() {
        None => ("step1", form("What is your name?", "name", "string"), "1"),
        Some("1") => ("step2", form("Which color?", "color", "string"), "2"),
        Some("2") => return Ok(complete(&[text("Both were answered.")])),
        Some(_) => return Err(altered_state()),
    };
    let asked = requests(json!({name: question}));
    Ok(InputRequiredResult::new(Some(asked), Some(state.to_owned())).into())
}

fn complete(content: &[Value]) -> CallToolResponse {
    CallToolResult::success(wire(json!(content))).into()
}

/// Sends a message of the log to the client.
async fn log(context: &RequestContext<RoleServer>, message: &str) {
    let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
    context.peer.notify_logging_message(message).await.unwrap();
}

async fn report_progress(context: &RequestContext<RoleServer>) {
    if let Some(token) = context.meta.get_progress_token() {
        for percent in [0.0, 50.0, 100.0] {
            let progress = ProgressNotificationParam::new(token.clone(), percent).with_total(100.0);
            context.peer.notify_progress(progress).await.unwrap();
        }
    }
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.ours.get_info();
        let has = &mut info.capabilities;
        has.logging = Some(JsonObject::new());
        has.tools.as_mut().unwrap().list_changed = Some(true);
        has.prompts.as_mut().unwrap().list_changed = Some(true);
        has.resources.as_mut().unwrap().subscribe = Some(true);
        info
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let fixture = TOOLS.iter().find(|tool| tool.name == name).cloned();
        fixture.or_else(|| self.ours.get_tool(name))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut all = self.ours.list_tools(request, context).await?;
        all.tools.extend(TOOLS.clone());
        Ok(all)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(match request.name.as_ref() {
            "json_schema_2020_12_tool" | "test_custom_headers" | "test_simple_text" => {
                complete(&[text("A simple text.")])
            }
            "test_image_content" => complete(&[picture()]),
            "test_audio_content" => {
                complete(&[json!({"type": "audio", "data": WAV, "mimeType": "audio/wav"})])
            }
            "test_embedded_resource" => complete(&[embedded("test://embedded-resource")]),
            "test_multiple_content_types" => complete(&[
                text("Several kinds:"),
                picture(),
                embedded("test://mixed-content-resource"),
            ]),
            "test_error_handling" => {
                CallToolResult::error(wire(json!([text("This tool always fails.")]))).into()
            }
            "test_tool_with_logging" => {
                for message in ["Begun", "Going on", "Done"] {
                    log(&context, message).await;
                }
                complete(&[text("Logged.")])
            }
            "test_logging_tool" => {
                if context.meta.log_level().is_some() {
                    log(&context, "Asked for").await;
                }
                complete(&[text("Logged if asked for.")])
            }
            "test_tool_with_progress" => {
                report_progress(&context).await;
                complete(&[text("Progressed.")])
            }
            "test_missing_capability" => {
                let needed = ClientCapabilities::builder().enable_sampling().build();
                if context
                    .client_capabilities()
                    .is_none_or(|has| has.sampling.is_none())
                {
                    return Err(ErrorData::missing_required_client_capability(needed));
                }
                complete(&[text("The client can sample.")])
            }
            "test_streaming_elicitation" => {
                report_progress(&context).await;
                ask(
                    requests(json!({"ok": form("Shall I?", "ok", "boolean")})),
                    &request,
                )
            }
            "test_input_required_result_elicitation" => ask(
                requests(json!({"user_name": form("What is your name?", "name", "string")})),
                &request,
            ),
            "test_input_required_result_sampling" => ask(
                requests(json!({"capital_question": sampling("What is the capital of France?")})),
                &request,
            ),
            "test_input_required_result_list_roots" => {
                ask(requests(json!({"client_roots": roots()})), &request)
            }
            "test_input_required_result_request_state"
            | "test_input_required_result_tampered_state" => ask_with_state(
                requests(json!({"confirm": form("Please confirm", "ok", "boolean")})),
                "as it was",
                &request,
            )?,
            "test_input_required_result_multiple_inputs" => ask_with_state(
                requests(json!({
                    "user_name": form("What is your name?", "name", "string"),
                    "greeting": sampling("Write a greeting"),
                    "client_roots": roots()
                })),
                "as it was",
                &request,
            )?,
            "test_input_required_result_multi_round" => ask_twice(&request)?,
            "test_input_required_result_capabilities" => {
                let mut asked = InputRequests::new();
                let has = context.client_capabilities().unwrap_or_default();
                if has.elicitation.is_some() {
                    asked.extend(requests(json!({"form": form("Shall I?", "ok", "boolean")})));
                }
                if has.sampling.is_some() {
                    asked.extend(requests(json!({"question": sampling("Shall I?")})));
                }
                ask(asked, &request)
            }
            "test_trigger_tool_change" => {
                // Nobody may be listening.
                let _ = self.changes.send(Changed::Tools);
                complete(&[text("Told.")])
            }
            "test_trigger_prompt_change" => {
                let _ = self.changes.send(Changed::Prompts);
                complete(&[text("Told.")])
            }
            _ => return self.ours.call_tool(request, context).await,
        })
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut all = self.ours.list_prompts(request, context).await?;
        all.prompts.extend(prompts());
        Ok(all)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let argument = |name: &str| {
            let arguments = request.arguments.as_ref();
            arguments
                .and_then(|all| all.get(name)?.as_str())
                .unwrap_or_default()
        };
        let content = match request.name.as_str() {
            "test_simple_prompt" => text("A simple prompt."),
            "test_prompt_with_arguments" => {
                text(&format!("{} and {}", argument("arg1"), argument("arg2")))
            }
            "test_prompt_with_embedded_resource" => embedded(argument("resourceUri")),
            "test_prompt_with_image" => picture(),
            "test_input_required_result_prompt" => {
                let asked =
                    requests(json!({"user_context": form("Which context?", "context", "string")}));
                if !answered(&asked, request.input_responses.as_ref()) {
                    return Ok(InputRequiredResult::from_input_requests(asked).into());
                }
                text("With context.")
            }
            _ => return self.ours.get_prompt(request, context).await,
        };
        let messages = wire(json!([{"role": "user", "content": content}]));
        Ok(GetPromptResult::new(messages).into())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut all = self.ours.list_resources(request, context).await?;
        all.resources.extend(resources());
        Ok(all)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut all = self.ours.list_resource_templates(request, context).await?;
        all.resource_templates.extend(templates());
        Ok(all)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri.as_str();
        let contents = match uri {
            "test://static-text" | "test://watched-resource" => {
                json!({"uri": uri, "mimeType": "text/plain", "text": "A text."})
            }
            "test://static-binary" => json!({"uri": uri, "mimeType": "image/png", "blob": PNG}),
            "test://template/123/data" => {
                json!({"uri": uri, "mimeType": "application/json", "text": r#"{"id": "123"}"#})
            }
            _ => return self.ours.read_resource(request, context).await,
        };
        Ok(ReadResourceResult::new(wire(json!([contents]))).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        self.ours.complete(request, context).await
    }

    async fn set_level(
        &self,
        _: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn subscribe(
        &self,
        _: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(
        &self,
        _: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                change = changes.recv() => {
                    let sink = context.sink();
                    // What the client has not asked for is refused by the sink.
                    let _ = match change {
                        Ok(Changed::Tools) => sink.notify_tool_list_changed().await,
                        Ok(Changed::Prompts) => sink.notify_prompt_list_changed().await,
                        Err(_) => return Ok(()),
                    };
                }
            }
        }
    }
}
