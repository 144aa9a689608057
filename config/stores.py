"""The four buckets and the six storage identities: who may do what, and how an S3 server is told.

``python -m config.stores FILE`` makes the buckets with the keys of ``admin`` in that file, as the compose file does.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.env import env

BUCKETS = ("quarantine", "vault", "exports", "ledger")
VERSIONED = ("vault", "exports")

# What each storage identity may do, in the words of SeaweedFS. ``Write`` includes deleting there: the bucket policies
# take that back from everybody but the purger.
ACTIONS: dict[str, list[str]] = {
    "web": ["Write:quarantine/originals/*"],
    "preview": ["Read:quarantine/staging/*", "Read:vault/*"],
    "worker": ["Read:quarantine/originals/*", "Read:quarantine/staging/*", "Write:quarantine/staging/*"],
    "sealer": ["Read:quarantine/staging/*", "Read:vault/*", "Write:vault/*", "Tagging:vault/*", "Write:ledger/*"],
    "exporter": ["Read:vault/*", "Read:exports/*", "Write:exports/*", "Read:ledger/*", "Write:ledger/*"],
    "purger": [f"{action}:{bucket}/*" for bucket in ("quarantine", "vault", "exports") for action in ("List", "Write")],
}
WEB_IDENTITIES = ("web", "preview", "exporter")
WORKER_IDENTITIES = ("worker", "sealer", "exporter", "purger")
KeyPair = tuple[str, str]


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def kept_identities(path: Path) -> dict[str, KeyPair]:
    """Key pairs of every storage identity and of ``admin``, made once; the S3 server reads the same file."""
    if not path.exists():
        entries = [
            {
                "name": name,
                "credentials": [{"accessKey": secrets.token_hex(10), "secretKey": secrets.token_urlsafe(30)}],
                "actions": actions,
            }
            for name, actions in {"admin": ["Admin"], **ACTIONS}.items()
        ]
        write_private(path, json.dumps({"identities": entries}, indent=1))
    kept = json.loads(path.read_text())["identities"]
    return {
        entry["name"]: (entry["credentials"][0]["accessKey"], entry["credentials"][0]["secretKey"]) for entry in kept
    }


def identities_json(pairs: Mapping[str, KeyPair], names: Iterable[str]) -> str:
    """The value of S3_IDENTITIES for a process that acts as ``names``."""
    return json.dumps({name: pairs[name] for name in names})


def s3_client(endpoint: str, pair: KeyPair) -> Any:
    """A client that passes by proxies and signs as AWS does."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=pair[0],
        aws_secret_access_key=pair[1],
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
    )


def make_buckets(client: Any, names: Iterable[str] = BUCKETS, *, ledger_days: int = 1) -> None:
    """Create what is missing: vault and exports with versions, ledger with Object Lock; then put the policies."""
    present = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    for name in names:
        if name not in present:
            client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=name == "ledger")
        if name in VERSIONED:
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if name == "ledger":
            retention = {"Mode": "GOVERNANCE", "Days": ledger_days}
            client.put_object_lock_configuration(
                Bucket=name,
                ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}},
            )
        client.put_bucket_policy(Bucket=name, Policy=json.dumps(bucket_policy(name)))


def bucket_policy(bucket: str) -> dict[str, Any]:
    """Only the purger deletes, the purger never writes, and the exporter never reads what was withdrawn."""
    writers = [_principal(name) for name in ACTIONS if name != "purger"]
    deny = {"Effect": "Deny", "Resource": f"arn:aws:s3:::{bucket}/*"}
    statements: list[dict[str, Any]] = [
        {
            **deny,
            "Sid": "NoDelete",
            "Principal": {"AWS": writers},
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        },
        {**deny, "Sid": "NoPut", "Principal": {"AWS": [_principal("purger")]}, "Action": ["s3:PutObject"]},
    ]
    if bucket == "vault":
        statements += [
            {
                **deny,
                "Sid": f"No{status.capitalize()}",
                "Principal": {"AWS": [_principal("exporter")]},
                "Action": ["s3:GetObject"],
                "Condition": {"StringEquals": {"s3:ExistingObjectTag/consent-status": status}},
            }
            for status in ("withdrawn", "erasing")
        ]
    return {"Version": "2012-10-17", "Statement": statements}


def _principal(identity: str) -> str:
    # SeaweedFS accepts other spellings and then does nothing.
    return f"arn:aws:iam::000000000000:user/{identity}"


def s3_lists(client: Any) -> bool:
    """Whether the server serves a signed request: it answers ``/healthz`` before its filer is there."""
    with contextlib.suppress(ClientError, BotoCoreError):
        client.list_buckets()
        return True
    return False


def main(arguments: list[str]) -> int:
    """Make the buckets at AWS_S3_ENDPOINT_URL with the keys of ``admin`` in a server's own configuration file."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m config.stores S3.JSON\n")
        return 2
    pairs = kept_identities(Path(arguments[0]))
    make_buckets(s3_client(env().aws_s3_endpoint_url, pairs["admin"]), ledger_days=env().ledger_lock_days)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
