//! Parts of the adapters by themselves.

mod aws;
mod connect;
mod pages;
mod salesforce;
