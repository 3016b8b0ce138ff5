"use strict";

// The playground: GraphiQL for this server's /graphql, with example queries. All resources come from this server, so it
// works offline.

// Slugs of the demo catalogue, src/demo/catalogue.toml.
const FILM = "the-lighthouse-tax-2019";
const CRITIC = "kirihara-suzume";

// The example values are defaults in the query, not entries in the Variables pane, because GraphiQL 4 leaves that pane
// empty in the first tab.
const EXAMPLES = [
  `# All data of a film's page, in one request. Run it
# with the play button or with Ctrl-Enter.
#
# For another film, change the slug here, or set
# { "film": "..." } under Variables below. The tab
# "Browse" lists slugs.
query FilmPage(
  $film: String! = "${FILM}"
) {
  film(by: { slug: $film }) {
    title
    year

    # The score of all reviews. The label is ready to
    # display. If "estimated" is true, few reviews have
    # a number, and those without one count as well.
    score { value verdict label estimated reviewCount }

    # The distribution of the reviews' scores, and a
    # histogram.
    scoreDistribution {
      total
      positive { count label }
      mixed { count label }
      negative { count label }
      histogram(width: 20) { from to count }
    }

    # A review may have no score, critic or
    # publication. Then the field is null. "byline" is
    # the text after "Reviewed by".
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
  `# The catalogue by score, with three reviews of each
# film.
#
# For the next page, set the response's "endCursor"
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
  `# A critic has a score too, from their own reviews.
# Each review also has the film's score, for
# comparison.
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
  `# Every review that is added from now on. Run it and
# leave it open. Then add a review, for example with
# an import.
subscription Live {
  reviewAdded {
    byline
    score
    film { title score { value label } }
  }
}
`,
];

// Relative, because a proxy may serve everything below a path of its own.
const endpoint = new URL("graphql", location.href);
const socket = new URL(endpoint);
for (const path of document.querySelectorAll(".endpoint")) path.textContent = endpoint.pathname;
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
  // GraphiQL stores the tabs and the history in the browser. The namespace separates them from those of any other
  // GraphiQL on the same host and port.
  storage: GraphiQL.createLocalStorage({ namespace: "marquee" }),
});

ReactDOM.createRoot(document.getElementById("playground")).render(playground);
