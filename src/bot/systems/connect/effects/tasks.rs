//! Tasks that the desk sends.

use async_trait::async_trait;
use desk_core::basics::text::hex;
use desk_core::plan::StepKey;
use desk_core::plan::effect::TaskSent;
use sha2::{Digest as _, Sha256};

use super::{Apply, OnNotFound, acted};
use crate::systems::apply::{Acted, Facts, Fault, Provenance, Seen, Tried};
use crate::systems::connect::Connect;
use crate::systems::connect::call::{once, text};

#[async_trait]
impl Apply for TaskSent {
    /// The token is the step's own, so that sending it again is the same task.
    async fn act(&self, connect: &Connect, key: StepKey) -> Tried {
        // The numbers of requests begin again with a new log, so what is sent is a part of it.
        let what = hex(&Sha256::digest(format!("{}\0{}", self.quick_connect_id, self.name)));
        let token = format!("connect-desk-{}-{}-{what}", key.request.0, key.step);
        let sent = once!(
            connect,
            "StartTaskContact",
            start_task_contact.quick_connect_id(&self.quick_connect_id).name(&self.name).client_token(&token),
            |started| text(started.contact_id)
        )
        .await;
        match sent {
            Ok(contact) => Ok(Acted::Done(Facts::from([("contact id".to_owned(), contact)]))),
            Err(fault) => acted(Err::<(), _>(fault), OnNotFound::Refused),
        }
    }

    /// No one can ask for a task by its token; sending it again finds it.
    async fn look(&self, _: &Connect, _: Provenance) -> Result<Seen, Fault> {
        Ok(Seen::Absent)
    }
}
