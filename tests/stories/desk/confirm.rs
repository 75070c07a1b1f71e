use crate::support::Story;

#[tokio::test]
async fn the_requester_confirms_once_and_the_card_says_what_is_missing_then() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/connect reset john.doe method:console"),
        ("oncall", "/desk confirm 1", "Only the requester, helpdesk, can confirm #1."),
        ("helpdesk", "/desk confirm #1", "☑ Confirmed by helpdesk", "☐ 1 approval from supervisor or admin · expires", "≠/desk confirm"),
        ("helpdesk", "/desk confirm 1", "You confirmed #1 at 09:00 UTC."),
    }
}

#[tokio::test]
async fn a_number_that_is_none_is_said() {
    let mut story = Story::begin().await;
    answers! { story: "helpdesk", "/desk confirm";
        ("7", "No request #7."),
        ("seven", "`seven` isn't a request number."),
        ("", "No request is waiting for `/desk confirm` from you."),
        ("0", "No request `0`."),
    }
}
