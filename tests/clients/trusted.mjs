// Trusted documents with the npm clients `@apollo/client` and `@urql/exchange-persisted`. With `--manifest`, the script
// writes a manifest as a build does. The server runs only the documents of the manifest, and the clients send their
// ids.
//
//     node trusted.mjs --manifest FILE
//     node trusted.mjs http://127.0.0.1:8000 FILE

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client as UrqlClient, fetchExchange, stringifyDocument } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { parse, print } from "graphql";

import { baseUrl, Report } from "./common.mjs";

const FILMS = "query Films($first: Int!) { films(first: $first) { nodes { title } } }";
const OTHER = "query Other { films { totalCount } }";
const VARIABLES = { first: 3 };

if (process.argv[2] === "--manifest") {
  writeManifest(process.argv[3]);
  process.exit();
}

const url = `${baseUrl()}/graphql`;
const ids = new Map(JSON.parse(readFileSync(process.argv[3], "utf8")).operations.map(({ name, id }) => [name, id]));
const report = new Report();
const clients = { "Apollo by POST": byApollo(false), "Apollo by GET": byApollo(true), "urql by POST": byUrql(false), "urql by GET": byUrql("force") };
for (const [name, query] of Object.entries(clients)) {
  await report.step(`${name}: a trusted document runs by its id`, async () => {
    const data = await query(FILMS, VARIABLES);
    assert.equal(data.films.nodes.length, VARIABLES.first);
  });
  await report.step(`${name}: another document is rejected`, async () => {
    await assert.rejects(query(OTHER, {}), /only trusted documents|PersistedQueryNotFound/);
  });
}
report.close("trusted documents work");

/**
 * Writes a manifest as a build tool does: with a custom id for Apollo, and the hash of the printed document for urql.
 */
function writeManifest(path) {
  const apollo = { id: "films-1", name: "Films", type: "query", body: print(parse(FILMS)) };
  const body = stringifyDocument(parse(FILMS));
  const urql = { id: createHash("sha256").update(body).digest("hex"), name: "FilmsOfUrql", type: "query", body };
  const manifest = { format: "apollo-persisted-query-manifest", version: 1, operations: [apollo, urql] };
  writeFileSync(path, JSON.stringify(manifest));
}

function byApollo(useGETForHashedQueries) {
  const generateHash = (document) => ids.get(document.definitions[0].name.value) ?? "unknown";
  const link = ApolloLink.from([new PersistedQueryLink({ generateHash, useGETForHashedQueries }), new HttpLink({ uri: url })]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return async (text, variables) => {
    const { data } = await client.query({ query: gql(text), variables, fetchPolicy: "no-cache" });
    return data;
  };
}

function byUrql(preferGetForPersistedQueries) {
  // Disables the retry with the full document.
  const exchanges = [persistedExchange({ preferGetForPersistedQueries, enforcePersistedQueries: true }), fetchExchange];
  const client = new UrqlClient({ url, exchanges });
  return async (text, variables) => {
    const { data, error } = await client.query(text, variables, { requestPolicy: "network-only" }).toPromise();
    if (error) throw error;
    return data;
  };
}
