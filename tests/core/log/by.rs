use desk_core::basics::problem::Problem;
use desk_core::log::{By, for_others};

#[test]
fn nobody_else_is_told_what_they_may_not() {
    let by = By { id: "console:1001".parse().unwrap(), name: "helpdesk".to_owned() };
    for (id, message, told) in table! {
        ("no_rule", "You don't have a role here, so you may not use `/connect reset`.", "`helpdesk` isn't allowed to request this here."),
        ("above_ceiling", "`a` has `Admin`: more than your role (l1) may change.", "`a` has `Admin`: more than `helpdesk`'s role (l1) may change."),
        ("emergencies_used_up", "You've used all 3 of your emergencies.", "`helpdesk` was told: You've used all 3 of your emergencies."),
        ("frozen", "Young users are frozen.", "Young users are frozen."),
        ("user_unknown", "No user `jon.doe`.", "No user `jon.doe`."),
    } {
        let said = for_others(Problem::requester(id, message).hint("Ask."), &by);
        assert_eq!(said.message, told);
        assert_eq!(said.hint, "Ask.");
    }
}
