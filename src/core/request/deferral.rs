//! Until when a request is put off.

use jiff::{SignedDuration, Timestamp};

use super::entitled::{DecisionArg, DecisionArgs, DecisionContext, Refusal};
use super::fold::Deferral;
use crate::basics::ids::RequestNo;
use crate::basics::problem::Problem;
use crate::basics::text::{code, plain, when};
use crate::log::Event;
use crate::request::approval;

/// How long the end of a contact is waited for unless someone says otherwise.
const CONTACT_LASTS: SignedDuration = SignedDuration::from_hours(4);

/// What `when` puts off for: an hour of the day in UTC, a span from now, the end of a contact, or nothing any more.
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

/// An hour of the day in UTC, or a span from now.
fn moment(how: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let wrong = || {
        let problem = Problem::requester("moment", format!("{} isn't a valid time.", code(how))).hint(
            "Type a time in UTC such as `22:00`, a duration such as `45m` or `2h` (at most a week), `contact` for the end of their contact, or `now`.",
        );
        Refusal::Impossible(problem)
    };
    let span = |text: &str, seconds: i64| text.parse::<i64>().ok().map(|n| n.saturating_mul(seconds));
    let seconds = match how
        .strip_suffix('m')
        .and_then(|m| span(m, 60))
        .or(how.strip_suffix('h').and_then(|h| span(h, 3600)))
    {
        Some(seconds) => seconds,
        None => {
            let (hour, minute) = how.split_once(':').ok_or_else(wrong)?;
            let (hour, minute) =
                (hour.parse::<i64>().map_err(|_| wrong())?, minute.parse::<i64>().map_err(|_| wrong())?);
            if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
                return Err(wrong());
            }
            (hour * 3600 + minute * 60 - now.as_second().rem_euclid(86_400)).rem_euclid(86_400)
        }
    };
    if !(60..=7 * 86_400).contains(&seconds) {
        return Err(wrong());
    }
    now.checked_add(SignedDuration::from_secs(seconds)).map_err(|_| wrong())
}

/// Puts a request off. Only someone who may approve it moves the deadline of its approvals; where it needs none, the requester.
pub(super) fn deferred(context: &DecisionContext<'_>, args: &DecisionArgs) -> Result<Event, Refusal> {
    let (request, now) = (context.request(), context.now());
    let planned = context.planned().ok_or(Refusal::NotNow)?;
    let Deferral { until, contact, .. } = later(args.when.as_deref(), request.no, now)?;
    if context.approver().is_ok() || planned.needs.approvals_needed() == 0 {
        let lasts = SignedDuration::from_mins(i64::from(planned.needs.expires_minutes));
        let expires = if contact { until } else { until.checked_add(lasts).unwrap_or(until) };
        return Ok(Event::Deferred { until, contact, expires: Some(expires) });
    }
    let deadline = approval::expires(request, planned);
    if contact {
        return Ok(Event::Deferred { until: until.min(deadline), contact, expires: None });
    }
    if until >= deadline {
        let deadline = when(deadline, now);
        let message = format!("{} and its approvals expire at {deadline}, before that time.", request.no);
        let said = args.when.as_deref().unwrap_or_default();
        let hint = format!("Ask an approver for `/desk defer {} {}`.", request.no.0, plain(said, 20));
        return Err(Refusal::Impossible(Problem::requester("defer_too_late", message).hint(hint)));
    }
    Ok(Event::Deferred { until, contact, expires: None })
}
