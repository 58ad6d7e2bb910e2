//! A small OpenAI-compatible server driven by a script: delay per token, faults, tool calls.
//!
//! A test starts one, points its client at [`Model::url`], and looks afterwards at what it was asked:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use scripted_model::{Model, Reply, Script};
//!
//! let model = Model::start(Script::replies([
//!     Reply::call("add_task", serde_json::json!({ "title": "milk" })),
//!     Reply::text("Added."),
//! ]))
//! .await;
//! assert_eq!(model.count(), 0);
//! # }
//! ```

mod delivery;
mod gate;
mod model;
mod pieces;
mod reply;
mod script;

pub use gate::Gate;
pub use model::Model;
pub use reply::{Call, Fault, Ids, Index, Reply, Shape};
pub use script::{Rule, Script, When};
