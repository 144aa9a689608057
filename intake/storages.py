"""The four buckets, each reached as one of six identities, and writes that never replace anything.

One PUT or one multipart completion carries ``If-None-Match: *`` and SHA-256 checksums; the second writer gets 412. As
keys are fresh or content-addressed, 412 over the same digest means: done already. django-storages has no conditional
put, so this class speaks to the client itself and keeps of its parent only the connection.
"""

from __future__ import annotations

import functools
import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from config.env import env
from intake.errors import StorageConflictError, StorageUnavailableError

PART_BYTES = 8 * 1024 * 1024
METADATA_BYTES = 2_048  # S3's limit, which not every server enforces
IDENTITIES = ("web", "preview", "worker", "sealer", "exporter", "purger")
_TAKEN = {"PreconditionFailed", "412", "ConditionalRequestConflict"}
_ABSENT = {"NoSuchKey", "404", "NotFound"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _checksum(data: bytes) -> str:
    return b64encode(hashlib.sha256(data).digest()).decode()


def _unavailable(error: Exception) -> NoReturn:
    raise StorageUnavailableError from error


class CreateOnlyS3Storage(S3Storage):  # type: ignore[misc]
    """A bucket in which nothing is ever overwritten. Metadata and keys carry ids and digests only."""

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def _call(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return operation(Bucket=self.bucket_name, **arguments)
        except ClientError as error:
            if _code(error) in _TAKEN | _ABSENT:
                raise
            _unavailable(error)
        except BotoCoreError as error:
            _unavailable(error)

    def put(self, key: str, data: bytes | Iterable[bytes], *, metadata: Mapping[str, str] | None = None) -> str:
        """Write one new object and return its SHA-256 (hex).

        A stream is sent in parts of 8 MiB, at most one of which is in memory; its digest cannot stand in the metadata,
        which S3 wants first, so the caller keeps it.

        Raises:
            StorageConflictError: the key holds other bytes. StorageUnavailableError: the store failed.
        """
        if isinstance(data, bytes):
            digest = hashlib.sha256(data).hexdigest()
            extra = {**self._headers({**(metadata or {}), "sha256": digest}), "ChecksumSHA256": _checksum(data)}
            self._create(key, digest, self.client.put_object, Body=data, IfNoneMatch="*", **extra)
            return digest
        return self._put_stream(key, data, metadata or {})

    def _headers(self, metadata: Mapping[str, str]) -> dict[str, Any]:
        size = sum(len(name) + len(value) for name, value in metadata.items())
        if size > METADATA_BYTES or not all(value.isascii() for value in metadata.values()):
            raise ValueError("object metadata must be short ASCII")
        headers: dict[str, Any] = {"Metadata": dict(metadata)}
        if env().s3_sse:
            headers["ServerSideEncryption"] = env().s3_sse
        return headers

    def _create(self, key: str, digest: str, operation: Callable[..., Any], **arguments: Any) -> None:
        try:
            self._call(operation, Key=key, **arguments)
        except ClientError as error:
            if _code(error) not in _TAKEN:
                _unavailable(error)
            if self.digest(key) != digest:
                raise StorageConflictError from None

    def _put_stream(self, key: str, chunks: Iterable[bytes], metadata: Mapping[str, str]) -> str:
        whole = hashlib.sha256()
        upload = self._call(
            self.client.create_multipart_upload, Key=key, ChecksumAlgorithm="SHA256", **self._headers(metadata)
        )["UploadId"]
        parts: list[dict[str, Any]] = []
        try:
            for number, part in enumerate(_parts(chunks), start=1):
                whole.update(part)
                answer = self._call(
                    self.client.upload_part,
                    Key=key,
                    UploadId=upload,
                    PartNumber=number,
                    Body=part,
                    ChecksumSHA256=_checksum(part),
                )
                parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": _checksum(part)})
            self._create(
                key,
                whole.hexdigest(),
                self.client.complete_multipart_upload,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except BaseException:
            self._call(self.client.abort_multipart_upload, Key=key, UploadId=upload)
            raise
        return whole.hexdigest()

    def open_stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's bytes in pieces. Raises FileNotFoundError, StorageUnavailableError."""
        try:
            body = self._call(self.client.get_object, Key=key)["Body"]
        except ClientError:
            raise FileNotFoundError("no such object") from None
        try:
            yield from body.iter_chunks(1024 * 1024)
        except BotoCoreError as error:
            _unavailable(error)

    def read(self, key: str) -> bytes:
        return b"".join(self.open_stream(key))

    def digest(self, key: str) -> str:
        """SHA-256 of the bytes as the store gives them back: the only digest that proves anything."""
        whole = hashlib.sha256()
        for chunk in self.open_stream(key):
            whole.update(chunk)
        return whole.hexdigest()

    def present(self, key: str) -> bool:
        try:
            self._call(self.client.head_object, Key=key)
        except ClientError:
            return False
        return True

    def keys(self, prefix: str = "") -> Iterator[str]:
        token: dict[str, str] = {}
        while True:
            page = self._call(self.client.list_objects_v2, Prefix=prefix, **token)
            yield from (item["Key"] for item in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def versions(self, key: str) -> list[Mapping[str, Any]]:
        """What a listing of all versions holds of one object, markers of deletions included."""
        found = self._call(self.client.list_object_versions, Prefix=key)
        return [item for item in [*found.get("Versions", ()), *found.get("DeleteMarkers", ())] if item["Key"] == key]

    def erase(self, key: str) -> int:
        """Delete every version of one object; return how many there were. An absent object is no error."""
        doomed = self.versions(key)
        for item in doomed:
            self._call(self.client.delete_object, Key=key, VersionId=item["VersionId"])
        if not doomed:
            self._call(self.client.delete_object, Key=key)
        return len(doomed)

    def tag(self, key: str, tags: Mapping[str, str]) -> None:
        """Replace the tags of an object: a hint to bucket policies, never the authority."""
        pairs = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
        self._call(self.client.put_object_tagging, Key=key, Tagging={"TagSet": pairs})


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream into parts of PART_BYTES; an empty stream is one empty part."""
    buffer = bytearray()
    sent = False
    for chunk in chunks:
        buffer += chunk
        while len(buffer) >= PART_BYTES:
            yield bytes(buffer[:PART_BYTES])
            sent = True
            del buffer[:PART_BYTES]
    if buffer or not sent:
        yield bytes(buffer)


@functools.cache
def storage(alias: str, *, as_: str) -> CreateOnlyS3Storage:
    """The bucket ``alias`` (quarantine, vault, exports, ledger), reached with the keys of the identity ``as_``."""
    if as_ not in IDENTITIES:
        raise ValueError(f"no such storage identity: {as_}")
    settings = env()
    pair = settings.s3_identities.get(as_, (settings.aws_access_key_id, settings.aws_secret_access_key))
    return CreateOnlyS3Storage(
        bucket_name=getattr(settings, f"s3_bucket_{alias}"),
        access_key=pair[0] or None,
        secret_key=pair[1] or None,
        endpoint_url=settings.aws_s3_endpoint_url or None,
        region_name="us-east-1",
        client_config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=3,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
        ),
        default_acl=None,
        file_overwrite=False,
        querystring_auth=True,
    )
