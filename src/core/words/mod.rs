//! What people type becomes a command and typed arguments; a line that is wrong is answered with the one that may be meant.

mod args;
mod kind;
mod line;
mod moment;
mod naming;
mod put_right;
mod read;
mod spec;
mod split;
mod typed;
mod value;

pub use args::{Args, LOGINS};
pub use kind::{has_password, is_like_a_code};
pub use moment::plain as plain_moment;
pub use naming::{Naming, Offers, Thing};
pub use put_right::{Parsed, SEVERAL_REQUESTS, has_code, is_settled, lines, parse, read};
pub use read::{Misread, Reading};
pub use spec::{Arg, EMERGENCY, Holds, Kind, LOGIN_ALSO, Need, REASON, Risk, Spec};
pub use split::{Word, quoted, split};
pub use typed::{AttachedFile, Typed, count, fits, joined};
pub use value::Value;
