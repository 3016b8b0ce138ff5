// Clients of npm that write with a token and hear by subscription what they wrote: `graphql-ws` over its socket alone, `@apollo/client`
// and `@urql/core` with mutations by HTTP. The server should let nobody read without a token, so that each way has to carry one.
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

// As browsers have it, and Apollo expects it.
globalThis.WebSocket ??= WebSocket;

const PATIENCE = 20_000;

const ADD_REVIEW = `mutation ($input: AddReviewInput!) {
  addReview(input: $input) {
    review { id version score sentiment excerpt }
    film { id score { reviewCount } }
    userErrors { field code message }
  }
}`;
const ADD_FILM = 'mutation { addFilm(input: {title: "Nobody may"}) { film { id } userErrors { code } } }';
const CHANGED = `subscription ($film: ID!) {
  reviewChanged(film: $film) { kind id version review { id version score sentiment excerpt } film { id } }
}`;
const FILMS = "{ films(first: 3) { nodes { id } } }";

const url = `${baseUrl()}/graphql`;
const [editor, critic] = process.argv.slice(3);
const report = new Report();

const clients = { "graphql-ws": overSocket, "@apollo/client": byApollo, "@urql/core": byUrql };
for (const [place, [name, connect]] of Object.entries(clients).entries()) {
  const asEditor = connect(editor);
  // A critic reviews a film once, so each client has its own.
  const film = await report.step(`${name}: a query is answered`, async () => {
    const { data } = await asEditor.run(FILMS);
    return data.films.nodes[place].id;
  });
  if (!film) break;
  await report.step(`${name}: a review is added, and heard of`, () => addAndHear(asEditor, film, name));
  await report.step(`${name}: what is wrong with an input is data`, () => refused(asEditor, film));
  await asEditor.close();

  const asCritic = connect(critic);
  await report.step(`${name}: what a critic may not is an error`, () => forbidden(asCritic));
  await report.step(`${name}: a critic's own review is added`, () => added(asCritic, film, { score: 40, excerpt: `A critic's, by ${name}.` }));
  await asCritic.close();
}

report.close("writing works");
// A socket that hangs would keep the process from its end.
process.exit();

async function addAndHear(client, film, name) {
  const heard = client.subscribe(CHANGED, { film });
  await heard.stands;
  const { review } = await added(client, film, { originalScore: "3.5/4", excerpt: `A lamp in a lighthouse, says ${name}.` });
  const { id, version } = review;
  assert.equal(version, 1);
  assert.equal(review.score, 88);
  const [{ reviewChanged }] = await heard.take(1);
  assert.deepEqual(plain(reviewChanged), { kind: "ADDED", id, version, review: plain(review), film: { id: film } });
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

async function refused(client, film) {
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

/** Everything over one socket. */
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
      // Anything else is none of the server's errors.
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

/** What a subscription gives. It stands once something that was asked later over the same socket is answered. */
function listen(client, subscribe) {
  const heard = [];
  let wake;
  let end;
  const failed = new Promise((_, reject) => (end = reject));
  failed.catch(() => {});
  const stop = subscribe({
    next: ({ data, errors }) => {
      if (errors) end(new Error(JSON.stringify(errors)));
      heard.push(data);
      wake?.();
    },
    error: end,
    complete: () => {},
  });
  const take = async (count) => {
    while (heard.length < count) await inTime(Promise.race([failed, new Promise((resolve) => (wake = resolve))]));
    stop();
    return heard;
  };
  // A library may start it only after whatever it does at the moment.
  const stands = new Promise((resolve) => setTimeout(resolve, 50)).then(() => results(client, { query: "{ __typename }" }));
  return { stands, take };
}

/** All results of an operation that completes by itself. */
function results(client, request) {
  const heard = [];
  return inTime(
    new Promise((resolve, reject) => {
      client.subscribe(request, { next: (result) => heard.push(result), error: reject, complete: () => resolve(heard) });
    }),
  );
}

/** Without what caches put beside the data. */
function plain(value) {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === "__typename" ? undefined : inner)));
}

function inTime(promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("nothing came in time")), PATIENCE).unref());
  return Promise.race([promise, late]);
}
