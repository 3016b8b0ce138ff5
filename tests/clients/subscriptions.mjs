// Subscriptions with the npm clients `graphql-ws` and `graphql-sse`. While this script runs, the caller must add
// reviews to a film continuously. Each score is one higher than the last; 100 is followed by 0.
//
//     node subscriptions.mjs http://127.0.0.1:8000

import { createClient as createEventsClient } from "graphql-sse";
import { createClient as createSocketClient } from "graphql-ws";
import WebSocket from "ws";

import { baseUrl, Report } from "./common.mjs";

const EVENTS = 5;
const TIMEOUT = 20_000;
const ADDED = "subscription { reviewAdded { score film { id title } } }";

const url = `${baseUrl()}/graphql`;
const report = new Report();

await withClient(socketClient(), async (client) => {
  await report.step("graphql-ws: reviews are received in order", async () => {
    inOrder(await take(client, ADDED, EVENTS));
  });
  await report.step("graphql-ws: a query returns one result", async () => {
    const [{ films }] = await all(client, "{ films { totalCount } }");
    if (!(films.totalCount > 0)) throw new Error(JSON.stringify(films));
  });
  await report.step("graphql-ws: two subscriptions run concurrently", async () => {
    const values = await Promise.all([take(client, ADDED, EVENTS), take(client, ADDED, 2 * EVENTS)]);
    values.forEach(inOrder);
  });
  await report.step("graphql-ws: score changes of a film are received", async () => {
    const [{ reviewAdded }] = await take(client, ADDED, 1);
    const score = "subscription ($film: ID!) { scoreChanged(film: $film) { id score { reviewCount } } }";
    const values = await take(client, score, 3, { film: reviewAdded.film.id });
    const counts = values.map(({ scoreChanged }) => scoreChanged.score.reviewCount);
    if (!(counts[0] < counts[1] && counts[1] < counts[2])) throw new Error(counts.join(", "));
  });
  await report.step("graphql-ws: changes are received with the changed review", async () => {
    for (const { reviewChanged } of await take(client, "subscription { reviewChanged { kind reviewId version review { score } } }", EVENTS)) {
      const { kind, reviewId, version, review } = reviewChanged;
      if (kind !== "ADDED" || !reviewId || version !== 1 || review === null) throw new Error(JSON.stringify(reviewChanged));
    }
  });
  await report.step("graphql-ws: an invalid document returns errors", async () => {
    const errors = await failure(all(client, "subscription { nothing }"));
    if (!Array.isArray(errors) || errors[0].extensions.code !== "VALIDATION_FAILED") throw new Error(JSON.stringify(errors));
  });
  await report.step("graphql-ws: the connection is still open", async () => {
    inOrder(await take(client, ADDED, 1));
  });
});

await report.step("graphql-ws: pings are answered with pongs", async () => {
  let pongs = 0;
  const on = { pong: (received) => (pongs += received ? 1 : 0) };
  await withClient(socketClient({ keepAlive: 50, on }), async (client) => {
    await take(client, ADDED, EVENTS);
  });
  if (pongs === 0) throw new Error("no pong");
});

await report.step("graphql-ws: a bad token is rejected", async () => {
  const connectionParams = { Authorization: "Bearer wrong" };
  await withClient(socketClient({ connectionParams, retryAttempts: 0 }), async (client) => {
    const event = await failure(all(client, "{ __typename }"));
    if (event.code !== 4403 || event.reason !== "Forbidden") throw new Error(`${event.code} ${event.reason}`);
  });
});

const events = createEventsClient({ url, retryAttempts: 0 });
await withClient(events, async (client) => {
  await report.step("graphql-sse: reviews are received in order", async () => {
    inOrder(await take(client, ADDED, EVENTS));
  });
  await report.step("graphql-sse: a query returns one result", async () => {
    const [{ films }] = await all(client, "{ films { totalCount } }");
    if (!(films.totalCount > 0)) throw new Error(JSON.stringify(films));
  });
  await report.step("graphql-sse: an invalid document returns errors", async () => {
    const [result] = await results(client, "subscription { nothing }");
    if (result.errors?.[0].extensions.code !== "VALIDATION_FAILED") throw new Error(JSON.stringify(result));
  });
});

await report.step("graphql-sse: a bad token is rejected", async () => {
  const client = createEventsClient({ url, headers: { Authorization: "Bearer wrong" }, retryAttempts: 0 });
  const error = await failure(all(client, "{ __typename }"));
  if (error.response?.status !== 401) throw error;
  client.dispose();
});

report.close("subscriptions work");
// A hanging stream would keep the process running.
process.exit();

function socketClient(more = {}) {
  return createSocketClient({ url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, ...more });
}

async function withClient(client, use) {
  try {
    await use(client);
  } finally {
    await client.dispose();
  }
}

/** Returns the data of the first results of a subscription, and then unsubscribes. */
async function take(client, query, count, variables) {
  const values = [];
  const iterator = client.iterate({ query, variables });
  while (values.length < count) {
    const { value, done } = await inTime(iterator.next());
    if (done) throw new Error(`only ${values.length} results of ${count}`);
    if (value.errors) throw new Error(JSON.stringify(value.errors));
    values.push(value.data);
  }
  await iterator.return();
  return values;
}

/** Returns the data of all results of an operation that completes. */
async function all(client, query) {
  const values = await results(client, query);
  return values.map(({ data }) => data);
}

function results(client, query) {
  const values = [];
  return inTime(
    new Promise((resolve, reject) => {
      client.subscribe({ query }, { next: (result) => values.push(result), error: reject, complete: () => resolve(values) });
    }),
  );
}

/** Returns the error with which a promise rejects. */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the operation did not fail");
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("timeout")), TIMEOUT).unref());
  return Promise.race([promise, late]);
}

/** Asserts that each score is one higher than the last. */
function inOrder(values) {
  const scores = values.map(({ reviewAdded }) => reviewAdded.score);
  scores.forEach((score, place) => {
    if (score !== (scores[0] + place) % 101) throw new Error(scores.join(", "));
  });
}
