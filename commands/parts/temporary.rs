//! What requests have set for a user until a time, and restore then.

use desk_core::basics::ids::RequestNo;
use desk_core::basics::problem::Problem;
use desk_core::basics::text::{moment, whole};
use desk_core::command::Ask;
use desk_core::log::{Lookup, Temporary};
use desk_core::plan::effect::Listed;

/// All of a user, by their id, each with its request.
pub(crate) async fn of(ask: &Ask<'_>, user_id: &str) -> Result<Vec<(RequestNo, Temporary)>, Problem> {
    let requests = ask.log.find(Lookup::TemporaryFor(user_id.to_owned())).await?;
    let all = requests.iter().flat_map(|known| known.temporary.iter().map(|one| (known.no, one.clone())));
    Ok(all.filter(|(_, one)| one.user_id == user_id).collect())
}

/// The effects of this kind that restore something for a user, each with its request and its moment.
pub(crate) async fn restoring<E: Listed + Clone>(
    ask: &Ask<'_>,
    user_id: &str,
) -> Result<Vec<(RequestNo, Temporary, E)>, Problem> {
    let all = of(ask, user_id).await?;
    let of_kind =
        |(no, one): (RequestNo, Temporary)| one.restores.get::<E>().cloned().map(|it| (no, one, it));
    Ok(all.into_iter().filter_map(of_kind).collect())
}

/// "#3 restores the routing profile `Basic` at 18:00".
pub(crate) fn said(no: RequestNo, temporary: &Temporary) -> String {
    let restored = temporary.restores.restored();
    let what = restored.map_or("setting", |it| it.what);
    let back = restored.map_or_else(String::new, |it| whole(it.back));
    format!("{no} restores the {what} {back} at {}", moment(temporary.until))
}
