"""What a consultant may set: a notebook's parameters, their ranges, and whether a value fits."""

import ast
import io
import json
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from shared.loading.errors import ConfigError, join_errors

KINDS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool, "list": list}
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_SPAN = re.compile(rf"({_NUMBER}) to ({_NUMBER})(?: (.+))?")
_NUMBERS = re.compile(rf"(\d+) ascending numbers from ({_NUMBER}) to ({_NUMBER})")
_CHOICES = re.compile(r"\S+(?:, \S+)* or \S+")
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell.

    Attributes
    ----------
    name, kind : str
        Name and type: int, float, str, bool or list.
    default : object
        The literal in the notebook.
    help : str
        The trailing comment: range, unit and effect.
    allowed : str
        The range as the comment writes it, "" if there is none.
    low, high : float or None
        Bounds, both included; of each number, for a list of numbers.
    length : int or None
        Numbers that a list must hold, each larger than the one before; None for any list.
    choices : tuple
        The only values allowed, empty if any is.
    unit : str
        Such as "customers".
    """

    name: str
    kind: str
    default: object
    help: str = ""
    allowed: str = ""
    low: float | None = None
    high: float | None = None
    length: int | None = None
    choices: tuple[object, ...] = ()
    unit: str = ""


def declared_parameters(notebook: Path) -> list[Parameter]:
    """Read the parameters that a notebook declares in the cell tagged `parameters`.

    Raises
    ------
    ConfigError
        If there is no such cell, or a line of it is not `name: type = literal`.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if not tagged:
        raise ConfigError(
            "E-PARA-01", notebook.name, "the notebook has no cell tagged parameters",
            fix="tag its first code cell `parameters`",
        )  # fmt: skip
    return parameters_of("".join(tagged[0]["source"]), place=notebook.name)


def parameters_of(source: str, *, place: str) -> list[Parameter]:
    """Read parameters from the source of a parameters cell; `place` names it in an error."""
    comments = _comments(source)
    found, wrong = [], []
    for statement in ast.parse(source).body:
        parameter = _parameter(statement, comments.get(statement.lineno, ""))
        if parameter is None:
            line = ast.get_source_segment(source, statement)
            wrong.append(ConfigError("E-PARA-01", place, f"`{line}` is not `name: type = literal`"))
        else:
            found.append(parameter)
    if wrong:
        raise join_errors(wrong)
    return found


def check_value(parameter: Parameter, value: object, *, place: str = "") -> object:
    """Give back a value in the parameter's type, or refuse it with what is allowed.

    Text is read in the parameter's type, so that a command line and a YAML file agree; a number
    never becomes text, which would lose the zeros of "007".

    Raises
    ------
    ConfigError
        E-PARA-02 for the wrong type, E-PARA-03 for a value out of range.
    """
    place = place or parameter.name
    typed = _typed(value, parameter.kind)
    if typed is not None and parameter.length:
        typed = _numbers(typed)
    allowed = parameter.allowed or parameter.kind
    if typed is None:
        wrong = f"{value!r} is not of type {parameter.kind}"
        raise ConfigError("E-PARA-02", place, wrong, fix=_example(parameter) or allowed)
    if not _fits(parameter, typed):
        raise ConfigError(
            "E-PARA-03",
            place,
            f"{value!r} is out of range",
            fix=_example(parameter) or f"use {allowed}",
        )
    return typed


def check_values(
    parameters: Sequence[Parameter], given: Mapping[str, object], *, place: str
) -> dict[str, object]:
    """Check given values against a notebook's own list; all mistakes are told in one go."""
    known = {parameter.name: parameter for parameter in parameters}
    checked, wrong = {}, []
    for name, value in given.items():
        try:
            if name not in known:
                raise _unknown(name, list(known), place)
            checked[name] = check_value(known[name], value, place=f"{place}.{name}")
        except ConfigError as error:
            wrong.append(error)
    if wrong:
        raise join_errors(wrong)
    return checked


def _unknown(name: str, known: list[str], place: str) -> ConfigError:
    near = get_close_matches(name, known, n=1)
    fix = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return ConfigError(
        "E-PARA-04", f"{place}.{name}", "the notebook has no such parameter", fix=fix
    )


def _example(parameter: Parameter) -> str:
    """Show how a list of numbers is typed; "" for any other parameter."""
    if not parameter.length or not isinstance(parameter.default, list):
        return ""
    typed = ",".join(f"{number:.2f}" for number in parameter.default)
    return f"write {typed}: {parameter.allowed}"


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameter(statement: ast.stmt, comment: str) -> Parameter | None:
    if not isinstance(statement, ast.AnnAssign) or statement.value is None:
        return None
    kind = ast.unparse(statement.annotation).partition("[")[0]
    if kind not in KINDS or not isinstance(statement.target, ast.Name):
        return None
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        return None
    return _with_range(Parameter(statement.target.id, kind, default, comment))


def _with_range(bare: Parameter) -> Parameter:
    allowed = bare.help.partition(";")[0].strip()
    bare = replace(bare, allowed=allowed)
    span = _SPAN.fullmatch(allowed)
    if span and bare.kind in ("int", "float"):
        low, high, unit = span.groups()
        return replace(bare, low=float(low), high=float(high), unit=unit or "")
    numbers = _NUMBERS.fullmatch(allowed)
    if numbers and bare.kind == "list":
        length, low, high = numbers.groups()
        return replace(bare, length=int(length), low=float(low), high=float(high))
    if _CHOICES.fullmatch(allowed):
        texts = re.split(r", | or ", allowed)
        choices = tuple(_typed("" if text == "empty" else text, bare.kind) for text in texts)
        # "empty or 2011-11" is an example, not a choice: a real list holds its own default.
        if None not in choices and bare.default in choices:
            return replace(bare, choices=choices)
    return bare


def _typed(value: object, kind: str) -> object:
    if isinstance(value, str) and kind != "str":
        return _read(value.strip(), kind)
    if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) and kind != "bool":
        return None
    return value if isinstance(value, KINDS[kind]) else None


def _read(text: str, kind: str) -> object:
    if kind == "int":
        return int(text) if re.fullmatch(r"[-+]?\d+", text) else None
    if kind == "float":
        return float(text) if re.fullmatch(rf"{_NUMBER}(?:e[-+]?\d+)?", text) else None
    if kind == "bool":
        return text.lower() in _TRUE if text.lower() in _TRUE + _FALSE else None
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(values: object) -> object:
    """Turn a list into numbers, None where one of its values is none."""
    read = [_typed(value, "float") for value in values]  # type: ignore[attr-defined]
    return None if None in read else read


def _fits(parameter: Parameter, value: object) -> bool:
    if parameter.choices:
        return value in parameter.choices
    if parameter.length and isinstance(value, list):
        bounded = all(parameter.low <= x <= parameter.high for x in value)
        return bounded and len(value) == parameter.length and value == sorted(set(value))
    if parameter.low is None or parameter.high is None or not isinstance(value, int | float):
        return True
    return parameter.low <= value <= parameter.high
