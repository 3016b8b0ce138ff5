// graphql-request and villus: queries, mutations that leave unset fields out, errors, and a batch that is refused.
//
//     node libraries/others.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR SLUG_OF_A_FILM

import assert from "node:assert/strict";

import { batchRequests, ClientError, GraphQLClient } from "graphql-request";
import { cache, createClient, dedup, fetch as fetchPlugin, handleSubscriptions, useMutation, useQuery, useSubscription } from "villus";
import { createSSRApp } from "vue";

import { baseUrl, Report } from "../common.mjs";
import { ADD, authorization, CHANGED, FILM, socketOf, UPDATE, until } from "./shared.mjs";

const url = `${baseUrl()}/graphql`;
const [token, slug] = process.argv.slice(3);
const headers = authorization(token);
const report = new Report();
const LIST = { slug, first: 3 };

await report.step("graphql-request: a query, and mutations that change what their input has", async () => {
  const sent = [];
  const client = new GraphQLClient(url, { headers, requestMiddleware: (request) => (sent.push(JSON.parse(request.body)), request) });
  const { film } = await client.request(FILM, LIST);
  assert.equal(film.reviews.edges.length, 3);
  const { addReview } = await client.request(ADD, { input: { film: film.id, score: 61, excerpt: "By graphql-request." } });
  const { updateReview } = await client.request(UPDATE, { input: { id: addReview.review.id, score: 62, excerpt: undefined } });
  assert.deepEqual(Object.keys(sent.at(-1).variables.input), ["id", "score"]);
  assert.deepEqual([updateReview.review.score, updateReview.review.excerpt], [62, "By graphql-request."]);
});

await report.step("graphql-request: an error has its code", async () => {
  const error = await failure(new GraphQLClient(url, { headers }).request(FILM, { slug, first: 101 }));
  assert(error instanceof ClientError, String(error));
  assert.equal(error.response.errors[0].extensions.code, "INVALID_PAGE");
});

await report.step("graphql-request: a batch is refused in words", async () => {
  const documents = [1, 2].map((first) => ({ document: FILM, variables: { slug, first } }));
  const error = await failure(batchRequests(url, documents, headers));
  assert.match(error.message, /batch|array/i);
});

const sockets = socketOf(url, token);
const app = createSSRApp({});
app.use(
  createClient({
    url,
    use: [cache(), dedup(), handleSubscriptions(forward), withToken, fetchPlugin()],
  }),
);

await report.step("villus: a query, and mutations that change what their input has", () =>
  app.runWithContext(async () => {
    const { data, error } = await useQuery({ query: FILM, variables: LIST, fetchOnMount: false }).execute();
    if (error) throw error;
    assert.equal(data.film.reviews.edges.length, 3);
    const added = await app.runWithContext(() => useMutation(ADD)).execute({ input: { film: data.film.id, score: 63, excerpt: "By villus." } });
    const { id } = added.data.addReview.review;
    const updated = await app.runWithContext(() => useMutation(UPDATE)).execute({ input: { id, score: 64, excerpt: undefined } });
    const { score, excerpt } = updated.data.updateReview.review;
    assert.deepEqual([score, excerpt], [64, "By villus."]);
  }),
);

await report.step("villus: a subscription receives a review", async () => {
  const { film } = await new GraphQLClient(url, { headers }).request(FILM, LIST);
  const received = app.runWithContext(() => useSubscription({ query: CHANGED, variables: { film: film.id } })).data;
  await sockets.active();
  await new GraphQLClient(url, { headers }).request(ADD, { input: { film: film.id, score: 65 } });
  await until("the event is there", () => received.value);
  const { kind, review } = received.value.reviewChanged;
  assert.deepEqual([kind, review.score], ["ADDED", 65]);
});

report.close("graphql-request and villus work");
// A hanging socket would keep the process running.
process.exit();

function forward({ query, variables }) {
  return { subscribe: (observer) => ({ unsubscribe: sockets.subscribe({ query, variables }, observer) }) };
}

function withToken({ opContext }) {
  Object.assign(opContext.headers, headers);
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
