//! What comes from outside as text: addresses, logs of the agents' softphone, files of users.

pub mod address;
pub mod ccplog;
pub mod sheet;
