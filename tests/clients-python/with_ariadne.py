"""A client that `ariadne-codegen` generates from the server's schema and `ariadne/operations.graphql`.

    python3 with_ariadne.py http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR
"""

import asyncio
import datetime
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from common import arguments, equal, run

URL, TOKEN = arguments()
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
SOURCES = Path(__file__).parent / "ariadne"


def generate(directory):
    """Generates the package `ariadne_client` in a directory."""
    for source in SOURCES.glob("*.*"):
        shutil.copy(source, directory)
    with urllib.request.urlopen(f"{URL}/schema.graphql") as response:
        (directory / "schema.graphql").write_bytes(response.read())
    command = [Path(sys.executable).with_name("ariadne-codegen"), "--config", "ariadne-codegen.toml"]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL)
    sys.path.insert(0, str(directory))


def client():
    from ariadne_client import Client

    sockets = f"{URL}/graphql".replace("http", "ws", 1)
    return Client(f"{URL}/graphql", headers=AUTHORIZATION, ws_url=sockets, ws_connection_init_payload=AUTHORIZATION)


def queries():
    """a query returns models, with dates and enumerations as their types"""
    from ariadne_client import FilmFilter, Verdict

    async def films():
        async with client() as session:
            return (await session.films(100, FilmFilter(genre=None))).films

    found = asyncio.run(films())
    equal(found.total_count, len(found.nodes))
    assert all(isinstance(film.release_date, datetime.date | None) for film in found.nodes)
    verdicts = {film.score.verdict for film in found.nodes}
    assert verdicts <= {None, *Verdict} and len(verdicts) > 1, verdicts


def keeps():
    """a mutation changes only what its input sets; None clears"""
    from ariadne_client import AddReviewInput, UpdateReviewInput

    async def write():
        async with client() as session:
            film = (await session.films(1)).films.nodes[0].id
            day = datetime.date(2026, 2, 28)
            lamp = AddReviewInput(film=film, score=70, excerpt="A lamp.", reviewed_on=day)
            added = (await session.add_review(lamp)).add_review
            equal(added.user_errors, [])
            equal(added.review.reviewed_on, day)
            # The times of the server are in UTC.
            equal(added.review.created_at.utcoffset(), datetime.timedelta())
            changed = UpdateReviewInput(id=added.review.id, score=71)
            kept = (await session.update_review(changed)).update_review.review
            equal((kept.version, kept.score, kept.excerpt, kept.reviewed_on), (2, 71, "A lamp.", day))
            cleared = UpdateReviewInput(id=added.review.id, excerpt=None)
            kept = (await session.update_review(cleared)).update_review.review
            equal((kept.version, kept.score, kept.excerpt, kept.reviewed_on), (3, 71, None, day))
            node = (await session.review_by_id(added.review.id)).node
            equal((node.typename__, node.score), ("Review", 71))

    asyncio.run(write())


def fails():
    """an error of the server is an exception"""
    from ariadne_client import GraphQLClientGraphQLMultiError

    async def films():
        async with client() as session:
            await session.films(101)

    try:
        asyncio.run(films())
    except GraphQLClientGraphQLMultiError as error:
        equal(error.errors[0].extensions["code"], "INVALID_PAGE")
    else:
        raise AssertionError("101 is too many")


def subscribes():
    """a subscription over WebSocket receives a review"""
    from ariadne_client import AddReviewInput, ReviewChangeKind

    async def first_event():
        async with client() as session:
            film = (await session.films(1)).films.nodes[0].id
            event = asyncio.ensure_future(anext(session.review_changed(film)))
            # The client doesn't say when its subscription is active: reviews are added until an event is there.
            while not event.done():
                await session.add_review(AddReviewInput(film=film, score=72))
                await asyncio.sleep(0.1)
            return event.result()

    change = asyncio.run(asyncio.wait_for(first_event(), 20)).review_changed
    equal((change.kind, change.version, change.review.score), (ReviewChangeKind.ADDED, 1, 72))


with tempfile.TemporaryDirectory() as directory:
    generate(Path(directory))
    run([queries, keeps, fails, subscribes])
