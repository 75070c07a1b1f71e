use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{
    EffectKind as _, EffectNeeds, QueueOffers, QueueOffersNot, QuickConnectAbsent, QuickConnectPresent,
    UserAbsent,
};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{remove_plan, users};

pub(crate) const COMMAND: &dyn Command = &Remove;

struct Remove;

args! {
    struct RemoveArgs {
        login: Option<String> = one_of(Kind::Login, "Whom to remove; case matters").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users to remove: their logins").in_place(),
        _ = REASON,
        even_if_active: bool = optional(Kind::Flag, "Remove them although they are signed in"),
    }
}

const SPEC: Spec = Spec {
    about: "Remove one user or several for good",
    help: "Their quick connects go first, so that nobody can transfer to somebody who is gone. Several users are removed each \
           on its own. What can be known of a user is kept in the log; a user created from it has another id.",
    risk: Risk::Destructive,
    also: &["delete", "del", "rm", "offboard", "deactivate"],
    args: RemoveArgs::ARGS,
    examples: &["/connect remove mei.chen reason:\"INC-1234 has left\""],
    operations: &[
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListUserProficiencies",
        "ListQueues",
        "ListRoutingProfileQueues",
        "ListSecurityProfilePermissions",
    ],
};

#[async_trait]
impl Command for Remove {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const {
            &[
                UserAbsent::NEEDS,
                QuickConnectAbsent::NEEDS,
                QuickConnectPresent::NEEDS,
                QueueOffers::NEEDS,
                QueueOffersNot::NEEDS,
            ]
        }
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let RemoveArgs { login, logins, even_if_active } = RemoveArgs::of(ask.args)?;
        let users = users::named(ask, login, logins).await?;
        let what = match users.as_slice() {
            [only] => format!("Remove {}.", only.shown()),
            all => format!("Remove {}.", count(all.len(), "user")),
        };
        let removals =
            users::side_by_side(users.iter().map(|user| remove_plan::of(ask, user, even_if_active))).await?;
        let mut plan = Plan { blocks: remove_plan::blocks(&removals), ..Plan::new(what) };
        for (part, remove_plan) in (0..).zip(removals) {
            remove_plan.into_plan(&mut plan, part);
        }
        plan.said_once();
        Ok(Answer::Plan(plan))
    }
}
