import pickle

from shared.loading.errors import (
    ConfigError,
    DataRefused,
    EnvironmentFault,
    NotSupportedByData,
    SuiteError,
    join_errors,
)


def test_a_message_names_place_finding_and_remedy():
    error = DataRefused("E-DATA-07", "orders.csv:Customer", "no such column", found="a, b", fix="c")

    assert str(error).splitlines() == [
        "E-DATA-07 orders.csv:Customer  no such column",
        "  found  a, b",
        "  fix    c",
    ]


def test_a_message_never_exceeds_eight_lines():
    long = "\n".join(f"row {i}" for i in range(40))

    assert len(str(DataRefused("E", "f", "w", found=long)).splitlines()) == 8
    many = join_errors([ConfigError("E", f"f:{i}", "wrong") for i in range(40)])
    assert len(str(many).splitlines()) == 8
    assert "33 more mistakes" in str(many)


def test_several_mistakes_are_told_in_one_go():
    joined = join_errors([ConfigError("E-1", "f:1", "a", fix="b"), ConfigError("E-2", "f:2", "c")])

    assert str(joined).splitlines() == ["E-1 f:1  a; b", "E-2 f:2  c"]
    assert joined.exit_code == 2


def test_the_password_of_an_address_is_never_printed():
    error = EnvironmentFault("E-ENV-11", "postgres://ana:s3cret@db/sales", "unreachable")

    assert "s3cret" not in str(error)
    assert "postgres://ana:***@db/sales" in str(error)


def test_the_class_decides_the_exit_code():
    classes = [NotSupportedByData, SuiteError, ConfigError, DataRefused, EnvironmentFault]

    assert [c.exit_code for c in classes] == [0, 1, 2, 3, 4]


def test_an_error_survives_the_way_between_processes():
    error = DataRefused("E", "p", "w", found="f", fix="x")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    unsupported = pickle.loads(pickle.dumps(NotSupportedByData("3 customers", "50")))
    assert str(unsupported) == "3 customers\n  needs  50"
