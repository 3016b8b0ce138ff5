// The playground in a real browser. It loads nothing from other hosts and violates no Content-Security-Policy. Its
// example queries return data, and its subscription receives events, for which the caller must add reviews meanwhile.
// The optional second argument is the path of a screenshot.
//
//     node playground.mjs http://127.0.0.1:8000 [playground.png]
//
// The browser is /usr/bin/chromium, unless CHROMIUM names another.

import { launchBrowser } from "./browser.mjs";
import { baseUrl, Report } from "./common.mjs";

const EXAMPLES = 5;

/** The tab of the subscription. */
const LIVE = "Live";

/** The tab of the mutations, which need a token. */
const MUTATIONS = "AddFilm";

const base = baseUrl();
const screenshot = process.argv[3];
const report = new Report();

const browser = await report.step("the browser starts", launchBrowser);
if (browser) {
  try {
    // The certificate of a proxy under test may be self-signed.
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true });
    await visit(page);
  } finally {
    await browser.close();
  }
}
report.close("the playground works");

async function visit(page) {
  const { requests, errors } = await watch(page);

  const opened = await report.step("the page opens with an editor", async () => {
    const response = await page.goto(`${base}/playground`);
    if (response.status() !== 200) throw new Error(`status ${response.status()}`);
    if (!response.headers()["content-security-policy"]) throw new Error("the response has no Content-Security-Policy");
    await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
    return true;
  });
  if (!opened) {
    report.none("the browser reports no errors", errors);
    return;
  }

  const tabs = page.locator(".graphiql-tab-button");
  await report.step(`at least ${EXAMPLES} tabs have examples`, async () => {
    const count = await tabs.count();
    if (count < EXAMPLES) throw new Error(`found ${count} tabs`);
  });
  for (const name of await tabs.allTextContents()) {
    if (name === LIVE || name === MUTATIONS) continue;
    await report.step(`${name} returns data`, () => run(page, name));
    if (screenshot && name === "FilmPage") await page.screenshot({ path: screenshot });
  }

  await report.step(`${LIVE} shows events`, () => watchLive(page));

  // Dialogs add a style element to the page, which the policy must allow.
  await report.step("a dialog opens and closes", async () => {
    await page.getByRole("button", { name: "Open settings dialog" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  await report.step("the schema and the endpoint have their paths", async () => {
    const path = new URL(base).pathname.replace(/\/$/, "");
    const shown = await page.locator(".endpoint").first().textContent();
    if (shown !== `${path}/graphql`) throw new Error(`the endpoint is shown as ${shown}`);
    const link = await page.getByRole("link", { name: "Schema" }).getAttribute("href");
    const schema = await page.request.get(new URL(link, page.url()).href);
    if (!(await schema.text()).includes("type Query")) throw new Error(`${schema.status()} of ${schema.url()}`);
    requests.push(schema.url());
  });
  await report.step("the endpoint leads a browser to the playground", async () => {
    for (const path of ["/", "/graphql", "/graphql/", "/playground/"]) {
      const led = await page.request.get(`${base}${path}`, { headers: { accept: "text/html,*/*;q=0.8" } });
      if (!led.ok() || led.url() !== `${base}/playground`) throw new Error(`${path} leads to ${led.url()}`);
    }
  });

  const elsewhere = requests.filter((url) => !url.replace(/^ws/, "http").startsWith(`${base}/`));
  report.none(`all ${requests.length} requests went to ${base}`, elsewhere);
  report.none("the browser reports no errors", errors);
}

/** Collects every URL that the page requests, and every error that the browser reports. */
async function watch(page) {
  const requests = [];
  const errors = [];
  page.on("request", (request) => {
    // Data URLs cause no network requests.
    if (!request.url().startsWith("data:")) requests.push(request.url());
  });
  page.on("websocket", (socket) => requests.push(socket.url()));
  page.on("requestfailed", (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()}`);
  });
  await page.exposeFunction("reportViolation", (violation) => errors.push(`policy: ${violation}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
      globalThis.reportViolation(`${effectiveDirective} blocked ${blockedURI} of ${sourceFile}:${lineNumber}`);
    });
  });
  return { requests, errors };
}

/** Opens the tab of an operation by its name. */
async function open(page, name) {
  await page.locator(".graphiql-tab-button", { hasText: name }).click();
  // GraphiQL updates the operation's name asynchronously after a change of tabs, and sends the previous name until
  // then.
  await page.waitForFunction(
    (expected) =>
      document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror.operationName === expected,
    name,
  );
}

/** Runs the subscription until two events were shown, one after the other. */
async function watchLive(page) {
  await open(page, LIVE);
  await page.getByRole("button", { name: /^Execute query/ }).click();
  const first = await another(page, "");
  const second = await another(page, first);
  await page.getByRole("button", { name: /^Stop query/ }).click();
  for (const event of [first, second]) {
    if (!event.includes('"title"') || event.includes('"errors"')) throw new Error(event.slice(0, 2000));
  }
}

/** Waits until an event other than the last one is shown, and returns it. */
async function another(page, last) {
  const shown = await page.waitForFunction((before) => {
    const now = document.querySelector(".graphiql-response .result-window .CodeMirror")?.CodeMirror.getValue();
    return now?.includes('"reviewAdded"') && now !== before ? now : false;
  }, last);
  return shown.jsonValue();
}

/** Runs the query in the tab of this name. The response of each example contains the title of a film. */
async function run(page, name) {
  await open(page, name);
  const pending = page.waitForResponse((response) => operationOf(response.request()) === name);
  await page.getByRole("button", { name: /^Execute query/ }).click();

  const response = await pending;
  const type = response.headers()["content-type"];
  if (response.status() !== 200 || !type?.startsWith("application/graphql-response+json")) {
    throw new Error(`${response.status()} ${type}\n${await response.text()}`);
  }

  // Read from the editor's model, since the DOM contains only the visible lines.
  const shown = await page.waitForFunction(() =>
    document.querySelector(".graphiql-response .result-window .CodeMirror")?.CodeMirror.getValue(),
  );
  const result = await shown.jsonValue();
  if (!result.includes('"title"') || result.includes('"errors"')) throw new Error(result.slice(0, 2000));
}

function operationOf(request) {
  return request.method() === "POST" ? request.postDataJSON()?.operationName : undefined;
}
