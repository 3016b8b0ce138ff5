// What the scripts in this folder share: the server's address from the command line, and a report of what was checked.

/** The base URL of the server under test, without a slash at its end. */
export function baseUrl() {
  const given = process.argv[2];
  if (!given || !URL.canParse(given)) {
    console.error(`usage: node ${process.argv[1]} BASE_URL, such as http://127.0.0.1:8000`);
    process.exit(2);
  }
  return given.replace(/\/+$/, "");
}

/** Prints a line for each check, goes on after a failure, and makes the exit status tell whether there was one. */
export class Report {
  #failures = 0;

  pass(what) {
    console.log(`ok    ${what}`);
  }

  fail(what, reason) {
    this.#failures += 1;
    console.error(`FAIL  ${what}\n${reason.replace(/^/gm, "      ")}`);
  }

  /** A check that passes if it found no problems, and else shows them all. */
  none(what, problems) {
    if (problems.length === 0) this.pass(what);
    else this.fail(`${what}: ${problems.length} problems`, problems.join("\n"));
  }

  /** A check that passes unless it throws. Gives what it returned, or `undefined` if it threw. */
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

/** An error's message with that of its cause: of a refused connection, fetch itself says only "fetch failed". */
function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.code || error.name;
  return error.cause ? `${message}: ${describe(error.cause)}` : message;
}
