// The npm clients `graphql-ws` and `graphql-sse` while the server is restarted. This script prints "connected" to
// standard error when both are subscribed; the caller must restart the server then.
//
//     node restarts.mjs http://127.0.0.1:8000

import { createClient as createEventsClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

import { baseUrl, Report } from "./common.mjs";

const TIMEOUT = 30_000;
const CHANGED = "subscription { reviewChanged { kind } }";
const CHANGED_OR_MISSED = "subscription { reviewChanged(resync: true) { kind } }";

/** A port on which nothing listens. */
const REFUSED = "127.0.0.1:1";

const url = `${baseUrl()}/graphql`;
const report = new Report();
const soon = () => new Promise((resolve) => setTimeout(resolve, 100));

await report.step("graphql-ws does not retry a refused connection by default", async () => {
  if ((await socketAttempts({})) !== 1) throw new Error("it has retried");
});
await report.step("graphql-ws retries it with shouldRetry", async () => {
  const attempts = await socketAttempts({ shouldRetry: () => true, retryAttempts: 2, retryWait: soon });
  if (attempts !== 3) throw new Error(`${attempts} attempts`);
});
await report.step("graphql-sse retries a refused connection by default", async () => {
  if ((await streamAttempts({ retryAttempts: 2, retry: soon })) !== 3) throw new Error("it has not retried");
});

let resumed = false;
const sockets = createSocketClient({
  url: url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket,
  connectionParams: () => ({ resumed }),
  on: {
    connected: () => {
      resumed = true;
    },
  },
  retryAttempts: Infinity,
  retryWait: soon,
  shouldRetry: () => true,
});
const streams = createEventsClient({ url, retryAttempts: Infinity, retry: soon });

const connected = new Promise((resolve) => sockets.on("connected", resolve));
const ofSocket = events(sockets, CHANGED);
const ofStream = events(streams, CHANGED_OR_MISSED);
await report.step("graphql-sse: the first event asks to fetch again", () => isResync(ofStream));
await connected;
console.error("connected");
await report.step("graphql-ws: the first event after the restart asks to fetch again", () => isResync(ofSocket));
await report.step("graphql-sse: the first event after the restart asks to fetch again", () => isResync(ofStream));
await sockets.dispose();
streams.dispose();
report.close("the clients were told of the restart");
process.exit();

/** Returns the events of a subscription. */
function events(client, query) {
  return client.iterate({ query });
}

/** Resolves if the next event is a `RESYNC`. */
async function isResync(received) {
  const timeout = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no event in time")), TIMEOUT).unref();
  });
  const { value } = await Promise.race([received.next(), timeout]);
  if (value?.data?.reviewChanged?.kind !== "RESYNC") throw new Error(JSON.stringify(value));
}

/** Returns the number of times that graphql-ws connects to a port on which nothing listens. */
async function socketAttempts(options) {
  let attempts = 0;
  const on = { connecting: () => (attempts += 1) };
  const client = createSocketClient({ url: `ws://${REFUSED}/graphql`, webSocketImpl: WebSocket, on, ...options });
  await new Promise((resolve) => {
    client.subscribe({ query: CHANGED }, { next() {}, complete: resolve, error: resolve });
  });
  return attempts;
}

/** Returns the number of times that graphql-sse connects to a port on which nothing listens. */
async function streamAttempts(options) {
  let attempts = 0;
  const fetchFn = (...given) => {
    attempts += 1;
    return fetch(...given);
  };
  const client = createEventsClient({ url: `http://${REFUSED}/graphql`, fetchFn, ...options });
  await new Promise((resolve) => {
    client.subscribe({ query: CHANGED }, { next() {}, complete: resolve, error: resolve });
  });
  return attempts;
}
