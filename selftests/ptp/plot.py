#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: plot.py DATA > FILE.svg

Draws what run.sh --data has kept: the offset between the two PHCs over time, and the
share of packets that were falsely dropped, by the length of the slots.
"""
import math
import sys

WIDTH, HEIGHT, LEFT, TOP, GAP = 720, 220, 90, 50, 110
BLUE, RED, GREY = "#369", "#c33", "#ddd"


def read(name):
    """[(s, ns, bound)], {slot in ms: (verified, false)}"""
    offsets, drops = [], {}
    with open(name, encoding="utf-8") as file:
        for line in file:
            what, *numbers = line.split()
            numbers = [float(number) for number in numbers]
            if what == "drops":
                drops[numbers[0]] = (numbers[1], numbers[2])
            elif what == "offset" and not drops:
                offsets.append(tuple(numbers))
    return offsets, drops


def text(x, y, words, anchor="middle"):
    print(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>')


def line(x1, y1, x2, y2, colour=GREY):
    print(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>')


def step_for(most):
    """A round number, of which a few make most."""
    scale = 10 ** math.floor(math.log10(most))
    return next(scale * k for k in (0.2, 0.5, 1, 2) if most / (scale * k) <= 5)


def draw_offsets(offsets):
    """Each measurement is a bar: the offset lies somewhere in it."""
    end = offsets[-1][0]
    most = max(abs(ns) + bound for _, ns, bound in offsets) / 1000
    step = step_for(most)
    most = math.ceil(most / step) * step
    text(LEFT, TOP - 20, "Offset of the slave's PHC from the grandmaster's (us) by time (s)", "start")
    tick = -most
    while tick <= most + step / 2:
        y = TOP + HEIGHT / 2 * (1 - tick / most)
        line(LEFT, y, LEFT + WIDTH, y)
        text(LEFT - 8, y + 4, f"{tick:g}", "end")
        tick += step
    for i in range(6):
        text(LEFT + WIDTH * i / 5, TOP + HEIGHT + 18, f"{end * i / 5:.0f}")
    for s, ns, bound in offsets:
        x = LEFT + WIDTH * s / end
        low, high = (TOP + HEIGHT / 2 * (1 - (ns + sign * bound) / 1000 / most)
                     for sign in (-1, 1))
        print(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high - 1:.1f}" '
              f'stroke="{BLUE}" stroke-width="2"/>')


def draw_drops(drops):
    top = TOP + HEIGHT + GAP
    bottom = top + HEIGHT
    shares = {slot: false / max(1, verified + false)
              for slot, (verified, false) in sorted(drops.items())}
    most = max(0.01, *shares.values())
    step = step_for(most)
    most = math.ceil(most / step) * step
    text(LEFT, top - 20, "False drops (per cent of packets; above the bar their number) "
         "by the length of the slots (ms)", "start")
    tick = 0.0
    while tick <= most + step / 2:
        y = bottom - HEIGHT * tick / most
        line(LEFT, y, LEFT + WIDTH, y)
        text(LEFT - 8, y + 4, f"{100 * tick:g}", "end")
        tick += step
    for i, (slot, share) in enumerate(shares.items()):
        x = LEFT + WIDTH * (i + 0.5) / len(shares)
        high = HEIGHT * share / most
        print(f'<rect x="{x - 20:.1f}" y="{bottom - high:.1f}" width="40" height="{high:.1f}" '
              f'fill="{RED}"/>')
        text(x, bottom - high - 5, f"{drops[slot][1]:.0f}")
        text(x, bottom + 18, f"{slot:g}")


def main(name):
    offsets, drops = read(name)
    print('<?xml version="1.0" encoding="UTF-8"?>')
    print("<!-- SPDX-License-Identifier: GPL-2.0; made by selftests/ptp/plot.py -->")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" '
          f'height="{TOP + 2 * HEIGHT + GAP + 40}" font-family="sans-serif" font-size="12">')
    print('<rect width="100%" height="100%" fill="#fff"/>')
    draw_offsets(offsets)
    draw_drops(drops)
    print("</svg>")


if __name__ == "__main__":
    main(*sys.argv[1:])
