"""The container files keep their promises, as far as files can: schema, lint, and the rules of the design."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import compose_secrets
from config.env import Env

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("init", "web", "worker", "beat")


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name(tool)
    return subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command",
    [
        ("hadolint", "Dockerfile"),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
        ("compose-lint", "--strict-config", "--fail-on", "medium", "docker-compose.yml"),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", ".github/workflows/ci.yml"),
    ],
    ids=lambda command: " ".join(command),
)
def test_tools_find_nothing(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {"init", "web", "worker", "beat", "db", "broker", "s3", "mail"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["pids_limit"] <= 512
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_can_be_scaled_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert "container_name" not in service
    # The web server's check stands in its image; the one-shot service ends by itself.
    assert "healthcheck" in service or name == "web"


def test_images_have_an_exact_version() -> None:
    for service in SERVICES.values():
        tag = service["image"].rstrip("}").rsplit(":", 1)[1]
        assert any(character.isdigit() for character in tag), service["image"]
        assert "latest" not in tag


def test_only_web_and_the_mail_reader_are_reached_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"web", "mail"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert all("inside" in service["networks"] for service in SERVICES.values())


def test_no_secret_stands_in_a_variable() -> None:
    for service in SERVICES.values():
        for name in service.get("environment", {}):
            assert name.endswith("_FILE") or not any(word in name for word in ("SECRET", "PASSWORD", "IDENTITIES"))


def test_each_service_mounts_only_its_own_storage_keys() -> None:
    mounted = {name: _mounted(SERVICES[name]) for name in OURS}
    assert mounted["web"]["s3_identities"] == "s3_identities_web"
    assert mounted["worker"]["s3_identities"] == "s3_identities_worker"
    assert "s3_identities" not in mounted["beat"]
    assert [name for name in OURS if "s3.json" in mounted[name]] == ["init"]


def _mounted(service: dict[str, Any]) -> dict[str, str]:
    entries = [entry if isinstance(entry, dict) else {"source": entry} for entry in service["secrets"]]
    return {str(entry.get("target") or entry["source"]): str(entry["source"]) for entry in entries}


def test_variables_are_settings() -> None:
    fields = {name.upper() for name in Env.model_fields}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= fields


def test_every_mounted_secret_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    compose_secrets.make(folder)
    for secret in COMPOSE["secrets"].values():
        assert (folder / Path(secret["file"]).name).is_file()
    assert (folder / Path(SERVICES["s3"]["env_file"][0]).name).is_file()
    assert (folder / "signing").is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_secrets_are_kept_when_made_again(tmp_path: Path) -> None:
    compose_secrets.make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    compose_secrets.make(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_mounted_secrets_are_read_as_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compose_secrets.make(tmp_path)
    (tmp_path / "s3_identities_web").rename(tmp_path / "s3_identities")
    for name in ("DATABASE_URL", "DJANGO_SECRET_KEY", "S3_IDENTITIES"):
        monkeypatch.delenv(name)
    told = Env(_env_file=None, _secrets_dir=tmp_path)
    assert told.database_url.startswith("postgresql://vouchsafe:")
    assert len(told.django_secret_key) >= 50
    assert set(told.s3_identities) == {"web", "preview", "exporter"}


def test_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]
    assert lines.index("USER 10001:10001") > max(i for i, line in enumerate(lines) if line.startswith("COPY"))
