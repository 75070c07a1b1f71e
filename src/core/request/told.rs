//! What the requester was told, as others read it on the card.

use crate::basics::problem::Problem;
use crate::basics::text::code;
use crate::log::By;

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
