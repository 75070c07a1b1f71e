use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, did_you_mean, list, moment, nearest, whole};
use desk_core::card::Block;
use desk_core::center::names;
use desk_core::center::{IdentityType, Snapshot};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::Plan;
use desk_core::plan::effect::{
    EffectKind as _, ProficienciesAre, QueueOffersAll, QuickConnectPresent, UserPresent,
};
use desk_core::profile::InsteadOptions;
use desk_core::user::UserPatch;
use desk_core::words::{Kind, REASON, Risk, Spec};

use crate::parts::request_history::{self, Told};
use crate::parts::{Part as _, restoration, salesforce};

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[UserPresent::NEEDS, ProficienciesAre::NEEDS, QuickConnectPresent::NEEDS, QueueOffersAll::NEEDS]
);

args! {
    struct RestoreArgs {
        login: String = required(Kind::Login, "The removed user (case-sensitive)").removed(),
        request: Option<RequestNo> =
            optional(Kind::Request, "The request that removed the user, if not the latest one"),
        ..instead: InsteadOptions,
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Create a removed user again from the log",
    help: "Uses the latest snapshot in the log of a user that the desk removed, and restores profiles, group, contact handling, tags, proficiencies and quick connects. The user gets a new id and a new password. Anything that can't be restored is listed.",
    risk: Risk::Sensitive,
    also: &["undelete", "recreate", "bring"],
    args: RestoreArgs::ARGS,
    examples: &[
        "/connect restore mei.chen reason:\"INC-1234 was removed by mistake\"",
        "/connect restore mei.chen request:7",
    ],
    operations: &[
        "DescribeInstance",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "ListContactFlows",
        "ListQueues",
        "SearchPredefinedAttributes",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RestoreArgs { login, request, instead } = RestoreArgs::of(ask.args)?;
    let login = login.as_str();
    let wish = UserPatch::of_options(instead.args(), ask.center).await?;
    let known = request_history::about(ask, login).await?;
    let (told, old) = pick(ask, login, request, &known).await?;
    let instance = ask.center.instance().await?;
    let restoration = restoration::of(ask, &instance, old, &wish).await?;
    let mut facts = restoration.facts();
    let no = told.request.no;
    facts.push(("Removed by".to_owned(), format!("{no}, requested by {}", code(&told.request.by.name))));
    let what = format!("Create {} again as they were when {no} removed them.", old.user.shown());
    let mut plan = Plan { blocks: vec![Block::Facts(facts)], ..Plan::new(what) };
    if instance.identity == IdentityType::ConnectManaged && !restoration.is_sealed() {
        let text = format!(
            "Password: random, shown to no one. They set their own with \"Forgot password?\" on the login page, as {}.",
            code(login)
        );
        plan.blocks.push(Block::Text(text));
    }
    restoration.add_to(ask, &mut plan, 0);
    plan.next = match salesforce::frozen_by(&known, login).filter(|_| ask.salesforce.is_some()) {
        Some(by) => {
            let line = salesforce::next(ask, ["unfreeze"], &[login]);
            plan.warnings.push(format!(
                "{by} froze {} in Salesforce, and they can't sign in there until {}.",
                code(login),
                whole(&line.concat())
            ));
            line
        }
        None => salesforce::next(ask, ["grant", "join"], &[login]),
    };
    plan.others.extend(others(login, no, &known));
    Ok(Answer::Plan(plan))
}

/// The removal to go by: the one that was said, or the newest.
async fn pick<'k>(
    ask: &Ask<'_>,
    login: &str,
    request: Option<RequestNo>,
    known: &'k [Told],
) -> Result<(&'k Told, &'k Snapshot), Problem> {
    let of = |told: &'k Told| told.removed().find(|one| one.user.login == login).map(|old| (told, old));
    let mut removals = known.iter().filter_map(of);
    let picked = match request {
        None => removals.next(),
        Some(no) => match removals.find(|(told, _)| told.request.no == no) {
            None => {
                return Err(Problem::requester(
                    "restore_other_request",
                    format!("{no} did not remove {}.", code(login)),
                )
                .hint(format!("`/desk history {login}` shows what was changed about them.")));
            }
            some => some,
        },
    };
    let Some((told, old)) = picked else { return Err(unknown(ask, login).await?) };
    if told.request.is_finished() {
        return Ok((told, old));
    }
    let no = told.request.no;
    Err(Problem::requester(
        "restore_unfinished",
        format!("{no}, which removed {}, is not finished.", code(login)),
    )
    .hint(format!("Retry or cancel it first: `/desk retry {}` or `/desk cancel {}`.", no.0, no.0)))
}

async fn unknown(ask: &Ask<'_>, login: &str) -> Result<Problem, Problem> {
    if let Some(user) = ask.center.user(login).await? {
        return Ok(Problem::requester("restore_stands", format!("{} was not removed.", user.shown()))
            .hint(format!("`/connect show {login}` shows what is set.")));
    }
    let logins = request_history::removed_logins(ask).await?;
    let others = logins.iter().map(String::as_str).filter(|other| *other != login);
    let near = nearest(login, others);
    let next = did_you_mean(&near).unwrap_or_else(|| {
        "Only users that the desk removed can be restored. Create this one with `/connect add`.".to_owned()
    });
    // Someone else who is under nearly the same login may be meant as well.
    let next = match names::user(ask.center, login).await {
        Err(problem) if near.is_empty() && problem.hint.starts_with("Did you") => problem.hint,
        _ => next,
    };
    let near = near.into_iter().map(str::to_owned).collect();
    Ok(Problem::requester("restore_unknown", format!("No removed user {} in the log.", code(login)))
        .hint(next)
        .instead_of(login, near))
}

/// The other snapshots that there are.
fn others(login: &str, picked: RequestNo, known: &[Told]) -> Option<String> {
    let at =
        |told: &Told| told.request.planned.as_ref().map(|planned| moment(planned.at)).unwrap_or_default();
    let others: Vec<String> = known
        .iter()
        .filter(|told| told.request.no != picked && told.removed().any(|one| one.user.login == login))
        .take(5)
        .map(|told| format!("`request:{}` of {}", told.request.no.0, at(told)))
        .collect();
    (!others.is_empty()).then(|| format!("as of another removal: {}", list(&others, "or")))
}
