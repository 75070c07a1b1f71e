//! Parts of the store by themselves.

mod kept;
mod lease;
mod prepared;
mod terms;
mod vault;
