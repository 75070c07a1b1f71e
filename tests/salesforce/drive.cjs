// Drives the practice Salesforce with jsforce, a client of Salesforce that someone else wrote.
//
// Usage: drive.cjs URL KEY. URL is that of the practice Salesforce, KEY a file with the private key of its app.
// Fails at the first thing that is not as a real client should see it.

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const fs = require("node:fs");
const jsforce = require("jsforce");

const CLIENT_ID = "3MVG9.practice.consumer.key";
const SECRET = "practice-consumer-secret";
const API_USER = "connect.desk@practice.example.com";

const [url, key] = process.argv.slice(2);

async function control(method, path, body) {
  const answer = await fetch(`${url}/_salesforce/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

function assertion() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: CLIENT_ID, sub: API_USER, aud: "https://login.salesforce.com", exp: Math.floor(Date.now() / 1000) + 180,
  };
  const message = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  const signature = crypto.sign("RSA-SHA256", Buffer.from(message), fs.readFileSync(key));
  return `${message}.${signature.toString("base64url")}`;
}

async function refused(code, call) {
  const error = await call().then(
    (result) => assert.fail(`${code} was expected, and ${JSON.stringify(result)} came`),
    (error) => error,
  );
  assert.equal(error.errorCode, code, error.stack);
}

async function main() {
  const sf = new jsforce.Connection({ loginUrl: url, instanceUrl: url });
  await sf.authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: assertion() });
  assert.equal(sf.instanceUrl, url);
  const bySecret = new jsforce.Connection({
    instanceUrl: url, oauth2: { loginUrl: url, clientId: CLIENT_ID, clientSecret: SECRET },
  });
  await bySecret.authorize({ grant_type: "client_credentials" });
  assert.equal((await bySecret.query("SELECT Id FROM User LIMIT 1")).totalSize, 1);

  const named = await sf.sobject("User").find({ LastName: "O'Brien", IsActive: true }, "Id, Username, Profile.Name");
  assert.deepEqual(named.map((user) => [user.Username, user.Profile.Name]),
    [["patrick.obrien@practice.example.com", "Service Agent"]]);
  const some = await sf.sobject("User").find({ $or: [{ FirstName: "John" }, { FirstName: { $like: "Jos%" } }] }, "Id")
    .sort({ Username: -1 }).limit(5);
  assert.equal(some.length, 2);

  await control("PATCH", "settings", { page_size: 9 });
  const all = await sf.query("SELECT Id FROM User", { autoFetch: true, maxFetch: 1000 });
  const first = await sf.query("SELECT Id FROM User");
  assert.equal(first.records.length, 9);
  const second = await sf.queryMore(first.nextRecordsUrl);
  assert.equal(second.records.length, 9);
  assert.equal(all.records ? all.records.length : all.length, first.totalSize);
  await control("PATCH", "settings", { page_size: 2000 });

  const user = (await sf.sobject("User").findOne({ Username: "mei.chen@practice.example.com" }, "Id")).Id;
  const set = (await sf.sobject("PermissionSet").findOne({ Name: "AC_Agent", NamespacePrefix: "amazonconnect" }, "Id")).Id;
  const wanted = { AssigneeId: user, PermissionSetId: set };
  const made = await sf.sobject("PermissionSetAssignment").create(wanted);
  assert.ok(made.success, JSON.stringify(made));
  await refused("DUPLICATE_VALUE", () => sf.sobject("PermissionSetAssignment").create(wanted));
  assert.equal((await sf.sobject("PermissionSetAssignment").retrieve(made.id)).AssigneeId, user);
  assert.ok((await sf.sobject("PermissionSetAssignment").destroy(made.id)).success);
  await refused("ENTITY_IS_DELETED", () => sf.sobject("PermissionSetAssignment").destroy(made.id));

  const center = (await sf.sobject("CallCenter").findOne({ InternalName: "ACConsoleAdapter" }, "Id")).Id;
  assert.ok((await sf.sobject("User").update({ Id: user, CallCenterId: center })).success);
  assert.equal((await sf.sobject("User").retrieve(user)).CallCenterId, center);
  const login = await sf.sobject("UserLogin").findOne({ UserId: user }, "Id, IsFrozen");
  assert.equal(login.IsFrozen, false);
  assert.ok((await sf.sobject("UserLogin").update({ Id: login.Id, IsFrozen: true })).success);
  assert.equal((await sf.sobject("UserLogin").retrieve(login.Id)).IsFrozen, true);

  await refused("MALFORMED_QUERY", () => sf.query("SELECT Id FROM User WHERE Name = 'O'Brien'"));
  await refused("INVALID_FIELD", () => sf.sobject("User").find({ Shoe: 43 }, "Id").then((found) => found));
  await control("DELETE", "sessions");
  await refused("INVALID_SESSION_ID", () => sf.query("SELECT Id FROM User LIMIT 1"));
  console.log("jsforce: logs in, queries, assigns, freezes, and understands every refusal");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
