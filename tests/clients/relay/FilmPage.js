// The page of a film: its reviews with pagination and refetch, a review that reloads by its global ID, and what changes
// them. `relay-compiler` reads the tagged texts, and `babel-plugin-relay` replaces them by the compiled artifacts.
"use strict";

const React = require("react");
const { graphql, useLazyLoadQuery, usePaginationFragment, useRefetchableFragment } = require("react-relay");

const element = React.createElement;

const filmPageQuery = graphql`
  query FilmPageQuery($slug: String!, $count: Int!) {
    film(by: { slug: $slug }) {
      id
      ...FilmPage_film @arguments(count: $count)
    }
  }
`;

// `Film` is a `Node`, so the compiler writes the query that loads another page by `node(id: …)`.
const filmFragment = graphql`
  fragment FilmPage_film on Film
  @refetchable(queryName: "FilmPageReviewsQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 2 }
    cursor: { type: "String" }
    order: { type: "ReviewOrder" }
  ) {
    title
    score {
      reviewCount
    }
    reviews(first: $count, after: $cursor, orderBy: $order) @connection(key: "FilmPage_reviews", filters: ["orderBy"]) {
      __id
      edges {
        node {
          id
          ...FilmPage_review
        }
      }
    }
  }
`;

const reviewFragment = graphql`
  fragment FilmPage_review on Review @refetchable(queryName: "FilmPageReviewQuery") {
    version
    score
    excerpt
    critic {
      name
    }
  }
`;

const addMutation = graphql`
  mutation FilmPageAddMutation($input: AddReviewInput!, $connections: [ID!]!) {
    addReview(input: $input) {
      review @appendNode(connections: $connections, edgeTypeName: "ReviewEdge") {
        id
        ...FilmPage_review
      }
      film {
        id
        score {
          reviewCount
        }
      }
      userErrors {
        code
      }
    }
  }
`;

const updateMutation = graphql`
  mutation FilmPageUpdateMutation($input: UpdateReviewInput!) {
    updateReview(input: $input) {
      review {
        id
        score
        version
      }
      userErrors {
        code
      }
    }
  }
`;

const deleteMutation = graphql`
  mutation FilmPageDeleteMutation($input: DeleteReviewInput!, $connections: [ID!]!) {
    deleteReview(input: $input) {
      deletedReviewId @deleteEdge(connections: $connections)
      film {
        id
        score {
          reviewCount
        }
      }
      userErrors {
        code
      }
    }
  }
`;

const changedSubscription = graphql`
  subscription FilmPageChangedSubscription($film: ID!) {
    reviewChanged(film: $film) {
      kind
      reviewId
      version
      review {
        id
        ...FilmPage_review
      }
      film {
        id
        score {
          reviewCount
        }
      }
    }
  }
`;

/** Calls `onRender` with what each rendering shows, and with the functions that a button would call. */
function FilmPage({ slug, count, onRender }) {
  const { film } = useLazyLoadQuery(filmPageQuery, { slug, count });
  return element(Reviews, { film, onRender });
}

function Reviews({ film, onRender }) {
  const { data, hasNext, isLoadingNext, loadNext, refetch } = usePaginationFragment(filmFragment, film);
  const reviews = data.reviews.edges.map(({ node }) => node);
  const connection = data.reviews.__id;
  onRender({ film: film.id, title: data.title, count: data.score.reviewCount, reviews, connection, hasNext, isLoadingNext, loadNext, refetch });
  return reviews.map((review) => element(Review, { key: review.id, review, onRender }));
}

function Review({ review, onRender }) {
  const [data, refetch] = useRefetchableFragment(reviewFragment, review);
  onRender({ reload: { [review.id]: refetch } });
  return element("li", { id: review.id, version: data.version, score: data.score, excerpt: data.excerpt });
}

module.exports = { FilmPage, addMutation, updateMutation, deleteMutation, changedSubscription };
