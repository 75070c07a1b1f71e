#!/usr/bin/env python3
"""Drive a running practice contact center with boto3 and the AWS CLI, by endpoint URL alone.

    VENV/bin/pip install -r tests/aws/requirements.txt
    VENV/bin/python tests/aws/drive.py http://127.0.0.1:PORT

The contact center is to hold the seed `guide`. Everything that the run makes it removes again. Exits with 1 at the first
thing that is not as the real clients should see it.
"""

import datetime
import json
import os
import subprocess
import sys

import boto3

import client
import operations
from client import Desk, check, control, refused


def instance(desk):
    described = desk.describe_instance()["Instance"]
    check("identity", described["IdentityManagementType"], "CONNECT_MANAGED")
    check("created", isinstance(described["CreatedTime"], datetime.datetime), True)


def identity(endpoint):
    who = boto3.client("sts", endpoint_url=endpoint).get_caller_identity()
    check("who calls", who["Arn"].split(":", 5)[5], "assumed-role/connect-desk-practice/practice")
    check("whose account", who["Account"], "123456789012")


def lifecycle(desk):
    profile = desk.named("list_routing_profiles", "RoutingProfileSummaryList", "Case Investigator Profile")["Id"]
    other = desk.named("list_routing_profiles", "RoutingProfileSummaryList", "Contact Tracers Profile")["Id"]
    agent = desk.named("list_security_profiles", "SecurityProfileSummaryList", "Agent")["Id"]
    supervisor = desk.named("list_security_profiles", "SecurityProfileSummaryList", "Supervisor")["Id"]
    group = desk.named("list_user_hierarchy_groups", "UserHierarchyGroupSummaryList", "Tracers East")["Id"]
    wanted = {
        "Username": "drive.boto",
        "Password": "Practice1",
        "IdentityInfo": {"FirstName": "Boto", "LastName": "Three", "Email": "boto@example.com"},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 300},
        "SecurityProfileIds": [agent],
        "RoutingProfileId": profile,
        "Tags": {"made": "by boto3"},
    }
    created = desk.create_user(**wanted)
    user = created["UserId"]
    check("ARN", created["UserArn"].endswith(f"/agent/{user}"), True)
    refused("duplicate", "DuplicateResourceException", 409, desk.create_user, **wanted)

    found = desk.search("drive.boto")
    check("search", [entry["Id"] for entry in found], [user])
    check("search: milliseconds", found[0]["PhoneConfig"]["AfterContactWorkTimeLimit"], 300_000)
    check("search: lite identity", found[0]["IdentityInfo"], {"FirstName": "Boto", "LastName": "Three"})

    def described():
        return desk.describe_user(UserId=user)["User"]

    check("describe: seconds", described()["PhoneConfig"]["AfterContactWorkTimeLimit"], 300)
    check("describe: modified", isinstance(described()["LastModifiedTime"], datetime.datetime), True)
    check("describe: tags", described()["Tags"], {"made": "by boto3"})

    identity = {"FirstName": "Boto", "LastName": "Core", "Email": "core@example.com", "Mobile": "+15550100120"}
    desk.update_user_identity_info(UserId=user, IdentityInfo=identity)
    check("identity", described()["IdentityInfo"], identity)
    desk.update_user_phone_config(
        UserId=user,
        PhoneConfig={"PhoneType": "DESK_PHONE", "DeskPhoneNumber": "+15550100121", "AfterContactWorkTimeLimit": 60},
    )
    check("phone", described()["PhoneConfig"]["DeskPhoneNumber"], "+15550100121")
    check("phone: all channels", len(described()["AfterContactWorkConfigs"]), 4)
    acw = [{"Channel": "VOICE", "AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 0}}]
    accept = [{"Channel": "VOICE", "AutoAccept": True}]
    desk.update_user_config(UserId=user, AfterContactWorkConfigs=acw, AutoAcceptConfigs=accept)
    check("config", (described()["AfterContactWorkConfigs"], described()["AutoAcceptConfigs"]), (acw, accept))
    check("config: other view", described()["PhoneConfig"]["AutoAccept"], True)
    desk.update_user_routing_profile(UserId=user, RoutingProfileId=other)
    check("routing profile", described()["RoutingProfileId"], other)
    desk.update_user_security_profiles(UserId=user, SecurityProfileIds=[supervisor, agent])
    check("security profiles", described()["SecurityProfileIds"], [supervisor, agent])
    desk.update_user_hierarchy(UserId=user, HierarchyGroupId=group)
    check("hierarchy", described()["HierarchyGroupId"], group)
    path = desk.describe_user_hierarchy_group(HierarchyGroupId=group)["HierarchyGroup"]["HierarchyPath"]
    check("hierarchy path", [path[level]["Name"] for level in ("LevelOne", "LevelThree")], ["Eastern Region", "Tracers East"])
    desk.update_user_hierarchy(UserId=user)
    check("hierarchy cleared", "HierarchyGroupId" in described(), False)

    spanish = {"AttributeName": "Language", "AttributeValue": "Spanish", "Level": 3.0}
    desk.associate_user_proficiencies(UserId=user, UserProficiencies=[spanish])
    listed = desk.list_user_proficiencies(UserId=user)["UserProficiencyList"]
    check("proficiencies", listed, [spanish])
    desk.update_user_proficiencies(UserId=user, UserProficiencies=[spanish | {"Level": 4.0}])
    check("level", desk.list_user_proficiencies(UserId=user)["UserProficiencyList"][0]["Level"], 4.0)
    attribute = {name: spanish[name] for name in ("AttributeName", "AttributeValue")}
    desk.disassociate_user_proficiencies(UserId=user, UserProficiencies=[attribute])
    check("no proficiencies", desk.list_user_proficiencies(UserId=user)["UserProficiencyList"], [])

    arn = created["UserArn"]
    desk.client.tag_resource(resourceArn=arn, tags={"site": "east"})
    desk.client.untag_resource(resourceArn=arn, tagKeys=["made"])
    check("tags", desk.client.list_tags_for_resource(resourceArn=arn)["tags"], {"site": "east"})

    missing = "00000000-0000-4000-8000-000000000000"
    refused("missing", "ResourceNotFoundException", 404, desk.describe_user, UserId=missing)
    bad = {"PhoneConfig": {"PhoneType": "MOBILE"}}
    refused("bad enum", "InvalidParameterException", 400, desk.update_user_phone_config, UserId=user, **bad)
    refused("page size", "InvalidParameterException", 400, desk.list_users, MaxResults=1001)
    both = {"TagFilter": {}, "UserAttributeFilter": {}}
    refused("both filters", "AccessDeniedException", 403, desk.search_users, SearchFilter=both)
    refused("not carried out", "NotImplementedException", 501, desk.list_prompts)

    quick_connects(desk, user)
    desk.delete_user(UserId=user)
    refused("deleted", "ResourceNotFoundException", 404, desk.describe_user, UserId=user)
    check("gone", desk.search("drive.boto"), [])


def quick_connects(desk, user):
    flow = desk.named("list_contact_flows", "ContactFlowSummaryList", "Default agent transfer")["Id"]
    queue = desk.named("list_queues", "QueueSummaryList", "Help Desk")["Id"]
    config = {"QuickConnectType": "USER", "UserConfig": {"UserId": user, "ContactFlowId": flow}}
    made = desk.create_quick_connect(Name="Drive boto", QuickConnectConfig=config)["QuickConnectId"]
    desk.associate_queue_quick_connects(QueueId=queue, QuickConnectIds=[made])
    shown = desk.all("list_queue_quick_connects", "QuickConnectSummaryList", 1, QueueId=queue)
    check("in the queue", [entry["Id"] for entry in shown], [made])
    described = desk.describe_quick_connect(QuickConnectId=made)["QuickConnect"]
    check("quick connect", described["QuickConnectConfig"], config)
    condition = {"FieldName": "name", "Value": "drive", "ComparisonType": "STARTS_WITH"}
    found = desk.search_quick_connects(SearchCriteria={"StringCondition": condition})["QuickConnects"]
    check("quick connect found", [entry["QuickConnectId"] for entry in found], [made])
    desk.disassociate_queue_quick_connects(QueueId=queue, QuickConnectIds=[made])
    desk.delete_quick_connect(QuickConnectId=made)
    check("queue is empty", desk.list_queue_quick_connects(QueueId=queue)["QuickConnectSummaryList"], [])


def lists(desk):
    users = desk.all("list_users", "UserSummaryList", 5)
    logins = [user["Username"] for user in users]
    check("everybody once", len(logins), len(set(logins)))
    check("search finds as many", len(desk.all("search_users", "Users", 7)), len(users))
    standard = desk.all("list_queues", "QueueSummaryList", 2, QueueTypes=["STANDARD"])
    everything = desk.all("list_queues", "QueueSummaryList", 10)
    check("an own queue for each agent", len(everything) - len(standard), len(users))
    profile = desk.named("list_routing_profiles", "RoutingProfileSummaryList", "Case Investigator Profile")["Id"]
    queues = desk.all("list_routing_profile_queues", "RoutingProfileQueueConfigSummaryList", 2, RoutingProfileId=profile)
    check("queues by channel", len(queues), 9)
    supervisor = desk.named("list_security_profiles", "SecurityProfileSummaryList", "Supervisor")["Id"]
    permissions = desk.all("list_security_profile_permissions", "Permissions", 10, SecurityProfileId=supervisor)
    check("permissions", "Users.EditPermission" in permissions, True)


def live(desk):
    profiles = [entry["Id"] for entry in desk.all("list_routing_profiles", "RoutingProfileSummaryList", 100)]
    answer = desk.get_current_user_data(Filters={"RoutingProfiles": profiles})
    statuses = {entry["Arn"]: entry["Type"] for entry in desk.all("list_agent_statuses", "AgentStatusSummaryList", 100)}
    check("statuses are known", all(user["Status"]["StatusArn"] in statuses for user in answer["UserDataList"]), True)
    busy = [user for user in answer["UserDataList"] if user["Contacts"]]
    check("one on a contact", [user["Contacts"][0]["Channel"] for user in busy], ["VOICE"])
    lunch = desk.named("list_agent_statuses", "AgentStatusSummaryList", "Lunch")["Id"]
    john = desk.search("john.doe")[0]["Id"]
    refused("signed out", "InvalidRequestException", 400, desk.put_user_status, UserId=john, AgentStatusId=lunch)
    desk.put_user_status(UserId=busy[0]["User"]["Id"], AgentStatusId=lunch)
    again = desk.get_current_user_data(Filters={"Agents": [busy[0]["User"]["Id"]]})["UserDataList"][0]
    check("next status", again["NextStatus"], "Lunch")


def retries(desk, endpoint):
    """The clients' own retries meet what the control path orders."""
    for fault in ({"fault": "drop_before"}, {"fault": "throttle"}, {"fault": "fail_before", "status": 503}):
        control(endpoint, "POST", "/faults", {"operation": "ListUsers"} | fault)
        answer = desk.list_users(MaxResults=1)
        check(f"retried after {fault}", answer["ResponseMetadata"]["RetryAttempts"], 1)
    check("no faults are left", control(endpoint, "GET", "/faults"), {"faults": []})


def command_line(desk, endpoint):
    aws = os.path.join(os.path.dirname(sys.executable), "aws")

    def run(operation, *arguments, instance=True):
        command = [aws, "--endpoint-url", endpoint, "--output", "json", "connect", operation]
        command += (["--instance-id", desk.instance] if instance else []) + list(arguments)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def ok(operation, *arguments):
        done = run(operation, *arguments)
        if done.returncode != 0:
            sys.exit(f"aws connect {operation}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    john = desk.describe_user(UserId=desk.search("john.doe")[0]["Id"])["User"]
    arguments = ["--username", "drive.cli", "--password", "Practice1"]
    arguments += ["--identity-info", "FirstName=Command,LastName=Line,Email=cli@example.com"]
    arguments += ["--phone-config", "PhoneType=SOFT_PHONE,AutoAccept=false,AfterContactWorkTimeLimit=0"]
    arguments += ["--security-profile-ids", *john["SecurityProfileIds"], "--routing-profile-id", john["RoutingProfileId"]]
    user = ok("create-user", *arguments)["UserId"]
    duplicate = run("create-user", *arguments)
    check("cli: duplicate", "DuplicateResourceException" in duplicate.stderr, True)
    criteria = {"StringCondition": {"FieldName": "Username", "Value": "drive.cli", "ComparisonType": "EXACT"}}
    found = ok("search-users", "--search-criteria", json.dumps(criteria))["Users"]
    check("cli: search", [entry["Id"] for entry in found], [user])
    described = ok("describe-user", "--user-id", user)["User"]
    check("cli: describe", described["IdentityInfo"]["Email"], "cli@example.com")
    listed = ok("list-users", "--page-size", "4")["UserSummaryList"]
    check("cli: all pages", len(listed), len(desk.all("list_users", "UserSummaryList", 100)))
    first = ok("list-users", "--page-size", "4", "--max-items", "6")
    rest = ok("list-users", "--page-size", "4", "--starting-token", first["NextToken"])
    check("cli: in two goes", first["UserSummaryList"] + rest["UserSummaryList"], listed)
    tags = run("list-tags-for-resource", "--resource-arn", john["Arn"], instance=False)
    check("cli: tags", json.loads(tags.stdout or "{}").get("tags"), john["Tags"])
    ok("delete-user", "--user-id", user)
    check("cli: deleted", "ResourceNotFoundException" in run("describe-user", "--user-id", user).stderr, True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    endpoint = sys.argv[1].rstrip("/")
    control(endpoint, "PUT", "/settings", {"unthrottled": True, "name_lingers_ms": 0, "lag_ms": 0})
    desk = Desk(endpoint)
    before = control(endpoint, "GET", "/world?ids=false")
    instance(desk)
    identity(endpoint)
    lifecycle(desk)
    lists(desk)
    retries(desk, endpoint)
    command_line(desk, endpoint)
    check("everything is rolled back", control(endpoint, "GET", "/world?ids=false"), before)
    live(desk)
    operations.drive(endpoint)
    check("every operation was driven", operations.implemented() - Desk.driven, set())
    print(f"boto3 and the AWS CLI see what they should: {client.checks} checks")


if __name__ == "__main__":
    main()
