//! What removing a user takes, and what goes with them: shared by whatever removes.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::card::Block;
use desk_core::center::{IdentityType, Snapshot, User};
use desk_core::command::Ask;
use desk_core::plan::effect::UserAbsent;
use desk_core::plan::{Plan, Step};

use crate::parts::quick_connects::{Flows, TakenOut};
use crate::parts::{Part, temporary, users};

/// What can't be restored with a user who is created again.
const LOST: [&str; 3] = [
    "user id; contact records and past metrics keep it, and a new user with the same login is a different one",
    "own queue; tasks waiting in it",
    "activity audit; it no longer lists the name",
];

/// One user's removal, their quick connects first.
pub(crate) struct Removal {
    snapshot: Snapshot,
    quick_connects: TakenOut,
    warning: Option<String>,
    kept: IdentityType,
}

/// Looks at these users. Refuses someone who is signed in unless `force` insists.
pub(crate) async fn of(ask: &Ask<'_>, users: &[User], force: bool) -> Result<Vec<Removal>, Problem> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let kept = ask.center.instance().await?.identity;
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let presences = ask.center.presences(&ids).await?;
    let active =
        users.iter().find_map(|user| Some((user, presences.get(&user.id).filter(|now| now.active)?)));
    if let (Some((user, presence)), false) = (active, force) {
        return Err(users::still_active(user, presence, ask.now));
    }
    let snapshots = ask.center.snapshots(users).await?;
    let all: Vec<_> = snapshots.iter().flat_map(|one| one.quick_connects.clone()).collect();
    let flows = Flows::of(ask, &all).await?;
    let mut removals = Vec::new();
    for snapshot in snapshots {
        let warning = temporary::gone(ask, &snapshot.user).await?;
        let lasting = temporary::lasting(ask, &snapshot.user).await?;
        let quick_connects = TakenOut::of(&snapshot, &flows);
        removals.push(Removal { snapshot: Snapshot { lasting, ..snapshot }, quick_connects, warning, kept });
    }
    Ok(removals)
}

impl Part for Removal {
    fn add_to(self, _: &Ask<'_>, plan: &mut Plan, part: u32) {
        let Removal { snapshot, quick_connects, warning, kept } = self;
        plan.warnings.extend(warning);
        let user = &snapshot.user;
        plan.steps.extend(quick_connects.before.into_iter().map(|step| step.of_part(part)));
        let gone = UserAbsent { login: user.login.clone(), user_id: user.id.clone() };
        let title = format!("Remove {}", whole(&user.login));
        plan.steps.push(Step::new(title, gone).pivot().of_part(part));
        plan.steps.extend(quick_connects.after.into_iter().map(|step| step.of_part(part)));
        plan.lost.extend(quick_connects.lost);
        plan.lost.extend(LOST.map(str::to_owned));
        plan.lost.push(users::lost_with(kept, "password"));
        plan.affects(snapshot);
    }
}

/// Whom it removes, to confirm.
pub(crate) fn blocks(removals: &[Removal]) -> Vec<Block> {
    let email = |removal: &Removal| removal.snapshot.user.profile.identity.email.clone();
    if let [only] = removals {
        // Login and name are above.
        let email = email(only).map_or_else(|| "none".to_owned(), |email| whole(&email));
        return vec![Block::Facts(vec![("Email".to_owned(), email)])];
    }
    let rows = removals.iter().map(|removal| {
        let user = &removal.snapshot.user;
        vec![user.login.clone(), user.profile.identity.full_name(), email(removal).unwrap_or_default()]
    });
    vec![Block::table(["Login", "Name", "Email"], rows)]
}
