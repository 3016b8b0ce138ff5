// The exceptions from the rules of @graphql-eslint, each with its reason. `message` says which reports of a rule are
// excepted; without it, all are.

export const exceptions = [
  {
    rule: "alphabetize",
    reason: "fields and arguments stand in the order in which a reader of the type needs them",
  },
  {
    rule: "relay-edge-types",
    message: /^A list type should only wrap an edge type/,
    reason: "lists that are short by nature, such as genres and user errors, need no pages",
  },
  {
    rule: "relay-edge-types",
    message: /^Edge type's field `node` must implement `Node` interface/,
    reason: "connections of values, such as the points of a history, have nodes without an id",
  },
  {
    rule: "strict-id-in-types",
    message: /^type "\w+(Connection|Edge|Payload)"/,
    reason: "connections, edges and payloads are of one response",
  },
  {
    rule: "strict-id-in-types",
    message: /^type "(PageInfo|RateLimit|SimilarName|SiteMessages|SiteRules|SnippetSegment|UserError|Viewer|Candidate)"/,
    reason: "they are parts of another object or of the response, and no client refetches or updates them alone",
  },
  {
    rule: "strict-id-in-types",
    message: /^type "(Score\w*|PublishedScore|ExternalId|AlternativeTitle|Poster|ReviewChange|ReviewRevision|Erasure)"/,
    reason: "they are values that belong to a film, a critic, a publication or a review, and have no row that a client could ask for",
  },
  {
    rule: "strict-id-in-types",
    message: /^type "(FilmFacets|\w+Count|\w*Agreement|Review(Outlier|Year)|SimilarFilm)"/,
    reason: "they are computed from reviews and films, which have ids",
  },
  {
    rule: "strict-id-in-types",
    message: /^type "(File(Column|Record|RowError|Table|Value)|Import\w+|PageLineError)"/,
    reason: "they describe a file that was sent",
  },
  {
    rule: "require-field-of-type-query-in-mutation-result",
    reason: "payloads contain what has changed; a client reads the rest by a query, which may come from a cache",
  },
  {
    rule: "require-nullable-result-in-root",
    message: /^Unexpected non-null result type "(\w+Connection|FilmFacets|Viewer)"/,
    reason: "there always is a list, which may be empty, and a caller; an error leaves no data that would be of use",
  },
  {
    rule: "no-root-type",
    reason: "the API has mutations and subscriptions",
  },
  {
    rule: "no-typename-prefix",
    message: /^Field "(reviewedOn|scoredCount)"/,
    reason: "`reviewed` and `scored` are words of their own",
  },
];
