"""The picture of `governor status` in the README is what the command prints."""

from docs.status import PICTURE, status_svg


def test_the_picture_is_what_the_command_prints() -> None:
    assert PICTURE.read_text() == status_svg(), "make picture"


def test_the_picture_stands_alone() -> None:
    assert "@font-face" not in PICTURE.read_text()
    assert "url(https" not in PICTURE.read_text()
