//! Users that a request has read: how they are packed for the vault, and how they become one file again.
//!
//! Nothing here decides who may have the file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fold::{Request, StepState};
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::center::{Proficiency, Profile, User};
use crate::formats::sheet;
use crate::log::{Event, Line};
use crate::plan::effect::{ExportGiven, UsersRead};
use crate::policy::schedule;
use crate::ports::Files;

/// The command that it is.
pub const COMMAND: &str = "connect export";

/// The command that gives its file.
pub const FILE: &str = "desk file";

/// A user as it is kept until the file is made.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Exported {
    pub login: String,
    pub profile: Profile,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proficiencies: Vec<Proficiency>,
}

/// Where the fact begins that tells how many users a step did not find.
const VANISHED: &str = "vanished in step ";

/// The name under which the users that a step has read are kept.
pub fn kept_name(request: RequestNo, step: u32) -> String {
    format!("{}/{step}", request.0)
}

/// What a step reports: nothing, or how many of its users were gone.
pub fn facts(step: u32, vanished: usize) -> BTreeMap<String, String> {
    let fact = (vanished > 0).then(|| (format!("{VANISHED}{step}"), vanished.to_string()));
    fact.into_iter().collect()
}

/// How many users were gone when they were to be read.
pub fn vanished(request: &Request) -> usize {
    let counts = request.facts.iter().filter(|(fact, _)| fact.starts_with(VANISHED));
    counts.filter_map(|(_, count)| count.parse::<usize>().ok()).sum()
}

/// The schedule that a line asked for, or could not.
pub fn schedule_of(line: &Line) -> Option<&str> {
    match &line.event {
        Event::Requested { command, args, .. } | Event::Refused { command, args, .. }
            if command == COMMAND =>
        {
            args.text(schedule::OPTION)
        }
        _ => None,
    }
}

/// For whom its file is beside the requester, and where it is written: what the plan says of a scheduled export.
pub fn given(request: &Request) -> Option<&ExportGiven> {
    request.plan()?.steps.iter().find_map(|step| step.effect.get())
}

/// The file, in this format.
pub fn written(users: &[Exported], format: &str) -> String {
    let users: Vec<sheet::Written<'_>> = users
        .iter()
        .map(|user| sheet::Written {
            login: &user.login,
            profile: &user.profile,
            proficiencies: &user.proficiencies,
        })
        .collect();
    if format == "json" { sheet::export_json(&users) } else { sheet::export(&users) }
}

/// Users as they are kept.
pub fn pack(users: &[(User, Vec<Proficiency>)]) -> Zeroizing<Vec<u8>> {
    #[derive(Serialize)]
    struct Kept<'a> {
        login: &'a str,
        profile: &'a Profile,
        proficiencies: &'a [Proficiency],
    }
    let users: Vec<Kept<'_>> = users
        .iter()
        .map(|(user, proficiencies)| Kept { login: &user.login, profile: &user.profile, proficiencies })
        .collect();
    Zeroizing::new(
        serde_json::to_vec(&users).expect("profiles have string keys, which is all that JSON asks"),
    )
}

/// All users that the steps of a request have read, in the order of the plan; `None` when they have expired.
pub async fn unpack(files: &dyn Files, request: &Request) -> Result<Option<Vec<Exported>>, Problem> {
    let steps = request.plan().map(|plan| plan.steps.as_slice()).unwrap_or_default();
    let mut users = Vec::new();
    for ((number, step), state) in (0..).zip(steps).zip(&request.steps) {
        if !step.effect.is::<UsersRead>() || *state != StepState::Done {
            continue;
        }
        let name = kept_name(request.no, number);
        let Some(bytes) = files.file(&name).await? else { return Ok(None) };
        let kept: Vec<Exported> = serde_json::from_slice(&bytes).map_err(|_| {
            Problem::human(
                "export_unreadable",
                format!("The data read in step {number} of {} can't be read.", request.no),
            )
            .hint("Request a new export.")
        })?;
        users.extend(kept);
    }
    Ok(Some(users))
}
