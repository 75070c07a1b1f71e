//! The same calls through the same client and the same quota, and nothing else: what a desk is measured against.

use desk_core::basics::problem::Problem;
use desk_core::plan::effect::UserHas;
use futures::StreamExt as _;
use futures::stream;

use super::client::Connect;
use crate::systems::apply::Fault;

/// Calls of one operation that are on their way at one time.
const AT_ONCE: usize = 16;

impl Connect {
    /// Reads these users, and meanwhile sets these fields of users, each kind of call beside the others. Nothing is
    /// looked at afterwards and nothing is written down.
    pub async fn bare(&self, reads: &[String], fields: Vec<UserHas>) -> Result<(), Problem> {
        let read = stream::iter(reads)
            .map(|user| async move { self.describe(user).await.map(|_| ()).map_err(Fault::problem) })
            .buffer_unordered(AT_ONCE);
        let mut kinds: Vec<Vec<UserHas>> = Vec::new();
        for has in fields {
            let same = kinds.iter_mut().find(|kind| kind.first().is_some_and(|first| is_alike(first, &has)));
            match same {
                Some(kind) => kind.push(has),
                None => kinds.push(vec![has]),
            }
        }
        let kinds = kinds.into_iter().map(|kind| {
            let calls = stream::iter(kind).map(|has| async move { self.one_call(&has).await });
            drained(calls.buffer_unordered(AT_ONCE))
        });
        let (read, kinds) = futures::join!(drained(read), futures::future::join_all(kinds));
        read.and(kinds.into_iter().collect())
    }

    async fn one_call(&self, has: &UserHas) -> Result<(), Problem> {
        self.set_field(&has.login, &has.user_id, &has.field).await.map(drop).map_err(Fault::problem)
    }
}

/// Whether two fields of users are set by the same operation.
fn is_alike(one: &UserHas, other: &UserHas) -> bool {
    std::mem::discriminant(&one.field) == std::mem::discriminant(&other.field)
}

async fn drained(mut calls: impl stream::Stream<Item = Result<(), Problem>> + Unpin) -> Result<(), Problem> {
    while let Some(came) = calls.next().await {
        came?;
    }
    Ok(())
}
