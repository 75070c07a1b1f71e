//! Who did something, and what they were told as others read it.

use serde::{Deserialize, Serialize};

use crate::basics::ids::PersonId;
use crate::basics::problem::Problem;
use crate::basics::roles::Person;
use crate::basics::text::code;

/// Who did something: the account, and what it was called at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    pub id: PersonId,
    pub name: String,
}

impl From<&Person> for By {
    fn from(person: &Person) -> By {
        By { id: person.id.clone(), name: person.name.clone() }
    }
}

impl By {
    /// A person of whom nothing but the account is known: they are gone, or were not asked for.
    pub fn as_person(&self) -> Person {
        Person {
            id: self.id.clone(),
            name: self.name.clone(),
            roles: Default::default(),
            login: None,
            also: Default::default(),
        }
    }
}

/// The same problem for anyone who reads along: "you" is the requester only to the requester.
pub fn for_others(problem: Problem, requester: &By) -> Problem {
    let who = code(&requester.name);
    let message = match problem.code.as_str() {
        "no_rule" => format!("{who} isn't allowed to request this here."),
        "about_oneself" => format!("{who} can't request this for their own user."),
        "not_on_call_now" => format!("{who} is not on call now."),
        _ if problem.message.contains("your role") => {
            problem.message.replace("your role", &format!("{who}'s role"))
        }
        _ if is_to_one_person(&problem.message) => format!("{who} was told: {}", problem.message),
        _ => return problem,
    };
    Problem { message, ..problem }
}

fn is_to_one_person(message: &str) -> bool {
    let words = message.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}'));
    let mut words = words.map(str::to_lowercase);
    words.any(|word| matches!(word.as_str(), "you" | "your" | "yours" | "you've" | "you're" | "yourself"))
}
