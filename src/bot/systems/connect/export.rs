//! Users read one by one for a file, because only DescribeUser knows emails and settings, and ListUserProficiencies proficiencies.

use desk_core::basics::problem::Problem;
use desk_core::center::{Named, Proficiency, User};
use desk_core::plan::StepKey;
use desk_core::request::export;
use futures::future::try_join_all;

use super::call::absent;
use super::client::Connect;
use crate::systems::apply::{Acted, Fault, Tried};

impl Connect {
    /// Reads these users and keeps them sealed under the request and the step; they are on disk when this returns. Anyone who
    /// is gone is left out and counted.
    pub(super) async fn read_users(&self, key: StepKey, users: &[Named]) -> Tried {
        let read = try_join_all(users.iter().map(|user| self.read_patiently(&user.id))).await;
        let found: Vec<(User, Vec<Proficiency>)> =
            read.map_err(Fault::Refused)?.into_iter().flatten().collect();
        let name = export::kept_name(key.request, key.step);
        let vault = self.vault().map_err(Fault::Refused)?;
        vault.keep_file(&name, export::pack(&found)).await.map_err(Fault::Refused)?;
        Ok(Acted::Done(export::facts(key.step, users.len() - found.len())))
    }

    async fn whole_user(&self, user_id: &str) -> Result<Option<(User, Vec<Proficiency>)>, Fault> {
        let Some(user) = self.describe(user_id).await? else { return Ok(None) };
        // They may leave between the two calls.
        Ok(absent(self.proficiencies_of(user_id).await)?.map(|proficiencies| (user, proficiencies)))
    }

    /// An export takes long, so a short outage does not end it.
    async fn read_patiently(&self, user_id: &str) -> Result<Option<(User, Vec<Proficiency>)>, Problem> {
        let _permit = self.exports.acquire().await;
        let mut pauses = self.caller.pauses(self.patience.visible);
        loop {
            match self.whole_user(user_id).await {
                Ok(user) => return Ok(user),
                Err(Fault::Unknown(problem)) => {
                    if !pauses.pause().await {
                        return Err(problem);
                    }
                }
                Err(fault) => return Err(fault.problem()),
            }
        }
    }
}
