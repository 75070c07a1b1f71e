//! Emergencies, and who is on call: `[emergency]` and `[[oncall]]`.

use std::num::NonZeroU32;

use desk_core::basics::hours::Hours;
use desk_core::basics::ids::{PersonId, Platform};
use desk_core::basics::roles::{Person, Role};
use desk_core::basics::text::code;
use desk_core::policy::{Emergencies, Shift, gaps_and_overlaps};
use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use super::checks::{Checks, line_of};

/// 5 January 2026, 00:00 UTC: the week in which a schedule is looked through.
pub(crate) const A_MONDAY: Timestamp = Timestamp::constant(1_767_571_200, 0);

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EmergencyFile {
    per_person: Option<u32>,
    in_all: Option<u32>,
    pass_freeze: bool,
    remind_minutes: Option<NonZeroU32>,
    escalate_hours: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShiftFile {
    person: Spanned<String>,
    hours: Hours,
}

impl Checks<'_> {
    pub(super) fn emergencies(
        &mut self,
        section: EmergencyFile,
        oncall: Vec<Spanned<ShiftFile>>,
        people: &[Person],
    ) -> Emergencies {
        let usual = Emergencies::default();
        let (mut shifts, mut line) = (Vec::new(), None);
        for shift in oncall {
            line = line.or(Some(line_of(self.text, &shift.span())));
            let ShiftFile { person, hours } = shift.into_inner();
            match person.get_ref().parse::<PersonId>() {
                Ok(id) => {
                    self.may_be_on_call(&person, &id, people);
                    shifts.push(Shift { person: id, hours });
                }
                Err(message) => self.wrong(person.span(), format!("{message}.")),
            }
        }
        if let Some(line) = line {
            self.warnings.extend(schedule(&shifts).into_iter().map(|message| (line, message)));
        }
        Emergencies {
            shifts,
            per_person: section.per_person.unwrap_or(usual.per_person),
            in_all: section.in_all.unwrap_or(usual.in_all),
            pass_freeze: section.pass_freeze,
            remind_minutes: section.remind_minutes.map_or(usual.remind_minutes, NonZeroU32::get),
            escalate_hours: section.escalate_hours.unwrap_or(usual.escalate_hours),
        }
    }

    /// At the console roles come from this file alone; elsewhere the platform may give the role.
    fn may_be_on_call(&mut self, person: &Spanned<String>, id: &PersonId, people: &[Person]) {
        let known = people.iter().find(|known| known.at(id).is_some());
        let is_oncall = known.is_some_and(|known| known.roles.contains(&Role::Oncall));
        if id.platform() == Platform::Console && !is_oncall {
            let message = format!(
                "{} is in the on-call schedule but doesn't have the role `oncall`. Add the role under [[person]].",
                code(person.get_ref())
            );
            self.wrong(person.span(), message);
        }
    }
}

/// What is worth a thought about a schedule: looked at over one week without a change of the clocks.
fn schedule(shifts: &[Shift]) -> Vec<String> {
    let moments = |moments: &[Timestamp]| {
        let named: Vec<String> =
            moments.iter().take(3).map(|at| format!("{} UTC", at.strftime("%a %H:%M"))).collect();
        let more = moments.len() - named.len();
        let more = if more > 0 { format!(" and {more} more times") } else { String::new() };
        format!("{}{more}", named.join(", "))
    };
    let (gaps, overlaps) = gaps_and_overlaps(shifts, A_MONDAY);
    let mut message = Vec::new();
    if !gaps.is_empty() {
        message.push(format!(
            "No one is on call from {}, so no emergency requests are possible then. Add an [[oncall]] entry.",
            moments(&gaps)
        ));
    }
    if !overlaps.is_empty() {
        message.push(format!(
            "Several people are on call from {}. Ignore this if it is intended.",
            moments(&overlaps)
        ));
    }
    message
}
