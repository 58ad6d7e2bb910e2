//! The table of API routes: one definition makes the router and the `OpenAPI` document.
//!
//! An own table rather than a documentation crate: the types are described by `schemars` already, for tools and
//! commands, and the table is also what tests walk, so that a new route cannot be forgotten.

use axum::http::Method;
use axum::routing::MethodRouter;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::Server;

/// Makes the schema of a type.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// One route of the API.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Below the user's prefix.
    pub(crate) path: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) query: Option<Describe>,
    pub(crate) body: Option<Describe>,
    pub(crate) body_required: bool,
    pub(crate) status: u16,
    pub(crate) answer: Option<Describe>,
    pub(crate) handler: MethodRouter<Server>,
}

impl Route {
    pub(crate) fn new(
        method: Method,
        path: &'static str,
        tag: &'static str,
        summary: &'static str,
        handler: MethodRouter<Server>,
    ) -> Self {
        Self {
            method,
            path,
            tag,
            summary,
            query: None,
            body: None,
            body_required: true,
            status: 200,
            answer: None,
            handler,
        }
    }

    /// It takes a query.
    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        Self {
            query: Some(SchemaGenerator::root_schema_for::<T> as fn(&mut _) -> _),
            ..self
        }
    }

    /// It takes a JSON body.
    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        Self {
            body: Some(SchemaGenerator::subschema_for::<T>),
            ..self
        }
    }

    /// It takes a JSON body, which may be left out.
    pub(crate) fn optional_body<T: JsonSchema>(self) -> Self {
        Self {
            body_required: false,
            ..self.body::<T>()
        }
    }

    /// It answers with JSON and this status.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16) -> Self {
        Self {
            status,
            answer: Some(SchemaGenerator::subschema_for::<T>),
            ..self
        }
    }

    /// It answers with this status and nothing else.
    pub(crate) fn answers_nothing(self, status: u16) -> Self {
        Self {
            status,
            answer: None,
            ..self
        }
    }
}
