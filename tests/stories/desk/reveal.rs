use crate::support::Story;

async fn done() -> Story {
    done_in(Story::begin().await).await
}

async fn done_in(mut story: Story) -> Story {
    plays! { story: ("helpdesk", "✓ /connect reset john.doe method:recreate") }
    story
}

#[tokio::test]
async fn the_requester_sees_it_once() {
    let mut story = done_in(
        Story::begin()
            .await
            .everywhere(&[
                "Block::Secret",
                "Block::Text",
                "Kind::Choice",
                "Kind::Login",
                "Kind::Request",
                "a private card",
            ])
            .await,
    )
    .await;
    let card = story.told("helpdesk", "/desk reveal 1").await;
    assert!(card.contains("Temporary password for john.doe") && card.contains("only you see this"), "{card}");
    story.tells("helpdesk", "/desk reveal 1", &["was already shown to helpdesk at 09:00 UTC"]).await;
}

#[tokio::test]
async fn nobody_else_sees_it() {
    let mut story = done().await;
    for who in ["supervisor", "second", "admin", "oncall"] {
        plays! { story: (who, "/desk reveal 1", "Only the requester, helpdesk, can") }
    }
}

#[tokio::test]
async fn it_survives_a_restart_and_expires() {
    let mut story = done().await;
    story.says("helpdesk", "restart").await;
    story.says("helpdesk", "wait 25h").await;
    let sealed = desk_core::ports::Files::passwords(&story.inside().store).await.unwrap();
    assert!(sealed.is_empty(), "it is destroyed whether or not someone asks for it: {sealed:?}");
    story.tells("helpdesk", "/desk reveal 1", &["it has expired, or was lost"]).await;
}

#[tokio::test]
async fn a_request_without_a_password_has_none_to_show() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "/connect reset john.doe method:console").await;
    story.tells("helpdesk", "/desk reveal 1", &["#1 has no temporary password to show."]).await;
}
