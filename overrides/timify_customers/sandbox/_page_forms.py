"""The forms of the sandbox's page. Each is sent to the path of its name, below /_sandbox/page/."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

import attrs

from ._behaviour import Behaviour, FilterName
from ._company import Company
from ._faults import Fault, FaultKind, OperationName
from ._markup import Child, Element, element
from ._state import SandboxState

FAULTS_SHOWN: Final = 50


def _form(name: str, company: Company, *children: Child) -> Element:
    hidden = element("input", type="hidden", name="company", value=company.id)
    return element("form", hidden, *children, method="post", action=f"/_sandbox/page/{name}")


def _field(label: str, control: Element) -> Element:
    return element("label", label, control, class_="field")


def _select(name: str, options: Sequence[str], chosen: str = "") -> Element:
    choices: list[Child] = [
        element("option", option or "any", value=option, selected=option == chosen)
        for option in options
    ]
    return element("select", choices, name=name)


def _number(name: str, value: str = "", *, step: str = "1", least: str = "0") -> Element:
    return element("input", type="number", name=name, value=value, step=step, min=least)


def _submit(text: str, name: str | None = None, value: str | None = None) -> Element:
    return element("button", text, type="submit", name=name, value=value)


def faults(sandbox: SandboxState) -> Element:
    """Return the faults that are still to come."""
    faults = sandbox.faults.left()
    if not faults:
        return element("p", "No fault is set.")
    shown = faults[:FAULTS_SHOWN]
    count = element("p", f"{len(shown)} of {len(faults):,} faults, in order:")
    items: list[Child] = [element("li", _in_words(fault)) for fault in shown]
    return element("div", count, element("ul", items, id="faults"))


def _in_words(fault: Fault) -> str:
    parts = [f"{fault.operation or 'any operation'}: {fault.kind}"]
    answers = fault.kind in {"status", "html"}
    for attribute in attrs.fields(Fault)[2:]:
        value = getattr(fault, attribute.name)
        is_default = value == attribute.default
        if attribute.name == "status":  # whose default depends on the kind
            is_default = not answers
        if not is_default:
            parts.append(f"{attribute.name} {'for ever' if value is None else value}")
    return ", ".join(parts)


def fault_form(company: Company, typed: Mapping[str, str]) -> Element:
    """Return the form that sets a fault, with what was typed when it could not be set."""

    def number(name: str, value: str = "", *, step: str = "1", least: str = "0") -> Element:
        return _number(name, typed.get(name, value), step=step, least=least)

    operations = ("", *get_args(OperationName))
    return _form(
        "faults",
        company,
        _field("Operation", _select("operation", operations, typed.get("operation", ""))),
        _field("Kind", _select("kind", get_args(FaultKind), typed.get("kind", "status"))),
        _field("Times (empty: for ever)", number("times", "1", least="1")),
        _field("Skip", number("skip")),
        _field("Status", number("status", least="400")),
        _field("Retry-After, seconds", number("retry_after", step="any")),
        _field("Seconds", number("seconds", step="any")),
        _field("Limit", number("limit")),
        _submit("Set fault"),
    )


def clear_faults_form(company: Company) -> Element:
    """Return the form that removes all faults."""
    return _form("faults-clear", company, _submit("Remove all faults"))


def clock_forms(company: Company) -> list[Child]:
    """Return the forms that move the clock forward."""
    steps = (("1 minute", "60"), ("1 hour", "3600"), ("1 day", "86400"))
    buttons: list[Child] = [_submit(f"Forward {text}", "advance", value) for text, value in steps]
    by_hand = _field("Seconds", _number("advance", step="any"))
    return [
        _form("clock", company, buttons),
        _form("clock", company, by_hand, _submit("Move forward")),
    ]


def behaviour_form(sandbox: SandboxState, company: Company) -> Element:
    """Return the form that changes the behaviour, with its present switches."""
    how = sandbox.behaviour
    switches: list[Child] = [
        _field(name, _select(name, choices, str(getattr(how, name))))
        for name, choices in switches_of_behaviour().items()
    ]
    boxes: list[Child] = [
        _box("ignored_filters", name, name in how.ignored_filters) for name in get_args(FilterName)
    ]
    strict = _box("strict", "strict", sandbox.strict)
    return _form(
        "behaviour",
        company,
        switches,
        element("fieldset", element("legend", "ignored_filters"), boxes),
        element(
            "fieldset", element("legend", "What the document does not allow is refused"), strict
        ),
        _submit("Change behaviour"),
    )


def _box(name: str, value: str, checked: bool) -> Element:  # noqa: FBT001 - a checkbox is one
    box = element("input", type="checkbox", name=name, value=value, checked=checked)
    return element("label", box, f" {value}")


def switches_of_behaviour() -> dict[str, list[str]]:
    """Return the switches that have one of several values, with these values as texts."""
    return {
        attribute.name: [str(value) for value in attribute.validator.options]
        for attribute in _attributes()
        if attribute.validator is not None
    }


def _attributes() -> Sequence[Any]:
    return attrs.fields(Behaviour)


def value_of_switch(name: str, text: str) -> Any:
    """Return the value of a switch that a form sent as text.

    Raises:
        ValueError: the switch has no such value.
    """
    attribute: Any = attrs.fields_dict(Behaviour)[name]
    values = {str(value): value for value in attribute.validator.options}
    if text not in values:
        raise ValueError(f"{name} must be one of {', '.join(values)}, not {text!r}")
    return values[text]


def reset_form(company: Company) -> Element:
    """Return the form that empties the sandbox."""
    text = "Empty companies, logs and faults"
    return _form("reset", company, _submit(text))
