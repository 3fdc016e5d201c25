"""comprehend_local knows callers by the keys that MiniStack gives to functions; this holds it to the installed one."""

import pytest
from ministack import app
from ministack.core.iam_evaluator import is_root_access_key
from ministack.core.lambda_runtime import execution_credentials
from ministack.services import sts

from comprehend_local.iam.identities import Principal, function_access_key, is_root_key

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:promote"
ROLE = "arn:aws:iam::000000000000:role/app-PromoteRole"


def test_a_functions_key_and_session_are_those_that_ministack_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: dict[str, dict[str, str]] = {}
    monkeypatch.setattr(app, "AUTH", True)
    monkeypatch.setattr(sts, "register_session", sessions.__setitem__)

    given = execution_credentials({"FunctionName": "promote", "FunctionArn": FUNCTION, "Role": ROLE})

    key = function_access_key(FUNCTION, ROLE)
    assert given["AWS_ACCESS_KEY_ID"] == key
    assert sessions[key]["Arn"] == Principal.of_function("promote", ROLE).session_arn


@pytest.mark.parametrize("key", ["test", "000000000000", "123456789012", "ASIA0123456789ABCDEF", "AKIA1", "1234"])
def test_the_same_keys_are_root(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)

    assert is_root_key(key) == is_root_access_key(key)
