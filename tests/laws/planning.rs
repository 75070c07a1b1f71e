//! Looking and planning change nothing, and give the same answer in the same world.

use std::collections::BTreeSet;

use desk_core::card::Tone;
use desk_core::plan::{Plan, Presence, Scope, Step, UserOutcome, Whom};
use desk_core::policy::site::Protected;
use desk_core::request::{Phase, Request, Verb};
use desk_core::view;

use crate::driver::{APPROVER, REQUESTER, examples, identity, prepare, requester};
use crate::support::Story;

#[tokio::test]
async fn a_look_changes_nothing_and_says_the_same_twice() {
    let mut story = Story::begin().await;
    // Something for the commands to talk about.
    story.says(REQUESTER, "/connect reset john.doe method:console").await;
    for example in examples(true) {
        let decides = Verb::ALL.iter().any(|verb| example.starts_with(&format!("/{} ", verb.row().path)));
        // The picture to scan is another one each time.
        if decides || example == "/desk enroll" {
            continue;
        }
        let world = story.world().await;
        let first = story.card(requester(example), example).await;
        let second = story.card(requester(example), example).await;
        // What needs a request, a file or another role has none here.
        let is_refused = first.tone == Tone::Bad
            && !["7", "agent-log", "/desk digest"].iter().any(|one| example.contains(one));
        assert!(!is_refused, "{example}: {first:?}");
        // A look leaves a line, so what is told of the log itself grows.
        if !example.starts_with("/desk history") {
            assert_eq!(first, second, "{example}");
        }
        assert_eq!(story.writes().await, 0, "{example} changed something");
        assert_eq!(story.world().await, world, "{example}");
    }
}

#[tokio::test]
async fn planning_writes_nothing_and_planning_twice_is_equal() {
    for example in examples(false) {
        let mut story = Story::with(|options| options.sim.identity = identity(example)).await;
        prepare(story.inside(), example).await;
        let (world, writes) = (story.world().await, story.writes().await);
        let first = planned(&mut story, example).await;
        let second = planned(&mut story, example).await;
        assert_eq!(first.plan(), second.plan(), "{example}");
        assert_eq!(
            first.planned.as_ref().map(|planned| &planned.digest),
            second.planned.as_ref().map(|planned| &planned.digest)
        );
        assert_eq!(story.writes().await, writes, "planning {example} changed something");
        assert_eq!(story.world().await, world, "{example}");
    }
}

#[tokio::test]
async fn a_plan_says_who_it_is_about_and_fits_its_command() {
    for example in examples(false) {
        let mut story = Story::with(|options| options.sim.identity = identity(example)).await;
        prepare(story.inside(), example).await;
        let request = planned(&mut story, example).await;
        let plan = request.plan().unwrap();
        let entry = desk_commands::all().into_iter().find(|entry| entry.path == request.command).unwrap();
        assert!(plan.risk <= entry.command.spec.risk, "{example} plans more than its command may do");
        let reads = plan.only_reads();
        // What only reads hands out data.
        assert!(plan.risk > desk_core::words::Risk::Read, "{example}");
        let of_no_user = |step: &Step| {
            let unchanged = matches!(step.effect.user_outcome(), UserOutcome::Unchanged);
            unchanged && !matches!(step.effect.whom(), Whom::User(_))
        };
        assert!(!plan.about.is_empty() || reads || plan.steps.iter().all(of_no_user), "{example}");
        assert!(!plan.what.is_empty(), "{example}");
        // Whom it affects, rules, freezes and protection know all of.
        let impact = plan.impact(&Presence::default());
        let users = story.inside().desk.center.users(&plan.logins()).await.unwrap();
        for user in users.iter().filter(|user| plan.logins().contains(&user.login)) {
            let profiles = user.profile.security_profiles.iter().map(|named| named.name.clone());
            let protected = Protected { security_profiles: profiles.collect(), ..Protected::default() };
            assert!(protected.among(plan).contains(&user.login), "{example}: {} isn't protected", user.login);
            let group = user.profile.hierarchy_group.iter();
            let mut groups = group.map(|group| Scope::Group(group.name.clone()));
            assert!(groups.all(|group| group.covers(&impact)), "{example}: {} isn't frozen", user.login);
        }
        let of_steps = plan.steps.iter().filter_map(|step| step.effect.login());
        for login in of_steps {
            assert!(plan.logins().iter().any(|other| other == login), "{example} isn't about {login}");
        }
        // A title names something, or counts it.
        let title = view::subject(&request);
        let is_told = title.contains(['`', '#']) || title.contains(|c: char| c.is_ascii_digit());
        assert!(!title.contains("  ") && (is_told || COLLECTIVE.contains(&&*title)), "{example}: {title}");
        assert!(!plan.steps.is_empty() || !plan.emails.is_empty(), "{example} plans nothing");
        let parts: BTreeSet<u32> = plan.steps.iter().map(|step| step.part).collect();
        for part in parts {
            let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.part == part).collect();
            let pivots = steps.iter().filter(|step| step.pivot).count();
            assert!(pivots <= 1, "{example} has {pivots} steps of one part that cannot be undone");
            let pivot = steps.iter().position(|step| step.pivot).unwrap_or(steps.len());
            for (at, step) in steps[..pivot].iter().enumerate() {
                // What restores an earlier step is its undo.
                let puts_back = steps[..at].iter().any(|earlier| earlier.undo.as_ref() == Some(&step.effect));
                assert!(
                    step.undo.is_some() || !step.effect.is_called() || puts_back || reads,
                    "{example}: `{}` can't be undone",
                    step.title
                );
            }
        }
    }
}

/// Titles of what is one thing, whatever it has in it.
const COLLECTIVE: [&str; 4] =
    ["Export users", "Freeze everything", "Close all hours of operation", "Remove unused quick connects"];

/// Asks, and gives the request as it waits for its approvals; one that only reads waits for none and is done.
async fn planned(story: &mut Story, example: &str) -> Request {
    let card = story.card(requester(example), example).await;
    let no = card.request.unwrap_or_else(|| panic!("{example} made no request: {card:?}"));
    let log = story.inside().desk.saga.log.clone();
    let request = desk_core::desk::saga::load(log.as_ref(), no).await.unwrap();
    if !request.plan().is_some_and(Plan::only_reads) {
        assert_eq!(request.phase, Phase::Waiting, "{example}: {card:?}");
    }
    request
}

#[tokio::test]
async fn nobody_without_a_role_gets_anything_but_help() {
    let mut story = Story::begin().await;
    for example in examples(false).into_iter().chain(examples(true)) {
        let card = story.card("john", example).await;
        let open = ["/desk help", "/desk whoami", "/desk why", "/connect guide"];
        let about_the_desk = open.iter().any(|start| example.starts_with(start));
        let allowed = card.tone != Tone::Bad;
        if !about_the_desk {
            assert!(!allowed, "an agent may ask {example}");
            assert!(card.private, "a refusal of {example} is everybody's business");
        }
    }
    assert_eq!(story.writes().await, 0);
    let _ = APPROVER;
}
