#!/usr/bin/env bash
# graphql-constraint-directive gives an optional list of lists another type: once `@constraint` stands at it, it is a required flat list, so that
# requests which leave it out, or give what the schema asks for, are refused. A flat list keeps its type.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
    graphql-constraint-directive@6.0.0 graphql@16.11.0 @graphql-tools/schema@10.0.25 >/dev/null
cat >run.cjs <<'JS'
const assert = require("node:assert");
const { constraintDirective, constraintDirectiveTypeDefs } = require("graphql-constraint-directive");
const { makeExecutableSchema } = require("@graphql-tools/schema");
const { graphql } = require("graphql");

const version = require("graphql-constraint-directive/package.json").version;

async function ask(type, constraint, value) {
  const typeDefs = `input Filter { names: ${type} ${constraint} } type Query { echo(filter: Filter): String }`;
  const resolvers = { Query: { echo: (_, { filter }) => JSON.stringify(filter.names ?? null) } };
  const schema = makeExecutableSchema({ typeDefs: [constraintDirectiveTypeDefs, typeDefs], resolvers });
  const guarded = constraintDirective()(schema);
  const seen = String(guarded.getType("Filter").getFields().names.type);
  const source = "query($filter: Filter) { echo(filter: $filter) }";
  const result = await graphql({ schema: guarded, source, variableValues: { filter: value } });
  const outcome = result.errors ? `error: ${result.errors[0].message}` : result.data.echo;
  return { seen, outcome };
}

(async () => {
  const cases = [
    ["[String!]", "@constraint(maxLength: 5)", {}],
    ["[String!]", "@constraint(maxLength: 5)", { names: ["ann"] }],
    ["[[String!]!]", "", {}],
    ["[[String!]!]", "@constraint(maxLength: 5)", {}],
    ["[[String!]!]", "@constraint(maxLength: 5)", { names: [["ann"]] }],
  ];
  console.log(`graphql-constraint-directive ${version}`);
  const outcomes = [];
  for (const [type, constraint, value] of cases) {
    const { seen, outcome } = await ask(type, constraint, value);
    outcomes.push(outcome);
    console.log(`${type} ${constraint} given ${JSON.stringify(value)}: its type is ${seen}; ${outcome}`);
  }
  assert.deepStrictEqual(outcomes.slice(0, 3), ["null", '["ann"]', "null"]);
  assert.match(outcomes[3], /of required type .* was not provided/);
  assert.match(outcomes[4], /^error: /);
})();
JS
node run.cjs
