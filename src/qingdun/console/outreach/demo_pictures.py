"""Pictures for the demonstration's events: drawn, of nobody, and marked as such."""

from __future__ import annotations

import io
from collections.abc import Sequence
from random import Random

from django.utils import timezone
from PIL import Image, ImageDraw

from qingdun.console.kernel.models import User
from qingdun.console.kernel.pictures import clean
from qingdun.console.outreach.models import Event, EventPhoto

SIZE = (960, 640)
SKIES = ("#b9d7ea", "#f6d9b8", "#cfe3c8", "#d9d0e8")


def create_pictures(actor: User, events: Sequence[Event]) -> None:
    """Each of the events has one or two drawn pictures: a stage, a banner, and heads without faces."""
    now = timezone.now()
    EventPhoto.objects.bulk_create(
        EventPhoto(
            event=event, picture=drawn.data, sha256=drawn.sha256, width=drawn.width, height=drawn.height,
            by=actor, at=now,
        )
        for number, event in enumerate(events)
        for drawn in (clean(_scene(f"{number} {turn}"), "image/png") for turn in range(1 + number % 2))
    )  # fmt: skip


def _scene(seed: str) -> bytes:
    dice = Random(seed)
    picture = Image.new("RGB", SIZE, dice.choice(SKIES))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 430, 960, 640), fill="#8f9aa3")
    draw.rectangle((180, 130, 780, 430), fill="#f4f1ea", outline="#6c757d", width=4)
    draw.rectangle((180, 130, 780, 200), fill="#a8322d")
    draw.text((480, 165), "DEMO", fill="white", anchor="mm", font_size=44)
    draw.text((480, 300), "96110", fill="#1f4e79", anchor="mm", font_size=110)
    for row in range(3):
        for seat in range(14):
            x, y = 40 + seat * 68 + dice.randint(-8, 8), 455 + row * 62 + dice.randint(-6, 6)
            tone = dice.choice(("#2f3e46", "#354f52", "#52796f", "#6b705c", "#7f5539"))
            draw.ellipse((x - 17, y - 17, x + 17, y + 17), fill=tone)
            draw.rounded_rectangle((x - 26, y + 16, x + 26, y + 74), 14, fill=tone)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
