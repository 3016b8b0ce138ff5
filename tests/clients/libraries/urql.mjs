// urql with its normalized cache: the schema's introspection, keys, pagination as of Relay, updates and subscriptions.
//
//     node libraries/urql.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR SLUG_OF_A_FILM

import assert from "node:assert/strict";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { getIntrospectionQuery } from "graphql";

import { baseUrl, Report } from "../common.mjs";
import { ADD, authorization, CHANGED, DELETE, FILM, socketOf, UPDATE, until } from "./shared.mjs";

const url = `${baseUrl()}/graphql`;
const [token, slug] = process.argv.slice(3);
const report = new Report();

/** What the cache warns of, such as an object without a key. */
const warnings = [];
const sent = [];
const sockets = socketOf(url, token);
const { data: introspection } = await post({ query: getIntrospectionQuery({ inputValueDeprecation: true }) });
const cache = cacheExchange({
  schema: introspection,
  logger: (severity, message) => warnings.push(`${severity}: ${message}`),
  // These objects have no ID: they belong to the object that has them.
  keys: Object.fromEntries(["Score", "ScoreDistribution", "ScoreShare", "ScoreBucket", "PublishedScore"].map((type) => [type, () => null])),
  resolvers: { Film: { reviews: relayPagination() } },
  updates: {
    Mutation: {
      addReview: ({ addReview }, _, cache) => cache.invalidate({ __typename: "Film", id: addReview.film?.id }, "reviews"),
      deleteReview: ({ deleteReview }, _, cache) => cache.invalidate({ __typename: "Review", id: deleteReview.deletedReviewId }),
    },
  },
});
const client = new Client({
  url,
  fetchOptions: { headers: authorization(token) },
  exchanges: [cache, fetchExchange, subscriptionExchange({ forwardSubscription })],
  fetch: (target, options) => {
    // Queries go by GET, where a shared cache can answer them.
    if (options.body) sent.push(JSON.parse(options.body));
    return fetch(target, options);
  },
});

let shown;
const pages = [];
const more = (after) => {
  const page = client.query(FILM, { slug, first: 3, after }).subscribe(({ data, error }) => {
    if (error) throw error;
    // The list of the last page has those before it.
    shown = data?.film ?? shown;
  });
  pages.push(page);
};

await report.step("pages are appended until the last", async () => {
  more(null);
  await until("the first page is there", () => shown);
  while (shown.reviews.pageInfo.hasNextPage) {
    const before = shown.reviews.edges.length;
    more(shown.reviews.pageInfo.endCursor);
    await until("the list is longer", () => shown.reviews.edges.length > before);
  }
  const ids = shown.reviews.edges.map(({ node }) => node.id);
  assert.equal(new Set(ids).size, shown.score.reviewCount);
  assert.equal(pages.length, Math.ceil(ids.length / 3));
});

await report.step("a mutation's result changes the review in the cache, and what is left out stays", async () => {
  const [{ node: review }] = shown.reviews.edges;
  const input = { id: review.id, excerpt: "Changed by urql.", url: undefined };
  const { data, error } = await client.mutation(UPDATE, { input }).toPromise();
  if (error) throw error;
  assert.deepEqual(data.updateReview.userErrors, []);
  assert.deepEqual(Object.keys(sent.at(-1).variables.input).sort(), ["excerpt", "id"]);
  await until("the list shows the new excerpt", () => shown.reviews.edges[0].node.excerpt === input.excerpt);
  assert.equal(shown.reviews.edges[0].node.score, review.score);
});

await report.step("a subscription's event changes the review in the cache", async () => {
  const events = [];
  const running = client.subscription(CHANGED, { film: shown.id }).subscribe((event) => events.push(event));
  const { id } = shown.reviews.edges[1].node;
  const excerpt = "Changed beside urql.";
  await sockets.active();
  // By another client, so that nothing but the event reaches the cache.
  await post({ query: UPDATE, variables: { input: { id, excerpt } } });
  await until("the event is there", () => events.length === 1);
  if (events[0].error) throw events[0].error;
  await until("the list shows the new excerpt", () => shown.reviews.edges[1].node.excerpt === excerpt);
  running.unsubscribe();
});

await report.step("lists are read again after a review was added, and after it was deleted", async () => {
  const count = shown.score.reviewCount;
  const added = await client.mutation(ADD, { input: { film: shown.id, score: 66 } }).toPromise();
  if (added.error) throw added.error;
  await until("the film has one review more", () => shown.score.reviewCount === count + 1);
  const deleted = await client.mutation(DELETE, { id: added.data.addReview.review.id }).toPromise();
  if (deleted.error) throw deleted.error;
  await until("the film has one review less", () => shown.score.reviewCount === count);
});

report.none("the cache has a key for each object, or knows that it has none", warnings);
report.close("urql and graphcache work");
// A hanging socket would keep the process running.
process.exit();

async function post(body) {
  const headers = { ...authorization(token), "content-type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

function forwardSubscription({ query, variables }) {
  return { subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }) };
}
