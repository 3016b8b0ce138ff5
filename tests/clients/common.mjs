// Shared code of the scripts in this directory: the server's URL from the command line, and a report of the checks.

/** Returns the base URL of the server under test without a trailing slash. */
export function baseUrl() {
  const given = process.argv[2];
  if (!given || !URL.canParse(given)) {
    console.error(`usage: node ${process.argv[1]} BASE_URL, such as http://127.0.0.1:8000`);
    process.exit(2);
  }
  return given.replace(/\/+$/, "");
}

/** Prints a line for each check and continues after failures. The exit status is 1 if any check failed. */
export class Report {
  #failures = 0;

  pass(what) {
    console.log(`ok    ${what}`);
  }

  fail(what, reason) {
    this.#failures += 1;
    console.error(`FAIL  ${what}\n${reason.replace(/^/gm, "      ")}`);
  }

  /** Passes if there are no problems, and prints all of them otherwise. */
  none(what, problems) {
    if (problems.length === 0) this.pass(what);
    else this.fail(`${what}: ${problems.length} problems`, problems.join("\n"));
  }

  /** Passes unless `run` throws. Returns its result, or `undefined` if it threw. */
  async step(what, run) {
    try {
      const result = await run();
      this.pass(what);
      return result;
    } catch (error) {
      this.fail(what, describe(error));
      return undefined;
    }
  }

  close(summary) {
    if (this.#failures === 0) console.log(summary);
    else console.error(`${this.#failures} of the checks failed`);
    process.exitCode = this.#failures === 0 ? 0 : 1;
  }
}

/** Returns an error's message with that of its cause, since `fetch` only reports "fetch failed". */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.code || error.name;
  return error.cause ? `${message}: ${describe(error.cause)}` : message;
}
