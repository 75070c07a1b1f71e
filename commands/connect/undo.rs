use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::center::{Instance, Proficiency, Snapshot, User};
use desk_core::command::{Answer, Ask, Command};
use desk_core::plan::effect::{
    CallCenterIs, EffectKind as _, EffectNeeds, EmailSent, GroupAbsent, GroupNamed, GroupPresent,
    HierarchyLevels, NewUserAbsent, OverrideAbsent, OverrideEnds, OverridePresent, PermissionSetAbsent,
    PermissionSetPresent, ProficienciesAre, QueueOffers, QueueOffersNot, QuickConnectAbsent,
    QuickConnectPresent, SalesforceFrozen, StatusHas, UserAbsent, UserHas, UserInStatus, UserPresent,
};
use desk_core::plan::{AffectedUser, Nature, Plan, Step, UserOutcome};
use desk_core::policy::Action;
use desk_core::user::{UserField, UserPatch};
use desk_core::view;
use desk_core::words::{EMERGENCY, Kind, REASON, Risk, Spec};

use crate::parts::center_back::CenterBack;
use crate::parts::edit_plan::{self, Editing};
use crate::parts::remove_plan::{self, Removal};
use crate::parts::request_history::{self, Told};
use crate::parts::restoration::{self, Comeback};
use crate::parts::revert::{Back, Today};
use crate::parts::routing_back::{self, RoutingBack};
use crate::parts::set_back::SetBack;
use crate::parts::statuses_back::{self, StatusesBack};
use crate::parts::{Part as _, salesforce};

pub(crate) const COMMAND: &dyn Command = &Undo;

struct Undo;

/// Reasons that a refusal gives when nothing is left to roll back.
const REASONS_SAID: usize = 5;

args! {
    struct UndoArgs {
        request: RequestNo = required(Kind::Request, "The number of the finished request"),
        _ = REASON,
        force: bool = optional(Kind::Flag, "Remove created users even if they are signed in"),
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "Undo a finished request, as far as possible",
    help: "Settings are restored unless they were changed again since. Created users are removed, and removed users are created again from the log. Undo is checked against the current settings and needs the same approvals as making the change yourself. Emails sent, passwords shown and resets can't be undone; they are listed.",
    risk: Risk::Destructive,
    also: &["revert", "rollback"],
    args: UndoArgs::ARGS,
    examples: &["/connect undo 7", "/connect undo 7 reason:\"INC-1234 was the wrong user\""],
    operations: &[
        "DescribeInstance",
        "DescribeUserHierarchyStructure",
        "GetCurrentUserData",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "ListContactFlows",
        "ListQueues",
        "ListRoutingProfileQueues",
        "SearchAgentStatuses",
        "SearchQuickConnects",
        "SearchRoutingProfiles",
        "SearchUserHierarchyGroups",
    ],
};

#[async_trait]
impl Command for Undo {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn effects(&self) -> &'static [EffectNeeds] {
        const {
            let [a, b, c, d, e, f, g, h, i, j, k, l] = routing_back::NEEDS;
            &[
                a,
                b,
                c,
                d,
                e,
                f,
                g,
                h,
                i,
                j,
                k,
                l,
                PermissionSetPresent::NEEDS,
                PermissionSetAbsent::NEEDS,
                CallCenterIs::NEEDS,
                SalesforceFrozen::NEEDS,
                UserAbsent::NEEDS,
                UserPresent::NEEDS,
                NewUserAbsent::NEEDS,
                UserHas::NEEDS,
                ProficienciesAre::NEEDS,
                QuickConnectAbsent::NEEDS,
                QuickConnectPresent::NEEDS,
                QueueOffers::NEEDS,
                QueueOffersNot::NEEDS,
                EmailSent::NEEDS,
                StatusHas::NEEDS,
                UserInStatus::NEEDS,
                HierarchyLevels::NEEDS,
                GroupPresent::NEEDS,
                GroupAbsent::NEEDS,
                GroupNamed::NEEDS,
                OverridePresent::NEEDS,
                OverrideAbsent::NEEDS,
                OverrideEnds::NEEDS,
            ]
        }
    }

    async fn answer(&self, ask: &Ask<'_>) -> Result<Answer, Problem> {
        let UndoArgs { request: no, force } = UndoArgs::of(ask.args)?;
        let told = request_history::request(ask, no).await?;
        if !told.left_something() {
            let problem = Problem::requester(
                "undo_not_done",
                view::standing(&told.request, ask.now, &ask.by.accounts()),
            );
            return Err(problem.hint(match told.request.is_finished() {
                true => "There is nothing to undo.".to_owned(),
                false => format!("Wait until it ends, or stop it with `/desk cancel {}`.", no.0),
            }));
        }
        may_ask(ask, &told).await?;
        let instance = ask.center.instance().await?;
        let mut way = Way { users: users_of(ask, &told).await?, ..Way::default() };
        for part in told.request.parts() {
            way.part(ask, &instance, &told, part).await?;
        }
        way.removals = remove_plan::of(ask, &way.going, force).await?;
        way.plan(ask, &told).map(Answer::Plan)
    }
}

/// The users whom the request left something of, as they are now. Whom it removed is looked for where they come back.
async fn users_of(ask: &Ask<'_>, told: &Told) -> Result<BTreeMap<String, User>, Problem> {
    let logins: BTreeSet<&str> = told
        .happened()
        .filter(|(_, step)| !step.effect.is::<UserAbsent>())
        .filter_map(|(_, step)| step.effect.login().or(salesforce::done_by(step).map(|done| done.login)))
        .collect();
    if logins.is_empty() {
        return Ok(BTreeMap::new());
    }
    let logins: Vec<String> = logins.into_iter().map(str::to_owned).collect();
    let users = ask.center.users(&logins).await?;
    Ok(users.into_iter().map(|user| (user.login.clone(), user)).collect())
}

/// Undos of undos that are followed back to what was asked first.
const UNDOS_MAX: usize = 20;

/// Taking something back is as much as doing it: anyone who may not ask for it may not undo it either.
async fn may_ask(ask: &Ask<'_>, told: &Told) -> Result<(), Problem> {
    let mut request = told.request.clone();
    for _ in 0..UNDOS_MAX {
        let first = (request.command == "connect undo").then(|| request.args.request("request")).flatten();
        let Some(first) = first else { break };
        request = request_history::request(ask, first).await?.request;
    }
    let Some(entry) = ask.commands.iter().find(|entry| entry.path == request.command) else { return Ok(()) };
    let asked = Action {
        command: entry.path,
        risk: entry.command.spec().risk,
        impact: None,
        emergency: false,
        place: ask.place,
        now: ask.now,
    };
    ask.policy.rule_for(&asked, ask.by).map(|_| ()).map_err(|problem| Problem {
        message: format!(
            "{} ran {}, which you aren't allowed to request. {}",
            told.request.no,
            code(&format!("/{}", entry.path)),
            problem.message
        ),
        ..problem
    })
}

/// What is to be done to take a request back.
#[derive(Default)]
struct Way {
    /// The users whom it is about, as they are now, by their logins.
    users: BTreeMap<String, User>,
    edits: Vec<Editing>,
    /// Users whom the request created.
    going: Vec<User>,
    removals: Vec<Removal>,
    comebacks: Vec<Comeback>,
    /// Users of Salesforce, with the step for each thing that is set back.
    agents: Vec<(AffectedUser, Vec<Step>)>,
    /// Agent statuses, and the statuses that agents were in.
    statuses: StatusesBack,
    /// Quick connects, queues and routing profiles.
    routing: RoutingBack,
    /// The hierarchy and the hours of operation.
    center: CenterBack,
    /// What is left alone or can't be undone, and why.
    notes: Vec<String>,
    today: Option<Today>,
}

impl Way {
    /// One part of the request: what it did to one user.
    async fn part(
        &mut self,
        ask: &Ask<'_>,
        instance: &Instance,
        told: &Told,
        part: u32,
    ) -> Result<(), Problem> {
        let steps: Vec<(usize, &Step)> = told.happened().filter(|(_, step)| step.part == part).collect();
        for (_, step) in &steps {
            self.notes.extend(cannot(step));
        }
        self.in_salesforce(ask, told, &steps).await?;
        self.center.part(ask, told, &steps).await?;
        if statuses_back::is_about(&steps) {
            return self.statuses.add(ask, told, &steps).await;
        }
        let made = steps.iter().find(|(_, step)| step.effect.user_outcome().is_made());
        let gone = steps.iter().find(|(_, step)| step.effect.is::<UserAbsent>());
        match (made, gone) {
            (Some((number, step)), None) => {
                self.made(told, *number, step);
                Ok(())
            }
            (None, Some((_, step))) => self.gone(ask, instance, told, step).await,
            (Some((_, step)), Some(_)) => {
                if let Some(login) = step.effect.login() {
                    self.notes.push(format!(
                        "{} was removed and created again. The old id and the old password can't be restored.",
                        code(login)
                    ));
                }
                Ok(())
            }
            (None, None) => {
                self.changed(ask, instance, told, &steps).await?;
                self.routing.add(ask, told, &steps).await
            }
        }
    }

    /// A user whom the request made goes, as long as it is the same one.
    fn made(&mut self, told: &Told, number: usize, step: &Step) {
        let Some(login) = step.effect.login() else { return };
        let (shown, no) = (code(login), told.request.no);
        match self.users.get(login) {
            None => self.notes.push(format!("{shown}, created by {no}, no longer exists.")),
            Some(user) if told.made_by(number) != Some(user.id.as_str()) => {
                self.notes
                    .push(format!("{shown} is no longer the user that {no} created, and stays unchanged."));
            }
            Some(user) => self.going.push(user.clone()),
        }
    }

    /// A user whom the request removed comes back.
    async fn gone(
        &mut self,
        ask: &Ask<'_>,
        instance: &Instance,
        told: &Told,
        step: &Step,
    ) -> Result<(), Problem> {
        let Some(UserAbsent { login, user_id }) = step.effect.get() else { return Ok(()) };
        let (shown, no) = (code(login), told.request.no);
        let Some(old) = told.removed().find(|one| one.user.id == *user_id) else {
            self.notes
                .push(format!("The log doesn't have the settings of {shown} from when {no} removed them."));
            return Ok(());
        };
        match restoration::of(ask, instance, old, &UserPatch::default()).await {
            Ok(restoration) => self.comebacks.push(restoration),
            Err(problem) if problem.code == "login_taken" => self.notes.push(problem.message),
            Err(problem) => return Err(problem),
        }
        Ok(())
    }

    /// What the request set for a user is set back.
    async fn changed(
        &mut self,
        ask: &Ask<'_>,
        instance: &Instance,
        told: &Told,
        steps: &[(usize, &Step)],
    ) -> Result<(), Problem> {
        let no = told.request.no;
        let sides: Vec<(&UserField, &UserField)> = steps
            .iter()
            .filter_map(|(_, step)| {
                let (left, old): (&UserHas, &UserHas) = (step.effect.get()?, step.undo.as_ref()?.get()?);
                Some((&left.facet, &old.facet))
            })
            .collect();
        let levels: Vec<(&Vec<Proficiency>, &Vec<Proficiency>)> = steps
            .iter()
            .filter_map(|(_, step)| {
                let left: &ProficienciesAre = step.effect.get()?;
                let old: &ProficienciesAre = step.undo.as_ref()?.get()?;
                Some((&left.proficiencies, &old.proficiencies))
            })
            .collect();
        if sides.is_empty() && levels.is_empty() {
            return Ok(());
        }
        let Some(before) = before(told, steps) else { return Ok(()) };
        let login = &before.user.login;
        let user = match self.users.get(login) {
            Some(user) if user.id == before.user.id => user.clone(),
            Some(_) => {
                self.notes.push(format!(
                    "{} is no longer the user that {no} changed, and stays unchanged.",
                    code(login)
                ));
                return Ok(());
            }
            None => {
                self.notes.push(format!("{}, changed by {no}, no longer exists.", code(login)));
                return Ok(());
            }
        };
        let mut now = user.profile.clone();
        let stand = match levels.is_empty() {
            true => None,
            false => Some(ask.center.proficiencies(&user).await?),
        };
        if self.today.is_none() {
            self.today = Some(today(ask).await?);
        }
        let Some(today) = &self.today else { return Ok(()) };
        let mut back = Back { no, login: login.clone(), today, notes: Vec::new() };
        for (left, old) in sides {
            back.facet(&mut now, left, old);
        }
        let levels = match (stand, levels.first(), levels.last()) {
            (Some(stand), Some((_, old)), Some((left, _))) => Some(back.levels(&stand, left, old)),
            _ => None,
        };
        self.notes.append(&mut back.notes);
        let edit = edit_plan::of(ask, instance, user, &now, levels)?;
        if !edit.steps.is_empty() {
            self.edits.push(edit);
        }
        Ok(())
    }

    /// What the request did to a user of Salesforce is set back, as far as it is as the request left it.
    async fn in_salesforce(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        steps: &[(usize, &Step)],
    ) -> Result<(), Problem> {
        let no = told.request.no;
        let changed = steps.iter().filter_map(|(number, step)| Some((*number, salesforce::done_by(step)?)));
        for (number, done) in changed {
            let org = salesforce::org(ask)?;
            let who = whole(done.username);
            if told.fact(number, salesforce::ALREADY).is_some() {
                self.notes
                    .push(format!("{}: it was already so before {no}, and stays unchanged.", done.what));
                continue;
            }
            let Some(there) = org.user_with_id(done.user_id).await? else {
                self.notes.push(format!("Salesforce no longer has the user {who}."));
                continue;
            };
            match done.back(&there, told.fact(number, salesforce::ASSIGNMENT)) {
                Ok(step) => {
                    let name = there.name.clone();
                    let mut known = self.agents.iter_mut();
                    match known.find(|(affected, _)| affected.login == done.login) {
                        Some((_, steps)) => steps.push(step),
                        None => {
                            let login = done.login.to_owned();
                            let user_id =
                                self.users.get(&login).map(|user| user.id.clone()).unwrap_or_default();
                            self.agents.push((AffectedUser { login, user_id, name }, vec![step]));
                        }
                    }
                }
                Err(why) => self.notes.push(why),
            }
        }
        Ok(())
    }

    fn plan(self, ask: &Ask<'_>, told: &Told) -> Result<Plan, Problem> {
        let no = told.request.no;
        let Way { edits, removals, comebacks, agents, statuses, routing, center, mut notes, .. } = self;
        let mut rest =
            vec![in_salesforce(agents), statuses.set_back(), routing.set_back(told), center.set_back()];
        for one in &mut rest {
            notes.append(&mut one.notes);
        }
        rest.retain(|one| !one.parts.is_empty());
        if edits.is_empty() && removals.is_empty() && comebacks.is_empty() && rest.is_empty() {
            let mut why = notes;
            let more = why.len().saturating_sub(REASONS_SAID);
            why.truncate(REASONS_SAID);
            if more > 0 {
                why.push(format!("{} more.", count(more, "reason")));
            }
            let message = format!("There is nothing left of {no} to undo. {}", why.join(" "));
            return Err(Problem::requester("undo_nothing", message.trim())
                .hint(format!("`/desk history {}` shows what it did.", no.0)));
        }
        if comebacks.iter().filter(|one| one.is_sealed()).count() > 1 {
            let message =
                format!("{no} removed several users without an email, and each needs a temporary password.");
            return Err(Problem::requester("undo_passwords", message)
                .hint("Restore them one by one with `/connect restore <login>`."));
        }
        let mut did = Vec::new();
        for (n, verb, again) in [
            (edits.len(), "restore", ""),
            (removals.len(), "remove", ""),
            (comebacks.len(), "create", " again"),
        ] {
            if n > 0 {
                did.push(format!("{verb} {}{again}", count(n, "user")));
            }
        }
        did.extend(rest.iter().map(|one| one.did.clone()));
        let what = format!("Undo {no} (`/{}`): {}.", told.request.command, list(&did, "and"));
        let mut plan = Plan { warnings: notes, ..Plan::new(what) };
        if !edits.is_empty() {
            plan.blocks.push(edit_plan::block(&edits));
        }
        if !removals.is_empty() {
            plan.blocks.extend(remove_plan::blocks(&removals));
        }
        if !comebacks.is_empty() {
            plan.blocks.push(restoration::table(&comebacks));
        }
        let mut parts = 0..;
        for edit in edits {
            edit.add_to(ask, &mut plan, parts.next().unwrap_or_default());
        }
        for remove_plan in removals {
            remove_plan.add_to(ask, &mut plan, parts.next().unwrap_or_default());
        }
        for one in rest {
            one.add_to(&mut plan, &mut parts);
        }
        for restoration in comebacks {
            restoration.add_to(ask, &mut plan, parts.next().unwrap_or_default());
        }
        plan.said_once();
        Ok(plan)
    }
}

/// Users of Salesforce, each a part of their own; the newest change is the first to be rolled back.
fn in_salesforce(agents: Vec<(AffectedUser, Vec<Step>)>) -> SetBack {
    let did = format!("restore {} in Salesforce", count(agents.len(), "user"));
    let (about, parts) =
        agents.into_iter().map(|(user, steps)| (user, steps.into_iter().rev().collect())).unzip();
    SetBack { did, about, parts, ..SetBack::default() }
}

/// The user that a part changed, as they was before.
fn before<'t>(told: &'t Told, steps: &[(usize, &Step)]) -> Option<&'t Snapshot> {
    let login = steps.iter().find_map(|(_, step)| match step.effect.user_outcome() {
        UserOutcome::Set { login, .. } | UserOutcome::SetBeside { login } => Some(login),
        UserOutcome::Unchanged
        | UserOutcome::Made { .. }
        | UserOutcome::Removed { .. }
        | UserOutcome::Opened { .. }
        | UserOutcome::AllOpened => None,
    })?;
    told.request.plan()?.before.iter().find(|one| one.user.login == login)
}

async fn today(ask: &Ask<'_>) -> Result<Today, Problem> {
    Ok(Today {
        routing_profiles: ask.center.routing_profiles().await?,
        security_profiles: ask.center.security_profiles().await?,
        hierarchy_groups: ask.center.hierarchy_groups().await?,
    })
}

/// What a step did that nothing rolls back.
fn cannot(step: &Step) -> Option<String> {
    match (step.effect.nature(), step.effect.user_outcome()) {
        (Nature::Sends(email), _) => {
            Some(format!("The email to {} was sent, which can't be undone.", code(&email.to)))
        }
        (Nature::Manual { .. }, _) => Some(format!("Done manually, so undo it manually: {}.", step.title)),
        (Nature::Changes, UserOutcome::Opened { login }) => {
            Some(format!("The old password of {} is unknown.", code(login)))
        }
        (Nature::Changes | Nature::Reads(_) | Nature::Freezes(_) | Nature::Waits(_), _) => None,
    }
}
