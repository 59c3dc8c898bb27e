"""Print: text pages, cuttings, tables, equations, forms."""

from __future__ import annotations

import matplotlib
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from training.drawings.axes import render, unit
from training.drawings.canvas import (
    Dice,
    Kind,
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


def paragraph(pen: Pen, dice: Dice, box: tuple[int, int, int, int], name: str, size: int, ink: tuple[int, int, int]) -> int:
    """Lines of text from left to right until the box or the paragraph ends; returns where the next one may begin."""
    left, y, right, bottom = box
    lead, lines = round(size * dice.uniform(1.15, 1.5)), dice.randint(2, 14)
    for n in range(lines):
        if y + size > bottom:
            break
        text = words(dice, 3, 4)
        limit = (right - left) * (dice.uniform(0.2, 0.9) if n == lines - 1 else 1.0)
        while pen.textlength(text, font(name, size)) < limit:
            text += " " + words(dice, 1)
        while " " in text and pen.textlength(text, font(name, size)) > right - left:
            text = text.rsplit(" ", 1)[0]
        pen.text((left, y), text.capitalize() if n == 0 else text, ink, font(name, size))
        y += lead
    return y + round(size * dice.uniform(0.2, 1.2))


def _chinese(dice: Dice, count: int) -> str:
    return "".join(chr(dice.randint(0x4E00, 0x8FFF)) for _ in range(count))


def text(dice: Dice) -> Image.Image:
    """A page of running text in one to three columns, with headings, lists, figures' places and page numbers."""
    shades = palette(dice, dark=0.15)
    body, head = face(dice), face(dice)
    width, height = sheet(dice, (300, 420), 1.5)
    image, pen = blank(width, height, shades.paper)
    margin, columns, size = dice.randint(6, 40), dice.choice((1, 1, 2, 2, 3)), dice.randint(7, 15)
    top = margin
    if dice.chance(0.4):
        pen.text((margin, top), title(dice, 2, 6), shades.ink, font(head, size * 2))
        top += size * 3
    wide = (width - 2 * margin) // columns
    chinese = dice.chance(0.06)
    for column in range(columns):
        left, y = margin + column * wide, top
        while y < height - margin - size:
            part = dice.random()
            if part < 0.15:
                pen.text((left, y), title(dice, 1, 3), dice.choice((shades.ink, shades.accents[0])), font(head, size + 3))
                y += size * 2
            elif part < 0.22:
                tall = dice.randint(20, 70)
                pen.rectangle(
                    (left, y, left + wide - 12, y + tall), blend(shades.accents[1], shades.paper, dice.random()), shades.faint
                )
                y += tall + 6
            elif part < 0.32:
                for _ in range(dice.randint(2, 5)):
                    pen.text((left + 8, y), f"{dice.choice('•-–*')} {words(dice, 2, 4)}", shades.ink, font(body, size))
                    y += round(size * 1.3)
            elif chinese:
                pen.text((left, y), _chinese(dice, max(2, (wide - 12) // size)), shades.ink, font("china-s", size))
                y += round(size * 1.4)
            else:
                y = paragraph(pen, dice, (left, y, left + wide - 10, height - margin), body, size, shades.ink)
    if dice.chance(0.4):
        pen.text((width // 2, height - margin // 2), str(dice.randint(1, 400)), shades.faint, font(body, 9), anchor="mm")
    return image


def snippet(dice: Dice) -> Image.Image:
    """A few words or lines, as headings, captions and quotations are cut out."""
    shades, name = palette(dice, dark=0.35), face(dice)
    size = dice.randint(14, 48)
    lines = [words(dice, 1, 4) if dice.chance(0.7) else title(dice, 1, 3) for _ in range(dice.randint(1, 5))]
    probe = blank(1, 1, shades.paper)[1]
    width = max(round(probe.textlength(line, font(name, size))) for line in lines) + 2 * size
    image, pen = blank(width, round(len(lines) * size * 1.4) + size, shades.paper)
    for n, line in enumerate(lines):
        pen.text((size, size // 2 + n * size * 1.4), line, shades.ink, font(name, size))
    return image


def table(dice: Dice) -> Image.Image:
    """Rows and columns with rules, stripes or boxes, in every mixture."""
    shades, name = palette(dice), face(dice)
    rows, columns, size = dice.randint(3, 16), dice.randint(2, 8), dice.randint(9, 15)
    high, wide = round(size * dice.uniform(1.4, 2.2)), dice.randint(50, 100)
    first = wide + dice.randint(0, 70)
    image, pen = blank(first + wide * (columns - 1) + 16, rows * high + 16, shades.paper)
    striped, boxed, headed = dice.chance(0.35), dice.chance(0.35), dice.chance(0.5)
    words_too = dice.chance(0.4)
    right = image.width - 8
    for row in range(rows):
        y = 8 + row * high
        if striped and row % 2:
            pen.rectangle((8, y, right, y + high), blend(shades.accents[0], shades.paper, 0.15))
        if row == 0 and headed:
            pen.rectangle((8, y, right, y + high), shades.accents[0])
        ink = ((255, 255, 255) if sum(shades.accents[0]) < 420 else (0, 0, 0)) if row == 0 and headed else shades.ink
        for column in range(columns):
            x = 8 + (first + (column - 1) * wide if column else 0)
            cell = (
                title(dice, 1, 2)
                if row == 0 or column == 0
                else words(dice, 1)
                if words_too and dice.chance(0.5)
                else number(dice)
            )
            pen.text(
                (x + 4, y + (high - size) / 2),
                cell[: max(3, (wide if column else first) // (size // 2 + 1))],
                ink,
                font(name, size),
            )
            if boxed:
                pen.rectangle((x, y, x + (wide if column else first), y + high), None, shades.faint)
    if not boxed:
        for y in (8, 8 + high, 8 + rows * high):
            pen.line((8, y, right, y), shades.ink, dice.choice((1, 2)))
    return image


FORMULAS = (
    r"$E = m c^{%d}$",
    r"$\int_{0}^{\infty} e^{-%dx}\,dx = \frac{1}{%d}$",
    r"$\sum_{i=1}^{n} x_i^{%d} \leq \lambda_{%d}$",
    r"$\frac{\partial u}{\partial t} = \alpha \nabla^{%d} u + f_{%d}(x)$",
    r"$f(x) = \frac{a_{%d} x^{%d} + b}{c - \sqrt{x}}$",
    r"$\mathcal{L}(\theta) = -\sum_{k=1}^{%d} y_k \log \hat{y}_k$",
    r"$P(A|B) = \frac{P(B|A)\,P(A)}{P(B)}$",
    r"$x_{1,2} = \frac{-b \pm \sqrt{b^2 - %dac}}{%da}$",
    r"$\hat{H}\psi_{%d} = E_{%d}\psi$",
    r"$\lim_{n \to \infty} (1 + \frac{%d}{n})^n = e^{%d}$",
    r"$\sigma^2 = \frac{1}{n-%d} \sum (x_i - \bar{x})^2$",
    r"$\alpha_{%d} + \beta^{%d} \rightarrow \gamma$",
    r"$\oint \vec{E} \cdot d\vec{A} = \frac{Q_{%d}}{\epsilon_0}$",
    r"$w_{t+1} = w_t - \eta \nabla_{w} J_{%d}(w_t)$",
    r"$\|x - y\|_{%d} < \delta \Rightarrow |f(x) - f(y)| < \epsilon$",
    r"$\Gamma(z) = \prod_{n=%d}^{%d} \frac{1}{z+n}$",
)


def equation(dice: Dice) -> Image.Image:
    """One to six formulas below each other, numbered at times."""
    shades = palette(dice, dark=0.25)
    lines = dice.choice((1, 1, 2, 3, 4, 6))
    with matplotlib.rc_context({"mathtext.fontset": dice.choice(("cm", "stix", "dejavusans", "dejavuserif"))}):
        figure = Figure((dice.uniform(2.6, 4.6), 0.3 + 0.55 * lines), dpi=80, facecolor=unit(shades.paper))
        for n in range(lines):
            formula = dice.choice(FORMULAS)
            formula = formula % tuple(dice.randint(1, 9) for _ in range(formula.count("%d")))
            figure.text(
                dice.uniform(0.04, 0.15),
                (lines - n - 0.6) / lines,
                formula,
                fontsize=dice.uniform(12, 20),
                color=unit(shades.ink),
            )
            if dice.chance(0.3):
                figure.text(0.92, (lines - n - 0.6) / lines, f"({n + 1})", fontsize=11, color=unit(shades.ink))
        return render(figure)


def form(dice: Dice) -> Image.Image:
    """Fields with labels, boxes to tick, lines to sign on; partly filled in."""
    shades, name = palette(dice, dark=0.08), face(dice, dice.choice(("sans", "serif")))
    width, height = dice.randint(280, 380), dice.randint(300, 480)
    image, pen = blank(width, height, shades.paper)
    small, y = font(name, dice.randint(9, 12)), 10
    pen.text((12, y), title(dice, 2, 4), shades.ink, font(name, 17))
    y += 30
    while y < height - 30:
        kind = dice.randrange(4)
        pen.text((12, y), title(dice, 1, 2), shades.ink, small)
        if kind == 0:
            for n in range(3):
                x = 110 + n * (width - 120) // 3
                pen.rectangle((x, y, x + 10, y + 10), None, shades.ink)
                pen.text((x + 14, y), words(dice, 1), shades.ink, small)
                if dice.chance(0.4):
                    pen.line((x + 2, y + 5, x + 5, y + 9, x + 12, y - 2), (20, 20, 120), 2)
        elif kind == 1:
            cells = dice.randint(6, 12)
            for n in range(cells):
                left = 110 + n * (width - 122) / cells
                pen.rectangle((left, y, left + (width - 122) / cells, y + 14), None, shades.ink)
                pen.text((left + 3, y + 1), str(dice.randint(0, 9)), shades.ink, small)
        else:
            pen.rectangle((110, y - 2, width - 12, y + 15), blend(shades.accents[0], shades.paper, 0.1), shades.faint)
            if dice.chance(0.5):
                pen.text((114, y), words(dice, 1, 3), (30, 30, 110) if not shades.dark else shades.ink, small)
        y += dice.randint(20, 34)
    return image


KINDS = (
    Kind("text", "textpage", text, 3),
    Kind("snippet", "textpage", snippet, 1.5),
    Kind("table", "table", table, 3),
    Kind("equation", "equation", equation, 2),
    Kind("form", "textpage", form, 1),
)
