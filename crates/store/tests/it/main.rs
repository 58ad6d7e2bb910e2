//! One suite for SQLite in memory, SQLite on disk and Postgres, all held against a model in memory.

#![expect(clippy::unwrap_used, reason = "all of this is tests")]

mod accounts;
mod commands;
mod concurrency;
mod contents;
mod database;
mod failures;
mod filters;
mod histories;
mod killed;
mod lists;
mod model;
mod proposals;
mod replica;
mod row_security;
mod watching;
