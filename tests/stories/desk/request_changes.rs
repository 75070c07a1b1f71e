use crate::support::Story;

#[tokio::test]
async fn it_goes_back_with_a_sentence_and_the_yeses_before_it_count_no_more() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe method:recreate"),
        ("supervisor", "/desk request-changes 1 \"try it by mail first\"", "supervisor requested changes: `try it by mail first` ☐ Confirmation by helpdesk ☐ 1 approval"),
        ("second", "/desk approve 1", "☑ Approved by second", "☐ Confirmation by helpdesk"),
        ("helpdesk", "/desk confirm 1", "╭ ✓"),
    }
}

#[tokio::test]
async fn it_wants_a_sentence_and_an_approver() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    let told = story.told("supervisor", "/desk request-changes 1").await;
    assert!(told.contains("`/desk request-changes` needs a reason."), "{told}");
    plays! { story: ("helpdesk", "/desk request-changes 1 \"mine\"", "You can't decide on your own request.") }
}

#[tokio::test]
async fn it_goes_back_to_the_requester_also_where_no_confirmation_is_needed_otherwise() {
    let mut story = Story::ruled(|config| {
        config.policy.rules.iter_mut().for_each(|rule| rule.confirm &= rule.approvals == 0);
    })
    .await;
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:recreate", "☐ 1 approval", "≠☐ Confirmation"),
        ("supervisor", "/desk request-changes 1 \"say which ticket this is for\"", "needs confirmation", "☐ Confirmation by helpdesk ☐ 1 approval"),
        ("helpdesk", "/desk requests", "#1"),
        ("second", "/desk approve 1", "☑ Approved by second", "☐ Confirmation by helpdesk"),
        ("helpdesk", "/desk confirm 1", "╭ ✓"),
    }
}
