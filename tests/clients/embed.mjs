// The snippet of docs/faq.md that shows a score in a page of another origin, in a real browser. The server must have the
// demo catalogue, allow the origin of the page, and have `--max-age=60`. The script prints the address of the page as an
// error, and then reads the base URL of the server from its input.
//
//     node embed.mjs

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { launchBrowser } from "./browser.mjs";
import { Report } from "./common.mjs";

const FILM = "the-lighthouse-tax-2019";

const faq = readFileSync(new URL("../../docs/faq.md", import.meta.url), "utf8");
const [, snippet] = /```html\n([\s\S]+?)```/.exec(faq);
let page = "";
const site = createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(page);
});
site.listen(0);
await once(site, "listening");
const { port } = site.address();

console.error(`listening on http://localhost:${port}/`);
const [line] = await once(createInterface({ input: process.stdin }), "line");
const base = line.trim();
const report = new Report();

/** Replaces a text of the snippet that occurs once. */
function replaced(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`${from} is not in the snippet once`);
  return text.replace(from, to);
}

const ours = replaced(snippet, "https://films.example/graphql", `${base}/graphql`);
page = `<!doctype html><meta charset="utf-8"><title>Magazine</title><p data-film="no-such-film">…</p>${replaced(ours, "the-quiet-ferry-2001", FILM)}`;

const browser = await launchBrowser();
try {
  const context = await browser.newContext();
  await report.step("a page of another origin shows the score, without a preflight request", async () => {
    const requests = await visit(context, "localhost");
    for (const { method, status, isCached } of requests) equal(`${method} ${status} ${isCached}`, "GET 200 false");
    equal(requests.length, 2);
  });
  await report.step("a second visit shows it from the browser's cache", async () => {
    const requests = await visit(context, "localhost");
    const film = requests.find(({ url }) => url.includes(FILM));
    equal(film.isCached, true);
  });
  await report.step("a client that has the score gets 304 without a body", async () => {
    const [request] = await visit(await browser.newContext(), "localhost");
    const headers = { origin: `http://localhost:${port}` };
    const { headers: first } = await fetch(request.url, { headers });
    const again = await fetch(request.url, { headers: { ...headers, "if-none-match": first.get("etag") } });
    equal(again.status, 304);
    equal(again.headers.get("access-control-allow-origin"), headers.origin);
    equal(await again.text(), "");
  });
  await report.step("a page of an origin that is not allowed shows nothing", async () => {
    const other = await (await browser.newContext()).newPage();
    await other.goto(`http://127.0.0.1:${port}/`);
    const failure = await other.waitForEvent("pageerror");
    if (!failure.message.includes("fetch")) throw new Error(failure.message);
    equal(await other.locator(`[data-film=${FILM}]`).textContent(), "");
  });
} finally {
  await browser.close();
}
report.close("a score can be embedded in a page of another origin");
// Open connections would keep the process running.
process.exit();

/** Opens the page, waits for its scores, and returns its requests to the API. */
async function visit(context, host) {
  const tab = await context.newPage();
  const requests = [];
  const session = await context.newCDPSession(tab);
  await session.send("Network.enable");
  const methods = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => methods.set(requestId, request.method));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    if (!response.url.startsWith(base)) return;
    requests.push({ url: response.url, status: response.status, method: methods.get(requestId), isCached: response.fromDiskCache });
  });
  await tab.goto(`http://${host}:${port}/`);
  const place = tab.locator(`[data-film=${FILM}]`);
  await place.filter({ hasText: /^\d+ .+ - based on \d+ Critics$/ }).waitFor();
  equal(await tab.locator("[data-film=no-such-film]").textContent(), "");
  await tab.close();
  return requests;
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}
