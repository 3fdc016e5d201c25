"""What Amazon Comprehend asks for what it keeps for us. The one place that knows prices.

US dollars in us-east-1, without free tiers, as they were known in November 2026. Other regions differ little or not at
all, but nothing here decides anything: people are told, and look at the price pages before they rely on it.

Sources: https://aws.amazon.com/comprehend/pricing (training, model management, endpoints, jobs),
https://aws.amazon.com/s3/pricing (S3 Standard, first 50 TB).
"""

UNIT_SECOND = 0.0005
"""One inference unit of an endpoint for one second, used or not."""
UNIT_HOUR = 3600 * UNIT_SECOND
SHORTEST_ENDPOINT_SECONDS = 60
"""An endpoint is billed for this long at least."""
TRAINING_HOUR = 3.00
MODEL_MONTH = 0.50
"""Keeping one version of a custom model for a month."""
GIGABYTE_MONTH = 0.023
"""Keeping one gigabyte in S3 for a month."""

JOB_UNIT = 0.0005
"""What a custom model's asynchronous answers cost for each unit of 100 characters."""
UNIT_CHARACTERS, FEWEST_UNITS = 100, 3
"""A document is billed as three units at least."""

_MONTH_DAYS = 30


def endpoint_cost(units: int, seconds: float) -> float:
    """Return what an endpoint of so many inference units has cost `seconds` after its creation, in dollars."""
    return units * UNIT_SECOND * max(seconds, SHORTEST_ENDPOINT_SECONDS)


def endpoint_month(units: int) -> float:
    """Return what an endpoint of so many inference units costs in 30 days, in dollars."""
    return units * UNIT_HOUR * 24 * _MONTH_DAYS


def models_month(versions: int) -> float:
    """Return what keeping so many model versions costs a month, in dollars."""
    return versions * MODEL_MONTH


def units_of(characters: int) -> int:
    """Return what a document of so many characters is billed as in an asynchronous job."""
    return max(FEWEST_UNITS, -(-characters // UNIT_CHARACTERS))


def job_cost(units: int) -> float:
    """Return what a job over documents of so many units costs, in dollars."""
    return units * JOB_UNIT


def training_cost(seconds: float) -> float:
    """Return what a training of so many seconds costs, in dollars."""
    return max(0.0, seconds) / 3600 * TRAINING_HOUR


def storage_month(size: int) -> float:
    """Return what keeping `size` bytes in S3 costs a month, in dollars."""
    return size / 1024**3 * GIGABYTE_MONTH


def dollars(amount: float) -> str:
    """Return an amount for people: `1.80 dollars`; what is less than a cent says so."""
    if 0 < amount < 0.01:
        return "less than 0.01 dollars"
    return f"{amount:,.2f} dollars"
