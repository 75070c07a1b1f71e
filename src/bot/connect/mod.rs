//! Amazon Connect through aws-sdk-connect: the one implementation of the contact-center port.
//!
//! `read` looks, `write` brings effects about; both go through [`call::Caller`], which knows the quota, the retries and
//! what a fault means. Practice and tests point its endpoint at `connect-desk sim`; nothing else differs.

mod bare;
mod body;
mod call;
mod convert;
mod effects;
mod export;
mod limits;
mod read;
mod ready;
mod refusals;

use std::sync::{Arc, Weak};
use std::time::Duration;

use aws_sdk_connect::config::retry::RetryConfig;
use aws_sdk_connect::config::timeout::TimeoutConfig;
use aws_sdk_connect::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use desk_core::formats::sheet::Sheet;
use desk_core::ports::{Clock, Vault};
use tokio::sync::Semaphore;

use crate::aws::{self, ReadableSuccess};
use crate::directory::{NameSink, Pace};

pub(crate) use limits::Buckets;
pub use limits::{Limit, Limits};
pub use ready::NotReady;

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

/// How long the desk goes on trying before it says so.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// While calls are throttled or their answers are lost.
    pub trouble: Duration,
    /// Until a change can be seen; AWS speaks of "several minutes" in some cases.
    pub visible: Duration,
    /// Until the login of a removed user can be used again.
    pub login_free: Duration,
    /// Makes the pauses between tries the same in every run, for transcripts; they are drawn when there is none.
    pub jitter_seed: Option<u64>,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            trouble: Duration::from_secs(60),
            visible: Duration::from_secs(300),
            login_free: Duration::from_secs(300),
            jitter_seed: None,
        }
    }
}

/// The adapter. Cheap to clone; clones share the limits and the directory of names.
#[derive(Clone)]
pub struct Connect {
    caller: Arc<call::Caller>,
    region: String,
    directory: Arc<read::Directory>,
    vault: Arc<dyn Vault>,
    learns: Arc<dyn NameSink>,
    patience: Patience,
    /// Users that are read for a file at one time.
    exports: Arc<Semaphore>,
    /// The sheet that users are being created from, and the name under which it is kept.
    sheet: Arc<tokio::sync::Mutex<(String, Weak<Sheet>)>>,
}

/// Nobody wants to know.
struct NoopSink;

impl NameSink for NoopSink {
    fn user_is(&self, _: &str, _: &str) {}

    fn no_user(&self, _: &str) {}
}

impl Connect {
    /// The same, telling `learns` of every single user that it sees, or sees missing, from now on.
    pub fn telling(self, learns: Arc<dyn NameSink>) -> Connect {
        Connect { learns, ..self }
    }

    /// How the directory is read so that half of the quota is left to people's own calls.
    pub fn pace(&self) -> Pace {
        Pace {
            users: self.caller.half_pace("SearchUsers"),
            groups: self.caller.half_pace("DescribeUserHierarchyGroup"),
        }
    }

    /// With these credentials, or with those that AWS's default chain finds.
    pub async fn new(
        options: Options,
        credentials: Option<SharedCredentialsProvider>,
        clock: Arc<dyn Clock>,
        vault: Arc<dyn Vault>,
    ) -> Connect {
        let region = Region::new(options.region.clone());
        let credentials = aws::credentials(credentials, &region).await;
        let mut config = aws_sdk_connect::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(region)
            .interceptor(ReadableSuccess)
            // The desk retries by itself: the SDK takes a full instance (LimitExceeded) for throttling, and repeats a
            // CreateUser whose answer was lost without looking.
            .retry_config(RetryConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(3))
                    .operation_attempt_timeout(Duration::from_secs(8))
                    .build(),
            );
        config.set_credentials_provider(credentials).set_endpoint_url(options.endpoint);
        let client = aws_sdk_connect::Client::from_conf(config.build());
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
            vault,
            learns: Arc::new(NoopSink),
            patience: options.patience,
            exports: Arc::new(Semaphore::new(export::AT_ONCE)),
            sheet: Arc::default(),
        }
    }
}
