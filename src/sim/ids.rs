//! Ids and ARNs: how the resources of an instance are named, and how a name that comes in is read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) type Id = Uuid;

/// The Region that answers; it is in every ARN and as `LastModifiedRegion`.
pub(crate) const REGION: &str = "us-east-1";
/// AWS's own example account.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The id of the directory, the same in every practice contact center.
pub(crate) const DIRECTORY_ID: &str = "d-9067f1d0c5";

/// The kinds of resources that have an id and an ARN inside the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    User,
    RoutingProfile,
    SecurityProfile,
    HierarchyGroup,
    HierarchyLevel,
    AgentStatus,
    Queue,
    QuickConnect,
    ContactFlow,
    HoursOfOperation,
    PhoneNumber,
    /// Known by its name; it has no ARN, and its id is never shown.
    PredefinedAttribute,
}

impl Kind {
    /// The kinds that have ARNs.
    const ALL: [Self; 11] = [
        Self::User,
        Self::RoutingProfile,
        Self::SecurityProfile,
        Self::HierarchyGroup,
        Self::HierarchyLevel,
        Self::AgentStatus,
        Self::Queue,
        Self::QuickConnect,
        Self::ContactFlow,
        Self::HoursOfOperation,
        Self::PhoneNumber,
    ];

    /// How the kind is called in an ARN.
    fn segment(self) -> &'static str {
        match self {
            Self::User => "agent",
            Self::RoutingProfile => "routing-profile",
            Self::SecurityProfile => "security-profile",
            Self::HierarchyGroup => "agent-group",
            Self::HierarchyLevel => "agent-group-level",
            Self::AgentStatus => "agent-state",
            Self::Queue => "queue",
            Self::QuickConnect => "transfer-destination",
            Self::ContactFlow => "contact-flow",
            Self::HoursOfOperation => "operating-hours",
            Self::PhoneNumber => "phone-number",
            Self::PredefinedAttribute => "predefined-attribute",
        }
    }

    /// How people call the kind.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::RoutingProfile => "routing profile",
            Self::SecurityProfile => "security profile",
            Self::HierarchyGroup => "hierarchy group",
            Self::HierarchyLevel => "hierarchy level",
            Self::AgentStatus => "agent status",
            Self::Queue => "queue",
            Self::QuickConnect => "quick connect",
            Self::ContactFlow => "contact flow",
            Self::HoursOfOperation => "hours of operation",
            Self::PhoneNumber => "phone number",
            Self::PredefinedAttribute => "predefined attribute",
        }
    }
}

/// The id that a seeded thing has in every practice contact center, so that transcripts stay the same.
pub(crate) fn seeded(kind: &str, name: &str) -> Id {
    let mut hash = Sha256::new();
    hash.update(b"connect-desk practice contact center\0");
    hash.update(kind.as_bytes());
    hash.update(b"\0");
    hash.update(name.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The id that a user has in the directory behind the instance.
pub(crate) fn directory_id(user: Id) -> String {
    seeded("directory user", &user.to_string()).to_string()
}

/// Where the ids of created resources come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdSource {
    Random,
    /// The number of ids given out so far; it is kept in the state file.
    Counted(u64),
}

impl IdSource {
    pub(crate) fn next(&mut self) -> Id {
        match self {
            Self::Random => uuid::Builder::from_random_bytes(rand::random()).into_uuid(),
            Self::Counted(given) => {
                *given += 1;
                seeded("created", &given.to_string())
            }
        }
    }

    pub(crate) fn given(self) -> u64 {
        match self {
            Self::Random => 0,
            Self::Counted(given) => given,
        }
    }
}

/// The instance's ARN and id, by which every other name is made and read.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) instance_id: Id,
    pub(crate) instance_arn: String,
}

impl Names {
    pub(crate) fn of(instance_id: Id) -> Self {
        Self {
            instance_id,
            instance_arn: format!("arn:aws:connect:{REGION}:{ACCOUNT}:instance/{instance_id}"),
        }
    }

    pub(crate) fn arn(&self, kind: Kind, id: Id) -> String {
        format!("{}{}/{id}", self.arn_prefix(kind), kind.segment())
    }

    /// Phone numbers belong to the account, everything else to the instance.
    fn arn_prefix(&self, kind: Kind) -> String {
        match kind {
            Kind::PhoneNumber => format!("arn:aws:connect:{REGION}:{ACCOUNT}:"),
            _ => format!("{}/", self.instance_arn),
        }
    }

    /// An agent's own queue has the agent's id; only its ARN tells the two apart.
    pub(crate) fn agent_queue_arn(&self, user: Id) -> String {
        format!("{}/queue/agent/{user}", self.instance_arn)
    }

    /// Whether the text is this instance's id or ARN.
    pub(crate) fn is_this_instance(&self, text: &str) -> bool {
        text == self.instance_arn || parse(text) == Some(self.instance_id)
    }

    /// The id in a bare id or in the ARN of such a resource of this instance.
    pub(crate) fn id(&self, kind: Kind, text: &str) -> Option<Id> {
        if !text.starts_with("arn:") {
            return parse(text);
        }
        let rest = text.strip_prefix(self.arn_prefix(kind).as_str())?;
        let rest = rest.strip_prefix(kind.segment())?.strip_prefix('/')?;
        match (kind, rest.strip_prefix("agent/")) {
            (Kind::Queue, Some(agent)) => parse(agent),
            _ => parse(rest),
        }
    }

    /// The kind and id that an ARN of this instance names.
    pub(crate) fn resource(&self, arn: &str) -> Option<(Kind, Id)> {
        Kind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, arn.starts_with("arn:").then(|| self.id(kind, arn))??)))
    }
}

/// Connect's ids are lower-case, with hyphens; the other spellings of a UUID name nothing.
fn parse(text: &str) -> Option<Id> {
    let id = Uuid::try_parse(text).ok()?;
    (id.to_string() == text).then_some(id)
}
