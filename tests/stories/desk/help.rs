use crate::support::Story;

#[tokio::test]
async fn everybody_sees_what_they_may_ask_and_no_more() {
    let mut story = Story::begin().await;
    let help = story.told("john", "/desk help").await;
    for command in ["/connect guide", "/desk help", "/desk whoami", "/desk why"] {
        assert!(help.contains(command), "{command}: {help}");
    }
    let all = desk_commands::all().into_iter().filter(|entry| help.contains(&format!("/{} ", entry.path)));
    assert_eq!(all.count(), 4, "{help}");
    let help = story.told("helpdesk", "/desk help").await;
    for entry in desk_commands::all() {
        let alone = [
            "desk digest",
            "desk freeze",
            "desk review",
            "connect dismiss",
            "connect tasks",
            "connect until",
        ];
        // What supervisors do in a group of commands, whatever others may look at there.
        let of_groups = [
            ("connect group", vec!["add", "levels", "remove", "rename"]),
            ("connect hours", vec!["close", "open"]),
            ("connect status", vec!["add", "disable", "edit", "enable", "order", "set"]),
        ];
        let (group, verb) = entry.path.rsplit_once(' ').unwrap();
        let is_kept = alone.contains(&entry.path)
            || ["connect queue", "connect quick", "connect routing"].contains(&group)
            || of_groups.iter().any(|(of, verbs)| *of == group && verbs.contains(&verb));
        assert_eq!(help.contains(&format!("/{} ", entry.path)), !is_kept, "{}: {help}", entry.path);
    }
}

#[tokio::test]
async fn one_command_is_explained_with_examples_and_a_wrong_word_answered_with_the_nearest() {
    let mut story = Story::begin().await;
    plays! { story:
        ("helpdesk", "/desk help /connect reset", "/connect reset <login>", "/connect reset john.doe"),
        ("helpdesk", "/desk help connect rest", "Did you mean `/desk help connect reset`?"),
    }
}
