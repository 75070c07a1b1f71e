use desk_core::center::security::in_words;

#[test]
fn permissions_are_said_as_the_admin_website_says_them() {
    for (permission, area, action) in [
        ("Users.Create", "Users", "create"),
        ("Queues.EnableAndDisable", "Queues", "enable and disable"),
        ("TransferDestinations.View", "Quick connects", "view"),
        ("BasicAgentAccess", "Contact Control Panel (CCP)", "access"),
        // A new one is shown as it is.
        ("CustomerProfiles2.SeeAll", "Customer profiles2", "see all"),
        ("QuantumAccess", "Quantum access", "allowed"),
        ("", "", "allowed"),
    ] {
        assert_eq!(in_words(permission), (area.to_owned(), action.to_owned()), "{permission}");
    }
}
