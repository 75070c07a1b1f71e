use desk_core::args;
use desk_core::basics::problem::{Owner, Problem};
use desk_core::center::names;
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Scope;
use desk_core::plan::effect::{EffectKind as _, Frozen};
use desk_core::plan::{Plan, Step};
use desk_core::request::freeze::Freeze;
use desk_core::words::{Arg, Kind, Risk, Spec};

pub(crate) const COMMAND: Command = command!(SPEC, answer, &[Frozen::NEEDS]).titled(|asked| {
    let planned = asked.steps().iter().find_map(|step| step.effect.freezes());
    format!("Freeze {}", planned.cloned().unwrap_or_else(|| Freeze::asked(asked.args)))
});

args! {
    struct FreezeArgs {
        scope: Option<String> = one_of(Kind::LoginOrAll, "What to freeze: all, or a login").in_place(),
        _ = Arg::optional("reason", Kind::Sentence(300), "Why").in_place(),
        group: Option<String> = one_of(Kind::HierarchyGroup, "A hierarchy group by path, including its subgroups"),
    }
}

const SPEC: Spec = Spec {
    about: "Freeze changes: all of them, a group's, or one user's",
    help: "The freeze lasts until it is lifted with `/desk unfreeze`. Anyone blocked by it sees who froze changes and why. A group includes its subgroups.",
    risk: Risk::Change,
    also: &["lock", "hold"],
    args: FreezeArgs::ARGS,
    examples: &[
        "/desk freeze all reason:\"audit in progress\"",
        "/desk freeze john.doe reason:\"under investigation\"",
        "/desk freeze group:\"Eastern Region\"",
    ],
    operations: &["DescribeUser", "SearchUsers", "ListRoutingProfiles"],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let FreezeArgs { scope, group } = FreezeArgs::of(ask.args)?;
    let scope = match (scope, group) {
        (Some(scope), None) => scope.parse()?,
        (None, Some(path)) => Scope::Group(path),
        _ => {
            return Err(Problem::requester("freeze_scope", "Name one thing to freeze.")
                .hint("Type `all`, a login, or `group:\"…\"` with the path of a hierarchy group."));
        }
    };
    let scope = match scope {
        Scope::Group(path) => Scope::Group(names::hierarchy_group(ask.center, &path).await?.name),
        Scope::Login(login) => match names::user(ask.center, &login).await {
            // A freeze of no one would hold nothing. Where the contact center does not answer, it holds as typed.
            Err(problem) if problem.owner == Owner::Requester => return Err(problem),
            _ => Scope::Login(login),
        },
        Scope::Everything => Scope::Everything,
    };
    let what = format!("Freeze {scope}: no changes until the freeze is lifted.");
    let step = Step::new(format!("Freeze {scope}"), Frozen { scope });
    Ok(Answer::Plan(Plan { steps: vec![step], ..Plan::new(what) }))
}
