// Every audit of the package `graphql-http` against the server: what the GraphQL over HTTP specification says that a server
// must, should and may do. Marquee does all of it.
//
//     node audits.mjs http://127.0.0.1:8000

import { serverAudits } from "graphql-http";

import { baseUrl, Report } from "./common.mjs";

// Asserted, so that a release of the package that has fewer of them can't pass unseen.
const EXPECTED = { MUST: 13, SHOULD: 23, MAY: 25 };

const report = new Report();
const audits = serverAudits({ url: `${baseUrl()}/graphql` });

for (const [level, expected] of Object.entries(EXPECTED)) {
  const found = audits.filter(({ name }) => name.startsWith(`${level} `)).length;
  const problem = `${level}: expected ${expected}, found ${found}`;
  report.none(`${expected} audits say ${level}`, found === expected ? [] : [problem]);
}

// One after the other, so that a failure can be told from a server that is merely overrun.
for (const { id, name, fn } of audits) {
  await report.step(`${id} ${name}`, async () => {
    const result = await fn();
    if (result.status !== "ok") throw new Error(await reasonOf(result));
  });
}

report.close(`${audits.length} audits passed`);

/** Why an audit failed, with the answer that it got: the package's own words are as short as "Status code 200 is not 400". */
async function reasonOf({ reason, response }) {
  const body = response.bodyUsed ? "(read by the audit)" : await response.text();
  return `${reason}\n${response.status} ${response.headers.get("content-type") ?? "no content type"}\n${body.slice(0, 500)}`;
}
