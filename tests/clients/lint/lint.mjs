// Checks the schema by all rules of @graphql-eslint for schemas and for Relay, and compares it with the released one.
// Breaking changes are declared in breaking-changes.json: `{"type", "description", "reason"}`. After a release,
// released.graphql is replaced by the schema of the release, and the declarations are deleted.
//
//     node lint/lint.mjs http://127.0.0.1:8000

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { buildSchema, findBreakingChanges } from "graphql";

import { baseUrl, Report } from "../common.mjs";
import { exceptions } from "./exceptions.mjs";

const HERE = import.meta.dirname;
const FILE = path.join(HERE, "schema.graphql");
const PREFIX = "@graphql-eslint/";
const report = new Report();

const schema = await (await fetch(`${baseUrl()}/schema.graphql`)).text();
await writeFile(FILE, schema);

const messages = await report.step("ESLint reads the schema", lint);
if (messages) {
  const isExcepted = ({ rule, text }) => (exception) =>
    exception.rule === rule && (exception.message?.test(text) ?? true);
  report.none(
    "the schema follows all rules of schema-all and schema-relay, or an exception has a reason",
    messages.filter((message) => !exceptions.some(isExcepted(message))).map(({ line, rule, text }) => `${line}: ${rule}: ${text}`),
  );
  report.none(
    "each exception is needed",
    exceptions
      .filter((exception) => !messages.some((message) => isExcepted(message)(exception)))
      .map(({ rule, message }) => `${rule} ${message ?? ""}`),
  );
}

const changes = await report.step("the released schema is compared", compare);
if (changes) {
  const key = ({ type, description }) => `${type}: ${description}`;
  const declared = JSON.parse(await readFile(path.join(HERE, "breaking-changes.json"), "utf8"));
  const missing = (from, others) => from.map(key).filter((each) => !others.map(key).includes(each));
  report.none("each breaking change is declared", missing(changes, declared));
  report.none("each declared change is one", missing(declared, changes));
  report.none("each declared change has a reason", declared.filter(({ reason }) => !reason?.trim()).map(key));
}

report.close("the schema passes all checks");

async function lint() {
  const configs = ["flat/schema-all", "flat/schema-relay"].map((name) => plugin.configs[name].rules);
  const eslint = new ESLint({
    cwd: HERE,
    overrideConfigFile: true,
    overrideConfig: {
      files: ["**/*.graphql"],
      languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: FILE } } },
      plugins: { "@graphql-eslint": plugin },
      rules: {
        ...Object.assign({}, ...configs),
        // `search` has forward pagination only, which Relay allows.
        [`${PREFIX}relay-arguments`]: ["error", { includeBoth: false }],
      },
    },
  });
  const [result] = await eslint.lintFiles([FILE]);
  return result.messages.map(({ line, ruleId, message }) => ({
    line,
    rule: ruleId?.replace(PREFIX, "") ?? "parser",
    text: message,
  }));
}

async function compare() {
  const released = buildSchema(await readFile(path.join(HERE, "released.graphql"), "utf8"));
  return findBreakingChanges(released, buildSchema(schema));
}
