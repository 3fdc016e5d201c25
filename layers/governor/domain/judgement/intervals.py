"""Intervals and tests for shares of documents, in closed form. Standard library only.

`confidence` is one-sided everywhere: each end of an interval is a bound of its own with that confidence.
"""

import math
from functools import lru_cache
from statistics import NormalDist

from governor.domain.verdict import Interval

MOST_NEEDED = 1_000_000
"""More test documents than anybody has: beyond it an estimate says nothing but "too close to call"."""
_WHOLE_NUMBERS = 2000
_NEGLIGIBLE = 1e-17
_POWER = 0.8
"""How likely `needed` documents settle the question, if the numbers stay as they are."""


@lru_cache(maxsize=256)
def quantile(confidence: float) -> float:
    """Return how many standard errors a one-sided bound with `confidence` lies away from the estimate."""
    return NormalDist().inv_cdf(confidence)


@lru_cache(maxsize=4096)
def student(confidence: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution: `quantile` for a standard error that is itself an estimate.

    `freedom`: degrees of freedom, from 1. Above 30 by the expansion of Abramowitz and Stegun (1964), 26.7.5; below by
    bisection of 26.7.3 and 26.7.4.
    """
    z = quantile(confidence)
    if freedom > 30:
        first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
        third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
        return z + first / freedom + second / freedom / freedom + third / freedom / freedom / freedom
    low, high = 0.0, 1.0
    while _student_share(high, freedom) < confidence:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_share(middle, freedom) < confidence else (low, middle)
    return high


def _student_share(t: float, freedom: int) -> float:
    """Return how much of Student's distribution lies below `t` >= 0."""
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for power in range(odd, freedom - 1, 2):
        total += term
        term *= cosine**2 * (power + 1) / (power + 2)
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return (1 + inside) / 2


def wilson(share: float, size: float, confidence: float) -> Interval:
    """Return the score interval of a share that was found in `size` > 0 documents (need not be whole).

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference; the form of
    Newcombe (1998), Two-sided confidence intervals for the single proportion, method 3.
    """
    z2 = quantile(confidence) ** 2
    middle = share + z2 / (2 * size)
    reach = math.sqrt(z2 * (share * (1 - share) / size + z2 / (4 * size**2)))
    scale = 1 + z2 / size
    return Interval(
        min(share, max(0.0, (middle - reach) / scale)),
        max(share, min(1.0, (middle + reach) / scale)),
    )


def of_difference(
    first: float, bounds: Interval, second: float, other: Interval, *, correlation: float = 0.0, times: float = 1.0
) -> Interval:
    """Return the interval of `first - times * second` from the intervals of the two.

    `correlation`: of the two estimates; 0 for models that sat different documents, or if it is not known (then the
    interval is too wide rather than too narrow, because two models err on the same hard documents).
    Source: Newcombe (1998), Interval estimation for the difference between independent proportions, method 10, and
    Improved confidence intervals for the difference between binomial proportions based on paired data, method 10;
    Zou and Donner (2008) for the general form.
    """
    difference = first - times * second

    def reach(near: float, far: float) -> float:
        return math.sqrt(max(0.0, near**2 - 2 * correlation * near * far + far**2))

    low = difference - reach(first - bounds.low, times * (other.high - second))
    high = difference + reach(bounds.high - first, times * (second - other.low))
    return Interval(low, high)


def correlation_of(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Return how the answers of two models to the same documents go together, as Newcombe's paired method wants it.

    Shrunk towards 0 where there is little to go by (the continuity correction of that method); 0 if a margin is empty.
    """
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    excess: float = both * neither - only_first * only_second
    if excess > 0:
        excess = max(excess - (both + only_first + only_second + neither) / 2, 0)
    return excess / math.sqrt(margins)


def mcnemar(more: int, fewer: int) -> float:
    """Return the exact one-sided p value: how often chance alone gives at least `more` of `more + fewer` heads.

    `more`: documents that only the candidate answers right; `fewer`: those that only the active model does. Summed in
    whole numbers up to 2,000 flips; of more to eight digits, because whole numbers of a million digits take minutes.
    Source: McNemar (1947); the exact conditional form as in Fagerland, Lydersen and Laake (2013), The McNemar test
    for binary matched-pairs data: mid-p and asymptotic are better than exact conditional. The exact one is chosen
    because it never promises more than it keeps.
    """
    flips = more + fewer
    if flips > _WHOLE_NUMBERS:
        return _upper_tail(flips, more) if more > fewer else 1 - _upper_tail(flips, fewer + 1)
    ways = term = math.comb(flips, more)
    for heads in range(more, flips):
        term = term * (flips - heads) // (heads + 1)
        ways += term
    return ways / (1 << flips)


def _upper_tail(flips: int, heads: int) -> float:
    """Return how likely at least `heads` of `flips` are, `heads` being above half of them."""
    if heads > flips:
        return 0.0
    logarithm = math.lgamma(flips + 1) - math.lgamma(heads + 1) - math.lgamma(flips - heads + 1)
    term = math.exp(logarithm - flips * math.log(2))
    total = 0.0
    while term > total * _NEGLIGIBLE:
        total += term
        term *= (flips - heads) / (heads + 1)
        heads += 1
    return total


def needed_for_gap(size: float, reach: float, gap: float, confidence: float) -> int:
    """Return how many more documents bring a bound past a threshold.

    `size`: documents now; `reach`: distance of the bound from the estimate now, which shrinks with the square root of
    the documents; `gap`: distance of the threshold from the estimate. As many as settle it four times out of five.
    """
    if reach <= 0:
        return 1
    if abs(gap) < 1e-12:
        return MOST_NEEDED
    z = quantile(confidence)
    wanted = reach * (z + quantile(_POWER)) / z if z > 0 else reach
    return at_most(size * (wanted / gap) ** 2 - size)


def needed_for_mcnemar(documents: int, more: int, fewer: int, confidence: float) -> int:
    """Return how many more documents let McNemar's test settle which model is better, four times out of five.

    Source: Connor (1987), Sample size for testing differences in proportions for the paired-sample design.
    """
    if more == fewer:
        return MOST_NEEDED
    flips, difference = (more + fewer) / documents, abs(more - fewer) / documents
    spread = quantile(confidence) * math.sqrt(flips) + quantile(_POWER) * math.sqrt(flips - difference**2)
    return at_most((spread / difference) ** 2 - documents)


def at_most(documents: float) -> int:
    """Return a number of documents that is worth telling: from 1 to `MOST_NEEDED`, rounded up to two digits."""
    if documents >= MOST_NEEDED:
        return MOST_NEEDED
    whole = max(1, math.ceil(documents))
    unit: int = 10 ** max(0, len(str(whole)) - 2)
    return -(-whole // unit) * unit
