// The playground: GraphiQL for this server's /graphql, with examples of its own catalogue. All resources come from this
// server, so it works offline.

import { Access } from "./access.js";
import { CATALOGUE_QUERY, examples, renewStoredExamples } from "./examples.js";

// Relative, because a proxy may serve everything below a path of its own.
const endpoint = new URL("graphql", location.href);
const socket = new URL(endpoint);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
for (const path of document.querySelectorAll(".endpoint")) path.textContent = endpoint.pathname;

// GraphiQL stores the tabs and the history in the browser. The namespace separates them from those of any other GraphiQL
// on the same host and port.
const storage = GraphiQL.createLocalStorage({ namespace: "marquee" });
const root = ReactDOM.createRoot(document.getElementById("playground"));
const access = new Access(endpoint, show);

const fetchOfGraphiQL = GraphiQL.createFetcher({
  url: endpoint.href,
  subscriptionUrl: socket.href,
  headers: { Accept: "application/graphql-response+json, application/json" },
  enableIncrementalDelivery: false,
});

/** Sends the token with each operation: as a header, and for a subscription in `connection_init`. */
function fetcher(parameters, options = {}) {
  return fetchOfGraphiQL(parameters, { ...options, headers: access.headers(options.headers) });
}

/** GraphiQL stores its tabs half a second after a change, in milliseconds with a margin. */
const STORE_DELAY = 600;

let shown = 0;

/** Shows GraphiQL with the examples and the schema that the caller may read. */
async function show() {
  shown += 1;
  const number = shown;
  const reading = access.query(CATALOGUE_QUERY);
  if (number > 1) {
    // Until then the GraphiQL that is removed would overwrite the tabs of the next one.
    root.render(React.createElement("p", { className: "notice", role: "status" }, "Opening the playground…"));
    await new Promise((resolve) => setTimeout(resolve, STORE_DELAY));
  }
  const { data } = await reading;
  // The token has changed meanwhile.
  if (number !== shown) return;
  const tabs = examples(data);
  renewStoredExamples(storage, tabs, Boolean(data));
  const playground = React.createElement(GraphiQL, {
    // Another key makes GraphiQL begin anew, with another schema.
    key: number,
    fetcher,
    defaultTabs: Object.values(tabs).map((query) => ({ query })),
    inputValueDeprecation: true,
    schemaDescription: true,
    storage,
  });
  root.render(playground);
}

access.identify();
show();
