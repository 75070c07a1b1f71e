//! Parts of the Discord adapter by themselves.

mod button;
mod connections;
mod draw;
mod inbox;
mod people;
mod seen;
mod starts;
mod tree;
