// The demo catalogue in the reference implementation: a graphql-js server with Marquee's schema and the same data.

import { buildSchema, GraphQLError } from "graphql";

/** Fetches all data of the mirror from Marquee. */
const EVERYTHING = `
  query Everything {
    films(first: 12) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node {
      id slug title year releaseDate runtimeMinutes directors genres synopsis url version
      score { ...S } scoreDistribution { ...D }
      publishedScores { source kind value label reviewCount agrees }
      reviews(first: 40) { totalCount edges { cursor node { ...R } } }
    } } }
    critics(first: 15) { edges { node { id slug name url score { ...S } reviews(first: 100) { totalCount edges { cursor node { id } } } } } }
    publications(first: 8) { edges { node { id slug name weight score { ...S } reviews(first: 100) { totalCount edges { cursor node { id } } } } } }
  }
  fragment S on Score {
    value verdict label reviewCount scoredCount mean median standardDeviation lowest highest percentRecommended estimated
  }
  fragment D on ScoreDistribution {
    total
    positive { ...H } mixed { ...H } negative { ...H } unrated { ...H }
  }
  fragment H on ScoreShare { count percent label }
  fragment R on Review {
    id byline score originalScore scoreRule sentiment recommended topCritic excerpt url reviewedOn createdAt updatedAt version
    film { id } critic { id } publication { id }
  }`;

async function send(base, query) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Returns the schema, and a root value that resolves queries as Marquee does. */
export async function mirror(base) {
  const schema = buildSchema(await (await fetch(`${base}/schema.graphql`)).text());
  schema.getType("Node").resolveType = (value) => value.__typename;
  const data = await send(base, EVERYTHING);
  const objects = new Map();
  const bySlug = new Map();
  const register = (typename, node) => {
    const object = { ...node, __typename: typename };
    objects.set(node.id, object);
    if (node.slug) bySlug.set(`${typename} ${node.slug}`, object);
    return object;
  };
  const films = data.films.edges.map(({ cursor, node }) => ({ cursor, node: register("Film", node) }));
  for (const { node } of films) node.reviews.edges.forEach((edge) => register("Review", edge.node));
  data.critics.edges.forEach(({ node }) => register("Critic", node));
  data.publications.edges.forEach(({ node }) => register("Publication", node));
  for (const object of objects.values()) {
    if (object.reviews) {
      const list = object.reviews.edges.map(({ cursor, node }) => ({ cursor, node: objects.get(node.id) }));
      object.reviews = (args) => page(args, list);
    }
    for (const field of ["film", "critic", "publication"]) {
      if (object[field]?.id) object[field] = objects.get(object[field].id);
    }
  }
  const one = (typename) => ({ by }) => (by.id === undefined ? bySlug.get(`${typename} ${by.slug}`) : find(by.id, typename));
  const find = (id, typename) => {
    if (!isId(id)) throw new GraphQLError("not an id");
    const found = objects.get(id);
    if (found && typename && found.__typename !== typename) throw new GraphQLError("an id of another type");
    return found ?? null;
  };
  const root = {
    node: ({ id }) => find(id),
    nodes: ({ ids }) => ids.map((id) => (isId(id) ? (objects.get(id) ?? null) : new GraphQLError("not an id"))),
    film: one("Film"),
    critic: one("Critic"),
    publication: one("Publication"),
    review: ({ id }) => find(id, "Review"),
    films: (args) => page(args, films),
  };
  const ids = [...objects].map(([id, { __typename }]) => ({ id, typename: __typename }));
  const slugs = [...bySlug.keys()].map((key) => key.split(" ")).map(([typename, slug]) => ({ typename, slug }));
  return { schema, root, ids, slugs };
}

const isId = (id) => /^(Film|Critic|Publication|Review):\d+$/.test(atob(id.replaceAll("-", "+").replaceAll("_", "/")));

/** Returns a page of a complete list. */
function page({ first, last }, list) {
  if (first != null && last != null) throw new GraphQLError("first and last exclude each other");
  const size = first ?? last ?? 20;
  if (size < 0 || size > 100) throw new GraphQLError("invalid page size");
  const edges = last == null ? list.slice(0, size) : list.slice(Math.max(0, list.length - size));
  return {
    totalCount: list.length,
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: last == null && list.length > size,
      hasPreviousPage: last != null && list.length > size,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
