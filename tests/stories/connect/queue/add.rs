use serde_json::json;

use crate::support::Story;

const WHO: &str = "second";

#[tokio::test]
async fn a_queue_is_created_with_its_quick_connects_and_undo_removes_it_and_creates_it_again() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    plays! { story: (WHO, "✓ /connect queue add Vaccination hours:\"Around the Clock\" description:\"About vaccines\" max_contacts:25 caller_id_name:\"County Health\" quick_connects:\"Help desk,Food bank\"", "· completed") }
    let there = story.world().await["queues"]["Vaccination"].clone();
    assert_eq!(there["hours"], "Around the Clock");
    assert_eq!(there["quick_connects"], json!(["Food bank", "Help desk"]));
    plays! { story: (WHO, "✓ /connect undo 1", "· completed") }
    assert_eq!(story.world().await, before);
    plays! { story: (WHO, "✓ /connect undo 2", "· completed") }
    assert_eq!(story.world().await["queues"]["Vaccination"], there);
}

#[tokio::test]
async fn without_hours_of_operation_there_is_no_queue() {
    let mut story = Story::begin().await;
    plays! { story: (WHO, "/connect queue add Vaccination", "A queue needs hours of operation.", "`Basic Hours`") }
    answers! { story: WHO, "/connect queue add";
        ("Callback hours:\"Basic Hours\"", "The queue `Callback` already exists."),
        ("New hours:\"Basc Hours\"", "No hours of operation `Basc Hours`."),
        ("New hours:\"Basic Hours\" quick_connects:\"Food bnak\"", "Did you mean"),
    }
    plays! { story: (WHO, "/connect queue add callback hours:\"Basic Hours\"", "exists and looks the same as") }
    assert_eq!(story.writes().await, 0);
}

#[tokio::test]
async fn what_someone_changed_since_is_not_removed_by_undo() {
    let mut story = Story::begin().await;
    story.carries_out(WHO, "/connect queue add Vaccination hours:\"Basic Hours\"").await;
    story.carries_out(WHO, "/connect queue edit Vaccination max_contacts:7").await;
    story.tells(WHO, "/connect undo 1", &["was changed since #1, and stays unchanged."]).await;
}

#[tokio::test]
async fn names_are_saved_as_people_see_them() {
    const HIDDEN: &str = "The name had invisible characters. They are removed.";
    for (line, saved) in [
        ("queue add \"Call\u{202e}  out\" hours:\"Basic Hours\"", "Create the queue `Call out`."),
        ("queue edit Callback new_name:\"Call\u{202e}  out\"", "`Call out`"),
        ("routing add \"\u{202e}Night\" default_queue:Callback", "Create the routing profile `Night`."),
        ("routing edit \"Basic Routing Profile\" new_name:\"\u{202e}Night\"", "`Night`"),
        ("quick add \"Poi\u{202e}son\" number:+15550100222", "Create the quick connect `Poison`"),
        ("quick edit \"Food bank\" new_name:\"Poi\u{202e}son\"", "`Poison`"),
        ("quick add file:quick.csv", "Create the quick connect `Poison`"),
        ("status add \"Coa\u{202e}ching\"", "Add the agent status `Coaching`."),
        ("status edit Break name:\"Pau\u{202e}se\"", "`Pause`"),
        ("group add \"Sou\u{202e}th\"", "Create the hierarchy group `South`."),
        ("group rename \"Eastern Region\" \"Ea\u{202e}st\"", "`Eastern Region` to `East`"),
        ("group levels \"Re\u{202e}gion\" level:1", "`Region`"),
        ("hours close \"Basic Hours\" from:2027-12-24 name:\"Xm\u{202e}as\"", HIDDEN),
    ] {
        let mut story = Story::with_files(&[(
            "quick.csv",
            "Name,Type,Destination\nPoi\u{202e}son,number,+15550100222\n".as_bytes(),
        )])
        .await;
        let card = story.card(WHO, &format!("/connect {line}")).await.words();
        let words = card.replace('`', "");
        assert!(words.contains(&saved.replace('`', "")), "{line}: {card}");
        assert!(card.contains(HIDDEN), "{line}: {card}");
    }
    let mut story = Story::begin().await;
    let told = story.told(WHO, "/connect queue add \"\u{202e}\u{202e}\" hours:\"Basic Hours\"").await;
    assert!(told.contains("is empty") || told.contains("only invisible characters"), "{told}");
}
