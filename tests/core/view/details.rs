use desk_core::view::details::first_words;

#[test]
fn what_is_lost_is_said_in_its_first_words_and_names_are_whole() {
    for (lost, shown) in [
        ("own queue; tasks waiting in it", "own queue"),
        ("old destination: the queue `Help, Desk`", "old destination"),
        ("quick connect `a; b: c, d`; it is gone", "quick connect `a; b: c, d`"),
        ("current password", "current password"),
    ] {
        assert_eq!(first_words(lost), shown);
    }
}
