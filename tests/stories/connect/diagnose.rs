use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn every_check_of_the_guide_has_a_verdict() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect diagnose hugo.berg").await;
    assert!(
        told.contains("No email is on file, so no reset email can arrive.") && !told.contains("works once"),
        "{told}"
    );
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_the_desk_did_is_part_of_the_answer() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect edit john.doe email:jd@example.org").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    assert_snapshot!(story.says("helpdesk", "/connect diagnose john.doe problem:email").await, @"
    ╭─ · Sign-in check of john.doe ────────────────────────────────────────────────╮
    │ ✓ The login is exactly `john.doe`. Logins are case-sensitive.                │
    │ ✓ Amazon Connect keeps their password.                                       │
    │ ✓ The email on file is `jd@example.org`. Ask them to confirm that it is      │
    │   theirs and to check their spam folder.                                     │
    │ ! Their spam filter may hold the email: it comes from Amazon Connect, not    │
    │   from the desk.                                                             │
    │ ✓ The routing profile is `Case Investigator Profile`.                        │
    │ ✓ `Agent` opens the contact control panel.                                   │
    │ ✓ They are not signed in at this moment.                                     │
    │ ! The desk changed their email on 20 Nov 2026 09:00 UTC, requested by        │
    │   `helpdesk` (#1).                                                           │
    │                                                                              │
    │ If they sign in through Salesforce:                                          │
    │ · their user is `john.doe@practice.example.com`, active                      │
    │ · they lack the permission set `AC_Agent`                                    │
    │ · they are in no call center                                                 │
    │                                                                              │
    │ → /connect send john.doe credentials   /connect undo 1                       │
    │   /connect reset john.doe   /connect reset john.doe method:recreate          │
    │   /salesforce grant john.doe   /salesforce join john.doe                     │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn a_login_that_is_not_there_leads_to_the_nearest_one() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect diagnose John.Doe").await;
    assert!(told.contains("No user `John.Doe`. Logins are case-sensitive."), "{told}");
    assert!(told.contains("→ /connect diagnose john.doe"), "{told}");
    story.says("helpdesk", "/connect remove mei.chen").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("supervisor", "/desk approve 1").await;
    let told = story.told("helpdesk", "/connect diagnose mei.chen").await;
    assert!(told.contains("The desk removed a user with this login on 20 Nov 2026 09:00 UTC"), "{told}");
    assert!(told.contains("/connect restore mei.chen"), "{told}");
}

#[tokio::test]
async fn somebody_at_work_and_somebody_with_many_rights_are_looked_at() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect diagnose abigail.stone").await;
    assert!(told.contains("! `abigail.stone` is signed in now (`Available` since 08:43 UTC), so"), "{told}");
    let told = story.told("helpdesk", "/connect diagnose noah.green problem:reset").await;
    assert!(told.contains("They have more permissions than an agent. Their password can be"), "{told}");
}

#[tokio::test]
async fn where_a_directory_keeps_the_password_the_reset_goes_there() {
    let directory = |options: &mut connect_desk::practice::Options| {
        options.sim.identity = desk_sim::IdentityType::ExistingDirectory;
    };
    let mut story = Story::with(directory).await;
    let told = story.told("helpdesk", "/connect diagnose john.doe").await;
    assert!(told.contains("! A directory keeps their password"), "{told}");
    assert!(told.contains("→ /connect reset john.doe /salesforce") && !told.contains("method:"), "{told}");
}

#[tokio::test]
async fn why_calls_fail_is_read_from_what_is_set_and_from_the_agents_log() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/connect diagnose john.doe problem:calls").await;
    assert!(
        told.contains("Why calls of john.doe fail") && told.contains("add the file as `log:…`"),
        "{told}"
    );
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
    let told = story.told("helpdesk", &ask("mei.chen")).await;
    assert!(told.contains("The log belongs to `john.doe`, not to `mei.chen`."), "{told}");
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_the_identity_provider_sends_is_compared_with_the_login() {
    let saml = |options: &mut connect_desk::practice::Options| {
        options.sim.identity = desk_sim::IdentityType::Saml;
    };
    let mut story = Story::with(saml).await.everywhere(&["Kind::Exact"]).await;
    for (session, said) in [
        ("session:john.doe", "The identity provider sends `john.doe`, which matches the login."),
        ("session:John.Doe", "Upper and lower case differ."),
        ("session:ｊohn.doe", "which only looks like `john.doe`"),
        ("session:jane.doe", "sends `jane.doe`, and the login is `john.doe`"),
        ("", "Paste the RoleSessionName"),
    ] {
        let told =
            story.told("helpdesk", &format!("/connect diagnose john.doe problem:saml {session}")).await;
        assert!(told.contains(said), "{session}: {told}");
    }
    let mut other = Story::begin().await;
    let told = other.told("helpdesk", "/connect diagnose john.doe problem:saml").await;
    assert!(told.contains("doesn't use SAML"), "{told}");
}
