// Hive gateway in front of the server: as a proxy, and with a supergraph whose only subgraph is the server.
//
//     node gateway/gateway.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR

import assert from "node:assert/strict";

import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import http from "@graphql-mesh/transport-http";
import ws from "@graphql-mesh/transport-ws";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";

import { baseUrl, Report } from "../common.mjs";

const url = `${baseUrl()}/graphql`;
const authorization = `Bearer ${process.argv[3]}`;
const report = new Report();
const schema = await (await fetch(`${baseUrl()}/schema.graphql`)).text();

const supergraph = await report.step("the schema composes into a supergraph", () => {
  const { errors, supergraphSdl } = composeServices([{ name: "marquee", typeDefs: parse(schema), url }]);
  assert.deepEqual(errors ?? [], []);
  return supergraphSdl;
});
const sources = { proxy: { proxy: { endpoint: url } }, supergraph: { supergraph } };
for (const [name, source] of Object.entries(sources)) {
  const gateway = createGatewayRuntime({
    ...source,
    transports: { http, ws },
    // By default a gateway sends none of the client's headers on.
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") }),
    },
    logging: false,
  });
  await report.step(`${name}: a query returns what the server returns`, () => query(gateway));
  await report.step(`${name}: a mutation runs with the client's token, and changes what its input has`, () => write(gateway));
  await report.step(`${name}: an error keeps its code`, () => fail(gateway));
  await report.step(`${name}: a subscription receives a review as server-sent events`, () => subscribe(gateway));
  await gateway[Symbol.asyncDispose]();
}
report.close("Hive gateway works");
process.exit();

async function send(target, query, variables = {}, headers = { authorization }) {
  const fetcher = typeof target === "string" ? fetch : target.fetch;
  const address = typeof target === "string" ? target : "http://gateway.example/graphql";
  const options = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ query, variables }) };
  return (await fetcher(address, options)).json();
}

async function query(gateway) {
  const document = `query ($by: FilmBy!, $first: Int) {
    films(first: $first, orderBy: { field: TITLE, direction: DESC }) { totalCount nodes { id title releaseDate score { value verdict label } } }
    critics(first: 2) { edges { cursor node { __typename name } } }
    film(by: $by) { title }
  }`;
  const variables = { first: 5, by: { slug: "the-lighthouse-tax-2019" } };
  const [found, expected] = [await send(gateway, document, variables), await send(url, document, variables)];
  assert.equal(expected.errors, undefined);
  assert.deepEqual(found, expected);
  const [{ id }] = found.data.films.nodes;
  const node = "query ($id: ID!) { node(id: $id) { __typename id ... on Film { title } } }";
  assert.deepEqual(await send(gateway, node, { id }), await send(url, node, { id }));
}

async function write(gateway) {
  const film = await firstFilm(gateway);
  const add = "mutation ($input: AddReviewInput!) { addReview(input: $input) { review { id } userErrors { code } } }";
  const { data, errors } = await send(gateway, add, { input: { film, score: 51, excerpt: "By a gateway." } });
  assert.equal(errors, undefined, JSON.stringify(errors));
  const input = { id: data.addReview.review.id, score: 52 };
  const update = "mutation ($input: UpdateReviewInput!) { updateReview(input: $input) { review { version score excerpt } } }";
  const updated = await send(gateway, update, { input });
  assert.deepEqual(updated.data.updateReview.review, { version: 2, score: 52, excerpt: "By a gateway." });
  const anonymous = await send(gateway, update, { input }, {});
  assert.equal(anonymous.errors[0].extensions.code, "FORBIDDEN");
}

async function fail(gateway) {
  const { errors } = await send(gateway, "{ films(first: 101) { totalCount } }");
  assert.equal(errors[0].extensions.code, "INVALID_PAGE");
  assert.match(errors[0].message, /100/);
}

async function subscribe(gateway) {
  const film = await firstFilm(gateway);
  const document = "subscription ($film: ID!) { reviewChanged(film: $film) { kind version review { score } } }";
  const response = await gateway.fetch("http://gateway.example/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", authorization },
    body: JSON.stringify({ query: document, variables: { film } }),
  });
  assert.equal(response.status, 200);
  const add = "mutation ($input: AddReviewInput!) { addReview(input: $input) { userErrors { code } } }";
  // The gateway doesn't say when the subscription is active: reviews are added until an event is there.
  const adding = setInterval(() => send(url, add, { input: { film, score: 53 } }), 200);
  try {
    let text = "";
    const late = AbortSignal.timeout(20_000);
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      late.throwIfAborted();
      if (text.includes("data: {")) break;
    }
    const [, event] = /data: (\{.*\})/.exec(text);
    const { kind, version, review } = JSON.parse(event).data.reviewChanged;
    assert.deepEqual([kind, version, review.score], ["ADDED", 1, 53]);
  } finally {
    clearInterval(adding);
  }
}

async function firstFilm(gateway) {
  const { data } = await send(gateway, "{ films(first: 1) { nodes { id } } }");
  return data.films.nodes[0].id;
}
