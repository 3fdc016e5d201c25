"""docs/report.html is the example's report: a change of the page is seen there before it is committed."""

from docs.report import PAGE, example
from governor.domain.report import page_of


def test_the_page_is_what_the_example_gives() -> None:
    assert PAGE.read_bytes() == page_of(example()), "run `make picture` and look at it"
