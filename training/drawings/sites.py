"""Chats, spreadsheets, telephones, web pages, banners."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.drawings.canvas import (
    Dice,
    Kind,
    blank,
    blend,
    face,
    font,
    hsv,
    number,
    palette,
    title,
    words,
)
from training.drawings.views import landscape

Pen = ImageDraw.ImageDraw


def chat(dice: Dice) -> Image.Image:
    """Messages in bubbles, as on a telephone."""
    shades, name = palette(dice, dark=0.4), face(dice, "sans")
    width, height = dice.randint(200, 280), dice.randint(300, 460)
    image, pen = blank(width, height, shades.paper)
    size, mine, theirs = dice.randint(10, 14), dice.choice(shades.accents), blend(shades.ink, shades.paper, 0.15)
    pen.rectangle((0, 0, width, 30), blend(mine, shades.paper, dice.random()))
    pen.ellipse((8, 5, 28, 25), dice.choice(shades.accents))
    pen.text((36, 8), title(dice, 1, 2), shades.ink, font(name, 12))
    y = 40
    while y < height - 30:
        lines = [words(dice, 1, 4) for _ in range(dice.randint(1, 4))]
        wide = min(width - 50, max(round(pen.textlength(line, font(name, size))) for line in lines) + 18)
        tall, own = len(lines) * (size + 4) + 8, dice.chance(0.5)
        x = width - wide - 8 if own else 8
        pen.rounded_rectangle((x, y, x + wide, y + tall), 9, mine if own else theirs)
        for n, line in enumerate(lines):
            ink = (255, 255, 255) if own and sum(mine) < 450 else shades.ink
            pen.text((x + 9, y + 4 + n * (size + 4)), line[: max(3, wide // (size // 2 + 1))], ink, font(name, size))
        y += tall + dice.randint(5, 16)
    return image


def spreadsheet(dice: Dice) -> Image.Image:
    """Lettered columns, numbered rows, cells partly coloured or selected."""
    shades, name = palette(dice, dark=0.25), face(dice, "sans")
    columns, rows, wide, high = dice.randint(4, 9), dice.randint(8, 22), dice.randint(40, 66), dice.randint(14, 20)
    image, pen = blank(24 + columns * wide, (rows + 1) * high + 22, shades.paper)
    grey, size = blend(shades.ink, shades.paper, 0.12), high - 6
    pen.rectangle((0, 0, image.width, 22), dice.choice(shades.accents) if dice.chance(0.5) else grey)
    pen.rectangle((0, 22, image.width, 22 + high), grey)
    pen.rectangle((0, 22, 24, image.height), grey)
    full = dice.uniform(0.3, 0.95)
    for row in range(rows + 1):
        y = 22 + row * high
        pen.line((0, y, image.width, y), blend(shades.ink, shades.paper, 0.2))
        if row:
            pen.text((12, y + high / 2), str(row), shades.faint, font(name, size), anchor="mm")
        for column in range(columns):
            x = 24 + column * wide
            if row == 0:
                pen.text((x + wide / 2, y + high / 2), "ABCDEFGHI"[column], shades.faint, font(name, size), anchor="mm")
            elif dice.chance(full):
                if dice.chance(0.06):
                    pen.rectangle((x, y, x + wide, y + high), blend(dice.choice(shades.accents), shades.paper, 0.5))
                pen.text(
                    (x + 3, y + 2),
                    (words(dice, 1) if row == 1 or column == 0 else number(dice))[:9],
                    shades.ink,
                    font(name, size),
                )
    for column in range(columns + 1):
        pen.line((24 + column * wide, 22, 24 + column * wide, image.height), blend(shades.ink, shades.paper, 0.2))
    x, y = 24 + dice.randrange(columns) * wide, 22 + dice.randint(1, rows) * high
    pen.rectangle((x, y, x + wide, y + high), None, (30, 120, 70), 2)
    return image


def webpage(dice: Dice) -> Image.Image:
    """A site: navigation, a large picture or colour, cards, text, a footer."""
    shades, name = palette(dice, dark=0.25), face(dice, dice.choice(("sans", "sans", "serif")))
    width, height = dice.randint(320, 420), dice.randint(260, 520)
    image, pen = blank(width, height, shades.paper)
    accent, small = dice.choice(shades.accents), font(name, dice.randint(8, 11))
    pen.rectangle((0, 0, width, 26), accent if dice.chance(0.5) else shades.paper)
    pen.text((10, 6), title(dice, 1), shades.ink, font(name, 13))
    for n in range(dice.randint(2, 5)):
        pen.text((width - 50 * (n + 1), 8), title(dice, 1)[:8], shades.ink, small)
    y = 26
    if dice.chance(0.7):
        tall = dice.randint(60, 140)
        image.paste(
            landscape(dice).resize((width, tall))
            if dice.chance(0.5)
            else Image.new("RGB", (width, tall), dice.choice(shades.accents)),
            (0, y),
        )
        pen.text((width / 2, y + tall / 2), title(dice, 2, 4), (255, 255, 255), font(name, 22), anchor="mm")
        y += tall
    while y < height - 20:
        columns, tall = dice.randint(1, 4), dice.randint(50, 110)
        wide = (width - 16) / columns
        for n in range(columns):
            x = 8 + n * wide
            if columns > 1 and dice.chance(0.7):
                pen.rectangle(
                    (x + 4, y + 6, x + wide - 4, y + tall * 0.5),
                    blend(dice.choice(shades.accents), shades.paper, dice.uniform(0.2, 1)),
                )
            for line in range(round(y + tall * 0.55), min(height, y + tall - 8), 12):
                pen.text((x + 4, line), words(dice, 1, max(1, round(wide / 45))), shades.ink, small)
        y += tall
    return image


def banner(dice: Dice) -> Image.Image:
    """An advertisement: a colour or a gradient, a few large words, a button."""
    width = dice.randint(300, 420)
    height = round(width / dice.uniform(1.4, 4))
    shades, name = palette(dice, dark=0.3), face(dice, dice.choice(("sans", "serif")))
    ramp = np.linspace(0, 1, width)[None, :, None] * np.ones((height, 1, 1))
    one, other = np.asarray(dice.choice(shades.accents)), np.asarray(hsv(dice.random(), dice.random(), dice.random()))
    image = Image.fromarray((one * ramp + other * (1 - ramp)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(dice.randint(0, 5)):
        x, y, radius = dice.randint(0, width), dice.randint(0, height), dice.randint(10, height)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), None, dice.choice(shades.accents), dice.randint(1, 9))
    ink = (255, 255, 255) if dice.chance(0.75) else (0, 0, 0)
    left = dice.choice((0.06, 0.3)) * width
    pen.text((left, height * 0.2), title(dice, 1, 3), ink, font(name, max(12, min(40, height // 4))))
    pen.text((left, height * 0.5), words(dice, 2, 4), ink, font(name, max(9, height // 9)))
    pen.rounded_rectangle((left, height * 0.7, left + 84, height * 0.9), 6, dice.choice(shades.accents), ink)
    pen.text((left + 42, height * 0.8), title(dice, 1), ink, font(name, 11), anchor="mm")
    return image


def telephone(dice: Dice) -> Image.Image:
    """A telephone's screen: a grid of icons, a list of settings, or a clock."""
    shades, name = palette(dice, dark=0.5), face(dice, "sans")
    width = dice.randint(170, 230)
    height = round(width * dice.uniform(1.6, 2.1))
    image, pen = blank(width, height, shades.paper)
    pen.text((width / 2, 9), f"{dice.randint(0, 23)}:{dice.randint(10, 59)}", shades.ink, font(name, 10), anchor="mm")
    kind = dice.randrange(3)
    if kind == 0:
        for n in range(dice.choice((12, 16, 20))):
            x, y = 10 + n % 4 * (width - 16) / 4, 26 + n // 4 * 58
            pen.rounded_rectangle((x, y, x + 34, y + 34), 8, dice.choice(shades.accents))
            pen.text((x + 17, y + 17), words(dice, 1)[0].upper(), (255, 255, 255), font(name, 18), anchor="mm")
            pen.text((x + 17, y + 42), words(dice, 1)[:7], shades.ink, font(name, 9), anchor="mm")
    elif kind == 1:
        for y in range(28, height - 30, 34):
            pen.line((10, y + 30, width - 10, y + 30), shades.faint)
            pen.text((12, y + 8), title(dice, 1, 2), shades.ink, font(name, 12))
            on = dice.chance(0.5)
            pen.rounded_rectangle(
                (width - 40, y + 8, width - 14, y + 22), 7, dice.choice(shades.accents) if on else shades.faint
            )
            pen.ellipse((width - (27 if on else 39), y + 9, width - (15 if on else 27), y + 21), (255, 255, 255))
    else:
        radius = width * 0.36
        pen.ellipse((width / 2 - radius, height / 2 - radius, width / 2 + radius, height / 2 + radius), None, shades.ink, 3)
        for length in (0.6, 0.9):
            turn = dice.uniform(0, math.tau)
            pen.line(
                (
                    width / 2,
                    height / 2,
                    width / 2 + radius * length * math.sin(turn),
                    height / 2 - radius * length * math.cos(turn),
                ),
                shades.ink,
                3,
            )
        for n in range(12):
            pen.text(
                (
                    width / 2 + radius * 0.86 * math.sin(n * math.tau / 12),
                    height / 2 - radius * 0.86 * math.cos(n * math.tau / 12),
                ),
                str(n or 12),
                shades.ink,
                font(name, 11),
                anchor="mm",
            )
    return image


KINDS = (
    Kind("chat", "screenshot", chat, 0.8),
    Kind("spreadsheet", "screenshot", spreadsheet, 1),
    Kind("telephone", "screenshot", telephone, 0.8),
    Kind("webpage", "webpage-screenshot", webpage, 1.5),
    Kind("banner", "webbanner", banner, 1.2),
)
