"""`python -m docs.drawing`: draw the pictures anew."""

from docs.drawing.svg import TITLES, draw_from_file, picture


def main() -> None:
    """Write the pictures and say where they are."""
    for name in TITLES:
        picture(name).write_text(draw_from_file(name), encoding="utf-8")
        print(picture(name))


if __name__ == "__main__":
    main()
