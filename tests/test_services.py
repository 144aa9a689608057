"""The real services of the tests do what the portal relies on."""

from __future__ import annotations

import os
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import connection

from config import embedded, stores
from config.processes import Child
from intake.models import Submission, User, WorkerHeartbeat
from tests import services
from tests.conftest import SignIn


def client_of(identity: str) -> Any:
    return stores.s3_client(services.rig().s3_endpoint, services.rig().identities[identity])


def fresh_key(prefix: str) -> str:
    return f"{prefix}/{uuid.uuid4()}"


def refused(call: Any, **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 403)
    return False


def test_web_puts_originals_and_reads_nothing_back(s3: Any) -> None:
    web, key = client_of("web"), fresh_key("originals")
    web.put_object(Bucket="quarantine", Key=key, Body=b"sealed")
    assert refused(web.get_object, Bucket="quarantine", Key=key)
    assert refused(web.delete_object, Bucket="quarantine", Key=key)
    assert refused(web.list_objects_v2, Bucket="quarantine")
    assert refused(web.put_object, Bucket="vault", Key=key, Body=b"x")
    assert refused(web.put_object, Bucket="quarantine", Key=fresh_key("staging"), Body=b"x")


@pytest.mark.parametrize("identity", ["preview", "worker", "web"])
def test_only_the_sealer_fills_the_vault(s3: Any, identity: str) -> None:
    assert refused(client_of(identity).put_object, Bucket="vault", Key=fresh_key("aa"), Body=b"x")
    client_of("sealer").put_object(Bucket="vault", Key=fresh_key("aa"), Body=b"x", IfNoneMatch="*")


def test_only_the_purger_deletes_and_the_purger_never_writes(s3: Any) -> None:
    key = fresh_key("aa")
    version = client_of("sealer").put_object(Bucket="vault", Key=key, Body=b"x")["VersionId"]
    assert refused(client_of("sealer").delete_object, Bucket="vault", Key=key)
    assert refused(client_of("sealer").delete_object, Bucket="vault", Key=key, VersionId=version)
    purger = client_of("purger")
    assert refused(purger.put_object, Bucket="vault", Key=key, Body=b"y")
    assert refused(purger.get_object, Bucket="vault", Key=key)
    purger.delete_object(Bucket="vault", Key=key, VersionId=version)
    assert "Versions" not in s3.list_object_versions(Bucket="vault", Prefix=key)


def test_purger_finds_versions_to_delete(s3: Any) -> None:
    key = fresh_key("aa")
    client_of("sealer").put_object(Bucket="vault", Key=key, Body=b"x")
    assert len(client_of("purger").list_object_versions(Bucket="vault", Prefix=key)["Versions"]) == 1


@pytest.mark.parametrize("status", ["withdrawn", "erasing"])
def test_exporter_cannot_read_what_was_withdrawn(s3: Any, status: str) -> None:
    sealer, exporter, key = client_of("sealer"), client_of("exporter"), fresh_key("aa")
    sealer.put_object(Bucket="vault", Key=key, Body=b"x")
    tags = [{"Key": "consent-status", "Value": "active"}]
    sealer.put_object_tagging(Bucket="vault", Key=key, Tagging={"TagSet": tags})
    assert exporter.get_object(Bucket="vault", Key=key)["Body"].read() == b"x"
    tags = [{"Key": "consent-status", "Value": status}]
    sealer.put_object_tagging(Bucket="vault", Key=key, Tagging={"TagSet": tags})
    assert refused(exporter.get_object, Bucket="vault", Key=key)


def test_second_write_to_a_key_is_refused(s3: Any) -> None:
    sealer, key = client_of("sealer"), fresh_key("aa")
    sealer.put_object(Bucket="vault", Key=key, Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError) as raised:
        sealer.put_object(Bucket="vault", Key=key, Body=b"second", IfNoneMatch="*")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


def test_strangers_get_nothing(s3: Any) -> None:
    stranger = stores.s3_client(services.rig().s3_endpoint, ("nobody", "knows"))
    assert refused(stranger.list_objects_v2, Bucket="vault")
    assert not embedded.answers(f"{services.rig().s3_endpoint}/vault/")


def test_broker_wants_its_password(broker: str) -> None:
    port = services.rig().ports["broker"]
    assert embedded.broker_is_ready(port, services.rig().broker_password)
    assert not embedded.broker_is_ready(port, "guess")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_reports_itself(worker: Child) -> None:
    result = services.run_manage("doctor", "--worker-since", "0", "--wait", "15")
    assert result.returncode == 0, result.stderr
    assert worker.is_alive
    assert WorkerHeartbeat.objects.exists()


@pytest.mark.django_db
def test_rows_can_be_written(alice: User) -> None:
    assert User.objects.get(email="alice@example.org") == alice
    assert not Submission.objects.exists()


def test_tests_never_use_the_data_folder_of_a_running_portal() -> None:
    assert os.environ["VOUCHSAFE_DATA_DIR"] == str(services.rig().folder)
    assert ".vouchsafe" not in str(connection.settings_dict["NAME"])


@pytest.mark.django_db
def test_staff_sign_in_with_a_second_factor(rita: User, sign_in: SignIn) -> None:
    assert sign_in(rita).get("/admin/").status_code == 200


@pytest.mark.django_db
def test_contributors_stay_out_of_the_admin(alice: User, sign_in: SignIn) -> None:
    assert sign_in(alice).get("/admin/").status_code != 200
