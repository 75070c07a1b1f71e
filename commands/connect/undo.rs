use std::collections::{BTreeMap, BTreeSet};

use desk_core::args;
use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, list, whole};
use desk_core::center::{Instance, Snapshot, User};
use desk_core::command;
use desk_core::command::{Answer, Ask, Asked, Command};
use desk_core::plan::effect::{
    CenterEffect, ContactDismissed, DeskEffect, DirectoryEffect, Effect, EffectKind as _, EmailSent,
    FinalEffect, MailEffect, ProficienciesAre, RoutingEffect, SalesforceEffect, StatusHas, UserAbsent,
    UserEffect, UserHas, UserInStatus, UserPresent, facts,
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
use crate::parts::restoration::{self, Restoration};
use crate::parts::revert::{Back, Today};
use crate::parts::routing_back::RoutingBack;
use crate::parts::set_back::{SetBack, changes};
use crate::parts::statuses_back::StatusesBack;
use crate::parts::{Part as _, salesforce, subject, temporary};

pub(crate) const COMMAND: Command = command!(
    SPEC,
    answer,
    UserEffect::NEEDS,
    RoutingEffect::NEEDS,
    CenterEffect::NEEDS,
    SalesforceEffect::NEEDS,
    &[StatusHas::NEEDS, UserInStatus::NEEDS, EmailSent::NEEDS]
)
.titled(title);

fn title(asked: &Asked<'_>) -> String {
    let no = asked.args.request("request").map(|no| no.to_string()).unwrap_or_default();
    let mut things = subject::things(asked).into_iter();
    let of = match (subject::whom(asked), things.next(), things.next()) {
        (None, Some(only), None) => Some(subject::short(&only)),
        (whom, ..) => whom,
    };
    of.map_or_else(|| format!("Undo {no}"), |of| format!("Undo {no} for {of}"))
}

/// Reasons that a refusal gives when nothing is left to roll back.
const REASONS_SAID: usize = 5;

args! {
    struct UndoArgs {
        request: RequestNo = required(Kind::Request, "The number of the finished request"),
        _ = REASON,
        force: bool = optional(Kind::Flag, "Remove created users even if they are active"),
        _ = EMERGENCY,
    }
}

const SPEC: Spec = Spec {
    about: "Undo a finished request, as far as possible",
    help: "Settings are restored unless they were changed again since. Created users are removed, and removed users are created again from the log. Undo is checked against the current settings and needs the approvals that the policy requires for `/connect undo`. You can undo only what you may request yourself. Emails sent, passwords shown and resets can't be undone; they are listed.",
    risk: Risk::Destructive,
    also: &["revert", "rollback"],
    args: UndoArgs::ARGS,
    examples: &["/connect undo 7", "/connect undo 7 reason:\"INC-1234 was the wrong user\""],
    operations: &[
        "DescribeInstance",
        "DescribeUserHierarchyStructure",
        "GetCurrentUserData",
        "GetEffectiveHoursOfOperations",
        "ListAgentStatuses",
        "ListRoutingProfiles",
        "ListSecurityProfilePermissions",
        "ListContactFlows",
        "ListHoursOfOperations",
        "ListQueues",
        "ListRoutingProfileQueues",
        "SearchAgentStatuses",
        "SearchHoursOfOperations",
        "SearchPredefinedAttributes",
        "SearchQueues",
        "ListQuickConnects",
        "SearchQuickConnects",
        "SearchRoutingProfiles",
        "SearchUserHierarchyGroups",
    ],
};

async fn answer(ask: &Ask<'_>) -> Result<Answer, Problem> {
    let UndoArgs { request: no, force } = UndoArgs::of(ask.args)?;
    let told = request_history::request(ask, no).await?;
    if !told.left_something() {
        let problem =
            Problem::requester("undo_not_done", view::standing(&told.request, ask.now, &ask.by.accounts()));
        return Err(problem.hint(match told.request.is_finished() {
            true => "There is nothing to undo.".to_owned(),
            false => format!("Wait until it ends, or stop it with `/desk cancel {}`.", no.0),
        }));
    }
    may_ask(ask, &told).await?;
    let instance = ask.center.instance().await?;
    let mut reverts = Reverts { users: users_of(ask, &told).await?, ..Reverts::default() };
    for part in told.request.parts() {
        reverts.part(ask, &instance, &told, part).await?;
    }
    reverts.removals = remove_plan::of(ask, &reverts.going, force).await?;
    reverts.center.days(ask).await?;
    reverts.plan(ask, &told).await.map(Answer::Plan)
}

/// The users whom the request left something of, as they are now. Whom it removed is looked for where they come back.
async fn users_of(ask: &Ask<'_>, told: &Told) -> Result<BTreeMap<String, User>, Problem> {
    let logins: BTreeSet<&str> = told
        .happened()
        .filter(|(_, step)| !step.effect.is::<UserAbsent>())
        .filter_map(|(_, step)| step.effect.login())
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
    // What it did is known, so it is judged by that. A rule for a lower risk says nothing of it.
    let Some(planned) = &request.planned else { return Ok(()) };
    let impact = planned.plan.impact(&planned.live);
    let asked = Action {
        command: entry.path,
        risk: planned.plan.risk,
        impact: Some(&impact),
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
struct Reverts {
    /// The users whom it is about, as they are now, by their logins.
    users: BTreeMap<String, User>,
    edits: Vec<Editing>,
    /// Users whom the request created.
    going: Vec<User>,
    removals: Vec<Removal>,
    restorations: Vec<Restoration>,
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

impl Reverts {
    /// One part of the request: what it did to one user, or beside users. Each group of effects goes to what reverts it.
    async fn part(
        &mut self,
        ask: &Ask<'_>,
        instance: &Instance,
        told: &Told,
        part: u32,
    ) -> Result<(), Problem> {
        let (mut made, mut gone) = (None, None);
        let (mut fields, mut levels) = (Vec::new(), Vec::new());
        let kept = temporary::kept(told, part);
        fields.extend(kept.iter().map(|(left, old)| (left, old)));
        let (mut routing, mut statuses, mut center) = (Vec::new(), Vec::new(), Vec::new());
        for (number, step) in told.happened().filter(|(_, step)| step.part == part) {
            self.notes.extend(cannot(step));
            match &step.effect {
                Effect::User(UserEffect::UserPresent(user)) => made = made.or(Some((number, user))),
                Effect::User(UserEffect::UserAbsent(user)) => gone = gone.or(Some(user)),
                Effect::User(UserEffect::UserHas(left)) => {
                    fields.extend(step.undo_as().map(|old| (left, old)));
                }
                Effect::User(UserEffect::ProficienciesAre(left)) => {
                    levels.extend(step.undo_as().map(|old| (left, old)));
                }
                Effect::Routing(effect) => routing.push((number, effect, step)),
                Effect::Status(effect) => statuses.push((number, effect, step)),
                Effect::Center(effect) => center.push((number, effect, step)),
                Effect::Salesforce(effect) => {
                    self.in_salesforce(ask, told, number, effect, &step.title).await?;
                }
                // It rolls back its own request and no other.
                Effect::User(UserEffect::NewUserAbsent(_)) => {}
                Effect::Final(FinalEffect::TaskSent(sent)) => {
                    self.notes.push(format!("The task {} was sent.", whole(&sent.name)));
                }
                Effect::Final(FinalEffect::ContactDismissed(ContactDismissed { login, contact, .. })) => {
                    let login = code(login);
                    self.notes
                        .push(format!("The {contact} of {login} was dismissed, which can't be undone."));
                }
                // `cannot` has what there is to say.
                Effect::Final(
                    FinalEffect::UsersRead(_)
                    | FinalEffect::RoutingProfilePutBack(_)
                    | FinalEffect::StatusPutBack(_),
                )
                | Effect::Mail(MailEffect::EmailSent(_))
                | Effect::Directory(DirectoryEffect::DirectoryPassword(_))
                | Effect::Desk(
                    DeskEffect::FactorAbsent(_)
                    | DeskEffect::RequestQuarantined(_)
                    | DeskEffect::ExportGiven(_)
                    | DeskEffect::Frozen(_)
                    | DeskEffect::DoneByHand(_)
                    | DeskEffect::TimePassed(_),
                ) => {}
            }
        }
        self.center.part(ask, told, &center).await?;
        self.statuses.add(ask, told, &statuses).await?;
        match (made, gone) {
            (Some((number, user)), None) => self.made(told, number, user),
            (None, Some(user)) => self.gone(ask, instance, told, user).await?,
            (Some((_, user)), Some(_)) => {
                self.notes.push(format!(
                    "{} was removed and created again. The old id and the old password can't be restored.",
                    code(&user.login)
                ));
            }
            (None, None) => {
                self.changed(ask, instance, told, fields, levels).await?;
                self.routing.add(ask, told, &routing).await?;
            }
        }
        Ok(())
    }

    /// A user whom the request made goes, as long as it is the same one.
    fn made(&mut self, told: &Told, number: usize, made: &UserPresent) {
        let (shown, no) = (code(&made.login), told.request.no);
        match self.users.get(&made.login) {
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
        gone: &UserAbsent,
    ) -> Result<(), Problem> {
        let (shown, no) = (code(&gone.login), told.request.no);
        let Some(old) = told.removed().find(|one| one.user.id == gone.user_id) else {
            self.notes
                .push(format!("The log doesn't have the settings of {shown} from when {no} removed them."));
            return Ok(());
        };
        match restoration::of(ask, instance, old, &UserPatch::default()).await {
            Ok(restoration) => self.restorations.push(restoration),
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
        fields: Vec<(&UserHas, &UserHas)>,
        levels: Vec<(&ProficienciesAre, &ProficienciesAre)>,
    ) -> Result<(), Problem> {
        let no = told.request.no;
        let of_levels = levels.first().map(|(left, _)| &left.login);
        let login = fields.first().map(|(left, _)| &left.login).or(of_levels);
        let Some(before) = login.and_then(|login| before(told, login)) else { return Ok(()) };
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
        // While the temporary one lasts it is as it was before, and the card says what restores it.
        let value = [before.user.profile.routing_profile.id.as_str()];
        let ended = before.lasting.is_none() || temporary::setting(ask, &user.id, &value).await?.is_none();
        let lasting = before.lasting.as_ref().filter(|_| ended);
        for (left, old) in fields {
            match (lasting, &old.field) {
                (Some((by, lasting)), UserField::RoutingProfile(old)) => {
                    back.field(&mut now, &left.field, &UserField::RoutingProfile(lasting.clone()));
                    if now.routing_profile.id == lasting.id {
                        back.notes.push(temporary::instead("was", *by, old, lasting));
                    }
                }
                (_, old) => back.field(&mut now, &left.field, old),
            }
        }
        let levels = match (stand, levels.first(), levels.last()) {
            (Some(stand), Some((_, old)), Some((left, _))) => {
                Some(back.levels(&stand, &left.proficiencies, &old.proficiencies))
            }
            _ => None,
        };
        self.notes.append(&mut back.notes);
        let edit = edit_plan::of(ask, instance, user, &now, levels).await?;
        if !edit.steps.is_empty() {
            self.edits.push(edit);
        }
        Ok(())
    }

    /// What a step did to a user of Salesforce is set back, if it is as the request left it.
    async fn in_salesforce(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        number: usize,
        did: &SalesforceEffect,
        what: &str,
    ) -> Result<(), Problem> {
        let no = told.request.no;
        let org = salesforce::org(ask)?;
        let (login, user_id, username) = salesforce::user(did);
        let who = whole(username);
        if told.fact(number, facts::ALREADY).is_some() {
            self.notes.push(format!("{}: it was already so before {no}, and stays unchanged.", what));
            return Ok(());
        }
        let Some(there) = org.user_with_id(user_id).await? else {
            self.notes.push(format!("Salesforce no longer has the user {who}."));
            return Ok(());
        };
        match salesforce::back(did, &there, told.fact(number, facts::ASSIGNMENT), ask.now) {
            Ok(step) => {
                let name = there.name.clone();
                match self.agents.iter_mut().find(|(affected, _)| affected.login == login) {
                    Some((_, steps)) => steps.push(step),
                    None => {
                        let login = login.to_owned();
                        let user_id = self.users.get(&login).map(|user| user.id.clone()).unwrap_or_default();
                        self.agents.push((AffectedUser { login, user_id, name }, vec![step]));
                    }
                }
            }
            Err(why) => self.notes.push(why),
        }
        Ok(())
    }

    async fn plan(self, ask: &Ask<'_>, told: &Told) -> Result<Plan, Problem> {
        let no = told.request.no;
        let Reverts { edits, removals, restorations, agents, statuses, routing, center, mut notes, .. } =
            self;
        let routing = routing.set_back(ask).await?;
        let mut rest = vec![in_salesforce(agents), statuses.set_back(), routing, center.set_back()];
        for one in &mut rest {
            notes.append(&mut one.notes);
        }
        rest.retain(|one| !one.parts.is_empty());
        if edits.is_empty() && removals.is_empty() && restorations.is_empty() && rest.is_empty() {
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
        if restorations.iter().filter(|one| one.is_sealed()).count() > 1 {
            let message =
                format!("{no} removed several users without an email, and each needs a temporary password.");
            return Err(Problem::requester("undo_passwords", message)
                .hint("Restore them one by one with `/connect restore <login>`."));
        }
        let mut did = Vec::new();
        for (n, verb, again) in [
            (edits.len(), "restore", ""),
            (removals.len(), "remove", ""),
            (restorations.len(), "create", " again"),
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
        if !restorations.is_empty() {
            plan.blocks.push(restoration::table(&restorations));
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
        for restoration in restorations {
            restoration.add_to(ask, &mut plan, parts.next().unwrap_or_default());
        }
        plan.said_once();
        Ok(plan)
    }
}

/// Users of Salesforce, each a part of their own; the newest change is the first to be rolled back.
fn in_salesforce(agents: Vec<(AffectedUser, Vec<Step>)>) -> SetBack {
    let did = format!("restore {} in Salesforce", count(agents.len(), "user"));
    let blocks = changes(agents.iter().flat_map(|(_, steps)| steps)).into_iter().collect();
    let (about, parts) =
        agents.into_iter().map(|(user, steps)| (user, steps.into_iter().rev().collect())).unzip();
    SetBack { did, blocks, about, parts, ..SetBack::default() }
}

/// The user with this login, as they were before.
fn before<'t>(told: &'t Told, login: &str) -> Option<&'t Snapshot> {
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
