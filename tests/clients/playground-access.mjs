// The playground's token, its examples of the server's own catalogue, and its form on narrow screens, in a real browser.
// The catalogue of the first server is empty. The second has one, and shows nothing without a token. TOKEN is that of an
// editor at both.
//
//     node playground-access.mjs http://127.0.0.1:8000 TOKEN http://127.0.0.1:8001 TOKEN
//
// The browser is /usr/bin/chromium, unless CHROMIUM names another.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { launchBrowser } from "./browser.mjs";
import { baseUrl, Report } from "./common.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The sizes of narrow screens: of a phone, of the smallest phone, and a low window below the limit of 600 pixels. */
const NARROW = [
  { width: 375, height: 667 },
  { width: 320, height: 568 },
  { width: 599, height: 360 },
];

const empty = baseUrl();
const [, , , emptyToken, closed, closedToken] = process.argv;
const report = new Report();

const browser = await launchBrowser();
try {
  await visitEmpty(await open(empty));
  await visitClosed(await open(closed));
  for (const size of NARROW) await visitNarrow(size);
} finally {
  await browser.close();
}
report.close("the playground has a token, examples of its own catalogue, and a form for narrow screens");

/** An empty catalogue: from the first film to the first review. */
async function visitEmpty({ page, errors }) {
  await report.step("the examples of an empty catalogue say how to add the first film", async () => {
    const names = await tabs(page).allTextContents();
    equal(names[0], "AddFilm");
    await openTab(page, "FilmPage");
    const text = await editor(page);
    for (const words of ["no film yet", 'the tab "AddFilm"', "marquee import csv"]) contains(text, words);
  });
  await report.step("without a token the caller is anonymous, and the server says what a mutation needs", async () => {
    equal(await viewer(page), "anonymous");
    await openTab(page, "AddFilm");
    await runFromMenu(page, "AddFilm");
    contains(await result(page, "FORBIDDEN"), "EDITOR");
  });
  await report.step("the keyboard leads to the token", () => enterByKeyboard(page, "not a token"));
  await report.step("what can't be a token is told in words, and not sent", async () => {
    contains(await page.getByRole("alert").textContent(), "This is not a token");
    equal(await page.getByLabel("API token").getAttribute("aria-invalid"), "true");
    equal(await viewer(page), "anonymous");
  });
  await report.step("a wrong token is told in words", async () => {
    await page.getByLabel("API token").fill(`${emptyToken.slice(0, -1)}x`);
    await page.getByRole("button", { name: "Use token" }).click();
    await viewerBecomes(page, /^token not accepted$/);
    contains(await page.getByRole("alert").textContent(), "The server does not accept this token: ");
    contains(await page.locator("#token-help").textContent(), "marquee token create --role editor");
  });
  await report.step("the masthead and the panel pass axe", () => checkAccessibility(page));
  await report.step("a token says whose it is, and the panel closes", async () => {
    await page.getByLabel("API token").fill(`  Bearer ${emptyToken}\t`);
    await page.getByRole("button", { name: "Use token" }).click();
    await viewerBecomes(page, /^token editor, role editor, until \d/);
    await page.getByLabel("API token").waitFor({ state: "hidden" });
    equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  });
  await report.step("the token is stored for the session only", async () => {
    const stored = (storage) => page.evaluate((name) => Object.values(globalThis[name]).join("\n"), storage);
    contains(await stored("sessionStorage"), emptyToken);
    if ((await stored("localStorage")).includes(emptyToken)) throw new Error("it is in localStorage");
  });
  await report.step("the token is sent with a mutation", async () => {
    await openTab(page, "AddFilm");
    await runFromMenu(page, "AddFilm");
    await result(page, "the-quiet-ferry-2001");
  });
  await report.step("after a reload the examples have the film, and the token is still there", async () => {
    await reload(page);
    await viewerBecomes(page, /^token editor, role editor/);
    await openTab(page, "AddFilm");
    const text = await editor(page);
    contains(text, "# A review of The Quiet Ferry.");
    const [, film] = /film: "([^"]+)"/.exec(text);
    equal(atob(film).split(":")[0], "Film");
    await runFromMenu(page, "AddReview");
    contains(await result(page, '"score": 80'), "The Quiet Ferry");
  });
  await report.step("the examples with the film and the critic return data", async () => {
    await reload(page);
    for (const name of ["FilmPage", "Browse", "CriticPage"]) {
      await openTab(page, name);
      const text = await editor(page);
      if (text.includes("no film yet")) throw new Error(text);
      await page.getByRole("button", { name: /^Execute query/ }).click();
      contains(await result(page, "Quiet Ferry"), '"data"');
    }
  });
  await report.step("what the user has written stays", async () => {
    const own = "query Own { viewer { role } }\n";
    await page.evaluate((text) => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue(text), own);
    // GraphiQL stores the tabs after half a second.
    await page.waitForFunction((text) => localStorage.getItem("marquee:graphiql:tabState").includes(JSON.stringify(text)), own);
    await reload(page);
    equal(await editor(page), own);
  });
  await report.step("another window has no token", async () => {
    const other = await page.context().newPage();
    await visit(other, empty);
    await viewerBecomes(other, /^anonymous$/);
    await other.close();
  });
  report.none("the browser reports no errors", errors);
  await page.context().close();
}

/** A server that shows nothing without a token. */
async function visitClosed({ page, errors, frames }) {
  await report.step("a server without anonymous reads asks for a token", async () => {
    await viewerBecomes(page, /^anonymous, which may not read$/);
    contains(await page.getByRole("alert").textContent(), "Enter one");
  });
  await report.step("with the token the examples and the schema are there", async () => {
    await page.getByLabel("API token").fill(closedToken);
    await page.getByRole("button", { name: "Use token" }).click();
    await viewerBecomes(page, /^token editor, role editor$/);
    await page.waitForFunction(() =>
      /\$film: String! = "(?!the-quiet-ferry)/.test(document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror.getValue()),
    );
    await page.getByRole("button", { name: /^Execute query/ }).click();
    await result(page, '"data"');
    await page.getByRole("button", { name: /documentation explorer/i }).first().click();
    await page.getByText("SubscriptionRoot").or(page.getByText("Root Types")).first().waitFor();
  });
  await report.step("a subscription sends the token in connection_init", async () => {
    await openTab(page, "Live");
    await page.getByRole("button", { name: /^Execute query/ }).click();
    await waitUntil(() => frames.some((frame) => frame.includes("connection_ack")));
    const init = frames.map((frame) => JSON.parse(frame)).find(({ type }) => type === "connection_init");
    equal(init.payload.Authorization, `Bearer ${closedToken}`);
    await page.getByRole("button", { name: /^Stop query/ }).click();
  });
  report.none("the browser reports no errors", errors);
  await report.step("a token that is forgotten is gone", async () => {
    await page.getByText("Token", { exact: true }).click();
    await page.getByRole("button", { name: "Forget token" }).click();
    await viewerBecomes(page, /^anonymous, which may not read$/);
    equal(await page.evaluate(() => Object.values(sessionStorage).join("")), "");
  });
  await page.context().close();
}

/** A narrow screen: the result, the play button and the token can be reached. */
async function visitNarrow(size) {
  const { page, errors } = await open(empty, size);
  const name = `${size.width}×${size.height}`;
  await report.step(`${name}: nothing is wider than the screen`, async () => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > size.width) throw new Error(`${width}`);
  });
  await report.step(`${name}: the operation can be run, and its result is visible`, async () => {
    await openTab(page, "Browse");
    const play = page.getByRole("button", { name: /^Execute query/ });
    await isReachable(page, play, size);
    await play.click();
    await result(page, "Quiet Ferry");
    const pane = page.locator(".graphiql-response");
    await pane.scrollIntoViewIfNeeded();
    const { width, height } = await isReachable(page, pane, size);
    if (width < 0.8 * size.width || height < 150) throw new Error(`${width} × ${height}`);
    const line = page.locator(".graphiql-response .CodeMirror-line", { hasText: "data" }).first();
    await line.scrollIntoViewIfNeeded();
    await isReachable(page, line, size);
  });
  await report.step(`${name}: the token can be entered`, async () => {
    await page.getByText("Token", { exact: true }).click();
    for (const part of [page.getByLabel("API token"), page.getByRole("button", { name: "Use token" })]) {
      await isReachable(page, part, size);
    }
    await checkAccessibility(page);
  });
  report.none(`${name}: the browser reports no errors`, errors);
  await page.context().close();
}

/** Returns the part of an element's box that the window shows. Its middle belongs to the element. */
async function isReachable(page, locator, { width, height }) {
  const box = await locator.boundingBox();
  const left = Math.max(box.x, 0);
  const top = Math.max(box.y, 0);
  const shown = { width: Math.min(box.x + box.width, width) - left, height: Math.min(box.y + box.height, height) - top };
  if (shown.width <= 0 || shown.height <= 0) throw new Error(`it is outside of the window: ${JSON.stringify(box)}`);
  const isOnTop = await locator.evaluate(
    (element, [x, y]) => element.contains(document.elementFromPoint(x, y)),
    [left + shown.width / 2, top + shown.height / 2],
  );
  if (!isOnTop) throw new Error(`something covers it: ${JSON.stringify(box)}`);
  return shown;
}

/** Opens the panel and enters a text by the keyboard alone. Escape closes the panel before. */
async function enterByKeyboard(page, text) {
  await page.evaluate(() => document.activeElement.blur());
  const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.id);
  for (let count = 0; (await focused()) !== "Token"; count += 1) {
    if (count > 5) throw new Error(`Tab leads to ${await focused()}`);
    await page.keyboard.press("Tab");
  }
  const field = page.getByLabel("API token");
  await page.keyboard.press("Enter");
  await field.waitFor();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "hidden" });
  equal(await focused(), "Token");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  equal(await focused(), "token");
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** Asserts that axe finds nothing wrong with what the playground adds to GraphiQL. */
async function checkAccessibility(page) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => (await globalThis.axe.run(".masthead")).violations);
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  if (found.length > 0) throw new Error(found.join("\n"));
}

/** Opens the playground in a session of its own, and collects the errors of the browser and the frames that it sends. */
async function open(base, viewport = { width: 1280, height: 800 }) {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const errors = [];
  const frames = [];
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    // The browser reports each response of 401, and wrong tokens are part of the test.
    const isRefusal = message.text().includes("status of 401");
    if (message.type() === "error" && !isRefusal) errors.push(`console: ${message.text()}`);
  });
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => frames.push(payload));
    socket.on("framereceived", ({ payload }) => frames.push(payload));
  });
  await visit(page, base);
  return { page, errors, frames };
}

async function visit(page, base) {
  await page.goto(`${base}/playground`);
  await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
}

async function reload(page) {
  // GraphiQL stores the tabs after half a second.
  await page.waitForFunction(() => localStorage.getItem("marquee:graphiql:tabState") !== null);
  await page.reload();
  await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
}

function tabs(page) {
  return page.locator(".graphiql-tab-button");
}

function viewer(page) {
  return page.locator("#viewer").textContent();
}

async function viewerBecomes(page, expected) {
  await waitUntil(async () => expected.test(await viewer(page)), () => viewer(page));
}

/** Returns the text of the open tab. */
function editor(page) {
  return page.evaluate(() => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue());
}

/** Opens the tab of an operation by its name. */
async function openTab(page, name) {
  await tabs(page).filter({ hasText: name }).click();
  // GraphiQL updates the operation's name later than the text, and sends the previous name until then.
  await page.waitForFunction((expected) => {
    const editor = document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror;
    return editor?.getValue().includes(` ${expected}`) && editor.operationName === expected;
  }, name);
}

/** Runs one of the operations of a tab, which the play button lists. */
async function runFromMenu(page, name) {
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.getByRole("menuitem", { name }).click();
}

/** Waits until the result contains a text, and returns it. */
async function result(page, text) {
  const shown = await page.waitForFunction((expected) => {
    const now = document.querySelector(".graphiql-response .result-window .CodeMirror")?.CodeMirror.getValue();
    return now?.includes(expected) ? now : false;
  }, text);
  return shown.jsonValue();
}

async function waitUntil(holds, describe = () => "") {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`timed out: ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function contains(text, words) {
  if (!text.includes(words)) throw new Error(`${JSON.stringify(words)} is not in ${text.slice(0, 2000)}`);
}
