// The example operations of the tabs, about films and critics of this server's own catalogue.

/** The film that the examples of an empty catalogue add, and its slug. */
const FIRST = { title: "The Quiet Ferry", year: 2001, slug: "the-quiet-ferry-2001" };

/** Finds the film with the most reviews, and a critic. */
export const CATALOGUE_QUERY = `query PlaygroundExamples {
  films(first: 1, orderBy: { field: REVIEW_COUNT, direction: DESC }) { nodes { id slug title } }
  critics(first: 1) { nodes { slug } }
}`;

/**
 * Returns the documents of the tabs, by the name of their first operation, from the result of `CATALOGUE_QUERY`. There
 * is none if the catalogue can't be read.
 */
export function examples(catalogue) {
  const film = catalogue?.films?.nodes[0];
  const critic = catalogue?.critics?.nodes[0];
  const isEmpty = Boolean(catalogue?.films) && !film;
  const slug = film?.slug ?? FIRST.slug;
  const tabs = {
    FilmPage: filmPage(slug, isEmpty),
    Browse: browse(isEmpty),
    CriticPage: criticPage(critic?.slug ?? "renee-ashgrove", isEmpty && !critic),
    AddFilm: mutations(film),
    Live: LIVE,
  };
  // An empty catalogue begins with the operation that adds a film.
  if (!isEmpty) return tabs;
  const { AddFilm, ...others } = tabs;
  return { AddFilm, ...others };
}

const EMPTY = `# The catalogue has no film yet. Add the first one in
# the tab "AddFilm", or from the command line:
#   marquee import csv films.csv
# Then load this page again.
#
`;

/** Returns a text as a string of GraphQL. */
const quote = (text) => JSON.stringify(text);

// The example values are defaults in the query, not entries in the Variables pane, because GraphiQL 4 leaves that pane
// empty in the first tab.
const filmPage = (film, isEmpty) => `${isEmpty ? EMPTY : ""}# All data of a film's page, in one request. Run it
# with the play button or with Ctrl-Enter.
#
# For another film, change the slug here, or set
# { "film": "..." } under Variables below. The tab
# "Browse" lists slugs.
query FilmPage(
  $film: String! = ${quote(film)}
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
`;

const browse = (isEmpty) => `${isEmpty ? EMPTY : ""}# The catalogue by score, with three reviews of each
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
`;

const criticPage = (critic, isEmpty) => `${isEmpty ? EMPTY : ""}# A critic has a score too, from their own reviews.
# Each review also has the film's score, for
# comparison.
query CriticPage(
  $critic: String! = ${quote(critic)}
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
`;

const mutations = (film) => `# Two changes, which need a token of the role editor:
# enter it under "Token" above. The play button lists
# both; Ctrl-Enter runs the one at the cursor.
#
# What is wrong with an input is in "userErrors".
mutation AddFilm {
  addFilm(input: {
    title: ${quote(FIRST.title)}
    year: ${FIRST.year}
  }) {
    film { id slug title year }
    userErrors { field code message }
  }
}

${film ? `# A review of ${oneLine(film.title)}.` : `# A review of a film. Put the "id" that AddFilm has
# returned in the place of the dots.`}
# The critic is added if the name is new.
mutation AddReview {
  addReview(input: {
    film: ${quote(film?.id ?? "...")}
    critic: { name: "Renée Ashgrove" }
    originalScore: "4/5"
    excerpt: "It knows where it is going."
  }) {
    review {
      byline
      score
      film { title score { value label } }
    }
    userErrors { field code message }
  }
}
`;

const LIVE = `# Every review that is added from now on. Run it and
# leave it open. Then add a review, for example in
# another window, or with an import.
subscription Live {
  reviewAdded {
    byline
    score
    film { title score { value label } }
  }
}
`;

/** Where the examples are stored that the tabs have, beside what GraphiQL stores. */
const EXAMPLES_KEY = "examples";

/** Returns a title as it fits a comment. */
function oneLine(title) {
  const text = title.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const characters = [...text];
  return characters.length > 36 ? `${characters.slice(0, 35).join("")}…` : text;
}

/**
 * Replaces the examples among the tabs that GraphiQL has stored, unless the user has changed them. Otherwise a film that
 * has been deleted, or an empty catalogue, would stay in them. They stay as they are if the catalogue could not be read,
 * such as with a wrong token.
 */
export function renewStoredExamples(storage, tabs, isCatalogueRead) {
  const previous = parse(storage.getItem(EXAMPLES_KEY));
  if (previous && !isCatalogueRead) return;
  storage.setItem(EXAMPLES_KEY, JSON.stringify(tabs));
  const renewed = (text) => {
    const name = Object.keys(tabs).find((key) => previous?.[key] === text);
    return name && tabs[name];
  };
  const state = parse(storage.getItem("graphiql:tabState"));
  if (!Array.isArray(state?.tabs)) return;
  for (const tab of state.tabs) tab.query = renewed(tab.query) ?? tab.query;
  storage.setItem("graphiql:tabState", JSON.stringify(state));
  const query = renewed(storage.getItem("graphiql:query"));
  if (query) storage.setItem("graphiql:query", query);
}

function parse(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
