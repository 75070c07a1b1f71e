//! What requests have set for a user until a time, and restore then.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{moment, whole};
use desk_core::center::{Named, User};
use desk_core::command::Ask;
use desk_core::log::{Lookup, Temporary};
use desk_core::plan::effect::{Effect, RoutingProfilePutBack, UserHas};

use crate::parts::request_history::Told;

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
        return Ok(Some(format!("{}.", said(no, &one))));
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

/// The routing profile that a new user gets in the place of a temporary one of this user, and what to notice of it.
pub(crate) async fn lasting(ask: &Ask<'_>, user: &User) -> Result<Option<(Named, String)>, Problem> {
    let now = &user.profile.routing_profile;
    let Some((no, one)) = setting(ask, &user.id, &[&now.id]).await? else { return Ok(None) };
    let back = one.restores.get::<RoutingProfilePutBack>().and_then(RoutingProfilePutBack::profile);
    Ok(back.map(|back| {
        let [now, back_name] = [now, back].map(|one| whole(&one.name));
        (back.clone(), format!("The routing profile {now} is temporary ({no}), so {back_name} is set."))
    }))
}

/// The routing profile that a part of a request set until a time, where it was not restored then, and the one before it.
pub(crate) fn kept(told: &Told, part: u32) -> Option<(UserHas, UserHas)> {
    let (_, step) = told.happened().filter(|(_, step)| step.part == part).find(|(_, step)| {
        step.effect.is::<UserHas>() && step.undo.as_ref().is_some_and(Effect::is::<RoutingProfilePutBack>)
    })?;
    let left = step.effect.get::<UserHas>()?;
    let back = step.undo.as_ref()?.get::<RoutingProfilePutBack>()?;
    let old = UserHas { facet: back.back.clone(), ..left.clone() };
    (!told.request.is_restored(part)).then(|| (left.clone(), old))
}

/// "#3 restores the routing profile `Basic` at 18:00".
pub(crate) fn said(no: RequestNo, temporary: &Temporary) -> String {
    let restored = temporary.restores.restored();
    let what = restored.map_or("setting", |it| it.what);
    let back = restored.map_or_else(String::new, |it| whole(it.back));
    match temporary.is_stopped {
        true => format!("{no} has stopped, and restores the {what} {back} only once it continues"),
        false => format!("{no} restores the {what} {back} at {}", moment(temporary.until)),
    }
}
