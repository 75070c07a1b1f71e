//! Until when a request is put off.

use jiff::{SignedDuration, Timestamp};

use super::entitled::{DecisionArg, DecisionArgs, DecisionContext, Refusal};
use super::fold::Deferral;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::span::clock;
use crate::basics::text::{code, plain};
use crate::log::Event;
use crate::plan::Until;
use crate::request::approval;

/// How long the end of a contact is waited for unless someone says otherwise.
const CONTACT_LASTS: SignedDuration = SignedDuration::from_hours(4);

/// How soon and how late it may be put off to.
const SOONEST: SignedDuration = SignedDuration::from_mins(1);
const LATEST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What `when` puts off for: a time in UTC, a duration from now, the end of a contact, or nothing any more.
fn later(when: Option<&str>, no: RequestNo, now: Timestamp) -> Result<Deferral, Refusal> {
    let Some(when) = when.map(str::trim) else {
        let message = format!("When should {no} run?");
        let hint = format!(
            "Type `/desk defer {} 22:00`, `45m`, `contact` for the end of their contact, or `now`.",
            no.0
        );
        return Err(Refusal::Needs(
            DecisionArg::Moment,
            Problem::requester("moment_missing", message).hint(hint),
        ));
    };
    let put_off = |until, contact| Deferral { until, contact, sets_deadline: false };
    if when.eq_ignore_ascii_case("now") {
        return Ok(put_off(now, false));
    }
    let lower = when.to_lowercase();
    match lower.strip_prefix("contact").map(str::trim) {
        Some("") => Ok(put_off(now.checked_add(CONTACT_LASTS).unwrap_or(Timestamp::MAX), true)),
        Some(most) => Ok(put_off(moment(most, now)?, true)),
        None => Ok(put_off(moment(when, now)?, false)),
    }
}

/// A time in UTC or a duration, a week from now at the latest.
fn moment(how: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let until = Until::typed(how, now).map(|until| until.from(now));
    until.filter(|until| (SOONEST..=LATEST).contains(&until.duration_since(now))).ok_or_else(|| {
        let problem = Problem::requester("moment", format!("{} isn't a valid time.", code(how))).hint(
            "Type a time in UTC such as `22:00` or `2026-11-20T22:00`, a duration such as `45m`, `2h` or `1d` (at most a week), `contact` for the end of their contact, or `now`.",
        );
        Refusal::Impossible(problem)
    })
}

/// Whether it might start sooner than it was put off for.
fn starts_sooner(before: Deferral, until: Timestamp, contact: bool, now: Timestamp) -> bool {
    match (before.contact, contact) {
        (true, _) => !contact,
        (false, true) => now < before.until,
        (false, false) => until < before.until,
    }
}

/// Puts a request off. Only someone who may approve it moves the deadline of its approvals, and has it start sooner than one of them put
/// it off for; where it needs none, the requester. An emergency waits for nothing but the end of a contact.
pub(super) fn deferred(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<Event, Refusal> {
    let (request, now) = (context.request(), context.now());
    let planned = context.planned().ok_or(Refusal::NotNow)?;
    let Deferral { until, contact, .. } = later(args.when.as_deref(), request.no, now)?;
    if request.is_emergency() && !contact && until > now {
        let no = request.no.0;
        let message = "An emergency runs immediately, so it can't be delayed.";
        let hint = format!(
            "Wait for the end of their contact with `/desk defer {no} contact`, or cancel it and request it without `emergency:true`."
        );
        return Err(Refusal::Impossible(Problem::requester("defer_emergency", message).hint(hint)));
    }
    let may_approve = context.approver().is_ok();
    if !may_approve
        && planned.needs.approvals_needed() > 0
        && let Some(before) = request.deferred.filter(|before| before.sets_deadline)
        && starts_sooner(before, until, contact, now)
    {
        let message =
            format!("An approver delayed {}, so only an approver can have it run sooner.", request.no);
        let said = plain(args.when.as_deref().unwrap_or_default(), 20);
        let hint = format!("Ask an approver for `/desk defer {} {said}`.", request.no.0);
        return Err(Refusal::Impossible(Problem::requester("defer_sooner", message).hint(hint)));
    }
    let end = approval::ends_at(&planned.plan);
    if let Some(end) = end.filter(|end| !contact && until >= *end) {
        let message = format!("{} would end at {}, before that time.", request.no, clock(end, now));
        return Err(Refusal::Impossible(
            Problem::requester("defer_past_end", message)
                .hint("Choose an earlier time, or request it again with a later end."),
        ));
    }
    // No one else decides on an emergency, so no one moves its deadline either.
    let sets_deadline = may_approve || planned.needs.approvals_needed() == 0;
    if sets_deadline && !request.is_emergency() {
        let lasts = SignedDuration::from_mins(i64::from(planned.needs.expires_minutes));
        let expires = if contact { until } else { until.checked_add(lasts).unwrap_or(until) };
        let expires = end.map_or(expires, |end| expires.min(end));
        return Ok(Event::Deferred { until, contact, expires: Some(expires) });
    }
    let deadline = approval::expires(request, planned);
    if contact {
        // The deadline stays as it is; that an approver put it off is known by it.
        let expires = may_approve.then_some(planned.expires);
        return Ok(Event::Deferred { until: until.min(deadline), contact, expires });
    }
    if until >= deadline {
        let deadline = clock(deadline, now);
        let message = format!("{} and its approvals expire at {deadline}, before that time.", request.no);
        let said = args.when.as_deref().unwrap_or_default();
        let hint = format!("Ask an approver for `/desk defer {} {}`.", request.no.0, plain(said, 20));
        return Err(Refusal::Impossible(Problem::requester("defer_too_late", message).hint(hint)));
    }
    Ok(Event::Deferred { until, contact, expires: None })
}
