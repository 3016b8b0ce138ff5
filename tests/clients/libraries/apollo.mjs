// Apollo Client: its cache with pagination as of Relay, its names in headers and extensions, and subscriptions.
//
//     node libraries/apollo.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR SLUG_OF_A_FILM

import assert from "node:assert/strict";

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { RetryLink } from "@apollo/client/link/retry";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";

import { baseUrl, Report } from "../common.mjs";
import { ADD, authorization, CHANGED, FILM, NAMES, socketOf, UPDATE, until } from "./shared.mjs";

const url = `${baseUrl()}/graphql`;
const [token, slug] = process.argv.slice(3);
const report = new Report();

const sent = [];
const recording = (target, options) => {
  sent.push({ headers: new Headers(options.headers), body: JSON.parse(options.body) });
  return fetch(target, options);
};
const sockets = socketOf(url, token);
const http = ApolloLink.from([new RetryLink(), new HttpLink({ uri: url, headers: authorization(token), fetch: recording })]);
const client = new ApolloClient({
  link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, new GraphQLWsLink(sockets), http),
  // Each order and filter is a list of its own.
  cache: new InMemoryCache({ typePolicies: { Film: { fields: { reviews: relayStylePagination(["orderBy", "filter"]) } } } }),
  clientAwareness: { name: "films", version: "1.2.3" },
});
const film = gql(FILM);

await report.step("the names of the app and of the library arrive, and nothing is refused", async () => {
  const { data } = await client.query({ query: gql(NAMES) });
  assert(data.films.totalCount > 0);
  const [{ headers, body }] = sent;
  assert.deepEqual([headers.get("apollographql-client-name"), headers.get("apollographql-client-version")], ["films", "1.2.3"]);
  assert.equal(body.extensions.clientLibrary.name, "@apollo/client");
});

const page = client.watchQuery({ query: film, variables: { slug, first: 3 } });
let shown;
page.subscribe(({ data }) => (shown = data?.film));
await report.step("pages are appended until the last", async () => {
  await until("the first page is there", () => shown?.reviews.edges.length === 3);
  let pages = 1;
  while (shown.reviews.pageInfo.hasNextPage) {
    const before = shown.reviews.edges.length;
    await page.fetchMore({ variables: { after: shown.reviews.pageInfo.endCursor } });
    await until("the list is longer", () => shown.reviews.edges.length > before);
    pages += 1;
  }
  const ids = shown.reviews.edges.map(({ node }) => node.id);
  assert.equal(new Set(ids).size, shown.score.reviewCount);
  assert.equal(pages, Math.ceil(ids.length / 3));
});

await report.step("a mutation's result changes the review in the cache, and what is left out stays", async () => {
  const [{ node: review }] = shown.reviews.edges;
  const input = { id: review.id, excerpt: "Changed by Apollo.", url: undefined };
  const { data } = await client.mutate({ mutation: gql(UPDATE), variables: { input } });
  assert.deepEqual(data.updateReview.userErrors, []);
  assert.deepEqual(Object.keys(sent.at(-1).body.variables.input), ["id", "excerpt"]);
  await until("the list shows the new excerpt", () => shown.reviews.edges[0].node.excerpt === input.excerpt);
  assert.equal(shown.reviews.edges[0].node.score, review.score);
});

await report.step("a subscription's event changes the review in the cache", async () => {
  const events = [];
  let failure;
  const running = client.subscribe({ query: gql(CHANGED), variables: { film: shown.id } }).subscribe({
    next: ({ data }) => events.push(data),
    error: (error) => (failure = error),
  });
  const { id } = shown.reviews.edges[1].node;
  const excerpt = "Changed beside Apollo.";
  // By another client, so that nothing but the event reaches the cache.
  await sockets.active();
  const body = JSON.stringify({ query: UPDATE, variables: { input: { id, excerpt } } });
  await fetch(url, { method: "POST", headers: { ...authorization(token), "content-type": "application/json" }, body });
  await until("the event is there", () => failure || events.length === 1);
  if (failure) throw failure;
  await until("the list shows the new excerpt", () => shown.reviews.edges[1].node.excerpt === excerpt);
  assert.equal(client.cache.extract()[`Review:${id}`].__typename, "Review");
  running.unsubscribe();
});

await report.step("an added review is in the list that is read again", async () => {
  const before = shown.score.reviewCount;
  const { data } = await client.mutate({ mutation: gql(ADD), variables: { input: { film: shown.id, score: 66 } }, refetchQueries: ["Film"], awaitRefetchQueries: true });
  assert.deepEqual(data.addReview.userErrors, []);
  await until("the film has one review more", () => shown.score.reviewCount === before + 1);
});

report.close("Apollo Client works");
// A hanging socket would keep the process running.
process.exit();
