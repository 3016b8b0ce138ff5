// A server below a path of a proxy with TLS: queries, mutations, WebSockets, event streams, redirects, compression,
// caching, metrics and health. The certificate may be self-signed. The last argument is the address without TLS, which
// redirects.
//
//     node proxied.mjs https://127.0.0.1:8443/reviews TOKEN http://127.0.0.1:8080

import { request as httpsRequest } from "node:https";

import { createClient as createEventsClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

import { baseUrl, Report } from "./common.mjs";

// The certificate is self-signed, and `fetch` has no setting of its own.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";

const TIMEOUT = 20_000;
const base = baseUrl();
const [token, plain] = process.argv.slice(3);
const { origin, pathname } = new URL(base);
const endpoint = `${base}/graphql`;
const authorization = `Bearer ${token}`;
const report = new Report();

const film = await report.step("a query is answered", async () => {
  const { body } = await post("{ films(first: 1) { nodes { id title } } }");
  return body.data.films.nodes[0];
});
await report.step("a mutation is done with the token", async () => {
  expect((await addReview(film.id, 3)).review.score, 3);
});
await report.step("a WebSocket by TLS receives an event, with the token in connection_init", async () => {
  const roles = await socketValues("{ viewer { role } }", 1);
  expect(roles[0].viewer.role, "EDITOR");
  const values = await whileAdding(71, () => socketValues(`subscription { reviewAdded(film: "${film.id}") { score } }`, 1));
  expect(values[0].reviewAdded.score, 71);
});
await report.step("an event stream receives an event", async () => {
  const client = createEventsClient({ url: endpoint, headers: { authorization } });
  const events = client.iterate({ query: `subscription { reviewAdded(film: "${film.id}") { score } }` });
  const { value } = await whileAdding(72, () => events.next());
  expect(value.data.reviewAdded.score, 72);
  await events.return();
  client.dispose();
});
await report.step("a WebSocket of another origin is refused with the cause", async () => {
  const socket = new WebSocket(endpoint.replace(/^http/, "ws"), "graphql-transport-ws", {
    rejectUnauthorized: false,
    headers: { origin: "https://shop.example" },
  });
  const response = await new Promise((resolve, reject) => {
    socket.on("unexpected-response", (_, received) => resolve(received));
    socket.on("error", reject);
    socket.on("open", () => reject(new Error("it was opened")));
  });
  expect(response.statusCode, 403);
  const connection = response.socket;
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  // `ws` leaves the connection to the listener.
  connection.destroy();
  // nginx has not changed the host.
  if (!text.includes("ORIGIN_NOT_ALLOWED") || !text.includes(new URL(base).host)) throw new Error(text);
});
await report.step("every redirect stays below the path", async () => {
  const pages = { accept: "text/html" };
  for (const path of ["", "/", "/graphql", "/graphql/", "/playground/"]) {
    const { status, url, headers } = await get(`${base}${path}`, { headers: pages });
    expect(`${status} ${url}`, `200 ${base}/playground`);
    expect(headers.getSetCookie().length, 0);
    expect(headers.get("strict-transport-security"), "max-age=31536000");
  }
  const outside = await get(`${origin}/graphql?query={__typename}`);
  expect(outside.status, 404);
  const secured = await get(`${plain}${pathname}/graphql?query={__typename}`, { redirect: "manual" });
  expect(secured.status, 308);
  expect(secured.headers.get("location"), `https://127.0.0.1${pathname}/graphql?query={__typename}`);
});
await report.step("responses are compressed, and a client that has one gets 304", async () => {
  const long = "query={films(first:50){nodes{title,slug,synopsis,genres,directors}}}";
  for (const encoding of ["gzip", "br"]) {
    const { headers } = await raw(`${endpoint}?${long}`, { "accept-encoding": encoding });
    expect(headers["content-encoding"], encoding);
    const again = await raw(`${endpoint}?${long}`, { "accept-encoding": encoding, "if-none-match": headers.etag });
    expect(again.status, 304);
  }
});
await report.step("a body that is too large is refused by the server, not by nginx", async () => {
  const { status, body } = await post(`{ __typename } # ${"x".repeat(1.5e6)}`);
  expect(status, 413);
  expect(body.errors[0].extensions.code, "BODY_TOO_LARGE");
});
await report.step("health is public, metrics are not", async () => {
  for (const path of ["/health/live", "/health/ready"]) expect((await get(`${base}${path}`)).status, 200);
  for (const path of ["/metrics", "/metrics/", "/%6detrics", "//metrics"]) {
    const { status, text } = await get(`${base}${path}`);
    if (status < 400 || text.includes("marquee_")) throw new Error(`${path}: ${status} ${text.slice(0, 200)}`);
  }
});
report.close("the server works below a path of a proxy");

function expect(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}

/** Sends a GET and reads all of the response, so that its connection is free again. */
async function get(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  return { status: response.status, url: response.url, headers: response.headers, text };
}

async function post(query, variables, headers = {}) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, body: await response.json() };
}

/** Sends a GET without decoding its response. */
function raw(url, headers) {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { headers, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on("error", reject);
    request.end();
  });
}

async function addReview(id, score) {
  const mutation = `mutation ($film: ID!, $score: Int!) {
    addReview(input: { film: $film, score: $score }) { review { score } userErrors { message } }
  }`;
  const { body } = await post(mutation, { film: id, score }, { authorization });
  if (body.errors) throw new Error(JSON.stringify(body.errors));
  return body.data.addReview;
}

/** Adds reviews until `receive` has ended. */
async function whileAdding(score, receive) {
  let isDone = false;
  const received = receive().finally(() => (isDone = true));
  const deadline = Date.now() + TIMEOUT;
  while (!isDone && Date.now() < deadline) {
    await addReview(film.id, score);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (!isDone) throw new Error("no event");
  return received;
}

/** Returns the first values of an operation by WebSocket, from a page of the proxy's own origin. */
async function socketValues(query, count) {
  class Socket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { rejectUnauthorized: false, headers: { origin } });
    }
  }
  const client = createSocketClient({
    url: endpoint.replace(/^http/, "ws"),
    webSocketImpl: Socket,
    retryAttempts: 0,
    connectionParams: { authorization },
  });
  const values = [];
  try {
    for await (const result of client.iterate({ query })) {
      if (result.errors) throw new Error(JSON.stringify(result.errors));
      values.push(result.data);
      if (values.length === count) break;
    }
  } finally {
    await client.dispose();
  }
  return values;
}
