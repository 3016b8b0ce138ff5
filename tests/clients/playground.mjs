// The playground in a real browser: it loads nothing from elsewhere, keeps to its Content-Security-Policy, and each of its
// example queries is answered; its subscription as well, for which somebody has to add reviews meanwhile. A second argument is
// where to put a screenshot.
//
//     node playground.mjs http://127.0.0.1:8000 [playground.png]
//
// The browser is /usr/bin/chromium, or what CHROMIUM names.

import { chromium } from "playwright-core";

import { baseUrl, Report } from "./common.mjs";

// Chromium looks up its maker's hosts when it starts, unless told not to.
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];
const EXAMPLES = 4;

/** The tab of the subscription. */
const LIVE = "Live";

const base = baseUrl();
const screenshot = process.argv[3];
const report = new Report();

const browser = await report.step("the browser starts", () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: QUIET,
    // Chromium's sandbox refuses to run as root.
    chromiumSandbox: process.getuid?.() !== 0,
  }),
);
if (browser) {
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await visit(page);
  } finally {
    await browser.close();
  }
}
report.close("the playground works");

async function visit(page) {
  const { requests, complaints } = await watch(page);

  const opened = await report.step("the page opens with an editor", async () => {
    const response = await page.goto(`${base}/playground`);
    if (response.status() !== 200) throw new Error(`status ${response.status()}`);
    if (!response.headers()["content-security-policy"]) throw new Error("it came without a Content-Security-Policy");
    await page.locator(".graphiql-query-editor .CodeMirror").waitFor();
    return true;
  });
  if (!opened) {
    report.none("the browser has no complaints", complaints);
    return;
  }

  const tabs = page.locator(".graphiql-tab-button");
  await report.step(`at least ${EXAMPLES} examples stand in tabs`, async () => {
    const count = await tabs.count();
    if (count < EXAMPLES) throw new Error(`there are ${count}`);
  });
  for (const name of await tabs.allTextContents()) {
    if (name === LIVE) continue;
    await report.step(`${name} is answered`, () => run(page, name));
    if (screenshot && name === "FilmPage") await page.screenshot({ path: screenshot });
  }

  await report.step(`${LIVE} shows what happens`, () => watchLive(page));

  // Dialogs add a style element to the page, which the policy has to know.
  await report.step("a dialog opens and closes", async () => {
    await page.getByRole("button", { name: "Open settings dialog" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  const elsewhere = requests.filter((url) => new URL(url).host !== new URL(base).host);
  report.none(`all ${requests.length} requests went to ${base}`, elsewhere);
  report.none("the browser has no complaints", complaints);
}

/** Collects every URL that the page asks for, and whatever the browser has against the page. */
async function watch(page) {
  const requests = [];
  const complaints = [];
  page.on("request", (request) => {
    // What a data URL holds, the page brought along.
    if (!request.url().startsWith("data:")) requests.push(request.url());
  });
  page.on("websocket", (socket) => requests.push(socket.url()));
  page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  await page.exposeFunction("reportViolation", (violation) => complaints.push(`policy: ${violation}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
      globalThis.reportViolation(`${effectiveDirective} blocked ${blockedURI} of ${sourceFile}:${lineNumber}`);
    });
  });
  return { requests, complaints };
}

/** Opens the tab of that name, which is its operation's. */
async function open(page, name) {
  await page.locator(".graphiql-tab-button", { hasText: name }).click();
  // GraphiQL reads the operation's name a moment after the tab has changed, and sends the last tab's name until then.
  await page.waitForFunction(
    (expected) =>
      document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror.operationName === expected,
    name,
  );
}

/** Runs the subscription until two events have come, one in the place of the other. */
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

/** The event that is shown once it is another than the last. */
async function another(page, last) {
  const shown = await page.waitForFunction((before) => {
    const now = document.querySelector(".graphiql-response .result-window .CodeMirror")?.CodeMirror.getValue();
    return now?.includes('"reviewAdded"') && now !== before ? now : false;
  }, last);
  return shown.jsonValue();
}

/** Runs the query in the tab of that name. Each example's answer has a film's title in it. */
async function run(page, name) {
  await open(page, name);
  const answered = page.waitForResponse((response) => operationOf(response.request()) === name);
  await page.getByRole("button", { name: /^Execute query/ }).click();

  const response = await answered;
  const type = response.headers()["content-type"];
  if (response.status() !== 200 || !type?.startsWith("application/graphql-response+json")) {
    throw new Error(`${response.status()} ${type}\n${await response.text()}`);
  }

  // From the editor's model: the page itself holds only the lines that are in view.
  const shown = await page.waitForFunction(() =>
    document.querySelector(".graphiql-response .result-window .CodeMirror")?.CodeMirror.getValue(),
  );
  const answer = await shown.jsonValue();
  if (!answer.includes('"title"') || answer.includes('"errors"')) throw new Error(answer.slice(0, 2000));
}

function operationOf(request) {
  return request.method() === "POST" ? request.postDataJSON()?.operationName : undefined;
}
