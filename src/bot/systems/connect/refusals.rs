//! With which errors each operation says that nothing happened: the 4xx errors that the API declares for it, but throttling.
//!
//! An operation that isn't listed has none, so all its errors leave open whether it happened.

const INVALID: &str = "InvalidRequestException";
const PARAMETER: &str = "InvalidParameterException";
const NOT_FOUND: &str = "ResourceNotFoundException";
const DUPLICATE: &str = "DuplicateResourceException";
const DENIED: &str = "AccessDeniedException";
const LIMIT: &str = "LimitExceededException";
const IN_USE: &str = "ResourceInUseException";
const QUOTA: &str = "ServiceQuotaExceededException";
const CONDITION: &str = "ConditionalOperationFailedException";

pub fn refusals(operation: &str) -> &'static [&'static str] {
    match operation {
        "ListPhoneNumbersV2" => &[DENIED, PARAMETER, NOT_FOUND],
        "DescribeInstance" => &[INVALID, NOT_FOUND],
        "CreateAgentStatus" | "UpdateAgentStatus" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE, LIMIT],
        "DismissUserContact" | "PutUserStatus" => &[INVALID, PARAMETER, NOT_FOUND, DENIED],
        "CreateUser" | "CreateQuickConnect" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE, LIMIT],
        "AssociateQueueQuickConnects" => &[INVALID, PARAMETER, NOT_FOUND, LIMIT],
        "CreateQueue" | "CreateRoutingProfile" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE, LIMIT],
        "DeleteQueue" | "DeleteRoutingProfile" => &[INVALID, PARAMETER, NOT_FOUND, IN_USE],
        "StartTaskContact" => &[INVALID, PARAMETER, NOT_FOUND, QUOTA],
        "UpdateQueueName" | "UpdateRoutingProfileName" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE],
        "AssociateRoutingProfileQueues"
        | "DescribeQueue"
        | "DescribeRoutingProfile"
        | "DisassociateRoutingProfileQueues"
        | "ListHoursOfOperations"
        | "ListRoutingProfileManualAssignmentQueues"
        | "SearchQueues"
        | "SearchQuickConnects"
        | "SearchRoutingProfiles"
        | "UpdateQueueHoursOfOperation"
        | "UpdateQueueMaxContacts"
        | "UpdateQueueOutboundCallerConfig"
        | "UpdateQueueStatus"
        | "UpdateQuickConnectConfig"
        | "UpdateQuickConnectName"
        | "UpdateRoutingProfileConcurrency"
        | "UpdateRoutingProfileDefaultOutboundQueue"
        | "UpdateRoutingProfileQueues" => &[INVALID, PARAMETER, NOT_FOUND],
        "UpdateUserConfig" => &[INVALID, PARAMETER, NOT_FOUND, CONDITION],
        "CreateUserHierarchyGroup" | "CreateHoursOfOperationOverride" => {
            &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE, LIMIT]
        }
        "UpdateUserHierarchyGroupName" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE],
        "UpdateUserHierarchyStructure" | "DeleteUserHierarchyGroup" => {
            &[INVALID, PARAMETER, NOT_FOUND, IN_USE]
        }
        "UpdateHoursOfOperationOverride" => &[INVALID, PARAMETER, NOT_FOUND, DUPLICATE, CONDITION],
        "AssociateUserProficiencies"
        | "DeleteHoursOfOperationOverride"
        | "DeleteQuickConnect"
        | "DeleteUser"
        | "DescribeAgentStatus"
        | "DescribeQuickConnect"
        | "DescribeSecurityProfile"
        | "DescribeUser"
        | "DescribeUserHierarchyGroup"
        | "DescribeUserHierarchyStructure"
        | "DisassociateQueueQuickConnects"
        | "DisassociateUserProficiencies"
        | "GetCurrentMetricData"
        | "GetCurrentUserData"
        | "GetEffectiveHoursOfOperations"
        | "ListAgentStatuses"
        | "ListContactFlows"
        | "ListHoursOfOperationOverrides"
        | "ListQueueQuickConnects"
        | "ListQueues"
        | "ListQuickConnects"
        | "ListRoutingProfileQueues"
        | "ListRoutingProfiles"
        | "ListSecurityProfilePermissions"
        | "ListSecurityProfiles"
        | "ListUserHierarchyGroups"
        | "ListUserProficiencies"
        | "ListUsers"
        | "SearchAgentStatuses"
        | "SearchHoursOfOperationOverrides"
        | "SearchHoursOfOperations"
        | "SearchPredefinedAttributes"
        | "SearchSecurityProfiles"
        | "SearchUserHierarchyGroups"
        | "SearchUsers"
        | "TagResource"
        | "UntagResource"
        | "UpdateUserHierarchy"
        | "UpdateUserIdentityInfo"
        | "UpdateUserProficiencies"
        | "UpdateUserRoutingProfile"
        | "UpdateUserSecurityProfiles" => &[INVALID, PARAMETER, NOT_FOUND],
        _ => &[],
    }
}
