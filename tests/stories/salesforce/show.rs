use desk_core::card::Card;
use serde_json::json;

use crate::support::Story;

fn lines(card: &Card) -> Vec<&str> {
    card.actions.iter().filter_map(|action| action.line.as_deref()).collect()
}

#[tokio::test]
async fn whatever_is_odd_about_a_user_is_said() {
    let mut story = Story::begin().await;
    for (login, says, offers) in table! {
    ("aaron.fields", "Call center ACLightningAdapter", vec![]),
    ("laura.pace", "Frozen yes", vec!["/salesforce unfreeze laura.pace", "/salesforce grant laura.pace", "/salesforce join laura.pace"]),
    ("victor.hale", "Ask a Salesforce administrator to activate them.", vec![]),
    // The org's own set of the same name is another one.
    ("grace.lee", "AC_Agent (this org's own)", vec!["/salesforce grant grace.lee"]),
    ("grace.lee", "center, where apps can't add or remove users", vec!["/salesforce grant grace.lee"]),
    ("omar.aziz", "AC_Agent (expired)", vec!["/salesforce revoke omar.aziz", "/salesforce join omar.aziz"])}
    {
        let line = format!("/salesforce show {login}");
        let told = story.told("helpdesk", &line).await.replace('`', "");
        assert!(told.contains(says), "{login}: {told}");
        let card = story.card("helpdesk", &line).await;
        assert!(card.private, "{login}");
        assert_eq!(lines(&card), offers, "{login}");
    }
}

#[tokio::test]
async fn nobody_is_guessed() {
    let mut story = Story::ruled(|config| {
        let site = config.systems.salesforce.as_mut().unwrap();
        site.settings.user = connect_desk::systems::salesforce::UserRule {
            field: connect_desk::systems::salesforce::UserField::Email,
            value: "{email}".to_owned(),
        };
    })
    .await;
    plays! { story:
        ("helpdesk", "/salesforce show mike.turner", "2 Salesforce users have the email"),
        ("helpdesk", "/salesforce show kofi.mensah", "No Salesforce user has the email"),
        ("helpdesk", "/salesforce show jon.doe", "Did you mean `/salesforce show john.doe`"),
        ("helpdesk", "/salesforce grant mike.turner", "╭ ✗"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn whoever_is_gone_in_amazon_connect_is_still_found() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "✓ /connect remove mei.chen"),
        ("helpdesk", "/salesforce show mei.chen", "Check that the Salesforce user `mei.chen@"),
        ("helpdesk", "/salesforce grant mei.chen", "No user `mei.chen`"),
        ("helpdesk", "✓ /salesforce freeze mei.chen", "╭ ✓"),
    }
}

#[tokio::test]
async fn where_there_is_no_salesforce_that_is_said() {
    let mut story = Story::ruled(|config| config.systems.salesforce = None).await;
    for line in ["/salesforce show john.doe", "/salesforce grant john.doe"] {
        story.tells("helpdesk", line, &["Salesforce isn't set up here."]).await;
    }
    story.tells("helpdesk", "/connect diagnose john.doe", &["they have the permission set `AC_Agent`"]).await;
}

#[tokio::test]
async fn a_salesforce_that_does_not_let_the_desk_in_costs_nothing_else() {
    let mut story = Story::begin().await;
    story.org("PATCH", "app", json!({ "installed": false })).await;
    // Anyone who came in before is out.
    story.org("DELETE", "sessions", json!(null)).await;
    plays! { story:
        ("helpdesk", "/salesforce show john.doe", "not installed"),
        ("helpdesk", "/connect show john.doe", "╭ ·"),
        ("helpdesk", "/connect diagnose john.doe", "login is exactly", "not installed"),
    }
    story.org("PATCH", "app", json!({ "installed": true })).await;
    story.tells("helpdesk", "/connect diagnose john.doe", &["lack the permission set `AC_Agent`"]).await;
}
