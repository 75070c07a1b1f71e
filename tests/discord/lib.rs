//! A fake Discord on loopback, as strict as the documentation: REST, gateway, the interactions endpoint and the people.
//!
//! The real serenity client is driven against it in tests and in the bench. A test says what people do (`Person`), reads
//! what they see (`World`, `Outcome`) and orders the trouble (`Fault`). It is no model of what Discord does beside bots:
//! no voice, no reactions.

mod cdn;
mod clock;
mod commands;
mod endpoint;
mod error;
mod fake;
mod faults;
mod gateway;
mod interactions;
mod mentions;
mod messages;
mod multipart;
mod options;
mod page;
mod payload;
mod people;
mod refusal;
mod rest;
mod rules;
mod server;
mod tls;
mod world;

pub use endpoint::{Answered, Sent};
pub use error::{ClientRefuses, FakeError};
pub use fake::FakeDiscord;
pub use faults::{Fault, FaultKind, Gate, Scope};
pub use gateway::{Connection, GatewayLog, Stamp};
pub use interactions::{Choice, Interaction, Kind, Modal, Response, State, TextInput, Times};
pub use mentions::Pings;
pub use messages::{Attachment, Button, Message};
pub use options::{ClockChoice, ExpiredToken, Options};
pub use people::{Asked, Input, Outcome, Person};
pub use world::{Channel, Guild, Id, Member, Place, RequestLog, Role, User, World, permission};
