//! What a freeze covers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::basics::problem::Problem;
use crate::basics::text::{code, is_within, name_key, path_key, whole};
use crate::plan::Impact;

/// What a freeze covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Everything,
    Login(String),
    /// A hierarchy group by its path, and those below it.
    Group(String),
}

impl FromStr for Scope {
    type Err = Problem;

    /// `all`, `group:East/Team 1`, or a login.
    fn from_str(typed: &str) -> Result<Scope, Problem> {
        let typed = typed.trim();
        match typed.split_once(':') {
            None if typed.eq_ignore_ascii_case("all") => Ok(Scope::Everything),
            None => crate::basics::ids::login(typed).map(Scope::Login),
            Some((word, path)) if word.eq_ignore_ascii_case("group") && !path.trim().is_empty() => {
                Ok(Scope::Group(path.trim().to_owned()))
            }
            Some(_) => Err(Problem::requester("freeze_scope", format!("{} can't be frozen.", code(typed)))
                .hint("Type `all`, a login, or `group:` with the path of a hierarchy group.")),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Everything => f.write_str("everything"),
            Scope::Login(login) => f.write_str(&whole(login)),
            Scope::Group(path) => write!(f, "the group {}", whole(path)),
        }
    }
}

impl Scope {
    pub fn covers(&self, impact: &Impact) -> bool {
        match self {
            Scope::Everything => true,
            Scope::Login(login) => impact.logins.contains(&*name_key(login)),
            Scope::Group(group) => {
                let group = path_key(group);
                impact.groups.iter().any(|path| is_within(path, &group))
            }
        }
    }
}
