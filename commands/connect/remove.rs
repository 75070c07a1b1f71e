use async_trait::async_trait;
use desk_core::card::Block;
use desk_core::center::{Presence, Snapshot, User};
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::{Effect, Plan, Step};
use desk_core::problem::Problem;
use desk_core::text::{code, count};
use desk_core::words::{Arg, Kind, Risk, Spec};

use crate::{quick_connects, users};

pub(crate) const COMMAND: &dyn Command = &Remove;

struct Remove;

const SPEC: Spec = Spec {
    about: "Remove one user or several for good",
    help: "Their quick connects go first, so that nobody can transfer to somebody who is gone. Several users are removed each \
           on its own. What can be known of a user is kept in the log; a user created from it has another id.",
    risk: Risk::Destructive,
    args: &[
        Arg::optional("login", Kind::Login, "Whom to remove; case matters"),
        Arg::optional("logins", Kind::Text(4000), "More logins to remove, with commas between them"),
        Arg::optional("reason", Kind::Text(300), "Why, such as a ticket number"),
        Arg::optional("even_if_active", Kind::Flag, "Remove them although they are signed in"),
    ],
    examples: &["/connect remove mei.chen reason:\"INC-1234 has left\""],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "DeleteUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfiles",
        "DescribeUserHierarchyGroup",
        "ListUserProficiencies",
        "ListQuickConnects",
        "DescribeQuickConnect",
        "CreateQuickConnect",
        "DeleteQuickConnect",
        "ListQueues",
        "ListQueueQuickConnects",
        "AssociateQueueQuickConnects",
        "DisassociateQueueQuickConnects",
        "TagResource",
    ],
};

#[async_trait]
impl Command for Remove {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let mut plan = Plan {
            what: String::new(),
            risk: Risk::Destructive,
            about: Vec::new(),
            blocks: Vec::new(),
            steps: Vec::new(),
            warnings: Vec::new(),
            lost: [
                "the user and its id; a user created again under the same login is another one",
                "the agent's own queue, and tasks waiting in it",
                "the agent activity audit, whose list no longer has the name",
                "the password, sessions and saved reports",
            ]
            .map(str::to_owned)
            .to_vec(),
            others: Vec::new(),
            before: Vec::new(),
            makes_password: false,
            letters: Vec::new(),
            rows: Vec::new(),
        };
        let mut rows = Vec::new();
        let looks = users::named(ask).await?.into_iter().map(|user| look(ask, user));
        for (part, (presence, snapshot)) in (0..).zip(users::side_by_side(looks).await?) {
            let user = snapshot.user.clone();
            let login = code(&user.login);
            if presence.active {
                plan.warnings.push(format!("{login} is signed in and is thrown out of whatever they are doing."));
            }
            let out = snapshot.quick_connects.iter().flat_map(|one| quick_connects::take_out(one, &user));
            plan.steps.extend(out.map(|step| step.of_part(part)));
            let gone = Effect::UserAbsent { login: user.login.clone(), user_id: user.id.clone() };
            let title = format!("Remove {login}; from here on there is no way back");
            plan.steps.push(Step::new(title, gone).pivot().of_part(part));
            rows.push(vec![
                user.login.clone(),
                user.profile.identity.full_name(),
                user.profile.identity.email.clone().unwrap_or_default(),
            ]);
            plan.about.push(users::subject(&user));
            plan.before.push(snapshot);
        }
        plan.what = match plan.before.as_slice() {
            [only] => format!("Remove {}.", only.user.shown()),
            all => format!("Remove {}.", count(all.len(), "user")),
        };
        let columns = ["Login name", "Name", "Email address"].map(str::to_owned).to_vec();
        plan.blocks = vec![
            Block::Table { columns, rows },
            Block::Points(
                "What stays".to_owned(),
                vec!["contact records and historical metrics, in which the agent still appears".to_owned()],
            ),
        ];
        Ok(Answer::Plan(plan))
    }
}

/// Whether a user is signed in, and everything that goes with them.
async fn look(ask: &Ask<'_>, user: User) -> Result<(Presence, Snapshot), Problem> {
    if users::is_oneself(ask, &user) {
        return Err(Problem::asker("about_oneself", "Nobody removes their own user.")
            .next("Ask somebody else at the desk."));
    }
    let presence = ask.center.presence(&user.id).await?;
    if presence.active && !ask.args.flag("even_if_active") {
        return Err(users::still_active(&user, &presence));
    }
    Ok((presence, ask.center.snapshot(&user).await?))
}
