use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn before_and_after_are_shown_and_undo_sets_back_what_no_one_changed_since() {
    let mut story = Story::begin().await;
    plays! { story:
        (WHO, "/connect quick list", "+15550100201"),
        (WHO, "☑ /connect quick edit \"Food bank\" number:+15550100299 description:\"On weekdays\"", "Destination: phone number +15550100201 → phone number +15550100299", "⇒"),
    }
    let there = story.world().await["quick_connects"]["Food bank"].clone();
    assert_eq!(there["number"], "+15550100299");
    assert_eq!(there["description"], "On weekdays");
    // Someone sets the number again; the description goes back, and the number stays.
    story.carries_out(WHO, "/connect quick edit \"Food bank\" number:+15550100300").await;
    // All of it in one second: what was remembered before is not believed.
    let told = story.told(WHO, "/connect quick list").await;
    assert!(told.contains("+15550100300") && !told.contains("+15550100299"), "{told}");
    plays! { story: (WHO, "☑ /connect undo 1", "was changed since", "⇒") }
    let there = story.world().await["quick_connects"]["Food bank"].clone();
    assert_eq!(there["number"], "+15550100300");
    assert!(there["description"].is_null(), "{there}");
}

#[tokio::test]
async fn it_keeps_its_queues_under_another_name_and_to_another_user() {
    let mut story = Story::begin().await;
    let queues = story.world().await["quick_connects"]["John Doe"]["queues"].clone();
    plays! { story: (WHO, "✓ /connect quick edit \"John Doe\" new_name:\"Olga Novak\" user:olga.novak", "· completed") }
    let there = story.world().await["quick_connects"].clone();
    assert!(there["John Doe"].is_null());
    assert_eq!(there["Olga Novak"]["user"], "olga.novak");
    assert_eq!(there["Olga Novak"]["queues"], queues);
    plays! { story: (WHO, "/connect quick edit \"Olga Novak\" user:olga.novak", "is already set that way") }
}

#[tokio::test]
async fn where_a_user_is_gone_another_is_named_and_the_card_says_what_is_lost() {
    let mut story = Story::with(|options| options.sim.seed = desk_sim::Seed::Untidy).await;
    plays! { story:
        (WHO, "/connect quick edit \"Former agent\" user:john.doe", "a deleted user"),
        (WHO, "/connect quick edit \"Former agent\"", "No change is given."),
        (WHO, "/connect quick edit \"Lost number\" transfer_flow:\"Default agent transfer\"", "has no transfer flow"),
        (WHO, "/connect quick edit \"Lost number\" new_name:\"Food bank\"", "The quick connect `Food bank` already exists."),
    }
}
