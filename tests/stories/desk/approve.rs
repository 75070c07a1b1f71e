use crate::support::Story;

/// A request that waits for its approval.
async fn waiting() -> Story {
    waiting_in(Story::begin().await).await
}

async fn waiting_in(mut story: Story) -> Story {
    plays! { story: ("helpdesk", "☑ /connect reset john.doe method:recreate") }
    story
}

#[tokio::test]
async fn nobody_approves_their_own_request() {
    let mut story = waiting().await;
    story.tells("helpdesk", "/desk approve 1", &["You can't decide on your own request."]).await;
    story.tells("helpdesk", "/desk deny 1", &["To cancel it, type `/desk cancel 1`."]).await;
    assert_eq!(story.writes().await, 0);
    story.tells("auditor", "/desk history 1", &["was refused \"/desk approve\""]).await;
}

#[tokio::test]
async fn nobody_decides_about_themselves() {
    // A supervisor whose own login is the one to be reset.
    let mut config = connect_desk::practice::config().unwrap();
    for person in &mut config.people {
        if person.name == "supervisor" {
            person.login = Some("mary.major".to_owned());
        }
    }
    for person in &mut config.people {
        if person.name == "second" {
            person.login = Some("john.doe".to_owned());
        }
        if person.name == "john" {
            person.login = None;
        }
    }
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story: ("helpdesk+second", "✓ /connect reset john.doe method:recreate", "You can't decide on a request about yourself.") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn who_has_not_the_role_is_told_who_has() {
    let mut story = waiting().await;
    story.tells("oncall", "/desk approve 1", &["Your roles (l1 and oncall) can't decide on this."]).await;
    story.tells("auditor", "/desk approve 1", &["n't allow `/desk approve` here"]).await;
}

#[tokio::test]
async fn whom_to_ask_is_who_approves_this_and_may_now() {
    let mut story = Story::ruled(|config| {
        let rule = |text: &str| toml::from_str(text).unwrap();
        let by_day = r#"
            name = "supervisors decide by day"
            commands = ["desk approve"]
            roles = ["supervisor"]
            hours = ["daily 08:00-10:00 UTC"]
        "#;
        let not_else = r#"
            name = "and not by night"
            commands = ["desk approve"]
            roles = ["supervisor"]
            deny = true
        "#;
        config.policy.rules.splice(0..0, [rule(by_day), rule(not_else)]);
        let last = config.policy.rules.last_mut().unwrap();
        last.approvers = [desk_core::basics::roles::Role::Supervisor].into();
        last.and = vec![desk_core::policy::Quorum {
            approvals: 1,
            approvers: [desk_core::basics::roles::Role::Admin].into(),
        }];
        last.expires_minutes = 600;
    })
    .await;
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:recreate", ""),
        ("helpdesk", "/desk confirm 1", "1 approval from supervisor"),
        ("auditor", "/desk approve 1", "Ask someone with the role supervisor or admin."),
        ("helpdesk", "wait 2h", ""),
        ("supervisor", "/desk approve 1", "A policy rule denies this.", "Ask someone with the role admin."),
        ("admin", "/desk approve 1", "1 approval from supervisor"),
        ("auditor", "/desk approve 1", "Ask someone with the role supervisor at these hours: daily 08:00-10:00 UTC."),
    }
}

#[tokio::test]
async fn the_second_click_is_told_who_decided_and_when() {
    let mut story = waiting().await;
    story.says("supervisor", "/desk approve 1").await;
    plays! { story: ("second", "/desk approve 1", "#1 was approved by supervisor at 09:00 UTC and was completed at 09:00 UTC.") }
    // Whatever the request does meanwhile, and with every verb that comes late.
    plays! { story:
        ("supervisor", "☑ /connect until 4h aaron.fields status:Training", "in effect"),
        ("second", "/desk approve 2", "#2 was confirmed by supervisor at 09:00 UTC and is in effect until 13:00 UTC."),
        ("second", "/desk deny 2", "#2 was confirmed by supervisor at 09:00 UTC and is in effect until 13:00 UTC."),
        ("second", "/desk retry 2", "#2 was confirmed by supervisor at 09:00 UTC and is in effect"),
        ("supervisor", "/desk confirm 2", "You confirmed #2 at 09:00 UTC. #2 is in effect until 13:00 UTC."),
        ("supervisor", "/desk deny 2", "#2 was confirmed by you at 09:00 UTC and is in effect until 13:00 UTC."),
        ("supervisor", "/desk cancel 2", "On hold: supervisor stopped #2."),
        ("second", "/desk approve 2", "#2 was confirmed by supervisor at 09:00 UTC and is on hold. supervisor stopped #2."),
        ("second", "/desk cancel 2 rollback", "rolled it back"),
        ("supervisor", "/desk retry 2", "#2 was confirmed by you at 09:00 UTC and was rolled back by second at 09:00 UTC."),
        ("admin", "☑ /desk freeze all", "in effect"),
        ("second", "/desk approve 3", "#3 was confirmed by admin at 09:00 UTC and is in effect until someone lifts this freeze."),
        ("admin", "/desk unfreeze 3", "Lifted"),
        ("second", "/desk unfreeze 3", "admin lifted #3 at 09:00 UTC."),
        ("helpdesk", "☑ /connect reset mei.chen method:recreate"),
        ("second", "/desk deny 4 no", "denied"),
        ("supervisor", "/desk approve 4", "second denied #4 at 09:00 UTC."),
        ("helpdesk", "/connect reset mei.chen method:recreate"),
        ("helpdesk", "/desk cancel 5", "canceled"),
        ("supervisor", "/desk approve 5", "helpdesk canceled #5 at 09:00 UTC."),
        ("helpdesk", "☑ /connect reset mei.chen method:recreate"),
        ("supervisor", "/desk defer 6 1h", ""),
        ("supervisor", "/desk approve 6", "scheduled"),
        ("second", "/desk approve 6", "#6 was approved by supervisor at 09:00 UTC and is scheduled for 10:00 UTC."),
    }
}

#[tokio::test]
async fn a_yes_to_another_plan_is_no_yes() {
    let mut story = waiting_in(Story::begin().await.everywhere(&["Kind::Plan"]).await).await;
    story.tells("supervisor", "/desk approve 1 plan:ffffff", &["The plan of #1 is now"]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_is_to_be_typed_again_may_be_behind_the_number() {
    let mut config = connect_desk::practice::config().unwrap();
    config.policy.rules.iter_mut().filter(|rule| rule.approvals > 0).for_each(|rule| rule.retype = true);
    let mut story = Story::with(|options| options.config = Some(config)).await;
    plays! { story:
        ("helpdesk", "☑ /connect remove emeka.eze"),
        ("supervisor", "/desk approve 1", "#1 needs the login to be typed again."),
        ("supervisor", "/desk approve 1 looks good", "#1 needs the login to be typed again."),
        ("supervisor", "/desk approve 1 emeka.eze", "✓ Remove"),
        ("helpdesk", "☑ /connect remove hana.sato mei.chen"),
    }
    // The number of users is no other request.
    let card = story.card("supervisor", "/desk approve 2 2").await;
    assert_eq!(card.offered(), ["/desk approve 2 login:2"]);
    plays! { story: ("supervisor", "/desk approve 2 login:2", "✓ Remove") }
}

#[tokio::test]
async fn an_approval_before_the_confirmation_counts_and_waits() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:recreate"),
        ("supervisor", "/desk approve 1", "☑ Approved by supervisor", "☐ Confirmation by helpdesk"),
        ("helpdesk", "/desk confirm 1", "╭ ✓"),
    }
}

#[tokio::test]
async fn what_waits_too_long_expires() {
    let mut story = waiting().await;
    story.says("helpdesk", "wait 61m").await;
    story.tells("supervisor", "/desk approve 1", &["#1 expired at 10:01 UTC."]).await;
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn of_a_freeze_the_login_is_typed_again() {
    let mut story = Story::ruled(|config| {
        let mut freezes = config.policy.rules.last().unwrap().clone();
        freezes.name = "a freeze needs an admin".to_owned();
        (freezes.commands, freezes.retype) = (vec!["desk freeze".to_owned()], true);
        freezes.risk.clear();
        (freezes.approvals, freezes.approvers) = (1, [desk_core::basics::roles::Role::Admin].into());
        config.policy.rules.insert(0, freezes);
    })
    .await;
    plays! { story:
        ("supervisor", "☑ /desk freeze john.doe", "☐ 1 approval from admin, typing the login again"),
        ("admin", "/desk approve 1", "#1 needs the login to be typed again."),
        ("admin", "/desk approve 1 login:john.doe", "in effect"),
        ("supervisor", "☑ /desk freeze all", "☐ 1 approval from admin", "≠typing"),
    }
}

/// What is typed again is what the card shows.
#[tokio::test]
async fn where_it_has_to_be_typed_again_it_is_what_the_card_names() {
    for (who, ask, card, wrong, right) in table! {
        ("helpdesk", "/connect edit john.doe email:jd@example.com", "typing the login again", "login:jane.doe", "login:john.doe"),
        ("helpdesk", "/connect export", "Export 42 users", "login:0", "login:42"),
        ("supervisor", "/connect queue disable \"Case Investigation\"", "≠typing", "", ""),
    } {
        let mut story = Story::ruled(|config| {
            config.policy.rules.iter_mut().for_each(|rule| rule.retype = rule.approvals > 0);
        })
        .await;
        plays! { story: (who, ask), (who, "/desk confirm 1", card) }
        if !wrong.is_empty() {
            story.tells("second", &format!("/desk approve 1 {wrong}"), &["doesn't affect"]).await;
            story.tells("second", "/desk approve 1", &["to be typed again"]).await;
        }
        story.plays(&[("second", format!("/desk approve 1 {right}").trim(), &["╭ ✓"])]).await;
    }
}
