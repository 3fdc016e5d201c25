"""`python -m docs.drawing`: draw the picture anew."""

from docs.drawing.svg import PICTURE, draw_from_file


def main() -> None:
    """Write the picture and say where it is."""
    PICTURE.write_text(draw_from_file(), encoding="utf-8")
    print(PICTURE)


if __name__ == "__main__":
    main()
