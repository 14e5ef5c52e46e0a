"""Opens pages in a browser, on a phone and on a desk, in both themes, and prints what is wrong with them (page.js).

    main.py CHROMIUM PAGE...
"""

import sys
from pathlib import Path

from browser import Browser

WIDTHS = (360, 1280)
THEMES = ("light", "dark")


def main(program, pages):
    script = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    failed = 0
    with Browser(program) as browser:
        for page in map(Path, pages):
            for width in WIDTHS:
                for theme in THEMES:
                    browser.open(page, width, theme)
                    browser.picture(page.with_name(f"{page.stem}-{width}-{theme}.png"))
                    seen = browser.evaluate(f"({script})({width}, '{theme}')")
                    failed += len(seen["wrong"])
                    counts = ", ".join(f"{count} {what}" for what, count in seen["counts"].items())
                    print(f"{page.name}, {width} px, {theme}: {counts}")
                    for line in seen["wrong"]:
                        print(f"    {line}")
                    # A check that found nothing to look at has proved nothing.
                    for what in (what for what, count in seen["counts"].items() if count == 0):
                        if not (what == "credits" and page.stem == "sandbox"):
                            failed += 1
                            print(f"    the page has no {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
