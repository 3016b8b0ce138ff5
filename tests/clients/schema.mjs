// Checks the schema with graphql-js: by introspection it is valid and fully described, and /schema.graphql is the same
// schema.
//
//     node schema.mjs http://127.0.0.1:8000

import {
  buildClientSchema,
  buildSchema,
  findBreakingChanges,
  findDangerousChanges,
  GraphQLSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  specifiedDirectives,
  validateSchema,
} from "graphql";

import { baseUrl, Report } from "./common.mjs";

const base = baseUrl();
const report = new Report();

const served = await report.step("introspection returns a schema", introspect);
const printed = await report.step("/schema.graphql parses", async () => buildSchema(await fetchSdl()));

if (served) {
  report.none("the schema is valid", validateSchema(served).map(String));
  const elements = [...elementsOf(served)];
  report.none(
    `all of its ${elements.length} types, fields, arguments, values and directives are described`,
    elements.filter(({ description }) => !description?.trim()).map(({ path }) => `${path} has no description`),
  );
}

if (served && printed) {
  for (const [what, from, to] of [
    ["from /schema.graphql to introspection", own(printed), own(served)],
    ["from introspection to /schema.graphql", own(served), own(printed)],
  ]) {
    const changes = [...findBreakingChanges(from, to), ...findDangerousChanges(from, to)];
    report.none(`no change ${what}`, changes.map(({ type, description }) => `${type}: ${description}`));
  }
  report.none("both are equal, including descriptions and deprecations", differences(canonical(own(printed)), canonical(own(served))));
}

report.close("the schema passes all checks");

async function introspect() {
  const query = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query }),
  });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}\n${body.slice(0, 2000)}`);
  const { data, errors } = JSON.parse(body);
  if (errors) throw new Error(JSON.stringify(errors, null, 2));
  return buildClientSchema(data);
}

async function fetchSdl() {
  const response = await fetch(`${base}/schema.graphql`);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}\n${body.slice(0, 2000)}`);
  return body;
}

/** Yields every element of a schema that can have a description, except those that GraphQL itself defines. */
function* elementsOf(schema) {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    yield { path: type.name, description: type.description };
    if (isEnumType(type)) {
      for (const value of type.getValues()) yield { path: `${type.name}.${value.name}`, description: value.description };
    }
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        const path = `${type.name}.${field.name}`;
        yield { path, description: field.description };
        yield* argumentsOf(path, field.args ?? []);
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    if (isSpecifiedDirective(directive)) continue;
    yield { path: `@${directive.name}`, description: directive.description };
    yield* argumentsOf(`@${directive.name}`, directive.args);
  }
}

function* argumentsOf(path, args) {
  for (const { name, description } of args) yield { path: `${path}(${name}:)`, description };
}

/** Returns the lines of a schema's SDL in alphabetical order. */
function canonical(schema) {
  return printSchema(lexicographicSortSchema(schema)).split("\n");
}

/**
 * Returns a schema without its description and specified directives. async-graphql returns a constant for
 * `__schema.description`, which the SDL lacks. The sides may implement different specified directives.
 */
function own(schema) {
  const config = schema.toConfig();
  const directives = config.directives.filter((directive) => !isSpecifiedDirective(directive));
  return new GraphQLSchema({ ...config, description: undefined, directives: [...specifiedDirectives, ...directives] });
}

/** Returns the first difference of two texts with its context. Later differences mostly follow from it. */
function differences(left, right) {
  const at = left.findIndex((line, index) => line !== right[index]);
  if (at === -1 && left.length === right.length) return [];
  const line = at === -1 ? left.length : at;
  const around = (lines) => lines.slice(Math.max(0, line - 3), line + 4).join("\n");
  return [`/schema.graphql:\n${around(left)}\n\nintrospection:\n${around(right)}`];
}
