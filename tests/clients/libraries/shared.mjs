// The operations that the programs of this directory share, and their helpers.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const TIMEOUT = 20_000;

export const NAMES = "query Names { films(first: 1) { totalCount } }";
export const FILM = `query Film($slug: String!, $first: Int!, $after: String) {
  film(by: { slug: $slug }) {
    id
    title
    score { value verdict reviewCount }
    reviews(first: $first, after: $after) {
      edges { cursor node { id version score excerpt critic { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
export const ADD = `mutation Add($input: AddReviewInput!) {
  addReview(input: $input) {
    review { id version score excerpt critic { id name } }
    film { id score { reviewCount } }
    userErrors { field code message }
  }
}`;
export const UPDATE = `mutation Update($input: UpdateReviewInput!) {
  updateReview(input: $input) { review { id version score excerpt } userErrors { field code message } }
}`;
export const DELETE = `mutation Delete($id: ID!) {
  deleteReview(input: { id: $id }) { deletedReviewId film { id score { reviewCount } } userErrors { code } }
}`;
export const CHANGED = `subscription Changed($film: ID!) {
  reviewChanged(film: $film) { kind version review { id version score excerpt } film { id score { reviewCount } } }
}`;

export function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

/** Returns a client of `graphql-ws` with a function `active`: what was subscribed before is active afterwards. */
export function socketOf(url, token) {
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: authorization(token),
    retryAttempts: 0,
  });
  const active = async () => {
    // A client library may send the subscription only in a later task of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve, reject) => {
      client.subscribe({ query: "{ __typename }" }, { next: () => {}, error: reject, complete: resolve });
    });
  };
  return Object.assign(client, { active });
}

/** Waits until something holds. */
export async function until(what, holds) {
  const end = Date.now() + TIMEOUT;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`timeout: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
