use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::EffectNeeds;
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::salesforce::{self, Change};

pub(crate) const COMMAND: &dyn Command = &Freeze;

struct Freeze;

args! {
    struct FreezeArgs {
        login: Option<String> = one_of(Kind::Login, "Whom to freeze; case matters").in_place(),
        logins: Vec<String> = one_of(Kind::Logins, "More users: their logins").in_place(),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Keep one user or several from signing in to Salesforce, until they are unfrozen",
    help: "The first step when someone leaves: nothing is lost, and `/salesforce unfreeze` lifts it. The license stays in use. It works \
           for someone who was already removed from Amazon Connect, too.",
    risk: Risk::Sensitive,
    also: &[],
    args: FreezeArgs::ARGS,
    examples: &["/salesforce freeze john.doe reason:\"INC-1234 is leaving\""],
    operations: &[
        "SearchUsers",
        "DescribeUser",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
    ],
};

#[async_trait]
impl Command for Freeze {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        &salesforce::NEEDS
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let FreezeArgs { login, logins } = FreezeArgs::of(ask.args)?;
        let change = Change::Freeze;
        change.plan(ask, login, logins).await.map(Answer::Plan)
    }
}
