//! What agents propose, on a page of its own.

use std::collections::{BTreeMap, BTreeSet};

use app::{Approved, WaitingProposal};
use askama::Template;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{ProposalId, Task, TaskId, View};
use serde::Deserialize;

use super::assistant::{Answer, approved};
use super::conversation::{Choice, choices};
use super::forms::{Bare, Form};
use super::frame::{Frame, Scene};
use super::{ChangeQuery, Visitor, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "proposals.html")]
struct ProposalsPage {
    frame: Frame,
    /// What did not go as it was proposed.
    notices: Vec<String>,
    proposals: Vec<ProposalView>,
}

/// A proposal, ready to be shown.
struct ProposalView {
    id: ProposalId,
    agent: String,
    when: String,
    until: String,
    lines: Vec<String>,
    /// The tasks it is about, where some can be left out.
    tasks: Vec<Choice>,
}

impl ProposalView {
    /// What it asks, in one line.
    fn question(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ChangeQuery>,
) -> Result<Response, Problem> {
    page(
        &server,
        &visitor,
        &uri.to_string(),
        query.change,
        None,
        Vec::new(),
    )
    .await
}

async fn page(
    server: &Server,
    visitor: &Visitor,
    back: &str,
    change: Option<i64>,
    problem: Option<String>,
    notices: Vec<String>,
) -> Result<Response, Problem> {
    let scene = Scene::of(server, visitor).await?;
    let proposals = server.app.proposals(&visitor.user).await?;
    let ids: BTreeSet<TaskId> = proposals
        .iter()
        .flat_map(|proposal| proposal.task_ids.iter().copied())
        .collect();
    let tasks = server.app.tasks(&visitor.user, ids).await?;
    let frame = scene.frame(back, change, problem).await?;
    let shown = |proposal| proposal_view(proposal, &tasks, &scene.view);
    Ok(html(&ProposalsPage {
        frame,
        notices,
        proposals: proposals.into_iter().map(shown).collect(),
    }))
}

fn proposal_view(
    proposal: WaitingProposal,
    tasks: &BTreeMap<TaskId, Task>,
    view: &View,
) -> ProposalView {
    let on = |at: jiff::Timestamp| {
        let at = at.to_zoned(view.now.time_zone().clone());
        at.strftime("%a %-d %b %H:%M").to_string()
    };
    let mut lines: Vec<String> = proposal.text.lines().map(str::to_owned).collect();
    let mut choices = choices(&proposal.proposal, tasks, view);
    for choice in &mut choices {
        // What would become of a task is said beside its box.
        let number = format!("{}. ", choice.id);
        if let Some(at) = lines.iter().position(|line| line.starts_with(&number)) {
            choice.title = lines.remove(at)[number.len()..].to_owned();
            choice.due = None;
        }
    }
    ProposalView {
        id: proposal.id,
        agent: proposal.agent,
        when: on(proposal.proposed_at),
        until: on(proposal.expires_at),
        lines,
        tasks: choices,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ProposalForm {
    answer: Answer,
    csrf: String,
    #[serde(default)]
    back: String,
    /// How many tasks can be left out; the checked ones are fields named by them.
    #[serde(default)]
    choices: usize,
    #[serde(flatten)]
    checked: BTreeMap<String, String>,
}

pub(super) async fn answer(
    visitor: Visitor,
    State(server): State<Server>,
    Path(id): Path<i64>,
    Form(form): Form<ProposalForm>,
) -> Result<Response, Problem> {
    let bare = Bare {
        csrf: form.csrf,
        back: form.back,
    };
    bare.check(&visitor)?;
    let (app, user, id) = (&server.app, &visitor.user, ProposalId(id));
    let answered = match approved(&form.answer, form.choices, &form.checked) {
        Approved::Nothing => app.dismiss_proposal(user, id).await.map(|()| None),
        Approved::All => app.accept_proposal(user, id, None).await.map(Some),
        Approved::Some(tasks) => app.accept_proposal(user, id, Some(&tasks)).await.map(Some),
    };
    match answered.map_err(Problem::from) {
        Ok(None) => Ok(Redirect::to(&bare.back("")).into_response()),
        Ok(Some(accepted)) => {
            let change = accepted.change_ids.last();
            // What did not go as proposed is stored nowhere, so it is said at once.
            if !accepted.notices.is_empty() {
                let change = change.map(|change| change.0);
                let back = "/proposals";
                return page(&server, &visitor, back, change, None, accepted.notices).await;
            }
            let change = change.map_or(String::new(), |change| format!("change={change}"));
            let back = bare.back(&change);
            Ok(Redirect::to(&match accepted.asked_again {
                Some(again) => format!("{back}#proposal-{}", again.id),
                None => back,
            })
            .into_response())
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let detail = Some(problem.detail().to_owned());
            let page = page(&server, &visitor, "/proposals", None, detail, Vec::new());
            Ok(problem.on(page.await?))
        }
    }
}
