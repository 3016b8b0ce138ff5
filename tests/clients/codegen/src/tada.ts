// gql.tada: the types of documents are inferred from the schema's introspection. The type check is a part of the test.

import assert from "node:assert/strict";

import { initGraphQLTada } from "gql.tada";
import { GraphQLClient } from "graphql-request";

import type { introspection } from "../generated/tada.js";

// Without `scalars`, `Date`, `DateTime` and `Locale` are `unknown`.
const graphql = initGraphQLTada<{ introspection: introspection; scalars: { Date: string; DateTime: string; Locale: string } }>();

const Films = graphql(`
  query Films($first: Int!, $filter: FilmFilter) {
    films(first: $first, filter: $filter) {
      totalCount
      nodes { id title releaseDate score { value verdict } }
    }
  }
`);
const Update = graphql(`
  mutation Update($input: UpdateReviewInput!) {
    updateReview(input: $input) { review { id score updatedAt } userErrors { code } }
  }
`);

export async function run(client: GraphQLClient, review: string) {
  const { films } = await client.request(Films, { first: 100 });
  const days: (string | null)[] = films.nodes.map(({ releaseDate }) => releaseDate);
  assert.equal(days.length, films.totalCount);
  const verdicts: ("UNIVERSAL_ACCLAIM" | "GENERALLY_FAVORABLE" | "MIXED_OR_AVERAGE" | "GENERALLY_UNFAVORABLE" | "OVERWHELMING_DISLIKE" | null)[] =
    films.nodes.map(({ score }) => score.verdict);
  assert(verdicts.length > 0);
  // @ts-expect-error The document doesn't select it.
  assert.equal(films.nodes[0]?.year, undefined);
  // @ts-expect-error `first` is required.
  await assert.rejects(client.request(Films, {}), /first/);

  const { updateReview } = await client.request(Update, { input: { id: review, score: 81 } });
  const at: string | undefined = updateReview?.review?.updatedAt;
  assert(at?.endsWith("Z"));
  assert.equal(updateReview?.review?.score, 81);
}
