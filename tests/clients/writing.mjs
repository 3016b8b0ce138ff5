// npm clients that write with a token and receive their own writes by subscription: `graphql-ws` over its socket alone,
// `@apollo/client` and `@urql/core` with mutations over HTTP. The server should reject anonymous reads, so that every
// transport must send the token.
//
//     node writing.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR TOKEN_OF_A_CRITIC

import assert from "node:assert/strict";

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as UrqlClient, cacheExchange, fetchExchange, subscriptionExchange } from "@urql/core";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { baseUrl, Report } from "./common.mjs";

// Apollo Client expects the global of browsers.
globalThis.WebSocket ??= WebSocket;

const TIMEOUT = 20_000;

const ADD_REVIEW = `mutation ($input: AddReviewInput!) {
  addReview(input: $input) {
    review { id version score sentiment excerpt }
    film { id score { reviewCount } }
    userErrors { field code message }
  }
}`;
const ADD_FILM = 'mutation { addFilm(input: {title: "Forbidden"}) { film { id } userErrors { code } } }';
const CHANGED = `subscription ($film: ID!) {
  reviewChanged(film: $film) { kind reviewId version review { id version score sentiment excerpt } film { id } }
}`;
const FILMS = "{ films(first: 3) { nodes { id } } }";

const url = `${baseUrl()}/graphql`;
const [editor, critic] = process.argv.slice(3);
const report = new Report();

const clients = { "graphql-ws": overSocket, "@apollo/client": byApollo, "@urql/core": byUrql };
for (const [place, [name, connect]] of Object.entries(clients).entries()) {
  const asEditor = connect(editor);
  // A critic can review a film only once, so each client uses another film.
  const film = await report.step(`${name}: a query returns its data`, async () => {
    const { data } = await asEditor.run(FILMS);
    return data.films.nodes[place].id;
  });
  if (!film) break;
  await report.step(`${name}: an added review is received by subscription`, () => addAndReceive(asEditor, film, name));
  await report.step(`${name}: user errors are data`, () => rejected(asEditor, film));
  await asEditor.close();

  const asCritic = connect(critic);
  await report.step(`${name}: a forbidden mutation is an error`, () => forbidden(asCritic));
  await report.step(`${name}: a critic's own review is added`, () => added(asCritic, film, { score: 40, excerpt: `A critic's, by ${name}.` }));
  await asCritic.close();
}

report.close("mutations work");
// A hanging socket would keep the process running.
process.exit();

async function addAndReceive(client, film, name) {
  const subscription = client.subscribe(CHANGED, { film });
  await subscription.isActive;
  const { review } = await added(client, film, { originalScore: "3.5/4", excerpt: `A lamp in a lighthouse, by ${name}.` });
  const { id, version } = review;
  assert.equal(version, 1);
  assert.equal(review.score, 88);
  const [{ reviewChanged }] = await subscription.take(1);
  assert.deepEqual(plain(reviewChanged), { kind: "ADDED", reviewId: id, version, review: plain(review), film: { id: film } });
}

async function added(client, film, input) {
  const { data, errors } = await client.run(ADD_REVIEW, { input: { film, idempotencyKey: input.excerpt, ...input } });
  assert.deepEqual(errors, []);
  const { addReview } = data;
  assert.deepEqual(addReview.userErrors, []);
  assert.equal(addReview.review.excerpt, input.excerpt);
  assert.equal(addReview.film.id, film);
  assert(addReview.film.score.reviewCount > 0);
  return addReview;
}

async function rejected(client, film) {
  const input = { film, score: 101, critic: { name: " " } };
  const { data, errors } = await client.run(ADD_REVIEW, { input });
  assert.deepEqual(errors, []);
  assert.equal(data.addReview.review, null);
  const codes = data.addReview.userErrors.map(({ field, code }) => `${field.join(".")} ${code}`);
  assert.deepEqual(codes.sort(), ["input.critic.name BLANK", "input.score OUT_OF_RANGE"]);
}

async function forbidden(client) {
  const { errors } = await client.run(ADD_FILM);
  assert.deepEqual(errors.map(({ path, extensions }) => [path, extensions.code]), [[["addFilm"], "FORBIDDEN"]]);
}

/** Runs all operations over one socket. */
function overSocket(token) {
  const client = socket(token);
  return {
    run: async (query, variables) => {
      const [{ data, errors = [] }] = await results(client, { query, variables });
      return { data, errors };
    },
    subscribe: (query, variables) => listen(client, (sink) => client.subscribe({ query, variables }, sink)),
    close: () => client.dispose(),
  };
}

function byApollo(token) {
  const sockets = socket(token);
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(sockets),
    new HttpLink({ uri: url, headers: authorization(token) }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const run = async (text, variables) => {
    const document = gql(text);
    const isMutation = document.definitions[0].operation === OperationTypeNode.MUTATION;
    try {
            const { data } = isMutation
        ? await client.mutate({ mutation: document, variables })
        : await client.query({ query: document, variables });
      return { data, errors: [] };
    } catch (error) {
      // Other errors don't come from the server's response.
      if (CombinedGraphQLErrors.is(error)) return { data: error.data, errors: error.errors };
      throw error;
    }
  };
  const subscribe = (text, variables) =>
    listen(sockets, (sink) => {
      const running = client.subscribe({ query: gql(text), variables }).subscribe(sink);
      return () => running.unsubscribe();
    });
  const close = async () => {
    client.stop();
    await sockets.dispose();
  };
  return { run, subscribe, close };
}

function byUrql(token) {
  const sockets = socket(token);
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
  });
  const client = new UrqlClient({
    url,
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })],
    fetchOptions: { headers: authorization(token) },
  });
  const run = async (text, variables) => {
    const isMutation = text.startsWith("mutation");
    const { data, error } = await (isMutation ? client.mutation(text, variables) : client.query(text, variables)).toPromise();
    if (error?.networkError) throw error.networkError;
    return { data, errors: error?.graphQLErrors ?? [] };
  };
  const subscribe = (text, variables) =>
    listen(sockets, (sink) => {
      const next = ({ data, error }) => (error ? sink.error(error) : sink.next({ data }));
      return client.subscription(text, variables).subscribe(next).unsubscribe;
    });
  return { run, subscribe, close: () => sockets.dispose() };
}

function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

function socket(token) {
  return createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: authorization(token),
    retryAttempts: 0,
  });
}

/** Collects the results of a subscription. It is active once a later operation over the same socket has completed. */
function listen(client, subscribe) {
  const received = [];
  let wake;
  let end;
  const failed = new Promise((_, reject) => (end = reject));
  failed.catch(() => {});
  const stop = subscribe({
    next: ({ data, errors }) => {
      if (errors) end(new Error(JSON.stringify(errors)));
      received.push(data);
      wake?.();
    },
    error: end,
    complete: () => {},
  });
  const take = async (count) => {
    while (received.length < count) await inTime(Promise.race([failed, new Promise((resolve) => (wake = resolve))]));
    stop();
    return received;
  };
  // A client library may send the subscription only in a later task of the event loop.
  const isActive = new Promise((resolve) => setTimeout(resolve, 50)).then(() => results(client, { query: "{ __typename }" }));
  return { isActive, take };
}

/** Returns all results of an operation that completes. */
function results(client, request) {
  const received = [];
  return inTime(
    new Promise((resolve, reject) => {
      client.subscribe(request, { next: (result) => received.push(result), error: reject, complete: () => resolve(received) });
    }),
  );
}

/** Returns a copy without the `__typename` fields that caches add. */
function plain(value) {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === "__typename" ? undefined : inner)));
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("timeout")), TIMEOUT).unref());
  return Promise.race([promise, late]);
}
