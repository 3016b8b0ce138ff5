// Generators of typed clients: gql.tada, the client preset of graphql-codegen, and genql. They read the server's schema,
// `tsc` checks the programs in `src`, and these run against the server. It also checks films as JSON-LD by the types of
// schema.org.
//
//     node codegen/codegen.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { GraphQLClient } from "graphql-request";

import { baseUrl, Report } from "../common.mjs";

const HERE = import.meta.dirname;
const url = `${baseUrl()}/graphql`;
const headers = { authorization: `Bearer ${process.argv[3]}` };
const report = new Report();

const schema = await (await fetch(`${baseUrl()}/schema.graphql`)).text();
for (const directory of ["generated", "dist"]) await rm(path.join(HERE, directory), { recursive: true, force: true });
await mkdir(path.join(HERE, "generated"));
await writeFile(path.join(HERE, "schema.graphql"), schema);

const scalars = ["Date:string", "DateTime:string", "Locale:string"].flatMap((scalar) => ["--scalar", scalar]);
const tools = {
  "gql.tada": ["gql.tada", "generate-output"],
  "graphql-codegen": ["graphql-codegen", "--config", "codegen.json"],
  genql: ["genql", "--schema", "schema.graphql", "--output", "generated/genql", ...scalars],
};
await Promise.all(Object.entries(tools).map(([name, line]) => report.step(`${name} reads the schema`, () => tool(...line))));
await report.step("films are read as JSON-LD", () => writeTyped("json-ld.ts", jsonLd));
await report.step("tsc accepts the programs, and what they expect to be errors is one", () => tool("tsc", "--project", "."));

const client = new GraphQLClient(url, { headers });
const review = await report.step("there is a review to change", add);
const programs = {
  tada: ({ run }) => run(client, review),
  preset: ({ run }) => run(client, review),
  genql: ({ run }) => run(url, headers, review),
};
for (const [name, run] of Object.entries(programs)) {
  await report.step(`${name} runs`, async () => run(await import(`./dist/src/${name}.js`)));
}
report.close("the generated clients work");

/** Returns a program that has films as JSON-LD as literals, so that `tsc` rejects unknown properties as well. */
async function jsonLd() {
  const { films } = await new GraphQLClient(url).request("{ films(first: 50) { nodes { jsonLd(first: 5) } } }");
  assert(films.nodes.some(({ jsonLd }) => jsonLd.includes("AggregateRating") && jsonLd.includes("CriticReview")));
  const literals = films.nodes.map(({ jsonLd }) => jsonLd).join(",\n");
  return `import type { Movie, WithContext } from "schema-dts";\n\nexport const FILMS: WithContext<Movie>[] = [\n${literals}\n];\n`;
}

/** Writes a generated program. */
async function writeTyped(file, program) {
  await writeFile(path.join(HERE, "generated", file), await program());
}

async function add() {
  const { films } = await client.request("{ films(first: 1) { nodes { id } } }");
  const document = "mutation ($input: AddReviewInput!) { addReview(input: $input) { review { id } } }";
  const { addReview } = await client.request(document, { input: { film: films.nodes[0].id, score: 80, excerpt: "A lamp." } });
  assert(addReview.review);
  return addReview.review.id;
}

/** Runs a program of the packages. Throws with its output if it fails. */
async function tool(name, ...line) {
  const program = path.join(HERE, "node_modules/.bin", name);
  const failed = ({ message, stdout, stderr }) => Promise.reject(new Error(`${message}\n${stdout}\n${stderr}`));
  await promisify(execFile)(program, line, { cwd: HERE }).catch(failed);
}
