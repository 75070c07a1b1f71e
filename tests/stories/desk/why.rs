use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn yes_with_what_it_needs() {
    let mut story = Story::begin().await.everywhere(&["Kind::Command"]).await;
    assert_snapshot!(story.says("helpdesk", "/desk why connect reset").await, @"
    ╭─ ✓ Yes, you can use /connect reset here ─────────────────────────────────────╮
    │ What it needs depends on the risk of the plan:                               │
    │                                                                              │
    │ Change                  needs your confirmation (rule: what can be changed   │
    │                         back needs the requester's confirmation)             │
    │ Sensitive, destructive  needs your confirmation and 1 approval from          │
    │                         supervisor or admin; expires after 60 min (rule:     │
    │                         what touches sign-in or cannot be undone needs a     │
    │                         supervisor)                                          │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn no_with_who_could_and_a_look_needs_nobody() {
    let mut story = Story::begin().await;
    plays! { story:
        ("auditor", "/desk why /connect reset", "✗ No, you can't use", "Your role (auditor) doesn't allow", "Ask someone with the role l1"),
        ("helpdesk", "/desk why connect show", "It changes nothing, so it needs no approval."),
        ("helpdesk", "/desk why conect reset", "Did you mean `/desk why connect reset`?"),
    }
}

/// A rule of a configuration, with its keys as TOML has them.
fn rule(text: &str) -> desk_core::policy::Rule {
    toml::from_str(text).unwrap()
}

#[tokio::test]
async fn everything_that_a_rule_wants_is_said() {
    let mut story = Story::ruled(|config| {
        let special = rule(
            r#"
            name = "ten people want two groups"
            commands = ["connect edit"]
            roles = ["l1"]
            touches = { people = 10 }
            approvals = 1
            approvers = ["supervisor"]
            and = [{ approvals = 1, approvers = ["admin"] }]
            "#,
        );
        let usual = rule(
            r#"
            name = "edits by day"
            commands = ["connect edit"]
            roles = ["l1"]
            hours = ["Mon-Fri 08:00-18:00 UTC"]
            approvals = 1
            approvers = ["supervisor"]
            reason = "INC-[0-9]+"
            retype = true
            second_factor = true
            caller = true
            expires_minutes = 45
            remind_minutes = 10
            escalate = { after_minutes = 20, approvers = ["oncall"] }
            "#,
        );
        config.policy.rules.splice(0..0, [special, usual]);
        config.site.protected.logins.insert("mary.major".to_owned());
    })
    .await;
    assert_snapshot!(story.says("helpdesk", "/desk why connect edit").await, @"
    ╭─ ✓ Yes, you can use /connect edit here ──────────────────────────────────────╮
    │ What it needs depends on the risk of the plan:                               │
    │                                                                              │
    │ Change, sensitive  needs your confirmation, 1 approval from supervisor, a    │
    │                    reason that matches `INC-[0-9]+`, caller verification,    │
    │                    the login typed again by each approver and an             │
    │                    authenticator code with each confirmation and approval;   │
    │                    expires after 45 min; approvers are reminded every 10     │
    │                    min; after 20 min, oncall can approve too; applies        │
    │                    Mon-Fri 08:00-18:00 UTC (rule: edits by day)              │
    │                                                                              │
    │ Other rules apply if the plan affects:                                       │
    │ · 10 or more people: needs your confirmation, 1 approval from supervisor and │
    │   1 approval from admin; expires after 60 min (rule: ten people want two     │
    │   groups)                                                                    │
    │                                                                              │
    │ Requests about a protected user need two approvals from others, whichever    │
    │ rule applies.                                                                │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
}

#[tokio::test]
async fn the_way_of_an_emergency_is_said_to_whoever_has_it() {
    let mut story = Story::begin().await;
    plays! { story:
        ("oncall", "/desk why connect reset", "Emergency", "an authenticator code with your confirmation; runs immediately and is reviewed afterwards"),
        ("helpdesk", "/desk why connect reset", "≠Emergency"),
    }
}

#[tokio::test]
async fn a_freeze_is_said_as_long_as_it_holds() {
    let mut story = Story::begin().await;
    plays! { story:
        ("supervisor", "☑ /desk freeze john.doe", "in effect"),
        ("helpdesk", "/desk why connect edit john.doe", "about john.doe here, but not now", "supervisor froze `john.doe` at 09:00 UTC (#1). Ask them to lift it with `/desk unfreeze 1`."),
        ("helpdesk", "/desk why connect edit mei.chen", "Yes, you can use", "≠but not now", "≠froze"),
        ("helpdesk", "/desk why connect edit", "≠but not now", "supervisor froze `john.doe`"),
        ("helpdesk", "/desk why connect show john.doe", "Yes, you can use", "≠froze"),
        ("supervisor", "/desk why desk freeze", "Yes, you can use", "≠froze"),
        ("supervisor", "☑ /desk freeze all", "in effect"),
        ("helpdesk", "/desk why connect edit", "but not now", "froze everything"),
        ("supervisor", "/desk unfreeze 1", ""),
        ("supervisor", "/desk unfreeze 2", ""),
        ("helpdesk", "/desk why connect edit john.doe", "Yes, you can use", "≠but not now"),
    }
}

#[tokio::test]
async fn who_has_more_rights_than_the_role_may_give_can_not_be_changed() {
    let mut story = Story::begin().await;
    for (who, command, login, said) in [
        ("helpdesk", "connect edit", "jane.doe", "No, you can't change jane.doe with /connect edit"),
        ("helpdesk", "connect edit", "jane.doe", "Ask someone with the role admin."),
        ("helpdesk", "connect reset", "jane.doe", "An email with instructions can still be sent"),
        ("helpdesk", "connect edit", "john.doe", "Yes, you can use"),
        // Nothing is changed.
        ("helpdesk", "connect show", "jane.doe", "Yes, you can use"),
        ("admin", "connect edit", "jane.doe", "Yes, you can use"),
        ("auditor", "connect edit", "jane.doe", "doesn't allow `/connect edit` here"),
    ] {
        plays! { story: (who, &format!("/desk why command:\"{command}\" login:{login}"), said) }
    }
}

#[tokio::test]
async fn who_may_not_use_a_command_about_users_learns_no_name_by_asking_about_it() {
    let mut story = Story::begin().await;
    for (who, line, said) in [
        ("john", "connect guide jane", "isn't about a user. Leave out the login."),
        ("john", "connect guide jane.doe", "isn't about a user. Leave out the login."),
        ("john", "connect reset jane", "doesn't allow `/connect reset` here"),
        ("john", "connect reset jane doe", ""),
        ("helpdesk", "connect guide jane.doe", "isn't about a user. Leave out the login."),
        ("helpdesk", "connect reset jane", "Did you mean"),
    ] {
        let told = story.told(who, &format!("/desk why {line}")).await;
        assert!(told.contains(said), "{who} {line}: {told}");
        let is_told = told.contains("jane.doe") && !line.contains("jane.doe");
        assert!(who != "john" || !is_told, "{who} {line}: {told}");
    }
}

#[tokio::test]
async fn what_it_says_of_a_user_is_what_a_request_about_them_finds() {
    let mut story = Story::ruled(|config| {
        let denied = rule(
            r#"
            name = "the east is not for l1"
            commands = ["connect edit"]
            roles = ["l1"]
            touches = { groups = ["Eastern Region"] }
            deny = true
            "#,
        );
        config.policy.rules.insert(0, denied);
        config.site.protected.logins.insert("laura.pace".to_owned());
        config.site.emergencies.shifts.push(desk_core::policy::Shift {
            person: "console:1004".parse().unwrap(),
            hours: "daily 18:00-08:00 UTC".parse().unwrap(),
        });
    })
    .await;
    let other =
        "denies this. Ask someone with the role supervisor, oncall or admin. (rule: the east is not for l1)";
    plays! { story:
        ("helpdesk", "/desk why connect edit mei.chen", "✗ No, you can't use /connect edit about mei.chen here", "A policy rule denies this.", "≠to read"),
        ("helpdesk", "/connect edit mei.chen acw:60", "A policy rule denies this."),
        ("helpdesk", "/desk why connect edit ben.carter", "Yes, you can use", "Other rules apply if the plan affects", "the group `Eastern Region`: A policy rule", "≠protected"),
        ("helpdesk", "/desk why connect edit", "the group `Eastern Region`: A policy rule"),
        ("oncall", "/desk why connect edit mei.chen", "with the role supervisor or admin."),
        ("supervisor", "/desk why connect edit laura.pace", "2 approvals from supervisor or admin", "`laura.pace` is protected"),
        ("supervisor", "/connect edit laura.pace acw:60", "2 approvals from supervisor or admin"),
        ("oncall", "/desk why connect reset", "Emergency", "You are not on call now", "≠runs immediately"),
        ("helpdesk", "wait 10h", ""),
        ("oncall", "/desk why connect reset", "Emergency", "≠You are not on call now", "runs immediately"),
        ("oncall", "/desk why connect reset laura.pace", "Emergency", "≠runs immediately", "is reviewed afterwards"),
    }
    let told = story.told("helpdesk", "/desk why connect edit").await;
    assert!(told.contains(other), "{told}");
}
