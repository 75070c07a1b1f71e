//! The adapter itself: what it is opened with, and what its clones share.

use std::sync::{Arc, Weak};

use aws_sdk_connect::config::SharedCredentialsProvider;
use desk_core::basics::problem::Problem;
use desk_core::formats::sheet::Sheet;
use desk_core::ports::{Clock, Vault};
use tokio::sync::Semaphore;

use super::limits::Limits;
use super::patience::Patience;
use super::{cached, call};
use crate::directory::{Learner, Pace};
use crate::systems::aws::{self, ATTEMPT, CONNECT, ReadableSuccess};

/// Where the contact center is and how long the desk is patient with it.
#[derive(Clone, Debug)]
pub struct Options {
    pub region: String,
    /// The bare id of the instance.
    pub instance_id: String,
    /// Another endpoint than AWS's own: the practice contact center.
    pub endpoint: Option<String>,
    pub limits: Limits,
    pub patience: Patience,
}

/// Users that are read at one time, however many steps wait. It keeps the quota busy and leaves the queue in front of it
/// short, so that someone who asks for one user meanwhile waits for seconds and not for the whole export.
const EXPORTS_AT_ONCE: usize = 8;

/// The adapter. Cheap to clone; clones share the limits and the directory of names.
#[derive(Clone)]
pub struct Connect {
    pub(super) caller: Arc<call::Caller>,
    pub(super) region: String,
    pub(super) directory: Arc<cached::Directory>,
    /// What AWS grants the instance.
    pub(super) quotas: aws_sdk_servicequotas::Client,
    vault: Option<Arc<dyn Vault>>,
    pub(super) learner: Option<Arc<Learner>>,
    pub(super) patience: Patience,
    /// Users that are read for a file at one time.
    pub(super) exports: Arc<Semaphore>,
    /// The sheet that users are being created from, and the name under which it is kept.
    pub(super) sheet: Arc<tokio::sync::Mutex<(String, Weak<Sheet>)>>,
}

impl Connect {
    /// The same, telling the learner of every single user that it sees, or sees missing, from now on.
    pub fn telling(self, learner: Arc<Learner>) -> Connect {
        Connect { learner: Some(learner), ..self }
    }

    /// The same, with a place for what it has to keep: passwords of new users, and users that it reads for a file.
    pub(crate) fn keeping(self, vault: Arc<dyn Vault>) -> Connect {
        Connect { vault: Some(vault), ..self }
    }

    pub(super) fn vault(&self) -> Result<&dyn Vault, Problem> {
        self.vault.as_deref().ok_or_else(|| {
            Problem::operator("nothing_kept", "This process has no place for passwords and files.")
                .hint("Report this as a bug in connect-desk.")
        })
    }

    /// How the directory is read so that half of the quota is left to people's own calls.
    pub fn pace(&self) -> Pace {
        Pace {
            users: self.caller.half_pace("SearchUsers"),
            queues: self.caller.half_pace("ListQueueQuickConnects"),
        }
    }

    /// With these credentials, or with those that AWS's default chain finds.
    pub async fn new(
        options: Options,
        credentials: Option<SharedCredentialsProvider>,
        clock: Arc<dyn Clock>,
    ) -> Connect {
        let config = aws::config(&options.region, options.endpoint, credentials, CONNECT, ATTEMPT).await;
        let client = aws_sdk_connect::config::Builder::from(&config).interceptor(ReadableSuccess);
        let client = aws_sdk_connect::Client::from_conf(client.build());
        let quotas = aws_sdk_servicequotas::config::Builder::from(&config).interceptor(ReadableSuccess);
        let quotas = aws_sdk_servicequotas::Client::from_conf(quotas.build());
        Connect {
            caller: Arc::new(call::Caller::new(
                client,
                options.instance_id,
                options.limits,
                options.patience,
                clock,
            )),
            region: options.region,
            directory: Arc::default(),
            quotas,
            vault: None,
            learner: None,
            patience: options.patience,
            exports: Arc::new(Semaphore::new(EXPORTS_AT_ONCE)),
            sheet: Arc::default(),
        }
    }
}
