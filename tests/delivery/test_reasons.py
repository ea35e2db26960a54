import pytest

from shared.delivery import reasons

CELL = {"index": 6, "done": 2, "of": 9, "heading": "Do they return?"}


def test_a_reader_is_told_the_heading_and_a_consultant_the_cell_and_kind():
    end = {"ename": "KeyError", "evalue": "'ana@example.com'", "traceback": "…"}

    facts = reasons.cell_failed(end, CELL, 900)
    assert facts["reason"] == (
        "its calculation stopped with an error, under the heading “Do they return?”"
    )
    assert facts["detail"] == "code cell 3: KeyError"


def test_an_error_of_our_own_may_be_told_with_its_text_and_without_a_password():
    end = {"ename": "ConfigError", "evalue": "E-PARA-03 db://u:pw@host  bad\n  fix"}

    detail = reasons.cell_failed(end, CELL, 900)["detail"]
    assert detail == "code cell 3: ConfigError: E-PARA-03 db://u:***@host  bad"


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 28] No space left on device: '/x'",
        "[Errno 27] File too large",
        "[Errno 122] Disk quota exceeded",
        "IO Error: Could not write: No space left on device",
    ],
)
def test_a_full_disk_a_quota_and_a_size_limit_are_alike(message):
    assert reasons.disk_fault("OSError", message)


def test_other_errors_do_not_stop_the_run():
    assert not reasons.disk_fault("OSError", "[Errno 2] No such file or directory: 'x'")
    assert reasons.disk_fault("EnvironmentFault", "E-ENVI-01 /x  may not be written")


def test_limits_are_told_in_minutes():
    assert reasons.too_long(900, CELL)["reason"].startswith("it was stopped after 15 minutes")
    assert reasons.too_long(1800, {})["detail"] == "before its first cell: limit of 30 minutes"
