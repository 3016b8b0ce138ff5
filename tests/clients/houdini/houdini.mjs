// Houdini: artifacts and a runtime that are generated from the server's schema, with its cache.
//
//     node houdini/houdini.mjs http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR SLUG_OF_A_FILM

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { build } from "esbuild";

import { baseUrl, Report } from "../common.mjs";

const HERE = import.meta.dirname;
const url = `${baseUrl()}/graphql`;
const [token, slug] = process.argv.slice(3);
const report = new Report();

// Outside a browser, the runtime has a cache for each request.
globalThis.window ??= globalThis;

const app = await report.step("the generator reads the schema, and a bundler its result", async () => {
  rmSync(path.join(HERE, "generated"), { recursive: true, force: true });
  const schema = await (await fetch(`${baseUrl()}/schema.graphql`)).text();
  writeFileSync(path.join(HERE, "schema.graphql"), schema);
  const program = path.join(HERE, "node_modules/.bin/houdini");
  const output = execFileSync(program, ["generate"], { cwd: HERE, encoding: "utf8" });
  assert.match(output, /FilmReviews/);
  const outfile = path.join(HERE, "generated/app.mjs");
  await build({ entryPoints: [path.join(HERE, "app.js")], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  return import(outfile);
});
if (!app) process.exit(1);

const client = app.connect(url, token);
const list = client.observe({ artifact: app.filmReviews });
let shown;
list.subscribe(({ data }) => (shown = data?.film ?? shown));

await report.step("pages are appended until the last, and times are of the type of the configuration", async () => {
  await list.send({ variables: { slug } });
  let pages = 1;
  while (shown.reviews.pageInfo.hasNextPage) {
    const variables = { slug, first: 3, after: shown.reviews.pageInfo.endCursor };
    await list.send({ variables, policy: "NetworkOnly", cacheParams: { disableSubscriptions: true, applyUpdates: ["append"] } });
    pages += 1;
    assert(pages < 50);
  }
  const reviews = shown.reviews.edges.map(({ node }) => node);
  assert.equal(new Set(reviews.map(({ id }) => id)).size, shown.score.reviewCount);
  assert.equal(pages, Math.ceil(reviews.length / 3));
  assert(reviews.every(({ createdAt }) => createdAt instanceof Date && !Number.isNaN(createdAt.getTime())));
});

await report.step("a mutation's result changes the review in the cache, and what is left out stays", async () => {
  const [{ node: review }] = shown.reviews.edges;
  const excerpt = "Changed by Houdini.";
  const mutation = client.observe({ artifact: app.updateReview });
  const { data, errors } = await mutation.send({ variables: { input: { id: review.id, excerpt } } });
  assert.equal(errors, null);
  assert.deepEqual(data.updateReview.userErrors, []);
  assert.equal(data.updateReview.review.score, review.score);
  await list.send({ variables: { slug }, policy: "CacheOnly" });
  assert.equal(shown.reviews.edges[0].node.excerpt, excerpt);
});

report.close("Houdini works");
process.exit();
