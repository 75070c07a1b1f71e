//! What requests have set for a user until a time, and restore then.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{moment, whole};
use desk_core::center::{Named, User};
use desk_core::command::Ask;
use desk_core::log::{Event, Lookup, Query, Temporary};
use desk_core::plan::Effect;
use desk_core::plan::effect::{RoutingProfilePutBack, UserHas};
use desk_core::request::Phase;
use jiff::Timestamp;

use crate::parts::request_history::{self, Told};

/// All of a user, by their id, each with its request.
pub(crate) async fn of(ask: &Ask<'_>, user_id: &str) -> Result<Vec<(RequestNo, Temporary)>, Problem> {
    let requests = ask.log.find(Lookup::TemporaryFor(user_id.to_owned())).await?;
    let all = requests.iter().flat_map(|known| known.temporary.iter().map(|one| (known.no, one.clone())));
    Ok(all.filter(|(_, one)| one.user_id == user_id).collect())
}

/// The first that restores a setting of a user where it is one of these values, by their ids.
pub(crate) async fn setting(
    ask: &Ask<'_>,
    user_id: &str,
    values: &[&str],
) -> Result<Option<(RequestNo, Temporary)>, Problem> {
    let restores =
        |one: &Temporary| one.restores.restored().is_some_and(|it| values.contains(&it.temporary.0));
    Ok(of(ask, user_id).await?.into_iter().find(|(_, one)| restores(one)))
}

/// What to notice where a user gets this routing profile.
pub(crate) async fn warning(ask: &Ask<'_>, user: &User, new: &Named) -> Result<Option<String>, Problem> {
    if let Some((no, one)) = setting(ask, &user.id, &[&new.id]).await? {
        return Ok(Some(format!("{}.", said(no, &one, moment))));
    }
    gone(ask, user).await
}

/// What to notice where a user is removed, or loses the routing profile.
pub(crate) async fn gone(ask: &Ask<'_>, user: &User) -> Result<Option<String>, Problem> {
    let now = &user.profile.routing_profile;
    let taken = setting(ask, &user.id, &[&now.id]).await?;
    Ok(taken.map(|(no, one)| taken_away(now, no, &one)))
}

fn taken_away(now: &Named, no: RequestNo, one: &Temporary) -> String {
    let (name, back) = (whole(&now.name), one.restores.restored().map_or("", |it| it.back));
    let at = match one.is_stopped {
        true => "once it continues".to_owned(),
        false => format!("at {}", moment(one.until)),
    };
    let back = whole(back);
    format!("The routing profile {name} is temporary: {no} restores {back} {at}, but not after this change.")
}

/// The routing profile that lasts where that of this user is temporary, and the request that restores it.
pub(crate) async fn lasting(ask: &Ask<'_>, user: &User) -> Result<Option<(RequestNo, Named)>, Problem> {
    let Some((no, one)) = setting(ask, &user.id, &[&user.profile.routing_profile.id]).await? else {
        return Ok(None);
    };
    let back = one.restores.get::<RoutingProfilePutBack>().and_then(RoutingProfilePutBack::profile);
    Ok(back.map(|back| (no, back.clone())))
}

/// What restores this setting of a user, by its id, where it was temporary at that moment: the request, and its effect.
pub(crate) async fn then(
    ask: &Ask<'_>,
    user: (&str, &str),
    value: &str,
    at: Timestamp,
) -> Result<Option<(RequestNo, Effect)>, Problem> {
    let (login, user_id) = user;
    let query =
        Query { login: Some(login.to_owned()), limit: request_history::LINES_MAX, ..Query::default() };
    let restores = |effect: &Effect| {
        effect.restored().is_some_and(|it| it.user_id == user_id && it.temporary.0 == value)
    };
    for line in ask.log.history(&query).await? {
        let (Some(no), Event::Planned { plan, .. }) = (line.request, &line.event) else { continue };
        let Some(step) = plan.steps.iter().find(|step| restores(&step.effect)) else { continue };
        let request = request_history::request(ask, no).await?.request;
        let ended = match request.phase {
            Phase::Finished { at: ended, .. } => ended <= at,
            _ => false,
        };
        if request.began.is_some_and(|began| began <= at) && !ended {
            return Ok(Some((no, step.effect.clone())));
        }
    }
    Ok(None)
}

/// What to notice where the lasting routing profile is set in the place of one that is temporary, or was.
pub(crate) fn instead(verb: &str, no: RequestNo, temporary: &Named, lasting: &Named) -> String {
    let [temporary, lasting] = [temporary, lasting].map(|one| whole(&one.name));
    format!("The routing profile {temporary} {verb} temporary ({no}), so {lasting} is set.")
}

/// The routing profile that a part of a request set until a time, where it was not restored then, and the one before it.
pub(crate) fn kept(told: &Told, part: u32) -> Option<(UserHas, UserHas)> {
    let (_, step) = told.happened().filter(|(_, step)| step.part == part).find(|(_, step)| {
        step.effect.is::<UserHas>() && step.undo.as_ref().is_some_and(Effect::is::<RoutingProfilePutBack>)
    })?;
    let left = step.effect.get::<UserHas>()?;
    let back = step.undo.as_ref()?.get::<RoutingProfilePutBack>()?;
    let old = UserHas { field: back.back.clone(), ..left.clone() };
    (!told.request.is_restored(part)).then(|| (left.clone(), old))
}

/// "#3 restores the routing profile `Basic` at 18:00". A plan has the moment in words, and an answer as each platform draws it.
pub(crate) fn said(no: RequestNo, temporary: &Temporary, time: impl Fn(Timestamp) -> String) -> String {
    let restored = temporary.restores.restored();
    let what = restored.map_or("setting", |it| it.what);
    let back = restored.map_or_else(String::new, |it| whole(it.back));
    match temporary.is_stopped {
        true => format!("{no} has stopped, and restores the {what} {back} only once it continues"),
        false => format!("{no} restores the {what} {back} at {}", time(temporary.until)),
    }
}
