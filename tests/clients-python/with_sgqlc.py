"""Operations that `sgqlc` builds from types, which it generates from the server's introspection.

    python3 with_sgqlc.py http://127.0.0.1:8000 TOKEN_OF_AN_EDITOR
"""

import datetime
import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.operation import Operation

from common import arguments, equal, run

URL, TOKEN = arguments()
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
endpoint = HTTPEndpoint(f"{URL}/graphql", AUTHORIZATION)
types = None


def generate(directory):
    """Returns the module of types that is generated in a directory."""
    commands = [
        ["-m", "sgqlc.introspection", "-H", f"Authorization=Bearer {TOKEN}", f"{URL}/graphql", "schema.json"],
        [Path(sys.executable).with_name("sgqlc-codegen"), "schema", "schema.json", "marquee_types.py"],
    ]
    for command in commands:
        subprocess.run([sys.executable, *command], cwd=directory, check=True)
    sys.path.insert(0, directory)
    return importlib.import_module("marquee_types")


def execute(operation):
    """Runs an operation. Returns its data as JSON and as objects; an error is an exception."""
    answer = endpoint(operation)
    assert "errors" not in answer, answer
    return answer["data"], operation + answer


def queries():
    """a query returns objects, with the types of the schema"""
    operation = Operation(types.Query)
    films = operation.films(first=100)
    films.total_count()
    films.nodes.__fields__("id", "title", "release_date")
    films.nodes.score.__fields__("value", "verdict")
    data, objects = execute(operation)
    equal(objects.films.total_count, len(objects.films.nodes))
    for found, film in zip(data["films"]["nodes"], objects.films.nodes, strict=True):
        day = found["releaseDate"]
        equal(film.release_date, datetime.date.fromisoformat(day) if day else None)


def add(**fields):
    """Adds a review, and returns its data as JSON and as an object."""
    operation = Operation(types.Query)
    operation.films(first=1).nodes.id()
    film = execute(operation)[1].films.nodes[0].id
    operation = Operation(types.Mutation)
    added = operation.add_review(input=types.AddReviewInput(film=film, **fields))
    added.review.__fields__("id", "created_at", "updated_at")
    added.user_errors.code()
    data, objects = execute(operation)
    equal(data["addReview"]["userErrors"], [])
    return data["addReview"]["review"], objects.add_review.review


def times():
    """a time is the one that the server has sent, to the microsecond"""
    data, review = add(score=70)
    for found, sent in [(review.created_at, data["createdAt"]), (review.updated_at, data["updatedAt"])]:
        equal(found, datetime.datetime.fromisoformat(sent.replace("Z", "+00:00")))


def keeps():
    """a mutation changes only what its input sets"""
    _, review = add(score=70, excerpt="A lamp, by sgqlc.")
    operation = Operation(types.Mutation)
    updated = operation.update_review(input=types.UpdateReviewInput(id=review.id, score=71))
    updated.review.__fields__("version", "score", "excerpt")
    updated.user_errors.code()
    data, _ = execute(operation)
    equal(data["updateReview"]["review"], {"version": 2, "score": 71, "excerpt": "A lamp, by sgqlc."})


def fails():
    """an error of the server has its code"""
    operation = Operation(types.Query)
    operation.films(first=101).total_count()
    equal(endpoint(operation)["errors"][0]["extensions"]["code"], "INVALID_PAGE")


with tempfile.TemporaryDirectory() as directory:
    types = generate(directory)
    run([queries, times, keeps, fails])
