//! A provider as it is asked: its address, its key, and what has been learned about it.

use std::sync::{Mutex, PoisonError};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use url::Url;

use crate::breaker::Breaker;
use crate::provider::{BuildError, Provider};
use crate::wire::Fields;

/// Where a provider is asked.
#[derive(Debug)]
pub(crate) struct Endpoint {
    http: reqwest::Client,
    url: Url,
    authorization: Option<HeaderValue>,
    fields: Mutex<Fields>,
    pub(crate) breaker: Breaker,
}

impl Endpoint {
    pub(crate) fn new(http: reqwest::Client, provider: &Provider) -> Result<Self, BuildError> {
        let url = provider
            .completions_url()
            .ok_or_else(|| BuildError::Address(provider.name.clone()))?;
        let authorization = match &provider.key {
            None => None,
            Some(key) => {
                let header = key.authorization();
                Some(header.ok_or_else(|| BuildError::Key(provider.name.clone()))?)
            }
        };
        Ok(Self {
            http,
            url,
            authorization,
            fields: Mutex::default(),
            breaker: Breaker::default(),
        })
    }

    pub(crate) fn post(&self, body: Vec<u8>) -> reqwest::RequestBuilder {
        let mut request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let mut trace = HeaderMap::new();
        telemetry::traceparent(&mut trace);
        request = request.headers(trace);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request
    }

    /// What it is sent, as far as is known.
    pub(crate) fn fields(&self) -> Fields {
        *self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what it takes.
    pub(crate) fn learn(&self, fields: Fields) {
        *self.fields.lock().unwrap_or_else(PoisonError::into_inner) = fields;
    }
}
