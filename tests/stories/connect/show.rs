use crate::support::Story;

#[tokio::test]
async fn what_they_are_doing_now_comes_first() {
    let mut story = Story::begin().await;
    story.says("helpdesk", "world john.doe takes_a_call").await;
    let card = story.told("helpdesk", "/connect show @john.doe").await;
    assert!(card.contains("Now on a voice contact since 09:00 UTC, `Available`"), "{card}");
    story.says("helpdesk", "world john.doe signs_out").await;
    story.tells("helpdesk", "/connect show john.doe", &["Now not active"]).await;
}

#[tokio::test]
async fn a_missing_email_is_pointed_out() {
    let mut story = Story::begin().await;
    let world = story.world().await;
    let without = world["users"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(_, user)| user["identity"].get("Email").is_none())
        .map(|(login, _)| login.clone())
        .expect("the guide's practice world has someone without an email");
    story.tells("helpdesk", &format!("/connect show {without}"), &["No email is on file"]).await;
}

#[tokio::test]
async fn wrong_logins_get_a_clear_answer() {
    let mut story = Story::begin().await;
    let long = "x".repeat(200);
    answers! { story: "helpdesk", "/connect show";
        ("jon.doe", "Did you mean `/connect show john.doe`"),
        ("jöhn.doe", "Did you mean `/connect show john.doe`?"),
        ("john/doe", "contains a slash. A login can have only letters, digits and `. _ - @`. Did you mean `/connect show john.doe`?"),
        ("\"john\u{7}doe\"", "No user `johndoe`. Did you mean `/connect show john.doe`?"),
        ("john\"doe", "contains a quote. A login can have only letters, digits and `. _ - @`. Did you mean `/connect show john.doe`?"),
        (&long, "No user `xxx"),
        ("", "`login` is missing."),
        ("john.doe jane.doe", "`/connect show` takes one user at a time."),
        ("john.doe login:jane.doe", "`login` is given twice."),
        ("login:john.doe login:jane.doe", "`login` is given twice."),
        ("john.doe color:blue", "has no option `color`"),
    }
}

/// Hundreds of logins begin alike, so the ones that are suggested are looked for by their ends as well.
#[tokio::test]
async fn among_many_who_begin_alike_the_one_who_is_meant_is_suggested() {
    let mut story = Story::with(|options| options.sim.seed = "users=400".parse().unwrap()).await;
    for (typed, meant) in table! {
        ("agnet000245", "agent000245"),
        ("agent00245", "agent000245"),
        ("agent00012", "agent000012"),
        ("agent000254x", "agent000254"),
    } {
        let card = story.card("helpdesk", &format!("/connect show {typed}")).await;
        let lines = card.offered();
        assert!(lines.contains(&format!("/connect show {meant}").as_str()), "{typed}: {lines:?}");
    }
    // Of so many, no one is meant more than anyone else.
    assert!(story.card("helpdesk", "/connect show agent0").await.offered().is_empty());
}
