//! ChatKit's front end, on a page of its own, if there is a key for it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{Visitor, assets, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "chatkit.html")]
struct ChatKitPage {
    /// The folder of the files it loads.
    assets: &'static str,
    key: String,
}

pub(super) async fn show(
    State(server): State<Server>,
    visitor: Result<Visitor, Response>,
) -> Result<Response, Response> {
    let Some(key) = &server.edge.chatkit_domain_key else {
        return Err(Problem::not_found().into_response());
    };
    visitor?;
    Ok(html(&ChatKitPage {
        assets: assets::folder(),
        key: key.clone(),
    }))
}
