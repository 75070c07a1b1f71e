use crate::support::Story;

#[tokio::test]
async fn it_takes_two_admins_whatever_the_rules_say() {
    let mut story = Story::begin().await;
    plays! { story:
        ("oncall", "phone"),
        ("helpdesk", "/desk recover account:console:1004 reason:\"new phone; verified in person\""),
        ("helpdesk", "/desk confirm 1", "2 approvals from admin"),
        ("supervisor", "/desk approve 1", "can't decide on this"),
        ("admin", "/desk approve 1", "1 approval from admin"),
        ("deputy", "/desk approve 1", "╭ ✓"),
        ("oncall", "/desk enroll", "Scan this with your authenticator"),
    }
}

#[tokio::test]
async fn nobody_recovers_an_account_that_is_not_there() {
    let mut story = Story::begin().await;
    let told = story.told("helpdesk", "/desk recover account:console:9").await;
    assert!(told.contains("No account `console:9`."), "{told}");
    story.tells("helpdesk", "/desk recover account:mary", &["No person `mary` in the log."]).await;
}

#[tokio::test]
async fn an_account_is_named_as_it_is_written() {
    for typed in ["console:1004", "account:console:1004", "account: console:1004"] {
        let mut story = Story::begin().await;
        plays! { story:
            ("helpdesk", &format!("/desk recover {typed} reason:\"new phone\""), "Reset the authenticator of `oncall` (`console:1004`)"),
            ("helpdesk", "/desk recover acount:console:1004", "has no option `acount`"),
        }
    }
}

#[tokio::test]
async fn nobody_else_comes_to_approve_it_when_no_admin_has() {
    let mut story = Story::ruled(|config| {
        let rule = r#"
            name = "anyone, soon"
            commands = ["desk recover"]
            roles = ["l1"]
            approvals = 1
            approvers = ["admin"]
            escalate = { after_minutes = 1, approvers = ["supervisor", "l1"] }
        "#;
        config.policy.rules.insert(0, toml::from_str(rule).unwrap());
    })
    .await;
    story.says("helpdesk", "/desk recover account:console:1004 reason:\"new phone\"").await;
    story.says("helpdesk", "/desk confirm 1").await;
    story.says("helpdesk", "wait 5m").await;
    for who in ["supervisor", "second"] {
        plays! { story: (who, "/desk approve 1", "can't decide on this") }
    }
}

#[tokio::test]
async fn a_rule_may_want_more_than_two_admins() {
    let mut story = Story::ruled(|config| {
        let rule = r#"
            name = "three admins"
            commands = ["desk recover"]
            roles = ["l1"]
            approvals = 3
            approvers = ["admin"]
        "#;
        config.policy.rules.insert(0, toml::from_str(rule).unwrap());
    })
    .await;
    plays! { story: ("helpdesk", "☑ /desk recover account:console:1004 reason:\"new phone\"", "3 approvals from admin") }
}
