//! Whatever changes between a confirmation and an approval voids both, whichever command planned it. That another plan never runs on an
//! old approval is a law (tests/laws/digests.rs); what is here is that the plan of each command is another one then.

use desk_core::basics::ids::RequestNo;

use crate::support::Story;

#[tokio::test]
async fn whatever_changes_between_plan_and_approval_voids_the_approvals() {
    const MOVED: &str = "world john.doe routing_profile:\"Contact Tracers Profile\"";
    const BACK: &str = "world john.doe routing_profile:\"Case Investigator Profile\"";
    const NAMED: &str = "routing profile: `Case Investigator Profile` became `Contact Tracers Profile`";
    // Nothing but the time of the change tells of it.
    const SAVED: &str = "was saved again with the same settings";
    const NONE: &[&str] = &[];
    for (before, who, ask, meanwhile, says) in table! {
        (NONE, "helpdesk", "/connect reset john.doe method:recreate", &["world john.doe signs_in"][..], &["not possible", "is active"][..]),
        (NONE, "helpdesk", "/connect reset john.doe method:recreate", &["world john.doe removed"], &["· not possible", "No user `john.doe`"]),
        (NONE, "helpdesk", "/connect reset john.doe method:recreate", &["wait 5m", MOVED], &[NAMED]),
        (NONE, "helpdesk", "/connect reset john.doe method:recreate", &["wait 5m", MOVED, BACK], &[SAVED]),
        (NONE, "helpdesk", "/connect reset john.doe method:console", &["wait 5m", MOVED], &[NAMED]),
        (NONE, "helpdesk", "/connect reset john.doe method:console", &["wait 5m", MOVED, BACK], &[SAVED]),
        (NONE, "helpdesk", "/connect reset john.doe email:jd@example.org", &["wait 5m", MOVED], &[NAMED]),
        (NONE, "helpdesk", "/connect reset john.doe email:jd@example.org", &["wait 5m", MOVED, BACK], &[SAVED]),
        (NONE, "helpdesk", "/connect edit john.doe email:john@example.org", &[MOVED], &[NAMED]),
        (NONE, "helpdesk", "/connect edit john.doe email:jd@example.org", &["✓ /connect edit john.doe routing_profile:\"Contact Tracers Profile\""], &[NAMED]),
        (NONE, "helpdesk", "/connect edit mei.chen email:mei@example.org", &["wait 5m", "✓ /connect edit mei.chen acw:60", "✓ /connect edit mei.chen acw:300"], &["Approvals were reset: `mei.chen` was saved again"]),
        (NONE, "helpdesk", "/connect remove mei.chen", &["✓ /connect edit mei.chen acw:60"], &["Approvals were reset: after contact work", "`300 s` became `60 s`"]),
        (&["✓ /connect edit john.doe email:jd@example.org"], "helpdesk", "/connect undo 1", &["✓ /connect edit john.doe acw:60"], &["Approvals were reset:", "`300 s` became `60 s`"]),
        (&["✓ /connect remove mei.chen"], "helpdesk", "/connect restore mei.chen", &["✓ /connect add Mei Chen login:mei.chen email:mei@example.com like:john.doe"], &["Restore mei.chen · not possible", "The login `mei.chen` is taken"]),
        (NONE, "helpdesk", "/connect import users.csv", &["✓ /connect import users.csv"], &["Import", "not possible", "No new users in the file `users.csv`"]),
        (&["✓ /connect group add \"Northern Region\""], "supervisor", "/connect group remove \"Northern Region\"", &["✓ /connect group link \"Northern Region\" john.doe"], &["still has 1 agent: `john.doe`"]),
    } {
        let mut story = Story::begin().await;
        for line in before {
            story.plays(&[(who, line, &[])]).await;
        }
        let no = RequestNo(before.len() as u64 + 1);
        story.plays(&[(who, ask, &[]), (who, &format!("/desk confirm {}", no.0), &["☐ 1 approval"])]).await;
        for line in meanwhile {
            story.plays(&[("helpdesk", line, &[])]).await;
        }
        let writes = story.writes().await;
        let approver = if who == "supervisor" { "second" } else { "supervisor" };
        story.plays(&[(approver, &format!("/desk approve {}", no.0), says)]).await;
        assert_eq!(story.writes().await, writes, "{ask}, {meanwhile:?}");
        let request = story.inside().desk.request(no).await.unwrap();
        assert_eq!(request.voided.len(), 1, "{ask}, {meanwhile:?}");
    }
}

#[tokio::test]
async fn in_a_directory_a_change_meanwhile_voids_them_as_well() {
    let identity = desk_sim::IdentityType::ExistingDirectory;
    let mut story = Story::with(|options| options.sim.identity = identity).await;
    plays! { story:
        ("helpdesk", "☑ /connect reset john.doe"),
        ("helpdesk", "world john.doe routing_profile:\"Contact Tracers Profile\""),
        ("supervisor", "/desk approve 1", "Approvals were reset:"),
    }
    assert_eq!(story.world().await["users"]["john.doe"]["password"], "none");
}
