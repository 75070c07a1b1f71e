"""Every operation of the practice contact center, as rows: what is called with what, and what comes back.

A row is an operation, its arguments, and either what is kept of the answer under a name, or the refusal that is wanted.
An argument `$name` is what was kept, `$kind/name` the id of something that the world holds. Answers are held against
botocore's models by the client, so the rows say only what they add to that.
"""

import json
import pathlib
import time

from client import Desk, check, control, refused

CONTRACT = pathlib.Path(__file__).resolve().parents[2] / "src" / "sim" / "contract"

DUPLICATE = ("DuplicateResourceException", 409)
IN_USE = ("ResourceInUseException", 409)
MISSING = ("ResourceNotFoundException", 404)
PARAMETER = ("InvalidParameterException", 400)
REQUEST = ("InvalidRequestException", 400)
FULL = ("LimitExceededException", 429)

NOTHING = "00000000-0000-4000-8000-000000000000"
LEVELS = {"LevelOne": {"Name": "Manager"}, "LevelTwo": {"Name": "Team"}, "LevelThree": {"Name": "Role"}}
HELP_DESK = {"Queues": ["$queues/Help Desk"]}
NUMBER = {"QuickConnectType": "PHONE_NUMBER", "PhoneConfig": {"PhoneNumber": "+15550100160"}}
VOICE = {"Channel": "VOICE", "Concurrency": 1}
WEEKLY = {"RecurrencePattern": {"Frequency": "WEEKLY", "Interval": 1}}
DAY = {"EffectiveFrom": "2030-05-06", "EffectiveTill": "2030-05-06"}


def pair(queue, channel="VOICE"):
    return {"QueueId": queue, "Channel": channel}


def routed(queue, channel="VOICE", priority=1):
    return {"QueueReference": pair(queue, channel), "Priority": priority, "Delay": 0}


def equals(field, value):
    return {"StringCondition": {"FieldName": field, "Value": value, "ComparisonType": "EXACT"}}


GROUP, LEVEL = "UserHierarchyGroup", "UpdateUserHierarchyStructure"
ROWS = [
    ("DescribeInstanceAttribute", {"AttributeType": "EARLY_MEDIA"}, {}),
    ("DescribeInstanceAttribute", {"AttributeType": "NO_MEDIA"}, PARAMETER),
    ("ListInstanceAttributes", {"MaxResults": 7}, {}),
    ("ListInstanceAttributes", {"MaxResults": 8}, PARAMETER),
    ("ListPhoneNumbersV2", {"PhoneNumberPrefix": "+1555"}, {}),
    ("ListPhoneNumbersV2", {"TargetArn": "arn:aws:connect:us-east-1:123456789012:instance/x", "InstanceId": None}, MISSING),
    ("ListPredefinedAttributes", {}, {}),
    ("DescribePredefinedAttribute", {"Name": "Language"}, {}),
    ("DescribePredefinedAttribute", {"Name": "Charm"}, MISSING),
    ("SearchPredefinedAttributes", {"SearchCriteria": equals("name", "Language")}, {}),
    ("SearchPredefinedAttributes", {"SearchCriteria": equals("color", "red")}, PARAMETER),
    # Hierarchy
    ("DescribeUserHierarchyStructure", {}, {}),
    (f"Search{GROUP}s", {"SearchCriteria": equals("name", "Leads East")}, {}),
    (f"Search{GROUP}s", {"SearchFilter": {"AttributeFilter": {"TagCondition": {"TagKey": "a"}}}}, {}),
    (LEVEL, {"HierarchyStructure": LEVELS | {"LevelFour": {"Name": "Shift"}}}, {}),
    (LEVEL, {"HierarchyStructure": {"LevelOne": {"Name": "Manager"}}}, IN_USE),
    (LEVEL, {"HierarchyStructure": {"LevelTwo": {"Name": "Team"}}}, REQUEST),
    (f"Create{GROUP}", {"Name": "Night", "ParentGroupId": "$hierarchy_groups/Leads East"}, {"group": "HierarchyGroupId"}),
    (f"Create{GROUP}", {"Name": "Night", "ParentGroupId": "$hierarchy_groups/Leads East"}, DUPLICATE),
    (f"Create{GROUP}", {"Name": "Deeper", "ParentGroupId": "$group"}, PARAMETER),
    (f"Update{GROUP}Name", {"HierarchyGroupId": "$group", "Name": "Late"}, {}),
    (f"Delete{GROUP}", {"HierarchyGroupId": "$hierarchy_groups/Leads East"}, IN_USE),
    (f"Delete{GROUP}", {"HierarchyGroupId": "$group"}, {}),
    (f"Delete{GROUP}", {"HierarchyGroupId": "$group"}, MISSING),
    (LEVEL, {"HierarchyStructure": LEVELS}, {}),
    # Agent statuses
    ("CreateAgentStatus", {"Name": "Coaching", "State": "ENABLED", "DisplayOrder": 7}, {"status": "AgentStatusId"}),
    ("CreateAgentStatus", {"Name": "Coaching", "State": "ENABLED"}, DUPLICATE),
    ("UpdateAgentStatus", {"AgentStatusId": "$status", "State": "DISABLED", "ResetOrderNumber": True}, {}),
    ("UpdateAgentStatus", {"AgentStatusId": "$agent_statuses/Available", "State": "DISABLED"}, PARAMETER),
    ("DescribeAgentStatus", {"AgentStatusId": "$status"}, {}),
    ("SearchAgentStatuses", {"SearchCriteria": equals("state", "DISABLED")}, {}),
    # Queues
    ("CreateQueue", {"Name": "Nights", "HoursOfOperationId": "$hours_of_operations/Basic Hours"}, {"queue": "QueueId"}),
    ("CreateQueue", {"Name": "Nights", "HoursOfOperationId": "$hours_of_operations/Basic Hours"}, DUPLICATE),
    ("CreateQueue", {"Name": "Homeless", "HoursOfOperationId": NOTHING}, PARAMETER),
    ("UpdateQueueName", {"QueueId": "$queue", "Description": "After six."}, {}),
    ("UpdateQueueName", {"QueueId": "$queue", "Name": "Callback"}, DUPLICATE),
    ("UpdateQueueStatus", {"QueueId": "$queue", "Status": "DISABLED"}, {}),
    ("UpdateQueueStatus", {"QueueId": "$queue", "Status": "ENABLED"}, {}),
    ("UpdateQueueHoursOfOperation", {"QueueId": "$queue", "HoursOfOperationId": "$hours_of_operations/Around the Clock"}, {}),
    ("UpdateQueueMaxContacts", {"QueueId": "$queue", "MaxContacts": 5}, {}),
    ("UpdateQueueOutboundCallerConfig", {"QueueId": "$queue", "OutboundCallerConfig": {"OutboundCallerIdNumberId": "$phone_numbers/+15550100300"}}, {}),
    ("UpdateQueueOutboundCallerConfig", {"QueueId": "$queue", "OutboundCallerConfig": {"OutboundFlowId": "$contact_flows/Main line"}}, PARAMETER),
    ("DescribeQueue", {"QueueId": "$queue"}, {}),
    ("SearchQueues", {"SearchCriteria": {"AndConditions": [equals("name", "Nights"), {"QueueTypeCondition": "STANDARD"}]}}, {}),
    ("AssociateQueueQuickConnects", {"QueueId": "$queue", "QuickConnectIds": [NOTHING] * 51}, PARAMETER),
    # Routing profiles
    ("CreateRoutingProfile", {"Name": "Night Profile", "Description": "After six.", "DefaultOutboundQueueId": "$queue", "MediaConcurrencies": [VOICE], "QueueConfigs": [routed("$queue")]}, {"profile": "RoutingProfileId"}),
    ("CreateRoutingProfile", {"Name": "Night Profile", "Description": "After six.", "DefaultOutboundQueueId": "$queue", "MediaConcurrencies": [VOICE]}, DUPLICATE),
    ("UpdateRoutingProfileName", {"RoutingProfileId": "$profile", "Name": "Late Profile"}, {}),
    ("UpdateRoutingProfileConcurrency", {"RoutingProfileId": "$profile", "MediaConcurrencies": [VOICE, {"Channel": "TASK", "Concurrency": 3}]}, {}),
    ("UpdateRoutingProfileConcurrency", {"RoutingProfileId": "$profile", "MediaConcurrencies": [{"Channel": "VOICE", "Concurrency": 2}]}, PARAMETER),
    ("UpdateRoutingProfileDefaultOutboundQueue", {"RoutingProfileId": "$profile", "DefaultOutboundQueueId": "$queues/Help Desk"}, {}),
    ("UpdateRoutingProfileAgentAvailabilityTimer", {"RoutingProfileId": "$profile", "AgentAvailabilityTimer": "TIME_SINCE_LAST_INBOUND"}, {}),
    ("AssociateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueConfigs": [routed("$queue", "TASK")], "ManualAssignmentQueueConfigs": [{"QueueReference": pair("$queue", "TASK")}]}, {}),
    ("AssociateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueConfigs": [routed("$queue")] * 11}, PARAMETER),
    ("UpdateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueConfigs": [routed("$queue", "TASK", 9)]}, {}),
    ("UpdateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueConfigs": [routed("$queue", "CHAT")]}, MISSING),
    ("ListRoutingProfileManualAssignmentQueues", {"RoutingProfileId": "$profile"}, {}),
    ("DescribeRoutingProfile", {"RoutingProfileId": "$profile"}, {}),
    ("SearchRoutingProfiles", {"SearchCriteria": equals("associatedQueueIds", "$queue")}, {}),
    ("DisassociateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueReferences": [pair("$queue"), pair("$queue", "TASK")]}, {}),
    ("DisassociateRoutingProfileQueues", {"RoutingProfileId": "$profile", "QueueReferences": [pair("$queue")] * 11}, PARAMETER),
    ("DeleteRoutingProfile", {"RoutingProfileId": "$routing_profiles/Contact Tracers Profile"}, IN_USE),
    ("DeleteRoutingProfile", {"RoutingProfileId": "$profile"}, {}),
    ("DeleteQueue", {"QueueId": "$queues/Callback"}, IN_USE),
    ("DeleteQueue", {"QueueId": "$queue"}, {}),
    # Security profiles and flows
    ("SearchSecurityProfiles", {"SearchCriteria": equals("name", "Supervisor")}, {}),
    ("DescribeSecurityProfile", {"SecurityProfileId": "$security_profiles/Supervisor"}, {}),
    ("DescribeContactFlow", {"ContactFlowId": "$contact_flows/Main line"}, {}),
    ("DescribeContactFlow", {"ContactFlowId": NOTHING}, MISSING),
    ("SearchContactFlows", {"SearchCriteria": {"AndConditions": [{"TypeCondition": "AGENT_TRANSFER"}, {"StateCondition": "ACTIVE"}, {"StatusCondition": "PUBLISHED"}]}}, {}),
    # Quick connects
    ("ListQuickConnects", {"QuickConnectTypes": ["USER"]}, {}),
    ("CreateQuickConnect", {"Name": "Night desk", "QuickConnectConfig": NUMBER}, {"quick": "QuickConnectId"}),
    ("CreateQuickConnect", {"Name": "Night desk", "QuickConnectConfig": NUMBER}, DUPLICATE),
    ("UpdateQuickConnectName", {"QuickConnectId": "$quick", "Name": "Late desk"}, {}),
    ("UpdateQuickConnectName", {"QuickConnectId": "$quick", "Name": "Help desk"}, PARAMETER),
    ("UpdateQuickConnectConfig", {"QuickConnectId": "$quick", "QuickConnectConfig": {"QuickConnectType": "FLOW", "FlowConfig": {"ContactFlowId": "$contact_flows/Main line"}}}, {}),
    ("UpdateQuickConnectConfig", {"QuickConnectId": "$quick", "QuickConnectConfig": {"QuickConnectType": "USER"}}, REQUEST),
    ("DeleteQuickConnect", {"QuickConnectId": "$quick"}, {}),
    # Hours of operation
    ("ListHoursOfOperations", {}, {}),
    ("DescribeHoursOfOperation", {"HoursOfOperationId": "$hours_of_operations/Basic Hours"}, {}),
    ("SearchHoursOfOperations", {"SearchCriteria": equals("timezone", "America/Chicago")}, {}),
    ("CreateHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "Name": "Water damage", "OverrideType": "CLOSED", "Config": [], "RecurrenceConfig": WEEKLY} | DAY, {"over": "HoursOfOperationOverrideId"}),
    ("CreateHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "Name": "Water damage", "Config": []} | DAY, DUPLICATE),
    ("CreateHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "Name": "Never", "Config": [], "EffectiveFrom": "2030-02-30", "EffectiveTill": "2030-03-01"}, PARAMETER),
    ("GetEffectiveHoursOfOperations", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "FromDate": "2030-05-05", "ToDate": "2030-05-07"}, {}),
    ("UpdateHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "HoursOfOperationOverrideId": "$over", "EffectiveTill": "2030-05-13"}, {}),
    ("DescribeHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "HoursOfOperationOverrideId": "$over"}, {}),
    ("ListHoursOfOperationOverrides", {"HoursOfOperationId": "$hours_of_operations/Basic Hours"}, {}),
    ("SearchHoursOfOperationOverrides", {"SearchCriteria": {"DateCondition": {"FieldName": "effectiveFrom", "Value": "2030-05-06", "ComparisonType": "EQUAL_TO"}}}, {}),
    ("DeleteHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "HoursOfOperationOverrideId": "$over"}, {}),
    ("DeleteHoursOfOperationOverride", {"HoursOfOperationId": "$hours_of_operations/Basic Hours", "HoursOfOperationOverrideId": "$over"}, MISSING),
    # Live numbers and contacts
    ("GetCurrentMetricData", {"Filters": HELP_DESK, "Groupings": ["QUEUE"], "CurrentMetrics": [{"Name": "CONTACTS_IN_QUEUE", "Unit": "COUNT"}, {"Name": "OLDEST_CONTACT_AGE", "Unit": "SECONDS"}, {"Name": "AGENTS_AVAILABLE", "Unit": "COUNT"}]}, {}),
    ("GetCurrentMetricData", {"Filters": {}, "CurrentMetrics": [{"Name": "AGENTS_ONLINE"}]}, PARAMETER),
    ("GetCurrentUserData", {"Filters": {"Agents": [NOTHING] * 101}}, PARAMETER),
    ("StartTaskContact", {"Name": "Try this", "QuickConnectId": "$quick_connects/Jamal Reed", "ClientToken": "once"}, {"task": "ContactId"}),
    ("StartTaskContact", {"Name": "Try this"}, REQUEST),
    ("GetCurrentUserData", {"Filters": {"Agents": ["$users/jamal.reed"]}}, {}),
    ("DismissUserContact", {"UserId": "$users/jamal.reed", "ContactId": "$task"}, REQUEST),
    ("StopContact", {"ContactId": "$task"}, {}),
    ("StopContact", {"ContactId": "$task"}, ("ContactNotFoundException", 410)),
    ("DismissUserContact", {"UserId": "$users/jamal.reed", "ContactId": "$task"}, MISSING),
]


def implemented():
    names = set()
    for file in ("connect.json", "quotas.json"):
        contract = json.loads((CONTRACT / file).read_text(encoding="utf-8"))
        names |= {operation["name"] for operation in contract["operations"]}
    return names


def resolved(value, kept, world):
    if isinstance(value, dict):
        return {name: resolved(entry, kept, world) for name, entry in value.items() if entry is not None}
    if isinstance(value, list):
        return [resolved(entry, kept, world) for entry in value]
    if isinstance(value, str) and value.startswith("$"):
        kind, slash, name = value[1:].partition("/")
        return world[kind][name]["id"] if slash else kept[kind]
    return value


def drive(endpoint):
    began = time.monotonic()
    desk, careless = Desk(endpoint), Desk(endpoint, validate=False)
    world = control(endpoint, "GET", "/world")
    before = control(endpoint, "GET", "/world?ids=false")
    kept = {}
    for operation, arguments, wanted in ROWS:
        without = {"InstanceId"} if arguments.get("InstanceId", "") is None else set()
        arguments = resolved(arguments, kept, world)
        if isinstance(wanted, tuple):
            call = careless.client.list_phone_numbers_v2 if without else lambda **given: careless.call(operation, given)
            refused(f"{operation} {arguments}", *wanted, call, **arguments)
        else:
            answer = desk.call(operation, arguments)
            kept |= {name: answer[member] for name, member in wanted.items()}
    after = control(endpoint, "GET", "/world?ids=false")
    del after["agent_statuses"]["Coaching"]  # Nothing deletes a status.
    check("the rows leave nothing behind", after, before)
    full(desk, endpoint)
    dismissed(desk, endpoint)
    quotas(endpoint, desk.describe_instance()["Instance"]["Arn"])
    check("the rows are quick", time.monotonic() - began < 60, True)


def full(desk, endpoint):
    """Every quota that this instance can meet answers by its own name."""
    hours = desk.named("list_hours_of_operations", "HoursOfOperationSummaryList", "Basic Hours")["Id"]
    queue = desk.named("list_queues", "QueueSummaryList", "Help Desk")["Id"]
    desk_quick = desk.named("list_quick_connects", "QuickConnectSummaryList", "Help desk")["Id"]
    profile = {"Description": "Full.", "DefaultOutboundQueueId": queue, "MediaConcurrencies": [VOICE]}
    before = control(endpoint, "GET", "/settings")
    for setting, operation, arguments, wanted in (
        ("queue_quota", "CreateQueue", {"HoursOfOperationId": hours}, FULL),
        ("routing_profile_quota", "CreateRoutingProfile", profile, FULL),
        ("hierarchy_group_quota", "CreateUserHierarchyGroup", {}, FULL),
        ("agent_status_quota", "CreateAgentStatus", {"State": "ENABLED"}, FULL),
        ("quick_connect_quota", "CreateQuickConnect", {"QuickConnectConfig": NUMBER}, FULL),
        ("task_quota", "StartTaskContact", {"QuickConnectId": desk_quick}, ("ServiceQuotaExceededException", 402)),
    ):
        control(endpoint, "PUT", "/settings", {setting: 0})
        refused(operation, *wanted, lambda **given: desk.call(operation, given), **arguments, Name="One more")
        control(endpoint, "PUT", "/settings", {setting: before[setting]})


def dismissed(desk, endpoint):
    missed = {"signed_in": True, "on_contact": [{"channel": "VOICE", "state": "MISSED"}]}
    control(endpoint, "PUT", "/users/aaron.fields/presence", missed)
    aaron = desk.search("aaron.fields")[0]["Id"]
    data = lambda: desk.get_current_user_data(Filters={"Agents": [aaron]})["UserDataList"][0]
    contact = data()["Contacts"][0]
    check("missed", contact["AgentContactState"], "MISSED")
    desk.dismiss_user_contact(UserId=aaron, ContactId=contact["ContactId"])
    check("dismissed", data()["Contacts"], [])


def quotas(endpoint, instance):
    service = Desk(endpoint, "service-quotas").client
    pages = service.get_paginator("list_service_quotas")
    def values(level):
        listed = pages.paginate(ServiceCode="connect", QuotaAppliedAtLevel=level, PaginationConfig={"PageSize": 3})
        return {(quota["QuotaName"], quota["QuotaContext"]["ContextId"]): quota["Value"] for page in listed for quota in page["Quotas"]}
    check("the account's level has none", values("ACCOUNT"), {})
    check("the default", values("ALL")["Users per instance", "*"], 500.0)
    control(endpoint, "PUT", "/settings", {"user_quota": 750})
    check("what is applied", values("RESOURCE")["Users per instance", instance], 750.0)
    applied = service.get_service_quota(ServiceCode="connect", QuotaCode="L-9A46857E", ContextId=instance)
    check("one quota", applied["Quota"]["Value"], 750.0)
    refused("no such quota", "NoSuchResourceException", 400, service.get_service_quota, ServiceCode="connect", QuotaCode="L-00000000")
    control(endpoint, "PUT", "/settings", {"user_quota": 500})
