// The client preset of graphql-codegen: typed documents from the schema and the tagged texts, with fragment masking.

import assert from "node:assert/strict";

import { GraphQLClient } from "graphql-request";

import { type FragmentType, graphql, useFragment } from "../generated/preset/index.js";
import type { UpdateReviewInput } from "../generated/preset/graphql.js";

const FilmTitle = graphql(`
  fragment FilmTitle on Film { title releaseDate }
`);
const PresetFilms = graphql(`
  query PresetFilms($first: Int!, $since: Date) {
    films(first: $first) {
      totalCount
      nodes { id ...FilmTitle reviews(first: 1, filter: { since: $since }) { nodes { createdAt sentiment } } }
    }
  }
`);
const PresetUpdate = graphql(`
  mutation PresetUpdate($input: UpdateReviewInput!) {
    updateReview(input: $input) { review { id score excerpt updatedAt } userErrors { code } }
  }
`);

export async function run(client: GraphQLClient, review: string) {
  const { films } = await client.request(PresetFilms, { first: 100, since: "1990-01-01" });
  assert.equal(films.nodes.length, films.totalCount);
  assert(films.nodes.every((film) => titleOf(film).length > 0));
  const times: string[] = films.nodes.flatMap(({ reviews }) => reviews.nodes.map(({ createdAt }) => createdAt));
  assert(times.length > 0);
  // @ts-expect-error A day is a text.
  await assert.rejects(client.request(PresetFilms, { first: 1, since: 1990 }));
  // @ts-expect-error The fragment masks it.
  assert.equal(typeof films.nodes[0]?.title, "string");

  // All but the ID may be left out, and stays unchanged then.
  const input: UpdateReviewInput = { id: review, score: 82 };
  const { updateReview } = await client.request(PresetUpdate, { input });
  assert.equal(updateReview?.review?.score, 82);
  assert.equal(updateReview?.review?.excerpt, "A lamp.");
}

function titleOf(film: FragmentType<typeof FilmTitle>): string {
  const { title, releaseDate } = useFragment(FilmTitle, film);
  const day: string | null | undefined = releaseDate;
  assert(day === null || day === undefined || /^\d{4}-\d{2}-\d{2}$/.test(day));
  return title;
}
