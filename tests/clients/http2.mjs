// A browser with more event streams of one origin than it has connections of HTTP/1.1. Over HTTP/2 all of them receive
// events, further requests are answered, and a WebSocket opens. The caller must add reviews meanwhile. The certificate
// of the server may be self-signed.
//
//     node http2.mjs https://localhost:8000
//
// The browser is /usr/bin/chromium, unless CHROMIUM names another.

import { chromium } from "playwright-core";

import { baseUrl, Report } from "./common.mjs";

/** Chromium has six connections of HTTP/1.1 to a host. */
const STREAMS = 12;

const base = baseUrl();
const report = new Report();

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-quic", "--no-first-run"],
  // Chromium's sandbox does not work as root.
  chromiumSandbox: process.getuid?.() !== 0,
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await visit(page);
} finally {
  await browser.close();
}
report.close("event streams and requests share a connection");

async function visit(page) {
  await report.step("the playground opens", () => page.goto(`${base}/playground`));
  await report.step("all files come by HTTP/2", async () => {
    const protocols = await page.evaluate(() =>
      performance.getEntriesByType("resource").map((entry) => entry.nextHopProtocol),
    );
    if (protocols.length < 5 || protocols.some((protocol) => protocol !== "h2")) throw new Error(protocols.join());
  });
  await report.step(`${STREAMS} event streams receive events`, () => page.evaluate(openStreams, STREAMS));
  await report.step("a request is answered meanwhile", async () => {
    const answer = await page.evaluate(sendQuery);
    if (answer.data?.__typename !== "Query") throw new Error(JSON.stringify(answer));
  });
  await report.step("the streams are still open", async () => {
    const open = await page.evaluate(() => globalThis.streams.filter((stream) => !stream.hasEnded).length);
    if (open !== STREAMS) throw new Error(`${open} streams are open`);
  });
  await report.step("a WebSocket opens", async () => {
    const protocol = await page.evaluate(openSocket);
    if (protocol !== "graphql-transport-ws") throw new Error(`the protocol is ${protocol}`);
  });
}

/** Opens event streams in the page, and waits until each has received an event. */
async function openStreams(count) {
  const open = async () => {
    const response = await fetch("graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ query: "subscription { reviewAdded { byline score } }" }),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const stream = { hasEnded: false };
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let received = "";
    while (!received.includes("reviewAdded")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the stream ended: ${received}`);
      received += value;
    }
    // Goes on reading, so that the stream stays open.
    const drain = async () => {
      while (!(await reader.read()).done);
      stream.hasEnded = true;
    };
    drain();
    return stream;
  };
  globalThis.streams = await Promise.all(Array.from({ length: count }, open));
}

async function sendQuery() {
  const response = await fetch("graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  return response.json();
}

function openSocket() {
  return new Promise((resolve, reject) => {
    const url = new URL("graphql", location.href);
    url.protocol = "wss:";
    const socket = new WebSocket(url, "graphql-transport-ws");
    socket.onopen = () => resolve(socket.protocol);
    socket.onerror = () => reject(new Error("the socket failed"));
  });
}
