// The script of a page on another origin: Apollo Client with the authentication that its documentation shows. A token
// in the local storage is sent as a header over HTTP, and in `connectionParams` over WebSocket. Signed out, the header
// and the parameter are empty strings.

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";

const api = new URLSearchParams(location.search).get("api");

const httpLink = new HttpLink({ uri: `${api}/graphql` });

const authLink = new SetContextLink(({ headers }) => {
  const token = localStorage.getItem("token");
  return {
    headers: {
      ...headers,
      // The headers of Sentry's and OpenTelemetry's instrumentation.
      baggage: "sentry-environment=test",
      "sentry-trace": "771a43a4192642f0b136d5159a501700-b0e6f15b45c36b12-1",
      traceparent: "00-771a43a4192642f0b136d5159a501700-b0e6f15b45c36b12-01",
      authorization: token ? `Bearer ${token}` : "",
    },
  };
});

const wsLink = new GraphQLWsLink(
  createClient({
    url: `${api.replace(/^http/, "ws")}/graphql`,
    connectionParams: () => ({ authToken: localStorage.getItem("token") ?? "" }),
    retryAttempts: 0,
  }),
);

const client = new ApolloClient({
  cache: new InMemoryCache(),
  // Sends the headers `apollographql-client-name` and `-version`.
  clientAwareness: { name: "website", version: "1.2.3" },
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    wsLink,
    authLink.concat(httpLink),
  ),
  defaultOptions: { query: { fetchPolicy: "network-only", errorPolicy: "all" }, mutate: { errorPolicy: "all" } },
});

/** Returns a result whose errors are plain objects. */
function plain({ data, error }) {
  const errors = error?.errors?.map(({ message, extensions }) => ({ message, code: extensions?.code }));
  return { data, errors: errors ?? (error ? [{ message: String(error) }] : []) };
}

const events = [];

globalThis.app = {
  query: async (text) => plain(await client.query({ query: gql(text) })),
  mutate: async (text, variables) => plain(await client.mutate({ mutation: gql(text), variables })),
  subscribe(text) {
    client.subscribe({ query: gql(text) }).subscribe((result) => events.push(plain(result)));
  },
  events: () => events,
  /** Returns the response headers that the page may read. */
  async headers(text) {
    const response = await fetch(`${api}/graphql?query=${encodeURIComponent(text)}`);
    return Object.fromEntries(response.headers);
  },
};
