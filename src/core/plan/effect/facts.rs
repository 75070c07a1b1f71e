//! The facts of a step that an undo reads: what they are called where they are noted and where they are read.

/// The id of the user that the step made.
pub const USER_ID: &str = "user id";

/// The id of the hierarchy group that it made.
pub const GROUP_ID: &str = "group id";

pub const QUEUE_ID: &str = "queue id";

pub const ROUTING_PROFILE_ID: &str = "routing profile id";

/// In Salesforce everything was so before.
pub const ALREADY: &str = "already";

/// The id of the assignment in Salesforce that it made or removed.
pub const ASSIGNMENT: &str = "assignment";

/// The id of a quick connect that it made, or put into a queue.
pub fn quick_connect(name: &str) -> String {
    format!("quick connect {name}")
}

/// The id of an agent status that it made.
pub fn agent_status(name: &str) -> String {
    format!("agent status {name}")
}
