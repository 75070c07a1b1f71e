//! Taking back what a request did to agent statuses, and to the statuses that agents are in, as far as it is as the request left it.

use desk_core::basics::problem::Problem;
use desk_core::basics::text::{code, count, folded, moment, whole};
use desk_core::center::{AgentStatus, Snapshot};
use desk_core::command::Ask;
use desk_core::plan::effect::{
    Effect, StatusEffect, StatusField, StatusHas, StatusPresent, StatusPutBack, UserInStatus, facts,
};
use desk_core::plan::{AffectedUser, Step};

use crate::parts::request_history::Told;
use crate::parts::set_back::SetBack;
use crate::parts::{statuses, temporary, users};

/// What is to be done.
#[derive(Default)]
pub(crate) struct StatusesBack {
    steps: Vec<Step>,
    about: Vec<AffectedUser>,
    before: Vec<Snapshot>,
    /// What is left alone, and why.
    notes: Vec<String>,
    all: Option<Vec<AgentStatus>>,
}

impl StatusesBack {
    /// What one part of a request did.
    pub(crate) async fn add(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        effects: &[(usize, &StatusEffect, &Step)],
    ) -> Result<(), Problem> {
        if effects.is_empty() {
            return Ok(());
        }
        if self.all.is_none() {
            self.all = Some(statuses::all(ask).await?);
        }
        let all = self.all.clone().unwrap_or_default();
        for (number, effect, step) in effects.iter().rev() {
            match effect {
                StatusEffect::StatusPresent(made) => {
                    let id = told.fact(*number, &facts::agent_status(&made.name));
                    self.made(told, id, made, &all);
                }
                StatusEffect::StatusHas(left) => {
                    if let Some(old) = step.undo_as() {
                        self.set(told, left, old, &all);
                    }
                }
                // What lasted until a time was put back when it was over.
                StatusEffect::UserInStatus(put) if told.request.is_restored(step.part) => {
                    let login = code(&put.login);
                    self.notes.push(format!("The status of {login} was temporary and has ended."));
                }
                StatusEffect::UserInStatus(put) => {
                    let back = step.undo.as_ref().and_then(Effect::get::<StatusPutBack>);
                    self.put(ask, told, put, back.map(|it| it.back.id.as_str()), &all).await?;
                }
            }
        }
        Ok(())
    }

    /// All of it: the statuses as one part, each agent as one.
    pub(crate) fn set_back(self) -> SetBack {
        let StatusesBack { steps, about, before, notes, .. } = self;
        let did = match about.len() {
            0 => format!("restore agent statuses ({})", count(steps.len(), "step")),
            n => format!("restore the status of {}", count(n, "agent")),
        };
        let blocks = if steps.is_empty() { Vec::new() } else { vec![statuses::changes(&steps)] };
        let (of_agents, of_statuses): (Vec<Step>, Vec<Step>) =
            steps.into_iter().partition(|step| step.effect.login().is_some());
        let mut parts = vec![of_statuses];
        parts.extend(of_agents.into_iter().map(|step| vec![step]));
        parts.retain(|steps| !steps.is_empty());
        SetBack { did, blocks, parts, about, before, notes }
    }

    /// A status that the request made is disabled, because none can be deleted.
    fn made(&mut self, told: &Told, id: Option<&str>, made: &StatusPresent, all: &[AgentStatus]) {
        let (shown, no) = (whole(&made.name), told.request.no);
        let Some(id) = id else {
            let why = "because the log has no id of it";
            self.notes.push(format!("The agent status {shown} stays unchanged, {why}."));
            return;
        };
        let Some(status) = all.iter().find(|status| status.id == id) else {
            self.notes.push(format!("The agent status {shown} no longer exists."));
            return;
        };
        if status.name != made.name {
            let now = whole(&status.name);
            self.notes.push(format!("The agent status {shown} is now called {now}, and stays unchanged."));
            return;
        }
        if status.description != made.description {
            self.notes.push(format!("The agent status {shown} has another description since {no}."));
        }
        match statuses::step(
            format!("Disable the agent status {shown}"),
            status,
            vec![StatusField::Enabled(false)],
        ) {
            Some(step) => {
                self.steps.push(step);
                self.notes.push(format!("The agent status {shown} can't be deleted; it is disabled."));
            }
            None => self.notes.push(format!("The agent status {shown} is already disabled.")),
        }
    }

    /// What the request set of a status is set back, where it is still so.
    fn set(&mut self, told: &Told, left: &StatusHas, old: &StatusHas, all: &[AgentStatus]) {
        let no = told.request.no;
        let Some(status) = all.iter().find(|status| status.id == left.id) else {
            self.notes.push(format!("The agent status {} no longer exists.", whole(&left.status)));
            return;
        };
        let shown = whole(&status.name);
        let now = statuses::as_it_is(status, &left.fields);
        let mut back = Vec::new();
        let said = self.notes.len();
        for ((now, left), old) in now.into_iter().zip(&left.fields).zip(&old.fields) {
            let taken = |name: &String| {
                let is_other = |other: &&AgentStatus| other.id != status.id;
                all.iter().filter(is_other).any(|other| folded(&other.name) == folded(name))
            };
            if now == *left {
                match old {
                    StatusField::Name(name) if taken(name) => self.notes.push(format!(
                        "The agent status {shown} keeps its name, because another one is called {} now.",
                        whole(name)
                    )),
                    old => back.push(old.clone()),
                }
            } else if now != *old {
                self.notes
                    .push(format!("The agent status {shown} was changed since {no}, and stays unchanged."));
            }
        }
        match statuses::step(format!("Restore the agent status {shown}"), status, back) {
            Some(step) => self.steps.push(step),
            // Why is said already.
            None if self.notes.len() > said => {}
            None => self.notes.push(format!("The agent status {shown} is already as it was before {no}.")),
        }
    }

    /// An agent goes back to the status that they were in when the request was planned, or that was to come after a temporary one, where
    /// they are still in the one it set.
    async fn put(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        put: &UserInStatus,
        back: Option<&str>,
        all: &[AgentStatus],
    ) -> Result<(), Problem> {
        let (login, no) = (code(&put.login), told.request.no);
        let was = told.request.planned.as_ref().and_then(|planned| {
            let person = planned.live.people.iter().find(|person| person.login == put.login)?;
            all.iter().find(|status| Some(&status.id) == person.status_id.as_ref())
        });
        let was = match back {
            Some(id) => all.iter().find(|status| status.id == id),
            None => was,
        };
        let Some(was) = was else {
            self.notes.push(format!("The status of {login} before {no} is unknown."));
            return Ok(());
        };
        let now = ask.center.presence(&put.user_id).await?;
        let is_put =
            |name: &String| all.iter().any(|status| status.id == put.status.id && status.name == *name);
        let is_in = match (&now.next_status, &now.status_id) {
            (Some(next), _) => is_put(next),
            (None, Some(id)) => *id == put.status.id,
            (None, None) => now.status.as_ref().is_some_and(is_put),
        };
        if !is_in {
            let now = now.status.map_or("not active".to_owned(), |status| format!("in {}", code(&status)));
            self.notes.push(format!("{login} is now {now}, and stays unchanged."));
            return Ok(());
        }
        let Some(was) = self.lasting(ask, told, put, was, all).await? else { return Ok(()) };
        if !was.enabled {
            let name = whole(&was.name);
            self.notes
                .push(format!("The status {name} of {login} before {no} is disabled, so it can't be set."));
            return Ok(());
        }
        if was.id == put.status.id {
            return Ok(());
        }
        let effect = UserInStatus { status: statuses::reference(was), ..put.clone() };
        self.steps.push(Step::new(format!("Restore {login} to {}", whole(&was.name)), effect).pivot());
        match ask.center.user(&put.login).await? {
            Some(user) => {
                self.about.push(users::subject(&user));
                self.before.push(users::bare(user));
            }
            None => self.about.push(AffectedUser {
                login: put.login.clone(),
                user_id: put.user_id.clone(),
                name: String::new(),
            }),
        }
        Ok(())
    }

    /// The status to restore: the lasting one where this one only lasted until a time which is over.
    async fn lasting<'s>(
        &mut self,
        ask: &Ask<'_>,
        told: &Told,
        put: &UserInStatus,
        was: &'s AgentStatus,
        all: &'s [AgentStatus],
    ) -> Result<Option<&'s AgentStatus>, Problem> {
        // While it lasts it is as it was before.
        if let Some((no, one)) = temporary::setting(ask, &put.user_id, &[&was.id]).await? {
            self.notes.push(format!("{}.", temporary::said(no, &one, moment)));
            return Ok(Some(was));
        }
        let user = (put.login.as_str(), put.user_id.as_str());
        let restores = temporary::then(ask, user, &was.id, told.planned_at()).await?;
        let Some((no, restores)) = restores else { return Ok(Some(was)) };
        let Some(lasting) = restores.get::<StatusPutBack>() else { return Ok(Some(was)) };
        let there = all.iter().find(|one| one.id == lasting.back.id && one.enabled);
        let then = if there.is_some() { "is restored" } else { "can't be set" };
        let (name, instead, login) = (whole(&was.name), whole(&lasting.back.name), code(&put.login));
        self.notes.push(format!("The status {name} of {login} was temporary ({no}), and {instead} {then}."));
        Ok(there)
    }
}
