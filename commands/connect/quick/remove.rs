use desk_core::args;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{count, whole};
use desk_core::card::Block;
use desk_core::center::orphans::Orphan;
use desk_core::center::{Named, QuickConnectInfo};
use desk_core::command;
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{
    EffectKind as _, QueueOffersAll, QueueOffersNone, QuickConnectAbsent, QuickConnectPresent,
};
use desk_core::plan::{Plan, Step};
use desk_core::words::{Kind, REASON, Risk, Spec, Thing};

use crate::parts::quick_connects;
use crate::parts::routing::{self, Known};
use crate::parts::subject;

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    &[QuickConnectAbsent::NEEDS, QuickConnectPresent::NEEDS, QueueOffersAll::NEEDS, QueueOffersNone::NEEDS,]
)
.titled(|asked| match asked.args.text("orphans") {
    Some("gone") => "Remove broken quick connects".to_owned(),
    Some("unlinked") => "Remove unused quick connects".to_owned(),
    Some(_) => "Remove broken and unused quick connects".to_owned(),
    None => format!("Remove {}", subject::listed(asked, "quick connect", "name")),
});

args! {
    struct RemoveArgs {
        name: Option<String> = one_of(Kind::Text(2000), "Which ones, comma-separated").of_several(Thing::QuickConnect).in_place(),
        orphans: Option<String> = one_of(
            Kind::Choice(&[
                ("gone", "the user, queue or flow is gone"),
                ("unlinked", "in no queue"),
                ("all", "both"),
            ]),
            "All that are broken or unused",
        ),
        _ = REASON,
    }
}

const SPEC: Spec = Spec {
    about: "Remove quick connects by name, or all that are broken or in no queue",
    help: "Each one is removed from its queues first. Undo creates it again with a new id in the same queues, unless its user, queue or flow is gone.",
    risk: Risk::Change,
    also: &[],
    args: RemoveArgs::ARGS,
    examples: &["/connect quick remove \"Food bank\"", "/connect quick remove orphans:unlinked"],
    operations: &[
        "ListQuickConnects",
        "SearchQuickConnects",
        "SearchUsers",
        "SearchQueues",
        "ListContactFlows",
        "ListQueueQuickConnects",
        "ListRoutingProfiles",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let RemoveArgs { name, orphans } = RemoveArgs::of(ask.args)?;
    let all = ask.center.all_quick_connects().await?;
    let known = Known::read(ask).await?;
    let queues: Vec<Named> = known.queues.iter().map(routing::named).collect();
    let offers = routing::offers(ask, &queues).await?;
    let found = known.orphans(&all, Some(&offers));
    let in_queues = |one: &QuickConnectInfo| -> Vec<Named> {
        let of = offers.iter().filter(|(_, offered)| offered.iter().any(|other| other.id == one.id));
        of.map(|(queue, _)| queue.clone()).collect()
    };
    let wanted: Vec<QuickConnectInfo> = match (name, orphans) {
        (Some(_), Some(_)) => {
            return Err(Problem::requester(
                "options_conflict",
                "You named quick connects in two different ways.",
            )
            .hint("Use names or `orphans:…`, not both."));
        }
        (Some(typed), _) => {
            let names: Vec<Named> =
                all.iter().map(|one| Named { id: one.id.clone(), name: one.name.clone() }).collect();
            let named = routing::several("quick connect", &typed, &names)?;
            all.iter().filter(|one| named.iter().any(|named| named.id == one.id)).cloned().collect()
        }
        (None, which) => {
            let which = which.unwrap_or_default();
            let is_orphan = |one: &&QuickConnectInfo| {
                found.get(&one.id).into_iter().flatten().any(|orphan| match orphan {
                    Orphan::QuickConnectInNoQueue { .. } => which != "gone",
                    orphan => orphan.is_gone() && which != "unlinked",
                })
            };
            all.iter().filter(is_orphan).cloned().collect()
        }
    };
    if wanted.is_empty() {
        return Ok(Answer::Plan(Plan::new("No quick connects match, so there is nothing to remove.")));
    }
    let mut plan = Plan::new(match wanted.as_slice() {
        [only] => format!("Remove the quick connect {}.", whole(&only.name)),
        many => format!("Remove {}.", count(many.len(), "quick connect")),
    });
    let mut rows = Vec::new();
    for (part, listed) in (0..).zip(&wanted) {
        // A search may lag; what is removed is read by itself.
        let one = ask.center.quick_connect_with_id(&listed.id).await?;
        let Some(one) = one else { continue };
        let (shown, queues) = (whole(&one.name), in_queues(&one));
        let names =
            if queues.is_empty() { "no queue".to_owned() } else { routing::all_of(&queues).replace('`', "") };
        rows.push(vec![one.name.clone(), format!("{}; in {names}", known.words(&one.leads_to))]);
        let again = known.could_be_made(&one.leads_to);
        for queue in &queues {
            plan.steps.push(quick_connects::out_of_queue(&one.id, &one.name, queue).of_part(part));
        }
        let gone = QuickConnectAbsent { id: one.id.clone(), name: one.name.clone() };
        let step = Step::new(format!("Remove the quick connect {shown}"), gone).of_part(part);
        plan.steps.push(match again {
            Some(destination) => step.undone_by(routing::present(&one, destination)),
            None => {
                let leads = |orphan: &&Orphan| !matches!(orphan, Orphan::QuickConnectInNoQueue { .. });
                let why = found.get(&one.id).into_iter().flatten().find(leads);
                let why = why.map_or_else(String::new, |orphan| {
                    format!("; {}, so it can't be created again", routing::why(orphan))
                });
                plan.lost.push(format!("quick connect {shown}{why}"));
                step.pivot()
            }
        });
    }
    plan.blocks.push(Block::table(["Quick connect", "Destination"], rows));
    plan.lost.push("ids of the quick connects; undo creates new ones".to_owned());
    Ok(Answer::Plan(plan))
}
