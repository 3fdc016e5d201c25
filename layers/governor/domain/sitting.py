"""What the job is called in which a model sits a paper."""

from governor.domain.batch import digest_of, token


def job_name(flywheel: str, paper: str, model: str, attempt: int) -> str:
    """Return the job's name in Comprehend: the same for the same attempt."""
    return f"{flywheel}-exam-{paper[:12]}-{digest_of(model.encode())[:8]}-{attempt}"


def job_token(flywheel_arn: str, paper: str, model: str, attempt: int) -> str:
    """Return the token that makes a repeated start mean the same job."""
    return token(flywheel_arn, "exam", paper, model, str(attempt))
