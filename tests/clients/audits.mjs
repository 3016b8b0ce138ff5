// Runs every audit of the package `graphql-http` against the server: the requirements that the GraphQL over HTTP
// specification states with MUST, SHOULD and MAY. Marquee meets all of them.
//
//     node audits.mjs http://127.0.0.1:8000

import { serverAudits } from "graphql-http";

import { baseUrl, Report } from "./common.mjs";

// The numbers are asserted, so that a release of the package with fewer audits is noticed.
const EXPECTED = { MUST: 13, SHOULD: 23, MAY: 25 };

const report = new Report();
const audits = serverAudits({ url: `${baseUrl()}/graphql` });

for (const [level, expected] of Object.entries(EXPECTED)) {
  const found = audits.filter(({ name }) => name.startsWith(`${level} `)).length;
  const problem = `${level}: expected ${expected}, found ${found}`;
  report.none(`${expected} ${level} audits exist`, found === expected ? [] : [problem]);
}

// The audits run sequentially, so that no failure is caused by an overloaded server.
for (const { id, name, fn } of audits) {
  await report.step(`${id} ${name}`, async () => {
    const result = await fn();
    if (result.status !== "ok") throw new Error(await reasonOf(result));
  });
}

report.close(`${audits.length} audits passed`);

/** Returns the reason of a failed audit with the response. The package only reports "Status code 200 is not 400". */
async function reasonOf({ reason, response }) {
  const body = response.bodyUsed ? "(read by the audit)" : await response.text();
  return `${reason}\n${response.status} ${response.headers.get("content-type") ?? "no content type"}\n${body.slice(0, 500)}`;
}
