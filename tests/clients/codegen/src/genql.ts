// genql: a client with a type for each selection, generated from the schema.

import assert from "node:assert/strict";

import { createClient } from "../generated/genql/index.js";

export async function run(url: string, headers: Record<string, string>, review: string) {
  const client = createClient({ url, headers });
  const { films } = await client.query({
    films: { __args: { first: 100 }, totalCount: true, nodes: { id: true, title: true, releaseDate: true, score: { value: true } } },
  });
  assert.equal(films.nodes.length, films.totalCount);
  const day: string | null | undefined = films.nodes[0]?.releaseDate;
  assert(day === null || typeof day === "string");
  // @ts-expect-error The selection doesn't have it.
  assert.equal(films.nodes[0]?.year, undefined);

  const { node } = await client.query({ node: { __args: { id: review }, __typename: true, on_Review: { score: true } } });
  assert.equal(node?.__typename, "Review");

  const { updateReview } = await client.mutation({
    updateReview: { __args: { input: { id: review, score: 83 } }, review: { score: true, excerpt: true }, userErrors: { code: true } },
  });
  assert.deepEqual([updateReview?.review?.score, updateReview?.review?.excerpt], [83, "A lamp."]);
  await assert.rejects(client.query({ films: { __args: { first: 101 }, totalCount: true } }), /100/);
}
