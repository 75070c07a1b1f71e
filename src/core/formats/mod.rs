//! What comes from outside as text: logs of the agents' softphone, files of users.

pub mod ccplog;
pub mod ccpsigns;
mod ccptimeline;
pub mod sheet;
