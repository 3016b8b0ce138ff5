// A Relay app, compiled against the server's schema: pagination, refetch, mutations and subscriptions, with what its
// store has afterwards.
//
//     node relay/relay.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR SLUG_OF_A_FILM

import assert from "node:assert/strict";

import { createClient } from "graphql-ws";
import React from "react";
import Relay from "react-relay";
import { create } from "react-test-renderer";
import Runtime from "relay-runtime";
import WebSocket from "ws";

import { baseUrl, Report } from "../common.mjs";
import compiler from "./compile.js";

/** What Relay warns of, such as an ID that two types share. */
const warnings = [];
const print = console.error;
console.error = (text, ...more) => (/^(FAIL|\d)/.test(text) ? print(text) : warnings.push([text, ...more].join(" ")));

const { commitMutation, Environment, Network, Observable, RecordSource, requestSubscription, Store } = Runtime;
const TIMEOUT = 20_000;
const PAGE = 2;

const url = `${baseUrl()}/graphql`;
const [token, slug] = process.argv.slice(3);
const headers = { authorization: `Bearer ${token}` };
const report = new Report();

const schema = await (await fetch(`${baseUrl()}/schema.graphql`)).text();
const app = await report.step("the compiler accepts the schema and the app", () => {
  compiler.compile(schema);
  return compiler.load("FilmPage.js");
});
if (!app) process.exit(1);

const socket = createClient({ url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
const environment = new Environment({
  network: Network.create(
    async ({ text, name }, variables) => request({ query: text, operationName: name, variables }),
    ({ text, name }, variables) =>
      Observable.create((sink) => socket.subscribe({ query: text, operationName: name, variables }, sink)),
  ),
  store: new Store(new RecordSource()),
});

/** What the page shows, as its last rendering told. */
const page = { reload: {} };
let root;

const steps = {
  "pages are appended until the last": paginate,
  "a refetch reads the list in another order": refetch,
  "@appendNode adds a review to the list, and an updater reads the payload": add,
  "a subscription's event updates the review's record": subscribe,
  "a review reloads by its global ID": reload,
  "an optimistic update gives way to the server's user errors": optimistic,
  "@deleteEdge removes the review from the list": remove,
  "no record has the type of another": distinguish,
};
for (const [what, run] of Object.entries(steps)) {
  // Each step uses what the one before it has left.
  if ((await report.step(what, () => run().then(() => true))) !== true) break;
}

report.close("the Relay app works");
// A hanging socket would keep the process running.
process.exit();

async function request(body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function paginate() {
  const onRender = ({ reload, ...rendered }) => {
    Object.assign(page, rendered);
    Object.assign(page.reload, reload);
  };
  const film = React.createElement(app.FilmPage, { slug, count: PAGE, onRender });
  const suspended = React.createElement(React.Suspense, { fallback: null }, film);
  root = create(React.createElement(Relay.RelayEnvironmentProvider, { environment }, suspended));
  await until("the first page is there", () => page.reviews?.length === PAGE);
  assert(page.count > 2 * PAGE, `the film needs more than ${2 * PAGE} reviews: ${page.count}`);
  while (page.hasNext) {
    const before = page.reviews.length;
    page.loadNext(PAGE);
    await until("the next page is there", () => page.reviews.length > before && !page.isLoadingNext);
    assert(page.reviews.length <= before + PAGE);
  }
  assert.equal(page.reviews.length, page.count);
  assert.equal(new Set(page.reviews.map(({ id }) => id)).size, page.count);
  assert.equal(shown().length, page.count);
}

async function refetch() {
  page.refetch({ count: 100, order: { field: "SCORE", direction: "DESC" } }, { fetchPolicy: "network-only" });
  const scores = () => shown().map(({ score }) => score);
  const ordered = (list) => list.length === page.count && list.every((score, place) => place === 0 || score === null || score <= list[place - 1]);
  await until("the scores are in order", () => ordered(scores()));
}

async function add() {
  const input = { film: page.film, score: 73, excerpt: "A lamp in a lighthouse, by Relay." };
  const before = page.count;
  let added;
  const updater = (store) => {
    const review = store.getRootField("addReview").getLinkedRecord("review");
    added = { id: review.getDataID(), type: review.getType(), score: review.getValue("score") };
  };
  const { addReview } = await commit(app.addMutation, { input, connections: [page.connection] }, { updater });
  assert.deepEqual(addReview.userErrors, []);
  assert.deepEqual(added, { id: addReview.review.id, type: "Review", score: 73 });
  await until("the list shows the review", () => shown().at(-1)?.id === added.id);
  assert.equal(page.count, before + 1);
  page.added = added.id;
}

async function subscribe() {
  const events = [];
  const onNext = ({ reviewChanged }) => events.push(reviewChanged);
  let failure;
  const subscription = requestSubscription(environment, {
    subscription: app.changedSubscription,
    variables: { film: page.film },
    onNext,
    onError: (error) => (failure = error),
  });
  await active();
  // By another client, so that nothing but the event tells the store.
  await change({ score: 12, excerpt: "Changed by another client." });
  await until("the event is there", () => failure || events.length === 1);
  if (failure) throw failure;
  assert.deepEqual([events[0].kind, events[0].reviewId, events[0].version], ["UPDATED", page.added, 2]);
  const { __typename, score, version, excerpt } = record(page.added);
  assert.deepEqual({ __typename, score, version, excerpt }, { __typename: "Review", score: 12, version: 2, excerpt: "Changed by another client." });
  await until("the page shows the new score", () => find(page.added)?.score === 12);
  subscription.dispose();
}

async function reload() {
  await change({ score: 34 });
  page.reload[page.added]({}, { fetchPolicy: "network-only" });
  await until("the page shows the version", () => find(page.added)?.version === 3);
  assert.equal(find(page.added).score, 34);
}

async function optimistic() {
  const review = { id: page.added, score: 99, version: 4 };
  const optimisticResponse = { updateReview: { review, userErrors: [] } };
  const input = { id: page.added, score: 101 };
  const committed = commit(app.updateMutation, { input }, { optimisticResponse });
  // At once, since the server's answer may come before the next rendering.
  assert.equal(record(page.added).score, 99);
  const { updateReview } = await committed;
  assert.deepEqual(updateReview.userErrors, [{ code: "OUT_OF_RANGE" }]);
  await until("the page shows the true score again", () => find(page.added)?.score === 34);
}

async function remove() {
  const before = page.count;
  const { deleteReview } = await commit(app.deleteMutation, { input: { id: page.added }, connections: [page.connection] });
  assert.equal(deleteReview.deletedReviewId, page.added);
  await until("the list is shorter", () => find(page.added) === undefined);
  assert.equal(page.count, before - 1);
}

/** Runs a mutation through the store. */
function commit(mutation, variables, more = {}) {
  return new Promise((resolve, reject) => {
    commitMutation(environment, { mutation, variables, onCompleted: resolve, onError: reject, ...more });
  });
}

/** Changes the added review without the store. The other fields are left out, so that they stay. */
async function change(fields) {
  const query = "mutation ($input: UpdateReviewInput!) { updateReview(input: $input) { userErrors { code } } }";
  const { data } = await request({ query, variables: { input: { id: page.added, ...fields } } });
  assert.deepEqual(data.updateReview.userErrors, []);
}

/** A subscription is active once a later operation over the same socket has completed. */
function active() {
  return new Promise((resolve, reject) => {
    socket.subscribe({ query: "{ __typename }" }, { next: () => {}, error: reject, complete: resolve });
  });
}

function shown() {
  return root.root.findAllByType("li").map(({ props }) => props);
}

function find(id) {
  return shown().find((review) => review.id === id);
}

function record(id) {
  return environment.getStore().getSource().toJSON()[id];
}

/** A store merges by `id` alone: a record with a global ID must have the type of that object, and not of its event. */
async function distinguish() {
  const records = Object.values(environment.getStore().getSource().toJSON()).filter((value) => value?.id);
  const types = new Set(records.map(({ __typename }) => __typename));
  assert.deepEqual([...types].sort(), ["Critic", "Film", "Review"]);
  assert.deepEqual(warnings.filter((text) => text.includes("Relay")), []);
}

/** Waits until a rendering has what is expected. */
async function until(what, holds) {
  const end = Date.now() + TIMEOUT;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`timeout: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
