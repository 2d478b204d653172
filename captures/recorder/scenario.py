# SPDX-License-Identifier: GPL-2.0-or-later
"""The list of scenarios: a function each, that says what happens on a Run."""

import dataclasses
import typing

SCENARIOS = {}


@dataclasses.dataclass
class Scenario:
    name: str
    what: str
    function: typing.Callable
    swap: bool
    taps: bool
    versions: tuple

    def variants(self):
        """The names it is recorded under: as it is, on IPv6, with the ends exchanged, at every tap."""
        names = [self.name] if 4 in self.versions else []
        if 6 in self.versions:
            names.append(self.name + ".v6")
        if self.swap:
            names.append(self.name + ".swap")
        if self.taps:
            names += [f"{self.name}.tap_{tap}" for tap in ("client", "middle", "server")]
        return names


def scenario(what, swap=False, taps=False, versions=(4, 6)):
    """what: one line for the list. swap: the ends can be exchanged. taps: the place of the tap matters.
    versions: of IP, that are recorded; each runs on IPv6 when asked to."""
    def add(function):
        name = function.__name__
        SCENARIOS[name] = Scenario(name, what, function, swap, taps, versions)
        return function
    return add
