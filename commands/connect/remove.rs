use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::count;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{
    EffectKind as _, QueueOffersAll, QueueOffersNone, QuickConnectAbsent, QuickConnectPresent,
    SalesforceFrozen, UserAbsent,
};
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::{Part as _, remove_plan, salesforce, users};

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[
        SalesforceFrozen::NEEDS,
        UserAbsent::NEEDS,
        QuickConnectAbsent::NEEDS,
        QuickConnectPresent::NEEDS,
        QueueOffersAll::NEEDS,
        QueueOffersNone::NEEDS,
    ]
);

args! {
    struct RemoveArgs {
        login: Option<String> = one_of(Kind::Login, "The user to remove (case-sensitive)").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users to remove, by login").in_place(),
        _ = REASON,
        force: bool = optional(Kind::Flag, "Remove users even if they are active"),
        salesforce: bool = optional(Kind::Flag, "Freeze them in Salesforce first"),
    }
}

const SPEC: Spec = Spec {
    about: "Remove one or more users permanently",
    help: "Their quick connects are removed first, so that no contact is transferred to a removed user. Several users are removed separately. Each user's settings are kept in the log; `/connect restore` creates the user again with a new id. `salesforce:true` freezes them in Salesforce first.",
    risk: Risk::Destructive,
    also: &["delete", "del", "rm", "offboard", "deactivate"],
    args: RemoveArgs::ARGS,
    examples: &[
        "/connect remove mei.chen reason:\"INC-1234 has left\"",
        "/connect remove mei.chen reason:\"INC-1234 has left\" salesforce:true",
    ],
    operations: &[
        "DescribeInstance",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListUserProficiencies",
        "ListQuickConnects",
        "SearchQuickConnects",
        "ListQueues",
        "ListContactFlows",
        "SearchRoutingProfiles",
        "ListSecurityProfilePermissions",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RemoveArgs { login, logins, force, salesforce } = RemoveArgs::of(ask.args)?;
    let users = users::named(ask, login, logins).await?;
    let what = match users.as_slice() {
        [only] => format!("Remove {}.", only.shown()),
        all => format!("Remove {}.", count(all.len(), "user")),
    };
    let removals = remove_plan::of(ask, &users, force).await?;
    let mut plan = Plan { blocks: remove_plan::blocks(&removals), ..Plan::new(what) };
    let offboarding = if salesforce { Some(salesforce::offboarding(ask, &users).await?) } else { None };
    for (part, (user, remove_plan)) in (0..).zip(users.iter().zip(removals)) {
        if let Some(offboarding) = &offboarding {
            // Who is going can't sign in anywhere while they are removed.
            offboarding.add_to(&user.login, &mut plan, part)?;
        }
        remove_plan.add_to(ask, &mut plan, part);
    }
    if offboarding.is_none() {
        let logins: Vec<&str> = users.iter().map(|user| user.login.as_str()).collect();
        plan.next = salesforce::next(ask, ["freeze"], &logins);
    }
    plan.said_once();
    Ok(Answer::Plan(plan))
}
