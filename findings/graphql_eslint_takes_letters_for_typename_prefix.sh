#!/usr/bin/env bash
# The rule no-typename-prefix of @graphql-eslint compares letters, not words: a field `scoredCount` of a type `Score`, or `article` of a type `Art`, counts as
# one that begins with the name of its type, and the rule has no option to except a field.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts eslint@10.15.0 @graphql-eslint/eslint-plugin@4.4.1 graphql@16.15.0
cat >schema.graphql <<'GRAPHQL'
type Query { art: Art, score: Score }
type Art { article: String, title: String }
type Score { scoredCount: Int, scoreCount: Int, value: Int }
GRAPHQL
cat >lint.js <<'JS'
import assert from "node:assert/strict";
import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: {
    files: ["**/*.graphql"],
    languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    plugins: { "@graphql-eslint": plugin },
    rules: { "@graphql-eslint/no-typename-prefix": "error" },
  },
});
const [{ messages }] = await eslint.lintFiles(["schema.graphql"]);
const reported = messages.map(({ message }) => message);
console.log(`@graphql-eslint 4.4.1, no-typename-prefix:\n${reported.join("\n")}`);
assert.deepEqual(plugin.rules["no-typename-prefix"].meta.schema, []);
for (const field of ["article", "scoredCount", "scoreCount"]) assert(reported.some((text) => text.includes(`"${field}"`)), field);
assert.equal(reported.length, 3);
JS
node lint.js
