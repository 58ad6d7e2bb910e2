//! Settings of what is told and where it goes.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context;
use clap::Args;
use sentry::types::Dsn;
use url::Url;

use super::{ErrorReports, TraceCollector};
use crate::config::without_password;

/// Where figures are shown, and where traces and errors go. Without any of it there is the log alone.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportingConfig {
    /// The address of a listener for figures (`/metrics`) alone; there is none unless this or `METRICS_PORT` is set.
    #[arg(long, env, global = true)]
    metrics_host: Option<IpAddr>,
    /// The port of that listener; 9464 if only `METRICS_HOST` is set.
    #[arg(long, env, global = true)]
    metrics_port: Option<u16>,
    /// Where traces are collected by OTLP over HTTP, such as `http://127.0.0.1:4318`; none are sent without it.
    #[arg(long, env, global = true, value_name = "URL")]
    otel_exporter_otlp_endpoint: Option<Url>,
    /// Headers that go along with traces, as `name=value,name=value`.
    #[arg(
        long,
        env,
        global = true,
        hide_env_values = true,
        value_name = "HEADERS"
    )]
    otel_exporter_otlp_headers: Option<String>,
    /// What traces call this server.
    #[arg(long, env, global = true, default_value = "sayso", value_name = "NAME")]
    otel_service_name: String,
    /// Where errors are reported to, as Sentry and what is like it write it; none are without it.
    #[arg(long, env, global = true, hide_env_values = true, value_name = "DSN")]
    sentry_dsn: Option<Dsn>,
    /// What reports call the place where this server runs.
    #[arg(
        long,
        env,
        global = true,
        default_value = "production",
        value_name = "NAME"
    )]
    sentry_environment: String,
}

impl ReportingConfig {
    /// Where to listen for those who ask for figures. `None` if nobody may.
    pub(crate) fn metrics_address(&self) -> Option<SocketAddr> {
        const PORT: u16 = 9464;
        (self.metrics_host.is_some() || self.metrics_port.is_some()).then(|| {
            // Not where the server listens: that may be for everybody.
            let host = self.metrics_host.unwrap_or(Ipv4Addr::LOCALHOST.into());
            SocketAddr::new(host, self.metrics_port.unwrap_or(PORT))
        })
    }

    /// Where traces go. `None` if nobody collects them.
    ///
    /// # Errors
    /// Headers that are none.
    pub(crate) fn traces(&self) -> anyhow::Result<Option<TraceCollector>> {
        let Some(endpoint) = self.otel_exporter_otlp_endpoint.clone() else {
            return Ok(None);
        };
        let mut headers = HashMap::new();
        let listed = self.otel_exporter_otlp_headers.as_deref();
        for header in listed.unwrap_or_default().split(',').map(str::trim) {
            if header.is_empty() {
                continue;
            }
            let (name, value) = header
                .split_once('=')
                .context("write OTEL_EXPORTER_OTLP_HEADERS as name=value,name=value")?;
            headers.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        Ok(Some(TraceCollector {
            endpoint,
            headers,
            service_name: self.otel_service_name.clone(),
        }))
    }

    /// Where errors are reported. `None` if nobody wants to know.
    pub(crate) fn error_reports(&self) -> Option<ErrorReports> {
        self.sentry_dsn.clone().map(|dsn| ErrorReports {
            dsn,
            environment: self.sentry_environment.clone(),
        })
    }

    /// What is in force, with secrets as `secret` shows them.
    pub(crate) fn listed(&self, secret: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
        let text = |value: Option<String>| value.unwrap_or_default();
        let set = |value: &Option<String>| value.as_deref().map(&secret).unwrap_or_default();
        vec![
            (
                "METRICS_HOST",
                text(self.metrics_host.map(|host| host.to_string())),
            ),
            (
                "METRICS_PORT",
                text(self.metrics_port.map(|port| port.to_string())),
            ),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                text(
                    self.otel_exporter_otlp_endpoint
                        .as_ref()
                        .map(|url| without_password(url.as_str(), &secret)),
                ),
            ),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                set(&self.otel_exporter_otlp_headers),
            ),
            ("OTEL_SERVICE_NAME", self.otel_service_name.clone()),
            (
                "SENTRY_DSN",
                set(&self.sentry_dsn.as_ref().map(ToString::to_string)),
            ),
            ("SENTRY_ENVIRONMENT", self.sentry_environment.clone()),
        ]
    }
}
