use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn before_and_after_are_shown_and_only_what_was_said_changes() {
    let mut story = Story::begin()
        .await
        .everywhere(&[
            "Block::Changes",
            "Block::Facts",
            "Block::Checklist",
            "Block::Warning",
            "Kind::Flag",
            "Kind::HierarchyGroup",
            "Kind::Name",
            "Kind::Phone",
            "Kind::Seconds",
            "a button",
        ])
        .await;
    let before = story.world().await["users"]["john.doe"].clone();
    let line = "/connect edit john.doe routing_profile:\"contact tracers profile\" hierarchy_group:\"Tracers East\" \
                first_name:Jon mobile:\"+1 (555) 010-0177\" acw:0 auto_accept:true tag:site=west,team=red untag:department \
                proficiency:Language:Spanish=4 reason:\"INC-2001\"";
    assert_snapshot!(story.says("helpdesk", line).await, @"
    ╭─ ? Edit john.doe · needs confirmation ───────────────────────────────────────╮
    │ Change 10 settings of `John Doe` (`john.doe`).                               │
    │                                                                              │
    │ · First name: John → Jon                                                     │
    │ · Mobile: none → +15550100177                                                │
    │ · Routing profile: Case Investigator Profile → Contact Tracers Profile       │
    │ · Hierarchy group: Eastern Region/Case Investigation East/Investigators East │
    │   → Eastern Region/Contact Tracing East/Tracers East                         │
    │ and 6 more in Details                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │ Reason        `INC-2001`                                                     │
    │                                                                              │
    │ ☐ Your confirmation · expires 10:00 UTC                                      │
    │                                                                              │
    │ ! Auto-accept connects calls in less than a second. It doesn't apply to      │
    │   chats or…                                                                  │
    │ ! After contact work of 0 seconds lasts until the agent closes the contact.  │
    │ and 1 more in Details                                                        │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan b6d664 ───────────────────────────────────────────────────────────╯
    ");
    plays! { story: ("helpdesk", "/desk confirm 1", "✓ Edit john.doe · completed", "7 of 7 steps.", "and 2 more in Details") }
    let after = story.world().await["users"]["john.doe"].clone();
    assert_eq!(after["identity"]["Email"], before["identity"]["Email"], "what was not said stays");
    assert_eq!(after["identity"]["FirstName"], "Jon");
    assert_eq!(after["identity"]["Mobile"], "+15550100177");
    assert_eq!(after["routing_profile"], "Contact Tracers Profile");
    assert_eq!(after["hierarchy_group"], "Tracers East");
    assert_eq!(after["phone_config"]["AutoAccept"], true);
    assert_eq!(after["phone_config"]["AfterContactWorkTimeLimit"], 0);
    assert_eq!(after["tags"], serde_json::json!({"site": "west", "team": "red"}));
    assert_eq!(after["proficiencies"][1]["Level"], 4.0);
}

/// Ten users of several groups and settings.
const TEN: &str = "aaron.fields,abigail.stone,ahmed.farouk,alice.brook,amara.okafor,carmen.ortiz,emeka.eze,hana.sato,jose.garcia,john.doe";

#[tokio::test]
async fn what_is_done_to_many_users_is_one_list() {
    let mut story = Story::begin().await;
    let line = format!(
        "/connect edit {TEN} add_security_profile:\"L1 Support\" hierarchy_group:\"Case Investigation East\" \
         auto_accept:on acw:60 reason:\"INC-8 new team\""
    );
    story.says("admin", &line).await;
    assert_snapshot!(story.says("admin", "/desk confirm 1").await, @"
    ╭─ ? Edit 10 users · needs approval ───────────────────────────────────────────╮
    │ Make the same changes to 10 users.                                           │
    │                                                                              │
    │ · Add security profile (9, 1 has it): L1 Support                             │
    │ · Hierarchy group (10): various → Case Investigation East                    │
    │ · Auto-accept (voice) (9): off → on                                          │
    │ · After contact work (voice, chat, task and email) (10): 30 s, 300 s or      │
    │   indefinitely → 60 s                                                        │
    │ `aaron.fields`, `abigail.stone`, `ahmed.farouk` and 7 more                   │
    │                                                                              │
    │ Requested by  admin · 09:00 UTC                                              │
    │ Reason        `INC-8 new team`                                               │
    │                                                                              │
    │ ☑ Confirmed by admin · 09:00 UTC                                             │
    │ ☐ 1 approval from supervisor or admin · expires 10:00 UTC                    │
    │                                                                              │
    │ ! 4 active, 1 on a contact (`abigail.stone`).                                │
    │ ! `L1 Support` has more permissions than an agent (Users.Create and…         │
    │ and 3 more in Details                                                        │
    │                                                                              │
    │ → /desk approve 1   /desk deny 1   /desk details 1                           │
    │ … more: /desk request-changes 1   /desk defer 1 contact   /desk defer 1      │
    │   /desk cancel 1                                                             │
    ╰─ #1 · plan 63544e ───────────────────────────────────────────────────────────╯
    ");
    // Every setting is on the card, also where everyone gets another value.
    let all = ["Add security profile", "Hierarchy group", "Auto-accept", "After contact work"];
    for (who, line, settings) in table! {
        ("supervisor", "/desk approve 1", &all[..]),
        ("admin", "☑ /connect undo 1", &["Remove security profile", "Hierarchy group", "Auto-accept", "After contact work"]),
        ("admin", &format!("☑ /connect edit {TEN} routing_profile:\"Basic Routing Profile\" acw:90 tag:site=west"), &["Routing profile (10)", "After contact work", "Tag site"]),
        ("admin", &format!("☑ /connect group link logins:\"{TEN}\" group:\"Tracers West\""), &["Hierarchy group (10): "]),
    } {
        let told = match line.strip_prefix("☑ ") {
            Some(line) => {
                let no = story.card(who, line).await.request.unwrap().0;
                story.told(who, &format!("/desk confirm {no}")).await
            }
            None => story.told(who, line).await,
        };
        let changes = told.split("Requested by").next().unwrap();
        assert!(!changes.contains("more in Details"), "{line}: {told}");
        assert!(settings.iter().all(|setting| changes.contains(setting)), "{line}: {told}");
    }
}

#[tokio::test]
async fn a_refusal_is_titled_as_the_request_would_be() {
    let mut story = Story::begin().await;
    let ten = format!("/connect edit logins:\"{TEN}\" acw:60");
    plays! { story:
        ("supervisor", "/connect edit john.doe,frank.moore acw:60", "✗ Edit john.doe and frank.moore · not possible"),
        ("supervisor", "/connect edit frank.moore john.doe,mei.chen,emeka.eze acw:60", "✗ Edit 4 users · not possible"),
        ("admin", "/desk freeze all", "╭"),
        ("admin", "/desk confirm 3", "· in effect"),
        ("helpdesk", &ten, "✗ Edit 10 users · not possible"),
        ("helpdesk", "/connect remove mei.chen emeka.eze", "✗ Remove"),
    }
}

#[tokio::test]
async fn an_email_is_the_way_to_take_an_account_over_and_needs_a_supervisor() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "✓ /connect edit hugo.berg email:hugo.berg@example.com", "☐ 1 approval from supervisor or admin", "! Anyone who can read `hugo.berg@example.com` can set a password", "⇒") }
    let world = story.world().await;
    assert_eq!(world["users"]["hugo.berg"]["identity"]["Email"], "hugo.berg@example.com");
    plays! { story: ("helpdesk", "/connect edit jane.doe email:mallory@example.com", "✗ Edit jane.doe · not possible", "more than your role (l1) may change. Ask someone with the role admin.") }
}

#[tokio::test]
async fn nobody_grants_more_than_their_role_may() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect edit john.doe add_security_profile:Supervisor", "`AccessMetrics` and 43 other permissions: more than your role (l1) may give.", "role supervisor or admin."),
        ("helpdesk", "/connect edit john.doe security_profiles:\"Agent, Admin\"", "Ask someone with the role admin."),
        ("supervisor", "/connect edit john.doe add_security_profile:CallCenterManager", "`CallRecordings.Access` and", "the role admin."),
        // Anyone who may do more than that isn't touched at all, not even to take it away.
        ("helpdesk", "/connect edit grace.lee remove_security_profile:QualityAnalyst", "`grace.lee` has the security profile `QualityAnalyst`"),
        ("admin", "/connect edit grace.lee remove_security_profile:QualityAnalyst", "╭ ?"),
        ("supervisor", "/connect edit john.doe add_security_profile:Supervisor", "╭ ?"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn nobody_changes_their_own_security_profiles() {
    let mut config = connect_desk::practice::config().unwrap();
    let helpdesk = config.people.iter_mut().find(|person| person.name == "helpdesk").unwrap();
    helpdesk.login = Some("karen.white".to_owned());
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story: ("helpdesk", "/connect edit karen.white add_security_profile:Agent", "You can't change your own security profiles. Ask someone else") }
    assert_eq!(story.card("helpdesk", "/connect edit karen.white acw:60").await.tone, Tone::Asks);
}

#[tokio::test]
async fn what_the_guides_warn_of_is_said_at_that_step() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/connect edit";
        ("john.doe phone:desk phone_number:+15550100142", "Inbound calls answered on a desk phone are billed as outbound calls too."),
        ("john.doe phone_number:+15550100142", "only kept on file"),
        ("john.doe auto_accept", "second. It doesn't apply to chats or callbacks"),
        ("daniel.weiss auto_accept:true", "Auto-accept works only with soft phones. A"),
        ("john.doe acw:0 channel:voice", "lasts until"),
        ("john.doe hierarchy_group:none", "affects historical reports"),
        ("john.doe acw:9000", "After contact work for chats can be at most 5400 seconds."),
        ("hugo.berg email:hugo@example.com", "doesn't always fix the password reset"),
    }
}

#[tokio::test]
async fn zero_and_off_arrive_and_what_is_on_other_channels_stays() {
    let mut story = Story::begin().await;
    let before = story.world().await["users"]["emeka.eze"]["channels"].clone();
    plays! { story:
        ("helpdesk", "✓ /connect edit emeka.eze auto_accept:no acw:0 channel:voice audio_enhancement:suppress_noise"),
        ("helpdesk", "/connect show emeka.eze", "Auto-accept off", "voice indefinitely, chat 30 s, task 30 s, email 30 s", "noise suppression"),
        ("helpdesk", "✓ /connect edit emeka.eze auto_accept acw:30 channel:voice audio_enhancement:none"),
    }
    let after = story.world().await["users"]["emeka.eze"]["channels"].clone();
    assert_eq!(after["AutoAcceptConfigs"], before["AutoAcceptConfigs"]);
    assert_eq!(after["AfterContactWorkConfigs"], before["AfterContactWorkConfigs"]);
}

#[tokio::test]
async fn several_users_are_edited_alike_and_each_on_its_own() {
    let mut story = Story::begin().await.everywhere(&["Kind::Logins"]).await;
    assert_snapshot!(story.says("helpdesk", "/connect edit logins:\"john.doe, liam.walsh, olga.novak\" auto_accept:true acw:60").await, @"
    ╭─ ? Edit john.doe, liam.walsh and olga.novak · needs confirmation ────────────╮
    │ Make the same changes to 3 users.                                            │
    │                                                                              │
    │ · Auto-accept (voice) (`john.doe`, `olga.novak`): off → on                   │
    │ · After contact work (voice, chat, task and email) (`john.doe`,              │
    │   `olga.novak`): 300 s → 60 s                                                │
    │ · After contact work (voice, chat, task and email) (`liam.walsh`):           │
    │   indefinitely → 60 s                                                        │
    │                                                                              │
    │ Requested by  helpdesk · 09:00 UTC                                           │
    │                                                                              │
    │ ☐ Your confirmation · expires 10:00 UTC                                      │
    │                                                                              │
    │ ! Auto-accept connects calls in less than a second. It doesn't apply to      │
    │   chats or callbacks.                                                        │
    │                                                                              │
    │ → /desk confirm 1   /desk details 1   /desk cancel 1                         │
    ╰─ #1 · plan a9f546 ───────────────────────────────────────────────────────────╯
    ");
    // One of them meets trouble of its own: the others continue.
    story.sim(r#"POST /_sim/faults {"operation":"UpdateUserConfig","fault":"fail_before","times":1,"error":"InvalidRequestException","status":400}"#).await;
    let card = story.card("helpdesk", "/desk confirm 1").await;
    assert!(card.title.ends_with("partially completed"), "{card:?}");
    let world = story.world().await;
    let on = |login: &str| world["users"][login]["phone_config"]["AfterContactWorkTimeLimit"] == 60;
    assert_eq!(["john.doe", "liam.walsh", "olga.novak"].into_iter().filter(|login| on(login)).count(), 2);
}

#[tokio::test]
async fn bad_input_is_answered_with_what_would_be_right() {
    let mut story = Story::ruled(crate::support::untiring).await;
    answers! { story: "helpdesk", "/connect edit";
        ("john.doe", "No change is given. Add an option such as `acw:300`"),
        ("john.doe acw:300", "`john.doe` is already set that way, so there is nothing to change."),
        ("acw:300", "`login`, `logins` or `matching` is missing. Type `/connect edit [login] [logins…] …`."),
        ("jon.doe acw:60", "Did you mean `/connect edit john.doe acw:60`?"),
        ("john.doe jane.doe email:both@example.com", "`email` can't be the same for several users. Edit these users one by one."),
        ("John.Doe acw:60", "Logins are case-sensitive. Did you mean `/connect edit john.doe acw:60`?"),
        ("john.doe email:john.doe", "it has no `@`"),
        ("john.doe email:john.doe@", "it has no domain after the `@`. Use one such as `john.doe@example.com`."),
        ("john.doe email:none", "is not an email address"),
        ("john.doe mobile:\"555 010 0142\"", "Add the country code. In the USA or Canada, use `+15550100142`. Did you mean `/connect edit john.doe mobile:+15550100142`?"),
        ("john.doe phone:desk", "A desk phone needs a number, and `john.doe` has none on file."),
        ("john.doe routing_profile:\"Contact Tracer Profle\"", "Did you mean `/connect edit john.doe routing_profile:\"Contact Tracers Profile\"`?"),
        ("john.doe hierarchy_group:Nowhere", "No hierarchy group `Nowhere`."),
        ("john.doe add_security_profile:Agnet", "Did you mean `/connect edit john.doe add_security_profile:Agent`?"),
        ("john.doe security_profiles:\"Agent, Supervisr\"", "Did you mean `/connect edit john.doe security_profiles:\"Agent, Supervisor\"`?"),
        ("john.doe remove_security_profile:Agent", "would have no security profile"),
        ("john.doe channel:chat", "`channel` needs `auto_accept` or `acw`."),
        ("john.doe acw:6000 channel:chat", "After contact work for chats can be at most 5400 seconds."),
        ("john.doe acw:-1", "isn't a time from 0 to 2000000 seconds"),
        ("john.doe tag:red", "Type it as `tag:key=value`"),
        ("john.doe tag:aws:x=1", "isn't a valid tag key"),
        ("john.doe proficiency:Spanish", "is not a proficiency. Type it as `Language:Spanish=4`"),
        ("john.doe proficiency:Language:Spanish=6", "is not a proficiency"),
        ("john.doe proficiency:Language:Klingon=2", "No predefined value of `Language` `Klingon`."),
        ("john.doe proficiency:Language:Spansh=4", "No predefined value of `Language` `Spansh`. Did you mean `Spanish`?"),
        ("john.doe proficiency:Langage:Spanish=0", "No predefined attribute `Langage`."),
        ("john.doe proficiency:language:french=0", "`john.doe` is already set that way"),
        ("john.doe proficiency:\"Language:English=1,Language:Spanish=2\"", "One proficiency can be set at a time."),
        ("logins:\"john.doe,carmen.ortiz\" proficiency:Language:Klingon=2", "No predefined value of `Language` `Klingon`."),
        ("john.doe security_profiles:Agent add_security_profile:\"L1 Support\"", "You can't set all security profiles and also add"),
        ("john.doe add_security_profile:\"L1 Support\" remove_security_profile:\"L1 Support\"", "You can't both add and remove `L1 Support`."),
        ("john.doe tag:site=west untag:site", "You gave the tag `site` in two different ways."),
        ("john.doe tag:team=red,team=blue", "You gave the tag `team` in two different ways."),
        ("john.doe first_name:None", "`first_name` can't be `none`."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_an_identity_provider_or_a_directory_keeps_is_not_planned_and_not_warned_of() {
    use desk_sim::IdentityType::{ExistingDirectory, Saml};
    let sheet = "first name,last name,email address,user login,mobile,security profile,routing profile name\n\
        Jo,Doe,jo@example.com,john.doe,+15550100143,Agent,Case Investigator Profile\n";
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), sheet).unwrap();
    for (identity, refused) in table! {
        (Saml, vec![("edit john.doe email:jo@example.com", "by SAML and keeps no email"), ("reset john.doe email:jo@example.com", "uses SAML")]),
        (
            ExistingDirectory,
            vec![
                (
                    "edit john.doe email:jo@example.com",
                    "The email address of `john.doe` can be changed only in the directory",
                ),
                (
                    "edit john.doe first_name:Jo last_name:Do mobile:+15550100142",
                    "The first name and last name of `john.doe` can be changed only in the directory",
                ),
                ("edit mei.chen,john.doe email:jo@example.com", "`email` can't be the same"),
                ("reset john.doe email:jo@example.com", "Leave it out: the password is set in the directory"),
                ("reset m@example.com", "The directory can't find a user by the login `m@example.com`."),
            ],
        ),
    } {
        let mut story = Story::with(|options| {
            options.sim.identity = identity;
            options.config = Some(crate::support::untiring_config());
        })
        .await;
        let new = "/connect add Max Muster routing_profile:\"Basic Routing Profile\" security_profile:Agent login:m@example.com";
        plays! { story: ("helpdesk", new, "≠No email is given") }
        story.plays(&[("helpdesk", "/desk confirm 1", &["╭ ✓"])]).await;
        let before = story.writes().await;
        for (line, message) in refused {
            let card = story.card("helpdesk", &format!("/connect {line}")).await;
            assert!(
                card.request.is_none() && format!("{card:?}").contains(message),
                "{identity} {line}: {card:?}"
            );
        }
        assert_eq!(story.writes().await, before);
        let told = story.told("helpdesk", "/connect diagnose hugo.berg").await;
        assert!(!told.contains(" email:"), "{identity}: {told}");
        plays! { story:
            ("helpdesk", "/connect remove carmen.ortiz", "sessions and saved reports", "≠password"),
            // What can be set is, in spite of what is beside it in the file.
            ("helpdesk", "✓ /connect edit john.doe mobile:+15550100142", "⇒", "· completed"),
        }
        let line = format!("✓ /connect import {} update:true", file.path().display());
        plays! { story: ("helpdesk", &line, "≠reset the password", "⇒", "· completed") }
        let john = story.world().await["users"]["john.doe"]["identity"].clone();
        let name = if identity == Saml { "Jo" } else { "John" };
        assert_eq!((john["FirstName"].as_str(), john["Mobile"].as_str()), (Some(name), Some("+15550100143")));
        assert_ne!(john["Email"], "jo@example.com");
    }
}

#[tokio::test]
async fn a_tag_that_goes_is_told_from_one_that_becomes_none() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/connect edit john.doe";
        ("tag:site=none", "Change tag site of", "· Tag site: east → none"),
        ("untag:site", "Change tag site of", "· Tag site (removed): east → none"),
        ("tag:Team=Red", "Change tag Team of", "· Tag Team: none → Red"),
        ("proficiency:Language:Spanish=4", "Change proficiency Language: Spanish of", "· Proficiency Language: Spanish:"),
    }
}

#[tokio::test]
async fn a_proficiency_is_what_is_predefined_and_ten_are_the_most() {
    let mut story = Story::ruled(crate::support::untiring).await;
    // Two are there already, one of which goes; names are read as people compare them.
    plays! { story: ("helpdesk", "☑ /connect edit john.doe proficiency:language:english=0", "English: 5 → none", "⇒", "· completed") }
    for language in ["arabic", "Dutch", "french", "German", "mandarin", "Portuguese"] {
        plays! { story: ("helpdesk", &format!("☑ /connect edit john.doe proficiency:language:{language}=3"), "⇒", "· completed") }
    }
    for product in ["Benefits", "Testing", "Vaccination"] {
        plays! { story: ("helpdesk", &format!("☑ /connect edit john.doe proficiency:Product:{product}=3"), "⇒", "· completed") }
    }
    plays! { story: ("helpdesk", "/connect edit john.doe proficiency:Language:English=5", "`john.doe` would have 11 proficiencies. A user can have at most 10.") }
}

#[tokio::test]
async fn a_user_gets_fifty_tags_and_no_more() {
    let mut story = Story::begin().await;
    let tags = |n: usize| (1..=n).map(|i| format!("k{i}=v")).collect::<Vec<_>>().join(",");
    // Two are there already.
    let (most, too_many) = (tags(48), tags(49));
    plays! { story:
        ("helpdesk", &format!("/connect edit john.doe tag:\"{too_many}\""), "`john.doe` would have 51 tags. A user can have at most 50."),
        ("helpdesk", &format!("✓ /connect edit john.doe tag:\"{most}\""), "⇒", "· completed"),
        ("helpdesk", "/connect edit john.doe tag:one=more", "would have 51 tags"),
        // The one that goes makes room for the other.
        ("helpdesk", "✓ /connect edit john.doe tag:one=more untag:k1", "⇒", "· completed"),
    }
}

#[tokio::test]
async fn the_longest_names_that_are_taken_can_be_written() {
    let mut story = Story::begin().await;
    for row in desk_core::profile::ROWS {
        let (desk_core::profile::ValueKind::Name(max), Some(option)) = (row.kind, row.options.first()) else {
            continue;
        };
        let line = format!("/connect edit john.doe {}:{}", option.edit.unwrap().name, "x".repeat(max));
        plays! { story:
            ("helpdesk", &format!("{line}x"), "≠needs confirmation"),
            ("helpdesk", &format!("✓ {line}"), "⇒", "· completed"),
        }
    }
}

#[tokio::test]
async fn accents_are_put_onto_their_letters() {
    let mut story = Story::begin().await;
    plays! { story: ("helpdesk", "☑ /connect edit john.doe first_name:Jose\u{301}", "The name had decomposed accents (NFD)", "⇒") }
    assert_eq!(story.world().await["users"]["john.doe"]["identity"]["FirstName"], "Jos\u{e9}");
}

#[tokio::test]
async fn all_who_fit_are_edited_alike() {
    let mut story = Story::begin().await;
    // One of those who fit may do more than the help desk may give, so no one is edited.
    plays! { story: ("helpdesk", "/connect edit matching:\"tag:department=investigation\" acw:60", "`grace.lee` has the security profile `QualityAnalyst`") }
    assert_eq!(story.writes().await, 0);
    let users = story.world().await["users"].as_object().unwrap().clone();
    let fitting = users.values().filter(|user| user["tags"]["site"] == "west").count();
    assert!(fitting > 1);
    let same = format!("Make the same changes to {fitting} users.");
    plays! { story: ("helpdesk", "✓ /connect edit matching:\"tag:site=west\" acw:60", &same, "⇒", "· completed") }
    let world = story.world().await;
    for user in world["users"].as_object().unwrap().values() {
        let theirs = user["tags"]["site"] == "west";
        let minute = user["phone_config"]["AfterContactWorkTimeLimit"] == 60;
        assert!(minute || !theirs, "{user}");
    }
}

#[tokio::test]
async fn a_filter_that_is_wrong_or_fits_nobody_is_refused() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/connect edit";
        ("matching:\"tag:department=nothing\" acw:60", "No users match `tag:department=nothing`."),
        ("matching:\"routing_profile:'Contact Tracer Profle'\" acw:60", "Did you mean `/connect edit matching:\"routing_profile:'Contact Tracers Profile'\" acw:60`?"),
        ("matching:\"color:blue\" acw:60", "`color` can't be used in `matching`. Leave it out, or use `text`, `login`"),
        ("matching:\"limit:3\" acw:60", "`limit` can't be used in `matching`."),
        ("john.doe matching:\"tag:site=east\" acw:60", "Use logins or `matching:…`, not both."),
        ("matching:\"tag:site=east\" first_name:Jon", "`first_name` can't be the same for several users."),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn who_is_protected_is_touched_only_with_two_approvals() {
    let mut config = connect_desk::practice::config().unwrap();
    config.site.protected.logins = ["john.doe".to_owned()].into();
    config.site.protected.security_profiles = ["QualityAnalyst".to_owned()].into();
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story:
        ("helpdesk", "☑ /connect edit john.doe acw:60", "☐ 2 approvals", "! `john.doe` is protected: two approvals needed.", "⇒"),
        ("supervisor", "/desk approve 1", "☐ 1 approval from supervisor or admin"),
        ("admin", "/desk approve 1", "╭ ✓"),
        // Having one of the profiles counts, and so does getting it; being copied does not.
        ("admin", "/connect edit omar.aziz acw:60", "! `omar.aziz` is protected: two approvals needed."),
        ("admin", "/connect edit mei.chen add_security_profile:QualityAnalyst", "! `mei.chen` is protected: two approvals needed."),
        ("supervisor", "/connect add Erika Muster email:e@example.com like:john.doe", "≠protected"),
        ("oncall", "/connect edit john.doe acw:0 emergency:true reason:\"calls are lost\"", "! Emergency: still needs the approvals below.", "≠without approvals", "☐ 2 approvals"),
        ("helpdesk", "/connect remove john.doe", "☐ 2 approvals from supervisor or admin"),
    }
}
