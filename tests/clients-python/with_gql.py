"""The client `gql`: queries and mutations by HTTP, and a subscription over WebSocket.

    python3 with_gql.py http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR
"""

import asyncio

from gql import Client, GraphQLRequest, gql
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError

from common import arguments, equal, run

URL, TOKEN = arguments()
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
FILMS = gql("query Films($first: Int!) { films(first: $first) { totalCount nodes { id title } } }")
ADD = gql(
    """mutation Add($input: AddReviewInput!) {
      addReview(input: $input) { review { id version score excerpt } userErrors { field code } }
    }"""
)
UPDATE = gql(
    """mutation Update($input: UpdateReviewInput!) {
      updateReview(input: $input) { review { version score excerpt } userErrors { field code } }
    }"""
)
CHANGED = gql("subscription Changed($film: ID!) { reviewChanged(film: $film) { kind version review { score excerpt } } }")


def client():
    transport = RequestsHTTPTransport(url=f"{URL}/graphql", headers=AUTHORIZATION)
    return Client(transport=transport, fetch_schema_from_transport=True)


def execute(document, **variables):
    with client() as session:
        return session.execute(GraphQLRequest(document, variable_values=variables))


def queries():
    """a query returns its data, and the schema that the client has fetched validates documents"""
    films = execute(FILMS, first=3)["films"]
    equal(len(films["nodes"]), 3)
    assert films["totalCount"] >= 3
    try:
        execute(gql("{ films { nothing } }"))
    except GraphQLError as error:
        assert "nothing" in str(error), error
    else:
        raise AssertionError("the document is invalid")


def builds():
    """a document that is built from the schema runs"""
    with client() as session:
        schema = DSLSchema(session.client.schema)
        nodes = schema.FilmConnection.nodes.select(schema.Film.title)
        found = session.execute(dsl_gql(DSLQuery(schema.Query.films(first=2).select(nodes))))
    equal(len(found["films"]["nodes"]), 2)


def fails():
    """an error of the server has its code"""
    try:
        execute(FILMS, first=101)
    except TransportQueryError as error:
        equal(error.errors[0]["extensions"]["code"], "INVALID_PAGE")
    else:
        raise AssertionError("101 is too many")


def batches():
    """a batch is refused as a whole, and with an error rather than a result"""
    try:
        with client() as session:
            session.execute_batch([GraphQLRequest(FILMS, variable_values={"first": 1})] * 2)
    except TransportServerError as error:
        equal(error.code, 400)
    else:
        raise AssertionError("batches aren't supported")


def keeps():
    """a mutation changes only what its variables contain"""
    film = execute(FILMS, first=1)["films"]["nodes"][0]["id"]
    added = execute(ADD, input={"film": film, "score": 70, "excerpt": "A lamp, by gql."})["addReview"]
    equal(added["userErrors"], [])
    review = added["review"]["id"]
    updated = execute(UPDATE, input={"id": review, "score": 71})["updateReview"]
    equal(updated["review"], {"version": 2, "score": 71, "excerpt": "A lamp, by gql."})
    refused = execute(UPDATE, input={"id": review, "score": 101})["updateReview"]
    equal(refused["userErrors"], [{"field": ["input", "score"], "code": "OUT_OF_RANGE"}])


async def first_event():
    """Returns the first event after a review was added."""
    transport = WebsocketsTransport(url=f"{URL}/graphql".replace("http", "ws", 1), init_payload=AUTHORIZATION)
    async with Client(transport=transport) as session:
        films = await session.execute(GraphQLRequest(FILMS, variable_values={"first": 1}))
        film = films["films"]["nodes"][0]["id"]
        events = session.subscribe(GraphQLRequest(CHANGED, variable_values={"film": film}))
        event = asyncio.ensure_future(anext(events))
        # The subscription may become active after the first reviews.
        while not event.done():
            await session.execute(GraphQLRequest(ADD, variable_values={"input": {"film": film, "score": 72}}))
            await asyncio.wait([event], timeout=0.1)
        received = await event
        # Otherwise the client waits ten seconds for the server to end the subscription.
        await events.aclose()
        return received


def subscribes():
    """a subscription over WebSocket receives a review"""
    event = asyncio.run(asyncio.wait_for(first_event(), 20))
    equal(event["reviewChanged"], {"kind": "ADDED", "version": 1, "review": {"score": 72, "excerpt": None}})


run([queries, builds, fails, batches, keeps, subscribes])
