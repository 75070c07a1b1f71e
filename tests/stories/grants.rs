//! What a plan gives, to whom, and who has a word in it: the same whichever command makes it, and whichever way round.

use desk_core::card::Tone;

use crate::support::Story;

/// The login of someone at the desk.
async fn tied(logins: &[(&str, &str)]) -> Story {
    Story::ruled(|config| {
        for (who, login) in logins {
            let person = config.people.iter_mut().find(|person| person.name == *who).unwrap();
            person.login = Some((*login).to_owned());
        }
    })
    .await
}

const HEADER: &str =
    "first name,last name,email address,password,user login,routing profile name,security_profile_name_1";

#[tokio::test]
async fn more_than_an_agents_rights_needs_a_supervisor_however_they_are_given() {
    let sheet = format!("{HEADER}\nAnn,One,ann@example.com,,Ann.One,Basic Routing Profile,L1 Support\n");
    let mut story = Story::with_files(&[("one.csv", sheet.as_bytes())]).await;
    plays! { story:
        ("helpdesk", "✓ /connect remove alice.brook force", "╭ ✓"),
        ("helpdesk", "✓ /connect edit mike.turner remove_security_profile:\"L1 Support\"", "╭ ✓"),
    }
    let new = "email:max@example.com routing_profile:\"Basic Routing Profile\"";
    for (line, gives) in [
        (format!("/connect add Max Muster {new} security_profile:\"L1 Support\""), true),
        ("/connect add Max Muster email:max@example.com like:tara.singh".to_owned(), true),
        ("/connect import one.csv".to_owned(), true),
        ("/connect edit john.doe add_security_profile:\"L1 Support\"".to_owned(), true),
        ("/connect edit john.doe security_profiles:\"l1 support\"".to_owned(), true),
        ("/connect restore alice.brook".to_owned(), true),
        ("/connect undo 1".to_owned(), true),
        ("/connect undo 2".to_owned(), true),
        (format!("/connect add Max Muster {new} security_profile:Agent"), false),
        ("/connect edit john.doe acw:60".to_owned(), false),
    ] {
        let card = story.card("helpdesk", &line).await;
        let told = card.words().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told.contains("1 approval from supervisor or admin"), gives, "{line}: {told}");
        assert_eq!(told.contains("`L1 Support` has more permissions than an agent"), gives, "{line}: {told}");
        assert_eq!(card.tone, Tone::Asks, "{line}: {told}");
    }
}

#[tokio::test]
async fn who_administers_users_is_touched_by_two() {
    let mut story = Story::begin().await;
    for line in ["/connect edit tara.singh tag:team=red", "/connect edit john.doe tara.singh acw:60"] {
        plays! { story: ("helpdesk", line, "`tara.singh` administers users.", "1 approval from") }
    }
}

#[tokio::test]
async fn oneself_is_nobodys_own_business_however_the_login_is_written() {
    let own = "tara.singh";
    for written in [own, "TARA.Singh", " tara.singh "] {
        let mut story = tied(&[("helpdesk", written)]).await;
        plays! { story: ("helpdesk", "/connect edit tara.singh acw:60", "is the requester's own user.", "1 approval from") }
        for (line, message) in table! {
            ("/connect edit tara.singh add_security_profile:Agent", "You can't change your own security profiles."),
            ("/connect edit john.doe tara.singh add_security_profile:Agent", "You can't change your own"),
            ("/connect remove tara.singh", "You can't remove your own user."),
        } {
            plays! { story: ("helpdesk", line, message) }
        }
        // Nor is the user made again, under whichever case, once someone removed it.
        plays! { story: ("supervisor", "✓ /connect remove tara.singh", "╭ ✓") }
        let no = story.card("supervisor", "/desk requests").await;
        assert!(no.private);
        for line in [
            "/connect add Tara Singh login:tara.singh email:t@example.com like:john.doe",
            "/connect add Tara Singh login:Tara.SINGH email:t@example.com like:john.doe",
            "/connect restore tara.singh",
            "/connect undo 5",
        ] {
            plays! { story: ("helpdesk", line, "You can't create your own user.") }
        }
    }
}

#[tokio::test]
async fn a_login_that_the_log_knows_is_not_taken_alone_and_not_by_somebody_weaker() {
    let mut story = Story::begin().await;
    plays! { story: ("supervisor", "✓ /connect remove mei.chen", "╭ ✓") }
    plays! { story: ("admin+deputy", "✓ /connect remove jane.doe", "╭ ✓") }
    plays! { story: ("supervisor", "✓ /connect remove diana.price force", "╭ ✓") }
    for login in ["mei.chen", "Mei.CHEN"] {
        let line = format!("/connect add Mei Chen login:{login} email:mei@example.com like:john.doe");
        plays! { story: ("helpdesk", &line, "#1 (`supervisor`) removed a user with it.", "1 approval from") }
    }
    for (login, who, had) in [
        ("jane.doe", "helpdesk", "Admin"),
        ("JANE.doe", "supervisor", "Admin"),
        ("diana.price", "oncall", "Supervisor"),
    ] {
        let line = format!("/connect add Some Body login:{login} email:s@example.com like:john.doe");
        plays! { story: (who, &line, &format!("had the security profile `{had}`"), "may give") }
    }
    plays! { story: ("admin", "/connect add Some Body login:jane.doe email:s@example.com like:john.doe", "╭ ?") }
}

/// Everything that the help desk could do to a user, one field at a time.
const TOUCHES: [&str; 18] = [
    "/connect edit LOGIN first_name:Jan",
    "/connect edit LOGIN last_name:Roe",
    "/connect edit LOGIN email:mallory@example.com",
    "/connect edit LOGIN secondary_email:mallory@example.com",
    "/connect edit LOGIN mobile:+15550100199",
    "/connect edit LOGIN routing_profile:\"Case Investigator Profile\"",
    "/connect edit LOGIN add_security_profile:Agent",
    "/connect edit LOGIN security_profiles:Agent",
    "/connect edit LOGIN hierarchy_group:\"Tracers East\"",
    "/connect edit LOGIN phone:desk phone_number:+15550100199",
    "/connect edit LOGIN acw:60",
    "/connect edit LOGIN tag:team=red",
    "/connect edit LOGIN proficiency:Language:Spanish=5",
    "/connect edit john.doe LOGIN acw:60",
    "/connect reset LOGIN method:console",
    "/connect reset LOGIN method:recreate force",
    "/connect reset LOGIN email:mallory@example.com",
    "/connect remove LOGIN force",
];

#[tokio::test]
async fn nobody_touches_somebody_who_may_do_more_than_they_may_give() {
    let mut story = Story::ruled(crate::support::untiring).await;
    for (login, who) in [("jane.doe", "helpdesk"), ("jane.doe", "supervisor"), ("noah.green", "helpdesk")] {
        for line in TOUCHES {
            let line = line.replace("LOGIN", login);
            plays! { story: (who, &line, &format!("`{login}` has the security profile"), "more than your role") }
        }
        // What is written to the address on file changes nothing about them.
        plays! { story: (who, &format!("/connect send {login} forgot_password"), "╭ ?") }
    }
    for line in TOUCHES {
        let card = story.card("admin", &line.replace("LOGIN", "jane.doe")).await;
        assert_ne!(card.tone, Tone::Bad, "{line}: {card:?}");
    }
    assert_eq!(story.writes().await, 0);
}

/// The way to an administrator's rights in steps that are harmless by themselves.
#[tokio::test]
async fn what_was_taken_away_is_not_given_back_to_an_address_that_was_set_meanwhile() {
    let mut story = Story::begin().await;
    plays! { story: ("admin+deputy", "✓ /connect edit jane.doe security_profiles:Agent", "╭ ✓") }
    let mallory = "/connect edit jane.doe email:mallory@example.com";
    // Right after that jane.doe counts as who they were.
    for line in [mallory, "/connect reset jane.doe method:console", "/connect reset jane.doe method:recreate"]
    {
        plays! { story: ("helpdesk", line, "Until #1 removed it, `jane.doe` had the security profile `Admin`") }
    }
    story.says("helpdesk", "wait 25h").await;
    plays! { story: ("helpdesk", &format!("✓ {mallory}"), "╭ ✓") }
    let back = ["/connect undo 1", "/connect edit jane.doe add_security_profile:Admin"];
    for line in back {
        plays! { story: ("admin", line, "#5 set the email of `jane.doe` less than 24 h ago. Anyone who can read") }
    }
    story.says("helpdesk", "wait 25h").await;
    for line in back {
        plays! { story: ("admin", line, "#5 set the email of `jane.doe` after #1 took this away. Anyone who can read") }
    }
    // Someone who may give the profile says where it goes.
    plays! { story: ("admin+deputy", "✓ /connect edit jane.doe email:jane.doe@example.com", "╭ ✓") }
    plays! { story: ("admin+deputy", &format!("✓ {}", back[0]), "╭ ✓") }
    assert_eq!(story.world().await["users"]["jane.doe"]["identity"]["Email"], "jane.doe@example.com");
}

#[tokio::test]
async fn an_address_that_was_set_a_moment_ago_gets_no_rights_from_somebody_else() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect add Max Muster login:max email:max@example.com like:john.doe", "╭ ✓") }
    let line = "/connect edit max add_security_profile:Supervisor";
    let told = story.told("admin", line).await;
    assert!(told.contains("#1 set the email of `max` less than 24 h ago. Anyone who can read"), "{told}");
    story.says("helpdesk", "wait 25h").await;
    let told = story.told("admin", line).await;
    assert!(told.contains("The email of `max`"), "{told}");
    // An administrator who makes someone, or approves that, has vouched for the address.
    plays! { story: ("admin+deputy", "✓ /connect add Eve Muster login:eve email:eve@example.com like:john.doe", "╭ ✓") }
    let card = story.card("admin", "/connect edit eve add_security_profile:Supervisor").await;
    assert!(card.tone == Tone::Asks && !card.words().contains("was set by"), "{card:?}");
}

#[tokio::test]
async fn nobody_decides_on_their_own_authenticator_or_on_what_is_done_to_their_group() {
    let mut story = Story::ruled(|config| {
        for rule in &mut config.policy.rules {
            let groups = rule.name.starts_with("supervisors manage the hierarchy");
            if groups || rule.name.starts_with("supervisors may freeze") {
                rule.approvals = 1;
                rule.approvers =
                    [desk_core::basics::roles::Role::Supervisor, desk_core::basics::roles::Role::Admin]
                        .into();
            }
        }
        let tie = |name: &str, login: &str, config: &mut connect_desk::config::Config| {
            let person = config.people.iter_mut().find(|person| person.name == name).unwrap();
            person.login = Some(login.to_owned());
        };
        tie("second", "MEI.chen", config);
        tie("deputy", "jane.doe", config);
    })
    .await;
    story.says("helpdesk", "/desk recover account:console:1008 reason:\"new phone\"").await;
    story.says("helpdesk", "/desk confirm 1").await;
    plays! { story: ("deputy", "/desk approve 1", "You can't decide on a request about yourself.") }
    let tracers = "\"Eastern Region/Contact Tracing East/Tracers East\"";
    for (no, (line, own)) in (2..).zip([
        (format!("/connect group rename {tracers} Tracers"), true),
        ("/connect group rename \"Eastern Region\" East".to_owned(), true),
        ("/connect group add \"Eastern Region/Contact Tracing East/Night\"".to_owned(), false),
        ("/connect group rename \"Western Region\" West".to_owned(), false),
        ("/desk freeze mei.chen reason:\"an audit\"".to_owned(), true),
        ("/desk freeze group:\"Tracers East\" reason:\"an audit\"".to_owned(), true),
        ("/desk freeze group:\"Eastern Region\" reason:\"an audit\"".to_owned(), true),
        ("/desk freeze group:West reason:\"an audit\"".to_owned(), false),
        ("/desk freeze all reason:\"an audit\"".to_owned(), false),
    ]) {
        story.says("supervisor", &line).await;
        story.says("supervisor", &format!("/desk confirm {no}")).await;
        for verb in ["approve", "deny"] {
            let told = story.told("second", &format!("/desk {verb} {no}")).await;
            assert_eq!(told.contains("You can't decide on a request about yourself."), own, "{line}: {told}");
        }
        if own && line.starts_with("/connect") {
            story.tells("admin", &format!("/desk deny {no}"), &["denied"]).await;
        } else if own {
            let told = story.told("admin", &format!("/desk approve {no}")).await;
            assert!(told.contains("no changes until the freeze is lifted"), "{told}");
            let told = story.told("second", &format!("/desk unfreeze {no}")).await;
            assert!(told.contains("You can't lift a freeze on yourself."), "{told}");
            story.says("admin", &format!("/desk unfreeze {no}")).await;
        }
    }
}

#[tokio::test]
async fn names_are_compared_as_people_see_them() {
    for written in ["QualityAnalyst", "qualityanalyst", "\u{ff31}ualityAnalyst", "Quality\u{ad}Analyst\u{a0}"]
    {
        let mut story = Story::ruled(|config| {
            config.site.protected.security_profiles.insert(written.to_owned());
            let mut rule = config.policy.rules.last().unwrap().clone();
            rule.name = "the east is for admins".to_owned();
            rule.risk.clear();
            rule.touches.groups = [" EASTERN region/contact\u{a0}tracing east".to_owned()].into();
            rule.approvers = [desk_core::basics::roles::Role::Admin].into();
            rule.approvals = 1;
            config.policy.rules.insert(0, rule);
        })
        .await;
        plays! { story:
            ("admin", "/connect edit omar.aziz acw:60", "`omar.aziz` is protected: two approvals needed."),
            ("helpdesk", "/connect edit mei.chen acw:60", "1 approval from admin"),
            ("helpdesk", "/connect edit john.doe acw:60", "≠approval", "≠protected"),
        }
    }
}

#[tokio::test]
async fn a_name_that_is_not_there_is_said_and_opens_nothing() {
    let mut config = connect_desk::practice::config().unwrap();
    config.site.protected.security_profiles.insert("Adminn".to_owned());
    let mut story = Story::with(|options| options.config = Some(config.clone())).await;
    plays! { story: ("helpdesk", "/connect edit john.doe acw:60", "2 approvals from", "`john.doe` is protected: two approvals needed.", "[protected] names the security profile `Adminn`, which the contact center doesn't have.") }

    config.site.protected.security_profiles.clear();
    for (profiles, groups, deny) in [
        (vec!["Superviser"], vec![], false),
        (vec![], vec!["Tracers East"], true),
        (vec!["Agent"], vec!["East"], false),
    ] {
        let mut ruled = config.clone();
        let mut rule = ruled.policy.rules.last().unwrap().clone();
        rule.name = "someone's own".to_owned();
        rule.risk.clear();
        rule.touches.security_profiles = profiles.iter().map(|name| (*name).to_owned()).collect();
        rule.touches.groups = groups.iter().map(|name| (*name).to_owned()).collect();
        rule.deny = deny;
        ruled.policy.rules.insert(0, rule);
        let mut story = Story::with(|options| options.config = Some(ruled)).await;
        plays! { story: ("helpdesk", "/connect edit john.doe acw:60", "which doesn't exist in the contact center. Correct the name") }
        assert_eq!(story.writes().await, 0);
    }
}

#[tokio::test]
async fn an_address_that_nobody_knows_needs_a_supervisor() {
    let line = |email: &str| format!("/connect add Max Muster email:{email} like:john.doe");
    let mut story = Story::begin().await;
    for (email, alone) in [
        ("max@example.com", true),
        ("max@EXAMPLE.com", true),
        ("max@mail.example.com", false),
        ("max@example.com.evil.test", false),
        ("max@evil.test", false),
    ] {
        let told = story.told("helpdesk", &line(email)).await;
        assert_eq!(!told.contains("approval"), alone, "{email}: {told}");
        assert_eq!(told.contains("is outside `example.com` and `example.org`."), !alone, "{email}: {told}");
    }
    let mut story = Story::ruled(|config| config.site.new_users.email_domains.clear()).await;
    plays! { story: ("helpdesk", &line("max@example.com"), "No email domains are configured", "1 approval from") }
}

#[tokio::test]
async fn freezes_rules_and_protection_see_everyone_whom_a_plan_affects() {
    // Each with someone whom it affects: an agent in the Eastern Region.
    let lines = [
        ("/connect tasks aaron.fields", "aaron.fields"),
        ("/connect tasks john.doe send:\"Call back\"", "john.doe"),
        ("/connect quick add user:aaron.fields queues:Callback", "aaron.fields"),
        ("/connect quick edit \"John Doe\" user:aaron.fields", "aaron.fields"),
        ("/connect status set aaron.fields Training", "aaron.fields"),
        ("/connect status set status:Offline everyone", "aaron.fields"),
        ("/connect until 2h aaron.fields status:Training", "aaron.fields"),
    ];
    let mut protected = Story::ruled(|config| {
        config.site.protected.security_profiles = ["Agent".to_owned()].into();
    })
    .await;
    let mut denied = Story::ruled(|config| {
        let rule = r#"
            name = "no one touches the Eastern Region"
            roles = ["l1", "supervisor", "oncall", "admin"]
            touches = { groups = ["Eastern Region"] }
            deny = true
        "#;
        config.policy.rules.insert(0, toml::from_str(rule).unwrap());
    })
    .await;
    let mut frozen = Story::begin().await;
    frozen.says("second", "/desk freeze group:\"Eastern Region\" reason:\"an audit\"").await;
    frozen.says("second", "/desk confirm 1").await;
    for (line, login) in lines {
        let card = protected.card("supervisor", line).await;
        let no = card.request.unwrap_or_else(|| panic!("{line}: {card:?}"));
        let needs = protected.inside().desk.request(no).await.unwrap().planned.unwrap().needs;
        assert!(needs.protected.contains(login) && needs.approvals_needed() >= 2, "{line}: {needs:?}");
        let card = denied.card("supervisor", line).await;
        assert!(card.words().contains("A policy rule denies this."), "{line}: {}", card.words());
        let card = frozen.card("supervisor", line).await;
        assert!(card.words().contains("froze the group"), "{line}: {}", card.words());
    }
}
