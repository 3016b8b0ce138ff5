// Nullable variables with defaults, at positions that allow no null: left out, null, and with a value.

const CONDITIONS = [
  "a: films(first: 2) @C { totalCount } __typename",
  "a: films(first: 2) { totalCount @C nodes { id } }",
  "a: films(first: 2) { totalCount ...F @C } @F",
  "a: films(first: 2) { totalCount ... @C { nodes { id } } }",
  "a: films(first: 2) { totalCount ... on FilmConnection @C { nodes { id } } }",
  "__typename ... @C { a: films(first: 2) { totalCount } }",
  "a: films(first: 2) { nodes { ... on Node { id title: __typename @C } } }",
];

/** Returns requests with the values that they differ in. */
export function* nulls({ ids, slugs }) {
  const [{ slug }, { id }] = [slugs.find(({ typename }) => typename === "Film"), ids.find(({ typename }) => typename === "Film")];
  const of = (typename) => slugs.find((named) => named.typename === typename).slug;
  for (const directive of ["skip", "include"]) {
    for (const fallback of ["true", "false"]) {
      for (const place of CONDITIONS) {
        const [body, fragment] = place.split(" @F");
        const selection = body.replaceAll("@C", `@${directive}(if: $x)`);
        const query = `query($x: Boolean = ${fallback}) { ${selection} } ${fragment === undefined ? "" : "fragment F on FilmConnection { nodes { id } }"}`;
        yield* each(query, "x", true, false);
      }
    }
  }
  yield* each(`query($x: String = "${slug}") { film(by: {slug: $x}) { id title } }`, "x", slug, "nobody");
  yield* each(`query($x: String = "nobody") { film(by: {slug: $x}) { id title } }`, "x", slug);
  yield* each(`query($x: ID = "${id}") { film(by: {id: $x}) { id title } }`, "x", id);
  yield* each(`query($x: String = "${of("Critic")}") { ...Q } fragment Q on Query { critic(by: {slug: $x}) { id } }`, "x", of("Critic"));
  yield* each(`query($x: String = "${of("Publication")}") { publication(by: {slug: $x}) { id } }`, "x", of("Publication"));
  yield* each(`query($x: FilmBy = {slug: "${slug}"}) { film(by: $x) { id } }`, "x", { id }, { slug: "nobody" });
  yield* each(`query($x: ID = "${id}") { node(id: $x) { id } nodes(ids: [$x, "${id}"]) { id } }`, "x", id);
  yield* each(`query($x: [ID!] = ["${id}"]) { nodes(ids: $x) { id } }`, "x", [], [id, id]);
  yield* each(`query($x: Int = 1) { films(first: $x) { nodes { id } } }`, "x", 0, 2);
  // They are invalid, whatever the values are.
  for (const query of [
    'query($x: String = "a", $y: ID = "b") { film(by: {slug: $x, id: $y}) { id } }',
    "query($x: [ID]) { nodes(ids: $x) { id } }",
    "query($x: ID) { nodes(ids: [$x]) { id } }",
  ]) {
    yield { query, variables: {} };
    yield { query, variables: { x: "a" } };
  }
}

function* each(query, name, ...values) {
  yield { query, variables: {} };
  for (const value of [null, ...values]) yield { query, variables: { [name]: value } };
}

/** Whether an error of graphql-js is that of a null at a position that allows none. */
export const isNullError = ({ message }) => /must not be null\.$|^Argument ".*" has invalid value /.test(message);
