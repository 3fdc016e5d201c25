"""What an exam's jobs are called, and what makes a repeated start mean the same one."""

import hashlib

from governor.domain.batch import digest_of
from governor.domain.sitting import job_name, job_token


def test_an_exam_s_job_is_named_by_flywheel_paper_model_and_attempt() -> None:
    paper, model = digest_of(b"paper"), "arn:model"
    assert job_name("reviews", paper, model, 2) == f"reviews-exam-{paper[:12]}-{digest_of(b'arn:model')[:8]}-2"
    told = "\0".join(("arn:flywheel", "exam", paper, model, "2"))
    assert job_token("arn:flywheel", paper, model, 2) == hashlib.sha256(told.encode()).hexdigest()
