#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Documentation/decisions.rst, cell by cell: each event is made under each policy and in
each state of time; exactly the cell's counter must move, by exactly the number of
packets, and exactly that must be seen at the customer, or on the core, which the verdict
says. The tables of the page are this test's data.
Kernels differ in: memory that lacks is made on stock kernels only."""

import ktap
import phases
from cells import EACH, Cell, events
from lab import Lab
from table import POLICIES, Page

page = Page()


def wanted(cell):
    """The decision, and the count of packets that it makes of those sent."""
    decision = page.decisions[cell.row][cell.policy]
    # What its segments and fragments meet, they meet one by one.
    whole = page.decisions[cell.name][cell.policy].verdict
    parts = cell.event.parts if cell.event.each or whole in ("segment", "fragment") else 1
    return decision, EACH * parts


@ktap.test("decisions: the page's rows are those that can be made")
def rows(_net):
    ktap.equal("rows without event", sorted(set(page.decisions) - set(events)), [])
    ktap.equal("events without row", sorted(set(events) - set(page.decisions)), [])
    for (name, state), row in page.times.items():
        ktap.check(name in page.decisions and row in page.decisions,
                   f"{name}, {state}: {row} is no row")


class Run:
    """All cells, made at the first test that asks for one."""

    def __init__(self):
        self.cells = []

    def make(self, net):
        if not self.cells:
            names = [(name, None, None) for name in page.decisions]
            names += [(name, state, row) for (name, state), row in page.times.items()]
            self.cells = [Cell(net, i * 3 + j, name, policy, state, row)
                          for i, (name, state, row) in enumerate(names)
                          for j, policy in enumerate(POLICIES)]
            phases.run(net, self.cells, wanted)
        return self.cells


run = Run()


def register(name, state=None, row=None):
    title = f"decisions: {name}" + (f", {state}" if state else "")

    @ktap.test(title)
    def cells(net):
        for cell in run.make(net):
            if (cell.name, cell.row) == (name, row or name) and \
                    cell.state == (state or cell.event.state):
                phases.compare(cell, *wanted(cell))


for row_name in page.decisions:
    register(row_name)
for (event_name, time_state), other_row in page.times.items():
    register(event_name, time_state, other_row)


if __name__ == "__main__":
    with Lab() as lab:
        ktap.main(lab)
