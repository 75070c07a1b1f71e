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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_is_told_what_they_may_not() {
        let by = By { id: "console:1001".parse().unwrap(), name: "helpdesk".to_owned() };
        for (id, message, told) in [
            (
                "no_rule",
                "You don't have a role here, so you may not use `/connect reset`.",
                "`helpdesk` isn't allowed to request this here.",
            ),
            (
                "above_ceiling",
                "`a` has `Admin`: more than your role (l1) may change.",
                "`a` has `Admin`: more than `helpdesk`'s role (l1) may change.",
            ),
            (
                "emergencies_used_up",
                "You've used all 3 of your emergencies.",
                "`helpdesk` was told: You've used all 3 of your emergencies.",
            ),
            ("frozen", "Young users are frozen.", "Young users are frozen."),
            ("user_unknown", "No user `jon.doe`.", "No user `jon.doe`."),
        ] {
            let said = for_others(Problem::requester(id, message).hint("Ask."), &by);
            assert_eq!(said.message, told);
            assert_eq!(said.hint, "Ask.");
        }
    }
}
