//! What comes from outside as text: logs of the agents' softphone, files of users.

pub mod ccplog;
pub mod sheet;
