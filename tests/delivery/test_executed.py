from shared.delivery.executed import delivered_copy, warnings_of
from shared.delivery.verify import page_faults

MARKED = {
    "output_type": "display_data",
    "data": {"text/html": '<p data-output="finding-1">x</p>'},
    "metadata": {"report": {"id": "finding-1", "kind": "finding"}, "other": 1},
}


def notebook(*outputs, **metadata):
    cell = {
        "cell_type": "code",
        "id": "by-chance",
        "metadata": {"papermill": {"duration": 0.2}, "tags": ["setup"]},
        "source": "1",
        "execution_count": 1,
        "outputs": list(outputs),
    }
    return {"cells": [cell], "metadata": metadata}


def stream(text, name="stderr"):
    return {"output_type": "stream", "name": name, "text": text}


def test_only_marked_outputs_stay_and_nothing_that_differs_between_two_runs():
    value = {
        "output_type": "execute_result",
        "data": {"text/plain": "<Report at 0x7f>"},
        "metadata": {},
    }

    copy = delivered_copy(notebook(MARKED, value, stream("x"), papermill={"start_time": "now"}), [])
    (cell,) = copy["cells"]
    assert cell["id"] == "cell-00"
    assert cell["metadata"] == {"tags": ["setup"]}
    assert [o["metadata"] for o in cell["outputs"]] == [
        {"report": {"id": "finding-1", "kind": "finding"}}
    ]
    assert copy["metadata"] == {"language_info": {"name": "python"}}


def test_a_warning_is_found_once_without_its_path_and_joins_the_page():
    text = (
        "/home/ana/lib/fit.py:12: ConvergenceWarning: did not converge, see /tmp/crm/log.txt\n"
        "  warnings.warn('did not converge')\n"
    )
    warned = warnings_of(notebook(stream(text), stream(text)))

    assert warned == [(0, "ConvergenceWarning", "did not converge, see …")]
    (cell,) = delivered_copy(notebook(), warned)["cells"]
    assert "did not converge, see …" in cell["outputs"][0]["data"]["text/html"]
    assert "Warning" not in cell["outputs"][0]["data"]["text/html"]


def test_a_warning_that_was_only_printed_counts_and_one_for_programmers_does_not():
    printed = stream("Optimizer: failed to converge\n", "stdout")
    deprecated = stream("/x/y.py:1: DeprecationWarning: old\n  f()\n")

    assert warnings_of(notebook(printed, deprecated)) == [
        (0, "printed", "Optimizer: failed to converge")
    ]


def test_output_lost_on_either_side_is_a_fault():
    made, said = notebook(MARKED), {"findings": [{"id": "finding-1"}]}

    assert page_faults(made, '<p data-output="finding-1">', said) == []
    assert page_faults(made, "<p>", said) == ["1 not on the page: finding-1"]
    assert page_faults(notebook(), "<p>", said) == [
        "1 lost before the page: finding-1",
        "no output at all",
    ]
    twice = '<p data-output="finding-1"><p data-output="finding-1">'
    assert page_faults(made, twice, said) == ["1 on the page but not in the notebook: finding-1"]
