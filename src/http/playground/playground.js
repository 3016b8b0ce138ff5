"use strict";

// The playground: GraphiQL on this server's own /graphql, opened with queries that show what the API is for. Everything it
// loads comes from this server, so it works with no internet.

// Slugs in the demo catalogue, src/demo/catalogue.toml.
const FILM = "the-lighthouse-tax-2019";
const CRITIC = "kirihara-suzume";

// The values to try are defaults in the query, not entries in the Variables pane: GraphiQL 4 leaves that pane empty for the
// tab that it opens first.
const EXAMPLES = [
  `# All that a film's page shows, in one request.
# The play button runs it, and so does Ctrl-Enter.
#
# For another film write its slug here, or send
# { "film": "..." } under Variables below. The tab
# "Browse" lists slugs.
query FilmPage(
  $film: String! = "${FILM}"
) {
  film(by: { slug: $film }) {
    title
    year

    # What the reviews add up to. The label is ready
    # to print. "estimated" says that few reviews had
    # a number, so plain praise and pans count too.
    score { value verdict label estimated reviewCount }

    # How many liked it, and a bar chart's bars.
    scoreDistribution {
      total
      positive { count label }
      mixed { count label }
      negative { count label }
      histogram(width: 20) { from to count }
    }

    # A review may lack a score, a critic, a
    # publication: then that field is null, and
    # "byline" is what follows "Reviewed by".
    reviews(first: 10) {
      totalCount
      nodes {
        byline
        score
        sentiment
        reviewedOn
        excerpt
        critic { name }
        publication { name }
      }
    }
  }
}
`,
  `# The catalogue, best first, and three reviews of
# each film.
#
# For the next page send the answer's "endCursor"
# under Variables below: { "after": "..." }
query Browse($after: String) {
  films(
    first: 10
    after: $after
    orderBy: { field: SCORE, direction: DESC }
  ) {
    totalCount
    nodes {
      title
      slug
      year
      score { value label }
      reviews(first: 3) { nodes { byline score } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
  `# A critic has a score too: what their own reviews
# add up to. Beside each review stands the film's
# score, to see how far apart the two are.
query CriticPage(
  $critic: String! = "${CRITIC}"
) {
  critic(by: { slug: $critic }) {
    name
    score { mean value reviewCount label }
    reviews(
      first: 5
      orderBy: { field: DATE, direction: DESC }
    ) {
      nodes {
        score
        film { title score { value } }
      }
    }
  }
}
`,
  `# Each review from now on, whoever adds it and by
# whatever way. Run it and leave it open; then add
# a review, by an import for instance.
subscription Live {
  reviewAdded {
    byline
    score
    film { title score { value label } }
  }
}
`,
];

const endpoint = new URL("/graphql", location.href);
const socket = new URL(endpoint);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";

const fetcher = GraphiQL.createFetcher({
  url: endpoint.href,
  subscriptionUrl: socket.href,
  headers: { Accept: "application/graphql-response+json, application/json" },
  enableIncrementalDelivery: false,
});

const playground = React.createElement(GraphiQL, {
  fetcher,
  defaultTabs: EXAMPLES.map((query) => ({ query })),
  inputValueDeprecation: true,
  schemaDescription: true,
  // The browser keeps the tabs and the history: under a name of our own, because whatever else has run a GraphiQL on this
  // host and port has left its own there.
  storage: GraphiQL.createLocalStorage({ namespace: "marquee" }),
});

ReactDOM.createRoot(document.getElementById("playground")).render(playground);
