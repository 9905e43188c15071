"""`image_blur` by Pillow, apart so that only this candidate pays for the import."""

from __future__ import annotations

from PIL import Image, ImageFilter

from workloads.image_blur import RADIUS, check


def image_blur(width: int, height: int, pixels: bytes) -> bytes:
    """The grey, blurred picture: one byte a pixel."""
    check(width, height, pixels)
    if not pixels:
        return b""  # Pillow refuses to filter an empty picture
    picture = Image.frombytes("RGB", (width, height), pixels)
    return picture.convert("L").filter(ImageFilter.BoxBlur(RADIUS)).tobytes()
