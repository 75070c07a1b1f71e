use desk_core::card::Tone;
use insta::assert_snapshot;

use crate::support::{Story, in_order};

/// Asks, and says every yes that it takes.
async fn done(story: &mut Story, no: u64, line: &str) {
    story.says("helpdesk", line).await;
    yes(story, no).await;
}

async fn yes(story: &mut Story, no: u64) {
    let mut card = story.card("helpdesk", &format!("/desk confirm {no}")).await;
    if card.tone == Tone::Asks {
        card = story.card("supervisor", &format!("/desk approve {no}")).await;
    }
    assert_eq!(card.tone, Tone::Good, "{card:?}");
}

#[tokio::test]
async fn an_edit_is_taken_back_value_by_value() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    let line = "/connect edit john.doe routing_profile:\"Contact Tracers Profile\" hierarchy_group:\"Tracers East\" \
                first_name:Jon mobile:+15550100177 acw:0 auto_accept:true tag:site=west,team=red untag:department \
                proficiency:Language:Spanish=4";
    done(&mut story, 1, line).await;
    assert_snapshot!(story.says("helpdesk", "/connect undo 1 reason:\"wrong John\"").await, @"
    ╭─ ? #2 undo `john.doe` waits ─────────────────────────────────────────────────╮
    │ Take back what #1 (`/connect edit`) did: set back 1 user.                    │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │ Reason    `wrong John`                                                       │
    │                                                                              │
    │ First name: `Jon` → `John`                                                   │
    │ Mobile: `+15550100177` → `none`                                              │
    │ Routing profile: `Contact Tracers Profile` → `Case Investigator Profile`     │
    │ Hierarchy group: `Eastern Region/Contact Tracing East/Tracers East` →        │
    │   `Eastern Region/Case Investigation East/Investigators East`                │
    │ Auto-accept (voice): `on` → `off`                                            │
    │ After contact work (voice, chat, task and email): `without end` → `300 s`    │
    │ Tag department: `none` → `investigation`                                     │
    │ Tag site: `west` → `east`                                                    │
    │ Tag team: `red` → `none`                                                     │
    │ Proficiency Language: Spanish: `4` → `2`                                     │
    │                                                                              │
    │ ! Removing an agent from a hierarchy group affects historical reports.       │
    │                                                                              │
    │ Needs the requester's confirmation within 60 min. Then 7 steps run at once;  │
    │ a failure takes everything back.                                             │
    │                                                                              │
    │ ○ 1. Set first name and mobile of `john.doe`                                 │
    │ ○ 2. Set the routing profile of `john.doe`                                   │
    │ ○ 3. Set the hierarchy group of `john.doe`                                   │
    │ ○ 4. Set auto-accept and after contact work of `john.doe`                    │
    │ ○ 5. Set tags of `john.doe`                                                  │
    │ ○ 6. Take tags off `john.doe`                                                │
    │ ○ 7. Set proficiencies of `john.doe`                                         │
    │                                                                              │
    │ → /desk confirm 2   /desk cancel 2                                           │
    ╰─ plan de7701 · rule: what can be changed back needs the requester's confir… ─╯
    ");
    yes(&mut story, 2).await;
    assert_eq!(story.world().await, before);
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("Nothing of #1 is left to take back."), "{told}");
    assert!(told.contains("The first name of `john.doe` is as it was before already."), "{told}");
}

#[tokio::test]
async fn an_undo_is_undone_like_anything_else() {
    let mut story = Story::begin().await;
    done(&mut story, 1, "/connect edit john.doe acw:60 tag:team=red proficiency:Language:French=3").await;
    let after = story.world().await;
    done(&mut story, 2, "/connect undo 1").await;
    assert_ne!(story.world().await, after);
    done(&mut story, 3, "/connect undo 2").await;
    assert_eq!(story.world().await, after);
}

#[tokio::test]
async fn what_somebody_changed_since_is_left_alone() {
    let mut story = Story::begin().await;
    done(&mut story, 1, "/connect edit john.doe first_name:Jon mobile:+15550100177 tag:site=west").await;
    done(&mut story, 2, "/connect edit john.doe mobile:+15550100199").await;
    let told = story.told("helpdesk", "/connect undo 1").await;
    let left = "! The mobile of `john.doe` was changed since: #1 set `+15550100177`, now it is `+15550100199`; it is left alone.";
    assert!(told.contains(left), "{told}");
    yes(&mut story, 3).await;
    let user = story.world().await["users"]["john.doe"].clone();
    assert_eq!(user["identity"]["FirstName"], "John");
    assert_eq!(user["identity"]["Mobile"], "+15550100199");
    assert_eq!(user["tags"]["site"], "east");
}

#[tokio::test]
async fn an_email_is_set_back_only_with_a_supervisors_yes() {
    let mut story = Story::begin().await;
    done(&mut story, 1, "/connect edit john.doe email:jd@example.org").await;
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("and 1 approval (supervisor or admin)"), "{told}");
    assert!(
        told.contains("Whoever reads `john.doe@example.com` can set a password for `john.doe`"),
        "{told}"
    );
    yes(&mut story, 2).await;
    assert_eq!(story.world().await["users"]["john.doe"]["identity"]["Email"], "john.doe@example.com");
}

#[tokio::test]
async fn a_created_user_is_removed_and_comes_back_by_undoing_that() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    done(&mut story, 1, "/connect add Erika Muster email:erika@example.com like:john.doe").await;
    let with = story.world().await;
    assert_snapshot!(story.says("helpdesk", "/connect undo 1").await, @"
    ╭─ ? #2 undo `Erika.Muster` waits ─────────────────────────────────────────────╮
    │ Take back what #1 (`/connect add`) did: remove 1 user.                       │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │                                                                              │
    │  Login name     Name           Email address                                 │
    │ ═════════════════════════════════════════════════                            │
    │  Erika.Muster   Erika Muster   erika@example.com                             │
    │                                                                              │
    │ What stays:                                                                  │
    │ · contact records and historical metrics, in which the agent still appears   │
    │                                                                              │
    │ Needs the requester's confirmation and 1 approval (supervisor or admin)      │
    │ within 60 min. Then 1 step runs at once; there is no way back.               │
    │                                                                              │
    │ ○ 1. Remove `Erika.Muster`; from here on there is no way back                │
    │                                                                              │
    │ This does not come back:                                                     │
    │ · the user and its id; a user created again under the same login is another  │
    │   one                                                                        │
    │ · the agent's own queue, and tasks waiting in it                             │
    │ · the agent activity audit, which no longer lists the name                │
    │ · the password, sessions and saved reports                                   │
    │                                                                              │
    │ → /desk confirm 2   /desk approve 2   /desk deny 2   /desk request-changes 2 │
    │   /desk cancel 2                                                             │
    ╰─ plan 115267449a · rule: what touches sign-in or cannot be undone needs a … ─╯
    ");
    yes(&mut story, 2).await;
    assert_eq!(story.world().await, before);
    done(&mut story, 3, "/connect undo 2").await;
    assert_eq!(story.world().await, with);
}

#[tokio::test]
async fn somebody_else_under_the_same_login_is_left_alone() {
    let mut story = Story::begin().await;
    let add = "/connect add Erika Muster email:erika@example.com like:john.doe";
    done(&mut story, 1, add).await;
    done(&mut story, 2, "/connect remove Erika.Muster").await;
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("`Erika.Muster`, whom #1 created, is gone already."), "{told}");
    done(&mut story, 3, add).await;
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(
        told.contains("`Erika.Muster` is another user now than #1 created, and is left alone."),
        "{told}"
    );
}

#[tokio::test]
async fn several_removed_users_come_back_together() {
    let mut story = Story::begin().await;
    let before = in_order(story.world().await);
    done(&mut story, 1, "/connect remove mei.chen olga.novak").await;
    assert_snapshot!(story.says("helpdesk", "/connect undo 1").await, @"
    ╭─ ? #2 undo `mei.chen` and `olga.novak` waits ────────────────────────────────╮
    │ Take back what #1 (`/connect remove`) did: create again 2 users.             │
    │                                                                              │
    │ Asked by  `helpdesk` at 09:00 UTC                                            │
    │                                                                              │
    │  Comes back   Name         Routing profile                                   │
    │ ═════════════════════════════════════════════════════                        │
    │  mei.chen     Mei Chen     Contact Tracers Profile                           │
    │  olga.novak   Olga Novák   Case Investigator Profile                         │
    │                                                                              │
    │ Needs the requester's confirmation and 1 approval (supervisor or admin)      │
    │ within 60 min. Then 5 steps run at once, for each of 2 users on its own; a   │
    │ user that stands again stays, and what fails after that waits for a person.  │
    │                                                                              │
    │ ○ 1. Create `mei.chen` again                                                 │
    │ ○ 2. Give `mei.chen` 2 proficiencies                                         │
    │ ○ 3. Create the quick connect `Mei Chen` again                               │
    │ ○ 4. Put the quick connect `Mei Chen` back into the queue `Contact Tracing`  │
    │ ○ 5. Create `olga.novak` again                                               │
    │                                                                              │
    │ Afterwards the requester gets 2 emails to copy.                              │
    │                                                                              │
    │ This does not come back:                                                     │
    │ · the old id and ARN, and whatever refers to them: reports show the old user │
    │   and the new one apart                                                      │
    │ · the agent's own queue, and the tasks that were waiting in it           │
    │ · the old password, sessions and saved reports                               │
    │                                                                              │
    │ → /desk confirm 2   /desk approve 2   /desk deny 2   /desk request-changes 2 │
    │   /desk details 2   /desk cancel 2                                           │
    ╰─ plan ecc4c3 · rule: what touches sign-in or cannot be undone needs a supe… ─╯
    ");
    yes(&mut story, 2).await;
    assert_eq!(in_order(story.world().await), before);
}

#[tokio::test]
async fn several_users_who_were_edited_alike_are_set_back_each_on_their_own() {
    let mut story = Story::begin().await;
    let before = story.world().await;
    done(&mut story, 1, "/connect edit john.doe olga.novak acw:60 tag:team=red").await;
    done(&mut story, 2, "/connect edit olga.novak acw:90").await;
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("set back 2 users"), "{told}");
    assert!(told.contains("of `olga.novak` was changed since: #1 set `60 s`, now it is `90 s`"), "{told}");
    yes(&mut story, 3).await;
    let after = story.world().await;
    assert_eq!(after["users"]["john.doe"], before["users"]["john.doe"]);
    assert_eq!(after["users"]["olga.novak"]["tags"], before["users"]["olga.novak"]["tags"]);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_said() {
    let mut story = Story::begin().await;
    done(&mut story, 1, "/connect reset john.doe method:recreate").await;
    let card = story.card("helpdesk", "/desk history 1").await;
    assert!(card.actions.is_empty());
    let told = story.told("helpdesk", "/connect undo 1").await;
    assert!(told.contains("Nothing of #1 is left to take back."), "{told}");
    assert!(
        told.contains("was removed and created again: the old id and the old password do not come back"),
        "{told}"
    );
    // What is refused once it has a number is no typo.
    story.says("helpdesk", "/connect edit jane.doe acw:60").await;
    let told = story.told("helpdesk", "/connect undo 2").await;
    assert!(
        told.contains("#2 could not be done; nothing was changed. There is nothing of it to take back."),
        "{told}"
    );
    let told = story.told("helpdesk", "/connect undo 99").await;
    assert!(told.contains("No request #99."), "{told}");
}

#[tokio::test]
async fn a_change_between_plan_and_yes_voids_the_yes() {
    let mut story = Story::begin().await;
    done(&mut story, 1, "/connect edit john.doe email:jd@example.org").await;
    story.says("helpdesk", "/connect undo 1").await;
    story.says("helpdesk", "/desk confirm 2").await;
    done(&mut story, 3, "/connect edit john.doe acw:60").await;
    let told = story.told("supervisor", "/desk approve 2").await;
    assert!(told.contains("An earlier yes counts no more:"), "{told}");
    assert!(told.contains("`300` became `60`"), "{told}");
}

#[tokio::test]
async fn a_group_or_profile_that_is_gone_cannot_be_set_back_and_the_rest_is() {
    for (edit, what, kind) in [
        (
            "hierarchy_group:none acw:60",
            "hierarchy_groups/Investigators%20East",
            "hierarchy group `Eastern Region/Case Investigation East/Investigators East`",
        ),
        (
            "routing_profile:\"Contact Tracers Profile\" acw:60",
            "routing_profiles/Case%20Investigator%20Profile",
            "routing profile `Case Investigator Profile`",
        ),
    ] {
        let mut story = Story::begin().await;
        done(&mut story, 1, &format!("/connect edit john.doe {edit}")).await;
        let left = story.world().await["users"]["john.doe"].clone();
        story.sim(&format!("DELETE /_sim/world/{what}")).await;
        // The desk remembers the names of profiles for a while.
        story.says("helpdesk", "wait 2m").await;
        let told = story.told("helpdesk", "/connect undo 1").await;
        assert!(told.contains(&format!("The {kind} no longer exists.")), "{told}");
        assert!(told.contains("`john.doe` cannot get it back."), "{told}");
        yes(&mut story, 2).await;
        let after = story.world().await["users"]["john.doe"].clone();
        assert_eq!(after["phone_config"]["AfterContactWorkTimeLimit"], 300, "{told}");
        for side in ["hierarchy_group", "routing_profile"] {
            assert_eq!(after[side], left[side], "{told}");
        }
    }
}
