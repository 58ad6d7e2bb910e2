//! Agents that call tools over MCP, each call a request of its own, as the protocol is without sessions.

use std::time::Instant;

use serde_json::json;

use crate::client::{Connection, Request};
use crate::process::{self, Process};
use crate::{LIST, load};

/// Connections at once; 500 is as many as the burst.
const CONNECTIONS: [usize; 4] = [1, 10, 50, 500];
/// Calls that come in at the same moment.
const BURST: usize = 500;

/// A call of a tool.
fn call(token: &str, tool: &str, arguments: &serde_json::Value) -> Request {
    let params = json!({ "name": tool, "arguments": arguments });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    Request::accepting_all("POST", "/mcp", token, &message.to_string())
}

/// One user with a list of the usual length, whose agents call tools.
pub(crate) async fn measure(database: &str) -> anyhow::Result<()> {
    process::sayso(database, &["migrate"])?;
    let server = Process::start(database).await?;
    let token = process::sayso(database, &["token", "create", "--name", "bench"])?;
    let tasks: Vec<_> = (0..LIST)
        .map(|n| json!({ "title": format!("Water plant {n}"), "due": format!("2030-01-{:02}", n % 28 + 1) }))
        .collect();
    let mut connection = Connection::open(server.address).await?;
    let added = call(&token, "add_tasks", &json!({ "tasks": tasks }));
    let answer = connection.ask(&added).await?.json()?;
    anyhow::ensure!(answer["result"]["isError"] == false, "{answer}");
    let list = call(&token, "list_tasks", &json!({ "limit": LIST }));
    println!(
        "\n| call | connections | calls | per s | p50 ms | p95 ms | p99 ms | CPU ms a call | memory MB | failed |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for connections in CONNECTIONS {
        load(
            "list_tasks of 100",
            &server,
            &vec![list.clone(); connections],
        )
        .await?;
    }
    for connections in CONNECTIONS {
        let add = call(&token, "add_task", &json!({ "title": "Buy milk" }));
        load("add_task", &server, &vec![add; connections]).await?;
    }
    burst(&server, &list).await
}

/// Every connection is open already; then all of them call at once, each once.
async fn burst(server: &Process, request: &Request) -> anyhow::Result<()> {
    let mut open = Vec::new();
    for _ in 0..BURST {
        open.push(Connection::open(server.address).await?);
    }
    let started = Instant::now();
    let calls: Vec<_> = open
        .into_iter()
        .map(|mut connection| {
            let request = request.clone();
            tokio::spawn(async move {
                let status = connection.send(&request).await?;
                anyhow::ensure!(status == 200, "{status}");
                anyhow::Ok(started.elapsed())
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for call in calls {
        latencies.push(call.await??);
    }
    latencies.sort();
    let ms = |n: usize| latencies[n].as_secs_f64() * 1000.0;
    println!(
        "\n- {BURST} calls of list_tasks at the same moment: none failed, the first answered after {:.1} ms, half after \
         {:.1} ms, p95 {:.1} ms, all after {:.1} ms",
        ms(0),
        ms(BURST / 2),
        ms(BURST * 95 / 100),
        ms(BURST - 1)
    );
    Ok(())
}
