use desk_core::basics::ids::RequestNo;
use desk_core::log::{Append, Draft, Event};

use crate::support::Story;

/// Writes a line to a request that can't follow there, as a fault of the program would.
async fn is_damaged(story: &Story, no: RequestNo) {
    let log = &story.inside().desk.saga.log;
    let last = log.request(no).await.unwrap().pop().unwrap();
    let draft = Draft {
        at: last.at,
        by: None,
        about: last.about,
        event: Event::Undone { step: 0, facts: Default::default() },
    };
    log.append(Append::To { no, after: last.line }, vec![draft]).await.unwrap();
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_closed_by_two_admins_and_keeps_its_lines() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    is_damaged(&story, RequestNo(1)).await;
    plays! { story:
        ("helpdesk", "/desk confirm 1", "Request #1 can't be read", "/log quarantine 1"),
        ("supervisor", "/desk requests", "1 request is open", "can't be read"),
        ("admin", "/log quarantine 1 reason:\"a fault; nothing was changed\"", "started. Check the contact center"),
        ("admin", "/desk confirm 2"),
        ("admin", "/desk approve 2", "own request"),
        ("deputy", "/desk approve 2", "╭ ✓"),
        ("supervisor", "/desk requests", "No requests are open"),
        ("supervisor", "/desk history 1", "requested: \"/connect reset", "quarantined"),
    }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn only_an_admin_asks_for_it_and_only_where_there_is_need() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:recreate").await;
    for (who, line, message) in [
        ("supervisor", "/log quarantine 1", "Only an admin can quarantine a request."),
        ("admin", "/log quarantine 1", "Request #1 can be read."),
        ("admin", "/log quarantine 7", "No request #7."),
    ] {
        plays! { story: (who, line, message) }
    }
}
