//! Settings of language models: who is asked, when, and how far.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use agent::{Key, Models, Provider};
use anyhow::Context;
use app::{ModelLimits, ModelSettings};
use clap::{Args, ValueEnum};
use domain::ModelMode;
use serde::Deserialize;
use url::Url;

/// Who is asked when the engine is unsure, and how far. Without any of the keys nobody is.
#[derive(Debug, Clone, Args)]
pub(crate) struct ModelConfig {
    /// A key of `OpenAI`, or of whoever is at `OPENAI_BASE_URL`.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "KEY")]
    openai_api_key: Option<String>,
    /// Where an `OpenAI`-compatible API is; `OpenAI`'s own without it.
    #[arg(long, env, global = true, value_name = "URL")]
    openai_base_url: Option<Url>,
    /// The model that is asked there.
    #[arg(
        long,
        env,
        global = true,
        default_value = "gpt-4.1-mini",
        value_name = "NAME"
    )]
    openai_model: String,
    /// A key of Google's Gemini.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "KEY")]
    gemini_api_key: Option<String>,
    /// The model of Gemini that is asked.
    #[arg(
        long,
        env,
        global = true,
        default_value = "gemini-2.5-flash",
        value_name = "NAME"
    )]
    gemini_model: String,
    /// Other OpenAI-compatible APIs, asked before those: a JSON list of `{"name", "url", "model", "key"}`.
    #[arg(
        long = "models",
        env = "SAYSO_MODELS",
        global = true,
        hide_env_values = true,
        value_name = "JSON"
    )]
    models: Option<String>,
    /// When a model is asked: `unsure`, when the engine does not understand; `first`; or `rules`, never, whatever users say.
    #[arg(
        long,
        env,
        global = true,
        default_value = "unsure",
        value_name = "WHEN"
    )]
    model_mode: ModelMode,
    /// Seconds to wait for the first word of a model, and for each next one.
    #[arg(
        long,
        env,
        global = true,
        default_value_t = 30.0,
        value_name = "SECONDS"
    )]
    model_timeout: f64,
    /// Seconds that one reply may take, all its requests together.
    #[arg(
        long,
        env,
        global = true,
        default_value_t = 120.0,
        value_name = "SECONDS"
    )]
    model_reply_timeout: f64,
    /// Replies that models write at once in this process; one more is told to come back.
    #[arg(long, env, global = true, default_value_t = const { NonZeroUsize::new(100).unwrap() }, value_name = "NUMBER")]
    model_replies: NonZeroUsize,
    /// Requests to models that one user may cause on a day; as many as they like without it.
    #[arg(long, env, global = true, value_name = "NUMBER")]
    model_user_requests: Option<NonZeroU64>,
    /// Tokens that one user may use on a day; as many as they like without it.
    #[arg(long, env, global = true, value_name = "NUMBER")]
    model_user_tokens: Option<NonZeroU64>,
    /// Requests to models that everybody together may cause on a day; as many as they like without it.
    #[arg(long, env, global = true, value_name = "NUMBER")]
    model_requests: Option<NonZeroU64>,
    /// Tokens that everybody together may use on a day; as many as they like without it.
    #[arg(long, env, global = true, value_name = "NUMBER")]
    model_tokens: Option<NonZeroU64>,
}

/// One of `SAYSO_MODELS`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    name: Option<String>,
    url: Url,
    model: String,
    key: Option<String>,
}

impl ModelConfig {
    /// The models to ask, in order.
    ///
    /// # Errors
    /// A list that cannot be read, or an address that is none of the web.
    pub(crate) fn models(&self) -> anyhow::Result<Models> {
        let seconds = |seconds: f64, name: &str| {
            Duration::try_from_secs_f64(seconds)
                .ok()
                .filter(|duration| !duration.is_zero())
                .with_context(|| format!("{name} is a number of seconds above 0"))
        };
        let patience = seconds(self.model_timeout, "MODEL_TIMEOUT")?;
        let settings = agent::Settings {
            first_byte_timeout: patience,
            silence_timeout: patience,
            ..agent::Settings::default()
        };
        Ok(Models::new(self.providers()?, settings)?)
    }

    fn providers(&self) -> anyhow::Result<Vec<Provider>> {
        let mut providers = Vec::new();
        let list = self.models.as_deref().map(str::trim);
        if let Some(list) = list.filter(|list| !list.is_empty()) {
            let others: Vec<Other> = serde_json::from_str(list).context(
                "SAYSO_MODELS is not a JSON list such as [{\"url\": \"http://127.0.0.1:11434/v1\", \"model\": \"llama3.2\"}]",
            )?;
            for other in others {
                let host = other.url.host_str().unwrap_or_default().to_owned();
                providers.push(Provider {
                    name: other.name.unwrap_or(host),
                    base_url: other.url,
                    key: other.key.as_deref().and_then(Key::new),
                    model: other.model,
                });
            }
        }
        let key = self.openai_api_key.as_deref().and_then(Key::new);
        if key.is_some() || self.openai_base_url.is_some() {
            let usual = || Url::parse("https://api.openai.com/v1");
            providers.push(Provider {
                name: "openai".to_owned(),
                base_url: self.openai_base_url.clone().map_or_else(usual, Ok)?,
                key,
                model: self.openai_model.clone(),
            });
        }
        if let Some(key) = self.gemini_api_key.as_deref().and_then(Key::new) {
            let url = "https://generativelanguage.googleapis.com/v1beta/openai";
            providers.push(Provider {
                name: "gemini".to_owned(),
                base_url: Url::parse(url)?,
                key: Some(key),
                model: self.gemini_model.clone(),
            });
        }
        Ok(providers)
    }

    /// When and how far they are asked.
    ///
    /// # Errors
    /// A time that is none.
    pub(crate) fn settings(&self) -> anyhow::Result<ModelSettings> {
        let reply_timeout = Duration::try_from_secs_f64(self.model_reply_timeout)
            .context("MODEL_REPLY_TIMEOUT is a number of seconds")?;
        let number = |limit: Option<NonZeroU64>| limit.map(NonZeroU64::get);
        Ok(ModelSettings {
            mode: self.model_mode,
            replies_max: self.model_replies.get(),
            reply_timeout,
            limits: ModelLimits {
                user_requests: number(self.model_user_requests),
                user_tokens: number(self.model_user_tokens),
                requests: number(self.model_requests),
                tokens: number(self.model_tokens),
            },
        })
    }

    /// What is in force, with secrets as `secret` shows them.
    pub(crate) fn listed(&self, secret: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
        let set = |value: &Option<String>| value.as_deref().map(&secret).unwrap_or_default();
        let number =
            |limit: Option<NonZeroU64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
        let url = self.openai_base_url.as_ref().map(ToString::to_string);
        let mode = self.model_mode.to_possible_value();
        vec![
            ("OPENAI_API_KEY", set(&self.openai_api_key)),
            ("OPENAI_BASE_URL", url.unwrap_or_default()),
            ("OPENAI_MODEL", self.openai_model.clone()),
            ("GEMINI_API_KEY", set(&self.gemini_api_key)),
            ("GEMINI_MODEL", self.gemini_model.clone()),
            ("SAYSO_MODELS", set(&self.models)),
            (
                "MODEL_MODE",
                mode.map(|mode| mode.get_name().to_owned())
                    .unwrap_or_default(),
            ),
            ("MODEL_TIMEOUT", self.model_timeout.to_string()),
            ("MODEL_REPLY_TIMEOUT", self.model_reply_timeout.to_string()),
            ("MODEL_REPLIES", self.model_replies.to_string()),
            ("MODEL_USER_REQUESTS", number(self.model_user_requests)),
            ("MODEL_USER_TOKENS", number(self.model_user_tokens)),
            ("MODEL_REQUESTS", number(self.model_requests)),
            ("MODEL_TOKENS", number(self.model_tokens)),
        ]
    }
}
