//! What the practice contact center promises, said in requests and answers.

#![allow(
    clippy::unwrap_used,
    reason = "what tests share is test code too, which the lint sees in test functions only"
)]

#[macro_use]
#[path = "../support/table.rs"]
mod table;

mod contacts;
mod control;
mod directory;
mod durability;
mod hierarchy;
mod hours;
mod house;
mod http;
mod lag;
mod lists;
mod live;
mod metrics;
mod names;
mod queues;
mod quick_connects;
mod quotas;
mod requests;
mod routing_profiles;
mod salesforce;
mod search;
mod seeds;
mod statuses;
mod support;
mod tags;
mod updates;
mod users;
mod writes;
