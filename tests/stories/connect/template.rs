use insta::assert_snapshot;

use crate::support::Story;

#[tokio::test]
async fn the_sheet_to_fill_in_comes_with_what_has_to_stand_in_it() {
    let mut story = Story::begin().await;
    assert_snapshot!(story.says("helpdesk", "/connect template").await, @"
    `users.csv` is saved in the state folder as `files/20261120-090000-users.csv`.
    ╭─ · A sheet of users to fill in ──────────────────────────────────────────────╮
    │ One row is one user. First name, last name, login, routing profile and       │
    │ security profile are needed, and an email address or a first password; what  │
    │ is left empty is as the desk sets up every new user. Several security        │
    │ profiles stand in one cell with a `|` between them.                          │
    │                                                                              │
    │ Save it as `CSV UTF-8`, and give it to `/connect import`, which checks every │
    │ row before it creates anybody.                                               │
    │                                                                              │
    │ File `users.csv`, 445 bytes                                                  │
    ╰─ only you see this ──────────────────────────────────────────────────────────╯
    ");
    let sheet = story.saved("files/20261120-090000-users.csv");
    assert!(sheet.starts_with("\u{feff}first name,last name,email address,password,user login,"), "{sheet}");
    assert_eq!(sheet.lines().count(), 2);
}

#[tokio::test]
async fn an_unchanged_template_imports_nobody() {
    let sheet = desk_core::formats::sheet::template();
    let mut story = Story::with_files(&[("users.csv", sheet.as_bytes())]).await;
    let told = story.told("helpdesk", "/connect import users.csv").await;
    assert!(
        told.contains("Nobody in the file `users.csv` is new: it has no user. There is nothing to do."),
        "{told}"
    );
    assert_eq!(story.writes().await, 0);
}
