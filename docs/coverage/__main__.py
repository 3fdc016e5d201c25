"""`python -m docs.coverage`: write the page anew."""

from docs.coverage.page import PAGE, write


def main() -> None:
    """Write the page and say where it is."""
    PAGE.write_text(write(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
