//! The org as commands read it.

use async_trait::async_trait;
use desk_core::basics::problem::Problem;
use desk_core::ports::{CallCenter, HeldSet, PermissionSet, SalesforceOrg, SalesforceUser};

use super::call_centers;
use super::client::Salesforce;
use super::ids::RecordId;
use super::permission_sets::{self, Assignment};
use super::users::{Agent, Status, USER_GONE, User};
use crate::systems::apply::Fault;

impl From<call_centers::CallCenter> for CallCenter {
    fn from(center: call_centers::CallCenter) -> CallCenter {
        let untouchable = center.untouchable();
        let call_centers::CallCenter { id, label, internal_name, is_voice: _ } = center;
        CallCenter { id: id.to_string(), internal_name, label, untouchable }
    }
}

impl From<permission_sets::PermissionSet> for PermissionSet {
    fn from(set: permission_sets::PermissionSet) -> PermissionSet {
        let permission_sets::PermissionSet { id, name, label: _, of_the_package } = set;
        PermissionSet { id: id.to_string(), name, of_the_package }
    }
}

impl From<Assignment> for HeldSet {
    fn from(assignment: Assignment) -> HeldSet {
        let Assignment { id, set, active, expires } = assignment;
        HeldSet { assignment: id.to_string(), set: set.into(), expires, expired: !active }
    }
}

impl Salesforce {
    async fn told(&self, user: User) -> Result<SalesforceUser, Problem> {
        let Status { user, frozen, assignments, call_center } = self.status(user).await?;
        let own = self.caller.session().await.map_err(Fault::problem)?;
        Ok(SalesforceUser {
            is_the_desk: own.user == user.id,
            id: user.id.to_string(),
            username: user.username,
            name: user.name,
            active: user.active,
            frozen,
            license: user.license,
            sets: assignments.into_iter().map(HeldSet::from).collect(),
            call_center: call_center.map(CallCenter::from),
        })
    }
}

#[async_trait]
impl SalesforceOrg for Salesforce {
    async fn user(&self, login: &str, email: Option<&str>) -> Result<SalesforceUser, Problem> {
        let user = self.find(&Agent { login, email }).await?.one()?;
        self.told(user).await
    }

    async fn user_with_id(&self, id: &str) -> Result<Option<SalesforceUser>, Problem> {
        let Some(id) = RecordId::parse(id) else { return Ok(None) };
        match self.user(&id).await.map_err(Fault::problem) {
            Ok(user) => self.told(user).await.map(Some),
            Err(problem) if problem.code == USER_GONE => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn permission_set(&self, name: &str) -> Result<PermissionSet, Problem> {
        Salesforce::permission_set(self, name).await.map(PermissionSet::from)
    }

    async fn call_center(&self, internal_name: Option<&str>) -> Result<CallCenter, Problem> {
        let name = internal_name.unwrap_or(&self.default_call_center);
        Salesforce::call_center(self, name).await.map(CallCenter::from)
    }
}
