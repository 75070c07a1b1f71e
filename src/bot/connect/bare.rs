//! The same calls through the same client and the same quota, and nothing else: what a desk is measured against.

use desk_core::basics::problem::Problem;
use desk_core::plan::Effect;
use desk_core::user::UserField;
use futures::StreamExt as _;
use futures::stream;

use super::Connect;
use super::call::Fault;
use crate::apply::Tried;

/// Calls of one operation that are on their way at one time.
const AT_ONCE: usize = 16;

impl Connect {
    /// Reads these users, and meanwhile brings these sides of users about, each kind of side beside the others. Nothing is
    /// looked at afterwards and nothing is written down.
    pub async fn bare(&self, reads: &[String], sides: Vec<Effect>) -> Result<(), Problem> {
        let read = stream::iter(reads)
            .map(|user| async move { self.describe(user).await.map(|_| ()).map_err(Fault::problem) })
            .buffer_unordered(AT_ONCE);
        let mut kinds: Vec<Vec<Effect>> = Vec::new();
        for side in sides {
            let same = kinds.iter_mut().find(|kind| kind.first().is_some_and(|first| is_alike(first, &side)));
            match same {
                Some(kind) => kind.push(side),
                None => kinds.push(vec![side]),
            }
        }
        let kinds = kinds.into_iter().map(|kind| {
            let calls = stream::iter(kind).map(|side| async move { self.one_call(&side).await });
            drained(calls.buffer_unordered(AT_ONCE))
        });
        let (read, kinds) = futures::join!(drained(read), futures::future::join_all(kinds));
        read.and(kinds.into_iter().collect())
    }

    async fn one_call(&self, side: &Effect) -> Result<(), Problem> {
        match side {
            Effect::UserHas { login, user_id, facet } => match self.set_facet(login, user_id, facet).await {
                Err(
                    Tried::NotYet(problem)
                    | Tried::Taken(problem)
                    | Tried::Refused(problem)
                    | Tried::Unknown(problem),
                ) => Err(problem),
                Ok(()) | Err(Tried::Done(_) | Tried::Acknowledged) => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Whether two sides of users are set by the same operation.
fn is_alike(one: &Effect, other: &Effect) -> bool {
    let kind = |effect: &Effect| match effect {
        Effect::UserHas { facet, .. } => Some(std::mem::discriminant::<UserField>(facet)),
        _ => None,
    };
    kind(one) == kind(other)
}

async fn drained(mut calls: impl stream::Stream<Item = Result<(), Problem>> + Unpin) -> Result<(), Problem> {
    while let Some(came) = calls.next().await {
        came?;
    }
    Ok(())
}
