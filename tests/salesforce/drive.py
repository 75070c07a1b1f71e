"""Drives the practice Salesforce with simple-salesforce, a public Salesforce client.

Usage: drive.py URL KEY. URL is that of the practice Salesforce, KEY a file with the private key of its app.
Fails at the first thing that is not as a real client should see it.
"""

import sys
import warnings

import requests
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

CLIENT_ID, SECRET = "3MVG9.practice.consumer.key", "practice-consumer-secret"
API_USER = "connect.desk@practice.example.com"
LIMIT = 30


class Loopback(requests.adapters.HTTPAdapter):
    """simple-salesforce speaks https to Salesforce's own hosts only; this sends all of it to the practice one."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def send(self, request, **options):
        host, path = request.url.split("/", 3)[2:4] if request.url.count("/") > 2 else (request.url, "")
        request.url = f"{self.url}/{path}"
        request.headers["Host"] = host
        options["timeout"] = LIMIT
        return super().send(request, **options)


class Practice:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def session(self):
        session = requests.Session()
        session.mount("https://", Loopback(self.url))
        return session

    def control(self, method, path, body=None):
        answer = requests.request(method, f"{self.url}/_salesforce/{path}", json=body, timeout=LIMIT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def jwt(self, key=None, client_id=CLIENT_ID, username=API_USER, domain="login"):
        return Salesforce(
            consumer_key=client_id, privatekey_file=key or self.key, username=username, domain=domain, session=self.session()
        )


def refused(kind, code, call):
    """The call fails with this error; returns all of its elements."""
    try:
        result = call()
    except kind as error:
        content = error.content
        assert any(element["errorCode"] == code for element in content), content
        return content
    raise AssertionError(f"{code} was expected, and {result} came")


def kept_out(practice, says, **how):
    try:
        practice.jwt(**how)
    except SalesforceAuthenticationFailed as error:
        assert says in str(error), error
        return
    raise AssertionError(f"{says} was expected, and the client came in")


def logs_in(practice, wrong_key):
    sf = practice.jwt()
    assert sf.query("SELECT Id FROM User LIMIT 1")["totalSize"] == 1
    by_secret = Salesforce(
        consumer_key=CLIENT_ID, consumer_secret=SECRET, domain="practice.my", session=practice.session()
    )
    assert by_secret.query("SELECT Id FROM User LIMIT 1")["done"]
    kept_out(practice, "client identifier invalid", client_id="3MVG9.other")
    kept_out(practice, "hasn't approved this consumer", username="jane.doe@practice.example.com")
    kept_out(practice, "audience is invalid", domain="test")
    kept_out(practice, "invalid assertion", key=wrong_key)
    for clock, says in [(600, "expired authorization code"), (-600, "invalid assertion")]:
        practice.control("PATCH", "settings", {"clock_ahead_s": clock})
        kept_out(practice, says)
    practice.control("PATCH", "settings", {"clock_ahead_s": 0})
    practice.control("PATCH", "app", {"installed": False})
    kept_out(practice, "not installed in this org")
    practice.control("PATCH", "app", {"installed": True})
    return sf


def queries(practice, sf):
    for name in ["O'Brien", "Novák", "back\\slash", "50%_\"\n"]:
        found = sf.query(format_soql("SELECT Id, LastName FROM User WHERE LastName = {}", name))
        assert [user["LastName"] for user in found["records"]] == [name][: found["totalSize"]], (name, found)
    like = sf.query(format_soql("SELECT Username FROM User WHERE Username LIKE '{:like}%' ORDER BY Username", "john.d"))
    assert [user["Username"] for user in like["records"]] == ["john.doe@practice.example.com"], like
    user = sf.query(
        "SELECT Id, IsActive, CallCenterId, Profile.Name, Profile.UserLicense.Name FROM User "
        "WHERE Username = 'hugo.berg@practice.example.com'"
    )["records"][0]
    assert user["Profile"]["UserLicense"]["Name"] == "Salesforce Platform" and user["CallCenterId"] is None, user
    assert user["attributes"]["url"].endswith(user["Id"]), user
    practice.control("PATCH", "settings", {"page_size": 7})
    everyone = sf.query_all("SELECT Id, Username FROM User")
    assert everyone["totalSize"] == len(everyone["records"]) == len({u["Id"] for u in everyone["records"]}) > 40
    assert len(list(sf.query_all_iter("SELECT Id FROM User"))) == everyone["totalSize"]
    practice.control("PATCH", "settings", {"page_size": 2000})
    refused(SalesforceMalformedRequest, "MALFORMED_QUERY", lambda: sf.query("SELECT Id FROM User WHERE Name = 'O'Brien'"))
    refused(SalesforceMalformedRequest, "MALFORMED_QUERY", lambda: sf.query("SELECT COUNT() FROM User"))
    refused(SalesforceMalformedRequest, "INVALID_TYPE", lambda: sf.query("SELECT Id FROM Account"))
    refused(SalesforceMalformedRequest, "INVALID_FIELD", lambda: sf.query("SELECT Shoe FROM User"))


def one(sf, query):
    found = sf.query(query)["records"]
    assert len(found) == 1, found
    return found[0]


def user(sf, login):
    return one(sf, format_soql("SELECT Id FROM User WHERE Username = {}", f"{login}@practice.example.com"))["Id"]


def package_set(sf, name):
    return one(
        sf,
        format_soql("SELECT Id FROM PermissionSet WHERE NamespacePrefix = 'amazonconnect' AND Name = {}", name),
    )["Id"]


def permission_sets(sf):
    agent, john = package_set(sf, "AC_Agent"), user(sf, "john.doe")
    wanted = {"AssigneeId": john, "PermissionSetId": agent}
    made = sf.PermissionSetAssignment.create(wanted)
    assert made["success"] and made["errors"] == [], made
    duplicate = refused(SalesforceMalformedRequest, "DUPLICATE_VALUE", lambda: sf.PermissionSetAssignment.create(wanted))
    assert "Duplicate PermissionSetAssignment" in duplicate[0]["message"], duplicate
    row = sf.PermissionSetAssignment.get(made["id"])
    assert row["IsActive"] and row["AssigneeId"] == john, row
    assert sf.PermissionSetAssignment.delete(made["id"]) == 204
    refused(SalesforceResourceNotFound, "ENTITY_IS_DELETED", lambda: sf.PermissionSetAssignment.delete(made["id"]))
    for login, name, codes in [
        ("hugo.berg", "AC_Agent", ["FIELD_INTEGRITY_EXCEPTION"]),
        ("victor.hale", "AC_Agent", ["INACTIVE_OWNER_OR_USER"]),
        ("john.doe", "AC_AmazonQ", ["LICENSE_LIMIT_EXCEEDED", "FIELD_INTEGRITY_EXCEPTION"]),
    ]:
        wanted = {"AssigneeId": user(sf, login), "PermissionSetId": package_set(sf, name)}
        said = refused(SalesforceMalformedRequest, codes[0], lambda: sf.PermissionSetAssignment.create(wanted))
        assert [element["errorCode"] for element in said] == codes, said
    for body, code in [
        ({"AssigneeId": john}, "REQUIRED_FIELD_MISSING"),
        ({"AssigneeId": agent, "PermissionSetId": agent}, "MALFORMED_ID"),
        ({"AssigneeId": "005Ae000000ZZZZ", "PermissionSetId": agent}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"AssigneeId": john, "PermissionSetId": agent, "IsActive": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"AssigneeId": john, "PermissionSetId": agent, "Shoe": 43}, "INVALID_FIELD"),
    ]:
        refused(SalesforceMalformedRequest, code, lambda: sf.PermissionSetAssignment.create(body))


def users(sf):
    john = user(sf, "john.doe")
    center = one(sf, "SELECT Id FROM CallCenter WHERE InternalName = 'ACLightningAdapter'")["Id"]
    for wanted in [center, None]:
        assert sf.User.update(john, {"CallCenterId": wanted}) == 204
        assert sf.User.get(john)["CallCenterId"] == wanted
    login = one(sf, f"SELECT Id, IsFrozen FROM UserLogin WHERE UserId = '{john}'")
    assert login["IsFrozen"] is False, login
    for frozen in [True, False]:
        assert sf.UserLogin.update(login["Id"], {"IsFrozen": frozen}) == 204
        assert sf.UserLogin.get(login["Id"])["IsFrozen"] is frozen
    refused(SalesforceGeneralError, "METHOD_NOT_ALLOWED", lambda: sf.UserLogin.delete(login["Id"]))
    refused(SalesforceGeneralError, "METHOD_NOT_ALLOWED", lambda: sf.User.delete(john))
    refused(SalesforceGeneralError, "METHOD_NOT_ALLOWED", lambda: sf.CallCenter.update(center, {"Name": "x"}))
    refused(SalesforceResourceNotFound, "NOT_FOUND", lambda: sf.User.get("005Ae000000ZZZZ"))
    profile = one(sf, "SELECT Id FROM Profile WHERE Name = 'Service Agent'")["Id"]
    new = {
        "Username": "new.agent@practice.example.com", "LastName": "Agent", "FirstName": "New", "Alias": "nagent",
        "Email": "new.agent@example.com", "ProfileId": profile, "TimeZoneSidKey": "America/New_York",
        "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
    }
    made = sf.User.create(new)["id"]
    assert sf.User.get(made)["Name"] == "New Agent"
    assert one(sf, f"SELECT IsFrozen FROM UserLogin WHERE UserId = '{made}'")["IsFrozen"] is False
    refused(SalesforceMalformedRequest, "DUPLICATE_USERNAME", lambda: sf.User.create(new))


def trouble(practice, sf):
    # The client signs in again when its session is gone.
    practice.control("DELETE", "sessions")
    sf.query("SELECT Id FROM User LIMIT 1")
    practice.control("PATCH", "settings", {"api_limit": 5000, "api_used": 17})
    sf.query("SELECT Id FROM User LIMIT 1")
    usage = sf.api_usage["api-usage"]
    assert (usage.used, usage.total) == (18, 5000), usage
    practice.control("PATCH", "settings", {"api_used": 5000})
    refused(SalesforceRefusedRequest, "REQUEST_LIMIT_EXCEEDED", lambda: sf.query("SELECT Id FROM User"))
    practice.control("PATCH", "settings", {"api_limit": 15000, "api_used": 0})
    practice.control("POST", "faults", {"operation": "Query", "fault": "fail_before", "error": "UNABLE_TO_LOCK_ROW"})
    refused(SalesforceMalformedRequest, "UNABLE_TO_LOCK_ROW", lambda: sf.query("SELECT Id FROM User"))
    practice.control("POST", "faults", {"operation": "Query", "fault": "fail_before"})
    try:
        sf.query("SELECT Id FROM User")
        raise AssertionError("503 was expected")
    except SalesforceGeneralError as error:
        assert error.status == 503 and "<html>" in str(error.content), error
    practice.control("PATCH", "app", {"permissions": ["ViewSetup"]})
    refused(SalesforceRefusedRequest, "API_DISABLED_FOR_ORG", lambda: sf.query("SELECT Id FROM User"))
    practice.control("PATCH", "app", {"permissions": ["ApiEnabled", "ViewSetup"]})
    refused(SalesforceMalformedRequest, "INVALID_TYPE", lambda: sf.query("SELECT Id FROM UserLogin"))
    refused(
        SalesforceMalformedRequest,
        "INSUFFICIENT_ACCESS_OR_READONLY",
        lambda: sf.User.update(user(sf, "john.doe"), {"IsActive": False}),
    )


def main(url, key, wrong_key):
    practice = Practice(url, key)
    for number in [31, 68]:
        versions = requests.get(f"{url}/services/data/", timeout=LIMIT).json()
        assert f"{number}.0" in [version["version"] for version in versions], versions
    sf = logs_in(practice, wrong_key)
    queries(practice, sf)
    permission_sets(sf)
    users(sf)
    trouble(practice, sf)
    print("simple-salesforce: logs in, queries, assigns, freezes, and understands every refusal")


# The client warns when its app is not approved, which is one of the cases here.
warnings.simplefilter("ignore")
main(*sys.argv[1:])
