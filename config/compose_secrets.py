"""``python -m config.compose_secrets [FOLDER]``: the secrets that ``docker-compose.yml`` mounts, made once.

Each file is one secret, and each service mounts only its own. Files that exist are left as they are.
"""

from __future__ import annotations

import secrets
import sys
from base64 import b64encode
from pathlib import Path

from config.env import env
from config.stores import (
    WEB_IDENTITIES,
    WORKER_IDENTITIES,
    identities_json,
    kept_identities,
    write_private,
)
from consent import signing

JWT_KEYS = ("SIGNING_KEY", "SIGNING_READ_KEY", "FILER_SIGNING_KEY", "FILER_SIGNING_READ_KEY")


def make(folder: Path) -> None:
    """Fill the folder with everything that is missing in it.

    The folder is closed to others; the files in it are readable, because a container mounts each one alone and reads
    it as a user of its own.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = _kept(folder / "postgres_password", secrets.token_urlsafe(24))
    _kept(folder / "database_url", f"postgresql://vouchsafe:{password}@db:5432/vouchsafe")
    broker = _kept(folder / "broker_password", secrets.token_urlsafe(24))
    _kept(folder / "celery_broker_url", f"redis://:{broker}@broker:6379/0")
    _kept(folder / "valkey.conf", f"appendonly yes\ndir /data\nrequirepass {broker}\n")
    _kept(folder / "django_secret_key", secrets.token_urlsafe(50))
    _kept(folder / "data.key", b64encode(secrets.token_bytes(32)).decode())
    _kept(folder / "weed.env", "".join(f"WEED_JWT_{name}={secrets.token_urlsafe(32)}\n" for name in JWT_KEYS))
    pairs = kept_identities(folder / "s3.json")
    _kept(folder / "s3_identities_web", identities_json(pairs, WEB_IDENTITIES))
    _kept(folder / "s3_identities_worker", identities_json(pairs, WORKER_IDENTITIES))
    signing.create(folder / "signing", site_url=env().public_url)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _kept(path: Path, text: str) -> str:
    if not path.exists():
        write_private(path, text)
    return path.read_text()


if __name__ == "__main__":
    make(Path(sys.argv[1] if len(sys.argv) > 1 else "secrets"))
