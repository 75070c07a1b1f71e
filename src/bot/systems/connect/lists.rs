//! Lists of Amazon Connect, which come page by page.

use std::future::Future;

use aws_sdk_connect::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use desk_core::center::Named;

use super::call::{Caller, INVALID_REQUEST, REFUSED, text};
use crate::pages::Pages;
use crate::systems::apply::Fault;

/// How often a list is begun again because its page token was refused.
const BEGUN_AGAIN: usize = 2;

/// A page as the answer has it.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// The token of the next one.
    pub(super) next: Option<String>,
    /// How many there are on all pages, where the answer says so.
    pub(super) total: Option<usize>,
}

/// What was read of a list.
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    pub(super) pages: usize,
    pub(super) total: Option<usize>,
    pub(super) is_whole: bool,
}

/// Reads pages to the last, or until what was read is enough. `take` gives nothing if the answer lacks something. A
/// token dies after some minutes (GetCurrentMetricData documents five), which a busy quota may take: then the list is read from
/// its beginning.
pub(super) async fn pages<T, O, E, F, Sent>(
    caller: &Caller,
    operation: &'static str,
    send: F,
    take: impl Fn(O) -> Option<Page<T>>,
    enough: impl Fn(&Listed<T>) -> bool,
) -> Result<Listed<T>, Fault>
where
    F: Fn(Option<String>) -> Sent,
    Sent: Future<Output = Result<O, SdkError<E, HttpResponse>>> + Send,
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let nothing = || Listed { items: Vec::new(), pages: 0, total: None, is_whole: false };
    let mut listed = nothing();
    let mut pages = Pages::of(operation);
    let mut token: Option<String> = None;
    let mut begun = 0;
    loop {
        let page = match caller.read(operation, || send(token.clone()), &take).await {
            Err(Fault::Refused(problem))
                if token.is_some()
                    && [REFUSED, INVALID_REQUEST].contains(&problem.code.as_str())
                    && begun < BEGUN_AGAIN =>
            {
                begun += 1;
                tracing::info!(operation, "a page token was refused; the list is read again");
                (listed, pages, token) = (nothing(), Pages::of(operation), None);
                continue;
            }
            page => page?,
        };
        token = pages.next(page.items.len(), page.next).map_err(Fault::Unknown)?;
        listed.items.extend(page.items);
        listed.pages += 1;
        listed.total = page.total;
        listed.is_whole = token.is_none();
        if listed.is_whole || enough(&listed) {
            return Ok(listed);
        }
    }
}

/// Everything on a list, by [`pages`], with the id of the instance. After the call come the size of a page, the member of the answer
/// that has the items, and what is taken of each of them: `all_pages!(connect, "ListQueues",
/// list_queues.queue_types(Standard), 1000, queue_summary_list, |one| named(one.id, one.name)).await`.
macro_rules! all_pages {
    (
        $connect:expr, $operation:literal, $call:ident $(.$set:ident($value:expr))*,
        $most:expr, $items:ident, $take:expr
    ) => {
        futures::TryFutureExt::map_ok(
            $crate::systems::connect::lists::pages(
                &$connect.caller,
                $operation,
                |token| {
                    let list = $connect.caller.client.$call().instance_id(&$connect.caller.instance_id);
                    list$(.$set($value))*.max_results($most).set_next_token(token).send()
                },
                |output| {
                    let items: Option<Vec<_>> = output.$items?.into_iter().map($take).collect();
                    let (items, next) = (items?, output.next_token);
                    Some($crate::systems::connect::lists::Page { items, next, total: None })
                },
                |_| false,
            ),
            |listed| listed.items,
        )
    };
}
pub(super) use all_pages;

/// A thing of a list, which has an id and a name.
pub(super) fn named(id: Option<String>, name: Option<String>) -> Option<Named> {
    Some(Named { id: text(id)?, name: text(name)? })
}
