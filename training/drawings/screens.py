"""Programs on a screen: code, terminals, windows, dashboards."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from pygments import lex
from pygments.lexers import get_lexer_by_name
from pygments.styles import get_style_by_name

from training.drawings.canvas import (
    Colour,
    Dice,
    Kind,
    Palette,
    blank,
    blend,
    face,
    font,
    number,
    palette,
    sheet,
    title,
    words,
)

Pen = ImageDraw.ImageDraw

_THEMES = ("monokai", "dracula", "github-dark", "solarized-dark", "nord", "one-dark", "gruvbox-dark", "vim", "native",
           "default", "friendly", "vs", "xcode", "solarized-light", "tango", "bw", "emacs", "gruvbox-light")  # fmt: skip
_LINES = {
    "python": ("def {a}_{b}(self, {c}):", "    {a} = {b}.{c}({n})", "    for {a} in {b}:", "        return {a}[{n}]",
               "    # {a} {b} {c}", "    if {a} is not None and {b} > {n}:", '    print("{a} {b}: %d" % {c})', "import {a}",
               "class {a}:", ""),
    "c": ("static int {a}({b} *{c}) {{", "    {a}->{b} = {n};", "    while ({a} < {n}) {{", "    }}", "    return {a};", "}}",
          "/* {a} {b} */", "#include <{a}.h>", '    printf("{a} %s", {b});', ""),
    "javascript": ("const {a} = ({b}) => {{", '  {a}.{b}("{c}", {n});', "  if ({a} === {n}) return;", "}};", "// {a} {b}",
                   "export default {a};", "  await {a}({b}, {{ {c}: {n} }});", ""),
    "html": ('<div class="{a} {b}">', "  <p>{a} {b} {c}</p>", '  <a href="/{a}">{b}</a>', "</div>", "<!-- {a} -->",
             '<img src="{a}.png" alt="{b}">'),
    "json": ('  "{a}": "{b} {c}",', '  "{a}": {n},', '  "{a}": {{', "  }},", '    "{b}": [{n}, {n}],', "{{", "}}"),
    "bash": ("$ {a} --{b} {c}/{a}.txt", "export {a}={n}", "[{n}] {a}: {b} {c}", "drwxr-xr-x {n} {a} {b} {c}",
             "# {a} {b}", "OK {a} ({n} ms)"),
    "sql": ("SELECT {a}, {b} FROM {c}", "  WHERE {a} > {n}", "  ORDER BY {b};", "-- {a} {b}",
            "INSERT INTO {a} VALUES ({n}, '{b}');"),
}  # fmt: skip


def _tokens(dice: Dice, language: str, lines: int) -> str:
    return "\n".join(
        dice.choice(_LINES[language]).format(a=words(dice, 1), b=words(dice, 1), c=words(dice, 1), n=dice.randint(0, 512))
        for _ in range(lines)
    )


def code(dice: Dice) -> Image.Image:
    """Source text in an editor's colours, dark ones as often as light ones; numbered lines, a tab bar."""
    style = get_style_by_name(dice.choice(_THEMES))
    language = dice.choice(tuple(_LINES))
    size, name, lines = (
        dice.randint(9, 16),
        dice.choice(("DejaVuSansMono", "DejaVuSansMono", "cour", "cmtt10")),
        dice.randint(4, 24),
    )
    paper = _hex(style.background_color)
    ink = (230, 230, 230) if sum(paper) < 380 else (30, 30, 30)
    lead = round(size * dice.uniform(1.15, 1.5))
    bar, gutter = 22 * dice.chance(0.3), 30 * dice.chance(0.4)
    image, pen = blank(dice.randint(220, 420), lines * lead + 16 + bar, paper)
    x, y = 8.0 + gutter, 8.0 + bar
    for kind, value in lex(_tokens(dice, language, lines), get_lexer_by_name(language)):
        colour = style.style_for_token(kind)["color"]
        for number_of, part in enumerate(value.split("\n")):
            if number_of:
                x, y = 8.0 + gutter, y + lead
            pen.text((x, y), part, _hex(colour) if colour else ink, font(name, size))
            x += pen.textlength(part, font(name, size))
    for n in range(lines if gutter else 0):
        pen.text((26, 8 + bar + n * lead), str(n + 1), blend(ink, paper, 0.4), font(name, size), anchor="ra")
    if bar:
        pen.rectangle((0, 0, image.width, bar), blend(ink, paper, 0.15))
        _lights(pen, dice, bar)
    return image


def _hex(text: str) -> Colour:
    text = text.lstrip("#")
    text = "".join(2 * c for c in text) if len(text) == 3 else text
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def _lights(pen: Pen, dice: Dice, bar: int) -> None:
    for n, colour in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
        shade = colour if dice.chance(0.8) else (160, 160, 160)
        pen.ellipse((8 + n * 14, bar / 2 - 4, 16 + n * 14, bar / 2 + 4), shade)


def window(dice: Dice) -> Image.Image:
    """A program's window or dialogue: title bar, menu, fields, lists, buttons."""
    shades, name = palette(dice, dark=0.35), face(dice, "sans")
    width, height = sheet(dice, (240, 340), 1.8)
    grey = blend(shades.ink, shades.paper, dice.uniform(0.03, 0.12))
    image, pen = blank(width, height, grey)
    small, accent = font(name, dice.randint(9, 12)), dice.choice(shades.accents)
    pen.rectangle((0, 0, width, 22), accent if dice.chance(0.5) else blend(shades.ink, shades.paper, 0.2))
    pen.text((width / 2, 11), title(dice, 1, 3), shades.ink, small, anchor="mm")
    if dice.chance(0.5):
        _lights(pen, dice, 22)
    for n, entry in enumerate(("File", "Edit", "View", "Tools", "Help")[: dice.randint(0, 5)]):
        pen.text((8 + n * 36, 26), entry, shades.ink, small)
    side = dice.randint(60, 100) * dice.chance(0.5)
    if side:
        pen.rectangle((0, 42, side, height), blend(shades.ink, shades.paper, 0.16))
        for y in range(50, height - 14, 18):
            pen.rectangle((8, y + 2, 15, y + 9), dice.choice(shades.accents))
            pen.text((20, y), words(dice, 1), shades.ink, small)
    y = 48
    while y < height - 34:
        left, kind = side + 10, dice.randrange(5)
        if kind == 0:
            pen.text((left, y), title(dice, 1, 2), shades.ink, small)
            pen.rectangle((left + 80, y - 2, width - 12, y + 14), shades.paper, shades.faint)
            pen.text((left + 84, y), words(dice, 1, 2), shades.ink, small)
        elif kind == 1:
            pen.rectangle((left, y, left + 10, y + 10), shades.paper, shades.ink)
            pen.text((left + 16, y - 1), words(dice, 1, 4), shades.ink, small)
        elif kind == 2:
            share = dice.random()
            pen.rectangle((left, y + 2, width - 12, y + 10), shades.paper, shades.faint)
            pen.rectangle((left, y + 2, left + share * (width - 12 - left), y + 10), accent)
        elif kind == 3:
            tall = dice.randint(30, 80)
            pen.rectangle((left, y, width - 12, min(height - 34, y + tall)), shades.paper, shades.faint)
            for row in range(y + 4, min(height - 46, y + tall - 10), 14):
                pen.text((left + 5, row), words(dice, 1, 3), shades.ink, small)
            y += tall - 12
        else:
            pen.text((left, y), words(dice, 3, 5), shades.ink, small)
        y += 22
    for n in range(dice.randint(1, 3)):
        x = width - 70 * (n + 1)
        pen.rounded_rectangle((x, height - 26, x + 60, height - 8), 4, accent if n == 0 else grey, shades.faint)
        pen.text((x + 30, height - 17), dice.choice(("OK", "Cancel", "Apply", "Save", "Next")), shades.ink, small, anchor="mm")
    return image


def dashboard(dice: Dice) -> Image.Image:
    """Tiles with figures, curves, bars, rings and gauges; mostly dark."""
    shades, name = palette(dice, dark=0.65), face(dice, "sans")
    columns, rows = dice.randint(2, 4), dice.randint(2, 3)
    wide, high = dice.randint(80, 120), dice.randint(60, 100)
    image, pen = blank(columns * wide + 8, rows * high + 30, shades.paper)
    pen.text((10, 7), title(dice, 1, 3), shades.ink, font(name, 13))
    tile = blend(shades.ink, shades.paper, dice.uniform(0.04, 0.12))
    for n in range(columns * rows):
        x, y = 8 + n % columns * wide, 28 + n // columns * high
        pen.rounded_rectangle((x, y, x + wide - 8, y + high - 8), dice.choice((0, 4)), tile)
        pen.text((x + 6, y + 4), title(dice, 1, 2), shades.faint, font(name, 9))
        _tile(pen, dice, (x + 6, y + 18, x + wide - 14, y + high - 14), shades, name)
    return image


def _tile(pen: Pen, dice: Dice, box: tuple[float, float, float, float], shades: Palette, name: str) -> None:
    left, top, right, bottom = box
    kind, accent = dice.randrange(6), dice.choice(shades.accents)
    if kind == 0:
        pen.text((left, top + 4), number(dice), accent, font(name, 21))
    elif kind == 1:
        values = np.cumsum(dice.array.normal(0, 1, 24))
        values = (values - values.min()) / max(float(np.ptp(values)), 1e-6)
        points = [(left + n / 23 * (right - left), bottom - float(v) * (bottom - top)) for n, v in enumerate(values)]
        if dice.chance(0.4):
            pen.polygon([(left, bottom), *points, (right, bottom)], blend(accent, shades.paper, 0.4))
        pen.line(points, accent, dice.choice((1, 2)))
    elif kind == 2:
        for n in range(8):
            tall = dice.random() * (bottom - top)
            pen.rectangle((left + n * (right - left) / 8, bottom - tall, left + (n + 0.7) * (right - left) / 8, bottom), accent)
    elif kind == 3:
        side, turn = min(right - left, bottom - top), dice.randint(40, 320)
        pen.arc((left, top, left + side, top + side), 0, 360, blend(shades.ink, shades.paper, 0.2), 7)
        pen.arc((left, top, left + side, top + side), -90, turn - 90, accent, 7)
    elif kind == 4:
        for row in range(4):
            y = top + row * (bottom - top) / 4
            pen.text((left, y), words(dice, 1), shades.ink, font(name, 9))
            pen.text((right, y), number(dice), accent, font(name, 9), anchor="ra")
    else:
        for column in range(10):
            for row in range(4):
                x, y = left + column * (right - left) / 10, top + row * (bottom - top) / 4
                pen.rectangle(
                    (x, y, x + (right - left) / 12, y + (bottom - top) / 5), blend(accent, shades.paper, dice.random())
                )


KINDS = (
    Kind("code", "code", code, 2.5),
    Kind("window", "screenshot", window, 1.5),
    Kind("dashboard", "screenshot", dashboard, 2),
)
