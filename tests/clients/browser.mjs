// The real browser of the scripts in this directory.

import { chromium } from "playwright-core";

// These flags keep Chromium from connecting to its vendor's hosts at startup.
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

/** Starts the browser: /usr/bin/chromium, unless CHROMIUM names another. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: QUIET,
    // Chromium's sandbox does not work as root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}
