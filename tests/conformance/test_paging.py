"""The laws of lists: pages are the whole list, filters choose from it, a token is of one list, nothing is missed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local import connect
from tests.conformance.crowds import LISTINGS, Crowd, Item, Listing, gathered
from tests.conformance.drivers import Refused
from tests.conformance.files import write_files
from tests.conformance.laws import lawful
from tests.conformance.script import NOWHERE, REGION, operations
from tests.conformance.shapes import document, input_of, shape

SESSION = boto3.Session("testing", "testing", region_name=REGION)
CLIENT = SESSION.client("comprehend")
listings = pytest.mark.parametrize("listing", LISTINGS, ids=str)
sizes = st.lists(st.integers(1, 4), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Buckets for all examples."""
    buckets = tmp_path_factory.mktemp("crowds")
    write_files(buckets)
    return buckets


def pages(listing: Listing, crowd: Crowd, wanted: list[int], **request: Any) -> Iterator[list[Item]]:
    """The pages of a list; the sizes are asked for in turn."""
    token: str | None = None
    for number in range(1000):
        more = {} if token is None else {"NextToken": token}
        items, token = listing.page(crowd, MaxResults=wanted[number % len(wanted)], **more, **request)
        assert len(items) <= wanted[number % len(wanted)]
        yield items
        if token is None:
            return
        assert items, "a page with a token had nothing"
    raise AssertionError("pages without an end")


def test_every_paged_list_is_here() -> None:
    imitated = {str(listing) for listing in LISTINGS}
    paged = {name for name in document()["operations"] if "NextToken" in shape(input_of(name)).get("members", {})}

    assert paged & operations() == imitated


@listings
@given(number=st.integers(0, 9), wanted=sizes)
@lawful
def test_pages_are_the_list_whatever_their_size(folder: Path, listing: Listing, number: int, wanted: list[int]) -> None:
    with gathered(folder) as crowd:
        for _ in range(number):
            crowd.add(listing)
        whole = listing.every(crowd)

        assert [item for page in pages(listing, crowd, wanted) for item in page] == whole
        assert len(set(listing.keys(whole))) == len(whole)


@listings
def test_a_page_is_of_a_hundred_unless_asked_otherwise(folder: Path, listing: Listing) -> None:
    with gathered(folder) as crowd:
        for _ in range(101):
            crowd.add(listing)
        items, token = listing.page(crowd)

        whole = listing.every(crowd)
        assert (len(items), token is None) == ((100, False) if len(whole) > 100 else (len(whole), True))


@listings
def test_the_newest_come_first_and_names_in_order(folder: Path, listing: Listing) -> None:
    with gathered(folder) as crowd:
        made = [crowd.add(listing) for _ in range(7)]
        listed = [key for key in listing.keys(listing.every(crowd)) if key in made]

    assert listed == (made[::-1] if listing.moment else sorted(set(made)))


@pytest.mark.parametrize("listing", [listing for listing in LISTINGS if listing.moment], ids=str)
@given(data=st.data(), number=st.integers(1, 6))
@lawful
def test_a_filter_chooses_from_the_list(folder: Path, listing: Listing, data: st.DataObject, number: int) -> None:
    with gathered(folder) as crowd:
        for _ in range(number):
            crowd.add(listing)
        whole = listing.every(crowd)
        chosen = data.draw(_filters(listing, whole), label="filter")
        listed = listing.every(crowd, Filter=chosen)

        expected = [item for item in whole if _passes(listing, item, chosen)]
        assert listed == (expected[::-1] if listing.oldest_first in chosen else expected)
        assert [item for page in pages(listing, crowd, [2, 1], Filter=chosen) for item in page] == listed


def _filters(listing: Listing, whole: list[Item]) -> st.SearchStrategy[dict[str, Any]]:
    after, before = listing.time_filters
    moments = [item[listing.moment] for item in whole]
    moment = st.sampled_from([min(moments) - 1, *moments, moments[0] + 0.001, max(moments) + 1])
    members: dict[str, st.SearchStrategy[Any]] = {after: moment, before: moment}
    for name, member in listing.equal:
        members[name] = st.sampled_from(sorted({item[member] for item in whole if member in item} or {"none"}))
    if listing.one_filter is None:
        return st.fixed_dictionaries({}, optional=members)
    return st.one_of(st.just({}), *(st.fixed_dictionaries({name: value}) for name, value in members.items()))


def _passes(listing: Listing, item: Item, chosen: dict[str, Any]) -> bool:
    after, before = listing.time_filters
    return (
        item[listing.moment] > chosen.get(after, -1)
        and item[listing.moment] < chosen.get(before, 1e12)
        and all(item.get(member) == chosen[name] for name, member in listing.equal if name in chosen)
    )


@pytest.mark.parametrize("listing", [listing for listing in LISTINGS if listing.one_filter], ids=str)
def test_a_second_filter_is_refused_where_the_documents_say_so(folder: Path, listing: Listing) -> None:
    if not listing.moment:
        return
    after, before = listing.time_filters
    with gathered(folder) as crowd, pytest.raises(Refused) as caught:
        listing.every(crowd, Filter={after: 1, before: 2})

    assert caught.value.code == listing.one_filter


@listings
def test_a_token_is_of_one_list(folder: Path, listing: Listing) -> None:
    with gathered(folder) as crowd:
        for other in LISTINGS:
            for _ in range(3):
                crowd.add(other)
        tokens = {str(other): listing_token(other, crowd) for other in LISTINGS}
        own = tokens.pop(str(listing))
        assert listing.page(crowd, NextToken=own)[0] == listing.every(crowd)[1:][:100]

        seal, position = json.loads(base64.urlsafe_b64decode(own))
        elsewhere = base64.urlsafe_b64encode(json.dumps([seal, position * 2]).encode()).decode()
        forged = [elsewhere, own[:-4], f"{own}AAAA", f" {own}", "a", "é", "W10=", "bnVsbA==", NOWHERE["flywheel"]]
        for token in [*tokens.values(), *forged]:
            with pytest.raises(Refused) as caught:
                listing.page(crowd, NextToken=token)
            assert caught.value.code == "InvalidRequestException", token
        if listing.moment:
            with pytest.raises(Refused, match="InvalidRequestException"):
                listing.page(crowd, NextToken=own, Filter={listing.time_filters[0]: 1})


def listing_token(listing: Listing, crowd: Crowd) -> str:
    """The token after the first item of a list."""
    token = listing.page(crowd, MaxResults=1)[1]
    assert token is not None
    return token


@listings
@given(
    number=st.integers(0, 6),
    wanted=st.integers(1, 3),
    meanwhile=st.lists(st.sampled_from(["add", "remove a listed one", "remove another"]), max_size=6),
    data=st.data(),
)
@lawful
def test_what_comes_and_goes_between_pages_neither_repeats_nor_hides_anything(
    folder: Path, listing: Listing, number: int, wanted: int, meanwhile: list[str], data: st.DataObject
) -> None:
    with gathered(folder) as crowd:
        for _ in range(number):
            crowd.add(listing)
        there = set(listing.keys(listing.every(crowd)))
        stayed, seen, acts = set(there), [], list(meanwhile)
        chosen: dict[str, Any] = {}
        if listing.oldest_first is not None and data.draw(st.booleans(), label="oldest first"):
            chosen = {"Filter": {listing.oldest_first: 1 if listing.oldest_first.endswith("After") else 9e9}}
        for page in pages(listing, crowd, [wanted], **chosen):
            seen += listing.keys(page)
            if acts:
                _meanwhile(acts.pop(), listing, crowd, seen, stayed)

        assert len(seen) == len(set(seen)), "repeated"
        assert stayed <= set(seen), "hidden"


def _meanwhile(act: str, listing: Listing, crowd: Crowd, seen: list[str], stayed: set[str]) -> None:
    if act == "add":
        crowd.add(listing)
        return
    found = [key for key in stayed if (key in seen) == (act == "remove a listed one") and "/home" not in key]
    removable = sorted(key for key in found if "/trained" not in key)
    if listing.remove is not None and removable:
        listing.remove(crowd, removable[-1])
        stayed.discard(removable[-1])


@pytest.mark.parametrize("listing", [listing for listing in LISTINGS if CLIENT.can_paginate(listing.method)], ids=str)
def test_boto3_s_paginators_walk_the_list(folder: Path, listing: Listing) -> None:
    """Comprehend's paginators: five of the lists have one, those of flywheels have none."""
    client: Any = SESSION.client("comprehend")
    with gathered(folder) as crowd:
        connect(client, crowd.server.comprehend)
        for _ in range(5):
            crowd.add(listing)
        walked = client.get_paginator(listing.method).paginate(PaginationConfig={"PageSize": 2})

        keys = [item[listing.key] for page in walked for item in page[listing.items]]
        assert keys == listing.keys(listing.every(crowd))
