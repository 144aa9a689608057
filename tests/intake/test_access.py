"""Who may open what: every route of the site, the admin included, against ``access.yaml``.

A route that nobody declared fails the test. Strangers ask first and must leave nothing changed; the owner comes last.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from intake.models import Artifact, Original, Submission, User
from intake.states import ArtifactState
from tests import factories
from tests.conftest import SignIn

DECLARED = yaml.safe_load(Path(__file__).with_name("access.yaml").read_text())
STRANGERS = ("anonymous", "mallory", "rita", "omar")
GROUPS = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>")


def routes(patterns: Any = None, namespace: str = "", path: str = "") -> Iterator[tuple[str, str]]:
    """Every route as its name (or, where it has none, its pattern) and its whole pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        whole = path + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            inner = namespace + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from routes(pattern.url_patterns, inner, whole)
        elif isinstance(pattern, URLPattern):
            yield (f"{namespace}{pattern.name}" if pattern.name else whole), whole


ROUTES = dict(routes())


class World:
    """alice's draft with one file, and everybody who might knock at it."""

    def __init__(self, people: dict[str, User], sign_in: SignIn) -> None:
        self.people = people
        self._sessions = {name: sign_in(person).cookies for name, person in people.items()}
        self.submission = factories.opened(people["alice"])
        Submission.objects.filter(pk=self.submission.pk).update(attested_at=timezone.now(), attestation={"owner": "me"})
        self.artifact = Artifact.objects.create(submission=self.submission, state=ArtifactState.RECEIVED)
        Original.objects.create(artifact=self.artifact, sealed_name=b"", key_id="")
        _, self.token = factories.invitation(self.submission.programme)

    def client(self, name: str) -> Client:
        """A browser of this person, fresh each time: an answer may sign them out."""
        client = Client()
        if name != "anonymous":
            client.cookies.load({key: morsel.value for key, morsel in self._sessions[name].items()})
        return client

    def address(self, key: str, **instead: str) -> str:
        values = {
            "submission_id": str(self.submission.pk),
            "artifact_id": str(self.artifact.pk),
            "edit_id": str(uuid.uuid4()),
            "object_id": str(self.artifact.pk if "artifact" in key else self.submission.pk),
            "pk": str(uuid.uuid4()),
            "token": self.token,
            "name": "alice",
            "sha256": "0" * 64,
            "content_type_id": "1",
            "app_label": "intake",
            "url": "nothing-here",
        } | instead
        if "<int:pk>" in ROUTES[key]:
            values["pk"] = "1"
        return "/" + GROUPS.sub(lambda found: values[found[1] or found[2]], ROUTES[key])

    def ask(self, name: str, key: str, **instead: str) -> HttpResponse:
        method = method_of(key)
        return getattr(self.client(name), method)(self.address(key, **instead))  # type: ignore[no-any-return]

    def trace(self) -> tuple[object, ...]:
        """Whatever a stranger could have changed."""
        submission = Submission.objects.get(pk=self.submission.pk)
        return (
            submission.state,
            submission.attestation,
            submission.provenance_class,
            submission.transitions.count(),
            list(submission.artifacts.values_list("pk", "state", "role", "rights_basis")),
        )


@pytest.fixture
def world(alice: User, mallory: User, rita: User, omar: User, sign_in: SignIn) -> World:
    return World({"alice": alice, "mallory": mallory, "rita": rita, "omar": omar}, sign_in)


def method_of(key: str) -> str:
    entry = DECLARED["routes"][key]
    return entry.get("method", "get") if isinstance(entry, dict) else "get"


def expected(key: str) -> dict[str, int]:
    """What each person gets: the profile's answers, unless the route says otherwise."""
    entry = DECLARED["routes"][key]
    if isinstance(entry, str):
        return dict(DECLARED["profiles"][entry])
    own = {name: code for name, code in entry.items() if name not in ("profile", "method")}
    return {**DECLARED["profiles"][entry["profile"]], **own}


def test_every_route_is_declared_and_every_declaration_has_a_route() -> None:
    assert sorted(ROUTES) == sorted(DECLARED["routes"])


def test_each_person_gets_what_is_declared(world: World) -> None:
    found = {}
    before = world.trace()
    for key in ROUTES:
        with transaction.atomic():
            answers = {name: world.ask(name, key).status_code for name in STRANGERS}
            assert world.trace() == before, f"a stranger changed something through {key}"
            found[key] = answers | {"alice": world.ask("alice", key).status_code}
            transaction.set_rollback(True)
    wrong = {key: (answers, expected(key)) for key, answers in found.items() if answers != expected(key)}
    assert wrong == {}


OWN = sorted(key for key, route in ROUTES.items() if "submission_id" in route)


def test_anothers_and_a_missing_submission_give_the_same_bytes(world: World) -> None:
    for key in OWN:
        others = world.ask("mallory", key)
        missing = world.ask("mallory", key, submission_id=str(uuid.uuid4()))
        assert (others.status_code, others.content) == (404, missing.content), key


def test_a_file_of_another_submission_is_not_found_through_ones_own(world: World) -> None:
    own = factories.opened(world.people["mallory"])
    for key in (key for key in OWN if "artifact_id" in ROUTES[key]):
        assert world.ask("mallory", key, submission_id=str(own.pk)).status_code == 404


def test_a_page_without_its_token_is_refused(world: World) -> None:
    """Every unsafe route, the upload included, asks for the token of our own form."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["alice"], backend="allauth.account.auth_backends.AuthenticationBackend")
    unsafe = [key for key in OWN if method_of(key) == "post"] + ["upload", "rights", "describe", "withdraw"]
    assert {key: client.post(world.address(key)).status_code for key in unsafe} == dict.fromkeys(unsafe, 403)


def test_another_sites_form_is_refused_before_it_is_read(world: World) -> None:
    client = world.client("alice")
    answer = client.post(world.address("withdraw"), headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert world.trace()[0] == "draft"


def test_staff_without_a_second_factor_are_sent_to_set_one_up(rita: User) -> None:
    client = Client()
    client.force_login(rita, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.get("/admin/").headers["Location"] == "/accounts/2fa/totp/activate/"
    assert client.post("/admin/").status_code == 403


def test_the_demo_sign_in_counts_as_a_second_factor_in_the_embedded_default_alone(rita: User, settings: Any) -> None:
    client = Client()
    assert client.post("/demo/sign-in/rita").headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200

    settings.EMBEDDED = False
    assert client.get("/admin/").status_code == 302
    assert Client().post("/demo/sign-in/rita").status_code == 404
