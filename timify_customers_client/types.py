"""What models, requests and answers are made of.

A model is a view: it holds the decoded JSON object, and each property reads that object when it is asked. Making one
costs next to nothing, and a value that is not what the document says fails where it is read and nowhere else. Nothing
that was read is kept: measured on pages of 10,000 customers, keeping nested views costs more (memory, and the garbage
collector's work) than making them anew.
"""

# The functions here are the views' own, and look inside them.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import datetime
import json as _json
import math
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import (
    Any,
    ClassVar,
    Generic,
    Literal,
    NoReturn,
    Self,
    TypeAlias,
    TypeGuard,
    TypeVar,
    cast,
    dataclass_transform,
    overload,
)
from urllib.parse import quote

from . import errors

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
M = TypeVar("M", bound="Model")

# Where a value stands: the place of what is around it, and the key or index in there. A root has no place around it.
Step: TypeAlias = str | int
Place: TypeAlias = "tuple[Place, Step] | None"


class Unset:
    """The type of `UNSET`: nothing at all, not even null."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET = Unset()


# Kinds of values: how each is read from JSON, and written into a request.


class Mismatch(Exception):
    """A value is not of the kind that is due. `steps` lead to it from the value that was asked for."""

    def __init__(self, expected: str, found: object, but: str = "") -> None:
        super().__init__(expected)
        self.problem: str = f"expected {expected}, found {_what(found)}{but}"
        self.steps: list[Step] = []


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[T_co]):
    """One kind of value. `a | b` is the kind of what is either; the first that fits reads it.

    Attributes:
        says: What the value is called in messages.
        read: Gives the Python value for a JSON value and the place where that stands; raises Mismatch.
        write: Gives the JSON value for a Python value; raises Mismatch, or ValueError for a value JSON cannot hold.
        exact: Values of exactly these types are read as they are; the first is the likeliest.
        view: Gives the model class, late, when this is the kind of one model.
    """

    says: str
    read: Callable[[Any, Place, Step], T_co]
    write: Callable[[Any], Any]
    exact: tuple[type[Any], ...] = ()
    view: Callable[[], type[Model]] | None = None

    def __or__(self, other: Kind[U]) -> Kind[T_co | U]:
        kinds: tuple[Kind[Any], ...] = (self, other)
        says, exact = f"{self.says} or {other.says}", _both_exact(self, other)

        def read(value: Any, at: Place, step: Step) -> Any:
            if type(value) in exact:
                return value
            for kind in kinds:
                try:
                    if kind.view is None or _fits(kind.view(), value):
                        return kind.read(value, at, step)
                except Mismatch:
                    continue
            raise Mismatch(says, value)

        def write(value: Any) -> Any:
            for kind in kinds:
                try:
                    return kind.write(value)
                except Mismatch:
                    continue
            raise Mismatch(says, value)

        return Kind(says, read, write, exact)


def _both_exact(one: Kind[Any], other: Kind[Any]) -> tuple[type[Any], ...]:
    """Give the types that are read as they are by either: none when a kind has more to say, null apart."""
    if null in {one, other}:
        return one.exact + other.exact
    return one.exact + other.exact if one.exact and other.exact else ()


def _fits(cls: type[Model], value: object) -> bool:
    """Whether a JSON object can be this model: a view reads any, so only its keys can tell."""
    return _is_object(value) and all(field.key in value for field in cls._fields.values() if field.required)


def _is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    return type(value) is dict or isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Sequence[Any]]:
    return type(value) is list or isinstance(value, list | tuple | Views)


def _is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _what(value: object) -> str:
    """Name the JSON type of a value, never the value: it may be somebody's name."""
    names: dict[type[Any], str] = {
        type(None): "null",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
    }
    if _is_object(value):
        return "an object"
    if _is_array(value):
        return "an array"
    return names.get(type(value), type(value).__name__)


def _plain(says: str, *types: type[Any], check: Callable[[Any], None] | None = None) -> Kind[Any]:
    """Values that are the same in JSON and Python. A bool is a number to Python, but not to JSON."""

    def read(value: Any, at: Place, step: Step) -> Any:
        if isinstance(value, types) and (bool in types or not isinstance(value, bool)):
            return value
        raise Mismatch(says, value)

    def write(value: Any) -> Any:
        read(value, None, "")
        if check:
            check(value)
        return value

    return Kind(says, read, write, () if {object, type(None)} & {*types} else types)


def _finite(value: float) -> None:
    if not math.isfinite(value):
        raise ValueError("JSON has no NaN and no infinity")


def _encodable(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair is no text") from None


def _parsed(says: str, read: Callable[[str], T], write: Callable[[T], str]) -> Kind[T]:
    """Values that stand as text in JSON."""

    def read_text(value: Any, at: Place, step: Step) -> T:
        try:
            return read(value)
        except (ValueError, OverflowError):
            raise Mismatch(says, value, " that is none") from None
        except TypeError:
            raise Mismatch(says, value) from None

    return Kind(says, read_text, write)


_from_iso = datetime.datetime.fromisoformat


def _read_date_time(text: str) -> datetime.datetime:
    moment = _from_iso(text)
    if moment.tzinfo is not None:
        return moment
    if len(text) <= len("YYYY-MM-DD"):
        raise ValueError("a date alone")
    return moment.replace(tzinfo=datetime.UTC)


def _write_date_time(moment: object) -> str:
    if not isinstance(moment, datetime.datetime):
        raise Mismatch("a datetime", moment)
    if moment.utcoffset() is None:
        raise ValueError("a datetime needs a time zone")
    return moment.isoformat().replace("+00:00", "Z")


def _write_date(day: object) -> str:
    if not isinstance(day, datetime.date) or isinstance(day, datetime.datetime):
        raise Mismatch("a date", day)
    return day.isoformat()


text: Kind[str] = _plain("a string", str, check=_encodable)
integer: Kind[int] = _plain("an integer", int)
number: Kind[float] = _plain("a number", float, int, check=_finite)
boolean: Kind[bool] = _plain("a boolean", bool)
null: Kind[None] = _plain("null", type(None))
anything: Kind[Any] = _plain("anything", object, bool)
# What `fromisoformat` reads, so RFC 3339 too. Without an offset it is UTC, as every observed timestamp is.
date_time: Kind[datetime.datetime] = _parsed("an ISO 8601 date and time", _read_date_time, _write_date_time)
date: Kind[datetime.date] = _parsed("an ISO 8601 date", datetime.date.fromisoformat, _write_date)


def model(late: Callable[[], type[M]]) -> Kind[M]:
    """Objects with a model of their own, named late since models may refer to each other in circles."""

    def read(value: Any, at: Place, step: Step) -> M:
        if _is_object(value):
            return _view(late(), value, at, step)
        raise Mismatch("an object", value)

    def write(value: Any) -> Any:
        if isinstance(value, late()):
            return value.raw
        raise Mismatch(f"{late().__name__}", value)

    return Kind("an object", read, write, view=late)


def list_of(item: Kind[T]) -> Kind[Sequence[T]]:
    """Arrays. One of models is a view itself, so that an entry that is no object fails alone, when it is read."""
    exact = frozenset(item.exact)

    def read(value: Any, at: Place, step: Step) -> Any:
        if value == []:
            return []
        if not _is_array(value):
            raise Mismatch("an array", value)
        for entry in value:
            if type(entry) not in exact:
                break
        else:
            return [*value]
        return _each(value, item, (at, step))

    def write(value: Any) -> Any:
        if not _is_sequence(value):
            raise Mismatch("a list", value)
        return _each(value, item)

    return Kind("an array", read if item.view is None else _views_of(item.view), write)


def _views_of(late: Callable[[], type[Model]]) -> Callable[[Any, Place, Step], Any]:
    def read(value: Any, at: Place, step: Step) -> Any:
        if _is_array(value):
            return Views(late(), value, at, step)
        raise Mismatch("an array", value)

    return read


def _each(entries: Sequence[Any], item: Kind[Any], at: Place = None) -> list[Any]:
    """Read entries, or without a place write them; a Mismatch tells which of them it was."""
    changed: list[Any] = []
    for index, entry in enumerate(entries):
        try:
            changed.append(item.read(entry, at, index) if at else item.write(entry))
        except Mismatch as mismatch:
            mismatch.steps.insert(0, index)
            raise
    return changed


def answer(kind: Kind[T], data: object) -> T:
    """Read the decoded JSON of an answer; raise DecodeError when it is not of this kind."""
    try:
        return kind.read(data, None, "$")
    except Mismatch as mismatch:
        name = kind.view().__name__ if kind.view else kind.says
        raise errors.DecodeError(name, "", _path(None, "$", *mismatch.steps), mismatch.problem) from None


# Properties of models.


@dataclass(frozen=True, slots=True)
class Field:
    """What a model knows of one of its properties."""

    key: str
    kind: Kind[Any]
    required: bool
    secret: bool


@overload
def required(key: str, *, secret: bool = False) -> str: ...
@overload
def required(key: str, kind: Kind[T], *, secret: bool = False) -> T: ...
def required(key: str, kind: Kind[Any] = text, *, secret: bool = False) -> Any:
    """Declare a property whose key must be there; `repr` does not show a secret one."""
    return _property(Field(key, kind, required=True, secret=secret))


@overload
def optional(key: str, *, secret: bool = False) -> str | None: ...
@overload
def optional(key: str, kind: Kind[T], *, secret: bool = False) -> T | None: ...
def optional(key: str, kind: Kind[Any] = text, *, secret: bool = False) -> Any:
    """Declare a property that is `None` when its key is absent or null; `repr` does not show a secret one."""
    return _property(Field(key, kind, required=False, secret=secret))


def _property(field: Field) -> property:
    """Make the property. This is where reading spends its time, so the likeliest case comes first."""
    key, likeliest, lenient, read = field.key, next(iter(field.kind.exact), None), not field.required, field.kind.read

    def get(view: Model) -> Any:
        try:
            value = view._raw.get(key)
        except AttributeError:
            raise _refusal(view, key, f"expected an object around it, found {_what(view._raw)}") from None
        if type(value) is likeliest:
            return value
        if value is None:
            if lenient:
                return None
            if key not in view._raw:
                raise _refusal(view, key, "expected a value, found nothing")
        try:
            return read(value, (view._at, view._step), key)
        except Mismatch as mismatch:
            raise _refusal(view, key, mismatch.problem, *mismatch.steps) from None

    own = _specialized(get)
    own.field = field
    return property(own, _immutable, _immutable, f"{field.kind.says}, under the key {key!r}".capitalize())


def _specialized(function: Any) -> Any:
    """Give a closure code of its own: the interpreter fits code to the types it meets, and these differ by model."""
    code = function.__code__.replace(co_name=function.__name__)
    return FunctionType(code, function.__globals__, closure=function.__closure__)


def _immutable(view: Model, value: object = None) -> NoReturn:
    raise AttributeError(f"{type(view).__name__} is immutable: make a new one")


def _refusal(view: Model, key: str, problem: str, *steps: Step) -> errors.DecodeError:
    return errors.DecodeError(type(view).__name__, key, _path((view._at, view._step), key, *steps), problem)


def _path(at: Place, *steps: Step) -> str:
    """Write the JSON path of a place and the steps from there; the outermost step is a path already."""
    whole = list(reversed(steps))
    while at is not None:
        at, step = at
        whole.append(step)
    return str(whole.pop()) + "".join(map(_in_path, reversed(whole)))


def _in_path(step: Step) -> str:
    if isinstance(step, str) and step.isidentifier():
        return f".{step}"
    return f"[{step}]" if isinstance(step, int) else f"[{_json.dumps(step)}]"


# Views.


class _View:
    """A part of decoded JSON, and where it stands there: not the whole, which would stay in memory with each part."""

    __slots__ = ("_at", "_raw", "_step")
    _raw: Any
    _at: Place
    _step: Step

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return cast("Self", _made(type(self), self._entries(), copied(self._raw), self._at, self._step))

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self._entries(), _flat(self._raw), _path(self._at, self._step))

    def _entries(self) -> type[Model] | None:
        """Give the class of the entries, when this is an array."""
        return None


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=False, field_specifiers=(required,))
class Model(_View):
    """A JSON object, read through properties. Immutable, equal by content, unhashable.

    The constructor builds an object to send: what is not given is not sent, and None is sent as null where the document
    allows null. It raises TypeError for a name that is unknown, a name that is missing and a value of the wrong type
    (None where there is no null in the document, too), ValueError for a value that JSON cannot hold.
    """

    __slots__ = ()
    _fields: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        found = {name: getattr(getattr(value, "fget", None), "field", None) for name, value in vars(cls).items()}
        own = {name: field for name, field in found.items() if field is not None}
        if taken := own.keys() & {*dir(Model)}:
            raise TypeError(f"{cls.__name__}: {sorted(taken)} would hide what every model has")
        cls._fields = {**cls._fields, **own}

    def __init__(self, /, **values: Any) -> None:
        name = type(self).__name__
        for unknown in sorted(values.keys() - self._fields.keys()):
            raise TypeError(f"{name} has no {unknown!r}{_closest(unknown, self._fields)}")
        if missing := [key for key, field in self._fields.items() if field.required and key not in values]:
            raise TypeError(f"{name} needs {', '.join(missing)}")
        written = {self._fields[key].key: _written(self, key, value) for key, value in values.items()}
        self._raw, self._at, self._step = written, None, "$"

    @classmethod
    def from_dict(cls, source: Mapping[str, Any] | Model) -> Self:
        """View a decoded JSON object, itself and not a copy, or what another view shows, at the place it has there.

        Raises DecodeError when `source` is neither.
        """
        if isinstance(source, Model):
            return _view(cls, source._raw, source._at, source._step)
        if not _is_object(source):
            raise errors.DecodeError(cls.__name__, "", "$", f"expected an object, found {_what(source)}")
        return _view(cls, source, None, "$")

    @property
    def raw(self) -> Mapping[str, Any]:
        """The JSON object itself; raises DecodeError when there is something else, as an entry of a list may be."""
        if not _is_object(self._raw):
            problem = f"expected an object, found {_what(self._raw)}"
            raise errors.DecodeError(type(self).__name__, "", _path(self._at, self._step), problem)
        return self._raw

    def to_dict(self) -> dict[str, Any]:
        """Copy the JSON object, deeply, with the keys that the document does not know. Raises as `raw` does."""
        return cast("dict[str, Any]", copied(self.raw))

    # Pydantic alone calls these, so nothing of it is imported here.

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Tell pydantic to take a model or its JSON object, and to dump it by `to_dict`."""
        from .schemas import reference

        return {
            "type": "function-plain",
            "ref": reference(cls),
            "function": {"type": "no-info", "function": cls._validated},
            "serialization": {"type": "function-plain", "function": _dumped},
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: Any) -> dict[str, Any]:
        """Give pydantic the document's schema."""
        from .schemas import json_schema

        return json_schema(cls, handler)

    @classmethod
    def _validated(cls, value: object) -> Self:
        """View a JSON object or a model that this class extends; pydantic reports the ValueError for anything else."""
        if isinstance(value, cls):
            return value
        if _is_object(value) or (isinstance(value, Model) and issubclass(cls, type(value))):
            return cls.from_dict(value)
        raise ValueError(f"expected a {cls.__name__} or its JSON object, found {_what(value)}")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Model) and (isinstance(other, type(self)) or isinstance(self, type(other))):
            return _same(self._raw, other._raw)
        return NotImplemented

    def __repr__(self) -> str:
        return _short.repr(self)


class Views(_View, Sequence[M]):
    """A JSON array of objects, read through models. Entries are made when they are asked for, and not kept."""

    __slots__ = ("_cls",)

    def __init__(self, cls: type[M], raw: Sequence[Any], at: Place, step: Step) -> None:
        self._cls = cls
        self._raw, self._at, self._step = raw, at, step

    def _entries(self) -> type[Model] | None:
        return self._cls

    def __len__(self) -> int:
        return len(self._raw)

    @overload
    def __getitem__(self, index: int) -> M: ...
    @overload
    def __getitem__(self, index: slice) -> list[M]: ...
    def __getitem__(self, index: int | slice) -> M | list[M]:
        numbers = range(len(self._raw))[index]
        if isinstance(numbers, range):
            return [self[number] for number in numbers]
        return _view(self._cls, self._raw[numbers], (self._at, self._step), numbers)

    def __iter__(self) -> Iterator[M]:
        new, cls, at = object.__new__, self._cls, (self._at, self._step)
        for step, raw in enumerate(self._raw):
            view = new(cls)
            view._raw = raw
            view._at = at
            view._step = step
            yield view

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Views | list):
            return list(self) == list(cast("Sequence[Any]", other))
        return NotImplemented

    def __repr__(self) -> str:
        return _short.repr(self)


def _dumped(value: object) -> object:
    """Write what pydantic holds in place of a model: in a union, that may be a value of another type."""
    return value.to_dict() if isinstance(value, Model) else value


def _made(cls: type[Any], entries: type[Model] | None, raw: Any, at: Place, step: Step) -> Any:
    return Views(entries, raw, at, step) if entries else _view(cls, raw, at, step)


def _view(cls: type[M], raw: Any, at: Place, step: Step) -> M:
    view = object.__new__(cls)
    view._raw, view._at, view._step = raw, at, step
    return view


def _closest(name: str, names: Mapping[str, Field]) -> str:
    import difflib

    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _written(view: Model, name: str, value: object) -> Any:
    try:
        return view._fields[name].kind.write(value)
    except Mismatch as mismatch:
        place = f"{type(view).__name__}.{name}" + "".join(map(_in_path, mismatch.steps))
        raise TypeError(f"{place}: {mismatch.problem}") from None
    except ValueError as error:
        raise ValueError(f"{type(view).__name__}.{name}: {error}") from None


# Decoded JSON as a whole. Nothing here may recurse, since what the parser made can be deeper than the stack.


# Each object and array without those that it holds, and which of the others stands there under which key.
Flat: TypeAlias = list[tuple[Any, dict[Any, int]]]
_LEAVES = frozenset({str, int, float, bool, type(None)})


def _containers(value: object) -> Iterator[tuple[Any, Any]]:
    """Give the keys or indexes under which a JSON value holds other objects and arrays, with these."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if _is_object(value):
        pairs = value.items()
    elif _is_list(value):
        pairs = enumerate(value)
    for key, item in pairs:
        if type(item) not in _LEAVES and (_is_list(item) or _is_object(item)):
            yield key, item


def _bare(source: Any, inner: Mapping[Any, object]) -> Any:
    """Copy an object or array, with None in place of those that it holds."""
    if not _is_object(source) and not _is_list(source):
        return source
    box: Any = dict(source) if _is_object(source) else list(source)
    for key in inner:
        box[key] = None
    return box


def _flat(root: object) -> Flat:
    """Take decoded JSON apart, each object and array once."""
    sources, numbers = [root], {id(root): 0}
    flat: Flat = []
    for source in sources:
        inner: dict[Any, int] = {}
        for key, item in _containers(source):
            inner[key] = numbers.setdefault(id(item), len(sources))
            if inner[key] == len(sources):
                sources.append(item)
        flat.append((_bare(source, inner), inner))
    return flat


def _whole(flat: Flat) -> Any:
    """Put together what `_flat` took apart."""
    for box, inner in flat:
        for key, number in inner.items():
            box[key] = flat[number][0]
    return flat[0][0]


def copied(value: object) -> Any:
    """Copy decoded JSON deeply; what holds itself does so in the copy."""
    return _whole(_flat(value))


def _revive(cls: type[Any], entries: type[Model] | None, flat: Flat, path: str) -> Any:
    """Unpickle a view. The path it had stands for its place."""
    return _made(cls, entries, _whole(flat), None, path)


def _same(one: object, other: object) -> bool:
    try:
        return bool(one == other)
    except RecursionError:
        return _same_deep(one, other)


def _same_deep(one: object, other: object) -> bool:
    pairs, seen = [(one, other)], set[tuple[int, int]]()
    for mine, its in pairs:
        if (id(mine), id(its)) in seen:
            continue
        seen.add((id(mine), id(its)))
        inner, theirs = dict(_containers(mine)), dict(_containers(its))
        if inner.keys() != theirs.keys() or _bare(mine, inner) != _bare(its, theirs):
            return False
        pairs.extend((inner[key], theirs[key]) for key in inner)
    return True


class _Short(reprlib.Repr):
    """`repr` that stays short however large the data, and shows no secret."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlist, self.maxdict, self.maxstring, self.maxother = 4, 3, 8, 60, 60

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, Model):
            return self._model(x, level)
        if isinstance(x, Views):
            return self._views(cast("Views[Model]", x), level)
        return super().repr1(x, level)

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < 1000 else f"<integer of {x.bit_length()} bits>"

    def _views(self, x: Views[Model], level: int) -> str:
        shown = [self.repr1(entry, level - 1) for entry in x[: self.maxlist if level > 0 else 0]]
        return f"[{', '.join(shown + ['...'] * (len(shown) < len(x)))}]"

    def _model(self, x: Model, level: int) -> str:
        name = type(x).__name__
        if not _is_object(x._raw):
            return f"{name}(<{_what(x._raw)}>)"
        if level <= 0:
            return f"{name}(...)"
        shown = [f"{key}={self._value(x, field, level)}" for key, field in x._fields.items() if field.key in x._raw]
        return f"{name}({', '.join(shown)})"

    def _value(self, x: Model, field: Field, level: int) -> str:
        if field.secret:
            return "<hidden>"
        value = x._raw[field.key]
        try:
            read = field.kind.read(value, None, "$")
        except Mismatch:
            read = value
        return self.repr1(value if isinstance(read, datetime.date) else read, level - 1)


_short = _Short()


# Requests and answers.


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is ready to be sent to a base URL. `json` is `UNSET` when there is no body.

    A parameter of the query that is a list stands there once for each entry.
    """

    operation: str
    method: str
    path: str
    params: Mapping[str, str | list[str]] = field(default_factory=dict[str, "str | list[str]"])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    json: object = field(default=UNSET, repr=False)


@dataclass(frozen=True, slots=True)
class Response(Generic[T]):
    """An answer: any status, and what the document makes of the body."""

    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    parsed: T


def segment(name: str, value: object) -> str:
    """Encode a path parameter. No string is a TypeError, one that would address something else a ValueError."""
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a string, found {_what(value)}")
    if not value.strip() or value in {".", ".."}:
        raise ValueError(f"{name}: {value!r} cannot stand in a path")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{name}: half a surrogate pair is no text") from None


def params(values: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Write query parameters, without those that are None."""
    return {name: _param(name, value) for name, value in values.items() if value is not None}


def _param(name: str, value: object) -> str | list[str]:
    if _is_array(value):
        return [_plain_param(name, entry) for entry in value]
    return _plain_param(name, value)


def _plain_param(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"{name}: expected a string or a number, found {_what(value)}")


def listed(name: str, entries: object, separator: str) -> object:
    """Write a list of a query: joined by the separator, or as it is when each entry is sent by itself ("&").

    An entry that holds the separator would be two, which is a ValueError; no list is a TypeError.
    """
    if entries is None:
        return None
    if not _is_array(entries):
        raise TypeError(f"{name}: expected a list, found {_what(entries)}")
    texts = [_plain_param(name, entry) for entry in entries]
    if separator == "&":
        return texts
    for text in texts:
        if separator in text:
            raise ValueError(f"{name}: {text!r} holds {separator!r}, which separates the entries")
    return separator.join(texts)


def headers(values: Mapping[str, object]) -> dict[str, str]:
    """Check header values, without those that are None: a line break or a character beyond ASCII is a ValueError."""
    return {name: _header(name, value) for name, value in values.items() if value is not None}


def _header(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected a string, found {_what(value)}")
    if not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name}: a header holds printable ASCII only")
    return value


def body(kind: Kind[Any], value: object) -> Any:
    """Copy a request's body out of its model; anything else is a TypeError."""
    try:
        return copied(kind.write(value))
    except Mismatch as mismatch:
        raise TypeError(f"body: {mismatch.problem}") from None


__all__ = ("UNSET", "Model", "Request", "Response", "Unset")
