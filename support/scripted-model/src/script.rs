//! Which reply a request gets.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value;

use crate::Reply;

/// Chooses the reply to each request.
pub struct Script(Box<dyn Fn(&Value) -> Reply + Send + Sync>);

/// A reply and when it is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What must hold; always without it.
    #[serde(default)]
    pub when: When,
    /// What is answered.
    pub then: Reply,
}

/// What must hold of a request; nothing, if nothing is said.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// The last message of the user has these words in it, in either case.
    pub contains: Option<String>,
    /// So many results of tools have come since.
    pub round: Option<usize>,
}

impl Script {
    /// Gives one reply after another. Whoever asks for more gets a 500 that says so.
    pub fn replies(replies: impl IntoIterator<Item = Reply>) -> Self {
        let queue = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        Self::with(move |_| {
            let next = queue.lock().map(|mut queue| queue.pop_front());
            next.ok().flatten().unwrap_or_else(|| {
                Reply::status(500, "the script is over: this request was not expected")
            })
        })
    }

    /// Gives the reply of the first rule that fits. If none does, a 500 says so.
    pub fn rules(rules: Vec<Rule>) -> Self {
        Self::with(move |request| {
            rules
                .iter()
                .find(|rule| rule.when.fits(request))
                .map_or_else(
                    || Reply::status(500, "no rule of the script fits this request"),
                    |rule| rule.then.clone(),
                )
        })
    }

    /// Reads rules, as JSON: a list of `{"when": {"contains": "…", "round": 0}, "then": {"text": "…"}}`.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self::rules)
    }

    /// What is given to whoever starts the server by hand and has no script.
    pub fn demonstration() -> Result<Self, serde_json::Error> {
        Self::read(include_str!("../examples/demo.json"))
    }

    /// Asks a function.
    pub fn with(choose: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        Self(Box::new(choose))
    }

    pub(crate) fn reply(&self, request: &Value) -> Reply {
        (self.0)(request)
    }
}

impl std::fmt::Debug for Script {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Script")
    }
}

impl When {
    fn fits(&self, request: &Value) -> bool {
        let none = Vec::new();
        let messages = request["messages"].as_array().unwrap_or(&none);
        let asked = messages
            .iter()
            .rposition(|message| message["role"] == "user");
        let said = asked
            .and_then(|at| messages[at]["content"].as_str())
            .unwrap_or_default()
            .to_lowercase();
        let results = messages
            .iter()
            .skip(asked.map_or(0, |at| at + 1))
            .filter(|message| message["role"] == "tool")
            .count();
        self.contains
            .as_ref()
            .is_none_or(|words| said.contains(&words.to_lowercase()))
            && self.round.is_none_or(|round| round == results)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Script;

    #[test]
    fn the_demonstration_is_readable() {
        let ask = |text: &str| json!({ "messages": [{ "role": "user", "content": text }] });
        let script = Script::demonstration().unwrap();
        assert_eq!(script.reply(&ask("please ADD milk")).calls.len(), 1);
        assert!(!script.reply(&ask("what is this?")).text.is_empty());
    }

    #[test]
    fn results_count_since_the_last_message_of_the_user() {
        let script = Script::read(
            r#"[{ "when": { "round": 1 }, "then": { "text": "one" } }, { "then": { "text": "other" } }]"#,
        )
        .unwrap();
        let tool = json!({ "role": "tool", "content": "" });
        let user = json!({ "role": "user", "content": "" });
        let reply = |messages: Vec<_>| script.reply(&json!({ "messages": messages })).text;
        assert_eq!(reply(vec![user.clone(), tool.clone()]), "one");
        assert_eq!(reply(vec![user.clone(), tool, user]), "other");
    }
}
