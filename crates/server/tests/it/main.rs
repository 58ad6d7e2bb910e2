//! The doors, tried the way clients use them: the router in the same process, on SQLite in memory and on Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account_page;
mod accounts;
mod agent;
mod api;
mod assistant;
mod bad_input;
mod capture;
mod chat;
mod chatkit;
mod edge;
mod events;
mod external;
mod guests;
mod harness;
mod injection;
mod lists;
mod live;
mod mcp;
mod misbehaviour;
mod oauth;
mod page;
mod parse;
mod places;
mod proposals;
mod resume;
mod retention;
mod sharing;
mod talking;
mod walls;
