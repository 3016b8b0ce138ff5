// Automatic persisted queries with the npm clients `@apollo/client` and `@urql/exchange-persisted`. The first request
// contains only the hash of its document, the second the document too, and later requests only the hash.
//
//     node persisted.mjs http://127.0.0.1:8000

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client as UrqlClient, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

import { baseUrl, Report } from "./common.mjs";

const url = `${baseUrl()}/graphql`;
const report = new Report();
const MUTATION = "mutation Delete { deleteFilm(input: { id: \"none\" }) { userErrors { code } } }";

// Each client sends its own document, which no other client has registered before.
const clients = {
  "Apollo by POST": byApollo({}),
  "Apollo by GET": byApollo({ useGETForHashedQueries: true }),
  "urql by POST": byUrql({ preferGetForPersistedQueries: false }),
  "urql by GET": byUrql({ preferGetForPersistedQueries: "force" }),
};
for (const [place, [name, client]] of Object.entries(clients).entries()) {
  const method = name.split(" ").pop();
  const document = `query Films${place} { films(first: ${place + 1}) { nodes { title } } }`;
  await report.step(`${name}: an unknown document is registered`, async () => {
    const nodes = await client.query(document);
    assert.equal(nodes.length, place + 1);
    assert.equal(client.sent.length, 2, JSON.stringify(client.sent));
    assert.deepEqual([client.sent[0].method, client.sent[0].hasDocument], [method, false]);
    assert.equal(client.sent[1].hasDocument, true);
  });
  await report.step(`${name}: a registered document is named by its hash`, async () => {
    client.sent.length = 0;
    const nodes = await client.query(document);
    assert.equal(nodes.length, place + 1);
    assert.deepEqual(client.sent, [{ method, hasDocument: false }]);
  });
  await report.step(`${name}: an invalid document is reported`, async () => {
    await assert.rejects(client.query(`query Wrong${place} { nothing }`), /nothing/);
  });
  await report.step(`${name}: a mutation runs by POST`, async () => {
    client.sent.length = 0;
    // The document is accepted; only the role is missing.
    await assert.rejects(client.mutate(MUTATION), /needs the role EDITOR/);
    assert(client.sent.every(({ method }) => method === "POST"), JSON.stringify(client.sent));
  });
}

report.close("persisted queries work");

/** Returns a `fetch` that records its requests. */
function recording(sent) {
  return (target, options) => {
    const method = options.method ?? "GET";
    const query = method === "GET" ? new URL(target).searchParams.get("query") : JSON.parse(options.body).query;
    sent.push({ method, hasDocument: Boolean(query) });
    return fetch(target, options);
  };
}

function byApollo(options) {
  const sent = [];
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const link = ApolloLink.from([new PersistedQueryLink({ sha256, ...options }), new HttpLink({ uri: url, fetch: recording(sent) })]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = async (text) => {
    const { data } = await client.query({ query: gql(text), fetchPolicy: "no-cache" });
    return data.films.nodes;
  };
  return { sent, query, mutate: (text) => client.mutate({ mutation: gql(text) }) };
}

function byUrql(options) {
  const sent = [];
  const exchanges = [persistedExchange(options), fetchExchange];
  const client = new UrqlClient({ url, exchanges, fetch: recording(sent), preferGetMethod: false });
  const query = async (text) => {
    const { data, error } = await client.query(text, {}, { requestPolicy: "network-only" }).toPromise();
    if (error) throw error;
    return data.films.nodes;
  };
  const mutate = async (text) => {
    const { error } = await client.mutation(text, {}).toPromise();
    if (error) throw error;
  };
  return { sent, query, mutate };
}
