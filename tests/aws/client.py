"""A boto3 client of a running practice contact center that checks every answer against botocore's models."""

import json
import os
import sys
import urllib.request

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

os.environ.update(
    AWS_ACCESS_KEY_ID="practice",
    AWS_SECRET_ACCESS_KEY="practice",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_PAGER="",
)

# What every service may answer, declared or not. SearchUsers is documented to deny access, though it does not declare it.
COMMON = {"ThrottlingException", "AccessDeniedException", "NotImplementedException"}

checks = 0


def difference(found, wanted, at=""):
    """The first place where the two differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted(found.keys() | wanted.keys()):
            if found.get(key) != wanted.get(key):
                return difference(found.get(key), wanted.get(key), f"{at}/{key}")
    return f"{at} found {found!r:.500}, wanted {wanted!r:.500}"


def check(what, found, wanted):
    global checks
    checks += 1
    if found != wanted:
        sys.exit(f"{what}: {difference(found, wanted)}")


def refused(what, code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        check(what, found, (code, status))
        check(f"{what}: message", bool(error.response["Error"].get("Message")), True)
        return
    sys.exit(f"{what}: was carried out, wanted {code}")


def control(endpoint, method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{endpoint}/_sim{path}", data, method=method)) as answer:
        return json.load(answer)


def unlike(shape, value, at):
    """Members of an answer that the model doesn't have, or has with another type."""
    kinds = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int, "long": int}
    wanted = kinds.get(shape.type_name, (int, float))
    if not isinstance(value, wanted) or isinstance(value, bool) != (shape.type_name == "boolean"):
        return [f"{at} is no {shape.type_name}"]
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        unknown = [f"{at}.{name} is not in the model" for name in value if name not in members]
        known = [unlike(members[name], entry, f"{at}.{name}") for name, entry in value.items() if name in members]
        return unknown + sum(known, [])
    if shape.type_name == "list":
        return sum((unlike(shape.member, entry, f"{at}[]") for entry in value), [])
    if shape.type_name == "map":
        return sum((unlike(shape.value, entry, f"{at}{{}}") for entry in value.values()), [])
    return []


class Desk:
    """Calls that add the instance id."""

    driven = set()

    def __init__(self, endpoint, service="connect", validate=True):
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, parameter_validation=validate)
        self.client = boto3.client(service, endpoint_url=endpoint, config=config)
        self.client.meta.events.register("after-call", self.answered)
        if service == "connect":
            self.instance = self.client.list_instances()["InstanceSummaryList"][0]["Id"]

    def answered(self, http_response, parsed, model, **_):
        """Every answer has the members of the model, and every refusal is one that the operation declares."""
        self.driven.add(model.name)
        if http_response.status_code >= 300:
            code = parsed["Error"]["Code"]
            declared = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
            check(f"{model.name}: declared refusals", code in declared | COMMON, True)
        elif http_response.content and model.output_shape:
            body = json.loads(http_response.content)
            check(f"{model.name}: answer", unlike(model.output_shape, body, model.name), [])

    def call(self, operation, arguments):
        if "InstanceId" in self.client.meta.service_model.operation_model(operation).input_shape.members:
            arguments = {"InstanceId": self.instance} | arguments
        return getattr(self.client, xform_name(operation))(**arguments)

    def __getattr__(self, name):
        call = getattr(self.client, name)
        return lambda **arguments: call(InstanceId=self.instance, **arguments)

    def all(self, operation, key, size, **arguments):
        pages = self.client.get_paginator(operation).paginate(
            InstanceId=self.instance, PaginationConfig={"PageSize": size}, **arguments
        )
        pages = [page[key] for page in pages]
        check(f"{operation}: page sizes", all(len(page) <= size for page in pages), True)
        return [entry for page in pages for entry in page]

    def named(self, operation, key, name):
        return next(entry for entry in self.all(operation, key, 100) if entry.get("Name") == name)

    def search(self, login):
        condition = {"FieldName": "Username", "Value": login, "ComparisonType": "EXACT"}
        return self.search_users(SearchCriteria={"StringCondition": condition})["Users"]
