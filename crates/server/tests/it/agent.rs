//! An agent that speaks MCP over HTTP, one message a request.

use domain::Access;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Harness, request};

/// Somebody else's agent, with a token.
pub(crate) struct Agent<'a> {
    harness: &'a Harness,
    pub(crate) token: String,
}

impl<'a> Agent<'a> {
    /// One that acts for `owner`.
    pub(crate) async fn new(
        harness: &'a Harness,
        owner: &Client,
        name: &str,
        access: Access,
    ) -> Self {
        let from = accounts::Client::default();
        let made = harness
            .accounts
            .create_token(&owner.id, name, access, None, &from);
        Self {
            harness,
            token: made.await.unwrap().secret,
        }
    }

    /// Sends a message and gives the answer as it comes.
    pub(crate) async fn post(&self, message: &Value, more: &[(&str, &str)]) -> Answer {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![
            ("authorization", authorization.as_str()),
            ("accept", "application/json, text/event-stream"),
            ("host", "todo.test"),
        ];
        headers.extend(more);
        self.harness
            .send(request("POST", "/mcp", &headers, Some(message)))
            .await
    }

    /// The answer to a request: all of the JSON-RPC message.
    pub(crate) async fn ask(&self, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(&message, &[]).await;
        assert_eq!(answer.status, 200, "{method}: {answer:?}");
        answer.json()
    }

    /// What a request comes to.
    pub(crate) async fn result(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// What a tool answers, as data.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        let result = self.called(tool, arguments).await;
        assert_eq!(result["isError"], false, "{tool}: {result}");
        result["structuredContent"].clone()
    }

    /// What a tool answers in words, with or without success.
    pub(crate) async fn words(&self, tool: &str, arguments: Value) -> String {
        let result = self.called(tool, arguments).await;
        assert_eq!(result["content"].as_array().unwrap().len(), 1, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Why a tool does nothing.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.called(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool}: {result}");
        // Some clients hold it against the schema of answers, and throw the words away.
        assert!(result["structuredContent"].is_null(), "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn called(&self, tool: &str, arguments: Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.result("tools/call", params).await
    }
}
