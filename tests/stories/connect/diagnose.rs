use crate::support::Story;

#[tokio::test]
async fn every_check_of_the_guide_has_a_verdict() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/connect diagnose hugo.berg", "No email is on file, so no reset email can arrive.", "≠works once") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_the_desk_did_is_part_of_the_answer() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect edit john.doe email:jd@example.org"),
        ("helpdesk", "/connect diagnose john.doe problem:email", "file is `jd@example.org`.", "! The desk changed their email at 09:00 UTC, requested by helpdesk (#1)."),
    }
}

#[tokio::test]
async fn a_login_that_is_not_there_leads_to_the_nearest_one() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect diagnose John.Doe", "No user `John.Doe`. Logins are case-sensitive.", "→ /connect diagnose john.doe"),
        ("helpdesk", "✓ /connect remove mei.chen"),
        ("helpdesk", "/connect diagnose mei.chen", "The desk removed a user with this login at 09:00 UTC", "/connect restore mei.chen"),
    }
}

#[tokio::test]
async fn somebody_at_work_and_somebody_with_many_rights_are_looked_at() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect diagnose abigail.stone", "! `abigail.stone` is active (`Available` since 08:43 UTC). They were signed in then"),
        ("helpdesk", "/connect diagnose noah.green problem:reset", "They have more permissions than an agent. Only someone with the role"),
    }
    // Only profiles that open it are named, and only what the reader may do is offered.
    for (who, login, opens, recreates) in table! {
        ("helpdesk", "john.doe", "✓ `Agent` opens the contact control panel.", true),
        ("helpdesk", "omar.aziz", "✓ `Agent` opens the contact control panel.", false),
        ("admin", "omar.aziz", "✓ `Agent` opens the contact control panel.", true),
        ("helpdesk", "quinn.harper", "✗ `QualityAnalyst` does not open the contact control panel", false),
    } {
        let told = story.told(who, &format!("/connect diagnose {login}")).await;
        assert!(told.contains(opens), "{who} {login}: {told}");
        assert_eq!(told.contains("method:recreate"), recreates, "{who} {login}: {told}");
    }
}

#[tokio::test]
async fn where_a_directory_keeps_the_password_the_reset_goes_there() {
    let directory = |options: &mut connect_desk::practice::Options| {
        options.sim.identity = desk_sim::IdentityType::ExistingDirectory;
    };
    let mut story = Story::with(directory).await;
    plays! { story: ("helpdesk", "/connect diagnose john.doe", "! A directory keeps their password", "→ /connect reset john.doe /salesforce", "≠method:") }
}

#[tokio::test]
async fn why_calls_fail_is_read_from_what_is_set_and_from_the_agents_log() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "/connect diagnose john.doe problem:calls", "Why calls of john.doe fail", "add the file as `log:…`") }
    let log = r#"[{"component":"softphone","level":"ERROR","text":"Failed to get user media: NotAllowedError","time":"2026-11-20T08:00:00Z",
        "objects":[{"configuration":{"username":"john.doe"},"skew":-7200000}],"loggerId":"1"}]"#;
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(file.path(), log).unwrap();
    let ask = |login: &str| format!("/connect diagnose {login} problem:calls log:{}", file.path().display());
    let told = story.told("helpdesk", &ask("john.doe")).await;
    for part in [
        "The browser didn't get the microphone (1 time",
        "Allow the microphone",
        "clock is off by 7200 s",
        "NotAllowedError",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    plays! { story: ("helpdesk", &ask("mei.chen"), "The log belongs to `john.doe`, not to `mei.chen`.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_the_identity_provider_sends_is_compared_with_the_login() {
    let saml = |options: &mut connect_desk::practice::Options| {
        options.sim.identity = desk_sim::IdentityType::Saml;
    };
    let mut story = Story::with(saml).await.everywhere(&["Kind::Exact"]).await;
    answers! { story: "helpdesk", "/connect diagnose john.doe problem:saml";
        ("session:john.doe", "The identity provider sends `john.doe`, which matches the login."),
        ("session:John.Doe", "Upper and lower case differ."),
        ("session:ｊohn.doe", "which only looks like `john.doe`"),
        ("session:jane.doe", "sends `jane.doe`, and the login is `john.doe`"),
        ("", "Paste the RoleSessionName"),
    }
    let mut other = Story::begin().await;
    let told = other.told("helpdesk", "/connect diagnose john.doe problem:saml").await;
    assert!(told.contains("doesn't use SAML"), "{told}");
}
