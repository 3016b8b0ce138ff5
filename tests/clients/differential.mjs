// Differential test: Marquee and graphql-js get the same requests for the same schema and data, and must return the
// same verdict and the same response.
//
//     node differential.mjs http://127.0.0.1:8000 [SEED]

import { isDeepStrictEqual } from "node:util";

import { execute, getIntrospectionQuery, getVariableValues, parse, validate } from "graphql";

import { baseUrl, Report } from "./common.mjs";
import { mirror } from "./mirror.mjs";
import { isNullError, nulls } from "./nulls.mjs";
import { BAD_VALUES, chance, Maker, MISTAKES, using } from "./requests.mjs";

const VALID = 450;
const FAILING = 120;
const EACH_MISTAKE = 3;

const base = baseUrl();
const seed = Number(process.argv[3] ?? 1);
const report = new Report();
const random = chance(seed);
const reference = await mirror(base);
const maker = new Maker(random, reference);

/** Runs a request with graphql-js. Returns the stage at which it fails, or the response. */
async function judge({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch {
    return { stage: "parse" };
  }
  if (validate(reference.schema, document).length > 0) return { stage: "validate" };
  const operation = document.definitions.find(({ kind }) => kind === "OperationDefinition");
  if (getVariableValues(reference.schema, operation.variableDefinitions ?? [], variables ?? {}).errors) return { stage: "variables" };
  const result = await execute({ schema: reference.schema, document, rootValue: reference.root, variableValues: variables, operationName });
  // Marquee rejects such a request before anything runs, graphql-js when it gets to the field.
  if (result.errors?.some(isNullError)) return { stage: "null" };
  return { stage: "ok", result };
}

async function send(request) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify(request),
  });
  return { status: response.status, result: await response.json() };
}

/** Reduces a response to the data and the positions of its errors. The messages of the implementations differ. */
function comparable({ data, errors }) {
  const places = (errors ?? []).map(({ path, locations }) => JSON.stringify({ path, locations }));
  return JSON.parse(JSON.stringify({ data, errors: places.sort() }));
}

async function compare(request) {
  const [judged, { status, result }] = [await judge(request), await send(request)];
  const text = JSON.stringify(result).slice(0, 600);
  if (judged.stage !== "ok") {
    const isRejected = status === 400 && result.data === undefined && result.errors.length > 0;
    return isRejected ? judged.stage : `rejected by graphql-js (${judged.stage}), but ${status} from Marquee ${text}`;
  }
  if (status !== 200) return `valid for graphql-js, but ${status} from Marquee ${text}`;
  const [wanted, got] = [comparable(judged.result), comparable(result)];
  if (isDeepStrictEqual(got, wanted)) return judged.result.errors ? "ok with errors" : "ok";
  return `different responses\n  graphql-js: ${JSON.stringify(wanted).slice(0, 600)}\n  Marquee:    ${JSON.stringify(got).slice(0, 600)}`;
}

const verdicts = new Map();
const differing = [];
async function check(what, request) {
  const found = await compare(request);
  const verdict = ["ok", "ok with errors", "parse", "validate", "variables", "null"].includes(found) ? found : "differs";
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  if (verdict === "differs") differing.push(`${what}: ${found}\n  ${request.query}\n  ${JSON.stringify(request.variables)}`);
}

for (let number = 0; number < VALID; number += 1) await check("valid", maker.request());
for (let number = 0; number < FAILING; number += 1) await check("fails at execution", maker.failing());
for (const [what, mistake] of Object.entries(MISTAKES)) {
  let made = 0;
  for (let tries = 0; tries < 200 && made < EACH_MISTAKE; tries += 1) {
    const request = maker.request();
    const query = mistake(request.query);
    if (query === request.query) continue;
    made += 1;
    await check(what, { ...request, query });
  }
  if (made === 0) report.fail(what, "the mistake applies to no document");
}
for (const [type, value] of BAD_VALUES) {
  await check(`a variable of ${type}`, { query: using(type), variables: value === undefined ? {} : { v: value } });
}
for (const request of nulls(reference)) await check("a nullable variable with a default", request);
const options = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true };
await check("introspection", { query: "{ __type(name: \"Node\") { name kind interfaces { name } } }" });
await check("introspection", { query: "{ a: __type(name: \"Film\") { i: interfaces { name } fields { name } } b: __type(name: \"Nothing\") { name } }" });
const { result } = await send({ query: getIntrospectionQuery(options) });
report.none("the introspection query of tools succeeds", (result.errors ?? []).map(({ message }) => message));

const total = [...verdicts.values()].reduce((sum, count) => sum + count, 0);
report.none(`${total} requests, at random by seed ${seed}, have the same verdict and response as with graphql-js`, differing);
for (const least of [["ok", 200], ["ok with errors", 20], ["parse", 10], ["validate", 60], ["variables", 15], ["null", 30]]) {
  const [verdict, count] = least;
  const found = verdicts.get(verdict) ?? 0;
  report.none(`of them ${found} are ${verdict}`, found < count ? [`fewer than ${count}`] : []);
}
report.close("graphql-js and Marquee agree");
