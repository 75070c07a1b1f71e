//! What removing a user takes, and what goes with them: shared by whatever removes.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::whole;
use desk_core::card::Block;
use desk_core::center::{Snapshot, User};
use desk_core::command::Ask;
use desk_core::plan::effect::UserAbsent;
use desk_core::plan::{Plan, Step};

use crate::parts::{Part, quick_connects, users};

/// What does not come back with a user who is created again.
const LOST: [&str; 4] = [
    "the user and its id; a new user with the same login is a different user",
    "the agent's own queue, and tasks waiting in it",
    "the agent activity audit, which no longer lists the name",
    "the password, sessions and saved reports",
];

/// One user's removal, their quick connects first.
pub(crate) struct Removal {
    snapshot: Snapshot,
}

/// Looks at these users. Refuses someone who is signed in unless `force` insists.
pub(crate) async fn of(ask: &Ask<'_>, users: &[User], force: bool) -> Result<Vec<Removal>, Problem> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = users.iter().map(|user| user.id.clone()).collect();
    let presences = ask.center.presences(&ids).await?;
    let active =
        users.iter().find_map(|user| Some((user, presences.get(&user.id).filter(|now| now.active)?)));
    if let (Some((user, presence)), false) = (active, force) {
        return Err(users::still_active(user, presence, ask.now));
    }
    let snapshots = ask.center.snapshots(users).await?;
    Ok(snapshots.into_iter().map(|snapshot| Removal { snapshot }).collect())
}

impl Part for Removal {
    fn add_to(self, _: &Ask<'_>, plan: &mut Plan, part: u32) {
        let Removal { snapshot } = self;
        let user = &snapshot.user;
        let out = snapshot.quick_connects.iter().flat_map(|one| quick_connects::take_out(one, user));
        plan.steps.extend(out.map(|step| step.of_part(part)));
        let gone = UserAbsent { login: user.login.clone(), user_id: user.id.clone() };
        let title = format!("Remove {}. This can't be undone", whole(&user.login));
        plan.steps.push(Step::new(title, gone).pivot().of_part(part));
        plan.lost.extend(LOST.map(str::to_owned));
        plan.about.push(users::subject(user));
        plan.before.push(snapshot);
    }
}

/// The guide's table to confirm, and what stays.
pub(crate) fn blocks(removals: &[Removal]) -> Vec<Block> {
    let rows = removals.iter().map(|remove_plan| {
        let user = &remove_plan.snapshot.user;
        let identity = &user.profile.identity;
        vec![user.login.clone(), identity.full_name(), identity.email.clone().unwrap_or_default()]
    });
    let columns = ["Login name", "Name", "Email address"].map(str::to_owned).to_vec();
    let stays = "contact records and historical metrics, in which the agent still appears".to_owned();
    vec![Block::Table { columns, rows: rows.collect() }, Block::Points("What stays".to_owned(), vec![stays])]
}
