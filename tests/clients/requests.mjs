// Random requests, reproducible by their seed: valid ones, and ones with a mistake.

import { getNamedType, isAbstractType, isCompositeType } from "graphql";

/** Returns a seeded random number generator (mulberry32). */
export function chance(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (bound) => Math.floor(next() * bound);
  return { below, pick: (list) => list[below(list.length)], is: (share) => next() < share };
}

/** The fields that the mirror can resolve. */
const KNOWN = {
  Query: ["node", "nodes", "film", "critic", "publication", "review", "films", "__typename"],
  Film: ["id", "slug", "title", "year", "releaseDate", "runtimeMinutes", "directors", "genres", "synopsis", "url", "version", "score", "scoreDistribution", "publishedScores", "reviews", "__typename"],
  Critic: ["id", "slug", "name", "url", "score", "reviews", "__typename"],
  Publication: ["id", "slug", "name", "weight", "score", "reviews", "__typename"],
  Review: ["id", "byline", "score", "originalScore", "scoreRule", "sentiment", "recommended", "topCritic", "excerpt", "url", "reviewedOn", "createdAt", "version", "film", "critic", "publication", "__typename"],
  Node: ["id", "__typename"],
  FilmConnection: ["totalCount", "nodes", "edges", "pageInfo", "__typename"],
  ReviewConnection: ["totalCount", "nodes", "edges", "pageInfo", "__typename"],
  FilmEdge: ["node", "cursor"],
  ReviewEdge: ["node", "cursor"],
  PageInfo: ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"],
  Score: ["value", "verdict", "label", "reviewCount", "scoredCount", "mean", "median", "lowest", "highest", "estimated", "__typename"],
  ScoreDistribution: ["total", "positive", "mixed", "negative", "unrated"],
  ScoreShare: ["count", "percent", "label"],
  PublishedScore: ["source", "kind", "value", "label", "reviewCount", "agrees"],
};

/**
 * Generates requests: valid ones, and ones with an argument that fails at execution. A few of the former are invalid.
 */
export class Maker {
  constructor(random, { schema, ids, slugs }) {
    Object.assign(this, { random, schema, ids, slugs });
  }

  /** Returns a valid request with one argument that fails at execution. */
  failing() {
    for (;;) {
      const request = this.request(true);
      if (!this.wrong) return request;
    }
  }

  request(wrong = false) {
    this.variables = new Map();
    this.fragments = [];
    this.aliases = 0;
    this.wrong = wrong;
    const body = this.set(this.schema.getQueryType(), 0);
    const definitions = [...this.variables].map(([name, { type, fallback }]) => `$${name}: ${type}${fallback ? ` = ${fallback}` : ""}`);
    const values = [...this.variables].filter(([, { value }]) => value !== undefined).map(([name, { value }]) => [name, value]);
    const head = definitions.length > 0 ? `query Made(${definitions.join(", ")})` : this.random.is(0.5) ? "query Made" : "";
    return { query: `${head} ${body}\n${this.fragments.join("\n")}`.trim(), variables: Object.fromEntries(values) };
  }

  set(type, depth) {
    const { random } = this;
    const selections = [];
    const fields = KNOWN[type.name] ?? ["__typename"];
    const leaves = fields.filter((name) => name === "__typename" || !isCompositeType(getNamedType(type.getFields()[name].type)));
    const count = 1 + random.below(depth === 0 ? 3 : 4);
    for (let number = 0; number < count; number += 1) {
      const deep = depth > 5 && leaves.length > 0;
      selections.push(this.field(type, random.pick(deep ? leaves : fields), depth));
    }
    if (isAbstractType(type)) {
      for (const possible of this.schema.getPossibleTypes(type)) {
        if (KNOWN[possible.name] && random.is(0.6)) selections.push(`... on ${possible.name} ${this.set(possible, depth + 1)}`);
      }
    }
    // Duplicate selections are identical, so that they can be merged.
    if (random.is(0.25)) selections.push(random.pick(selections));
    if (random.is(0.2)) return `{ ... ${this.condition()} { ${selections.join(" ")} } ${selections[0]} }`;
    if (random.is(0.2) && depth > 0) {
      const name = `F${this.fragments.length}`;
      this.fragments.push("");
      this.fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} { ${selections.join(" ")} }`;
      return `{ ...${name} ${this.condition()} ${random.is(0.3) ? `...${name}` : ""} __typename }`;
    }
    return `{ ${selections.join(" ")} }`;
  }

  field(type, name, depth) {
    const { random } = this;
    if (name === "__typename") return name;
    const field = type.getFields()[name];
    const below = getNamedType(field.type);
    const text = this.arguments(type, name);
    const directive = random.is(0.1) ? this.condition() : "";
    const alias = text !== "" || isCompositeType(below) || random.is(0.1) ? `a${(this.aliases += 1)}: ` : "";
    return `${alias}${name}${text} ${directive} ${isCompositeType(below) ? this.set(below, depth + 1) : ""}`;
  }

  condition() {
    const { random } = this;
    const name = random.pick(["skip", "include"]);
    const value = random.is(0.5) ? random.pick(["true", "false"]) : this.variable("Boolean!", random.is(0.5), random.is(0.3) ? "true" : undefined);
    return `@${name}(if: ${value})`;
  }

  variable(type, value, fallback) {
    const name = `v${this.variables.size}`;
    this.variables.set(name, { type, value: fallback && this.random.is(0.5) ? undefined : value, fallback });
    return `$${name}`;
  }

  /** Returns the arguments of a field. A request that must fail gets one invalid argument. */
  arguments(type, name) {
    const { random } = this;
    const given = (argumentType, value, literal = JSON.stringify(value)) =>
      random.is(0.4) ? this.variable(argumentType, value) : literal;
    if (name === "reviews" || name === "films") {
      if (this.wrong && random.is(0.5)) {
        this.wrong = false;
        return `(${random.pick(["first: -1", "first: 101", "first: 1, last: 1", "last: -1"])})`;
      }
      if (random.is(0.4)) return "";
      const size = random.below(4);
      return `(${random.pick(["first", "last"])}: ${given("Int", size)})`;
    }
    if (name === "nodes") return `(ids: ${given("[ID!]!", [1, 2].map(() => random.pick(this.ids).id))})`;
    if (name === "node") return `(id: ${given("ID!", this.wrong && random.is(0.8) ? ((this.wrong = false), "nothing") : random.pick(this.ids).id)})`;
    if (name === "review" && type.name === "Query") {
      return `(id: ${given("ID!", random.pick(this.ids.filter(({ typename }) => typename === "Review")).id)})`;
    }
    if (type.name === "Query") {
      const typename = name[0].toUpperCase() + name.slice(1);
      const { slug } = random.is(0.1) ? { slug: "nobody" } : random.pick(this.slugs.filter((named) => named.typename === typename));
      return random.is(0.5) ? `(by: {slug: ${given("String!", slug)}})` : `(by: ${this.variable(`${typename}By!`, { slug })})`;
    }
    return "";
  }
}

/**
 * Functions that add a mistake to a valid document. They return the document unchanged if the mistake does not apply.
 */
export const MISTAKES = {
  "an unknown field": (query) => query.replace(/\b(title|id|label|totalCount)\b(?![:\w])/, "nothing"),
  "an unknown argument": (query) => query.replace(/\bfilms(\(| )/, (_, next) => `films(nothing: 1${next === "(" ? ", " : ") "}`),
  "a leaf with fields": (query) => query.replace(/\b(title|label|totalCount)\b(?![:\w])/, "$1 { id }"),
  "an object without fields": (query) => query.replace(/\}\s*\}/, "} x: films }"),
  "an undeclared variable": (query) => query.replace(/(first|last): \d+/, "$1: $undeclared"),
  "an unused variable": (query) => query.replace(/^query Made\(/, "query Made($unused: Int, "),
  "a variable declared twice": (query) => query.replace(/^query Made\((\$v0: [^,)]+)/, "query Made($1, $1"),
  "a variable of an unknown type": (query) => query.replace(/^query Made\(\$v0: [\w[\]!]+/, "query Made($v0: Nothing"),
  "a variable of an output type": (query) => query.replace(/^query Made\(\$v0: [\w[\]!]+/, "query Made($v0: Film"),
  "a nullable variable where a value is needed": (query) => query.replace(/\$(v\d+): (ID|Boolean|String)!(?! =)/, "$$$1: $2"),
  "an unknown fragment": (query) => query.replace(/\}\s*$/, "...Nowhere }"),
  "an unused fragment": (query) => `${query} fragment Unused on Film { id }`,
  "a fragment on an unknown type": (query) => query.replace(/\}\s*$/, "... on Nothing { id } }"),
  "a fragment on a leaf": (query) => query.replace(/\}\s*$/, "... on String { id } }"),
  "a fragment that can't apply": (query) => query.replace(/^([^{]*)\{/, "$1{ ... on Film { id } "),
  "a cycle of fragments": (query) => `${query.replace(/^([^{]*)\{/, "$1{ ...A ")} fragment A on Query { ...B } fragment B on Query { ...A }`,
  "a duplicate fragment": (query) => `${query.replace(/^([^{]*)\{/, "$1{ ...A ")} fragment A on Query { __typename } fragment A on Query { __typename }`,
  "an unknown directive": (query) => query.replace(/\}\s*$/, "y: __typename @nothing }"),
  "a directive without its argument": (query) => query.replace(/\}\s*$/, "y: __typename @skip }"),
  "a duplicate directive": (query) => query.replace(/\}\s*$/, "y: __typename @skip(if: true) @skip(if: true) }"),
  "a directive at a wrong location": (query) => query.replace(/^(query Made[^{]*)?\{/, (head) => (head.startsWith("query") ? `${head.slice(0, -1)} @skip(if: true) {` : `query @skip(if: true) {`)),
  "two fields with one response name": (query) => query.replace(/^([^{]*)\{/, "$1{ c: films { totalCount } c: __typename "),
  "two arguments of one field": (query) => query.replace(/^([^{]*)\{/, "$1{ c: films(first: 1) { totalCount } c: films(first: 2) { totalCount } "),
  "a duplicate argument": (query) => query.replace(/^([^{]*)\{/, "$1{ c: films(first: 1, first: 1) { totalCount } "),
  "a missing required argument": (query) => query.replace(/^([^{]*)\{/, "$1{ c: node { id } "),
  "a string for a number": (query) => query.replace(/(first|last): \d+/, '$1: "1"'),
  "a fraction for an integer": (query) => query.replace(/(first|last): \d+/, "$1: 1.5"),
  "a number beyond 32 bits": (query) => query.replace(/(first|last): \d+/, "$1: 2147483648"),
  "null where a value is needed": (query) => query.replace(/\(id: "[^"]+"\)/, "(id: null)"),
  "two fields of a oneOf input": (query) => query.replace(/^([^{]*)\{/, '$1{ c: film(by: {slug: "a", id: "b"}) { id } '),
  "no field of a oneOf input": (query) => query.replace(/^([^{]*)\{/, "$1{ c: film(by: {}) { id } "),
  "a null field of a oneOf input": (query) => query.replace(/^([^{]*)\{/, "$1{ c: film(by: {slug: null}) { id } "),
  "a duplicate input field": (query) => query.replace(/^([^{]*)\{/, '$1{ c: film(by: {slug: "a", slug: "a"}) { id } '),
  "an unknown input field": (query) => query.replace(/^([^{]*)\{/, '$1{ c: film(by: {nothing: "a"}) { id } '),
  "an unknown enum value": (query) => query.replace(/^([^{]*)\{/, "$1{ c: films(orderBy: {field: NOTHING}) { totalCount } "),
  "a string for an enum": (query) => query.replace(/^([^{]*)\{/, '$1{ c: films(orderBy: {field: "TITLE"}) { totalCount } '),
  "an anonymous operation beside another": (query) => `{ __typename } ${query}`,
  "two operations with one name": (query) => `${query} query Made { __typename }`,
  "a missing brace": (query) => query.replace(/\}\s*$/, ""),
  "an extra brace": (query) => `${query} }`,
  "an empty selection set": (query) => query.replace(/^([^{]*)\{/, "$1{ c: films { } "),
  "an invalid character": (query) => query.replace(/\}\s*$/, "? }"),
  "an unterminated string": (query) => query.replace(/\}\s*$/, '"open }'),
  "a type's name as a field": (query) => query.replace(/^([^{]*)\{/, "$1{ Film "),
};

/** Values that are invalid for the types of their variables. */
export const BAD_VALUES = [
  ["Int", 1.5],
  ["Int", "1"],
  ["Int", 2147483648],
  ["Int!", null],
  ["Int!", undefined],
  ["[ID!]!", [null]],
  ["[ID!]!", [[]]],
  ["[ID!]!", {}],
  ["ID!", true],
  ["ID!", 1.5],
  ["String!", 1],
  ["Boolean!", "true"],
  ["FilmBy!", {}],
  ["FilmBy!", { id: "a", slug: "b" }],
  ["FilmBy!", { id: null }],
  ["FilmBy!", { nothing: "a" }],
  ["FilmBy!", "a"],
  ["FilmOrder", { field: "NOTHING" }],
  ["FilmOrder", {}],
];

/** Returns a document that uses a variable of a type. */
export function using(type) {
  const places = {
    "Int": "films(first: $v) { totalCount }",
    "Int!": "films(first: $v) { totalCount }",
    "[ID!]!": "nodes(ids: $v) { id }",
    "ID!": "node(id: $v) { id }",
    "String!": "film(by: {slug: $v}) { id }",
    "Boolean!": "films @skip(if: $v) { totalCount }",
    "FilmBy!": "film(by: $v) { id }",
    "FilmOrder": "films(orderBy: $v) { totalCount }",
  };
  return `query Made($v: ${type}) { ${places[type]} }`;
}
