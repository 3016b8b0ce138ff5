// A page on another origin in a real browser. It queries, mutates and subscribes with Apollo Client, signed out and
// signed in. Pages of origins that are not allowed get no response.
//
// The server can only be started once the page has an address. The script prints the port as an error, and then reads
// the base URL of the server and the token of an editor from its input. The server must allow the origins
// `http://localhost:PORT` and `http://*.films.localhost:PORT`, and have the demo catalogue.
//
//     node cross-origin.mjs

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launchBrowser } from "./browser.mjs";
import { Report } from "./common.mjs";

const ALLOWED = ["localhost", "www.films.localhost"];
/** The host of the same page by another name, and the domain of the wildcard. */
const OTHERS = ["127.0.0.1", "films.localhost", "evilfilms.localhost"];
const TIMEOUT = 20_000;

const VIEWER = "{ viewer { role } films(first: 1) { nodes { id title } } }";
const ADD_REVIEW = `mutation ($film: ID!, $excerpt: String!) {
  addReview(input: { film: $film, score: 70, excerpt: $excerpt }) { review { excerpt } userErrors { code } }
}`;
const ADDED = "subscription { reviewAdded { excerpt } }";

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("page/app.js", import.meta.url))],
  bundle: true,
  format: "esm",
  write: false,
});
const script = Buffer.from(outputFiles[0].contents);
const site = createServer((request, response) => {
  const isScript = request.url === "/app.js";
  response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
  response.end(isScript ? script : '<!doctype html><title>Films</title><script type="module" src="/app.js"></script>');
});
site.listen(0);
await once(site, "listening");
const { port } = site.address();

console.error(`listening on http://localhost:${port}/`);
const [line] = await once(createInterface({ input: process.stdin }), "line");
const [base, token] = line.split(" ");
const report = new Report();

const browser = await report.step("the browser starts", launchBrowser);
if (browser) {
  for (const host of ALLOWED) await visitAllowed(`http://${host}:${port}`);
  for (const host of OTHERS) {
    await report.step(`${host}: nothing is readable, and no socket opens`, () => visitOther(`http://${host}:${port}`));
  }
  await browser.close();
}
report.close("pages on other origins work");
// Open connections would keep the process running.
process.exit();

async function visitAllowed(origin) {
  let page = await open(origin);
  const film = await report.step(`${origin}, signed out: a query returns data`, async () => {
    const { data, errors } = await run(page, "query", VIEWER);
    assert.deepEqual(errors, []);
    assert.equal(data.viewer.role, "ANONYMOUS");
    return data.films.nodes[0].id;
  });
  await report.step(`${origin}, signed out: a mutation is forbidden`, async () => {
    const { errors } = await run(page, "mutate", ADD_REVIEW, { film, excerpt: "No." });
    assert.deepEqual(errors.map(({ code }) => code), ["FORBIDDEN"]);
  });
  await report.step(`${origin}, signed out: a subscription receives a review`, () => receive(page, film, `Seen from ${origin}.`));
  await report.step(`${origin}: the page reads the response headers`, async () => {
    const headers = await run(page, "headers", "{ films(first: 1) { totalCount } }");
    for (const name of ["etag", "x-request-id", "content-type"]) assert(headers[name], `${name}: ${JSON.stringify(headers)}`);
  });

  await page.evaluate((value) => localStorage.setItem("token", value), token);
  page = await reopen(page);
  await report.step(`${origin}, signed in: a query has the token`, async () => {
    const { data, errors } = await run(page, "query", VIEWER);
    assert.deepEqual([data.viewer.role, errors], ["EDITOR", []]);
  });
  await report.step(`${origin}, signed in: a mutation writes, and the subscription receives it`, async () => {
    const excerpt = `Written on ${origin}.`;
    await receive(page, film, excerpt, async () => {
      const { data, errors } = await run(page, "mutate", ADD_REVIEW, { film, excerpt });
      assert.deepEqual([data?.addReview.review.excerpt, data?.addReview.userErrors, errors], [excerpt, [], []]);
    });
  });

  await page.evaluate(() => localStorage.setItem("token", "wrong"));
  page = await reopen(page);
  await report.step(`${origin}, with an invalid token: nothing is anonymous`, async () => {
    const { data, errors } = await run(page, "query", VIEWER);
    assert.deepEqual([data, errors.length], [undefined, 1], JSON.stringify(errors));
    await run(page, "subscribe", ADDED);
    const [{ errors: closed }] = await events(page);
    assert.deepEqual(closed, [{ message: "Error: Socket closed with event 4403 Forbidden" }]);
  });
  await page.close();
}

async function visitOther(origin) {
  const page = await open(origin);
  const { data, errors } = await run(page, "query", VIEWER);
  assert.equal(data, undefined);
  assert.match(errors[0].message, /Failed to fetch/);
  await run(page, "subscribe", ADDED);
  const [{ errors: closed }] = await events(page);
  assert.deepEqual(closed, [{ message: "Error: Socket closed" }]);
  await page.close();
}

async function open(origin) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/?api=${encodeURIComponent(base)}`);
  await page.waitForFunction(() => globalThis.app);
  return page;
}

async function reopen(page) {
  await page.reload();
  await page.waitForFunction(() => globalThis.app);
  return page;
}

function run(page, name, ...parameters) {
  return page.evaluate(([name, parameters]) => globalThis.app[name](...parameters), [name, parameters]);
}

/** Waits for events of the page's subscription, and returns all of them. */
async function events(page) {
  const found = await page.waitForFunction(() => globalThis.app.events().length > 0 && globalThis.app.events(), null, { timeout: TIMEOUT });
  return found.jsonValue();
}

/** Subscribes, adds a review until the page has received one, and checks that the page has received it. */
async function receive(page, film, excerpt, add = () => addElsewhere(film, excerpt)) {
  await run(page, "subscribe", ADDED);
  const received = events(page);
  // The subscription may become active after the first review.
  let isReceived = false;
  const writes = (async () => {
    while (!isReceived) {
      await add();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  const all = await received.finally(() => {
    isReceived = true;
  });
  await writes;
  for (const { data, errors } of all) {
    assert.deepEqual([data?.reviewAdded.excerpt, errors], [excerpt, []]);
  }
}

/** Adds a review as another client. */
async function addElsewhere(film, excerpt) {
  const response = await fetch(`${base}/graphql`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ query: ADD_REVIEW, variables: { film, excerpt } }),
  });
  const { data, errors } = await response.json();
  assert.deepEqual([data?.addReview.userErrors, errors], [[], undefined]);
}
