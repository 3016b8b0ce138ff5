// A real identity provider, npm's `oidc-provider`, whose access tokens the server accepts by its settings alone: JWTs for
// a resource (RFC 8707, RFC 9068), with roles in `realm_access.roles` as Keycloak has them. A user signs in by the
// authorization code flow with PKCE, programs by their credentials. Then the provider rotates its keys.
//
// The server can only be started once the provider has an address. The script prints the provider's issuer as an error,
// and then reads the base URL of the server from its input.
//
//     node identity.mjs

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { createClient } from "graphql-ws";
import Provider from "oidc-provider";
import WebSocket from "ws";

import { Report } from "./common.mjs";

const AUDIENCE = "marquee";
const SECRET = "a secret of forty-eight characters, for tests...";
const REDIRECT = "https://films.example/signed-in";
const VIEWER = "{ viewer { role name } }";
const ADD_FILM = 'mutation { addFilm(input: {title: "Salt Flats", year: 2011}) { film { title } userErrors { code } } }';

/** The server asks for unknown keys at most every 30 seconds. */
const ROTATION_TIMEOUT = 60_000;

/** The realm roles of each account and program. */
const ROLES = {
  "user-7f3c": ["offline_access", "uma_authorization", "editor"],
  "night-import": ["admin"],
  "es-import": ["editor"],
  "ed-import": ["editor"],
  guest: ["offline_access"],
};
const PROGRAMS = Object.keys(ROLES).filter((name) => name !== "user-7f3c");

const signing = { RS256: newKey("RS256", "rsa", { modulusLength: 2048 }) };
signing.ES256 = newKey("ES256", "ec", { namedCurve: "P-256" });
signing.EdDSA = newKey("EdDSA", "ed25519");

// Requests go to the current provider: `oidc-provider` takes its keys once.
const server = createServer((request, response) => handle(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
let provider = newProvider(Object.values(signing));
let handle = withSignIn;

console.error(`listening on ${issuer}`);
const [base] = await once(createInterface({ input: process.stdin }), "line");
const url = `${base.trim()}/graphql`;
const report = new Report();

const first = await report.step("a program's token by RS256 is accepted, with its role", async () => {
  const token = await tokenOf("night-import");
  assert.deepEqual(await viewerOf(token), { role: "ADMIN", name: "night-import" });
  return token;
});
for (const [program, algorithm] of [["es-import", "ES256"], ["ed-import", "EdDSA"]]) {
  await report.step(`a token by ${algorithm} is accepted`, async () => {
    const token = await tokenOf(program, { resource: `urn:${AUDIENCE}:${algorithm}` });
    assert.equal(headerOf(token).alg, algorithm);
    assert.deepEqual(await viewerOf(token), { role: "EDITOR", name: program });
  });
}
await report.step("a user who signs in may write", async () => {
  const token = await signIn();
  assert.deepEqual(await viewerOf(token), { role: "EDITOR", name: "user-7f3c" });
  const { data } = await send(token, ADD_FILM);
  assert.deepEqual(data.addFilm, { film: { title: "Salt Flats" }, userErrors: [] });
  assert.deepEqual(await overSocket({ headers: { Authorization: `Bearer ${token}` } }), { role: "EDITOR", name: "user-7f3c" });
  assert.deepEqual(await overSocket({ accessToken: token }), { role: "EDITOR", name: "user-7f3c" });
});
await report.step("a token without a known role is rejected", async () => {
  await rejected(await tokenOf("guest"), "the token has no role that this server accepts");
});
await report.step("a token for another audience is rejected", async () => {
  await rejected(await tokenOf("night-import", { resource: "urn:other:RS256" }), "the token is not for this audience");
});
await report.step("a token for no resource is opaque, and rejected", async () => {
  await rejected(await tokenOf("night-import", {}), "the token is malformed, or of a type that this server does not accept");
});

await report.step("after a rotation of the keys, new and old tokens are accepted", async () => {
  const old = signing.RS256;
  signing.RS256 = newKey("RS256", "rsa", { modulusLength: 2048 });
  // The provider signs with the first key that fits, and publishes all.
  provider = newProvider([...Object.values(signing), old]);
  const token = await tokenOf("night-import");
  assert.equal(headerOf(token).kid, signing.RS256.kid);
  assert.notEqual(headerOf(first).kid, signing.RS256.kid);
  const expected = { role: "ADMIN", name: "night-import" };
  for (const begin = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    const { data, errors } = await send(token, VIEWER);
    if (data?.viewer) break;
    assert.equal(errors[0].message, "the token is signed with a key that its issuer has not published");
    assert(Date.now() - begin < ROTATION_TIMEOUT, "the server does not fetch the new key");
  }
  assert.deepEqual(await viewerOf(token), expected);
  assert.deepEqual(await viewerOf(first), expected);
});

report.close("the identity provider works");
// Open connections would keep the process running.
process.exit();

function newKey(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: randomBytes(6).toString("hex") };
}

function newProvider(keys) {
  const provider = new Provider(issuer, {
    clients: [
      ...PROGRAMS.map((client_id) => ({
        client_id,
        client_secret: SECRET,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      })),
      { client_id: "website", redirect_uris: [REDIRECT], token_endpoint_auth_method: "none" },
    ],
    cookies: { keys: [SECRET] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        // A resource is `urn:<audience>:<algorithm>`.
        getResourceServerInfo: (_, resource) => {
          const [, audience, alg] = resource.split(":");
          return { scope: "films", audience, accessTokenFormat: "jwt", accessTokenTTL: 600, jwt: { sign: { alg } } };
        },
      },
    },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    extraTokenClaims: (_, token) => ({ realm_access: { roles: ROLES[token.accountId ?? token.clientId] } }),
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    jwks: { keys },
    // Everything that the website asks for is granted.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope("openid");
      grant.addResourceScope(oidc.params.resource, "films");
      await grant.save();
      return grant;
    },
  });
  provider.on("server_error", (_, error) => console.error(error));
  return provider;
}

/** Signs in without asking, and passes every other request to the provider. */
function withSignIn(request, response) {
  if (request.url.startsWith("/sign-in/")) {
    const finished = provider.interactionFinished(request, response, { login: { accountId: "user-7f3c" } });
    finished.catch((error) => response.writeHead(500).end(String(error)));
  } else {
    provider.callback()(request, response);
  }
}

/** Returns the access token of a program for a resource, by default for the server. */
async function tokenOf(program, resource = { resource: `urn:${AUDIENCE}:RS256` }) {
  const credentials = Buffer.from(`${program}:${encodeURIComponent(SECRET)}`).toString("base64");
  return requestToken({ grant_type: "client_credentials", ...resource }, { authorization: `Basic ${credentials}` });
}

/** Runs the authorization code flow with PKCE, as a browser would, and returns the access token. */
async function signIn() {
  const verifier = randomBytes(32).toString("base64url");
  const resource = `urn:${AUDIENCE}:RS256`;
  const parameters = new URLSearchParams({
    client_id: "website",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    redirect_uri: REDIRECT,
    resource,
    response_type: "code",
    scope: "openid films",
  });
  const cookies = new Map();
  let location = `${issuer}/auth?${parameters}`;
  while (!location.startsWith(REDIRECT)) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(location, { headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    const next = response.headers.get("location");
    assert(next, `${response.status} ${await response.text()}`);
    location = new URL(next, location).href;
  }
  const code = new URL(location).searchParams.get("code");
  assert(code, location);
  return requestToken({
    client_id: "website",
    code,
    code_verifier: verifier,
    grant_type: "authorization_code",
    redirect_uri: REDIRECT,
    resource,
  });
}

async function requestToken(parameters, headers) {
  const response = await fetch(`${issuer}/token`, { method: "POST", headers, body: new URLSearchParams(parameters) });
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body.access_token;
}

function headerOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

async function send(token, query) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return { status: response.status, ...(await response.json()) };
}

async function viewerOf(token) {
  const { data, errors } = await send(token, VIEWER);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data.viewer;
}

async function rejected(token, message) {
  const { status, errors } = await send(token, VIEWER);
  assert.deepEqual([status, errors[0].message], [401, message]);
}

/** Returns the viewer by a WebSocket. */
async function overSocket(connectionParams) {
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  for await (const { data } of client.iterate({ query: VIEWER })) return data.viewer;
}
